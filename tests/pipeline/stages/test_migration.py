"""Running deals go from one definition to another, and back."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import Event
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.engines.lifecycle import Condition, Override
from salesmgmt.pipeline.deals import (
    Deal,
    EstimateOrigin,
    ForecastCategory,
    StageKind,
    amend,
    categorise,
    estimate,
    replay,
)
from salesmgmt.pipeline.stages import ChecklistItem, PipelineDefinition, Stage, Transition
from salesmgmt.pipeline.stages.migration import (
    CannotRevert,
    MigrationPlan,
    MigrationRefused,
    StageMatchOrigin,
    diff,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = AT + timedelta(days=9)
REP, CHIEF = Actor("li.wei"), Actor("chen")

WON, LOST = Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)
OLD = PipelineDefinition(
    id="p",
    version=1,
    initial="talk",
    stages=(
        Stage("talk", "First talk", probability=Percent(10)),
        Stage("offer", probability=Percent(40)),
        Stage("legal", probability=Percent(80), category=ForecastCategory.COMMIT),
        WON,
        LOST,
    ),
    transitions=(
        Transition("talk", "offer"),
        Transition("offer", "legal"),
        Transition("legal", "won"),
        Transition(("talk", "offer", "legal"), "lost"),
    ),
)
NEW = PipelineDefinition(
    id="p",
    version=2,
    initial="meeting",
    facts={"budget.known": "bool"},
    stages=(
        Stage("meeting", "first TALK", probability=Percent(15)),
        Stage("demo", probability=Percent(30)),
        Stage("offer", probability=Percent(50), required=("amount",)),
        WON,
        LOST,
    ),
    transitions=(
        Transition("meeting", "demo"),
        Transition("demo", "offer"),
        Transition("offer", "won"),
        Transition(("meeting", "demo", "offer"), "lost"),
    ),
)
PLAN = MigrationPlan.suggest(OLD, NEW).mapped({"legal": "offer"})


def deal_in(stage: str, *, key: str = "d1", amount: Money | None = None) -> tuple[Deal, list[Event]]:
    pipeline = OLD.compile()
    deal, opened = pipeline.open(id=key, name="a deal", amount=amount, at=AT, by=REP)
    events: list[Event] = [*opened]
    way = {
        "talk": (),
        "offer": ("offer",),
        "legal": ("offer", "legal"),
        "won": ("offer", "legal", "won"),
        "lost": ("lost",),
    }
    for step, target in enumerate(way[stage], 1):
        reason = "price" if target == "lost" else None
        deal, moved = pipeline.move(deal, target, loss_reason=reason, at=AT + timedelta(days=step), by=REP)
        events += moved
    return deal, events


def test_the_difference_names_stages_and_moves() -> None:
    found = diff(OLD, NEW)
    assert (found.added, found.removed) == (("meeting", "demo"), ("talk", "legal"))
    assert [(change.where, [one.field for one in change.changes]) for change in found.changed] == [
        ("offer", ["probability", "required"])
    ]
    assert ("demo", "offer") in found.moves_added
    assert ("talk", "offer") in found.moves_removed
    assert [change.field for change in found.fields] == ["initial", "facts"]
    assert not found.reordered
    assert not diff(OLD, attrs.evolve(OLD, version=7))
    assert diff(OLD, attrs.evolve(OLD, stages=OLD.stages[::-1])).reordered


def test_stages_are_suggested_by_id_name_likeness_and_kind() -> None:
    matches = {match.source: (match.target, match.origin) for match in MigrationPlan.matches(OLD, NEW)}
    assert matches == {
        "talk": ("meeting", StageMatchOrigin.NAME),
        "offer": ("offer", StageMatchOrigin.ID),
        "legal": (None, None),  # nothing commits in the new one
        "won": ("won", StageMatchOrigin.ID),
        "lost": ("lost", StageMatchOrigin.ID),
    }
    renamed = attrs.evolve(NEW, stages=(*NEW.stages[1:3], attrs.evolve(WON, id="signed"), LOST))
    matches = {match.source: (match.target, match.origin) for match in MigrationPlan.matches(OLD, renamed)}
    assert matches["talk"] == ("demo", StageMatchOrigin.LIKENESS)
    assert matches["won"] == ("signed", StageMatchOrigin.KIND)


def test_a_stage_of_the_same_id_and_another_kind_is_not_the_same() -> None:
    odd = attrs.evolve(
        NEW, stages=(*NEW.stages[:3], attrs.evolve(WON, id="lost"), attrs.evolve(LOST, id="won"))
    )
    matches = {match.source: match.target for match in MigrationPlan.matches(OLD, odd)}
    assert (matches["won"], matches["lost"]) == ("lost", "won")


@pytest.mark.parametrize(
    ("plan", "found"),
    [
        (MigrationPlan.suggest(OLD, NEW), ("unmapped_stage", "stages.legal")),
        (PLAN.mapped({"legal": "ofer"}), ("unknown_stage", "stages.legal")),
        (PLAN.mapped({"leagl": "offer"}), ("unknown_stage", "stages.leagl")),
        (PLAN.mapped({"legal": "won"}), ("kind_changed", "stages.legal")),
        (PLAN.mapped({"won": "lost"}), ("kind_changed", "stages.won")),
        (attrs.evolve(PLAN, new=attrs.evolve(NEW, version=1)), ("same_definition", "new.version")),
    ],
)
def test_a_plan_that_cannot_work_is_refused_with_its_place(
    plan: MigrationPlan, found: tuple[str, str]
) -> None:
    assert found in [(finding.code, finding.where) for finding in plan.findings]
    with pytest.raises(InvalidDefinition):
        plan.compile()


def test_a_dry_run_says_what_would_be_done_and_who_is_in_the_way() -> None:
    deals = [
        deal_in("talk", key="a", amount=Money(100, "EUR"))[0],
        deal_in("offer", key="b", amount=Money(200, "EUR"))[0],
        deal_in("legal", key="c")[0],
        deal_in("won", key="d")[0],
    ]
    report = PLAN.compile().dry_run(deals)
    assert not report
    assert report.ready == ("a", "b", "d")
    assert [(one.deal, [unmet.what for unmet in one.decision.unmet]) for one in report.blocked] == [
        ("c", ["amount"])
    ]
    assert [(flow.source, flow.target, flow.deals) for flow in report.flows] == [
        ("talk", "meeting", 1),
        ("offer", "offer", 1),
        ("won", "won", 1),
    ]
    assert report.weighted_before == (Money(90, "EUR"),)  # 10 % of 100 and 40 % of 200
    assert report.weighted_after == (Money(115, "EUR"),)  # 15 % of 100 and 50 % of 200


def test_nothing_is_done_unless_all_can_be_migrated() -> None:
    deals = [deal_in("talk", key="a")[0], deal_in("legal", key="b")[0]]
    with pytest.raises(MigrationRefused, match="1 of 2 deals cannot be migrated") as error:
        PLAN.compile().apply(deals, at=LATER, by=CHIEF)
    assert error.value.report.ready == ("a",)


def test_a_migrated_deal_stands_under_the_new_definition_and_the_time_in_its_stage_runs_on() -> None:
    deal, events = deal_in("legal", amount=Money(100, "EUR"))
    (after,), (event,) = PLAN.compile().apply([deal], at=LATER, by=CHIEF)
    assert (after.stage, after.pipeline_version, after.pipeline_digest) == ("offer", 2, NEW.digest)
    assert (after.probability.value, after.category) == (Percent(50), ForecastCategory.PIPELINE)
    assert after.stage_since == deal.stage_since
    assert (event.before.stage, event.after.stage, event.waived) == ("legal", "offer", ())
    assert replay([*events, event]) == after
    moved, _ = NEW.compile().move(after, "won", at=LATER, by=REP)
    assert moved.status is StageKind.WON


def test_what_people_judged_stays() -> None:
    deal, _ = deal_in("talk")
    deal, _ = estimate(deal, Percent(66), origin=EstimateOrigin.USER, at=AT, by=REP)
    deal, _ = categorise(deal, ForecastCategory.BEST_CASE, at=AT, by=REP)
    (after,), _ = PLAN.compile().apply([deal], at=LATER, by=CHIEF)
    assert (after.probability.value, after.category) == (Percent(66), ForecastCategory.BEST_CASE)


def test_ticks_stay_where_the_new_stage_has_the_item() -> None:
    items = (ChecklistItem("budget"), ChecklistItem("contact"))
    old = attrs.evolve(OLD, stages=(attrs.evolve(OLD.stages[0], checklist=items), *OLD.stages[1:]))
    new = attrs.evolve(NEW, stages=(attrs.evolve(NEW.stages[0], checklist=items[:1]), *NEW.stages[1:]))
    deal, _ = old.compile().open(id="d", name="x", at=AT, by=REP)
    deal = attrs.evolve(deal, done=frozenset({"budget", "contact"}))
    plan = MigrationPlan.suggest(old, new).mapped({"legal": "offer"}).compile()
    (after,), events = plan.apply([deal], at=LATER, by=CHIEF)
    assert after.done == {"budget"}
    (back,), _ = plan.revert(events, [after], at=LATER, by=CHIEF)
    assert back == deal


def test_facts_of_the_host_are_asked_and_an_override_waives_and_is_on_record() -> None:
    strict = attrs.evolve(
        NEW,
        stages=(attrs.evolve(NEW.stages[0], entry=(Condition("budget", "budget.known"),)), *NEW.stages[1:]),
    )
    migration = attrs.evolve(PLAN, new=strict).compile()
    deal, _ = deal_in("talk")
    assert [unmet.what for unmet in migration.check(deal).unmet] == ["budget"]
    assert migration.check(deal, facts={"budget.known": True})
    assert migration.dry_run([deal], facts=lambda _: {"budget.known": True}).ready == ("d1",)
    _, (event,) = migration.apply([deal], at=LATER, by=REP, override=Override(by=CHIEF, reason="year end"))
    assert ([unmet.what for unmet in event.waived], event.waived_by, event.reason) == (
        ["budget"],
        CHIEF,
        "year end",
    )


@pytest.mark.parametrize(
    "changes",
    [{"pipeline": "other"}, {"pipeline_version": 7}, {"pipeline_digest": "0" * 64}, {"stage": "demo"}],
)
def test_a_deal_that_runs_elsewhere_is_not_migrated_even_with_an_override(changes: dict[str, Any]) -> None:
    deal = attrs.evolve(deal_in("talk")[0], **changes)
    (unmet,) = PLAN.compile().check(deal).unmet
    assert unmet.code == "version"
    with pytest.raises(MigrationRefused):
        PLAN.compile().apply([deal], at=LATER, by=REP, override=Override(by=CHIEF, reason="all the same"))


def test_a_migration_is_undone_and_later_changes_stay() -> None:
    deal, events = deal_in("offer", amount=Money(5, "EUR"))
    migration = PLAN.compile()
    (after,), done = migration.apply([deal], at=LATER, by=CHIEF)
    after, amended = amend(after, {"expected_close": date(2026, 9, 1)}, at=LATER, by=REP)
    (back,), undone = migration.revert(done, [after], at=LATER, by=CHIEF)
    assert back == attrs.evolve(deal, expected_close=date(2026, 9, 1))
    assert undone[0].reverts
    assert replay([*events, *done, *amended, *undone]) == back


def test_a_deal_that_moved_since_or_is_missing_is_not_undone_and_nothing_is() -> None:
    migration = PLAN.compile()
    deals = [deal_in("talk", key=key)[0] for key in "abc"]
    (one, two, _), events = migration.apply(deals, at=LATER, by=CHIEF)
    moved, _ = NEW.compile().move(two, "demo", at=LATER, by=REP)
    with pytest.raises(CannotRevert) as error:
        migration.revert(events, [one, moved], at=LATER, by=CHIEF)
    assert (error.value.missing, error.value.moved) == (("c",), ("b",))


def test_a_migration_pickles() -> None:
    deal, _ = deal_in("talk")
    assert pickle.loads(pickle.dumps(PLAN.compile())).check(deal)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["talk", "offer", "legal", "won", "lost"]), st.booleans(), st.integers(1, 10**6)
        ),
        max_size=8,
    )
)
def test_migrating_and_undoing_it_changes_nothing(rows: list[tuple[str, bool, int]]) -> None:
    deals = []
    for place, (stage, judged, amount) in enumerate(rows):
        deal, _ = deal_in(stage, key=str(place), amount=Money(amount, "EUR"))
        if judged and deal.is_open:
            deal, _ = estimate(deal, Percent(33), origin=EstimateOrigin.USER, at=AT, by=REP)
        deals.append(deal)
    migration = PLAN.compile()
    there, events = migration.apply(deals, at=LATER, by=CHIEF)
    assert [deal.status for deal in there] == [deal.status for deal in deals]
    back, _ = migration.revert(events, there, at=LATER, by=CHIEF)
    assert list(back) == deals


def test_a_deal_that_is_given_twice_is_refused() -> None:
    deal, _ = OLD.compile().open(id="d1", name="Laptops", at=AT, by=REP)
    plan = MigrationPlan.suggest(OLD, attrs.evolve(OLD, version=2)).compile()

    with pytest.raises(InvalidInput, match=r"deals\[1\]"):
        plan.apply([deal, deal], at=LATER, by=CHIEF)
