"""sessions that any server can go on with; what dead servers left of talks in checkpoints is deleted"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the table; empty those that kept talks until now, where a server of the version before may still write."""
    op.create_table(
        "keptsession",
        sa.Column("session_id", sa.String, primary_key=True),
        sa.Column("resume_key", sa.String, nullable=False, unique=True),
        sa.Column("kiosk_id", sa.String, nullable=False),
        sa.Column("server", sa.String, nullable=False),
        sa.Column("claim", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("last_effect", sa.String, nullable=False),
    )
    op.create_index("ix_keptsession_server", "keptsession", ["server"])
    op.create_index("ix_keptsession_expires_at", "keptsession", ["expires_at"])
    there = sa.inspect(op.get_bind()).get_table_names()
    for table in ("checkpoint_writes", "checkpoint_blobs", "checkpoints"):
        if table in there:
            op.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names
