from __future__ import annotations

from itertools import pairwise, permutations

import pytest

from salesmgmt.core.definition import parse_definition
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.terms.percent_of_total import (
    ChargeKind,
    CoverCycle,
    CoveredCharges,
    CoveredLine,
    NothingCovered,
    PercentOfTotal,
    percent_of_total_findings,
    percent_of_total_prices,
    reckoning_order,
)

SUPPORT = PercentOfTotal(product="support", percent=Percent(10))
GOLD = PercentOfTotal(
    product="gold", percent=Percent(50), charges=CoveredCharges.ALL, covers=("support", "server")
)
AUDIT = PercentOfTotal(
    product="audit", percent=Percent(1), charges=CoveredCharges.RECURRING, covers=("gold",)
)
SERVER = CoveredLine(product="server", amounts={"list": Money(1200, "EUR"), "net": Money(1000, "EUR")})
HOSTING = CoveredLine(
    product="hosting",
    charge=ChargeKind.RECURRING,
    amounts={"list": Money(600, "EUR"), "net": Money(500, "EUR")},
)


def _price(rule: PercentOfTotal, *lines: CoveredLine) -> Money | NothingCovered:
    return percent_of_total_prices([rule], lines, {rule.product: 12})[rule.product]


# Trailhead, "Explore Other Ways to Affect Subscription Pricing": a share of the total, prorated below the default term.
@pytest.mark.parametrize(("months", "expected"), [(6, 50), (12, 100), (24, 200)])
def test_a_share_is_prorated_by_its_term(months: int, expected: int) -> None:
    prices = percent_of_total_prices([SUPPORT], [SERVER], {"support": months})

    assert prices == {"support": Money(expected, "EUR")}


@pytest.mark.parametrize(
    ("charges", "subtotal", "expected"),
    [("one_time", "net", 100), ("one_time", "list", 120), ("recurring", "net", 50), ("all", "list", 180)],
)
def test_the_base_is_a_subtotal_of_the_lines_that_are_covered(
    charges: CoveredCharges, subtotal: str, expected: int
) -> None:
    rule = PercentOfTotal(product="support", percent=Percent(10), charges=charges, subtotal=subtotal)

    assert _price(rule, SERVER, HOSTING) == Money(expected, "EUR")


def test_only_named_products_are_covered() -> None:
    rule = PercentOfTotal(product="support", percent=Percent(10), covers=("server",))
    desk = CoveredLine(product="desk", amounts={"net": Money(99, "EUR")})

    assert _price(rule, SERVER, desk) == Money(100, "EUR")


def test_a_share_of_shares_is_reckoned_after_them_in_whatever_order_they_stand() -> None:
    for rules in permutations([SUPPORT, GOLD, AUDIT]):
        prices = percent_of_total_prices(rules, [SERVER], dict.fromkeys(("support", "gold", "audit"), 12))

        assert prices == {
            "support": Money(100, "EUR"), "gold": Money(550, "EUR"), "audit": Money("5.50", "EUR")
        }  # fmt: skip


def test_a_share_that_covers_everything_covers_no_other_share() -> None:
    everything = PercentOfTotal(product="care", percent=Percent(10), charges=CoveredCharges.ALL)

    prices = percent_of_total_prices([SUPPORT, everything], [SERVER], {"support": 12, "care": 12})

    assert prices["care"] == Money(100, "EUR")


def test_a_share_that_is_not_sold_is_no_base() -> None:
    assert percent_of_total_prices([SUPPORT, GOLD], [SERVER], {"gold": 12}) == {"gold": Money(500, "EUR")}


def test_nothing_covered_is_no_price_and_not_zero() -> None:
    assert _price(SUPPORT, HOSTING) == NothingCovered(found=("hosting",), wanted="lines charged one_time")
    assert SUPPORT.price([], 12) == NothingCovered(found=(), wanted="lines charged one_time")


def test_a_share_is_rounded_before_others_are_reckoned_from_it() -> None:
    line = CoveredLine(product="server", amounts={"net": Money("0.14", "EUR")})
    half = PercentOfTotal(
        product="gold", percent=Percent(50), charges=CoveredCharges.ALL, covers=("support",)
    )

    prices = percent_of_total_prices(
        [SUPPORT, half], [line], {"support": 12, "gold": 12}, rounding=Rounding("half_up", "0.01")
    )

    assert prices == {"support": Money("0.01", "EUR"), "gold": Money("0.01", "EUR")}


def test_a_ring_is_refused_with_its_path() -> None:
    ring = [
        PercentOfTotal(product=product, percent=Percent(1), covers=(covered,))
        for product, covered in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]
    ]

    found = reckoning_order(ring)

    assert isinstance(found, CoverCycle)
    assert found.code == "cycle"
    assert found.path[0] == found.path[-1]
    assert set(pairwise(found.path)) == {
        ("a", "b"),
        ("b", "c"),
        ("c", "a"),
    }
    assert [finding.code for finding in percent_of_total_findings(ring, "percentages")] == ["cycle"]
    with pytest.raises(InvalidDefinition, match=found.found):
        percent_of_total_prices(ring, [SERVER], {"a": 12})


def test_two_percentages_for_a_product_are_refused() -> None:
    assert [finding.code for finding in percent_of_total_findings([SUPPORT, SUPPORT], "percentages")] == [
        "duplicate_id"
    ]


def test_a_long_chain_needs_no_deep_stack() -> None:
    chain = [
        PercentOfTotal(
            product=f"p{number}", percent=Percent(100), charges=CoveredCharges.ALL, covers=(f"p{number - 1}",)
        )
        for number in range(1, 3_000)
    ]
    order = reckoning_order(chain)

    assert not isinstance(order, CoverCycle)
    assert [rule.product for rule in order][:2] == ["p1", "p2"]


def test_what_cannot_be_reckoned_is_refused() -> None:
    with pytest.raises(InvalidInput, match="more than 0%"):
        PercentOfTotal(product="support", percent=Percent(0))
    with pytest.raises(InvalidInput, match=r"server\.amounts: found list, net, wanted cost"):
        _price(PercentOfTotal(product="support", percent=Percent(1), subtotal="cost"), SERVER)
    with pytest.raises(CurrencyMismatch):
        SUPPORT.price([Money(1, "EUR"), Money(1, "USD")], 12)


def test_a_percentage_is_read_from_toml() -> None:
    text = 'product = "gold"\npercent = "50%"\ncharges = "all"\ncovers = ["support", "server"]'

    assert parse_definition(text, PercentOfTotal, what="gold") == GOLD
