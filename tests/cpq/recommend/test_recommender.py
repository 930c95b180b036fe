import pickle
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.configure import Attribute, Excludes, ProductModel
from salesmgmt.cpq.pricing import Line, PriceRecord, PricingModel, TierRecord
from salesmgmt.cpq.recommend import (
    AcceptanceCount,
    ProbabilitySource,
    Recommendation,
    Recommendations,
    Recommender,
    Relation,
    Relations,
    WithheldReason,
)
from salesmgmt.engines.association import AssociationRule, Baskets, association_rules
from tests.cpq.recommend.shop import GOODS, RETIRED, eur, request, shop, wants

PRODUCTS = (*GOODS, RETIRED)


def related(kind: str = "accessory", product: str = "laptop", offer: str = "dock", **fields: Any) -> Relation:
    fields.setdefault("id", f"{product}-{kind}-{offer}")
    return Relation(kind=kind, product=product, offer=offer, **fields)


def made(*relations: Relation, **further: Any) -> Recommender:
    return Relations(relations=relations).compile(shop(), **further)


def accepted(product: str, kind: str | None, accepted: int, offered: int = 100) -> AcceptanceCount:
    return AcceptanceCount(product=product, kind=kind, offered=offered, accepted=accepted)


def held(found: Recommendations) -> dict[str, str]:
    return {one.product: one.reason.value for one in found.withheld}


RULE = AssociationRule(
    antecedent=["laptop"], consequent=["mouse"], n=1000, antecedent_count=200, consequent_count=100, count=80
)


# --- effects


def test_an_accessory_has_the_price_and_margin_of_its_own_line() -> None:
    recommender = made(related(), acceptance=[accepted("dock", "accessory", 25)])

    (offer,) = recommender.recommend(request(Line("laptop", 4))).offers

    # 4 x 80 = 320; cost 4 x 30 = 120; a quarter accepts.
    assert (offer.quantity, offer.price_effect, offer.margin_effect.value) == (
        Decimal(4),
        eur("320.00"),
        eur("200.00"),
    )
    assert offer.expected_margin.value == eur("50.0000")
    assert (offer.probability.value.value, offer.probability.source) == (
        Decimal("0.25"),
        ProbabilitySource.ACCEPTANCE,
    )
    assert offer.reason == "accessory of laptop; 25 of 100 accepted it"


def test_an_upgrade_takes_the_place_of_the_line() -> None:
    (offer,) = made(related("upgrade", offer="laptop-pro")).recommend(request(Line("laptop", 2))).offers

    # 2 x (1200 - 900) = 600; margin 2 x ((1200 - 850) - (900 - 700)) = 300.
    assert (offer.replaces, offer.position, offer.quantity) == (True, 0, Decimal(2))
    assert (offer.price_effect, offer.margin_effect.value) == (eur("600.00"), eur("300.00"))
    assert offer.expected_margin == Measured(None, "no_history")


def test_a_substitute_may_cost_less_and_bring_more() -> None:
    (offer,) = made(related("substitute", "bag", "mouse")).recommend(request(Line("bag", 2))).offers

    assert (offer.price_effect, offer.margin_effect) == (eur("-40.00"), Measured(None, "no_cost"))


def test_what_an_offer_changes_in_other_lines_is_in_its_effect() -> None:
    pricer = shop(tiers=[TierRecord(id="t", product="mouse", lower=10, percent=Percent(50))])
    recommender = Relations(relations=[related("complement", "mouse", "mouse-pad")]).compile(
        PricingModel(
            prices=[*pricer.model.prices, PriceRecord(id="x", product="mouse-pad", price=eur(1))],
            tiers=pricer.model.tiers,
        ).compile()
    )
    asked = request(Line("mouse", 9))

    (offer,) = recommender.recommend(asked).offers

    priced = recommender.pricer.price(attrs.evolve(asked, lines=[*asked.lines, Line("mouse-pad", 9)]))
    assert offer.price_effect == priced.total - recommender.pricer.price(asked).total


def test_the_ratio_decides_the_quantity_and_what_is_there_counts() -> None:
    recommender = made(related(ratio="0.5"))

    asked = request(Line("laptop", 5), Line("dock", 1))

    assert [offer.quantity for offer in recommender.recommend(asked).offers] == [2]
    assert held(recommender.recommend(request(Line("laptop", 5), Line("dock", 3)))) == {"dock": "on_request"}


def test_lines_without_a_price_do_not_stand_in_the_way() -> None:
    (offer,) = made(related()).recommend(request(Line("stand", 1), Line("laptop", 1))).offers

    assert (offer.position, offer.price_effect) == (1, eur("80.00"))


def test_nothing_is_recommended_for_lines_that_all_lack_a_price() -> None:
    assert made(related()).recommend(wants(["stand"])) == Recommendations(offers=(), withheld=())


def test_a_condition_reads_the_line_and_the_document() -> None:
    recommender = made(
        related(condition="line.quantity >= 3 and order.amount > 2000 EUR and customer.segment == 'gold'")
    )

    gold = {"segment": "gold"}
    assert recommender.recommend(request(Line("laptop", 3), customer=gold)).products == ("dock",)
    assert recommender.recommend(request(Line("laptop", 2), customer=gold)).products == ()
    assert recommender.recommend(request(Line("laptop", 3))).products == ()


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("line.family == 'computers'", True),
        ("'laptop' in line.lineage", True),
        ("'services' in order.families", False),
        ("'bag' in order.products and order.lines == 2", True),
        ("order.quantity == 3 and line.amount == 1800 EUR", True),
        ("order.date >= 2026-03-03", False),
        ("line.brand == 'acme'", False),
    ],
)
def test_a_condition_reads_what_pricing_conditions_read(condition: str, holds: bool) -> None:
    found = made(related(condition=condition)).recommend(request(Line("laptop", 2), Line("bag", 1)))

    assert found.products == (("dock",) if holds else ())


def test_a_family_is_offered_product_by_product() -> None:
    to_family = Relation(id="r", kind="complement", family="computers", offer_family="accessories")

    found = made(to_family).recommend(wants(["laptop"]))

    assert set(found.products) == {"dock", "mouse", "bag"}
    assert held(found) == {"stand": "no_price", RETIRED: "inactive"}


def test_what_the_customer_has_leads_to_offers_too() -> None:
    (offer,) = (
        made(related("required_service", offer="setup"))
        .recommend(wants(["bag"]), installed_base={"laptop": 3})
        .offers
    )

    assert (offer.quantity, offer.position, offer.replaces) == (Decimal(3), None, False)
    assert offer.reason == "laptop cannot be used without it, which the customer has"


# --- chances


def test_orders_of_the_past_suggest_what_no_relation_names() -> None:
    (offer,) = made(rules=[RULE]).recommend(wants(["laptop"])).offers

    assert (offer.product, offer.kind, offer.probability.value.value) == ("mouse", None, Decimal("0.4"))
    assert offer.probability.source is ProbabilitySource.ASSOCIATION
    assert offer.reason == "80 of 200 orders with laptop had it, lift 4.00"
    assert Decimal("0.4") in offer.probability.interval.required()
    assert offer.expected_margin.value == eur("4.8000")


def test_what_is_bought_together_less_often_than_by_chance_is_not_suggested() -> None:
    shy = attrs.evolve(RULE, count=10)

    assert made(rules=[shy]).recommend(wants(["laptop"])).offers == ()


def test_reported_acceptance_counts_before_association_when_there_is_enough_of_it() -> None:
    def chance(*counts: AcceptanceCount) -> tuple[Decimal | None, ProbabilitySource]:
        (offer,) = (
            made(related(offer="mouse"), rules=[RULE], acceptance=counts).recommend(wants(["laptop"])).offers
        )
        return offer.probability.value.value, offer.probability.source

    assert chance(accepted("mouse", "accessory", 1, 10)) == (Decimal("0.1"), ProbabilitySource.ACCEPTANCE)
    assert chance(accepted("mouse", "accessory", 9, 9)) == (Decimal("0.4"), ProbabilitySource.ASSOCIATION)
    assert chance(accepted("", "accessory", 30)) == (Decimal("0.4"), ProbabilitySource.ASSOCIATION)
    (offer,) = made(related(), acceptance=[accepted("", "accessory", 30)]).recommend(wants(["laptop"])).offers
    assert offer.probability.value.value == Decimal("0.3")


def test_the_surest_of_several_rules_counts() -> None:
    lucky = AssociationRule(
        antecedent=["laptop", "bag"],
        consequent=["mouse"],
        n=1000,
        antecedent_count=2,
        consequent_count=100,
        count=2,
    )

    (offer,) = made(rules=[lucky, RULE]).recommend(wants(["laptop", "bag"])).offers

    # 2 of 2 has a lower limit of 0.342, 80 of 200 one of 0.334 (Wilson): sure enough to be preferred.
    assert offer.probability.value.value == Decimal(1)
    weaker = attrs.evolve(lucky, antecedent_count=1, count=1)
    (offer,) = made(rules=[weaker, RULE]).recommend(wants(["laptop", "bag"])).offers
    assert offer.probability.value.value == Decimal("0.4")


def test_rules_come_from_orders_of_the_past() -> None:
    baskets = Baskets([["laptop", "mouse"]] * 6 + [["laptop"]] * 4 + [["bag"]] * 10)
    rules = association_rules(baskets, min_support="0.05", min_confidence="0.5")

    assert made(rules=rules).recommend(wants(["laptop"])).products == ("mouse",)


# --- what is held back


def test_what_is_needed_once_is_not_offered_to_those_who_have_it() -> None:
    once, again = made(related(once=True), rules=[attrs.evolve(RULE, consequent=["dock"])]), made(related())

    assert held(once.recommend(wants(["laptop"]), installed_base=["dock"])) == {"dock": "installed"}
    assert held(once.recommend(wants(["bag"]), installed_base=["dock"])) == {}
    assert again.recommend(wants(["laptop"]), installed_base=["dock"]).products == ("dock",)


def test_an_upgrade_is_not_offered_to_those_who_have_it() -> None:
    found = made(related("upgrade", offer="laptop-pro")).recommend(
        wants(["laptop"]), installed_base=["laptop-pro"]
    )

    assert (found.products, held(found)) == ((), {"laptop-pro": "installed"})


@pytest.mark.parametrize("one", ["laptop", "dock"])
def test_what_is_excluded_is_offered_in_neither_direction(one: str) -> None:
    other = {"laptop": "dock", "dock": "laptop"}[one]
    recommender = made(related("complement", "bag", one), related("excludes", "laptop", "dock"))

    assert held(recommender.recommend(wants(["bag", other]))) == {one: "excluded"}
    assert held(recommender.recommend(wants(["bag"]), installed_base=[other])) == {one: "excluded"}
    assert recommender.recommend(wants(["bag"])).products == (one,)


def test_the_caller_may_exclude() -> None:
    assert held(made(related()).recommend(wants(["laptop"]), excluded=["dock"])) == {"dock": "excluded"}


def test_a_configuration_decides_what_there_is_room_for() -> None:
    model = ProductModel(
        id="laptop",
        attributes=(Attribute("port", ("usb", "none")), Attribute("case", ("thin", "thick"))),
        rules=(Excludes(id="thin", combination={"case": "thin", "port": "usb"}),),
    ).compile()
    recommender = made(related(attribute="port", value="usb"))
    asked = wants(["laptop"])

    def with_choices(**choices: str) -> Recommendations:
        return recommender.recommend(asked, configurations={0: model.start(choices)})

    assert with_choices().products == ("dock",)
    assert with_choices(case="thick").products == ("dock",)
    assert held(with_choices(case="thin")) == {"dock": "configuration"}


@pytest.mark.parametrize(("port", "offered"), [("usb", ()), ("none", ()), (None, ("dock",))])
def test_the_choices_on_the_line_count_when_no_configuration_is_given(
    port: str | None, offered: tuple[str, ...]
) -> None:
    line = Line("laptop", 1, configuration={} if port is None else {"port": port})

    assert made(related(attribute="port", value="usb")).recommend(request(line)).products == offered


def test_what_has_no_price_is_told_with_the_reason() -> None:
    (one,) = made(related(offer="stand")).recommend(wants(["laptop"])).withheld

    assert one.reason is WithheldReason.NO_PRICE
    assert "no price in EUR for 'stand'" in one.detail


def test_candidates_beyond_the_limit_are_told() -> None:
    to_family = Relation(id="r", kind="complement", family="computers", offer_family="accessories")

    found = made(to_family).recommend(wants(["laptop"]), most_tries=2)

    assert len(found.offers) == 2
    assert "not_tried" in held(found).values()


# --- laws

RELATIONS = st.lists(
    st.builds(
        lambda kind, pair, once: (kind, *pair, once),
        st.sampled_from(["accessory", "upgrade", "substitute", "complement", "required_service", "excludes"]),
        st.permutations(PRODUCTS).map(lambda order: (order[0], order[1])),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one[1:3],
)
SETS = st.frozensets(st.sampled_from(PRODUCTS), max_size=4)
CHANCES = st.lists(
    st.builds(
        accepted,
        st.sampled_from(PRODUCTS),
        st.sampled_from([None, "accessory", "upgrade", "complement"]),
        st.integers(0, 100),
    ),
    max_size=6,
)


def compiled(
    relations: list[tuple[str, str, str, bool]], chances: list[AcceptanceCount]
) -> Recommender | None:
    every = [related(kind, product, offer, once=once) for kind, product, offer, once in relations]
    made_of = Relations(relations=every)
    pricer = shop()
    if any(one.code == "cycle" for one in made_of.lint(pricer.model.catalogue)):
        return None
    return made_of.compile(pricer, rules=[RULE], acceptance=chances)


@given(RELATIONS, CHANCES, SETS, SETS, SETS)
def test_nothing_is_offered_that_must_not_be(
    relations: list[tuple[str, str, str, bool]],
    chances: list[AcceptanceCount],
    wanted: frozenset[str],
    installed: frozenset[str],
    excluded: frozenset[str],
) -> None:
    recommender = compiled(relations, chances)
    if recommender is None or not wanted:
        return

    found = recommender.recommend(wants(sorted(wanted)), installed_base=sorted(installed), excluded=excluded)

    priced = {name for name, (_, price, _) in GOODS.items() if price is not None} | {RETIRED}
    present = (wanted & priced) | installed
    clashes = {(a, b) for kind, a, b, _ in relations if kind == "excludes"}
    clashes |= {(b, a) for a, b in clashes}
    once = {offer for kind, _, offer, is_once in relations if is_once}
    for offer in found.offers:
        assert offer.product in priced - {RETIRED}
        assert offer.product not in excluded
        assert not any((offer.product, one) in clashes for one in present)
        assert not (offer.product in installed and offer.product in once)
        assert not (offer.replaces and offer.product in present)
        assert offer.quantity > 0
    assert not set(found.products) & {one.product for one in found.withheld}
    assert len(set(found.products)) == len(found.products)


def _worth(offer: Recommendation) -> tuple[bool, Decimal]:
    known = offer.expected_margin.value
    return known is None, Decimal(0) if known is None else -known.amount


@given(RELATIONS, CHANCES, SETS, st.randoms(use_true_random=False), st.integers(1, 3))
def test_offers_are_ranked_whatever_the_order_of_relations_and_lines(
    relations: list[tuple[str, str, str, bool]],
    chances: list[AcceptanceCount],
    wanted: frozenset[str],
    random: Any,
    limit: int,
) -> None:
    recommender = compiled(relations, chances)
    if recommender is None or not wanted:
        return
    asked = wants(sorted(wanted))
    offers = recommender.recommend(asked).offers

    shuffled = list(relations)
    random.shuffle(shuffled)
    again = compiled(shuffled, list(reversed(chances)))
    assert again is not None
    assert again.recommend(asked).offers == offers
    assert recommender.recommend(asked, limit=limit).offers == offers[:limit]
    assert [_worth(offer) for offer in offers] == sorted(map(_worth, offers))
    for offer in offers:
        if offer.expected_margin.value is not None:
            margin = offer.margin_effect.required()
            assert offer.expected_margin.value == margin * offer.probability.value.required()


@given(RELATIONS, SETS)
def test_effects_are_the_difference_of_two_prices(
    relations: list[tuple[str, str, str, bool]], wanted: frozenset[str]
) -> None:
    recommender = compiled(relations, [])
    if recommender is None or not wanted - {"stand"}:
        return
    asked = wants(sorted(wanted - {"stand"}), 2)
    base = recommender.pricer.price(asked)

    for offer in recommender.recommend(asked).offers:
        lines = list(asked.lines)
        if offer.replaces and offer.position is not None:
            lines[offer.position] = Line(offer.product, offer.quantity)
        else:
            lines.append(Line(offer.product, offer.quantity))
        priced = recommender.pricer.price(attrs.evolve(asked, lines=lines))
        assert offer.price_effect == priced.total - base.total
        if priced.margin is not None and base.margin is not None:
            assert offer.margin_effect.value == priced.margin - base.margin


# --- hostile and technical


def test_a_recommender_is_pickled_by_what_it_was_made_from() -> None:
    recommender = made(related(), rules=[RULE])

    asked = wants(["laptop"])
    assert pickle.loads(pickle.dumps(recommender)).recommend(asked) == recommender.recommend(asked)


@pytest.mark.parametrize(
    "arguments",
    [
        {"limit": 0},
        {"most_tries": 0},
        {"installed_base": "laptop"},
        {"installed_base": {"laptop": -1}},
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(arguments))):
        made(related()).recommend(wants(["laptop"]), **arguments)


def test_more_accepted_than_offered_is_refused() -> None:
    with pytest.raises(InvalidInput, match="2 of 1"):
        accepted("dock", None, 2, 1)
