"""From accepted quotes to contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.money import Money
from salesmgmt.cpq.quotes._given import require_kind, require_text
from salesmgmt.cpq.quotes.contract import Contract, ContractChange, ContractItem, ContractStep
from salesmgmt.cpq.quotes.contract_events import (
    ContractChanged,
    ContractChangeProposed,
    ContractStarted,
    Target,
)
from salesmgmt.cpq.quotes.events import QuoteAccepted

_TOLD = "`accept` told it: quote, (move, accepted) = accept(quote, ...)"
_NO_TARGETS: Mapping[str, Target] = {}


def contract_from(
    accepted: QuoteAccepted,
    *,
    id: str,  # noqa: A002 - entities are named by id everywhere
) -> tuple[Contract, tuple[ContractStarted]]:
    """Begin a contract with the lines of an accepted quote that have a term; what is sold once is in the order alone.

    Args:
        accepted: the quote; its instant and its author are those of the event.
        id: the host's identifier of the contract.

    Raises:
        InvalidInput: it is no `QuoteAccepted`, no line has a term, or one ends before it starts.

    >>> from datetime import UTC, date, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes import AcceptedLine, QuoteAccepted, contract_from
    >>> accepted = QuoteAccepted(
    ...     at=datetime(2026, 1, 1, 9, tzinfo=UTC), by=Actor("li.wei"), subjects=(), quote="q-1", number="Q-1", version=1,
    ...     digest="", account="acme", deal=None, currency="USD", total=Money("500.00", "USD"), accepted_on=date(2026, 1, 1),
    ...     lines=(AcceptedLine(position=0, id="seats", product="seat", quantity=Decimal(5), list_amount=Money(500, "USD"),
    ...                         net_amount=Money("500.00", "USD"), share=Money(0, "USD"),
    ...                         starts=date(2026, 1, 1), ends=date(2027, 1, 1)),),
    ... )
    >>> contract, _ = contract_from(accepted, id="c-1")
    >>> contract.running(date(2026, 7, 1)), contract.total
    ({'seats': Decimal('5')}, Money('500.00', 'USD'))
    """
    require_kind("accepted", accepted, QuoteAccepted, "the QuoteAccepted event", _TOLD)
    require_text(id=id)
    items = _items(accepted, _NO_TARGETS)
    problems = list(_faulty_terms(accepted))
    if not items and not problems:
        problems.append(Problem("lines", "no_term", None, "at least one line with a first and a last day"))
    if problems:
        raise InvalidInput(f"contract {id}", problems)
    starts, ends = min(item.starts for item in items), max(item.ends for item in items)
    change = _change(accepted, ContractStep.START, starts, items)
    contract = Contract(
        id=id,
        account=accepted.account,
        deal=accepted.deal,
        currency=accepted.currency,
        starts=starts,
        ends=ends,
        total=Money.total((item.net_amount for item in items), accepted.currency),
        history=(change,),
    )
    event = ContractStarted(
        at=accepted.at,
        by=accepted.by,
        subjects=contract.subjects,
        contract=contract.id,
        account=contract.account,
        deal=contract.deal,
        currency=contract.currency,
        starts=contract.starts,
        ends=contract.ends,
        total=contract.total,
        change=change,
    )
    return contract, (event,)


def extend(
    contract: Contract, accepted: QuoteAccepted, proposed: ContractChangeProposed
) -> tuple[Contract, tuple[ContractChanged]]:
    """Add an accepted amendment or renewal to a contract. What was accepted before stays as it is.

    Args:
        contract: the contract.
        accepted: the quote; its instant and its author are those of the event.
        proposed: what `amend` or `renew` told when it drafted that quote.

    Raises:
        InvalidInput: contract, proposal and quote do not belong together, the contract was changed since, or no line of the
            quote has a term.

    With the contract of `contract_from`; 3 seats more for the half year that is left are 3 x 100 x 6/12:

    >>> from salesmgmt.cpq.approvals import ApprovalPolicy
    >>> from salesmgmt.cpq.quotes import ChangeQuantity, accept, amend, extend, present, submit
    >>> now, rep = datetime(2026, 6, 15, 9, tzinfo=UTC), Actor("li.wei")
    >>> quote, (_, proposed) = amend(contract, [ChangeQuantity("seats", 8)], on=date(2026, 7, 1), id="q-2", number="Q-2",
    ...                              valid_until=date(2026, 7, 1), at=now, by=rep)
    >>> shown, _ = present(submit(quote, ApprovalPolicy(id="no limits"), at=now, by=rep)[0], at=now, by=rep)
    >>> _, (_, taken) = accept(shown, at=now, by=rep)
    >>> more, (changed,) = extend(contract, taken, proposed)
    >>> changed.difference, more.running(date(2026, 6, 30)), more.running(date(2026, 7, 1))
    (Money('150.00', 'USD'), {'seats': Decimal('5')}, {'seats': Decimal('8')})
    """
    require_kind("contract", contract, Contract, "a Contract")
    require_kind("accepted", accepted, QuoteAccepted, "the QuoteAccepted event", _TOLD)
    wanted = "the ContractChangeProposed event that `amend` or `renew` told"
    require_kind("proposed", proposed, ContractChangeProposed, wanted)
    problems = [*_not_together(contract, accepted, proposed), *_faulty_terms(accepted)]
    items = _items(accepted, proposed.targets)
    if not items and not problems:
        problems.append(Problem("lines", "no_term", None, "at least one line that changes the contract"))
    if problems:
        raise InvalidInput(f"change of contract {contract.id}", problems)
    change = _change(accepted, proposed.step, proposed.on, items)
    difference = Money.total((item.net_amount for item in items), contract.currency)
    changed = attrs.evolve(
        contract,
        starts=min(contract.starts, *(item.starts for item in items)),
        ends=max(contract.ends, *(item.ends for item in items)),
        total=contract.total + difference,
        history=(*contract.history, change),
    )
    event = ContractChanged(
        at=accepted.at,
        by=accepted.by,
        subjects=changed.subjects,
        contract=changed.id,
        change=change,
        difference=difference,
        total=changed.total,
        ends=changed.ends,
    )
    return changed, (event,)


def _change(
    accepted: QuoteAccepted, step: ContractStep, on: date, items: tuple[ContractItem, ...]
) -> ContractChange:
    return ContractChange(
        step=step,
        on=on,
        quote=accepted.quote,
        digest=accepted.digest,
        accepted_on=accepted.accepted_on,
        items=items,
    )


def _not_together(
    contract: Contract, accepted: QuoteAccepted, proposed: ContractChangeProposed
) -> Iterator[Problem]:
    if proposed.contract != contract.id:
        yield Problem("proposed.contract", "other_contract", shorten(proposed.contract), shorten(contract.id))
    if proposed.quote != accepted.quote:
        yield Problem("accepted.quote", "other_quote", shorten(accepted.quote), shorten(proposed.quote))
    if accepted.currency != contract.currency:
        yield Problem("accepted.currency", "currency", accepted.currency, contract.currency)
    if proposed.based_on != len(contract.history):
        found = f"{len(contract.history)} steps"
        wanted = f"the {proposed.based_on} for which it was priced"
        hint = "the contract was changed since: draft the change again"
        yield Problem("contract.history", "stale", found, wanted, hint)


def _faulty_terms(accepted: QuoteAccepted) -> Iterator[Problem]:
    for line in accepted.lines:
        if line.starts is not None and line.ends is not None and line.ends <= line.starts:
            wanted = f"a day after {line.starts}"
            yield Problem(f"lines[{line.position}].ends", "no_day", line.ends.isoformat(), wanted)


def _items(accepted: QuoteAccepted, targets: Mapping[str, Target]) -> tuple[ContractItem, ...]:
    """What the lines with a term add and give back."""
    found = []
    names = {line.id: targets.get(line.id, Target(line.id)).line for line in accepted.lines}
    for line in accepted.lines:
        if line.starts is None or line.ends is None:
            continue
        target = targets.get(line.id, Target(line.id))
        found.append(
            ContractItem(
                id=line.id,
                line=target.line,
                of=target.of,
                replaces=target.replaces,
                product=line.product,
                quantity=line.quantity,
                uom=line.uom,
                configuration=line.configuration,
                parent=target.parent or names.get(line.parent, ""),
                starts=line.starts,
                ends=line.ends,
                list_amount=line.list_amount,
                net_amount=line.net_amount,
                share=line.share,
            )
        )
    return tuple(found)
