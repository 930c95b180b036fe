"""What is refused on a deal that is decided."""

from __future__ import annotations

from salesmgmt.core.errors import SalesError
from salesmgmt.pipeline.deals.deal import Deal


class ClosedDeal(SalesError, ValueError):
    """Something was asked of a deal that makes sense only while it is open.

    Attributes:
        deal: id of the deal.
        found: its status.
        what: what was asked.
    """

    code = "closed_deal"

    def __init__(self, deal: str, found: str, what: str) -> None:
        self.deal = deal
        self.found = found
        self.what = what
        super().__init__(
            f"deal {deal} is {found}, so it can not be {what}",
            hint="re-open it first, by a move that its pipeline declares",
        )


def require_open(deal: Deal, what: str) -> None:
    """Raise `ClosedDeal` when a deal is decided; `what` completes "it can not be …"."""
    if not deal.is_open:
        raise ClosedDeal(deal.id, deal.status.value, what)
