"""What a model comes to in flat names agrees with the rules as written, evaluated one product at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesmgmt.core.errors import SalesError
from salesmgmt.cpq.configure import (
    Arithmetic,
    Attribute,
    Cardinality,
    Component,
    DecimalNumber,
    Derivation,
    Excludes,
    Implies,
    MultiSelect,
    Option,
    OptionGroup,
    ProductModel,
    Requires,
    Rule,
    Table,
    Total,
    WholeNumber,
    YesNo,
)
from salesmgmt.cpq.configure._lowered.negation import negations
from salesmgmt.cpq.configure._search.constraint import Box, Constraint, Linear, Rows

ABSENT = None

FRAME = Attribute("frame", ("alloy", "carbon", "steel"))
SEATS = WholeNumber("seats", 1, 3)
BORE = DecimalNumber("bore", "0.5", "2", "0.75")
BELL = YesNo("bell")
EXTRAS = MultiSelect(id="extras", values=("rack", "light"), max_picks=1)
LIGHTS = OptionGroup(
    id="lights", options=(Option(id="led", product="L1"), Option(id="dyn", product="L2", max_quantity=2))
)
PLAIN = (FRAME, SEATS, BORE, BELL, EXTRAS, LIGHTS)


def _satisfied(constraint: Constraint, numbers: Sequence[int]) -> bool:
    """Whether values, by their numbers, satisfy a constraint: straight from what its class says."""
    match constraint:
        case Box(variables, masks):
            return not all(mask >> numbers[one] & 1 for one, mask in zip(variables, masks, strict=True))
        case Rows(variables, support, every):
            left = every
            for one, known in zip(variables, support, strict=True):
                left &= known.get(1 << numbers[one], 0)
            return left != 0
        case Linear(variables, weights, low, high):
            total = sum(weight[numbers[one]] for one, weight in zip(variables, weights, strict=True))
            return (low is None or low <= total) and (high is None or total <= high)


def _lowered(model: ProductModel) -> set[tuple[str | None, ...]]:
    """Every product that the lowering allows."""
    assert [str(finding) for finding in model.findings if finding.severity == "error"] in ([], VOID)
    lowering = model.lowered
    found = set()
    for numbers in product(*(range(full.bit_length()) for full in lowering.full)):
        if all(_satisfied(one, numbers) for some in lowering.constraints for one in some):
            found.add(
                tuple(
                    (*variable.values, ABSENT)[number]
                    for variable, number in zip(lowering.variables, numbers, strict=True)
                )
            )
    return found


VOID: list[str] = []


def _products(model: ProductModel, rules: Any) -> set[tuple[str | None, ...]]:
    """Every product of values that a test, given the value by name, calls valid."""
    names = [variable.name for variable in model.lowered.variables]
    choices = [
        (*variable.values, ABSENT) if variable.is_optional else variable.values
        for variable in model.lowered.variables
    ]
    return {values for values in product(*choices) if rules(dict(zip(names, values, strict=True)))}


def _number(value: str | None) -> Decimal:
    return Decimal(value or 0)


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (
            Requires(id="r", when={"frame": ("alloy", "steel"), "seats": 2}, then={"bell": True}),
            lambda v: not (v["frame"] in ("alloy", "steel") and v["seats"] == "2") or v["bell"] == "yes",
        ),
        (
            Excludes(id="r", combination={"bore": Decimal("1.25"), "lights.dyn": (1, 2)}),
            lambda v: not (v["bore"] == "1.25" and v["lights.dyn"] in ("1", "2")),
        ),
        (
            Table(id="r", attributes=("frame", "seats"), allowed=(("alloy", (1, 2)), ("steel", "3"))),
            lambda v: (v["frame"], v["seats"]) in {("alloy", "1"), ("alloy", "2"), ("steel", "3")},
        ),
        (
            Table(id="r", attributes=("frame", "bell"), forbidden=(("alloy", "yes"), (("carbon", "steel"), False))),
            lambda v: (v["frame"] == "alloy") != (v["bell"] == "yes"),
        ),
        (
            Cardinality(id="r", cells={"frame": "alloy", "bell": True, "seats": (2, 3)}, at_least=1, at_most=2),
            lambda v: 1 <= (v["frame"] == "alloy") + (v["bell"] == "yes") + (v["seats"] in ("2", "3")) <= 2,
        ),
        (
            Implies(id="r", when="frame == 'carbon' or bell", then="seats * bore >= 1.5 and not extras.rack"),
            lambda v: (
                not (v["frame"] == "carbon" or v["bell"] == "yes")
                or (_number(v["seats"]) * _number(v["bore"]) >= Decimal("1.5") and v["extras.rack"] == "no")
            ),
        ),
        (
            Arithmetic(id="r", formula="seats + bore <= 3.5"),
            lambda v: _number(v["seats"]) + _number(v["bore"]) <= Decimal("3.5"),
        ),
        (
            Arithmetic(id="r", formula="2 * seats - bore == 0.75 or bell"),
            lambda v: 2 * _number(v["seats"]) - _number(v["bore"]) == Decimal("0.75") or v["bell"] == "yes",
        ),
        (
            Arithmetic(id="r", formula="seats != lights.dyn"),
            lambda v: v["seats"] != v["lights.dyn"],
        ),
        (
            Arithmetic(id="r", formula="lights + extras < seats"),
            lambda v: (
                (v["lights.led"] == "yes") + (v["lights.dyn"] != "0")
                + (v["extras.rack"] == "yes") + (v["extras.light"] == "yes") < int(v["seats"])
            ),
        ),
        (
            Arithmetic(id="r", formula="if bell then seats == 2 else frame in {'alloy', 'steel'}"),
            lambda v: v["seats"] == "2" if v["bell"] == "yes" else v["frame"] in ("alloy", "steel"),
        ),
        (
            Arithmetic(id="r", formula="1 / (seats - 2) > 0"),
            lambda v: v["seats"] == "3",
        ),
        (
            Total(id="r", weights={"lights.led": 3, "lights.dyn": "2.5", "frame.steel": 1, "seats": -1}, at_most=2),
            lambda v: (
                3 * (v["lights.led"] == "yes") + Decimal("2.5") * int(v["lights.dyn"])
                + (v["frame"] == "steel") - int(v["seats"]) <= 2
            ),
        ),
        (
            Total(id="r", weights={"extras": 2, "bell": 1}, at_least="seats - 1", at_most="seats * 1"),
            lambda v: (
                int(v["seats"]) - 1
                <= 2 * ((v["extras.rack"] == "yes") + (v["extras.light"] == "yes")) + (v["bell"] == "yes")
                <= int(v["seats"])
            ),
        ),
        (
            Derivation(id="r", attribute="bore", formula="0.5 + 0.75 * (seats - 1)"),
            lambda v: _number(v["bore"]) == Decimal("0.5") + Decimal("0.75") * (int(v["seats"]) - 1),
        ),
        (
            Derivation(id="r", attribute="bell", formula="frame == 'steel' and seats > 1"),
            lambda v: (v["bell"] == "yes") == (v["frame"] == "steel" and int(v["seats"]) > 1),
        ),
        (
            Derivation(
                id="r", attribute="seats", inputs=("frame",), rows=((("alloy", "steel"), 1), ("carbon", (2, 3)))
            ),
            lambda v: v["seats"] in (("2", "3") if v["frame"] == "carbon" else ("1",)),
        ),
    ],
    ids=lambda value: type(value).__name__ if attrs.has(type(value)) else "",
)  # fmt: skip
def test_a_rule_allows_exactly_what_it_says(rule: Rule, holds: Any) -> None:
    model = ProductModel(id="bike", attributes=PLAIN, rules=(rule,))

    def valid(values: Mapping[str, str]) -> bool:
        return holds(values) and not (values["extras.rack"] == values["extras.light"] == "yes")

    assert _lowered(model) == _products(model, valid)


def test_picks_count_options_whatever_their_quantities() -> None:
    options = (Option(product="a", min_quantity=2, max_quantity=3), Option(product="b"), Option(product="c"))
    group = OptionGroup(id="g", options=options, min_picks=2, max_picks=2)

    found = _lowered(ProductModel(id="m", attributes=(group,)))

    assert found == {
        ("2", "yes", "no"), ("3", "yes", "no"), ("2", "no", "yes"), ("3", "no", "yes"), ("0", "yes", "yes"),
    }  # fmt: skip


WHEEL = ProductModel(
    id="wheel",
    attributes=(Attribute("size", ("S", "L")), YesNo("disc")),
    rules=(Excludes(id="R1", combination={"size": "S", "disc": True}),),
)
WHEELS = Component(id="wheels", model=WHEEL, min_count=0, max_count=2)


def _wheels(values: Mapping[str, str | None]) -> list[tuple[str, str]] | None:
    """The wheels that are there; `None` when there are others than the count says, or one breaks its own rule."""
    count = int(values["wheels"] or 0)
    found = []
    for number in (1, 2):
        size, disc = values[f"wheels.{number}.size"], values[f"wheels.{number}.disc"]
        if (size is None) != (number > count) or (disc is None) != (number > count):
            return None
        if size is not None and disc is not None:
            if (size, disc) == ("S", "yes"):
                return None
            found.append((size, disc))
    return found


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (Excludes(id="r", combination={"wheels": 1}), lambda _, wheels: len(wheels) != 1),
        (
            Requires(id="each", when={"bell": True}, then={"wheels.size": "L"}),
            lambda bell, wheels: not bell or all(size == "L" for size, _ in wheels),
        ),
        (
            Requires(id="second", when={"bell": True}, then={"wheels.2.size": "L"}),
            lambda bell, wheels: not bell or all(size == "L" for size, _ in wheels[1:]),
        ),
        (
            Implies(id="same wheel", when="wheels.size == 'L'", then="wheels.disc"),
            lambda _, wheels: all(disc == "yes" for size, disc in wheels if size == "L"),
        ),
        (
            Arithmetic(id="count", formula="wheels == 2 or bell"),
            lambda bell, wheels: len(wheels) == 2 or bell,
        ),
        (
            Cardinality(id="one of them", cells={"wheels.size": "L"}, at_least=1),
            lambda _, wheels: any(size == "L" for size, _ in wheels),
        ),
        (
            Total(
                id="sum", weights={"wheels.size.L": 3, "wheels.size.S": 2, "bell": 1}, at_least=4, at_most=5
            ),
            lambda bell, wheels: 4 <= sum(3 if size == "L" else 2 for size, _ in wheels) + bell <= 5,
        ),
        (
            Table(
                id="table", attributes=("wheels.1.size", "wheels.2.size"), allowed=(("S", "S"), ("L", "L"))
            ),
            lambda _, wheels: len(wheels) < 2 or wheels[0][0] == wheels[1][0],
        ),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_a_rule_says_nothing_about_an_instance_that_is_not_there(rule: Rule, holds: Any) -> None:
    model = ProductModel(id="bike", attributes=(BELL, WHEELS), rules=(rule,))

    def valid(values: Mapping[str, str | None]) -> bool:
        wheels = _wheels(values)
        return wheels is not None and bool(holds(values["bell"] == "yes", wheels))

    assert _lowered(model) == _products(model, valid)


def test_components_lie_inside_components() -> None:
    hub = ProductModel(id="hub", attributes=(YesNo("dynamo"),))
    wheel = ProductModel(
        id="wheel",
        attributes=(
            YesNo("disc"),
            Component(id="hub", model=hub, min_count=0, max_count=1),
            MultiSelect(id="parts", values=("cap", "ring"), min_picks=1),
        ),
        rules=(Cardinality(id="C", cells={"hub.dynamo": True, "disc": True}, at_least=1),),
    )
    model = ProductModel(
        id="bike",
        attributes=(BELL, Component(id="wheels", model=wheel, max_count=1)),
        rules=(Excludes(id="R", combination={"bell": True, "wheels.hub.dynamo": True}),),
    )

    def valid(v: Mapping[str, str | None]) -> bool:
        inside = [name for name in v if name.startswith("wheels.1.")]
        if v["wheels"] == "0":
            return all(v[name] is None for name in inside)
        dynamo = v["wheels.1.hub.1.dynamo"]
        here = [v[name] for name in inside if name != "wheels.1.hub.1.dynamo"]
        if None in here or (dynamo is None) != (v["wheels.1.hub"] == "0"):
            return False
        return (
            "yes" in (v["wheels.1.parts.cap"], v["wheels.1.parts.ring"])
            and "yes" in (dynamo, v["wheels.1.disc"])
            and not (v["bell"] == "yes" and dynamo == "yes")
        )

    assert [variable.name for variable in model.lowered.variables] == [
        "bell", "wheels", "wheels.1.disc", "wheels.1.hub", "wheels.1.hub.1.dynamo", "wheels.1.parts.cap",
        "wheels.1.parts.ring",
    ]  # fmt: skip
    assert _lowered(model) == _products(model, valid)


def test_rules_of_components_stand_once_and_parts_say_what_they_demand() -> None:
    model = ProductModel(id="bike", attributes=(EXTRAS, WHEELS), rules=())

    assert [str(rule) for rule in model.lowered.rules] == [
        "wheels.R1: size = S, disc = yes do not go together",
        "extras: 0 to 1 of 2 are picked",
        "wheels: there are 0 to 2 of it, without gaps",
    ]
    assert [len(some) for some in model.lowered.constraints] == [2, 1, 8]


def test_sums_stay_sums_and_need_no_table() -> None:
    wide = tuple(WholeNumber(f"n{number}", 0, 999) for number in range(4))
    rule = Arithmetic(id="A", formula="n0 + 2 * n1 - n2 <= 10 * n3 + 5")
    when = Implies(id="I", when="bell", then="n0 + n1 == 7")

    lowering = ProductModel(id="m", attributes=(*wide, BELL), rules=(rule, when)).lowered

    assert [type(one) for some in lowering.constraints for one in some] == [Linear, Linear, Linear]


def test_what_is_neither_a_sum_nor_small_is_refused_with_its_size() -> None:
    wide = tuple(WholeNumber(f"n{number}", 1, 100) for number in range(3))
    model = ProductModel(id="m", attributes=wide, rules=(Arithmetic(id="A", formula="n0 * n1 * n2 <= 1000"),))

    (finding,) = model.findings

    assert (finding.code, finding.where) == ("too_large", "rules.A")
    assert "1000000 combinations" in finding.message


# Random models: an evaluator of its own reads the rules as they are written.

_NAMES = {
    "a": ("x", "y", "z"),
    "n": ("1", "2", "3"),
    "d": ("0.5", "1"),
    "b": ("no", "yes"),
    "g.p": ("no", "yes"),
    "g.q": ("0", "1", "2"),
}
_ATTRIBUTES = (
    Attribute("a", ("x", "y", "z")),
    WholeNumber("n", 1, 3),
    DecimalNumber("d", "0.5", "1", "0.5"),
    YesNo("b"),
    OptionGroup(id="g", options=(Option(id="p", product="P"), Option(id="q", product="Q", max_quantity=2))),
)


@st.composite
def _cells(draw: st.DrawFn, least: int = 1) -> dict[str, tuple[str, ...]]:
    names = draw(st.lists(st.sampled_from(sorted(_NAMES)), min_size=least, max_size=3, unique=True))
    return {
        name: tuple(draw(st.lists(st.sampled_from(_NAMES[name]), min_size=1, max_size=2, unique=True)))
        for name in names
    }


_NUMBERS = ("n", "d", "g.q", "g", "2", "0.5", "-1")


@st.composite
def _terms(draw: st.DrawFn) -> tuple[str, Any]:
    """A formula of a number, and a function of the values that gives it."""
    kind = draw(st.sampled_from(["leaf", "leaf", "+", "-", "*", "if"]))
    if kind == "leaf":
        leaf = draw(st.sampled_from(_NUMBERS))
        if leaf == "g":
            return leaf, lambda v: Decimal((v["g.p"] == "yes") + (v["g.q"] != "0"))
        return (leaf, lambda v: Decimal(v[leaf])) if leaf in _NAMES else (leaf, lambda _: Decimal(leaf))
    (left, first), (right, second) = draw(_terms()), draw(_terms())
    if kind == "if":
        text, condition = draw(_conditions(deep=False))
        return f"(if {text} then {left} else {right})", lambda v: first(v) if condition(v) else second(v)
    work = {"+": Decimal.__add__, "-": Decimal.__sub__, "*": Decimal.__mul__}[kind]
    return f"({left} {kind} ({right}))", lambda v: work(first(v), second(v))


@st.composite
def _conditions(draw: st.DrawFn, *, deep: bool = True) -> tuple[str, Any]:
    """A condition, and a function of the values that answers it."""
    kinds = ["is", "yes", "compare", "and", "or", "not"] if deep else ["is", "yes"]
    kind = draw(st.sampled_from(kinds))
    if kind == "is":
        value = draw(st.sampled_from(_NAMES["a"]))
        return f"a == '{value}'", lambda v: v["a"] == value
    if kind == "yes":
        name = draw(st.sampled_from(["b", "g.p"]))
        return name, lambda v: v[name] == "yes"
    if kind == "compare":
        (left, first), (right, second) = draw(_terms()), draw(_terms())
        sign = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
        ask = {
            "==": Decimal.__eq__, "!=": Decimal.__ne__, "<": Decimal.__lt__, "<=": Decimal.__le__,
            ">": Decimal.__gt__, ">=": Decimal.__ge__,
        }[sign]  # fmt: skip
        return f"{left} {sign} {right}", lambda v: ask(first(v), second(v))
    if kind == "not":
        text, condition = draw(_conditions())
        return f"not ({text})", lambda v: not condition(v)
    (left, first), (right, second) = draw(_conditions()), draw(_conditions())
    if kind == "and":
        return f"({left}) and ({right})", lambda v: first(v) and second(v)
    return f"(({left}) or ({right}))", lambda v: first(v) or second(v)


def _all(cells: Mapping[str, Sequence[str]], v: Mapping[str, str]) -> bool:
    return all(v[name] in values for name, values in cells.items())


@st.composite
def _rules(draw: st.DrawFn) -> tuple[Rule, Any]:
    kind = draw(
        st.sampled_from(["requires", "excludes", "table", "forbidden", "cardinality", "implies", "holds"])
    )
    match kind:
        case "requires":
            when, then = draw(_cells()), draw(_cells())
            return Requires(id="r", when=when, then=then), lambda v: not _all(when, v) or _all(then, v)
        case "excludes":
            cells = draw(_cells())
            return Excludes(id="r", combination=cells), lambda v: not _all(cells, v)
        case "table" | "forbidden":
            columns = tuple(
                draw(st.lists(st.sampled_from(sorted(_NAMES)), min_size=1, max_size=3, unique=True))
            )
            cell = [
                st.lists(st.sampled_from(_NAMES[name]), min_size=1, max_size=2, unique=True)
                for name in columns
            ]
            rows = tuple(
                tuple(map(tuple, row)) for row in draw(st.lists(st.tuples(*cell), min_size=1, max_size=4))
            )

            def stands(v: Mapping[str, str]) -> bool:
                return any(_all(dict(zip(columns, row, strict=True)), v) for row in rows)

            if kind == "table":
                return Table(id="r", attributes=columns, allowed=rows), stands
            return Table(id="r", attributes=columns, forbidden=rows), lambda v: not stands(v)
        case "cardinality":
            cells, low = draw(_cells()), draw(st.integers(0, 2))
            high = draw(st.integers(low, 3))

            def within(v: Mapping[str, str]) -> bool:
                return low <= sum(v[name] in values for name, values in cells.items()) <= high

            return Cardinality(id="r", cells=cells, at_least=low, at_most=high), within
        case "implies":
            (premise, first), (follows, second) = draw(_conditions()), draw(_conditions())
            return Implies(id="r", when=premise, then=follows), lambda v: not first(v) or second(v)
    text, condition = draw(_conditions())
    return Arithmetic(id="r", formula=text), condition


def _every() -> Iterator[dict[str, str]]:
    for values in product(*_NAMES.values()):
        yield dict(zip(_NAMES, values, strict=True))


@given(_rules())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_rules_allow_exactly_what_they_say(drawn: tuple[Rule, Any]) -> None:
    rule, holds = drawn
    model = ProductModel(id="m", attributes=_ATTRIBUTES, rules=(rule,))
    lowering = model.lowered
    (constraints,) = lowering.constraints

    for values in _every():
        numbers = [variable.values.index(values[variable.name]) for variable in lowering.variables]
        assert all(_satisfied(one, numbers) for one in constraints) == holds(values), (rule, values)


@given(_rules())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_breaks_a_constraint_breaks_it_and_nothing_else(drawn: tuple[Rule, Any]) -> None:
    model = ProductModel(id="m", attributes=_ATTRIBUTES, rules=(drawn[0],))
    lowering = model.lowered

    for constraint in (one for some in lowering.constraints for one in some):
        ways = negations(constraint, lowering.full)
        for numbers in product(*(range(full.bit_length()) for full in lowering.full)):
            broken = any(all(_satisfied(one, numbers) for one in way) for way in ways)
            assert broken != _satisfied(constraint, numbers)


def test_a_formula_that_is_no_formula_is_no_surprise_to_the_lint() -> None:
    model = ProductModel(id="m", attributes=_ATTRIBUTES, rules=(Arithmetic(id="A", formula="n +"),))

    assert [finding.code for finding in model.findings] == ["formula"]
    with pytest.raises(SalesError):
        model.compile()
