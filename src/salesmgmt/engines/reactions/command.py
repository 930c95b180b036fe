"""What reactions ask for: kinds of commands as a host declares them, and single commands as a reactor gives them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from salesmgmt.core.entity import Ref
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.core.formula import FactType, Value
from salesmgmt.core.frozen_map import FrozenMap


def _texts(given: Mapping[str, str]) -> Mapping[str, str]:
    return FrozenMap(given)


def _types(given: Mapping[str, FactType]) -> Mapping[str, FactType]:
    return FrozenMap(given)


def _values(given: Mapping[str, Value]) -> Mapping[str, Value]:
    return FrozenMap(given)


@attrs.frozen(kw_only=True)
class Cause:
    """An event that follows when a command is carried out; by these, loops are found before they run.

    Attributes:
        event: name of the event's class.
        when: what then holds of it, a condition over `event.*`; empty when anything may.
        fields: fields of the event that have the value of an argument of the command, by the argument's name
            (`{"target": "stage"}`).

    >>> from salesmgmt.engines.reactions import Cause
    >>> Cause(event="DealMoved", fields={"target": "stage"}).event
    'DealMoved'
    """

    event: str
    when: str = ""
    fields: Mapping[str, str] = attrs.field(factory=dict, converter=_texts)


@attrs.frozen(kw_only=True)
class CommandKind:
    """A command that a host can carry out: what it needs and what it brings about.

    Attributes:
        name: what reactions call it.
        arguments: type of each argument that it must have.
        optional: type of each that it may have.
        causes: the events that carrying it out can publish; without any, no loop can go through it.

    >>> from salesmgmt.engines.reactions import CommandKind
    >>> CommandKind(name="remind", arguments={"person": "text", "message": "text"}).causes
    ()
    """

    name: str
    arguments: Mapping[str, FactType] = attrs.field(factory=dict, converter=_types)
    optional: Mapping[str, FactType] = attrs.field(factory=dict, converter=_types)
    causes: tuple[Cause, ...] = ()

    @property
    def takes(self) -> Mapping[str, FactType]:
        """Type of each argument, needed or not."""
        return {**self.arguments, **self.optional}


@attrs.frozen(kw_only=True)
class Command:
    """Something to be done because of an event; nothing has happened yet.

    The place of the event in the outbox and the name of the reaction together identify it, so a host that sees an
    event twice carries a command out once.

    Attributes:
        kind: which command.
        arguments: its arguments; one that a missing value gave is not there.
        reaction: id of the reaction that asks for it.
        subject: the entity that the event happened to.
        due: when it is to be carried out; at the instant of the event, or later.
        event: the event.
    """

    kind: str
    arguments: Mapping[str, Value] = attrs.field(converter=_values)
    reaction: str
    subject: Ref
    due: datetime
    event: Event


@attrs.frozen(kw_only=True)
class Withdrawal:
    """Commands of a reaction about one subject that are not due yet are not to be carried out any more.

    Attributes:
        reaction: id of the reaction.
        subject: the entity.
        event: the event that makes them idle.
    """

    reaction: str
    subject: Ref
    event: Event


@attrs.frozen(kw_only=True)
class Failed:
    """A reaction that has no answer for an event: a divisor of zero, a missing argument, an instant beyond the calendar.

    Attributes:
        reaction: id of the reaction.
        event: the event.
        error: why; `None` when an argument that the command must have is missing.
        missing: names of these arguments; `due` when its instant cannot be told, `subject` when the event names none.
    """

    reaction: str
    event: Event
    error: SalesError | None = None
    missing: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Reactions:
    """The answer of a reactor.

    Attributes:
        commands: what is to be done, in the order of the events and, for one event, of the definition.
        withdrawals: what is not to be done any more.
        failed: reactions that had no answer; the others are not touched by that.
    """

    commands: tuple[Command, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    failed: tuple[Failed, ...] = ()
