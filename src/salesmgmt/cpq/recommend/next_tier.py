"""Hints at what more units would cost: the next price, totals that fall as the quantity rises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import Number, exact, multiply, subtract
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.pricer import Pricer
from salesmgmt.cpq.pricing.request import PricingRequest
from salesmgmt.cpq.pricing.thresholds import Threshold, Thresholds
from salesmgmt.cpq.recommend._trial import Trial, Trials

_ONE = Decimal(1)


@attrs.frozen(kw_only=True)
class NextTier:
    """What a line comes to with more units, where that is worth knowing.

    Attributes:
        position: which line of the request it is, from 0.
        product: id of its product.
        quantity: how many units there are now, in the unit of the line.
        more: how many more it takes.
        records: ids of what begins to count with them, in order.
        total_now: what the request comes to now.
        total_then: what it comes to with the units more.
        unit_price_now: what a unit costs now, free ones counted; to 34 digits.
        unit_price_then: what a unit costs then.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.recommend import NextTier
    >>> print(NextTier(
    ...     position=0, product="dock", quantity=Decimal(8), more=Decimal(2), records=("t-10",),
    ...     total_now=Money(80, "EUR"), total_then=Money(68, "EUR"),
    ...     unit_price_now=Money(10, "EUR"), unit_price_then=Money("6.80", "EUR")))
    2 more dock lower the total by 12.00 EUR
    """

    position: int
    product: str
    quantity: Decimal
    more: Decimal
    records: tuple[str, ...]
    total_now: Money
    total_then: Money
    unit_price_now: Money
    unit_price_then: Money

    @property
    def total_change(self) -> Money:
        """What the total gains; negative where it falls."""
        return self.total_then - self.total_now

    @property
    def lowers_total(self) -> bool:
        """Whether more units cost less in all."""
        return self.total_then < self.total_now

    def __str__(self) -> str:
        if self.lowers_total:
            return f"{self.more:f} more {self.product} lower the total by {_shown(-self.total_change)}"
        return (
            f"{self.more:f} more {self.product}: a unit costs {_shown(self.unit_price_then)} instead of "
            f"{_shown(self.unit_price_now)}, the total rises by {_shown(self.total_change)}"
        )


@attrs.frozen(kw_only=True)
class PriceCliff:
    """Two quantities next to each other of which the larger one costs less in all.

    Attributes:
        quantity: the smaller one, in the unit of the line.
        total: what the request comes to with it.
        next_quantity: the larger one.
        next_total: what the request comes to with that.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.recommend import PriceCliff
    >>> print(PriceCliff(
    ...     quantity=Decimal(9), total=Money(90, "EUR"), next_quantity=Decimal(10), next_total=Money(80, "EUR")))
    9 cost 90.00 EUR, 10 cost 80.00 EUR
    """

    quantity: Decimal
    total: Money
    next_quantity: Decimal
    next_total: Money

    def __str__(self) -> str:
        return f"{self.quantity:f} cost {_shown(self.total)}, {self.next_quantity:f} cost {_shown(self.next_total)}"


class TierHints:
    """Finds what more units of a line would cost, by pricing the request with them.

    The records of the model say at which quantities and amounts something may change (`Thresholds`), and each of these is
    tried; nothing is reckoned beside the pricer. A bound on an amount is turned into a quantity by halving, or by the price of a
    unit, and tried as well.

    Made once for a pricer, it does not change.

    Args:
        pricer: the pricer.
        step: what one unit more is: 1 for pieces, 0.5 for goods sold by the half kilogram.
        reach: up to how many times the present quantity is looked, at least 1.
        most_tries: how many quantities of one line are priced at most; the nearest ones come first.

    Raises:
        InvalidInput: a limit is out of range.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import Line, PriceRecord, PricingModel, PricingRequest, TierRecord
    >>> from salesmgmt.cpq.recommend import TierHints
    >>> pricer = PricingModel(
    ...     prices=[PriceRecord(id="p-1", product="dock", price=Money("10.00", "EUR"))],
    ...     tiers=[TierRecord(id="t-10", product="dock", lower=10, percent=15)],
    ... ).compile()
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> hints = TierHints(pricer)
    >>> print(*hints.next_tiers(PricingRequest(at=now, currency="EUR", lines=[Line("dock", 9)]), 0))
    1 more dock lower the total by 5.00 EUR
    >>> print(*hints.next_tiers(PricingRequest(at=now, currency="EUR", lines=[Line("dock", 8)]), 0))
    2 more dock: a unit costs 8.50 EUR instead of 10.00 EUR, the total rises by 5.00 EUR
    """

    def __init__(self, pricer: Pricer, *, step: Number = 1, reach: Number = 10, most_tries: int = 60) -> None:
        self._pricer = pricer
        self._step = exact(step, "a step of quantities")
        self._reach = exact(reach, "how far is looked")
        self._most = most_tries
        problems = [
            Problem(name, "range", f"{value:f}", wanted)
            for name, value, is_good, wanted in (
                ("step", self._step, self._step > 0, "above zero"),
                ("reach", self._reach, self._reach >= _ONE, "at least 1"),
                ("most_tries", Decimal(most_tries), most_tries > 1, "at least 2"),
            )
            if not is_good
        ]
        if problems:
            raise InvalidInput("tier hints", problems)
        self._thresholds = Thresholds(pricer)

    def next_tiers(self, request: PricingRequest, position: int) -> tuple[NextTier, ...]:
        """What is worth knowing about more units of a line.

        Args:
            request: what is priced.
            position: which line, from 0.

        Returns:
            The fewest units more with which a record begins to count that makes a unit cheaper; and, where more units cost
            less in all, those that cost least. One hint when both are the same, none when there is neither, or the line has
            no price.

        Raises:
            InvalidInput, EvaluationError, OutOfRange: as for `Pricer.price`.
        """
        line = request.lines[position]
        trials = Trials(self._pricer, request, position, line.quantity, self._step)
        now = trials.at(0)
        if now is None or line.manual is not None:
            return ()
        furthest = int(subtract(multiply(line.quantity, self._reach), line.quantity) / self._step)
        found = dict(self._candidates(request, position, trials, now, (0, max(furthest, 1))))
        cheaper = self._cheaper(found, trials, now)
        lowest = min(
            (k for k in found if (then := trials.at(k)) is not None and then.total < now.total),
            key=lambda k: (_total(trials, k), k),
            default=None,
        )
        ks = [k for k in dict.fromkeys((lowest, cheaper)) if k is not None]
        return tuple(self._hint(position, trials, now, k, found[k]) for k in ks)

    def cliffs(self, request: PricingRequest, position: int, up_to: Number) -> tuple[PriceCliff, ...]:
        """Where the total falls as the quantity of a line rises, so that fewer units cost more.

        Args:
            request: what is priced; the quantity of the line does not matter.
            position: which line, from 0.
            up_to: the largest quantity that is looked at.

        Raises:
            InvalidInput, EvaluationError, OutOfRange: as for `Pricer.price`.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.cpq.pricing import Line, PriceRecord, PricingModel, PricingRequest, TierRecord
        >>> from salesmgmt.cpq.recommend import TierHints
        >>> pricer = PricingModel(
        ...     prices=[PriceRecord(id="p-1", product="dock", price=Money("10.00", "EUR"))],
        ...     tiers=[TierRecord(id="t-10", product="dock", lower=10, percent=15)],
        ... ).compile()
        >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        >>> print(*TierHints(pricer).cliffs(PricingRequest(at=now, currency="EUR", lines=[Line("dock", 1)]), 0, 100))
        9 cost 90.00 EUR, 10 cost 85.00 EUR
        """
        furthest = int(exact(up_to, "a quantity") / self._step)
        trials = Trials(self._pricer, request, position, Decimal(0), self._step)
        first = trials.at(1)
        if first is None or furthest < 2:
            return ()
        ks = sorted(k for k, _ in self._candidates(request, position, trials, first, (1, furthest)))
        found = []
        for k in ks:
            before, after = trials.at(k - 1), trials.at(k)
            if before is not None and after is not None and after.total < before.total:
                found.append(
                    PriceCliff(
                        quantity=trials.quantity(k - 1),
                        total=before.total,
                        next_quantity=trials.quantity(k),
                        next_total=after.total,
                    )
                )
        return tuple(found)

    def _candidates(
        self,
        request: PricingRequest,
        position: int,
        trials: Trials,
        now: Trial,
        span: tuple[int, int],
    ) -> list[tuple[int, frozenset[str]]]:
        """The k to try, the nearest first, each with the records that may begin or end to count there."""
        nearest, furthest = span
        found: dict[int, set[str]] = {}
        others = trials.others()
        for bound in self._thresholds.of(request, position):
            for k in self._ks(bound, trials, now, others, span):
                if nearest < k <= furthest:
                    found.setdefault(k, set()).add(bound.record)
        return [(k, frozenset(found[k])) for k in sorted(found)[: self._most // 2]]

    def _ks(
        self,
        bound: Threshold,
        trials: Trials,
        now: Trial,
        others: Iterable[Decimal],
        span: tuple[int, int],
    ) -> Iterator[int]:
        if bound.quantity is not None:
            for other in others:
                yield from trials.reaching(subtract(bound.quantity, other))
        if bound.amount is not None:
            line = now.line
            for unit, own in ((line.list_unit_price, line.list_amount), (line.unit_price, line.net_amount)):
                for other in (Decimal(0), (now.total - own).amount):
                    yield from trials.reaching(subtract(bound.amount, other), unit.amount)
            yield from self._halved(bound.record, trials, span)

    def _halved(self, record: str, trials: Trials, span: tuple[int, int]) -> Iterator[int]:
        """The k from which a record counts that does not count now and does far out."""
        low, high = span
        far, near = trials.at(high), trials.at(low)
        if far is None or near is None or near.has(record) or not far.has(record):
            return
        while high - low > 1 and trials.asked < 2 * self._most:
            middle = (low + high) // 2
            tried = trials.at(middle)
            low, high = (low, middle) if tried is not None and tried.has(record) else (middle, high)
        yield high

    @staticmethod
    def _cheaper(found: dict[int, frozenset[str]], trials: Trials, now: Trial) -> int | None:
        """The nearest k with a lower price of a unit at which one of its records begins to count, or to count otherwise."""
        for k, records in found.items():
            then = trials.at(k)
            if then is None or not then.unit_price < now.unit_price:
                continue
            before = trials.at(k - 1)
            if before is None or any(
                then.has(one) and then.values(one) != before.values(one) for one in records
            ):
                return k
        return None

    def _hint(self, position: int, trials: Trials, now: Trial, k: int, records: frozenset[str]) -> NextTier:
        then = trials.at(k)
        assert then is not None  # noqa: S101 - it was tried before
        return NextTier(
            position=position,
            product=now.line.line.product,
            quantity=trials.quantity(0),
            more=subtract(trials.quantity(k), trials.quantity(0)),
            records=tuple(sorted(one for one in records if then.has(one))),
            total_now=now.total,
            total_then=then.total,
            unit_price_now=now.unit_price,
            unit_price_then=then.unit_price,
        )


def _total(trials: Trials, k: int) -> Decimal:
    then = trials.at(k)
    return Decimal(0) if then is None else then.total.amount


def _shown(amount: Money) -> str:
    """An amount for people: to the decimals of its currency, and more where that would hide something."""
    shown = amount.to_currency_decimals("half_even")
    return str(shown) if shown == amount else f"{amount.amount:.4f} {amount.currency}"
