"""Makes offers: products, colours and sizes at a kiosk in, evidence of price and stock for this customer out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tools.contract import ToolContext
from tools.errors import CustomerError
from tools.evidence import Evidence, Fact
from tools.inventory import Inventory, ProductView, VariantStock
from tools.pricing import Pricing, Quote


@dataclass(frozen=True)
class Wish:
    """A product, in one of the colours and the size that were asked for, if any."""

    product_id: str
    colours: tuple[str, ...] = ()
    size: str = ""


class OfferMaker:
    """What products cost this customer and whether they are here, each as one piece of evidence."""

    def __init__(self, inventory: Inventory, pricing: Pricing) -> None:
        self._inventory = inventory
        self._pricing = pricing

    def offers(self, wishes: Sequence[Wish], context: ToolContext) -> list[Evidence]:
        """An offer for each wish; CustomerError("nothing-found") when the shop does not have one of the products.

        What the customer's own order holds is here for them. Without a colour, it is the first one that is here in
        the size; without a size, the one on file. Of several colours it is the first that the product has; if it has
        none of them, `asked_colour` says so and another one is offered.
        """
        with self._inventory.shared_reads():
            return self._offers(wishes, context)

    def _offers(self, wishes: Sequence[Wish], context: ToolContext) -> list[Evidence]:
        products = {product.product_id: product for product in self._inventory.products(w.product_id for w in wishes)}
        if any(wish.product_id not in products for wish in wishes):
            raise CustomerError("nothing-found")
        held = self._inventory.held(context.session_id)
        stock = _by_product(
            replace(item, sellable=item.sellable + held[item.sku]) if item.sku in held else item
            for item in self._inventory.stock(context.kiosk_id, *products)
        )
        quotes = self._pricing.quotes(products, 1, context.customer_id)
        categories = {product.category for product in products.values()}
        has_file = context.customer_id and context.uses_sizes_on_file
        on_file = self._inventory.customer_sizes(context.customer_id or "", categories) if has_file else {}
        offers = [
            _offer(
                products[wish.product_id],
                wish,
                stock.get(wish.product_id, []),
                on_file.get(products[wish.product_id].category, ""),
            )
            | _price(quotes[wish.product_id])
            for wish in wishes
        ]
        missing = [str(facts["product_id"]) for facts in offers if not facts["in_stock"]]
        elsewhere = _by_product(self._inventory.stock_elsewhere(context.kiosk_id, *missing)) if missing else {}
        for facts in offers:
            others = [] if facts["in_stock"] else elsewhere.get(str(facts["product_id"]), [])
            facts["places"] = _places(others, str(facts["colour"]), str(facts["size"]))
        return [Evidence(kind="product", subject=str(facts["product_id"]), facts=facts) for facts in offers]


def _by_product(stock: Iterable[VariantStock]) -> dict[str, list[VariantStock]]:
    grouped: dict[str, list[VariantStock]] = {}
    for item in stock:
        grouped.setdefault(item.product_id, []).append(item)
    return grouped


def _offer(product: ProductView, wish: Wish, stock: Sequence[VariantStock], on_file: str) -> dict[str, Fact]:
    colours = tuple(dict.fromkeys(item.colour for item in stock))
    sizes = tuple(dict.fromkeys(item.size for item in stock))
    size, source = _size(wish.size, sizes, on_file)
    made = [colour for colour in wish.colours if colour in colours]
    colour = made[0] if made else _best_colour(colours, stock, size)
    here = [item for item in stock if item.colour == colour and item.sellable > 0]
    sizes_here = tuple(item.size for item in here)
    return {
        "product_id": product.product_id,
        "sku": next((item.sku for item in stock if (item.colour, item.size) == (colour, size)), ""),
        "name": product.name,
        "category": product.category,
        "description": product.description,
        "material": product.material,
        "min_age": product.min_age,
        "colour": colour,
        "asked_colour": wish.colours[0] if wish.colours and not made else "",
        "colours": colours,
        "size": size,
        "size_source": source,
        "size_is_made": not size or size in sizes,
        "sizes_made": sizes if source != "only" else (),
        "sizes": sizes_here if source != "only" else (),
        "in_stock": size in sizes_here if size else bool(sizes_here),
    }


def _size(asked: str, sizes: tuple[str, ...], on_file: str) -> tuple[str, str]:
    """The size to look at and where it comes from: asked for, the only one, or on the customer's file."""
    if len(sizes) == 1:
        return sizes[0], "only"
    if asked:
        return next((size for size in sizes if size.casefold() == asked.casefold()), asked), "asked"
    return (on_file, "file") if on_file else ("", "")


def _best_colour(colours: tuple[str, ...], stock: Sequence[VariantStock], size: str) -> str:
    """The first colour that is here in the size, else in any size, else the first one that is made."""
    here = [item for item in stock if item.sellable > 0]
    in_size = [item.colour for item in here if item.size == size]
    return next(iter([*in_size, *(item.colour for item in here), *colours]), "")


def _places(elsewhere: Sequence[VariantStock], colour: str, size: str) -> tuple[str, ...]:
    """Names of the other kiosks that hold it."""
    matching = (
        item.kiosk_name
        for item in elsewhere
        if colour in ("", item.colour) and size.casefold() in ("", item.size.casefold())
    )
    return tuple(dict.fromkeys(matching))


def _price(quote: Quote) -> dict[str, Fact]:
    return {"list_price": quote.list_price, "price": quote.unit_price, "discount": quote.reason}
