"""A lead of the past, from which a model learns."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.formula import Values
from salesmgmt.pipeline.leads.facts import lead_values
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus

_ENDED = {LeadStatus.CONVERTED: True, LeadStatus.UNQUALIFIED: False}


@attrs.frozen
class PastLead:
    """What was known of a lead when it was to be judged, and what became of it.

    Attributes:
        values: by the names of formulas: `lead.source`, `lead.fields.employees`, facts. They must be as they were when a score was
            wanted, not as they are now: what was filled in after the outcome makes a model that knows the past and nothing else.
        won: whether it was won.

    Raises:
        InvalidInput: the outcome is no truth value.

    >>> from salesmgmt.pipeline.leads import PastLead
    >>> PastLead({"lead.source": "fair"}, won=True).won
    True
    """

    values: Mapping[str, object]
    won: bool = attrs.field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        outcome: object = self.won
        if not isinstance(outcome, bool):
            raise InvalidInput("past lead", [Problem("won", "wrong_type", shorten(outcome), "true or false")])

    @classmethod
    def of(cls, lead: Lead, facts: Values | None = None, *, won: bool | None = None) -> PastLead:
        """Make one of a lead that has ended.

        Args:
            lead: the lead, as it was when a score was wanted.
            facts: values of further names.
            won: what became of it; when absent a converted lead was won and an unqualified one lost.

        Raises:
            InvalidInput: nothing says what became of it.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.pipeline.leads import Lead, LeadStatus, PastLead
        >>> lead = Lead(id="l1", source="web", status=LeadStatus.CONVERTED, created_at=datetime(2026, 1, 1, tzinfo=UTC))
        >>> past = PastLead.of(lead)
        >>> past.won, past.values["lead.source"]
        (True, 'web')
        """
        ended = _ENDED.get(lead.status) if won is None else won
        if ended is None:
            wanted = "converted or unqualified, or won= for what became of it"
            raise InvalidInput(
                f"lead {lead.id}", [Problem("status", "still_open", lead.status.value, wanted)]
            )
        return cls(lead_values(lead, facts), won=ended)
