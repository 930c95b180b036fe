"""Deals: what may be sold to whom, how likely it is, and what happened to it."""

from salesmgmt.pipeline.deals.changes import amend, estimate
from salesmgmt.pipeline.deals.deal import Deal, DealDetails
from salesmgmt.pipeline.deals.events import (
    Change,
    ConditionsWaived,
    DealAmended,
    DealEstimated,
    DealMoved,
    DealOpened,
)
from salesmgmt.pipeline.deals.history import BrokenHistory, replay
from salesmgmt.pipeline.deals.probability import Estimate, EstimateOrigin, NotAProbability
from salesmgmt.pipeline.deals.status import ForecastCategory, StageKind

ENTITIES = (Deal,)
EVENTS = (ConditionsWaived, DealAmended, DealEstimated, DealMoved, DealOpened)

__all__ = [
    "ENTITIES",
    "EVENTS",
    "BrokenHistory",
    "Change",
    "ConditionsWaived",
    "Deal",
    "DealAmended",
    "DealDetails",
    "DealEstimated",
    "DealMoved",
    "DealOpened",
    "Estimate",
    "EstimateOrigin",
    "ForecastCategory",
    "NotAProbability",
    "StageKind",
    "amend",
    "estimate",
    "replay",
]
