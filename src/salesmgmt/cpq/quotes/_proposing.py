"""Drafts the quote of a change of a contract, and says what each of its lines is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.exact import subtract
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.cpq.pricing import (
    Calculation,
    Line,
    Priced,
    PricedLine,
    Pricer,
    PriceStep,
    PricingRequest,
    ProrationPolicy,
    StepKind,
)
from salesmgmt.cpq.quotes.contract import Contract, ContractStep
from salesmgmt.cpq.quotes.contract_events import ContractChangeProposed, Target
from salesmgmt.cpq.quotes.drafting import quote_from
from salesmgmt.cpq.quotes.events import QuoteDrafted
from salesmgmt.cpq.quotes.offer import Offer
from salesmgmt.cpq.quotes.outline import Outline, OutlineLine
from salesmgmt.cpq.quotes.quote import Quote

_ZERO = Decimal(0)


@attrs.frozen(kw_only=True)
class Wanted:
    """A line of the quote to be.

    Attributes:
        id: of the line of the quote.
        line: what is wanted.
        target: what it does to the contract.
        parent: id of the line of the quote that it is a part of.
        price: what it comes to; `None` for a line that the pricer is asked for.
        where: its place in what was asked for, for faults that the pricer finds.
    """

    id: str
    line: Line
    target: Target
    parent: str = ""
    price: PricedLine | None
    where: str = ""


def propose(
    contract: Contract,
    wanted: Sequence[Wanted],
    *,
    step: ContractStep,
    on: date,
    id: str,  # noqa: A002 - entities are named by id everywhere
    number: str,
    valid_until: date,
    pricer: Pricer | None,
    request: PricingRequest | None,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[QuoteDrafted, ContractChangeProposed]]:
    """Draft the quote of what is wanted, and say what its lines are for; raises `InvalidInput` where the pricer finds faults."""
    what = f"{step} of contract {contract.id}"
    offer = _offer(contract, wanted, pricer=pricer, request=request, at=at, what=what)
    quote, (drafted,) = quote_from(
        offer,
        id=id,
        number=number,
        valid_until=valid_until,
        account=contract.account,
        deal=contract.deal,
        at=at,
        by=by,
    )
    proposed = ContractChangeProposed(
        at=at,
        by=by,
        subjects=(*contract.subjects, quote.ref),
        contract=contract.id,
        quote=quote.key,
        step=step,
        on=on,
        based_on=len(contract.history),
        targets={one.id: one.target for one in wanted},
    )
    return quote, (drafted, proposed)


def known_price(
    line: Line, listed: Money, net: Money, proration: ProrationPolicy, *, record: str, detail: str
) -> PricedLine:
    """The price of a line that follows from the contract, with the steps from the list to the net amount."""
    assert line.starts is not None  # noqa: S101 - lines of contracts have a term
    assert line.ends is not None  # noqa: S101
    terms = proration.of(Period(line.starts, line.ends))
    steps: list[PriceStep] = []

    def step(kind: StepKind, calculation: Calculation, after: Money, value: Decimal, words: str = "") -> None:
        base = steps[-1].running_amount if steps else _ZERO
        change = subtract(after.amount, base)
        steps.append(
            PriceStep(
                step="contract",
                kind=kind,
                record=record,
                calculation=calculation,
                currency=net.currency,
                base_amount=base,
                raw_amount=change,
                rounded_amount=change,
                running_amount=after.amount,
                value=value,
                quantity=line.quantity,
                detail=words,
            )
        )

    step(StepKind.LIST, Calculation.AMOUNT_PER_LINE, listed, listed.amount)
    for_term = terms.apply(listed)
    told = f"{terms.term} {proration.precision}, times {terms.multiplier}"
    step(StepKind.TERM, Calculation.PRORATION, for_term, terms.multiplier, told)
    step(StepKind.CONTRACT, Calculation.AMOUNT_PER_LINE, net, (net - for_term).amount, detail)
    return PricedLine(position=0, line=line, list_amount=listed, net_amount=net, waterfall=tuple(steps))


def fresh_ids(taken: Iterable[str]) -> Callable[[str], str]:
    """Give each name once, with a number where it is taken."""
    used = set(taken)

    def fresh(name: str) -> str:
        found, count = name, 1
        while found in used:
            count += 1
            found = f"{name}#{count}"
        used.add(found)
        return found

    return fresh


def _offer(
    contract: Contract,
    wanted: Iterable[Wanted],
    *,
    pricer: Pricer | None,
    request: PricingRequest | None,
    at: datetime,
    what: str,
) -> Offer:
    """Everything that is wanted as one document: what follows from the contract, then what the pricer says of the rest."""
    known = [one for one in wanted if one.price is not None]
    asked = [one for one in wanted if one.price is None]
    outline = Outline([OutlineLine(one.id, one.line, parent=one.parent) for one in (*known, *asked)])
    if request is None:
        request = PricingRequest(at=at, currency=contract.currency, lines=[])
    answer = None if pricer is None or not asked else _answer(pricer, request, asked, what)
    lines = [
        attrs.evolve(one.price, position=position)
        for position, one in enumerate(known)
        if one.price is not None
    ]
    more = len(known)
    if answer is not None:
        lines += [attrs.evolve(line, position=line.position + more) for line in answer.lines]
    priced = Priced(
        request=attrs.evolve(request, lines=[one.line for one in (*known, *asked)]),
        lines=tuple(lines),
        unpriced=()
        if answer is None
        else tuple(attrs.evolve(one, position=one.position + more) for one in answer.unpriced),
        added=()
        if answer is None
        else tuple(
            one if one.position is None else attrs.evolve(one, position=one.position + more)
            for one in answer.added
        ),
        model=f"contract {contract.id}" if answer is None else answer.model,
        model_version=len(contract.history) if answer is None else answer.model_version,
        model_digest=digest_of(contract) if answer is None else answer.model_digest,
    )
    return Offer(outline=outline, lines=tuple(line.id for line in outline.lines), required=priced)


def _answer(pricer: Pricer, request: PricingRequest, asked: list[Wanted], what: str) -> Priced:
    try:
        return pricer.price(attrs.evolve(request, lines=[one.line for one in asked]))
    except InvalidInput as error:
        places = {f"lines[{position}]": one.where for position, one in enumerate(asked)}
        raise InvalidInput(
            what, (attrs.evolve(one, path=_placed(one.path, places)) for one in error.problems)
        ) from None


def _placed(path: str, places: Mapping[str, str]) -> str:
    head, bracket, rest = path.partition("]")
    return f"{places[head + bracket]}{rest}" if head + bracket in places else path
