from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.pipeline.leads import (
    DuplicateDefault,
    Lead,
    NoAgreement,
    ResponseAgreement,
    ResponsePolicy,
    UnknownCalendar,
    answer,
)

REP = Actor("li.wei")
TEN = datetime(2024, 1, 1, 10, tzinfo=UTC)  # a Monday
CALENDARS = {
    "office": BusinessCalendar.weekly("mon-fri"),
    "hotline": BusinessCalendar.weekly("mon-sun"),
}
TEXT = """
facts = { contract = "bool" }

[[agreements]]
id = "usual"
within = "PT8H"
rolling = "PT4H"
default = true

[[agreements]]
id = "urgent"
when = "lead.priority >= 2 and contract"
within = "PT1H"
calendar = "hotline"

[[agreements]]
id = "fair"
when = "lead.source == 'fair'"
within = "PT16H30M"

[[agreements]]
id = "deals"
record_type = "deal"
within = "PT8H"
default = true
"""


def lead(**known: Any) -> Lead:
    return Lead(id="l1", name="Ana", created_at=TEN, **known)


@pytest.fixture
def policy(tmp_path: Path) -> ResponsePolicy:
    file = tmp_path / "responses.toml"
    file.write_text(TEXT, encoding="utf-8")
    return ResponsePolicy.load(file)


def test_the_first_agreement_that_fits_holds_and_else_the_default(policy: ResponsePolicy) -> None:
    cases = [
        (lead(), None, "usual"),
        (lead(priority=2), None, "usual"),
        (lead(priority=2), {"contract": True}, "urgent"),
        (lead(priority=2, source="fair"), {"contract": True}, "urgent"),
        (lead(source="fair"), {"contract": True}, "fair"),
    ]

    for one, facts, wanted in cases:
        agreed = policy.agreement(one, facts)
        assert agreed is not None
        assert agreed.id == wanted


def test_the_clock_counts_in_the_hours_of_the_agreement(policy: ResponsePolicy) -> None:
    usual, _ = policy.start(lead(), CALENDARS, at=TEN, by=REP)
    urgent, _ = policy.start(lead(priority=2), CALENDARS, {"contract": True}, at=TEN, by=REP)

    assert usual.first_response_due == datetime(2024, 1, 2, 10, tzinfo=UTC)
    assert urgent.first_response_due == datetime(2024, 1, 1, 11, tzinfo=UTC)
    assert policy.start(usual, CALENDARS, at=TEN, by=REP) == (usual, ())


def test_later_messages_have_the_rolling_time(policy: ResponsePolicy) -> None:
    talk, _ = answer(lead(), at=TEN, by=REP)

    talk, _ = policy.message(talk, CALENDARS, at=TEN.replace(hour=15), by=REP)

    assert talk.responses[-1].due == datetime(2024, 1, 2, 11, tzinfo=UTC)


USUAL = ResponseAgreement(id="usual", within=timedelta(hours=8), default=True)


def test_two_defaults_of_one_record_type_are_refused() -> None:
    with pytest.raises(DuplicateDefault) as caught:
        ResponsePolicy(agreements=(USUAL, attrs.evolve(USUAL, id="other")))

    assert (caught.value.code, caught.value.record_type) == ("duplicate_default", "lead")
    assert caught.value.agreements == ("usual", "other")
    ResponsePolicy(agreements=(USUAL, attrs.evolve(USUAL, id="other", record_type="deal")))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"default": False, "when": "lead.priority > 1"}, "no_default"),
        ({"default": False}, "no_condition"),
        ({"within": timedelta(0)}, "no_time"),
        ({"rolling": timedelta(hours=-1)}, "no_time"),
        ({"when": "lead.prioity > 1"}, ""),
        ({"when": "lead.priority >"}, ""),
    ],
)
def test_an_agreement_that_cannot_work_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        ResponsePolicy(agreements=(attrs.evolve(USUAL, **changes),))

    assert not code or code in {finding.code for finding in caught.value.findings}


@pytest.mark.parametrize(
    "text",
    [
        "agreements = 5",
        *(
            f"agreements = [{{ id = 'a', within = '{text}', default = true }}]"
            for text in ("soon", "P2D", "PT", "8", "PT8H ")
        ),
        "[",
        "agrements = []",
    ],
)
def test_a_file_that_is_no_policy_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "responses.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidInput):
        ResponsePolicy.load(file)


def test_an_agreement_needs_its_calendar() -> None:
    policy = ResponsePolicy(agreements=(attrs.evolve(USUAL, calendar="ofice"),))

    with pytest.raises(UnknownCalendar, match="did you mean 'office'"):
        policy.start(lead(), CALENDARS, at=TEN, by=REP)


def test_a_policy_about_other_records_leaves_leads_alone() -> None:
    policy = ResponsePolicy(agreements=(attrs.evolve(USUAL, record_type="deal"),))

    assert policy.start(lead(), CALENDARS, at=TEN, by=REP) == (lead(), ())
    with pytest.raises(NoAgreement):
        policy.message(lead(), CALENDARS, at=TEN, by=REP)


def test_an_agreement_has_an_id_and_a_duration() -> None:
    for changes, code in (
        ({"id": " "}, "no_id"),
        ({"within": 8}, "no_time"),
        ({"rolling": "PT1H"}, "no_time"),
    ):
        fields: dict[str, Any] = {"id": "usual", "within": timedelta(hours=8), "default": True}
        with pytest.raises(InvalidDefinition) as error:
            ResponsePolicy(agreements=(ResponseAgreement(**(fields | changes)),))
        assert [finding.code for finding in error.value.findings] == [code]
