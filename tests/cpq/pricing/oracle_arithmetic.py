"""Roundings, shares, scales and exclusions in fractions, written from their documentation, for the oracle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

F = Fraction


def decided(group: Any, waiting: Sequence[tuple[Any, Any, F]]) -> list[bool]:
    """Which of the conditions of a group stay."""
    everybody = range(len(waiting))
    rivals = [at for at in everybody if waiting[at][2] or group.zero_takes_part]
    left = [at for at in rivals if waiting[at][0].id in group.members]
    right = [at for at in rivals if at not in left]

    def change(at: int) -> F:
        return waiting[at][2]

    def top(rivals: Sequence[int]) -> set[int]:
        if not rivals:
            return set()
        ranks = [waiting[at][1].priority for at in rivals]
        return {rivals[max(range(len(ranks)), key=lambda at: (ranks[at] is not None, ranks[at] or 0, -at))]}

    def of_types(pick: Callable[..., int]) -> set[int]:
        types = {waiting[at][0].id for at in rivals}
        return {pick([at for at in rivals if waiting[at][0].id == name], key=change) for name in types}

    def total(side: Sequence[int]) -> F:
        return sum((change(at) for at in side), F(0))

    both = bool(left) and bool(right)
    stays: set[int] = {
        "best_in_group": lambda: {min(rivals, key=change)} if rivals else set(),
        "least_in_group": lambda: {max(rivals, key=change)} if rivals else set(),
        "best_record_of_type": lambda: of_types(min),
        "least_record_of_type": lambda: of_types(max),
        "best_of_two_groups": lambda: (
            set(left if total(left) <= total(right) else right) if both else set(rivals)
        ),
        "least_of_two_groups": lambda: (
            set(left if total(left) >= total(right) else right) if both else set(rivals)
        ),
        "first_excludes_second": lambda: set(left or right),
        "highest_priority": lambda: top(rivals),
        "combine_all_or_top": lambda: (
            set(rivals) if all(waiting[at][1].combinable for at in rivals) else top(rivals)
        ),
    }[group.procedure.value]()
    return [at in stays or at not in rivals for at in everybody]


def rounded(value: F, increment: F, mode: str, ending: F | None = None) -> F:
    """The neighbour that a mode takes among the multiples of an increment, or the price points with an ending."""
    if value < 0:
        mirrored = {"ceiling": "floor", "floor": "ceiling"}.get(mode, mode)
        return -rounded(-value, increment, mirrored, ending)
    if ending is None:
        low = floor(value / increment) * increment
        high = ceil(value / increment) * increment
        odd = (low / increment) % 2 == 1
    elif value < ending:
        low, high, odd = F(0), ending, False
        if not value:
            return value
    else:
        low = floor((value - ending) / increment) * increment + ending
        high = ceil((value - ending) / increment) * increment + ending
        odd = ((low - ending) / increment) % 2 == 1
    down, up = value - low, high - value
    if mode in ("up", "ceiling"):
        return high
    if mode in ("down", "floor"):
        return low
    if down == up:
        return high if mode == "half_up" or (mode == "half_even" and odd) else low
    return low if down < up else high


def shared(  # noqa: PLR0917 - as the policies list them
    size: F, weights: Sequence[F], unit: F, room: Sequence[F] | None, rounding: str, remainder: str, tie: str
) -> list[F]:
    """Share an amount by weights in whole units, no part beyond its room."""
    claims = list(weights) if any(weights) else [F(1)] * len(weights)
    parts = _split(size, claims, unit, rounding, remainder, tie)
    if room is not None and any(part > most for part, most in zip(parts, room, strict=True)):
        parts = _poured(size, claims, unit, room, rounding, remainder, tie)
    kept = [max(part, F(0)) for part in parts]
    if room is not None:
        kept = [min(part, most) for part, most in zip(kept, room, strict=True)]
    left = size - sum(kept, F(0))
    for at in _in_turn(weights, remainder, tie):
        change = (
            max(left, -kept[at]) if left < 0 else left if room is None else min(left, room[at] - kept[at])
        )
        kept[at], left = kept[at] + change, left - change
    return kept


def _split(size: F, claims: Sequence[F], unit: F, rounding: str, remainder: str, tie: str) -> list[F]:  # noqa: PLR0917 - as the policies list them
    whole = sum(claims, F(0))
    exact = [size * claim / whole for claim in claims]
    if remainder == "largest_fraction":
        parts = [floor(part / unit) * unit for part in exact]
        order = sorted(
            range(len(claims)), key=lambda at: (parts[at] - exact[at], -at if tie == "last" else at)
        )
        left = size - sum(parts, F(0))
        for at in order:
            step = min(unit, left)
            parts[at], left = parts[at] + step, left - step
        return parts
    parts = [rounded(part, unit, rounding) for part in exact]
    places = [at for at, claim in enumerate(claims) if claim]
    if remainder == "largest_part":
        places = [at for at in places if claims[at] == max(claims)]
        place = places[-1] if tie == "last" else places[0]
    else:
        place = places[-1] if remainder == "last" else places[0]
    parts[place] += size - sum(parts, F(0))
    return parts


def _poured(  # noqa: PLR0917 - as the policies list them
    size: F, claims: Sequence[F], unit: F, room: Sequence[F], rounding: str, remainder: str, tie: str
) -> list[F]:
    """Fill the lines whose exact share exceeds their room, until the rest fits by its claims."""
    parts = [F(0)] * len(claims)
    open_ = [at for at, claim in enumerate(claims) if claim]
    left = size
    while open_:
        whole = sum((claims[at] for at in open_), F(0))
        tightest = min(open_, key=lambda at: room[at] / claims[at])
        if room[tightest] > left * claims[tightest] / whole:
            break
        parts[tightest] = room[tightest]
        left -= room[tightest]
        open_.remove(tightest)
    by = claims
    if not open_:
        open_, by = [at for at, claim in enumerate(claims) if not claim], room
    if left:
        rest = _split(left, [by[at] for at in open_], unit, rounding, remainder, tie)
        for at, part in zip(open_, rest, strict=True):
            parts[at] = part
    return parts


def _in_turn(weights: Sequence[F], remainder: str, tie: str) -> list[int]:
    places = list(range(len(weights)))
    if remainder == "first":
        return sorted(places, key=lambda at: not weights[at])
    if remainder == "last":
        return sorted(places, key=lambda at: (not weights[at], -at))
    return sorted(reversed(places) if tie == "last" else places, key=lambda at: -weights[at])


def scale_charge(scale: Any, units: F, own: F, reached: F, price: F | None) -> F | None:  # noqa: C901 - one branch for each case of the documentation
    """What units cost by a scale whose tiers follow each other without a gap; `None` where it has no price."""
    bounds = [F(tier.lower or 0) for tier in scale.tiers]
    ends: list[F | None] = [*bounds[1:], None]
    last = scale.tiers[-1].upper
    if last is not None and scale.beyond_last.value != "last_tier":
        ends[-1] = F(last)

    def unit_price(tier: Any) -> F:
        if tier.unit_amount is not None:
            return F(tier.unit_amount)
        if tier.percent is not None:
            return (price or F(0)) * (1 - F(tier.percent.points) / 100)
        return (price or F(0)) - F(tier.amount_off) if tier.amount_off is not None else F(0)

    if scale.scale_type.value == "graduated":
        begin = reached - own if scale.standing.value == "on_top" else F(0)
        if ends[-1] is not None and reached > ends[-1]:
            return None
        by_units = once = F(0)
        for tier, low, end in zip(scale.tiers, bounds, ends, strict=True):
            inside = (reached if end is None else min(reached, end)) - max(begin, low)
            if inside > 0:
                by_units += unit_price(tier) * inside
                once += F(tier.flat_amount or 0) if low >= begin else 0
        width = own if scale.standing.value == "on_top" else reached
        return (by_units + once) * units / width
    for tier, low, end in zip(scale.tiers, bounds, ends, strict=True):
        if scale.boundary.value == "upper_inclusive":
            holds = low < reached and (end is None or reached <= end)
        else:
            holds = low <= reached and (end is None or reached < end)
        if not holds:
            continue
        once = F(tier.flat_amount or 0) * (own / reached if reached else 1)
        if scale.scale_type.value == "package":
            packages = units / F(tier.package_size)
            whole: Callable[[F], int | F] = {"full": ceil, "none": floor}.get(scale.partial_package.value, F)
            packages = F(whole(packages))
            return packages * F(tier.package_amount) + once
        return unit_price(tier) * units + once
    return None


def is_short(value: F) -> bool:
    """Whether 34 digits hold a number exactly."""
    denominator = value.denominator
    places = 0
    for prime in (2, 5):
        count = 0
        while not denominator % prime:
            denominator //= prime
            count += 1
        places = max(places, count)
    return denominator == 1 and abs(value.numerator) * 10**places < value.denominator * 10**34


def near(amount: Decimal, wanted: F) -> bool:
    """Whether an amount is the wanted one, but for digits beyond the twentieth decimal."""
    return abs(F(amount) - wanted) < F(1, 10**18)
