from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.codec import Codec
from salesmgmt.core.entity import AccountId, ContactId, Ref
from salesmgmt.core.events import Event, NaiveInstant
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.personal import blanked
from salesmgmt.pipeline.deals import (
    ENTITIES,
    EVENTS,
    AmountOrigin,
    BrokenHistory,
    BuyingRole,
    CategoryOrigin,
    Change,
    Deal,
    DealAmended,
    DealMigrated,
    DealMoved,
    DealOpened,
    DealProduct,
    EstimateOrigin,
    ForecastCategory,
    NextStep,
    Placement,
    Split,
    SplitKind,
    StageKind,
    amend,
    as_of,
    categorise,
    estimate,
    histories,
    qualify_deal,
    replay,
    set_competitors,
    set_next_step,
    set_products,
    set_roles,
    set_splits,
    shipped_card,
    snapshot,
    snooze,
    stage_visits,
    tick,
    untick,
    wake,
)
from salesmgmt.pipeline.stages import Condition, Override, PipelineDefinition, Stage, Transition

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei", roles={"rep"})
OVERRIDE = Override(by=Actor("chen", roles={"manager"}), reason="agreed by phone")

PIPELINE = PipelineDefinition(
    id="walk-in",
    version=1,
    initial="talk",
    fields={"seats": "number"},
    stages=(
        Stage("talk", probability=Percent(20)),
        Stage("offer", probability=Percent(60), required=("amount",)),
        Stage("won", kind=StageKind.WON, entry=(Condition("seats", "deal.seats > 2"),)),
        Stage("lost", kind=StageKind.LOST),
    ),
    transitions=(
        Transition("talk", "offer"), Transition("offer", "talk"), Transition("offer", "won"),
        Transition(("talk", "offer"), "lost"), Transition(("lost", "won"), "talk", reopens=True),
    ),
).compile()  # fmt: skip

CODEC = Codec(kinds=[*ENTITIES, *EVENTS])


def _opened() -> tuple[Deal, tuple[Event, ...]]:
    return PIPELINE.open(
        id="d-1",
        name="Two laptops",
        account=AccountId("acme"),
        contact=ContactId("ada"),
        source="web",
        fields={"seats": Decimal(3), "colour": "red"},
        at=START,
        by=REP,
    )


changes = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=5),
        "source": st.sampled_from(["", "fair"]),
        "amount": st.none() | st.integers(1, 9).map(lambda units: Money(units, "EUR")),
        "expected_close": st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        "fields.seats": st.none() | st.integers(0, 9).map(Decimal),
        "fields.note": st.none() | st.text(max_size=3),
    },
)
COMMANDS = (
    "move", "amend", "estimate", "categorise", "products", "splits", "roles", "competitors", "step", "snooze", "wake", "tick",
    "untick", "qualify",
)  # fmt: skip
steps = st.lists(
    st.tuples(st.sampled_from(COMMANDS), st.integers(0, 3), changes, st.integers(0, 90)),
    max_size=16,
)

BANT = shipped_card("bant")
PRODUCTS = (
    (),
    (DealProduct("laptop", 2, Money(3, "EUR")),),
    (DealProduct("laptop", 2, Money(4, "EUR")), DealProduct("dock", 1, Money(1, "EUR"))),
    (DealProduct("dock", 5, Money(7, "EUR")),),
)
SPLITS = (
    (),
    (Split("li", Percent(100)),),
    (Split("li", Percent("33.4")), Split("bo", Percent("66.6"))),
    (Split("cy", Percent(30), SplitKind.OVERLAY),),
)
ROLES = (
    (),
    (BuyingRole("ada", "champion"),),
    (BuyingRole("bob", "user"), BuyingRole("cleo", "economic buyer", primary=True)),
    (BuyingRole("dan", "user"), BuyingRole("eve", "user")),
)
CATEGORIES = (
    ForecastCategory.COMMIT,
    ForecastCategory.MOST_LIKELY,
    ForecastCategory.OMITTED,
    ForecastCategory.BEST_CASE,
)


def _act(
    deal: Deal, command: str, choice: int, changed: Mapping[str, object], at: datetime
) -> tuple[Deal, tuple[Event, ...]]:
    """Give one command; those that make no sense for a decided deal are left out there."""
    when: Any = {"at": at, "by": REP}
    known: Any = changed
    origin = [*EstimateOrigin][choice % 3]
    model = "age-hazard" if origin is EstimateOrigin.MODEL else ""
    targets = PIPELINE.targets(deal)
    allowed: dict[str, Callable[[], Any]] = {
        "move": lambda: PIPELINE.move(
            deal, targets[choice % len(targets)], loss_reason="price", override=OVERRIDE, **when
        ),
        "amend": lambda: amend(deal, known, **when),
        "products": lambda: set_products(deal, PRODUCTS[choice], **when),
        "splits": lambda: set_splits(deal, SPLITS[choice], **when),
        "roles": lambda: set_roles(deal, ROLES[choice], **when),
        "competitors": lambda: set_competitors(deal, ("Bolt", "Crux")[: choice % 3], **when),
        "wake": lambda: wake(deal, **when),
        "tick": lambda: tick(deal, f"item {choice}", **when),
        "untick": lambda: untick(deal, f"item {choice}", **when),
    }
    if deal.is_open:
        allowed |= {
            "estimate": lambda: estimate(deal, Percent(20 * choice), origin=origin, model=model, **when),
            "categorise": lambda: categorise(deal, CATEGORIES[choice], **when),
            "step": lambda: set_next_step(deal, NextStep("call", at.date()) if choice else None, **when),
            "snooze": lambda: snooze(
                deal, until=at + timedelta(days=10 * choice + 1), reason="later", **when
            ),
            "qualify": lambda: qualify_deal(
                deal, BANT, {"need": ("none", "stated", "measured", None)[choice]}, **when
            ),
        }
    return allowed[command]() if command in allowed else (deal, ())


def _states(lived: Sequence[tuple[str, int, dict[str, object], int]]) -> list[tuple[Deal, list[Event]]]:
    """Live the life of a deal; each state is what the commands returned, with all events until then."""
    deal, opening = _opened()
    events, at = list(opening), START
    states = [(deal, list(events))]
    for command, choice, changed, days in lived:
        at += timedelta(days=days, minutes=1)
        deal, more = _act(deal, command, choice, changed, at)
        events += more
        states.append((deal, list(events)))
    return states


def _lived(lived: Sequence[tuple[str, int, dict[str, object], int]]) -> tuple[Deal, list[Event]]:
    return _states(lived)[-1]


@given(steps)
def test_the_events_of_a_deal_replay_to_its_state(
    lived: Sequence[tuple[str, int, dict[str, object], int]],
) -> None:
    deal, events = _lived(lived)

    assert replay(events) == deal


@given(steps)
def test_at_each_event_the_deal_was_as_the_command_left_it(
    lived: Sequence[tuple[str, int, dict[str, object], int]],
) -> None:
    states = _states(lived)
    _, events = states[-1]

    for state, until_then in states:
        assert as_of(events, until_then[-1].at) == state


@given(steps)
def test_a_past_day_is_seen_alike_from_any_later_day(
    lived: Sequence[tuple[str, int, dict[str, object], int]],
) -> None:
    states = _states(lived)
    (told,) = histories(states[-1][1]).values()

    for state, until_then in states:
        at = until_then[-1].at
        assert snapshot({told.deal: told}, at) == {"d-1": state}
        assert as_of(until_then, at) == told.as_of(at)


@given(steps)
def test_stays_follow_one_another_and_the_last_is_where_the_deal_stands(
    lived: Sequence[tuple[str, int, dict[str, object], int]],
) -> None:
    deal, events = _lived(lived)
    visits = stage_visits(events)

    assert [visit.left for visit in visits[:-1]] == [visit.entered for visit in visits[1:]]
    assert (visits[-1].stage, visits[-1].entered, visits[-1].left) == (deal.stage, deal.stage_since, None)


@given(steps)
def test_forgetting_persons_keeps_every_figure(
    lived: Sequence[tuple[str, int, dict[str, object], int]],
) -> None:
    deal, events = _lived(lived)
    forgotten = replay([blanked(event, frozenset({deal.ref})) for event in events])

    for name in (
        "amount",
        "probability",
        "category",
        "stage",
        "products",
        "splits",
        "rests",
        "qualification",
        "done",
    ):
        assert getattr(forgotten, name) == getattr(deal, name)
    assert (forgotten.name, dict(forgotten.fields)) == ("", {})
    assert forgotten.next_step is None or forgotten.next_step.what == ""
    assert forgotten.snooze is None or forgotten.snooze.reason == ""


@given(steps)
def test_deal_and_events_survive_json(lived: Sequence[tuple[str, int, dict[str, object], int]]) -> None:
    deal, events = _lived(lived)

    assert CODEC.read_json(CODEC.to_json(deal)) == deal
    assert replay([CODEC.read_json(CODEC.to_json(event)) for event in events]) == deal


@given(steps)
def test_a_deal_always_agrees_with_its_stage(
    lived: Sequence[tuple[str, int, dict[str, object], int]],
) -> None:
    deal, events = _lived(lived)
    stage = PIPELINE.stages[deal.stage]

    assert deal.status is stage.kind
    if not deal.is_open or deal.category_origin is CategoryOrigin.STAGE:
        assert deal.category is stage.category
    assert (deal.closed_on is None) is deal.is_open
    assert (deal.loss_reason is None) is (deal.status is not StageKind.LOST)
    if deal.probability.origin is EstimateOrigin.STAGE and isinstance(events[-1], DealMoved):
        assert deal.probability.value == stage.probability
    assert (
        deal.contact is None
        or not deal.roles
        or deal.contact in {role.contact for role in deal.roles if role.primary}
    )
    assert (
        not deal.products
        or deal.amount_origin is AmountOrigin.STATED
        or deal.amount
        == Money.total((line.amount for line in deal.products if line.amount is not None), "EUR")
    )


def test_the_opening_tells_everything_that_a_deal_has() -> None:
    told = {field.name for field in attrs.fields(DealOpened)}

    assert {field.name for field in attrs.fields(Deal)} - told == {"id", "tenant", "version"}


def test_events_of_others_are_passed_over() -> None:
    @attrs.frozen(kw_only=True)
    class Birthday(Event):
        pass

    deal, events = _opened()

    assert replay([Birthday(at=START, by=REP, subjects=()), *events]) == deal


def test_a_history_with_a_gap_is_refused() -> None:
    deal, opening = _opened()
    offered, first = PIPELINE.move(deal, "offer", at=START, by=REP, override=OVERRIDE)
    _, second = PIPELINE.move(offered, "talk", at=START, by=REP)

    for broken in ([], first, [*opening, *opening], [*opening, *second]):
        with pytest.raises(BrokenHistory):
            replay(broken)


def test_events_of_two_deals_are_not_one_history() -> None:
    _, opening = _opened()
    other, _ = PIPELINE.open(id="d-2", name="Other", at=START, by=REP)
    _, moved = PIPELINE.move(other, "lost", at=START, by=REP, loss_reason="price")

    with pytest.raises(BrokenHistory, match="Deal:d-2"):
        replay([*opening, *moved])


def test_a_forgotten_person_is_blank_and_the_amounts_stay() -> None:
    _, opening = _opened()
    deal, _ = _opened()
    _, amended = amend(
        deal, {"name": "Ada's", "amount": Money(5, "EUR"), "fields.note": "Ada"}, at=START, by=REP
    )

    (opened,) = blanked(opening, frozenset({Ref("Contact", "ada")}))
    (changed,) = blanked(amended, frozenset({Ref("Contact", "ada")}))

    assert isinstance(opened, DealOpened)
    assert (opened.name, opened.fields) == ("", {})
    assert changed.changes == (Change("amount", None, Money(5, "EUR")),)
    assert changed.private == ()


def test_a_deal_that_was_taken_over_is_unknown_before_and_its_beginning_stays_unknown() -> None:
    deal, taken = PIPELINE.adopt(id="d-3", name="Old", stage="offer", opened_at=None, at=START, by=REP)
    deal, lost = PIPELINE.move(deal, "lost", at=START + timedelta(days=3), by=REP, loss_reason="price")
    events = [*taken, *lost]

    assert as_of(events, START - timedelta(seconds=1)) is None
    then = as_of(events, START)
    assert then is not None
    assert (then.stage, then.opened_at, then.stage_since) == ("offer", None, None)
    assert [(visit.stage, visit.entered, visit.days) for visit in stage_visits(events)] == [
        ("offer", None, None),
        ("lost", START + timedelta(days=3), None),
    ]


def test_a_snapshot_leaves_out_what_was_not_yet_opened_and_what_is_no_deal() -> None:
    later = START + timedelta(days=5)
    _, first = _opened()
    _, second = PIPELINE.open(id="d-2", name="Later", at=later, by=REP)
    told = histories([*first, *second])

    assert set(told) == {"d-1", "d-2"}
    assert set(snapshot(told, START)) == {"d-1"}
    assert set(snapshot(told, later)) == {"d-1", "d-2"}


def test_visits_that_do_not_join_are_refused() -> None:
    deal, opening = _opened()
    offered, first = PIPELINE.move(deal, "offer", at=START, by=REP, override=OVERRIDE)
    _, second = PIPELINE.move(offered, "talk", at=START, by=REP)

    for broken in (first, [*opening, *second], [*opening, *opening]):
        with pytest.raises(BrokenHistory):
            stage_visits(broken)


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        as_of([], datetime(2026, 3, 2))  # noqa: DTZ001 - what is refused
    with pytest.raises(NaiveInstant):
        snapshot({}, datetime(2026, 3, 2))  # noqa: DTZ001


def test_a_migrated_deal_stays_where_it_is_under_another_name() -> None:
    deal, opening = _opened()
    before = Placement.of(deal)
    later = START + timedelta(days=2)
    event = DealMigrated(
        at=later,
        by=REP,
        subjects=(deal.ref,),
        deal=deal.id,
        before=before,
        after=attrs.evolve(before, stage="first talk", pipeline_version=2),
    )

    renamed = replay([*opening, event])

    assert (renamed.stage, renamed.pipeline_version, renamed.stage_since) == ("first talk", 2, START)
    assert as_of([*opening, event], START) == deal
    (visit,) = stage_visits([*opening, event])
    assert (visit.stage, visit.entered, visit.left) == ("first talk", START, None)
    with pytest.raises(BrokenHistory):
        replay([*opening, event, event])


def test_a_deal_is_pickled_and_copied_as_it_is() -> None:
    deal, _ = _opened()
    deal, _ = PIPELINE.move(deal, "offer", at=START, by=REP, override=OVERRIDE)

    assert pickle.loads(pickle.dumps(deal)) == deal
    assert copy.deepcopy(deal) == deal


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "won"),
        ("stage", "won"),
        ("id", "d-9"),
        ("tenant", "other"),
        ("no such field", "x"),
        ("amount", "a text"),
        ("name", None),
        ("expected_close", START),
    ],
)
def test_an_amendment_that_no_command_makes_is_refused(field: str, value: Any) -> None:
    deal, opening = _opened()
    forged = DealAmended(
        at=START, by=REP, subjects=(deal.ref,), deal=deal.id, changes=(Change(field, None, value),)
    )

    with pytest.raises(BrokenHistory, match="can not set"):
        replay([*opening, forged])


def test_an_event_without_subjects_is_refused_by_the_deal_that_it_names() -> None:
    deal, _ = _opened()
    _, (amended,) = amend(deal, {"source": "fair"}, at=START, by=REP)

    with pytest.raises(BrokenHistory, match="Deal:d-1"):
        replay([attrs.evolve(amended, subjects=())])


def test_a_deal_is_woken_from_the_sleep_that_it_sleeps_alone() -> None:
    deal, opening = _opened()
    slept, asleep = snooze(deal, until=START + timedelta(days=9), reason="budget", at=START, by=REP)
    _, woken = wake(slept, at=START + timedelta(days=1), by=REP)
    _, other = wake(
        snooze(deal, until=START + timedelta(days=8), reason="x", at=START, by=REP)[0], at=START, by=REP
    )

    for broken in ([*opening, *woken], [*opening, *asleep, *woken, *woken], [*opening, *asleep, *other]):
        with pytest.raises(BrokenHistory, match="sleep"):
            replay(broken)
    forgotten = [attrs.evolve(asleep[0], snooze=attrs.evolve(asleep[0].snooze, reason=""))]
    assert replay([*opening, *forgotten, *woken]).snooze is None


def test_visits_are_those_of_one_deal() -> None:
    deal, opening = _opened()
    before = Placement.of(deal)
    _, moved = PIPELINE.move(deal, "lost", at=START, by=REP, loss_reason="price")
    migrated = DealMigrated(
        at=START,
        by=REP,
        subjects=(deal.ref,),
        deal=deal.id,
        before=before,
        after=attrs.evolve(before, stage="x"),
    )

    for broken in (
        [*opening, attrs.evolve(moved[-1], deal="d-2")],
        [*opening, attrs.evolve(migrated, deal="d-2")],
        [*opening, migrated, migrated],
        [migrated],
    ):
        with pytest.raises(BrokenHistory):
            stage_visits(broken)
