"""A pipeline as data: stages, the moves between them, and the facts that its conditions may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.core.formula import FactType, Schema
from salesmgmt.engines.lifecycle import LifecycleDefinition, State, Transition
from salesmgmt.pipeline.stages.lint import lint
from salesmgmt.pipeline.stages.names import declared_names, required_conditions
from salesmgmt.pipeline.stages.pipeline import Pipeline
from salesmgmt.pipeline.stages.stage import Stage


@attrs.frozen(kw_only=True)
class PipelineDefinition:
    """A pipeline as data, usually from a TOML file.

    Attributes:
        id: its name, kept on every deal.
        version: raised by its author with each change, kept on every deal.
        name: what people read.
        initial: the stage where deals are opened.
        stages: all stages, in the order in which deals go through them.
        transitions: all moves between them: skipping, going back and re-opening only where they stand here.
        fields: the host's own fields of a deal, with their types; conditions call them `deal.<name>`.
        facts: what the host tells about a deal when it asks, with types (`{"contract.signed": "bool"}`).
        loss_reasons: the reasons that a lost deal may have; any text when empty.
        override_roles: who may waive conditions: an actor with any of these roles; everybody when empty.

    >>> from salesmgmt.pipeline.stages import PipelineDefinition, Stage, StageKind, Transition
    >>> definition = PipelineDefinition(
    ...     id="walk-in",
    ...     version=1,
    ...     initial="talk",
    ...     stages=(Stage("talk"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)),
    ...     transitions=(Transition("talk", "won"), Transition("talk", "lost")),
    ... )
    >>> [finding.code for finding in definition.findings]
    ['probability_at_odds']
    """

    id: str
    version: int
    name: str = ""
    initial: str
    stages: tuple[Stage, ...]
    transitions: tuple[Transition, ...]
    fields: Mapping[str, FactType] = attrs.field(factory=dict)
    facts: Mapping[str, FactType] = attrs.field(factory=dict)
    loss_reasons: tuple[str, ...] = ()
    override_roles: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path | str) -> PipelineDefinition:
        """Read a definition from a TOML file and lint it.

        Raises:
            InvalidInput: the file is no such document; all problems are listed.
            InvalidDefinition: it cannot work; all findings are listed with their places.

        >>> from salesmgmt.pipeline.stages import PipelineDefinition
        >>> PipelineDefinition.load("nowhere.toml")
        Traceback (most recent call last):
        salesmgmt.core.errors.InvalidInput: nowhere.toml has 1 problem: ...
        """
        definition = load_definition(path, cls)
        definition._refuse_errors()  # noqa: SLF001 - its own method
        return definition

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that the lint says; see `salesmgmt.pipeline.stages.lint` for the codes."""
        return lint(self)

    @property
    def digest(self) -> str:
        """SHA-256 of the definition: equal definitions have equal digests, whatever their files look like."""
        return digest_of(self)

    @property
    def schema(self) -> Schema:
        """The names that conditions may use: `deal.…` for the fields of a deal, and the facts."""
        return declared_names(self.fields, self.facts).schema

    @property
    def lifecycle(self) -> LifecycleDefinition:
        """The stages and moves as the lifecycle engine knows them; required fields are entry conditions there."""
        schema = self.schema
        return LifecycleDefinition(
            id=self.id,
            version=self.version,
            states=tuple(
                State(
                    stage.id,
                    kind=stage.kind,
                    final=stage.kind.is_closed,
                    entry=(*required_conditions(stage.required, schema), *stage.entry),
                    name=stage.name,
                )
                for stage in self.stages
            ),
            transitions=self.transitions,
            initial=self.initial,
        )

    def compile(self) -> Pipeline:
        """Make the pipeline that opens and moves deals; raises `InvalidDefinition` when it cannot work."""
        self._refuse_errors()
        return Pipeline(self)

    def _refuse_errors(self) -> None:
        refuse_errors(f"pipeline {shorten(self.id)}", self.findings)
