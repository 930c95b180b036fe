"""Which fields of a deal are surely known where a condition reads them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import Formula, Schema
from salesmgmt.core.formula.nodes import IsMissing, Name, walk
from salesmgmt.core.formula.static import never
from salesmgmt.engines.lifecycle.edges import Edge, edges_of
from salesmgmt.engines.lifecycle.guard import Reader, shown
from salesmgmt.pipeline.stages.names import PREFIX, can_be_missing

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.definition import PipelineDefinition

_Names = frozenset[str]

_MOST_STEPS = 20_000
"""Visits of stages; a definition that needs more is beyond anyone, and nothing is said about its fields."""


def lint_fields(definition: PipelineDefinition, schema: Schema) -> Iterator[Finding]:
    """Warn of conditions on a field that a deal may lack when it comes there, because no stage on some way asks for it.

    What is known in a stage is what all ways to it ask for: the greatest solution of known(stage) = intersection over the
    moves into it of known(source) + asked for by the move, as dominators are reckoned (Cooper, Harvey, Kennedy 2001).
    """
    lifecycle = definition.lifecycle
    edges = tuple(edges_of(lifecycle))
    reads = _Reads(definition, schema)
    known = _known(definition, edges, reads)
    told: set[tuple[str, str]] = set()
    for edge in edges:
        if edge.transition.automatic:
            continue  # it waits until the field is known; nobody is refused
        at_hand = known[edge.source] | reads.demanded(edge)
        for condition_id, formula in reads.reader.read_all(edge.conditions):
            for name in sorted(reads.needed(formula) - at_hand):
                where = _place(edge, condition_id)
                if (where, name) not in told:
                    told.add((where, name))
                    yield _unrequired(where, condition_id, name, edge.source)


class _Reads:
    """What formulas say about the presence of fields, each looked at once."""

    def __init__(self, definition: PipelineDefinition, schema: Schema) -> None:
        self.reader = Reader(schema)
        self._fields = definition.fields
        self._needed: dict[str, tuple[_Names, _Names]] = {}

    def needed(self, formula: Formula) -> _Names:
        """The fields without which a condition cannot hold, though it does not ask for their presence."""
        return self._both(formula)[0]

    def demanded(self, edge: Edge) -> _Names:
        """The fields whose presence a move asks for by name, as required fields do."""
        asked = (self._both(formula)[1] for _, formula in self.reader.read_all(edge.conditions))
        return _Names().union(*asked)

    def established(self, edge: Edge) -> _Names:
        """The fields that are known once a move was made."""
        pairs = (self._both(formula) for _, formula in self.reader.read_all(edge.conditions))
        return _Names().union(*(names for pair in pairs for names in pair))

    def _both(self, formula: Formula) -> tuple[_Names, _Names]:
        text = str(formula)
        if text not in self._needed:
            nodes = {
                node.name: node
                for node in walk(formula.tree)
                if isinstance(node, Name) and can_be_missing(node.name, self._fields)
            }
            by_name = {
                node.operand.name
                for node in walk(formula.tree)
                if isinstance(node, IsMissing) and isinstance(node.operand, Name)
            }
            needed = {
                name for name, node in nodes.items() if never((formula.tree, IsMissing(node, negated=False)))
            }
            self._needed[text] = (frozenset(needed - by_name), frozenset(needed & by_name))
        return self._needed[text]


def _known(definition: PipelineDefinition, edges: tuple[Edge, ...], reads: _Reads) -> dict[str, _Names]:
    """The fields that are known in each stage on whatever way a deal came there; all of them where nobody can tell."""
    entry = {
        state.id: [formula for _, formula in reads.reader.read_all(state.entry)]
        for state in definition.lifecycle.states
    }
    gained = [(edge.source, edge.target, reads.established(edge)) for edge in edges]
    everything = _Names().union(*(names for *_, names in gained))
    known = {stage.id: everything for stage in definition.stages}
    for start in definition.openings:
        if start in known:
            pairs = (reads._both(formula) for formula in entry[start])  # noqa: SLF001 - same module
            known[start] = _Names().union(*(names for pair in pairs for names in pair))
    leaving: dict[str, list[tuple[str, _Names]]] = {}
    for source, target, names in gained:
        leaving.setdefault(source, []).append((target, names))
    waiting = deque(known)
    for _ in range(_MOST_STEPS):
        if not waiting:
            return known
        source = waiting.popleft()
        for target, names in leaving.get(source, ()):
            left = known[target] & (known[source] | names)
            if left != known[target]:
                known[target] = left
                waiting.append(target)
    return dict.fromkeys(known, everything)


def _place(edge: Edge, condition_id: str) -> str:
    for side, stage, conditions in (
        ("exit", edge.source, edge.leaving),
        ("entry", edge.target, edge.entering),
    ):
        if any(one.id == condition_id for one in conditions):
            return f"stages.{shown(stage)}.{side}.{shown(condition_id)}"
    return f"transitions[{edge.position}].conditions.{shown(condition_id)}"


def _unrequired(where: str, condition_id: str, name: str, source: str) -> Finding:
    field = name.removeprefix(PREFIX)
    return Finding(
        code="unrequired_field",
        where=where,
        message=f"{shown(condition_id)} reads {name}, which a deal in {shown(source)} may lack: no stage before asks for it",
        hint=f'add required = ["{field}"] to an earlier stage, or to the one that is entered',
        severity=Severity.WARNING,
    )
