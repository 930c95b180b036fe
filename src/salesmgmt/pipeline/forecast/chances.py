"""What open deals may bring when each is won or lost: exactly, if they do not depend on each other, and by simulation if they do."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import ceil, sqrt
from random import Random
from statistics import NormalDist

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exact import CONTEXT, divide, multiply, subtract
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

_NORMAL = NormalDist()
_SURE = 1e-12
MAX_WORK = 50_000_000
"""Draws times chances of one simulation at most, so that it ends within seconds."""


@attrs.frozen
class Chance:
    """An amount that comes or does not.

    Attributes:
        amount: what comes.
        probability: how likely, 0 to 100 %.
    """

    amount: Money
    probability: Percent


@attrs.frozen(kw_only=True)
class Distribution:
    """What independent chances bring together.

    Attributes:
        mean: the sum of amount times probability.
        variance: the sum of amount squared times p times (1 - p), in the square of the currency.
        sd: its root: how far it lies from the mean, as a rule.
        all_come: how likely all come, 0 to 1.
        none_comes: how likely none does.
    """

    mean: Money
    variance: Decimal
    sd: Money
    all_come: Decimal
    none_comes: Decimal


def distribution(chances: Iterable[Chance], *, currency: str) -> Distribution:
    """Return mean and spread of independent chances, exactly (sum of Bernoulli variables).

    Deals do depend on each other (a budget freeze hits many), so the true spread is wider; see `simulate`.

    Args:
        chances: amounts of one currency and their probabilities.
        currency: that of all amounts.

    Raises:
        InvalidInput: an amount is in another currency, or a probability lies outside of 0 to 100 %.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.forecast import Chance, distribution
    >>> both = distribution([Chance(Money(100, "EUR"), Percent(50)), Chance(Money(200, "EUR"), Percent(25))], currency="EUR")
    >>> str(both.mean), both.variance == 10_000, str(both.sd)
    ('100.00 EUR', True, '100.00 EUR')
    """
    every = _checked(chances, currency)
    mean, variance = Money.zero(currency), Decimal(0)
    everything = nothing = Decimal(1)
    for chance in every:
        share = chance.probability.ratio
        rest = subtract(Decimal(1), share)
        mean += chance.amount * chance.probability
        square = multiply(chance.amount.amount, chance.amount.amount)
        variance = CONTEXT.add(variance, multiply(square, multiply(share, rest)))
        everything, nothing = multiply(everything, share), multiply(nothing, rest)
    return Distribution(
        mean=mean,
        variance=variance,
        sd=Money(CONTEXT.sqrt(variance), currency),
        all_come=everything,
        none_comes=nothing,
    )


@attrs.frozen(kw_only=True)
class Simulation:
    """What correlated chances brought in each of many draws.

    Attributes:
        totals: the total of each draw, rising; exact amounts.
        mean: of all draws.
    """

    totals: tuple[Money, ...] = attrs.field(repr=False)
    mean: Money

    def quantile(self, share: Percent) -> Money:
        """Return the total that a share of the draws does not exceed: `Percent(10)` for the tenth percentile.

        The smallest total with at least this share of draws at or below it (definition 1 of Hyndman & Fan 1996).

        Raises:
            InvalidInput: the share does not lie within 0 to 100 %.
        """
        if not Percent(0) <= share <= Percent(100):
            raise InvalidInput("a quantile", [Problem("share", "range", str(share), "0 to 100 %")])
        place = ceil(multiply(share.ratio, Decimal(len(self.totals))))
        return self.totals[max(place, 1) - 1]

    def probability_of(self, amount: Money) -> Decimal:
        """Return the share of draws that reached an amount, 0 to 1."""
        below = bisect_left(self.totals, amount)
        return divide(Decimal(len(self.totals) - below), Decimal(len(self.totals)))


def simulate(
    chances: Iterable[Chance],
    *,
    currency: str,
    correlation: Percent = Percent(10),
    draws: int = 2_000,
    seed: int,
) -> Simulation:
    """Draw what chances bring that depend on each other.

    One common factor moves all (the one-factor Gaussian copula: Vasicek 1987, Li 2000): a deal is won when
    sqrt(r) * Z + sqrt(1 - r) * e lies below the normal quantile of its probability, with Z for all and e for each. Each
    deal keeps its own probability, and the totals spread wider the larger r is. How large it is cannot be seen in one
    pipeline; 10 % is a convention, and an interval from draws is worth what a backtest of it shows.

    Args:
        chances: amounts of one currency and their probabilities.
        currency: that of all amounts.
        correlation: r, from 0 % (independent) to below 100 %.
        draws: how many, 1 or more.
        seed: of the random numbers; the same seed draws the same.

    Raises:
        InvalidInput: an amount is in another currency, or a figure is out of range.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.forecast import Chance, simulate
    >>> drawn = simulate([Chance(Money(100, "EUR"), Percent(100))], currency="EUR", draws=10, seed=1)
    >>> drawn.mean, drawn.quantile(Percent(10))
    (Money('100', 'EUR'), Money('100', 'EUR'))
    """
    every = _checked(chances, currency)
    problems = []
    if not Percent(0) <= correlation < Percent(100):
        problems.append(Problem("correlation", "range", str(correlation), "0 % to below 100 %"))
    most = MAX_WORK // max(len(every), 50)
    if draws not in range(1, most + 1):
        problems.append(Problem("draws", "range", shorten(draws), f"1 to {most} for {len(every)} chances"))
    if problems:
        raise InvalidInput("a simulation", problems)
    scale = max(
        (
            -exponent
            for chance in every
            if isinstance(exponent := chance.amount.amount.as_tuple().exponent, int)
        ),
        default=0,
    )
    scale = max(scale, 0)
    units = [int(chance.amount.amount.scaleb(scale, CONTEXT)) for chance in every]
    bounds = [
        _NORMAL.inv_cdf(min(max(float(chance.probability.ratio), _SURE), 1 - _SURE)) for chance in every
    ]
    certain = sum(
        unit for unit, chance in zip(units, every, strict=True) if chance.probability == Percent(100)
    )
    open_ones = [
        (unit, bound)
        for unit, bound, chance in zip(units, bounds, every, strict=True)
        if Percent(0) < chance.probability < Percent(100)
    ]
    totals = sorted(_drawn(open_ones, certain, float(correlation.ratio), draws, Random(seed)))  # noqa: S311 - no secret
    monies = tuple(Money(Decimal(total).scaleb(-scale, CONTEXT), currency) for total in totals)
    return Simulation(totals=monies, mean=Money.total(monies, currency) / draws)


def _drawn(
    chances: Sequence[tuple[int, float]], certain: int, correlation: float, draws: int, random: Random
) -> Iterable[int]:
    """The total of each draw, in the smallest units of all amounts."""
    common, own = sqrt(correlation), sqrt(1 - correlation)
    shares = {bound: 0.0 for _, bound in chances}
    uniform = random.random
    for _ in range(draws):
        # Given the common factor, deals are independent, each with a probability of its own.
        pull = common * random.gauss(0.0, 1.0)
        for bound in shares:
            shares[bound] = _NORMAL.cdf((bound - pull) / own)
        total = certain
        for unit, bound in chances:
            if uniform() < shares[bound]:
                total += unit
        yield total


def _checked(chances: Iterable[Chance], currency: str) -> tuple[Chance, ...]:
    every = tuple(chances)
    problems = []
    for place, chance in enumerate(every):
        if chance.amount.currency != currency:
            problems.append(Problem(f"chances[{place}].amount", "currency", chance.amount.currency, currency))
        if not Percent(0) <= chance.probability <= Percent(100):
            problems.append(
                Problem(f"chances[{place}].probability", "range", str(chance.probability), "0 to 100 %")
            )
    if problems:
        raise InvalidInput("the chances", problems)
    return every
