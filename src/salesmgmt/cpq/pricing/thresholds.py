"""The quantities and amounts at which the records of a model begin or end to count, for hints that stand before them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from itertools import islice, product
from typing import TYPE_CHECKING, TypeAlias

import attrs

from salesmgmt.core.exact import add, divide, multiply
from salesmgmt.core.formula import Formula, declare
from salesmgmt.core.formula.nodes import Comparison, Literal, Name, walk
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.condition import ConditionRecord
from salesmgmt.cpq.pricing.free_goods import FreeGoods
from salesmgmt.cpq.pricing.names import NAMES
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList
from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
from salesmgmt.cpq.pricing.procedure import (
    Discounts,
    FreeUnits,
    HeaderDiscounts,
    PriceListRules,
    PricingStep,
    Promotions,
    QuantityTiers,
)
from salesmgmt.cpq.pricing.promotions import BuyGet, FreeProduct, Promotion
from salesmgmt.cpq.pricing.request import PricingRequest
from salesmgmt.cpq.pricing.scales.index import ScaleIndex
from salesmgmt.cpq.pricing.scales.policies import Basis
from salesmgmt.cpq.pricing.scales.scale import Scale

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.pricer import Pricer

_QUANTITIES = frozenset({"line.quantity", "order.quantity"})
_MOST_KEYS = 10_000
_MOST_MULTIPLES = 20

_Facts: TypeAlias = Mapping[str, frozenset[str]]
"""What is known of a line, each fact as the texts that it is or has."""


@attrs.frozen(kw_only=True)
class Threshold:
    """A bound at which a record begins or ends to count.

    Attributes:
        record: id of the record, tier, rule or promotion; of a requirement the step.
        quantity: the quantity, in the unit of the product, of whatever the record counts; `None` for a bound on an amount.
        amount: the amount, of whatever the record measures; `None` for a bound on a quantity. Of a bound without a currency of
            its own it is in that of the request.

    >>> from decimal import Decimal
    >>> from salesmgmt.cpq.pricing.thresholds import Threshold
    >>> Threshold(record="t-10", quantity=Decimal(10)).amount is None
    True
    """

    record: str
    quantity: Decimal | None = None
    amount: Decimal | None = None


@attrs.frozen
class _Keyed:
    """A bound with the facts that its record is for."""

    key: Mapping[str, str]
    threshold: Threshold


class Thresholds:
    """Which bounds a line may stand before, found by the keys of the records.

    It tells every bound that may matter, and some that do not, because another record wins or a condition does not hold: what
    a bound is worth, only the pricer says. Bounds on an attribute of a line, such as its weight, are not told.

    It is made once for a pricer; a question costs what its line has of records, however many others there are.

    Args:
        pricer: the pricer.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing import Line, PriceRecord, PricingModel, PricingRequest, TierRecord
    >>> from salesmgmt.cpq.pricing.thresholds import Thresholds
    >>> pricer = PricingModel(
    ...     prices=[PriceRecord(id="p-1", product="dock", price=Money(850, "CNY"))],
    ...     tiers=[TierRecord(id="t-10", product="dock", lower=10, percent=Percent(5))],
    ... ).compile()
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> request = PricingRequest(at=now, currency="CNY", lines=[Line("dock", 8)])
    >>> [(one.record, one.quantity) for one in Thresholds(pricer).of(request, 0)]
    [('t-10', Decimal('10'))]
    """

    def __init__(self, pricer: Pricer) -> None:
        self._model = pricer.model
        steps = self._model.procedure.steps
        self._schema = declare(self._model.procedure.facts, NAMES).schema
        self._steps = steps
        self._default_lists = tuple(step.default for step in steps if isinstance(step, PriceListRules))
        types = {step.type_id for step in steps if isinstance(step, PricingStep)}
        records = (one for one in self._model.conditions if one.type in types)
        self._records = _index(bound for one in records for bound in self._of_record(one))
        self._lists: dict[str, _Index] = {}

    def of(self, request: PricingRequest, position: int) -> tuple[Threshold, ...]:
        """The bounds that a line of a request may stand before, in no particular order, each once.

        Args:
            request: what is priced.
            position: which line, from 0.
        """
        facts = self._facts(request, position)
        found: dict[Threshold, None] = dict.fromkeys(self._of_tiers(request, position))
        found.update(dict.fromkeys(_looked_up(self._records, facts)))
        for name in self._price_lists(request):
            found.update(dict.fromkeys(_looked_up(self._list_index(name), facts)))
        found.update(dict.fromkeys(self._everywhere))
        return tuple(found)

    def _facts(self, request: PricingRequest, position: int) -> _Facts:
        line = request.lines[position]
        catalogue = self._model.catalogue
        products = {one.product for one in request.lines}
        families = {known.family for one in products if (known := catalogue.get(one)) is not None}
        given: dict[str, object] = {
            **catalogue.facts_of(line.product),
            **{f"line.{name}": value for name, value in line.fields.items()},
            **{f"customer.{name}": value for name, value in request.customer.items()},
            **{f"order.{name}": value for name, value in request.order.items()},
            "line.group": line.group or None,
            "line.uom": line.uom or None,
            "order.currency": request.currency,
            "order.price_list": request.price_list or None,
            "order.products": tuple(products),
            "order.families": tuple(families),
        }
        return {name: _as_texts(value) for name, value in given.items() if value is not None}

    def _of_tiers(self, request: PricingRequest, position: int) -> Iterator[Threshold]:
        if self._scales is None:
            return
        line = request.lines[position]
        known = self._model.catalogue.get(line.product)
        scale = self._scales.find(line.product, "" if known is None else known.family, request.currency)
        for tier, end in () if scale is None else scale.tiers:
            yield Threshold(record=tier.id, quantity=tier.lower)
            if end is not None:
                yield Threshold(record=tier.id, quantity=end)

    @cached_property
    def _scales(self) -> ScaleIndex | None:
        has_step = any(isinstance(step, QuantityTiers) for step in self._steps)
        return ScaleIndex(self._model.tiers) if has_step else None

    def _of_record(self, record: ConditionRecord) -> Iterator[_Keyed]:
        for limit in (record.min_quantity, record.max_quantity):
            if limit is not None:
                yield _Keyed(record.key, Threshold(record=record.id, quantity=limit))
        for bound in self._of_formula(record.id, record.condition):
            yield _Keyed(record.key, bound)
        if record.scale is not None:
            for bound in _of_scale(record.id, record.scale):
                yield _Keyed(record.key, bound)

    def _of_rule(self, rule: PriceRule) -> Iterator[_Keyed]:
        for limit in (rule.min_quantity, rule.max_quantity):
            if limit is not None:
                yield _Keyed(rule.key, Threshold(record=rule.id, quantity=limit))
        if rule.recursive and rule.min_quantity:
            for times in range(2, _MOST_MULTIPLES):
                yield _Keyed(rule.key, Threshold(record=rule.id, quantity=rule.min_quantity * times))
        for limit in (rule.min_amount, rule.max_amount):
            if limit is not None:
                yield _Keyed(rule.key, Threshold(record=rule.id, amount=limit))
        for bound in self._of_formula(rule.id, rule.condition):
            yield _Keyed(rule.key, bound)

    def _price_lists(self, request: PricingRequest) -> Iterator[str]:
        """The list of the request, or of each step, and those that they are based on."""
        if not self._default_lists:
            return
        waiting = [request.price_list or name for name in self._default_lists]
        seen = set[str]()
        while waiting:
            name = waiting.pop()
            if name and name not in seen and name in self._by_list:
                seen.add(name)
                yield name
                waiting.extend(sorted(self._by_list[name].bases))

    @cached_property
    def _by_list(self) -> Mapping[str, PriceList]:
        return {one.id: one for one in self._model.price_lists.lists}

    def _list_index(self, name: str) -> _Index:
        known = self._lists.get(name)
        if known is None:
            known = _index(bound for rule in self._by_list[name].rules for bound in self._of_rule(rule))
            self._lists[name] = known
        return known

    @cached_property
    def _everywhere(self) -> tuple[Threshold, ...]:
        """The bounds of rules that have no key: discounts, promotions, free goods and requirements."""
        found: dict[Threshold, None] = {}
        for step in self._steps:
            match step:
                case Discounts() | HeaderDiscounts():
                    for rule in step.rules:
                        found.update(dict.fromkeys(self._of_formula(rule.id, rule.condition)))
                case PricingStep():
                    found.update(dict.fromkeys(self._of_formula(step.id, step.requirement)))
                case FreeUnits():
                    for free in step.rules:
                        found.update(dict.fromkeys(_of_free_goods(free.id, free.goods)))
                        found.update(dict.fromkeys(self._of_formula(free.id, free.condition)))
                case Promotions():
                    for promotion in self._model.promotions:
                        found.update(dict.fromkeys(_of_promotion(promotion)))
                        formula = promotion.condition.formula
                        found.update(dict.fromkeys(self._of_formula(promotion.id, formula)))
                case _:
                    pass
        return tuple(found)

    def _of_formula(self, record: str, text: str) -> Iterator[Threshold]:
        """The constants that a condition compares a quantity or an amount with."""
        if not text.strip():
            return
        for node in walk(Formula.parse(text, self._schema).tree):
            if not isinstance(node, Comparison):
                continue
            for name, constant in ((node.left, node.right), (node.right, node.left)):
                if not isinstance(name, Name) or not isinstance(constant, Literal):
                    continue
                value = constant.value
                if name.name in _QUANTITIES and isinstance(value, Decimal):
                    yield Threshold(record=record, quantity=value)
                elif isinstance(value, Money):
                    yield Threshold(record=record, amount=value.amount)


_Index: TypeAlias = Mapping[tuple[str, ...], Mapping[tuple[str, ...], tuple[Threshold, ...]]]
"""Bounds by the names of the facts of a key, and by what these must be."""


def _index(bounds: Iterable[_Keyed]) -> _Index:
    found: dict[tuple[str, ...], dict[tuple[str, ...], list[Threshold]]] = {}
    for bound in bounds:
        names = tuple(sorted(bound.key))
        values = tuple(bound.key[name] for name in names)
        found.setdefault(names, {}).setdefault(values, []).append(bound.threshold)
    return {
        names: {values: tuple(ones) for values, ones in by_values.items()}
        for names, by_values in found.items()
    }


def _looked_up(index: _Index, facts: _Facts) -> Iterator[Threshold]:
    for names, by_values in index.items():
        if all(name in facts for name in names):
            for values in islice(product(*(sorted(facts[name]) for name in names)), _MOST_KEYS):
                yield from by_values.get(values, ())


def _as_texts(value: object) -> frozenset[str]:
    if isinstance(value, frozenset | tuple):
        return frozenset(map(str, value))
    return frozenset({str(value)})


def _of_scale(record: str, scale: Scale) -> Iterator[Threshold]:
    for band in scale.bands:
        for bound in (band.lower, band.start, band.upper, band.end):
            if bound is None:
                continue
            if scale.basis is Basis.QUANTITY:
                yield Threshold(record=record, quantity=bound)
            elif scale.basis is Basis.VALUE:
                yield Threshold(record=record, amount=bound)


def _of_free_goods(record: str, goods: FreeGoods) -> Iterator[Threshold]:
    limits = [goods.minimum_quantity]
    limits += [] if goods.maximum_quantity is None else [goods.maximum_quantity]
    limits += [
        add(goods.uncounted, multiply(goods.per_quantity, Decimal(times)))
        for times in range(1, _MOST_MULTIPLES)
    ]
    # A proportional agreement gives a unit as soon as it comes to one.
    each = divide(multiply(goods.per_quantity, goods.unit), goods.free_quantity)
    limits += [add(goods.uncounted, multiply(each, Decimal(times))) for times in range(1, _MOST_MULTIPLES)]
    yield from (Threshold(record=record, quantity=limit) for limit in limits if limit > 0)


def _of_promotion(promotion: Promotion) -> Iterator[Threshold]:
    condition, benefit = promotion.condition, promotion.benefit
    if condition.min_quantity is not None:
        yield Threshold(record=promotion.id, quantity=condition.min_quantity)
    if condition.min_amount is not None:
        yield Threshold(record=promotion.id, amount=condition.min_amount.amount)
    each: Decimal | None = None
    if isinstance(benefit, BuyGet):
        yield Threshold(record=promotion.id, quantity=benefit.buy_quantity)
        each = add(benefit.buy_quantity, benefit.get_quantity)
    elif isinstance(benefit, FreeProduct) and benefit.points_per_unit:
        each = divide(benefit.points, benefit.points_per_unit)
    if each:
        for times in range(1, _MOST_MULTIPLES):
            yield Threshold(record=promotion.id, quantity=multiply(each, Decimal(times)))
