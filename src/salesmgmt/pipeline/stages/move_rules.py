"""Moves by rule: which of all conceivable ones a pipeline has, without listing each."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from salesmgmt.engines.lifecycle import Transition
from salesmgmt.pipeline.deals import StageKind
from salesmgmt.pipeline.stages.stage import Stage


@attrs.frozen(kw_only=True)
class MoveRules:
    """The moves of a pipeline by rule, as boards with columns have them: from each stage to each other one, but for these.

    A deal can be lost from each open stage, whatever the rules say. A closed deal stays closed unless `reopens`; then it
    comes back as any stage lets it, but a won deal is not lost without being open in between unless `won_can_be_lost`.

    Attributes:
        no_skip: forwards only to the next stage that is not of kind lost.
        no_backward: never to an earlier open stage.
        create_only_in: the stages where deals may be opened; all but lost ones when empty.
        reopens: whether closed deals may come back; with `no_backward` only a lost one to a stage listed after it.
        won_can_be_lost: whether a won deal may be lost at once, where `reopens` lets closed ones move.

    >>> from salesmgmt.pipeline.stages import MoveRules, Stage, StageKind
    >>> stages = (Stage("new"), Stage("offer"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST))
    >>> rules = MoveRules(no_skip=True)
    >>> rules.allows(stages, "new", "won"), rules.allows(stages, "offer", "new"), rules.allows(stages, "new", "lost")
    (False, True, True)
    """

    no_skip: bool = False
    no_backward: bool = False
    create_only_in: tuple[str, ...] = ()
    reopens: bool = False
    won_can_be_lost: bool = False

    def allows(self, stages: Sequence[Stage], source: str, target: str) -> bool:
        """Whether a deal may go from one stage to another; false when either is not among the stages."""
        places = {stage.id: place for place, stage in enumerate(stages)}
        if source not in places or target not in places:
            return False
        return self._allows(stages, places[source], places[target])

    def allows_opening(self, stages: Sequence[Stage], stage: str) -> bool:
        """Whether a deal may be opened in a stage."""
        return stage in self.openings(stages)

    def openings(self, stages: Sequence[Stage]) -> tuple[str, ...]:
        """The stages where deals may be opened."""
        return tuple(
            stage.id
            for stage in stages
            if stage.kind is not StageKind.LOST
            and (not self.create_only_in or stage.id in self.create_only_in)
        )

    def transitions(self, stages: Sequence[Stage]) -> tuple[Transition, ...]:
        """The moves that the rules allow, those that re-open apart from the others."""
        found = []
        for place, target in enumerate(stages):
            sources = [stage for origin, stage in enumerate(stages) if self._allows(stages, origin, place)]
            for reopens in (False, True):
                ids = tuple(stage.id for stage in sources if stage.kind.is_closed is reopens)
                if ids:
                    found.append(Transition(ids, target.id, reopens=reopens))
        return tuple(found)

    def _allows(self, stages: Sequence[Stage], origin: int, place: int) -> bool:
        source, target = stages[origin], stages[place]
        if origin == place or (source.kind.is_closed and not self.reopens):
            return False
        if target.kind is StageKind.LOST:
            return source.kind is StageKind.OPEN or (source.kind is StageKind.WON and self.won_can_be_lost)
        if source.kind is StageKind.WON and target.kind.is_closed:
            return False
        if place < origin:
            return not self.no_backward
        between = stages[origin + 1 : place]
        return not self.no_skip or all(stage.kind is StageKind.LOST for stage in between)
