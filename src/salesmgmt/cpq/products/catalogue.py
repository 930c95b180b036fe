"""What is sold: products with family, categories, unit and cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView, Mapping
from decimal import Decimal
from pathlib import Path

import attrs

from salesmgmt.core.entity import ProductId
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.exact import WIDE, Number, exact
from salesmgmt.core.money import Money
from salesmgmt.core.nearest import nearest
from salesmgmt.core.quantity import unit_code
from salesmgmt.cpq._sheet import CURRENCY, FLAG, NUMBER, TEXT, Sheet, required


class UnknownProduct(SalesError, LookupError):
    """A product was named that the catalogue does not have.

    Attributes:
        found: the id that was given, shortened for showing.
    """

    code = "unknown_product"

    def __init__(self, found: str, known: Iterable[str]) -> None:
        self.found = shorten(found)
        close = nearest(found, known) if len(found) <= 100 else None
        hint = f"did you mean {close!r}?" if close else "add it to the catalogue, or correct the id"
        super().__init__(f"the catalogue has no product {self.found}", hint=hint)


def _measure(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value, "a weight or volume")


def _quantity(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value, "a quantity")


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


@attrs.frozen(kw_only=True)
class Product:
    """Something that is sold.

    Attributes:
        id: its identifier.
        name: what people call it; the id when nothing is given.
        family: the group it belongs to for tiers and conditions; empty when it is in none.
        unit: the unit its quantities and prices are for.
        cost: what one unit costs the seller; `None` when that is not known.
        active: whether it is still sold.
        parent: id of the template that it is a variant of; empty when it is none. A rule for the template holds for it.
        brand: the brand; empty when it has none.
        category: the category it is in; empty when it is in none. The tree of the catalogue says what is above it.
        categories: the categories it is in, the nearest first, when they do not follow from `category` and the tree.
        weight: of one unit, in the unit of the host's choice; `None` when that is not known.
        volume: of one unit.
        pack: how many units come in one pack, above zero: whole packs are ordered; `None` when any quantity may be.
        min_quantity: the smallest quantity of one line, in its unit; `None` for no limit.
        max_quantity: the largest one.

    Raises:
        InvalidInput: the id is blank, it is its own parent, or the cost, the weight or the volume is negative; a pack or a
            limit of quantity is not above zero, or no quantity keeps all of them.
        InvalidUnit: the unit is no short text.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.products import Product
    >>> Product(id="dock", family="accessories", cost=Money(310, "CNY")).name
    'dock'
    """

    id: ProductId
    name: str = attrs.field(default=attrs.Factory(lambda self: self.id, takes_self=True))
    family: str = ""
    unit: str = attrs.field(default="piece", converter=unit_code)
    cost: Money | None = None
    active: bool = True
    parent: str = ""
    brand: str = ""
    category: str = ""
    categories: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    weight: Decimal | None = attrs.field(default=None, converter=_measure)
    volume: Decimal | None = attrs.field(default=None, converter=_measure)
    pack: Decimal | None = attrs.field(default=None, converter=_quantity)
    min_quantity: Decimal | None = attrs.field(default=None, converter=_quantity)
    max_quantity: Decimal | None = attrs.field(default=None, converter=_quantity)

    def __attrs_post_init__(self) -> None:
        problems = []
        if not self.id.strip():
            problems.append(Problem("id", "blank", shorten(self.id), "an id"))
        if self.cost is not None and self.cost.amount < 0:
            problems.append(Problem("cost", "negative", str(self.cost), "zero or more"))
        if self.parent and self.parent == self.id:
            problems.append(Problem("parent", "cycle", shorten(self.parent), "another product"))
        for name, measure in (("weight", self.weight), ("volume", self.volume)):
            if measure is not None and measure < 0:
                problems.append(Problem(name, "negative", f"{measure:f}", "zero or more"))
        problems += self._packaging_faults()
        if problems:
            raise InvalidInput("product", problems)

    def quantities_near(self, quantity: Number) -> tuple[Decimal, ...]:
        """The nearest quantities that can be ordered, below and above; the quantity alone when it can be ordered itself.

        >>> from salesmgmt.cpq.products import Product
        >>> tube = Product(id="tube", pack=12, min_quantity=20)
        >>> [str(quantity) for near in (30, 5, 36) for quantity in tube.quantities_near(near)]
        ['24', '36', '24', '36']
        """
        asked = exact(quantity)
        below = above = asked
        if self.pack is not None and WIDE.remainder(asked, self.pack):
            packs = WIDE.divide_int(asked, self.pack)
            below, above = WIDE.multiply(packs, self.pack), WIDE.multiply(WIDE.add(packs, 1), self.pack)
        least, most = self._least, self._most
        near = {max(one, least) if most is None else min(max(one, least), most) for one in (below, above)}
        return tuple(sorted(near))

    @property
    def _least(self) -> Decimal:
        """The smallest quantity that can be ordered; zero when any that is above zero can be."""
        least = self.min_quantity or Decimal(0)
        if self.pack is None:
            return least
        packs = WIDE.divide_int(least, self.pack)
        if not least or WIDE.remainder(least, self.pack):
            packs = WIDE.add(packs, 1)
        return WIDE.multiply(packs, self.pack)

    @property
    def _most(self) -> Decimal | None:
        """The largest quantity that can be ordered; `None` for no limit."""
        if self.max_quantity is None or self.pack is None:
            return self.max_quantity
        return WIDE.multiply(WIDE.divide_int(self.max_quantity, self.pack), self.pack)

    def _packaging_faults(self) -> Iterator[Problem]:
        fine = True
        for name in ("pack", "min_quantity", "max_quantity"):
            figure = getattr(self, name)
            if figure is not None and figure <= 0:
                fine = False
                yield Problem(name, "not_positive", f"{figure:f}", "above zero")
        if not fine or self.max_quantity is None:
            return
        if self.min_quantity is not None and self.max_quantity < self.min_quantity:
            wanted = f"at least the smallest quantity, {self.min_quantity:f}"
            yield Problem("max_quantity", "reversed", f"{self.max_quantity:f}", wanted)
        elif self._most is not None and self._most < self._least:
            wanted = f"at least {self._least:f}, the fewest whole packs of {self.pack:f}"
            yield Problem("max_quantity", "no_whole_pack", f"{self.max_quantity:f}", wanted)


_COLUMNS = {
    "id": required(TEXT),
    "name": TEXT,
    "family": TEXT,
    "unit": TEXT,
    "cost": NUMBER,
    "currency": CURRENCY,
    "active": FLAG,
    "parent": TEXT,
    "brand": TEXT,
    "category": TEXT,
    "weight": NUMBER,
    "volume": NUMBER,
    "pack": NUMBER,
    "min_quantity": NUMBER,
    "max_quantity": NUMBER,
}


def _tuple(products: Iterable[Product]) -> tuple[Product, ...]:
    return tuple(products)


def _tree(given: Mapping[str, str]) -> Mapping[str, str]:
    return dict(given)


def _chain(start: str, above: Mapping[str, str]) -> tuple[str, ...]:
    """From a node upwards; a ring is walked once."""
    chain = dict.fromkeys((start,))
    here = above.get(start, "")
    while here and here not in chain:
        chain[here] = None
        here = above.get(here, "")
    return tuple(chain)


def _rings(above: Mapping[str, str], path: str) -> Iterator[Problem]:
    """Each ring of a tree that is none, told once; every node is walked over once."""
    done = set[str]()
    for start in above:
        chain: dict[str, None] = {}
        here = start
        while here and here not in chain and here not in done:
            chain[here] = None
            here = above.get(here, "")
        if here in chain:
            walked = list(chain)
            ring = (*walked[walked.index(here) :], here)
            yield Problem(path, "cycle", shorten(" -> ".join(ring)), "no ring")
        done.update(chain)


@attrs.frozen
class Catalogue:
    """All products, by id.

    Attributes:
        products: the products, in the order given.
        categories: the category above each category that has one.

    Raises:
        InvalidInput: two products have one id, or products or categories stand above each other in a ring; all of them
            are listed.

    >>> from salesmgmt.cpq.products import Catalogue, Product
    >>> catalogue = Catalogue([Product(id="dock", family="accessories")])
    >>> catalogue["dock"].family, "lamp" in catalogue, len(catalogue)
    ('accessories', False, 1)
    """

    products: tuple[Product, ...] = attrs.field(default=(), converter=_tuple)
    categories: Mapping[str, str] = attrs.field(factory=dict, converter=_tree, hash=False, kw_only=True)
    _by_id: Mapping[str, Product] = attrs.field(init=False, repr=False, eq=False)

    @_by_id.default
    def _index(self) -> Mapping[str, Product]:
        known: dict[str, Product] = {}
        problems = [
            Problem(f"products[{position}].id", "duplicate", shorten(product.id), "each id once")
            for position, product in enumerate(self.products)
            if known.setdefault(product.id, product) is not product
        ]
        problems += _rings({product.id: product.parent for product in self.products}, "products")
        problems += _rings(self.categories, "categories")
        if problems:
            raise InvalidInput("catalogue", problems)
        return known

    @classmethod
    def load(cls, path: Path | str, *, categories: Mapping[str, str] | None = None) -> Catalogue:
        """Read a catalogue from a CSV file.

        Args:
            path: a file with the column `id`, and any of `name`, `family`, `unit`, `cost`, `currency` (of the cost),
                `active` (true or false), `parent`, `brand`, `category`, `weight`, `volume`, `pack`, `min_quantity` and
                `max_quantity`.
            categories: the category above each category that has one.

        Raises:
            InvalidInput: the file cannot be read, or has faults; all are listed with row and column.
        """
        sheet = Sheet(Path(path), _COLUMNS)
        products: dict[str, Product] = {}
        for row in sheet.rows():
            cells = dict(row.cells)
            cost, currency = cells.pop("cost", None), cells.pop("currency", None)
            if (cost is None) != (currency is None):
                missing = "cost" if cost is None else "currency"
                place = sheet.place(row.number, missing)
                sheet.problems.append(Problem(place, "missing", None, "a cost and its currency, or neither"))
                continue
            try:
                product = Product(cost=None if cost is None else Money(cost, currency), **cells)
            except InvalidInput as fault:
                sheet.add(row, fault, {})
                continue
            except SalesError as fault:  # all that can fail beyond that is the unit
                place = sheet.place(row.number, "unit")
                sheet.problems.append(Problem(place, fault.code, shorten(cells["unit"]), "a unit such as kg"))
                continue
            if products.setdefault(product.id, product) is not product:
                place = sheet.place(row.number, "id")
                sheet.problems.append(Problem(place, "duplicate", shorten(product.id), "each id once"))
        if sheet.problems:
            raise InvalidInput(sheet.name, sheet.problems)
        return cls(products.values(), categories={} if categories is None else categories)

    def get(self, product: str) -> Product | None:
        """The product of an id; `None` when there is none.

        >>> from salesmgmt.cpq.products import Catalogue
        >>> Catalogue().get("dock") is None
        True
        """
        return self._by_id.get(product)

    def lineage_of(self, product: str) -> tuple[str, ...]:
        """A product, the template that it is a variant of, and so on upwards; an unknown product stands alone.

        >>> from salesmgmt.cpq.products import Catalogue, Product
        >>> Catalogue([Product(id="shirt-red", parent="shirt")]).lineage_of("shirt-red")
        ('shirt-red', 'shirt')
        """
        chain = [product]
        known = self._by_id.get(product)
        while known is not None and known.parent:
            chain.append(known.parent)
            known = self._by_id.get(known.parent)
        return tuple(chain)

    def categories_of(self, product: str) -> tuple[str, ...]:
        """The categories that a product is in, the nearest first; a variant without any has those of its template.

        >>> from salesmgmt.cpq.products import Catalogue, Product
        >>> catalogue = Catalogue([Product(id="desk", category="office")], categories={"office": "furniture"})
        >>> catalogue.categories_of("desk")
        ('office', 'furniture')
        """
        for one in self.lineage_of(product):
            known = self._by_id.get(one)
            if known is not None and known.categories:
                return known.categories
            if known is not None and known.category:
                return _chain(known.category, self.categories)
        return ()

    def facts_of(self, product: str) -> dict[str, str | tuple[str, ...] | None]:
        """What rules may ask of a product, by the names of the facts; what is not known is `None`.

        >>> from salesmgmt.cpq.products import Catalogue, Product
        >>> Catalogue([Product(id="dock", brand="Acme")]).facts_of("dock")["line.brand"]
        'Acme'
        """
        known = self._by_id.get(product)
        return {
            "line.product": product,
            "line.lineage": self.lineage_of(product),
            "line.categories": self.categories_of(product),
            "line.family": (known.family or None) if known is not None else None,
            "line.brand": (known.brand or None) if known is not None else None,
        }

    @property
    def ids(self) -> KeysView[str]:
        """The ids of all products."""
        return self._by_id.keys()

    @property
    def families(self) -> frozenset[str]:
        """The families that have products."""
        return frozenset(product.family for product in self.products if product.family)

    def __getitem__(self, product: str) -> Product:
        """The product of an id; raises `UnknownProduct`."""
        known = self._by_id.get(product)
        if known is None:
            raise UnknownProduct(product, self._by_id)
        return known

    def __contains__(self, product: object) -> bool:
        return product in self._by_id

    def __iter__(self) -> Iterator[Product]:
        return iter(self.products)

    def __len__(self) -> int:
        return len(self.products)
