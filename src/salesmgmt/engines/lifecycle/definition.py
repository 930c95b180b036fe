"""A lifecycle as data: states and the moves between them."""

from __future__ import annotations

from pathlib import Path

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.core.formula import Schema
from salesmgmt.engines.lifecycle.graph import StateGraph
from salesmgmt.engines.lifecycle.guard import Condition
from salesmgmt.engines.lifecycle.lint import lint
from salesmgmt.engines.lifecycle.machine import Lifecycle

_NO_NAMES = Schema()


@attrs.frozen
class State:
    """A state of a lifecycle.

    Attributes:
        id: its name in the definition and in what is stored.
        kind: what it means to the room that uses it (`open`, `won`); the engine does not read it.
        final: whether a life may end here.
        entry: what must hold to come in, from wherever.
        name: what diagrams show; the id when empty.
        exit: what must hold to leave it forwards: for a state that is listed after it and is no `escape`.
        escape: whether it is entered without the exit conditions of the state that is left (lost, cancelled).

    >>> from salesmgmt.engines.lifecycle import State
    >>> State("accepted", final=True).final
    True
    """

    id: str
    kind: str = ""
    final: bool = False
    entry: tuple[Condition, ...] = ()
    name: str = ""
    exit: tuple[Condition, ...] = ()
    escape: bool = False


@attrs.frozen
class Transition:
    """A move that is possible; what is not declared is not.

    Attributes:
        source: the state it leaves, or several of them.
        target: the state it enters.
        conditions: what must hold, besides the entry conditions of the target.
        roles: who may make it: an actor with any of these roles; everybody when empty.
        reopens: whether it leaves a final state on purpose.
        automatic: whether it is taken as soon as its conditions hold, when the host asks to advance.
        priority: which automatic one goes first where several hold: the highest.
        emits: names of what shall happen beside the move; the engine only tells them.

    >>> from salesmgmt.engines.lifecycle import Transition
    >>> Transition("draft", "sent", roles=("rep", "manager")).target
    'sent'
    """

    source: str | tuple[str, ...]
    target: str
    conditions: tuple[Condition, ...] = ()
    roles: tuple[str, ...] = ()
    reopens: bool = False
    automatic: bool = False
    priority: int = 0
    emits: tuple[str, ...] = ()

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """The single moves, as (source, target)."""
        sources = (self.source,) if isinstance(self.source, str) else self.source
        return tuple((source, self.target) for source in sources)


@attrs.frozen(kw_only=True)
class LifecycleDefinition:
    """States and moves as data, for anything that goes through stages: a deal, a quote, an action.

    Attributes:
        id: its name.
        version: raised by its author with each change.
        states: all states; at least one.
        transitions: all moves between them.
        initial: the state where each life begins.
        starts: further states where a life may begin.

    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.engines.lifecycle import LifecycleDefinition, State, Transition
    >>> quote = LifecycleDefinition(
    ...     id="quote",
    ...     states=(State("draft"), State("sent"), State("accepted", final=True)),
    ...     transitions=(Transition("draft", "sent"), Transition("sent", "accepted", roles=("customer",))),
    ...     initial="draft",
    ... ).compile()
    >>> quote.targets("draft")
    ('sent',)
    >>> quote.check("sent", "accepted", {}, Actor("li.wei", roles={"rep"})).unmet
    (Unmet('role', wanted='customer', found='rep', code='role'),)
    """

    id: str
    version: int = 1
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    initial: str
    starts: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path | str, schema: Schema = _NO_NAMES) -> LifecycleDefinition:
        """Read a definition from a TOML file and lint it.

        Args:
            path: the file.
            schema: the names that its conditions may use.

        Raises:
            InvalidInput: the file is no such document; all problems are listed.
            InvalidDefinition: it cannot work; all findings are listed.
        """
        definition = load_definition(path, cls)
        definition._refuse_errors(schema)  # noqa: SLF001 - its own method
        return definition

    @property
    def graph(self) -> StateGraph:
        """The states and moves as a graph."""
        return StateGraph(
            states=[state.id for state in self.states],
            initial=[self.initial],
            final=[state.id for state in self.states if state.final],
            edges=[edge for transition in self.transitions for edge in transition.edges],
            starts=self.starts,
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the definition: equal definitions have equal digests, whatever their files look like."""
        return digest_of(self)

    def lint(self, schema: Schema = _NO_NAMES, *, noun: str = "state") -> tuple[Finding, ...]:
        """Find what cannot work, or may not work as meant.

        Args:
            schema: the names that conditions may use.
            noun: what a state is called in the findings: `stage` for a pipeline.

        Returns:
            All findings; see `salesmgmt.engines.lifecycle.lint` for their codes.
        """
        return lint(self, schema, noun)

    def compile(self, schema: Schema = _NO_NAMES) -> Lifecycle:
        """Make the engine that answers questions; raises `InvalidDefinition` when it cannot work."""
        self._refuse_errors(schema)
        return Lifecycle(self, schema)

    def _refuse_errors(self, schema: Schema) -> None:
        refuse_errors(f"lifecycle {shorten(self.id)}", self.lint(schema))
