"""The state of a deal as the sum of its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, TypeAlias

import attrs

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.events import Event
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.pipeline.deals._making import evolved, made
from salesmgmt.pipeline.deals.amendable import AMENDABLE, holds
from salesmgmt.pipeline.deals.deal import NOTHING_DONE, Deal, shared_when_empty
from salesmgmt.pipeline.deals.events import DealAmended, DealEstimated, DealMoved, DealOpened
from salesmgmt.pipeline.deals.migrated import DealMigrated
from salesmgmt.pipeline.deals.part_events import (
    DealCompetitorsSet,
    DealProductsSet,
    DealRolesSet,
    DealSplitsSet,
)
from salesmgmt.pipeline.deals.placement import Placement
from salesmgmt.pipeline.deals.product import AmountOrigin
from salesmgmt.pipeline.deals.sleep import Rest
from salesmgmt.pipeline.deals.status import CategoryOrigin
from salesmgmt.pipeline.deals.work_events import (
    ChecklistTicked,
    ChecklistUnticked,
    DealCategorised,
    DealQualified,
    DealSnoozed,
    DealWoken,
    NextStepSet,
)
from salesmgmt.pipeline.own_fields import OWN, frozen_fields

_STATE = tuple(field.name for field in attrs.fields(Deal) if field.name not in {"id", "tenant", "version"})

_READ = attrgetter(*_STATE)

_PLACED = tuple(field.name for field in attrs.fields(Placement))

_Changes: TypeAlias = dict[str, Any]
"""New values by the field of a deal."""


class BrokenHistory(SalesError, ValueError):
    """Events do not tell the life of one deal.

    Attributes:
        found: the event that does not fit.
    """

    code = "broken_history"

    def __init__(self, found: Event | None, reason: str) -> None:
        super().__init__(
            reason, hint="give all events of one deal, in the order in which they were published"
        )
        self.found = found


def replay(events: Iterable[Event]) -> Deal:
    """Make a deal from its events, at version 0 and of no tenant: those belong to the repository.

    Args:
        events: the history of one deal, oldest first; events of other kinds are passed over.

    Raises:
        BrokenHistory: they do not begin with `DealOpened`, or are of several deals, or leave a gap.

    >>> from salesmgmt.pipeline.deals import replay
    >>> replay([])
    Traceback (most recent call last):
    salesmgmt.pipeline.deals.history.BrokenHistory: no event opens the deal; ...
    """
    deal = fold(events)
    if deal is None:
        raise BrokenHistory(None, "no event opens the deal")
    return deal


def fold(events: Iterable[Event]) -> Deal | None:
    """As `replay`, but `None` when nothing opens the deal and nothing else happens to it."""
    # One draft is changed by all events, and the deal is made once: it has many fields.
    draft: SimpleNamespace | None = None
    state: dict[str, Any] = {}
    for event in events:
        if isinstance(event, DealOpened):
            if draft is not None:
                raise BrokenHistory(event, f"deal {draft.id} is open already, and {event.deal} is opened")
            draft = SimpleNamespace(**_beginning(event))
            state = draft.__dict__
        else:
            change = _CHANGES.get(type(event))
            if change is not None:
                if draft is None or event.deal != draft.id:  # type: ignore[attr-defined]
                    raise _elsewhere(event)
                state.update(change(draft, event))
    return None if draft is None else made(state)


def opened(event: DealOpened) -> Deal:
    """Make the deal that an event opens."""
    return made(_beginning(event))


def _beginning(event: DealOpened) -> _Changes:
    return {"id": event.deal, "tenant": "", "version": 0, **dict(zip(_STATE, _READ(event), strict=True))}


def after(deal: Deal, event: Event) -> Deal:
    """Make the deal as it is after an event; one that changes no deal is passed over, that of another deal raises `BrokenHistory`."""
    change = _CHANGES.get(type(event))
    if change is None:
        return deal
    if event.deal != deal.id:  # type: ignore[attr-defined]
        raise _elsewhere(event)
    return evolved(deal, change(deal, event))


def _elsewhere(event: Event) -> BrokenHistory:
    about = f"Deal:{event.deal}"  # type: ignore[attr-defined]
    return BrokenHistory(event, f"{type(event).__name__} is about {about}, which is not open here")


def moved(deal: Deal, event: DealMoved) -> Deal:
    """Make the deal as it is after a move."""
    return evolved(deal, _moved(deal, event))


def _moved(deal: Any, event: DealMoved) -> _Changes:
    if deal.stage != event.source:
        raise BrokenHistory(event, f"deal {deal.id} is in {deal.stage}, and moves from {event.source}")
    is_closed = event.status.is_closed
    return {
        "stage": event.target,
        "status": event.status,
        "category": event.category,
        "category_origin": CategoryOrigin.STAGE if is_closed else deal.category_origin,
        "probability": event.probability,
        "next_step": None if is_closed else deal.next_step,
        "stage_since": event.at,
        "closed_on": event.closed_on,
        "loss_reason": event.loss_reason,
        "lost_to": event.lost_to,
        "loss_note": event.loss_note,
        "done": NOTHING_DONE,
        "snooze": None,
        "rests": (),
        "pipeline_version": event.pipeline_version,
        "pipeline_digest": event.pipeline_digest,
    }


def _migrated(deal: Any, event: DealMigrated) -> _Changes:
    if deal.stage != event.before.stage:
        raise BrokenHistory(
            event, f"deal {deal.id} is in {deal.stage}, and migrates from {event.before.stage}"
        )
    return {name: getattr(event.after, name) for name in _PLACED}


def _estimated(_deal: Any, event: DealEstimated) -> _Changes:
    return {"probability": event.after}


def _amended(deal: Any, event: DealAmended) -> _Changes:
    changes: _Changes = {}
    own = dict(deal.fields)
    for change in (*event.changes, *event.private):
        if not change.field.startswith(OWN):
            # A store may give what anybody wrote into it: nothing else of a deal is changed this way.
            if change.field not in AMENDABLE or not holds(change.field, change.after):
                found = f"{shorten(change.field)} to {shorten(change.after)}"
                raise BrokenHistory(event, f"an amendment of deal {deal.id} can not set {found}")
            changes[change.field] = change.after
        elif change.after is None:
            own.pop(change.field.removeprefix(OWN), None)
        else:
            own[change.field.removeprefix(OWN)] = change.after
    if "amount" in changes:
        changes["amount_origin"] = AmountOrigin.STATED
    if any(change.field.startswith(OWN) for change in (*event.changes, *event.private)):
        changes["fields"] = frozen_fields(own)
    return changes


def _products_set(_deal: Any, event: DealProductsSet) -> _Changes:
    return {
        "products": event.after,
        "product": event.product,
        "amount": event.amount,
        "amount_origin": event.amount_origin,
    }


def _splits_set(_deal: Any, event: DealSplitsSet) -> _Changes:
    return {"splits": event.after}


def _roles_set(_deal: Any, event: DealRolesSet) -> _Changes:
    return {"roles": event.after, "contact": event.contact}


def _competitors_set(_deal: Any, event: DealCompetitorsSet) -> _Changes:
    return {"competitors": event.after}


def _next_step_set(_deal: Any, event: NextStepSet) -> _Changes:
    return {"next_step": event.after}


def _snoozed(deal: Any, event: DealSnoozed) -> _Changes:
    rests = deal.rests if deal.snooze is None else _joined(deal.rests, deal.snooze.rest_until(event.at))
    return {"snooze": event.snooze, "rests": rests}


def _woken(deal: Any, event: DealWoken) -> _Changes:
    # Its reason is left aside: it may have been forgotten in one of the two events.
    slept, ended = deal.snooze, event.snooze
    if slept is None or (slept.since, slept.until) != (ended.since, ended.until):
        raise BrokenHistory(event, f"deal {deal.id} does not sleep the sleep that it is woken from")
    return {"snooze": None, "rests": _joined(deal.rests, ended.rest_until(event.at))}


def _joined(rests: tuple[Rest, ...], rest: Rest) -> tuple[Rest, ...]:
    """The rests with one more; one that goes on where the last ended is a part of it."""
    if rests and rests[-1].until == rest.since:
        return (*rests[:-1], Rest(rests[-1].since, rest.until))
    return (*rests, rest)


def _ticked(deal: Any, event: ChecklistTicked) -> _Changes:
    return {"done": deal.done | {event.item}}


def _unticked(deal: Any, event: ChecklistUnticked) -> _Changes:
    return {"done": shared_when_empty(deal.done - {event.item})}


def _qualified(deal: Any, event: DealQualified) -> _Changes:
    return {"qualification": FrozenMap({**deal.qualification, event.after.card: event.after})}


def _categorised(_deal: Any, event: DealCategorised) -> _Changes:
    return {"category": event.after, "category_origin": event.after_origin}


_CHANGES: dict[type[Event], Callable[[Any, Any], _Changes]] = {
    DealMoved: _moved,
    DealMigrated: _migrated,
    DealEstimated: _estimated,
    DealAmended: _amended,
    DealProductsSet: _products_set,
    DealSplitsSet: _splits_set,
    DealRolesSet: _roles_set,
    DealCompetitorsSet: _competitors_set,
    NextStepSet: _next_step_set,
    DealSnoozed: _snoozed,
    DealWoken: _woken,
    ChecklistTicked: _ticked,
    ChecklistUnticked: _unticked,
    DealQualified: _qualified,
    DealCategorised: _categorised,
}
"""What each event changes, of a deal or of the draft of one."""
