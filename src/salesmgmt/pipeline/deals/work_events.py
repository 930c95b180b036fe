"""What happens while a deal is worked on: its next step, its sleep, its checklist, its qualification, its category."""

from __future__ import annotations

import attrs

from salesmgmt.core.entity import DealId
from salesmgmt.core.events import Event
from salesmgmt.pipeline.deals.next_step import NextStep
from salesmgmt.pipeline.deals.qualification import Qualification
from salesmgmt.pipeline.deals.sleep import Snooze
from salesmgmt.pipeline.deals.status import CategoryOrigin, ForecastCategory


@attrs.frozen(kw_only=True)
class NextStepSet(Event):
    """What is to be done next for a deal changed; without `after`, nothing is.

    Attributes:
        deal: its id.
        before: the step until then.
        after: the step from then on.
    """

    deal: DealId
    before: NextStep | None
    after: NextStep | None


@attrs.frozen(kw_only=True)
class DealSnoozed(Event):
    """A deal was put to sleep; it wakes by itself when `snooze.until` comes.

    Attributes:
        deal: its id.
        snooze: since when, until when, and why.
    """

    deal: DealId
    snooze: Snooze


@attrs.frozen(kw_only=True)
class DealWoken(Event):
    """A deal was woken before its time.

    Attributes:
        deal: its id.
        snooze: the sleep that ended.
    """

    deal: DealId
    snooze: Snooze


@attrs.frozen(kw_only=True)
class ChecklistTicked(Event):
    """An item of the checklist of a deal's stage was done.

    Attributes:
        deal: its id.
        stage: the stage whose checklist it is.
        item: id of the item.
    """

    deal: DealId
    stage: str
    item: str


@attrs.frozen(kw_only=True)
class ChecklistUnticked(Event):
    """An item of the checklist of a deal's stage turned out not to be done.

    Attributes:
        deal: its id.
        stage: the stage whose checklist it is.
        item: id of the item.
    """

    deal: DealId
    stage: str
    item: str


@attrs.frozen(kw_only=True)
class DealQualified(Event):
    """Questions of a card were answered for a deal.

    Attributes:
        deal: its id.
        before: what the card said until then; `None` when it was never filled in.
        after: what it says from then on.
    """

    deal: DealId
    before: Qualification | None
    after: Qualification


@attrs.frozen(kw_only=True)
class DealCategorised(Event):
    """A person put a deal into another forecast category, or gave it back to its stage.

    Attributes:
        deal: its id.
        before: the category until then.
        before_origin: who had put it there.
        after: the category from then on.
        after_origin: who put it there.
    """

    deal: DealId
    before: ForecastCategory
    before_origin: CategoryOrigin
    after: ForecastCategory
    after_origin: CategoryOrigin
