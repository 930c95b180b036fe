"""Figures measured from facts, and held against targets and history."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import attrs
import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.formula import MONEY, NUMBER, PERCENT, TEXT, Schema
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.engines.metrics import Count, Direction, FactKind, Mean, Metric, MetricSet, Sum, Unit
from salesmgmt.sfe import (
    ACTIVITY_FACTS,
    METRICS,
    Activity,
    ActivityStatus,
    Cycle,
    NotChecked,
    Target,
    check_figures,
    history_of,
    measure,
)

Q4 = Period.quarter(2026, 4)
DEALS = FactKind("deal", Schema({"owner": TEXT, "status": TEXT, "amount": MONEY, "days": NUMBER}))
WON = Metric(id="won_value", facts="deal", unit=Unit.MONEY, aggregate=Sum("amount", where="status == 'won'"))
CYCLE_DAYS = Metric(
    id="cycle_days", facts="deal", unit=Unit.DAYS, direction=Direction.LOWER_IS_BETTER, aggregate=Mean("days")
)


def _deal(owner: str | None, amount: int, days: int = 30, status: str = "won") -> dict[str, object]:
    return {"owner": owner, "status": status, "amount": Money(amount, "EUR"), "days": days}


def _activity(number: int, owner: str, account: str | None, day: int, status: str = "done") -> Activity:
    return Activity(
        id=f"a-{number}",
        kind="visit",
        owner=owner,
        account=account,
        planned_for=date(2026, 10, day) if number % 2 else None,
        status=ActivityStatus(status),
        done_at=datetime(2026, 10, day, 9, tzinfo=UTC) if status == "done" else None,
    )


ACTIVITY_ROWS = [
    _activity(1, "li", "acme", 1),
    _activity(2, "li", "acme", 2),
    _activity(3, "li", "bolt", 5, "planned"),
    _activity(4, "li", "cube", 6),
    _activity(5, "li", "bolt", 7, "cancelled"),
    _activity(7, "ann", None, 8),
]


def test_the_metrics_of_activities() -> None:
    figures = MetricSet(METRICS).compile(ACTIVITY_FACTS).by(ACTIVITY_ROWS, "owner")

    # li: 3 done, 2 of them unplanned, at 2 accounts; 2 planned and not cancelled, 1 of them done.
    assert {metric: by["li"].value for metric, by in figures.items()} == {
        "activities_done": 3,
        "accounts_reached": 2,
        "contact_frequency": Decimal("1.5"),
        "plan_completion": Decimal("0.5"),
    }
    assert figures["contact_frequency"]["ann"].value is None
    assert figures["contact_frequency"]["ann"].flag is not None
    assert figures["plan_completion"]["ann"].value == 1


def test_a_cycle_measures_its_own_activities_and_the_facts_of_other_rooms() -> None:
    targets = [
        Target(subject=who, metric="won_value", period=Q4, value=Money(1000, "EUR")) for who in ("li", "new")
    ]
    cycle, _ = Cycle.open(id="c", period=Q4, targets=targets).record(ACTIVITY_ROWS)

    check = cycle.check(
        [*METRICS, WON], {DEALS: [_deal("li", 800), _deal("li", 500, status="lost"), _deal(None, 7)]}
    )

    line = check.line("li", "won_value")
    assert line.actual.value == Money(800, "EUR")
    assert line.attainment.ratio.value == Percent(80)
    # Somebody without a single row has counts and sums of zero, not gaps.
    assert check.line("new", "activities_done").actual.value == 0
    assert check.line("new", "won_value").actual.value == Money(0, "EUR")
    assert check.line("new", "plan_completion").actual.flag == "nothing_planned"
    assert check.team("won_value").value == Percent(40)
    assert check.team("won_value", ["li"]).value == Percent(80)
    # What belongs to nobody is in nobody's figure, and is not lost.
    assert check.unassigned["won_value"].value == Money(7, "EUR")
    assert set(check.subjects) == {"li", "new", "ann"}


def test_a_check_of_a_month_takes_the_activities_and_targets_of_that_month() -> None:
    quarter = Target(subject="li", metric="activities_done", period=Q4, value=Decimal(90))
    cycle, _ = Cycle.open(id="c", period=Q4, targets=quarter.by_month()).record(ACTIVITY_ROWS)

    october = cycle.check(METRICS, {}, period=Period.month(2026, 10))
    november = cycle.check(METRICS, {}, period=Period.month(2026, 11))

    assert october.line("li", "activities_done").target == 30
    assert october.line("li", "activities_done").actual.value == 3
    assert november.line("li", "activities_done").actual.value == 0
    assert november.as_of == date(2026, 11, 30)


def test_direction_and_unit_come_from_the_definition() -> None:
    target = Target(subject="li", metric="cycle_days", period=Q4, value=Decimal(45))
    cycle = Cycle.open(id="c", period=Q4, targets=[target])

    check = cycle.check([CYCLE_DAYS], {DEALS: [_deal("li", 1, days=50)]})

    line = check.line("li", "cycle_days")
    assert (line.attainment.met, line.attainment.ratio.flag) == (False, "lower_is_better")
    assert check.schema["cycle_days.actual"] == NUMBER


def test_the_types_of_figures_that_nobody_has_come_from_the_unit() -> None:
    check = Cycle.open(id="c", period=Q4).check([WON], {DEALS: [_deal("li", 1, status="lost")]})

    assert check.line("li", "won_value").actual.value is None
    assert check.schema["won_value.actual"] == MONEY
    assert check.schema["won_value.attainment"] == PERCENT


def test_a_metric_without_its_facts_is_refused() -> None:
    other = Metric(id="invoiced", facts="invoice", aggregate=Count())

    with pytest.raises(InvalidInput) as refused:
        measure([other, WON], {})

    assert [problem.path for problem in refused.value.problems] == [
        "metrics.invoiced.facts",
        "metrics.won_value.facts",
    ]


def test_history_comes_from_earlier_checks_and_gives_signals() -> None:
    cycle = Cycle.open(id="c", period=Q4)
    figures = [10, 12, 11, 13, 12, 11, 12, 11]
    checks = [
        check_figures(
            {"calls": {"li": Measured(Decimal(n)), "ann": Measured(None, "x")}}, period=Q4, as_of=Q4.last
        )
        for n in figures
    ]
    history = history_of(checks)
    assert history == {("li", "calls"): tuple(map(Decimal, figures))}

    now = cycle.check_figures(
        {"calls": {"li": Measured(Decimal(2)), "ann": Measured(Decimal(3))}}, history=history
    )

    line = now.line("li", "calls")
    assert line.chart.n == 8
    assert [(signal.rule.value, signal.point, signal.side.value) for signal in line.signals] == [
        ("beyond_3_sigma", 9, "below")
    ]
    assert now.values("li")["calls.signal_low"] is True
    assert now.line("ann", "calls").chart.flag == "insufficient_history"


def test_a_history_in_another_unit_gives_no_chart() -> None:
    history = {("li", "won"): [Money(1, "EUR")] * 8}

    check = check_figures(
        {"won": {"li": Measured(Money(1, "CNY"))}}, period=Q4, as_of=Q4.last, history=history
    )

    assert check.line("li", "won").chart.flag == "unit_mismatch"


def test_a_figure_that_was_not_checked_is_named() -> None:
    check = check_figures({}, period=Q4, as_of=Q4.last)

    with pytest.raises(NotChecked, match="figure calls of li"):
        check.line("li", "calls")


def test_a_check_compares_by_its_figures() -> None:
    check = check_figures({"calls": {"li": Measured(Decimal(1))}}, period=Q4, as_of=Q4.last)

    assert check.subjects == ("li",)
    assert check == attrs.evolve(check)
