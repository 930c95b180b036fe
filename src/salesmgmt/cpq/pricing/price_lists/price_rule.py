"""A price rule: for what it holds, and what it makes of a price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

import attrs

from salesmgmt.core.clock import is_before
from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.exact import Number, exact
from salesmgmt.core.findings import Finding
from salesmgmt.core.formula.phrases import shorten_text
from salesmgmt.core.rounding import InvalidRounding, Rounding, RoundingMode


class BasePrice(StrEnum):
    """What a rule starts from."""

    LIST = "list"
    """The list price."""
    COST = "cost"
    """What a unit costs the seller."""
    PRICE_LIST = "price_list"
    """The price by another list, `base_price_list`."""
    RUNNING = "running"
    """The list price; beside other rules, what they left of it, so that percentages compound."""


class QuantityScope(StrEnum):
    """Which quantity is compared with the limits of a rule."""

    LINE = "line"
    """That of the line."""
    DOCUMENT_BY_PRODUCT_FAMILY = "document_by_product_family"
    """That of all lines with variants of the same template."""
    ALL_MATCHING_LINES = "all_matching_lines"
    """That of all lines for which the rule holds otherwise."""


class Reference(StrEnum):
    """What a document shows as the price before the discount."""

    BASE = "base"
    """What the rule starts from, so that the document shows a discount."""
    PRICE = "price"
    """The price itself: it is a new price, and no discount is shown."""


class RuleStep(StrEnum):
    """A step in which a rule changes a price."""

    PRICE = "price"
    """The fixed price takes the place of the base."""
    MARK_UP = "mark_up"
    """`margin_percent` is added."""
    TARGET_MARGIN = "target_margin"
    """The price becomes the one of which the base is all but the target margin."""
    DISCOUNT = "discount"
    """`percent_off` and `amount_off` are taken off."""
    ROUND = "round"
    """The price is rounded to `round_to`."""
    SURCHARGE = "surcharge"
    """`surcharge` is added."""
    MIN_MARGIN = "min_margin"
    """The price is raised to the base and `min_margin`."""
    MAX_MARGIN = "max_margin"
    """The price is lowered to the base and `max_margin`."""
    FLOOR = "floor"
    """The price is raised to `floor`."""
    CEILING = "ceiling"
    """The price is lowered to `ceiling`."""


def _number(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value, "a figure of a price rule")


def _base(value: BasePrice | str) -> BasePrice:
    return option(BasePrice, value, "the base of a price rule")


def _scope(value: QuantityScope | str) -> QuantityScope:
    return option(QuantityScope, value, "the quantity scope of a price rule")


def _mode(value: RoundingMode | str) -> RoundingMode:
    return option(RoundingMode, value, "the rounding mode of a price rule")


def _reference(value: Reference | str) -> Reference:
    return option(Reference, value, "the reference of a price rule")


def _steps(values: Iterable[RuleStep | str]) -> tuple[RuleStep, ...]:
    return tuple(option(RuleStep, value, "a step of a price rule") for value in values)


def _copy(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(given)


@attrs.frozen(kw_only=True)
class PriceRule:
    """One rule of a price list; flat, so that a row of a file can hold one.

    Percentages are plain figures (10 is 10 %). Amounts are in the currency of the list, for `per_quantity` base units, or
    for so many of `uom` where the rule has one. What is `None` does nothing.

    Attributes:
        id: what traces and `why_not` call it; unique in its list.
        row: its line in its file; 0 when it was made in Python.
        key: the facts that it is for, by name (`{"line.family": "laptops", "customer.segment": "gold"}`); empty for all.
        min_quantity: the smallest quantity for which it holds, in base units.
        max_quantity: the largest.
        uom: the unit for which alone it holds; empty for any.
        valid_from: the first day or instant at which it holds; `None` since ever.
        valid_to: the first day or instant at which it no longer holds; `None` for ever.
        priority: the higher, the earlier it is tried, where the order of the list asks for it.
        condition: a formula that must hold; empty for always.
        min_amount: the smallest amount, at list prices, for which it holds.
        max_amount: the largest.
        quantity_scope: which quantity and amount these limits are compared with.
        base: what it starts from.
        base_price_list: the id of the other list, for the base `price_list`.
        price: a fixed price, in place of the base.
        margin_percent: a mark-up, in percent of the base.
        target_margin: a margin, in percent of the price.
        percent_off: a discount in percent; negative for an uplift.
        amount_off: a discount as an amount; negative for an uplift.
        round_to: the distance between the prices that are allowed.
        round_mode: which neighbour is taken.
        ending: what the prices end in (0.99).
        surcharge: an amount that is added; negative to subtract.
        min_margin: an amount that the price is above the base at least.
        max_margin: an amount that the price is above the base at most.
        floor: the lowest price.
        ceiling: the highest price.
        steps: some of the steps in another order than that of the policy; they take each other's places.
        combinable: whether it may apply together with others.
        per_quantity: the quantity that the amounts are for.
        reference: what a document shows as the price before the discount.
        apply_to: the facts of the lines that get the price, when they are not those that it holds for.
        free_product: a product that is added as a line of its own.
        free_quantity: how many of it.
        free_unit_price: what each costs; zero when nothing is said.
        recursive: the free quantity is given again each time `min_quantity` is reached.

    Raises:
        InvalidInput: a figure or a time is none that the rule can have.
        UnknownOption, FloatRefused, NotANumber: a setting or a figure is none at all.

    >>> from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
    >>> PriceRule(id="dock-10", key={"line.lineage": "dock"}, min_quantity=10, percent_off="12.5").percent_off
    Decimal('12.5')
    """

    id: str
    row: int = 0
    key: Mapping[str, str] = attrs.field(factory=dict, converter=_copy, hash=False)
    min_quantity: Decimal | None = attrs.field(default=None, converter=_number)
    max_quantity: Decimal | None = attrs.field(default=None, converter=_number)
    uom: str = ""
    valid_from: date | datetime | None = None
    valid_to: date | datetime | None = None
    priority: int | None = None
    condition: str = ""
    min_amount: Decimal | None = attrs.field(default=None, converter=_number)
    max_amount: Decimal | None = attrs.field(default=None, converter=_number)
    quantity_scope: QuantityScope = attrs.field(default=QuantityScope.LINE, converter=_scope)
    base: BasePrice = attrs.field(default=BasePrice.LIST, converter=_base)
    base_price_list: str = ""
    price: Decimal | None = attrs.field(default=None, converter=_number)
    margin_percent: Decimal | None = attrs.field(default=None, converter=_number)
    target_margin: Decimal | None = attrs.field(default=None, converter=_number)
    percent_off: Decimal | None = attrs.field(default=None, converter=_number)
    amount_off: Decimal | None = attrs.field(default=None, converter=_number)
    round_to: Decimal | None = attrs.field(default=None, converter=_number)
    round_mode: RoundingMode = attrs.field(default=RoundingMode.HALF_UP, converter=_mode)
    ending: Decimal | None = attrs.field(default=None, converter=_number)
    surcharge: Decimal | None = attrs.field(default=None, converter=_number)
    min_margin: Decimal | None = attrs.field(default=None, converter=_number)
    max_margin: Decimal | None = attrs.field(default=None, converter=_number)
    floor: Decimal | None = attrs.field(default=None, converter=_number)
    ceiling: Decimal | None = attrs.field(default=None, converter=_number)
    steps: tuple[RuleStep, ...] = attrs.field(default=(), converter=_steps)
    combinable: bool = False
    per_quantity: Decimal = attrs.field(default=Decimal(1), converter=exact)
    reference: Reference = attrs.field(default=Reference.BASE, converter=_reference)
    apply_to: Mapping[str, str] = attrs.field(factory=dict, converter=_copy, hash=False)
    free_product: str = ""
    free_quantity: Decimal | None = attrs.field(default=None, converter=_number)
    free_unit_price: Decimal | None = attrs.field(default=None, converter=_number)
    recursive: bool = False
    # Derived once, because a pricer asks for every line which of the steps a rule has anything to do in.
    _used: frozenset[RuleStep] = attrs.field(init=False, repr=False, eq=False)

    @_used.default
    def _used_steps(self) -> frozenset[RuleStep]:
        return frozenset(step for field, step in _STEP_OF.items() if getattr(self, field) is not None)

    def __attrs_post_init__(self) -> None:
        problems = tuple(self._problems())
        if problems:
            raise InvalidInput(f"price rule {shorten(self.id)}", problems)

    @classmethod
    def for_product(cls, product: str, /, **fields: Any) -> Self:
        """A rule for a product; if it is a template, for its variants as well.

        >>> from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
        >>> PriceRule.for_product("dock", id="dock-fixed", price="158.00").key
        {'line.lineage': 'dock'}
        """
        return cls(**_keyed(fields, "line.lineage", product))

    @classmethod
    def for_variant(cls, product: str, /, **fields: Any) -> Self:
        """A rule for one product and nothing else; it is more specific than one for its template."""
        return cls(**_keyed(fields, "line.product", product))

    @classmethod
    def for_category(cls, category: str, /, **fields: Any) -> Self:
        """A rule for the products of a category and of those below it; the nearest category wins."""
        return cls(**_keyed(fields, "line.categories", category))

    @property
    def needs_document(self) -> bool:
        """Whether its limits are compared with something else than the quantity of one line."""
        return (
            self.quantity_scope is not QuantityScope.LINE
            or self.min_amount is not None
            or self.max_amount is not None
        )

    @property
    def changes_price(self) -> bool:
        """Whether it does anything to a price."""
        return bool(self._used) or self.base in (BasePrice.COST, BasePrice.PRICE_LIST)

    @property
    def used_steps(self) -> frozenset[RuleStep]:
        """The steps in which it has something to do."""
        return self._used

    @property
    def rounding(self) -> Rounding | None:
        """How it rounds; `None` when it does not."""
        return None if self.round_to is None else Rounding(self.round_mode, self.round_to, self.ending)

    def _problems(self) -> Iterator[Problem]:
        if not self.id.strip():
            yield Problem("id", "blank", shorten(self.id), "an id")
        for name in ("valid_from", "valid_to"):
            value = getattr(self, name)
            if isinstance(value, datetime) and value.utcoffset() is None:
                yield Problem(name, NaiveInstant.code, str(value), "a day, or an instant with its offset")
        if self.per_quantity <= 0:
            yield Problem("per_quantity", "not_positive", f"{self.per_quantity:f}", "more than zero")
        if self.target_margin is not None and self.target_margin >= 100:
            yield Problem("target_margin", "too_large", f"{self.target_margin:f}", "less than 100")
        if self.round_to is not None:
            try:
                _ = self.rounding
            except InvalidRounding as error:
                yield Problem("round_to", error.code, error.found, error.wanted)
        elif self.ending is not None:
            yield Problem("round_to", "missing", None, "the distance between prices with this ending")

    def findings(self, where: str = "rules") -> Iterator[Finding]:
        """What contradicts itself in the rule: errors with the code `invalid_rule`.

        >>> from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule, QuantityScope
        >>> odd = PriceRule(id="r", free_product="cup", recursive=True, quantity_scope=QuantityScope.ALL_MATCHING_LINES)
        >>> [finding.message for finding in odd.findings()][0]
        'it repeats its gift on the quantity of several lines'
        """
        for message, hint in self._contradictions():
            yield Finding(
                code="invalid_rule", where=f"{where}.{shorten_text(self.id)}", message=message, hint=hint
            )

    def _contradictions(self) -> Iterator[tuple[str, str]]:
        yield from self._about_gifts()
        if not self.changes_price and not self.free_product:
            yield "it changes no price and gives nothing", "say what it does"
        if (self.base is BasePrice.PRICE_LIST) != bool(self.base_price_list):
            yield "base and base_price_list do not go together", "give both, or neither"
        if self.percent_off is not None and self.percent_off > 100:
            yield f"it takes off {self.percent_off:f} %", "take off at most 100 %"
        yield from self._out_of_order()
        for name in ("price", "floor", "ceiling", "free_quantity", "free_unit_price"):
            value = getattr(self, name)
            if value is not None and value < 0:
                yield f"{name} is {value:f}", "give zero or more"

    def _about_gifts(self) -> Iterator[tuple[str, str]]:
        if self.recursive and self.quantity_scope is QuantityScope.ALL_MATCHING_LINES:
            yield "it repeats its gift on the quantity of several lines", "count the line, or do not repeat"
        if self.recursive and not self.free_product:
            yield "it repeats a gift that it does not have", "name the free product, or do not repeat"
        if self.free_quantity is not None and not self.free_product:
            yield "it gives a quantity of no product", "name the free product"

    def _out_of_order(self) -> Iterator[tuple[str, str]]:
        for low, high in _PAIRS:
            first, second = getattr(self, low), getattr(self, high)
            if first is not None and second is not None and first > second:
                yield f"{low} {first:f} is above {high} {second:f}", "exchange them"
        begin, end = self.valid_from, self.valid_to
        if begin is None or end is None or type(begin) is not type(end):
            return
        if isinstance(begin, datetime) and isinstance(end, datetime):
            is_right = is_before(begin, end)
        else:
            is_right = begin < end
        if not is_right:
            yield f"it ends at {end} and begins at {begin}", "let it end after it begins"


_STEP_OF = {
    "price": RuleStep.PRICE,
    "margin_percent": RuleStep.MARK_UP,
    "target_margin": RuleStep.TARGET_MARGIN,
    "percent_off": RuleStep.DISCOUNT,
    "amount_off": RuleStep.DISCOUNT,
    "round_to": RuleStep.ROUND,
    "surcharge": RuleStep.SURCHARGE,
    "min_margin": RuleStep.MIN_MARGIN,
    "max_margin": RuleStep.MAX_MARGIN,
    "floor": RuleStep.FLOOR,
    "ceiling": RuleStep.CEILING,
}
"""In which step a field of a rule counts."""

_PAIRS = (
    ("min_quantity", "max_quantity"),
    ("min_amount", "max_amount"),
    ("min_margin", "max_margin"),
    ("floor", "ceiling"),
)


def _keyed(fields: dict[str, Any], name: str, value: str) -> dict[str, Any]:
    return {**fields, "key": {name: value, **fields.get("key", {})}}
