"""The moves of a lifecycle as a graph, and what can be wrong with it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding
from salesmgmt.engines.lifecycle.guard import shown


def _tuple(states: Iterable[str]) -> tuple[str, ...]:
    return tuple(states)


def _set(states: Iterable[str]) -> frozenset[str]:
    return frozenset(states)


def _edges(edges: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(edges)


@attrs.frozen
class StateGraph:
    """States and the moves between them, good or bad; each question is linear in their number.

    Answers are in the order of `states`.

    Attributes:
        states: the ids of the states that exist.
        initial: where something may begin.
        final: where it may end.
        edges: the moves, as (source, target).
        starts: further states where something may begin, beside the initial one.

    >>> from salesmgmt.engines.lifecycle import StateGraph
    >>> graph = StateGraph(["draft", "lost", "sent"], ["draft"], ["sent"], [("draft", "lost")])
    >>> graph.unreachable, graph.dead_ends, graph.no_path_to_final
    (('sent',), ('lost',), ('draft', 'lost'))
    """

    states: tuple[str, ...] = attrs.field(converter=_tuple)
    initial: tuple[str, ...] = attrs.field(converter=_tuple)
    final: frozenset[str] = attrs.field(converter=_set)
    edges: tuple[tuple[str, str], ...] = attrs.field(converter=_edges)
    starts: tuple[str, ...] = attrs.field(default=(), converter=_tuple)

    @property
    def missing(self) -> tuple[str, ...]:
        """The states that are named as initial, final, or an end of an edge, and do not exist."""
        known = set(self.states)
        named = dict.fromkeys(
            [*self.initial, *self.starts, *sorted(self.final), *(end for edge in self.edges for end in edge)]
        )
        return tuple(state for state in named if state not in known)

    @property
    def unreachable(self) -> tuple[str, ...]:
        """The states that no walk from an initial one reaches."""
        return self._outside(_spread((*self.initial, *self.starts), _neighbours(self.edges)))

    @property
    def dead_ends(self) -> tuple[str, ...]:
        """The reachable states without a way out that are not final."""
        leaving = {source for source, _ in self.edges}
        reached = _spread((*self.initial, *self.starts), _neighbours(self.edges))
        return tuple(
            state
            for state in self.states
            if state in reached and state not in self.final and state not in leaving
        )

    @property
    def no_path_to_final(self) -> tuple[str, ...]:
        """The states from which no walk ends in a final one; dead ends are among them."""
        backwards = _neighbours((target, source) for source, target in self.edges)
        return self._outside(_spread(self.final, backwards))

    @property
    def final_with_exit(self) -> tuple[str, ...]:
        """The final states that can be left."""
        leaving = {source for source, _ in self.edges}
        return tuple(state for state in self.states if state in self.final and state in leaving)

    def lint(self, noun: str = "state") -> Iterator[Finding]:
        """Find what no machine can work with, each an error.

        They are `initial_states` (there is not exactly one where things begin), `missing_initial`, `unreachable`, `dead_end` and
        `no_path_to_final`.

        Args:
            noun: what a state is called in the findings.

        >>> from salesmgmt.engines.lifecycle import StateGraph
        >>> print(*StateGraph(["a", "b"], ["a", "b"], ["b"], [("a", "b")]).lint())
        error initial_states at initial: 2 states are initial; name the one where things begin
        """
        if len(self.initial) != 1:
            yield Finding(
                code="initial_states",
                where="initial",
                message=f"{len(self.initial)} {noun}s are initial",
                hint="name the one where things begin",
            )
        known = frozenset(self.states)
        for place, named in (("initial", self.initial), ("starts", self.starts)):
            for state in named:
                if state not in known:
                    yield Finding(
                        code="missing_initial",
                        where=place,
                        message=f"there is no {noun} {shorten(state)}",
                        hint=f"name the {noun} where each life begins",
                    )
        yield from self._lint_reach(noun, has_start=not known.isdisjoint((*self.initial, *self.starts)))

    def _lint_reach(self, noun: str, *, has_start: bool) -> Iterator[Finding]:
        for state in self.unreachable if has_start else ():
            yield Finding(
                code="unreachable",
                where=f"{noun}s.{shown(state)}",
                message=f"no way leads here from {', '.join(map(shown, (*self.initial, *self.starts)))}",
                hint=f"add a transition to it, or drop the {noun}",
            )
        dead_ends = frozenset(self.dead_ends)
        for state in self.states:
            if state in dead_ends:
                yield Finding(
                    code="dead_end",
                    where=f"{noun}s.{shown(state)}",
                    message="there is no way out, and it is not final",
                    hint=f"add a transition that leaves it, or make the {noun} final",
                )
        for state in self.no_path_to_final:
            if state not in dead_ends:
                yield Finding(
                    code="no_path_to_final",
                    where=f"{noun}s.{shown(state)}",
                    message=f"no way from here reaches a final {noun}",
                    hint=f"add a transition towards a final {noun}",
                )

    def _outside(self, reached: set[str]) -> tuple[str, ...]:
        return tuple(state for state in self.states if state not in reached)


def _neighbours(edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    neighbours: dict[str, list[str]] = {}
    for source, target in edges:
        neighbours.setdefault(source, []).append(target)
    return neighbours


def _spread(start: Iterable[str], neighbours: Mapping[str, list[str]]) -> set[str]:
    """All that a walk along `neighbours` reaches, the start included."""
    reached = set(start)
    waiting = deque(reached)
    while waiting:
        for state in neighbours.get(waiting.popleft(), ()):
            if state not in reached:
                reached.add(state)
                waiting.append(state)
    return reached
