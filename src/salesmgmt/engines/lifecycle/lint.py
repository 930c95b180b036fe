"""What can be wrong with a lifecycle: every finding, with its place.

Errors: `too_large`, `definition_id`, `state_id`, `missing_initial`, `initial_states`, `missing_source`, `missing_target`,
`duplicate_edge`, `unreachable`, `dead_end`, `no_path_to_final`, `final_with_exit`, `reopens_open`, `role_name`, `effect_name`,
`condition_id`, `formula`, `contradictory_condition`, `contradictory_guard` (conditions of one move that exclude each other),
`overlapping_guards` (two automatic moves of equal priority can both be due), `automatic_ring` (automatic moves without
condition lead in a ring).
Warnings: `overlapping_guards` where nobody can tell, `shadowed_guard` (an automatic move that another one always
forestalls), `priority_unused`, and those of `salesmgmt.core.formula.lint` on each condition.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import Schema
from salesmgmt.core.nearest import nearest
from salesmgmt.engines.lifecycle.automatic import lint_automatic
from salesmgmt.engines.lifecycle.edges import Edge, edges_of
from salesmgmt.engines.lifecycle.guard import Reader, is_name, lint_conditions, lint_together, shown

if TYPE_CHECKING:
    from salesmgmt.engines.lifecycle.definition import LifecycleDefinition, Transition

MAX_PARTS = 5_000
"""States, moves and conditions of one definition at most, so that looking at a hostile one takes bounded time."""

MAX_ASKED = 50_000
"""Conditions that all moves together ask for at most: those of a state count for each way that leads there."""

_MOST_ALIKE = 100

MAX_TEXT = 200_000
"""Characters of all conditions at most; looking at one takes longer than reading it."""


def lint(definition: LifecycleDefinition, schema: Schema, noun: str) -> tuple[Finding, ...]:
    """Find what is wrong: first the ids, then the graph of moves, then the conditions."""
    size = sum(1 + len(state.entry) + len(state.exit) for state in definition.states) + len(definition.starts)
    size += sum(
        len(move.edges) + len(move.conditions) + len(move.roles) + len(move.emits)
        for move in definition.transitions
    )
    if size > MAX_PARTS:
        return (too_large(size, f"{noun}s, moves and conditions"),)
    written = sum(len(one.formula) for state in definition.states for one in (*state.entry, *state.exit))
    written += sum(len(one.formula) for move in definition.transitions for one in move.conditions)
    if written > MAX_TEXT:
        return (too_large(written, "characters of conditions", MAX_TEXT),)
    edges = tuple(edges_of(definition))
    asked = sum(len(edge.leaving) + len(edge.entering) + len(edge.transition.conditions) for edge in edges)
    if asked > MAX_ASKED:
        return (too_large(asked, "conditions asked for by all moves together", MAX_ASKED),)
    return (
        *_ids(definition, noun),
        *_ends(definition, noun),
        *definition.graph.lint(noun),
        *_conditions(definition, edges, schema, noun),
    )


def too_large(size: int, what: str, most: int = MAX_PARTS) -> Finding:
    """The finding that a definition has more parts than anyone can mean."""
    return Finding(
        code="too_large",
        where="the definition",
        message=f"it has {size} {what}, more than {most}",
        hint="split it into several definitions",
    )


def _ids(definition: LifecycleDefinition, noun: str) -> Iterator[Finding]:
    if not is_name(definition.id):
        yield Finding(
            code="definition_id",
            where="id",
            message=f"{shorten(definition.id)} is no id",
            hint="give the definition a name: one line of text",
        )
    seen = set()
    for position, state in enumerate(definition.states):
        if not is_name(state.id) or state.id in seen:
            yield Finding(
                code="state_id",
                where=f"{noun}s[{position}]",
                message=f"the id {shorten(state.id)} is no line of text, or taken by an earlier {noun}",
                hint=f"give each {noun} its own id",
            )
        seen.add(state.id)


def _ends(definition: LifecycleDefinition, noun: str) -> Iterator[Finding]:
    """Transitions that lead nowhere, stand there twice, or leave a final state unasked."""
    known = {state.id: state for state in definition.states}
    seen: dict[tuple[str, str], int] = {}
    for position, transition in enumerate(definition.transitions):
        where = f"transitions[{position}]"
        if not transition.edges:
            yield Finding(
                code="missing_source",
                where=where,
                message=f"the way to {shorten(transition.target)} begins nowhere",
                hint=f"name at least one {noun} as source",
            )
        for end in dict.fromkeys(end for edge in transition.edges for end in edge):
            if end not in known:
                yield Finding(
                    code="missing_target",
                    where=where,
                    message=f"there is no {noun} {shorten(end)}",
                    hint=_meant(end, known) or f"declare the {noun}, or correct its name",
                )
        for source, target in transition.edges:
            if (source, target) in seen:
                yield Finding(
                    code="duplicate_edge",
                    where=where,
                    message=f"{shown(source)} -> {shown(target)} is declared at transitions[{seen[source, target]}] already",
                    hint="join the two into one transition",
                )
            seen.setdefault((source, target), position)
            if source in known and known[source].final is not transition.reopens:
                yield _wrong_exit(shown(source), shown(target), where, noun, reopens=transition.reopens)
        yield from _words(transition, where)


def _wrong_exit(source: str, target: str, where: str, noun: str, *, reopens: bool) -> Finding:
    if reopens:
        return Finding(
            code="reopens_open",
            where=where,
            message=f"{source} -> {target} is to re-open, but {source} is not final",
            hint="drop reopens",
        )
    return Finding(
        code="final_with_exit",
        where=where,
        message=f"{source} -> {target} leaves the final {noun} {source}",
        hint="drop the transition, or mark it with reopens = true when that is meant",
    )


def _words(transition: Transition, where: str) -> Iterator[Finding]:
    for code, what, names in (
        ("role_name", "role", transition.roles),
        ("effect_name", "effect", transition.emits),
    ):
        for name in names:
            if not is_name(name) or names.count(name) > 1:
                yield Finding(
                    code=code,
                    where=where,
                    message=f"the {what} {shorten(name)} is no line of text, or stands there twice",
                    hint=f"name each {what} once",
                )
                break
    if transition.priority and not transition.automatic:
        yield Finding(
            code="priority_unused",
            where=where,
            message="it has a priority, but is not automatic",
            hint="mark it with automatic = true, or drop the priority",
            severity=Severity.WARNING,
        )


def _conditions(
    definition: LifecycleDefinition, edges: tuple[Edge, ...], schema: Schema, noun: str
) -> Iterator[Finding]:
    reader = Reader(schema)
    faulty = set()
    for state in definition.states:
        for side, conditions in (("entry", state.entry), ("exit", state.exit)):
            where = f"{noun}s.{shown(state.id)}.{side}"
            findings = tuple(lint_conditions(conditions, schema, where))
            if not _has_error(findings) and len(conditions) > 1:
                findings += tuple(lint_together(conditions, reader, where, what=f"its {side}"))
            yield from findings
            if _has_error(findings):
                faulty.add((side, state.id))
    for position, transition in enumerate(definition.transitions):
        where = f"transitions[{position}].conditions"
        findings = tuple(lint_conditions(transition.conditions, schema, where))
        yield from findings
        if _has_error(findings):
            faulty.add(("move", str(position)))
    good = []
    for edge in edges:
        if faulty.isdisjoint((("exit", edge.source), ("entry", edge.target), ("move", str(edge.position)))):
            findings = tuple(_together(edge, reader))
            yield from findings
            if not _has_error(findings):
                good.append(edge)
    yield from lint_automatic(good, reader, noun)


def _together(edge: Edge, reader: Reader) -> Iterator[Finding]:
    """What is wrong with conditions that come from several places: the states, and the move itself."""
    if (
        sum(map(bool, (edge.leaving, edge.entering, edge.transition.conditions)))
        + len(edge.transition.conditions)
        > 1
    ):
        what = f"{shown(edge.source)} -> {shown(edge.target)}"
        yield from lint_together(edge.conditions, reader, f"transitions[{edge.position}]", what=what)


def _has_error(findings: tuple[Finding, ...]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def _meant(name: str, known: Collection[str]) -> str:
    # Looking for a like name takes long among many names, and a hostile definition has many that are missing.
    meant = nearest(name, known) if len(name) <= _MOST_ALIKE and len(known) <= _MOST_ALIKE else None
    return f"did you mean {meant!r}?" if meant else ""
