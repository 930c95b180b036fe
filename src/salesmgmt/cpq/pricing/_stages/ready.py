"""Makes the steps of a procedure ready to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import attrs

from salesmgmt.core.formula import Schema
from salesmgmt.cpq.pricing._draft import COUNTED, Draft
from salesmgmt.cpq.pricing._stages import NOTHING, Stage
from salesmgmt.cpq.pricing._stages.conditions import ConditionStage
from salesmgmt.cpq.pricing._stages.exclusions import ExclusionStage
from salesmgmt.cpq.pricing._stages.free_units import FreeUnitsStage
from salesmgmt.cpq.pricing._stages.list_price import ListPriceStage
from salesmgmt.cpq.pricing._stages.manual import ManualStage
from salesmgmt.cpq.pricing._stages.options import OptionStage
from salesmgmt.cpq.pricing._stages.price_lists import PriceListStage
from salesmgmt.cpq.pricing._stages.promotions import PromotionStage
from salesmgmt.cpq.pricing._stages.rounding import RoundStage
from salesmgmt.cpq.pricing._stages.rules import DiscountStage, HeaderStage
from salesmgmt.cpq.pricing._stages.shares_of_total import ShareOfTotalStage
from salesmgmt.cpq.pricing._stages.terms import TermStage
from salesmgmt.cpq.pricing._stages.tiers import TierStage
from salesmgmt.cpq.pricing.condition import ConditionClass
from salesmgmt.cpq.pricing.exclusion import ExclusionGroup
from salesmgmt.cpq.pricing.price_index import PriceIndex
from salesmgmt.cpq.pricing.procedure import (
    Discounts,
    FreeUnits,
    HeaderDiscounts,
    ListPrice,
    ManualPrices,
    OptionExtras,
    PriceListRules,
    PricingProcedure,
    PricingStep,
    Promotions,
    QuantityTiers,
    RoundLines,
    SharesOfTotal,
    Step,
    Subtotal,
    Terms,
)
from salesmgmt.cpq.pricing.scales.index import ScaleIndex

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.model import PricingModel


def ready(model: PricingModel, schema: Schema) -> tuple[Stage, ...]:
    """The stages of a model's procedure, in order.

    Args:
        model: the procedure and its records.
        schema: the names that conditions may use.
    """
    stages = list(_stages(model, schema))
    names = frozenset(name for stage in stages for name in stage.names)
    if not names.isdisjoint(COUNTED):
        stages.insert(1, _Count())  # the first step finds the prices
    return tuple(stages)


def _stages(model: PricingModel, schema: Schema) -> Iterator[Stage]:
    procedure = model.procedure
    last = _last_members(procedure)
    prices = frozenset(one.id for one in procedure.condition_types if one.kind is ConditionClass.PRICE)
    for position, step in enumerate(procedure.steps):
        yield _stage(step, model, schema)
        for group in last.get(position, ()):
            yield ExclusionStage(group, prices)
        if isinstance(step, PricingStep) and step.subtotal:
            yield _SubtotalStage(step.subtotal)


def _last_members(procedure: PricingProcedure) -> dict[int, list[ExclusionGroup]]:
    """Where the last member of each exclusion group stands."""
    last: dict[int, list[ExclusionGroup]] = {}
    for group in procedure.exclusion_groups:
        places = [
            position
            for position, step in enumerate(procedure.steps)
            if isinstance(step, PricingStep) and step.type_id in {*group.members, *group.second_members}
        ]
        if places:
            last.setdefault(places[-1], []).append(group)
    return last


class _Count:
    """Counts the lines that have a price."""

    names = NOTHING

    def run(self, draft: Draft) -> None:
        draft.count()


class _SubtotalStage:
    """Keeps the amount of each line under a name."""

    names = NOTHING

    def __init__(self, name: str) -> None:
        self._name = name

    def run(self, draft: Draft) -> None:
        for one in draft.lines:
            one.name_subtotal(self._name)


def _condition(step: PricingStep, model: PricingModel, schema: Schema) -> ConditionStage:
    procedure = model.procedure
    type_ = next(one for one in procedure.condition_types if one.id == step.type_id)
    records = model.conditions_by_type.get(step.type_id, ())
    groups = (
        one for one in procedure.exclusion_groups if step.type_id in {*one.members, *one.second_members}
    )
    return ConditionStage(step, type_, records, model=model, schema=schema, group=next(groups, None))


def _stage(step: Step, model: PricingModel, schema: Schema) -> Stage:
    return _MAKERS[type(step)](step, model, schema)


def _list_price(step: ListPrice, model: PricingModel, _schema: Schema) -> Stage:
    return ListPriceStage(step, PriceIndex(model.prices), model.rates)


def _options(step: OptionExtras, model: PricingModel, _schema: Schema) -> Stage:
    options = {
        (option.product, option.extra.currency, option.attribute, option.value): option
        for option in model.options
    }
    return OptionStage(step, options)


def _price_list(step: PriceListRules, model: PricingModel, schema: Schema) -> Stage:
    lists = attrs.evolve(model.price_lists, time_zone=model.procedure.time_zone)
    steps = model.procedure.steps
    bases = {one.base for one in steps if isinstance(one, PricingStep)}
    bases.update(rule.subtotal for one in steps if isinstance(one, SharesOfTotal) for rule in one.rules)
    book = lists.compile(schema, units=model.units, rates=model.rates)
    return PriceListStage(step, book, is_reference_read="reference" in bases)


def _promotions(step: Promotions, model: PricingModel, schema: Schema) -> Stage:
    return PromotionStage(
        step,
        model.promotions,
        model.coupons,
        model.promotion_policy,
        catalogue=model.catalogue,
        schema=schema,
    )


_MAKERS: dict[type[Step], Callable[[Any, PricingModel, Schema], Stage]] = {
    ListPrice: _list_price,
    OptionExtras: _options,
    ManualPrices: lambda step, _model, _schema: ManualStage(step),
    QuantityTiers: lambda step, model, _schema: TierStage(step, ScaleIndex(model.tiers)),
    Discounts: lambda step, _model, schema: DiscountStage(step, schema),
    RoundLines: lambda step, _model, _schema: RoundStage(step),
    HeaderDiscounts: lambda step, _model, schema: HeaderStage(step, schema),
    PricingStep: _condition,
    Subtotal: lambda step, _model, _schema: _SubtotalStage(step.id),
    PriceListRules: _price_list,
    Promotions: _promotions,
    FreeUnits: lambda step, _model, schema: FreeUnitsStage(step, schema),
    Terms: lambda step, _model, schema: TermStage(step, schema),
    SharesOfTotal: lambda step, _model, _schema: ShareOfTotalStage(step),
}
