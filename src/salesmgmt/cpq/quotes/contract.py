"""Contracts: what customers accepted and pay for over a term, with every change that was made to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.entity import AccountId, DealId, Entity, QuoteId, Ref
from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.exact import add
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period, require_date
from salesmgmt.cpq.quotes.unknown_id import UnknownId

_ZERO = Decimal(0)


class ContractStep(StrEnum):
    """What a quote does to a contract.

    >>> from salesmgmt.cpq.quotes import ContractStep
    >>> ContractStep("amendment").name
    'AMENDMENT'
    """

    START = "start"
    """It begins."""
    AMENDMENT = "amendment"
    """It is changed within its term."""
    RENEWAL = "renewal"
    """It goes on for a further term."""


def _step(value: str) -> ContractStep:
    return option(ContractStep, value, "what a quote does to a contract")


def _choices(given: Mapping[str, str]) -> Mapping[str, str]:
    return FrozenMap(given)


@attrs.frozen(kw_only=True)
class ContractItem:
    """So many units that an accepted quote added to a line of a contract, or with a minus gave back, to the end of its term.

    Attributes:
        id: its name, unique in the contract.
        line: id of the line of the contract.
        of: id of the item whose units they are, given back or taken again; empty for units at a price of their own.
        replaces: whether they stand in place of all units that the line had before.
        product: id of the product.
        quantity: how many, in `uom`; negative for units given back.
        uom: their unit of measure; empty for that of the product.
        configuration: the value chosen for each attribute of a configurable product.
        parent: id of the line that this one is a part of; empty for one that stands by itself.
        starts: first day from which they count.
        ends: first day after the term.
        list_amount: at the price for everybody, for one term that a price is for.
        net_amount: what is charged for them from first to last day; negative for a credit.
        share: what they took of discounts on the whole quote.
    """

    id: str
    line: str
    of: str = ""
    replaces: bool = False
    product: str
    quantity: Decimal
    uom: str = ""
    configuration: Mapping[str, str] = attrs.field(factory=dict, converter=_choices)
    parent: str = ""
    starts: date
    ends: date
    list_amount: Money
    net_amount: Money
    share: Money


@attrs.frozen(kw_only=True)
class ContractChange:
    """One step in the history of a contract. It never changes.

    Attributes:
        step: what it did.
        on: the day from which it counts.
        quote: the quote that was accepted.
        digest: SHA-256 of the version that was accepted.
        accepted_on: the day on which it was.
        items: what it added and gave back.
    """

    step: ContractStep = attrs.field(converter=_step)
    on: date
    quote: QuoteId
    digest: str
    accepted_on: date
    items: tuple[ContractItem, ...]


@attrs.frozen(kw_only=True)
class ContractLayer:
    """Units of a line that were sold at one price.

    Attributes:
        item: how they were sold.
        quantity: how many of them are left.
        net_amount: what is charged for them in all, credits taken off.
    """

    item: ContractItem
    quantity: Decimal
    net_amount: Money


@attrs.frozen(kw_only=True)
class RunningLine:
    """A line of a contract as it is after all changes.

    Attributes:
        id: of the line.
        product: id of the product.
        uom: the unit of measure; empty for that of the product.
        configuration: the value chosen for each attribute.
        parent: id of the line that it is a part of.
        quantity: how many units run to the end; zero once all were given back.
        starts: first day.
        ends: first day after its term.
        changed: the last day from which a change of it counts; its first day when there was none.
        net_amount: what is charged for it in all, credits taken off.
        layers: its units by price, the oldest first; what was replaced is not among them.
    """

    id: str
    product: str
    uom: str
    configuration: Mapping[str, str]
    parent: str
    quantity: Decimal
    starts: date
    ends: date
    changed: date
    net_amount: Money
    layers: tuple[ContractLayer, ...]


@attrs.frozen(kw_only=True)
class Contract(Entity):
    """What a customer accepted and pays for over a term; `contract_from` makes it of an accepted quote, `extend` goes on.

    Attributes:
        account: whose it is.
        deal: the deal that began it.
        currency: of all amounts.
        starts: its first day.
        ends: first day after its last term.
        total: what is charged in all, credits taken off.
        history: every change from the first acceptance on; nothing in it is ever rewritten.

    Raises:
        InvalidInput: days, total or items do not fit together: an item ends before it starts, two items have one id, units
            are given back that the line does not have.
    """

    account: AccountId | None = None
    deal: DealId | None = None
    currency: str
    starts: date
    ends: date
    total: Money
    history: tuple[ContractChange, ...]

    def __attrs_post_init__(self) -> None:
        problems = list(_faults(self))
        if problems:
            raise InvalidInput(f"contract {self.id}", problems)

    @property
    def items(self) -> tuple[ContractItem, ...]:
        """What was added and given back, in the order in which it was accepted."""
        return tuple(item for change in self.history for item in change.items)

    @property
    def lines(self) -> tuple[RunningLine, ...]:
        """Its lines as they are after all changes, also those of which nothing is left."""
        items: dict[str, list[ContractItem]] = {}
        for item in self.items:
            items.setdefault(item.line, []).append(item)
        return tuple(_line(name, its, self.currency) for name, its in items.items())

    def line(self, id: str) -> RunningLine:  # noqa: A002 - lines are named by id everywhere
        """A line by its id; raises `UnknownId`."""
        lines = self.lines
        for line in lines:
            if line.id == id:
                return line
        raise UnknownId("line", id, (line.id for line in lines))

    def running(self, on: date) -> Mapping[str, Decimal]:
        """How many units of each line run on a day, as it is known now; lines without any are left out."""
        require_date(on, "on")
        found: dict[str, Decimal] = {}
        for item in self.items:
            if item.starts <= on < item.ends:
                found[item.line] = add(found.get(item.line, _ZERO), item.quantity)
        return {line: quantity for line, quantity in found.items() if quantity}

    @property
    def terms(self) -> tuple[Period, ...]:
        """The days of the start and of each renewal."""
        return tuple(
            _days(change.items) for change in self.history if change.step is not ContractStep.AMENDMENT
        )

    def term(self, on: date) -> Period:
        """The term that a day lies in: that of the start or of a renewal.

        Raises:
            InvalidInput: the contract does not run on that day.
        """
        require_date(on, "on")
        for days in self.terms:
            if on in days:
                return days
        wanted = f"a day from {self.starts} to before {self.ends}"
        raise InvalidInput(f"contract {self.id}", [Problem("on", "outside_term", on.isoformat(), wanted)])

    @property
    def subjects(self) -> tuple[Ref, ...]:
        """The references that its events name: the contract, its account and its deal."""
        others = (("Account", self.account), ("Deal", self.deal))
        return (self.ref, *(Ref(kind, known) for kind, known in others if known is not None))


def _line(name: str, items: list[ContractItem], currency: str) -> RunningLine:
    layers: dict[str, ContractLayer] = {}
    for item in items:
        if item.replaces:
            layers = {}
        if not item.of:
            layers[item.id] = ContractLayer(item=item, quantity=item.quantity, net_amount=item.net_amount)
        elif item.of in layers:
            before = layers[item.of]
            layers[item.of] = attrs.evolve(
                before,
                quantity=add(before.quantity, item.quantity),
                net_amount=before.net_amount + item.net_amount,
            )
    last = next(reversed(layers.values())).item
    quantity = _ZERO
    for layer in layers.values():
        quantity = add(quantity, layer.quantity)
    return RunningLine(
        id=name,
        product=last.product,
        uom=last.uom,
        configuration=last.configuration,
        parent=last.parent,
        quantity=quantity,
        starts=items[0].starts,
        ends=last.ends,
        changed=max(item.starts for item in items),
        net_amount=Money.total((item.net_amount for item in items), currency),
        layers=tuple(layers.values()),
    )


def _days(items: Iterable[ContractItem]) -> Period:
    every = tuple(items)
    return Period(min(item.starts for item in every), max(item.ends for item in every))


def _faults(contract: Contract) -> Iterator[Problem]:
    items = contract.items
    if not items:
        yield Problem("history", "empty", None, "at least one item")
        return
    yield from _faulty_quantities(contract.history)
    foreign = {item.net_amount.currency for item in items} - {contract.currency}
    if foreign:
        wanted = f"amounts in {contract.currency}"
        yield Problem("history", "currency", ", ".join(sorted(foreign)), wanted)
        return
    days = min(item.starts for item in items), max(item.ends for item in items)
    if (contract.starts, contract.ends) != days:
        found = f"{contract.starts} to {contract.ends}"
        yield Problem("starts", "other_days", found, f"{days[0]} to {days[1]}, as of the items")
    total = Money.total((item.net_amount for item in items), contract.currency)
    if contract.total != total:
        yield Problem("total", "other_total", str(contract.total), f"{total}, as of the items")


def _faulty_quantities(history: Iterable[ContractChange]) -> Iterator[Problem]:
    """Ids that are there twice, and units that are given back or taken again without having been there."""
    known: dict[str, ContractItem] = {}
    left: dict[str, Decimal] = {}
    for number, change in enumerate(history):
        for position, item in enumerate(change.items):
            path = f"history[{number}].items[{position}]"
            if item.starts >= item.ends:
                yield Problem(f"{path}.ends", "no_day", item.ends.isoformat(), f"a day after {item.starts}")
            if item.id in known:
                yield Problem(f"{path}.id", "duplicate", shorten(item.id), "an id of its own")
            known.setdefault(item.id, item)
            sold = known.get(item.of or item.id)
            if sold is None or sold.of or sold.line != item.line:
                wanted = "an item that added units to the line"
                yield Problem(f"{path}.of", "unknown", shorten(item.of), wanted)
                continue
            left[sold.id] = add(left.get(sold.id, _ZERO), item.quantity)
            if not sold.quantity > 0 or not 0 <= left[sold.id] <= sold.quantity:
                wanted = "units that are there to be given back, or were given back"
                yield Problem(f"{path}.quantity", "not_there", f"{item.quantity:f}", wanted)
