"""Configurations: exact domains, minimal conflicts, and choices whose order leaves no trace."""

from __future__ import annotations

import pickle
from itertools import chain, combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.cpq.configure import (
    Attribute,
    Choice,
    ChoiceRefused,
    Configuration,
    Excludes,
    NotProven,
    Origin,
    ProductModel,
    Requires,
    Table,
    UnknownAttribute,
    UnknownValue,
)
from tests.cpq.configure.brute_force import configured, domain, enumerations, fits, possible, products

BIKE = ProductModel(
    id="bike",
    attributes=(
        Attribute("frame", ("alloy", "carbon", "steel"), default="steel"),
        Attribute("fork", ("rigid", "coil", "air")),
        Attribute("wheels.size", ("27in", "29in")),
        Attribute("motor", ("none", "hub", "mid"), default="none"),
        Attribute("brakes", ("rim", "disc"), default="disc"),
    ),
    rules=(
        Excludes(id="R12", text="a carbon frame has no rigid fork", combination={"frame": "carbon", "fork": "rigid"}),
        Requires(id="R7", when={"motor": ("hub", "mid")}, then={"brakes": "disc", "frame": ("alloy", "steel")}),
        Table(id="T1", attributes=("fork", "wheels.size"), allowed=(("rigid", ("27in", "29in")), ("coil", "27in"), ("air", "29in"))),
    ),
)  # fmt: skip


@given(configured())
def test_domains_are_exactly_the_values_of_valid_products(case: tuple[ProductModel, Configuration]) -> None:
    model, configuration = case

    for attribute in model.attributes:
        assert set(configuration.domain(attribute.id)) == domain(model, configuration.choices, attribute.id)


@given(configured())
def test_a_value_can_be_chosen_exactly_when_it_stands_in_the_domain(
    case: tuple[ProductModel, Configuration],
) -> None:
    model, configuration = case

    for attribute in enumerations(model):
        for value in attribute.values:
            if value in configuration.domain(attribute.id):
                assert configuration.explain(attribute.id, value) is None
                assert configuration.choose(attribute.id, value).choices[attribute.id] == value
            else:
                with pytest.raises(ChoiceRefused) as refused:
                    configuration.choose(attribute.id, value)
                assert refused.value.conflict == configuration.explain(attribute.id, value)


@given(configured())
def test_a_conflict_is_one_and_nothing_in_it_can_be_left_out(
    case: tuple[ProductModel, Configuration],
) -> None:
    model, configuration = case

    for attribute in enumerations(model):
        for value in set(attribute.values) - set(configuration.domain(attribute.id)):
            conflict = configuration.explain(attribute.id, value)
            assert conflict is not None
            choices = {choice.attribute: choice.value for choice in conflict.choices}
            asked = {attribute.id: value}
            assert choices.items() <= configuration.choices.items()
            assert set(map(id, conflict.rules)) <= set(map(id, model.rules))
            assert not possible(model, choices | asked, conflict.rules)
            for left_out in choices:
                fewer = {name: kept for name, kept in choices.items() if name != left_out}
                assert possible(model, fewer | asked, conflict.rules)
            for number in range(len(conflict.rules)):
                rules = [rule for place, rule in enumerate(conflict.rules) if place != number]
                assert possible(model, choices | asked, rules)


@given(configured())
def test_completing_gives_the_first_valid_product_with_the_choices(
    case: tuple[ProductModel, Configuration],
) -> None:
    model, configuration = case

    completed = configuration.complete()

    # The oracle lists products attribute by attribute, default first: the first that fits is the lexicographic one.
    assert completed.selection == next(
        whole for whole in products(model) if fits(configuration.choices, whole)
    )
    assert completed.is_complete
    assert completed.complete() == completed
    assert completed.choices == configuration.choices


@given(configured())
def test_values_say_who_set_them(case: tuple[ProductModel, Configuration]) -> None:
    model, configuration = case

    values = configuration.values
    for attribute in model.attributes:
        name = attribute.id
        fitting = {whole[name] for whole in products(model) if fits(configuration.choices, whole)}
        if name in configuration.choices:
            assert values[name].origin is Origin.USER
        elif len(fitting) == 1:
            assert values[name].origin is Origin.DERIVED
            assert {values[name].value} == fitting
        else:
            assert name in configuration.missing
            assert configuration.complete().values[name].origin is Origin.DEFAULT


@given(configured(), st.randoms(use_true_random=False))
def test_the_order_and_the_detours_of_choosing_leave_no_trace(
    case: tuple[ProductModel, Configuration], random: object
) -> None:
    model, configuration = case
    choices = list(configuration.choices.items())
    random.shuffle(choices)  # type: ignore[attr-defined]

    other = model.compile().start()
    for name, value in choices:
        for detour in other.domain(name):
            other = other.choose(name, detour)
        other = other.choose(name, value)

    assert other == configuration
    assert other.domains == configuration.domains
    assert other.complete() == configuration.complete()
    assert list(other.choices) == list(configuration.choices)


@given(configured())
def test_taking_a_choice_back_is_as_if_it_was_never_made(case: tuple[ProductModel, Configuration]) -> None:
    model, configuration = case

    for name in configuration.choices:
        others = {other: value for other, value in configuration.choices.items() if other != name}
        assert configuration.unchoose(name) == model.compile().start(others)
        assert configuration.unchoose(name).unchoose(name) == configuration.unchoose(name)


# --- the bike, by hand


def test_a_choice_narrows_what_is_left() -> None:
    bike = BIKE.compile().start().choose("frame", "carbon").choose("wheels.size", "29in")

    assert bike.domain("fork") == ("air",)
    assert bike.domain("motor") == ("none",)
    assert bike.domain("brakes") == ("rim", "disc")
    assert bike.missing == ("brakes",)
    assert not bike.is_complete
    assert bike.values["motor"].origin is Origin.DERIVED


def test_a_chosen_attribute_offers_what_it_could_be_changed_to() -> None:
    bike = BIKE.compile().start({"frame": "carbon", "fork": "air"})

    assert bike.domain("frame") == ("alloy", "carbon", "steel")
    assert bike.domain("fork") == ("coil", "air")
    assert bike.domains["fork"] == ("air",)
    assert bike.choose("fork", "coil").choices == {"frame": "carbon", "fork": "coil"}


def test_an_impossible_choice_names_the_choices_and_the_rules() -> None:
    bike = BIKE.compile().start({"wheels.size": "29in", "frame": "carbon", "brakes": "disc"})

    with pytest.raises(ChoiceRefused) as refused:
        bike.choose("fork", "rigid")

    conflict = refused.value.conflict
    assert conflict.asked == Choice("fork", "rigid")
    assert conflict.choices == (Choice("frame", "carbon"),)
    assert [rule.id for rule in conflict.rules] == ["R12"]
    assert str(refused.value) == (
        "fork = rigid does not go with frame = carbon (R12: a carbon frame has no rigid fork); "
        "choose another value, or give up the choice of frame"
    )


def test_defaults_come_first_and_yield_to_a_later_choice() -> None:
    bike = BIKE.compile().start().choose("fork", "air").complete()

    assert bike.selection == {
        "frame": "steel", "fork": "air", "wheels.size": "29in", "motor": "none", "brakes": "disc",
    }  # fmt: skip
    assert {name: chosen.origin.value for name, chosen in bike.values.items()} == {
        "frame": "default", "fork": "user", "wheels.size": "derived", "motor": "default", "brakes": "default",
    }  # fmt: skip
    carbon = bike.choose("frame", "carbon")
    assert carbon.filled == {}
    assert carbon.complete().selection["frame"] == "carbon"


# A case of odoo/odoo (test_get_first_possible_combination, many combinations): no enumeration of 50 to the power of 10.
def test_a_large_open_model_is_completed_at_once() -> None:
    attributes = tuple(Attribute(f"a{i}", tuple(f"v{j}" for j in range(50))) for i in range(10))
    rules = (
        Excludes(id="1", combination={"a1": "v0", "a0": "v0"}),
        Excludes(id="2", combination={"a0": "v0", "a1": "v1"}),
    )

    first = ProductModel(id="many", attributes=attributes, rules=rules).compile().start().complete()

    assert first.selection == {f"a{i}": "v2" if i == 1 else "v0" for i in range(10)}


# A case of OCA/product-configurator (issue 36): a value that two conditional rules list must not vanish.
def test_a_value_that_several_rules_mention_stays() -> None:
    model = ProductModel(
        id="jar",
        attributes=(
            Attribute("container", ("glass", "plastic", "can")),
            Attribute("cap", ("metal", "plastic", "none")),
        ),
        rules=(
            Requires(id="1", when={"container": "glass"}, then={"cap": ("metal", "none")}),
            Requires(id="2", when={"container": "plastic"}, then={"cap": "plastic"}),
            Requires(id="3", when={"container": "can"}, then={"cap": "none"}),
        ),
    )

    assert model.compile().start().choose("container", "glass").domain("cap") == ("metal", "none")


def test_choices_that_were_stored_are_taken_up_again() -> None:
    configurator = BIKE.compile()
    bike = configurator.start().choose("frame", "carbon").choose("fork", "air")

    assert configurator.start(bike.choices) == bike
    with pytest.raises(ChoiceRefused, match="R12"):
        configurator.start({"frame": "carbon", "fork": "rigid"})
    with pytest.raises(InvalidInput) as refused:
        configurator.start({"frame": "wood", "saddle": "soft", "fork": "air"})
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        ("frame", "unknown_value"),
        ("saddle", "unknown_attribute"),
    ]


def test_unknown_names_are_refused_with_the_nearest() -> None:
    bike = BIKE.compile().start()

    with pytest.raises(UnknownAttribute, match="did you mean 'fork'"):
        bike.choose("forks", "air")
    with pytest.raises(UnknownValue, match="did you mean 'carbon'"):
        bike.choose("frame", "carbn")
    for ask in (bike.domain, bike.unchoose):
        with pytest.raises(UnknownAttribute):
            ask("x")
    with pytest.raises(UnknownValue):
        bike.explain("frame", "x")


def test_stored_choices_that_are_no_texts_are_refused_like_unknown_ones() -> None:
    lamp = ProductModel(id="lamp", attributes=(Attribute("socket", ("E14", "E27")),)).compile()

    with pytest.raises(InvalidInput, match="socket: found"):
        lamp.start({"socket": ["E14"]})
    with pytest.raises(UnknownValue):
        lamp.start().choose("socket", {})
    with pytest.raises(UnknownAttribute):
        lamp.start().domain([])  # type: ignore[arg-type]


def test_a_configurator_and_a_configuration_pickle() -> None:
    configurator = BIKE.compile()
    bike = configurator.start({"frame": "carbon"})

    twin = pickle.loads(pickle.dumps(bike))

    assert pickle.loads(pickle.dumps(configurator)) == configurator
    assert twin == bike
    assert twin.domain("fork") == ("coil", "air")


def _pigeons(count: int) -> ProductModel:
    """When both switches are on, so many pigeons must share one hole less: impossible, and hard to prove by search."""
    holes = tuple(f"h{hole}" for hole in range(count - 1))
    pigeons = tuple(f"p{number}" for number in range(count))
    alone = [
        Excludes(id=f"{left}-{right}-{hole}", combination={left: hole, right: hole})
        for left, right in combinations(pigeons, 2)
        for hole in holes
    ]
    inside = [
        Requires(id=pigeon, when={"left": "on", "right": "on"}, then={pigeon: holes}) for pigeon in pigeons
    ]
    switches = (Attribute("left", ("off", "on")), Attribute("right", ("off", "on")))
    birds = tuple(Attribute(pigeon, (*holes, "outside")) for pigeon in pigeons)
    return ProductModel(id="pigeons", attributes=(*switches, *birds), rules=(*alone, *inside))


def test_a_question_that_takes_too_long_ends_in_an_honest_error() -> None:
    model = _pigeons(7)
    hurried = model.compile(max_steps=5_000).start({"left": "on"})

    assert model.compile().start({"left": "on"}).domain("right") == ("off",)
    with pytest.raises(NotProven) as refused:
        hurried.choose("right", "on")
    assert refused.value.max_steps == 5_000


def test_a_conflict_that_cannot_be_made_smaller_in_time_says_so() -> None:
    model = _pigeons(5)
    chosen = {"left": "on", "p0": "h0"}
    steps = 1
    while True:  # the fewest steps that prove the refusal are too few to explain it
        try:
            conflict = model.compile(max_steps=steps).start(chosen).explain("right", "on")
        except NotProven:
            steps *= 2
        else:
            break

    assert conflict is not None
    assert not conflict.is_minimal
    assert [str(choice) for choice in conflict.choices] == ["left = on", "p0 = h0"]
    assert conflict.rules == model.rules
    assert str(conflict).endswith("(which rules forbid it is not proven)")


def test_every_order_of_the_same_choices_gives_the_same_bike() -> None:
    configurator = BIKE.compile()
    choices = [("frame", "alloy"), ("fork", "air"), ("motor", "mid"), ("brakes", "disc")]
    bikes = []
    for order in permutations(choices):
        bike = configurator.start()
        for name, value in order:
            bike = bike.choose(name, value)
        bikes.append(bike)

    assert all(bike == bikes[0] for bike in bikes)
    assert len(set(chain.from_iterable(bike.domain("wheels.size") for bike in bikes))) == 1
