"""A deal goes from one definition of its pipeline to another."""

from __future__ import annotations

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.events import Event
from salesmgmt.engines.lifecycle import Unmet
from salesmgmt.pipeline.deals.placement import Placement


@attrs.frozen(kw_only=True)
class DealMigrated(Event):
    """A deal stands under another definition from now on; it has not moved, and the time in its stage runs on.

    Attributes:
        deal: its id.
        before: where it stood.
        after: where it stands.
        waived: what its new stage asks for and it does not have.
        waived_by: who took that upon himself; `None` when nothing was waived.
        reason: why that may be.
        reverts: whether this undoes a migration.
    """

    deal: DealId
    before: Placement
    after: Placement
    waived: tuple[Unmet, ...] = ()
    waived_by: Actor | None = None
    reason: str = ""
    reverts: bool = False
