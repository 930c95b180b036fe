"""Loops: reactions whose commands publish events that call for each other without end.

A reaction follows another one when the command of the first can publish an event that the second waits for, and what is
known of that event does not exclude the second's condition. What cannot be told counts as possible: a set of
reactions that is let through cannot run for ever, as far as the declared causes of its commands are complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from salesmgmt.core.events import Event
from salesmgmt.core.formula import TEXT, Formula, Schema, declare
from salesmgmt.core.formula.nodes import Node
from salesmgmt.core.formula.render import written
from salesmgmt.core.formula.static import never
from salesmgmt.engines.reactions.command import Cause, CommandKind
from salesmgmt.engines.reactions.names import PREFIX, event_schema
from salesmgmt.engines.reactions.reaction import Reaction

if TYPE_CHECKING:
    from salesmgmt.engines.reactions.reaction_set import ReactionSet


def loops(
    definition: ReactionSet, events: Mapping[str, type[Event]], commands: Mapping[str, CommandKind]
) -> Iterator[tuple[str, ...]]:
    """Yield loops as the ids of their reactions, in order, until taking one move out of each has parted all of them."""
    followers = _followers(definition, events, commands)
    while True:
        try:
            TopologicalSorter({name: sorted(after) for name, after in followers.items()}).prepare()
        except CycleError as error:
            # `graphlib` reads its input as predecessors, so its circle runs against ours.
            circle = list(reversed(error.args[1]))[:-1]
            start = circle.index(min(circle))
            ordered = (*circle[start:], *circle[:start])
            yield ordered
            followers[ordered[-1]].discard(ordered[0])
        else:
            return


def _followers(
    definition: ReactionSet, events: Mapping[str, type[Event]], commands: Mapping[str, CommandKind]
) -> dict[str, set[str]]:
    facts = declare(definition.facts, Schema()).schema
    waiting: dict[str, list[tuple[Reaction, Node | None]]] = {}
    for reaction in definition.reactions:
        schema = facts | event_schema(events[name] for name in reaction.on)
        condition = Formula.parse(reaction.when, schema).tree if reaction.when else None
        for name in reaction.on:
            waiting.setdefault(name, []).append((reaction, condition))
    seen: dict[tuple[Cause, tuple[tuple[str, str], ...], str], bool] = {}
    followers: dict[str, set[str]] = {}
    for reaction in definition.reactions:
        mine = followers.setdefault(reaction.id, set())
        for cause in commands[reaction.then].causes:
            known = _known(cause, reaction, events)
            texts = tuple(
                (name, reaction.texts[of])
                for name, of in sorted(cause.fields.items())
                if of in reaction.texts
            )
            for other, condition in waiting.get(cause.event, ()):
                key = (cause, texts, other.id)
                if key not in seen:
                    conditions = known if condition is None else (*known, condition)
                    seen[key] = never(conditions) is not True
                if seen[key]:
                    mine.add(other.id)
    return followers


def _known(cause: Cause, reaction: Reaction, events: Mapping[str, type[Event]]) -> tuple[Node, ...]:
    """What holds of the event that a command publishes: the cause's condition, and arguments that are plain texts."""
    event = events.get(cause.event)
    if event is None:
        return ()
    schema = event_schema([event])
    conditions = [cause.when] if cause.when else []
    conditions += (
        f"{PREFIX}{name} == {written(reaction.texts[of])}"
        for name, of in cause.fields.items()
        if of in reaction.texts and schema.get(f"{PREFIX}{name}") == TEXT
    )
    return tuple(Formula.parse(text, schema).tree for text in conditions)
