# ruff: noqa: S101 - pytest turns the asserts of this module into explanations
"""The contract of `Repository.find`: conditions, missing values, exact money, order, limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from salesmgmt.core.errors import InvalidInput, SalesError
from salesmgmt.core.formula import MONEY, NUMBER, EvaluationError, Formula, Schema, values_of
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.ports import Store
from salesmgmt.testing._contract_base import ContractBase, put
from salesmgmt.testing.samples import Sample
from salesmgmt.testing.strategies import SAMPLE_SCHEMA, conditions, samples

_SEEN = datetime(2026, 1, 1, 12, tzinfo=UTC)
_ONE = Sample(
    id="full",
    label="b",
    count=Decimal("1.50"),
    rank=2,
    share=Percent("10"),
    price=Money("9.90", "CNY"),
    cost=Money(10, "CNY"),
    urgent=True,
    due=date(2026, 1, 1),
    seen=_SEEN,
    tags=frozenset({"x"}),
)
_BARE = Sample(id="bare")


def _ids(
    store: Store, condition: str = "true", *, order_by: Sequence[str] = (), limit: int | None = None
) -> list[str]:
    where = Formula.parse(condition, SAMPLE_SCHEMA)
    with store.unit_of_work() as work:
        return [sample.id for sample in work[Sample].find(where, order_by=order_by, limit=limit)]


class ConditionContract(ContractBase):
    """A store finds what evaluation holds for."""

    @given(entities=samples(), condition=conditions())
    @settings(
        max_examples=300,
        deadline=None,
        suppress_health_check=[
            HealthCheck.differing_executors,  # each adapter inherits this test
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
        ],
    )
    def test_it_finds_what_the_condition_holds_for(
        self, store: Store, entities: list[Sample], condition: Formula
    ) -> None:
        with store.unit_of_work() as work:  # never committed, so that every example starts empty
            stored = [work[Sample].add(entity) for entity in entities]
            try:
                wanted = sorted(entity.id for entity in stored if condition.holds(values_of(entity)))
            except EvaluationError as error:
                for limit in (None, 1):
                    with pytest.raises(type(error)):
                        list(work[Sample].find(condition, limit=limit))
                return
            assert [sample.id for sample in work[Sample].find(condition)] == wanted
            assert [sample.id for sample in work[Sample].find(condition, limit=1)] == wanted[:1]

    @pytest.mark.parametrize(
        ("condition", "found"),
        [
            ("label == 'b'", ["full"]),
            ("label != 'b'", ["bare"]),
            ("count == 1.5", ["full"]),
            ("count > 1.4999999999999999999999999", ["full"]),
            ("count < 1.5", []),
            ("rank in {1, 2.0}", ["full"]),
            ("rank not in {1, 2}", []),
            ("share >= 10%", ["full"]),
            ("price < 9.91 CNY", ["full"]),
            ("price < cost", ["full"]),
            ("urgent", ["full"]),
            ("due >= 2026-01-01", ["full"]),
            ("seen == 2026-01-01T20:00:00+08:00", ["full"]),
            ("'x' in tags", ["full"]),
            ("'x' not in tags", ["bare"]),
            ("price * 2 > cost", ["full"]),
            ("label == 'b' and price * 2 > cost or id == 'bare'", ["bare", "full"]),
        ],
    )
    def test_a_condition_of_each_type(self, store: Store, condition: str, found: list[str]) -> None:
        put(store, _ONE, _BARE)
        assert _ids(store, condition) == found

    @pytest.mark.parametrize(
        "name", ["count", "rank", "share", "price", "cost", "urgent", "due", "seen", "note"]
    )
    def test_a_comparison_with_a_missing_value_is_false_and_its_negation_true(
        self, store: Store, name: str
    ) -> None:
        literal = {
            "count": "1", "rank": "1", "share": "1%", "price": "1 CNY", "cost": "1 CNY",
            "urgent": "true", "due": "2026-01-01", "seen": "2026-01-01T00:00Z", "note": "'a'",
        }[name]  # fmt: skip
        put(store, _BARE)
        signs = ("==", "!=") if name == "urgent" else ("==", "!=", "<", "<=", ">", ">=")
        for sign in signs:
            assert _ids(store, f"{name} {sign} {literal}") == []
            assert _ids(store, f"{name} {sign} {name}") == []
            assert _ids(store, f"not {name} {sign} {literal}") == ["bare"]
            assert _ids(store, f"not not {name} {sign} {literal}") == []
        if name != "urgent":
            assert _ids(store, f"{name} in {{{literal}}} or {name} not in {{{literal}}}") == []
            assert _ids(store, f"not ({name} not in {{{literal}}})") == ["bare"]
        assert _ids(store, f"{name} is missing") == ["bare"]
        assert _ids(store, f"{name} is not missing") == []

    def test_a_missing_condition_counts_as_false(self, store: Store) -> None:
        put(store, _BARE)
        assert _ids(store, "urgent") == []
        assert _ids(store, "not urgent") == ["bare"]
        assert _ids(store, "urgent or note is missing") == ["bare"]

    def test_an_empty_text_is_not_missing(self, store: Store) -> None:
        put(store, Sample(id="empty", note=""), Sample(id="missing"))
        assert _ids(store, "note == ''") == ["empty"]
        assert _ids(store, "note is missing") == ["missing"]

    def test_amounts_are_exact(self, store: Store) -> None:
        tenths = Money("0.1", "CNY") + Money("0.2", "CNY")
        long = "123456789012345678901234567890123"
        put(
            store,
            Sample(id="a", price=tenths, cost=Money("0.30", "CNY")),
            Sample(id="b", price=Money(f"{long}4", "CNY"), cost=Money(f"{long}5", "CNY")),
        )
        assert _ids(store, "price == 0.3 CNY") == ["a"]
        assert _ids(store, "price == cost") == ["a"]
        assert _ids(store, "price < cost") == ["b"]
        assert _ids(store, order_by=["price"]) == ["a", "b"]

    def test_amounts_of_two_currencies_have_no_order(self, store: Store) -> None:
        put(
            store,
            Sample(id="a", label="x", price=Money(1, "CNY")),
            Sample(id="b", label="y", price=Money(9, "EUR")),
        )
        for limit in (None, 1):
            with pytest.raises(EvaluationError):
                _ids(store, "price >= 1 CNY", limit=limit)
            with pytest.raises(EvaluationError):
                _ids(store, "price >= 1 CNY and label == 'x'", limit=limit)
        # What is judged first keeps the other currency out.
        assert _ids(store, "label == 'x' and price >= 1 CNY") == ["a"]
        assert _ids(store, "label != 'y' and price >= 1 CNY", limit=1) == ["a"]
        # Equal they are not, and that is no fault.
        assert _ids(store, "price == 9 CNY") == []
        assert _ids(store, "price != 9 CNY") == ["a", "b"]
        assert _ids(store, "price in {9 CNY, 1 CNY}") == ["a"]

    def test_a_division_by_zero_is_reported(self, store: Store) -> None:
        put(store, Sample(id="a", count=Decimal(1), rank=0), Sample(id="b", count=Decimal(1), rank=1))
        with pytest.raises(EvaluationError):
            _ids(store, "count / rank == 1", limit=1)
        assert _ids(store, "rank != 0 and count / rank == 1") == ["b"]

    def test_texts_are_only_texts(self, store: Store) -> None:
        hostile = ["'; DROP TABLE x --", "%", "_", "a%", '"', "\\", "?1", ":a", "\u202e", "𝒳"]
        put(store, *(Sample(id=str(index), label=text) for index, text in enumerate(hostile)))
        for index, text in enumerate(hostile):
            doubled = text.replace("'", "''")
            assert _ids(store, f"label == '{doubled}'") == [str(index)]

    def test_names_and_types_that_the_class_does_not_have_are_refused(self, store: Store) -> None:
        other = Schema({"prise": MONEY, "label": NUMBER})
        with store.unit_of_work() as work, pytest.raises(InvalidInput) as caught:
            work[Sample].find(
                Formula.parse("prise > 1 CNY and label > 1", other), order_by=["duo", "-tags"], limit=-1
            )
        assert {(problem.path, problem.code) for problem in caught.value.problems} == {
            ("where", "unknown_field"),
            ("where", "other_type"),
            ("order_by[0]", "unknown_field"),
            ("order_by[1]", "no_order"),
            ("limit", "negative"),
        }
        assert "price" in str(caught.value)

    def test_a_formula_that_is_no_condition_is_refused(self, store: Store) -> None:
        with store.unit_of_work() as work, pytest.raises(SalesError):
            work[Sample].find(Formula.parse("count + 1", SAMPLE_SCHEMA))


class OrderContract(ContractBase):
    """The order of what is found is the same in every store."""

    def test_without_an_order_it_is_by_id(self, store: Store) -> None:
        put(store, *(Sample(id=id_) for id_ in ("b", "10", "a", "B", "9", "ä")))
        assert _ids(store) == ["10", "9", "B", "a", "b", "ä"]

    @pytest.mark.parametrize(
        ("field", "ascending"),
        [
            ("note", ["", "A", "a", "ä"]),
            ("count", [Decimal(-10), Decimal("-9.5"), Decimal(0), Decimal("0.5"), Decimal("9.75"), Decimal(10)]),
            ("rank", [-2, -1, 0, 9, 10]),
            ("share", [Percent("9.5"), Percent(10), Percent(100)]),
            ("price", [Money(9, "CNY"), Money(10, "CNY"), Money(-1, "EUR"), Money(2, "EUR")]),
            ("urgent", [False, True]),
            ("due", [date(999, 12, 31), date(2025, 12, 31), date(2026, 1, 1)]),
            ("seen", [_SEEN.astimezone(timezone(timedelta(hours=9))), _SEEN + timedelta(microseconds=1)]),
        ],
    )  # fmt: skip
    def test_missing_values_come_last_either_way(
        self, store: Store, field: str, ascending: list[object]
    ) -> None:
        ids = [f"{index}" for index in range(len(ascending))]
        known = [Sample(id=id_, **{field: value}) for id_, value in zip(ids, ascending, strict=True)]  # type: ignore[arg-type]
        put(store, Sample(id="x"), *reversed(known), Sample(id="w"))
        assert _ids(store, order_by=[field]) == [*ids, "w", "x"]
        assert _ids(store, order_by=[f"-{field}"]) == [*reversed(ids), "w", "x"]

    def test_the_id_decides_between_equals(self, store: Store) -> None:
        put(
            store,
            Sample(id="c", count=Decimal("1.0")),
            Sample(id="a", count=Decimal("1.00")),
            Sample(id="b", count=Decimal(1)),
        )
        assert _ids(store, order_by=["count"]) == ["a", "b", "c"]
        assert _ids(store, order_by=["-count"]) == ["a", "b", "c"]
        assert _ids(store, order_by=["-count", "-id"]) == ["c", "b", "a"]

    def test_several_fields(self, store: Store) -> None:
        put(
            store,
            Sample(id="a", label="x", rank=1),
            Sample(id="b", label="y", rank=1),
            Sample(id="c", label="y", rank=2),
            Sample(id="d", label="y"),
        )
        assert _ids(store, order_by=["-label", "rank"]) == ["b", "c", "d", "a"]
        assert _ids(store, order_by=["rank", "-label"]) == ["b", "a", "c", "d"]

    def test_a_limit_cuts_after_the_order(self, store: Store) -> None:
        put(store, *(Sample(id=f"{rank}", rank=rank, count=Decimal(rank % 3)) for rank in range(9)))
        assert _ids(store, order_by=["-rank"], limit=2) == ["8", "7"]
        assert _ids(store, "count + 0 == 1", order_by=["-rank"], limit=2) == ["7", "4"]
        assert _ids(store, limit=0) == []
        assert len(_ids(store, limit=100)) == 9

    def test_storing_while_reading_the_answer_is_safe(self, store: Store) -> None:
        put(store, *(Sample(id=f"{index}") for index in range(20)))
        with store.unit_of_work() as work:
            for sample in work[Sample].find():
                work[Sample].remove(sample.id, expected_version=sample.version)
                work[Sample].add(Sample(id=f"new {sample.id}"))
            work.commit()
        assert sorted(_ids(store)) == sorted(f"new {index}" for index in range(20))
