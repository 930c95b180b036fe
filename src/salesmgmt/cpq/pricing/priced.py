"""The answer of a pricer: an amount for each line and in total, each with its trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import ClassVar

import attrs

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.exact import divide
from salesmgmt.core.formula import WhyNot
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.nearest import nearest
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.request import Line
from salesmgmt.cpq.pricing.trace import HeaderDiscount, NotApplied, PriceStep, StepKind


class UnknownRule(SalesError, LookupError):
    """A rule was asked about that the procedure does not have.

    Attributes:
        found: the id that was given, shortened for showing.
        known: the rules that the line knows of.
    """

    code = "unknown_rule"

    def __init__(self, found: str, known: Iterable[str]) -> None:
        self.found = shorten(found)
        self.known = tuple(known)
        close = nearest(found, self.known) if len(found) <= 100 else None
        meant = f"did you mean {close!r}? " if close else ""
        super().__init__(
            f"the procedure has no rule {self.found}",
            hint=f"{meant}known are {', '.join(self.known) or 'none'}",
        )


class Unpriced(SalesError, LookupError):
    """The total was demanded of an answer in which lines have no price.

    Attributes:
        lines: why each of them has none.
    """

    code = "unpriced"

    def __init__(self, lines: Iterable[NoPrice | PriceConflict]) -> None:
        self.lines = tuple(lines)
        super().__init__(
            "there is no total:\n" + "\n".join(f"  {line}" for line in self.lines[:50]),
            hint="look at `unpriced`, or read `total_measured`, which may be undefined",
        )


@attrs.frozen(kw_only=True)
class NoPrice:
    """A line for which no price was found. That is a result of its own, and never a price of zero.

    Attributes:
        position: which line of the request it is, from 0.
        line: the line.
        at: the instant for which a price was looked for.
        currency: the currency of the request.
        code: (class) `no_price`.
    """

    code: ClassVar[str] = "no_price"

    position: int
    line: Line
    at: datetime
    currency: str

    def __str__(self) -> str:
        return f"lines[{self.position}]: no price in {self.currency} for {shorten(self.line.product)} at {self.at}"


@attrs.frozen(kw_only=True)
class Candidate:
    """One of several records that would give a line different prices.

    Attributes:
        record: id of the record.
        unit_price: what a unit would cost.
    """

    record: str
    unit_price: Money


@attrs.frozen(kw_only=True)
class PriceConflict:
    """A line for which records of equal rank give different prices; nothing is chosen for you.

    Attributes:
        position: which line of the request it is, from 0.
        line: the line.
        candidates: the records, by id.
        code: (class) `conflict`.
    """

    code: ClassVar[str] = "conflict"

    position: int
    line: Line
    candidates: tuple[Candidate, ...]

    def __str__(self) -> str:
        prices = ", ".join(f"{one.record} says {one.unit_price}" for one in self.candidates)
        return (
            f"lines[{self.position}]: {shorten(self.line.product)} has several prices of equal rank: {prices}"
        )


@attrs.frozen(kw_only=True)
class PricedLine:
    """What a line costs, and why.

    The line amount is what counts; the price of a unit follows from it and is not rounded.

    Attributes:
        position: which line of the request it is, from 0.
        line: the line.
        list_amount: at the price for everybody, options included; where there is none, at the price of this customer.
        net_amount: what is charged.
        cost: of the whole line; `None` when it is not known in this currency.
        waterfall: every step from nothing to the net amount.
        not_applied: every rule that was considered and did not apply.
    """

    position: int
    line: Line
    list_amount: Money
    net_amount: Money
    cost: Money | None = None
    waterfall: tuple[PriceStep, ...]
    not_applied: tuple[NotApplied, ...] = ()

    @property
    def unit_price(self) -> Money:
        """The net price of a unit, to 34 digits."""
        return self.net_amount / self.line.quantity

    @property
    def list_unit_price(self) -> Money:
        """The list price of a unit, options included, to 34 digits."""
        return self.list_amount / self.line.quantity

    @property
    def effective_discount(self) -> Percent | None:
        """All that lies between the list and the net amount, header shares and roundings included; negative for a surcharge.

        `None` when the list amount is zero.
        """
        return _share(self.list_amount - self.net_amount, self.list_amount)

    @property
    def margin(self) -> Money | None:
        """The net amount less the cost; `None` when the cost is not known."""
        return None if self.cost is None else self.net_amount - self.cost

    @property
    def margin_percent(self) -> Percent | None:
        """The margin in percent of the net amount; `None` when the cost is not known or nothing is charged."""
        return None if self.cost is None else _share(self.net_amount - self.cost, self.net_amount)

    @property
    def header_share(self) -> Money:
        """What the line took of discounts on the document, negative; freeze it for returns."""
        shares = (step.rounded for step in self.waterfall if step.kind is StepKind.HEADER)
        return Money.total(shares, self.net_amount.currency)

    def why_not(self, rule: str) -> WhyNot | None:
        """Why a rule did not apply to this line; `None` when it did.

        Raises:
            UnknownRule: the procedure has no such rule.
        """
        for considered in self.not_applied:
            if considered.rule == rule:
                return considered.why_not
        applied = [step.record for step in self.waterfall if step.kind in _BY_RULE]
        if rule in applied:
            return None
        raise UnknownRule(rule, [*applied, *(considered.rule for considered in self.not_applied)])


_BY_RULE = frozenset({StepKind.DISCOUNT, StepKind.HEADER})


@attrs.frozen(kw_only=True)
class Priced:
    """The answer to a pricing request. It is a plain value: it can be stored, and an equal request gives an equal one.

    Attributes:
        at: the instant for which it is priced.
        currency: the currency of every amount.
        lines: the lines that have a price, in the order of the request.
        unpriced: the lines that have none, each with the reason.
        header: the discounts on the document.
        model: id of the pricing model's procedure.
        model_version: its version.
        model_digest: SHA-256 of the model, records included.
        request_digest: SHA-256 of the request.
    """

    at: datetime
    currency: str
    lines: tuple[PricedLine, ...]
    unpriced: tuple[NoPrice | PriceConflict, ...] = ()
    header: tuple[HeaderDiscount, ...] = ()
    model: str
    model_version: int
    model_digest: str
    request_digest: str

    @property
    def is_complete(self) -> bool:
        """Whether every line has a price."""
        return not self.unpriced

    @property
    def total(self) -> Money:
        """What all lines come to; raises `Unpriced` when one has no price."""
        if self.unpriced:
            raise Unpriced(self.unpriced)
        return self._sum(lambda line: line.net_amount)

    @property
    def total_measured(self) -> Measured[Money]:
        """The total as a figure that is undefined, flagged `no_price` or `conflict`, when a line has no price."""
        count = len(self.lines)
        if not self.unpriced:
            return Measured(self.total, n=count)
        share = divide(Decimal(count), Decimal(count + len(self.unpriced)))
        return Measured(None, flag=self.unpriced[0].code, n=count, coverage=share)

    @property
    def list_total(self) -> Money:
        """What all lines come to at list; raises `Unpriced` when one has no price."""
        if self.unpriced:
            raise Unpriced(self.unpriced)
        return self._sum(lambda line: line.list_amount)

    @property
    def effective_discount(self) -> Percent | None:
        """All that lies between list and total; `None` when the list is zero or a line has no price."""
        return None if self.unpriced else _share(self.list_total - self.total, self.list_total)

    @property
    def margin(self) -> Money | None:
        """The total less all costs; `None` when a line has no price or no known cost."""
        if self.unpriced or any(line.cost is None for line in self.lines):
            return None
        return self._sum(lambda line: line.margin or Money.zero(self.currency))

    @property
    def margin_percent(self) -> Percent | None:
        """The margin in percent of the total; `None` when it is not known or nothing is charged."""
        margin = self.margin
        return None if margin is None else _share(margin, self.total)

    @property
    def digest(self) -> str:
        """SHA-256 of request and model: equal digests mean an equal answer."""
        return sha256(f"{self.model_digest} {self.request_digest}".encode()).hexdigest()

    def why_not(self, rule: str) -> tuple[WhyNot, ...]:
        """Why a rule did not apply, for each priced line to which it did not; raises `UnknownRule`."""
        return tuple(found for line in self.lines if (found := line.why_not(rule)) is not None)

    def _sum(self, amount: Callable[[PricedLine], Money]) -> Money:
        return Money.total(map(amount, self.lines), self.currency)


def _share(part: Money, whole: Money) -> Percent | None:
    return Percent.of_ratio(part / whole) if whole else None
