"""The weighted pipeline: amount times probability, of open deals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import attrs

from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import Deal, StageKind


@attrs.frozen
class WeightedDeal:
    """One deal of a weighted pipeline.

    Attributes:
        deal: the deal.
        amount: what it would bring.
        probability: how likely it is held to be won.
        weighted: amount times probability, unrounded.
    """

    deal: Deal
    amount: Money
    probability: Percent
    weighted: Money


@attrs.frozen(kw_only=True)
class WeightedPipeline:
    """A weighted pipeline.

    It has no time axis and lets no deal die: on histories where deals linger it promises far more than comes. Take it as
    what the open deals are held to be worth, and forecast by a method that was tried on the past
    (`salesmgmt.pipeline.forecast.choose_forecast`).

    Attributes:
        parts: the open deals with an amount, as they were given.
        total: their amounts, added up.
        weighted: their weighted amounts, added up: what would come on average if all probabilities were right.
        won: the amounts of the deals that are won, added up; they are in none of the others.
        without_amount: ids of open deals without an amount.
    """

    parts: tuple[WeightedDeal, ...]
    total: Money
    weighted: Money
    won: Money
    without_amount: tuple[DealId, ...]

    def by(self, key: Callable[[Deal], str | None]) -> Mapping[str | None, Money]:
        """Return the weighted amounts by something about each deal: its stage, its owner, the month of its expected close.

        Args:
            key: says under what a deal stands.
        """
        sums: dict[str | None, Money] = {}
        for part in self.parts:
            name = key(part.deal)
            sums[name] = sums.get(name, Money.zero(self.total.currency)) + part.weighted
        return sums


def weigh(deals: Iterable[Deal], *, currency: str) -> WeightedPipeline:
    """Weight the open deals among some; what is won stands beside them, what is lost counts as nothing.

    Args:
        deals: the deals.
        currency: of all amounts; convert others first.

    Raises:
        InvalidInput: an amount is in another currency; all are listed.

    >>> from salesmgmt.pipeline.forecast import weigh
    >>> weigh([], currency="EUR").weighted
    Money('0', 'EUR')
    """
    parts: list[WeightedDeal] = []
    won: list[Money] = []
    without: list[DealId] = []
    problems: list[Problem] = []
    for deal in deals:
        if deal.status is StageKind.LOST:
            continue
        if deal.amount is None:
            if deal.is_open:
                without.append(DealId(deal.id))
        elif deal.amount.currency != currency:
            problems.append(
                Problem(f"deals[{shorten(deal.id)}].amount", "currency", deal.amount.currency, currency)
            )
        elif deal.status is StageKind.WON:
            won.append(deal.amount)
        else:
            share = deal.probability.value
            parts.append(WeightedDeal(deal, deal.amount, share, deal.amount * share))
    if problems:
        raise InvalidInput("the weighted pipeline", problems)
    return WeightedPipeline(
        parts=tuple(parts),
        total=Money.total((part.amount for part in parts), currency),
        weighted=Money.total((part.weighted for part in parts), currency),
        won=Money.total(won, currency),
        without_amount=tuple(without),
    )
