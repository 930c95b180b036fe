"""The prices of a quote held against those of today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

import attrs

from salesmgmt.core.clock import is_before, zone
from salesmgmt.core.errors import InvalidInput, SalesError, shorten
from salesmgmt.core.findings import Finding
from salesmgmt.cpq.pricing import Pricer, PriceStep, PricingModel, PricingRequest, StepKind
from salesmgmt.cpq.quotes._freezing import version_of
from salesmgmt.cpq.quotes.completeness._lines import AGAIN, follows_contract, line_finding, told
from salesmgmt.cpq.quotes.line import QuoteLine
from salesmgmt.cpq.quotes.offer import placed, price_offer
from salesmgmt.cpq.quotes.outline import Outline
from salesmgmt.cpq.quotes.version import QuoteVersion


class _Dated(Protocol):
    """Something that holds for a while."""

    @property
    def valid_from(self) -> date | datetime | None: ...
    @property
    def valid_to(self) -> date | datetime | None: ...


def on_day(request: PricingRequest, day: date) -> PricingRequest:
    """The request on another day, at its time of day."""
    return attrs.evolve(request, at=datetime.combine(day, request.at.timetz()))


def price_findings(
    version: QuoteVersion, pricer: Pricer, request: PricingRequest, on: date
) -> Iterator[Finding]:
    """The lines that come to something else on a day, and the records that do not hold on it."""
    if request.currency != version.currency:
        message = f"the request is in {request.currency}, and the quote in {version.currency}"
        yield _not_priced(message, "give a request in the currency of the quote")
        return
    lines = tuple(line for line in version.lines if not follows_contract(line))
    outline = _priced_part(version)
    if not outline.lines:
        return
    try:
        asked = on_day(request, on)
        today = version_of(
            price_offer(outline, asked, pricer),
            number=version.number,
            based_on=version.based_on,
            valid_until=version.valid_until,
            at=asked.at,
            by=version.made_by,
        )
    except InvalidInput as error:
        for problem in error.problems:
            found = "nothing" if problem.found is None else problem.found
            message = f"found {found}, wanted {problem.wanted}"
            where = placed(problem, [version.line(one.id).position for one in outline.lines]).path
            yield _not_priced(message, problem.hint or f"correct it, {AGAIN}", where)
        return
    except SalesError as error:
        yield _not_priced(told(error), error.hint)
        return
    yield from _changed(version, lines, today, on)
    yield from _expired(lines, pricer.model, asked.at)


def _priced_part(version: QuoteVersion) -> Outline:
    """What a pricer made the prices of; a part of a line of a contract stands by itself in it."""
    outline = version.outline
    contract = {line.id for line in version.lines if follows_contract(line)}
    if not contract:
        return outline
    return attrs.evolve(
        outline,
        lines=[
            attrs.evolve(line, parent="") if line.parent in contract else line
            for line in outline.lines
            if line.id not in contract
        ],
    )


def _not_priced(message: str, hint: str, where: str = "lines") -> Finding:
    return Finding(
        code="not_priced_again", where=where, message=f"today's prices are not known: {message}", hint=hint
    )


def _changed(
    version: QuoteVersion, lines: Iterable[QuoteLine], today: QuoteVersion, on: date
) -> Iterator[Finding]:
    unpriced = {line.id: line for line in today.unpriced}
    priced = {line.id: line for line in today.lines}
    for line in lines:
        name, now = shorten(line.product), priced.get(line.id)
        if line.id in unpriced:
            message = (
                f"{name} came to {line.net_amount} and has no price on {on}: {unpriced[line.id].message}"
            )
            hint = f"correct the price records, or set the price by hand; {AGAIN}"
            yield line_finding(line, "price_changed", message, hint)
        elif now is None:
            message = f"{line.quantity:f} of {name} came with it by {line.added_by}, and not on {on}"
            yield line_finding(line, "price_changed", message, AGAIN)
        elif (now.net_amount, now.list_amount, now.quantity) != (
            line.net_amount,
            line.list_amount,
            line.quantity,
        ):
            message = f"{name} {_difference(line, now, on)}"
            yield line_finding(line, "price_changed", message, f"{AGAIN}, or keep the price by a ManualPrice")
    before = {line.id for line in version.every_line}
    for line in today.lines:
        if line.id not in before:
            message = f"{line.quantity:f} of {shorten(line.product)} come with it by {line.added_by} on {on}"
            yield Finding(code="price_changed", where="lines", message=message, hint=AGAIN)


def _difference(line: QuoteLine, now: QuoteLine, on: date) -> str:
    if now.quantity != line.quantity:
        return f"came {line.quantity:f} times and comes {now.quantity:f} times on {on}"
    if now.net_amount == line.net_amount:
        words = f"was {line.list_amount} at list and is {now.list_amount} on {on}"
    else:
        words = f"came to {line.net_amount} and comes to {now.net_amount} on {on}"
    records = _records(_values(line), _values(now))
    return f"{words}: {records}" if records else words


def _values(line: QuoteLine) -> dict[str, list[Decimal | None]]:
    """With which values each record counts."""
    found: dict[str, list[Decimal | None]] = {}
    for step in line.waterfall:
        if step.record and not step.is_statistical:
            found.setdefault(step.record, []).append(step.value)
    return found


def _records(before: Mapping[str, list[Decimal | None]], now: Mapping[str, list[Decimal | None]]) -> str:
    """Which records made the difference, in words."""
    gone = [record for record in before if record not in now]
    come = [record for record in now if record not in before]
    if gone and come:
        return f"{', '.join(come)} in place of {', '.join(gone)}"
    if gone or come:
        return f"without {', '.join(gone)}" if gone else f"with {', '.join(come)}"
    changed = [record for record in before if before[record] != now[record]]
    return f"{', '.join(changed)} changed" if changed else ""


def _expired(lines: Iterable[QuoteLine], model: PricingModel, at: datetime) -> Iterator[Finding]:
    named = [(line, record) for line in lines for record in _named(line.waterfall)]
    validities = _validities(model, {record for _, record in named})
    day = at.astimezone(zone(model.procedure.time_zone)).date()
    for line, record in named:
        reasons = [_lapsed(one, day, at) for one in validities.get(record, ())]
        if reasons and all(reasons):
            message = f"{record}, which made the price of {shorten(line.product)}, {reasons[0]}"
            yield line_finding(line, "expired_record", message, AGAIN)


def _named(waterfall: Iterable[PriceStep]) -> Iterator[str]:
    """The records of a waterfall, each once; several rules of a price list stand in one step."""
    records: dict[str, None] = {}
    for step in waterfall:
        parts = step.record.split(", ") if step.kind is StepKind.PRICE_LIST else (step.record,)
        records.update(dict.fromkeys(parts))
    return (record for record in records if record)


def _validities(model: PricingModel, wanted: set[str]) -> dict[str, list[_Dated]]:
    """What holds for a while under each of some ids: an id may stand in several files."""
    found: dict[str, list[_Dated]] = {}
    rules = (
        rule
        for step in model.procedure.steps
        for rule in getattr(step, "rules", ())
        if hasattr(rule, "valid_to")
    )
    listed = (rule for prices in model.price_lists.lists for rule in prices.rules)
    for group in (model.prices, model.conditions, model.promotions, rules, listed):
        for one in group:
            if one.id in wanted:
                found.setdefault(one.id, []).append(one)
    return found


def _lapsed(record: _Dated, day: date, at: datetime) -> str:
    """Why a record does not hold; empty when it does."""
    if record.valid_to is not None and not _is_before(day, at, record.valid_to):
        return f"holds no longer since {record.valid_to}"
    if record.valid_from is not None and _is_before(day, at, record.valid_from):
        return f"holds not before {record.valid_from}"
    return ""


def _is_before(day: date, at: datetime, limit: date | datetime) -> bool:
    return is_before(at, limit) if isinstance(limit, datetime) else day < limit
