"""what customers asked for in vain, and how often the parts of kiosks worked, failed and took how long"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables."""
    words = ("product_id", "sku", "category", "colour", "size", "material")
    op.create_table(
        "unmetwish",
        sa.Column("wish_id", sa.Integer, primary_key=True),
        sa.Column("kiosk_id", sa.String, nullable=False),
        sa.Column("lack", sa.String, nullable=False),
        *(sa.Column(word, sa.String, nullable=False) for word in words),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_unmetwish_at", "unmetwish", ["at"])
    op.create_table(
        "healthcount",
        sa.Column("kiosk_id", sa.String, primary_key=True),
        sa.Column("hour", MOMENT, primary_key=True),
        sa.Column("signal", sa.String, primary_key=True),
        sa.Column("up_to_ms", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
