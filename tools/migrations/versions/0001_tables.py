"""the tables of version 0.1, and a ledger that can only grow"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables and the ledger's guards."""
    _make_catalogue()
    _make_customers()
    _make_orders()
    if op.get_bind().dialect.name == "postgresql":
        _guard_ledger_on_postgresql()
    else:
        _guard_ledger_on_sqlite()


def _make_catalogue() -> None:
    op.create_table(
        "product",
        sa.Column("product_id", sa.String, primary_key=True),
        sa.Column("brand", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("category", sa.String, nullable=False, index=True),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("material", sa.String, nullable=False),
        sa.Column("list_price_minor", sa.Integer, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("min_age", sa.Integer, nullable=False),
        sa.Column("tags", sa.String, nullable=False),
    )
    op.create_table(
        "variant",
        sa.Column("sku", sa.String, primary_key=True),
        sa.Column("product_id", sa.String, sa.ForeignKey("product.product_id"), nullable=False, index=True),
        sa.Column("colour", sa.String, nullable=False),
        sa.Column("size", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_table(
        "kiosk",
        sa.Column("kiosk_id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("location", sa.String, nullable=False),
    )
    op.create_table(
        "stock",
        sa.Column("kiosk_id", sa.String, sa.ForeignKey("kiosk.kiosk_id"), primary_key=True),
        sa.Column("sku", sa.String, sa.ForeignKey("variant.sku"), primary_key=True, index=True),
        sa.Column("slot", sa.String, nullable=False),
        sa.Column("on_hand", sa.Integer, nullable=False),
        sa.Column("reserved", sa.Integer, nullable=False),
    )
    op.create_table(
        "storesetting",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )


def _make_customers() -> None:
    op.create_table(
        "customer",
        sa.Column("customer_id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("loyalty_tier", sa.String, nullable=False),
        sa.Column("sizes", sa.String, nullable=False),
    )
    op.create_table(
        "loyaltytier",
        sa.Column("tier", sa.String, primary_key=True),
        sa.Column("discount_percent", sa.String, nullable=False),
    )
    op.create_table(
        "promotion",
        sa.Column("promotion_id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("percent_off", sa.String, nullable=False),
        sa.Column("category", sa.String, nullable=False),
        sa.Column("product_id", sa.String, nullable=False),
        sa.Column("tier", sa.String, nullable=False),
        sa.Column("min_quantity", sa.Integer, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
    )
    op.create_table(
        "feedback",
        sa.Column("feedback_id", sa.Integer, primary_key=True),
        sa.Column("kiosk_id", sa.String, nullable=False),
        sa.Column("order_id", sa.String),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("rating", sa.Integer),
        sa.Column("at", MOMENT, nullable=False),
    )


def _make_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("order_id", sa.String, primary_key=True),
        sa.Column("kiosk_id", sa.String, nullable=False),
        sa.Column("session_id", sa.String, nullable=False, index=True),
        sa.Column("customer_id", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("total_minor", sa.Integer, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("consent_hash", sa.String, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("payment_id", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("captured_minor", sa.Integer, nullable=False),
        sa.Column("trouble", sa.String, nullable=False),
        sa.Column("age_approved_by", sa.String, nullable=False),
    )
    op.create_table(
        "orderline",
        sa.Column("order_id", sa.String, sa.ForeignKey("orders.order_id"), primary_key=True),
        sa.Column("sku", sa.String, primary_key=True),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("unit_price_minor", sa.Integer, nullable=False),
        sa.Column("list_price_minor", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("product_id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("colour", sa.String, nullable=False),
        sa.Column("size", sa.String, nullable=False),
        sa.Column("slot", sa.String, nullable=False),
        sa.Column("dispensed", sa.Integer, nullable=False),
    )
    op.create_table(
        "ledgerentry",
        sa.Column("entry_id", sa.Integer, primary_key=True),
        sa.Column("order_id", sa.String, nullable=False, index=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("state_before", sa.String, nullable=False),
        sa.Column("state_after", sa.String, nullable=False),
        sa.Column("idempotency_key", sa.String, nullable=False, unique=True),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("order_id", "sequence"),
    )


def _guard_ledger_on_sqlite() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_keeps_on_{change.lower()} BEFORE {change} ON ledgerentry "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        )


def _guard_ledger_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON ledgerentry "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()"
    )
