"""Impact: what changes of a model would do to requests, before they are made."""

from __future__ import annotations

from salesmgmt.cpq.pricing.impact.change_set import (
    ChangeSet,
)
from salesmgmt.cpq.pricing.impact.changes import (
    Changes,
    id_of,
)
from salesmgmt.cpq.pricing.impact.impact import (
    Needs,
)
from salesmgmt.cpq.pricing.impact.model_difference import (
    ModelDifference,
    names_in,
    records_of,
)
from salesmgmt.cpq.pricing.impact.movement import (
    Cause,
    CauseKind,
    LineMovement,
    Movement,
    amount_of,
    compare_waterfalls,
)
from salesmgmt.cpq.pricing.impact.price_adjustment import (
    AdjustPrices,
    PricesOf,
)
from salesmgmt.cpq.pricing.impact.replay import (
    Replay,
    ReplayDifference,
)
from salesmgmt.cpq.pricing.impact.result import (
    ApprovalChange,
    Impact,
    NotCompared,
    UnusedRecord,
)

__all__ = [
    "AdjustPrices",
    "ApprovalChange",
    "Cause",
    "CauseKind",
    "ChangeSet",
    "Changes",
    "Impact",
    "LineMovement",
    "ModelDifference",
    "Movement",
    "Needs",
    "NotCompared",
    "PricesOf",
    "Replay",
    "ReplayDifference",
    "UnusedRecord",
    "amount_of",
    "compare_waterfalls",
    "id_of",
    "names_in",
    "records_of",
]
