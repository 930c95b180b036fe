"""The parts of a compensation plan."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.exact import exact
from salesmgmt.core.findings import Finding
from salesmgmt.sfe.incentives.curve import Band, BandMode, Curve


class Bounds(StrEnum):
    """What the bounds of bands are stated in.

    Attributes:
        QUOTA: shares of the quota; 1 is 100 %.
        AMOUNT: amounts in the currency of the plan.
    """

    QUOTA = "quota"
    AMOUNT = "amount"


def _amount(value: Decimal | int | str | None) -> Decimal | None:
    return None if value is None else exact(value, "an amount of a compensation plan")


@attrs.frozen(kw_only=True)
class Component:
    """One part of a compensation plan.

    Without `target_incentive` it is a commission: the rates are percentages of what was credited. With it, it pays a
    target incentive by attainment: the rates are percentages of the incentive for each part of the quota (100 % is "at
    par", 150 % an accelerator).

    Attributes:
        id: its name.
        measure: the measure of the credits that it pays on.
        bands: the rates; half-open, from 0 on, without gap or overlap.
        mode: marginal (each part at the rate of its band) or whole (all at the rate reached).
        bounds: what the bounds of the bands are stated in.
        quota: in the currency of the plan; a participant's own quota takes its place.
        target_incentive: the pay at 100 % attainment, in the currency of the plan.
        guarantee: what it pays at least, in the currency of the plan; 0 keeps returns from making the pay negative.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.sfe.incentives import Band, Component
    >>> component = Component(id="new", bands=(Band(start=0, end=1, rate=Percent(5)),))
    >>> print(next(component.lint()))
    error gap at components.new.bands[0]: nothing pays from 1 on; leave out the end of the last band; a last band may have the rate 0
    """

    id: str
    measure: str = "bookings"
    bands: tuple[Band, ...]
    mode: BandMode = BandMode.MARGINAL
    bounds: Bounds = Bounds.QUOTA
    quota: Decimal | None = attrs.field(default=None, converter=_amount)
    target_incentive: Decimal | None = attrs.field(default=None, converter=_amount)
    guarantee: Decimal | None = attrs.field(default=None, converter=_amount)

    @property
    def curve(self) -> Curve:
        """Its bands as a curve."""
        return Curve(self.bands, self.mode)

    def lint(self) -> Iterator[Finding]:
        """Find what cannot work."""
        where = f"components.{self.id}"
        yield from self.curve.lint(f"{where}.bands")
        for name in ("quota", "target_incentive"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                yield Finding(
                    code="not_positive",
                    where=f"{where}.{name}",
                    message=f"it is {value:f}",
                    hint="write more than 0",
                )
        if self.guarantee is not None and self.guarantee < 0:
            yield Finding(
                code="not_positive",
                where=f"{where}.guarantee",
                message=f"it is {self.guarantee:f}",
                hint="write 0 or more",
            )
        if self.target_incentive is not None and self.bounds is Bounds.AMOUNT:
            yield Finding(
                code="incentive_without_quota",
                where=f"{where}.bounds",
                message="a target incentive is paid by attainment, but the bounds are amounts",
                hint="state the bounds as shares of the quota",
            )
