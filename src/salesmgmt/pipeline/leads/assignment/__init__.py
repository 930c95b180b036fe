"""Assignment: which member of which team a lead goes to, the same every time and with its reason."""

from __future__ import annotations

from salesmgmt.pipeline.leads.assignment.assign import CannotAssign, assign, assign_all
from salesmgmt.pipeline.leads.assignment.assigner import Assigner, LeadGivenTwice, NotAMember
from salesmgmt.pipeline.leads.assignment.fairness import FairnessReport, MemberShare, fairness
from salesmgmt.pipeline.leads.assignment.load import Given, Load, loads_from
from salesmgmt.pipeline.leads.assignment.member import Absence, Member, Team, Territory
from salesmgmt.pipeline.leads.assignment.outcome import (
    Assignment,
    AssignmentReason,
    Distribution,
    Left,
    LeftReason,
    PassedOver,
    PassedOverReason,
)
from salesmgmt.pipeline.leads.assignment.policy import AssignmentPolicy
from salesmgmt.pipeline.leads.assignment.quota import InvalidQuota, daily_quota
from salesmgmt.pipeline.leads.assignment.rules import (
    AssignmentMethod,
    AssignmentRules,
    CapacityLimit,
    LeadOrder,
    SameLead,
)

__all__ = [
    "Absence",
    "Assigner",
    "Assignment",
    "AssignmentMethod",
    "AssignmentPolicy",
    "AssignmentReason",
    "AssignmentRules",
    "CannotAssign",
    "CapacityLimit",
    "Distribution",
    "FairnessReport",
    "Given",
    "InvalidQuota",
    "LeadGivenTwice",
    "LeadOrder",
    "Left",
    "LeftReason",
    "Load",
    "Member",
    "MemberShare",
    "NotAMember",
    "PassedOver",
    "PassedOverReason",
    "SameLead",
    "Team",
    "Territory",
    "assign",
    "assign_all",
    "daily_quota",
    "fairness",
    "loads_from",
]
