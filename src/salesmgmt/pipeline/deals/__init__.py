"""Deals: what may be sold to whom, how likely it is, and what happened to it."""

from salesmgmt.pipeline.deals.card import CardAnswer, Criterion, QualificationCard, ShippedCard, shipped_card
from salesmgmt.pipeline.deals.commands.amending import amend
from salesmgmt.pipeline.deals.commands.checklist import tick, untick
from salesmgmt.pipeline.deals.commands.competitors import set_competitors
from salesmgmt.pipeline.deals.commands.judging import (
    StageValues,
    categorise,
    clear_category,
    clear_estimate,
    estimate,
)
from salesmgmt.pipeline.deals.commands.next_step import set_next_step
from salesmgmt.pipeline.deals.commands.products import amount_gap, follow_products, set_products
from salesmgmt.pipeline.deals.commands.qualifying import qualify_deal
from salesmgmt.pipeline.deals.commands.roles import set_roles
from salesmgmt.pipeline.deals.commands.snoozing import active_time_in_stage, is_snoozed, snooze, wake
from salesmgmt.pipeline.deals.commands.splits import set_splits, split_amounts
from salesmgmt.pipeline.deals.deal import Deal, DealDetails
from salesmgmt.pipeline.deals.details import complete_details
from salesmgmt.pipeline.deals.events import (
    Change,
    ConditionsWaived,
    DealAmended,
    DealEstimated,
    DealMoved,
    DealOpened,
)
from salesmgmt.pipeline.deals.history import BrokenHistory, replay
from salesmgmt.pipeline.deals.migrated import DealMigrated
from salesmgmt.pipeline.deals.next_step import NextStep
from salesmgmt.pipeline.deals.part_events import (
    DealCompetitorsSet,
    DealProductsSet,
    DealRolesSet,
    DealSplitsSet,
)
from salesmgmt.pipeline.deals.past import DealHistory, as_of, histories, snapshot
from salesmgmt.pipeline.deals.placement import Placement
from salesmgmt.pipeline.deals.probability import Estimate, EstimateOrigin, NamelessModel, NotAProbability
from salesmgmt.pipeline.deals.product import AmountOrigin, DealProduct, total_of
from salesmgmt.pipeline.deals.qualification import Qualification
from salesmgmt.pipeline.deals.refusals import ClosedDeal
from salesmgmt.pipeline.deals.role import BuyingRole
from salesmgmt.pipeline.deals.sleep import Rest, Snooze
from salesmgmt.pipeline.deals.split import Split, SplitAmount, SplitKind, share_out
from salesmgmt.pipeline.deals.status import CategoryOrigin, ForecastCategory, StageKind
from salesmgmt.pipeline.deals.visits import StageVisit, stage_visits
from salesmgmt.pipeline.deals.win_loss import CompetitorRecord, competition
from salesmgmt.pipeline.deals.work_events import (
    ChecklistTicked,
    ChecklistUnticked,
    DealCategorised,
    DealQualified,
    DealSnoozed,
    DealWoken,
    NextStepSet,
)

ENTITIES = (Deal,)
EVENTS = (
    ChecklistTicked,
    ChecklistUnticked,
    ConditionsWaived,
    DealAmended,
    DealCategorised,
    DealCompetitorsSet,
    DealEstimated,
    DealMigrated,
    DealMoved,
    DealOpened,
    DealProductsSet,
    DealQualified,
    DealRolesSet,
    DealSnoozed,
    DealSplitsSet,
    DealWoken,
    NextStepSet,
)

__all__ = [
    "ENTITIES",
    "EVENTS",
    "AmountOrigin",
    "BrokenHistory",
    "BuyingRole",
    "CardAnswer",
    "CategoryOrigin",
    "Change",
    "ChecklistTicked",
    "ChecklistUnticked",
    "ClosedDeal",
    "CompetitorRecord",
    "ConditionsWaived",
    "Criterion",
    "Deal",
    "DealAmended",
    "DealCategorised",
    "DealCompetitorsSet",
    "DealDetails",
    "DealEstimated",
    "DealHistory",
    "DealMigrated",
    "DealMoved",
    "DealOpened",
    "DealProduct",
    "DealProductsSet",
    "DealQualified",
    "DealRolesSet",
    "DealSnoozed",
    "DealSplitsSet",
    "DealWoken",
    "Estimate",
    "EstimateOrigin",
    "ForecastCategory",
    "NamelessModel",
    "NextStep",
    "NextStepSet",
    "NotAProbability",
    "Placement",
    "Qualification",
    "QualificationCard",
    "Rest",
    "ShippedCard",
    "Snooze",
    "Split",
    "SplitAmount",
    "SplitKind",
    "StageKind",
    "StageValues",
    "StageVisit",
    "active_time_in_stage",
    "amend",
    "amount_gap",
    "as_of",
    "categorise",
    "clear_category",
    "clear_estimate",
    "competition",
    "complete_details",
    "estimate",
    "follow_products",
    "histories",
    "is_snoozed",
    "qualify_deal",
    "replay",
    "set_competitors",
    "set_next_step",
    "set_products",
    "set_roles",
    "set_splits",
    "share_out",
    "shipped_card",
    "snapshot",
    "snooze",
    "split_amounts",
    "stage_visits",
    "tick",
    "total_of",
    "untick",
    "wake",
]
