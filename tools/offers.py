"""Makes offers: a product, colour and size at a kiosk in, evidence of price and stock for this customer out."""

from tools.contract import ToolContext
from tools.errors import CustomerError
from tools.evidence import Evidence, Fact
from tools.inventory import Inventory
from tools.pricing import Pricing, Quote


class OfferMaker:
    """What a product costs this customer and whether it is here, as one piece of evidence."""

    def __init__(self, inventory: Inventory, pricing: Pricing) -> None:
        self._inventory = inventory
        self._pricing = pricing

    def offer(self, product_id: str, colour: str, size: str, context: ToolContext) -> Evidence:
        """The offer. Without a colour, the first one that is here in the size; without a size, the one on file.

        A colour the product does not have is kept as `asked_colour`, and another one is offered.
        """
        product = self._inventory.product(product_id)
        if product is None:
            raise CustomerError("nothing-found")
        variants = self._inventory.variants(product_id)
        colours = tuple(dict.fromkeys(variant.colour for variant in variants))
        sizes = tuple(dict.fromkeys(variant.size for variant in variants))
        stock = self._inventory.stock(context.kiosk_id, product_id)
        here = {(item.colour, item.size): item.sellable for item in stock}
        size, source = self._size(product.category, size, sizes, context)
        chosen = colour if colour in colours else self._best_colour(colours, here, size)
        sizes_here = tuple(item for item in sizes if here.get((chosen, item), 0) > 0)
        sku = next((item.sku for item in variants if (item.colour, item.size) == (chosen, size)), "")
        in_stock = here.get((chosen, size), 0) > 0 if size else bool(sizes_here)
        places = () if in_stock else self._places(context.kiosk_id, product_id, chosen, size)
        facts: dict[str, Fact] = {
            "product_id": product_id,
            "sku": sku,
            "name": product.name,
            "category": product.category,
            "description": product.description,
            "material": product.material,
            "min_age": product.min_age,
            "colour": chosen,
            "asked_colour": colour,
            "colours": colours,
            "size": size,
            "size_source": source,
            "size_is_made": not size or size in sizes,
            "sizes": sizes_here if source != "only" else (),
            "in_stock": in_stock,
            "places": places,
        }
        return Evidence(kind="product", subject=product_id, facts=facts | self._price(product_id, context))

    def _size(self, category: str, asked: str, sizes: tuple[str, ...], context: ToolContext) -> tuple[str, str]:
        """The size to look at and where it comes from: asked for, the only one, or on the customer's file."""
        if len(sizes) == 1:
            return sizes[0], "only"
        if asked:
            return next((size for size in sizes if size.casefold() == asked.casefold()), asked), "asked"
        if context.customer_id:
            on_file = self._inventory.customer_size(context.customer_id, category)
            if on_file:
                return on_file, "file"
        return "", ""

    @staticmethod
    def _best_colour(colours: tuple[str, ...], here: dict[tuple[str, str], int], size: str) -> str:
        in_size = [colour for colour in colours if here.get((colour, size), 0) > 0]
        in_any = [colour for colour in colours if any(count > 0 and key[0] == colour for key, count in here.items())]
        return next(iter(in_size or in_any or list(colours)), "")

    def _places(self, kiosk_id: str, product_id: str, colour: str, size: str) -> tuple[str, ...]:
        """Names of the other kiosks that hold it."""
        elsewhere = self._inventory.stock_elsewhere(kiosk_id, product_id, colour or None, size or None)
        return tuple(dict.fromkeys(item.kiosk_name for item in elsewhere if item.sellable > 0))

    def _price(self, product_id: str, context: ToolContext) -> dict[str, Fact]:
        quote = self._pricing.quote(product_id, 1, context.customer_id)
        return {"list_price": quote.list_price, "price": quote.unit_price, "discount": _discount(quote)}


def _discount(quote: Quote) -> str:
    """What took the price down, in the owner's words, e.g. "Winter sale −20 %"."""
    return ", ".join(f"{item.name} −{item.percent}%" for item in quote.applied)
