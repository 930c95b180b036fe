"""What people may call a choice: texts, numbers, truth values, groups; and what is refused, in bounded time."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.errors import FloatRefused, InvalidInput, SalesError
from salesmgmt.cpq.configure import (
    Alerts,
    Attribute,
    ChoiceRefused,
    Component,
    DecimalNumber,
    Derivation,
    FreeText,
    Hides,
    MultiSelect,
    NotChoosable,
    Option,
    OptionGroup,
    Origin,
    ProductModel,
    Recommends,
    UnknownAttribute,
    UnknownValue,
    WholeNumber,
    YesNo,
)

BIKE = ProductModel(
    id="bike",
    attributes=(
        Attribute("frame", ("alloy", "carbon")),
        WholeNumber("gears", 1, 12),
        DecimalNumber("width", "1.5", "2.5", step="0.5"),
        YesNo("bell"),
        MultiSelect(id="extras", values=("rack", "light", "lock"), max_picks=2),
        OptionGroup(id="spares", options=(Option(product="TUBE", max_quantity=3), Option(product="PATCH"))),
        Component(id="batteries", max_count=2, model=ProductModel(
            id="battery", attributes=(Attribute("capacity", ("250", "500")),))),
        Attribute("class", ("light", "heavy")),
        FreeText("engraving", max_length=12, required=True),
    ),
    rules=(
        Derivation(id="D1", attribute="class", inputs=("frame",), rows=(("carbon", "light"), ("alloy", "heavy"))),
    ),
    soft_rules=(
        Alerts(id="W1", when="gears > 9", text="more than nine gears take a week longer"),
        Recommends(id="N1", when="bell", recommend={"extras.light": True}),
        Hides(id="H1", when="frame == 'carbon'", attributes=("batteries",)),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("gears", 5, "5"),
        ("gears", "05.0", "5"),
        ("gears", Decimal("5.00"), "5"),
        ("width", Decimal("2.50"), "2.5"),
        ("width", 2, "2"),
        ("bell", True, "yes"),
        ("spares.TUBE", 3, "3"),
        ("batteries", 1, "1"),
        ("frame", "carbon", "carbon"),
        ("engraving", "für Ada ✓", "für Ada ✓"),
    ],
)
def test_values_become_canonical_texts(name: str, value: object, text: str) -> None:
    bike = BIKE.compile().start().choose(name, value)

    assert bike.choices == {name: text}
    assert bike == BIKE.compile().start({name: text})
    assert bike.values[name].origin is Origin.USER


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("gears", 13, UnknownValue),
        ("gears", None, UnknownValue),
        ("gears", 10**400, UnknownValue),
        ("gears", Decimal("NaN"), UnknownValue),
        ("gears", Decimal("1E+999999"), UnknownValue),
        ("gears", "1e0", UnknownValue),
        ("gears", "٥", UnknownValue),
        ("gears", 5.0, FloatRefused),
        ("width", float("nan"), FloatRefused),
        ("bell", "true", UnknownValue),
        ("frame", "x" * 1_000_000, UnknownValue),
        ("frame", "carbon\u202e", UnknownValue),
        ("frame", b"carbon", UnknownValue),
        ("engraving", "", UnknownValue),
        ("engraving", "longer than twelve", UnknownValue),
        ("engraving", "a\x00b", UnknownValue),
        ("engraving", "\u202eAda", UnknownValue),
        ("engraving", "\ud800", UnknownValue),
        ("extras", "bell", UnknownValue),
        ("extras", 3, UnknownValue),
        ("extras", ("rack", 3), UnknownValue),
        ("spares", {"TUBE": 9}, UnknownValue),
        ("spares", {"PUMP": 1}, UnknownValue),
        ("class", "light", NotChoosable),
        ("Frame", "carbon", UnknownAttribute),
        ("", "carbon", UnknownAttribute),
        (None, "carbon", UnknownAttribute),
        (("frame",), "carbon", UnknownAttribute),
        ("x" * 1_000_000, "carbon", UnknownAttribute),
        ("batteries.3.capacity", "250", UnknownAttribute),
    ],
)
def test_what_is_no_choice_is_refused_with_a_short_message(
    name: Any, value: object, error: type[SalesError]
) -> None:
    bike = BIKE.compile().start()

    for ask in (bike.choose, bike.explain, bike.repairs):
        with pytest.raises(error) as refused:
            ask(name, value)
        assert len(str(refused.value)) < 600
    with pytest.raises(InvalidInput) as all_refused:
        bike.choose_all({name: value})
    assert len(all_refused.value.problems) == 1
    assert len(str(all_refused.value)) < 800


def test_a_group_is_chosen_at_once_or_option_by_option() -> None:
    bike = BIKE.compile().start()

    picked = bike.choose("extras", ("rack", "light"))

    assert picked.choices == {"extras.rack": "yes", "extras.light": "yes", "extras.lock": "no"}
    assert picked.choose("extras", {"lock"}).choices == {
        "extras.rack": "no", "extras.light": "no", "extras.lock": "yes",
    }  # fmt: skip
    assert picked.unchoose("extras") == bike
    assert bike.choose("extras", "rack") == bike.choose("extras", ["rack"])
    assert bike.choose("spares", {"TUBE": 2}).choices == {"spares.TUBE": "2", "spares.PATCH": "no"}
    assert bike.choose("spares", ("TUBE", "PATCH")).choices == {"spares.TUBE": "1", "spares.PATCH": "yes"}
    assert bike.domain("extras") == ("rack", "light", "lock")
    assert bike.choose("extras.rack", True).choose("extras.light", True).domain("extras") == ("rack", "light")
    with pytest.raises(ChoiceRefused, match="extras: 0 to 2 of 3 are picked"):
        bike.choose("extras", ("rack", "light", "lock"))


def test_what_belongs_to_an_absent_instance_has_no_value() -> None:
    bike = BIKE.compile().start({"batteries": 1})

    assert bike.domain("batteries.1.capacity") == ("250", "500")
    assert bike.domain("batteries.2.capacity") == ()
    assert "batteries.1.capacity" in bike.missing
    assert "batteries.2.capacity" not in bike.missing
    assert "batteries.2.capacity" not in bike.complete().selection
    assert bike.unchoose("batteries").choose("batteries.2.capacity", "250").values["batteries"].value == "2"
    (repair,) = bike.repairs("batteries.2.capacity", 250)
    assert repair.configuration.choices == {"batteries": "2", "batteries.2.capacity": "250"}
    (smaller,) = repair.configuration.repairs("batteries", 0)
    assert str(smaller) == "batteries = 0: no batteries.2.capacity = 250"


def test_a_derived_attribute_has_a_value_and_a_required_text_is_missing_until_it_is_written() -> None:
    bike = BIKE.compile().start({"frame": "carbon"})

    assert bike.values["class"].value == "light"
    assert bike.values["class"].origin is Origin.DERIVED
    assert bike.complete().missing == ("engraving",)
    written = bike.choose("engraving", "Ada")
    assert written.complete().is_complete
    assert written.selection["engraving"] == "Ada"
    assert written.domain("engraving") == ()
    assert written.unchoose("engraving") == bike
    assert written.repairs("frame", "alloy")[0].configuration.choices["engraving"] == "Ada"


def test_soft_rules_speak_about_what_is_settled() -> None:
    bike = BIKE.compile().start({"gears": 11, "bell": True, "frame": "carbon"})

    assert [alert.text for alert in bike.alerts] == ["more than nine gears take a week longer"]
    assert [rule.id for rule in bike.recommendations] == ["N1"]
    assert bike.choose("extras.light", True).recommendations == ()
    assert "batteries" in bike.hidden
    assert "batteries" not in str(bike)


def test_a_hundred_thousand_choices_are_refused_in_no_time() -> None:
    bike = BIKE.compile()

    with pytest.raises(InvalidInput) as refused:
        bike.start({f"frame{number}": "carbon" for number in range(100_000)})

    assert len(refused.value.problems) == 100


def test_a_configuration_prints_as_a_short_table() -> None:
    bike = ProductModel(
        id="bike",
        attributes=(
            Attribute("frame", ("alloy", "carbon"), default="carbon"),
            Attribute("size", tuple(str(size) for size in range(40, 60))),
            YesNo("bell"),
        ),
    ).compile().start({"bell": True})  # fmt: skip

    assert str(bike) == (
        "bike, 2 missing\n"
        "  frame  ?    alloy, carbon\n"
        "  size   ?    40, 41, 42, 43, 44, 45, 46, 47, ...\n"
        "  bell   yes  chosen"
    )
    assert str(bike.complete()) == (
        "bike, complete\n  frame  carbon  default\n  size   40      default\n  bell   yes     chosen"
    )


def test_a_table_of_a_large_product_is_cut() -> None:
    product = ProductModel(id="many", attributes=tuple(YesNo(f"a{number}") for number in range(500)))

    lines = str(product.compile().start()).splitlines()

    assert len(lines) == 62
    assert lines[-1] == "  and 440 more"


def test_the_digest_is_that_of_the_choices_whatever_happened_before() -> None:
    configurator = BIKE.compile()
    one = configurator.start({"gears": 5}).choose("frame", "carbon").choose("bell", True).unchoose("bell")
    other = (
        configurator.start().choose("frame", "alloy").complete().choose_all({"frame": "carbon", "gears": "5"})
    )

    assert one == other
    assert one.digest == other.digest
    assert hash(one) == hash(other)
    assert one.complete().digest != one.digest
    assert one.choose("bell", True).digest != one.digest


@given(st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_choosing_unchoosing_and_asking_in_any_order_gives_the_same_answers(random: Random) -> None:
    configurator = BIKE.compile()
    bike = configurator.start()
    names = [*bike.domains, "extras", "spares"]
    for _ in range(random.randint(1, 8)):
        name = random.choice(names)
        possible = bike.domain(name)
        match random.randrange(4):
            case 0:
                bike = bike.unchoose(name)
            case 1:
                bike = bike.complete()
            case _ if possible and name != "class":
                value = random.choice(possible)
                for repair in bike.repairs(name, value, limit=2):
                    bike = repair.configuration
                bike = bike.choose(name, value)
    asked = "batteries.2.capacity"

    again = BIKE.compile().start(dict(random.sample([*bike.choices.items()], len(bike.choices))))

    assert again.domains == bike.domains
    assert again.complete().selection == attrs.evolve(bike, filled={}).complete().selection
    assert again.digest == attrs.evolve(bike, filled={}).digest
    assert again.count() == bike.count()
    if bike.domain(asked):
        assert again.explain(asked, "250") == bike.explain(asked, "250")
        assert [(one.given_up, one.replacements) for one in again.repairs(asked, "250")] == [
            (one.given_up, one.replacements) for one in bike.repairs(asked, "250")
        ]
