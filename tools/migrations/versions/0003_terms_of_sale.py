"""orders that keep the terms they were agreed under and who drives them, and lines that say why they cost less"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; what was sold before has no terms, so its receipts cannot be printed again."""
    with op.batch_alter_table("orders") as batch:
        batch.add_column(sa.Column("terms", sa.String, nullable=False, server_default="{}"))
        batch.add_column(sa.Column("driver", sa.String, nullable=False, server_default=""))
        batch.create_index("ix_orders_customer_id", ["customer_id"])
    with op.batch_alter_table("orderline") as batch:
        batch.add_column(sa.Column("discount", sa.String, nullable=False, server_default=""))
