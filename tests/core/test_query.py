from __future__ import annotations

from collections.abc import Sequence

import attrs
import pytest

from salesmgmt.core.entity import Entity
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.formula import NUMBER, Formula, Schema, schema_of
from salesmgmt.core.money import Money
from salesmgmt.core.query import Order, checked_limit, checked_query


@attrs.frozen(kw_only=True)
class Parcel(Entity):
    city: str = ""
    price: Money | None = None
    marks: frozenset[str] = frozenset()


PARCELS = [
    Parcel(id="d", city="Oslo", price=Money(5, "EUR")),
    Parcel(id="c", city="Oslo"),
    Parcel(id="b", city="Rome", price=Money("4.99", "EUR")),
    Parcel(id="a", city="Oslo", price=Money(900, "CNY")),
]


@pytest.mark.parametrize(
    ("where", "order_by", "limit", "ids"),
    [
        (None, (), None, "abcd"),
        ("city == 'Oslo'", (), None, "acd"),
        (None, ("price",), None, "abdc"),
        (None, ("-price",), None, "dbac"),
        (None, ("city", "-id"), None, "dcab"),
        (None, "-city", 2, "ba"),
        ("price is missing", ("price",), 0, ""),
    ],
)
def test_a_query_chooses_orders_and_cuts(
    where: str | None, order_by: Sequence[str], limit: int | None, ids: str
) -> None:
    condition = None if where is None else Formula.parse(where, schema_of(Parcel))

    query = checked_query(Parcel, condition, order_by, limit)

    assert "".join(parcel.id for parcel in query.answer(PARCELS)) == ids


def test_a_field_that_is_named_twice_orders_once() -> None:
    assert checked_query(Parcel, order_by=["-city", "-city"]).order_by == (Order("city", descending=True),)


def test_every_fault_of_a_question_is_told_at_once() -> None:
    other = Formula.parse("city > 1 and weight > 1", Schema({"city": NUMBER, "weight": NUMBER}))

    with pytest.raises(InvalidInput) as caught:
        checked_query(Parcel, other, ["prise", "-marks"], -1)

    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("where", "other_type"),
        ("where", "unknown_field"),
        ("order_by[0]", "unknown_field"),
        ("order_by[1]", "no_order"),
        ("limit", "negative"),
    ]
    assert "did you mean price?" in str(caught.value)


def test_a_formula_that_is_no_condition_is_refused() -> None:
    with pytest.raises(InvalidInput, match="a condition"):
        checked_query(Parcel, Formula.parse("city", schema_of(Parcel)))


def test_a_limit_alone_is_checked_too() -> None:
    checked_limit(0)
    checked_limit(None)
    with pytest.raises(InvalidInput, match="0 or more"):
        checked_limit(-1)
