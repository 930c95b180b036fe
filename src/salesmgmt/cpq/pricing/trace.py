"""The trace of a price: every step on the way from the list to the net amount, and every rule that stood aside."""

from __future__ import annotations

from enum import StrEnum

import attrs

from salesmgmt.core.formula import WhyNot
from salesmgmt.core.money import Money


class StepKind(StrEnum):
    """What a step of a waterfall is.

    >>> from salesmgmt.cpq.pricing import StepKind
    >>> [kind.value for kind in StepKind]
    ['list', 'contract', 'option', 'tier', 'discount', 'header', 'rounding']
    """

    LIST = "list"
    """The price for everybody."""
    CONTRACT = "contract"
    """From there to the price of this customer or segment."""
    OPTION = "option"
    """The extra of a chosen option."""
    TIER = "tier"
    """What the quantity changes."""
    DISCOUNT = "discount"
    """A discount or surcharge on the line."""
    HEADER = "header"
    """The line's share of a discount on the document."""
    ROUNDING = "rounding"
    """What a rounding changed."""


@attrs.frozen(kw_only=True)
class PriceStep:
    """One step of a line's waterfall. Amounts are of the whole line, discounts negative.

    Attributes:
        step: id of the step in the procedure.
        kind: what it is.
        record: id of the price record, tier, option or rule that did it; empty for a rounding.
        base: the amount it was reckoned from.
        calculation: how, in words for people.
        raw: the exact change before it was rounded or held at zero.
        rounded: the change that counts.
        difference: `rounded` less `raw`.
        running: the amount of the line after the step.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import PriceStep, StepKind
    >>> cut = Money("-12.345", "EUR")
    >>> print(PriceStep(
    ...     step="volume", kind=StepKind.TIER, record="t-1", base=Money("246.90", "EUR"), calculation="less 5%",
    ...     raw=cut, rounded=cut, difference=Money(0, "EUR"), running=Money("234.555", "EUR"),
    ... ))
    volume t-1: less 5% = -12.345 EUR -> 234.555 EUR
    """

    step: str
    kind: StepKind
    record: str
    base: Money
    calculation: str
    raw: Money
    rounded: Money
    difference: Money
    running: Money

    def __str__(self) -> str:
        name = f"{self.step} {self.record}" if self.record else self.step
        return f"{name}: {self.calculation} = {self.rounded} -> {self.running}"


@attrs.frozen(kw_only=True)
class NotApplied:
    """A rule that did not apply to a line.

    Attributes:
        step: id of the step in the procedure.
        rule: id of the rule.
        why_not: the first part of its condition that did not hold; its validity and its currency count as parts.
    """

    step: str
    rule: str
    why_not: WhyNot

    def __str__(self) -> str:
        return f"{self.rule}: {self.why_not}"


@attrs.frozen(kw_only=True)
class HeaderDiscount:
    """A discount on the document, before the lines take their shares.

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
