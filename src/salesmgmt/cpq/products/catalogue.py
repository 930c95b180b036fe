"""What is sold: products with family, unit and cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import attrs

from salesmgmt.core.entity import ProductId
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
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

    Raises:
        InvalidInput: the id is blank, or the cost is negative.
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

    def __attrs_post_init__(self) -> None:
        problems = []
        if not self.id.strip():
            problems.append(Problem("id", "blank", shorten(self.id), "an id"))
        if self.cost is not None and self.cost.amount < 0:
            problems.append(Problem("cost", "negative", str(self.cost), "zero or more"))
        if problems:
            raise InvalidInput("product", problems)


_COLUMNS = {
    "id": required(TEXT),
    "name": TEXT,
    "family": TEXT,
    "unit": TEXT,
    "cost": NUMBER,
    "currency": CURRENCY,
    "active": FLAG,
}


def _tuple(products: Iterable[Product]) -> tuple[Product, ...]:
    return tuple(products)


@attrs.frozen
class Catalogue:
    """All products, by id.

    Attributes:
        products: the products, in the order given.

    Raises:
        InvalidInput: two products have one id; all of them are listed.

    >>> from salesmgmt.cpq.products import Catalogue, Product
    >>> catalogue = Catalogue([Product(id="dock", family="accessories")])
    >>> catalogue["dock"].family, "lamp" in catalogue, len(catalogue)
    ('accessories', False, 1)
    """

    products: tuple[Product, ...] = attrs.field(default=(), converter=_tuple)
    _by_id: Mapping[str, Product] = attrs.field(init=False, repr=False, eq=False)

    @_by_id.default
    def _index(self) -> Mapping[str, Product]:
        known: dict[str, Product] = {}
        problems = [
            Problem(f"products[{position}].id", "duplicate", shorten(product.id), "each id once")
            for position, product in enumerate(self.products)
            if known.setdefault(product.id, product) is not product
        ]
        if problems:
            raise InvalidInput("catalogue", problems)
        return known

    @classmethod
    def load(cls, path: Path | str) -> Catalogue:
        """Read a catalogue from a CSV file.

        Args:
            path: a file with the column `id`, and any of `name`, `family`, `unit`, `cost`, `currency` (of the cost)
                and `active` (true or false).

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
            except SalesError as fault:
                place = sheet.place(row.number, "unit")
                sheet.problems.append(Problem(place, fault.code, shorten(cells["unit"]), "a unit such as kg"))
                continue
            if products.setdefault(product.id, product) is not product:
                place = sheet.place(row.number, "id")
                sheet.problems.append(Problem(place, "duplicate", shorten(product.id), "each id once"))
        if sheet.problems:
            raise InvalidInput(sheet.name, sheet.problems)
        return cls(products.values())

    def get(self, product: str) -> Product | None:
        """The product of an id; `None` when there is none.

        >>> from salesmgmt.cpq.products import Catalogue
        >>> Catalogue().get("dock") is None
        True
        """
        return self._by_id.get(product)

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
