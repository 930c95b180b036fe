"""Renewals: the quote of a further term of a contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput, Problem, option
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.cpq.pricing import Line, Pricer, PricingRequest, ProrationPolicy, RenewalPolicy
from salesmgmt.cpq.pricing.terms.contract_change import RenewalMethod
from salesmgmt.cpq.quotes._proposing import Wanted, fresh_ids, known_price, propose
from salesmgmt.cpq.quotes._rest import list_of, net_for, rounded
from salesmgmt.cpq.quotes.contract import Contract, ContractStep, RunningLine
from salesmgmt.cpq.quotes.contract_events import ContractChangeProposed, Target
from salesmgmt.cpq.quotes.events import QuoteDrafted
from salesmgmt.cpq.quotes.quote import Quote

_NOTHING = Percent(0)
_YEARLY = ProrationPolicy()


def renew(
    contract: Contract,
    *,
    method: RenewalMethod | str = RenewalMethod.SAME,
    uplift: Percent = _NOTHING,
    term: Period | None = None,
    id: str,  # noqa: A002 - entities are named by id everywhere
    number: str,
    valid_until: date,
    proration: ProrationPolicy = _YEARLY,
    rounding: RoundingMode | str = RoundingMode.HALF_UP,
    pricer: Pricer | None = None,
    request: PricingRequest | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[QuoteDrafted, ContractChangeProposed]]:
    """Draft the quote of the next term, of the lines that run to the last day of the contract.

    So a ramp goes on at its last segment, and what was given back or ended before stays away. Each line becomes a new one in the
    contract, named after the old one and its first day; the term that ends stays as it is.

    Args:
        contract: the contract.
        method: `same`, what was charged, for the length of the new term; `uplift`, that and so many percent more, rounded
            once; `list`, the price that the pricer finds today.
        uplift: what is added, for `uplift`.
        term: the next term, which begins on the day on which the contract ends; by default as long as the last one.
        id: the host's identifier of the quote.
        number: what people call it.
        valid_until: the last day on which it can be accepted.
        proration: how days are measured, and what term a unit price is for.
        rounding: how each line is rounded to the minor unit.
        pricer: the prices of today, for `list`.
        request: who buys, for the pricer; it has no lines of its own.
        at: when it is made.
        by: who makes it.

    Returns:
        The quote, and the events: keep the second one for `extend`.

    Raises:
        InvalidInput: the term does not begin where the contract ends; an uplift is given for another method or takes off more
            than all; or there is no pricer where one is asked.
        UnknownOption: there is no such method.

    >>> from datetime import UTC, date, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.quotes import Contract, ContractChange, ContractItem, renew
    >>> seats = ContractItem(id="seats", line="seats", product="seat", quantity=Decimal(5), starts=date(2026, 1, 1),
    ...                      ends=date(2027, 1, 1), list_amount=Money(500, "USD"), net_amount=Money(500, "USD"),
    ...                      share=Money(0, "USD"))
    >>> start = ContractChange(step="start", on=seats.starts, quote="q-1", digest="", accepted_on=seats.starts, items=(seats,))
    >>> contract = Contract(id="c-1", currency="USD", starts=seats.starts, ends=seats.ends, total=Money(500, "USD"),
    ...                     history=(start,))
    >>> quote, _ = renew(contract, method="uplift", uplift=Percent(5), id="q-3", number="Q-3", valid_until=date(2026, 12, 31),
    ...                  at=datetime(2026, 11, 2, 9, tzinfo=UTC), by=Actor("li.wei"))
    >>> [(line.id, str(line.net_amount), str(line.ends)) for line in quote.current.lines]
    [('seats@2027-01-01', '525.00 USD', '2028-01-01')]
    """
    rule = RenewalPolicy(method=method, uplift=uplift)
    mode = option(RoundingMode, rounding, "how a renewal is rounded")
    days = contract.terms[-1].next() if term is None else term
    lines = [line for line in contract.lines if line.ends == contract.ends and line.quantity]
    problems = [*_faults(contract, days, lines), *_priceless(contract, rule, pricer, request)]
    if problems:
        raise InvalidInput(f"renewal of contract {contract.id}", problems)
    names = _names(contract, lines, days)
    factor = 1 + Fraction(rule.uplift.ratio)
    wanted = []
    for line in lines:
        new = Line(
            line.product,
            line.quantity,
            line.configuration,
            uom=line.uom,
            starts=days.start,
            ends=days.end,
        )
        price = None
        if rule.method is not RenewalMethod.LIST:
            amount = sum(
                (net_for(layer.item, layer.quantity, days, proration) for layer in line.layers), Fraction(0)
            )
            listed = Money.total(
                (list_of(layer.item, layer.quantity) for layer in line.layers), contract.currency
            )
            net = rounded(amount * factor, contract.currency, mode)
            told = f"as charged before, {rule.uplift} more" if rule.uplift else "as charged before"
            price = known_price(new, listed, net, proration, record=line.id, detail=told)
        wanted.append(
            Wanted(
                id=names[line.id],
                line=new,
                target=Target(names[line.id]),
                parent=names.get(line.parent, ""),
                price=price,
                where=f"contract.{line.id}",
            )
        )
    return propose(
        contract,
        wanted,
        step=ContractStep.RENEWAL,
        on=days.start,
        id=id,
        number=number,
        valid_until=valid_until,
        pricer=pricer,
        request=request,
        at=at,
        by=by,
    )


def _faults(contract: Contract, days: Period, lines: list[RunningLine]) -> Iterator[Problem]:
    if days.start != contract.ends:
        wanted = f"{contract.ends}, when the contract ends"
        yield Problem("term.start", "not_joined", days.start.isoformat(), wanted)
    if not lines:
        yield Problem("contract.lines", "nothing_runs", None, f"a line that runs up to {contract.ends}")


def _priceless(
    contract: Contract, rule: RenewalPolicy, pricer: Pricer | None, request: PricingRequest | None
) -> Iterator[Problem]:
    if request is not None and request.currency != contract.currency:
        yield Problem("request.currency", "currency", request.currency, contract.currency)
    if request is not None and request.lines:
        wanted = "no lines, as those of the contract are priced"
        yield Problem("request.lines", "not_empty", str(len(request.lines)), wanted)
    if rule.method is RenewalMethod.LIST:
        if pricer is None:
            yield Problem("pricer", "missing", None, "the prices of today")
        if request is None:
            yield Problem("request", "missing", None, "who buys, for the prices of today")


def _names(contract: Contract, lines: list[RunningLine], days: Period) -> dict[str, str]:
    """The name of each line in the next term: that of the first one, and the first day."""
    fresh = fresh_ids([item.id for item in contract.items])
    renewed = {
        item.line: item.line.rpartition("@")[0]
        for change in contract.history
        if change.step is ContractStep.RENEWAL
        for item in change.items
    }
    return {line.id: fresh(f"{renewed.get(line.id) or line.id}@{days.start}") for line in lines}
