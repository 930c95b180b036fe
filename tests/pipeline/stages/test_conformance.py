"""How deals moved, held against a definition; expected figures are counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import Event
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.engines.lifecycle import Condition, Override
from salesmgmt.engines.statistics import newcombe_interval
from salesmgmt.pipeline.deals import (
    BrokenHistory,
    ConditionsWaived,
    DealMigrated,
    Placement,
    StageKind,
    histories,
)
from salesmgmt.pipeline.stages import MoveRules, PipelineDefinition, Stage, Transition
from salesmgmt.pipeline.stages.conformance import Deviation, conformance, follow

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY = Actor("li.wei")
STAGES = (
    Stage("talk"),
    Stage("offer"),
    Stage("legal"),
    Stage("won", kind=StageKind.WON),
    Stage("lost", kind=StageKind.LOST),
)
NAMES = [stage.id for stage in STAGES]
OPEN = ("talk", "offer", "legal")

STRICT = PipelineDefinition(
    id="p",
    version=2,
    initial="talk",
    stages=STAGES,
    transitions=(
        Transition("talk", "offer"),
        Transition("offer", "legal"),
        Transition("legal", "won"),
        Transition(OPEN, "lost"),
    ),
)
"""How deals should move."""

ANYTHING = PipelineDefinition(
    id="p",
    version=1,
    initial="talk",
    facts={"fine": "bool"},
    stages=(*STAGES[:1], attrs.evolve(STAGES[1], entry=(Condition("fine", "fine"),)), *STAGES[2:]),
    transitions=tuple(
        Transition(source, target, reopens=source not in OPEN)
        for source in NAMES
        for target in NAMES
        if source != target
    ),
).compile()
"""How deals could move, from any stage to any other."""


def history(*targets: str, key: str = "d1", amount: Money | None = None, days: int = 1) -> list[Event]:
    """A deal that was opened in `talk` and moved on, a step each `days`."""
    deal, events = ANYTHING.open(id=key, name="a deal", amount=amount, at=AT, by=BY)
    every: list[Event] = [*events]
    for place, target in enumerate(targets, 1):
        deal, moved = ANYTHING.move(
            deal,
            target,
            facts={"fine": True},
            loss_reason="price" if target == "lost" else None,
            at=AT + timedelta(days=days * place),
            by=BY,
        )
        every += moved
    return every


@pytest.mark.parametrize(
    ("targets", "deviations"),
    [
        ((), [None]),
        (("offer", "legal", "won"), [None, None, None, None]),
        (("legal", "won"), [None, Deviation.SKIP, None]),
        (("won",), [None, Deviation.SKIP]),
        (("offer", "talk"), [None, None, Deviation.BACK]),
        (("lost", "talk"), [None, None, Deviation.REOPENED]),
        (("offer", "legal", "won", "lost"), [None, None, None, None, Deviation.REOPENED]),
    ],
)
def test_each_step_is_told_by_what_it_departs_in(targets: tuple[str, ...], deviations: list[object]) -> None:
    assert [step.deviation for step in follow(history(*targets), STRICT).steps] == deviations


def test_a_move_to_the_next_stage_or_to_a_lost_one_that_is_not_declared_is_no_skip() -> None:
    sparse = attrs.evolve(STRICT, transitions=(Transition("talk", "legal"), Transition("legal", "won")))
    assert follow(history("offer"), sparse).steps[1].deviation is Deviation.UNDECLARED
    assert follow(history("lost"), sparse).steps[1].deviation is Deviation.UNDECLARED


def test_a_stage_that_the_definition_does_not_have() -> None:
    short = attrs.evolve(
        STRICT,
        stages=(*STAGES[:2], *STAGES[3:]),
        transitions=(Transition("talk", "offer"), Transition(OPEN[:2], "won")),
    )
    found = follow(history("offer", "legal", "won"), short)
    assert [step.deviation for step in found.steps] == [None, None, *[Deviation.UNKNOWN_STAGE] * 2]


def test_a_deal_that_was_opened_elsewhere_deviates_unless_it_was_taken_over() -> None:
    elsewhere = attrs.evolve(STRICT, initial="offer")
    assert follow(history(), elsewhere).steps[0].deviation is Deviation.STARTED_ELSEWHERE
    _, adopted = ANYTHING.adopt(id="d1", name="old", stage="legal", opened_at=None, at=AT, by=BY)
    path = follow(adopted, STRICT)
    assert (path.conforms, path.opened_at) == (True, None)


def test_moves_and_openings_by_rule_are_declared_as_well() -> None:
    by_rule = attrs.evolve(STRICT, transitions=(), moves=MoveRules(no_skip=True))
    rules = by_rule.compile()
    deal, opened = rules.open(id="d1", name="a deal", stage="offer", at=AT, by=BY)
    deal, moved = rules.move(deal, "legal", at=AT, by=BY)
    assert follow([*opened, *moved], by_rule).deviations == frozenset()
    way = follow(history("legal", "offer", "legal", "won"), by_rule)
    assert [step.deviation for step in way.steps] == [None, Deviation.SKIP, None, None, None]


def test_a_declared_move_whose_conditions_were_waived_is_overridden() -> None:
    deal, events = ANYTHING.open(id="d1", name="a deal", at=AT, by=BY)
    deal, moved = ANYTHING.move(deal, "offer", at=AT, by=BY, override=Override(by=BY, reason="in a hurry"))
    path = follow([*events, *moved], STRICT)
    assert [step.deviation for step in path.steps] == [None, Deviation.OVERRIDDEN]


def test_coming_back_to_a_stage_is_a_loop_declared_or_not() -> None:
    path = follow(history("offer", "talk", "offer", "legal"), STRICT)
    assert [step.again for step in path.steps] == [False, False, True, True, False]
    assert path.loops == 2
    assert path.variant == ("talk", "offer", "talk", "offer", "legal")


def test_fitness_is_the_share_of_steps_that_conform() -> None:
    assert str(follow(history("legal", "won"), STRICT).fitness)[:8] == "0.666666"
    report = conformance([history("legal", "won"), history("offer", key="d2")], STRICT)
    assert report.fitness.value == Decimal("0.8")  # four of five steps
    assert report.conforming.value == Decimal("0.5")


def test_what_deviating_goes_with_in_deals_and_money() -> None:
    def euros(amount: int) -> Money:
        return Money(amount, "EUR")

    histories = [
        history("offer", "legal", "won", key="a", amount=euros(100), days=10),
        history("offer", "legal", "won", key="b", amount=euros(300), days=20),
        history("offer", "lost", key="c", amount=euros(100)),
        history("won", key="d", amount=euros(50)),
        history("legal", "lost", key="e", amount=euros(150)),
        history("legal", "lost", key="f"),
        history("legal", key="g", amount=euros(70)),
    ]
    effect = conformance(histories, STRICT).effect
    assert (effect.without.deals, effect.without.won, effect.without.lost) == (3, 2, 1)
    assert (effect.with_it.deals, effect.with_it.won, effect.with_it.lost) == (4, 1, 2)
    assert effect.steps == 4
    assert effect.without.won_value == (euros(400),)
    assert effect.without.value_win_rate.value == Decimal("0.8")  # 400 of 500
    assert effect.with_it.value_win_rate.value == Decimal("0.25")  # 50 of 200
    assert effect.without.won_days.value == 45  # the median of 30 and 60
    assert abs(Fraction(effect.win_rate_difference.required()) - Fraction(-1, 3)) < Fraction(1, 10**30)
    assert Decimal("-0.3333") in effect.interval.required()
    assert [one.deviation for one in conformance(histories, STRICT).effects] == [Deviation.SKIP]


def test_variants_are_told_with_what_became_of_them_the_most_frequent_first() -> None:
    report = conformance(
        [history("won", key="a"), history("offer", key="b"), history("won", key="c"), history(key="d")],
        STRICT,
    )
    assert [(one.stages, one.outcome.deals, one.conforms) for one in report.variants] == [
        (("talk", "won"), 2, False),
        (("talk",), 1, True),
        (("talk", "offer"), 1, True),
    ]


def test_what_cannot_be_told_is_flagged() -> None:
    nothing = conformance([], STRICT)
    assert (nothing.fitness.flag, nothing.effect.win_rate_difference.flag) == ("no_deals", "no_closed_deals")
    mixed = conformance(
        [
            history("offer", "legal", "won", key="a", amount=Money(1, "EUR")),
            history("offer", "legal", "won", key="b", amount=Money(1, "USD")),
        ],
        STRICT,
    )
    assert mixed.effect.without.value_win_rate.flag == "several_currencies"
    assert mixed.effect.without.won_value == (Money(1, "EUR"), Money(1, "USD"))
    assert conformance([history("won")], STRICT).effect.with_it.value_win_rate.flag == "no_closed_value"


def test_histories_sorted_by_deal_are_taken_as_they_are_and_anything_else_is_refused() -> None:
    events = [*history("won", key="a"), *history("offer", key="b")]
    assert len(conformance(histories(events).values(), STRICT).paths) == 2
    with pytest.raises(InvalidInput, match=r"events\[0\]: found 'a', wanted an event"):
        conformance(histories(events), STRICT)  # type: ignore[arg-type]


def test_events_that_are_not_the_life_of_one_deal_are_refused() -> None:
    with pytest.raises(BrokenHistory):
        follow([], STRICT)
    with pytest.raises(BrokenHistory):
        follow([*history("offer"), *history("offer", key="d2")], STRICT)
    with pytest.raises(InvalidInput, match="confidence"):
        conformance([], STRICT, confidence=Percent(100))


@given(st.lists(st.sampled_from(["offer", "legal", "won", "lost", "talk"]), max_size=8))
def test_a_history_conforms_wholly_to_the_definition_under_which_it_was_made(targets: list[str]) -> None:
    steps = [target for before, target in zip(["talk", *targets], targets, strict=False) if before != target]
    path = follow(history(*steps), ANYTHING.definition)
    assert path.conforms
    assert path.fitness == 1
    assert path.variant == ("talk", *steps)


@pytest.mark.parametrize(
    ("counts", "limits"),
    [  # Newcombe 1998, table II, method 10
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(
    counts: tuple[int, int, int, int], limits: tuple[float, float]
) -> None:
    assert newcombe_interval(*counts) == pytest.approx(limits, abs=5e-5)


def test_a_waiver_of_another_deal_overrides_nothing() -> None:
    deal, events = ANYTHING.open(id="d1", name="a deal", at=AT, by=BY)
    waiver = ConditionsWaived(
        at=AT,
        by=BY,
        subjects=(deal.ref,),
        deal="d2",
        source="talk",
        target="offer",
        waived=(),
        reason="agreed",
    )
    _, moved = ANYTHING.move(deal, "offer", at=AT, by=BY, facts={"fine": True})

    assert follow([*events, waiver, *moved], STRICT).conforms
    assert follow([*events, attrs.evolve(waiver, deal="d1"), *moved], STRICT).deviations == {
        Deviation.OVERRIDDEN
    }


def test_a_deal_comes_back_to_a_stage_into_which_it_was_migrated() -> None:
    deal, events = ANYTHING.open(id="d1", name="a deal", at=AT, by=BY)
    here = Placement.of(deal)
    there = attrs.evolve(here, stage="legal")
    migrated = DealMigrated(at=AT, by=BY, subjects=(deal.ref,), deal="d1", before=here, after=there)
    deal, back = ANYTHING.move(there.place(deal), "offer", at=AT, by=BY, facts={"fine": True})
    _, again = ANYTHING.move(deal, "legal", at=AT, by=BY)

    assert [step.again for step in follow([*events, migrated, *back, *again], STRICT).steps] == [
        False,
        False,
        True,
    ]


def test_amounts_below_nothing_have_no_share() -> None:
    histories = [
        history("offer", "legal", "won", key="a", amount=Money(100, "EUR")),
        history("lost", key="b", amount=Money(-50, "EUR")),
    ]
    rate = conformance(histories, STRICT).effect.without.value_win_rate
    assert (rate.value, rate.flag) == (None, "no_closed_value")
