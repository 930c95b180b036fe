"""Why a promotion or a code does not apply: each reason a value with what was found and what was wanted."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, TypeAlias

import attrs

from salesmgmt.core.exact import subtract
from salesmgmt.core.money import Money


class _Reason:
    """What all reasons have, and how they are told."""

    __slots__ = ()

    code: ClassVar[str]
    found: object
    wanted: object

    def __str__(self) -> str:
        return f"{self.code.replace('_', ' ')}, found {self.found}, wanted {self.wanted}"


@attrs.frozen(kw_only=True)
class UnknownCode(_Reason):
    """No promotion has this code.

    >>> from salesmgmt.cpq.pricing.promotions import UnknownCode
    >>> print(UnknownCode(found="HELO"))
    unknown code, found HELO, wanted the code of a promotion
    """

    code: ClassVar[str] = "unknown_code"
    found: str
    wanted: str = "the code of a promotion"


@attrs.frozen(kw_only=True)
class UnknownPromotion(_Reason):
    """No promotion has this id."""

    code: ClassVar[str] = "unknown_promotion"
    found: str
    wanted: str = "the id of a promotion"


@attrs.frozen(kw_only=True)
class NotYetValid(_Reason):
    """The promotion or its code begins later."""

    code: ClassVar[str] = "not_yet_valid"
    found: datetime
    wanted: datetime


@attrs.frozen(kw_only=True)
class Expired(_Reason):
    """The promotion or its code has ended; `wanted` is the first instant at which it applied no more."""

    code: ClassVar[str] = "expired"
    found: datetime
    wanted: datetime


@attrs.frozen(kw_only=True)
class UsedUp(_Reason):
    """The promotion or its code was used as often as it may be, by all customers or by this one."""

    code: ClassVar[str] = "used_up"
    found: int
    wanted: int


@attrs.frozen(kw_only=True)
class OtherCurrency(_Reason):
    """An amount of the promotion is in another currency than the document."""

    code: ClassVar[str] = "other_currency"
    found: str
    wanted: str


@attrs.frozen(kw_only=True)
class MinimumQuantity(_Reason):
    """Too few units.

    >>> from decimal import Decimal
    >>> from salesmgmt.cpq.pricing.promotions import MinimumQuantity
    >>> MinimumQuantity(found=Decimal(1), wanted=Decimal(3)).missing
    Decimal('2')
    """

    code: ClassVar[str] = "minimum_quantity"
    found: Decimal
    wanted: Decimal

    @property
    def missing(self) -> Decimal:
        """Units that would have to be added."""
        return subtract(self.wanted, self.found)


@attrs.frozen(kw_only=True)
class MinimumAmount(_Reason):
    """Too little value."""

    code: ClassVar[str] = "minimum_amount"
    found: Money
    wanted: Money

    @property
    def missing(self) -> Money:
        """Value that would have to be added."""
        return self.wanted - self.found


@attrs.frozen(kw_only=True)
class ConditionNotMet(_Reason):
    """The formula of the condition is not true."""

    code: ClassVar[str] = "condition_not_met"
    found: bool = False
    wanted: str


@attrs.frozen(kw_only=True)
class NotEnoughToGive(_Reason):
    """Fewer units stand on the document than the promotion gives at once."""

    code: ClassVar[str] = "not_enough_to_give"
    found: Decimal
    wanted: Decimal


@attrs.frozen(kw_only=True)
class NotCombinable(_Reason):
    """Another promotion stands in the way: `found` applied; `wanted` says what forbids both."""

    code: ClassVar[str] = "not_combinable"
    found: str
    wanted: str


@attrs.frozen(kw_only=True)
class AlreadyCalled(_Reason):
    """The promotion was called before, by this code or another one."""

    code: ClassVar[str] = "already_called"
    found: str
    wanted: str = "one code for each promotion"


@attrs.frozen(kw_only=True)
class BudgetExceeded(_Reason):
    """The promotion would have taken `found` in all documents together; its budget is `wanted`."""

    code: ClassVar[str] = "budget_exceeded"
    found: Money
    wanted: Money


@attrs.frozen(kw_only=True)
class NothingLeft(_Reason):
    """The lines that the promotion is for are not there, or nothing is left of them."""

    code: ClassVar[str] = "nothing_left"
    found: Money
    wanted: str = "something left to pay on a line that the promotion is for"


RefusalReason: TypeAlias = (
    UnknownCode
    | UnknownPromotion
    | NotYetValid
    | Expired
    | UsedUp
    | OtherCurrency
    | MinimumQuantity
    | MinimumAmount
    | ConditionNotMet
    | NotEnoughToGive
    | NotCombinable
    | AlreadyCalled
    | BudgetExceeded
    | NothingLeft
)
"""Why a promotion does not apply: `code`, `found`, `wanted`."""


@attrs.frozen(kw_only=True)
class Refused:
    """A promotion that does not apply.

    Attributes:
        promotion: its id; the code that was entered when it calls none.
        reason: why.
    """

    promotion: str
    reason: RefusalReason
