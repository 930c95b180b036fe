"""From a claim to amounts of lines: caps, rounding, and shares that add up exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import attrs

from salesmgmt.core.allocation import allocate
from salesmgmt.core.exact import add, subtract
from salesmgmt.core.money import Money
from salesmgmt.core.rounding import Rounding, RoundingMode
from salesmgmt.cpq.pricing.promotions._claim import Claim, converted
from salesmgmt.cpq.pricing.promotions._document import ZERO, Document, added, plain
from salesmgmt.cpq.pricing.promotions.policy import (
    CapPer,
    PercentRounding,
    PromotionPolicy,
    Rounds,
    ShareRounding,
    Spread,
)
from salesmgmt.cpq.pricing.promotions.promotion import Promotion, PromotionScope
from salesmgmt.cpq.pricing.sharing.distribution import RemainderTo

_TOWARDS_ZERO_OR_NOT = {RoundingMode.CEILING: RoundingMode.UP, RoundingMode.FLOOR: RoundingMode.DOWN}
"""What the roundings without a mirror image are for shares, which are never below zero."""


def share(
    total: Decimal,
    weights: Sequence[Decimal],
    rooms: Sequence[Decimal],
    *,
    rounding: Rounding,
    mode: RoundingMode = RoundingMode.DOWN,
    remainder: RemainderTo = RemainderTo.LARGEST_FRACTION,
) -> list[Decimal]:
    """Share a total out by weights, nobody getting less than nothing or more than there is room for.

    The parts are rounded by `mode` to the steps of `rounding`, and add up to the total.

    The total is no more than all rooms together.
    """
    if not total:
        return [ZERO] * len(weights)
    if total == added(rooms):
        return list(rooms)
    shares = list(allocate(total, weights, unit=rounding.increment, rounding=mode, remainder=remainder.value))
    over = ZERO
    for index, room in enumerate(rooms):
        within = min(max(shares[index], ZERO), room)
        over = add(over, subtract(shares[index], within))
        shares[index] = within
    for index, room in enumerate(rooms):
        if not over:
            break
        # Parts below zero are what others have too much.
        part = (
            min(over, subtract(room, shares[index])) if over > 0 else max(over, shares[index].copy_negate())
        )
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

    @property
    def cap(self) -> Decimal | None:
        """The most that the promotion may take of all lines together, in the basis of the document."""
        if self.promotion.max_discount is None or self.policy.cap_per != CapPer.PROMOTION:
            return None
        return self._in_basis(self.promotion.max_discount, self.claim.amounts)

    def _in_basis(self, cap: Money, shares: dict[int, Decimal]) -> Decimal:
        stated = getattr(self.promotion.benefit, "amount_is", None)
        return converted(self.document, cap, stated, shares)

    def _parts(self) -> list[_Part]:
        claim, cap = self.claim, self.promotion.max_discount
        if cap is None or self.policy.cap_per == CapPer.PROMOTION:
            return [_Part(claim.amounts, claim.total, self.cap)]
        groups = [
            {line: claim.amounts[line] for line in group} for group in _by_tax(self.document, claim.amounts)
        ]
        sizes = [added(wanted.values()) for wanted in groups]
        whole = min(claim.total, added(sizes))
        totals = share(whole, sizes, sizes, rounding=self.document.finest) if groups else []
        return [
            _Part(wanted, total, self._in_basis(cap, wanted))
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
        weights = part.wanted
        if self.policy.shared_by is not None:
            weights = {
                line: self.document.amount_in(self.policy.shared_by, line, weight)
                for line, weight in part.wanted.items()
            }
        return dict(zip(rooms, self._share(total, weights.values(), rooms.values()), strict=True))

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
        mode = RoundingMode.DOWN
        if self.policy.share_rounding == ShareRounding.AS_AMOUNTS:
            mode = _TOWARDS_ZERO_OR_NOT.get(self._steps.mode, self._steps.mode)
        return share(
            total,
            list(weights),
            list(rooms),
            rounding=self._steps,
            mode=mode,
            remainder=self.policy.remainder,
        )

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


def followed(
    settled: Settled,
    settling: Settling,
    *,
    document: Document,
    rounding: Rounding,
    most: Decimal,
) -> Settled:
    """What is taken of rounded amounts when so much is taken of the exact ones, so that what is left of both agrees.

    Args:
        settled: what each line gives of the exact amounts.
        settling: how that was settled; an amount, a cap and a budget are kept as they are stated.
        document: with rounded amounts, before.
        rounding: of amounts.
        most: what may be taken of the rounded amounts.
    """
    claim, promotion, exact = settling.claim, settling.promotion, settling.document
    rooms = {line: document.left[line] for line in settled.amounts}
    wanted = {
        line: max(ZERO, subtract(rooms[line], subtract(exact.left[line], amount)))
        for line, amount in settled.amounts.items()
    }
    room, total = added(rooms.values()), added(wanted.values())
    cap = settling.cap
    limit = most if cap is None else min(most, cap)
    if total < room:
        if claim.one_amount or settled.cut or cap is not None or promotion.budget is not None:
            total = settled.total
        total = min(room, rounding.apply(total))
    if total > limit:
        total = max(ZERO, limit if limit == room else _down(limit, rounding))
    parts = share(total, list(wanted.values()), list(rooms.values()), rounding=rounding)
    amounts = dict(zip(rooms, parts, strict=True))
    return Settled({line: amount for line, amount in amounts.items() if amount}, settled.cut)


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
