"""Deals moved together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import attrs

from salesmgmt.core.errors import SalesError
from salesmgmt.pipeline.deals import ConditionsWaived, Deal, DealMoved
from salesmgmt.pipeline.stages.events import StageEffect

MoveEvents: TypeAlias = tuple[DealMoved | ConditionsWaived | StageEffect, ...]
"""What a move leaves: `ConditionsWaived` when an override was needed, `DealMoved`, and a `StageEffect` for each side effect."""


@attrs.frozen
class Moved:
    """A deal that was moved with others.

    Attributes:
        deal: the deal as it is now.
        events: what happened to it.
    """

    deal: Deal
    events: MoveEvents


@attrs.frozen
class NotMoved:
    """A deal that was to be moved with others and stays where it is.

    Attributes:
        deal: the deal, unchanged.
        why: the error that a single move would have raised; a `MoveRefused` carries the decision.
    """

    deal: Deal
    why: SalesError


def each_alone(
    deals: Iterable[Deal], move: Callable[[Deal], tuple[Deal, MoveEvents]]
) -> tuple[tuple[Moved, ...], tuple[NotMoved, ...]]:
    """Move each deal by itself; one that cannot move keeps no other from it."""
    done, refused = [], []
    for deal in deals:
        try:
            now, events = move(deal)
        except SalesError as error:
            refused.append(NotMoved(deal, error))
        else:
            done.append(Moved(now, events))
    return tuple(done), tuple(refused)
