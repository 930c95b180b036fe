"""Approvals: who must agree to a quote before a customer sees it."""

from __future__ import annotations

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.cpq.approvals.approval import Approval, agreed, give_approval
from salesmgmt.cpq.approvals.chain import Overdue, ask, is_asked, overdue
from salesmgmt.cpq.approvals.delegation import Delegation, Delegations
from salesmgmt.cpq.approvals.discounts.check import DiscountCheck, LimitKind
from salesmgmt.cpq.approvals.discounts.policy import Combine, DiscountPolicy
from salesmgmt.cpq.approvals.discounts.question import Adjustment, Deal, Offered
from salesmgmt.cpq.approvals.discounts.record import Consequence, DiscountRecord
from salesmgmt.cpq.approvals.figures import QUANTITY, QUOTE_FIGURES
from salesmgmt.cpq.approvals.need import ApprovalNeed, Authority
from salesmgmt.cpq.approvals.policy import ApprovalPolicy, FigureMismatch
from salesmgmt.cpq.approvals.refusals import ApprovalRefusal, ApprovalRefused
from salesmgmt.cpq.approvals.rule import ApprovalRule, Operator

ENTITIES: tuple[type[Entity], ...] = ()
"""Approvals are kept in the quote that they are for."""

EVENTS: tuple[type[Event], ...] = ()

__all__ = [
    "ENTITIES",
    "EVENTS",
    "QUANTITY",
    "QUOTE_FIGURES",
    "Adjustment",
    "Approval",
    "ApprovalNeed",
    "ApprovalPolicy",
    "ApprovalRefusal",
    "ApprovalRefused",
    "ApprovalRule",
    "Authority",
    "Combine",
    "Consequence",
    "Deal",
    "Delegation",
    "Delegations",
    "DiscountCheck",
    "DiscountPolicy",
    "DiscountRecord",
    "FigureMismatch",
    "LimitKind",
    "Offered",
    "Operator",
    "Overdue",
    "agreed",
    "ask",
    "give_approval",
    "is_asked",
    "overdue",
]
