"""What is asked of a discount policy: who offers what, in which deal, and how good it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


def _roles(given: Iterable[str]) -> frozenset[str]:
    return frozenset((given,)) if isinstance(given, str) else frozenset(given)


@attrs.frozen(kw_only=True)
class Deal:
    """Who offers, to whom, and how large the whole deal is.

    Attributes:
        roles: the roles of who offers.
        segment: of the customer; empty when it is not known.
        size: the whole deal at its reference, in the currency of the policy; `None` when it is not known.
        largest: the same for all that the customer may take; `None` when he has no choice. A limit counts that is for any
            size between the two.
    """

    roles: frozenset[str] = attrs.field(default=frozenset(), converter=_roles)
    segment: str = ""
    size: Money | None = None
    largest: Money | None = None


@attrs.frozen(kw_only=True)
class Adjustment:
    """A price that somebody set by hand.

    Attributes:
        reason: why: a reason code, or a reason code, a colon and words.
        by: id of who set it.
        at: when; `None` when that is not known.
    """

    reason: str
    by: str
    at: datetime | None

    @property
    def reason_code(self) -> str:
        """What stands before the colon.

        >>> from salesmgmt.cpq.approvals.discounts.question import Adjustment
        >>> Adjustment(reason="price_match: offer of 3 March", by="li.wei", at=None).reason_code
        'price_match'
        """
        return self.reason.partition(":")[0].strip()


@attrs.frozen(kw_only=True)
class Offered:
    """A line of a deal, or all of it, as limits look at it. What is not known passes no limit.

    Attributes:
        line: id of the line; empty for the whole deal.
        together_with: id of the first line of the same goods, under which they are approved together; empty for none.
        product: id of the product; empty for the whole deal.
        templates: the products that it is a variant of, the nearest first.
        family: its family.
        categories: its categories, the nearest first.
        discount: its effective discount; `None` when it is not known.
        margin: in percent of what is paid; `None` when it is not known.
        unit_price: what is received for a unit, in the currency of the policy; `None` when it is not known.
        adjustments: the prices that were set by hand.
        terms: quantity and amount in words: the approval of what is not known holds for the same terms alone.
    """

    line: str = ""
    together_with: str = ""
    product: str = ""
    templates: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    family: str = ""
    categories: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    discount: Percent | None = None
    margin: Percent | None = None
    unit_price: Money | None = None
    adjustments: tuple[Adjustment, ...] = ()
    terms: str = ""

    @property
    def goods(self) -> Iterator[str]:
        """The keys by which limits for it are found, the most specific first."""
        for product in (self.product, *self.templates):
            if product:
                yield f"product:{product}"
        if self.family:
            yield f"family:{self.family}"
        for category in self.categories:
            yield f"category:{category}"
        yield ""
