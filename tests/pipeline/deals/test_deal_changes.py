from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import (
    CategoryOrigin,
    Change,
    ClosedDeal,
    Deal,
    Estimate,
    EstimateOrigin,
    ForecastCategory,
    NamelessModel,
    NextStep,
    NotAProbability,
    Split,
    StageKind,
    amend,
    categorise,
    clear_category,
    clear_estimate,
    estimate,
    qualify_deal,
    set_competitors,
    set_next_step,
    set_splits,
    shipped_card,
    snooze,
)
from salesmgmt.pipeline.stages import Stage

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei")

DEAL = Deal(
    id="d-1",
    name="Acme laptops",
    pipeline="enterprise",
    pipeline_version=1,
    pipeline_digest="",
    stage="new",
    status=StageKind.OPEN,
    category=ForecastCategory.PIPELINE,
    probability=Estimate(Percent(10)),
    opened_at=START,
    stage_since=START,
    fields={"seats": Decimal(4)},
)


def test_only_what_is_different_is_told() -> None:
    deal, (event,) = amend(
        DEAL,
        {
            "amount": Money(5, "EUR"),
            "source": "",
            "expected_close": date(2026, 5, 1),
            "fields.seats": Decimal(5),
        },
        at=START,
        by=REP,
    )

    assert (deal.amount, deal.expected_close, deal.fields) == (
        Money(5, "EUR"),
        date(2026, 5, 1),
        {"seats": Decimal(5)},
    )
    assert event.changes == (
        Change("amount", None, Money(5, "EUR")),
        Change("expected_close", None, date(2026, 5, 1)),
    )
    assert event.private == (Change("fields.seats", Decimal(4), Decimal(5)),)


def test_nothing_different_is_no_event() -> None:
    assert amend(DEAL, {"name": "Acme laptops", "fields.seats": Decimal(4)}, at=START, by=REP) == (DEAL, ())


def test_none_takes_a_value_away() -> None:
    deal, _ = amend(DEAL, {"fields.seats": None}, at=START, by=REP)

    assert deal.fields == {}
    assert DEAL.fields == {"seats": Decimal(4)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stage", "won"), ("status", "won"), ("probability", Percent(5)), ("closed_on", date(2026, 1, 1)),
        ("version", 7), ("id", "x"), ("fields.", 1), ("amout", Money(1, "EUR")), ("name", None), ("source", None),
        ("amount", 5), ("amount", "5 EUR"), ("expected_close", START), ("owner", 3),
    ],
)  # fmt: skip
def test_what_cannot_be_amended_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        amend(DEAL, {name: value, "campaign": "spring"}, at=START, by=REP)  # type: ignore[dict-item]

    assert len(refusal.value.problems) == 1


def test_every_problem_is_named_and_nothing_is_applied() -> None:
    with pytest.raises(InvalidInput) as refusal:
        amend(DEAL, {"amout": Money(1, "EUR"), "name": None, "amount": 1}, at=START, by=REP)  # type: ignore[dict-item]

    assert [problem.path for problem in refusal.value.problems] == ["'amout'", "name", "amount"]
    assert "did you mean 'amount'?" in str(refusal.value)


def test_a_judgement_is_kept_with_its_origin_and_the_name_of_its_model() -> None:
    deal, (event,) = estimate(
        DEAL, Percent("62.5"), origin=EstimateOrigin.MODEL, model="age-hazard", at=START, by=REP
    )

    assert deal.probability == Estimate(Percent("62.5"), EstimateOrigin.MODEL, "age-hazard")
    assert (event.before, event.after) == (DEAL.probability, deal.probability)
    assert attrs.evolve(deal, probability=DEAL.probability) == DEAL


@pytest.mark.parametrize("points", ["-0.1", "100.1"])
def test_a_probability_lies_between_never_and_surely(points: str) -> None:
    with pytest.raises(NotAProbability):
        estimate(DEAL, Percent(points), origin=EstimateOrigin.USER, at=START, by=REP)


@pytest.mark.parametrize(
    ("origin", "model"), [("model", ""), ("user", "age-hazard"), ("stage", "age-hazard")]
)
def test_a_model_is_named_and_nothing_else_is(origin: str, model: str) -> None:
    with pytest.raises(NamelessModel):
        estimate(DEAL, Percent(5), origin=EstimateOrigin(origin), model=model, at=START, by=REP)


def test_a_judgement_taken_back_is_that_of_the_stage_again() -> None:
    stage = Stage("new", probability=Percent(10), category=ForecastCategory.PIPELINE)
    judged, _ = estimate(DEAL, Percent(80), origin=EstimateOrigin.USER, at=START, by=REP)
    judged, _ = categorise(judged, ForecastCategory.COMMIT, at=START, by=REP)

    cleared, (event,) = clear_estimate(judged, stage, at=START, by=REP)
    cleared, (given_back,) = clear_category(cleared, stage, at=START, by=REP)

    assert cleared == DEAL
    assert (event.before.origin, event.after.origin) == (EstimateOrigin.USER, EstimateOrigin.STAGE)
    assert (given_back.before_origin, given_back.after_origin) == (CategoryOrigin.USER, CategoryOrigin.STAGE)
    assert clear_estimate(cleared, stage, at=START, by=REP) == (cleared, ())
    assert clear_category(cleared, stage, at=START, by=REP) == (cleared, ())


def test_another_stage_cannot_take_a_judgement_back() -> None:
    with pytest.raises(InvalidInput, match="offer"):
        clear_estimate(DEAL, Stage("offer"), at=START, by=REP)
    with pytest.raises(InvalidInput, match="offer"):
        clear_category(DEAL, Stage("offer"), at=START, by=REP)


def test_an_open_deal_is_in_no_category_of_won_ones() -> None:
    with pytest.raises(InvalidInput, match="open deals"):
        categorise(DEAL, ForecastCategory.CLOSED, at=START, by=REP)


WON = attrs.evolve(
    DEAL, status=StageKind.WON, category=ForecastCategory.CLOSED, closed_on=START.date(), stage="won"
)


@pytest.mark.parametrize(
    "command",
    [
        lambda deal: estimate(deal, Percent(5), origin=EstimateOrigin.USER, at=START, by=REP),
        lambda deal: clear_estimate(deal, Stage("won"), at=START, by=REP),
        lambda deal: categorise(deal, ForecastCategory.COMMIT, at=START, by=REP),
        lambda deal: clear_category(deal, Stage("won"), at=START, by=REP),
        lambda deal: snooze(deal, until=START + timedelta(days=1), reason="later", at=START, by=REP),
        lambda deal: set_next_step(deal, NextStep("call"), at=START, by=REP),
        lambda deal: qualify_deal(deal, shipped_card("bant"), {"need": "stated"}, at=START, by=REP),
    ],
)
def test_a_decided_deal_refuses_what_is_for_open_ones(command: Callable[[Deal], object]) -> None:
    with pytest.raises(ClosedDeal) as refusal:
        command(WON)

    assert (refusal.value.deal, refusal.value.found) == ("d-1", "won")


def test_what_is_known_of_a_decided_deal_can_still_be_put_right() -> None:
    deal, _ = amend(WON, {"amount": Money(7, "EUR")}, at=START, by=REP)
    deal, _ = set_splits(deal, [Split("li", Percent(100))], at=START, by=REP)
    deal, _ = set_competitors(deal, ["Bolt"], at=START, by=REP)

    assert (deal.amount, deal.splits[0].person, deal.competitors) == (Money(7, "EUR"), "li", ("Bolt",))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source", "x" * 10_001), ("fields.note", "x" * 10_001), ("fields.rate", 0.5), ("fields.list", ["a"]),
        ("fields." + "x" * 20_000, "y"), ("products", ()), ("splits", ()), (7, "x"),
    ],
)  # fmt: skip
def test_hostile_values_are_refused_one_by_one(name: str, value: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        amend(DEAL, {name: value}, at=START, by=REP)  # type: ignore[dict-item]

    assert len(refusal.value.problems) == 1
    assert len(str(refusal.value)) < 1_000


@pytest.mark.parametrize(
    "value",
    [
        Decimal("NaN"),
        Decimal("Infinity"),
        datetime(2026, 3, 2),  # noqa: DTZ001 - what is refused
        frozenset({1.5}),
        frozenset({frozenset({"a"})}),
        frozenset({Decimal("NaN")}),
    ],
)
def test_an_own_field_holds_only_what_can_be_stored(value: Any) -> None:
    with pytest.raises(InvalidInput, match=r"fields\.x"):
        amend(DEAL, {"fields.x": value}, at=START, by=REP)


def test_changes_that_are_no_mapping_are_refused() -> None:
    with pytest.raises(InvalidInput, match="changes"):
        amend(DEAL, [("owner", "bo")], at=START, by=REP)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [40, Decimal("0.4"), None, "40%"])
def test_an_estimate_is_a_percentage(value: Any) -> None:
    with pytest.raises(NotAProbability, match="40 % is"):
        estimate(DEAL, value, origin=EstimateOrigin.USER, at=START, by=REP)


def test_true_is_not_one() -> None:
    deal, _ = amend(DEAL, {"fields.vip": True}, at=START, by=REP)
    deal, (amended,) = amend(deal, {"fields.vip": Decimal(1)}, at=START, by=REP)
    assert deal.fields["vip"] is not True
    assert [change.before for change in amended.private] == [True]
