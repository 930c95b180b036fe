"""Reactions in the pipeline: the commands about leads, deals and receivables, and how those that change an entity are carried out."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import PersonId
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.events import Event
from salesmgmt.engines.reactions import Cause, Command, CommandKind
from salesmgmt.pipeline.deals import Deal, amend
from salesmgmt.pipeline.leads import Lead, assign

CREATE_TASK = CommandKind(
    name="create_task", arguments={"person": "text", "title": "text"}, optional={"due_on": "date"}
)
"""Somebody has to do something; the host keeps tasks."""

REMIND = CommandKind(name="remind", arguments={"person": "text", "message": "text"})
"""Somebody is told something; the host sends messages."""

ESCALATE = CommandKind(name="escalate", arguments={"to": "text", "reason": "text"})
"""Somebody above is told that something goes wrong; the host sends messages."""

ASSIGN_LEAD = CommandKind(
    name="assign_lead",
    arguments={"owner": "text"},
    causes=(Cause(event="LeadAssigned", fields={"owner": "owner"}),),
)
"""The lead goes to somebody; `carry_out` does it."""

ASSIGN_DEAL = CommandKind(
    name="assign_deal", arguments={"owner": "text"}, causes=(Cause(event="DealAmended"),)
)
"""The deal goes to somebody; `carry_out` does it."""

COMMANDS = (CREATE_TASK, REMIND, ESCALATE, ASSIGN_LEAD, ASSIGN_DEAL)
"""The commands that reactions to events of leads, deals and receivables can give; a host adds its own."""

Owned: TypeAlias = Lead | Deal
"""What has an owner."""


class NotToBeCarriedOut(SalesError, ValueError):
    """A command was to be carried out that the host does itself, or on an entity that it is not about.

    Attributes:
        kind: of the command.
        subject: the entity that the command is about.
        found: the entity that was given.
    """

    code = "not_to_be_carried_out"

    def __init__(self, command: Command, entity: Owned) -> None:
        self.kind = command.kind
        self.subject = str(command.subject)
        self.found = str(entity.ref)
        super().__init__(
            f"{self.kind} about {self.subject} cannot be carried out on {self.found}",
            hint="give the entity that the command names; tasks, reminders and escalations are the host's to carry out",
        )


def carry_out(command: Command, entity: Owned, *, at: datetime, by: Actor) -> tuple[Owned, tuple[Event, ...]]:
    """Carry out a command that changes a lead or a deal.

    Args:
        command: `assign_lead` or `assign_deal`.
        entity: the lead or deal that it is about.
        at: when.
        by: on whose authority: usually the program that runs the reactions.

    Raises:
        NotToBeCarriedOut: it is another command, or about another entity.
        InvalidInput: the command names no owner.
        CannotAssign: the lead was converted or merged in the meantime.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.engines.reactions import Reaction, ReactionSet
    >>> from salesmgmt.pipeline import EVENTS
    >>> from salesmgmt.pipeline.leads import capture
    >>> from salesmgmt.pipeline.reacting import COMMANDS, carry_out
    >>> fair = Reaction(id="fair", on=("LeadCaptured",), when="event.source == 'fair'", then="assign_lead",
    ...                 texts={"owner": "ada"})
    >>> reactor = ReactionSet(id="leads", reactions=(fair,)).compile(EVENTS, COMMANDS)
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> lead, events = capture(id="l1", name="Ana Berg", source="fair", at=now, by=Actor("web form"))
    >>> (command,) = reactor.react(events).commands
    >>> lead, events = carry_out(command, lead, at=now, by=Actor("reactions"))
    >>> lead.owner, [type(event).__name__ for event in events]
    ('ada', ['LeadAssigned'])
    """
    if command.subject == entity.ref:
        if command.kind == ASSIGN_LEAD.name and isinstance(entity, Lead):
            return assign(entity, _owner(command), reason=command.reaction, at=at, by=by)
        if command.kind == ASSIGN_DEAL.name and isinstance(entity, Deal):
            return amend(entity, {"owner": _owner(command)}, at=at, by=by)
    raise NotToBeCarriedOut(command, entity)


def _owner(command: Command) -> PersonId:
    owner = command.arguments.get("owner")
    if not isinstance(owner, str) or not owner.strip():
        problem = Problem("arguments.owner", "blank", shorten(owner), "the id of a person")
        raise InvalidInput(f"the command of reaction {shorten(command.reaction)}", [problem])
    return owner
