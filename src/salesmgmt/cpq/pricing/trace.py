"""The trace of a price: every step on the way from the list to the net amount, and every rule that stood aside."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import attrs

from salesmgmt.core.formula import WhyNot
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.calculation import Calculation

_ZERO = Decimal(0)


class StepKind(StrEnum):
    """What a step of a waterfall is.

    >>> from salesmgmt.cpq.pricing import StepKind
    >>> [kind.value for kind in StepKind][:4]
    ['list', 'contract', 'price_list', 'option']
    """

    LIST = "list"
    """The price for everybody."""
    CONTRACT = "contract"
    """From there to the price of this customer or segment."""
    PRICE_LIST = "price_list"
    """From there to the price of a price list."""
    OPTION = "option"
    """The extra of a chosen option."""
    TIER = "tier"
    """What the quantity changes."""
    DISCOUNT = "discount"
    """A discount on the line, or by its sign a surcharge."""
    CONDITION = "condition"
    """A condition of a type of the host's own."""
    PROMOTION = "promotion"
    """What a promotion or coupon takes off."""
    MANUAL = "manual"
    """What somebody set by hand."""
    TERM = "term"
    """What the length of the term changes."""
    HEADER = "header"
    """The line's share of a discount on the document."""
    ROUNDING = "rounding"
    """What a rounding changed."""


@attrs.frozen
class PriceStep:
    """One step of a line's waterfall. Amounts are of the whole line, in its currency; discounts are negative.

    Attributes:
        step: id of the step in the procedure.
        kind: what it is.
        record: id of the price record, tier, option or rule that did it; empty for a rounding.
        calculation: how the change was reckoned.
        currency: of all amounts.
        base_amount: the amount it was reckoned from.
        raw_amount: the exact change before it was rounded or held at zero.
        rounded_amount: the change that counts.
        running_amount: the amount of the line after the step.
        value: what went into it: a unit price, an amount, percentage points; negative where it is taken off.
        quantity: how many units it was reckoned for; `None` where that does not matter.
        detail: what else is to be said, for people.
        version: of the record.
        is_statistical: whether it only tells, and changes nothing; `running_amount` is then what it was before.

    >>> from decimal import Decimal
    >>> from salesmgmt.cpq.pricing import Calculation, PriceStep, StepKind
    >>> print(PriceStep(
    ...     step="volume", kind=StepKind.TIER, record="t-1", calculation=Calculation.PERCENT, value=Decimal(-5),
    ...     currency="EUR", base_amount=Decimal("246.90"), raw_amount=Decimal("-12.345"),
    ...     rounded_amount=Decimal("-12.345"), running_amount=Decimal("234.555"),
    ... ))
    volume t-1: less 5% of 246.90 EUR = -12.345 EUR -> 234.555 EUR
    """

    step: str
    kind: StepKind
    record: str
    calculation: Calculation
    currency: str
    base_amount: Decimal
    raw_amount: Decimal
    rounded_amount: Decimal
    running_amount: Decimal
    value: Decimal | None = None
    quantity: Decimal | None = None
    detail: str = ""
    version: int = 1
    is_statistical: bool = False

    @property
    def row(self) -> StepRow:
        """Its fields, in their order."""
        return attrs.astuple(self, recurse=False)

    @property
    def base(self) -> Money:
        """The amount it was reckoned from."""
        return Money(self.base_amount, self.currency)

    @property
    def raw(self) -> Money:
        """The exact change."""
        return Money(self.raw_amount, self.currency)

    @property
    def rounded(self) -> Money:
        """The change that counts."""
        return Money(self.rounded_amount, self.currency)

    @property
    def running(self) -> Money:
        """The amount of the line after the step."""
        return Money(self.running_amount, self.currency)

    @property
    def difference(self) -> Money:
        """What rounding, or the limit at zero, changed: `rounded` less `raw`."""
        return self.rounded - self.raw

    @property
    def words(self) -> str:
        """How the change was reckoned, for people."""
        words = _WORDS.get(self.calculation, _told)(self)
        return f"{words} ({self.detail})" if self.detail and self.calculation in _WORDS else words

    def __str__(self) -> str:
        name = f"{self.step} {self.record}" if self.record else self.step
        aside = ", for information" if self.is_statistical else ""
        return f"{name}: {self.words} = {self.rounded} -> {self.running}{aside}"


StepRow: TypeAlias = tuple[
    str,
    StepKind,
    str,
    Calculation,
    str,
    Decimal,
    Decimal,
    Decimal,
    Decimal,
    Decimal | None,
    Decimal | None,
    str,
    int,
    bool,
]
"""The fields of a `PriceStep`, in their order."""


def _set_price(step: PriceStep) -> str:
    words = _times(step)
    return f"{words} instead of {step.base}" if step.base_amount else words


def _per_unit(step: PriceStep) -> str:
    return f"{_signed(step)} {step.currency} for each of {step.quantity or _ZERO:f}"


def _per_line(step: PriceStep) -> str:
    return f"{_signed(step)} {step.currency}"


def _per_document(step: PriceStep) -> str:
    return f"share of {step.value or _ZERO:f} {step.currency}"


def _percent(step: PriceStep) -> str:
    return f"{_signed(step)}% of {step.base}"


def _times(step: PriceStep) -> str:
    return f"{step.quantity or _ZERO:f} x {step.value or _ZERO:f} {step.currency}"


def _signed(step: PriceStep) -> str:
    value = step.value or _ZERO
    return f"{'less' if value < 0 else 'plus'} {value.copy_abs():f}"


def _told(step: PriceStep) -> str:
    return step.detail or step.calculation.value


_WORDS: dict[Calculation, Callable[[PriceStep], str]] = {
    Calculation.SET_PRICE: _set_price,
    Calculation.AMOUNT_PER_UNIT: _per_unit,
    Calculation.AMOUNT_PER_LINE: _per_line,
    Calculation.AMOUNT_PER_DOCUMENT: _per_document,
    Calculation.PERCENT: _percent,
    Calculation.PERCENT_COMPOUND: _percent,
    Calculation.PERCENT_OF_TOTAL: _percent,
}


class Aside(StrEnum):
    """Why a rule stood aside although its conditions hold.

    >>> from salesmgmt.cpq.pricing import Aside
    >>> Aside("excluded").name
    'EXCLUDED'
    """

    PASSED_OVER = "passed_over"
    """Another rule of the same step is preferred."""
    EXCLUDED = "excluded"
    """Another condition puts it out."""
    REFUSED = "refused"
    """It was asked for and cannot be given."""


@attrs.frozen(kw_only=True)
class StoodAside:
    """A rule whose conditions hold, and that gave way all the same.

    Attributes:
        code: why.
        by: id of the rule that was preferred or that put it out; empty when there is none.
        detail: by what it lost, or what was found and wanted.

    >>> from salesmgmt.cpq.pricing import Aside, StoodAside
    >>> print(StoodAside(code=Aside.PASSED_OVER, by="p-1", detail="specificity"))
    passed over for p-1: specificity
    """

    code: Aside
    by: str = ""
    detail: str = ""

    def __str__(self) -> str:
        words = _ASIDE[self.code].format(by=self.by)
        return f"{words}: {self.detail}" if self.detail else words


_ASIDE = {
    Aside.PASSED_OVER: "passed over for {by}",
    Aside.EXCLUDED: "put out by {by}",
    Aside.REFUSED: "refused",
}


@attrs.frozen(kw_only=True)
class NotApplied:
    """A rule that was considered for a line and did not apply.

    Attributes:
        step: id of the step in the procedure.
        rule: id of the rule.
        why_not: the first part of its condition that did not hold, its validity and its currency counting as parts;
            or for what it stood aside.
    """

    step: str
    rule: str
    why_not: WhyNot | StoodAside

    def __str__(self) -> str:
        return f"{self.rule}: {self.why_not}"


class Loss(NamedTuple):
    """Why a condition was put out by others of its exclusion group, before it is put into words.

    Attributes:
        by: ids of what stands instead.
        group: id of the exclusion group.
        found: what was compared of its side; `None` for nothing.
        wanted: the same of the side that stayed.
    """

    by: tuple[str, ...]
    group: str
    found: Decimal | None
    wanted: Decimal | None

    @property
    def told(self) -> StoodAside:
        """The reason in words."""
        detail = f"{self.group}, {self.found} against {self.wanted}"
        return StoodAside(code=Aside.EXCLUDED, by=", ".join(self.by), detail=detail)


AsideRow: TypeAlias = tuple[str, str, WhyNot | StoodAside | Loss]
"""The fields of a `NotApplied`, in their order."""


class WrittenTrace:
    """The trace of a line as a pricer writes it down: rows, of which objects are made when somebody reads them.

    A pricer writes several rows a line and mostly nobody reads them at once, while making an object of each would take
    longer than all else that a step does.

    Attributes:
        steps: the fields of each step.
        not_applied: the fields of each rule that did not apply.
    """

    __slots__ = ("not_applied", "steps")

    def __init__(self) -> None:
        self.steps: list[StepRow] = []
        self.not_applied: list[AsideRow] = []

    def read(self) -> tuple[tuple[PriceStep, ...], tuple[NotApplied, ...]]:
        """The steps, and the rules that did not apply."""
        return tuple([PriceStep(*row) for row in self.steps]), tuple(
            [
                NotApplied(step=step, rule=rule, why_not=why.told if isinstance(why, Loss) else why)
                for step, rule, why in self.not_applied
            ]
        )


@attrs.frozen(kw_only=True)
class HeaderDiscount:
    """A discount or surcharge on the document, before the lines take their shares.

    Attributes:
        step: id of the step in the procedure.
        rule: id of the rule.
        base: the amount of the lines that share it.
        raw: the exact change.
        rounded: the change that was shared out; the shares add up to it.
        shares: how much of it each priced line took, in the order of `Priced.lines`; zero for a line outside it.
    """

    step: str
    rule: str
    base: Money
    raw: Money
    rounded: Money
    shares: tuple[Money, ...]
