"""What keeps a quote from being shown: each finding on a quote made by hand, and checks that misbehave."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.entity import ProductId
from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import FormulaError
from salesmgmt.core.units import UnitTable
from salesmgmt.cpq.approvals import ApprovalPolicy
from salesmgmt.cpq.configure import Attribute, Configurator, Excludes, ProductModel
from salesmgmt.cpq.pricing import (
    DiscountRule,
    Discounts,
    HeaderDiscounts,
    Line,
    ListPrice,
    ManualPrice,
    Pricer,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundLines,
)
from salesmgmt.cpq.products import Catalogue, Product
from salesmgmt.cpq.quotes import (
    AddLine,
    ChangeQuantity,
    Completeness,
    Contract,
    ContractChange,
    ContractItem,
    NotPresentable,
    Outline,
    OutlineLine,
    Quote,
    QuoteLine,
    QuoteStatus,
    QuoteVersion,
    Requirement,
    UnpricedLine,
    amend,
    findings,
    present,
    price_offer,
    quote_from,
    submit,
)
from salesmgmt.cpq.recommend import Relation, Relations
from salesmgmt.engines.lifecycle import MoveRefused

from .conftest import LAST_DAY, NOW, REP, draft, eur, offer

TODAY = NOW.date()


def line(position: int, product: str = "bike", quantity: str | int = 1, **more: Any) -> QuoteLine:
    return QuoteLine(
        position=position,
        product=product,
        quantity=Decimal(quantity),
        list_amount=eur("10"),
        net_amount=eur("10"),
        share=eur("0"),
        **more,
    )


def quote_of(*lines: QuoteLine | UnpricedLine) -> Quote:
    version = QuoteVersion(
        number=1,
        currency="EUR",
        lines=tuple(one for one in lines if isinstance(one, QuoteLine)),
        unpriced=tuple(one for one in lines if isinstance(one, UnpricedLine)),
        priced_at=NOW,
        valid_until=LAST_DAY,
        model="shop",
        model_version=1,
        model_digest="m",
        request_digest="r",
        made_at=NOW,
        made_by="li.wei",
    )
    return Quote(
        id="q-1",
        number="Q-1",
        currency="EUR",
        versions=(version,),
        current_version=1,
        total=version.total,
        valid_until=LAST_DAY,
    )


def product(name: str, **more: Any) -> Product:
    return Product(id=ProductId(name), **more)


def codes(found: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(one.code, one.where) for one in found]


def of(completeness: Completeness, *lines: QuoteLine | UnpricedLine) -> tuple[Finding, ...]:
    return completeness.findings(quote_of(*lines), on=TODAY)


# What a quote shows by itself.


def test_a_quote_without_fault_lacks_nothing() -> None:
    assert findings(quote_of(line(0)), on=LAST_DAY) == ()
    assert Completeness().findings(quote_of(line(0)), on=LAST_DAY) == ()


def test_a_plain_quote_tells_lines_prices_choices_and_dates() -> None:
    missing: dict[str, Any] = {"product": "dock", "quantity": Decimal(1)}
    found = findings(
        quote_of(
            line(0, missing=("fork",)),
            UnpricedLine(position=1, reason="no_price", message="no record", **missing),
            UnpricedLine(position=2, reason="conflict", message="two records", **missing),
            line(3, manual=ManualPrice(unit_price=eur("9"), reason="matched", by="li.wei")),
        ),
        on=LAST_DAY + timedelta(days=1),
    )

    assert codes(found) == [
        ("missing_price", "lines[1]"),
        ("price_conflict", "lines[2]"),
        ("incomplete_configuration", "lines[0]"),
        ("undated_adjustment", "lines[3]"),
        ("expired", "valid_until"),
    ]
    assert codes(findings(quote_of(), on=TODAY)) == [("no_lines", "lines")]


def test_a_line_of_nothing_is_told_and_units_that_an_amendment_gives_back_are_not() -> None:
    (found,) = findings(quote_of(line(0, quantity=0), line(1, quantity=-3)), on=TODAY)

    assert (found.code, found.where, found.severity) == ("zero_quantity", "lines[0]", Severity.ERROR)
    assert found.message == "the quantity of 'bike' is 0"


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        (date(2026, 5, 1), date(2026, 5, 1), "reversed_term"),
        (date(2026, 5, 1), date(2026, 4, 1), "reversed_term"),
        (date(2025, 3, 2), date(2026, 3, 2), "term_over"),
        (None, date(2026, 3, 2), "term_over"),
        (date(2025, 3, 3), date(2026, 3, 3), "early_term"),
        (date(2026, 3, 31), None, "early_term"),
        (date(2026, 4, 1), date(2027, 4, 1), None),
        (None, date(2026, 3, 3), None),
    ],
)
def test_terms_are_held_against_themselves_the_day_and_the_last_day(
    starts: date | None, ends: date | None, code: str | None
) -> None:
    found = findings(quote_of(line(0, starts=starts, ends=ends)), on=date(2026, 3, 2))

    assert [one.code for one in found] == ([] if code is None else [code])
    assert all((one.severity is Severity.WARNING) is (code == "early_term") for one in found)


def test_the_message_of_an_ended_term_names_its_last_day() -> None:
    (found,) = findings(quote_of(line(0, ends=date(2026, 3, 1))), on=date(2026, 3, 2))

    assert found.message == "the last day of the term of 'bike' was 2026-02-28, and it is 2026-03-02"


# Products, units, packs.


def test_unknown_and_inactive_products_are_told_with_what_to_do() -> None:
    shop = Completeness(catalogue=Catalogue([product("bike"), product("old", active=False)]))

    found = of(shop, line(0), line(1, "bikee"), line(2, "old"), line(3, "bikee"))

    assert codes(found) == [
        ("unknown_product", "lines[1]"),
        ("inactive_product", "lines[2]"),
        ("unknown_product", "lines[3]"),
    ]
    assert found[0].hint == "did you mean 'bike'?"
    assert found[0].hint == found[2].hint


def test_without_a_catalogue_any_product_may_be_named() -> None:
    assert of(Completeness(), line(0, "whatever", uom="parsec")) == ()


def test_a_unit_must_lead_to_that_of_the_product() -> None:
    catalogue = Catalogue([product("wire", unit="m"), product("wine")])
    box = UnitTable.standard().with_conversion("box", "piece", 6)
    lines = line(0, "wire", uom="cm"), line(1, "wire", uom="kg"), line(2, "wine", uom="box")

    assert codes(of(Completeness(catalogue=catalogue), *lines)) == [
        ("unit_mismatch", "lines[1]"),
        ("unit_mismatch", "lines[2]"),
    ]
    (found,) = of(Completeness(catalogue=catalogue, units=box), *lines)
    assert found.message == "'wire' is sold by m: kg cannot be converted to m"
    assert found.hint.startswith("order it in m; or ")


@pytest.mark.parametrize(
    ("quantity", "uom", "code", "order"),
    [
        ("11", "", "below_minimum", "24"),
        ("19", "", "below_minimum", "24"),
        ("23", "", "broken_pack", "24"),
        ("24", "", None, ""),
        ("2", "dozen", None, ""),
        ("2.5", "dozen", "broken_pack", "24 or 36"),
        ("40", "", "broken_pack", "36 or 48"),
        ("95", "", "broken_pack", "84 or 96"),
        ("99", "", "broken_pack", "96"),
        ("101", "", "above_maximum", "96"),
        ("9" * 34, "", "above_maximum", "96"),
        ("24." + "0" * 31 + "1", "", "broken_pack", "24 or 36"),
    ],
)
def test_quantities_keep_to_packs_of_12_from_20_to_100(
    quantity: str, uom: str, code: str | None, order: str
) -> None:
    shop = Completeness(catalogue=Catalogue([product("tube", pack=12, min_quantity=20, max_quantity=100)]))

    found = of(shop, line(0, "tube", quantity, uom=uom))

    assert [one.code for one in found] == ([] if code is None else [code])
    assert all(one.hint.startswith(f"order {order} piece, ") for one in found)


def test_limits_hold_without_packs_and_packs_may_be_fractions() -> None:
    shop = Completeness(
        catalogue=Catalogue(
            [product("oil", unit="l", pack="0.75"), product("fee", min_quantity=2, max_quantity=3)]
        )
    )

    found = of(
        shop,
        line(0, "oil", "2.25"),
        line(1, "oil", "2"),
        line(2, "fee"),
        line(3, "fee", 4),
        line(4, "fee", "2.5"),
    )

    assert codes(found) == [
        ("broken_pack", "lines[1]"),
        ("below_minimum", "lines[2]"),
        ("above_maximum", "lines[3]"),
    ]
    assert [one.hint.split(",")[0] for one in found] == [
        "order 1.50 or 2.25 l",
        "order 2 piece",
        "order 3 piece",
    ]


def test_free_units_need_fill_no_pack() -> None:
    shop = Completeness(catalogue=Catalogue([product("tube", pack=12)]))

    assert of(shop, line(0, "tube", 12), line(1, "tube", 1, added_by="12+1")) == ()


# Configurations.


def bike(**more: Any) -> Configurator:
    return ProductModel(
        id="bike",
        attributes=(
            Attribute("frame", ("alloy", "carbon")),
            Attribute("fork", ("rigid", "air")),
            Attribute("rack", ("yes", "no")),
        ),
        rules=(Excludes(id="R12", combination={"frame": "carbon", "fork": "rigid"}),),
    ).compile(**more)


@pytest.mark.parametrize(
    ("configuration", "code", "words"),
    [
        ({"frame": "alloy", "fork": "rigid", "rack": "no"}, None, ""),
        ({"frame": "alloy"}, "incomplete_configuration", "nothing is chosen for fork, rack of 'bike'"),
        ({}, "incomplete_configuration", "nothing is chosen for frame, fork, rack of 'bike'"),
        ({"frame": "carbon", "fork": "rigid", "rack": "no"}, "invalid_configuration", "R12"),
        ({"frame": "steel", "fork": "rigid", "rack": "no"}, "unknown_choice", "frame cannot be 'steel'"),
        ({"motor": "hub"}, "unknown_choice", "motor cannot be"),
    ],
)
def test_a_configuration_is_held_against_the_model_of_today(
    configuration: Mapping[str, str], code: str | None, words: str
) -> None:
    found = of(Completeness(configurators={"bike": bike()}), line(0, configuration=configuration))

    assert [one.code for one in found] == ([] if code is None else [code])
    assert all(words in one.message and one.severity is Severity.ERROR for one in found)


def test_an_invalid_configuration_comes_with_a_repair() -> None:
    wrong = {"frame": "carbon", "fork": "rigid", "rack": "no"}
    (found,) = of(Completeness(configurators={"bike": bike()}), line(0, configuration=wrong))

    # either frame = alloy or fork = air mends it
    assert found.hint.startswith("for example f")
    assert " in place of " in found.hint


def test_what_is_missing_is_told_once() -> None:
    found = of(Completeness(configurators={"bike": bike()}), line(0, missing=("frame", "fork", "rack")))

    assert codes(found) == [("incomplete_configuration", "lines[0]")]


def test_a_variant_is_configured_by_the_model_of_its_template() -> None:
    catalogue = Catalogue([product("bike"), product("bike-red", parent="bike")])
    shop = Completeness(catalogue=catalogue, configurators={"bike": bike()})

    assert codes(of(shop, line(0, "bike-red"))) == [("incomplete_configuration", "lines[0]")]


def test_a_configured_product_without_a_configurator_is_a_warning() -> None:
    (found,) = of(Completeness(configurators={"trike": bike()}), line(0, configuration={"frame": "x"}))

    assert (found.code, found.severity) == ("unchecked_configuration", Severity.WARNING)


def test_what_cannot_be_proven_in_time_is_an_error() -> None:
    choices = {"frame": "alloy", "fork": "rigid", "rack": "no"}
    (found,) = of(Completeness(configurators={"bike": bike(max_steps=0)}), line(0, configuration=choices))

    assert (found.code, found.severity) == ("unproven_configuration", Severity.ERROR)
    assert "max_steps" in found.hint


# Required accessories and services.

PEDALS = Relation(id="pedals", kind="accessory", product="bike", offer="pedals")
SETUP = Relation(id="setup", kind="required_service", family="bikes", offer="setup", ratio="0.5", step="0.5")
GOODS = Catalogue(
    [
        product("bike", family="bikes"),
        product("trike", family="bikes"),
        product("pedals", unit="pair", family="parts"),
        product("grips", family="parts"),
        product("setup", unit="hour", family="services"),
    ]
)


def needing(*requirements: Requirement, relations: Iterable[Relation] = ()) -> Completeness:
    return Completeness(
        catalogue=GOODS, requirements=requirements, relations=Relations(relations=list(relations))
    )


def test_required_services_are_asked_for_and_other_relations_are_offers() -> None:
    shop = needing(relations=[SETUP, PEDALS])

    (found,) = of(shop, line(0, quantity=3))

    assert (found.code, found.where) == ("missing_requirement", "lines[0]")
    assert found.message == "'bike' needs 1.5 hour of 'setup' (setup), and there is none"
    assert found.hint == "add 1.5 hour of 'setup', price it again and revise the quote"


def test_quantities_count_over_all_lines_and_in_the_unit_of_the_product() -> None:
    shop = needing(relations=[SETUP])
    lines = line(0, quantity=2), line(1, "trike", 3)  # 5 x 0.5 h

    (found,) = of(shop, *lines, line(2, "setup", 120, uom="minute"))
    assert "needs" not in found.message
    assert "'bike' and others need 2.5 hour" in found.message
    assert found.message.endswith("there is 2")
    assert of(shop, *lines, line(2, "setup", 150, uom="minute")) == ()


def test_relations_to_one_thing_add_up() -> None:
    twice = Relation(id="trikes", kind="accessory", product="trike", offer="pedals", ratio=2)
    shop = needing(Requirement(PEDALS), Requirement(twice))

    (found,) = of(shop, line(0), line(1, "trike"), line(2, "pedals", 2))

    assert found.message == "'bike' and others need 3 pair of 'pedals' (pedals, trikes), and there is 2"


def test_of_a_relation_with_once_one_step_is_enough() -> None:
    shop = needing(relations=[attrs.evolve(SETUP, once=True)])

    assert of(shop, line(0, quantity=40), line(1, "setup", "0.5")) == ()


def test_a_family_is_met_by_any_of_it() -> None:
    part = Relation(id="part", kind="complement", product="bike", offer_family="parts", ratio=2)
    shop = needing(Requirement(part))

    assert of(shop, line(0), line(1, "pedals"), line(2, "grips")) == ()
    (found,) = of(shop, line(0), line(1, "pedals"))
    assert found.message == "'bike' needs 2 of family 'parts' (part), and there is 1"


def test_within_a_tree_parts_of_another_whole_do_not_count() -> None:
    anywhere, tree = needing(Requirement(PEDALS)), needing(Requirement(PEDALS, within="tree"))
    lines = (
        line(0, "kit", id="kit"),
        line(1, id="bike", parent="kit"),
        line(2, "trike", id="other"),
        line(3, "pedals", id="pedals", parent="other"),
    )
    catalogue = Catalogue([*GOODS, product("kit")])
    anywhere, tree = (attrs.evolve(one, catalogue=catalogue) for one in (anywhere, tree))

    assert of(anywhere, *lines) == ()
    (found,) = of(tree, *lines)
    assert found.hint.startswith("add 1 pair of 'pedals' as a part of 'kit', ")
    assert of(tree, *lines[:3], attrs.evolve(lines[3], parent="kit")) == ()
    assert of(tree, *lines[:3], attrs.evolve(lines[3], parent="bike")) == ()


def test_an_option_does_not_meet_what_a_required_line_needs() -> None:
    (found,) = of(needing(Requirement(PEDALS)), line(0), line(1, "pedals", optional=True))

    assert (found.code, found.where) == ("missing_requirement", "lines[0]")
    assert found.hint.startswith("take lines[1], which is optional, among the required lines; ")


def test_an_option_brings_what_it_needs_itself() -> None:
    shop = needing(Requirement(PEDALS))
    option = line(1, id="option", optional=True)

    (found,) = of(shop, line(0, "grips"), option)
    assert (found.where, found.message[:23]) == ("lines[1]", "with lines[1] 'bike' ne")
    assert of(shop, line(0, "grips"), option, line(2, "pedals", parent="option")) == ()
    assert of(shop, line(0, "grips"), option, line(2, "pedals")) == ()


def test_an_option_of_an_option_may_rely_on_it() -> None:
    shop = needing(Requirement(PEDALS))
    lines = (
        line(0, "grips"),
        line(1, "pedals", id="outer", optional=True),
        line(2, "bike", id="inner", parent="outer", optional=True),
    )

    assert of(shop, *lines) == ()
    (found,) = of(shop, *lines[:2], attrs.evolve(lines[2], parent=""))
    assert found.where == "lines[2]"


def test_an_alternative_must_not_take_away_what_others_need() -> None:
    shop = needing(Requirement(PEDALS))
    lines = line(0), line(1, "pedals", id="pedals"), line(2, "grips", alternative_of="pedals")

    (found,) = of(shop, *lines)

    assert found.where == "lines[2]"
    assert found.message == "with lines[2] 'bike' needs 1 pair of 'pedals' (pedals), and there is none"


@st.composite
def documents(draw: st.DrawFn) -> list[QuoteLine]:
    """Lines of bikes, pedals and grips with parts, options and alternatives."""
    lines: list[QuoteLine] = []
    for number in range(draw(st.integers(1, 9))):
        whole = draw(st.sampled_from(["", *(one.id for one in lines)]))
        place: dict[str, Any] = {"parent": whole}
        bases = [one for one in lines if not one.alternative_of]
        match draw(st.sampled_from(["required", "required", "optional", "alternative"])):
            case "optional":
                place["optional"] = True
            case "alternative" if bases:
                base = draw(st.sampled_from(bases))
                place = {"parent": base.parent, "alternative_of": base.id}
        goods = draw(st.sampled_from(["bike", "pedals", "grips"]))
        lines.append(line(number, goods, draw(st.integers(1, 3)), id=f"l{number}", **place))
    return lines


@given(lines=documents(), within=st.sampled_from(["document", "tree"]))
def test_each_choice_is_held_against_the_whole_document_that_it_makes(
    lines: list[QuoteLine], within: str
) -> None:
    quote = quote_of(*lines)
    structure = quote.current.structure
    roots: dict[str, str] = {}
    for one in lines:
        roots[one.id] = one.id if within == "tree" and not one.parent else roots.get(one.parent, "")

    def lacking(taken: Iterable[str]) -> dict[str, Decimal]:
        there = [one for one in lines if one.id in set(taken)]
        return {
            root: sum(
                (
                    {"bike": 1, "pedals": -1, "grips": 0}[one.product] * one.quantity
                    for one in there
                    if roots[one.id] == root
                ),
                Decimal(0),
            )
            for root in {roots[one.id] for one in there if one.product == "bike"}
        }

    def short(taken: Iterable[str]) -> dict[str, Decimal]:
        return {root: number for root, number in lacking(taken).items() if number > 0}

    expected = [""] * len(short(structure.taken(())))
    for one in lines:
        if one.optional or one.alternative_of:
            above = structure.above(one.id)
            before = short(structure.taken(structure.chain(above) if above else ()))
            after = short(structure.taken(structure.chain(one.id)))
            worse = [root for root, number in after.items() if number > before.get(root, 0)]
            expected += [f"with lines[{one.position}]"] * len(worse)

    found = needing(Requirement(PEDALS, within=within)).findings(quote, on=TODAY)

    assert [one.message.partition("'bike'")[0].rstrip() for one in found] == expected


def test_what_is_built_in_by_the_configuration_is_not_asked_for() -> None:
    rack = Relation(
        id="rack", kind="accessory", product="bike", offer="grips", attribute="grips", value="yes"
    )
    shop = needing(Requirement(rack))

    assert of(shop, line(0, configuration={"grips": "yes"})) == ()
    assert len(of(shop, line(0, configuration={"grips": "no"}))) == 1


def test_conditions_read_line_order_and_customer() -> None:
    large = attrs.evolve(
        PEDALS, condition="line.quantity >= 3 and customer.segment == 'gold' and order.lines == 1"
    )
    gold = PricingRequest(at=NOW, currency="EUR", customer={"segment": "gold"}, lines=[])
    shop = Completeness(catalogue=GOODS, requirements=[Requirement(large)], request=gold)

    assert of(shop, line(0, quantity=2)) == ()
    assert len(of(shop, line(0, quantity=3))) == 1
    assert of(attrs.evolve(shop, request=attrs.evolve(gold, customer={})), line(0, quantity=3)) == ()


def test_a_condition_that_cannot_be_read_is_refused_at_once() -> None:
    with pytest.raises(FormulaError):
        Completeness(requirements=[Requirement(attrs.evolve(PEDALS, condition="line.quantty > 3"))])


def test_a_requirement_that_cannot_be_worked_out_is_an_error() -> None:
    huge = attrs.evolve(PEDALS, ratio=Decimal("1e90"))

    (found,) = of(needing(Requirement(huge)), line(0, quantity="9" * 30))

    assert (found.code, found.severity) == ("requirement_failed", Severity.ERROR)


@pytest.mark.parametrize("kind", ["upgrade", "substitute", "excludes"])
def test_what_comes_in_place_of_a_line_cannot_be_required(kind: str) -> None:
    with pytest.raises(InvalidInput, match=r"relation\.kind"):
        Requirement(attrs.evolve(PEDALS, kind=kind))


def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(UnknownOption, match="document, tree"):
        Requirement(PEDALS, within="part")


# Prices of today.


def model(*prices: tuple[str, str, str], until: date | None = None, **more: Any) -> PricingModel:
    """Records (id, product, price); the first one holds until a day. 5 % off bikes in March, rounded to cents."""
    return PricingModel(
        procedure=PricingProcedure(
            id="shop",
            steps=(
                ListPrice(id="list"),
                Discounts(
                    id="campaign",
                    rules=(
                        DiscountRule(
                            id="march",
                            percent=5,
                            condition="line.product == 'bike'",
                            valid_to=date(2026, 4, 1),
                        ),
                    ),
                ),
                RoundLines(id="cents"),
                HeaderDiscounts(
                    id="header",
                    rules=(DiscountRule(id="big", amount=eur("10"), condition="order.amount >= 1000 EUR"),),
                ),
            ),
        ),
        prices=[
            PriceRecord(
                id=name, product=what, price=eur(price), valid_to=until if number == 0 else None, **more
            )
            for number, (name, what, price) in enumerate(prices)
        ],
    )


REQUEST = PricingRequest(at=NOW, currency="EUR", lines=[])
FIRST = model(("p-1", "bike", "100.00"), ("p-2", "pedals", "30.00"))


def offered(prices: PricingModel = FIRST, *lines: OutlineLine, request: PricingRequest = REQUEST) -> Quote:
    outline = Outline(lines or [OutlineLine("a", Line("bike", 2)), OutlineLine("b", Line("pedals", 1))])
    found, _ = quote_from(
        price_offer(outline, request, prices.compile()),
        id="q-1",
        number="Q-1",
        valid_until=LAST_DAY,
        at=NOW,
        by=REP,
    )
    return found


def today(prices: PricingModel | Pricer = FIRST, **more: Any) -> Completeness:
    pricer = prices if isinstance(prices, Pricer) else prices.compile()
    return Completeness(**{"pricer": pricer, "request": REQUEST, **more})


def test_prices_that_stayed_are_no_finding() -> None:
    assert today().findings(offered(), on=date(2026, 3, 31)) == ()


def test_a_changed_price_is_told_with_both_amounts_and_records() -> None:
    dearer = model(("p-9", "bike", "110.00"), ("p-2", "pedals", "30.00"))

    (found,) = today(dearer).findings(offered(), on=TODAY)

    # 2 x 100 and 2 x 110, less 5 %
    assert (found.code, found.where, found.severity) == ("price_changed", "lines[0]", Severity.ERROR)
    assert found.message == (
        "'bike' came to 190.00 EUR and comes to 209.00 EUR on 2026-03-02: p-9 in place of p-1"
    )
    assert "ManualPrice" in found.hint


def test_a_record_with_another_value_is_told_as_changed() -> None:
    dearer = model(("p-1", "bike", "110.00"), ("p-2", "pedals", "30.00"))

    (found,) = today(dearer).findings(offered(), on=TODAY)

    assert found.message.endswith(": p-1 changed")


def test_a_list_price_may_change_where_the_net_price_stays() -> None:
    kept = ManualPrice(unit_price=eur("80"), reason="matched", by="li.wei", at=NOW)
    quote = offered(FIRST, OutlineLine("a", Line("bike", 2, manual=kept)))
    dearer = model(("p-9", "bike", "110.00"), ("p-2", "pedals", "30.00"))
    procedure = attrs.evolve(FIRST.procedure, steps=FIRST.procedure.steps)

    found = today(attrs.evolve(dearer, procedure=procedure)).findings(quote, on=TODAY)

    assert [one.code for one in found] == ["price_changed"]


def test_the_end_of_a_discount_is_told_with_the_change() -> None:
    found = today().findings(offered(), on=date(2026, 4, 1))

    assert codes(found) == [("price_changed", "lines[0]"), ("expired_record", "lines[0]")]
    assert found[0].message.endswith("comes to 200.00 EUR on 2026-04-01: without march")
    assert found[1].message == "march, which made the price of 'bike', holds no longer since 2026-04-01"


def test_an_expired_record_is_told_even_when_the_price_stayed() -> None:
    renewed = model(
        ("p-1", "bike", "100.00"),
        ("p-2", "pedals", "30.00"),
        ("p-3", "bike", "100.00"),
        until=date(2026, 3, 10),
    )
    early = model(("p-1", "bike", "100.00"), ("p-2", "pedals", "30.00"), until=date(2026, 3, 10))

    assert today(renewed).findings(offered(early), on=date(2026, 3, 9)) == ()
    found = today(renewed).findings(offered(early), on=date(2026, 3, 10))
    assert codes(found) == [("expired_record", "lines[0]")]


def test_a_record_that_does_not_hold_yet_is_told() -> None:
    future = model(("p-1", "bike", "100.00"), ("p-2", "pedals", "30.00"), valid_from=date(2026, 3, 20))
    later = attrs.evolve(REQUEST, at=datetime(2026, 3, 25, 9, tzinfo=UTC))
    (first, *_) = today(future).findings(offered(future, request=later), on=TODAY)

    assert first.code == "price_changed"
    assert "has no price on 2026-03-02" in first.message
    assert any(
        one.message == "p-1, which made the price of 'bike', holds not before 2026-03-20"
        for one in today(future).findings(offered(future, request=later), on=TODAY)
    )


def test_the_day_of_a_record_begins_in_the_time_zone_of_the_procedure() -> None:
    early = model(("p-1", "bike", "100.00"), ("p-2", "pedals", "30.00"), until=date(2026, 3, 10))
    shanghai = attrs.evolve(early, procedure=attrs.evolve(early.procedure, time_zone="Asia/Shanghai"))
    evening = attrs.evolve(REQUEST, at=datetime(2026, 3, 2, 17, tzinfo=UTC))  # 01:00 of the next day

    assert today(early, request=evening).findings(offered(early), on=date(2026, 3, 9)) == ()
    assert today(shanghai, request=evening).findings(offered(early), on=date(2026, 3, 9)) != ()


def test_options_and_alternatives_are_promises_too() -> None:
    lines = (
        OutlineLine("a", Line("bike", 2)),
        OutlineLine("b", Line("pedals", 1), optional=True),
        OutlineLine("c", Line("pedals", 5), alternative_of="a"),
    )
    dearer = model(("p-1", "bike", "100.00"), ("p-2", "pedals", "31.00"))

    assert codes(today(dearer).findings(offered(FIRST, *lines), on=TODAY)) == [
        ("price_changed", "lines[1]"),
        ("price_changed", "lines[2]"),
    ]


def test_a_request_in_another_currency_or_with_faults_is_an_error_and_no_exception() -> None:
    dollars = attrs.evolve(REQUEST, currency="USD")
    unknown = attrs.evolve(REQUEST, customer={"tier": "x"})

    assert codes(today(request=dollars).findings(offered(), on=TODAY)) == [("not_priced_again", "lines")]
    assert codes(today(request=unknown).findings(offered(), on=TODAY)) == [
        ("not_priced_again", "customer.tier")
    ]
    assert codes(today().findings(quote_of(line(0, quantity=0)), on=TODAY)) == [
        ("zero_quantity", "lines[0]"),
        ("not_priced_again", "lines[0].quantity"),
    ]


@pytest.mark.parametrize("hours", [-12, 12])
@pytest.mark.parametrize("day", [date.min, date.max])
def test_at_the_ends_of_the_calendar_a_day_without_an_instant_is_an_error(day: date, hours: int) -> None:
    there = attrs.evolve(REQUEST, at=datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=hours))))

    found = today(request=there).findings(offered(), on=day)

    # 9:00 in the far east is still the day before in UTC, 9:00 in the far west 21:00 of the same day
    is_beyond = day == date.min and hours == 12
    assert (("not_priced_again", "at") in codes(found)) is is_beyond


def _contract() -> Contract:
    start = ContractItem(
        id="seats",
        line="seats",
        product="seat",
        quantity=Decimal(12),
        starts=date(2026, 1, 1),
        ends=date(2027, 1, 1),
        list_amount=eur("1200"),
        net_amount=eur("1200"),
        share=eur("0"),
    )
    change = ContractChange(
        step="start", on=start.starts, quote="q-0", digest="", accepted_on=start.starts, items=(start,)
    )
    return Contract(
        id="c-1",
        currency="EUR",
        starts=start.starts,
        ends=start.ends,
        total=eur("1200"),
        history=(change,),
    )


def test_what_a_contract_says_is_not_priced_again_and_what_comes_new_is() -> None:
    quote, _ = amend(
        _contract(),
        [ChangeQuantity("seats", 5), AddLine("new", Line("bike", 2))],
        on=date(2026, 7, 1),
        id="q-2",
        number="Q-2",
        valid_until=LAST_DAY,
        pricer=FIRST.compile(),
        request=REQUEST,
        at=NOW,
        by=REP,
    )
    seats = Catalogue([product("seat", pack=10, min_quantity=10), product("bike")])
    dearer = model(("p-9", "bike", "110.00"))

    assert today(catalogue=seats).findings(quote, on=TODAY) == ()
    (found,) = today(dearer, catalogue=seats).findings(quote, on=TODAY)
    assert (found.code, found.where) == ("price_changed", "lines[1]")
    unknown = attrs.evolve(REQUEST, customer={"tier": "x"})
    assert codes(today(request=unknown).findings(quote, on=TODAY)) == [("not_priced_again", "customer.tier")]
    only, _ = amend(
        _contract(),
        [ChangeQuantity("seats", 5)],
        on=date(2026, 7, 1),
        id="q-2",
        number="Q-2",
        valid_until=LAST_DAY,
        at=NOW,
        by=REP,
    )
    assert today(request=unknown).findings(only, on=TODAY) == ()


# Checks of the house.


def remark(severity: Any = Severity.ERROR) -> Finding:
    return Finding(code="credit_limit", where="total", message="above it", hint="pay", severity=severity)


def test_a_check_is_asked_with_the_quote_and_the_day() -> None:
    seen: list[tuple[str, date]] = []

    def credit(quote: Quote, on: date) -> list[Finding]:
        seen.append((quote.id, on))
        return [remark()]

    assert codes(of(Completeness(checks=[credit]), line(0))) == [("credit_limit", "total")]
    assert seen == [("q-1", TODAY)]


class UnshowableError(Exception):
    def __str__(self) -> str:
        raise ValueError


def raising(error: Exception) -> Any:
    def check(*_: object) -> Iterator[Finding]:
        yield remark(Severity.WARNING)
        raise error

    return check


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (raising(TimeoutError("no answer")), "check could not tell: TimeoutError: no answer"),
        (raising(UnshowableError()), "UnshowableError: an error that cannot be shown"),
        (raising(ValueError("x" * 10_000)), "x…"),
        (lambda *_: None, "TypeError"),
        (lambda *_: True, "TypeError"),
        (lambda *_: "no", "it gives 'n', which is no Finding"),
        (lambda _quote: (), "TypeError"),
        (lambda *_: [None], "it gives None, which is no Finding"),
        (lambda *_: [remark("error")], "severity 'error'"),
        (lambda *_: itertools.repeat(remark(Severity.INFO)), "more than 1000 findings"),
        (lambda *_: 1 / 0, "ZeroDivisionError: division by zero"),
    ],
)
def test_a_check_that_fails_or_gives_something_else_never_says_yes(check: Any, words: str) -> None:
    *others, failed = of(Completeness(checks=[check]), line(0))

    assert (failed.code, failed.where, failed.severity) == ("check_failed", "checks[0]", Severity.ERROR)
    assert words in failed.message
    assert len(failed.message) < 400
    assert len(others) <= 1_000


def test_the_other_checks_are_asked_after_one_failed() -> None:
    checks: list[Any] = [lambda *_: 1 / 0, lambda *_: [remark()]]

    assert codes(of(Completeness(checks=checks), line(0))) == [
        ("check_failed", "checks[0]"),
        ("credit_limit", "total"),
    ]


def test_exactly_a_thousand_findings_are_taken() -> None:
    found = of(Completeness(checks=[lambda *_: [remark()] * 1_000]), line(0))

    assert {one.code for one in found} == {"credit_limit"}


# Presenting.


def _approved() -> Quote:
    return submit(draft(offer(0)), ApprovalPolicy(id="none"), at=NOW, by=REP)[0]


def test_an_error_keeps_a_quote_from_being_shown_and_a_warning_does_not() -> None:
    warned = Completeness(checks=[lambda *_: [remark(Severity.WARNING)]])
    refused = Completeness(checks=[lambda *_: [remark(Severity.WARNING), remark()]])

    assert present(_approved(), completeness=warned, at=NOW, by=REP)[0].status is QuoteStatus.PRESENTED
    with pytest.raises(NotPresentable) as caught:
        present(_approved(), completeness=refused, at=NOW, by=REP)
    assert caught.value.findings == (remark(),)


def test_completeness_without_anything_refuses_what_presenting_alone_refuses() -> None:
    quote = submit(quote_of(line(0, missing=("fork",))), ApprovalPolicy(id="none"), at=NOW, by=REP)[0]

    for completeness in (None, Completeness()):
        with pytest.raises(NotPresentable, match="incomplete_configuration"):
            present(quote, completeness=completeness, at=NOW, by=REP)


def test_a_draft_is_refused_before_any_check_is_asked() -> None:
    asked: list[Quote] = []

    def check(quote: Quote, _on: date) -> list[Finding]:
        asked.append(quote)
        return []

    with pytest.raises(MoveRefused):
        present(draft(offer(0)), completeness=Completeness(checks=[check]), at=NOW, by=REP)
    assert asked == []


def test_the_refusal_of_a_thousand_findings_is_readable() -> None:
    refusal = NotPresentable("q-1", [remark()] * 1_000)

    assert str(refusal).count("\n") == 51
    assert "and 950 more" in str(refusal)


# What it is made of.


def test_every_fault_of_a_completeness_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        Completeness(
            pricer=FIRST.compile(),
            configurators={"bike": "a model"},  # type: ignore[dict-item]
            relations=[SETUP],  # type: ignore[arg-type]
            requirements=[SETUP],  # type: ignore[list-item]
            checks=[7],  # type: ignore[list-item]
        )

    assert {problem.path for problem in caught.value.problems} == {
        "request",
        "configurators.bike",
        "relations",
        "requirements[0]",
        "checks[0]",
    }


def test_a_request_with_lines_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"request\.lines"):
        Completeness(request=attrs.evolve(REQUEST, lines=[Line("bike", 1)]))


def test_a_thousand_lines_with_everything_stay_a_quote_of_a_thousand_findings() -> None:
    """Work that grows with the square of the lines would take minutes here."""
    prices = model(("p-1", "bike", "100.00"), ("p-2", "pedals", "30.00"))
    outline = [
        OutlineLine(
            f"l-{number}", Line("bike", 1, configuration={"frame": "alloy", "fork": "rigid", "rack": "no"})
        )
        for number in range(1_000)
    ]
    quote = offered(prices, *outline)
    dearer = model(("p-1", "bike", "101.00"), ("p-2", "pedals", "30.00"))
    everything = Completeness(
        catalogue=Catalogue([product("bike", family="bikes", pack=2), *list(GOODS)[1:]]),
        configurators={"bike": bike()},
        relations=Relations(relations=[SETUP]),
        requirements=[Requirement(PEDALS, within="tree")],
        pricer=dearer.compile(),
        request=REQUEST,
    )

    found = everything.findings(quote, on=TODAY)

    counts = {code: sum(one.code == code for one in found) for code in {one.code for one in found}}
    assert counts == {"broken_pack": 1_000, "missing_requirement": 1_001, "price_changed": 1_000}


def test_ten_thousand_options_are_each_held_against_what_they_need() -> None:
    """Each is reckoned by what it adds: lines times options would take minutes here."""
    lines = [line(number, optional=number > 0) for number in range(10_000)]

    found = needing(Requirement(PEDALS)).findings(quote_of(*lines), on=TODAY)

    assert len(found) == 10_000
    assert found[9_999].message == (
        "with lines[9999] 'bike' needs 2 pair of 'pedals' (pedals), and there is none"
    )


def test_options_within_options_without_end_are_told_and_not_worked_through() -> None:
    lines = [
        line(number, id=f"l{number}", parent=f"l{number - 1}" if number else "", optional=number > 0)
        for number in range(3_000)
    ]

    found = needing(Requirement(PEDALS)).findings(quote_of(*lines), on=TODAY)

    assert found[-1].code == "too_many_choices"
