from __future__ import annotations

from pathlib import Path

import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.pipeline.leads import AssignmentPolicy, Member, Team, Territory


def read(text: str, folder: Path) -> AssignmentPolicy:
    file = folder / "policy.toml"
    file.write_text(f'id = "p"\n{text}', encoding="utf-8")
    return AssignmentPolicy.load(file)


def team(id_: str, body: str = 'members = [{ person = "ada" }]', more: str = "") -> str:
    return f'[[teams]]\nid = "{id_}"\n{body}\n{more}\n'


def territory(id_: str, to: str, when: str = "") -> str:
    return f'[[territories]]\nid = "{id_}"\nteam = "{to}"\n' + (f'when = "{when}"\n' if when else "")


ADA = 'members = [{ person = "ada" }]\n'


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("", "no_member", "members"),
        ("members = []", "no_member", "members"),
        ('members = [{ person = "ada" }, { person = "ada" }]', "duplicate_id", "members.ada"),
        ('members = [{ person = " " }]', "no_id", "members[0]"),
        ('members = [{ person = "ada", capacity = -1 }]', "no_capacity", "members.ada"),
        ('members = [{ person = "ada", capacity = 1000001 }]', "capacity_too_large", "members.ada"),
        ('members = [{ person = "ada", takes = "lead.contry == \'DE\'" }]', "formula", "members.ada"),
        ('members = [{ person = "ada", takes = "visits > 3" }]', "formula", "members.ada"),
        ('members = [{ person = "ada", takes = "lead.country" }]', "formula", "members.ada"),
        ('members = [{ person = "ada", takes = "lead.priority == \'high\'" }]', "formula", "members.ada"),
        ('members = [{ person = "ada", takes = "(((" }]', "formula", "members.ada"),
        ('members = [{ person = "ada", takes = "__import__(\'os\')" }]', "formula", "members.ada"),
        (
            "members = [{ person = \"ada\", takes = \"lead.country == 'DE' and lead.country == 'FR'\" }]",
            "contradictory_condition",
            "members.ada",
        ),
        ('members = [{ person = "ada", prefers = "lead.scor > 3" }]', "formula", "members.ada.prefers"),
        (
            'members = [{ person = "ada", prefers = "lead.priority > 3 and lead.priority < 2" }]',
            "contradictory_condition",
            "members.ada.prefers",
        ),
        (
            'members = [{ person = "ada", takes = "lead.priority < 2", prefers = "lead.priority > 3" }]',
            "preference_never_met",
            "members.ada.prefers",
        ),
        (
            'members = [{ person = "ada", absences = [{ first = 2026-03-09, last = 2026-03-01 }] }]',
            "reversed_absence",
            "members.ada.absences[0]",
        ),
        (f'{ADA}rules = {{ method = "capacity_weighted" }}', "capacity_needed", "members.ada"),
        (f"{ADA}rules = {{ period_days = 0 }}", "period_out_of_range", "rules.period_days"),
        (f"{ADA}rules = {{ period_days = 100000000 }}", "period_out_of_range", "rules.period_days"),
        (f'{ADA}rules = {{ time_zone = "Mars/Base" }}', "unknown_time_zone", "rules.time_zone"),
        (f'{ADA}rules = {{ time_zone = "../../etc/passwd" }}', "unknown_time_zone", "rules.time_zone"),
        (f'{ADA}rules = {{ deduplicate = ["email", "email"] }}', "named_twice", "rules.deduplicate"),
        (f'{ADA}facts = {{ "lead.country" = "text" }}', "name_taken", "facts.lead.country"),
        (f'{ADA}facts = {{ "no name" = "text" }}', "not_a_name", "facts.no name"),
        (ADA + team("north"), "members_and_teams", "members"),
        (ADA + territory("rest", "north"), "no_teams", "territories"),
        (team("north", "members = []"), "no_member", "teams.north.members"),
        (team("north") + team("north"), "duplicate_id", "teams.north"),
        (team(""), "no_id", "teams[0]"),
        (
            team("north", 'members = [{ person = "ada" }, { person = "ada" }]'),
            "duplicate_id",
            "teams.north.members.ada",
        ),
        (team("north", more='takes = "lead.county == 1"'), "formula", "teams.north"),
        (
            team("north", more='takes = "lead.priority > 2 and lead.priority < 1"'),
            "contradictory_condition",
            "teams.north",
        ),
        (
            team(
                "north",
                "takes = \"lead.country == 'SE'\"",
                'members = [{ person = "ada", takes = "lead.country == \'DE\'" }]',
            ),
            "never_reached",
            "teams.north.members.ada",
        ),
        (team("north") + territory("rest", "nort"), "unknown_team", "territories.rest"),
        (
            team("north") + territory("rest", "north") + territory("rest", "north", "lead.priority > 1"),
            "duplicate_id",
            "territories.rest",
        ),
        (team("north") + territory("", "north"), "no_id", "territories[0]"),
        (team("north") + territory("a", "north", "lead.zip == '1'"), "formula", "territories.a"),
        (
            team("north") + territory("rest", "north") + territory("a", "north", "lead.priority > 1"),
            "hidden_territory",
            "territories.a",
        ),
        (
            team("north")
            + territory("a", "north", "lead.priority > 1")
            + territory("b", "north", "lead.priority > 5"),
            "hidden_territory",
            "territories.b",
        ),
        (
            team("north")
            + territory("a", "north", "lead.priority > 5")
            + territory("b", "north", "lead.priority < 6")
            + territory("c", "north", "lead.priority == 5"),
            "hidden_territory",
            "territories.c",
        ),
        (
            team("north", 'members = [{ person = "ada", takes = "lead.country == \'DE\'" }]')
            + territory("nordic", "north", "lead.country in {'SE', 'NO'}"),
            "never_reached",
            "teams.north.members.ada",
        ),
    ],
)
def test_a_policy_that_cannot_work_is_refused_with_the_place_and_what_to_do(
    text: str, code: str, where: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        read(text, tmp_path)

    found = {(finding.code, finding.where): finding for finding in caught.value.findings}
    assert (code, where) in found
    assert found[code, where].message
    assert found[code, where].hint


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("members = 7", "members"),
        ("members = [{ capacity = 3 }]", "members[0].person"),
        ('members = [{ person = "ada", capacty = 3 }]', "members[0].capacty"),
        ('members = [{ person = "ada", capacity = 2.5 }]', "members[0].capacity"),
        ('members = [{ person = "ada", capacity = "many" }]', "members[0].capacity"),
        ('members = [{ person = "ada", available = "yes" }]', "members[0].available"),
        (
            'members = [{ person = "ada", absences = [{ first = 2026-03-01 }] }]',
            "members[0].absences[0].last",
        ),
        (f'{ADA}rules = {{ method = "random" }}', "rules.method"),
        (f'{ADA}rules = {{ limit = "week" }}', "rules.limit"),
        (f'{ADA}rules = {{ order = "luck" }}', "rules.order"),
        (f'{ADA}rules = {{ quota_rounding = "sideways" }}', "rules.quota_rounding"),
        (f'{ADA}rules = {{ deduplicate = ["shoe size"] }}', "rules.deduplicate[0]"),
        (f'{ADA}facts = {{ visits = "numbr" }}', "facts.visits"),
        (f"{ADA}mathod = 1", "mathod"),
        ("[[teams]]\nmembers = []", "teams[0].id"),
        ('[[teams]]\nid = "a"', "teams[0].members"),
        (f'{team("north")}[[territories]]\nid = "a"', "territories[0].team"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_with_the_path(text: str, path: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(text, tmp_path)

    assert path in [problem.path for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ('members = [{ person = "ada", capacity = 0 }, { person = "bo" }]', "no_capacity", "members.ada"),
        ('members = [{ person = "ada", opted_out = true }]', "nobody_takes", "members"),
        (f'{ADA}facts = {{ visits = "number" }}', "unused_fact", "facts.visits"),
        (team("north") + territory("a", "north", "lead.priority > 1"), "no_catch_all", "territories"),
        (team("north") + team("south") + territory("rest", "north"), "no_way_to_team", "teams.south"),
        (
            team("north", more='takes = "lead.priority > 1"') + territory("rest", "north"),
            "filter_ignored",
            "teams.north",
        ),
        (
            team("north")
            + team("south")
            + territory("a", "north", "lead.priority > 1")
            + territory("b", "south", "lead.country == 'SE'"),
            "overlapping_territories",
            "territories.b",
        ),
    ],
)
def test_a_policy_that_is_perhaps_not_meant_is_loaded_with_a_remark(
    text: str, code: str, where: str, tmp_path: Path
) -> None:
    assert (code, where) in [(finding.code, finding.where) for finding in read(text, tmp_path).findings]


def test_territories_that_part_the_leads_cleanly_have_no_findings(tmp_path: Path) -> None:
    text = (
        team("north")
        + team("south")
        + territory("nordic", "north", "lead.country in {'SE', 'NO'}")
        + territory("latin", "south", "lead.country in {'IT', 'ES'}")
        + territory("rest", "south")
    )

    assert read(text, tmp_path).findings == ()


@pytest.mark.parametrize(
    ("policy", "where"),
    [
        (AssignmentPolicy(id="p", members=tuple(Member(person=f"m{n}") for n in range(5_001))), "members"),
        (
            AssignmentPolicy(
                id="p", teams=tuple(Team(id=f"t{n}", members=(Member(person="ada"),)) for n in range(501))
            ),
            "teams",
        ),
        (
            AssignmentPolicy(
                id="p",
                teams=(Team(id="t", members=(Member(person="ada"),)),),
                territories=tuple(Territory(id=f"t{n}", team="t") for n in range(501)),
            ),
            "territories",
        ),
    ],
)
def test_a_policy_without_end_is_refused(policy: AssignmentPolicy, where: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        policy.compile()

    assert [(finding.code, finding.where) for finding in caught.value.findings] == [("too_many", where)]
