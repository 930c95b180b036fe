"""What can be wrong with reactions: every finding, with its place.

Errors: `too_large`, `reaction_id`, `duplicate_id`, `unknown_event`, `unknown_command`, `unknown_argument`, `argument_twice`, `missing_argument`,
`fact_prefix`,
`formula`, `contradictory_condition`, `negative_delay`, `long_delay`, `loop` (commands whose events call for each other without end), and
those of `salesmgmt.core.formula.declare`. Warnings: `unused_fact`, and those of `salesmgmt.core.formula.lint`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from salesmgmt.core.errors import shorten
from salesmgmt.core.events import Event
from salesmgmt.core.findings import Finding, Severity, duplicate_ids
from salesmgmt.core.formula import (
    INSTANT,
    Formula,
    FormulaError,
    Schema,
    declare,
    lint_condition,
)
from salesmgmt.core.formula.phrases import shorten_text
from salesmgmt.core.nearest import nearest
from salesmgmt.engines.reactions.command import CommandKind
from salesmgmt.engines.reactions.loops import loops
from salesmgmt.engines.reactions.names import PREFIX, event_schema
from salesmgmt.engines.reactions.reaction import Reaction

if TYPE_CHECKING:
    from salesmgmt.engines.reactions.reaction_set import ReactionSet

MAX_PARTS = 500
"""Reactions, or facts, of one set at most, so that looking for loops in a hostile one takes bounded time."""

MAX_EVENTS = 5_000
"""Names of events in one set at most, likewise."""

MAX_DELAY = 100_000
"""Days, or hours, of a delay at most."""

MAX_LOOPS = 10
"""Loops that are shown; a set that has more may have more than anybody could read."""

MAX_NAME = 100
"""Characters of a name for which a similar one is looked for."""


def lint(
    definition: ReactionSet, events: Mapping[str, type[Event]], commands: Mapping[str, CommandKind]
) -> tuple[Finding, ...]:
    """Find what cannot work, or may not work as meant; loops are looked for when all else is in order."""
    size = max(len(definition.reactions), len(definition.facts))
    if size > MAX_PARTS:
        message = f"it has {size} reactions or facts, more than {MAX_PARTS}"
        return (_finding("too_large", "the definition", message, "split it into several sets"),)
    names = sum(len(reaction.on) + len(reaction.until) for reaction in definition.reactions)
    if names > MAX_EVENTS:
        message = f"its reactions name {names} events, more than {MAX_EVENTS}"
        return (_finding("too_large", "the definition", message, "split it into several sets"),)
    declared = declare(definition.facts, Schema())
    used: set[str] = set()
    findings = [*declared.findings, *_facts(definition.facts)]
    findings += duplicate_ids("reactions", (reaction.id for reaction in definition.reactions))
    for position, reaction in enumerate(definition.reactions):
        where = f"reactions.{shorten_text(reaction.id)}" if reaction.id.strip() else f"reactions[{position}]"
        findings += _reaction(reaction, where)
        findings += _events(reaction, where, events)
        if reaction.then not in commands:
            findings.append(_unknown("command", reaction.then, f"{where}.then", commands))
            continue
        findings += _arguments(reaction, where, commands[reaction.then])
        if all(name in events for name in reaction.on):
            schema = declared.schema | event_schema(events[name] for name in reaction.on)
            findings += _formulas(reaction, commands[reaction.then], schema, where, used)
    if any(finding.severity is Severity.ERROR for finding in findings):
        return tuple(findings)
    findings += (
        _finding("unused_fact", f"facts.{name}", "no reaction reads it", "remove it", Severity.WARNING)
        for name in definition.facts
        if name not in used
    )
    found = islice(loops(definition, events, commands), MAX_LOOPS)
    return (*findings, *(_loop(circle) for circle in found))


def _facts(facts: Iterable[str]) -> Iterator[Finding]:
    for name in facts:
        if name.startswith(PREFIX):
            message = f"names that begin with {PREFIX} are those of the event"
            yield _finding("fact_prefix", f"facts.{name}", message, "choose another name")


def _events(reaction: Reaction, where: str, events: Mapping[str, type[Event]]) -> Iterator[Finding]:
    if not reaction.on:
        yield _finding("unknown_event", f"{where}.on", "it waits for no event", "name at least one")
    for place, names in (("on", reaction.on), ("until", reaction.until)):
        for name in names:
            if name not in events:
                yield _unknown("event", name, f"{where}.{place}", events)


def _reaction(reaction: Reaction, where: str) -> Iterator[Finding]:
    """Its id and its delay."""
    if not reaction.id.strip():
        yield _finding("reaction_id", where, "it has no id", "give it one, so that its commands can name it")
    if any(part < 0 for part in reaction.after.parts):
        yield _finding("negative_delay", f"{where}.after", "it lies before the event", "count from 0 upwards")
    elif any(part > MAX_DELAY for part in reaction.after.parts):
        message = f"it is longer than {MAX_DELAY} days or hours"
        yield _finding("long_delay", f"{where}.after", message, "use the unit that you mean")


def _arguments(reaction: Reaction, where: str, kind: CommandKind) -> Iterator[Finding]:
    for table, given in (("texts", reaction.texts), ("arguments", reaction.arguments)):
        for name in given:
            place = f"{where}.{table}.{shorten_text(name)}"
            if name not in kind.takes:
                known = ", ".join(kind.takes) or "none"
                message = f"{kind.name} takes no such argument"
                yield _finding("unknown_argument", place, message, f"it takes {known}")
            elif table == "texts" and kind.takes[name] != "text":
                message = f"{kind.name} takes a {kind.takes[name]} here, not a text"
                yield _finding("unknown_argument", place, message, "write it under arguments, as a formula")
    for name in sorted(reaction.texts.keys() & reaction.arguments.keys()):
        yield _finding("argument_twice", f"{where}.texts.{name}", "it stands under arguments too", "drop one")
    for name in sorted(kind.arguments.keys() - reaction.texts.keys() - reaction.arguments.keys()):
        message, hint = f"{kind.name} needs {name}", f"give {name} under texts or arguments"
        yield _finding("missing_argument", where, message, hint)


def _formulas(
    reaction: Reaction, kind: CommandKind, schema: Schema, where: str, used: set[str]
) -> Iterator[Finding]:
    if reaction.when:
        formula, findings = lint_condition(reaction.when, schema, f"{where}.when")
        yield from findings
        used |= formula.names if formula else set()
    wanted = {f"{where}.due": (reaction.due, INSTANT)} if reaction.due else {}
    types = declare(kind.takes, Schema()).schema
    for name in reaction.arguments.keys() & types.keys():
        wanted[f"{where}.arguments.{name}"] = (reaction.arguments[name], types[name])
    for place, (text, type_) in wanted.items():
        try:
            used |= Formula.parse(text, schema, wanted=type_).names
        except FormulaError as error:
            message = f"position {error.position}: expected {error.expected}, found {error.found}"
            yield _finding("formula", place, message, error.hint)


def _loop(circle: tuple[str, ...]) -> Finding:
    return _finding(
        "loop",
        f"reactions.{circle[0]}",
        f"they call for each other without end: {' -> '.join((*circle, circle[0]))}",
        "narrow a condition so that the event of the last does not fulfil the first",
    )


def _unknown(what: str, name: str, where: str, known: Iterable[str]) -> Finding:
    names = tuple(known)
    meant = nearest(name, names) if len(name) <= MAX_NAME else None
    hint = f"did you mean {meant}?" if meant else f"known are {', '.join(names) or 'none'}"
    return _finding(f"unknown_{what}", where, f"there is no {what} {shorten(name)}", hint)


def _finding(code: str, where: str, message: str, hint: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=code, where=where, message=message, hint=hint, severity=severity)
