"""From a pricing model to a plan for columns, where tables can express it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

from salesmgmt.core.currency import currency as currency_of
from salesmgmt.core.formula import DATE, Formula, Schema, Value, declare
from salesmgmt.core.formula.nodes import Comparison, Literal, Name, Node
from salesmgmt.cpq.pricing.columnar._conditions import NotTabular, constraints
from salesmgmt.cpq.pricing.columnar._rules_of import rules_of
from salesmgmt.cpq.pricing.columnar.plan import (
    CONFLICT,
    Among,
    ChooseRule,
    ColumnPlan,
    Constraint,
    Cut,
    Inexpressible,
    Later,
    Layer,
    PriceLookup,
    ReplacePrice,
    RoundAmount,
    TakeAmount,
    TakeRatio,
    Within,
)
from salesmgmt.cpq.pricing.model import PricingModel
from salesmgmt.cpq.pricing.names import NAMES
from salesmgmt.cpq.pricing.price_index import PriceHistory, PriceIndex
from salesmgmt.cpq.pricing.procedure import (
    AmountPer,
    DiscountRule,
    Discounts,
    HeaderDiscounts,
    ListPrice,
    ManualPrices,
    OptionExtras,
    PriceListRules,
    Promotions,
    QuantityTiers,
    RoundedPart,
    RoundLines,
    Stacking,
    Step,
    Subtotal,
)
from salesmgmt.cpq.pricing.records import PriceRecord, TierRecord
from salesmgmt.cpq.pricing.scales.index import ScaleIndex
from salesmgmt.cpq.pricing.scales.policies import ScaleType

FACTS = frozenset(
    {"customer.id", "customer.segment", "order.date", "line.product", "line.family", "line.quantity"}
)
"""The names of every procedure that a column can answer; a procedure's own facts come on top."""


_WHY_NOT = {
    QuantityTiers: "a graduated scale",
    RoundLines: "a rounding of units or of the document",
    HeaderDiscounts: "discounts on the document",
}


class _Stop(Exception):
    def __init__(self, step: str, found: str, wanted: str) -> None:
        self.reason = Inexpressible(step=step, found=found, wanted=wanted)


def plan_of(model: PricingModel, currency: str, price_list: str = "") -> ColumnPlan | Inexpressible:
    """Write a model as a plan for columns.

    Each row is a document of its own with one line, without a configuration; so options never apply.

    Args:
        model: a model without errors.
        currency: code of the currency in which lines are priced.
        price_list: id of the price list of the requests; empty for the one that the procedure names.

    Returns:
        The plan, or what in the model no table can express: graduated scales, discounts on the document, price lists in
        which several rules or lines count for a price, promotions, conditions of discounts on amounts, or on several
        facts that are not joined by `and`.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import ListPrice, PriceRecord, PricingModel, PricingProcedure, RoundLines
    >>> from salesmgmt.cpq.pricing.columnar import plan_of
    >>> model = PricingModel(
    ...     procedure=PricingProcedure(id="plain", steps=(ListPrice(id="list"), RoundLines(id="cents"))),
    ...     prices=[PriceRecord(id="p-1", product="dock", price=Money("850.00", "CNY"))],
    ... )
    >>> plan_of(model, "CNY").price.levels[0][0].value
    Fraction(850, 1)
    """
    procedure = model.procedure
    schema = declare(procedure.facts, NAMES).schema
    families = {product.id: product.family for product in model.catalogue if product.family}
    known: dict[str, Value] = {"order.currency": currency}
    if price_list:
        known["order.price_list"] = price_list
    first = next((step for step in procedure.steps if isinstance(step, ListPrice)), None)
    gives_first = first is not None and not first.required
    operations: list[Later] = []
    try:
        price = None if first is None else _price(first, model.prices, currency)
        for step in procedure.steps:
            if isinstance(step, PriceListRules):
                if price_list or step.default:
                    operations.append(_rules(step, model, schema, known, gives_first=gives_first))
            elif not _is_idle(step, model):
                operations += _operations(step, model, schema, currency)
    except _Stop as stop:
        return stop.reason
    last = operations[-1] if operations else None
    if price is None or not isinstance(last, RoundAmount):
        return Inexpressible(
            step="", found="amounts that are not rounded at the end", wanted="a last step that rounds"
        )
    rounding = last.rounding
    finest = min(_exponent(rounding.increment), 0 if rounding.ending is None else _exponent(rounding.ending))
    return ColumnPlan(
        currency=currency,
        decimals=max(currency_of(currency).minor_digits, -finest),
        price=price,
        operations=tuple(operations),
        families=families,
    )


def _is_idle(step: Step, model: PricingModel) -> bool:
    """Whether a step does nothing for rows, which have no configuration and no manual price, beside finding a price."""
    match step:
        case ListPrice() | OptionExtras() | ManualPrices() | Subtotal():
            return True
        case HeaderDiscounts():
            return not step.rules
        case Promotions():
            return not model.promotions and not model.coupons
    return False


def _operations(step: Step, model: PricingModel, schema: Schema, currency: str) -> Iterable[Later]:
    match step:
        case QuantityTiers(scale=ScaleType.ALL_UNITS):
            return _tiers(step, model, currency)
        case Discounts():
            return _discounts(step, schema, currency)
        case RoundLines(at=RoundedPart.LINE):
            return (RoundAmount(step=step.id, rounding=step.rounding(currency)),)
    found = _WHY_NOT.get(type(step), f"a step {type(step).__name__}")
    raise _Stop(step.id, found, "a step on whole lines")


def _exponent(number: Any) -> int:
    return int(number.normalize().as_tuple().exponent)


def _price(step: ListPrice, records: Iterable[PriceRecord], currency: str) -> PriceLookup:
    """Levels from general to specific, as `PriceIndex.specific` asks them in turn."""
    levels: list[list[Layer]] = [[], [], [], [], []]
    fitting = [record for record in records if record.price.currency == currency]
    for history in PriceIndex(fitting).histories():
        for layer, record in _periods(history):
            level = 2 * bool(record.customer) + bool(record.segment)
            levels[level].append(layer)
            if not level and layer.reason:
                # Rivals for everybody are a conflict even for those who have a price of their own.
                levels[4].append(layer)
    return PriceLookup(step=step.id, levels=tuple(tuple(level) for level in levels if level))


def _periods(history: PriceHistory) -> Iterator[tuple[Layer, PriceRecord]]:
    changes = [*history, (None, ())]
    for (start, winners), (end, _) in pairwise(changes):
        if not winners or start is None:
            continue
        first = winners[0]
        where: dict[str, Constraint] = {"line.product": _only(first.product)}
        if first.customer:
            where["customer.id"] = _only(first.customer)
        if first.segment:
            where["customer.segment"] = _only(first.segment)
        if start != date.min or end is not None:
            where["order.date"] = Within(
                spans=((None if start == date.min else Cut(start), None if end is None else Cut(end)),)
            )
        if any(one.price != first.price for one in winners):
            yield (
                Layer(where=where, value=None, reason=CONFLICT, records=tuple(one.id for one in winners)),
                first,
            )
        else:
            yield Layer(where=where, value=Fraction(first.price.amount), records=(first.id,)), first


def _only(value: str) -> Among:
    return Among(values=frozenset((value,)))


def _rules(
    step: PriceListRules,
    model: PricingModel,
    schema: Schema,
    known: Mapping[str, Value],
    *,
    gives_first: bool,
) -> ChooseRule:
    found = rules_of(step, model, schema, known, gives_first=gives_first)
    if isinstance(found, Inexpressible):
        raise _Stop(found.step, found.found, found.wanted)
    return found


def _tiers(step: QuantityTiers, model: PricingModel, currency: str) -> Iterator[Later]:
    scales = ScaleIndex(model.tiers)
    owners = dict.fromkeys((tier.product, tier.family) for tier in model.tiers)
    own = frozenset(product for product, _ in owners if product and scales.find(product, "", currency))
    ratios: list[Layer] = []
    prices: list[Layer] = []
    # Those of families first, so that those of products come over them.
    for product, family in sorted(owners, key=lambda owner: bool(owner[0])):
        scale = scales.find(product, family, currency)
        if scale is None:
            continue
        where: dict[str, Constraint] = (
            {"line.product": _only(product)} if product else {"line.family": _only(family)}
        )
        for tier, end in scale.tiers:
            span = Within(spans=((Cut(tier.lower), None if end is None else Cut(end)),))
            layer = _tier_layer(tier, where | {"line.quantity": span})
            (ratios if tier.unit_price is None else prices).append(layer)
    if ratios:
        yield TakeRatio(step=step.id, layers=_silenced(ratios, own), is_sum=False)
    if prices:
        yield ReplacePrice(step=step.id, layers=_silenced(prices, own))


def _silenced(layers: list[Layer], own: frozenset[str]) -> tuple[Layer, ...]:
    """Layers in which those of families are silent about products that have a scale of their own."""
    of_family = [layer for layer in layers if "line.family" in layer.where]
    of_product = [layer for layer in layers if "line.product" in layer.where]
    if not (of_family and own):
        return tuple(layers)
    silent = Layer(where={"line.product": Among(values=own)}, value=None, records=())
    return (*of_family, silent, *of_product)


def _tier_layer(tier: TierRecord, where: dict[str, Constraint]) -> Layer:
    if tier.percent is not None:
        return Layer(where=where, value=Fraction(tier.percent.ratio), records=(tier.id,))
    price = tier.unit_price.amount if tier.unit_price is not None else 0
    return Layer(where=where, value=Fraction(price), records=(tier.id,))


def _discounts(step: Discounts, schema: Schema, currency: str) -> Iterator[Later]:
    """Runs of rules that go together in one table."""
    if any(rule.percent is None for rule in step.rules) and any(
        rule.percent is not None and rule.stacking is Stacking.ADDITIVE for rule in step.rules
    ):
        raise _Stop(step.id, "amounts beside percentages of the amount before the step", "one or the other")
    for _, run in groupby(step.rules, key=_kind):
        rules = list(run)
        layers = tuple(layer for rule in rules for layer in _rule_layers(rule, schema, currency))
        if not layers:
            continue
        if rules[0].percent is not None:
            yield TakeRatio(step=step.id, layers=layers)
        else:
            yield TakeAmount(step=step.id, layers=layers, per_unit=rules[0].per is AmountPer.UNIT)


def _kind(rule: DiscountRule) -> tuple[object, ...]:
    if rule.amount is None:
        return ("percent",)
    return rule.per, rule.amount.amount < 0


def _rule_layers(rule: DiscountRule, schema: Schema, currency: str) -> Iterator[Layer]:
    if rule.amount is not None and rule.amount.currency != currency:
        return
    asked: list[Node] = list(_validity(rule))
    if rule.condition.strip():
        asked.append(Formula.parse(rule.condition, schema).tree)
    try:
        where = constraints(asked, {"order.currency": currency})
    except NotTabular as error:
        raise _Stop(rule.id, str(error), "single facts compared with constants, joined by and") from None
    if where is None:
        return
    for name in where:
        if name in NAMES and name not in FACTS:
            raise _Stop(
                rule.id, f"a condition on {name}", f"one on {', '.join(sorted(FACTS))} or declared facts"
            )
    value = (
        rule.percent.ratio
        if rule.percent is not None
        else rule.amount.amount
        if rule.amount is not None
        else 0
    )
    yield Layer(
        where=where,
        value=Fraction(value),
        records=(rule.id,),
        from_start=rule.percent is not None and rule.stacking is Stacking.ADDITIVE,
    )


def _validity(rule: DiscountRule) -> Iterator[Node]:
    day = Name("order.date", DATE)
    if rule.valid_from is not None:
        yield Comparison(">=", day, Literal(rule.valid_from, DATE))
    if rule.valid_to is not None:
        yield Comparison("<", day, Literal(rule.valid_to, DATE))
