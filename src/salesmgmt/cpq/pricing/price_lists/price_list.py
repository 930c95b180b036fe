"""Price lists: rules in one currency, lists based on other lists, and the book that prices by them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from salesmgmt.core.currency import currency as known_currency
from salesmgmt.core.errors import shorten
from salesmgmt.core.exchange import ExchangeRates
from salesmgmt.core.findings import Finding, duplicate_ids
from salesmgmt.core.formula import SET, TEXT, Schema
from salesmgmt.core.formula.phrases import shorten_text
from salesmgmt.core.units import UnitTable
from salesmgmt.cpq.pricing.price_lists.book import PriceBook
from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
from salesmgmt.cpq.pricing.price_lists.price_rule import BasePrice, PriceRule

PRICE_LIST_FACTS = Schema(
    {
        "line.product": TEXT,
        "line.lineage": SET[TEXT],
        "line.categories": SET[TEXT],
        "line.family": TEXT,
        "line.brand": TEXT,
        "customer.id": TEXT,
        "customer.segment": TEXT,
        "order.currency": TEXT,
        "order.channel": TEXT,
        "order.region": TEXT,
        "order.campaign": TEXT,
    }
)
"""The facts that the keys of rules may name when a host declares no others."""


def _rules(rules: Iterable[PriceRule]) -> tuple[PriceRule, ...]:
    return tuple(rules)


def _code(value: str) -> str:
    return known_currency(value).code


@attrs.frozen(kw_only=True)
class PriceList:
    """Rules that make prices in one currency.

    Attributes:
        id: its name.
        currency: of every amount in its rules, and of its prices.
        rules: the rules.
        based_on: the id of the list whose prices it inherits; empty for none.

    Raises:
        UnknownCurrency: no currency has this code.

    >>> from salesmgmt.cpq.pricing.price_lists.price_list import PriceList
    >>> from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
    >>> PriceList(id="retail", currency="EUR", rules=[PriceRule.for_product("dock", id="r", price=158)]).rules[0].id
    'r'
    """

    id: str
    currency: str = attrs.field(converter=_code)
    rules: tuple[PriceRule, ...] = attrs.field(default=(), converter=_rules)
    based_on: str = ""

    @property
    def bases(self) -> frozenset[str]:
        """The lists that its prices are made from."""
        others = {rule.base_price_list for rule in self.rules if rule.base is BasePrice.PRICE_LIST}
        return frozenset(others | ({self.based_on} if self.based_on else set()))


def _lists(lists: Iterable[PriceList]) -> tuple[PriceList, ...]:
    return tuple(lists)


@attrs.frozen(kw_only=True)
class PriceLists:
    """All price lists of a model, and how they are read.

    Attributes:
        lists: the lists.
        policy: how they are read.
        time_zone: IANA name of the zone in which days begin, for validities and exchange rates.

    >>> from datetime import UTC, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.price_lists.unit_price import BasePrices, PriceQuestion
    >>> from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists
    >>> from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
    >>> retail = PriceList(id="retail", currency="EUR", rules=[PriceRule(id="ten", min_quantity=4, percent_off=10)])
    >>> book = PriceLists(lists=[retail]).compile()
    >>> found = book.price("retail", PriceQuestion(
    ...     facts={"line.product": "dock"}, quantity=Decimal(4), unit="piece", at=datetime(2026, 3, 2, tzinfo=UTC),
    ...     bases=BasePrices(list=Money("20.00", "EUR")),
    ... ))
    >>> found.unit_price, found.discount_percent, found.rule, found.amount
    (Money('18.0000', 'EUR'), Percent('10.00'), 'ten', Money('72.0000', 'EUR'))
    """

    lists: tuple[PriceList, ...] = attrs.field(converter=_lists)
    policy: PriceListPolicy = attrs.field(factory=PriceListPolicy)
    time_zone: str = "UTC"

    def findings(self) -> tuple[Finding, ...]:
        """What cannot work: ids twice, contradictory rules, unknown base lists, and lists based on each other in a ring.

        >>> from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists
        >>> ring = PriceLists(lists=[
        ...     PriceList(id="a", currency="EUR", based_on="b"), PriceList(id="b", currency="EUR", based_on="a"),
        ... ])
        >>> print(ring.findings()[0])
        error cycle at price_lists.a: it is based on itself: a -> b -> a; let one of them stand on its own
        """
        return tuple(self._findings())

    def compile(
        self,
        schema: Schema = PRICE_LIST_FACTS,
        *,
        units: UnitTable | None = None,
        rates: ExchangeRates | None = None,
    ) -> PriceBook:
        """Make the book that prices by them.

        Args:
            schema: the facts that keys and conditions may name.
            units: the units that quantities are given in; those of `UnitTable.standard` when nothing is said.
            rates: the exchange rates for prices in other currencies than their list.

        Raises:
            InvalidDefinition: they cannot work; all findings are listed.
        """
        return PriceBook(
            self, schema, UnitTable.standard() if units is None else units, rates or ExchangeRates([])
        )

    def _findings(self) -> Iterator[Finding]:
        yield from duplicate_ids("price_lists", (one.id for one in self.lists))
        known = {one.id for one in self.lists}
        for one in self.lists:
            place = f"price_lists.{shorten_text(one.id)}"
            for base in sorted(one.bases - known - {""}):
                yield Finding(
                    code="unknown_price_list",
                    where=place,
                    message=f"there is no price list {shorten(base)}",
                    hint="add it, or correct the id",
                )
            for rule in one.rules:
                yield from rule.findings(f"{place}.rules")
        edges = [(one.id, base) for one in self.lists for base in sorted(one.bases)]
        ring = price_list_cycle(edges)
        if ring is not None:
            yield Finding(
                code="cycle",
                where=f"price_lists.{ring[0]}",
                message=f"it is based on itself: {' -> '.join(ring)}",
                hint="let one of them stand on its own",
            )


def price_list_cycle(based_on: Iterable[tuple[str, str]], start: str = "") -> tuple[str, ...] | None:
    """The first ring of lists that are based on each other, closed; `None` when there is none.

    Args:
        based_on: pairs of a list and one that it is based on.
        start: only rings through this list; empty for any.

    >>> from salesmgmt.cpq.pricing.price_lists.price_list import price_list_cycle
    >>> price_list_cycle([("b", "a"), ("c", "b"), ("a", "c")], "a")
    ('a', 'c', 'b', 'a')
    """
    bases: dict[str, list[str]] = {}
    for one, base in based_on:
        bases.setdefault(one, []).append(base)
    for first in [start] if start else list(bases):
        came_from = dict.fromkeys(reversed(bases.get(first, [])), first)
        waiting = list(came_from)
        while waiting:
            here = waiting.pop()
            if here == first:
                path = [first]
                step = came_from[first]
                while step != first:
                    path.append(step)
                    step = came_from[step]
                return (first, *reversed(path[1:]), first)
            for base in bases.get(here, ()):
                if base not in came_from:
                    came_from[base] = here
                    waiting.append(base)
    return None
