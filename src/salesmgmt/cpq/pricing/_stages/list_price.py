"""Finds the price of each line: for everybody, and for its customer or segment."""

from __future__ import annotations

from salesmgmt.core.exact import multiply, subtract
from salesmgmt.core.exchange import ExchangeRates, NoExchangeRate
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing._draft import Draft, DraftLine, Facts
from salesmgmt.cpq.pricing._stages import NOTHING
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.price_index import Customer, PriceIndex, customers_of
from salesmgmt.cpq.pricing.priced import Candidate, NoPrice, PriceConflict
from salesmgmt.cpq.pricing.procedure import ListPrice
from salesmgmt.cpq.pricing.records import PriceRecord
from salesmgmt.cpq.pricing.request import Line
from salesmgmt.cpq.pricing.trace import StepKind

_LIST, _CONTRACT, _SET_PRICE = StepKind.LIST, StepKind.CONTRACT, Calculation.SET_PRICE


class ListPriceStage:
    """Finds the prices; a line without one, or with several of equal rank, leaves the draft."""

    names = NOTHING

    def __init__(self, step: ListPrice, prices: PriceIndex, rates: ExchangeRates) -> None:
        self._id = step.id
        self._is_required = step.required
        self._convert_from = step.convert_from
        self._prices = prices
        self._rates = rates

    def run(self, draft: Draft) -> None:
        """Put each line at its list price, and then at that of its customer."""
        currency, day = draft.currency, draft.day
        customers = _customers(draft.facts) if self._prices.knows_customers else ()
        failed: dict[int, NoPrice | PriceConflict] = {}
        find = self._prices.find
        for one in draft.lines:
            line = one.line
            general, specific = find(line.product, currency, customers, day)
            if not general and not specific and self._convert_from:
                general, specific = find(line.product, self._convert_from, customers, day)
            if len(general) <= 1 and len(specific) <= 1 and (general or specific):
                if not self._price(one, general, specific):
                    failed[one.position] = draft.missing(one, f"no exchange rate from {self._convert_from}")
                continue
            tied = next((some for some in (specific, general) if _disagree(some)), None)
            if tied is not None:
                failed[one.position] = _conflict(one.position, line, tied)
            elif not general and not specific:
                if self._is_required:
                    failed[one.position] = draft.missing(one)
            elif not self._price(one, general, specific):
                failed[one.position] = draft.missing(one, f"no exchange rate from {self._convert_from}")
        draft.without(failed)

    def _price(
        self, one: DraftLine, general: tuple[PriceRecord, ...], specific: tuple[PriceRecord, ...]
    ) -> bool:
        """Put a line at the price of its records; says whether it could be converted."""
        quantity = one.quantity
        first = general[0] if general else specific[0]
        price = first.price
        last_price = specific[0].price if specific else price
        raw = multiply(price.amount, quantity)
        last_raw = multiply(last_price.amount, quantity) if last_price is not price else raw
        if price.currency != one.draft.currency:
            # The line is converted by itself: its unit may have endless decimals where the line has not.
            code = price.currency
            try:
                price, last_price = self._converted(one, price), self._converted(one, last_price)
                raw = self._converted(one, Money(raw, code)).amount
                last_raw = self._converted(one, Money(last_raw, code)).amount
            except NoExchangeRate:
                return False
        unit_price = price.amount
        kind = _LIST if general or not (first.customer or first.segment) else _CONTRACT
        one.change(self._id, kind, first.id, _SET_PRICE, raw, unit_price, quantity)
        one.list_amount = one.running
        if general and specific:
            last = specific[0]
            unit_price = last_price.amount
            change = subtract(last_raw, one.running)
            one.change(
                self._id,
                _CONTRACT,
                last.id,
                _SET_PRICE,
                change,
                value=unit_price,
                quantity=quantity,
            )
        one.unit_price = unit_price
        one.gross = one.running
        return True

    def _converted(self, one: DraftLine, price: Money) -> Money:
        return self._rates.convert(price, one.draft.currency, on=one.draft.day)


def _customers(facts: Facts) -> tuple[Customer, ...]:
    return customers_of(str(facts.get("customer.id") or ""), str(facts.get("customer.segment") or ""))


def _disagree(records: tuple[PriceRecord, ...]) -> bool:
    return len(records) > 1 and any(one.price != records[0].price for one in records)


def _conflict(position: int, line: Line, tied: tuple[PriceRecord, ...]) -> PriceConflict:
    candidates = tuple(Candidate(record=one.id, unit_price=one.price) for one in tied)
    return PriceConflict(position=position, line=line, candidates=candidates)
