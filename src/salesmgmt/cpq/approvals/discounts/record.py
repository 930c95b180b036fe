"""How much somebody may give away: one record of a discount policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import ClassVar, TypeAlias

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

Key: TypeAlias = tuple[str, str, str]
"""Role, goods (`product:dock`, `family:…`, `category:…`, or nothing) and segment; empty for any."""


class Consequence(StrEnum):
    """What follows when a limit is passed.

    >>> from salesmgmt.cpq.approvals import Consequence
    >>> max(Consequence, key=lambda one: one.gravity).value
    'refused'
    """

    OK = "ok"
    """Nothing."""
    APPROVAL = "approval"
    """Somebody must approve it."""
    REFUSED = "refused"
    """It is not possible at all."""

    @property
    def gravity(self) -> int:
        """From 0, the graver the higher."""
        return _GRAVITY[self]


_GRAVITY = {Consequence.OK: 0, Consequence.APPROVAL: 1, Consequence.REFUSED: 2}


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


@attrs.frozen(kw_only=True)
class WrittenRecord:
    """The fields of a `DiscountRecord` as they stand in a file, not yet checked."""

    id: str
    row: int = 0
    role: str = ""
    product: str = ""
    family: str = ""
    category: str = ""
    segment: str = ""
    deal_from: Money | None = None
    deal_below: Money | None = None
    max_percent: Percent | None = None
    min_margin_percent: Percent | None = None
    floor_price: Money | None = None
    reasons: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    over: Consequence = attrs.field(default=Consequence.REFUSED, converter=Consequence)
    roles: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    level: int = 1
    overrides: bool = False


@attrs.frozen(kw_only=True)
class DiscountRecord(WrittenRecord):
    """How much may be given away: by whom, on what, to whom, in how large a deal.

    A record without a role is for everybody, one without goods for all goods, and so on.

    Attributes:
        id: what answers call it; by default the place in its file.
        row: its line in the file; 0 when it was made in Python.
        role: the role of who offers.
        product: id of the product, or of the template that it is a variant of.
        family: or its family.
        category: or its category, or one above that in the tree of the catalogue.
        segment: of the customer.
        deal_from: the least deal it is for, at its reference and in the currency of the policy.
        deal_below: the first deal it is no longer for.
        max_percent: the highest effective discount, of 0 to 100 %.
        min_margin_percent: the lowest margin, at most 100 % of what is paid.
        floor_price: the lowest price of a unit, in the currency of the policy.
        reasons: the reason codes that manual prices may have; empty when they are not looked at.
        over: what follows when a limit is passed: `refused`, or `approval` by `roles`.
        roles: who may approve.
        level: how high in the house that is.
        overrides: whether limits of less specific records do not count beside its own.

    Raises:
        InvalidInput: it has several goods, or no limit at all; a limit is out of range; the deals end before they start;
            or nobody could approve. All of these are listed.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.approvals import DiscountRecord
    >>> DiscountRecord(id="d-1", role="rep", family="laptops", max_percent=Percent(10)).key
    ('rep', 'family:laptops', '')
    """

    FILE: ClassVar[str] = "limits.csv"

    def __attrs_post_init__(self) -> None:
        problems = tuple(self._faults())
        if problems:
            raise InvalidInput(f"discount record {shorten(self.id)}", problems)

    @property
    def where(self) -> str:
        """Its place in the reader's terms."""
        return f"{self.FILE} row {self.row}" if self.row else f"records.{self.id}"

    @property
    def goods(self) -> str:
        """What it is for: `product:dock`, `family:…`, `category:…`, or nothing for all goods."""
        for kind in ("product", "family", "category"):
            name = getattr(self, kind)
            if name:
                return f"{kind}:{name}"
        return ""

    @property
    def key(self) -> Key:
        """What it is found by."""
        return self.role, self.goods, self.segment

    def is_for(self, deal: Money | None, largest: Money | None = None) -> bool:
        """Whether it is for a deal of this size, or of one up to the largest; one that is not known is of every size."""
        if deal is None:
            return True
        at_least = self.deal_from is None or (deal if largest is None else largest) >= self.deal_from
        return at_least and (self.deal_below is None or deal < self.deal_below)

    @property
    def has_band(self) -> bool:
        """Whether it is for deals of some sizes only."""
        return self.deal_from is not None or self.deal_below is not None

    def _faults(self) -> Iterator[Problem]:
        if not self.id.strip():
            yield Problem("id", "blank", shorten(self.id), "an id")
        named = [kind for kind in ("product", "family", "category") if getattr(self, kind)]
        if len(named) > 1:
            yield Problem(named[1], "one_of", " and ".join(named), "one of product, family and category")
        for name in ("role", "product", "family", "category", "segment"):
            text = getattr(self, name)
            if text and not text.strip():
                yield Problem(name, "blank", shorten(text), "a name, or nothing")
        yield from self._wrong_limits()
        yield from self._wrong_deals()
        for name in ("reasons", "roles"):
            texts = getattr(self, name)
            if not all(text.strip() for text in texts):
                yield Problem(name, "blank", shorten(texts), "texts that are not blank")
        if self.over is Consequence.APPROVAL and not self.roles:
            yield Problem("roles", "missing", None, "who may approve what is over the limit")
        if self.over is Consequence.OK:
            yield Problem(
                "over", "wrong_value", "ok", "refused or approval", "drop the record if it limits nothing"
            )
        if self.level < 1:
            yield Problem("level", "not_positive", str(self.level), "a level from 1 upwards")

    def _wrong_limits(self) -> Iterator[Problem]:
        limits = (self.max_percent, self.min_margin_percent, self.floor_price)
        if all(limit is None for limit in limits) and not self.reasons:
            wanted = "one of max_percent, min_margin_percent, floor_price and reasons"
            yield Problem("max_percent", "missing", None, wanted)
        if self.max_percent is not None and not 0 <= self.max_percent.points <= 100:
            yield Problem("max_percent", "out_of_range", str(self.max_percent), "from 0% to 100%")
        if self.min_margin_percent is not None and self.min_margin_percent.points > 100:
            yield Problem("min_margin_percent", "out_of_range", str(self.min_margin_percent), "at most 100%")
        if self.floor_price is not None and self.floor_price.amount < 0:
            yield Problem("floor_price", "negative", str(self.floor_price), "zero or more")

    def _wrong_deals(self) -> Iterator[Problem]:
        low, high = self.deal_from, self.deal_below
        for name, bound in (("deal_from", low), ("deal_below", high)):
            if bound is not None and bound.amount < 0:
                yield Problem(name, "negative", str(bound), "zero or more")
        if low is None or high is None:
            return
        if low.currency != high.currency:
            yield Problem("deal_below", "currency", str(high), f"an amount in {low.currency}")
        elif high <= low:
            yield Problem("deal_below", "reversed", str(high), f"more than {low}")
