from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import Event
from salesmgmt.pipeline.leads import (
    Assigner,
    AssignmentMethod,
    AssignmentPolicy,
    AssignmentReason,
    AssignmentRules,
    CannotAssign,
    CapacityLimit,
    Distribution,
    Given,
    Lead,
    LeadOrder,
    LeadStatus,
    LeftReason,
    Load,
    Member,
    SameLead,
    Score,
    Team,
    Territory,
    assign_all,
    capture,
    disqualify,
    lead_preset,
    loads_from,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY = Actor("crm")


def lead(number: int, **fields: Any) -> Lead:
    return Lead(id=f"l{number:02}", created_at=NOW + timedelta(minutes=number), **fields)


def who(shared: Distribution) -> dict[str, str]:
    return {given.lead: f"{given.team}.{given.owner}" for given in shared.assignments}


def left(shared: Distribution) -> dict[str, tuple[str, str]]:
    return {one.lead: (one.code.value, one.team) for one in shared.left}


def people(*names: str, **settings: Any) -> tuple[Member, ...]:
    return tuple(Member(person=name, **settings) for name in names)


def policy(*teams: Team, **settings: Any) -> Assigner:
    return AssignmentPolicy(id="all", teams=teams, **settings).compile()


NORTH = Team(id="north", takes="lead.country in {'SE', 'DE'}", members=people("ada", "bo", capacity=20))
SOUTH = Team(id="south", takes="lead.country in {'IT', 'DE'}", members=people("carla", capacity=20))


def test_teams_with_filters_share_what_both_want_by_their_capacities() -> None:
    assigner = policy(NORTH, SOUTH)
    countries = ["DE"] * 9 + ["IT", "SE", "FR"]

    shared = assigner.distribute([lead(n, country=c) for n, c in enumerate(countries)], at=NOW)

    teams = Counter(owner.split(".")[0] for id_, owner in who(shared).items() if id_ < "l09")
    assert teams == {"north": 6, "south": 3}  # 40 to 20
    assert who(shared)["l09"] == "south.carla"
    assert left(shared) == {"l11": ("no_team", "")}


def test_a_lead_with_a_team_stays_there_whatever_the_filters_say() -> None:
    leads = [lead(1, team="south", country="SE"), lead(2, team="west", country="SE")]

    shared = policy(NORTH, SOUTH).distribute(leads, at=NOW)

    assert who(shared) == {"l01": "south.carla"}
    assert left(shared) == {"l02": ("unknown_team", "")}


@pytest.mark.parametrize("overflow", [True, False])
def test_a_lead_that_nobody_of_its_team_takes_goes_on_or_waits(overflow: bool) -> None:
    urgent = Team(id="urgent", members=(Member(person="ada", capacity=9, takes="lead.priority > 0"),))
    assigner = policy(
        urgent, Team(id="all", members=people("bo", capacity=9)), rules=AssignmentRules(overflow=overflow)
    )

    shared = assigner.distribute([lead(1)], at=NOW)  # of two teams that are equally behind, the first

    assert who(shared) == ({"l01": "all.bo"} if overflow else {})
    assert left(shared) == ({} if overflow else {"l01": ("no_taker", "urgent")})


def test_a_lead_that_no_team_has_room_for_waits_in_the_first_one() -> None:
    assigner = policy(
        Team(id="one", members=people("ada", capacity=1)), Team(id="two", members=people("bo", capacity=1))
    )

    shared = assigner.distribute([lead(n) for n in range(3)], at=NOW)

    assert who(shared) == {"l00": "one.ada", "l01": "two.bo"}
    assert left(shared) == {"l02": ("no_taker", "one")}


TERRITORIES = (
    Territory(id="key accounts", when="lead.priority >= 3", team="south"),
    Territory(id="nordic", when="lead.country in {'SE', 'NO'}", team="north"),
    Territory(id="rest", team="south"),
)


def test_the_first_territory_that_holds_decides_and_filters_of_teams_are_not_asked() -> None:
    leads = [
        lead(1, country="SE"),
        lead(2, country="SE", priority=3),
        lead(3, country="FR"),
        lead(4, country="FR", team="north"),
    ]

    shared = policy(NORTH, SOUTH, territories=TERRITORIES).distribute(leads, at=NOW)

    assert who(shared) == {
        "l01": "north.ada",
        "l02": "south.carla",
        "l03": "south.carla",
        "l04": "north.bo",
    }
    without_rest = policy(NORTH, SOUTH, territories=TERRITORIES[:2]).distribute(leads, at=NOW)
    assert left(without_rest) == {"l03": ("no_territory", "")}


def test_a_territory_that_cannot_be_asked_leaves_the_lead() -> None:
    assigner = policy(
        NORTH,
        facts={"lead.fields.size": "number"},
        territories=(
            Territory(id="large", when="lead.fields.size > 5", team="north"),
            Territory(id="rest", team="north"),
        ),
    )

    shared = assigner.distribute([lead(1, fields={"size": "big"}), lead(2, fields={"size": 3})], at=NOW)

    assert left(shared) == {"l01": ("undecided", "")}


SAME = AssignmentRules(deduplicate=(SameLead.CONTACT, SameLead.EMAIL, SameLead.PHONE))


def test_leads_with_a_contact_or_an_address_in_common_are_one_even_through_a_third() -> None:
    leads = [
        lead(1, email="Ana Berg <ana@shop.test>"),
        lead(2, email="ANA@shop.test", contact="c1"),
        lead(3, contact="c1"),
        lead(4, email="bo@shop.test"),
        lead(5, email="bo@shop.test", owner="zoe"),
        lead(6, email="ana@shop.test", status=LeadStatus.UNQUALIFIED),
        lead(7),
        lead(8, phone="030 1234567"),
        lead(9, phone="030/123 45 67"),
    ]
    assigner = AssignmentPolicy(id="one", rules=SAME, members=people("ada")).compile()

    shared = assigner.distribute(leads, at=NOW)

    assert set(who(shared)) == {"l01", "l07", "l08"}
    assert {one.lead: one.same_as for one in shared.left if one.code is LeftReason.DUPLICATE} == {
        "l02": "l01",
        "l03": "l01",
        "l04": "l05",  # the one that has an owner stands for it
        "l09": "l08",
    }


def test_preferred_leads_are_given_first_up_to_the_quota() -> None:
    # odoo test_crm_lead_assignment.py, test_assign_preferred_domain: 8 of 11 leads are tagged, quotas are 5 a day
    team = Team(
        id="five",
        members=(
            Member(person="m1", capacity=150, prefers="'vip' in lead.tags"),
            *people("m2", "m3", capacity=150),
        ),
    )
    leads = [lead(n, tags=frozenset({"vip"} if n < 8 else ())) for n in range(11)]

    shared = policy(team, rules=lead_preset("odoo").assignment).distribute(leads, at=NOW)

    assert Counter(who(shared).values()) == {"five.m1": 5, "five.m2": 3, "five.m3": 3}
    mine = [one for one in shared.assignments if one.owner == "m1"]
    assert {one.reason for one in mine} == {AssignmentReason.PREFERRED}
    assert {one.lead for one in mine} == {"l00", "l01", "l02", "l03", "l04"}


def test_two_who_prefer_the_same_leads_take_turns_and_the_filter_still_counts() -> None:
    members = (
        Member(person="ada", prefers="lead.priority > 0"),
        Member(person="bo", prefers="lead.priority > 0", takes="lead.country == 'DE'"),
    )
    leads = [lead(n, priority=1, country="FR" if n == 1 else "DE") for n in range(4)]

    shared = AssignmentPolicy(id="one", members=members).compile().distribute(leads, at=NOW)

    assert [one.owner for one in shared.assignments] == ["ada", "ada", "bo", "ada"]


def test_the_batch_of_odoo_fills_daily_quotas_highest_score_first() -> None:
    # odoo, crm_team_member._get_assignment_quota: round(45 / 30) = 2, round(15 / 30) = 1 (half up)
    team = Team(id="one", members=(*people("m1", capacity=45), *people("m2", "m3", capacity=15)))
    leads = [lead(n, score=Score(points=n, band=None)) for n in range(9)]
    assigner = policy(team, rules=lead_preset("odoo").assignment)

    shared = assigner.distribute(leads, at=NOW)

    assert who(shared) == {"l08": "one.m1", "l07": "one.m2", "l06": "one.m3", "l05": "one.m1"}
    assert set(left(shared).values()) == {("no_taker", "one")}
    again = assigner.distribute(leads[:5], shared.loads, at=NOW + timedelta(hours=23))
    assert again.assignments == ()
    forced = assigner.distribute(leads[:5], shared.loads, at=NOW + timedelta(hours=23), forced=True)
    assert len(forced.assignments) == 4
    next_day = assigner.distribute(leads[:5], shared.loads, at=NOW + timedelta(hours=24))
    assert len(next_day.assignments) == 4


def test_opted_out_archived_and_empty_members_get_nothing_even_when_forced() -> None:
    # odoo test_crm_lead_assignment.py, test_assign_count: 12 leads this month, then 14, then 16
    team = Team(
        id="a",
        members=(
            Member(person="m1", capacity=45, available=False),
            Member(person="m2", capacity=0),
            Member(person="m3", capacity=45, opted_out=True),
            Member(person="m4", capacity=45),
        ),
    )
    assigner = policy(team, rules=lead_preset("odoo").assignment)
    loads: tuple[Load, ...] = (
        Load(person="m4", team="a", given=(Given(at=NOW - timedelta(days=2), leads=12),)),
    )
    leads = tuple(lead(n) for n in range(8))
    months = []
    for _ in range(2):
        shared = assigner.distribute(leads, loads, at=NOW, forced=True)
        leads, _ = assign_all(leads, shared, at=NOW, by=BY)
        loads = shared.loads
        months.append([load.taken(timedelta(days=30), at=NOW) for load in loads])

    assert months == [[0, 0, 0, 14], [0, 0, 0, 16]]


# laws

METHODS = st.sampled_from(list(AssignmentMethod))
LEADS = st.lists(
    st.tuples(
        st.sampled_from(["SE", "DE", "IT", "FR"]),
        st.integers(0, 2),
        st.sampled_from(["", "north", "nowhere"]),
        st.sampled_from(["", "ana@shop.test", "bo@shop.test"]),
    ),
    max_size=14,
)


RULES = st.builds(
    AssignmentRules,
    method=METHODS,
    limit=st.sampled_from(list(CapacityLimit)),
    order=st.sampled_from(list(LeadOrder)),
    overflow=st.booleans(),
    deduplicate=st.just((SameLead.EMAIL,)),
)


def some_policy(rules: AssignmentRules) -> Assigner:
    return policy(
        Team(
            id="north",
            takes="lead.country in {'SE', 'DE'}",
            members=(
                Member(person="ada", capacity=60, prefers="lead.priority > 1"),
                Member(person="bo", capacity=30, takes="lead.priority > 0"),
            ),
        ),
        Team(id="south", takes="lead.country in {'IT', 'DE'}", members=people("ada", "carla", capacity=40)),
        rules=rules,
    )


@settings(max_examples=60)
@given(LEADS, RULES, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_answer_and_no_lead_is_lost(
    given_leads: list[tuple[str, int, str, str]], rules: AssignmentRules, dice: random.Random
) -> None:
    assigner = some_policy(rules)
    leads = [
        lead(number, country=country, priority=priority, team=team, email=email)
        for number, (country, priority, team, email) in enumerate(given_leads)
    ]
    loads = [
        Load(person="ada", team="north", given=(Given(at=NOW - timedelta(hours=3), leads=1),), open_leads=2)
    ]
    shared = assigner.distribute(leads, loads, at=NOW)
    shuffled = list(leads)
    dice.shuffle(shuffled)

    assert assigner.distribute(shuffled, reversed(loads), at=NOW) == shared
    assert sorted([*who(shared), *left(shared)]) == [one.id for one in leads]
    assert [one.turn for one in shared.assignments] == list(range(1, len(shared.assignments) + 1))


@settings(max_examples=60)
@given(LEADS, RULES)
def test_nobody_is_next_who_could_not_take_the_lead(
    given_leads: list[tuple[str, int, str, str]], rules: AssignmentRules
) -> None:
    assigner = some_policy(rules)
    leads = {
        one.id: one
        for one in (
            lead(number, country=country, priority=priority)
            for number, (country, priority, _, _) in enumerate(given_leads)
        )
    }

    shared = assigner.distribute(leads.values(), at=NOW)

    for one in shared.assignments:
        assert one.owner != "bo" or leads[one.lead].priority > 0
        assert leads[one.lead].country in ({"SE", "DE"} if one.team == "north" else {"IT", "DE"})
    most = {"north.ada": 60, "north.bo": 30, "south.ada": 40, "south.carla": 40}
    days = 30 if rules.limit is CapacityLimit.DAY else 1
    if rules.limit is not CapacityLimit.NONE:
        for owner, count in Counter(who(shared).values()).items():
            assert count <= (most[owner] + 15) // days  # half up


@settings(max_examples=30)
@given(st.lists(LEADS, min_size=1, max_size=4), METHODS)
def test_the_state_is_a_fold_of_the_events(
    batches: list[list[tuple[str, int, str, str]]], method: AssignmentMethod
) -> None:
    assigner = some_policy(AssignmentRules(method=method, limit=CapacityLimit.DAY))
    loads: tuple[Load, ...] = ()
    events: list[Event] = []
    for day, batch in enumerate(batches):
        at = NOW + timedelta(days=11 * day)
        leads = [
            lead(20 * day + number, country=country, priority=priority)
            for number, (country, priority, _, _) in enumerate(batch)
        ]
        shared = assigner.distribute(leads, loads, at=at)
        assert assigner.distribute(leads, loads_from(events, at=at), at=at).assignments == shared.assignments
        loads = shared.loads
        events += assign_all(leads, shared, at=at, by=BY)[1]
        told = {(load.team, load.person): load for load in loads_from(events, at=at)}
        assert told == {(load.team, load.person): load for load in loads if load.last_at is not None}


def test_open_leads_fall_when_a_lead_is_closed_or_given_to_somebody_else() -> None:
    events: list[Event] = []
    leads = []
    for number in range(4):
        one, captured = capture(id=f"l{number}", name="Ana", at=NOW, by=BY)
        leads.append(one)
        events += captured
    shared = AssignmentPolicy(id="one", members=people("ada")).compile().distribute(leads, at=NOW)
    owned, told = assign_all(leads, shared, at=NOW, by=BY)
    events += told
    events += disqualify(owned[0], reason="no budget", at=NOW + timedelta(hours=1), by=BY)[1]
    again = AssignmentPolicy(id="one", members=people("bo")).compile()
    moved = again.distribute([attrs.evolve(owned[1], owner=None)], at=NOW)
    events += assign_all([owned[1]], moved, at=NOW + timedelta(hours=2), by=BY)[1]

    loads = {load.person: load for load in loads_from(events, at=NOW + timedelta(days=1))}

    assert (loads["ada"].open_leads, loads["bo"].open_leads) == (2, 1)
    assert loads["ada"].taken(timedelta(days=30), at=NOW) == 4
    earlier = loads_from(events, at=NOW)
    assert [(load.person, load.open_leads) for load in earlier] == [("ada", 4)]


def test_what_was_given_before_the_period_tells_only_how_long_somebody_has_waited() -> None:
    shared = AssignmentPolicy(id="one", members=people("ada")).compile().distribute([lead(1)], at=NOW)
    _, events = assign_all([lead(1)], shared, at=NOW, by=BY)

    (load,) = loads_from(events, at=NOW + timedelta(days=30), days=30)

    assert (load.given, load.last_at) == ((), NOW)


def test_a_distribution_is_carried_out_wholly_or_not_at_all() -> None:
    leads = [lead(1), lead(2), lead(3, owner="zoe")]
    shared = policy(Team(id="north", members=people("ada"))).distribute(leads, at=NOW)

    states, events = assign_all(leads, shared, at=NOW, by=BY)

    assert [(one.owner, one.team) for one in states] == [("ada", "north"), ("ada", "north"), ("zoe", "")]
    assert len(events) == 2
    with pytest.raises(CannotAssign):
        assign_all([leads[0], attrs.evolve(leads[1], status=LeadStatus.MERGED)], shared, at=NOW, by=BY)


# against a plain scan of all members for each lead

SOME: dict[str, Callable[[Lead], bool]] = {"": lambda _: True, "lead.country == 'DE'": lambda one: one.country == "DE",
        "lead.priority > 0": lambda one: one.priority > 0}  # fmt: skip


def next_by_scan(
    members: tuple[Member, ...], method: AssignmentMethod, leads: list[Lead], idle: list[int]
) -> list[str | None]:
    """Who gets each lead; `idle` has the hours since the last lead of each member, 0 for never."""
    last = [(0, 0, 0) if not hours else (1, -hours, 0) for hours in idle]
    taken = [0] * len(members)
    pointer = max(range(len(members)), key=lambda n: last[n]) if any(idle) else -1
    owners: list[str | None] = []
    for turn, one in enumerate(leads):
        able = [
            n
            for n, member in enumerate(members)
            if SOME[member.takes](one) and (member.capacity is None or taken[n] < member.capacity)
        ]
        if not able:
            owners.append(None)
            continue
        if method is AssignmentMethod.ROUND_ROBIN:
            chosen = min(able, key=lambda n: (n - pointer - 1) % len(members))
        elif method is AssignmentMethod.LEAST_BUSY:
            chosen = min(able, key=lambda n: (taken[n], last[n], n))
        else:
            chosen = min(able, key=lambda n: (last[n], n))
        pointer = chosen
        taken[chosen] += 1
        last[chosen] = (2, turn, 0)
        owners.append(members[chosen].person)
    return owners


@given(
    st.lists(
        st.tuples(st.sampled_from(list(SOME)), st.none() | st.integers(0, 3), st.integers(0, 3)),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.tuples(st.sampled_from(["DE", "FR"]), st.integers(0, 1)), max_size=15),
    st.sampled_from(
        [AssignmentMethod.LONGEST_IDLE, AssignmentMethod.ROUND_ROBIN, AssignmentMethod.LEAST_BUSY]
    ),
)
def test_the_lanes_choose_whom_a_plain_scan_chooses(
    seats: list[tuple[str, int | None, int]], kinds: list[tuple[str, int]], method: AssignmentMethod
) -> None:
    members = tuple(
        Member(person=f"m{n}", takes=takes, capacity=capacity) for n, (takes, capacity, _) in enumerate(seats)
    )
    idle = [hours for _, _, hours in seats]
    leads = [lead(n, country=country, priority=priority) for n, (country, priority) in enumerate(kinds)]
    loads = [
        Load(person=f"m{n}", last_at=NOW - timedelta(hours=hours)) for n, hours in enumerate(idle) if hours
    ]
    assigner = AssignmentPolicy(id="one", members=members, rules=AssignmentRules(method=method)).compile()

    shared = assigner.distribute(leads, loads, at=NOW)

    owners = {one.lead: one.owner for one in shared.assignments}
    assert [owners.get(one.key) for one in leads] == next_by_scan(members, method, leads, idle)
