"""Holds a version of a quote against the limits of a discount policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

import attrs

from salesmgmt.core.errors import SalesError, listed
from salesmgmt.core.exact import multiply
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals import (
    Adjustment,
    ApprovalNeed,
    Consequence,
    Deal,
    DiscountCheck,
    DiscountPolicy,
    Offered,
)
from salesmgmt.cpq.products import Catalogue
from salesmgmt.cpq.quotes._references import terms_of
from salesmgmt.cpq.quotes.discount import (
    deepest_discount,
    line_discounts,
    reachable,
    reference_of,
    thinnest_margin,
)
from salesmgmt.cpq.quotes.figures import cost_of
from salesmgmt.cpq.quotes.line import QuoteLine
from salesmgmt.cpq.quotes.version import QuoteVersion

_NO_COSTS: Mapping[str, Money] = MappingProxyType({})
_NO_CATALOGUE = Catalogue()


class DiscountRefused(SalesError, PermissionError):
    """A quote gives more away than anybody may approve.

    Attributes:
        quote: id of the quote.
        checks: the limits that refuse it.
    """

    code = "discount_refused"

    def __init__(self, quote: str, checks: Iterable[DiscountCheck]) -> None:
        self.quote = quote
        self.checks = tuple(checks)
        super().__init__(
            f"quote {quote} gives more away than is possible:\n{listed(self.checks)}",
            hint="revise it within these limits",
        )


@attrs.frozen
class DiscountReport:
    """Every limit that is for a line or the whole of a version, held against it.

    Attributes:
        checks: for each line by position, then for the whole; those that are kept as well.
    """

    checks: tuple[DiscountCheck, ...]

    @property
    def is_ok(self) -> bool:
        """Whether every limit is kept."""
        return all(check.consequence is Consequence.OK for check in self.checks)

    @property
    def refused(self) -> tuple[DiscountCheck, ...]:
        """The limits that refuse it, whoever might approve."""
        return tuple(check for check in self.checks if check.consequence is Consequence.REFUSED)

    @property
    def needs(self) -> tuple[ApprovalNeed, ...]:
        """The approvals that it needs, by level: one for lines of the same goods, and one for the whole.

        That of a line does not stand for the whole: it holds when there are more of the line, and the whole gets worse.
        """
        needs: dict[tuple[str, str], ApprovalNeed] = {}
        for check in self.checks:
            need = check.need
            if need is not None:
                needs.setdefault((need.rule, need.metric), need)
        return tuple(sorted(needs.values(), key=lambda need: need.level))


def check_discounts(
    version: QuoteVersion,
    policy: DiscountPolicy,
    *,
    roles: Iterable[str],
    segment: str = "",
    catalogue: Catalogue = _NO_CATALOGUE,
    costs: Mapping[str, Money] = _NO_COSTS,
) -> DiscountReport:
    r"""Hold a version against a discount policy.

    Each line is held against the limits for its goods, options and alternatives as well, and the whole against those for
    all goods. Required lines of the same goods are one, so that it does not matter how they are split.

    Args:
        version: the version.
        policy: the limits.
        roles: the roles of who offers.
        segment: of the customer; empty when it is not known.
        catalogue: families, categories and templates of products.
        costs: the cost of a unit by product, for lines that have none from their price.

    >>> from datetime import UTC, date, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.approvals import DiscountPolicy, DiscountRecord
    >>> from salesmgmt.cpq.quotes import QuoteLine, QuoteVersion, check_discounts
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> line = QuoteLine(position=0, product="dock", quantity=Decimal(25), list_amount=Money(2500, "EUR"),
    ...                  net_amount=Money(2000, "EUR"), share=Money(0, "EUR"))
    >>> version = QuoteVersion(
    ...     number=1, currency="EUR", lines=(line,), priced_at=now, valid_until=date(2026, 4, 1), model="m",
    ...     model_version=1, model_digest="", request_digest="", made_at=now, made_by="li.wei",
    ... )
    >>> policy = DiscountPolicy(id="limits", currency="EUR", records=[
    ...     DiscountRecord(id="docks", product="dock", max_percent=Percent(15), floor_price=Money(75, "EUR")),
    ... ])
    >>> print(*check_discounts(version, policy, roles={"rep"}).checks, sep="\n")
    line 1: wanted a discount of at most 15% by docks (records.docks), found 20%: refused
    line 1: wanted at least 75 EUR for a unit by docks (records.docks), found 80 EUR: ok
    """
    sizes = reachable(version, policy.currency, lambda line: _size(line, policy.currency))
    low, high = sizes or (None, None)
    deal = Deal(roles=roles, segment=segment, size=low, largest=None if low == high else high)
    pools = line_discounts(version)
    by_id = {line.id: line for line in version.lines}
    checks: list[DiscountCheck] = []
    for line in sorted(version.lines, key=lambda one: one.position):
        pool = [by_id[name] for name in pools[line.id].lines]
        offered = _offered(line, catalogue)
        figures = attrs.evolve(
            offered,
            discount=pools[line.id].percent,
            margin=_margin(pool, pools[line.id].received, costs),
            unit_price=(
                _unit_price(pool, pools[line.id].received, policy.currency)
                if all(_is_own_unit(one, catalogue) for one in pool)
                else None
            ),
            adjustments=tuple(_adjustments(pool)),
            together_with=pool[0].id,
            terms=" and ".join(f"{one.quantity:f} at {one.net_amount}" for one in pool),
        )
        checks += policy.check(figures, deal)
    whole = Offered(
        discount=deepest_discount(version),
        margin=thinnest_margin(version, lambda line: cost_of(line, costs)),
        terms=f"at {version.total}",
    )
    checks += policy.check(whole, deal)
    return DiscountReport(tuple(checks))


def _offered(line: QuoteLine, catalogue: Catalogue) -> Offered:
    """What a line offers, without its figures."""
    product = catalogue.get(line.product)
    return Offered(
        line=line.id,
        product=line.product,
        templates=catalogue.lineage_of(line.product)[1:],
        family="" if product is None else product.family,
        categories=catalogue.categories_of(line.product),
    )


def _is_own_unit(line: QuoteLine, catalogue: Catalogue) -> bool:
    """Whether a line counts in the unit of its product, for which a floor price is."""
    product = catalogue.get(line.product)
    return not line.uom or (product is not None and line.uom == product.unit)


def _adjustments(pool: list[QuoteLine]) -> Iterator[Adjustment]:
    for line in pool:
        if line.manual is not None:
            yield Adjustment(reason=line.manual.reason, by=line.manual.by, at=line.manual.at)


def _margin(pool: list[QuoteLine], received: Money, costs: Mapping[str, Money]) -> Percent | None:
    margin = received
    for line in pool:
        cost = cost_of(line, costs)
        if cost is None:
            return None
        margin -= cost
    return Percent.of_ratio(margin / received) if received else None


def _unit_price(pool: list[QuoteLine], received: Money, currency: str) -> Money | None:
    """What is received for a unit and the term that a price is for, in the currency of a policy."""
    units = Decimal(0)
    for line in pool:
        terms = terms_of(line)
        units += line.quantity if terms is None else multiply(line.quantity, terms)
    converted = _converted(received, pool[0], currency)
    return converted / units if converted is not None and units else None


def _converted(amount: Money, line: QuoteLine, currency: str) -> Money | None:
    """An amount of a line at its frozen rate; `None` when none leads to the currency."""
    if amount.currency == currency:
        return amount
    reference = line.reference
    if reference is None or reference.rate is None or reference.amount.currency != currency:
        return None
    return Money(multiply(amount.amount, reference.rate), currency)


def _size(line: QuoteLine, currency: str) -> Money | None:
    """What a line is measured against, in the currency of a policy; nothing that is given away changes it."""
    reference = reference_of(line)
    return None if reference is None else _converted(reference, line, currency)
