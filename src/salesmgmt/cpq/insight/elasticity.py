"""How strongly customers answer to a price."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from math import log

import attrs

from salesmgmt.core.errors import option
from salesmgmt.core.exact import WIDE
from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.insight.closed_line import ClosedLine
from salesmgmt.cpq.insight.warning import warning_of
from salesmgmt.cpq.insight.win_curve import fit_win_curve
from salesmgmt.engines.statistics import NoFit, NoFitReason, fit_line
from salesmgmt.engines.statistics.interval import NINETY_FIVE, Interval, interval_of, measured_of, share_of


class ElasticityMethod(StrEnum):
    """What answers to the price.

    >>> from salesmgmt.cpq.insight import ElasticityMethod
    >>> ElasticityMethod("demand").name
    'DEMAND'
    """

    WIN = "win"
    """The chance to win a line: logistic regression on net by list, over won and lost lines."""
    DEMAND = "demand"
    """The quantity of won lines: regression of its logarithm on that of the net price of a unit, the same at every price."""


@attrs.frozen(kw_only=True)
class Elasticity:
    """By how many percent wins or quantities change when the price rises by one percent.

    Attributes:
        method: what answers to the price.
        value: the elasticity; -2 loses two percent for one.
        interval: of the value: Student's for quantities, the delta method for wins.
        p_value: how often chance alone makes as strong an answer, 0 to 1, two-sided.
        at: the price, as a share of list, for which it holds; `every_price` when it is the same everywhere.
        n: how many lines it is drawn from.
    """

    method: ElasticityMethod
    value: Measured[Decimal]
    interval: Measured[Interval]
    p_value: Measured[Decimal]
    at: Measured[Decimal]
    n: int


def price_elasticity(
    lines: Iterable[ClosedLine],
    *,
    method: ElasticityMethod | str | None = None,
    at: Decimal | None = None,
    confidence: Percent = NINETY_FIVE,
    fewest: int = 10,
) -> Elasticity:
    """Estimate the price elasticity of one product.

    It says what went together, not what caused what: where larger quantities get deeper discounts by a rule, demand looks
    more elastic than it is.

    Args:
        lines: of one product and segment, as `group_lines` gives them.
        method: what should answer to the price; `None` for wins when there are won and lost lines, else for demand.
        at: the price for which the elasticity of wins is wanted, as a share of list; `None` for the median of all offers.
        confidence: of the interval.
        fewest: with fewer lines (for wins: won, or lost) everything is flagged `few_lines`.

    Returns:
        The elasticity; undefined for wins as `fit_win_curve` says, for demand when there are `no_lines`, `too_few` (less than
        three with a price), `several_products`, `several_currencies`, `one_price`, `one_quantity`, or numbers `out_of_range`.
        Points that lie on a curve exactly have an elasticity, and an interval flagged `no_spread`.

    Raises:
        UnknownOption: there is no such method.
        InvalidInput: the confidence is none.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.insight import ClosedLine, price_elasticity
    >>> sales = [(10, 100), (10, 90), (20, 26), (20, 24), (40, 6), (40, 7)]
    >>> lines = [ClosedLine(product="dock", quantity=quantity, list_amount=Money(50 * quantity, "EUR"),
    ...                     net_amount=Money(price * quantity, "EUR"), won=True, on=date(2026, 3, 2)) for price, quantity in sales]
    >>> found = price_elasticity(lines)
    >>> found.method.value, round(found.value.value, 2), found.value.flag
    ('demand', Decimal('-1.94'), 'few_lines')
    """
    every = tuple(lines)
    share_of(confidence)
    if method is None:
        outcomes = {line.won for line in every if line.price_ratio is not None}
        chosen = ElasticityMethod.WIN if len(outcomes) == 2 else ElasticityMethod.DEMAND
    else:
        chosen = option(ElasticityMethod, method, "the method of an elasticity")
    if chosen is ElasticityMethod.WIN:
        return _of_wins(every, at, confidence, fewest)
    return _of_demand([line for line in every if line.won], confidence, fewest)


def _of_wins(lines: Sequence[ClosedLine], at: Decimal | None, confidence: Percent, fewest: int) -> Elasticity:
    found = fit_win_curve(lines, confidence=confidence, fewest=fewest)
    curve = found.value
    if curve is None:
        return _undefined(ElasticityMethod.WIN, found.flag or "", found.n)
    place = curve.median if at is None else at
    return Elasticity(
        method=ElasticityMethod.WIN,
        value=curve.elasticity(place),
        interval=curve.elasticity_interval(place),
        p_value=curve.slope_p,
        at=Measured(place, n=curve.n),
        n=curve.n,
    )


def _of_demand(lines: Sequence[ClosedLine], confidence: Percent, fewest: int) -> Elasticity:
    priced = [line for line in lines if line.net_amount.amount > 0]
    refused = _why_not(priced)
    if refused:
        return _undefined(ElasticityMethod.DEMAND, refused, len(priced))
    n = len(priced)
    quantities = [log(line.quantity) for line in priced]
    # Divided exactly before the logarithm is taken, so that equal prices stay equal; widely, so that no quotient is too large.
    prices = [log(WIDE.divide(line.net_amount.amount, line.quantity)) for line in priced]
    fit = fit_line(prices, quantities)
    if isinstance(fit, NoFit):
        reason = "one_price" if fit.reason is NoFitReason.ONE_X else fit.reason.value
        return _undefined(ElasticityMethod.DEMAND, reason, n)
    flag = warning_of(priced, n, fewest)
    exactly: Measured[Interval] = Measured(None, "no_spread", n=n)
    return Elasticity(
        method=ElasticityMethod.DEMAND,
        value=measured_of(fit.slope, flag, n),
        interval=exactly
        if fit.is_exact
        else interval_of(fit.slope_interval(share_of(confidence)), confidence, flag, n),
        p_value=Measured(None, "no_spread", n=n) if fit.is_exact else measured_of(fit.slope_p, flag, n),
        at=Measured(None, "every_price", n=n),
        n=n,
    )


def _why_not(lines: Sequence[ClosedLine]) -> str | None:
    """Why the quantities of these lines cannot be compared with their prices; `None` when they can."""
    if not lines:
        return "no_lines"
    if len({line.product for line in lines}) > 1:
        return "several_products"
    if len({line.currency for line in lines}) > 1:
        return "several_currencies"
    if len(lines) >= 3 and len({line.quantity for line in lines}) == 1:
        return "one_quantity"
    return None


def _undefined(method: ElasticityMethod, reason: str, n: int) -> Elasticity:
    nothing: Measured[Decimal] = Measured(None, reason, n=n)
    return Elasticity(
        method=method, value=nothing, interval=Measured(None, reason, n=n), p_value=nothing, at=nothing, n=n
    )
