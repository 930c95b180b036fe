"""What can be wrong with a lifecycle: every finding, with its place.

Errors: `too_large`, `definition_id`, `state_id`, `missing_initial`, `missing_source`, `missing_target`,
`duplicate_edge`, `unreachable`, `dead_end`, `no_path_to_final`, `final_with_exit`, `reopens_open`, `condition_id`,
`formula`, `contradictory_condition`, `contradictory_guard` (conditions of one move that exclude each other). Warnings: those of
`salesmgmt.core.formula.lint` on each condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import Schema
from salesmgmt.engines.lifecycle.guard import lint_conditions, lint_together

if TYPE_CHECKING:
    from salesmgmt.engines.lifecycle.definition import LifecycleDefinition

MAX_PARTS = 5_000
"""States, moves and conditions of one definition at most, so that looking at a hostile one takes bounded time."""


def lint(definition: LifecycleDefinition, schema: Schema, noun: str) -> tuple[Finding, ...]:
    """Find what is wrong: first the ids, then the graph of moves, then the conditions."""
    size = len(definition.states) + sum(len(state.entry) for state in definition.states)
    size += sum(len(move.edges) + len(move.conditions) for move in definition.transitions)
    if size > MAX_PARTS:
        return (too_large(size, f"{noun}s, moves and conditions"),)
    return (
        *_ids(definition, noun),
        *_ends(definition, noun),
        *_reach(definition, noun),
        *_conditions(definition, schema, noun),
    )


def too_large(size: int, what: str) -> Finding:
    """The finding that a definition has more parts than anyone can mean."""
    return Finding(
        code="too_large",
        where="the definition",
        message=f"it has {size} {what}, more than {MAX_PARTS}",
        hint="split it into several definitions",
    )


def _ids(definition: LifecycleDefinition, noun: str) -> Iterator[Finding]:
    if not definition.id.strip():
        yield Finding(
            code="definition_id", where="id", message="the definition has no id", hint="give it a name"
        )
    seen = set()
    for position, state in enumerate(definition.states):
        if not state.id.strip() or state.id in seen:
            yield Finding(
                code="state_id",
                where=f"{noun}s[{position}]",
                message=f"the id {shorten(state.id)} is blank or taken by an earlier {noun}",
                hint=f"give each {noun} its own id",
            )
        seen.add(state.id)


def _ends(definition: LifecycleDefinition, noun: str) -> Iterator[Finding]:
    """Transitions that lead nowhere, stand there twice, or leave a final state unasked."""
    known = {state.id: state for state in definition.states}
    if definition.initial not in known:
        yield Finding(
            code="missing_initial",
            where="initial",
            message=f"there is no {noun} {shorten(definition.initial)}",
            hint=f"name the {noun} where each life begins",
        )
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
                    hint=f"declare the {noun}, or correct its name",
                )
        for source, target in transition.edges:
            if (source, target) in seen:
                yield Finding(
                    code="duplicate_edge",
                    where=where,
                    message=f"{source} -> {target} is declared at transitions[{seen[source, target]}] already",
                    hint="join the two into one transition",
                )
            seen.setdefault((source, target), position)
            if source in known and known[source].final is not transition.reopens:
                yield _wrong_exit(source, target, where, noun, reopens=transition.reopens)


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


def _reach(definition: LifecycleDefinition, noun: str) -> Iterator[Finding]:
    graph = definition.graph
    dead_ends = frozenset(graph.dead_ends)
    unreachable = graph.unreachable if definition.initial in graph.states else ()
    for state in unreachable:
        yield Finding(
            code="unreachable",
            where=f"{noun}s.{state}",
            message=f"no way leads here from {definition.initial}",
            hint=f"add a transition to it, or drop the {noun}",
        )
    for state in graph.states:
        if state in dead_ends:
            yield Finding(
                code="dead_end",
                where=f"{noun}s.{state}",
                message="there is no way out, and it is not final",
                hint=f"add a transition that leaves it, or make the {noun} final",
            )
    for state in graph.no_path_to_final:
        if state not in dead_ends:
            yield Finding(
                code="no_path_to_final",
                where=f"{noun}s.{state}",
                message=f"no way from here reaches a final {noun}",
                hint=f"add a transition towards a final {noun}",
            )


def _conditions(definition: LifecycleDefinition, schema: Schema, noun: str) -> Iterator[Finding]:
    faulty = set()
    for state in definition.states:
        findings = tuple(lint_conditions(state.entry, schema, f"{noun}s.{state.id}.entry"))
        yield from findings
        if _has_error(findings):
            faulty.add(state.id)
    entries = {state.id: state.entry for state in definition.states}
    for position, transition in enumerate(definition.transitions):
        where = f"transitions[{position}]"
        findings = tuple(lint_conditions(transition.conditions, schema, f"{where}.conditions"))
        yield from findings
        if transition.conditions and not _has_error(findings) and transition.target not in faulty:
            together = (*entries.get(transition.target, ()), *transition.conditions)
            yield from lint_together(together, schema, where)


def _has_error(findings: tuple[Finding, ...]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)
