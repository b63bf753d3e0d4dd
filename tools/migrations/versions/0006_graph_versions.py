"""versions of the knowledge graph, and which of them is current"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "graphversion",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("files_sha256", sa.String, nullable=False),
        sa.Column("files", sa.LargeBinary, nullable=False),
        sa.Column("summary", sa.String, nullable=False),
    )
    op.create_table(
        "currentgraph",
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, sa.ForeignKey("graphversion.number"), nullable=False),
        sa.CheckConstraint("place = 1", "current_graph_is_one"),
    )
