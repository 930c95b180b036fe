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


class ApprovalRefused(SalesError, PermissionError):
    """An approval was given by somebody who may not, or for what nobody asked.

    Attributes:
        refusal: why.
    """

    code = "approval_refused"

    def __init__(self, refusal: ApprovalRefusal) -> None:
        self.refusal = refusal
        super().__init__(
            f"the approval is refused: {refusal}", hint="let somebody approve who may, and say why"
        )
