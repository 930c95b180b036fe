"""Repairs: the smallest sets of choices to give up, all of them, with what takes their place and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.cpq.configure import (
    Attribute,
    Choice,
    Configuration,
    Excludes,
    MultiSelect,
    NotProven,
    ProductModel,
    Requires,
    ValuePrices,
    WholeNumber,
)
from salesmgmt.cpq.configure._diagnosis import Places, one_diagnosis, smallest_diagnoses
from tests.cpq.configure.brute_force import (
    VALUES,
    configured,
    enumerations,
    models,
    possible,
    products,
    value_prices,
)


def _eur(amount: str | int) -> Money:
    return Money(amount, "EUR")


def _diagnoses(
    model: ProductModel, fixed: Mapping[str, str], others: Mapping[str, str]
) -> list[tuple[str, ...]]:
    """The minimal sets of choices to give up: smallest first, then those that keep what stands earlier."""
    names = [attribute.id for attribute in model.attributes if attribute.id in others]
    found: list[tuple[str, ...]] = []
    for size in range(len(names) + 1):
        # Of two sets of a size the one comes first whose earliest member stands later, then the second earliest ...
        later = sorted(combinations(range(len(names)), size), key=lambda places: [-place for place in places])
        for places in later:
            given_up = tuple(names[place] for place in places)
            kept = {name: value for name, value in others.items() if name not in given_up}
            if not any(set(known) <= set(given_up) for known in found) and possible(model, {**kept, **fixed}):
                found.append(given_up)
    return found


@given(configured())
def test_repairs_are_all_minimal_sets_of_choices_to_give_up_smallest_first(
    case: tuple[ProductModel, Configuration],
) -> None:
    model, configuration = case

    for attribute in model.attributes:
        for value in VALUES:
            others = {name: kept for name, kept in configuration.choices.items() if name != attribute.id}
            wanted = _diagnoses(model, {attribute.id: value}, others)

            repairs = configuration.repairs(attribute.id, value, limit=20)

            assert [tuple(choice.attribute for choice in one.given_up) for one in repairs] == wanted
            assert configuration.repairs(attribute.id, value, limit=1) == repairs[:1]
            for one in repairs:
                assert one.is_smallest
                assert one.asked == (Choice(attribute.id, value),)
                assert one.configuration.choices[attribute.id] == value
                given_up = {choice.attribute for choice in one.given_up}
                kept = {name: kept for name, kept in others.items() if name not in given_up}
                assert kept.items() <= one.configuration.choices.items()
                assert {choice.attribute for choice in one.replacements} == given_up
                assert possible(model, one.configuration.choices)


@given(st.data())
def test_whole_selections_are_repaired_as_near_as_can_be(data: st.DataObject) -> None:
    model = data.draw(models())
    selection = {one.id: data.draw(st.sampled_from(VALUES)) for one in model.attributes}
    keep = data.draw(st.sets(st.sampled_from(sorted(selection)), max_size=1))
    kept = {name: selection[name] for name in keep}
    others = {name: value for name, value in selection.items() if name not in keep}

    repairs = model.compile().repairs(selection, keep=keep, limit=20)

    assert [tuple(choice.attribute for choice in one.given_up) for one in repairs] == _diagnoses(
        model, kept, others
    )
    if repairs:  # the first changes no more attributes than any valid product differs in
        nearest = min(
            sum(whole[name] != value for name, value in selection.items())
            for whole in products(model)
            if kept.items() <= whole.items()
        )
        assert len(repairs[0].given_up) == nearest


@given(st.data())
def test_the_price_effect_is_the_difference_of_whole_products(data: st.DataObject) -> None:
    model, configuration = data.draw(configured())
    prices = data.draw(value_prices(model))
    priced = model.compile(prices=prices).start(configuration.choices)
    name = data.draw(st.sampled_from([one.id for one in model.attributes]))
    before = next(whole for whole in products(model) if priced.choices.items() <= whole.items())

    for one in priced.repairs(name, data.draw(st.sampled_from(VALUES))):
        # What is not chosen stays as it was wherever that is possible, attribute by attribute.
        fitting = [whole for whole in products(model) if one.configuration.choices.items() <= whole.items()]
        for attribute in enumerations(model):
            same = [whole for whole in fitting if whole[attribute.id] == before[attribute.id]]
            order = [value for value in attribute.preferred if any(w[attribute.id] == value for w in fitting)]
            fitting = same or [whole for whole in fitting if whole[attribute.id] == order[0]]
        (after,) = fitting
        extras = [
            sum(prices.extras[attribute].get(value, _eur(0)).amount for attribute, value in whole.items())
            for whole in (before, after)
        ]
        assert one.price_effect is not None
        assert one.price_effect.amount == extras[1] - extras[0]


# odoo/odoo pull request 226612: A1 excludes B2 and A2 excludes B1, and every way out was greyed out.
def test_two_pairs_that_exclude_each_other_leave_a_way_out() -> None:
    model = ProductModel(
        id="pair",
        attributes=(Attribute("A", ("A1", "A2")), Attribute("B", ("B1", "B2"))),
        rules=(
            Excludes(id="1", combination={"A": "A1", "B": "B2"}),
            Excludes(id="2", combination={"A": "A2", "B": "B1"}),
        ),
    )
    product = model.compile().start({"A": "A1", "B": "B1"})

    (repair,) = product.repairs("A", "A2")

    assert repair.given_up == (Choice("B", "B1"),)
    assert repair.replacements == (Choice("B", "B2"),)
    assert repair.configuration.selection == {"A": "A2", "B": "B2"}


def test_the_nearest_number_takes_the_place_of_a_number_and_the_preferred_value_that_of_another() -> None:
    model = ProductModel(
        id="table",
        attributes=(
            WholeNumber("seats", 2, 12),
            Attribute("frame", ("oak", "steel", "pine"), default="steel"),
            Attribute("room", ("large", "small")),
        ),
        rules=(
            Requires(
                id="1", when={"room": "small"}, then={"seats": (2, 3, 4, 6), "frame": ("steel", "pine")}
            ),
        ),
    )
    table = model.compile().start({"seats": 8, "frame": "oak"})

    (repair,) = table.repairs("room", "small")

    assert repair.configuration.choices == {"seats": "6", "frame": "steel", "room": "small"}
    assert str(repair) == "room = small: seats = 6 in place of 8; frame = steel in place of oak"


def test_a_repair_says_what_it_changes_and_what_that_costs() -> None:
    model = ProductModel(
        id="bike",
        attributes=(
            Attribute("frame", ("alloy", "carbon")),
            Attribute("motor", ("none", "mid")),
            Attribute("brakes", ("rim", "disc")),
        ),
        rules=(Requires(id="R7", when={"motor": "mid"}, then={"brakes": "disc", "frame": "alloy"}),),
    )
    extras = {"frame": {"carbon": _eur(650)}, "motor": {"mid": _eur(990)}, "brakes": {"disc": _eur(80)}}
    configurator = model.compile(prices=ValuePrices(_eur(900), extras))

    (repair,) = configurator.start({"frame": "carbon"}).repairs("motor", "mid")

    # before: carbon, no motor, rim brakes 1550; after: alloy, motor, disc brakes 1970
    assert repair.price_effect == _eur(420)
    assert str(repair) == "motor = mid: frame = alloy in place of carbon, 420 EUR more"
    (back,) = repair.configuration.repairs("frame", "carbon")
    assert str(back) == "frame = carbon: motor = none in place of mid, 340 EUR less"  # the brakes stay disc
    (free,) = configurator.start().repairs("frame", "alloy")
    assert str(free) == "frame = alloy: nothing is given up, at the same price"


def test_what_is_never_possible_has_no_repair() -> None:
    model = ProductModel(
        id="bike",
        attributes=(Attribute("frame", ("alloy", "carbon")), Attribute("fork", ("rigid", "air"))),
        rules=(Excludes(id="R1", combination={"frame": "carbon"}),),
    )

    assert model.compile().start({"fork": "air"}).repairs("frame", "carbon") == ()
    assert model.compile().start().repairs("frame", "alloy", limit=0) == ()


def test_all_picks_of_a_group_are_asked_for_at_once() -> None:
    model = ProductModel(
        id="bike",
        attributes=(
            MultiSelect(id="extras", values=("rack", "light", "bell")),
            Attribute("frame", ("alloy", "carbon")),
        ),
        rules=(
            Excludes(id="R1", combination={"extras.rack": True, "extras.light": True, "frame": "carbon"}),
        ),
    )

    (repair,) = model.compile().start({"frame": "carbon"}).repairs("extras", ("rack", "light"))

    assert repair.given_up == (Choice("frame", "carbon"),)
    assert repair.configuration.selection == {
        "extras.rack": "yes", "extras.light": "yes", "extras.bell": "no", "frame": "alloy",
    }  # fmt: skip


def test_a_selection_to_repair_names_only_what_the_product_has() -> None:
    product = ProductModel(id="lamp", attributes=(Attribute("socket", ("E14", "E27")),)).compile()

    with pytest.raises(InvalidInput):
        product.repairs({"socket": "E40"})
    with pytest.raises(LookupError):
        product.repairs({"socket": "E14"}, keep=["sockets"])


# --- the algorithms by themselves


@st.composite
def _conflicts(draw: st.DrawFn) -> tuple[int, list[set[int]]]:
    count = draw(st.integers(0, 7))
    members = st.sets(st.integers(0, count - 1), min_size=1) if count else st.nothing()
    return count, draw(st.lists(members, max_size=5)) if count else []


def _hits(conflicts: Sequence[set[int]], kept: Places) -> bool:
    return not any(conflict <= set(kept) for conflict in conflicts)


@given(_conflicts())
def test_smallest_diagnoses_are_the_minimal_hitting_sets_in_order(case: tuple[int, list[set[int]]]) -> None:
    count, conflicts = case
    wanted: list[tuple[int, ...]] = []
    for size in range(count + 1):
        for places in sorted(combinations(range(count), size), key=lambda one: [-place for place in one]):
            hits = all(conflict & set(places) for conflict in conflicts)
            if hits and not any(set(known) <= set(places) for known in wanted):
                wanted.append(places)

    assert list(smallest_diagnoses(lambda kept: _hits(conflicts, kept), count)) == wanted


@given(_conflicts())
def test_one_diagnosis_keeps_the_first_items_that_can_be_kept(case: tuple[int, list[set[int]]]) -> None:
    count, conflicts = case
    kept: tuple[int, ...] = ()
    for place in range(count):
        kept = (*kept, place) if _hits(conflicts, (*kept, place)) else kept

    assert one_diagnosis(lambda some: _hits(conflicts, some), count) == tuple(
        place for place in range(count) if place not in kept
    )


def test_when_nothing_helps_there_is_no_diagnosis() -> None:
    assert list(smallest_diagnoses(lambda _: False, 3)) == []
    assert one_diagnosis(lambda _: False, 3) is None


def _rooms(count: int) -> ProductModel:
    """Each pair of neighbours of a ring of rooms must differ when the switch is on: many ways to repair."""
    rooms = tuple(Attribute(f"r{number}", ("red", "blue")) for number in range(count))
    rules = tuple(
        Excludes(id=f"{number}{colour}", combination={
            "switch": "on", f"r{number}": colour, f"r{(number + 1) % count}": colour})
        for number in range(count)
        for colour in ("red", "blue")
    )  # fmt: skip
    return ProductModel(id="rooms", attributes=(Attribute("switch", ("off", "on")), *rooms), rules=rules)


def test_when_the_smallest_repair_takes_too_long_one_that_is_minimal_is_given_and_says_so() -> None:
    model = _rooms(24)
    all_red = {f"r{number}": "red" for number in range(24)}
    steps, repairs = 200, None
    while repairs is None:  # the fewest steps that find one are too few to find the smallest
        try:
            repairs = model.compile(max_steps=steps).start(all_red).repairs("switch", "on")
        except NotProven:
            steps *= 2

    (repair,) = repairs
    assert steps > 200
    assert not repair.is_smallest
    names = [choice.attribute for choice in repair.given_up]
    kept = {name: value for name, value in all_red.items() if name not in names}
    assert model.compile().check({**kept, "switch": "on"}).is_valid
    for name in names:
        assert not model.compile().check({**kept, name: "red", "switch": "on"}).is_valid


def test_one_attribute_to_keep_is_named_by_its_name_alone() -> None:
    pc = ProductModel(
        id="pc",
        attributes=(Attribute("ram", ("8", "16")), Attribute("hdd", ("1", "2"))),
        rules=(Excludes(id="R1", combination={"ram": "16", "hdd": "1"}),),
    ).compile()

    (repair,) = pc.repairs({"ram": "16", "hdd": "1"}, keep="hdd")

    assert [(choice.attribute, choice.value) for choice in repair.replacements] == [("ram", "8")]
