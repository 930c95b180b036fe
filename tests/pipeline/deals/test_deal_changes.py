from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import (
    Change,
    Deal,
    Estimate,
    EstimateOrigin,
    ForecastCategory,
    NotAProbability,
    StageKind,
    amend,
    estimate,
)

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


def test_a_judgement_is_kept_with_its_origin() -> None:
    deal, (event,) = estimate(DEAL, Percent("62.5"), origin=EstimateOrigin.MODEL, at=START, by=REP)

    assert deal.probability == Estimate(Percent("62.5"), EstimateOrigin.MODEL)
    assert (event.before, event.after) == (DEAL.probability, deal.probability)
    assert attrs.evolve(deal, probability=DEAL.probability) == DEAL


@pytest.mark.parametrize("points", ["-0.1", "100.1"])
def test_a_probability_lies_between_never_and_surely(points: str) -> None:
    with pytest.raises(NotAProbability):
        estimate(DEAL, Percent(points), origin=EstimateOrigin.USER, at=START, by=REP)
