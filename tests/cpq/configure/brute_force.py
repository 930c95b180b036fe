"""What a product model allows, by trying every combination; and small random models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from hypothesis import strategies as st

from salesmgmt.core.money import Money
from salesmgmt.cpq.configure import (
    Attribute,
    Configuration,
    Excludes,
    ProductModel,
    Requires,
    Rule,
    Table,
    ValuePrices,
)
from salesmgmt.cpq.configure.cell import OneOf, values_in
from salesmgmt.cpq.configure.rule import Demand


def _cell(cell: OneOf, value: str) -> bool:
    return value in values_in(cell)


def _holds(rule: Demand, whole: Mapping[str, str]) -> bool:
    match rule:
        case Excludes():
            return not all(_cell(cell, whole[name]) for name, cell in rule.combination.items())
        case Requires():
            applies = all(_cell(cell, whole[name]) for name, cell in rule.when.items())
            return not applies or all(_cell(cell, whole[name]) for name, cell in rule.then.items())
        case Table(allowed=allowed):
            found = [whole[name] for name in rule.attributes]
            return any(all(map(_cell, row, found)) for row in allowed)
        case _:
            raise AssertionError(f"no rule of a random model: {rule}")


def enumerations(model: ProductModel) -> tuple[Attribute, ...]:
    """The attributes of a random model, which are all enumerations."""
    return tuple(attribute for attribute in model.attributes if isinstance(attribute, Attribute))


def products(model: ProductModel, rules: Sequence[Demand] | None = None) -> Iterator[dict[str, str]]:
    names = [attribute.id for attribute in model.attributes]
    for values in product(*(attribute.preferred for attribute in enumerations(model))):
        whole = dict(zip(names, values, strict=True))
        if all(_holds(rule, whole) for rule in (model.rules if rules is None else rules)):
            yield whole


def fits(choices: Mapping[str, str], whole: Mapping[str, str]) -> bool:
    return choices.items() <= whole.items()


def possible(model: ProductModel, choices: Mapping[str, str], rules: Sequence[Demand] | None = None) -> bool:
    return any(fits(choices, whole) for whole in products(model, rules))


def domain(model: ProductModel, choices: Mapping[str, str], name: str) -> set[str]:
    others = {other: value for other, value in choices.items() if other != name}
    return {whole[name] for whole in products(model) if fits(others, whole)}


# --- small random models

NAMES = ("a", "b", "c", "d")
VALUES = ("x", "y", "z")


@st.composite
def _cells(draw: st.DrawFn, names: Sequence[str], least: int = 1) -> dict[str, OneOf]:
    chosen = draw(st.lists(st.sampled_from(names), min_size=least, max_size=3, unique=True))
    several = st.lists(st.sampled_from(VALUES), min_size=1, max_size=2, unique=True).map(tuple)
    return {name: draw(st.sampled_from(VALUES) | several) for name in chosen}


@st.composite
def _rule(draw: st.DrawFn, number: int, names: Sequence[str]) -> Rule:
    kind = draw(st.sampled_from(["requires", "excludes", "table"]))
    if kind == "requires":
        return Requires(id=f"R{number}", when=draw(_cells(names)), then=draw(_cells(names)))
    if kind == "excludes":
        return Excludes(id=f"R{number}", combination=draw(_cells(names, least=2)))
    columns = draw(st.lists(st.sampled_from(names), min_size=2, max_size=3, unique=True))
    cell = st.sampled_from(VALUES) | st.just(VALUES)
    rows = draw(st.lists(st.tuples(*(cell for _ in columns)), min_size=2, max_size=8))
    return Table(id=f"R{number}", attributes=tuple(columns), allowed=tuple(rows))


@st.composite
def models(draw: st.DrawFn) -> ProductModel:
    """Models of two to four attributes that have at least one valid product."""
    names = NAMES[: draw(st.integers(2, 4))]
    attributes = tuple(
        Attribute(name, VALUES, default=draw(st.none() | st.sampled_from(VALUES))) for name in names
    )
    rules = tuple(draw(_rule(number, names)) for number in range(draw(st.integers(0, 6))))
    model = ProductModel(id="random", attributes=attributes, rules=rules)
    while not any(products(model)):
        model = ProductModel(id="random", attributes=attributes, rules=model.rules[:-1])
    return model


@st.composite
def configured(draw: st.DrawFn) -> tuple[ProductModel, Configuration]:
    """A random model with some choices that go together."""
    model = draw(models())
    configuration = model.compile().start()
    for name in draw(st.lists(st.sampled_from([one.id for one in model.attributes]), max_size=3)):
        configuration = configuration.choose(name, draw(st.sampled_from(configuration.domain(name))))
    return model, configuration


@st.composite
def value_prices(draw: st.DrawFn, model: ProductModel) -> ValuePrices:
    """Prices of some values of a random model; they may be negative, and of any scale."""
    amounts = st.decimals(-50, 50, places=2) | st.integers(-3, 3)
    extras = {
        attribute.id: {value: Money(draw(amounts), "EUR") for value in VALUES if draw(st.booleans())}
        for attribute in model.attributes
    }
    return ValuePrices(Money(draw(st.integers(0, 900)), "EUR"), extras)
