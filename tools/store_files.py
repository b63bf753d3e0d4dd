"""A shop's folder of files: its path comes in, all rows typed and checked against each other go out."""

import hashlib
import zoneinfo
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Annotated

from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from tools.order import MAX_LINES, MAX_QUANTITY
from tools.owner_files import Problems, suggestion, unfit_character
from tools.owner_tables import Row, is_percent, read_table
from tools.owner_yaml import YamlFile, YamlModel, read_yaml
from tools.replenishment_rules import ReplenishmentRules
from tools.staff import StaffRow, read_staff
from tools.vocabulary import VocabularyFile, read_vocabulary

ONE_SIZE = "one"
MAX_VARIANTS = 200_000
MAX_VARIANTS_PER_PRODUCT = 1_000
PRODUCT_COLUMNS = (
    "product_id", "brand", "model", "category", "description", "material",
    "list_price", "min_age", "tags", "colours", "sizes",
)  # fmt: skip
STOCK_COLUMNS = ("kiosk_id", "sku", "slot", "on_hand")
CUSTOMER_COLUMNS = ("customer_id", "name", "language", "loyalty_tier", "sizes")
PROMOTION_COLUMNS = (
    "promotion_id", "name", "percent_off", "category", "product_id", "tier", "min_quantity", "starts_on", "ends_on",
)  # fmt: skip

IMPORTED_FILES = ("store.yaml", "vocabulary.yaml", "products.csv", "stock.csv", "customers.csv", "promotions.csv")
"""What an import takes over; the rest of a folder (graph, replies, examples, staff) is read where it stands."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _checked_percent(value: str) -> str:
    if not is_percent(value):
        raise ValueError(f"not a percentage from 0 to 100: {value!r}")
    return value


Percent = Annotated[str, AfterValidator(_checked_percent)]
"""A percentage as decimal text."""


class KioskRow(YamlModel):
    """One machine."""

    id: Text
    name: Text
    location: str = ""


class TierRow(YamlModel):
    """A loyalty tier and what it takes off list prices."""

    tier: Text
    discount_percent: Percent


class TaxRow(YamlModel):
    """A tax: its rate, and the categories it is on; on everything if none are named."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    percent: Percent
    categories: list[str] = Field(default_factory=list, max_length=1_000)


class LimitRow(YamlModel):
    """How many pieces of a category, or of one product, a customer may take in a day."""

    category: str = ""
    product_id: str = ""
    per_customer_per_day: Annotated[int, Field(ge=1, le=MAX_QUANTITY)]


class StoreYaml(YamlModel):
    """store.yaml: the shop's name, money, taxes, limits, place, languages, machines, tiers, sizes, and how to order."""

    name: Text
    currency: Text
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    timezone: Text
    address: Annotated[str, StringConstraints(max_length=200)] = ""
    tax_number: Annotated[str, StringConstraints(max_length=60)] = ""
    prices_include_tax: bool = True
    taxes: list[TaxRow] = Field(default_factory=list, max_length=20)
    max_quantity: int = Field(default=10, ge=1, le=MAX_QUANTITY)
    max_lines: int = Field(default=20, ge=1, le=MAX_LINES)
    limits: list[LimitRow] = Field(default_factory=list, max_length=100)
    languages: list[Text] = Field(min_length=1, max_length=50)
    kiosks: list[KioskRow] = Field(min_length=1, max_length=1_000)
    loyalty_tiers: list[TierRow] = Field(default_factory=list, max_length=50)
    size_groups: dict[str, list[str]] = Field(default_factory=dict, max_length=100)
    wake_phrases: list[Text] = Field(default_factory=list, max_length=20)
    replenishment: ReplenishmentRules = ReplenishmentRules()

    @field_validator("currency")
    @classmethod
    def _is_currency(cls, value: str) -> str:
        if not is_currency(value):
            raise ValueError(f"not the code of a currency (like USD): {value!r}")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_timezone(cls, value: str) -> str:
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"not a time zone (like America/New_York): {value!r}") from error
        return value


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProductRow(_Row):
    """A style of the catalogue; its price is in minor units of the shop's currency."""

    product_id: str
    brand: str
    model: str
    category: str
    description: str
    material: str
    list_price_minor: int
    min_age: int
    tags: str


class VariantRow(_Row):
    """One colour and size of a product, and its place among them in the catalogue."""

    sku: str
    product_id: str
    colour: str
    size: str
    position: int


class StockRow(_Row):
    """How many of a variant a kiosk holds, and where in the machine."""

    kiosk_id: str
    sku: str
    slot: str
    on_hand: int


class CustomerRow(_Row):
    """Someone the shop knows; sizes as `group=size` pairs."""

    customer_id: str
    name: str
    language: str
    loyalty_tier: str
    sizes: str


class PromotionRow(_Row):
    """A dated offer; empty conditions match everything."""

    promotion_id: str
    name: str
    percent_off: str
    category: str
    product_id: str
    tier: str
    min_quantity: int
    starts_on: date
    ends_on: date


class StoreFiles(_Row):
    """Everything in a shop's folder but its graph, checked; `fingerprint` is that of the files an import takes over."""

    folder: Path
    fingerprint: str
    store: StoreYaml
    vocabulary: VocabularyFile
    products: tuple[ProductRow, ...]
    variants: tuple[VariantRow, ...]
    stock: tuple[StockRow, ...]
    customers: tuple[CustomerRow, ...]
    promotions: tuple[PromotionRow, ...]
    staff: tuple[StaffRow, ...] = ()


def make_sku(product_id: str, colour: str, size: str) -> str:
    """The number of a variant, `<product>-<COLOUR>-<SIZE>`; colour is left out for goods that come without one."""
    parts = (product_id.upper(), *("".join(filter(str.isalnum, part.upper())) for part in (colour, size)))
    return "-".join(part for part in parts if part)


def read_store(folder: Path) -> StoreFiles:
    """The folder's files; OwnerFilesError with all their problems when there are any.

    customers.csv, promotions.csv and staff.csv may be left out: the shop then knows nobody, offers nothing special, and
    nobody can approve a sale of age-restricted goods.
    """
    problems = Problems()
    if not folder.is_dir():
        problems.add("there is no such folder", str(folder))
        problems.raise_if_any()
    return _Reading(folder, problems).run()


def fingerprint_of(folder: Path) -> str:
    """SHA-256 (hex) over the files that an import takes over; one that cannot be read counts as left out."""
    digest = hashlib.sha256()
    for name in IMPORTED_FILES:
        digest.update(f"{name} ".encode())
        with suppress(OSError), (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def read_shop_name(folder: Path) -> str:
    """The shop's name; OwnerFilesError when store.yaml has problems."""
    problems = Problems()
    store = read_yaml(folder / "store.yaml", StoreYaml, problems)
    problems.raise_if_any()
    assert store
    return store.model.name


class _Reading:
    """One pass over a folder. Names seen so far are kept apart from sound rows, so that one wrong cell is reported
    once and not again by everything that refers to its row; None stands for names that could not be read."""

    def __init__(self, folder: Path, problems: Problems) -> None:
        self._folder, self._problems = folder, problems
        self._fingerprint = fingerprint_of(folder)  # before the files are read: what is edited meanwhile counts as new
        store = read_yaml(folder / "store.yaml", StoreYaml, problems)
        self._store_file = store
        self._vocabulary = read_vocabulary(folder / "vocabulary.yaml", problems)
        self._store = store.model if store else None
        if store:
            _check_store(store, self._vocabulary)
        self._product_ids: set[str] = set()
        self._variants: dict[str, VariantRow] = {}

    def run(self) -> StoreFiles:
        products = tuple(self._products())
        if not self._product_ids and not len(self._problems):
            self._problems.add("the catalogue has no products", "products.csv")
        stock = tuple(self._stock())
        if self._store_file and self._product_ids:
            _check_limited_products(self._store_file, self._product_ids)
            _check_replenishment(self._store_file, self._vocabulary, self._product_ids, self._variants)
        customers = tuple(self._customers()) if self._has("customers.csv") else ()
        promotions = tuple(self._promotions()) if self._has("promotions.csv") else ()
        staff = read_staff(self._folder, self._problems)
        self._problems.raise_if_any()
        assert self._store
        assert self._vocabulary
        return StoreFiles(
            folder=self._folder,
            fingerprint=self._fingerprint,
            store=self._store,
            vocabulary=self._vocabulary,
            products=products,
            variants=tuple(self._variants.values()),
            stock=stock,
            customers=customers,
            promotions=promotions,
            staff=staff,
        )

    def _has(self, file: str) -> bool:
        return (self._folder / file).exists()

    def _products(self) -> Iterator[ProductRow]:
        categories = self._vocabulary.categories if self._vocabulary else None
        currency = self._store.currency if self._store else "USD"
        for row in read_table(self._folder / "products.csv", PRODUCT_COLUMNS, self._problems):
            before = len(self._problems)
            row.required("category")
            style = ProductRow(
                product_id=row.identifier("product_id", self._product_ids),
                brand=row.required("brand"),
                model=row.required("model"),
                category=row.known("category", "category", categories),
                description=row.optional("description"),
                material="|".join(self._materials(row)),
                list_price_minor=row.price_minor("list_price", currency),
                min_age=row.whole("min_age", default=0, most=120),
                tags="|".join(row.items("tags")),
            )
            self._add_variants(row, style.product_id)
            if len(self._problems) == before:
                yield style

    def _materials(self, row: Row) -> tuple[str, ...]:
        known = self._vocabulary.materials if self._vocabulary else None
        return tuple(row.known("material", "material", known, item) for item in row.items("material"))

    def _add_variants(self, row: Row, product_id: str) -> None:
        known = self._vocabulary.colours if self._vocabulary else None
        colours = tuple(row.known("colours", "colour", known, item) for item in row.items("colours")) or ("",)
        sizes = row.items("sizes") or (ONE_SIZE,)
        if len(colours) * len(sizes) > MAX_VARIANTS_PER_PRODUCT:
            row.refuse("sizes", f"more than {MAX_VARIANTS_PER_PRODUCT} colours and sizes of one product")
            return
        if len(self._variants) + len(colours) * len(sizes) > MAX_VARIANTS:
            row.refuse("sizes", f"more than {MAX_VARIANTS} colours and sizes in all")
            return
        for position, (colour, size) in enumerate(product(colours, sizes)):
            sku = make_sku(product_id, colour, size)
            other = self._variants.get(sku)
            if other is None:
                variant = VariantRow(sku=sku, product_id=product_id, colour=colour, size=size, position=position)
                self._variants[sku] = variant
            elif (other.product_id, other.colour, other.size) != (product_id, colour, size):
                row.refuse("sizes", f"{colour} {size} gets the same number {sku} as another variant")

    def _stock(self) -> Iterator[StockRow]:
        kiosks = {kiosk.id for kiosk in self._store.kiosks} if self._store else None
        seen: set[tuple[str, str]] = set()
        slots: set[tuple[str, str]] = set()
        for row in read_table(self._folder / "stock.csv", STOCK_COLUMNS, self._problems):
            before = len(self._problems)
            row.required("kiosk_id")
            row.required("sku")
            stock = StockRow(
                kiosk_id=row.known("kiosk_id", "kiosk", kiosks),
                sku=row.known("sku", "sku", self._variants if self._product_ids else None),
                slot=row.optional("slot"),
                on_hand=row.whole("on_hand"),
            )
            if (stock.kiosk_id, stock.sku) in seen:
                row.refuse("sku", f"{stock.sku} is there twice for {stock.kiosk_id}")
            if stock.slot and (stock.kiosk_id, stock.slot) in slots:
                row.refuse("slot", f"the slot {stock.slot} of {stock.kiosk_id} is taken by another row")
            seen.add((stock.kiosk_id, stock.sku))
            slots.add((stock.kiosk_id, stock.slot))
            if len(self._problems) == before:
                yield stock

    def _customers(self) -> Iterator[CustomerRow]:
        store, taken = self._store, set[str]()
        for row in read_table(self._folder / "customers.csv", CUSTOMER_COLUMNS, self._problems):
            before = len(self._problems)
            row.required("language")
            customer = CustomerRow(
                customer_id=row.identifier("customer_id", taken),
                name=row.required("name"),
                language=row.known("language", "language", store.languages if store else None),
                loyalty_tier=row.known("loyalty_tier", "tier", self._tiers()),
                sizes="|".join(self._sizes(row)),
            )
            if len(self._problems) == before:
                yield customer

    def _sizes(self, row: Row) -> Iterator[str]:
        groups = self._store.size_groups if self._store else None
        for pair in row.items("sizes"):
            group, equals, size = (part.strip() for part in pair.partition("="))
            if not (group and equals and size):
                row.refuse("sizes", f"not a group and its size: {pair!r}; write it like tops=M")
                continue
            row.known("sizes", "size group", groups, group)
            yield f"{group}={size}"

    def _promotions(self) -> Iterator[PromotionRow]:
        taken: set[str] = set()
        categories = self._vocabulary.categories if self._vocabulary else None
        for row in read_table(self._folder / "promotions.csv", PROMOTION_COLUMNS, self._problems):
            before = len(self._problems)
            promotion = PromotionRow(
                promotion_id=row.identifier("promotion_id", taken),
                name=row.required("name"),
                percent_off=row.percent("percent_off"),
                category=row.known("category", "category", categories),
                product_id=row.known("product_id", "product", self._product_ids or None),
                tier=row.known("tier", "tier", self._tiers()),
                min_quantity=row.whole("min_quantity", default=1, least=1),
                starts_on=row.day("starts_on"),
                ends_on=row.day("ends_on"),
            )
            if date.min < promotion.ends_on < promotion.starts_on:
                row.refuse("ends_on", "lies before starts_on")
            if len(self._problems) == before:
                yield promotion

    def _tiers(self) -> list[str] | None:
        return [tier.tier for tier in self._store.loyalty_tiers] if self._store else None


def _check_store(store: YamlFile[StoreYaml], vocabulary: VocabularyFile | None) -> None:
    """What the model of store.yaml cannot see in one field alone."""
    for language in _twice(store.model.languages):
        store.refuse(("languages",), f"{language!r} is there twice")
    for position, language in enumerate(store.model.languages):
        try:
            Locale.parse(language.replace("-", "_"))
        except (ValueError, UnknownLocaleError):
            store.refuse(("languages", position), f"{language!r} is not the code of a language")
    for kiosk_id in _twice([kiosk.id for kiosk in store.model.kiosks]):
        store.refuse(("kiosks",), f"the kiosk {kiosk_id!r} is there twice")
    for tier in _twice([tier.tier for tier in store.model.loyalty_tiers]):
        store.refuse(("loyalty_tiers",), f"the tier {tier!r} is there twice")
    for position, kiosk in enumerate(store.model.kiosks):
        if unfit := unfit_character(kiosk.id + kiosk.name + kiosk.location):
            store.refuse(("kiosks", position), f"has the control character {unfit}")
    shown = {name: getattr(store.model, name) for name in ("name", "address", "tax_number")}
    for key, text in shown.items():
        if unfit := unfit_character(text):
            store.refuse((key,), f"has the control character {unfit}")
    _check_taxes(store, vocabulary)
    _check_limits(store, vocabulary)
    group_of: dict[str, str] = {}
    for group, categories in store.model.size_groups.items():
        for position, category in enumerate(categories):
            where = ("size_groups", group, position)
            _check_category(store, where, category, vocabulary)
            if category in group_of:
                store.refuse(where, f"{category!r} is already in the size group {group_of[category]!r}")
            group_of[category] = group


def _check_taxes(store: YamlFile[StoreYaml], vocabulary: VocabularyFile | None) -> None:
    taxes = store.model.taxes
    for name in _twice([tax.name for tax in taxes]):
        store.refuse(("taxes",), f"the tax {name!r} is there twice")
    for position, tax in enumerate(taxes):
        if unfit := unfit_character(tax.name):
            store.refuse(("taxes", position, "name"), f"has the control character {unfit}")
        for place, category in enumerate(tax.categories):
            _check_category(store, ("taxes", position, "categories", place), category, vocabulary)
    for category in vocabulary.categories if vocabulary else ():
        wider = _category_line(category, vocabulary)
        on_it = [tax for tax in taxes if not tax.categories or not wider.isdisjoint(tax.categories)]
        if sum((Decimal(tax.percent) for tax in on_it), Decimal(0)) > 100:
            store.refuse(("taxes",), f"the taxes on {category!r} come to more than 100 percent together")
            return


def _check_limits(store: YamlFile[StoreYaml], vocabulary: VocabularyFile | None) -> None:
    for position, limit in enumerate(store.model.limits):
        if bool(limit.category) == bool(limit.product_id):
            store.refuse(("limits", position), "a limit is for a category or for a product_id, one of the two")
        if limit.category:
            _check_category(store, ("limits", position, "category"), limit.category, vocabulary)


def _check_limited_products(store: YamlFile[StoreYaml], product_ids: set[str]) -> None:
    for position, limit in enumerate(store.model.limits):
        if limit.product_id and limit.product_id not in product_ids:
            near = suggestion(limit.product_id, product_ids)
            store.refuse(("limits", position, "product_id"), f"unknown product {limit.product_id!r}{near}")


def _check_replenishment(
    store: YamlFile[StoreYaml],
    vocabulary: VocabularyFile | None,
    product_ids: set[str],
    variants: Mapping[str, VariantRow],
) -> None:
    kiosks = [kiosk.id for kiosk in store.model.kiosks]
    for position, rule in enumerate(store.model.replenishment.rules):
        where = ("replenishment", "rules", position)
        if not rule.terms():
            store.refuse(where, "a rule must say something, such as pack_size")
        if rule.category:
            _check_category(store, (*where, "category"), rule.category, vocabulary)
        for name, value, known in (
            ("kiosk", rule.kiosk, kiosks),
            ("product_id", rule.product_id, product_ids),
            ("sku", rule.sku, variants),
        ):
            if value and value not in known:
                store.refuse((*where, name), f"unknown {name} {value!r}{suggestion(value, known)}")


def _check_category(
    store: YamlFile[StoreYaml], where: tuple[str | int, ...], category: str, vocabulary: VocabularyFile | None
) -> None:
    if vocabulary and category not in vocabulary.categories:
        store.refuse(where, f"unknown category {category!r}{suggestion(category, vocabulary.categories)}")


def _category_line(category: str, vocabulary: VocabularyFile | None) -> set[str]:
    """The category and the wider ones it belongs to; parents that lead in a circle are reported elsewhere."""
    line, categories = set[str](), vocabulary.categories if vocabulary else {}
    while category in categories and category not in line:
        line.add(category)
        category = categories[category].parent or ""
    return line


def _twice(values: list[str]) -> list[str]:
    return sorted({value for value in values if values.count(value) > 1})
