"""Pays an order back from the command line: an order and who decided it come in, the refund's receipt goes out."""

import asyncio

from sqlalchemy import Engine

from server.operator_checkout import operator_checkout
from tools.checkout_table import State
from tools.database import read_transaction
from tools.errors import HardwareError, OperatorError
from tools.ledger import load_order
from tools.order import OrderView
from tools.receipt import Receipt


def refundable(engine: Engine, order_id: str) -> OrderView:
    """The order, if there is something to pay back or a refund to finish; OperatorError otherwise."""
    with read_transaction(engine) as session:
        order = load_order(session, order_id)
    if order.state is State.REFUNDED:
        raise OperatorError(f"order {order_id} was refunded already; `orders receipt {order_id} --refund` shows it")
    if order.state not in (State.CLOSED, State.REFUNDING):
        raise OperatorError(f"order {order_id} is {order.state}: only a closed order can be refunded")
    return order


def refund(engine: Engine, order_id: str, by: str) -> Receipt:
    """Pay the whole order back through the terminal that took the money.

    Raises HardwareError when the terminal gave no clear answer: the refund is then under way, and asking again
    finishes it without paying twice.
    """
    with operator_checkout(engine) as checkout:
        order = asyncio.run(checkout.refund(order_id, by, "operator"))
        if order.state is not State.REFUNDED:
            raise HardwareError(
                f"the terminal gave no clear answer, so the refund of order {order_id} is still under way; "
                "run the same command again: it pays back once"
            )
        return checkout.refund_receipt(order_id)
