"""A stage of a pipeline, as data."""

from __future__ import annotations

import attrs

from salesmgmt.core.percent import Percent
from salesmgmt.engines.lifecycle import Condition
from salesmgmt.pipeline.deals.status import ForecastCategory, StageKind

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


@attrs.frozen
class Stage:
    """A stage that deals stand in.

    Attributes:
        id: its name in the definition and on deals.
        name: what people read; the id when empty.
        kind: open, won or lost; it alone decides the status of a deal.
        probability: how likely a deal in it is won, 0 to 100 %; 100 % by default when won, else 0 %.
        category: where a deal in it counts in a forecast; by default pipeline, closed (won) or omitted (lost).
        rot_after_days: after so many full days in it a deal rots; `None` when it never does.
        required: fields of the deal that must be known to come in, the host's own fields included.
        entry: what else must hold to come in.

    >>> from salesmgmt.pipeline.stages import Stage, StageKind
    >>> won = Stage("won", kind=StageKind.WON)
    >>> str(won.probability), won.category.value
    ('100%', 'closed')
    """

    id: str
    name: str = ""
    kind: StageKind = StageKind.OPEN
    probability: Percent = attrs.field(default=attrs.Factory(_probability, takes_self=True))
    category: ForecastCategory = attrs.field(default=attrs.Factory(_category, takes_self=True))
    rot_after_days: int | None = None
    required: tuple[str, ...] = ()
    entry: tuple[Condition, ...] = ()
