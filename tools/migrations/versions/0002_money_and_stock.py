"""room for large amounts, no stock, price or count that cannot be, and orders that know their last row"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

AMOUNTS = {
    "product": ("list_price_minor",),
    "orders": ("total_minor", "captured_minor"),
    "orderline": ("unit_price_minor", "list_price_minor"),
}
CHECKS = {
    "product": {"product_price_not_negative": "list_price_minor >= 0"},
    "stock": {"stock_reserved_is_there": "0 <= reserved AND reserved <= on_hand"},
    "orders": {"order_paid_at_most_total": "0 <= captured_minor AND captured_minor <= total_minor"},
    "orderline": {
        "order_line_quantity_positive": "quantity > 0",
        "order_line_dispensed_at_most_quantity": "0 <= dispensed AND dispensed <= quantity",
        "order_line_price_not_negative": "unit_price_minor >= 0 AND list_price_minor >= 0",
    },
}


def upgrade() -> None:
    """Widen the amounts, add the checks and count the rows; SQLite does it by making the tables anew."""
    for table, checks in CHECKS.items():
        with op.batch_alter_table(table) as batch:
            for column in AMOUNTS.get(table, ()):
                batch.alter_column(column, existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False)
            for name, condition in checks.items():
                batch.create_check_constraint(name, condition)
            if table == "orders":
                batch.add_column(sa.Column("sequence", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "UPDATE orders SET sequence = coalesce("
        "(SELECT max(sequence) FROM ledgerentry WHERE ledgerentry.order_id = orders.order_id), 0)"
    )
