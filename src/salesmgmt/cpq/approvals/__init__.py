"""Approvals: who must agree to a quote before a customer sees it."""

from __future__ import annotations

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.cpq.approvals.approval import (
    Approval,
    ApprovalNeed,
    ApprovalRefusal,
    ApprovalRefused,
    give_approval,
)
from salesmgmt.cpq.approvals.policy import ApprovalPolicy, FigureMismatch
from salesmgmt.cpq.approvals.rule import ApprovalRule, Operator

ENTITIES: tuple[type[Entity], ...] = ()
"""Approvals are kept in the quote that they are for."""

EVENTS: tuple[type[Event], ...] = ()

__all__ = [
    "ENTITIES",
    "EVENTS",
    "Approval",
    "ApprovalNeed",
    "ApprovalPolicy",
    "ApprovalRefusal",
    "ApprovalRefused",
    "ApprovalRule",
    "FigureMismatch",
    "Operator",
    "give_approval",
]
