"""Reactions at work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.events import Event
from salesmgmt.core.formula import EvaluationError, Formula, Schema, Value, Values, WhyNot, declare
from salesmgmt.core.nearest import nearest
from salesmgmt.engines.reactions.command import Command, CommandKind, Failed, Reactions, Withdrawal
from salesmgmt.engines.reactions.names import event_schema, event_values
from salesmgmt.engines.reactions.reaction import Reaction

if TYPE_CHECKING:
    from salesmgmt.engines.reactions.reaction_set import ReactionSet

_NOTHING: Values = MappingProxyType({})


class CalendarMissing(SalesError, ValueError):
    """A reaction counts working time, and no calendar was given.

    Attributes:
        reaction: id of the reaction.
    """

    code = "calendar_missing"

    def __init__(self, reaction: str) -> None:
        super().__init__(
            f"reaction {reaction} counts working time",
            hint="pass calendar=, the working hours of the business",
        )
        self.reaction = reaction


class UnknownReaction(SalesError, LookupError):
    """A reaction was named that the definition does not have, or that does not wait for this event.

    Attributes:
        found: the name, shortened for showing.
    """

    code = "unknown_reaction"

    def __init__(self, found: str, known: Iterable[str]) -> None:
        self.found = shorten(found)
        names = tuple(known)
        meant = nearest(found, names)
        hint = f"did you mean {meant}?" if meant else f"known are {', '.join(names) or 'none'}"
        super().__init__(f"no reaction {self.found} waits for this event", hint=hint)


@attrs.frozen
class _Compiled:
    """A reaction with its formulas read."""

    reaction: Reaction
    when: Formula | None
    due: Formula | None
    arguments: tuple[tuple[str, Formula], ...]
    needed: frozenset[str]

    def command(
        self, event: Event, values: Values, calendar: BusinessCalendar | None
    ) -> Command | Failed | None:
        reaction = self.reaction
        try:
            if self.when is not None and not self.when.holds(values):
                return None
            arguments: dict[str, Value] = dict(reaction.texts)
            for name, formula in self.arguments:
                value = formula.evaluate(values)
                if value is not None:
                    arguments[name] = value
            start = event.at if self.due is None else self.due.evaluate(values)
        except EvaluationError as error:
            return Failed(reaction=reaction.id, event=event, error=error)
        missing = sorted(self.needed - arguments.keys())
        if start is None:
            missing.append("due")
        if not event.subjects:
            missing.append("subject")
        if missing or not isinstance(start, datetime):
            return Failed(reaction=reaction.id, event=event, missing=tuple(missing))
        try:
            due = reaction.after.after(start, calendar)
        except SalesError as error:
            return Failed(reaction=reaction.id, event=event, error=error)
        return Command(
            kind=reaction.then,
            arguments=arguments,
            reaction=reaction.id,
            subject=event.subjects[0],
            due=due,
            event=event,
        )


class Reactor:
    """Compiled reactions: immutable, shared by threads, pickled by their definition.

    Made by `ReactionSet.compile`. It does nothing itself: the host carries commands out, and shows the events of that to
    the reactor again; because loops are refused when it is made, this ends.

    Attributes:
        definition: what it was made from.
    """

    __slots__ = ("_commands", "_events", "_idle", "_waiting", "definition")

    def __init__(
        self,
        definition: ReactionSet,
        events: Mapping[str, type[Event]],
        commands: Mapping[str, CommandKind],
    ) -> None:
        self.definition = definition
        self._events = events
        self._commands = commands
        facts = declare(definition.facts, Schema()).schema
        waiting: dict[type[Event], list[_Compiled]] = {}
        idle: dict[type[Event], list[str]] = {}
        for reaction in definition.reactions:
            schema = facts | event_schema(events[name] for name in reaction.on)
            compiled = _Compiled(
                reaction,
                Formula.parse(reaction.when, schema) if reaction.when else None,
                Formula.parse(reaction.due, schema) if reaction.due else None,
                tuple((name, Formula.parse(text, schema)) for name, text in reaction.arguments.items()),
                frozenset(commands[reaction.then].arguments),
            )
            for name in dict.fromkeys(reaction.on):
                waiting.setdefault(events[name], []).append(compiled)
            for name in dict.fromkeys(reaction.until):
                idle.setdefault(events[name], []).append(reaction.id)
        self._waiting = {event: tuple(every) for event, every in waiting.items()}
        self._idle = {event: tuple(every) for event, every in idle.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.definition, self._events, self._commands)

    def react(
        self,
        events: Iterable[Event],
        *,
        facts: Callable[[Event], Values] | None = None,
        calendar: BusinessCalendar | None = None,
    ) -> Reactions:
        """Say what is to be done because of events.

        Args:
            events: what happened, in order; events that no reaction waits for are passed over.
            facts: what the host knows about the subject of an event, by the declared names; asked only for events that a
                reaction waits for; what is absent counts as missing.
            calendar: working hours, for delays that count them.

        Raises:
            CalendarMissing: a delay counts working time, and there is no calendar.
        """
        commands: list[Command] = []
        withdrawals: list[Withdrawal] = []
        failed: list[Failed] = []
        for event in events:
            # What an event makes idle is older than what it calls for.
            withdrawals += (
                Withdrawal(reaction=name, subject=event.subjects[0], event=event)
                for name in self._idle.get(type(event), ())
                if event.subjects
            )
            waiting = self._waiting.get(type(event), ())
            if not waiting:
                continue
            values = event_values(event, facts(event) if facts else _NOTHING)
            for compiled in waiting:
                if calendar is None and compiled.reaction.after.needs_calendar:
                    raise CalendarMissing(compiled.reaction.id)
                answer = compiled.command(event, values, calendar)
                if isinstance(answer, Command):
                    commands.append(answer)
                elif answer is not None:
                    failed.append(answer)
        return Reactions(commands=tuple(commands), withdrawals=tuple(withdrawals), failed=tuple(failed))

    def why_not(self, reaction: str, event: Event, *, facts: Values = _NOTHING) -> WhyNot | None:
        """Say why a reaction does not answer an event; `None` when it does.

        Raises:
            UnknownReaction: no such reaction waits for this event.
            EvaluationError: its condition has no answer.
        """
        waiting = {one.reaction.id: one for one in self._waiting.get(type(event), ())}
        if reaction not in waiting:
            raise UnknownReaction(reaction, waiting)
        condition = waiting[reaction].when
        return None if condition is None else condition.why_not(event_values(event, facts))
