"""How often offers are accepted, and what orders with accepted offers come to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import isfinite, sqrt

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.exact import divide, multiply, subtract
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.recommend.relation import RelationKind
from salesmgmt.engines.statistics import critical_t, wilson_interval
from salesmgmt.engines.statistics.interval import NINETY_FIVE, Interval, interval_of, share_of


def _kind(value: RelationKind | str | None) -> RelationKind | None:
    return None if value is None else option(RelationKind, value, "the kind of a relation")


@attrs.frozen(kw_only=True)
class OfferOutcome:
    """What came of one offer, or that an order was deliberately made none.

    Attributes:
        order: id of the order.
        order_value: what the whole order came to in the end.
        product: id of the product that was offered; empty when nothing was offered.
        kind: of the relation; `None` when orders of the past suggested it, or nothing was offered.
        accepted: whether it was bought because of the offer.
        randomised: whether chance decided if this order was made an offer. Only then do differences tell what offers cause.

    Raises:
        InvalidInput: something was accepted that was not offered, or the order has no id.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.recommend import OfferOutcome
    >>> OfferOutcome(order="o-1", order_value=Money(500, "EUR"), randomised=True).is_offer
    False
    """

    order: str
    order_value: Money
    product: str = ""
    kind: RelationKind | None = attrs.field(default=None, converter=_kind)
    accepted: bool = False
    randomised: bool = False

    def __attrs_post_init__(self) -> None:
        problems = []
        if not self.order.strip():
            problems.append(Problem("order", "blank", shorten(self.order), "the id of an order"))
        if self.accepted and not self.product:
            problems.append(Problem("product", "missing", None, "the product that was accepted"))
        if problems:
            raise InvalidInput("outcome of an offer", problems)

    @property
    def is_offer(self) -> bool:
        """Whether something was offered."""
        return bool(self.product)


@attrs.frozen(kw_only=True)
class AcceptanceCount:
    """How often an offer was made and accepted, for a recommender.

    Attributes:
        product: id of the product; empty for all of a kind.
        kind: of the relation; `None` when orders of the past suggest it.
        offered: how often it was offered.
        accepted: how often it was accepted.

    Raises:
        InvalidInput: more were accepted than offered, or a count is negative.

    >>> from salesmgmt.cpq.recommend import AcceptanceCount
    >>> AcceptanceCount(product="dock", kind="accessory", offered=40, accepted=12).kind.value
    'accessory'
    """

    product: str = ""
    kind: RelationKind | None = attrs.field(default=None, converter=_kind)
    offered: int
    accepted: int

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.accepted <= self.offered:
            found = f"{self.accepted} of {self.offered}"
            raise InvalidInput(
                "acceptance", [Problem("accepted", "range", found, "from 0 to as many as were offered")]
            )


@attrs.frozen(kw_only=True)
class AcceptanceRate:
    """How often offers were accepted.

    Attributes:
        key: the kind of the relation, or the product; empty for all together.
        offered: how many were made.
        accepted: how many were accepted.
        rate: accepted by offered, 0 to 1; `no_offers` when there was none, and flagged `few_offers` when there were few.
        interval: of the rate, after Wilson (1927).

    >>> from salesmgmt.core.measured import Measured
    >>> from salesmgmt.cpq.recommend import AcceptanceRate
    >>> nothing = Measured(None, "no_offers")
    >>> print(AcceptanceRate(key="upgrade", offered=0, accepted=0, rate=nothing, interval=nothing))
    upgrade: 0 of 0
    """

    key: str
    offered: int
    accepted: int
    rate: Measured[Decimal]
    interval: Measured[Interval]

    def __str__(self) -> str:
        return f"{self.key or 'all'}: {self.accepted} of {self.offered}"


@attrs.frozen(kw_only=True)
class OrderValueDifference:
    """The average value of two groups of orders, and how they differ.

    Attributes:
        with_orders: how many orders are in the first group.
        without_orders: how many in the second.
        average_with: what an order of the first group comes to on average, to 34 digits; `no_orders` when it is empty.
        average_without: the same of the second.
        difference: the first average less the second; flagged `few_orders` when a group is small.
        interval: of the difference in the currency of the orders, after Welch (1947); `too_few_orders` when a group has fewer
            than two.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.recommend import OfferOutcome, offer_report
    >>> orders = [(120, True), (130, True), (80, False), (90, False)]
    >>> outcomes = [OfferOutcome(order=f"o-{place}", order_value=Money(value, "EUR"), product="dock", accepted=accepted)
    ...             for place, (value, accepted) in enumerate(orders)]
    >>> offer_report(outcomes).by_acceptance.difference
    Measured(Money('40', 'EUR'), flag='few_orders', n=4)
    """

    with_orders: int
    without_orders: int
    average_with: Measured[Money]
    average_without: Measured[Money]
    difference: Measured[Money]
    interval: Measured[Interval]


@attrs.frozen(kw_only=True)
class OfferReport:
    """What offers came to.

    Attributes:
        acceptance: of all offers.
        by_kind: by the kind of the relation, in the order of the kinds; offers that orders of the past suggest as
            `association`.
        by_product: by product.
        by_acceptance: orders that were made an offer: those in which one was accepted against those in which none was. That is an
            association and no cause: who buys much accepts more.
        by_offer: orders for which chance decided: those that were made an offer against those that were not. Only this
            difference is what offers bring. Undefined, flagged `no_orders`, without such orders.

    >>> from salesmgmt.cpq.recommend import offer_report
    >>> offer_report([]).acceptance.rate
    Measured(None, flag='no_offers', n=0)
    """

    acceptance: AcceptanceRate
    by_kind: tuple[AcceptanceRate, ...]
    by_product: tuple[AcceptanceRate, ...]
    by_acceptance: OrderValueDifference
    by_offer: OrderValueDifference


def acceptance_counts(outcomes: Iterable[OfferOutcome]) -> tuple[AcceptanceCount, ...]:
    """Count outcomes for a recommender: by product and kind, and by kind alone.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.recommend import OfferOutcome, acceptance_counts
    >>> outcome = OfferOutcome(order="o-1", order_value=Money(5, "EUR"), product="dock", kind="upgrade", accepted=True)
    >>> [(one.product, one.offered, one.accepted) for one in acceptance_counts([outcome])]
    [('', 1, 1), ('dock', 1, 1)]
    """
    counts: dict[tuple[str, str], list[int]] = {}
    for outcome in outcomes:
        if outcome.is_offer:
            kind = outcome.kind or ""
            for key in (("", kind), (outcome.product, kind)):
                tally = counts.setdefault(key, [0, 0])
                tally[0] += 1
                tally[1] += outcome.accepted
    return tuple(
        AcceptanceCount(product=product, kind=kind or None, offered=offered, accepted=accepted)
        for (product, kind), (offered, accepted) in sorted(counts.items())
    )


def offer_report(
    outcomes: Iterable[OfferOutcome], *, confidence: Percent = NINETY_FIVE, fewest: int = 30
) -> OfferReport:
    """Report how often offers are accepted, and how the average order value differs.

    An order with several offers counts once: as accepted when one of them was.

    Args:
        outcomes: of offers, and of orders that were deliberately made none.
        confidence: of the intervals.
        fewest: a rate of fewer offers, or a difference with fewer orders in a group, is flagged.

    Raises:
        InvalidInput: an order has two values, or is at once in the group that was made offers and in the one that was not;
            there are two currencies; or the confidence is out of range.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.recommend import OfferOutcome, offer_report
    >>> outcomes = [OfferOutcome(order=f"o-{number}", order_value=Money(100, "EUR"), product="dock", kind="accessory",
    ...                          accepted=number < 12) for number in range(40)]
    >>> report = offer_report(outcomes)
    >>> interval = report.acceptance.interval.value
    >>> print(*report.by_kind, f"({interval.low:.4f} to {interval.high:.4f})")
    accessory: 12 of 40 (0.1807 to 0.4543)
    """
    share_of(confidence)
    every = tuple(outcomes)
    orders = _orders(every)
    offers = [one for one in every if one.is_offer]

    def rate(key: str, ones: Sequence[OfferOutcome]) -> AcceptanceRate:
        return _rate(key, ones, confidence, fewest)

    kinds: dict[str, list[OfferOutcome]] = {kind.value: [] for kind in RelationKind}
    products: dict[str, list[OfferOutcome]] = {}
    for offer in offers:
        kinds.setdefault(offer.kind or "association", []).append(offer)
        products.setdefault(offer.product, []).append(offer)
    offered = [one for one in orders if one.is_offer]
    randomised = [one for one in orders if one.randomised]
    return OfferReport(
        acceptance=rate("", offers),
        by_kind=tuple(rate(kind, ones) for kind, ones in kinds.items() if ones),
        by_product=tuple(rate(product, products[product]) for product in sorted(products)),
        by_acceptance=_difference(
            [one.order_value for one in offered if one.accepted],
            [one.order_value for one in offered if not one.accepted],
            confidence,
            fewest,
        ),
        by_offer=_difference(
            [one.order_value for one in randomised if one.is_offer],
            [one.order_value for one in randomised if not one.is_offer],
            confidence,
            fewest,
        ),
    )


def _orders(outcomes: Sequence[OfferOutcome]) -> list[OfferOutcome]:
    """One outcome an order."""
    orders: dict[str, OfferOutcome] = {}
    problems = []
    for place, outcome in enumerate(outcomes):
        known = orders.setdefault(outcome.order, outcome)
        first = outcomes[0].order_value.currency
        if outcome.order_value.currency != first:
            found = outcome.order_value.currency
            problems.append(
                Problem(f"outcomes[{place}].order_value", "currency", found, f"{first}, as the others")
            )
            continue
        if known.order_value != outcome.order_value:
            wanted = f"{known.order_value}, as before for {shorten(outcome.order)}"
            problems.append(
                Problem(f"outcomes[{place}].order_value", "two_values", str(outcome.order_value), wanted)
            )
        elif known.is_offer is not outcome.is_offer or known.randomised is not outcome.randomised:
            wanted = f"one group for order {shorten(outcome.order)}"
            problems.append(Problem(f"outcomes[{place}].order", "two_groups", shorten(outcome.order), wanted))
        elif outcome.accepted:
            orders[outcome.order] = outcome
    if problems:
        raise InvalidInput("outcomes of offers", problems)
    return list(orders.values())


def rate_of(
    accepted: int, offered: int, flag: str | None, confidence: Percent = NINETY_FIVE
) -> tuple[Measured[Decimal], Measured[Interval]]:
    """A share of at least one trial with its interval after Wilson.

    >>> from salesmgmt.cpq.recommend.uplift import rate_of
    >>> rate_of(12, 40, None)[0]
    Measured(Decimal('0.3'), n=40)
    """
    share = divide(Decimal(accepted), Decimal(offered))
    limits = wilson_interval(accepted, offered, share_of(confidence))
    return Measured(share, flag, n=offered), interval_of(limits, confidence, flag, offered)


def _rate(key: str, offers: Sequence[OfferOutcome], confidence: Percent, fewest: int) -> AcceptanceRate:
    offered, accepted = len(offers), sum(one.accepted for one in offers)
    if not offered:
        nothing: Measured[Interval] = Measured(None, "no_offers")
        return AcceptanceRate(
            key=key, offered=0, accepted=0, rate=Measured(None, "no_offers"), interval=nothing
        )
    rate, interval = rate_of(accepted, offered, "few_offers" if offered < fewest else None, confidence)
    return AcceptanceRate(key=key, offered=offered, accepted=accepted, rate=rate, interval=interval)


def _difference(
    first: Sequence[Money], second: Sequence[Money], confidence: Percent, fewest: int
) -> OrderValueDifference:
    n = len(first) + len(second)
    averages = [_average(values) for values in (first, second)]
    difference: Measured[Money] = Measured(None, "no_orders", n=n)
    interval: Measured[Interval] = Measured(
        None, "no_orders" if not (first and second) else "too_few_orders", n=n
    )
    if first and second:
        gain = averages[0].required() - averages[1].required()
        flag = "few_orders" if min(len(first), len(second)) < fewest else None
        difference = Measured(gain, flag, n=n)
        if min(len(first), len(second)) > 1:
            interval = _welch(gain.amount, (first, second), confidence, flag)
    return OrderValueDifference(
        with_orders=len(first),
        without_orders=len(second),
        average_with=averages[0],
        average_without=averages[1],
        difference=difference,
        interval=interval,
    )


def _average(values: Sequence[Money]) -> Measured[Money]:
    if not values:
        return Measured(None, "no_orders")
    return Measured(Money.total(values, values[0].currency) / len(values), n=len(values))


def _welch(
    gain: Decimal, groups: Iterable[Sequence[Money]], confidence: Percent, flag: str | None
) -> Measured[Interval]:
    """The interval of a difference of two means whose spreads may differ (Welch 1947, Biometrika 34)."""
    shares = []
    n = 0
    for values in groups:
        count = len(values)
        n += count
        mean = _average(values).required().amount
        squares = sum((_square(subtract(value.amount, mean)) for value in values), Decimal(0))
        shares.append((float(squares) / (count - 1) / count, count))
    variance = sum(share for share, _ in shares)
    if not variance:
        return Measured(Interval(gain, gain, confidence), flag, n=n)
    if not isfinite(variance):
        return Measured(None, "out_of_range", n=n)
    df = variance**2 / sum(share**2 / (count - 1) for share, count in shares)
    reach = critical_t(share_of(confidence), df) * sqrt(variance)
    return interval_of((float(gain) - reach, float(gain) + reach), confidence, flag, n)


def _square(value: Decimal) -> Decimal:
    return multiply(value, value)
