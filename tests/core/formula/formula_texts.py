"""Random formulas, each with its meaning worked out a second way: on fractions, straight from the language's rules.

A missing value is `None` here too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from hypothesis import strategies as st

from salesmgmt.core.formula import BOOL, NUMBER, SET, TEXT, Schema

SCHEMA = Schema({"a": NUMBER, "b.c": NUMBER, "größe": NUMBER, "t": TEXT, "tags": SET[TEXT], "flag": BOOL})

Meaning = Callable[[Mapping[str, Any]], Any]


class Spoken(NamedTuple):
    """A formula as text, in parentheses if need be, and what it means."""

    text: str
    means: Meaning


def _figures() -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=-9, max_value=9, places=1)


values = st.fixed_dictionaries(
    {},
    optional={
        "a": st.none() | _figures() | st.integers(-9, 9),
        "b.c": st.none() | _figures(),
        "größe": _figures(),
        "t": st.none() | st.sampled_from(["", "x", "it's", "ßX"]),
        "tags": st.none() | st.frozensets(st.sampled_from(["x", "it's", "ßX"])),
        "flag": st.none() | st.booleans(),
    },
)


def _number_name(name: str) -> Spoken:
    def means(values: Mapping[str, Any]) -> Fraction | None:
        value = values.get(name)
        return None if value is None else Fraction(value)

    return Spoken(name, means)


def _constant(value: Decimal) -> Spoken:
    return Spoken(f"{value:f}", lambda _values: Fraction(value))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _strict(work: Callable[..., Any], *parts: Spoken, otherwise: Any) -> Meaning:
    """Missing parts make the result `otherwise`."""

    def means(values: Mapping[str, Any]) -> Any:
        found = [part.means(values) for part in parts]
        return otherwise if any(value is None for value in found) else work(*found)

    return means


_ARITHMETIC: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda x, y: x == y,
    "!=": lambda x, y: x != y,
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
}


@st.composite
def numbers(draw: st.DrawFn, depth: int = 2) -> Spoken:
    kind = draw(
        st.sampled_from(["name", "constant"] if depth == 0 else ["name", "+", "*", "minus", "call", "if"])
    )
    if kind == "name":
        return _number_name(draw(st.sampled_from(["a", "b.c", "größe"])))
    if kind == "constant":
        return _constant(draw(_figures()))
    if kind == "minus":
        inner = draw(numbers(depth - 1))
        return Spoken(f"(-({inner.text}))", _strict(lambda x: -x, inner, otherwise=None))
    left, right = draw(numbers(depth - 1)), draw(numbers(depth - 1))
    if kind == "call":
        function, work = draw(st.sampled_from([("min", min), ("max", max)]))
        return Spoken(f"{function}({left.text}, {right.text})", _strict(work, left, right, otherwise=None))
    if kind == "if":
        asked = draw(conditions(depth - 1))
        return Spoken(
            f"(if {asked.text} then {left.text} else {right.text})",
            lambda values: (left if asked.means(values) is True else right).means(values),
        )
    sign = draw(st.sampled_from(list(_ARITHMETIC)))
    return Spoken(
        f"({left.text} {sign} {right.text})", _strict(_ARITHMETIC[sign], left, right, otherwise=None)
    )


@st.composite
def conditions(draw: st.DrawFn, depth: int = 2) -> Spoken:
    leaves = ["compare", "text", "in", "tags", "missing", "flag"]
    kind = draw(st.sampled_from(leaves if depth == 0 else [*leaves, "and", "or", "not", "chain"]))
    match kind:
        case "compare":
            return _comparison(draw, draw(numbers(depth and 1)), draw(numbers(depth and 1)))
        case "text":
            literal = draw(st.sampled_from(["x", "it's", "", "ßX"]))
            name = Spoken("t", lambda values: values.get("t"))
            return _comparison(draw, name, Spoken(_quoted(literal), lambda _values: literal))
        case "in":
            members = draw(st.sets(_figures(), min_size=1, max_size=4))
            negated = draw(st.booleans())
            item = _number_name("a")
            return Spoken(
                f"a {'not ' if negated else ''}in {{{', '.join(f'{member:f}' for member in members)}}}",
                _strict(lambda x: (x in set(map(Fraction, members))) != negated, item, otherwise=False),
            )
        case "tags":
            member = draw(st.sampled_from(["x", "it's"]))
            tags = Spoken("tags", lambda values: values.get("tags"))
            return Spoken(f"{_quoted(member)} in tags", _strict(lambda x: member in x, tags, otherwise=False))
        case "missing":
            asked = draw(st.sampled_from(list(SCHEMA)))
            negated = draw(st.booleans())
            text = f"{asked} is {'not ' if negated else ''}missing"
            return Spoken(text, lambda values: (values.get(asked) is None) != negated)
        case "flag":
            return Spoken("flag", lambda values: values.get("flag"))
        case "not":
            inner = draw(conditions(depth - 1))
            return Spoken(f"(not {inner.text})", lambda values: inner.means(values) is not True)
        case "chain":
            low, middle, high = (draw(numbers(0)) for _ in range(3))
            ordered = _strict(lambda x, y: x <= y, low, middle, otherwise=False)
            below = _strict(lambda x, y: x < y, middle, high, otherwise=False)
            text = f"({low.text} <= {middle.text} < {high.text})"
            return Spoken(text, lambda values: ordered(values) and below(values))
    parts = [draw(conditions(depth - 1)) for _ in range(draw(st.integers(2, 4)))]
    joined = f" {kind} ".join(part.text for part in parts)
    judge = all if kind == "and" else any
    return Spoken(f"({joined})", lambda values: judge([part.means(values) is True for part in parts]))


def _comparison(draw: st.DrawFn, left: Spoken, right: Spoken) -> Spoken:
    sign = draw(st.sampled_from(list(_COMPARISONS)))
    return Spoken(
        f"({left.text} {sign} {right.text})", _strict(_COMPARISONS[sign], left, right, otherwise=False)
    )
