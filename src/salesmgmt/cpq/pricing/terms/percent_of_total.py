"""Percent of total: a product that costs a share of what other lines come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import ClassVar

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option
from salesmgmt.core.findings import Finding, duplicate_ids, refuse_errors
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy, Term


class ChargeKind(StrEnum):
    """How often a line is charged.

    >>> from salesmgmt.cpq.pricing.terms.percent_of_total import ChargeKind
    >>> ChargeKind("one_time").name
    'ONE_TIME'
    """

    ONE_TIME = "one_time"
    """Once."""
    RECURRING = "recurring"
    """For each period of a term."""


class CoveredCharges(StrEnum):
    """Which lines a percentage is reckoned from."""

    ONE_TIME = "one_time"
    """Those that are charged once: support on a licence or a machine."""
    RECURRING = "recurring"
    """Those that are charged for a term."""
    ALL = "all"
    """Both."""


@attrs.frozen(kw_only=True)
class CoveredLine:
    """A line that a percentage may be reckoned from.

    Attributes:
        product: id of its product.
        charge: how often it is charged.
        amounts: what it comes to, by the name of the subtotal (`list`, `net`, ...).
    """

    product: str
    charge: ChargeKind = ChargeKind.ONE_TIME
    amounts: Mapping[str, Money] = attrs.field(hash=False)


@attrs.frozen(kw_only=True)
class NothingCovered:
    """There is no price, because no line is there to reckon it from.

    Attributes:
        found: the products of the lines that are there.
        wanted: the products, or the kind of charge, that would have been covered.
    """

    code: ClassVar[str] = "nothing_covered"

    found: tuple[str, ...]
    wanted: str


@attrs.frozen(kw_only=True)
class CoverCycle:
    """Products whose prices are shares of each other, so that none of them can be reckoned first.

    Attributes:
        path: each product is reckoned from the next one; the first stands again at the end.
    """

    code: ClassVar[str] = "cycle"

    path: tuple[str, ...]

    @property
    def found(self) -> str:
        """The path in words."""
        return " -> ".join(self.path)

    @property
    def wanted(self) -> str:
        """What would have been right."""
        return "a product that is reckoned from lines with a price of their own"


def _charges(value: str) -> CoveredCharges:
    return option(CoveredCharges, value, "the charges that are covered")


def _products(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


@attrs.frozen(kw_only=True)
class PercentOfTotal:
    """The price of a product as a percentage of what other lines come to.

    Attributes:
        product: id of the product that has this price; each has one at most.
        percent: of what is covered, above zero.
        subtotal: which amount of the covered lines it is reckoned from.
        charges: which of them, by how often they are charged.
        covers: ids of the products that are covered; empty for all that have a price of their own.
        charge: how often the product itself is charged, for others that cover it.
        proration: how the term is measured; by default the percentage is for 12 months.

    Raises:
        InvalidInput: the percentage is not above zero.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal
    >>> support = PercentOfTotal(product="support", percent=Percent(10))
    >>> support.price([Money(1000, "EUR")], 6)
    Money('50.00', 'EUR')
    """

    product: str
    percent: Percent
    subtotal: str = "net"
    charges: CoveredCharges = attrs.field(default=CoveredCharges.ONE_TIME, converter=_charges)
    covers: tuple[str, ...] = attrs.field(default=(), converter=_products)
    charge: ChargeKind = ChargeKind.RECURRING
    proration: ProrationPolicy = attrs.field(factory=ProrationPolicy)

    def __attrs_post_init__(self) -> None:
        if self.percent.points <= 0:
            problem = Problem("percent", "not_positive", str(self.percent), "more than 0%")
            raise InvalidInput(f"percent of total for {self.product}", [problem])

    def price(
        self, covered: Iterable[Money], term: Term, *, rounding: Rounding | None = None
    ) -> Money | NothingCovered:
        """The price for a term from the amounts that are covered, all of one currency.

        Args:
            covered: the amounts; none at all makes no price, which is not a price of zero.
            term: what the product is sold for.
            rounding: how the price is rounded; `None` for not at all.
        """
        amounts = tuple(covered)
        if not amounts:
            return NothingCovered(found=(), wanted=", ".join(self.covers) or f"lines charged {self.charges}")
        base = Money.total(amounts, amounts[0].currency)
        price = self.proration.of(term).apply(base * self.percent)
        return price if rounding is None else price.rounded(rounding)


def reckoning_order(rules: Iterable[PercentOfTotal]) -> tuple[PercentOfTotal, ...] | CoverCycle:
    """Put percentages in an order in which each comes after those that it is reckoned from.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal, reckoning_order
    >>> gold = PercentOfTotal(product="gold", percent=Percent(5), charges="all", covers=["support"])
    >>> support = PercentOfTotal(product="support", percent=Percent(10))
    >>> [rule.product for rule in reckoning_order([gold, support])]
    ['support', 'gold']
    >>> reckoning_order([PercentOfTotal(product="a", percent=Percent(1), covers=["a"])]).path
    ('a', 'a')
    """
    by_product = {rule.product: rule for rule in rules}
    graph = {
        product: [name for name in rule.covers if name in by_product] for product, rule in by_product.items()
    }
    try:
        return tuple(by_product[product] for product in TopologicalSorter(graph).static_order())
    except CycleError as error:
        return CoverCycle(path=tuple(reversed(error.args[1])))


def percent_of_total_findings(rules: Iterable[PercentOfTotal], where: str) -> Iterator[Finding]:
    """Yield what cannot work among percentages; `where` is their place in the reader's terms.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal, percent_of_total_findings
    >>> rule = PercentOfTotal(product="a", percent=Percent(1), covers=["a"])
    >>> print(*percent_of_total_findings([rule], "percentages"))
    error cycle at percentages: a -> a is a ring; let one of them cover only lines with a price of their own
    """
    given = tuple(rules)
    yield from duplicate_ids(where, (rule.product for rule in given))
    order = reckoning_order(given)
    if isinstance(order, CoverCycle):
        yield Finding(
            code=order.code,
            where=where,
            message=f"{order.found} is a ring",
            hint="let one of them cover only lines with a price of their own",
        )


def percent_of_total_prices(
    rules: Iterable[PercentOfTotal],
    lines: Iterable[CoveredLine],
    terms: Mapping[str, Term],
    *,
    rounding: Rounding | None = None,
) -> Mapping[str, Money | NothingCovered]:
    """Price the products that cost a share of other lines, those first that others are reckoned from.

    Args:
        rules: the percentages; their order decides nothing.
        lines: the lines that have a price of their own.
        terms: what is sold, and for how long, by product; a product that is not in it is not priced.
        rounding: how each price is rounded, before others are reckoned from it; `None` for not at all.

    Returns:
        The price of each product in `terms` that has a percentage, or why it has no price.

    Raises:
        InvalidDefinition: the percentages form a ring, or two are for one product.
        InvalidInput: a covered line has no amount of the subtotal that is named.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing.terms.percent_of_total import CoveredLine, PercentOfTotal, percent_of_total_prices
    >>> gold = PercentOfTotal(product="gold", percent=Percent(5), charges="all", covers=["support"])
    >>> support = PercentOfTotal(product="support", percent=Percent(10))
    >>> line = CoveredLine(product="server", amounts={"net": Money(1000, "EUR")})
    >>> prices = percent_of_total_prices([gold, support], [line], {"gold": 12, "support": 12})
    >>> str(prices["support"]), str(prices["gold"])
    ('100.00 EUR', '5.0000 EUR')
    """
    given = tuple(rules)
    refuse_errors("percent of total", percent_of_total_findings(given, "percent of total"))
    order = reckoning_order(given)
    known = list(lines)
    subtotals = {rule.subtotal for rule in given}
    shares = {rule.product for rule in given}
    prices: dict[str, Money | NothingCovered] = {}
    for rule in () if isinstance(order, CoverCycle) else order:
        if rule.product not in terms:
            continue
        price = rule.price(_covered(rule, known, shares), terms[rule.product], rounding=rounding)
        if isinstance(price, NothingCovered):
            prices[rule.product] = attrs.evolve(price, found=tuple(line.product for line in known))
            continue
        prices[rule.product] = price
        # A share has one amount, whichever subtotal another one is reckoned from.
        amounts = dict.fromkeys(subtotals, price)
        known.append(CoveredLine(product=rule.product, charge=rule.charge, amounts=amounts))
    return prices


def _covered(rule: PercentOfTotal, lines: Iterable[CoveredLine], shares: AbstractSet[str]) -> list[Money]:
    """The amounts that a percentage is reckoned from."""
    taken = [
        line
        for line in lines
        if rule.charges in (CoveredCharges.ALL, line.charge.value)
        and (line.product in rule.covers if rule.covers else line.product not in shares)
    ]
    problems = [
        Problem(f"{line.product}.amounts", "missing", ", ".join(line.amounts) or None, rule.subtotal)
        for line in taken
        if rule.subtotal not in line.amounts
    ]
    if problems:
        raise InvalidInput(f"lines covered by {rule.product}", problems)
    return [line.amounts[rule.subtotal] for line in taken]
