"""A stage of a pipeline, as data."""

from __future__ import annotations

from typing import Any

import attrs

from salesmgmt.core.errors import SalesError, option, shorten
from salesmgmt.core.percent import Percent
from salesmgmt.engines.lifecycle import Condition
from salesmgmt.pipeline.deals.status import ForecastCategory, StageKind
from salesmgmt.pipeline.stages.checklist import ChecklistItem

_PROBABILITY = {StageKind.OPEN: Percent(0), StageKind.WON: Percent(100), StageKind.LOST: Percent(0)}

_CATEGORY = {
    StageKind.OPEN: ForecastCategory.PIPELINE,
    StageKind.WON: ForecastCategory.CLOSED,
    StageKind.LOST: ForecastCategory.OMITTED,
}


def _probability(stage: Stage) -> Percent:
    return _PROBABILITY[stage.kind]


def _category(stage: Stage) -> ForecastCategory:
    return _CATEGORY[stage.kind]


def _kind(value: StageKind | str) -> StageKind:
    return option(StageKind, value, "the kind of a stage")


def _given_category(value: ForecastCategory | str) -> ForecastCategory:
    return option(ForecastCategory, value, "the forecast category")


def _is_percent(_stage: object, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, Percent):
        raise NotAPercent(field.name, value)


class NotAPercent(SalesError, TypeError):
    """Something else was given where a percentage is needed.

    Attributes:
        name: of the field.
        found: what was given, shortened for showing.
    """

    code = "not_a_percent"

    def __init__(self, name: str, found: object) -> None:
        self.name = name
        self.found = shorten(found)
        super().__init__(f"{name} is {self.found}", hint="write Percent(40) for 40 %")


@attrs.frozen
class Stage:
    """A stage that deals stand in.

    Attributes:
        id: its name in the definition and on deals.
        name: what people read; the id when empty.
        kind: open, won or lost; it alone decides the status of a deal.
        probability: how likely a deal in it is won, 0 to 100 %; 100 % by default when won, else 0 %.
        category: where a deal in it counts in a forecast; by default pipeline, closed (won) or omitted (lost).
        rot_after_days: after so many full days in it a deal rots, days of the kind that the pipeline counts; `None` when
            it never does.
        required: fields of the deal that must be known to come in, the host's own fields included.
        entry: what else must hold to come in.
        exit: what must hold to leave it forwards: for a stage that is listed later and is not of kind lost.
        checklist: what is to be done in it; the required items must be ticked to leave it forwards.

    >>> from salesmgmt.pipeline.stages import Stage, StageKind
    >>> won = Stage("won", kind=StageKind.WON)
    >>> str(won.probability), won.category.value
    ('100%', 'closed')
    """

    id: str
    name: str = ""
    kind: StageKind = attrs.field(default=StageKind.OPEN, converter=_kind)
    probability: Percent = attrs.field(
        default=attrs.Factory(_probability, takes_self=True), validator=_is_percent
    )
    category: ForecastCategory = attrs.field(
        default=attrs.Factory(_category, takes_self=True), converter=_given_category
    )
    rot_after_days: int | None = None
    required: tuple[str, ...] = ()
    entry: tuple[Condition, ...] = ()
    exit: tuple[Condition, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()

    @property
    def exit_criteria(self) -> tuple[Condition, ...]:
        """All that must hold to leave it forwards: the required items of the checklist, and the exit conditions."""
        return (*(item.condition for item in self.checklist if item.required), *self.exit)
