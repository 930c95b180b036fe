"""What happens to a contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import attrs

from salesmgmt.core.entity import AccountId, DealId, QuoteId
from salesmgmt.core.events import Event
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.money import Money
from salesmgmt.cpq.quotes.contract import ContractChange, ContractStep


@attrs.frozen
class Target:
    """What a line of a quote does to a contract.

    Attributes:
        line: id of the line of the contract that it changes, or that it begins.
        of: id of the item whose units it gives back or takes again; empty for units at a price of their own.
        replaces: whether they stand in place of all units that the line had before.
        parent: id of the line of the contract that it is a part of, where that is no line of the quote.
    """

    line: str
    of: str = attrs.field(default="", kw_only=True)
    replaces: bool = attrs.field(default=False, kw_only=True)
    parent: str = attrs.field(default="", kw_only=True)


def _targets(given: Mapping[str, Target]) -> Mapping[str, Target]:
    return FrozenMap(given)


@attrs.frozen(kw_only=True)
class ContractStarted(Event):
    """An accepted quote became a contract.

    Attributes:
        contract: its id.
        account: whose it is.
        deal: the deal that began it.
        currency: of all amounts.
        starts: its first day.
        ends: first day after its term.
        total: what is charged for it.
        change: the first step of its history.
    """

    contract: str
    account: AccountId | None
    deal: DealId | None
    currency: str
    starts: date
    ends: date
    total: Money
    change: ContractChange


@attrs.frozen(kw_only=True)
class ContractChangeProposed(Event):
    """A quote was drafted that changes or renews a contract. Keep it: `extend` reads from it what each line is for.

    Attributes:
        contract: id of the contract.
        quote: id of the quote.
        step: an amendment or a renewal.
        on: the day from which it counts.
        based_on: how many steps the history of the contract had.
        targets: what each line of the quote does to the contract, by its id; lines that are not named begin lines there.
    """

    contract: str
    quote: QuoteId
    step: ContractStep
    on: date
    based_on: int
    targets: Mapping[str, Target] = attrs.field(converter=_targets)


@attrs.frozen(kw_only=True)
class ContractChanged(Event):
    """An amendment or a renewal of a contract was accepted.

    Attributes:
        contract: its id.
        change: the new step of its history.
        difference: what is charged more in all, less with a minus.
        total: what is charged in all now.
        ends: first day after its last term now.
    """

    contract: str
    change: ContractChange
    difference: Money
    total: Money
    ends: date
