"""A promotion as it is written down: when it applies, what it gives, and on what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.exact import Number, exact
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.promotions._bounds import check_number, check_validity
from salesmgmt.cpq.pricing.promotions.benefit import Benefit, check_benefit
from salesmgmt.cpq.pricing.promotions.condition import ALWAYS, PromotionCondition
from salesmgmt.cpq.pricing.promotions.line_filter import EVERYTHING, LineFilter


class Trigger(StrEnum):
    """What makes a promotion stand for a document."""

    AUTO = "auto"
    """It stands for every document."""
    CODE = "code"
    """Only when one of its codes was entered."""


class PromotionScope(StrEnum):
    """What a benefit is measured on."""

    ORDER = "order"
    """All lines together, or the selected ones, shared by amount; a percentage is rounded on the whole."""
    LINES = "lines"
    """The selected lines, shared by amount; a percentage is rounded on each line. `max_items` keeps some units only."""
    EACH_UNIT = "each_unit"
    """Every unit of each selected line by itself, at most `max_units_per_line` of a line."""
    CONDITION_ITEMS = "condition_items"
    """The units that fulfil the condition: as many as its minimum quantity, in the order of the policy."""
    CHEAPEST_UNIT = "cheapest_unit"
    """The cheapest unit of the selected lines."""


class Repeat(StrEnum):
    """How often the benefit of a whole order or of whole lines is given."""

    ONCE = "once"
    """Once."""
    PER_UNIT = "per_unit"
    """Once for each unit bought: two units and 10 % of what is left make 19 %."""


def _trigger(value: Trigger | str) -> Trigger:
    return option(Trigger, value, "the trigger of a promotion")


def _scope(value: PromotionScope | str) -> PromotionScope:
    return option(PromotionScope, value, "the scope of a promotion")


def _repeat(value: Repeat | str) -> Repeat:
    return option(Repeat, value, "the repetition of a promotion")


def _codes(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):  # its letters are no codes
        raise InvalidInput("promotion", [Problem("codes", "wrong_type", shorten(given), "a list of texts")])
    return tuple(given)


def _quantity(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value, "a quantity")


@attrs.frozen(kw_only=True)
class Promotion:
    """One promotion.

    Attributes:
        id: its name for the machine.
        name: its name for people.
        trigger: whether it stands by itself or by a code.
        codes: words that call it; its id is none of them unless it stands here.
        condition: what the document must have.
        benefit: what it gives.
        scope: what the benefit is measured on.
        on: the lines that receive it.
        max_items: units that receive it at most, with scope `lines` or `each_unit`.
        max_units_per_line: units of one line that receive it at most, with scope `each_unit`.
        max_discount: what it takes at most; with or without tax as the amount of the benefit.
        max_applications: how often it is given at most; `None` for what the policy says.
        repeat: whether it is given once for each unit bought.
        group: a lane: of the promotions of one group only one applies, which one is a policy.
        exclusive: it applies alone: not after another one, and nothing after it.
        priority: higher ones first; equal ones as listed.
        valid_from: first instant at which it applies.
        valid_to: first instant at which it applies no more.
        budget: what it may take in all documents together.
        max_uses: documents in which it may apply.
        max_uses_per_customer: documents of one customer in which it may apply.

    Raises:
        InvalidInput: a bound is negative or reversed; all problems are listed.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing.promotions import PercentOff, Promotion
    >>> Promotion(id="spring", benefit=PercentOff(percent=Percent(10))).scope.value
    'order'
    """

    id: str
    name: str = ""
    trigger: Trigger = attrs.field(default=Trigger.AUTO, converter=_trigger)
    codes: tuple[str, ...] = attrs.field(default=(), converter=_codes)
    condition: PromotionCondition = ALWAYS
    benefit: Benefit
    scope: PromotionScope = attrs.field(default=PromotionScope.ORDER, converter=_scope)
    on: LineFilter = EVERYTHING
    max_items: Decimal | None = attrs.field(default=None, converter=_quantity)
    max_units_per_line: Decimal | None = attrs.field(default=None, converter=_quantity)
    max_discount: Money | None = None
    max_applications: int | None = None
    repeat: Repeat = attrs.field(default=Repeat.ONCE, converter=_repeat)
    group: str = ""
    exclusive: bool = False
    priority: int = 0
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    budget: Money | None = None
    max_uses: int | None = None
    max_uses_per_customer: int | None = None

    def __attrs_post_init__(self) -> None:
        problems: list[Problem] = []
        for name in ("max_items", "max_units_per_line"):
            check_number(problems, name, getattr(self, name))
        for name in ("max_applications", "max_uses", "max_uses_per_customer"):
            count = getattr(self, name)
            check_number(problems, name, None if count is None else Decimal(count))
        for name in ("max_discount", "budget"):
            money = getattr(self, name)
            check_number(problems, name, None if money is None else money.amount)
        check_number(problems, "condition.min_quantity", self.condition.min_quantity)
        check_benefit(problems, self.benefit)
        check_validity(problems, self.valid_from, self.valid_to)
        if problems:
            raise InvalidInput(f"promotion {self.id}", problems)
