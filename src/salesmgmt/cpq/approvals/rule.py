"""Which figure of a quote needs whose approval."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exact import Number, exact
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


def _quorum(value: str | int) -> str:
    text = str(value)
    if text in _WORDS or (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) > 0):
        return text
    wanted = "any_of, all_of, or how many of the roles"
    raise InvalidInput("approval rule", [Problem("quorum", "wrong_value", shorten(value), wanted)])


_WORDS = ("any_of", "all_of")


def _hours(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value, "the hours in which an approval is due")


def voices(quorum: str, roles: Iterable[str]) -> int:
    """How many people, each for a role of his own, a quorum wants.

    >>> from salesmgmt.cpq.approvals.rule import voices
    >>> [voices(quorum, ("legal", "finance", "sales")) for quorum in ("any_of", "all_of", "2")]
    [1, 3, 2]
    """
    if quorum == "any_of":
        return 1
    return len(set(roles)) if quorum == "all_of" else int(quorum)


@attrs.frozen(kw_only=True)
class ApprovalRule:
    """An approval is needed where a figure is beyond a threshold, or is not known.

    A condition says which quotes a rule is for, and the figure how far they may go. Conditions therefore know facts, and
    figures that no concession changes; a quote that gets better in a figure then never needs more than before.

    Attributes:
        id: its name, unique in the policy.
        metric: the figure: one that `quotes.quote_metrics` computes, or one that the host gives.
        operator: `>`, `>=`, `<` or `<=`: the approval is needed when the figure compares so with the threshold.
        threshold: an exact number, a percentage or an amount, as the figure is.
        roles: who may approve: an actor with any of these roles.
        level: how high in the house that is, from 1; needs are listed by it.
        chain: name of the chain that it is a link of: it is asked when the lower levels of the chain are given. Rules
            without a chain, and those of one level, are asked at the same time.
        quorum: how many of the roles must agree: `any_of`, `all_of`, or a number of them. Each role by another person.
        condition: which quotes it is for, as a formula over the facts of the policy; empty for all. One that cannot be
            told, because a fact is missing, counts as holding.
        reason_required: whether the approval must say why.
        own_request: whether people may approve what they asked for themselves, or what others ask on their behalf.
        delegable: whether somebody may approve in the place of one who has the role.
        delegates: roles of which such a person must have one; empty for anybody.
        due_hours: hours after it was asked in which it is due, of working time where a calendar is given; `None` for ever.
        escalates_to: further roles that may give it once it is overdue; those of the next level of its chain where none
            are named.

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
    chain: str = ""
    quorum: str = attrs.field(default="any_of", converter=_quorum)
    condition: str = ""
    reason_required: bool = False
    own_request: bool = False
    delegable: bool = True
    delegates: tuple[str, ...] = ()
    due_hours: Decimal | None = attrs.field(default=None, converter=_hours)
    escalates_to: tuple[str, ...] = ()

    @property
    def voices(self) -> int:
        """How many people must agree, each for a role of his own."""
        return voices(self.quorum, self.roles)

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
