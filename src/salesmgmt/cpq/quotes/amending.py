"""Amendments: a quote of only what changes in a running contract, for only the days that are left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.exact import add, subtract
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period, require_date
from salesmgmt.cpq.pricing import Line, Pricer, PricingRequest, prorate
from salesmgmt.cpq.quotes._amendment_check import faults
from salesmgmt.cpq.quotes._proposing import Wanted, fresh_ids, known_price, propose
from salesmgmt.cpq.quotes._rest import list_of, net_of, rounded
from salesmgmt.cpq.quotes.changes import (
    AddLine,
    AmendmentPolicy,
    ChangePrice,
    ChangeQuantity,
    ContractEdit,
    Credit,
    ReplaceLine,
)
from salesmgmt.cpq.quotes.contract import Contract, ContractItem, ContractLayer, ContractStep, RunningLine
from salesmgmt.cpq.quotes.contract_events import ContractChangeProposed, Target
from salesmgmt.cpq.quotes.events import QuoteDrafted
from salesmgmt.cpq.quotes.quote import Quote

_STANDARD = AmendmentPolicy()
_ZERO = Decimal(0)


def amend(
    contract: Contract,
    changes: Iterable[ContractEdit],
    *,
    on: date,
    id: str,  # noqa: A002 - entities are named by id everywhere
    number: str,
    valid_until: date,
    policy: AmendmentPolicy = _STANDARD,
    pricer: Pricer | None = None,
    request: PricingRequest | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[QuoteDrafted, ContractChangeProposed]]:
    """Draft the quote of a change: what is added and given back, for the days from `on` to the end of each line.

    What was sold stays as it was sold. Units in a line that exists cost what they cost (`ChangeQuantity`); only
    `ReplaceLine` and `AddLine` ask the pricer. Further lines end with the contract. Nothing of the contract changes until the
    quote is accepted and `extend` is told.

    Where credits are prorated, changing quantities and changing them back, as of one day, comes to exactly nothing, whatever lay
    between. To change a draft, draft it again: the pricer alone knows nothing of units that are given back.

    Args:
        contract: the contract.
        changes: what is to change; each line once.
        on: the first day from which it counts, in the term that is running.
        id: the host's identifier of the quote.
        number: what people call it.
        valid_until: the last day on which it can be accepted.
        policy: how the difference is reckoned.
        pricer: the prices of what is new.
        request: who buys, in which currency, for the pricer; it has no lines of its own.
        at: when it is made.
        by: who makes it.

    Returns:
        The quote, and the events: keep the second one for `extend`.

    Raises:
        InvalidInput: the day lies outside the contract, or before a change of a line that was accepted already; a line is not
            there, is over, or is changed twice; nothing would change; a quantity is negative, or a new line would outlast the
            contract. All faults are listed.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes import ChangeQuantity, Contract, ContractChange, ContractItem, amend
    >>> seats = ContractItem(id="seats", line="seats", product="seat", quantity=Decimal(5), starts=date(2026, 1, 1),
    ...                      ends=date(2027, 1, 1), list_amount=Money(500, "USD"), net_amount=Money(500, "USD"),
    ...                      share=Money(0, "USD"))
    >>> start = ContractChange(step="start", on=seats.starts, quote="q-1", digest="", accepted_on=seats.starts, items=(seats,))
    >>> contract = Contract(id="c-1", currency="USD", starts=seats.starts, ends=seats.ends, total=Money(500, "USD"),
    ...                     history=(start,))
    >>> quote, _ = amend(contract, [ChangeQuantity("seats", 8)], on=date(2026, 7, 1), id="q-2", number="Q-2",
    ...                  valid_until=date(2026, 7, 1), at=datetime(2026, 6, 15, 9, tzinfo=UTC), by=Actor("li.wei"))
    >>> [(str(line.quantity), str(line.net_amount), str(line.ends)) for line in quote.current.lines]
    [('3', '150.00 USD', '2027-01-01')]
    """
    require_date(on, "on")
    edits = tuple(changes)
    problems = faults(contract, edits, on, pricer, request)
    if problems:
        raise InvalidInput(f"amendment of contract {contract.id}", problems)
    work = _Amending(contract, on, policy, edits)
    wanted = [one for place, edit in enumerate(edits) for one in work.lines(place, edit)]
    return propose(
        contract,
        wanted,
        step=ContractStep.AMENDMENT,
        on=on,
        id=id,
        number=number,
        valid_until=valid_until,
        pricer=pricer,
        request=request,
        at=at,
        by=by,
    )


class _Amending:
    """Makes the lines of the quote of an amendment."""

    def __init__(
        self, contract: Contract, on: date, policy: AmendmentPolicy, edits: Sequence[ContractEdit]
    ) -> None:
        self._contract = contract
        self._lines = {line.id: line for line in contract.lines}
        self._on = on
        self._policy = policy
        self._added = {edit.id for edit in edits if isinstance(edit, AddLine)}
        self._fresh = fresh_ids([*(item.id for item in contract.items), *self._added])

    def lines(self, place: int, edit: ContractEdit) -> Iterator[Wanted]:
        """The lines of the quote that one change makes."""
        if isinstance(edit, AddLine):
            yield self._further(place, edit)
            return
        line = self._lines[edit.line]
        match edit:
            case ChangeQuantity(quantity=quantity, unit_price=unit_price):
                yield from self._resized(line, quantity, unit_price)
            case ChangePrice(unit_price=unit_price):
                yield from self._given_back(line, line.quantity, Credit.PRORATED)
                first = line.layers[0].item
                yield self._at_price(line, first, line.quantity, unit_price, replaces=True)
            case ReplaceLine(by=by):
                yield from self._given_back(line, line.quantity, Credit.PRORATED)
                days = self._days(line)
                yield Wanted(
                    id=self._fresh(self._name(line)),
                    line=attrs.evolve(by, starts=days.start, ends=days.end),
                    target=Target(line.id, replaces=True, parent=line.parent),
                    price=None,
                    where=f"changes[{place}].by",
                )

    def _resized(self, line: RunningLine, quantity: Decimal, unit_price: Money | None) -> Iterator[Wanted]:
        more = subtract(quantity, line.quantity)
        if more < 0:
            yield from self._given_back(line, more.copy_abs(), self._policy.credit)
            return
        if unit_price is not None:
            yield self._at_price(line, line.layers[0].item, more, unit_price)
            return
        for layer in line.layers:  # what was given back last is taken again last
            room = min(more, subtract(layer.item.quantity, layer.quantity))
            if room > 0:
                yield self._moved(line, layer, room, self._difference(layer, room, self._days(line)))
                more = subtract(more, room)
        if more > 0:
            sold = next((layer.item for layer in line.layers if layer.quantity), line.layers[0].item)
            days = self._days(line)
            amount = net_of(sold, more, days, self._policy.proration)
            yield self._known(line, sold, more, self._round(amount), Target(line.id, parent=line.parent))

    def _given_back(self, line: RunningLine, quantity: Decimal, credit: Credit) -> Iterator[Wanted]:
        """Units of a line, those that were added last first."""
        for layer in reversed(line.layers):
            part = min(quantity, layer.quantity)
            if part > 0:
                quantity = subtract(quantity, part)
                yield self._moved(line, layer, -part, self._credited(line, layer, part, credit))

    def _credited(self, line: RunningLine, layer: ContractLayer, part: Decimal, credit: Credit) -> Money:
        """What changes for units of a layer that are given back: nothing, or a credit with its minus."""
        item = layer.item
        if credit is Credit.NONE:
            return Money.zero(item.net_amount.currency)
        if credit is Credit.PRORATED:
            return self._difference(layer, -part, self._days(line))
        whole = Period(item.starts, item.ends)
        kept = self._charged(item, subtract(layer.quantity, part), whole)
        # units that were given back before and taken again were charged for a part of the term alone
        return max(self._difference(layer, -part, whole), kept - layer.net_amount)

    def _difference(self, layer: ContractLayer, more: Decimal, days: Period) -> Money:
        """What a layer comes to with so many more units, less what it comes to without them, each rounded.

        So the sum of all changes as of one day depends on nothing but the units that are left in the end.
        """
        before = self._charged(layer.item, layer.quantity, days)
        return self._charged(layer.item, add(layer.quantity, more), days) - before

    def _moved(self, line: RunningLine, layer: ContractLayer, quantity: Decimal, net: Money) -> Wanted:
        """Units of a layer given back or taken again."""
        target = Target(line.id, of=layer.item.id, parent=line.parent)
        return self._known(line, layer.item, quantity, net, target)

    def _charged(self, item: ContractItem, quantity: Decimal, days: Period) -> Money:
        if quantity == item.quantity and days == Period(item.starts, item.ends):
            return item.net_amount
        return self._round(net_of(item, quantity, days, self._policy.proration))

    def _at_price(
        self,
        line: RunningLine,
        like: ContractItem,
        quantity: Decimal,
        unit_price: Money,
        *,
        replaces: bool = False,
    ) -> Wanted:
        """Units at a price that was named."""
        amount = prorate(unit_price * quantity, self._days(line), self._policy.proration)
        net = self._round(Fraction(amount.amount))
        target = Target(line.id, replaces=replaces, parent=line.parent)
        return self._known(line, like, quantity, net, target)

    def _known(
        self, line: RunningLine, like: ContractItem, quantity: Decimal, net: Money, target: Target
    ) -> Wanted:
        days = self._days(line)
        wanted = Line(
            like.product, quantity, like.configuration, uom=like.uom, starts=days.start, ends=days.end
        )
        price = known_price(
            wanted,
            list_of(like, quantity),
            net,
            self._policy.proration,
            record=like.id,
            detail=f"as sold in {like.id}",
        )
        return Wanted(id=self._fresh(self._name(line)), line=wanted, target=target, price=price)

    def _further(self, place: int, edit: AddLine) -> Wanted:
        line = edit.line
        if not edit.one_time:
            line = attrs.evolve(
                line,
                starts=self._on if line.starts is None else line.starts,
                ends=self._contract.term(self._on).end if line.ends is None else line.ends,
            )
        inside = edit.parent in self._added
        return Wanted(
            id=edit.id,
            line=line,
            target=Target(edit.id, parent="" if inside else edit.parent),
            parent=edit.parent if inside else "",
            price=None,
            where=f"changes[{place}].line",
        )

    def _days(self, line: RunningLine) -> Period:
        return Period(max(self._on, line.starts), line.ends)

    def _name(self, line: RunningLine) -> str:
        return f"{line.id}@{self._days(line).start}"

    def _round(self, amount: Fraction) -> Money:
        return rounded(amount, self._contract.currency, self._policy.rounding)
