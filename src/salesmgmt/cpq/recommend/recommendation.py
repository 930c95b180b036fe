"""What a recommender answers: offers with their reason and effect, and what was held back."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.cpq.recommend.relation import RelationKind
from salesmgmt.engines.statistics.interval import Interval


class ProbabilitySource(StrEnum):
    """Where the chance that an offer is accepted comes from.

    >>> from salesmgmt.cpq.recommend import ProbabilitySource
    >>> [source.value for source in ProbabilitySource]
    ['acceptance', 'association', 'none']
    """

    ACCEPTANCE = "acceptance"
    """From how often such an offer was accepted."""
    ASSOCIATION = "association"
    """From how often it was bought by those who bought the same, without being offered."""
    NONE = "none"
    """Nothing is known."""


@attrs.frozen(kw_only=True)
class Probability:
    """How likely an offer is accepted.

    Attributes:
        value: from 0 to 1; `no_history` when nothing is known.
        interval: of the value, after Wilson (1927).
        source: where it comes from.

    >>> from salesmgmt.cpq.recommend import Probability
    >>> Probability().value.flag
    'no_history'
    """

    value: Measured[Decimal] = Measured(None, "no_history")
    interval: Measured[Interval] = Measured(None, "no_history")
    source: ProbabilitySource = ProbabilitySource.NONE


@attrs.frozen(kw_only=True)
class Recommendation:
    """One product that is worth an offer.

    Attributes:
        product: id of the product.
        kind: of the relation; `None` when orders of the past suggest it.
        relation: id of the relation; empty when orders of the past suggest it.
        position: the line that it goes with, or whose place it takes, from 0; `None` when it goes with something that the
            customer has already.
        replaces: whether it takes the place of that line.
        quantity: how many.
        reason: why, in words and figures.
        price_effect: what the request gains when it is accepted: the total with it less the total without, both from the
            pricer; negative when it costs less.
        margin_effect: the same of the margin; `no_cost` when a cost is not known.
        probability: how likely it is accepted.
        expected_margin: the margin effect times the probability; undefined when one of them is.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.measured import Measured
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.recommend import Recommendation
    >>> print(Recommendation(
    ...     product="dock", quantity=Decimal(2), reason="an accessory of laptop", price_effect=Money(80, "EUR"),
    ...     margin_effect=Measured(Money(30, "EUR")), expected_margin=Measured(Money("7.50", "EUR"))))
    2 x dock: an accessory of laptop; total +80.00 EUR, margin +30.00 EUR, expected margin 7.50 EUR
    """

    product: str
    kind: RelationKind | None = None
    relation: str = ""
    position: int | None = None
    replaces: bool = False
    quantity: Decimal
    reason: str
    price_effect: Money
    margin_effect: Measured[Money]
    probability: Probability = Probability()
    expected_margin: Measured[Money]

    def __str__(self) -> str:
        parts = [f"total {_signed(self.price_effect)}"]
        if self.margin_effect.value is not None:
            parts.append(f"margin {_signed(self.margin_effect.value)}")
        if self.expected_margin.value is not None:
            shown = self.expected_margin.value
            parts.append(f"expected margin {_decimals(shown)}")
        return f"{self.quantity:f} x {self.product}: {self.reason}; {', '.join(parts)}"


class WithheldReason(StrEnum):
    """Why something that is related is not recommended.

    >>> from salesmgmt.cpq.recommend import WithheldReason
    >>> WithheldReason("no_price").name
    'NO_PRICE'
    """

    UNKNOWN_PRODUCT = "unknown_product"
    """The catalogue does not have it."""
    INACTIVE = "inactive"
    """It is not sold any more."""
    NO_PRICE = "no_price"
    """It has no price in this request, or the rest has none with it."""
    ON_REQUEST = "on_request"
    """There is enough of it on the request."""
    INSTALLED = "installed"
    """The customer has it, and needs it once; or has what is offered in its place."""
    EXCLUDED = "excluded"
    """A relation excludes it, or the caller does."""
    CONFIGURATION = "configuration"
    """The configuration has no room for it any more, or has it already."""
    NOT_TRIED = "not_tried"
    """There were too many; the less related ones were not priced."""


@attrs.frozen(kw_only=True)
class Withheld:
    """A product that is related and not recommended.

    Attributes:
        product: id of the product.
        reason: why.
        detail: by what, in words.

    >>> from salesmgmt.cpq.recommend import Withheld, WithheldReason
    >>> print(Withheld(product="dock", reason=WithheldReason.INACTIVE, detail="it is not sold any more"))
    dock withheld (inactive): it is not sold any more
    """

    product: str
    reason: WithheldReason
    detail: str

    def __str__(self) -> str:
        return f"{self.product} withheld ({self.reason}): {self.detail}"


@attrs.frozen(kw_only=True)
class Recommendations:
    """The answer of a recommender.

    Attributes:
        offers: by falling expected margin; then those whose expected margin is not known. Equal ones by product.
        withheld: what was held back, by product.

    >>> from salesmgmt.cpq.recommend import Recommendations
    >>> Recommendations(offers=(), withheld=()).products
    ()
    """

    offers: tuple[Recommendation, ...]
    withheld: tuple[Withheld, ...]

    @property
    def products(self) -> tuple[str, ...]:
        """The products that are offered, in order."""
        return tuple(offer.product for offer in self.offers)


def _signed(amount: Money) -> str:
    return f"{'+' if amount.amount >= 0 else ''}{_decimals(amount)}"


def _decimals(amount: Money) -> str:
    """For people; the amount itself stays as exact as it is."""
    return str(amount.to_currency_decimals("half_even"))
