"""Pay curves: bands of rates over what was reached."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.exact import add, exact, multiply, subtract
from salesmgmt.core.findings import Finding
from salesmgmt.core.percent import Percent

_ZERO = Decimal(0)


class BandMode(StrEnum):
    """How bands pay.

    Attributes:
        MARGINAL: each part of what was reached is paid at the rate of its own band.
        WHOLE: all of it is paid at the rate of the band that was reached (retroactive to the first unit).
    """

    MARGINAL = "marginal"
    WHOLE = "whole"


def _bound(value: Decimal | int | str | None) -> Decimal | None:
    return None if value is None else exact(value, "the end of a band")


@attrs.frozen(kw_only=True)
class Band:
    """A rate from `start` up to, but not including, `end`.

    Attributes:
        start: where it begins, inclusive: a share of the quota (1 for 100 %), or an amount when there is no quota.
        end: where the next one begins; `None` for no end.
        rate: what is paid on what falls into it.
        retroactive: once it is reached, its rate holds from the first unit on.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.sfe.incentives import Band
    >>> print(Band(start=0, end="0.5", rate=Percent(5)))
    0 to 0.5
    """

    start: Decimal = attrs.field(converter=exact)
    end: Decimal | None = attrs.field(default=None, converter=_bound)
    rate: Percent
    retroactive: bool = False

    def __str__(self) -> str:
        return f"{self.start:f} and more" if self.end is None else f"{self.start:f} to {self.end:f}"


@attrs.frozen
class Slice:
    """A part of what was reached, with the band that pays it.

    Attributes:
        band: the band.
        start: where it begins; `None` below the first unit (returns beyond all sales).
        end: where it ends; `None` for no end.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.sfe.incentives import Band, Slice
    >>> Slice(Band(start=0, end=10, rate=Percent(5)), Decimal(0), Decimal(10)).within(Decimal(4), Decimal(30))
    Decimal('6')
    """

    band: Band
    start: Decimal | None
    end: Decimal | None

    def within(self, low: Decimal, high: Decimal) -> Decimal:
        """Return how much of the way from `low` to `high` lies in it."""
        first = low if self.start is None else max(low, self.start)
        last = high if self.end is None else min(high, self.end)
        return subtract(last, first) if last > first else _ZERO


@attrs.frozen
class Curve:
    """Bands in order, and how they pay.

    Attributes:
        bands: from zero upwards, each beginning where the one before ends.
        mode: marginal or whole.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.sfe.incentives import Band, Curve
    >>> bands = (
    ...     Band(start=0, end=1, rate=Percent(100)),
    ...     Band(start=1, end="1.3", rate=Percent(150)),
    ...     Band(start="1.3", rate=Percent(200)),
    ... )
    >>> Curve(bands).yields(Decimal("1.3")), Curve(bands, "whole").yields(Decimal("1.3"))
    (Decimal('1.450'), Decimal('2.600'))
    """

    bands: tuple[Band, ...]
    mode: BandMode = attrs.field(default=BandMode.MARGINAL, converter=BandMode)

    def lint(self, where: str = "bands") -> tuple[Finding, ...]:
        """Find gaps, overlaps and reversed bounds; bands are half-open, so that no amount is in two or in none."""
        return tuple(_lint(self.bands, where))

    def reached(self, total: Decimal) -> Band:
        """Return the band that a total is in; below zero it is the first."""
        return next((band for band in reversed(self.bands) if band.start <= total), self.bands[0])

    def slices(self, total: Decimal) -> tuple[Slice, ...]:
        """Cut the number line into parts, each with the band that pays it once `total` is reached.

        Args:
            total: what was reached, in the unit of the bounds.
        """
        if self.mode is BandMode.WHOLE:
            return (Slice(self.reached(total), None, None),)
        retroactive = [
            place for place, band in enumerate(self.bands) if band.retroactive and band.start <= total
        ]
        base = retroactive[-1] if retroactive else 0
        first = Slice(self.bands[base], None, self.bands[base].end)
        return (first, *(Slice(band, band.start, band.end) for band in self.bands[base + 1 :]))

    def yields(self, total: Decimal) -> Decimal:
        """Return the sum of rate x part over what was reached.

        Args:
            total: what was reached, in the unit of the bounds; below zero the first rate is taken back.
        """
        result = _ZERO
        for part in self.slices(total):
            share = part.within(_ZERO, total) if total >= 0 else part.within(total, _ZERO).copy_negate()
            result = add(result, multiply(share, part.band.rate.ratio))
        return result


def _lint(bands: tuple[Band, ...], where: str) -> Iterator[Finding]:
    if not bands:
        yield Finding(code="no_bands", where=where, message="there is no band", hint="write at least one")
        return
    at: Decimal | None = _ZERO
    for place, band in enumerate(bands):
        here = f"{where}[{place}]"
        if band.end is not None and band.end <= band.start:
            yield Finding(
                code="reversed_bounds",
                where=here,
                message=f"it ends at {band.end:f} and starts at {band.start:f}",
                hint="let it end above its start",
            )
        if at is None or band.start < at:
            yield Finding(
                code="overlap",
                where=here,
                message=f"it starts at {band.start:f}, inside the band before",
                hint="start it where the band before ends",
            )
        elif band.start > at:
            yield Finding(
                code="gap",
                where=here,
                message=f"nothing pays from {at:f} to {band.start:f}",
                hint="start it where the band before ends, the first at 0; a band may have the rate 0",
            )
        if band.rate.points < 0:
            yield Finding(
                code="negative_rate", where=here, message=f"the rate is {band.rate}", hint="write 0 or more"
            )
        at = band.end
    if at is not None:
        yield Finding(
            code="gap",
            where=f"{where}[{len(bands) - 1}]",
            message=f"nothing pays from {at:f} on",
            hint="leave out the end of the last band; a last band may have the rate 0",
        )
