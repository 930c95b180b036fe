from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import exp
from typing import Any

import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.pipeline.leads import (
    Assigner,
    AssignmentPolicy,
    FairnessReport,
    Lead,
    LeadAssigned,
    Member,
    MemberShare,
    Score,
    assign,
    fairness,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
BY = Actor("crm")


def lead(number: int, points: int = 0, **fields: Any) -> Lead:
    return Lead(
        id=f"l{number}", created_at=NOW, score=Score(points=points, band=None) if points else None, **fields
    )


def given(leads: list[Lead], owners: str, hour: int = 0) -> list[LeadAssigned]:
    events = []
    for place, (one, owner) in enumerate(zip(leads, owners, strict=True)):
        _, told = assign(one, owner, at=NOW + timedelta(hours=hour + place), by=BY)
        events += [event for event in told if isinstance(event, LeadAssigned)]
    return events


def team(*members: Member) -> Assigner:
    return AssignmentPolicy(id="team", members=members).compile()


def report(assigner: Assigner, leads: list[Lead], owners: str, **settings: Any) -> FairnessReport:
    return fairness(assigner, leads, given(leads, owners), since=NOW, until=NOW + 2 * DAY, **settings)


def by_person(found: FairnessReport) -> dict[str, MemberShare]:
    return {share.person: share for share in found.members}


AB = (Member(person="a"), Member(person="b"))


def test_equal_numbers_are_fair() -> None:
    found = report(team(*AB), [lead(n) for n in range(10)], "ababababab")

    assert [(share.leads, share.expected) for share in found.members] == [(5, Decimal(5))] * 2
    assert (found.jain.value, found.gini.value) == (Decimal(1), Decimal(0))
    assert found.p_value.value == 1


def test_one_who_gets_everything_shows() -> None:
    found = report(team(*AB), [lead(n) for n in range(10)], "aaaaaaaaaa")

    # Jain: 10^2 / (2 * 10^2); Gini of (0, 2): 1/2; chi-square: 2 * 5^2 / 5 = 10 with 1 degree of freedom
    assert (found.jain.value, found.gini.value) == (Decimal("0.5"), Decimal("0.5"))
    assert found.p_value.value == pytest.approx(0.001565402, rel=1e-6)


def test_a_fair_share_follows_the_capacity() -> None:
    members = (Member(person="a", capacity=30), Member(person="b", capacity=10))

    found = report(team(*members), [lead(n) for n in range(8)], "aaaaaabb")

    assert [f"{share.expected} {share.ratio}" for share in found.members] == ["6 1", "2 1"]
    assert (str(found.jain.value), found.p_value.flag) == ("1", "too_few_leads")


def test_a_fair_share_counts_only_leads_that_a_member_could_take() -> None:
    members = (
        Member(person="a"),
        Member(person="b", takes="lead.country == 'DE'"),
        Member(person="c", opted_out=True),
    )
    leads = [lead(n, country="DE" if n < 4 else "FR") for n in range(10)]

    found = report(team(*members), leads, "bbbbaaaaaa")

    # b shares 4 leads with a: 2 each; the other 6 are for a alone; c takes nothing
    assert [share.expected for share in found.members] == [8, 2, 0]
    assert by_person(found)["b"].ratio == 2
    assert by_person(found)["c"].ratio is None
    assert round(found.jain.required(), 10) == Decimal(
        "0.8287671233"
    )  # (3/4 + 2)^2 / (2 (9/16 + 4)) = 121/146


def test_members_who_share_no_lead_leave_no_choice() -> None:
    members = (
        Member(person="a", takes="lead.country == 'FR'"),
        Member(person="b", takes="lead.country == 'DE'"),
    )
    leads = [lead(n, country="DE" if n < 9 else "FR") for n in range(10)]

    found = report(team(*members), leads, "bbbbbbbbba")

    assert (str(found.jain.value), found.p_value.flag) == ("1", "no_choice")


def test_a_member_who_gets_only_bad_leads_shows_though_the_numbers_are_equal() -> None:
    leads = [lead(n, points=10 if n % 2 else 90) for n in range(10)]

    found = report(team(*AB), leads, "ababababab")

    assert found.jain.value == 1
    good, bad = found.members
    assert [good.worth, bad.worth, bad.expected_worth] == [Decimal(450), Decimal(50), Decimal(250)]
    assert (good.worth_ratio, bad.worth_ratio) == (Decimal("1.8"), Decimal("0.2"))
    assert round(found.jain_worth.required(), 10) == Decimal("0.6097560976")  # 4 / (2 * 3.28)


def test_the_host_may_say_what_a_lead_is_worth() -> None:
    found = report(team(*AB), [lead(1), lead(2)], "ab", worth={"l1": "1000.50", "l2": 0})

    assert [share.worth for share in found.members] == [Decimal("1000.50"), 0]
    assert [share.expected_worth for share in found.members] == [Decimal("500.25")] * 2


def test_the_longest_time_without_a_lead_reaches_to_the_ends_of_the_time() -> None:
    leads = [lead(n) for n in range(3)]

    found = report(team(*AB), leads, "aba")  # at 0, 1 and 2 o'clock of the first of two days

    assert by_person(found)["a"].longest_idle == timedelta(hours=46)
    assert by_person(found)["b"].longest_idle == timedelta(hours=47)


def test_events_of_other_times_and_people_are_told_apart() -> None:
    leads = [lead(1), lead(2)]
    events = [*given([leads[0]], "a", hour=-1), *given([leads[1]], "z"), *given([lead(3)], "a", hour=48)]

    found = fairness(team(*AB), leads, events, since=NOW, until=NOW + 2 * DAY)

    assert (found.leads, found.others) == (0, 1)
    assert (found.jain.flag, found.gini.flag) == ("nothing_given", "nothing_given")


def test_three_members_have_two_degrees_of_freedom() -> None:
    members = (*AB, Member(person="c"))

    found = report(team(*members), [lead(n) for n in range(15)], "aaaaaaaabbbbccc")

    # (3^2 + 1^2 + 2^2) / 5 = 2.8, whose tail with 2 degrees of freedom is exp(-1.4)
    assert found.p_value.value == pytest.approx(exp(-1.4), rel=1e-12)
