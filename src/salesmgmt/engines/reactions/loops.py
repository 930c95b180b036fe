"""Loops: reactions whose commands publish events that call for each other without end.

A reaction follows another one when the command of the first can publish an event that the second waits for, and what is
known of that event does not exclude the second's condition. What cannot be told counts as possible: a set of
reactions that is let through cannot run for ever, as far as the declared causes of its commands are complete.

Conditions that texts alone refute are left out at once; the others are compared part by part, up to `MAX_COMPARED`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.core.formula import TEXT, Formula, FormulaError, Schema, declare
from salesmgmt.core.formula.compile import compiled
from salesmgmt.core.formula.nodes import And, Name, Node, walk
from salesmgmt.core.formula.render import written
from salesmgmt.core.formula.static import never
from salesmgmt.core.formula.values import Run
from salesmgmt.engines.reactions.command import Cause, CommandKind
from salesmgmt.engines.reactions.names import PREFIX, event_schema
from salesmgmt.engines.reactions.reaction import Reaction

if TYPE_CHECKING:
    from salesmgmt.engines.reactions.reaction_set import ReactionSet

MAX_REFUTED = 20_000_000
"""Parts of conditions that are evaluated at most; what goes beyond counts as possible, so that it takes bounded time."""

MAX_COMPARED = 200_000
"""Parts of conditions that are compared at most, which takes longer; likewise."""


@attrs.frozen
class _Condition:
    """The condition of a reaction, whole and in the parts that must all hold."""

    tree: Node
    size: int
    parts: tuple[tuple[frozenset[str], Run], ...]

    @classmethod
    def of(cls, tree: Node) -> _Condition:
        parts = tree.operands if isinstance(tree, And) else (tree,)
        return cls(
            tree, sum(1 for _ in walk(tree)), tuple((_names(part), compiled(part, "")) for part in parts)
        )

    def is_refuted(self, texts: Mapping[str, str]) -> bool:
        """Whether texts alone tell that it does not hold."""
        return any(names <= texts.keys() and not _holds(run, texts) for names, run in self.parts)


def _size(tree: Node) -> int:
    return sum(1 for _ in walk(tree))


def _names(tree: Node) -> frozenset[str]:
    return frozenset(node.name for node in walk(tree) if isinstance(node, Name))


def _holds(run: Run, texts: Mapping[str, str]) -> bool:
    try:
        return run(texts) is True
    except SalesError:
        return False  # a condition that has no answer does not hold


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
    waiting: dict[str, list[tuple[Reaction, _Condition | None]]] = {}
    for reaction in definition.reactions:
        schema = facts | event_schema(events[name] for name in reaction.on)
        condition = _Condition.of(Formula.parse(reaction.when, schema).tree) if reaction.when else None
        for name in dict.fromkeys(reaction.on):
            waiting.setdefault(name, []).append((reaction, condition))
    seen: dict[tuple[Cause, tuple[tuple[str, str], ...], str], bool] = {}
    refuted = compared = 0
    followers: dict[str, set[str]] = {}
    for reaction in definition.reactions:
        mine = followers.setdefault(reaction.id, set())
        for cause in commands[reaction.then].causes:
            texts = _texts(cause, reaction, events)
            known = _known(cause, texts, events)
            for other, condition in waiting.get(cause.event, ()):
                key = (cause, tuple(texts.items()), other.id)
                if key not in seen:
                    size = sum(map(_size, known)) if condition is None else condition.size
                    refuted += size
                    if condition is not None and refuted <= MAX_REFUTED and condition.is_refuted(texts):
                        seen[key] = False
                    elif compared + size > MAX_COMPARED:
                        seen[key] = True
                    else:
                        compared += size
                        conditions = known if condition is None else (*known, condition.tree)
                        seen[key] = never(conditions) is not True
                if seen[key]:
                    mine.add(other.id)
    return followers


def _texts(cause: Cause, reaction: Reaction, events: Mapping[str, type[Event]]) -> dict[str, str]:
    """The fields of the event that a command publishes, as far as they are arguments that are plain texts."""
    event = events.get(cause.event)
    schema = Schema() if event is None else event_schema([event])
    return {
        f"{PREFIX}{name}": reaction.texts[of]
        for name, of in sorted(cause.fields.items())
        if of in reaction.texts and schema.get(f"{PREFIX}{name}") == TEXT
    }


def _known(cause: Cause, texts: Mapping[str, str], events: Mapping[str, type[Event]]) -> tuple[Node, ...]:
    """What holds of the event that a command publishes: the cause's condition, and its fields that are known."""
    event = events.get(cause.event)
    if event is None:
        return ()
    schema = event_schema([event])
    always = (Formula.parse(cause.when, schema).tree,) if cause.when else ()
    told = (_parsed(f"{name} == {written(text)}", schema) for name, text in texts.items())
    return (*always, *(tree for tree in told if tree is not None))


def _parsed(text: str, schema: Schema) -> Node | None:
    """A condition; `None` where an argument cannot stand in one, as it is too long or has control characters."""
    try:
        return Formula.parse(text, schema).tree
    except FormulaError:
        return None
