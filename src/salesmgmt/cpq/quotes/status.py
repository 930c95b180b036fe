"""How far a quote is, and which moves there are."""

from __future__ import annotations

from enum import StrEnum

from salesmgmt.core.formula import DATE, NUMBER, Schema
from salesmgmt.engines.lifecycle import Condition, LifecycleDefinition, State, Transition


class QuoteStatus(StrEnum):
    """How far a quote is.

    >>> from salesmgmt.cpq.quotes import QuoteStatus
    >>> QuoteStatus("in_approval").is_open
    True
    """

    DRAFT = "draft"
    """Somebody works on it."""
    IN_APPROVAL = "in_approval"
    """It waits for approvals."""
    APPROVED = "approved"
    """Nothing is in the way of showing it to the customer."""
    PRESENTED = "presented"
    """The customer has it."""
    ACCEPTED = "accepted"
    """The customer took it; nothing changes any more."""
    REJECTED = "rejected"
    """The customer did not want it."""
    EXPIRED = "expired"
    """Its last day is over."""
    SUPERSEDED = "superseded"
    """Something else counts in its place: another alternative was accepted, or, of a version, a newer one was made."""
    VOIDED = "voided"
    """It was made by mistake, and counts nowhere."""

    @property
    def is_open(self) -> bool:
        """Whether it may still be accepted without a revision."""
        return self in _OPEN


_OPEN = frozenset({QuoteStatus.DRAFT, QuoteStatus.IN_APPROVAL, QuoteStatus.APPROVED, QuoteStatus.PRESENTED})
_UNDECIDED = tuple(status.value for status in QuoteStatus if status.is_open)

QUOTE_LIFECYCLE = LifecycleDefinition(
    id="quote",
    states=(
        State("draft"),
        State("in_approval"),
        State("approved", entry=(Condition("approvals", "approvals.open == 0"),)),
        State("presented"),
        State("accepted", final=True, entry=(Condition("valid", "on <= quote.valid_until"),)),
        State("rejected", final=True),
        State("expired", final=True, entry=(Condition("over", "on > quote.valid_until"),)),
        State("superseded", final=True),
        State("voided", final=True),
    ),
    transitions=(
        Transition("draft", "in_approval"),
        Transition("draft", "approved"),
        Transition("in_approval", "approved"),
        Transition("approved", "presented"),
        Transition("presented", "accepted"),
        Transition("presented", "rejected"),
        Transition(_UNDECIDED, "expired"),
        Transition(_UNDECIDED, "superseded"),
        Transition(_UNDECIDED, "voided"),
        Transition(("in_approval", "approved", "presented"), "draft"),
        Transition(("rejected", "expired"), "draft", reopens=True),
    ),
    initial="draft",
)
"""The moves between the statuses of a quote; what leads back to `draft` is a revision, or an approver who says no."""

LIFECYCLE = QUOTE_LIFECYCLE.compile(Schema({"approvals.open": NUMBER, "on": DATE, "quote.valid_until": DATE}))
"""The lifecycle at work."""
