"""A migration as data: which stage of the old definition becomes which of the new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.nearest import nearest
from salesmgmt.pipeline.stages.definition import PipelineDefinition
from salesmgmt.pipeline.stages.migration.difference import PipelineDifference, diff
from salesmgmt.pipeline.stages.stage import Stage

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.migration.migration import Migration


class StageMatchOrigin(StrEnum):
    """Why a stage of the new definition was suggested."""

    ID = "id"
    """It has the same id, and the same kind."""
    NAME = "name"
    """It has the same name, whatever the case, and the same kind."""
    LIKENESS = "likeness"
    """It has the same kind and forecast category, and the nearest probability; look at it."""
    KIND = "kind"
    """It is the only one of this kind."""


@attrs.frozen
class StageMatch:
    """A suggestion for one stage.

    Attributes:
        source: id of the stage in the old definition.
        target: id in the new one; `None` when nothing is like it, so that somebody has to say.
        origin: why; `None` without a target.
    """

    source: str
    target: str | None
    origin: StageMatchOrigin | None


def _texts(given: Mapping[str, str]) -> Mapping[str, str]:
    return FrozenMap(given)


@attrs.frozen(kw_only=True)
class MigrationPlan:
    """Which stage of the old definition becomes which of the new one: look at it, complete it, then compile it.

    Attributes:
        old: the definition under which the deals run.
        new: the one under which they are to run; its id may be another one.
        stages: by id of each old stage, the id of the new one.

    >>> import attrs
    >>> from salesmgmt.pipeline.stages import PipelineDefinition, Stage, StageKind, Transition
    >>> from salesmgmt.pipeline.stages.migration import MigrationPlan
    >>> old = PipelineDefinition(
    ...     id="walk-in", version=1, initial="talk",
    ...     stages=(Stage("talk", "First talk"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)),
    ...     transitions=(Transition("talk", "won"), Transition("talk", "lost")),
    ... )
    >>> new = attrs.evolve(old, version=2, initial="meeting", stages=(Stage("meeting", "first talk"), *old.stages[1:]),
    ...                    transitions=(Transition("meeting", "won"), Transition("meeting", "lost")))
    >>> plan = MigrationPlan.suggest(old, new)
    >>> dict(plan.stages)
    {'talk': 'meeting', 'won': 'won', 'lost': 'lost'}
    """

    old: PipelineDefinition
    new: PipelineDefinition
    stages: Mapping[str, str] = attrs.field(converter=_texts)

    @classmethod
    def suggest(cls, old: PipelineDefinition, new: PipelineDefinition) -> MigrationPlan:
        """Make a plan of the suggestions of `matches`; old stages without one are left open, and the lint names them."""
        found = {match.source: match.target for match in cls.matches(old, new) if match.target is not None}
        return cls(old=old, new=new, stages=found)

    @staticmethod
    def matches(old: PipelineDefinition, new: PipelineDefinition) -> tuple[StageMatch, ...]:
        """Say for each old stage which new one it may become, and why: by id, name, likeness, or as the only one of its kind."""
        return tuple(_match(stage, new.stages) for stage in old.stages)

    def mapped(self, stages: Mapping[str, str]) -> MigrationPlan:
        """Return the plan with some old stages becoming others than before."""
        return attrs.evolve(self, stages={**self.stages, **stages})

    @property
    def difference(self) -> PipelineDifference:
        """What differs between the two definitions."""
        return diff(self.old, self.new)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What cannot work: `unmapped_stage`, `unknown_stage`, `kind_changed`, `same_definition`."""
        return tuple(self._lint())

    def compile(self) -> Migration:
        """Make what migrates deals; raises `InvalidDefinition` when the plan, or one of its pipelines, cannot work."""
        from salesmgmt.pipeline.stages.migration.migration import Migration  # noqa: PLC0415 - it knows its plan

        refuse_errors(f"the migration of pipeline {shorten(self.old.id)}", self.findings)
        return Migration(self)

    def _lint(self) -> Iterator[Finding]:
        before = {stage.id: stage for stage in self.old.stages}
        after = {stage.id: stage for stage in self.new.stages}
        if (self.old.id, self.old.version) == (self.new.id, self.new.version):
            yield Finding(
                code="same_definition",
                where="new.version",
                message=f"both are version {self.new.version} of {shorten(self.new.id)}",
                hint="raise the version of the new one, so that deals tell under which they run",
            )
        for name in before:
            if name not in self.stages:
                yield Finding(
                    code="unmapped_stage",
                    where=f"stages.{name}",
                    message="nothing says what becomes of it",
                    hint=f"map it to one of {', '.join(after)}",
                )
        for source, target in self.stages.items():
            for name, known, side in ((source, before, "old"), (target, after, "new")):
                if name not in known:
                    meant = nearest(name, known)
                    yield Finding(
                        code="unknown_stage",
                        where=f"stages.{source}",
                        message=f"the {side} definition has no stage {shorten(name)}",
                        hint=f"did you mean {meant!r}?" if meant else f"known are {', '.join(known)}",
                    )
            if source in before and target in after and before[source].kind is not after[target].kind:
                yield Finding(
                    code="kind_changed",
                    where=f"stages.{source}",
                    message=f"deals that are {before[source].kind} would be {after[target].kind}",
                    hint="map it to a stage of the same kind; won and lost deals stay what they are",
                )


def _match(stage: Stage, candidates: tuple[Stage, ...]) -> StageMatch:
    alike = [one for one in candidates if one.kind is stage.kind]
    for one in alike:
        if one.id == stage.id:
            return StageMatch(stage.id, one.id, StageMatchOrigin.ID)
    called = _called(stage)
    for one in alike:
        if _called(one) == called:
            return StageMatch(stage.id, one.id, StageMatchOrigin.NAME)
    if len(alike) == 1:
        return StageMatch(stage.id, alike[0].id, StageMatchOrigin.KIND)
    counted = [one for one in alike if one.category is stage.category]
    if counted:
        # `min` takes the first of equally near ones: the earlier stage, so that a deal is not carried too far.
        close = min(counted, key=lambda one: abs(one.probability.points - stage.probability.points))
        return StageMatch(stage.id, close.id, StageMatchOrigin.LIKENESS)
    return StageMatch(stage.id, None, None)


def _called(stage: Stage) -> str:
    return " ".join((stage.name or stage.id).casefold().split())
