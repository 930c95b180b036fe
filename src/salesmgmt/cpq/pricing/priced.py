"""The answer of a pricer: an amount for each line and in total, each with its trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.exact import divide
from salesmgmt.core.formula import WhyNot
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.nearest import nearest
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.promotions.promoted import PromotionUse
from salesmgmt.cpq.pricing.request import Line, PricingRequest
from salesmgmt.cpq.pricing.trace import (
    HeaderDiscount,
    NotApplied,
    PriceStep,
    StepKind,
    StepRow,
    StoodAside,
    WrittenTrace,
)


class UnknownRule(SalesError, LookupError):
    """A rule was asked about that the line never came near, or that the procedure does not have.

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
            f"this line considered no rule {self.found}",
            hint=f"{meant}known are {', '.join(self.known) or 'none'}; Pricer.why_not asks about any record",
        )


class UnknownSubtotal(SalesError, LookupError):
    """A subtotal was asked for that the procedure does not name.

    Attributes:
        found: the name that was given, shortened for showing.
        known: the subtotals that the line has.
    """

    code = "unknown_subtotal"

    def __init__(self, found: str, known: Iterable[str]) -> None:
        self.found = shorten(found)
        self.known = tuple(known)
        super().__init__(
            f"the procedure names no subtotal {self.found}",
            hint=f"known are {', '.join(self.known) or 'none'}",
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
        reason: what was missing, in words; empty when no record was found.
        code: (class) `no_price`.
    """

    code: ClassVar[str] = "no_price"

    position: int
    line: Line
    at: datetime
    currency: str
    reason: str = ""

    def __str__(self) -> str:
        words = f"lines[{self.position}]: no price in {self.currency} for {shorten(self.line.product)} at {self.at}"
        return f"{words}: {self.reason}" if self.reason else words


@attrs.frozen(kw_only=True)
class Candidate:
    """One of several records that would give a line different prices.

    Attributes:
        record: id of the record.
        unit_price: what a unit would cost; `None` when the record gives no price of its own.
    """

    record: str
    unit_price: Money | None


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
        prices = ", ".join(
            one.record if one.unit_price is None else f"{one.record} says {one.unit_price}"
            for one in self.candidates
        )
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
        subtotals: the amounts that the procedure names on the way.
    """

    position: int
    line: Line
    list_amount: Money
    net_amount: Money
    cost: Money | None = None
    waterfall: tuple[PriceStep, ...]
    not_applied: tuple[NotApplied, ...] = ()
    subtotals: Mapping[str, Money] = attrs.field(factory=dict, hash=False)
    _trace: WrittenTrace | None = attrs.field(init=False, default=None, repr=False, eq=False)

    if not TYPE_CHECKING:  # it would let every name pass

        def __getattr__(self, name: str) -> Any:
            """The trace of a line that was just priced, made when it is first read."""
            if name not in ("waterfall", "not_applied"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            trace = self._trace
            if trace is not None:  # else another thread has just made it
                made = *trace.read(), None  # let go of last, when the others are there for everybody
                for field, value in zip(("waterfall", "not_applied", "_trace"), made, strict=True):
                    object.__setattr__(self, field, value)
            return object.__getattribute__(self, name)

    @property
    def step_rows(self) -> Iterable[StepRow]:
        """The fields of each step of the waterfall."""
        trace = self._trace
        return [step.row for step in self.waterfall] if trace is None else trace.steps

    def __str__(self) -> str:
        """The line in words, and every step below it."""
        head = f"{self.line.quantity:f} x {self.line.product}: {self.list_amount} -> {self.net_amount}"
        return "\n".join((head, *(f"  {step}" for step in self.waterfall)))

    @property
    def unit_price(self) -> Money:
        """The net price of a unit, to 34 digits."""
        return self.net_amount / self.line.quantity

    @property
    def list_unit_price(self) -> Money:
        """The list price of a unit, options included, to 34 digits."""
        return self.list_amount / self.line.quantity

    def unit_subtotal(self, name: str) -> Money:
        """A named amount on the way, for a unit, to 34 digits.

        Raises:
            UnknownSubtotal: the procedure names no such amount.
        """
        if name not in self.subtotals:
            raise UnknownSubtotal(name, self.subtotals)
        return self.subtotals[name] / self.line.quantity

    @property
    def list_discount(self) -> Percent | None:
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

    def why_not(self, rule: str) -> WhyNot | StoodAside | None:
        """Why a rule did not apply to this line; `None` when it did.

        Raises:
            UnknownRule: the procedure has no such rule.
        """
        for considered in self.not_applied:
            if considered.rule == rule:
                return considered.why_not
        applied = [step.record for step in self.waterfall if step.record]
        if rule in applied:
            return None
        raise UnknownRule(rule, [*applied, *(considered.rule for considered in self.not_applied)])


def written_line(
    *,
    position: int,
    line: Line,
    list_amount: Money,
    net_amount: Money,
    cost: Money | None,
    subtotals: Mapping[str, Money],
    trace: WrittenTrace,
) -> PricedLine:
    """Make a line whose trace is written down; its objects are made when `waterfall` or `not_applied` is first read."""
    made = object.__new__(PricedLine)
    values = (position, line, list_amount, net_amount, cost, subtotals, trace)
    for put, value in zip(_PUTS, values, strict=True):
        put(made, value)
    return made


_PUTS: Sequence[Callable[[PricedLine, Any], None]] = [
    vars(PricedLine)[name].__set__
    for name in ("position", "line", "list_amount", "net_amount", "cost", "subtotals", "_trace")
]


@attrs.frozen(kw_only=True)
class AddedLine:
    """Units that a rule adds to the document: free goods, a gift, an accessory at a price of its own.

    Attributes:
        step: id of the step in the procedure.
        rule: id of the rule.
        product: what is added.
        quantity: how many.
        amount: what they cost together; zero when they are free.
        position: the line that they come with, from 0; `None` when it is the document.
    """

    step: str
    rule: str
    product: str
    quantity: Decimal
    amount: Money
    position: int | None = None


@attrs.frozen(kw_only=True)
class Priced:
    """The answer to a pricing request. It is a plain value: it can be stored, and an equal request gives an equal one.

    Attributes:
        request: what was asked.
        lines: the lines that have a price, in the order of the request.
        unpriced: the lines that have none, each with the reason.
        header: the discounts on the document.
        added: units that rules add to it.
        not_applied: the promotions that were refused for the document, with the reason.
        used: what it uses of promotions, by id; the host adds it to what it keeps.
        coupons_used: the same of coupons, by code.
        model: id of the pricing model's procedure.
        model_version: its version.
        model_digest: SHA-256 of the model, records included.
    """

    request: PricingRequest
    lines: tuple[PricedLine, ...]
    unpriced: tuple[NoPrice | PriceConflict, ...] = ()
    header: tuple[HeaderDiscount, ...] = ()
    added: tuple[AddedLine, ...] = ()
    not_applied: tuple[NotApplied, ...] = ()
    used: Mapping[str, PromotionUse] = attrs.field(factory=dict, hash=False)
    coupons_used: Mapping[str, PromotionUse] = attrs.field(factory=dict, hash=False)
    model: str
    model_version: int
    model_digest: str

    def __str__(self) -> str:
        """The document in words: lines with their steps, what has no price, what was added, the total."""
        parts = [str(line) for line in self.lines]
        parts += [str(missing) for missing in self.unpriced]
        parts += [f"{one.quantity:f} x {one.product} added by {one.rule}: {one.amount}" for one in self.added]
        parts.append("no total" if self.unpriced else f"total {self.total}")
        return "\n".join(parts)

    @property
    def at(self) -> datetime:
        """The instant for which it is priced."""
        return self.request.at

    @property
    def currency(self) -> str:
        """The currency of every amount."""
        return self.request.currency

    @property
    def request_digest(self) -> str:
        """SHA-256 of the request."""
        return digest_of(self.request)

    @property
    def is_complete(self) -> bool:
        """Whether every line has a price."""
        return not self.unpriced

    @property
    def total(self) -> Money:
        """What all lines come to, added ones included; raises `Unpriced` when one has no price."""
        if self.unpriced:
            raise Unpriced(self.unpriced)
        return self._with_added(self._sum(lambda line: line.net_amount))

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
        """What all lines come to at list, added ones at what they cost; raises `Unpriced` when one has no price."""
        if self.unpriced:
            raise Unpriced(self.unpriced)
        return self._with_added(self._sum(lambda line: line.list_amount))

    @property
    def list_discount(self) -> Percent | None:
        """All that lies between list and total; `None` when the list is zero or a line has no price."""
        return None if self.unpriced else _share(self.list_total - self.total, self.list_total)

    @property
    def margin(self) -> Money | None:
        """The total less all costs; `None` when a line has no price or no known cost, as what was added at a price."""
        if self.unpriced or any(line.cost is None for line in self.lines):
            return None
        if any(line.amount for line in self.added):
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

    def why_not(self, rule: str) -> tuple[WhyNot | StoodAside, ...]:
        """Why a rule did not apply: to the document, or to each priced line to which it did not.

        Raises:
            UnknownRule: nobody considered such a rule.
        """
        refused = tuple(one.why_not for one in self.not_applied if one.rule == rule)
        if refused:
            return refused
        return tuple(found for line in self.lines if (found := line.why_not(rule)) is not None)

    def _with_added(self, total: Money) -> Money:
        return (
            total + Money.total((line.amount for line in self.added), self.currency) if self.added else total
        )

    def _sum(self, amount: Callable[[PricedLine], Money]) -> Money:
        return Money.total(map(amount, self.lines), self.currency)


def _share(part: Money, whole: Money) -> Percent | None:
    return Percent.of_ratio(part / whole) if whole else None
