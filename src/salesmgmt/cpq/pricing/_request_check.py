"""Whether a request can be priced: every fault is found before anything is reckoned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from salesmgmt.core.currency import currency
from salesmgmt.core.errors import FloatRefused, InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.formula import BOOL, DATE, MONEY, PERCENT, TEXT, Formula, Schema, Type, Value, WrongValue
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.quantity import Quantity
from salesmgmt.cpq.pricing.names import NAMES, PREFIXES
from salesmgmt.cpq.pricing.promotions.line import LineKind
from salesmgmt.cpq.pricing.promotions.promoted import PromotionUse
from salesmgmt.cpq.pricing.request import Line, ManualPrice, PricingRequest
from salesmgmt.cpq.products import Product

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.model import PricingModel

GIVEN = ("customer.id", "customer.segment")
"""The facts that every request may give; all others are declared by the procedure."""

_PLAIN: Mapping[Type, type] = {TEXT: str, BOOL: bool, DATE: date, MONEY: Money, PERCENT: Percent}
"""What needs no second look when a value is just of this class."""

_PLAIN_LINE = (str, LineKind, bool)
_ZERO = Decimal(0)
_UNKNOWN = object()


class RequestCheck:
    """Finds what is wrong with a request."""

    def __init__(self, model: PricingModel, schema: Schema, zone: ZoneInfo) -> None:
        self._zone = zone
        self._units = model.units
        self._products: Callable[[str], Product | None] = model.catalogue.get
        self._facts = {
            name: (Formula.parse(name, schema), _PLAIN.get(schema[name]))
            for name in schema
            if name in GIVEN or name not in NAMES
        }
        plain = {name: plain for name, (_, plain) in self._facts.items() if plain is not None}
        # What a plain value is, by what a request calls it.
        self._of_customer, self._of_order, self._of_line = (
            {name.removeprefix(prefix): one for name, one in plain.items() if name.startswith(prefix)}
            for prefix in PREFIXES
        )
        self._currencies: set[str] = set()
        self._price_lists = frozenset(one.id for one in model.price_lists.lists)

    def require(self, request: PricingRequest) -> None:
        """Raise `InvalidInput` with all faults, if there are any."""
        if self._is_plain(request):
            return
        problems = list(self._problems(request))
        if problems:
            raise InvalidInput("pricing request", problems)

    def _is_plain(  # noqa: C901 - every request comes this way, and a call for each line would cost as much again
        self, request: PricingRequest
    ) -> bool:
        """Whether nothing can be wrong; most requests are plain, and the question is cheap."""
        if (
            type(request.currency) is not str
            or request.currency not in self._currencies
            or not 1 < request.at.year < 9999
            or request.price_list
        ):
            return False
        if request.used or request.coupons_used or request.bought or request.codes:
            return False
        for name, value in request.customer.items():
            if type(value) is not self._of_customer.get(name, _UNKNOWN):
                return False
        for name, value in request.order.items():
            if type(value) is not self._of_order.get(name, _UNKNOWN):
                return False
        for line in request.lines:
            if (
                line.quantity <= _ZERO
                or line.configuration
                or line.uom
                or line.manual is not None
                or type(line.product) is not str
                or (type(line.group), type(line.kind), type(line.discountable)) != _PLAIN_LINE
                or (line.starts is not None and type(line.starts) is not date)
                or (line.ends is not None and type(line.ends) is not date)
            ):
                return False
            for name, value in line.fields.items():
                if type(value) is not self._of_line.get(name, _UNKNOWN):
                    return False
        return True

    def _problems(self, request: PricingRequest) -> Iterator[Problem]:
        fault = self._currency_fault(request.currency)
        if fault:
            wanted = "an ISO 4217 code that has a minor unit"
            yield Problem("currency", fault, shorten(request.currency), wanted)
        try:
            request.at.astimezone(self._zone)
            request.at.astimezone(UTC)
        except OverflowError:
            wanted = "an instant that has a day in the time zone of the procedure"
            yield Problem("at", "out_of_range", str(request.at), wanted)
        if type(request.price_list) is not str:
            yield from _wrong_type("price_list", request.price_list, str)
        elif request.price_list and request.price_list not in self._price_lists:
            known = ", ".join(sorted(self._price_lists)) or "none"
            yield Problem("price_list", "unknown_price_list", shorten(request.price_list), f"one of {known}")
        for name, uses in (("used", request.used), ("coupons_used", request.coupons_used)):
            for one, use in uses.items():
                yield from _wrong_use(f"{name}.{one}"[:200], one, use)
        for position, code in enumerate(request.codes):
            yield from _wrong_type(f"codes[{position}]", code, str)
        yield from self._wrong_facts("customer", request.customer, "customer.")
        yield from self._wrong_facts("order", request.order, "order.")
        for position, line in enumerate(request.lines):
            yield from self._wrong_line(position, line)
            yield from self._wrong_facts(f"lines[{position}].fields", line.fields, "line.")

    def _wrong_line(self, position: int, line: Line) -> Iterator[Problem]:
        yield from _wrong_texts(f"lines[{position}]", line)
        if line.quantity <= _ZERO:
            found = f"{line.quantity:f}"
            yield Problem(f"lines[{position}].quantity", "not_positive", found, "more than zero")
        for name, value, wanted in (
            ("group", line.group, str),
            ("kind", line.kind, LineKind),
            ("discountable", line.discountable, bool),
        ):
            yield from _wrong_type(f"lines[{position}].{name}", value, wanted)
        for name, day in (("starts", line.starts), ("ends", line.ends)):
            if day is not None and type(day) is not date:
                yield Problem(f"lines[{position}].{name}", "wrong_type", shorten(day), "a date")
        if line.manual is not None:
            yield from _wrong_type(f"lines[{position}].manual", line.manual, ManualPrice)
        if line.uom:
            yield from self._wrong_unit(f"lines[{position}].uom", line)

    def _currency_fault(self, code: str) -> str:
        """The code of what is wrong with a currency; empty for nothing."""
        if type(code) is str and code in self._currencies:
            return ""
        try:
            _ = currency(code).minor_digits
        except SalesError as error:
            return error.code
        self._currencies.add(code)
        return ""

    def _wrong_unit(self, path: str, line: Line) -> Iterator[Problem]:
        product = self._products(line.product)
        if product is None:
            yield Problem(
                path, "unknown_unit", shorten(line.uom), "no unit, for a product that the catalogue lacks"
            )
            return
        try:
            self._units.convert(Quantity(line.quantity, line.uom), product.unit)
        except SalesError as error:
            wanted = f"a unit that converts to {product.unit}"
            yield Problem(
                path, error.code, shorten(line.uom), wanted, "add the conversion to the units of the model"
            )

    def _wrong_facts(self, path: str, given: Mapping[str, Value], prefix: str) -> Iterator[Problem]:
        for name, value in given.items():
            full = f"{prefix}{name}"
            declared = self._facts.get(full)
            if declared is None:
                known = ", ".join(one.removeprefix(prefix) for one in self._facts if one.startswith(prefix))
                yield Problem(
                    f"{path}.{name}"[:200],
                    "unknown_fact",
                    shorten(value),
                    f"one of {known or 'none'}",
                    "declare it among the facts of the procedure",
                )
                continue
            formula, plain = declared
            if type(value) is plain:
                continue
            try:
                formula.evaluate({full: value})
            except (WrongValue, FloatRefused):
                yield Problem(
                    f"{path}.{name}", "wrong_type", shorten(value), f"a value of type {formula.type}"
                )


def _wrong_type(path: str, value: object, wanted: type) -> Iterator[Problem]:
    if not isinstance(value, wanted):
        name = "text" if wanted is str else wanted.__name__
        yield Problem(path, "wrong_type", shorten(value), f"a {name}")


def _wrong_use(path: str, name: object, use: object) -> Iterator[Problem]:
    yield from _wrong_type(path, name, str)
    if not isinstance(use, PromotionUse):
        yield from _wrong_type(path, use, PromotionUse)
        return
    figures: dict[str, int | Decimal] = {"uses": use.uses, "uses_of_customer": use.uses_of_customer}
    if use.amount is not None:
        figures["amount"] = use.amount.amount
    for field, figure in figures.items():
        if figure < 0:
            yield Problem(f"{path}.{field}", "negative", str(figure), "zero or more")


def _wrong_texts(path: str, line: Line) -> Iterator[Problem]:
    for name, value in (
        ("product", line.product),
        *((f"configuration.{name}", value) for name, value in line.configuration.items()),
        *(("configuration", name) for name in line.configuration),
    ):
        yield from _wrong_type(f"{path}.{name}", value, str)
