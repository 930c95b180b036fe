"""From the pipeline of one day to that of another: what came in, what grew, what was won and lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

import attrs

from salesmgmt.core.entity import DealId
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.period import Period
from salesmgmt.pipeline.analytics._amounts import ValueTotal
from salesmgmt.pipeline.deals import Deal, StageKind


class Movement(StrEnum):
    """A part of a bridge.

    >>> from salesmgmt.pipeline.analytics import Movement
    >>> Movement.NEW.sign, Movement.LOST.sign
    (1, -1)
    """

    NEW = "new"
    """Opened since."""
    REOPENED = "reopened"
    """Closed on the first day, and open, or closed anew, on the second."""
    PULLED_IN = "pulled_in"
    """Was expected later (or nobody knew when), and is expected in the period now."""
    CARRIED_IN = "carried_in"
    """Was expected before the period, and is expected in it now."""
    INCREASED = "increased"
    DECREASED = "decreased"
    WON = "won"
    LOST = "lost"
    PUSHED_OUT = "pushed_out"
    """Is expected later now, or nobody knows when."""
    BROUGHT_FORWARD = "brought_forward"
    """Is expected before the period now."""
    REMOVED = "removed"
    """Is not there any more: merged, deleted, or left out by the caller."""

    @property
    def sign(self) -> int:
        """1 when it adds to the pipeline, -1 when it takes away."""
        return 1 if self in _ADDING else -1


_ADDING = frozenset(
    {
        Movement.NEW,
        Movement.REOPENED,
        Movement.PULLED_IN,
        Movement.CARRIED_IN,
        Movement.INCREASED,
    }
)


@attrs.frozen
class Moved:
    """What one deal contributes to one part of a bridge.

    Attributes:
        deal: the deal.
        movement: the part.
        amount: by how much, without the sign of the part.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.analytics import Moved, Movement
    >>> Moved("d-1", Movement.LOST, Money(900, "EUR")).effect
    Money('-900', 'EUR')
    """

    deal: DealId
    movement: Movement
    amount: Money

    @property
    def effect(self) -> Money:
        """What it does to the value of the pipeline."""
        return self.amount * self.movement.sign


@attrs.frozen(kw_only=True)
class PipelineBridge:
    """How the value of an open pipeline came from one day to another.

    Attributes:
        start: the value on the first day.
        moves: what happened, deal by deal; a deal may stand in several parts (grown, then won).
        unvalued: deals without an amount on the second day (or, when gone, on the first), which count as nothing.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.analytics import Moved, Movement, PipelineBridge
    >>> moves = (Moved("d-1", Movement.NEW, Money(500, "EUR")), Moved("d-2", Movement.WON, Money(300, "EUR")))
    >>> PipelineBridge(start=Money(1000, "EUR"), moves=moves).end
    Money('1200', 'EUR')
    """

    start: Money
    moves: tuple[Moved, ...]
    unvalued: tuple[DealId, ...] = ()

    @property
    def end(self) -> Money:
        """The value on the second day: that on the first, and the effect of every move."""
        return Money.total((move.effect for move in self.moves), self.start.currency) + self.start

    @property
    def parts(self) -> Mapping[Movement, Money]:
        """The amount of every part, without its sign, those without a deal included."""
        sums = dict.fromkeys(Movement, Money.zero(self.start.currency))
        for move in self.moves:
            sums[move.movement] += move.amount
        return sums

    def deals(self, movement: Movement | str) -> tuple[DealId, ...]:
        """Return the deals behind a part."""
        return tuple(move.deal for move in self.moves if move.movement == movement)


def pipeline_bridge(
    before: Mapping[DealId, Deal],
    after: Mapping[DealId, Deal],
    *,
    currency: str,
    period: Period | None = None,
) -> PipelineBridge:
    """Explain how the value of the open pipeline changed between two days; the parts add up exactly.

    A deal that stays and changes its amount has grown or shrunk. A deal that leaves does so with its last amount, so that `won`
    is what was won; what it had grown since the first day stands in `increased`. A deal that comes in does so with its last
    amount. A deal that was opened and closed in between comes in as new and leaves as won or lost.

    Args:
        before: the deals as they were on the first day, by id: `snapshot(histories, at)` makes them from events.
        after: the same on the second day.
        currency: of all amounts.
        period: only the pipeline expected to close in this period; a deal that was closed belongs to it by the day it was
            closed. `None` takes the whole pipeline.

    Raises:
        CurrencyMismatch: a deal is in another currency; convert the amounts first.

    >>> import attrs
    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.analytics import pipeline_bridge
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
    >>> march = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> deal = Deal(id="d-1", name="", pipeline="p", pipeline_version=1, pipeline_digest="", stage="new", status=StageKind.OPEN,
    ...             category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)), opened_at=march, stage_since=march,
    ...             amount=Money(900, "EUR"))
    >>> won = attrs.evolve(deal, amount=Money(1000, "EUR"), status=StageKind.WON, closed_on=date(2026, 4, 1))
    >>> bridge = pipeline_bridge({"d-1": deal}, {"d-1": won}, currency="EUR")
    >>> {part.value: str(amount) for part, amount in bridge.parts.items() if amount}
    {'increased': '100 EUR', 'won': '1000 EUR'}
    >>> bridge.end
    Money('0', 'EUR')
    """
    bridging = _Bridging(currency, period)
    moves: list[Moved] = []
    for id_, was in before.items():
        now = after.get(id_)
        if now is not was:  # a deal is frozen: the same object is the same deal
            moves.extend(bridging.moves(id_, was, now))
    for id_, now in after.items():
        if id_ not in before:
            moves.extend(bridging.moves(id_, None, now))
    return PipelineBridge(
        start=total_open(before.values(), currency, period),
        moves=tuple(moves),
        unvalued=tuple(sorted(bridging.unvalued)),
    )


class _Bridging:
    def __init__(self, currency: str, period: Period | None) -> None:
        self.zero, self._period = Money.zero(currency), period
        self.unvalued: set[DealId] = set()

    def amount(self, deal: Deal) -> Money:
        if deal.amount is None:
            return self.zero
        if deal.amount.currency != self.zero.currency:
            raise CurrencyMismatch(self.zero.currency, deal.amount.currency)
        return deal.amount

    def is_in(self, deal: Deal) -> bool:
        """Whether a deal belongs to the open pipeline that is looked at."""
        if deal.status is not StageKind.OPEN:
            return False
        return self._period is None or (
            deal.expected_close is not None and deal.expected_close in self._period
        )

    def _is_decided_in(self, deal: Deal) -> bool:
        if deal.status is StageKind.OPEN:
            return False
        return self._period is None or (deal.closed_on is not None and deal.closed_on in self._period)

    def moves(self, id_: DealId, before: Deal | None, after: Deal | None) -> Iterator[Moved]:
        """What happened to one deal."""
        was_in = before is not None and self.is_in(before)
        if after is None:
            if was_in and before is not None:
                yield self._moved(id_, Movement.REMOVED, before)
            return
        if was_in and before is not None:
            yield from self._change(id_, self.amount(before), self.amount(after))
            if not self.is_in(after):
                yield self._moved(id_, self._way_out(after), after)
        elif self.is_in(after):
            yield self._moved(id_, self._way_in(before), after)
        elif self._is_decided_in(after) and not _is_same_end(before, after):
            # Came and went between the two days: both are told, and together they change nothing.
            yield self._moved(id_, self._way_in(before), after)
            yield self._moved(id_, self._way_out(after), after)

    def _change(self, id_: DealId, before: Money, after: Money) -> Iterator[Moved]:
        if after > before:
            yield Moved(id_, Movement.INCREASED, after - before)
        elif after < before:
            yield Moved(id_, Movement.DECREASED, before - after)

    def _moved(self, id_: DealId, movement: Movement, deal: Deal) -> Moved:
        if deal.amount is None:
            self.unvalued.add(id_)
        return Moved(id_, movement, self.amount(deal))

    def _way_in(self, before: Deal | None) -> Movement:
        if before is None:
            return Movement.NEW
        if before.status is not StageKind.OPEN:
            return Movement.REOPENED
        return Movement.CARRIED_IN if self._is_earlier(before) else Movement.PULLED_IN

    def _way_out(self, after: Deal) -> Movement:
        if after.status is StageKind.WON:
            return Movement.WON
        if after.status is StageKind.LOST:
            return Movement.LOST
        return Movement.BROUGHT_FORWARD if self._is_earlier(after) else Movement.PUSHED_OUT

    def _is_earlier(self, deal: Deal) -> bool:
        return (
            self._period is not None
            and deal.expected_close is not None
            and deal.expected_close < self._period.start
        )


def _is_same_end(before: Deal | None, after: Deal) -> bool:
    """Whether a deal was closed on the first day already, and is so since."""
    return (
        before is not None
        and before.status is after.status
        and before.closed_on == after.closed_on
        and before.stage_since == after.stage_since
    )


def total_open(deals: Iterable[Deal], currency: str, period: Period | None = None) -> Money:
    """Add up the open pipeline of a day, as the two ends of a bridge are.

    Args:
        deals: the deals as they were on that day.
        currency: of all amounts.
        period: only what is expected to close in this period.

    Raises:
        CurrencyMismatch: a deal is in another currency.

    >>> from salesmgmt.pipeline.analytics import total_open
    >>> total_open([], "EUR")
    Money('0', 'EUR')
    """
    bridging = _Bridging(currency, period)
    found = ValueTotal.of([deal for deal in deals if bridging.is_in(deal)])
    for other in found.sums:
        if other != bridging.zero.currency:
            raise CurrencyMismatch(bridging.zero.currency, other)
    return found.measured("no_open_deals").or_else(bridging.zero)
