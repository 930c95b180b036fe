"""What can be wrong with moves that are taken of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula.nodes import And, Node, Not
from salesmgmt.core.formula.static import never
from salesmgmt.engines.lifecycle.edges import Edge
from salesmgmt.engines.lifecycle.guard import Reader, shown

MAX_PAIRS = 1_000
"""Pairs of automatic moves that are compared at most; a definition with more is told so."""


def lint_automatic(edges: Iterable[Edge], reader: Reader, noun: str) -> Iterator[Finding]:
    """Find automatic moves that compete, that never have their turn, or that go round without end."""
    automatic = [edge for edge in edges if edge.transition.automatic]
    yield from _rings(automatic, noun)
    leaving: dict[str, list[Edge]] = {}
    for edge in automatic:
        leaving.setdefault(edge.source, []).append(edge)
    pairs = sum(len(rivals) * (len(rivals) - 1) // 2 for rivals in leaving.values())
    if pairs > MAX_PAIRS:
        yield Finding(
            code="too_large",
            where="transitions",
            message=f"{pairs} pairs of automatic moves leave the same {noun}, more than {MAX_PAIRS} can be compared",
            hint="join some of them, or let people make them",
        )
        return
    for rivals in leaving.values():
        for first, second in combinations(rivals, 2):
            yield from _rivals(first, second, reader)


def _rivals(first: Edge, second: Edge, reader: Reader) -> Iterator[Finding]:
    """Two automatic moves out of one state."""
    mine, other = _trees(first, reader), _trees(second, reader)
    if first.transition.priority == second.transition.priority:
        both = never((*mine, *other))
        if both is not True:
            yield _overlap(first, second, is_certain=both is False)
        return
    if first.transition.priority < second.transition.priority:
        first, second, mine, other = second, first, other, mine
    if first.transition.roles:
        return
    if not mine or never((*other, Not(And(mine) if len(mine) > 1 else mine[0]))):
        yield _shadowed(first, second)


def _trees(edge: Edge, reader: Reader) -> tuple[Node, ...]:
    return tuple(formula.tree for _, formula in reader.read_all(edge.conditions))


def _overlap(first: Edge, second: Edge, *, is_certain: bool) -> Finding:
    can = "can" if is_certain else "may"
    return Finding(
        code="overlapping_guards",
        where=f"transitions[{second.position}]",
        message=(
            f"{_named(first)} at transitions[{first.position}] has the same priority {first.transition.priority}, "
            f"and both {can} be due at once"
        ),
        hint="give one of them a higher priority, or conditions that exclude each other",
        severity=Severity.ERROR if is_certain else Severity.WARNING,
    )


def _shadowed(first: Edge, second: Edge) -> Finding:
    return Finding(
        code="shadowed_guard",
        where=f"transitions[{second.position}]",
        message=f"whenever it is due, {_named(first)} at transitions[{first.position}] is due as well and goes first",
        hint="change the priorities, or drop it",
        severity=Severity.WARNING,
    )


def _named(edge: Edge) -> str:
    return f"{shown(edge.source)} -> {shown(edge.target)}"


def _rings(automatic: Sequence[Edge], noun: str) -> Iterator[Finding]:
    """Moves that ask for nothing and lead back to where they began: advancing would never come to rest."""
    free = [edge for edge in automatic if not edge.conditions]
    while True:
        # A state that no remaining move enters is in no ring, nor is one that none leaves.
        entered, left = {edge.target for edge in free}, {edge.source for edge in free}
        rest = [edge for edge in free if edge.source in entered and edge.target in left]
        if len(rest) == len(free):
            break
        free = rest
    if free:
        states = ", ".join(shown(state) for state in dict.fromkeys(edge.source for edge in free))
        yield Finding(
            code="automatic_ring",
            where=f"transitions[{free[0].position}]",
            message=f"automatic moves without condition go round between the {noun}s {states}",
            hint="give one of them a condition that the others do not leave true",
        )
