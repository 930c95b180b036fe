"""From a claim to amounts of lines: caps, rounding, and shares that add up exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import attrs

from salesmgmt.core.allocation import allocate
from salesmgmt.core.exact import add, subtract
from salesmgmt.core.rounding import Rounding, RoundingMode
from salesmgmt.cpq.pricing.promotions._claim import Claim, converted
from salesmgmt.cpq.pricing.promotions._document import ZERO, Document, added, plain
from salesmgmt.cpq.pricing.promotions.policy import (
    CapPer,
    PercentRounding,
    PromotionPolicy,
    Remainder,
    Rounds,
    Spread,
)
from salesmgmt.cpq.pricing.promotions.promotion import Promotion, PromotionScope


def share(
    total: Decimal,
    weights: Sequence[Decimal],
    rooms: Sequence[Decimal],
    *,
    rounding: Rounding,
    remainder: Remainder = Remainder.LARGEST_FRACTION,
) -> list[Decimal]:
    """Share a total out by weights, nobody getting more than there is room; the parts add up to the total.

    The total is no more than all rooms together.
    """
    if not total:
        return [ZERO] * len(weights)
    if total == added(rooms):
        return list(rooms)
    shares = list(allocate(total, weights, unit=rounding.increment, remainder=remainder.value))
    over = ZERO
    for index, room in enumerate(rooms):
        if shares[index] > room:
            over = add(over, subtract(shares[index], room))
            shares[index] = room
    for index, room in enumerate(rooms):
        if not over:
            break
        part = min(over, subtract(room, shares[index]))
        shares[index] = add(shares[index], part)
        over = subtract(over, part)
    return shares


@attrs.frozen
class Settled:
    """What each line gives, and whether a cap or a limit cut it."""

    amounts: dict[int, Decimal]
    cut: bool

    @property
    def total(self) -> Decimal:
        """What all lines give together."""
        return added(self.amounts.values())


@attrs.frozen
class _Part:
    """A claim, or its part on the lines of one tax group."""

    wanted: dict[int, Decimal]
    total: Decimal
    cap: Decimal | None


@attrs.frozen(kw_only=True)
class Settling:
    """A claim on its way to amounts of lines.

    Attributes:
        claim: what the promotion asks for.
        promotion: whose cap is kept.
        document: of which it is taken.
        policy: conventions.
        rounding: of amounts; `None` for the finest steps of the document.
        ranks: of lines: the lower one gives first where an amount off several lines is spread.
    """

    claim: Claim
    promotion: Promotion
    document: Document
    policy: PromotionPolicy
    rounding: Rounding | None
    ranks: Mapping[int, int]

    def settle(self, most: Decimal) -> Settled:
        """What each line gives: never more than is left of it, and all together never more than `most`."""
        amounts: dict[int, Decimal] = {}
        cut = False
        for part in self._parts():
            limit = most if part.cap is None else min(most, part.cap)
            cut = cut or part.total > max(limit, ZERO)
            if part.total <= 0 or limit <= 0:
                continue
            given = self._amounts(part, limit)
            most = subtract(most, added(given.values()))
            amounts |= given
        if self.rounding is None:
            amounts = {line: plain(amount) for line, amount in amounts.items()}
        return Settled({line: amount for line, amount in amounts.items() if amount}, cut)

    @property
    def _steps(self) -> Rounding:
        return self.document.finest if self.rounding is None else self.rounding

    def _parts(self) -> list[_Part]:
        claim, cap = self.claim, self.promotion.max_discount
        if cap is None:
            return [_Part(claim.amounts, claim.total, None)]
        stated = getattr(self.promotion.benefit, "amount_is", None)
        if self.policy.cap_per == CapPer.PROMOTION:
            return [_Part(claim.amounts, claim.total, converted(self.document, cap, stated, claim.amounts))]
        groups = [
            {line: claim.amounts[line] for line in group} for group in _by_tax(self.document, claim.amounts)
        ]
        sizes = [added(wanted.values()) for wanted in groups]
        whole = min(claim.total, added(sizes))
        totals = share(whole, sizes, sizes, rounding=self.document.finest) if groups else []
        return [
            _Part(wanted, total, converted(self.document, cap, stated, wanted))
            for wanted, total in zip(groups, totals, strict=True)
        ]

    def _amounts(self, part: _Part, limit: Decimal) -> dict[int, Decimal]:
        rooms = {line: self.document.left[line] for line in part.wanted}
        room, total, rounding = added(rooms.values()), part.total, self._steps
        if total <= limit:
            rounded = self._each_line(part.wanted, rooms, rounding)
            if rounded is not None and added(rounded.values()) <= limit:
                return rounded
            total = _rounded(total, room, rounding, self.policy.rounds)
        if total > limit:
            # All that is left is taken whole, however fine it is.
            total = limit if limit == room else _down(limit, rounding)
        if self.claim.one_amount and self.policy.spread == Spread.OUT_OF_REACH_FIRST:
            return self._spread(total, rooms)
        return dict(zip(rooms, self._share(total, part.wanted.values(), rooms.values()), strict=True))

    def _each_line(
        self, wanted: Mapping[int, Decimal], rooms: Mapping[int, Decimal], rounding: Rounding
    ) -> dict[int, Decimal] | None:
        """Each amount rounded by itself; `None` when it is the whole that is rounded."""
        if self.policy.percent_rounding == PercentRounding.BY_SCOPE:
            by_line = self.promotion.scope != PromotionScope.ORDER
        else:
            by_line = self.policy.percent_rounding == PercentRounding.EACH_LINE
        if not (self.claim.each_line and by_line):
            return None
        return {
            line: _rounded(amount, rooms[line], rounding, self.policy.rounds)
            for line, amount in wanted.items()
        }

    def _share(self, total: Decimal, weights: Iterable[Decimal], rooms: Iterable[Decimal]) -> list[Decimal]:
        return share(total, list(weights), list(rooms), rounding=self._steps, remainder=self.policy.remainder)

    def _spread(self, total: Decimal, rooms: Mapping[int, Decimal]) -> dict[int, Decimal]:
        """Each tax group gives by what is left of it; inside, lines of the lowest rank give all before the next do."""
        by_tax = _by_tax(self.document, rooms)
        sizes = [added(rooms[line] for line in group) for group in by_tax]
        amounts: dict[int, Decimal] = {}
        for group, group_total in zip(by_tax, self._share(total, sizes, sizes), strict=True):
            missing = group_total
            by_rank: dict[int, list[int]] = {}
            for line in group:
                by_rank.setdefault(self.ranks.get(line, 0), []).append(line)
            for rank in sorted(by_rank):
                members = by_rank[rank]
                there = [rooms[line] for line in members]
                taken = min(missing, added(there))
                amounts |= dict(zip(members, self._share(taken, there, there), strict=True))
                missing = subtract(missing, taken)
        return amounts


def _rounded(amount: Decimal, room: Decimal, rounding: Rounding, rounds: Rounds) -> Decimal:
    """What is taken of `room`; all of it is taken exactly."""
    if amount >= room:
        return room
    if rounds == Rounds.PRICE:
        return max(ZERO, subtract(room, rounding.apply(subtract(room, amount))))
    return min(room, rounding.apply(amount))


def _down(amount: Decimal, rounding: Rounding) -> Decimal:
    return Rounding(RoundingMode.DOWN, rounding.increment).apply(amount)


def _by_tax(document: Document, lines: Iterable[int]) -> list[list[int]]:
    found: dict[tuple[Decimal, str], list[int]] = {}
    for line in lines:
        each = document.lines[line]
        found.setdefault((each.tax_percent.points, each.tax_group), []).append(line)
    return list(found.values())
