from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput
from salesmgmt.pipeline.leads import EmptyLead, Lead, LeadAmended, Touch, amend, capture, record_touch

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei", roles={"rep"})
LEAD = Lead(id="l1", name="Ana Berg", created_at=NOW, fields={"lift": "2t"})


def test_where_a_lead_comes_from_is_its_first_touch() -> None:
    lead, _ = capture(id="l1", name="Ana", source=" fair ", campaign="spring", at=NOW, by=REP)
    quiet, _ = capture(id="l2", name="Bo", at=NOW, by=REP)

    assert lead.touches == (Touch(at=NOW, channel="fair", campaign="spring"),)
    assert quiet.touches == ()


def test_touches_that_are_known_are_taken_in_their_order() -> None:
    late, early = Touch(at=NOW, channel="web"), Touch(at=NOW - timedelta(days=9), channel="mail")

    lead, _ = capture(id="l1", name="Ana", source="web", touches=[late, early], at=NOW, by=REP)

    assert lead.touches == (early, late)


def test_a_touch_is_noted_once_and_in_its_place() -> None:
    late, early = Touch(at=NOW, channel="web"), Touch(at=NOW - timedelta(days=9), channel="mail")

    lead, _ = record_touch(LEAD, late, at=NOW, by=REP)
    lead, events = record_touch(lead, early, at=NOW, by=REP)

    assert (lead.touches, len(events)) == ((early, late), 1)
    assert record_touch(lead, early, at=NOW, by=REP) == (lead, ())


def test_everything_wrong_with_a_form_is_told_at_once() -> None:
    wrong: dict[str, Any] = {
        "email": 5,
        "city": None,
        "description": "x" * 100_001,
        "tags": "hot",
        "priority": "high",
        "campaign": ["spring"],
    }

    with pytest.raises(InvalidInput) as caught:
        capture(id="l1", name="Ana", at=NOW, by=REP, **wrong)

    assert {problem.path: problem.code for problem in caught.value.problems} == {
        **dict.fromkeys(wrong, "wrong_type"),
        "description": "too_long",
    }
    assert all(problem.wanted and len(problem.found or "") < 200 for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "converted"}, "unknown_field"),
        ({"emial": "x"}, "unknown_field"),
        ({"owner": "bo"}, "not_amended"),
        ({"fields.": "x"}, "unknown_field"),
        ({"priority": True}, "wrong_type"),
        ({"priority": Decimal("1.5")}, "wrong_type"),
        ({"priority": 10**30}, "wrong_type"),
        ({"priority": Decimal("NaN")}, "wrong_type"),
        ({"tags": [1]}, "wrong_type"),
        ({"tags": {"a": 1}}, "wrong_type"),
        ({"name": None}, "wrong_type"),
        ({5: "x"}, "unknown_field"),
    ],
)
def test_what_cannot_be_amended_is_refused_with_its_reason(changes: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        amend(LEAD, changes, at=NOW, by=REP)

    (problem,) = caught.value.problems
    assert problem.code == code


def test_a_lead_is_put_right_and_the_event_keeps_what_is_personal_apart() -> None:
    lead, (event,) = amend(
        LEAD,
        {
            "name": " Ana Bergs ",
            "city": "Bonn",
            "priority": 2,
            "tags": frozenset({"hot", " hot"}),
            "fields.lift": None,
        },
        at=NOW,
        by=REP,
    )

    assert isinstance(event, LeadAmended)
    assert (lead.name, lead.city, lead.priority, lead.tags) == ("Ana Bergs", "Bonn", 2, frozenset({"hot"}))
    assert lead.fields == {}
    assert {change.field for change in event.changes} == {"city", "priority", "tags"}
    assert {change.field for change in event.private} == {"name", "fields.lift"}


def test_nothing_new_makes_no_event() -> None:
    assert amend(LEAD, {"name": "Ana Berg ", "fields.lift": "2t"}, at=NOW, by=REP) == (LEAD, ())


def test_nobody_can_be_amended_away() -> None:
    with pytest.raises(EmptyLead):
        amend(LEAD, {"name": " "}, at=NOW, by=REP)

    named_otherwise = attrs.evolve(LEAD, email="ana@shop.test")
    assert amend(named_otherwise, {"name": " "}, at=NOW, by=REP)[0].name == ""


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"fields": {"weight": 1.5}}, "fields.weight"),
        ({"fields": {"many": 3}}, "fields.many"),
        ({"fields": {"": "x"}}, "fields['']"),
        ({"fields": {"a": "x", "list": []}}, "fields.list"),
        ({"consents": ["newsletter"]}, "consents[0]"),
        ({"touches": [Touch(at=NOW), "web"]}, "touches[1]"),
    ],
)
def test_what_a_lead_cannot_hold_is_refused_by_its_path(wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        capture(id="l1", name="Ana", at=NOW, by=REP, **wrong)

    assert [problem.path for problem in caught.value.problems] == [path]


def test_an_own_field_is_amended_with_an_exact_value_only() -> None:
    with pytest.raises(InvalidInput) as caught:
        amend(LEAD, {"fields.weight": 1.5}, at=NOW, by=REP)  # type: ignore[dict-item]

    assert caught.value.problems[0].path == "fields.weight"


@pytest.mark.parametrize(
    "value",
    [
        Decimal("NaN"),
        Decimal("Infinity"),
        datetime(2026, 3, 2),  # noqa: DTZ001 - what is refused
        frozenset({1.5}),
        "x" * 100_001,
    ],
)
def test_an_own_field_holds_only_what_can_be_stored(value: Any) -> None:
    with pytest.raises(InvalidInput, match=r"fields\.x"):
        capture(id="l1", name="Ana", fields={"x": value}, at=NOW, by=REP)


def test_collections_of_another_kind_are_refused() -> None:
    for given in ({"consents": None}, {"touches": 5}, {"fields": 5}):
        with pytest.raises(InvalidInput, match=next(iter(given))):
            capture(id="l1", name="Ana", at=NOW, by=REP, **given)
    lead, _ = capture(id="l1", name="Ana", at=NOW, by=REP)
    with pytest.raises(InvalidInput, match="changes"):
        amend(lead, None, at=NOW, by=REP)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="touch"):
        record_touch(lead, None, at=NOW, by=REP)  # type: ignore[arg-type]


def test_true_is_not_one() -> None:
    lead, _ = amend(LEAD, {"fields.vip": True}, at=NOW, by=REP)
    lead, (amended,) = amend(lead, {"fields.vip": Decimal(1)}, at=NOW, by=REP)
    assert lead.fields["vip"] is not True
    assert [change.before for change in amended.private] == [True]
