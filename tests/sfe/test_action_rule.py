"""Action rules: when an action is opened, and what cannot be a rule."""

from __future__ import annotations

import pickle
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.formula import NUMBER, FormulaError, Schema
from salesmgmt.core.measured import Measured
from salesmgmt.core.period import Period
from salesmgmt.sfe import (
    ActionRule,
    Check,
    Episode,
    Figure,
    History,
    Playbook,
    Streak,
    Target,
    check_figures,
    control_group,
    judge,
)

COVERAGE = Schema({"coverage.actual": NUMBER})
OCTOBER = Period.month(2026, 10)


def _rule(when: str = "coverage.actual < 0.8", **fields: Any) -> ActionRule:
    return ActionRule(**{"id": "low", "metric": "coverage", "when": when, "what": "plan calls", **fields})


def _check(
    figures: dict[str, Figure | None],
    *,
    day: int = 31,
    metric: str = "coverage",
    history: History | None = None,
) -> Check:
    actuals = {
        subject: Measured(value, None if value is not None else "no_calls")
        for subject, value in figures.items()
    }
    return check_figures({metric: actuals}, period=OCTOBER, as_of=date(2026, 10, day), history=history)


def _episodes(series: list[str | None], periods_in_a_row: int) -> tuple[Episode, ...]:
    trigger = _rule(periods_in_a_row=periods_in_a_row).compile(COVERAGE)
    return trigger.episodes(
        {"coverage.actual": None if value is None else Decimal(value)} for value in series
    )


def test_a_rule_that_stays_true_opens_one_action() -> None:
    # Case rule-raises-one-action.
    assert _episodes(["0.85", "0.78", "0.75", "0.7", "0.83"], 2) == (Episode(opened=3, recovered=5),)


@pytest.mark.parametrize(
    ("series", "periods", "episodes"),
    [
        (["0.7", "0.9", "0.7", "0.9"], 2, ()),
        (["0.7", "0.9", "0.7"], 1, (Episode(1, 2), Episode(3))),
        (["0.8", "0.8"], 1, ()),
        (["0.7", None, "0.7"], 2, ()),
        ([], 1, ()),
    ],
)
def test_episodes_of_a_series(series: list[str | None], periods: int, episodes: tuple[Episode, ...]) -> None:
    assert _episodes(series, periods) == episodes


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 4))
def test_an_action_is_open_exactly_from_the_nth_period_in_a_row(holds: list[bool], needed: int) -> None:
    streak = Streak("r", "s")
    for place, one in enumerate(holds):
        streak = streak.after(holds=one, needed=needed)
        run = next((back for back in range(place + 1) if not holds[place - back]), place + 1)
        assert (streak.length, streak.raised) == (run, run >= needed)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"periods_in_a_row": 0}, "no_period"),
        ({"due_in_working_days": -1}, "no_time"),
        ({"check_days": 0}, "no_check_window"),
    ],
)
def test_a_rule_out_of_range_is_refused(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        _rule(**fields).compile(COVERAGE)

    assert [finding.code for finding in refused.value.findings] == [code]


def test_a_rule_must_be_a_condition() -> None:
    with pytest.raises(FormulaError):
        _rule("coverage.actual + 1").compile(COVERAGE)


def test_all_problems_of_all_rules_are_listed_at_once() -> None:
    rules = [
        _rule(id="a", metric="coverag"),
        _rule("coverage.actul < 1", id="b"),
        _rule(id="c", check_days=0),
        _rule(id="d"),
        _rule(id="d"),
    ]

    with pytest.raises(InvalidInput) as refused:
        judge(rules, _check({"li": Decimal(1)}))

    codes = [problem.code for problem in refused.value.problems]
    assert codes == ["unknown_metric", "formula_error", "no_check_window", "duplicate_id"]


def test_the_same_check_is_counted_once() -> None:
    rule, check = _rule(periods_in_a_row=2), _check({"li": Decimal("0.5")})
    first = judge([rule], check)

    second = judge([rule], check, first.streaks)

    assert second.raised == ()
    assert second.streaks == first.streaks


def test_an_undefined_figure_raises_nothing_unless_the_rule_asks() -> None:
    check = _check({"li": None})

    assert judge([_rule()], check).raised == ()
    raised = judge([_rule("coverage.actual is missing")], check).raised
    assert [subject for _, subject in raised] == ["li"]


def test_the_control_group_are_those_whom_the_rule_leaves_alone() -> None:
    check = _check(
        {"li": Decimal("0.5"), "chen": Decimal("0.9"), "ann": Decimal("0.95"), "new": None, "old": Decimal(1)}
    )
    trigger = _rule(control="subject != 'old'").compile(check.schema)

    group = control_group(trigger, check, treated={"ann"})

    assert [(one.subject, one.value) for one in group] == [("chen", Decimal("0.9"))]


def test_a_rule_reads_the_signals_of_the_control_chart() -> None:
    history = {("li", "coverage"): [Decimal(value) for value in (10, 12, 11, 13, 12, 11, 12, 11)]}
    rule = _rule("coverage.signal_low and 'beyond_3_sigma' in coverage.signals")

    low = judge([rule], _check({"li": Decimal(5)}, history=history))
    usual = judge([rule], _check({"li": Decimal(10)}, history=history))

    assert [subject for _, subject in low.raised] == ["li"]
    assert usual.raised == ()


def test_a_rule_reads_targets_and_attainment() -> None:
    check = check_figures(
        {"calls": {"li": Measured(Decimal(40)), "chen": Measured(Decimal(50))}},
        period=OCTOBER,
        as_of=OCTOBER.last,
        targets=[
            Target(subject=who, metric="calls", period=OCTOBER, value=Decimal(60))
            for who in ("li", "chen", "ann")
        ],
    )
    rule = _rule("calls.attainment < 80% and calls.variance <= -10 and calls.target == 60", metric="calls")

    assert [subject for _, subject in judge([rule], check).raised] == ["li"]
    assert check.line("ann", "calls").actual.flag == "not_measured"


def test_a_trigger_pickles_by_its_rule() -> None:
    trigger = pickle.loads(pickle.dumps(_rule().compile(COVERAGE)))

    assert trigger.holds({"coverage.actual": Decimal("0.7")})


def test_a_playbook_with_a_rule_twice_is_refused(tmp_path: Path) -> None:
    rule = '[[rules]]\nid = "low"\nmetric = "calls"\nwhen = "calls.actual < 5"\nwhat = "coach"\n'
    file = tmp_path / "playbook.toml"
    file.write_text(f'id = "field"\n{rule}{rule}', encoding="utf-8")

    with pytest.raises(InvalidDefinition) as refused:
        Playbook.load(file)

    assert [finding.code for finding in refused.value.findings] == ["duplicate_id"]


def test_unknown_keys_of_a_playbook_are_refused_with_their_path(tmp_path: Path) -> None:
    file = tmp_path / "playbook.toml"
    file.write_text(
        'id = "field"\n[[rules]]\nid = "low"\nmetric = "c"\nwhen = "x"\nwhat = "y"\nowner = 5\nwhy = ""\n',
        encoding="utf-8",
    )

    with pytest.raises(InvalidInput) as refused:
        Playbook.load(file)

    assert {problem.path for problem in refused.value.problems} == {"rules[0].owner", "rules[0].why"}
