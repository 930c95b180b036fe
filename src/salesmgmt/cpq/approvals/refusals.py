"""Why an approval is refused."""

from __future__ import annotations

import attrs

from salesmgmt.core.errors import SalesError


@attrs.frozen
class ApprovalRefusal:
    """Why somebody may not give an approval.

    Attributes:
        code: `role`, `own_request`, `reason`, `delegate` (he may not stand in for anybody here), `not_yet` (a lower level
            of the chain comes first), `twice` (he has spoken already, or nobody of his roles is lacking), or `not_needed`
            (nobody asked for such an approval).
        rule: id of the rule.
        wanted: what would have been right.
        found: what there was; `None` when there was nothing.
    """

    code: str
    rule: str
    wanted: str = attrs.field(kw_only=True)
    found: str | None = attrs.field(kw_only=True)

    def __str__(self) -> str:
        found = "nothing" if self.found is None else self.found
        return f"{self.rule}: wanted {self.wanted}, found {found}"


_HINTS = {
    "role": "let somebody do it who may",
    "own_request": "let somebody else approve",
    "reason": "say why: reason='first order'",
    "not_yet": "the lower levels of a chain come first",
    "twice": "let another person approve",
    "not_needed": "approve what a quote waits for: Quote.needs",
}
"""What to do, by code."""


class ApprovalRefused(SalesError, PermissionError):
    """An approval was given by somebody who may not, or for what nobody asked.

    Attributes:
        refusal: why.
    """

    code = "approval_refused"

    def __init__(self, refusal: ApprovalRefusal, *, hint: str = "") -> None:
        self.refusal = refusal
        super().__init__(
            f"the approval is refused: {refusal}", hint=hint or _HINTS.get(refusal.code, _HINTS["role"])
        )
