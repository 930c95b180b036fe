"""A lifecycle at work: answers about moves."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.formula import Formula, Schema, Values
from salesmgmt.engines.lifecycle.decision import Decision, MoveRefused, Override, UnknownState, Unmet
from salesmgmt.engines.lifecycle.guard import read_conditions
from salesmgmt.engines.lifecycle.mermaid import state_diagram

if TYPE_CHECKING:
    from salesmgmt.engines.lifecycle.definition import LifecycleDefinition


_Conditions: TypeAlias = tuple[tuple[str, Formula], ...]


@attrs.frozen
class _Edge:
    """A move, with its conditions read."""

    roles: frozenset[str]
    conditions: _Conditions
    names: frozenset[str]
    allowed: Decision


def _edges(machine: Lifecycle) -> Mapping[str, Mapping[str, _Edge]]:
    entries = {state.id: state.entry for state in machine.definition.states}
    edges: dict[str, dict[str, _Edge]] = {state: {} for state in entries}
    for transition in machine.definition.transitions:
        conditions = read_conditions((*entries[transition.target], *transition.conditions), machine.schema)
        for source, target in transition.edges:
            edges[source][target] = _Edge(
                frozenset(transition.roles), conditions, _names(conditions), Decision(source, target)
            )
    return MappingProxyType(edges)


def _start(machine: Lifecycle) -> _Conditions:
    entry = next(state.entry for state in machine.definition.states if state.id == machine.definition.initial)
    return read_conditions(entry, machine.schema)


def _names(conditions: _Conditions) -> frozenset[str]:
    return frozenset(name for _, formula in conditions for name in formula.names)


@attrs.frozen(eq=False)
class Lifecycle:
    """A compiled lifecycle: immutable, shared by threads, pickled by its definition.

    Made by `LifecycleDefinition.compile`.

    Attributes:
        definition: what it was made from.
        schema: the names that its conditions may use.
        digest: the digest of the definition.

    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.formula import MONEY, Schema
    >>> from salesmgmt.engines.lifecycle import Condition, LifecycleDefinition, State, Transition
    >>> definition = LifecycleDefinition(
    ...     id="order",
    ...     states=(State("open"), State("paid", final=True, entry=(Condition("due", "order.due == 0 EUR"),))),
    ...     transitions=(Transition("open", "paid"),),
    ...     initial="open",
    ... )
    >>> order = definition.compile(Schema({"order.due": MONEY}))
    >>> from salesmgmt.core.money import Money
    >>> order.check("open", "paid", {"order.due": Money(5, "EUR")}, Actor("li.wei")).unmet
    (Unmet('due', wanted='order.due == 0 EUR', found=Money('5', 'EUR')),)
    """

    definition: LifecycleDefinition
    schema: Schema
    digest: str = attrs.field(
        init=False, default=attrs.Factory(lambda self: self.definition.digest, takes_self=True)
    )
    _edges: Mapping[str, Mapping[str, _Edge]] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_edges, takes_self=True)
    )
    _start: _Conditions = attrs.field(init=False, repr=False, default=attrs.Factory(_start, takes_self=True))

    @property
    def initial(self) -> str:
        """The state where each life begins."""
        return self.definition.initial

    def targets(self, source: str) -> tuple[str, ...]:
        """The states that can be entered from `source`, as declared; raises `UnknownState`."""
        return tuple(self._leaving(source))

    def needs(self, source: str, target: str) -> frozenset[str]:
        """The names that the conditions of a move read; empty when the move is not declared."""
        edge = self._leaving(source).get(target)
        return edge.names if edge else frozenset()

    @property
    def needs_to_start(self) -> frozenset[str]:
        """The names that the entry conditions of the initial state read."""
        return _names(self._start)

    def check(self, source: str, target: str, values: Values, by: Actor) -> Decision:
        """Ask whether a move may be made.

        Args:
            source: the state it is in.
            target: the state it would be in.
            values: what the conditions read, by name; a name that is absent counts as missing.
            by: who would make it.

        Returns:
            The decision, with everything that is lacking.

        Raises:
            UnknownState: the definition has no such state.
            EvaluationError: a condition has no answer (an amount in another currency).
        """
        edge = self._leaving(source).get(target)
        if edge is None:
            return self._undeclared(source, target)
        unmet = _unmet(edge.conditions, values)
        if edge.roles and not by.has_any(edge.roles):
            unmet = (_role(edge.roles, by), *unmet)
        return Decision(source, target, unmet) if unmet else edge.allowed

    def check_start(self, values: Values) -> Decision:
        """Ask whether a life may begin: the entry conditions of the initial state; the source of the answer is empty."""
        return Decision("", self.initial, _unmet(self._start, values))

    def require(
        self, source: str, target: str, values: Values, by: Actor, *, override: Override | None = None
    ) -> Decision:
        """Demand that a move may be made.

        Args:
            source: the state it is in.
            target: the state it would be in.
            values: what the conditions read.
            by: who makes it.
            override: waives the conditions, and lends its author's roles.

        Returns:
            The decision; its `unmet` are what the override waived, so usually empty.

        Raises:
            MoveRefused: something is lacking; the error carries the decision.
            UnknownState: the definition has no such state.
            EvaluationError: a condition has no answer.
        """
        decision = self.check(source, target, values, by)
        if decision.unmet:
            lacking = decision.unmet if override is None else self.lacking(decision, override)
            if lacking:
                raise MoveRefused(Decision(source, target, lacking))
        return decision

    def lacking(self, decision: Decision, override: Override) -> tuple[Unmet, ...]:
        """What a decision still lacks after an override: all that is no condition, nor a role that its author holds."""
        edge = self._edges[decision.source].get(decision.target)
        roles = edge.roles if edge else frozenset()
        waived = {"condition", "role"} if override.by.has_any(roles) else {"condition"}
        return tuple(unmet for unmet in decision.unmet if unmet.code not in waived)

    def to_mermaid(self) -> str:
        """The lifecycle as a Mermaid state diagram; ids are escaped, so that any text is safe."""
        return state_diagram(self.definition)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.definition, self.schema)

    def _leaving(self, source: str) -> Mapping[str, _Edge]:
        try:
            return self._edges[source]
        except KeyError:
            raise UnknownState(source, self._edges, self.definition.id) from None

    def _undeclared(self, source: str, target: str) -> Decision:
        self._leaving(target)
        wanted = ", ".join(self._edges[source]) or "no move at all"
        return Decision(
            source, target, (Unmet("transition", wanted=wanted, found=target, code="transition"),)
        )


def _unmet(conditions: _Conditions, values: Values) -> tuple[Unmet, ...]:
    return tuple(
        _condition(what, formula, values) for what, formula in conditions if not formula.holds(values)
    )


def _role(roles: frozenset[str], by: Actor) -> Unmet:
    found = ", ".join(sorted(by.roles)) or None
    return Unmet("role", wanted=" or ".join(sorted(roles)), found=found, code="role")


def _condition(what: str, formula: Formula, values: Values) -> Unmet:
    failed = formula.why_not(values)
    assert failed is not None  # noqa: S101 - evaluation is pure, and the formula has just failed
    found: object = None
    if len(failed.found) == 1:
        found = next(iter(failed.found.values()))
    elif failed.found:
        found = str(failed).removeprefix(f"{failed.condition}: found ")
    return Unmet(what, wanted=failed.condition, found=found)
