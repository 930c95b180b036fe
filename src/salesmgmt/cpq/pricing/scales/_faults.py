"""What a scale refuses when it is made."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from salesmgmt.core.errors import Problem, shorten
from salesmgmt.cpq.pricing.scales._bands import ZERO, Band
from salesmgmt.cpq.pricing.scales.policies import Basis, BeyondLast, ScaleType

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.scales.scale import Scale


def scale_faults(scale: Scale, bands: tuple[Band, ...]) -> tuple[Problem, ...]:
    """Everything that keeps tiers from being a scale, in order."""
    return (*_bounds(bands), *_overage(scale, bands), *_fields(scale), *_types(scale, bands))


def _bounds(bands: tuple[Band, ...]) -> Iterator[Problem]:
    if not bands:
        yield Problem("tiers", "missing", "no tier", "at least one")
    for before, band in pairwise(bands):
        path = f"tiers[{band.index}].lower"
        if before.upper is None:
            yield Problem(path, "missing", None, "a bound, for the tier before has no end")
        elif band.lower < before.lower:
            yield Problem(
                path, "decreasing", f"{band.lower:f}", f"at least {before.lower:f}, as tiers stand in order"
            )
    for band in bands:
        if band.upper is not None and band.upper < band.lower:
            yield Problem(
                f"tiers[{band.index}].upper", "reversed", f"{band.upper:f}", f"at least {band.lower:f}"
            )


def _overage(scale: Scale, bands: tuple[Band, ...]) -> Iterator[Problem]:
    last = bands[-1] if bands else None
    if last and scale.beyond_last is BeyondLast.OVERAGE and last.tier.overage_unit is None:
        yield Problem(
            f"tiers[{last.index}].overage_unit", "missing", None, "what a unit beyond the last tier costs"
        )


def _fields(scale: Scale) -> Iterator[Problem]:
    if scale.free_units < ZERO:
        yield Problem("free_units", "negative", f"{scale.free_units:f}", "zero or more")
    if scale.free_units and scale.scale_type is not ScaleType.PACKAGE:
        yield Problem("free_units", "misplaced", f"{scale.free_units:f}", "none, but in a scale of packages")
    if bool(scale.attribute) is not (scale.basis is Basis.ATTRIBUTE):
        found = shorten(scale.attribute) if scale.attribute else None
        yield Problem("attribute", "misplaced", found, "a name if the basis is an attribute, and only then")


def _types(scale: Scale, bands: tuple[Band, ...]) -> Iterator[Problem]:
    for band in bands:
        yield from _misfits(scale.scale_type, band)


def _misfits(scale_type: ScaleType, band: Band) -> Iterator[Problem]:
    tier, path = band.tier, f"tiers[{band.index}]"
    if scale_type is ScaleType.PACKAGE and tier.package_size is None:
        yield Problem(f"{path}.package_size", "missing", None, "a package, as the scale counts packages")
    if scale_type is not ScaleType.BLOCK:
        if tier.overage_from is not None:
            found = f"{tier.overage_from:f}"
            yield Problem(f"{path}.overage_from", "misplaced", found, "none, but in a scale of blocks")
        return
    if tier.flat_amount is None:
        yield Problem(f"{path}.flat_amount", "missing", None, "the price of the block")
    for name in ("unit_amount", "percent", "amount_off", "package_amount"):
        value = getattr(tier, name)
        if value is not None:
            yield Problem(f"{path}.{name}", "misplaced", str(value), "none, as a block costs its flat amount")
