from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.codec import Codec
from salesmgmt.core.definition import parse_definition
from salesmgmt.core.errors import UnknownOption
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.units import IncompatibleUnits, UnitTable
from salesmgmt.cpq.pricing.price_lists.policy import (
    Combination,
    Inherited,
    PriceListPolicy,
    UnitAmounts,
    Uplift,
    WithoutRule,
)
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists, price_list_cycle
from salesmgmt.cpq.pricing.price_lists.price_rule import BasePrice, PriceRule, QuantityScope, Reference
from salesmgmt.cpq.pricing.price_lists.unit_price import (
    BasePrices,
    FreeLine,
    NoUnitPrice,
    PriceQuestion,
    RuleConflict,
    UnitPrice,
)
from salesmgmt.cpq.pricing.selection.order import Criterion, SelectionOrder
from salesmgmt.cpq.pricing.selection.selection import PassedOver
from salesmgmt.cpq.products import Catalogue, Product

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
UNITS = UnitTable.standard().with_conversion("box", "piece", 10)
CATALOGUE = Catalogue(
    [
        Product(id="shirt"),
        Product(id="shirt-red", parent="shirt"),
        Product(id="shirt-blue", parent="shirt"),
        Product(id="mug", category="kitchen"),
    ]
)


def _eur(amount: str) -> Money:
    return Money(amount, "EUR")


def _ask(product: str = "mug", quantity: str | int = 1, unit: str = "piece", **bases: Any) -> PriceQuestion:
    facts = bases.pop("facts", {})
    if not bases:
        bases = {"list": _eur("20.00")}
    return PriceQuestion(
        facts={**CATALOGUE.facts_of(product), **facts},
        quantity=Decimal(quantity),
        unit=unit,
        base_unit="piece",
        at=NOW,
        bases=BasePrices(**bases),
    )


def _book(
    *rules: PriceRule, policy: PriceListPolicy | None = None, rates: ExchangeRates | None = None
) -> Any:
    lists = [PriceList(id="retail", currency="EUR", rules=rules)]
    return PriceLists(lists=lists, policy=policy or PriceListPolicy()).compile(units=UNITS, rates=rates)


def _found(question: PriceQuestion, *rules: PriceRule, **options: Any) -> UnitPrice:
    found = _book(*rules, **options).price("retail", question)
    assert isinstance(found, UnitPrice)
    return found


def _rule(name: str = "r", **fields: Any) -> PriceRule:
    return PriceRule(id=name, **fields)


def test_without_a_rule_the_list_price_holds_or_none() -> None:
    found = _found(_ask())
    assert (found.unit_price, found.rule, found.discount_percent) == (_eur("20.00"), None, Percent(0))

    strict = PriceListPolicy(without_rule=WithoutRule.NO_PRICE)
    for book, question in ((_book(policy=strict), _ask()), (_book(), _ask(cost=_eur("5")))):
        answer = book.price("retail", question)
        assert isinstance(answer, NoUnitPrice)
        assert (answer.code, answer.found) == ("no_price", None)


def test_a_rule_whose_base_is_missing_gives_no_price_and_not_zero() -> None:
    answer = _book(_rule(base=BasePrice.COST, margin_percent=50)).price("retail", _ask())

    assert answer == NoUnitPrice(price_list="retail", found="r", wanted="the cost of the product")


def test_thresholds_are_in_base_units_and_amounts_per_base_unit() -> None:
    four = _rule(min_quantity=4, amount_off=2)

    assert _found(_ask(quantity="0.3", unit="dozen"), four).unit_price == _eur("240.00")
    found = _found(_ask(quantity="0.4", unit="dozen"), four)
    assert (found.unit_price, found.amount) == (_eur("216.00"), _eur("86.400"))


@pytest.mark.parametrize(
    ("amounts", "wanted"), [(UnitAmounts.RULE_UNIT, "85"), (UnitAmounts.BASE_UNIT, "850")]
)
def test_a_rule_with_a_unit_holds_only_for_it(amounts: UnitAmounts, wanted: str) -> None:
    rules = (_rule("box", uom="box", price=85), _rule("any", price=9))
    policy = PriceListPolicy(unit_amounts=amounts)

    assert _found(_ask(unit="box"), *rules, policy=policy).unit_price == _eur(wanted)
    assert _found(_ask(), *rules, policy=policy).unit_price == _eur("9")
    assert _found(_ask(unit="dozen"), *rules, policy=policy).unit_price == _eur("108")


def test_a_list_price_that_is_stated_for_the_unit_comes_before_a_converted_one() -> None:
    question = _ask(unit="box", list=_eur("10"), by_unit={"box": _eur("90")})

    assert _found(question, _rule(percent_off=10)).unit_price == _eur("81")


def test_rounding_is_per_base_unit_before_the_conversion() -> None:
    question = _ask(unit="dozen", list=_eur("1.04"))

    assert _found(question, _rule(round_to="0.1")).unit_price == _eur("12")


def test_a_price_per_hundred_is_exact_for_any_quantity() -> None:
    per_three = _rule(price=100, per_quantity=3)

    assert _found(_ask(quantity=3), per_three).amount == _eur("100")
    assert _found(_ask(quantity=600), per_three).amount == _eur("20000")
    assert _found(_ask(quantity=1, unit="dozen"), per_three).unit_price == _eur("400")


def test_a_piece_of_a_dozen_price_is_not_rounded_before_it_is_multiplied() -> None:
    question = _ask(quantity=12, list=_eur("100"), unit="piece")
    question = attrs.evolve(question, bases=BasePrices(list=_eur("100"), unit="dozen"))

    assert _found(question).unit_price.amount == Decimal("8.333333333333333333333333333333333")
    assert _found(question).amount == _eur("100")
    assert _found(question, _rule(percent_off=10)).amount == _eur("90")
    assert _found(question, _rule(percent_off=10, amount_off="0.50")).amount == _eur("84")


def test_units_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(IncompatibleUnits):
        _book(_rule(price=1)).price("retail", _ask(unit="kg"))


def test_a_base_is_converted_unrounded_by_the_rate_of_the_day() -> None:
    rates = ExchangeRates(
        [
            ExchangeRate("USD", "EUR", "0.3333", date(2026, 3, 1)),
            ExchangeRate("USD", "EUR", "9", date(2026, 3, 3)),
        ]
    )
    question = _ask(list=Money("10.01", "USD"))

    assert _found(question, _rule(percent_off=50), rates=rates).unit_price == _eur("1.66816650")
    missing = _book(_rule(percent_off=50)).price("retail", question)
    assert isinstance(missing, NoUnitPrice)
    assert "USD" in missing.wanted


def test_the_discount_is_shown_and_never_makes_the_price() -> None:
    found = _found(_ask(quantity=2, list=_eur("168.00")), _rule(price=158))

    assert found.amount == _eur("316")
    assert found.reference_unit_price == _eur("168")
    assert found.discount_percent == Percent("5.952380952380952380952380952380952")


def test_a_new_price_shows_no_discount() -> None:
    found = _found(_ask(), _rule(percent_off=10, reference=Reference.PRICE))

    assert (found.reference_unit_price, found.discount_percent) == (_eur("18"), Percent(0))


@pytest.mark.parametrize(
    ("uplift", "reference", "percent"),
    [(Uplift.IN_REFERENCE, "24", "0"), (Uplift.NEGATIVE_DISCOUNT, "20", "-20")],
)
def test_an_uplift_is_shown_by_policy(uplift: Uplift, reference: str, percent: str) -> None:
    found = _found(_ask(), _rule(percent_off=-20), policy=PriceListPolicy(uplift=uplift))

    assert (found.reference_unit_price, found.discount_percent) == (_eur(reference), Percent(percent))


def test_a_discount_on_nothing_is_undefined() -> None:
    policy = PriceListPolicy(uplift=Uplift.NEGATIVE_DISCOUNT)

    assert _found(_ask(list=_eur("0")), _rule(surcharge=1), policy=policy).discount_percent is None


def _two(child: tuple[PriceRule, ...], parent: tuple[PriceRule, ...], **options: Any) -> Any:
    policy = options.pop("policy", PriceListPolicy())
    lists = [
        PriceList(id="child", currency="EUR", rules=child, **options),
        PriceList(id="parent", currency="EUR", rules=parent),
    ]
    return PriceLists(lists=lists, policy=policy).compile(units=UNITS)


BREAKS = (_rule("one", price=100), _rule("ten", min_quantity=10, price=80))
OWN = PriceRule.for_product("mug", id="own", price=90)
ON_PARENT = _rule("on-parent", base=BasePrice.PRICE_LIST, base_price_list="parent")


def test_a_rule_on_another_list_keeps_its_breaks_and_its_reference() -> None:
    child = _rule("c", base=BasePrice.PRICE_LIST, base_price_list="parent", percent_off=10)
    book = _two((child,), (_rule("p", percent_off=50),))
    found = book.price("child", _ask(list=_eur("100")))

    assert (found.unit_price, found.reference_unit_price) == (_eur("45"), _eur("100"))
    assert found.discount_percent == Percent(55)
    assert found.rule == "c"
    assert _two((child,), BREAKS).price("child", _ask(quantity=10)).unit_price == _eur("72")


def test_an_inherited_break_survives_only_where_the_lowest_counts() -> None:
    lowest = PriceListPolicy.preset("lowest_own_or_inherited")
    odoo = PriceListPolicy.preset("odoo")

    for policy, at_ten in ((odoo, "90"), (lowest, "80")):
        book = _two((OWN, ON_PARENT), BREAKS, policy=policy)
        assert book.price("child", _ask(quantity=1)).unit_price == _eur("90")
        assert book.price("child", _ask(quantity=10)).unit_price == _eur(at_ten)


def test_a_list_that_is_based_on_another_inherits_its_prices() -> None:
    book = _two((OWN,), BREAKS, based_on="parent")
    assert book.price("child", _ask("shirt", 10)).unit_price == _eur("80")
    assert book.price("child", _ask("mug", 10)).unit_price == _eur("90")

    lowest = _two((OWN,), BREAKS, based_on="parent", policy=PriceListPolicy(inherited=Inherited.LOWEST))
    assert lowest.price("child", _ask("mug", 1)).rule == "own"
    assert lowest.price("child", _ask("mug", 10)).rule == "ten"


def test_rings_of_lists_are_refused_with_their_path() -> None:
    ring = [
        PriceList(id="a", currency="EUR", based_on="b"),
        PriceList(
            id="b",
            currency="EUR",
            rules=[_rule(base=BasePrice.PRICE_LIST, base_price_list="a", percent_off=1)],
        ),
    ]
    with pytest.raises(InvalidDefinition, match="a -> b -> a"):
        PriceLists(lists=ring).compile()
    assert price_list_cycle([("a", "a")]) == ("a", "a")
    assert price_list_cycle([("a", "b"), ("b", "c"), ("a", "c")]) is None
    assert price_list_cycle([("a", "b"), ("b", "c"), ("c", "b")], "a") is None


def test_lists_that_cannot_work_tell_every_fault() -> None:
    lists = [
        PriceList(id="a", currency="EUR", based_on="z", rules=[_rule(percent_off=101)]),
        PriceList(id="a", currency="EUR"),
    ]
    codes = [finding.code for finding in PriceLists(lists=lists).findings()]

    assert codes == ["duplicate_id", "unknown_price_list", "invalid_rule"]
    with pytest.raises(UnknownOption):
        _book().price("wholesale", _ask())


def test_a_conflict_gives_the_candidates_with_their_prices() -> None:
    answer = _book(_rule("a", percent_off=10), _rule("b", amount_off=5)).price("retail", _ask())

    assert isinstance(answer, RuleConflict)
    assert [(one.rule, one.unit_price) for one in answer.candidates] == [("a", _eur("18")), ("b", _eur("15"))]


def test_equal_rules_of_one_price_are_no_conflict() -> None:
    assert _found(_ask(), _rule("b", percent_off=10), _rule("a", amount_off=2)).rule == "a"


@pytest.mark.parametrize("combinable", [True, False])
def test_rules_apply_together_only_if_each_may(combinable: bool) -> None:
    rules = (
        _rule("a", priority=1, percent_off=20, combinable=True),
        _rule("b", priority=2, percent_off=10, combinable=combinable),
    )
    policy = PriceListPolicy(
        combination=Combination.ALL_IF_COMBINABLE, order=SelectionOrder(criteria=(Criterion.PRIORITY,))
    )
    found = _found(_ask(), *rules, policy=policy)

    assert found.rules == (("b", "a") if combinable else ("b",))
    assert found.discount_percent == Percent(30 if combinable else 10)


def test_the_answer_tells_what_was_passed_over() -> None:
    book = _book(_rule("all", percent_off=10), PriceRule.for_category("kitchen", id="near", percent_off=5))
    found = book.price("retail", _ask(), passed_over=True)

    assert found.passed_over == (PassedOver("all", Criterion.SPECIFICITY, "near"),)


def test_a_rule_for_a_template_holds_for_its_variants_and_one_for_the_variant_comes_first() -> None:
    template = PriceRule.for_product("shirt", id="template", price=10)
    variant = PriceRule.for_variant("shirt-red", id="variant", price=12)

    assert _found(_ask("shirt-red"), template, variant).rule == "variant"
    assert _found(_ask("shirt-blue"), template, variant).rule == "template"


def test_a_break_counts_the_variants_of_a_document() -> None:
    bulk = PriceRule.for_product(
        "shirt",
        id="bulk",
        min_quantity=10,
        price=5,
        quantity_scope=QuantityScope.DOCUMENT_BY_PRODUCT_FAMILY,
    )
    lines = [_ask("shirt-red", 5), _ask("shirt-blue", 5), _ask("mug", 5)]
    prices = _book(bulk).price_document("retail", lines)

    assert [line.unit_price for line in prices.lines] == [_eur("5"), _eur("5"), _eur("20.00")]
    assert _book(bulk).price("retail", lines[0]).unit_price == _eur("20.00")


def test_a_break_counts_all_lines_that_a_rule_is_for() -> None:
    mixed = _rule(min_quantity=10, percent_off=50, quantity_scope=QuantityScope.ALL_MATCHING_LINES)
    lines = [_ask("shirt-red", 6), _ask("mug", 4)]

    prices = _book(mixed).price_document("retail", lines)
    assert [line.unit_price for line in prices.lines] == [_eur("10")] * 2


def test_a_minimum_amount_is_of_the_line_at_list_prices() -> None:
    large = _rule(min_amount=100, percent_off=10)

    assert _found(_ask(quantity=4), large).rule is None
    assert _found(_ask(quantity=5), large).rule == "r"


def test_a_rule_may_be_for_other_lines_than_it_holds_for() -> None:
    offer = PriceRule.for_product(
        "shirt", id="offer", min_amount=100, percent_off=10, apply_to={"line.lineage": "mug"}
    )
    enough = _book(offer).price_document("retail", [_ask("shirt-red", 5), _ask("mug")])
    too_few = _book(offer).price_document("retail", [_ask("shirt-red", 4), _ask("mug")])

    assert [line.rule for line in enough.lines] == [None, "offer"]
    assert [line.rule for line in too_few.lines] == [None, None]


@pytest.mark.parametrize(("recursive", "quantity"), [(False, 1), (True, 3)])
def test_a_rule_may_add_a_line(recursive: bool, quantity: int) -> None:
    gift = PriceRule.for_product(
        "mug", id="gift", min_quantity=2, free_product="spoon", free_unit_price=1, recursive=recursive
    )
    prices = _book(gift).price_document("retail", [_ask("mug", 7), _ask("mug", 1)])

    assert prices.added == (
        FreeLine(rule="gift", product="spoon", quantity=Decimal(quantity), unit_price=_eur("1")),
    )


def test_a_gift_on_the_whole_document_is_given_once() -> None:
    gift = _rule(free_product="spoon", min_quantity=2, quantity_scope=QuantityScope.ALL_MATCHING_LINES)

    assert len(_book(gift).price_document("retail", [_ask(), _ask()]).added) == 1
    assert _book(gift).price_document("retail", [_ask()]).added == ()


@pytest.mark.parametrize("name", ["odoo", "erpnext", "lowest_own_or_inherited"])
def test_presets_are_data_and_round_trip(name: str) -> None:
    policy = PriceListPolicy.preset(name)

    assert Codec().from_json(PriceListPolicy, Codec().to_json(policy)) == policy
    with pytest.raises(UnknownOption):
        PriceListPolicy.preset(f"{name}-2")


def test_a_book_survives_pickling() -> None:
    book = pickle.loads(pickle.dumps(_book(_rule(percent_off=10))))

    assert book.price("retail", _ask()).unit_price == _eur("18")


@settings(max_examples=60, deadline=None)
@given(
    prices=st.lists(st.integers(1, 500), min_size=1, max_size=6),
    more=st.integers(1, 500),
    quantity=st.integers(1, 20),
)
def test_one_more_rule_never_raises_the_lowest_price(prices: list[int], more: int, quantity: int) -> None:
    policy = PriceListPolicy.preset("lowest_own_or_inherited")
    rules = [_rule(f"r{place}", price=price) for place, price in enumerate(prices)]
    before = _found(_ask(quantity=quantity), *rules, policy=policy)
    after = _found(_ask(quantity=quantity), *rules, _rule("more", price=more), policy=policy)

    assert after.unit_price <= before.unit_price
    assert after.unit_price == _eur(str(min(*prices, more)))


def test_price_lists_are_read_from_toml() -> None:
    lists = parse_definition(
        """
        time_zone = "Europe/Berlin"

        [policy.order]
        criteria = ["specificity", "break", "first"]
        ties = "first"

        [[lists]]
        id = "retail"
        currency = "EUR"
        rules = [
          { id = "kitchen", key = { "line.categories" = "kitchen" }, percent_off = 10, valid_from = 2026-03-02 },
          { id = "ten", key = { "line.categories" = "kitchen" }, min_quantity = 10, price = 15, uom = "piece" },
        ]
        """,
        PriceLists,
        what="price lists",
    )
    book = lists.compile(units=UNITS)

    assert book.price("retail", _ask()) == _found(
        _ask(), PriceRule.for_category("kitchen", id="kitchen", percent_off=10)
    )
    ten = book.price("retail", _ask(quantity=10))
    assert isinstance(ten, UnitPrice)
    assert ten.unit_price == _eur("15")
