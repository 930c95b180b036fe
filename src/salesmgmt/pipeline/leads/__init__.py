"""Leads: capture, duplicates, score, assignment, first response, qualification, conversion."""

from __future__ import annotations

from salesmgmt.pipeline.leads.assignment import (
    Assigner,
    Assignment,
    AssignmentPolicy,
    AssignmentReason,
    CannotAssign,
    Distribution,
    Left,
    LeftReason,
    Load,
    Member,
    PassedOver,
    PassedOverReason,
    assign,
    loads_from,
)
from salesmgmt.pipeline.leads.capture import capture
from salesmgmt.pipeline.leads.conversion import FieldHome, NoDealForField, convert
from salesmgmt.pipeline.leads.duplicates import Duplicates, find_duplicates, lead_match_model
from salesmgmt.pipeline.leads.events import (
    AccountDraft,
    ContactDraft,
    DealDraft,
    FieldSource,
    LeadAnswered,
    LeadAssigned,
    LeadCaptured,
    LeadConverted,
    LeadMoved,
    LeadScored,
    LeadsMerged,
    LeadsUnmerged,
    ResponseDeadlineSet,
)
from salesmgmt.pipeline.leads.facts import LEAD_SCHEMA
from salesmgmt.pipeline.leads.lead import LEAD_LIFECYCLE, EmptyLead, Lead, LeadStatus, check_move
from salesmgmt.pipeline.leads.merging import (
    LEAD_SURVIVORSHIP,
    CannotMerge,
    MergePlan,
    merge,
    plan_merge,
    rank_for_merge,
    redirects,
    unmerge,
)
from salesmgmt.pipeline.leads.qualification import ReasonRequired, disqualify, nurture, qualify, work
from salesmgmt.pipeline.leads.response import (
    FirstResponse,
    ResponseStatus,
    answer,
    first_response,
    set_response_deadline,
)
from salesmgmt.pipeline.leads.score import Contribution, Score
from salesmgmt.pipeline.leads.scoring import Band, ScoreCard, Scorer, ScoreRule, record_score

ENTITIES = (Lead,)
"""The entities of leads, for stores and codecs."""

EVENTS = (
    LeadAnswered,
    LeadAssigned,
    LeadCaptured,
    LeadConverted,
    LeadMoved,
    LeadScored,
    LeadsMerged,
    LeadsUnmerged,
    ResponseDeadlineSet,
)
"""The events of leads, for stores and codecs."""

__all__ = [
    "ENTITIES",
    "EVENTS",
    "LEAD_LIFECYCLE",
    "LEAD_SCHEMA",
    "LEAD_SURVIVORSHIP",
    "AccountDraft",
    "Assigner",
    "Assignment",
    "AssignmentPolicy",
    "AssignmentReason",
    "Band",
    "CannotAssign",
    "CannotMerge",
    "ContactDraft",
    "Contribution",
    "DealDraft",
    "Distribution",
    "Duplicates",
    "EmptyLead",
    "FieldHome",
    "FieldSource",
    "FirstResponse",
    "Lead",
    "LeadAnswered",
    "LeadAssigned",
    "LeadCaptured",
    "LeadConverted",
    "LeadMoved",
    "LeadScored",
    "LeadStatus",
    "LeadsMerged",
    "LeadsUnmerged",
    "Left",
    "LeftReason",
    "Load",
    "Member",
    "MergePlan",
    "NoDealForField",
    "PassedOver",
    "PassedOverReason",
    "ReasonRequired",
    "ResponseDeadlineSet",
    "ResponseStatus",
    "Score",
    "ScoreCard",
    "ScoreRule",
    "Scorer",
    "answer",
    "assign",
    "capture",
    "check_move",
    "convert",
    "disqualify",
    "find_duplicates",
    "first_response",
    "lead_match_model",
    "loads_from",
    "merge",
    "nurture",
    "plan_merge",
    "qualify",
    "rank_for_merge",
    "record_score",
    "redirects",
    "set_response_deadline",
    "unmerge",
    "work",
]
