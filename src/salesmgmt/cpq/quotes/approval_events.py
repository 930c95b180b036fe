"""What happens to the approvals of a quote beside being asked and given."""

from __future__ import annotations

import attrs

from salesmgmt.core.entity import QuoteId
from salesmgmt.core.events import Event
from salesmgmt.cpq.approvals import Approval


@attrs.frozen(kw_only=True)
class ApprovalWithdrawn(Event):
    """Who gave an approval took it back.

    Attributes:
        quote: its id.
        version: number of the version.
        approval: what was approved.
        reason: why it is taken back.
    """

    quote: QuoteId
    version: int
    approval: Approval
    reason: str


@attrs.frozen(kw_only=True)
class ApprovalEscalated(Event):
    """An approval was overdue, and others may give it from now on.

    Attributes:
        quote: its id.
        version: number of the version.
        rule: id of the rule that asks for it.
        roles: who may give it now.
    """

    quote: QuoteId
    version: int
    rule: str
    roles: tuple[str, ...]


@attrs.frozen(kw_only=True)
class ApprovalCommented(Event):
    """Somebody said something about an approval that a quote waits for.

    Attributes:
        quote: its id.
        version: number of the version.
        rule: id of the rule; empty for all of them.
        text: what was said.
    """

    quote: QuoteId
    version: int
    rule: str
    text: str
