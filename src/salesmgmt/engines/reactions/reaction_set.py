"""Reactions as data: a file of them, and the facts that their conditions ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import shorten
from salesmgmt.core.events import Event
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.core.formula import FactType
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.engines.reactions.command import CommandKind
from salesmgmt.engines.reactions.lint import lint
from salesmgmt.engines.reactions.reaction import Reaction
from salesmgmt.engines.reactions.reactor import Reactor


def _types(given: Mapping[str, FactType]) -> Mapping[str, FactType]:
    return FrozenMap(given)


@attrs.frozen(kw_only=True)
class ReactionSet:
    """Reactions as data, usually from a TOML file.

    Attributes:
        id: its name.
        version: raised by its author with each change.
        facts: what the host tells about the subject of an event, with types (`{"deal.owner": "text"}`).
        reactions: the reactions; every one that applies to an event gives its command.

    >>> from datetime import UTC, datetime
    >>> import attrs
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.entity import Ref
    >>> from salesmgmt.core.events import Event
    >>> from salesmgmt.engines.reactions import CommandKind, Delay, Reaction, ReactionSet
    >>> @attrs.frozen(kw_only=True)
    ... class Lost(Event):
    ...     reason: str
    >>> reactor = ReactionSet(
    ...     id="follow-up", facts={"owner": "text"},
    ...     reactions=(Reaction(id="again", on=("Lost",), when="event.reason == 'budget'", then="remind",
    ...                         texts={"message": "ask again"}, arguments={"person": "owner"}, after=Delay(days=90)),),
    ... ).compile([Lost], [CommandKind(name="remind", arguments={"person": "text", "message": "text"})])
    >>> at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> lost = Lost(at=at, by=Actor("li.wei"), subjects=[Ref("Deal", "d-1")], reason="budget")
    >>> (command,) = reactor.react([lost], facts=lambda event: {"owner": "ada"}).commands
    >>> dict(command.arguments), str(command.due.date())
    ({'message': 'ask again', 'person': 'ada'}, '2026-05-31')
    """

    id: str
    version: int = 1
    facts: Mapping[str, FactType] = attrs.field(factory=dict, converter=_types)
    reactions: tuple[Reaction, ...]

    @classmethod
    def load(cls, path: Path | str) -> ReactionSet:
        """Read reactions from a TOML file; what they say is checked by `compile`, when events and commands are known.

        Raises:
            InvalidInput: the file is no such document; all problems are listed.
        """
        return load_definition(path, cls)

    def lint(self, events: Iterable[type[Event]], commands: Iterable[CommandKind]) -> tuple[Finding, ...]:
        """Find what cannot work, loops among them; see `salesmgmt.engines.reactions.lint` for the codes."""
        return lint(self, _by_name(events), {kind.name: kind for kind in commands})

    def compile(self, events: Iterable[type[Event]], commands: Iterable[CommandKind]) -> Reactor:
        """Make the reactor.

        Args:
            events: the classes of events that may come (the `EVENTS` of the rooms).
            commands: what the host can carry out.

        Raises:
            InvalidDefinition: it cannot work, or could run for ever; all findings are listed.
        """
        known, kinds = _by_name(events), {kind.name: kind for kind in commands}
        refuse_errors(f"reactions {shorten(self.id)}", lint(self, known, kinds))
        return Reactor(self, known, kinds)


def _by_name(events: Iterable[type[Event]]) -> dict[str, type[Event]]:
    return {event.__name__: event for event in events}
