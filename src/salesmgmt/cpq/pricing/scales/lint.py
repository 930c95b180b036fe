"""What can be wrong with a quantity scale that could be made.

Errors: `tier_overlap`, `unreachable_tier`, `uncovered_start` (a graduated scale without its first units prices nothing),
`percent_too_large`. Warnings: `tier_gap`, `falling_total` (a larger quantity costs less in all), `negative_amount`,
`overage_without_end`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from salesmgmt.core.exact import Number, add
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.scales._bands import ONE, ZERO, Band
from salesmgmt.cpq.pricing.scales.policies import BeyondLast, Boundary, ScaleType, Uncovered
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier

_ALL = Percent(100)
_AMOUNTS = ("unit_amount", "flat_amount", "package_amount", "overage_unit")


def lint_scale(
    scale: Scale, *, where: str = "", list_price: Number | None = None, step: Number = ONE
) -> tuple[Finding, ...]:
    """Find what is wrong with a scale.

    Args:
        scale: the scale.
        where: what its place is called in findings; the id of the scale by default.
        list_price: of a unit, to work out totals. Without it, percentages are taken off a price of 100, and totals of a
            scale with an `amount_off` are not looked at.
        step: in which steps the quantity is sold.

    >>> from salesmgmt.cpq.pricing.scales.scale import Scale
    >>> from salesmgmt.cpq.pricing.scales.lint import lint_scale
    >>> from salesmgmt.cpq.pricing.scales.tier import Tier
    >>> scale = Scale(id="dock", tiers=[Tier(upper=10, unit_amount=7), Tier(lower=12, upper=50, unit_amount=6)])
    >>> print(*lint_scale(scale))
    warning tier_gap at dock.tiers[1]: no tier holds from 10 to below 12; let the tiers meet
    """
    place = where or scale.id or "scale"
    return (
        *_seams(scale, place),
        *_reach(scale, place),
        *_values(scale, place),
        *_overage(scale, place),
        *_totals(scale, place, list_price, step),
    )


def _seams(scale: Scale, place: str) -> Iterator[Finding]:
    gap = ONE if scale.boundary is Boundary.BOTH_INCLUSIVE else ZERO
    for first, second in pairwise(scale.bands):
        if first.upper is None or first.lower == second.lower:
            continue  # refused when the scale was made, or found as unreachable
        where = f"{place}.tiers[{second.index}]"
        meets = add(first.upper, gap)
        if meets > second.lower:
            yield Finding(
                code="tier_overlap",
                where=where,
                message=f"it begins at {second.lower:f}, before the tier before it ends at {first.upper:f}",
                hint="let the tiers meet",
            )
        elif meets < second.lower:
            yield Finding(
                code="tier_gap",
                where=where,
                message=f"no tier holds {_hole(scale, first, second)}",
                hint="let the tiers meet",
                severity=Severity.WARNING,
            )


def _hole(scale: Scale, first: Band, second: Band) -> str:
    start = "from" if scale.boundary is Boundary.LOWER_INCLUSIVE else "more than"
    end = "up to" if scale.boundary is Boundary.UPPER_INCLUSIVE else "to below"
    return f"{start} {first.upper:f} {end} {second.lower:f}"


def _reach(scale: Scale, place: str) -> Iterator[Finding]:
    begins = {following.lower for following in scale.bands[1:]}
    for band, following in zip(scale.bands, (*scale.bands[1:], None), strict=True):
        if scale.scale_type is ScaleType.GRADUATED:
            is_empty = band.start == band.end
        else:
            is_empty = band.upper == band.lower and scale.boundary is not Boundary.BOTH_INCLUSIVE
        if is_empty or (following is not None and following.lower == band.lower):
            yield Finding(
                code="unreachable_tier",
                where=f"{place}.tiers[{band.index}]",
                message=f"no quantity is in it: it would hold {scale.bounds(band)}"
                + (", as does the tier after it" if band.lower in begins and not is_empty else ""),
                hint="correct its bounds, or drop it",
            )
    first = scale.bands[0]
    if (
        scale.scale_type is ScaleType.GRADUATED
        and first.start > ZERO
        and scale.uncovered is Uncovered.NO_PRICE
    ):
        yield Finding(
            code="uncovered_start",
            where=f"{place}.tiers[0]",
            message=f"the first {first.start:f} of every quantity are in no tier, so nothing has a price",
            hint="let it begin at 0; or count 'units' if 1 stands for the first unit",
        )


def _values(scale: Scale, place: str) -> Iterator[Finding]:
    for index, tier in enumerate(scale.tiers):
        where = f"{place}.tiers[{index}]"
        if tier.percent is not None and tier.percent > _ALL:
            yield Finding(
                code="percent_too_large",
                where=where,
                message=f"{tier.percent} are taken off",
                hint="take off at most 100%",
            )
        for name, amount in _amounts(tier):
            yield Finding(
                code="negative_amount",
                where=f"{where}.{name}",
                message=f"the amount is {amount:f}",
                hint="write zero or more, unless the scale is meant to give money back",
                severity=Severity.WARNING,
            )


def _amounts(tier: Tier) -> Iterator[tuple[str, Decimal]]:
    for name in _AMOUNTS:
        amount: Decimal | None = getattr(tier, name)
        if amount is not None and amount < ZERO:
            yield name, amount


def _overage(scale: Scale, place: str) -> Iterator[Finding]:
    last = scale.bands[-1]
    if scale.beyond_last is BeyondLast.OVERAGE and last.upper is None:
        yield Finding(
            code="overage_without_end",
            where=f"{place}.tiers[{last.index}]",
            message="overage is charged beyond the last tier, which has no end",
            hint="give the last tier an upper bound",
            severity=Severity.WARNING,
        )


def _totals(scale: Scale, place: str, list_price: Number | None, step: Number) -> Iterator[Finding]:
    price: Number | None = list_price
    if price is None and any(tier.percent is not None for tier in scale.tiers):
        price = 100
    if list_price is None and any(tier.amount_off is not None for tier in scale.tiers):
        return
    at = "" if price is None else f" at a list price of {price}"
    for cliff in scale.cliffs(list_price=price, step=step):
        yield Finding(
            code="falling_total",
            where=place,
            message=f"the total falls{at}: {cliff}",
            hint="that may be meant; graduated tiers never do it",
            severity=Severity.WARNING,
        )
