"""Puts lines at their price by a price list."""

from __future__ import annotations

from salesmgmt.core.exact import divide, multiply, subtract
from salesmgmt.core.exchange import NoExchangeRate
from salesmgmt.core.formula import WhyNot
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing._draft import Draft, DraftLine
from salesmgmt.cpq.pricing._stages import names_of_rules, told
from salesmgmt.cpq.pricing._stages.plain_rules import PlainRules, is_plain
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.names import AMOUNTS
from salesmgmt.cpq.pricing.price_lists.book import PriceBook
from salesmgmt.cpq.pricing.price_lists.policy import WithoutRule
from salesmgmt.cpq.pricing.price_lists.unit_price import (
    BasePrices,
    FreeLine,
    ListAnswer,
    NoUnitPrice,
    PriceQuestion,
    RuleConflict,
    UnitPrice,
)
from salesmgmt.cpq.pricing.priced import AddedLine, Candidate, NoPrice, PriceConflict
from salesmgmt.cpq.pricing.procedure import PriceListRules
from salesmgmt.cpq.pricing.trace import Aside, StepKind, StoodAside


class PriceListStage:
    """Puts each line at what the price list of the request says; where it says nothing, the line stays as it is."""

    def __init__(self, step: PriceListRules, book: PriceBook, *, is_reference_read: bool) -> None:
        self._id = step.id
        self._default = step.default
        self._book = book
        lists = book.lists.lists
        self.names = names_of_rules([rule for one in lists for rule in one.rules], (), book.schema)
        self._reads_amounts = not self.names.isdisjoint(AMOUNTS)
        self._ids = {one.id: frozenset(rule.id for rule in book.selection(one.id).rules) for one in lists}
        self._plain = {
            one.id: PlainRules(one, book, is_reference_read=is_reference_read)
            for one in lists
            if is_plain(one, book.lists.policy)
        }

    def run(self, draft: Draft) -> None:
        """Ask the price list for each line, or for all together where its rules may count several."""
        name = draft.request.price_list or self._default
        if not name or not draft.lines:
            return
        if self._reads_amounts:
            draft.tell_amounts()
        failed: dict[int, NoPrice | PriceConflict] = {}
        plain = self._plain.get(name)
        if plain is None or plain.currency != draft.currency:
            answers = self._book.price_document(name, [_question(draft, one) for one in draft.lines])
            for one, answer in zip(draft.lines, answers.lines, strict=True):
                self._take(draft, one, answer, failed)
            for free in answers.added:
                self._add(draft, free)
        else:
            tells = draft.tells_passed_over
            for one in draft.lines:
                if not plain.price(self._id, one, draft.at, tells=tells):
                    answer = self._book.price(name, _question(draft, one), passed_over=tells)
                    self._take(draft, one, answer, failed)
        draft.without(failed)

    def knows(self, record: str, draft: Draft) -> bool:
        """Whether a rule is among those of the price list of a request."""
        return record in self._ids.get(draft.request.price_list or self._default, ())

    def why_not(self, record: str, draft: Draft, one: DraftLine) -> WhyNot | StoodAside | None:
        """Why a rule does not count for a line that has come to this step; `None` when it does."""
        if self._reads_amounts:
            draft.tell_amounts()
        selection = self._book.selection(draft.request.price_list or self._default)
        return told(selection.why_not(record, one.facts, one.quantity, one.uom, draft.at), record)

    def _take(
        self,
        draft: Draft,
        one: DraftLine,
        answer: ListAnswer,
        failed: dict[int, NoPrice | PriceConflict],
    ) -> None:
        match answer:
            case UnitPrice():
                if not self._price(draft, one, answer):
                    failed[one.position] = draft.missing(one, "there is no exchange rate for the price list")
            case RuleConflict():
                candidates = tuple(
                    Candidate(record=rule.rule, unit_price=rule.unit_price) for rule in answer.candidates
                )
                failed[one.position] = PriceConflict(
                    position=one.position, line=one.line, candidates=candidates
                )
            case NoUnitPrice():
                if answer.found is not None:
                    failed[one.position] = draft.missing(one, f"{answer.found} wants {answer.wanted}")
                elif self._book.lists.policy.without_rule is WithoutRule.LIST_PRICE:
                    one.reason = f"the price list wants {answer.wanted}"  # a later step may still price it
                else:
                    failed[one.position] = draft.missing(one, f"the price list wants {answer.wanted}")

    def _add(self, draft: Draft, free: FreeLine) -> None:
        amount = self._in_currency(draft, free.unit_price * free.quantity)
        if amount is not None:
            draft.added.append(
                AddedLine(
                    step=self._id,
                    rule=free.rule,
                    product=free.product,
                    quantity=free.quantity,
                    amount=amount.to_currency_decimals("half_up"),
                )
            )

    def _price(self, draft: Draft, one: DraftLine, found: UnitPrice) -> bool:
        """Put a line at the price that was found; says whether it could be converted."""
        amount = self._in_currency(draft, found.amount)
        reference = self._in_currency(draft, found.reference_unit_price)
        if amount is None or reference is None:
            return False
        quantity = one.line.quantity
        shown = multiply(reference.amount, quantity)
        is_first = one.gross is None
        if is_first:
            one.list_amount = shown
        if is_first or found.rules:
            before = one.running
            one.change(
                self._id,
                StepKind.PRICE_LIST if found.rules else StepKind.LIST,
                ", ".join(found.rules) or found.price_list,
                Calculation.SET_PRICE,
                subtract(amount.amount, before) if before else amount.amount,
                value=divide(amount.amount, quantity),
                quantity=quantity,
                detail=" -> ".join(f"{step.step} {step.after:f}" for step in found.steps)
                if draft.is_traced
                else "",
            )
            plain = self._plain.get(found.price_list)
            kept = None if is_first or plain is None else plain.kept(found.rules)
            one.gross = one.running
            # As a plain rule does it: what came after the price that was found is no part of the price of a unit.
            one.unit_price = (
                divide(one.running, one.quantity) if kept is None else multiply(one.unit_price, kept)
            )
        one.name_amount("reference", shown)
        for lost in found.passed_over:
            aside = StoodAside(code=Aside.PASSED_OVER, by=lost.winner, detail=lost.criterion.value)
            one.skip(self._id, lost.rule, aside)
        return True

    def _in_currency(self, draft: Draft, money: Money) -> Money | None:
        if money.currency == draft.currency:
            return money
        try:
            return self._book.rates.convert(money, draft.currency, on=draft.day)
        except NoExchangeRate:
            return None


def _question(draft: Draft, one: DraftLine) -> PriceQuestion:
    product = one.product
    listed = None
    if one.gross is not None:
        listed = Money(divide(one.running, one.quantity), draft.currency)
    return PriceQuestion(
        facts=one.facts,
        quantity=one.line.quantity,
        unit=one.uom,
        base_unit=one.uom if product is None else product.unit,
        at=draft.at,
        bases=BasePrices(list=listed, cost=None if product is None else product.cost),
    )
