"""deliveries that are booked into the stock, and since when a kiosk lists a variant"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables and the column; since when older stock rows are listed is not known."""
    op.add_column("stock", sa.Column("listed_at", MOMENT))
    op.create_table(
        "delivery",
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("contents", sa.String, nullable=False),
        sa.Column("booked_at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT),
    )
    op.create_table(
        "deliveryline",
        sa.Column("number", sa.String, sa.ForeignKey("delivery.number"), primary_key=True),
        sa.Column("kiosk_id", sa.String, primary_key=True),
        sa.Column("sku", sa.String, primary_key=True),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.CheckConstraint("pieces > 0", "delivery_line_pieces_positive"),
    )
