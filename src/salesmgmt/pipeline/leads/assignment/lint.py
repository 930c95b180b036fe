"""What is wrong or doubtful in an assignment policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from salesmgmt.core.clock import UnknownTimeZone, zone
from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity, duplicate_ids
from salesmgmt.core.formula import Formula, Schema, declare, lint_condition
from salesmgmt.core.formula.nodes import Not
from salesmgmt.core.formula.static import never
from salesmgmt.core.nearest import nearest
from salesmgmt.pipeline.leads.assignment.member import Member, Team, Territory
from salesmgmt.pipeline.leads.assignment.rules import MAX_DAYS, AssignmentMethod, AssignmentRules
from salesmgmt.pipeline.leads.facts import LEAD_SCHEMA, lint_unused

MAX_MEMBERS = 5_000
"""Members of all teams together."""
MAX_TEAMS = 500
MAX_TERRITORIES = 500
MAX_CAPACITY = 1_000_000
"""Leads in a period."""
MAX_ABSENCES = 1_000
"""Of one member."""
MAX_CHARACTERS = 500_000
"""Of all different conditions together."""
_COMPARED = 40
"""Earlier territories that one is compared with, the nearest first."""
_BUDGET = 2_000_000
"""Characters of conditions that are compared with each other; what goes beyond is not asked."""


def findings(
    *,
    facts: Mapping[str, str],
    rules: AssignmentRules,
    members: Sequence[Member],
    teams: Sequence[Team],
    territories: Sequence[Territory],
) -> Iterator[Finding]:
    """Yield what the lint has to say, errors and warnings, in the order of the definition."""
    declared = declare(facts, LEAD_SCHEMA)
    schema = declared.schema
    yield from declared.findings
    yield from _of_rules(rules)
    everybody = (*members, *(member for team in teams for member in team.members))
    texts = dict.fromkeys(
        text
        for text in (
            *(each.when for each in territories),
            *(team.takes for team in teams),
            *(text for member in everybody for text in (member.takes, member.prefers)),
        )
        if text
    )
    too_many = list(_too_many(everybody, teams, territories, texts))
    yield from too_many
    if too_many:
        return
    yield from _of_shape(members, teams, territories)
    reader = _Reader(schema)
    routes = _Routes(territories, reader)
    for team in teams or (Team(id="", members=tuple(members)),):
        yield from _of_team(team, rules, reader, routes, has_territories=bool(territories))
    yield from routes.findings({team.id for team in teams})
    yield from lint_unused(facts, texts, schema)


class _Reader:
    """Reads each condition once, and answers whether conditions exclude each other, as long as that takes a moment."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._read: dict[str, tuple[Formula | None, tuple[Finding, ...]]] = {}
        self._asked: dict[tuple[Formula, bool, tuple[Formula, ...]], bool | None] = {}
        self._budget = _BUDGET

    def read(self, text: str, where: str) -> tuple[Formula | None, tuple[Finding, ...]]:
        """Return the condition and what is wrong with it; no condition for an empty text."""
        if not text:
            return None, ()
        known = self._read.get(text)
        if known is None:
            known = self._read[text] = lint_condition(text, self._schema, "")
        formula, found = known
        return formula, tuple(attrs.evolve(one, where=f"{where}{one.where}") for one in found)

    def excludes(self, one: Formula, *others: Formula) -> bool | None:
        """Whether no lead meets all of them."""
        return self._ask(one, others, wanted=True)

    def lies_in(self, one: Formula, *others: Formula) -> bool | None:
        """Whether every lead that meets the first meets one of the others."""
        return self._ask(one, others, wanted=False)

    def _ask(self, one: Formula, others: tuple[Formula, ...], *, wanted: bool) -> bool | None:
        question = (one, wanted, others)
        if question not in self._asked:
            self._budget -= sum(len(each.source) for each in (one, *others))
            trees = (other.tree if wanted else Not(other.tree) for other in others)
            self._asked[question] = never((one.tree, *trees)) if self._budget > 0 else None
        return self._asked[question]


def _of_rules(rules: AssignmentRules) -> Iterator[Finding]:
    if not 1 <= rules.period_days <= MAX_DAYS:
        yield _error(
            "period_out_of_range",
            "rules.period_days",
            f"a period of {rules.period_days} days",
            f"give 1 to {MAX_DAYS} days",
        )
    try:
        zone(rules.time_zone)
    except UnknownTimeZone:
        yield _error(
            "unknown_time_zone",
            "rules.time_zone",
            f"there is no time zone {shorten(rules.time_zone)}",
            "use a name such as Europe/Berlin",
        )
    if len(set(rules.deduplicate)) < len(rules.deduplicate):
        yield _error("named_twice", "rules.deduplicate", "a value stands there twice", "name each once")


def _too_many(
    everybody: Sequence[Member],
    teams: Sequence[Team],
    territories: Sequence[Territory],
    texts: Iterable[str],
) -> Iterator[Finding]:
    for where, found, most in (
        ("members", len(everybody), MAX_MEMBERS),
        ("teams", len(teams), MAX_TEAMS),
        ("territories", len(territories), MAX_TERRITORIES),
        ("absences", max((len(member.absences) for member in everybody), default=0), MAX_ABSENCES),
        ("characters of the conditions", sum(map(len, texts)), MAX_CHARACTERS),
    ):
        if found > most:
            yield _error("too_many", where, f"{found} of them", f"give {most} at most")


def _of_shape(
    members: Sequence[Member], teams: Sequence[Team], territories: Sequence[Territory]
) -> Iterator[Finding]:
    if members and teams:
        yield _error(
            "members_and_teams", "members", "there are members beside the teams", "put each into a team"
        )
    if territories and not teams:
        yield _error("no_teams", "territories", "there is no team that they could lead to", "name the teams")
    if not members and not teams:
        yield _error("no_member", "members", "nobody takes a lead", "name a member")
    yield from duplicate_ids("teams", (team.id for team in teams))
    yield from duplicate_ids("territories", (each.id for each in territories))
    for where, ids in (
        ("teams", [team.id for team in teams]),
        ("territories", [each.id for each in territories]),
    ):
        for number, id_ in enumerate(ids):
            if not id_.strip():
                yield _error("no_id", f"{where}[{number}]", "it has no name", "give it one")


def _of_team(
    team: Team, rules: AssignmentRules, reader: _Reader, routes: _Routes, *, has_territories: bool
) -> Iterator[Finding]:
    place = f"teams.{team.id}." if team.id else ""
    taken, found = reader.read(team.takes, f"teams.{team.id}")
    yield from found
    yield from duplicate_ids(f"{place}members", (member.person for member in team.members))
    if team.id and not team.members:
        yield _error("no_member", f"{place}members", "nobody takes a lead", "name a member")
    elif team.members and not any(_takes_leads(member) for member in team.members):
        yield _warning(
            "nobody_takes",
            f"{place}members",
            "nobody takes leads: no one is available with a capacity",
            "name somebody who does, or drop the team",
        )
    ways: tuple[Formula, ...] | None = None
    if has_territories:
        ways = routes.to(team.id)
        if team.takes:
            yield _warning(
                "filter_ignored",
                f"teams.{team.id}",
                "the filter is not asked, because the territories say who gets a lead",
                "put the condition into the territories",
            )
        if team.id and ways == ():
            yield _warning(
                "no_way_to_team",
                f"teams.{team.id}",
                "no territory leads to it",
                "name it in a territory, if not all its leads come with their team",
            )
    elif taken is not None:
        ways = (taken,)
    for number, member in enumerate(team.members):
        yield from _of_member(member, f"{place}members", number, rules=rules, reader=reader, ways=ways)


def _of_member(
    member: Member,
    place: str,
    number: int,
    *,
    rules: AssignmentRules,
    reader: _Reader,
    ways: tuple[Formula, ...] | None,
) -> Iterator[Finding]:
    if not member.person.strip():
        yield _error("no_id", f"{place}[{number}]", "the member has no name", "give the id of a person")
        return
    where = f"{place}.{member.person}"
    takes, found = reader.read(member.takes, where)
    yield from found
    prefers, found = reader.read(member.prefers, f"{where}.prefers")
    yield from found
    yield from _of_capacity(member, where, rules)
    for each, absence in enumerate(member.absences):
        if absence.last < absence.first:
            yield _error(
                "reversed_absence",
                f"{where}.absences[{each}]",
                f"it ends on {absence.last}, before it begins on {absence.first}",
                "exchange the two days",
            )
    if takes is not None and ways and all(reader.excludes(way, takes) for way in ways):
        yield _error(
            "never_reached",
            where,
            f"no lead that comes to the team meets {shorten(str(takes), 200)}",
            "correct the filter of the member, or what leads to the team",
        )
    if prefers is not None and takes is not None and reader.excludes(takes, prefers):
        yield _error(
            "preference_never_met",
            f"{where}.prefers",
            "no lead that the member takes is one that the member prefers",
            "correct one of the two conditions",
        )


def _of_capacity(member: Member, where: str, rules: AssignmentRules) -> Iterator[Finding]:
    capacity = member.capacity
    if capacity is None:
        if rules.method is AssignmentMethod.CAPACITY_WEIGHTED:
            yield _error("capacity_needed", where, "no capacity to weight by", "give one, 0 for no leads")
    elif capacity < 0:
        yield _error(
            "no_capacity",
            where,
            f"a capacity of {capacity} takes no lead",
            "set available = false if that is meant",
        )
    elif capacity > MAX_CAPACITY:
        yield _error(
            "capacity_too_large",
            where,
            f"a capacity of {shorten(capacity)} leads",
            f"give {MAX_CAPACITY} at most, or none for no limit",
        )
    elif capacity == 0:
        yield _warning(
            "no_capacity", where, "a capacity of 0 takes no lead", "set available = false if that is meant"
        )


class _Routes:
    """The territories, read: which leads come to a team, and which territory hides which."""

    def __init__(self, territories: Sequence[Territory], reader: _Reader) -> None:
        self._territories = territories
        self._reader = reader
        self._read = [reader.read(each.when, f"territories.{each.id}") for each in territories]

    def to(self, team: str) -> tuple[Formula, ...] | None:
        """Return the conditions of the territories of a team; `None` when a lead of any kind may come."""
        ways = []
        for each, (formula, _) in zip(self._territories, self._read, strict=True):
            if each.team == team:
                if formula is None:
                    return None
                ways.append(formula)
        return tuple(ways)

    def findings(self, teams: set[str]) -> Iterator[Finding]:
        """Yield what is wrong with the territories."""
        catch_all: str | None = None
        for number, (each, (formula, found)) in enumerate(zip(self._territories, self._read, strict=True)):
            where = f"territories.{each.id}"
            yield from found
            if each.team not in teams:
                meant = nearest(each.team, teams)
                yield _error(
                    "unknown_team",
                    where,
                    f"there is no team {shorten(each.team)}",
                    f"did you mean {meant}?" if meant else "name one of the teams",
                )
            if catch_all is not None:
                yield _hidden(where, f"{catch_all} comes earlier and takes every lead")
            elif not each.when:
                catch_all = each.id
            elif formula is not None:
                yield from self._against_earlier(number, where, formula)
        if self._territories and catch_all is None:
            yield _warning(
                "no_catch_all",
                "territories",
                "a lead that lies in none of them goes to nobody",
                "end with a territory without `when`, if that is not meant",
            )

    def _against_earlier(self, number: int, where: str, formula: Formula) -> Iterator[Finding]:
        earlier = [
            (each, other)
            for each, (other, _) in zip(self._territories[:number], self._read[:number], strict=True)
            if other is not None
        ][-_COMPARED:]
        alike = [(each, other) for each, other in earlier if other.names & formula.names]
        for each, other in alike:
            if self._reader.lies_in(formula, other):
                yield _hidden(where, f"every lead of it lies in {each.id}, which comes earlier")
                return
        if len(alike) > 1 and self._reader.lies_in(formula, *(other for _, other in alike)):
            names = ", ".join(each.id for each, _ in alike)
            yield _hidden(
                where, f"every lead of it lies in one of those that come earlier: {shorten(names, 200)}"
            )
            return
        team = self._territories[number].team
        overlapping = [
            each.id
            for each, other in earlier
            if each.team != team and self._reader.excludes(formula, other) is False
        ]
        if overlapping:
            yield Finding(
                code="overlapping_territories",
                where=where,
                message=f"some of its leads lie in earlier ones and go there: {shorten(', '.join(overlapping), 200)}",
                hint="nothing, if that is meant; else say in the condition what sets it apart",
                severity=Severity.INFO,
            )


def _hidden(where: str, message: str) -> Finding:
    return _error("hidden_territory", where, message, "put it before that one, or drop it")


def _takes_leads(member: Member) -> bool:
    return member.available and not member.opted_out and member.capacity != 0


def _error(code: str, where: str, message: str, hint: str) -> Finding:
    return Finding(code=code, where=where, message=message, hint=hint)


def _warning(code: str, where: str, message: str, hint: str) -> Finding:
    return Finding(code=code, where=where, message=message, hint=hint, severity=Severity.WARNING)
