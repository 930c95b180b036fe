"""What a quote offered at one time: lines and amounts that never change again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import attrs

from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import aware
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.quotes._structure import Structure, faults
from salesmgmt.cpq.quotes.group import QuoteGroup
from salesmgmt.cpq.quotes.line import QuoteLine, UnpricedLine, discount
from salesmgmt.cpq.quotes.outline import Outline, OutlineLine
from salesmgmt.cpq.quotes.unknown_id import UnknownId


@attrs.frozen(kw_only=True)
class QuoteVersion:
    """One version of a quote. It never changes; a revision makes the next one.

    Attributes:
        number: 1 for the first.
        based_on: number of the version that it revises; `None` for the first.
        currency: of all amounts.
        lines: the lines that have a price, by position, optional lines and alternatives included; units that rules added
            come after those that were asked for.
        unpriced: the lines that have none.
        groups: what lines are put together in.
        priced_at: the instant for which it is priced.
        valid_until: the last day on which it can be accepted.
        model: id of the pricing model.
        model_version: its version.
        model_digest: SHA-256 of the model, records included.
        request_digest: SHA-256 of what was priced.
        made_at: when it was made.
        made_by: id of who made it.

    Raises:
        InvalidInput: the lines do not fit together, as for `Outline`.
    """

    number: int
    based_on: int | None = None
    currency: str
    lines: tuple[QuoteLine, ...]
    unpriced: tuple[UnpricedLine, ...] = ()
    groups: tuple[QuoteGroup, ...] = ()
    priced_at: datetime = attrs.field(validator=aware)
    valid_until: date
    model: str
    model_version: int
    model_digest: str
    request_digest: str
    made_at: datetime = attrs.field(validator=aware)
    made_by: str

    def __attrs_post_init__(self) -> None:
        problems = faults(self.every_line, self.groups)
        if problems:
            raise InvalidInput(f"version {self.number}", problems)

    @property
    def every_line(self) -> tuple[QuoteLine | UnpricedLine, ...]:
        """All lines by position, with and without a price."""
        lines: tuple[QuoteLine | UnpricedLine, ...] = (*self.lines, *self.unpriced)
        return tuple(sorted(lines, key=lambda line: line.position))

    @property
    def required_lines(self) -> tuple[QuoteLine, ...]:
        """The lines with a price that count in the totals: neither optional nor alternative, nor a part of such a line."""
        required = set(self.structure.taken(()))
        return tuple(line for line in self.lines if line.id in required)

    @property
    def required_unpriced(self) -> tuple[UnpricedLine, ...]:
        """The lines without a price that would count in the totals."""
        required = set(self.structure.taken(()))
        return tuple(line for line in self.unpriced if line.id in required)

    @property
    def structure(self) -> Structure:
        """Which lines come together."""
        return Structure.of(self.every_line)

    @property
    def outline(self) -> Outline:
        """What was asked for, without prices: change it, price it again and `revise` the quote; lines keep their ids."""
        return Outline(
            [
                OutlineLine(
                    line.id,
                    line.wanted,
                    parent=line.parent,
                    group=line.group,
                    optional=line.optional,
                    alternative_of=line.alternative_of,
                    missing=line.missing,
                )
                for line in self.every_line
                if not line.added_by
            ],
            self.groups,
        )

    def line(self, id: str) -> QuoteLine | UnpricedLine:  # noqa: A002 - lines are named by id everywhere
        """A line by its id; raises `UnknownId`."""
        for line in self.every_line:
            if line.id == id:
                return line
        raise UnknownId("line", id, (line.id for line in self.every_line))

    def parts(self, id: str) -> tuple[QuoteLine | UnpricedLine, ...]:  # noqa: A002 - as above
        """The lines that are directly a part of a line, by position; raises `UnknownId`."""
        whole = self.line(id).id
        return tuple(line for line in self.every_line if line.parent == whole)

    def subtotal(self, group: str = "") -> Money | None:
        """What the required lines of a group come to, or those in no group; `None` when one has no price.

        The subtotals of all groups, and that of the lines in none, add up to the total.

        Raises:
            UnknownId: there is no such group.
        """
        known = [one.id for one in self.groups]
        if group and group not in known:
            raise UnknownId("group", group, known)
        if any(line.group == group for line in self.required_unpriced):
            return None
        amounts = (line.net_amount for line in self.required_lines if line.group == group)
        return Money.total(amounts, self.currency)

    @property
    def total(self) -> Money | None:
        """What the required lines come to; `None` when one has no price."""
        return self._sum(line.net_amount for line in self.required_lines)

    @property
    def list_total(self) -> Money | None:
        """What the required lines come to at list; `None` when one has no price."""
        return self._sum(line.list_amount for line in self.required_lines)

    @property
    def list_discount(self) -> Percent | None:
        """What is taken off the list total of now, for showing; `None` when it is undefined.

        Limits look at `quotes.effective_discount` instead, which nothing but the prices of the first day change.
        """
        total, listed = self.total, self.list_total
        return None if total is None or listed is None else discount(listed, total)

    @property
    def digest(self) -> str:
        """SHA-256 of everything in it: it proves that nothing was changed afterwards."""
        return digest_of(self)

    def _sum(self, amounts: Iterable[Money]) -> Money | None:
        return None if self.required_unpriced else Money.total(amounts, self.currency)
