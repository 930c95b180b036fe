"""The answer of a discount policy."""

from __future__ import annotations

from enum import StrEnum

import attrs

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals.discounts.record import Consequence, DiscountRecord
from salesmgmt.cpq.approvals.figures import shown
from salesmgmt.cpq.approvals.need import ApprovalNeed
from salesmgmt.cpq.approvals.rule import Operator


class LimitKind(StrEnum):
    """What a limit is about.

    >>> from salesmgmt.cpq.approvals import LimitKind
    >>> LimitKind("floor_price").name
    'FLOOR_PRICE'
    """

    MAX_PERCENT = "max_percent"
    """The effective discount."""
    MIN_MARGIN_PERCENT = "min_margin_percent"
    """The margin."""
    FLOOR_PRICE = "floor_price"
    """What is received for a unit."""
    REASON = "reason"
    """The reason codes of manual prices."""
    ADJUSTMENT = "adjustment"
    """The time at which a price was set by hand."""


@attrs.frozen(kw_only=True)
class DiscountCheck:
    """One limit held against one line, or against the whole deal.

    Attributes:
        line: id of the line; empty for the whole deal.
        together_with: id of the first line of the same goods, under which they are approved together; empty for none.
        product: its product.
        terms: its quantity and amount in words.
        kind: what the limit is about.
        found: what there was; `None` when it is not known.
        limit: the limit, or the reason codes; `None` when no record sets one.
        record: the record that decides; `None` when none does.
        consequence: what follows.
        roles: who may approve, where that follows.
        level: how high in the house that is.
        put_aside: ids of the records that a more specific one overrides, or that grant a role less than another of his.
    """

    line: str
    together_with: str = ""
    product: str = ""
    terms: str = ""
    kind: LimitKind
    found: Percent | Money | str | None
    limit: Percent | Money | tuple[str, ...] | None
    record: DiscountRecord | None
    consequence: Consequence
    roles: tuple[str, ...] = ()
    level: int = 1
    put_aside: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        """What would be within the limit."""
        match self.kind:
            case LimitKind.MAX_PERCENT:
                return f"a discount of at most {self.limit or '0%'}"
            case LimitKind.MIN_MARGIN_PERCENT:
                return f"a margin of at least {self.limit}"
            case LimitKind.FLOOR_PRICE:
                return f"at least {self.limit} for a unit"
            case LimitKind.REASON:
                return f"one of the reasons {', '.join(self.limit) if isinstance(self.limit, tuple) else ''}"
            case LimitKind.ADJUSTMENT:
                return "the time at which the price was set by hand"

    @property
    def rule(self) -> str:
        """What an approval of it is called: the record and the first line of the goods."""
        name = "no limit" if self.record is None else self.record.id
        return f"{name} on line {self.together_with or self.line}" if self.line else name

    @property
    def need(self) -> ApprovalNeed | None:
        """The approval that it needs; `None` when it needs none, or when none would help.

        It is for the product in the line; that of what is not known for just these terms, and that of a reason for just it.
        """
        if self.consequence is not Consequence.APPROVAL:
            return None
        found = self.found if isinstance(self.found, Percent | Money) else None
        higher_is_worse = self.kind is LimitKind.MAX_PERCENT
        return ApprovalNeed(
            rule=self.rule,
            metric=f"{self.kind} of {self.product}" if self.product else self.kind.value,
            operator=Operator.ABOVE if higher_is_worse else Operator.BELOW,
            found=found,
            wanted=self.wanted,
            terms="" if found is not None else str(self.found or self.terms),
            roles=self.roles,
            level=self.level,
        )

    def __str__(self) -> str:
        """The check in words: what was found and wanted, by which record, and what follows."""
        place = f"line {self.line}" if self.line else "the deal"
        found = "nothing known" if self.found is None else self.found
        if isinstance(found, Percent | Money):
            found = shown(found, self.wanted)
        source = "no record" if self.record is None else f"{self.record.id} ({self.record.where})"
        follows = (
            f"{' or '.join(self.roles)} may approve"
            if self.consequence is Consequence.APPROVAL
            else self.consequence.value
        )
        aside = f"; put aside: {', '.join(self.put_aside)}" if self.put_aside else ""
        return f"{place}: wanted {self.wanted} by {source}, found {found}: {follows}{aside}"
