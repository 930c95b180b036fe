from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, ContactId, Ref
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import NaiveInstant, NotAnInstant
from salesmgmt.core.formula import EvaluationError
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.personal import blanked
from salesmgmt.pipeline.deals import (
    ConditionsWaived,
    Deal,
    DealMoved,
    DealOpened,
    Estimate,
    EstimateOrigin,
    ForecastCategory,
    StageKind,
    amend,
    estimate,
)
from salesmgmt.pipeline.stages import (
    Condition,
    MovedBackInTime,
    MoveRefused,
    OtherPipeline,
    Override,
    Pipeline,
    PipelineDefinition,
    Stage,
    Transition,
    UnknownState,
    Unmet,
)

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
SIGNED = {"contract.signed": True}


def _day(number: int) -> datetime:
    return MONDAY + timedelta(days=number)


@pytest.fixture
def deal(enterprise: Pipeline, rep: Actor) -> Deal:
    opened, _ = enterprise.open(
        id="d-1",
        name="Acme laptops",
        account=AccountId("acme"),
        contact=ContactId("ada"),
        amount=Money(5000, "EUR"),
        fields={"decision_maker": "Ada", "seats": Decimal(40)},
        at=MONDAY,
        by=rep,
    )
    return opened


@pytest.fixture
def negotiated(enterprise: Pipeline, deal: Deal, rep: Actor) -> Deal:
    deal, _ = enterprise.move(deal, "proposal", at=_day(2), by=rep)
    deal, _ = enterprise.move(deal, "negotiation", at=_day(9), by=rep)
    return deal


def test_a_deal_is_opened_in_the_initial_stage_and_carries_its_definition(
    enterprise: Pipeline, rep: Actor
) -> None:
    deal, (event,) = enterprise.open(id="d-1", name="Acme", account=AccountId("acme"), at=MONDAY, by=rep)

    assert (deal.stage, deal.status, deal.category) == (
        "qualification", StageKind.OPEN, ForecastCategory.PIPELINE,
    )  # fmt: skip
    assert deal.probability == Estimate(Percent(10), EstimateOrigin.STAGE)
    assert (deal.pipeline, deal.pipeline_version, deal.pipeline_digest) == (
        "enterprise",
        3,
        enterprise.digest,
    )
    assert (deal.opened_at, deal.stage_since, deal.closed_on) == (MONDAY, MONDAY, None)
    assert (type(event), event.adopted, event.at, event.by) == (DealOpened, False, MONDAY, rep)
    assert event.subjects == (Ref("Deal", "d-1"), Ref("Account", "acme"))


def test_the_question_of_the_design(enterprise: Pipeline, negotiated: Deal, rep: Actor) -> None:
    decision = enterprise.check(negotiated, "won", facts={"contract.signed": False}, by=rep)

    assert decision.unmet == (Unmet("contract", wanted="contract.signed", found=False),)
    assert repr(decision.unmet[0]) == "Unmet('contract', wanted='contract.signed', found=False)"


def test_a_fact_that_nobody_tells_counts_as_missing(
    enterprise: Pipeline, negotiated: Deal, rep: Actor
) -> None:
    assert enterprise.check(negotiated, "won", by=rep).unmet == (
        Unmet("contract", wanted="contract.signed", found=None),
    )


def test_required_fields_must_be_known_to_come_in(enterprise: Pipeline, deal: Deal, rep: Actor) -> None:
    bare, _ = amend(deal, {"amount": None, "fields.decision_maker": ""}, at=MONDAY, by=rep)

    assert enterprise.check(bare, "proposal", by=rep).unmet == (
        Unmet("amount", wanted="deal.amount is not missing", found=None),
        Unmet("decision_maker", wanted="deal.decision_maker != ''", found=""),
    )
    assert enterprise.check(deal, "proposal", by=rep)


def test_a_guard_reads_the_deal_and_the_hosts_fields(
    enterprise: Pipeline, deal: Deal, manager: Actor
) -> None:
    small, _ = amend(deal, {"amount": Money("999.99", "EUR")}, at=MONDAY, by=manager)

    assert enterprise.check(small, "negotiation", by=manager).unmet == (
        Unmet("size", wanted="deal.amount >= 1000 EUR", found=Money("999.99", "EUR")),
        Unmet("seats", wanted="deal.seats >= 100", found=40),
    )


def test_a_skip_is_possible_only_where_declared_and_for_whom(
    enterprise: Pipeline, deal: Deal, rep: Actor
) -> None:
    big, _ = amend(deal, {"fields.seats": Decimal(250)}, at=MONDAY, by=rep)

    assert [unmet.code for unmet in enterprise.check(big, "negotiation", by=rep).unmet] == ["role"]
    assert [unmet.code for unmet in enterprise.check(big, "won", facts=SIGNED, by=rep).unmet] == [
        "transition"
    ]
    assert enterprise.targets(big) == ("proposal", "negotiation", "lost")


def test_a_move_takes_over_what_the_stage_says(enterprise: Pipeline, deal: Deal, rep: Actor) -> None:
    deal, (event,) = enterprise.move(deal, "proposal", at=_day(9) + timedelta(hours=23), by=rep)

    assert (deal.stage, deal.category, deal.probability.value) == (
        "proposal", ForecastCategory.BEST_CASE, Percent(40),
    )  # fmt: skip
    assert deal.stage_since == _day(9) + timedelta(hours=23)
    assert isinstance(event, DealMoved)
    assert (event.source, event.target, event.days_in_stage) == ("qualification", "proposal", 9)
    assert event.amount == Money(5000, "EUR")
    assert event.subjects == (Ref("Deal", "d-1"),)


@pytest.mark.parametrize(("origin", "model"), [(EstimateOrigin.USER, ""), (EstimateOrigin.MODEL, "nb-7")])
def test_a_move_leaves_the_judgement_of_others_alone(
    enterprise: Pipeline, deal: Deal, rep: Actor, origin: EstimateOrigin, model: str
) -> None:
    judged, _ = estimate(deal, Percent(66), origin=origin, model=model, at=MONDAY, by=rep)

    moved, _ = enterprise.move(judged, "proposal", at=_day(1), by=rep)

    assert moved.probability == Estimate(Percent(66), origin, model)


def test_status_never_follows_from_probability(enterprise: Pipeline, deal: Deal, rep: Actor) -> None:
    sure, _ = estimate(deal, Percent(100), origin=EstimateOrigin.USER, at=MONDAY, by=rep)

    assert sure.status is StageKind.OPEN
    assert enterprise.move(sure, "proposal", at=_day(1), by=rep)[0].status is StageKind.OPEN


def test_winning_stamps_the_day_in_the_zone_of_the_instant(
    enterprise: Pipeline, negotiated: Deal, rep: Actor
) -> None:
    shanghai = timezone(timedelta(hours=8))
    late = datetime(2026, 3, 31, 20, tzinfo=UTC)

    here, _ = enterprise.move(negotiated, "won", facts=SIGNED, at=late, by=rep)
    there, (event,) = enterprise.move(negotiated, "won", facts=SIGNED, at=late.astimezone(shanghai), by=rep)

    assert (here.status, here.closed_on) == (StageKind.WON, date(2026, 3, 31))
    assert there.closed_on == date(2026, 4, 1)
    assert isinstance(event, DealMoved)
    assert (event.status, event.closed_on, event.category) == (
        StageKind.WON, date(2026, 4, 1), ForecastCategory.CLOSED,
    )  # fmt: skip


@pytest.mark.parametrize("reason", [None, "", "bad luck"])
def test_losing_needs_one_of_the_declared_reasons(
    enterprise: Pipeline, deal: Deal, rep: Actor, reason: str | None
) -> None:
    unmet = Unmet(
        "loss_reason", wanted="one of price, competitor, no decision", found=reason, code="required"
    )

    assert enterprise.check(deal, "lost", by=rep, loss_reason=reason).unmet == (unmet,)
    with pytest.raises(MoveRefused, match="loss_reason"):
        enterprise.move(deal, "lost", at=_day(1), by=rep, loss_reason=reason)


def test_any_text_is_a_reason_where_none_is_declared(deal: Deal, rep: Actor, enterprise: Pipeline) -> None:
    free = attrs.evolve(enterprise.definition, loss_reasons=()).compile()

    assert free.check(deal, "lost", by=rep, loss_reason="bad luck")
    assert not free.check(deal, "lost", by=rep, loss_reason="  ")
    assert not free.check(deal, "lost", by=rep)


def test_a_lost_deal_comes_back_by_its_own_transition_alone(
    enterprise: Pipeline, deal: Deal, rep: Actor, manager: Actor
) -> None:
    lost, _ = enterprise.move(deal, "lost", at=_day(3), by=rep, loss_reason="price")
    assert (lost.status, lost.loss_reason, lost.closed_on) == (StageKind.LOST, "price", date(2026, 3, 5))

    with pytest.raises(MoveRefused, match="role: wanted manager"):
        enterprise.move(lost, "qualification", at=_day(4), by=rep)
    back, _ = enterprise.move(lost, "qualification", at=_day(4), by=manager)

    assert (back.status, back.loss_reason, back.closed_on) == (StageKind.OPEN, None, None)


def test_a_refused_move_carries_the_decision_and_changes_nothing(
    enterprise: Pipeline, negotiated: Deal, rep: Actor
) -> None:
    with pytest.raises(MoveRefused) as refusal:
        enterprise.move(negotiated, "won", at=_day(12), by=rep)

    assert refusal.value.decision == enterprise.check(negotiated, "won", by=rep)
    assert negotiated.stage == "negotiation"


def test_an_override_waives_conditions_and_leaves_an_event(
    enterprise: Pipeline, negotiated: Deal, rep: Actor, manager: Actor
) -> None:
    won, events = enterprise.move(
        negotiated, "won", at=_day(12), by=rep, override=Override(by=manager, reason="signed on paper")
    )

    waived, moved = events
    assert won.status is StageKind.WON
    assert isinstance(waived, ConditionsWaived)
    assert (waived.by, waived.reason) == (manager, "signed on paper")
    assert waived.waived == (Unmet("contract", wanted="contract.signed", found=None),)
    assert isinstance(moved, DealMoved)
    assert moved.by == rep


def test_an_override_that_nothing_needs_leaves_no_event(
    enterprise: Pipeline, negotiated: Deal, rep: Actor, manager: Actor
) -> None:
    _, events = enterprise.move(
        negotiated, "won", facts=SIGNED, at=_day(12), by=rep, override=Override(by=manager, reason="in case")
    )

    assert [type(event) for event in events] == [DealMoved]


def test_only_the_declared_roles_may_override(enterprise: Pipeline, negotiated: Deal, rep: Actor) -> None:
    with pytest.raises(MoveRefused) as refusal:
        enterprise.move(negotiated, "won", at=_day(12), by=rep, override=Override(by=rep, reason="I say so"))

    assert refusal.value.decision.unmet == (
        Unmet("override", wanted="somebody with the role manager", found="li.wei", code="role"),
    )


def test_an_override_gives_no_loss_reason_and_opens_no_way(
    enterprise: Pipeline, deal: Deal, manager: Actor
) -> None:
    override = Override(by=manager, reason="hurry")

    with pytest.raises(MoveRefused, match="loss_reason"):
        enterprise.move(deal, "lost", at=_day(1), by=manager, override=override)
    with pytest.raises(MoveRefused, match="transition"):
        enterprise.move(deal, "won", at=_day(1), by=manager, override=override)


def test_a_deal_of_another_pipeline_is_refused(enterprise: Pipeline, deal: Deal, rep: Actor) -> None:
    stranger = attrs.evolve(deal, pipeline="renewals")

    for ask in (
        lambda: enterprise.check(stranger, "proposal", by=rep),
        lambda: enterprise.move(stranger, "proposal", at=_day(1), by=rep),
        lambda: enterprise.targets(stranger),
        lambda: enterprise.rotting(stranger, _day(1)),
    ):
        with pytest.raises(OtherPipeline) as refusal:
            ask()
        assert (refusal.value.found, refusal.value.wanted) == ("renewals", "enterprise")


def test_a_deal_in_a_stage_that_is_gone_is_refused_by_name(
    enterprise: Pipeline, deal: Deal, rep: Actor
) -> None:
    with pytest.raises(UnknownState, match="proposl") as refusal:
        enterprise.check(attrs.evolve(deal, stage="proposl"), "won", by=rep)

    assert "proposal" in refusal.value.hint
    with pytest.raises(UnknownState):
        enterprise.check(deal, "wonn", by=rep)


def test_a_deal_of_an_older_version_moves_under_the_present_one(
    enterprise: Pipeline, deal: Deal, rep: Actor
) -> None:
    newer = attrs.evolve(enterprise.definition, version=4).compile()

    moved, (event,) = newer.move(deal, "proposal", at=_day(1), by=rep)

    assert (moved.pipeline_version, moved.pipeline_digest) == (4, newer.digest)
    assert isinstance(event, DealMoved)
    assert event.pipeline_digest == newer.digest != deal.pipeline_digest


def test_an_undeclared_fact_is_a_mistake(enterprise: Pipeline, negotiated: Deal, rep: Actor) -> None:
    with pytest.raises(InvalidInput, match=r"did you mean 'contract\.signed'") as refusal:
        enterprise.check(negotiated, "won", facts={"contract.singed": True, "moon": "full"}, by=rep)

    assert [problem.path for problem in refusal.value.problems] == [
        "facts['contract.singed']",
        "facts['moon']",
    ]


def test_a_fact_cannot_stand_in_for_the_deal(enterprise: Pipeline, deal: Deal, rep: Actor) -> None:
    with pytest.raises(InvalidInput):
        enterprise.check(deal, "proposal", facts={"deal.amount": Money(1, "EUR")}, by=rep)


@pytest.mark.parametrize("value", ["yes", 1, 0.0])
def test_a_fact_of_another_type_is_never_a_yes(
    enterprise: Pipeline, negotiated: Deal, rep: Actor, value: object
) -> None:
    with pytest.raises((EvaluationError, TypeError)):
        enterprise.check(negotiated, "won", facts={"contract.signed": value}, by=rep)  # type: ignore[dict-item]


def test_an_amount_in_another_currency_is_an_error_and_never_a_yes(
    enterprise: Pipeline, deal: Deal, manager: Actor
) -> None:
    dollars, _ = amend(deal, {"amount": Money(9000, "USD")}, at=MONDAY, by=manager)

    with pytest.raises(EvaluationError, match="USD and EUR"):
        enterprise.check(dollars, "negotiation", by=manager)


def test_a_deal_does_not_move_before_it_came_in(enterprise: Pipeline, negotiated: Deal, rep: Actor) -> None:
    with pytest.raises(MovedBackInTime):
        enterprise.move(negotiated, "won", facts=SIGNED, at=_day(8), by=rep)
    with pytest.raises(NaiveInstant):
        enterprise.move(negotiated, "won", facts=SIGNED, at=datetime(2026, 4, 1), by=rep)  # noqa: DTZ001
    with pytest.raises(NaiveInstant):
        enterprise.rotting(negotiated, datetime(2026, 4, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (-5, (0, False, 0)),
        (0, (0, False, 0)),
        (14 * 24 - 1, (13, False, 0)),
        (14 * 24, (14, True, 0)),
        (20 * 24, (20, True, 6)),
    ],
)
def test_a_deal_rots_after_the_full_days_of_its_stage(
    enterprise: Pipeline, deal: Deal, hours: int, expected: tuple[int, bool, int]
) -> None:
    answer = enterprise.rotting(deal, MONDAY + timedelta(hours=hours))

    assert answer.limit == 14
    assert (answer.days, bool(answer), answer.overdue_days) == expected


def test_a_stage_without_limit_never_rots(enterprise: Pipeline, negotiated: Deal) -> None:
    answer = enterprise.rotting(negotiated, _day(1000))

    assert (answer.limit, answer.is_rotting, answer.overdue_days) == (None, False, 0)


def test_a_deal_is_not_opened_unless_the_initial_stage_lets_it_in(rep: Actor) -> None:
    pipeline = PipelineDefinition(
        id="tender",
        version=1,
        initial="call",
        facts={"call.public": "bool"},
        stages=(
            Stage(
                "call",
                probability=Percent(5),
                required=("amount",),
                entry=(Condition("public", "call.public"),),
            ),
            Stage("won", kind=StageKind.WON),
        ),
        transitions=(Transition("call", "won"),),
    ).compile()

    with pytest.raises(MoveRefused) as refusal:
        pipeline.open(id="d-1", name="Bridge", at=MONDAY, by=rep)
    deal, _ = pipeline.open(
        id="d-1", name="Bridge", amount=Money(10**6, "EUR"), facts={"call.public": True}, at=MONDAY, by=rep
    )

    assert [unmet.what for unmet in refusal.value.decision.unmet] == ["amount", "public"]
    assert deal.stage == "call"


def test_a_deal_kept_elsewhere_is_taken_over_as_it_is(enterprise: Pipeline, rep: Actor) -> None:
    deal, (event,) = enterprise.adopt(
        id="old-1",
        name="Old",
        stage="won",
        opened_at=datetime(2017, 1, 5, tzinfo=UTC),
        stage_since=datetime(2017, 3, 1, tzinfo=UTC),
        amount=Money(1054, "USD"),
        at=MONDAY,
        by=rep,
    )

    assert (deal.status, deal.closed_on, deal.probability.value) == (
        StageKind.WON,
        date(2017, 3, 1),
        Percent(100),
    )
    assert (event.adopted, event.at) == (True, MONDAY)


def test_what_is_taken_over_must_fit_its_stage(enterprise: Pipeline, rep: Actor) -> None:
    start = datetime(2017, 1, 5, tzinfo=UTC)

    with pytest.raises(UnknownState):
        enterprise.adopt(id="o", name="O", stage="engaging", opened_at=start, at=MONDAY, by=rep)
    with pytest.raises(InvalidInput):
        enterprise.adopt(
            id="o", name="O", stage="proposal", opened_at=start, closed_on=date(2017, 2, 1), at=MONDAY, by=rep
        )


def test_the_hosts_own_mapping_is_copied(enterprise: Pipeline, rep: Actor) -> None:
    fields = {"decision_maker": "Ada"}
    deal, _ = enterprise.open(id="d-1", name="Acme", fields=fields, at=MONDAY, by=rep)

    fields.clear()

    assert deal.fields == {"decision_maker": "Ada"}


def test_days_in_a_stage_are_full_days_of_24_hours_whatever_the_clock_says(
    enterprise: Pipeline, rep: Actor
) -> None:
    # Berlin put its clocks forward on 2026-03-29: from 09:00 to 09:00 the next day are 23 hours.
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 3, 28, 9, tzinfo=berlin)
    deal, _ = enterprise.open(id="d-9", name="x", at=start, by=rep)

    _, (moved,) = enterprise.move(deal, "lost", loss_reason="price", at=start + timedelta(days=1), by=rep)

    assert isinstance(moved, DealMoved)
    assert moved.days_in_stage == 0
    assert enterprise.rotting(deal, start + timedelta(days=1)).days == 0


def test_a_move_in_the_hour_that_the_clock_repeats_is_no_step_back(enterprise: Pipeline, rep: Actor) -> None:
    # Berlin put its clocks back on 2026-10-25 at 03:00: 02:10 came again after 02:30.
    berlin = ZoneInfo("Europe/Berlin")
    deal, _ = enterprise.open(id="d-9", name="x", at=datetime(2026, 10, 25, 2, 30, tzinfo=berlin), by=rep)

    moved, _ = enterprise.move(
        deal, "lost", loss_reason="price", at=datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=berlin), by=rep
    )

    assert moved.stage == "lost"


def test_a_detail_that_no_deal_has_is_refused_and_not_dropped(enterprise: Pipeline, rep: Actor) -> None:
    with pytest.raises(InvalidInput, match="ammount"):
        enterprise.open(id="d-9", name="x", at=MONDAY, by=rep, ammount=Money(5, "EUR"))  # type: ignore[call-arg]


def test_what_a_waiver_found_on_a_deal_is_forgotten_with_its_contact(rep: Actor) -> None:
    pipeline = PipelineDefinition(
        id="p",
        version=1,
        initial="new",
        fields={"decision_maker": "text"},
        stages=(
            Stage("new"),
            Stage("won", kind=StageKind.WON, entry=(Condition("who", "deal.decision_maker == 'Bo'"),)),
            Stage("lost", kind=StageKind.LOST),
        ),
        transitions=(Transition("new", "won"), Transition("new", "lost")),
    ).compile()
    deal, _ = pipeline.open(
        id="d-9",
        name="x",
        at=MONDAY,
        by=rep,
        contact=ContactId("c-1"),
        fields={"decision_maker": "Wilhelmina"},
    )

    _, (waived, _moved) = pipeline.move(
        deal, "won", at=MONDAY, by=rep, override=Override(Actor("boss"), "she is away")
    )

    assert isinstance(waived, ConditionsWaived)
    assert waived.waived[0].found == "Wilhelmina"
    blank = blanked(waived, frozenset({Ref("Contact", "c-1")}))
    assert [(unmet.what, unmet.found) for unmet in blank.waived] == [("who", None)]


def test_rotting_is_asked_at_an_instant_and_not_a_day(enterprise: Pipeline, deal: Deal) -> None:
    with pytest.raises(NotAnInstant):
        enterprise.rotting(deal, MONDAY.date())  # type: ignore[arg-type]
