"""What differs between two pricing models: by step, the records that are others now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from salesmgmt.cpq.pricing.impact.changes import id_of
from salesmgmt.cpq.pricing.procedure import (
    Discounts,
    FreeUnits,
    HeaderDiscounts,
    ListPrice,
    OptionExtras,
    PriceListRules,
    PricingProcedure,
    PricingStep,
    Promotions,
    QuantityTiers,
    SharesOfTotal,
    Step,
)

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.model import PricingModel

_WITH_RULES = (Discounts, HeaderDiscounts, FreeUnits, SharesOfTotal)
_JOINED = ", "
"""How the trace names several rules of a price list that apply together."""

_OF_MODEL: Mapping[type, Callable[[PricingModel], Iterable[Any]]] = {
    ListPrice: lambda model: model.prices,
    OptionExtras: lambda model: model.options,
    QuantityTiers: lambda model: model.tiers,
    PriceListRules: lambda model: (rule for one in model.price_lists.lists for rule in one.rules),
    Promotions: lambda model: model.promotions,
}


def records_of(step: Step, model: PricingModel) -> tuple[Any, ...]:
    """The records or rules that a step of a model may apply, as its trace names them."""
    if isinstance(step, _WITH_RULES):
        return step.rules
    if isinstance(step, PricingStep):
        return tuple(record for record in model.conditions if record.type == step.type_id)
    read = _OF_MODEL.get(type(step))
    return () if read is None else tuple(read(model))


def names_in(record: str) -> tuple[str, ...]:
    """The ids in what a trace calls the record of a step, which may be several rules together."""
    return (record, *record.split(_JOINED)) if _JOINED in record else (record,)


@attrs.frozen(kw_only=True)
class ModelDifference:
    """What differs between two models.

    Attributes:
        records: by the id of the step that reads them, the ids of the records and rules that differ, that are new, or
            that are gone.
        steps: the ids of steps that differ, that are new, or that are gone.
        parts: what differs beside them, in words: policies, rates, products, an order.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import PriceRecord, PricingModel
    >>> from salesmgmt.cpq.pricing.impact.model_difference import ModelDifference
    >>> before = PricingModel(prices=[PriceRecord(id="p-1", product="dock", price=Money(850, "CNY"))])
    >>> after = PricingModel(prices=[PriceRecord(id="p-1", product="dock", price=Money(900, "CNY"))])
    >>> ModelDifference.between(before, after).touches("list", "p-1")
    True
    """

    records: Mapping[str, frozenset[str]] = attrs.field(hash=False)
    steps: frozenset[str]
    parts: tuple[str, ...]

    @classmethod
    def between(cls, before: PricingModel, after: PricingModel) -> ModelDifference:
        """Compare two models; where a record stands in its file is no difference."""
        if before is after:
            return cls(records={}, steps=frozenset(), parts=())
        old = {step.id: step for step in before.procedure.steps}
        new = {step.id: step for step in after.procedure.steps}
        records: dict[str, frozenset[str]] = {}
        for name in old | new:
            first = records_of(old[name], before) if name in old else ()
            second = records_of(new[name], after) if name in new else ()
            found = frozenset(_differing(first, second))
            if found:
                records[name] = found
        return cls(
            records=records,
            steps=frozenset(_differing_steps(old, new, before, after)),
            parts=tuple(_parts(before, after)),
        )

    def touches(self, step: str, record: str) -> bool:
        """Whether a step, or the record that it applied, is among what differs."""
        if step in self.steps:
            return True
        found = self.records.get(step)
        return found is not None and not found.isdisjoint(names_in(record))


def _differing(before: Iterable[Any], after: Iterable[Any]) -> Iterator[str]:
    """The ids of what differs. Most is the same object in both, and costs nothing but a look."""
    first, second = tuple(before), tuple(after)
    known, again = set(map(id, first)), set(map(id, second))
    old = _by_id(one for one in first if id(one) not in again)
    new = _by_id(one for one in second if id(one) not in known)
    for name in old | new:
        if old.get(name) != new.get(name):
            yield name


def _by_id(items: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        plain = attrs.evolve(item, row=0) if getattr(item, "row", 0) else item
        found.setdefault(id_of(item), []).append(plain)
    return found


def _differing_steps(
    old: Mapping[str, Step], new: Mapping[str, Step], before: PricingModel, after: PricingModel
) -> Iterator[str]:
    first, second = before.procedure, after.procedure
    groups = set(_differing(first.exclusion_groups, second.exclusion_groups))
    types = set(_differing(first.condition_types, second.condition_types))
    types |= _grouped(first, groups) | _grouped(second, groups)
    for name in {**old, **new}:
        was, is_now = old.get(name), new.get(name)
        is_other = was is None or is_now is None or _bare(was) != _bare(is_now)
        if is_other or (isinstance(was, PricingStep) and was.type_id in types):
            yield name


def _grouped(procedure: PricingProcedure, groups: set[str]) -> set[str]:
    """The condition types in some exclusion groups."""
    return {
        member
        for group in procedure.exclusion_groups
        if group.id in groups
        for member in (*group.members, *group.second_members)
    }


def _bare(step: Step) -> Step:
    """A step without its rules, which are compared one by one."""
    if isinstance(step, Discounts | HeaderDiscounts):
        return attrs.evolve(step, rules=())
    if isinstance(step, FreeUnits):
        return attrs.evolve(step, rules=())
    return attrs.evolve(step, rules=()) if isinstance(step, SharesOfTotal) else step


def _parts(before: PricingModel, after: PricingModel) -> Iterator[str]:
    old, new = before.procedure, after.procedure
    for name, first, second in (
        ("promotion_policy", before.promotion_policy, after.promotion_policy),
        ("price_list_policy", before.price_lists.policy, after.price_lists.policy),
        ("rates", before.rates, after.rates),
        ("units", before.units, after.units),
        ("categories", before.catalogue.categories, after.catalogue.categories),
        ("time_zone", old.time_zone, new.time_zone),
    ):
        if first != second:
            yield name
    for kind, was, is_now in (
        ("price_lists", before.price_lists.lists, after.price_lists.lists),
        ("coupons", before.coupons, after.coupons),
        ("products", before.catalogue.products, after.catalogue.products),
    ):
        yield from (f"{kind} {name}" for name in _differing(was, is_now))
    yield from _reordered(before, after)


def _reordered(before: PricingModel, after: PricingModel) -> Iterator[str]:
    lists: dict[str, tuple[Iterable[Any], Iterable[Any]]] = {
        "steps": (before.procedure.steps, after.procedure.steps),
        "promotions": (before.promotions, after.promotions),
    }
    rules = {step.id: step.rules for step in before.procedure.steps if isinstance(step, _WITH_RULES)}
    for step in after.procedure.steps:
        if isinstance(step, _WITH_RULES) and step.id in rules:
            lists[f"rules in {step.id}"] = (rules[step.id], step.rules)
    yield from (f"order of {name}" for name, (was, is_now) in lists.items() if _moved(was, is_now))


def _moved(before: Iterable[Any], after: Iterable[Any]) -> bool:
    """Whether what stands in both stands in another order."""
    if before is after:
        return False
    first, second = [id_of(one) for one in before], [id_of(one) for one in after]
    both = set(first) & set(second)
    return [one for one in first if one in both] != [one for one in second if one in both]
