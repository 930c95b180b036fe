"""Which price promises most."""

from __future__ import annotations

from decimal import Decimal

import attrs

from salesmgmt.core.measured import Measured
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.rounding import Rounding, RoundingMode
from salesmgmt.cpq.insight.suggestion import (
    NoSuggestion,
    NoSuggestionReason,
    PriceLimit,
    PriceSuggestion,
    shown,
)
from salesmgmt.cpq.insight.win_curve import WinCurve
from salesmgmt.engines.statistics import LogisticFit
from salesmgmt.engines.statistics.interval import decimal_of


def suggest_price(
    curve: Measured[WinCurve],
    *,
    list_price: Money,
    cost: Money,
    rounding: Rounding,
    floor: Money | None = None,
    ceiling: Money | None = None,
    beyond_observed: bool = False,
) -> PriceSuggestion | NoSuggestion:
    """Suggest the price of a unit that maximises (price - cost) x chance to win.

    That function has one peak above the cost, because the logarithm of a logistic curve is concave; where its slope is zero,
    1 / (r - c) = -slope (1 - P(r)) for price r and cost c as shares of list (as in Phillips 2005, Pricing and Revenue
    Optimization, chapter 11). The peak is found by halving, then rounded, and stays within the limits.

    Args:
        curve: from `fit_win_curve`.
        list_price: of a unit.
        cost: of a unit.
        rounding: of price and margins. Where it would leave the limits, the next step inside is taken.
        floor: the lowest price that is allowed; `None` for none.
        ceiling: the highest one; `None` for none.
        beyond_observed: whether prices may be suggested that are lower or higher than all that were ever offered.

    Returns:
        The price with its reasons, or `NoSuggestion`.

    Raises:
        CurrencyMismatch: the amounts are not of one currency.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.rounding import Rounding
    >>> from salesmgmt.cpq.insight import ClosedLine, fit_win_curve, suggest_price
    >>> lines = [ClosedLine(product="dock", quantity=1, list_amount=Money(100, "EUR"), net_amount=Money(net, "EUR"), won=won,
    ...                     on=date(2026, 3, 2))
    ...          for net, wins, losses in [(80, 30, 10), (100, 10, 30)] for won in [True] * wins + [False] * losses]
    >>> found = suggest_price(fit_win_curve(lines), list_price=Money(200, "EUR"), cost=Money(140, "EUR"),
    ...                       rounding=Rounding("half_up", "0.01"))
    >>> found.price, found.current, found.limit.value
    (Money('178.25', 'EUR'), Money('160.00', 'EUR'), 'none')
    """
    for amount in (cost, floor, ceiling):
        if amount is not None and amount.currency != list_price.currency:
            raise CurrencyMismatch(list_price.currency, amount.currency)
    known = curve.value
    if known is None:
        return NoSuggestion(
            reason=NoSuggestionReason.NOT_ENOUGH_DATA,
            found=curve.flag or "nothing",
            wanted="won and lost lines at several prices",
            n=curve.n,
        )
    refused = _unfit(known) or _unlisted(list_price, known)
    if refused is not None:
        return refused
    bounds = _bounds(known, list_price, floor, ceiling, beyond_observed=beyond_observed)
    refused = _impossible(bounds, cost, known)
    if refused is not None:
        return refused
    raw, limit = _best(known.fit, list_price, cost, bounds)
    price = _rounded(raw, bounds, rounding)
    if price is None or price <= cost:
        found = f"no step of {rounding.increment} within {bounds}, above the cost of {cost}"
        reason = NoSuggestionReason.NO_PRICE_POINT
        return NoSuggestion(reason=reason, found=found, wanted="a finer rounding", n=known.n)
    return _explained(known, price, limit, list_price=list_price, cost=cost, rounding=rounding)


@attrs.frozen
class _Bounds:
    """Between which prices to look, and what each bound is."""

    low: Money
    low_limit: PriceLimit
    high: Money | None
    high_limit: PriceLimit

    def __str__(self) -> str:
        return f"{self.low} to {'any price' if self.high is None else self.high}"

    def contain(self, price: Money) -> bool:
        return self.low <= price and (self.high is None or price <= self.high)


def _unfit(curve: WinCurve) -> NoSuggestion | None:
    """Why nothing should be suggested from this curve; `None` when it serves."""
    if min(curve.won, curve.lost) < curve.fewest:
        found, wanted = f"{curve.won} won and {curve.lost} lost lines", f"at least {curve.fewest} of each"
        return NoSuggestion(reason=NoSuggestionReason.FEW_LINES, found=found, wanted=wanted, n=curve.n)
    if not curve.falls:
        found = f"a slope of {shown(curve.slope)}, {shown(curve.slope_interval)}"
        wanted = "an interval below zero"
        return NoSuggestion(reason=NoSuggestionReason.NO_PRICE_EFFECT, found=found, wanted=wanted, n=curve.n)
    return None


def _unlisted(list_price: Money, curve: WinCurve) -> NoSuggestion | None:
    if list_price.amount > 0:
        return None
    reason = NoSuggestionReason.NO_LIST_PRICE
    return NoSuggestion(reason=reason, found=str(list_price), wanted="a list price above zero", n=curve.n)


def _bounds(
    curve: WinCurve,
    list_price: Money,
    floor: Money | None,
    ceiling: Money | None,
    *,
    beyond_observed: bool,
) -> _Bounds:
    low, low_limit = Money.zero(list_price.currency), PriceLimit.NONE
    high: Money | None = None
    high_limit = PriceLimit.NONE
    if not beyond_observed:
        low, low_limit = list_price * curve.lowest, PriceLimit.LOWEST_OBSERVED
        high, high_limit = list_price * curve.highest, PriceLimit.HIGHEST_OBSERVED
    if floor is not None and floor >= low:
        low, low_limit = floor, PriceLimit.FLOOR
    if ceiling is not None and (high is None or ceiling <= high):
        high, high_limit = ceiling, PriceLimit.CEILING
    return _Bounds(low, low_limit, high, high_limit)


def _impossible(bounds: _Bounds, cost: Money, curve: WinCurve) -> NoSuggestion | None:
    if bounds.high is not None and bounds.high < bounds.low:
        wanted = "limits within which something was offered"
        return NoSuggestion(
            reason=NoSuggestionReason.EMPTY_RANGE, found=str(bounds), wanted=wanted, n=curve.n
        )
    if bounds.high is not None and bounds.high <= cost:
        found, wanted = f"{bounds} at a cost of {cost}", "a price above the cost"
        return NoSuggestion(reason=NoSuggestionReason.COST_ABOVE_RANGE, found=found, wanted=wanted, n=curve.n)
    return None


def _best(fit: LogisticFit, list_price: Money, cost: Money, bounds: _Bounds) -> tuple[Money, PriceLimit]:
    """The price at the peak of the expected margin, not rounded, or at the limit before it."""
    cost_ratio = float(cost / list_price)

    def gain(ratio: float) -> float:
        """Slope of the logarithm of the expected margin: it falls, and is zero at the peak."""
        return 1 / (ratio - cost_ratio) + fit.slope * (1 - fit.probability(ratio))

    low = float(bounds.low / list_price)
    if low > cost_ratio and gain(low) <= 0:
        return bounds.low, bounds.low_limit
    start = max(low, cost_ratio)
    if bounds.high is None:
        step = -1 / fit.slope
        while gain(start + step) > 0:
            step *= 2
        end = start + step
    else:
        end = float(bounds.high / list_price)
        # No room in floats between cost and limit: the limit is as good as any price.
        if end <= start or gain(end) >= 0:
            return bounds.high, bounds.high_limit
    while (middle := (start + end) / 2) not in (start, end):
        start, end = (middle, end) if gain(middle) > 0 else (start, middle)
    return list_price * (decimal_of(end) or Decimal(0)), PriceLimit.NONE


def _rounded(raw: Money, bounds: _Bounds, rounding: Rounding) -> Money | None:
    """The price on a step of the rounding within the bounds; `None` when there is no such step."""
    price = rounding.apply(raw)
    if bounds.high is not None and price > bounds.high:
        price = attrs.evolve(rounding, mode=RoundingMode.FLOOR).apply(bounds.high)
    if price < bounds.low:
        price = attrs.evolve(rounding, mode=RoundingMode.CEILING).apply(bounds.low)
    return price if bounds.contain(price) else None


def _explained(
    curve: WinCurve, price: Money, limit: PriceLimit, *, list_price: Money, cost: Money, rounding: Rounding
) -> PriceSuggestion:
    ratio = _ratio(price, list_price, curve)
    current = list_price * curve.median_won
    chance = curve.chance(ratio)
    return PriceSuggestion(
        price=price,
        ratio=ratio,
        limit=limit,
        chance=chance,
        chance_interval=curve.chance_interval(ratio),
        expected_margin=_expected(price - cost, chance, rounding),
        current=rounding.apply(current),
        current_margin=_expected(current - cost, curve.chance(curve.median_won), rounding),
        elasticity=curve.elasticity(ratio),
        elasticity_interval=curve.elasticity_interval(ratio),
        n=curve.n,
    )


def _ratio(price: Money, list_price: Money, curve: WinCurve) -> Decimal:
    """The price as a share of list; the last digit of the quotient does not make it an unobserved one."""
    for observed in (curve.lowest, curve.highest):
        if price == list_price * observed:
            return observed
    return price / list_price


def _expected(margin: Money, chance: Measured[Decimal], rounding: Rounding) -> Measured[Money]:
    if chance.value is None:
        return Measured(None, chance.flag, n=chance.n)
    return Measured(rounding.apply(margin * chance.value), chance.flag, n=chance.n)
