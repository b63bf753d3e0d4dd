"""What was true of the shop when an order was agreed: kept with the order, so that its receipt never changes."""

from pydantic import BaseModel, ConfigDict

from tools.taxes import AgreedTax


class SaleTerms(BaseModel):
    """Who sells, where, and with which taxes; `prices_include_tax` says whether these are in the prices or on top."""

    model_config = ConfigDict(frozen=True)

    store: str = ""
    address: str = ""
    tax_number: str = ""
    kiosk: str = ""
    timezone: str = "UTC"
    prices_include_tax: bool = True
    taxes: tuple[AgreedTax, ...] = ()
