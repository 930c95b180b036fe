"""Those who take leads: members, their absences, teams, and the territories that lead to a team."""

from __future__ import annotations

from datetime import date

import attrs

from salesmgmt.core.entity import PersonId


@attrs.frozen(kw_only=True)
class Absence:
    """Days on which a member takes no leads.

    Attributes:
        first: the first day.
        last: the last day, included.
    """

    first: date
    last: date


@attrs.frozen(kw_only=True)
class Member:
    """Somebody who takes leads.

    Attributes:
        person: who.
        capacity: leads that the member takes in one period; `None` for no limit. See `CapacityLimit`.
        takes: a condition over `lead.*` and the declared facts; empty for every lead.
        prefers: a condition; leads for which it holds go to those who prefer them before the others are shared out.
        available: whether the member takes leads at all at present.
        opted_out: whether the member asked to be left out.
        absences: days away.
    """

    person: PersonId
    capacity: int | None = None
    takes: str = ""
    prefers: str = ""
    available: bool = True
    opted_out: bool = False
    absences: tuple[Absence, ...] = ()


@attrs.frozen(kw_only=True)
class Team:
    """Members who share leads.

    Attributes:
        id: name of the team.
        takes: a condition over `lead.*` and the declared facts; empty for every lead. It is not asked of a lead that
            has this team already, or that a territory sends here.
        members: who they are; their order decides between those who have waited equally long.
    """

    id: str
    takes: str = ""
    members: tuple[Member, ...]


@attrs.frozen(kw_only=True)
class Territory:
    """Leads that belong to one team, whoever else would take them.

    Attributes:
        id: name of the territory.
        when: a condition over `lead.*` and the declared facts; empty for all that no earlier territory has.
        team: id of the team.
    """

    id: str
    when: str = ""
    team: str
