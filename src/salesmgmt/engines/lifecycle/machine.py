"""A lifecycle at work: answers about moves."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.formula import Formula, Schema, Values
from salesmgmt.engines.lifecycle.decision import Decision, MoveRefused, Override, UnknownState, Unmet
from salesmgmt.engines.lifecycle.edges import edges_of
from salesmgmt.engines.lifecycle.guard import Reader
from salesmgmt.engines.lifecycle.mermaid import state_diagram

if TYPE_CHECKING:
    from salesmgmt.engines.lifecycle.definition import LifecycleDefinition


_NO_STYLES: Mapping[str, str] = MappingProxyType({})

_Conditions: TypeAlias = tuple[tuple[str, Formula], ...]


@attrs.frozen
class _Move:
    """A move, with its conditions read."""

    roles: frozenset[str]
    conditions: _Conditions
    names: frozenset[str]
    allowed: Decision
    emits: tuple[str, ...]


def _moves(machine: Lifecycle) -> Mapping[str, Mapping[str, _Move]]:
    moves: dict[str, dict[str, _Move]] = {state.id: {} for state in machine.definition.states}
    reader = Reader(machine.schema)
    for edge in edges_of(machine.definition):
        conditions = reader.read_all(edge.conditions)
        moves[edge.source][edge.target] = _Move(
            frozenset(edge.transition.roles),
            conditions,
            _names(conditions),
            Decision(edge.source, edge.target),
            edge.transition.emits,
        )
    return MappingProxyType(moves)


def _automatic(machine: Lifecycle) -> Mapping[str, tuple[str, ...]]:
    """The targets of the automatic moves out of each state, the highest priority first, then as declared."""
    found: dict[str, list[tuple[int, str]]] = {}
    for edge in edges_of(machine.definition):
        if edge.transition.automatic:
            found.setdefault(edge.source, []).append((-edge.transition.priority, edge.target))
    return MappingProxyType(
        {
            source: tuple(target for _, target in sorted(moves, key=lambda move: move[0]))
            for source, moves in found.items()
        }
    )


def _entries(machine: Lifecycle) -> Mapping[str, _Conditions]:
    reader = Reader(machine.schema)
    return MappingProxyType({state.id: reader.read_all(state.entry) for state in machine.definition.states})


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
    _moves: Mapping[str, Mapping[str, _Move]] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_moves, takes_self=True)
    )
    _automatic: Mapping[str, tuple[str, ...]] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_automatic, takes_self=True)
    )
    _entries: Mapping[str, _Conditions] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_entries, takes_self=True)
    )

    @property
    def initial(self) -> str:
        """The state where each life begins."""
        return self.definition.initial

    def targets(self, source: str) -> tuple[str, ...]:
        """The states that can be entered from `source`, as declared; raises `UnknownState`."""
        return tuple(self._leaving(source))

    def automatic(self, source: str) -> tuple[str, ...]:
        """The states that automatic moves out of `source` lead to, the one that goes first at the front; raises `UnknownState`."""
        self._leaving(source)
        return self._automatic.get(source, ())

    def effects(self, source: str, target: str) -> tuple[str, ...]:
        """What a move emits, as declared; empty when the move is not declared."""
        move = self._leaving(source).get(target)
        return move.emits if move else ()

    def needs(self, source: str, target: str) -> frozenset[str]:
        """The names that the conditions of a move read; empty when the move is not declared."""
        move = self._leaving(source).get(target)
        return move.names if move else frozenset()

    def needs_to_enter(self, state: str) -> frozenset[str]:
        """The names that the entry conditions of a state read; raises `UnknownState`."""
        return _names(self._entry(state))

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
        move = self._leaving(source).get(target)
        if move is None:
            return self._undeclared(source, target)
        unmet = _unmet(move.conditions, values)
        if move.roles and move.roles.isdisjoint(by.roles):
            unmet = (_role(move.roles, by), *unmet)
        return Decision(source, target, unmet) if unmet else move.allowed

    def check_entry(self, state: str, values: Values) -> Decision:
        """Ask whether the entry conditions of a state hold, however one came there; the source of the answer is empty.

        Raises:
            UnknownState: the definition has no such state.
            EvaluationError: a condition has no answer.
        """
        return Decision("", state, _unmet(self._entry(state), values))

    def check_start(self, values: Values, state: str | None = None) -> Decision:
        """Ask whether a life may begin in a state (`None`: the initial one); the source of the answer is empty.

        Raises:
            UnknownState: the definition has no such state.
            EvaluationError: a condition has no answer.
        """
        start = self.initial if state is None else state
        decision = self.check_entry(start, values)
        starts = (self.initial, *self.definition.starts)
        if start in starts:
            return decision
        no_start = Unmet("start", wanted=" or ".join(starts), found=start, code="transition")
        return Decision("", start, (no_start, *decision.unmet))

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
        move = self._moves[decision.source].get(decision.target)
        roles = move.roles if move else frozenset()
        waived = {"condition", "role"} if override.by.has_any(roles) else {"condition"}
        return tuple(unmet for unmet in decision.unmet if unmet.code not in waived)

    def to_mermaid(self, styles: Mapping[str, str] = _NO_STYLES) -> str:
        """The lifecycle as a Mermaid state diagram; ids are escaped, so that any text is safe.

        Args:
            styles: how the states of a kind are drawn, by kind, in Mermaid's words (`fill:#fff,stroke:#000`).
        """
        return state_diagram(self.definition, styles)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.definition, self.schema)

    def _leaving(self, source: str) -> Mapping[str, _Move]:
        try:
            return self._moves[source]
        except KeyError:
            raise UnknownState(source, self._moves, self.definition.id) from None

    def _entry(self, state: str) -> _Conditions:
        self._leaving(state)
        return self._entries[state]

    def _undeclared(self, source: str, target: str) -> Decision:
        self._leaving(target)
        wanted = ", ".join(self._moves[source]) or "no move at all"
        return Decision(
            source, target, (Unmet("transition", wanted=wanted, found=target, code="transition"),)
        )


def _unmet(conditions: _Conditions, values: Values) -> tuple[Unmet, ...]:
    for _, formula in conditions:
        if not formula.holds(values):
            break
    else:
        return ()
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
