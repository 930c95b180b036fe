from __future__ import annotations

import pickle
import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import LeadId, PersonId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.formula import FactType
from salesmgmt.core.money import Money
from salesmgmt.pipeline.leads import (
    Absence,
    Assigner,
    AssignmentMethod,
    AssignmentPolicy,
    AssignmentReason,
    AssignmentRules,
    CannotAssign,
    CapacityLimit,
    Distribution,
    Given,
    InvalidQuota,
    Lead,
    LeadAssigned,
    LeadGivenTwice,
    LeadOrder,
    LeadStatus,
    LeftReason,
    Load,
    Member,
    NotAMember,
    PassedOver,
    PassedOverReason,
    Score,
    assign,
    daily_quota,
    loads_from,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY = Actor("crm")
ADA, BO, CARLA = PersonId("ada"), PersonId("bo"), PersonId("carla")


def lead(number: int, **fields: Any) -> Lead:
    return Lead(id=f"l{number:02}", created_at=NOW + timedelta(minutes=number), **fields)


def team(
    *members: Member, facts: Mapping[str, FactType] | None = None, rules: AssignmentRules | None = None
) -> Assigner:
    return AssignmentPolicy(
        id="north", facts=facts or {}, members=members, rules=rules or AssignmentRules()
    ).compile()


def who(shared: Distribution) -> dict[str, str]:
    return {given.lead: given.owner for given in shared.assignments}


THREE = (Member(person=ADA), Member(person=BO), Member(person=CARLA))


def test_leads_go_round_oldest_first() -> None:
    shared = team(*THREE).distribute([lead(n) for n in (3, 1, 4, 2)], at=NOW)

    assert who(shared) == {"l01": ADA, "l02": BO, "l03": CARLA, "l04": ADA}
    assert [given.reason for given in shared.assignments] == [
        *[AssignmentReason.NEVER_ASSIGNED] * 3,
        AssignmentReason.LONGEST_IDLE,
    ]


def test_who_has_waited_longest_is_next_and_who_never_had_one_before_all() -> None:
    loads = [
        Load(person=ADA, last_at=NOW - timedelta(hours=1)),
        Load(person=BO, last_at=NOW - timedelta(hours=2)),
    ]

    shared = team(*THREE).distribute([lead(n) for n in range(3)], loads, at=NOW)

    assert list(who(shared).values()) == [CARLA, BO, ADA]


def test_thirty_single_leads_are_shared_evenly() -> None:
    # odoo test_crm_lead_assignment.py, fairness test: its random ties end 11 to 19
    assigner, loads = team(Member(person=ADA, capacity=150), Member(person=BO, capacity=150)), ()
    owners: Counter[str] = Counter()
    for run in range(30):
        shared = assigner.distribute([lead(run)], loads, at=NOW + timedelta(hours=25 * run))
        loads = shared.loads  # type: ignore[assignment]
        owners.update(given.owner for given in shared.assignments)

    assert owners == {ADA: 15, BO: 15}


@pytest.mark.parametrize("from_events", [False, True])
def test_batches_of_one_instant_stay_fair(from_events: bool) -> None:
    assigner, loads = team(*THREE[:2]), ()
    events: list[LeadAssigned] = []
    owners: Counter[str] = Counter()
    for run in range(4):
        leads = [lead(3 * run + n) for n in range(3)]
        at = NOW + timedelta(days=run)
        shared = assigner.distribute(leads, loads, at=at)
        for lead_, given_ in zip(leads, shared.assignments, strict=True):
            _, told = assign(lead_, given_.owner, reason=given_.reason, turn=given_.turn, at=at, by=BY)
            events += told  # type: ignore[arg-type]
        loads = loads_from(events, at=at) if from_events else shared.loads  # type: ignore[assignment]
        owners.update(who(shared).values())

    assert owners == {ADA: 6, BO: 6}


def test_a_full_member_is_passed_over_and_a_full_team_leaves_leads() -> None:
    shared = team(Member(person=ADA, capacity=1), Member(person=BO, capacity=2)).distribute(
        [lead(n) for n in range(4)], [Load(person=BO, given=(Given(at=NOW, leads=1),), last_at=NOW)], at=NOW
    )

    assert who(shared) == {"l00": ADA, "l01": BO}
    assert [(left.lead, left.code) for left in shared.left] == [
        ("l02", LeftReason.NO_TAKER),
        ("l03", LeftReason.NO_TAKER),
    ]
    assert shared.left[0].passed_over == (
        PassedOver(
            people=(ADA,), code=PassedOverReason.FULL, wanted="fewer than 1 leads in the last 30 days"
        ),
        PassedOver(people=(BO,), code=PassedOverReason.FULL, wanted="fewer than 2 leads in the last 30 days"),
    )


def test_filters_say_why_not_and_keep_the_place_in_the_queue() -> None:
    assigner = team(
        Member(person=ADA, takes="lead.country == 'DE' and lead.fields.employees >= 10"),
        Member(person=BO),
        facts={"lead.fields.employees": "number"},
    )
    leads = [
        lead(1, country="FR", fields={"employees": 50}),
        lead(2, country="DE", fields={"employees": 50}),
        lead(3, country="DE", fields={"employees": 5}),
    ]

    shared = assigner.distribute(leads, at=NOW)

    assert who(shared) == {"l01": BO, "l02": ADA, "l03": BO}
    assert shared.assignments[0].passed_over == (
        PassedOver(
            people=(ADA,),
            code=PassedOverReason.FILTER,
            wanted="lead.country == 'DE' and lead.fields.employees >= 10",
        ),
    )
    why = assigner.why_not(leads[2], ADA)
    assert why is not None
    assert (why.condition, why.found) == ("lead.fields.employees >= 10", {"lead.fields.employees": 5})
    assert assigner.why_not(leads[1], ADA) is None


def test_facts_of_a_lead_reach_the_filters() -> None:
    assigner = team(Member(person=ADA, takes="visits > 3"), facts={"visits": "number"})

    shared = assigner.distribute([lead(1), lead(2)], facts={LeadId("l02"): {"visits": 4}}, at=NOW)

    assert who(shared) == {"l02": ADA}
    assert [left.lead for left in shared.left] == ["l01"]


def test_owned_and_closed_leads_are_left_alone_and_absent_members_take_nothing() -> None:
    leads = [
        lead(1, owner=BO),
        lead(2, status=LeadStatus.CONVERTED),
        lead(3, status=LeadStatus.UNQUALIFIED),
        lead(4),
    ]

    shared = team(Member(person=ADA, available=False), Member(person=BO)).distribute(leads, at=NOW)

    assert who(shared) == {"l04": BO}
    assert [(left.lead, left.code) for left in shared.left] == [
        ("l01", LeftReason.OWNED),
        ("l02", LeftReason.CLOSED),
        ("l03", LeftReason.CLOSED),
    ]


@given(
    st.lists(st.sampled_from(["DE", "FR"]), max_size=12),
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
    st.randoms(use_true_random=False),
)
def test_any_order_gives_the_same_answer_within_capacity_and_loses_no_lead(
    countries: list[str], capacities: list[int], dice: random.Random
) -> None:
    members = tuple(
        Member(person=person, capacity=capacity, takes=takes)
        for person, capacity, takes in zip(
            (ADA, BO, CARLA), capacities, ("", "lead.country == 'DE'", ""), strict=True
        )
    )
    leads = [lead(number, country=country) for number, country in enumerate(countries)]
    shuffled = list(leads)
    dice.shuffle(shuffled)

    shared = team(*members).distribute(leads, at=NOW)

    assert shared == team(*members).distribute(shuffled, at=NOW)
    assert sorted([*who(shared), *(left.lead for left in shared.left)]) == [one.id for one in leads]
    taken = Counter(who(shared).values())
    assert all(taken[member.person] <= (member.capacity or 0) for member in members)
    assert {load.person: load.taken(timedelta(days=1), at=NOW) for load in shared.loads} == {
        person: taken[person] for person in (ADA, BO, CARLA)
    }


def test_a_lead_gets_an_owner_and_a_new_one() -> None:
    owned, (first,) = assign(lead(1), ADA, reason="longest_idle", at=NOW, by=BY)
    moved, (second,) = assign(owned, BO, at=NOW, by=BY)

    assert (owned.owner, moved.owner) == (ADA, BO)
    assert isinstance(first, LeadAssigned)
    assert isinstance(second, LeadAssigned)
    assert (first.previous, first.reason, second.previous) == (None, "longest_idle", ADA)
    assert assign(moved, BO, at=NOW, by=BY) == (moved, ())


@pytest.mark.parametrize("status", [LeadStatus.CONVERTED, LeadStatus.MERGED])
def test_a_lead_that_became_something_else_gets_no_owner(status: LeadStatus) -> None:
    with pytest.raises(CannotAssign) as caught:
        assign(lead(1, status=status), ADA, at=NOW, by=BY)

    assert caught.value.status is status


def test_an_assigner_is_pickled_as_its_policy() -> None:
    assigner = team(*THREE)

    assert pickle.loads(pickle.dumps(assigner)).policy == assigner.policy


def test_a_policy_is_read_from_toml(tmp_path: Path) -> None:
    file = tmp_path / "north.toml"
    file.write_text(
        'id = "north"\n[[members]]\nperson = "ada"\ncapacity = 0\n'
        "[[members]]\nperson = 'bo'\ntakes = \"lead.source == 'fair'\"\n",
        encoding="utf-8",
    )

    policy = AssignmentPolicy.load(file)

    assert policy.members[1] == Member(person=BO, takes="lead.source == 'fair'")
    assert [finding.code for finding in policy.findings] == ["no_capacity"]
    assert attrs.evolve(policy, members=policy.members[1:]).findings == ()


def test_a_lead_that_is_given_twice_gets_one_owner() -> None:
    assigner = AssignmentPolicy(id="n", members=(Member(person=ADA), Member(person=BO))).compile()

    shared = assigner.distribute([lead(1), lead(2), lead(1)], at=NOW)

    assert [(given.lead, given.owner) for given in shared.assignments] == [("l01", ADA), ("l02", BO)]


def test_leads_are_given_out_at_an_instant_with_a_time_zone() -> None:
    assigner = AssignmentPolicy(id="n", members=(Member(person=ADA),)).compile()

    with pytest.raises(NaiveInstant):
        assigner.distribute([lead(1)], at=NOW.replace(tzinfo=None))


def test_two_states_of_one_lead_count_once_the_later_one() -> None:
    early, late = lead(1, version=1), lead(1, version=2, owner=BO)

    for batch in ([early, late], [late, early]):
        assert [left.code for left in team(*THREE).distribute(batch, at=NOW).left] == [LeftReason.OWNED]
    with pytest.raises(LeadGivenTwice):
        team(*THREE).distribute([lead(1), lead(1, country="FR")], at=NOW)


def rules(method: AssignmentMethod, **settings: Any) -> AssignmentRules:
    return AssignmentRules(method=method, **settings)


def test_round_robin_goes_on_behind_the_last_owner_and_whoever_cannot_loses_the_turn() -> None:
    assigner = team(
        Member(person=ADA),
        Member(person=BO, takes="lead.country == 'DE'"),
        Member(person=CARLA),
        rules=rules(AssignmentMethod.ROUND_ROBIN),
    )
    loads = [
        Load(person=CARLA, last_at=NOW - timedelta(hours=2)),
        Load(person=ADA, last_at=NOW - timedelta(hours=1)),
    ]
    countries = ("FR", "DE", "DE", "FR", "DE")

    shared = assigner.distribute([lead(n, country=c) for n, c in enumerate(countries)], loads, at=NOW)

    # after ada: bo cannot, carla; then ada, bo; then carla, ada
    assert list(who(shared).values()) == [CARLA, ADA, BO, CARLA, ADA]
    assert shared.assignments[0].passed_over[0].people == (BO,)


def test_the_least_busy_gets_the_lead_and_of_equal_ones_the_longest_idle() -> None:
    loads = [
        Load(person=ADA, open_leads=3),
        Load(person=BO, open_leads=1, last_at=NOW - timedelta(hours=1)),
        Load(person=CARLA, open_leads=1, last_at=NOW - timedelta(hours=2)),
    ]

    shared = team(*THREE, rules=rules(AssignmentMethod.LEAST_BUSY)).distribute(
        [lead(n) for n in range(7)], loads, at=NOW
    )

    # 3,1,1: carla; 3,1,2: bo; 3,2,2: carla, then bo; all at 3: ada never had one, then carla, then bo
    assert list(who(shared).values()) == [CARLA, BO, CARLA, BO, ADA, CARLA, BO]
    assert {load.person: load.open_leads for load in shared.loads} == {ADA: 4, BO: 4, CARLA: 4}


def test_capacity_weighs_as_the_divisor_method_of_webster_does() -> None:
    # Quotients (taken + 1/2) / capacity: for 3 : 2 : 1 the first six leads are 3, 2 and 1.
    members = (
        Member(person=ADA, capacity=30),
        Member(person=BO, capacity=20),
        Member(person=CARLA, capacity=10),
    )
    assigner = team(*members, rules=rules(AssignmentMethod.CAPACITY_WEIGHTED, limit=CapacityLimit.NONE))

    shared = assigner.distribute([lead(n) for n in range(60)], at=NOW)

    assert Counter(list(who(shared).values())[:6]) == {ADA: 3, BO: 2, CARLA: 1}
    assert Counter(who(shared).values()) == {ADA: 30, BO: 20, CARLA: 10}


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (LeadOrder.OLDEST, ["l01", "l02", "l03"]),
        (LeadOrder.NEWEST, ["l03", "l02", "l01"]),
        (LeadOrder.HIGHEST_SCORE, ["l02", "l01", "l03"]),
        (LeadOrder.HIGHEST_PRIORITY, ["l03", "l02", "l01"]),
    ],
)
def test_the_first_lead_is_the_one_that_the_rules_name(order: LeadOrder, expected: list[str]) -> None:
    leads = [lead(1), lead(2, score=Score(points=40, band=None)), lead(3, priority=2)]

    shared = team(Member(person=ADA), rules=AssignmentRules(order=order)).distribute(leads, at=NOW)

    assert list(who(shared)) == expected


def test_obstacles_are_told_apart() -> None:
    assigner = team(
        Member(person="away", absences=(Absence(first=date(2026, 3, 1), last=date(2026, 3, 2)),)),
        Member(person="gone", available=False),
        Member(person="out", opted_out=True),
        Member(person="none", capacity=0),
        Member(person="little", capacity=14),
        rules=AssignmentRules(limit=CapacityLimit.DAY),
    )

    (left,) = assigner.distribute([lead(1)], at=NOW).left

    assert {each.people[0]: each.code.value for each in left.passed_over} == {
        "away": "absent",
        "gone": "unavailable",
        "out": "opted_out",
        "none": "no_capacity",
        "little": "no_capacity",  # 14 / 30 rounds to no lead a day
    }


@pytest.mark.parametrize(
    ("at", "is_away"),
    [
        (datetime(2026, 3, 1, 22, 59, tzinfo=UTC), False),  # 23:59 in Berlin
        (datetime(2026, 3, 1, 23, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 2, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 2, 23, 0, tzinfo=UTC), False),
    ],
)
def test_an_absence_goes_by_the_clock_of_the_rules(at: datetime, is_away: bool) -> None:
    day = date(2026, 3, 2)
    assigner = team(
        Member(person=ADA, absences=(Absence(first=day, last=day),)),
        rules=AssignmentRules(time_zone="Europe/Berlin"),
    )

    assert bool(assigner.distribute([lead(1)], at=at).left) == is_away


def test_a_filter_without_an_answer_is_told_and_stops_nobody_else() -> None:
    assigner = team(
        Member(person=ADA, takes="lead.fields.employees >= 10"),
        Member(person=BO),
        facts={"lead.fields.employees": "number"},
    )

    shared = assigner.distribute(
        [lead(1, fields={"employees": "many"}), lead(2, fields={"employees": Decimal(12)})], at=NOW
    )

    assert who(shared) == {"l01": BO, "l02": ADA}
    assert [each.code for each in shared.assignments[0].passed_over] == [PassedOverReason.UNDECIDED]


def test_a_part_that_cannot_be_asked_does_not_hide_one_that_decides() -> None:
    assigner = team(
        Member(person=ADA, takes="lead.country == 'DE' and lead.fields.budget >= 10 EUR"),
        facts={"lead.fields.budget": "money"},
    )
    leads = [
        lead(1, country="FR", fields={"budget": Money(20, "USD")}),
        lead(2, country="DE", fields={"budget": Money(20, "USD")}),
    ]

    codes = [left.passed_over[0].code for left in assigner.distribute(leads, at=NOW).left]

    assert codes == [PassedOverReason.FILTER, PassedOverReason.UNDECIDED]


@pytest.mark.parametrize(
    ("capacity", "settings", "expected"),
    [
        (30, {}, "1"),
        (45, {}, "2"),  # 1.5
        (75, {"rounding": "half_even"}, "2"),  # 2.5
        (75, {}, "3"),
        (59, {"rounding": "down"}, "1"),
        (31, {"rounding": "up"}, "2"),
        (45, {"rounding": None}, "1.5"),
        (45, {"assigned": 30}, "-28"),
        ("22", {"days": 22}, "1"),
    ],
)
def test_a_daily_quota_is_the_capacity_of_a_day_less_what_was_assigned(
    capacity: int, settings: dict[str, Any], expected: str
) -> None:
    assert daily_quota(capacity, **settings) == Decimal(expected)


@pytest.mark.parametrize(
    "settings", [{"capacity": -1}, {"capacity": 30, "days": 0}, {"capacity": 30, "assigned": -1}]
)
def test_a_quota_of_nonsense_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidQuota):
        daily_quota(**settings)


def test_somebody_else_is_no_member() -> None:
    with pytest.raises(NotAMember):
        team(*THREE).why_not(lead(1), "zoe")


def test_loads_that_contradict_each_other_are_refused_together() -> None:
    busy = Load(person=ADA, given=(Given(at=NOW, leads=3),))
    loads = [busy, busy, Load(person=ADA), Load(person=BO, given=(Given(at=NOW, leads=-5),))]

    with pytest.raises(InvalidInput) as caught:
        team(*THREE).distribute([lead(1)], loads, at=NOW)

    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("ada", "twice"),
        ("bo.given", "out_of_range"),
    ]


def test_the_last_24_hours_are_hours_however_an_instant_is_written() -> None:
    berlin = ZoneInfo("Europe/Berlin")  # the clocks went forward on 29 March 2026: 23 hours from noon to noon
    noon, next_noon = datetime(2026, 3, 28, 12, tzinfo=berlin), datetime(2026, 3, 29, 12, tzinfo=berlin)
    load = Load(person=ADA, given=(Given(at=noon, leads=1),))

    assert load.taken(timedelta(days=1), at=next_noon) == 1
    assert load.taken(timedelta(days=1), at=next_noon.astimezone(UTC)) == 1
    assert load.taken(timedelta(hours=23), at=next_noon) == 0


@pytest.mark.parametrize("days", [0, -1, 367, 10**9])
def test_loads_are_kept_for_a_period(days: int) -> None:
    with pytest.raises(InvalidQuota):
        loads_from([], at=NOW, days=days)


def test_what_is_known_of_others_goes_on_in_one_order() -> None:
    others = [Load(person=PersonId(name)) for name in ("zoe", "eve", "max")]

    one = team(Member(person=ADA)).distribute([lead(1)], others, at=NOW)

    assert one == team(Member(person=ADA)).distribute([lead(1)], others[::-1], at=NOW)
    assert [load.person for load in one.loads] == ["ada", "eve", "max", "zoe"]
