"""Whole products: the first, the cheapest, the most profitable, how many, and what they cost."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.exact import NotANumber
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.cpq.configure import (
    Attribute,
    Component,
    Configuration,
    Excludes,
    NotPriced,
    Option,
    OptionGroup,
    Origin,
    Prefers,
    ProductModel,
    Requires,
    ValuePrices,
    WholeNumber,
)
from tests.cpq.configure.brute_force import configured, models, possible, products, value_prices


def _eur(amount: str | int) -> Money:
    return Money(amount, "EUR")


def _whole(model: ProductModel, configuration: Configuration) -> list[dict[str, str]]:
    """The valid products with the choices, in the order in which values are tried."""
    return [whole for whole in products(model) if configuration.choices.items() <= whole.items()]


def _extras(prices: ValuePrices, whole: dict[str, str]) -> Money:
    return sum(
        (prices.extras[name][value] for name, value in whole.items() if value in prices.extras[name]),
        prices.base,
    )


@given(st.data())
def test_the_cheapest_and_the_most_profitable_product_are_proven_and_ties_go_to_the_first(
    data: st.DataObject,
) -> None:
    model, started = data.draw(configured())
    prices, costs = data.draw(value_prices(model)), data.draw(value_prices(model))
    configuration = model.compile(prices=prices, costs=costs).start(started.choices)
    whole = _whole(model, started)

    cheapest = configuration.complete(minimise="price")
    dearest = configuration.complete(maximise="price")
    best = configuration.complete(maximise="margin")

    # min and max of Python take the first of several.
    assert cheapest.selection == min(whole, key=lambda one: _extras(prices, one).amount)
    assert dearest.selection == max(whole, key=lambda one: _extras(prices, one).amount)
    assert best.selection == max(whole, key=lambda one: (_extras(prices, one) - _extras(costs, one)).amount)
    assert cheapest.price == _extras(prices, cheapest.selection)
    assert configuration.complete(minimise="cost").selection == min(
        whole, key=lambda one: _extras(costs, one).amount
    )


@given(configured())
def test_counting_and_listing_give_every_valid_product_once_in_order(
    case: tuple[ProductModel, Configuration],
) -> None:
    model, configuration = case
    whole = _whole(model, configuration)

    assert configuration.count() == len(whole)
    assert list(configuration.solutions()) == whole


@given(models(), st.integers(0, 5))
def test_a_rule_is_redundant_exactly_when_leaving_it_out_allows_nothing_more(
    model: ProductModel, place: int
) -> None:
    if place >= len(model.rules):
        return
    others = [rule for number, rule in enumerate(model.rules) if number != place]

    redundant = model.compile().is_redundant(model.rules[place].id)

    assert redundant == (len(list(products(model, others))) == len(list(products(model))))


def test_a_rule_that_is_not_there_cannot_be_redundant() -> None:
    lamp = ProductModel(id="lamp", attributes=(Attribute("socket", ("E14", "E27")),)).compile()

    with pytest.raises(UnknownOption):
        lamp.is_redundant("R1")


def test_more_products_than_can_be_listed_are_counted_and_the_first_are_at_hand() -> None:
    attributes = tuple(Attribute(f"a{number}", ("x", "y")) for number in range(100))
    rules = (Excludes(id="1", combination={"a0": "x", "a1": "x"}),)
    product = ProductModel(id="many", attributes=attributes, rules=rules).compile().start()

    assert product.count() == 3 * 2**98
    first, second = islice(product.solutions(), 2)
    assert first == product.complete().selection
    assert {name for name in first if first[name] != second[name]} == {"a99"}


# --- what is preferred


def test_preferences_come_before_defaults_and_follow_the_values_before_them() -> None:
    model = ProductModel(
        id="bike",
        attributes=(
            Attribute("frame", ("alloy", "carbon")),
            Attribute("fork", ("rigid", "coil", "air"), default="coil"),
            Attribute("saddle", ("hard", "soft")),
        ),
        rules=(Excludes(id="R1", combination={"fork": "air", "saddle": "soft"}),),
        soft_rules=(
            Prefers(id="P1", when="frame == 'carbon'", prefer={"fork": ("air", "rigid")}),
            Prefers(id="P2", when="fork == 'air'", prefer={"saddle": "soft"}),
            Prefers(id="P3", prefer={"frame": "carbon"}),
        ),
    )
    product = model.compile().start()

    # P3 prefers a carbon frame, with that P1 prefers an air fork, and what P2 prefers then is not possible.
    assert product.complete().selection == {"frame": "carbon", "fork": "air", "saddle": "hard"}
    assert product.choose("saddle", "soft").complete().selection["fork"] == "rigid"
    assert product.choose("frame", "alloy").complete().selection["fork"] == "coil"
    assert product.complete().values["fork"].origin is Origin.DEFAULT


# --- prices


PUMPS = ProductModel(
    id="station",
    attributes=(
        WholeNumber("length", 2, 6),
        OptionGroup(id="extras", options=(Option(product="LOCK"), Option(product="VALVE", max_quantity=4))),
        Component(
            id="pumps",
            max_count=3,
            model=ProductModel(id="pump", attributes=(Attribute("power", ("1kW", "2kW")),)),
        ),
    ),
    rules=(Requires(id="R1", when={"length": (5, 6)}, then={"pumps": (2, 3)}),),
)
PRICES = ValuePrices(
    _eur(500),
    extras={
        "extras": {"LOCK": _eur(30), "VALVE": _eur("12.50")},
        "pumps.power": {"1kW": _eur(200), "2kW": _eur(350)},
    },
    per_unit={"length": _eur("19.90")},
)


def test_numbers_options_and_instances_are_priced_by_the_unit() -> None:
    station = PUMPS.compile(prices=PRICES).start().choose_all(
        {"length": 5, "extras": {"VALVE": 3}, "pumps.1.power": "2kW", "pumps.3.power": "1kW"}
    )  # fmt: skip

    # 500 + 5 x 19.90 + 3 x 12.50 + 350 + 200, and the second pump is still open
    assert station.price == _eur("1187.00")
    assert station.missing == ("pumps.2.power",)
    assert station.complete(minimise="price").price == _eur("1387.00")
    assert [(pick.product, pick.quantity) for pick in station.picks] == [("VALVE", 3)]


def test_the_cheapest_product_counts_instances_that_are_there() -> None:
    long = PUMPS.compile(prices=PRICES).start({"length": 6}).complete(minimise="price")

    assert long.selection == {
        "length": "6", "extras.LOCK": "no", "extras.VALVE": "0", "pumps": "2",
        "pumps.1.power": "1kW", "pumps.2.power": "1kW",
    }  # fmt: skip
    assert long.price == _eur("1019.40")


def test_without_prices_there_is_no_price_and_no_cheapest_product() -> None:
    plain = PUMPS.compile().start({"length": 3})
    priced = PUMPS.compile(prices=PRICES).start()

    assert plain.price is None
    assert plain.repairs("length", 4)[0].price_effect is None
    with pytest.raises(NotPriced, match="prices"):
        plain.complete(minimise="price")
    with pytest.raises(NotPriced, match="costs"):
        priced.complete(maximise="margin")
    with pytest.raises(UnknownOption, match="minimise=weight"):
        priced.complete(minimise="weight")  # type: ignore[arg-type]
    with pytest.raises(UnknownOption):
        priced.complete(minimise="price", maximise="price")


def test_prices_of_what_the_model_does_not_have_are_all_refused() -> None:
    wrong = ValuePrices(
        _eur(1),
        {"length": {"7": _eur(1)}, "colour": {"red": _eur(1)}, "extras": {"BELL": _eur(1)}},
        per_unit={"pumps.power": _eur(1), "weight": _eur(1)},
    )

    with pytest.raises(InvalidInput) as refused:
        PUMPS.compile(prices=wrong)

    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        ("prices.length", "unknown_value"),
        ("prices.colour", "unknown_attribute"),
        ("prices.extras", "unknown_value"),
        ("prices.pumps.power", "no_number"),
        ("prices.weight", "no_number"),
    ]


def test_prices_are_of_one_currency() -> None:
    with pytest.raises(CurrencyMismatch):
        ValuePrices(_eur(1), {"length": {"3": Money(1, "USD")}})
    with pytest.raises(CurrencyMismatch):
        PUMPS.compile(prices=PRICES, costs=ValuePrices(Money(1, "USD")))


def test_a_unit_price_of_what_is_no_number_is_refused() -> None:
    with pytest.raises(NotANumber):
        ValuePrices(_eur(1), per_unit={"frame": _eur(1)}).of({"frame": "carbon"})


def test_possible_is_what_some_product_has() -> None:  # the oracle of these tests, by hand
    model = ProductModel(
        id="pc",
        attributes=(Attribute("a", ("x", "y", "z")), Attribute("b", ("x", "y", "z"))),
        rules=(Excludes(id="1", combination={"a": "x", "b": ("x", "y")}),),
    )

    assert len(list(products(model))) == 7
    assert possible(model, {"a": "x", "b": "z"})
    assert not possible(model, {"a": "x", "b": "y"})
