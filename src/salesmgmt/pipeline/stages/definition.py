"""A pipeline as data: stages, the moves between them, and the facts that its conditions may ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import option, shorten
from salesmgmt.core.events import Event
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.core.formula import FactType, Schema
from salesmgmt.engines.lifecycle import LifecycleDefinition, State, Transition
from salesmgmt.pipeline.deals import StageKind
from salesmgmt.pipeline.stages.lint import lint
from salesmgmt.pipeline.stages.move_rules import MoveRules
from salesmgmt.pipeline.stages.names import declared_names, required_conditions
from salesmgmt.pipeline.stages.pipeline import Pipeline
from salesmgmt.pipeline.stages.rotting import DayKind
from salesmgmt.pipeline.stages.stage import Stage

FORECAST_FIELDS = ("amount", "expected_close")
"""What must be known of a deal that is forecast."""


def _day_kind(value: DayKind | str) -> DayKind:
    return option(DayKind, value, "the kind of days")


@attrs.frozen(kw_only=True)
class PipelineDefinition:
    """A pipeline as data, usually from a TOML file.

    Attributes:
        id: its name, kept on every deal.
        version: raised by its author with each change, kept on every deal.
        name: what people read.
        initial: the stage where deals are opened, when nothing else is said.
        stages: all stages, in the order in which deals go through them.
        transitions: the moves between them: skipping, going back and re-opening only where they stand here.
        moves: moves by rule, beside those that are listed; a listed one takes the place of that of the rules, and may
            not go against them.
        open_in: further stages where deals may be opened; with `moves` its `create_only_in` says where.
        fields: the host's own fields of a deal, with their types; conditions call them `deal.<name>`.
        facts: what the host tells about a deal when it asks, with types (`{"contract.signed": "bool"}`).
        scorecards: ids of the cards that conditions may read, as `deal.qualification.<card>`: the share that was reached.
        loss_reasons: the reasons that a lost deal may have; any text when empty.
        loss_reason_needed: whether a lost deal must have a reason at all.
        notes_required: the reasons that need a note as well.
        override_roles: who may waive conditions: an actor with any of these roles; everybody when empty.
        max_age_days: after so many full days since its opening an open deal is too old; `None` when it never is.
        day_kind: which days count against `rot_after_days` and `max_age_days`.
        forecasting: whether deals are forecast: then they need an amount and an expected day in every stage.

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
    transitions: tuple[Transition, ...] = ()
    moves: MoveRules | None = None
    open_in: tuple[str, ...] = ()
    fields: Mapping[str, FactType] = attrs.field(factory=dict)
    facts: Mapping[str, FactType] = attrs.field(factory=dict)
    scorecards: tuple[str, ...] = ()
    loss_reasons: tuple[str, ...] = ()
    loss_reason_needed: bool = True
    notes_required: tuple[str, ...] = ()
    override_roles: tuple[str, ...] = ()
    max_age_days: int | None = None
    day_kind: DayKind = attrs.field(default=DayKind.CALENDAR, converter=_day_kind)
    forecasting: bool = False

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
        return self.lint()

    def lint(self, history: Iterable[Event] = ()) -> tuple[Finding, ...]:
        """Find what cannot work, or may not work as meant.

        Args:
            history: what happened to deals so far; with it, stages are found in which no deal ever stood, and stages
                of the past that are gone.

        Returns:
            All findings; see `salesmgmt.pipeline.stages.lint` for their codes.
        """
        return lint(self, history)

    @property
    def digest(self) -> str:
        """SHA-256 of the definition: equal definitions have equal digests, whatever their files look like."""
        return digest_of(self)

    @property
    def schema(self) -> Schema:
        """The names that conditions may use: `deal.…` for the fields of a deal, and the facts."""
        return declared_names(self.fields, self.facts, self.scorecards).schema

    @property
    def openings(self) -> tuple[str, ...]:
        """The stages where deals may be opened, the initial one first."""
        further = self.open_in if self.moves is None else (*self.open_in, *self.moves.openings(self.stages))
        return tuple(dict.fromkeys((self.initial, *further)))

    def required_in(self, stage: Stage) -> tuple[str, ...]:
        """The fields of a deal that must be known to come into a stage: its own, and what a forecast needs."""
        forecast = FORECAST_FIELDS if self.forecasting else ()
        return (*stage.required, *(name for name in forecast if name not in stage.required))

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
                    entry=(*required_conditions(self.required_in(stage), schema), *stage.entry),
                    name=stage.name,
                    exit=stage.exit_criteria,
                    escape=stage.kind is StageKind.LOST,
                )
                for stage in self.stages
            ),
            transitions=self._all_transitions(),
            initial=self.initial,
            starts=tuple(one for one in self.openings[1:] if any(stage.id == one for stage in self.stages)),
        )

    def compile(self) -> Pipeline:
        """Make the pipeline that opens and moves deals; raises `InvalidDefinition` when it cannot work."""
        self._refuse_errors()
        return Pipeline(self)

    def _all_transitions(self) -> tuple[Transition, ...]:
        """The listed moves, and those of the rules that none of them takes the place of."""
        if self.moves is None:
            return self.transitions
        listed = {edge for transition in self.transitions for edge in transition.edges}
        ruled = (
            attrs.evolve(
                one, source=tuple(source for source, target in one.edges if (source, target) not in listed)
            )
            for one in self.moves.transitions(self.stages)
        )
        return (*self.transitions, *(one for one in ruled if one.source))

    def _refuse_errors(self) -> None:
        refuse_errors(f"pipeline {shorten(self.id)}", self.findings)
