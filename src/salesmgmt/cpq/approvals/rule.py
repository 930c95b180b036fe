"""Which figure of a quote needs whose approval."""

from __future__ import annotations

from enum import StrEnum

import attrs

from salesmgmt.core.exact import exact
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.engines.metrics import Figure, number_of


class Operator(StrEnum):
    """How a figure is compared with a threshold; it says as well which way is worse.

    >>> from salesmgmt.cpq.approvals import Operator
    >>> Operator(">").opposite.value
    '<='
    """

    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="

    @property
    def opposite(self) -> Operator:
        """What holds exactly when this does not."""
        return _OPPOSITE[self]

    @property
    def higher_is_worse(self) -> bool:
        """Whether approval is asked for what is too high, and not for what is too low."""
        return self in {Operator.ABOVE, Operator.AT_LEAST}


_OPPOSITE = {
    Operator.ABOVE: Operator.AT_MOST,
    Operator.AT_LEAST: Operator.BELOW,
    Operator.BELOW: Operator.AT_LEAST,
    Operator.AT_MOST: Operator.ABOVE,
}


def figure(value: Figure | int | str, what: str = "a threshold") -> Figure:
    """An amount or a percentage as it is, and a plain number as an exact one; raises `FloatRefused`, `NotANumber`.

    >>> from salesmgmt.cpq.approvals.rule import figure
    >>> figure(20)
    Decimal('20')
    """
    return value if isinstance(value, Money | Percent) else exact(value, what)


@attrs.frozen(kw_only=True)
class ApprovalRule:
    """An approval is needed where a figure is beyond a threshold, or is not known.

    Attributes:
        id: its name, unique in the policy.
        metric: the figure: one that `quotes.quote_metrics` computes, or one that the host gives.
        operator: `>`, `>=`, `<` or `<=`: the approval is needed when the figure compares so with the threshold.
        threshold: an exact number, a percentage or an amount, as the figure is.
        roles: who may approve: an actor with any of these roles.
        level: how high in the house that is, from 1; needs are listed by it.
        reason_required: whether the approval must say why.
        own_request: whether people may approve what they asked for themselves.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.approvals import ApprovalRule
    >>> ApprovalRule(
    ...     id="deep", metric="effective_discount_percent", operator=">", threshold=Percent(20), roles=("manager",)
    ... ).limit
    'effective_discount_percent <= 20%'
    """

    id: str
    metric: str
    operator: Operator = attrs.field(converter=Operator)
    threshold: Figure = attrs.field(converter=figure)
    roles: tuple[str, ...]
    level: int = 1
    reason_required: bool = False
    own_request: bool = False

    @property
    def limit(self) -> str:
        """What holds when no approval is needed."""
        return f"{self.metric} {self.operator.opposite} {self.threshold}"

    def exceeded_by(self, found_figure: Figure) -> bool:
        """Whether a figure of the same unit needs the approval."""
        found, threshold = number_of(found_figure), number_of(self.threshold)
        match self.operator:
            case Operator.ABOVE:
                return found > threshold
            case Operator.AT_LEAST:
                return found >= threshold
            case Operator.BELOW:
                return found < threshold
            case Operator.AT_MOST:
                return found <= threshold
