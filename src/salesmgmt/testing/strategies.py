"""Hypothesis strategies: exact values, sample entities, and conditions over them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TypeVar

from hypothesis import strategies as st

from salesmgmt.core.formula import Formula, schema_of
from salesmgmt.core.formula.render import written
from salesmgmt.core.formula.types import Scalar
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.testing.samples import Sample

T = TypeVar("T")

SAMPLE_SCHEMA = schema_of(Sample)

# Few values, so that equal ones meet; and those that a store is likely to get wrong.
_TEXTS = ("", "a", "A", "ä", "aa", "b", "10", "9", "it's", '"; --', "a%", "中", "\U0001f600")
_NUMBERS = tuple(
    map(
        Decimal,
        ("0", "1", "1.00", "-1", "2", "10", "9.99", "0.1", "0.3", "-0.25", "-0.2", "1234567890.12345678"),
    )
)
_LONG = tuple(map(Decimal, ("1234567890123456789012345678901234", "1234567890123456789012345678901235")))
_DATES = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2), date(999, 1, 1))
_INSTANTS = (
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))),
    datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    datetime(2025, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
)
_CURRENCIES = ("CNY", "EUR")


def _any_number() -> st.SearchStrategy[Decimal]:
    return st.sampled_from(_NUMBERS) | st.builds(
        lambda digits, places: Decimal(f"{digits}E-{places}"), st.integers(-9999, 9999), st.integers(0, 4)
    )


def numbers() -> st.SearchStrategy[Decimal]:
    """Exact numbers, some of 34 digits."""
    return _any_number() | st.sampled_from(_LONG)


def amounts(currencies: Sequence[str] = _CURRENCIES) -> st.SearchStrategy[Money]:
    """Amounts of money.

    >>> from salesmgmt.testing.strategies import amounts
    >>> amounts(["EUR"]).filter(lambda amount: amount.currency != "EUR").is_empty
    False
    """
    return st.builds(Money, numbers(), st.sampled_from(currencies))


def samples() -> st.SearchStrategy[list[Sample]]:
    """A few entities with different ids, each field of which may be missing."""

    def maybe(values: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
        return st.none() | values

    one = st.builds(
        Sample,
        id=st.sampled_from(("a", "B", "b", "10", "9", "ä", "it's", "中")),
        label=st.sampled_from(_TEXTS),
        note=maybe(st.sampled_from(_TEXTS)),
        count=maybe(numbers()),
        rank=maybe(st.integers(-3, 3)),
        share=maybe(st.builds(Percent, numbers())),
        price=maybe(amounts()),
        cost=maybe(amounts()),
        urgent=maybe(st.booleans()),
        due=maybe(st.sampled_from(_DATES)),
        seen=maybe(st.sampled_from(_INSTANTS)),
        tags=st.frozensets(st.sampled_from(_TEXTS), max_size=3),
    )
    return st.lists(one, max_size=6, unique_by=lambda sample: sample.id)


def conditions() -> st.SearchStrategy[Formula]:
    """Conditions over `Sample`: all that a store may push down, and what it may not.

    >>> from salesmgmt.testing.strategies import conditions
    >>> conditions().map(lambda condition: str(condition.type)).filter(lambda name: name != "bool").is_empty
    False
    """
    return st.recursive(_simple(), _joined, max_leaves=6).map(lambda text: Formula.parse(text, SAMPLE_SCHEMA))


def _simple() -> st.SearchStrategy[str]:
    texts = _relations(("label", "note", "id"), _TEXTS)
    figures = _relations(("count", "rank"), _NUMBERS)
    percents = _relations(("share",), tuple(map(Percent, _NUMBERS)))
    money = _relations(("price", "cost"), tuple(Money(number, "CNY") for number in _NUMBERS))
    euros = _relations(("price", "cost"), tuple(Money(number, "EUR") for number in _NUMBERS))
    days = _relations(("due",), _DATES)
    instants = _relations(("seen",), tuple(instant.astimezone(UTC) for instant in _INSTANTS))
    missing = st.builds(
        lambda name, word: f"{name} {word}",
        st.sampled_from([name for name in SAMPLE_SCHEMA if name != "tenant"]),
        st.sampled_from(("is missing", "is not missing")),
    )
    other = st.sampled_from(
        (
            "urgent", "urgent == true", "urgent != false", "true", "false", "version == 1",
            "'a' in tags", "'it''s' not in tags", "label in tags", "note not in tags",
            "starts_with(note, 'a')", "length(tags) > 1", "coalesce(note, label) == 'a'",
            "count + rank > 1", "count / rank > 1", "count * 2 >= rank", "-rank < 1", "price * 2 > cost",
            "price + cost == 2 CNY", "price > 1 CNY * rank", "min(price, cost) > 0 CNY",
            "(count < rank) == urgent", "if urgent then count > 0 else rank > 0", "days(due, 2026-01-01) > 0",
            "0 < count < 10", "(count + rank) is missing",
        )
    )  # fmt: skip
    return texts | figures | percents | money | euros | days | instants | missing | other


def _relations(names: Sequence[str], constants: Sequence[Scalar]) -> st.SearchStrategy[str]:
    """Comparisons of fields of one type with constants and with each other, and membership in a set."""
    name, constant = st.sampled_from(names), st.sampled_from(constants).map(written)
    sign = st.sampled_from(("==", "!=", "<", "<=", ">", ">="))
    members = st.lists(constant, min_size=1, max_size=3)
    return (
        st.builds(lambda left, sign, right: f"{left} {sign} {right}", name, sign, constant | name)
        | st.builds(lambda left, sign, right: f"{left} {sign} {right}", constant, sign, name)
        | st.builds(lambda item, members: f"{item} in {{{', '.join(members)}}}", name, members)
        | st.builds(lambda item, members: f"{item} not in {{{', '.join(members)}}}", name, members)
    )


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(parts, min_size=2, max_size=3)
    return (
        parts.map(lambda part: f"not ({part})")
        | several.map(lambda parts: " and ".join(f"({part})" for part in parts))
        | several.map(lambda parts: " or ".join(f"({part})" for part in parts))
        | st.builds(lambda a, b, c: f"if {a} then ({b}) else ({c})", parts, parts, parts)
    )
