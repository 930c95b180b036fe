"""The price book: compiled price lists that answer what something costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from salesmgmt.core.clock import zone
from salesmgmt.core.errors import UnknownOption
from salesmgmt.core.exact import WIDE, add, divide, multiply, subtract
from salesmgmt.core.exchange import ExchangeRates, NoExchangeRate
from salesmgmt.core.findings import refuse_errors
from salesmgmt.core.formula import Schema
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.units import UnitTable
from salesmgmt.cpq.pricing.price_lists._amounts import Amounts, divides
from salesmgmt.cpq.pricing.price_lists._measures import Document
from salesmgmt.cpq.pricing.price_lists.policy import (
    Combination,
    Inherited,
    PriceListPolicy,
    UnitAmounts,
    Uplift,
    WithoutRule,
)
from salesmgmt.cpq.pricing.price_lists.price_rule import BasePrice, PriceRule, QuantityScope, Reference
from salesmgmt.cpq.pricing.price_lists.rule_price import RulePriceStep, rule_price
from salesmgmt.cpq.pricing.price_lists.unit_price import (
    DocumentPrices,
    FreeLine,
    ListAnswer,
    NoUnitPrice,
    PriceQuestion,
    RuleCandidate,
    RuleConflict,
    UnitPrice,
)
from salesmgmt.cpq.pricing.selection.selection import Chosen, PassedOver, Selection, Tied

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists

_ONE, _ZERO, _HUNDRED = Decimal(1), Decimal(0), Decimal(100)


@attrs.frozen
class _Compiled:
    """A list with its rules ready to be selected.

    Attributes:
        definition: the list.
        prices: the rules that make prices; one that is for other lines than it holds for stands there by `apply_to`.
        triggers: the rules that are for other lines, by what they hold for.
        gifts: the rules that add lines.
        originals: the rules by id.
    """

    definition: PriceList
    prices: Selection[PriceRule]
    triggers: Selection[PriceRule]
    gifts: Selection[PriceRule]
    originals: Mapping[str, PriceRule]


@attrs.frozen
class _Worked:
    """A price by rules, for `scale` of the unit that was asked for, so that no division comes before the end."""

    price: Decimal
    base: Decimal | None
    reference: Decimal
    scale: Decimal
    steps: tuple[RulePriceStep, ...] = ()


class PriceBook:
    """Answers what something costs by a price list. It never changes, and is pickled by its definition.

    Made by `PriceLists.compile`.

    Attributes:
        lists: what it was made from.
        schema: the facts that its rules may name.
    """

    __slots__ = ("_amounts", "_lists", "lists", "schema")

    def __init__(self, lists: PriceLists, schema: Schema, units: UnitTable, rates: ExchangeRates) -> None:
        refuse_errors("price lists", lists.findings())
        self.lists = lists
        self.schema = schema
        self._amounts = Amounts(units, rates, zone(lists.time_zone))
        self._lists = {one.id: _compiled(one, lists, schema) for one in lists.lists}

    def __reduce__(self) -> tuple[Any, ...]:
        return PriceBook, (self.lists, self.schema, self._amounts.units, self._amounts.rates)

    @property
    def rates(self) -> ExchangeRates:
        """The exchange rates for prices in other currencies."""
        return self._amounts.rates

    def selection(self, price_list: str) -> Selection[PriceRule]:
        """The rules of a list that make prices, as they are selected; for `why_not` and `passed_over`.

        Raises:
            UnknownOption: there is no such list.
        """
        return self._list(price_list).prices

    def price(self, price_list: str, question: PriceQuestion, *, passed_over: bool = False) -> ListAnswer:
        """What one line costs by itself.

        Args:
            price_list: the id of the list.
            question: what is asked.
            passed_over: also tell which rules lost, and by what.

        Raises:
            UnknownOption: there is no such list.
            UnknownUnit, IncompatibleUnits: the units do not go together.
                EvaluationError: a condition cannot be worked out.
        """
        return self._price(
            self._list(price_list), Document((question,), self._amounts.units), 0, passed_over=passed_over
        )

    def price_document(self, price_list: str, questions: Sequence[PriceQuestion]) -> DocumentPrices:
        """What the lines of a document cost together.

        Rules may count the quantity of several lines, be for other lines than they hold for, and add lines. Every rule
        that adds a line and holds does so. Raises as `price` does.
        """
        compiled = self._list(price_list)
        document = Document(tuple(questions), self._amounts.units)
        return DocumentPrices(
            lines=tuple(self._price(compiled, document, line) for line in range(len(questions))),
            added=tuple(self._added(compiled, document)),
        )

    def _list(self, price_list: str) -> _Compiled:
        try:
            return self._lists[price_list]
        except KeyError:
            raise UnknownOption("the price list", price_list, self._lists) from None

    @property
    def _policy(self) -> PriceListPolicy:
        return self.lists.policy

    def _price(
        self, compiled: _Compiled, document: Document, line: int, *, passed_over: bool = False
    ) -> ListAnswer:
        try:
            return self._by_rules(compiled, document, line, passed_over=passed_over)
        except NoExchangeRate as error:  # of this line alone; the others have their prices
            return NoUnitPrice(
                price_list=compiled.definition.id, found=compiled.definition.id, wanted=str(error)
            )

    def _by_rules(
        self, compiled: _Compiled, document: Document, line: int, *, passed_over: bool
    ) -> ListAnswer:
        own = self._own(compiled, document, line, passed_over=passed_over)
        question = document.questions[line]
        base = compiled.definition.based_on
        if base and (
            own is None or (self._policy.inherited is Inherited.LOWEST and isinstance(own, UnitPrice))
        ):
            inherited = self._inherited(compiled, document, line)
            if inherited is not None and (
                not isinstance(own, UnitPrice) or inherited.unit_price < own.unit_price
            ):
                return inherited
        if own is not None:
            return own
        if self._policy.without_rule is WithoutRule.LIST_PRICE:
            scale = self._amounts.scale(question)
            listed = self._amounts.list_price(compiled.definition.currency, question, scale)
            if listed is not None:
                return self._answer(compiled, question, _Worked(listed, listed, listed, scale), ())
        wanted = "a rule that holds" + (
            " or a list price" if self._policy.without_rule is WithoutRule.LIST_PRICE else ""
        )
        return NoUnitPrice(price_list=compiled.definition.id, found=None, wanted=wanted)

    def _inherited(self, compiled: _Compiled, document: Document, line: int) -> UnitPrice | None:
        """The price by the list that a list is based on, in its own currency."""
        found = self._price(self._lists[compiled.definition.based_on], document, line)
        if not isinstance(found, UnitPrice):
            return None
        currency, question = compiled.definition.currency, document.questions[line]
        if found.unit_price.currency == currency:
            return attrs.evolve(found, price_list=compiled.definition.id)
        price = self._amounts.in_currency(found.unit_price, currency, question)
        reference = self._amounts.in_currency(found.reference_unit_price, currency, question)
        worked = _Worked(price, reference, reference, _ONE)
        return attrs.evolve(self._answer(compiled, question, worked, ()), rules=found.rules)

    def _own(
        self, compiled: _Compiled, document: Document, line: int, *, passed_over: bool
    ) -> ListAnswer | None:
        """The price by the list's own rules; `None` when none holds."""
        question, selection = document.questions[line], compiled.prices
        reaches = self._reaches(compiled, document, line)
        quantity = document.quantities[line]
        prices: dict[str, _Worked | None] = {}

        def worked(rule: PriceRule) -> _Worked | None:
            if rule.id not in prices:
                prices[rule.id] = self._work(compiled, document, line, (rule,))
            return prices[rule.id]

        def price(rule: PriceRule) -> Decimal | None:
            found = worked(rule)
            return None if found is None else divide(found.price, found.scale)

        asked = (question.facts, quantity, question.unit, question.at)
        if self._policy.combination is Combination.ALL_IF_COMBINABLE:
            every = selection.matching(*asked, reaches=reaches, price=price)
            if len(every) > 1 and all(rule.combinable for rule in every):
                return self._finished(compiled, question, self._work(compiled, document, line, every), every)

        def same(one: PriceRule, other: PriceRule) -> bool:
            first = price(one)
            return first is not None and first == price(other)

        found = selection.choose(*asked, reaches=reaches, price=price, same=same, passed_over=passed_over)
        match found:
            case None:
                return None
            case Tied():
                candidates = tuple(
                    RuleCandidate(
                        rule=rule.id,
                        unit_price=None
                        if (amount := price(rule)) is None
                        else Money(amount, compiled.definition.currency),
                    )
                    for rule in found.rules
                )
                return RuleConflict(price_list=compiled.definition.id, candidates=candidates)
            case Chosen():
                return self._finished(
                    compiled, question, worked(found.rule), (found.rule,), found.passed_over
                )

    def _finished(
        self,
        compiled: _Compiled,
        question: PriceQuestion,
        worked: _Worked | None,
        rules: Sequence[PriceRule],
        passed_over: tuple[PassedOver, ...] = (),
    ) -> ListAnswer:
        if worked is None:
            wanted = {
                BasePrice.COST: "the cost of the product",
                BasePrice.PRICE_LIST: f"a price by {rules[0].base_price_list}",
            }.get(rules[0].base, "a list price")
            return NoUnitPrice(price_list=compiled.definition.id, found=rules[0].id, wanted=wanted)
        return self._answer(compiled, question, worked, rules, passed_over)

    def _answer(
        self,
        compiled: _Compiled,
        question: PriceQuestion,
        worked: _Worked,
        rules: Sequence[PriceRule],
        passed_over: tuple[PassedOver, ...] = (),
    ) -> UnitPrice:
        currency, scale = compiled.definition.currency, worked.scale
        price, reference = worked.price, worked.reference
        if price > reference and self._policy.uplift is Uplift.IN_REFERENCE:
            reference = price
        discount: Percent | None = Percent(0)
        if price != reference:
            off = multiply(subtract(reference, price), _HUNDRED)
            discount = Percent(divide(off, reference)) if reference else None

        def money(value: Decimal) -> Money:
            return Money(value if scale == 1 else divide(value, scale), currency)

        whole = (
            multiply(price, question.quantity)
            if scale == 1
            else divide(WIDE.multiply(price, question.quantity), scale)
        )
        steps = worked.steps
        if scale != 1:
            steps = tuple(
                attrs.evolve(step, before=divide(step.before, scale), after=divide(step.after, scale))
                for step in steps
            )
        return UnitPrice(
            price_list=compiled.definition.id,
            unit_price=money(price),
            reference_unit_price=money(reference),
            base_unit_price=None if worked.base is None else money(worked.base),
            discount_percent=discount,
            amount=Money(whole, currency),
            rules=tuple(rule.id for rule in rules),
            steps=steps,
            passed_over=passed_over,
        )

    def _work(
        self, compiled: _Compiled, document: Document, line: int, rules: Sequence[PriceRule]
    ) -> _Worked | None:
        """The price by rules, all amounts brought to a common number of the unit that is asked for."""
        question, policy = document.questions[line], self._policy
        base_unit = question.base_unit or question.unit
        ratios, scale = [], self._amounts.scale(question)
        for rule in rules:
            own_unit = rule.uom if rule.uom and policy.unit_amounts is UnitAmounts.RULE_UNIT else base_unit
            over, under = self._amounts.ratio(question.unit, own_unit)
            under = WIDE.multiply(under, rule.per_quantity)
            ratios.append((over, under))
            if under != 1 and not divides(over, under, scale):
                scale = WIDE.multiply(scale, under)
        times = [divide(WIDE.multiply(over, scale), under) for over, under in ratios]
        bases = self._base(compiled, document, line, rules[0], scale)
        base, reference = (None, None) if bases is None else bases
        if base is None and rules[0].base in (BasePrice.COST, BasePrice.PRICE_LIST):
            return None
        found = rule_price(rules, base, order=policy.steps, below_zero=policy.below_zero, times=times)
        if found is None:
            return None
        shown = reference if reference is not None else found.base
        if all(rule.reference is Reference.PRICE for rule in rules):
            shown = found.price
        return _Worked(found.price, base, shown, scale, found.steps)

    def _base(
        self, compiled: _Compiled, document: Document, line: int, rule: PriceRule, scale: Decimal
    ) -> tuple[Decimal, Decimal] | None:
        """What a rule starts from and its reference, for `scale` units; `None` when there is nothing."""
        question = document.questions[line]
        if rule.base is BasePrice.PRICE_LIST:
            found = self._price(self._lists[rule.base_price_list], document, line)
            if not isinstance(found, UnitPrice):
                return None
            currency = compiled.definition.currency
            price = self._amounts.in_currency(found.unit_price, currency, question)
            reference = self._amounts.in_currency(found.reference_unit_price, currency, question)
            return multiply(price, scale), multiply(reference, scale)
        if rule.base is BasePrice.COST:
            cost = question.bases.cost
            if cost is None:
                return None
            unit = question.bases.unit or question.base_unit or question.unit
            amount = self._amounts.for_units(cost, unit, compiled.definition.currency, question, scale)
        else:
            listed = self._amounts.list_price(compiled.definition.currency, question, scale)
            if listed is None:
                return None
            amount = listed
        return amount, amount

    def _reaches(self, compiled: _Compiled, document: Document, line: int) -> Callable[[PriceRule], bool]:
        def reaches(rule: PriceRule) -> bool:
            original = compiled.originals[rule.id]
            if not original.apply_to:
                return self._measures_up(compiled, original, compiled.prices, document, line)
            return any(
                compiled.triggers.applies(rule.id, one.facts, one.unit, one.at)
                and self._measures_up(compiled, original, compiled.triggers, document, other)
                for other, one in enumerate(document.questions)
            )

        return reaches

    def _measures_up(
        self,
        compiled: _Compiled,
        rule: PriceRule,
        selection: Selection[PriceRule],
        document: Document,
        line: int,
    ) -> bool:
        """Whether the quantity and the amount that a rule looks at are within its limits."""
        lines = document.lines_of(rule, selection, line)
        beyond = self._policy.order.max_quantity
        quantity = _total(document.quantities[one] for one in lines)
        if not _within(quantity, rule.min_quantity, rule.max_quantity, includes=beyond.value == "included"):
            return False
        if rule.min_amount is None and rule.max_amount is None:
            return True
        amounts = [self._amount(compiled.definition.currency, document.questions[one]) for one in lines]
        known = [amount for amount in amounts if amount is not None]
        return bool(known) and _within(_total(known), rule.min_amount, rule.max_amount, includes=True)

    def _amount(self, currency: str, question: PriceQuestion) -> Decimal | None:
        """The amount of a line at its list price."""
        price = self._amounts.list_price(currency, question, _ONE)
        return None if price is None else multiply(price, question.quantity)

    def _added(self, compiled: _Compiled, document: Document) -> list[FreeLine]:
        added: list[FreeLine] = []
        once: set[str] = set()
        for line, question in enumerate(document.questions):

            def reaches(rule: PriceRule, line: int = line) -> bool:
                return self._measures_up(compiled, rule, compiled.gifts, document, line)

            held = compiled.gifts.matching(
                question.facts,
                document.quantities[line],
                question.unit,
                question.at,
                reaches=reaches,
                price=_no_price,
            )
            for rule in held:
                lines = document.lines_of(rule, compiled.gifts, line)
                if rule.quantity_scope is not QuantityScope.LINE:
                    if f"{rule.id} {lines[0]}" in once:
                        continue
                    once.add(f"{rule.id} {lines[0]}")
                given = rule.free_quantity if rule.free_quantity is not None else _ONE
                if rule.recursive and rule.min_quantity:
                    reached = _total(document.quantities[one] for one in lines)
                    given = multiply(given, WIDE.divide_int(reached, rule.min_quantity))
                price = Money(rule.free_unit_price or _ZERO, compiled.definition.currency)
                added.append(
                    FreeLine(rule=rule.id, product=rule.free_product, quantity=given, unit_price=price)
                )
        return added


def _compiled(definition: PriceList, lists: PriceLists, schema: Schema) -> _Compiled:
    prices, triggers, gifts = [], [], []
    for rule in definition.rules:
        if rule.free_product:
            gifts.append(rule)
        if not rule.changes_price:
            continue
        if rule.apply_to:
            triggers.append(rule)
            rule = attrs.evolve(  # noqa: PLW2901 - the same rule by the lines that it is for
                rule,
                key=rule.apply_to,
                condition="",
                min_quantity=None,
                max_quantity=None,
                quantity_scope=QuantityScope.ALL_MATCHING_LINES,
            )
        prices.append(rule)

    def selection(rules: list[PriceRule]) -> Selection[PriceRule]:
        return Selection(rules, schema, order=lists.policy.order, time_zone=lists.time_zone)

    originals = {rule.id: rule for rule in definition.rules}
    return _Compiled(definition, selection(prices), selection(triggers), selection(gifts), originals)


def _no_price(_rule: PriceRule) -> Decimal:
    """Gifts do not compete by price."""
    return _ZERO


def _within(value: Decimal, low: Decimal | None, high: Decimal | None, *, includes: bool) -> bool:
    if low is not None and value < low:
        return False
    return high is None or value < high or (includes and value == high)


def _total(numbers: Any) -> Decimal:
    total = _ZERO
    for number in numbers:
        total = add(total, number)
    return total
