"""The age gate: age-restricted goods of an order come in, the staff's approval they are sold under goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from tools.errors import CustomerError
from tools.order import OrderView


class AgeApproval(BaseModel):
    """A member of staff has seen that the customer is old enough for these products; it holds `until` then."""

    model_config = ConfigDict(frozen=True)

    by: str
    product_ids: tuple[str, ...]
    until: datetime


@dataclass(frozen=True)
class RestrictedGoods:
    """A product that is sold from an age on."""

    product_id: str
    name: str
    min_age: int


def require_approval(
    goods: Sequence[RestrictedGoods], order: OrderView, approval: AgeApproval | None, now: datetime
) -> AgeApproval | None:
    """The approval that covers the goods: this one, or the one the order was agreed under; None if none is needed.

    An order's own approval is for the products that it is for already, and ends with its reservation. Raises
    CustomerError("age-restricted") with the goods that staff must approve.
    """
    if not goods:
        return None
    wanted = {item.product_id for item in goods}
    if approval is not None and now < approval.until and wanted <= set(approval.product_ids):
        return approval
    approved_before = {line.product_id for line in order.lines}
    if order.age_approved_by and order.expires_at is not None and wanted <= approved_before:
        return AgeApproval(by=order.age_approved_by, product_ids=tuple(approved_before), until=order.expires_at)
    raise CustomerError(
        "age-restricted",
        min_age=max(item.min_age for item in goods),
        name=goods[0].name,
        product_ids=tuple(item.product_id for item in goods),
        names=tuple(item.name for item in goods),
    )
