"""Demand that is mostly nothing: spare parts, large projects, rare products."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

import attrs

from salesmgmt.core.errors import option
from salesmgmt.engines.series.forecaster import Fitted
from salesmgmt.engines.series.history import require_share, require_steps, values_of
from salesmgmt.engines.series.line import Repeated
from salesmgmt.engines.statistics import NoFit, NoFitReason


class CrostonVariant(StrEnum):
    """What is forecast from the size of a demand and the interval between two.

    >>> from salesmgmt.engines.series import CrostonVariant
    >>> CrostonVariant("sba").name
    'SBA'
    """

    CLASSIC = "classic"
    """Size by interval (Croston 1972, Operational Research Quarterly 23); on average too high."""
    SBA = "sba"
    """That times 1 - alpha / 2, which takes most of the bias away (Syntetos & Boylan 2005, International Journal of Forecasting 21)."""


def _variant(given: CrostonVariant | str) -> CrostonVariant:
    return option(CrostonVariant, given, "the variant")


def _alpha(_: object, field: attrs.Attribute[float], share: float) -> None:
    require_share(share, field.name)


@attrs.frozen(kw_only=True)
class CrostonFit:
    """What Croston's method has learnt.

    Attributes:
        demand: the smoothed size of a demand.
        interval: the smoothed number of steps from one demand to the next.
        rate: the forecast of each step.

    >>> from salesmgmt.engines.series import Croston
    >>> fitted = Croston(alpha=0.5).fit([0, 4, 0, 0, 0, 6])
    >>> fitted.demand, fitted.interval
    (5.0, 3.0)
    """

    demand: float
    interval: float
    rate: float

    def predict(self, horizon: int) -> tuple[float, ...]:
        """Return the next `horizon` values, all the same.

        >>> from salesmgmt.engines.series import Croston
        >>> Croston().fit([2, 0]).predict(2)
        (2.0, 2.0)
        """
        return Repeated((self.rate,)).predict(horizon)


@attrs.frozen
class Croston:
    """Sizes of demands and intervals between them, smoothed apart and only when there is a demand.

    Croston (1972); the levels start at the first demand and the number of steps up to it.

    Attributes:
        variant: the classic rate, or the one corrected by Syntetos & Boylan.
        alpha: how much of an error size and interval take over, above 0 and at most 1.

    >>> from salesmgmt.engines.series import Croston
    >>> Croston("sba", alpha=0.2).fit([0, 4, 0, 4]).predict(1)
    (1.8,)
    """

    variant: CrostonVariant = attrs.field(default=CrostonVariant.CLASSIC, converter=_variant)
    alpha: float = attrs.field(default=0.1, validator=_alpha, kw_only=True)
    complexity: ClassVar[int] = 2

    @property
    def name(self) -> str:
        """`Croston`, or `Croston SBA`."""
        return "Croston" if self.variant is CrostonVariant.CLASSIC else "Croston SBA"

    def fit(self, history: Sequence[float], *, season: int = 1) -> CrostonFit | NoFit:
        """Smooth sizes and intervals; there must be a demand, and no negative one. The season changes nothing.

        >>> from salesmgmt.engines.series import Croston
        >>> print(Croston().fit([0, 0]))
        no fit (too_few): found no demand above zero, wanted at least one
        """
        values = values_of(history)
        require_steps(season, "season")
        if refused := _refusal(values):
            return refused
        demand = interval = 0.0
        since = 0
        for value in values:
            since += 1
            if not value:
                continue
            demand = demand + self.alpha * (value - demand) if demand else value
            interval = interval + self.alpha * (since - interval) if interval else float(since)
            since = 0
        factor = 1.0 if self.variant is CrostonVariant.CLASSIC else 1 - self.alpha / 2
        return CrostonFit(demand=demand, interval=interval, rate=factor * demand / interval)


@attrs.frozen(kw_only=True)
class TSB:
    """Sizes of demands and the probability of one, which falls in every step without.

    Teunter, Syntetos & Babai (2011), European Journal of Operational Research 214: unlike Croston's, the forecast of an item
    that is no longer sold goes to zero. Size and probability start at the first demand and at one by the steps up to it.

    Attributes:
        alpha: how much of an error the size takes over, above 0 and at most 1.
        beta: how much of it the probability takes over.

    >>> from salesmgmt.engines.series import TSB
    >>> TSB(alpha=0.5, beta=0.5).fit([4, 0, 0]).predict(1)
    (1.0,)
    """

    alpha: float = attrs.field(default=0.1, validator=_alpha)
    beta: float = attrs.field(default=0.1, validator=_alpha)
    name: ClassVar[str] = "TSB"
    complexity: ClassVar[int] = 2

    def fit(self, history: Sequence[float], *, season: int = 1) -> Fitted | NoFit:
        """Smooth sizes and probability; there must be a demand, and no negative one. The season changes nothing.

        >>> from salesmgmt.engines.series import TSB
        >>> TSB().fit([3, -1]).reason.value
        'not_positive'
        """
        values = values_of(history)
        require_steps(season, "season")
        if refused := _refusal(values):
            return refused
        first = next(place for place, value in enumerate(values) if value)
        demand, probability = values[first], 1 / (first + 1)
        for value in values[first + 1 :]:
            probability += self.beta * ((value > 0) - probability)
            if value:
                demand += self.alpha * (value - demand)
        return Repeated((probability * demand,))


def _refusal(values: Sequence[float]) -> NoFit | None:
    if values and min(values) < 0:
        found = f"{min(values):g}"
        return NoFit(reason=NoFitReason.NOT_POSITIVE, n=len(values), found=found, wanted="no negative demand")
    if not any(values):
        found = "no demand above zero"
        return NoFit(reason=NoFitReason.TOO_FEW, n=len(values), found=found, wanted="at least one")
    return None
