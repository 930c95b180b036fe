"""What a move sets off beside itself."""

from __future__ import annotations

import attrs

from salesmgmt.core.entity import DealId
from salesmgmt.core.events import Event


@attrs.frozen(kw_only=True)
class StageEffect(Event):
    """A move was made that the pipeline connects with a side effect: the host, or a reaction, carries it out.

    It follows the `DealMoved` that it belongs to, and changes nothing on the deal.

    Attributes:
        deal: its id.
        source: the stage that the deal left.
        target: the stage that it entered.
        effect: name of the side effect, as the transition declares it in `emits`.
    """

    deal: DealId
    source: str
    target: str
    effect: str
