"""Making deals, and the events of their moves, of values that were checked before.

A deal has many fields, and `attrs.evolve` sets each through its constructor with all converters and validators; for a history
of many events, and for moving many deals, that is most of the time. Here a draft is written: an object of a class with the
same slots whose attributes can be set. When all are set it becomes a deal, by its `__class__`, and nobody can change it any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from salesmgmt.pipeline.deals.deal import Deal


def draft_class(frozen: type[Any]) -> type[Any]:
    """Make the class of drafts of a frozen, slotted class that derives from another one.

    >>> from salesmgmt.pipeline.deals._making import draft_class
    >>> from salesmgmt.pipeline.deals import ChecklistTicked
    >>> draft = object.__new__(draft_class(ChecklistTicked))
    >>> draft.deal, draft.item = "d-1", "needs"
    >>> draft.__class__ = ChecklistTicked
    >>> draft.item
    'needs'
    """
    return type(
        f"_{frozen.__name__}Draft",
        frozen.__bases__,
        {
            "__slots__": tuple(frozen.__slots__),
            # Both, because they share one entry of the type: with the plain ones setting an attribute is quick.
            "__setattr__": object.__setattr__,
            "__delattr__": object.__delattr__,
        },
    )


_DRAFT = draft_class(Deal)
_NAMES = tuple(field.name for field in attrs.fields(Deal))


def made(values: Mapping[str, Any]) -> Deal:
    """Make a deal of all its values; they are what its constructor would have kept."""
    draft: Any = object.__new__(_DRAFT)
    for name in _NAMES:
        setattr(draft, name, values[name])
    draft.__class__ = Deal
    return draft  # type: ignore[no-any-return]


def evolved(deal: Deal, changes: Mapping[str, Any]) -> Deal:
    """Make a deal with some values changed, as `attrs.evolve` does; they are what its constructor would have kept."""
    if type(deal) is not Deal:
        return attrs.evolve(deal, **changes)
    draft: Any = object.__new__(_DRAFT)
    # Written out: a loop over the names takes ten times as long.
    draft.id = deal.id
    draft.tenant = deal.tenant
    draft.version = deal.version
    draft.name = deal.name
    draft.account = deal.account
    draft.contact = deal.contact
    draft.owner = deal.owner
    draft.amount = deal.amount
    draft.amount_origin = deal.amount_origin
    draft.product = deal.product
    draft.products = deal.products
    draft.splits = deal.splits
    draft.roles = deal.roles
    draft.competitors = deal.competitors
    draft.source = deal.source
    draft.campaign = deal.campaign
    draft.expected_close = deal.expected_close
    draft.next_step = deal.next_step
    draft.fields = deal.fields
    draft.pipeline = deal.pipeline
    draft.pipeline_version = deal.pipeline_version
    draft.pipeline_digest = deal.pipeline_digest
    draft.stage = deal.stage
    draft.status = deal.status
    draft.category = deal.category
    draft.category_origin = deal.category_origin
    draft.probability = deal.probability
    draft.opened_at = deal.opened_at
    draft.stage_since = deal.stage_since
    draft.closed_on = deal.closed_on
    draft.loss_reason = deal.loss_reason
    draft.lost_to = deal.lost_to
    draft.loss_note = deal.loss_note
    draft.done = deal.done
    draft.snooze = deal.snooze
    draft.rests = deal.rests
    draft.qualification = deal.qualification
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.__class__ = Deal
    return draft  # type: ignore[no-any-return]
