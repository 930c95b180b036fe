"""The state of a deal as the sum of its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.events import DealAmended, DealEstimated, DealMoved, DealOpened

OWN = "fields."
"""How the name of a host's own field begins in a `Change`."""

_STATE = tuple(field.name for field in attrs.fields(Deal) if field.name not in {"id", "tenant", "version"})


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
    deal: Deal | None = None
    for event in events:
        if isinstance(event, DealOpened):
            if deal is not None:
                raise BrokenHistory(event, f"deal {deal.id} is open already, and {event.deal} is opened")
            deal = opened(event)
        elif type(event) in _STEPS:
            deal = step(deal, event)
    if deal is None:
        raise BrokenHistory(None, "no event opens the deal")
    return deal


def opened(event: DealOpened) -> Deal:
    """Make the deal that an event opens."""
    return Deal(id=event.deal, **{name: getattr(event, name) for name in _STATE})


def step(deal: Deal | None, event: Event) -> Deal:
    """Make the deal as it is after an event; raises `BrokenHistory` when the event is not of this deal."""
    if deal is None or event.subjects[:1] != (deal.ref,):
        raise BrokenHistory(
            event, f"{type(event).__name__} is about {event.subjects[0]}, which is not open here"
        )
    return _STEPS[type(event)](deal, event)


def moved(deal: Deal, event: DealMoved) -> Deal:
    """Make the deal as it is after a move."""
    if deal.stage != event.source:
        raise BrokenHistory(event, f"deal {deal.id} is in {deal.stage}, and moves from {event.source}")
    return attrs.evolve(
        deal,
        stage=event.target,
        status=event.status,
        category=event.category,
        probability=event.probability,
        stage_since=event.at,
        closed_on=event.closed_on,
        loss_reason=event.loss_reason,
        pipeline_version=event.pipeline_version,
        pipeline_digest=event.pipeline_digest,
    )


def estimated(deal: Deal, event: DealEstimated) -> Deal:
    """Make the deal as it is after a new estimate."""
    return attrs.evolve(deal, probability=event.after)


def amended(deal: Deal, event: DealAmended) -> Deal:
    """Make the deal as it is after changes."""
    plain: dict[str, Any] = {}
    own = dict(deal.fields)
    for change in (*event.changes, *event.private):
        if not change.field.startswith(OWN):
            plain[change.field] = change.after
        elif change.after is None:
            own.pop(change.field.removeprefix(OWN), None)
        else:
            own[change.field.removeprefix(OWN)] = change.after
    return attrs.evolve(deal, **plain, fields=own)


_STEPS: dict[type[Event], Callable[[Deal, Any], Deal]] = {
    DealMoved: moved,
    DealEstimated: estimated,
    DealAmended: amended,
}
