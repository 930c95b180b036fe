"""What an impact says: the movements, the prices that come and go, the approvals that change, and what nobody used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

import attrs

from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.findings import Finding
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.impact.movement import LineMovement, Movement

_SHOWN = 10
_HUNDREDTH = Decimal("0.01")


@attrs.frozen(kw_only=True)
class ApprovalChange:
    """A request that needs other approvals than before.

    Attributes:
        request: its name.
        before: what it needed.
        after: what it needs now.

    >>> from salesmgmt.cpq.pricing.impact.result import ApprovalChange
    >>> ApprovalChange(request="q-7", before=frozenset(), after=frozenset({"deep discount"})).anew
    frozenset({'deep discount'})
    """

    request: str
    before: frozenset[str]
    after: frozenset[str]

    @property
    def anew(self) -> frozenset[str]:
        """What it needs now and did not before."""
        return self.after - self.before

    @property
    def no_longer(self) -> frozenset[str]:
        """What it needed and does not now."""
        return self.before - self.after


@attrs.frozen(kw_only=True)
class NotCompared:
    """A request that one of the pricers refuses.

    Attributes:
        request: its name.
        after: whether it is the new one that refuses it first.
        code: the code of the error.
        message: what it says.
    """

    request: str
    after: bool
    code: str
    message: str


@attrs.frozen(kw_only=True)
class UnusedRecord:
    """A record or rule that no request used.

    Attributes:
        step: id of the step that reads it.
        record: its id.
    """

    step: str
    record: str


@attrs.frozen(kw_only=True)
class Impact:
    """What changes do to requests. A plain value; `str(impact)` is a short report, `rows()` feeds a data frame.

    Totals count lines that have a price on both sides, added ones included; a price that comes or goes is listed in
    `gained` and `lost`, because no price is not zero. Each of `by_product`, `by_segment` and `by_request` adds up to
    `totals`, old, new and difference; `by_record` as well, unless an amount needs more than 34 digits; `by_change` adds
    up to the difference. All are by currency, the largest difference first.

    Attributes:
        requests: how many requests were read.
        lines: how many lines have a price on both sides.
        moved: how many of them have another amount now.
        totals: the whole, one for each currency, named by it.
        by_product: by product.
        by_segment: by segment of the customer; an empty name where none is known.
        by_request: by request; only those that moved, and with `keep` only the largest.
        by_change: moved lines by the changes behind them (`p-1 + vip-5` where several are).
        by_record: amounts of steps, by step and record: what each record contributes, changed or not.
        moved_lines: the lines, in the order of the requests; with `keep`, the largest.
        gained: lines that had no price and have one.
        lost: lines that had a price and have none.
        gained_count: how many gain a price, listed or not.
        lost_count: how many lose it.
        approvals: requests that need other approvals.
        approvals_count: how many do, listed or not.
        not_compared: requests that one of the pricers refuses.
        not_compared_count: how many, listed or not.
        unused_before: records of the old model that no request used.
        unused_after: records of the new one.
        cliffs: scales that were changed and in which now more units cost less in all.
    """

    requests: int
    lines: int
    moved: int
    totals: tuple[Movement, ...] = ()
    by_product: tuple[Movement, ...] = ()
    by_segment: tuple[Movement, ...] = ()
    by_request: tuple[Movement, ...] = ()
    by_change: tuple[Movement, ...] = ()
    by_record: tuple[Movement, ...] = ()
    moved_lines: tuple[LineMovement, ...] = ()
    gained: tuple[LineMovement, ...] = ()
    lost: tuple[LineMovement, ...] = ()
    gained_count: int = 0
    lost_count: int = 0
    approvals: tuple[ApprovalChange, ...] = ()
    approvals_count: int = 0
    not_compared: tuple[NotCompared, ...] = ()
    not_compared_count: int = 0
    unused_before: tuple[UnusedRecord, ...] = ()
    unused_after: tuple[UnusedRecord, ...] = ()
    cliffs: tuple[Finding, ...] = ()

    def __bool__(self) -> bool:
        """Whether any request costs something else, gains or loses a price, or needs another approval."""
        return bool(
            self.moved
            or self.gained_count
            or self.lost_count
            or self.approvals_count
            or self.not_compared_count
        )

    def difference(self, currency: str) -> Money:
        """The difference of everything in a currency; zero when nothing is in it."""
        return next((one.difference for one in self.totals if one.name == currency), Money.zero(currency))

    def rows(self) -> Iterator[dict[str, object]]:
        """One dict of plain values for each line that moves, gains or loses its price, for a data frame."""
        for one in (*self.moved_lines, *self.gained, *self.lost):
            difference = one.difference
            yield {
                "request": one.request,
                "position": one.position,
                "product": one.product,
                "segment": one.segment,
                "added": one.added,
                "currency": one.currency,
                "old_quantity": one.old_quantity,
                "new_quantity": one.new_quantity,
                "old": None if one.old is None else one.old.amount,
                "new": None if one.new is None else one.new.amount,
                "difference": None if difference is None else difference.amount,
                "by": " + ".join(one.by),
                "causes": "; ".join(map(str, one.causes)),
            }

    def table(self, *, most: int = _SHOWN) -> str:
        """A report for people.

        Args:
            most: how many lines of each part are shown.
        """
        return "\n".join(self._report(most))

    def __str__(self) -> str:
        return self.table()

    def _report(self, most: int) -> Iterator[str]:
        yield (
            f"{self.requests} requests, {self.lines} lines: {self.moved} moved, "
            f"{self.gained_count} gain a price, {self.lost_count} lose it"
        )
        for total in self.totals:
            yield _words(total)
        if not self:
            return
        for title, movements in (
            ("by change", self.by_change),
            ("by product", self.by_product),
            ("by segment", self.by_segment),
            ("by request", self.by_request),
        ):
            moved = [one for one in movements if one.moved]
            if moved:
                yield f"{title}:"
                yield from _first([f"  {_words(one)}" for one in moved], most)
        for title, lines in (("gain a price", self.gained), ("lose their price", self.lost)):
            if lines:
                yield f"{title}:"
                yield from _first([f"  {one}" for one in lines], most)
        if self.approvals:
            yield f"need other approvals: {self.approvals_count}"
            yield from _first([f"  {_approvals(one)}" for one in self.approvals], most)
        if self.not_compared:
            yield f"cannot be priced: {self.not_compared_count}"
            yield from _first([f"  {one.request}: {one.message}" for one in self.not_compared], most)
        if self.cliffs:
            yield "more units that cost less:"
            yield from _first([f"  {one}" for one in self.cliffs], most)


def _words(one: Movement) -> str:
    percent = one.percent
    share = (
        ""
        if percent is None
        else f", {_signed(percent.points.quantize(_HUNDREDTH, ROUND_HALF_UP, CONTEXT))}%"
    )
    code, difference = one.currency, one.difference
    name = one.name or "(none)"
    shown = name if name == code else f"{name}, {code}"
    return f"{shown}: {one.old.amount:f} -> {one.new.amount:f} ({_signed(difference.amount)}{share})"


def _signed(number: Decimal) -> str:
    return f"{number:+f}"


def _approvals(one: ApprovalChange) -> str:
    words = [f"now {name}" for name in sorted(one.anew)]
    words += [f"no longer {name}" for name in sorted(one.no_longer)]
    return f"{one.request}: {', '.join(words)}"


def _first(lines: Sequence[str], most: int) -> Iterator[str]:
    yield from lines[:most]
    if len(lines) > most:
        yield f"  and {len(lines) - most} more"
