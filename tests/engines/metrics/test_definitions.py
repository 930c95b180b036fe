"""Definitions of metrics: what the lint finds, sets, roll-up over a hierarchy."""

from __future__ import annotations

import pickle
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.formula import DATE, MONEY, NUMBER, TEXT, Schema
from salesmgmt.core.money import Money
from salesmgmt.engines.metrics import (
    Aggregate,
    Count,
    Distinct,
    FactKind,
    Last,
    Mean,
    Median,
    Metric,
    MetricSet,
    Part,
    Ratio,
    Sum,
    Unit,
    roll_up,
)

SCHEMA = Schema({"owner": TEXT, "status": TEXT, "amount": MONEY, "days": NUMBER, "on": DATE})
WON = Count("status == 'won'")
ONE = Decimal(1)


def metric(aggregate: Aggregate, unit: Unit = Unit.NUMBER, id_: str = "m", facts: str = "deal") -> Metric:
    return Metric(id=id_, facts=facts, aggregate=aggregate, unit=unit)


@pytest.mark.parametrize(
    ("faulty", "code", "where"),
    [
        (metric(Sum("status")), "wrong_type", "metrics.m.of"),
        (metric(Last("days", by="status")), "wrong_type", "metrics.m.by"),
        (metric(Sum("amout")), "formula", "metrics.m.of"),
        (metric(Count("days")), "formula", "metrics.m.where"),
        (metric(Count("days > 5 and days < 3")), "contradictory_condition", "metrics.m.where"),
        (metric(Ratio(Sum("days"), Sum("amount"))), "not_a_ratio", "metrics.m"),
        (metric(Ratio(WON, Sum("on"))), "wrong_type", "metrics.m.denominator.of"),
        (metric(Sum("amount")), "wrong_unit", "metrics.m"),
        (metric(Count(), Unit.MONEY), "wrong_unit", "metrics.m"),
        (metric(Count(), id_="win rate"), "bad_id", "metrics.win rate"),
    ],
)
def test_faults_are_found_with_their_place(faulty: Metric, code: str, where: str) -> None:
    assert [(finding.code, finding.where) for finding in faulty.lint(SCHEMA)] == [(code, where)]
    with pytest.raises(InvalidDefinition):
        faulty.compile(SCHEMA)


def test_every_fault_of_a_set_is_listed_at_once() -> None:
    with pytest.raises(InvalidDefinition) as caught:
        MetricSet([metric(Sum("status"), id_="a"), metric(Count("x > 1"), id_="b")]).compile(SCHEMA)
    assert [finding.where for finding in caught.value.findings] == ["metrics.a.of", "metrics.b.where"]


def test_a_metric_over_other_facts_is_refused() -> None:
    leads = FactKind("lead", SCHEMA)
    assert [finding.code for finding in metric(Count(), Unit.COUNT).lint(leads)] == ["other_facts"]


def test_two_metrics_of_one_id_are_refused() -> None:
    one = MetricSet([metric(Count(), Unit.COUNT)])
    with pytest.raises(InvalidDefinition, match="duplicate_id"):
        one | one


def test_a_set_measures_what_its_metrics_measure_alone() -> None:
    metrics = MetricSet(
        [
            metric(WON, Unit.COUNT, "won"),
            metric(Ratio(WON, Count()), Unit.RATIO, "rate"),
            metric(Sum("amount", where="status == 'won'"), Unit.MONEY, "value"),
            metric(Median("days"), Unit.DAYS, "days"),
        ]
    )
    rows = [
        {"owner": "ann", "status": "won", "amount": Money(5, "EUR"), "days": 3},
        {"owner": "bob", "status": "lost", "amount": Money(7, "EUR")},
    ]
    together, by_owner = metrics.compile(SCHEMA).measure(rows), metrics.compile(SCHEMA).by(rows, "owner")
    for each in metrics:
        alone = each.compile(SCHEMA)
        assert together[each.id] == alone.measure(rows)
        assert by_owner[each.id] == alone.by(rows, "owner")


def test_a_set_takes_the_metrics_of_the_kind_of_its_rows() -> None:
    both = MetricSet(
        [metric(Count(), Unit.COUNT, "deals"), metric(Count(), Unit.COUNT, "leads", facts="lead")]
    )
    assert list(both.compile(FactKind("lead", SCHEMA)).measure([{}])) == ["leads"]
    assert both["deals"].facts == "deal"
    with pytest.raises(KeyError):
        both["calls"]


def test_a_set_measurer_survives_pickling() -> None:
    known = MetricSet([metric(WON, Unit.COUNT)]).compile(SCHEMA)
    assert pickle.loads(pickle.dumps(known)).measure([{"status": "won"}]) == known.measure(
        [{"status": "won"}]
    )


class Kind(StrEnum):
    WON = "won"


@attrs.frozen
class Estimate:
    value: int


@attrs.frozen
class Row:
    status: Kind
    estimate: Estimate | None


def test_objects_are_read_with_their_nested_and_derived_facts() -> None:
    kind = FactKind.of("row", Row, {"twice": (NUMBER, lambda row: 2 * row.estimate.value)})
    assert kind.values(Row(Kind.WON, Estimate(4))) == {"status": "won", "estimate.value": 4, "twice": 8}
    known = metric(Sum("estimate.value", where="status == 'won'"), facts="row").compile(kind)
    assert known.measure([Row(Kind.WON, Estimate(4)), Row(Kind.WON, None)]).value == Decimal(4)


def test_a_derived_fact_is_read_only_where_it_is_asked_for() -> None:
    def fail(_row: object) -> int:
        raise AssertionError

    kind = FactKind.of("row", Row, {"costly": (NUMBER, fail)})
    assert metric(Count(), Unit.COUNT, facts="row").compile(kind).measure([Row(Kind.WON, None)]).value == 1


def test_parts_from_elsewhere_give_the_figures_of_the_rows() -> None:
    size = metric(Ratio(Sum("amount"), Count()), Unit.MONEY).compile(SCHEMA)
    assert size.plan.leaves == (Sum("amount"), Count())
    euros = [Part(n=2, missing=1, total=Decimal(10), currency="EUR"), Part(n=3)]
    assert size.of_parts([euros]).n == 3
    yuan = [Part(n=1, total=Decimal(1), currency="CNY"), Part(n=1)]
    assert size.of_parts([euros, yuan]).flag == "mixed_currencies"


TREE = {"ann": "east", "bob": "east", "cyd": "west", "east": "all", "west": "all", "all": None}


def deals(owner: str, won: int, lost: int) -> list[dict[str, Any]]:
    return [{"owner": owner, "status": "won"}] * won + [{"owner": owner, "status": "lost"}] * lost


def test_a_team_has_the_ratio_of_its_sums_not_the_mean_of_its_ratios() -> None:
    rate = metric(Ratio(WON, Count()), Unit.RATIO).compile(SCHEMA)
    rows = deals("ann", 1, 0) + deals("bob", 1, 8) + deals("cyd", 0, 0)
    found = roll_up(rate, rows, of="owner", tree=TREE)
    assert found["east"].value == Decimal("0.2")  # 2 of 10, and not (1 + 1/9) / 2
    assert found["all"].n == 10
    assert found["west"].flag == "no_facts"


def test_rows_of_the_unknown_stay_under_their_own_name() -> None:
    rows = [*deals("zoe", 1, 0), {"status": "won"}, *deals("ann", 1, 0)]
    found = roll_up(metric(WON, Unit.COUNT).compile(SCHEMA), rows, of="owner", tree=TREE)
    assert (found["zoe"].value, found[None].value, found["all"].value) == (ONE, ONE, ONE)


def test_a_node_may_have_rows_of_its_own() -> None:
    found = roll_up(
        metric(WON, Unit.COUNT).compile(SCHEMA),
        deals("east", 2, 0) + deals("ann", 1, 0),
        of="owner",
        tree=TREE,
    )
    assert (found["east"].value, found["all"].value) == (Decimal(3), Decimal(3))


def test_a_circle_is_refused_with_its_members() -> None:
    counter = metric(WON, Unit.COUNT).compile(SCHEMA)
    with pytest.raises(InvalidInput) as caught:
        roll_up(counter, [], of="owner", tree={"a": "b", "b": "c", "c": "b", "d": None})
    assert {problem.path for problem in caught.value.problems} == {"'b'", "'c'"}


@given(
    st.lists(st.tuples(st.sampled_from(("ann", "bob", "cyd", "east")), st.integers(-99, 99))),
    st.sampled_from((Sum("days"), Median("days"), Distinct("days"), Mean("days"))),
)
def test_a_roll_up_is_what_measuring_the_rows_below_gives(
    facts: list[tuple[str, int]], aggregate: Aggregate
) -> None:
    known = metric(aggregate).compile(SCHEMA)
    rows = [{"owner": owner, "days": days} for owner, days in facts]
    found = roll_up(known, rows, of="owner", tree=TREE)
    east = [row for row in rows if row["owner"] in {"ann", "bob", "east"}]
    assert found["east"] == known.measure(east)
    assert found["all"] == known.measure(rows)
    if rows and isinstance(aggregate, Mean):
        assert isinstance(found["all"].value, Decimal)
        wanted = Fraction(sum(days for _, days in facts), len(facts))
        assert abs(Fraction(found["all"].value) - wanted) < Fraction(1, 10**31)
