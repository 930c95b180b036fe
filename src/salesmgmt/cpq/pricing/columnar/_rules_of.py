"""From a price list to rules in order of rank, where each line can be priced by one rule alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, TypeAlias

import attrs

from salesmgmt.core.clock import zone
from salesmgmt.core.formula import BOOL, TEXT, Formula, Schema, Value
from salesmgmt.cpq.pricing._stages.plain_rules import effect_of, is_plain
from salesmgmt.cpq.pricing.columnar._conditions import NotTabular, constraints
from salesmgmt.cpq.pricing.columnar.plan import (
    Among,
    ChooseRule,
    Constraint,
    Cut,
    Inexpressible,
    RankedRule,
    RuleSearch,
    Within,
)
from salesmgmt.cpq.pricing.model import PricingModel
from salesmgmt.cpq.pricing.names import NAMES
from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
from salesmgmt.cpq.pricing.procedure import PriceListRules
from salesmgmt.cpq.pricing.selection._index import EntryMaker, several
from salesmgmt.cpq.pricing.selection.order import Criterion, SelectionOrder, Ties
from salesmgmt.cpq.products import Catalogue

BY_PRODUCT = frozenset(
    {"line.product", "line.lineage", "line.categories", "line.family", "line.brand", "line.uom"}
)
"""The facts that follow from the product."""

_SEVERAL = frozenset({"line.lineage", "line.categories"})
_MOST_PLACES = 32
_GIVEN = frozenset({"customer.id", "customer.segment"})
_MOST_SPELLED = 64
"""Keys that a condition may stand for; beyond that the lines of the rule are priced by rows."""

_Key: TypeAlias = dict[str, object]


@attrs.frozen
class _Spelled:
    """A rule, with the keys of single values that it stands for."""

    number: int
    level: int
    own: tuple[Any, ...]
    tie: object
    keys: tuple[_Key, ...]
    near: frozenset[str]


def rules_of(
    step: PriceListRules,
    model: PricingModel,
    schema: Schema,
    known: Mapping[str, Value],
    *,
    gives_first: bool,
) -> ChooseRule | Inexpressible:
    """The rules of a price list, ranked.

    Args:
        step: that asks the list.
        model: the price lists, and the catalogue.
        schema: the facts that rules may name.
        known: facts that are the same for all lines: `order.currency`, and `order.price_list` where the requests name
            one.
        gives_first: whether a price of it also counts where there was none before.
    """
    currency, price_list = known["order.currency"], known.get("order.price_list", step.default)
    definition = next((one for one in model.price_lists.lists if one.id == price_list), None)
    if definition is None:
        return Inexpressible(step=step.id, found="a price list that there is not", wanted="one of the model")
    rules = [rule for rule in definition.rules if rule.changes_price]
    names = sorted({name for rule in rules for name in rule.key})
    values_at = _values_at(_SEVERAL.intersection(names), model.catalogue)
    order = model.price_lists.policy.order
    odd = next((name for name in names if not _is_searchable(name, schema)), "")
    deepest = max(map(len, values_at.values()), default=0)
    if definition.currency != currency:
        found, wanted = f"prices in {definition.currency}", f"a price list in {currency}"
    elif not is_plain(definition, model.price_lists.policy):
        found = "a price list in which several rules, lines or lists count for a price"
        wanted = "one where one rule decides about each line"
    elif odd:
        found, wanted = f"keys on {odd}", "keys on the product, or on texts that a column gives"
    elif deepest > _MOST_PLACES:
        found, wanted = f"products with {deepest} categories or templates", f"at most {_MOST_PLACES}"
    else:
        spelled, ranked = _spelled(rules, order, model, schema, known)
        return ChooseRule(
            step=step.id,
            rules=tuple(ranked),
            searches=tuple(_searches(spelled, values_at, order)),
            catalogue=model.catalogue,
            time_zone=model.procedure.time_zone,
            gives_first=gives_first,
        )
    return Inexpressible(step=step.id, found=found, wanted=wanted)


def _spelled(
    rules: Sequence[PriceRule],
    order: SelectionOrder,
    model: PricingModel,
    schema: Schema,
    known: Mapping[str, Value],
) -> tuple[list[_Spelled], list[RankedRule]]:
    """The rules that may hold, with what they are found by."""
    spelled: list[_Spelled] = []
    ranked: list[RankedRule] = []
    levels = order.derive({frozenset(rule.key) for rule in rules})
    level_of = {frozenset(access.fields): place for place, level in enumerate(levels) for access in level}
    entry_of = EntryMaker(order, zone(model.procedure.time_zone), lambda rule: rule)
    for position, rule in enumerate(rules):
        asked = _asked(rule, schema, known)
        if asked is None:
            continue
        starts, ends, low, beyond, _, _, _, own, _, _ = entry_of(rule, position, None)
        limits = None if low is None else Cut(low), None if beyond is None else Cut(beyond)
        lower, upper = _narrowed(*limits, asked.spans)
        price, kept = _figures(rule) if asked.is_certain else (None, None)
        tie = {Ties.CONFLICT: None, Ties.FIRST: position, Ties.BY_ID: rule.id}[order.ties]
        fields = frozenset(rule.key)
        near = fields.intersection(order.nearest_first)
        spelled.append(_Spelled(len(ranked), level_of[fields], own, tie, asked.keys, near))
        ranked.append(
            RankedRule(id=rule.id, lower=lower, upper=upper, starts=starts, ends=ends, price=price, kept=kept)
        )
    return spelled, ranked


def _figures(rule: PriceRule) -> tuple[Fraction | None, Fraction | None]:
    """The price that a simple rule sets, or the part of the amount that it leaves; neither for any other rule."""
    effect = effect_of(rule)
    if effect is None:
        return None, None
    price, kept, _ = effect
    return (None, Fraction(kept)) if price is None else (Fraction(price), None)


def _is_searchable(name: str, schema: Schema) -> bool:
    if name in BY_PRODUCT or name in _GIVEN or name in _FIXED:
        return True
    return name not in NAMES and name in schema and schema[name] in (TEXT, BOOL)


_FIXED = frozenset({"order.currency", "order.price_list", "line.group"})
"""Facts that are the same for all lines; `order.price_list` is that of the request, and `line.group` is missing."""


@attrs.frozen
class _Asked:
    """The keys that a rule is for, its spans of quantities, and whether it surely holds for these."""

    keys: tuple[_Key, ...]
    spans: tuple[Within, ...] = ()
    is_certain: bool = True


def _asked(rule: PriceRule, schema: Schema, known: Mapping[str, Value]) -> _Asked | None:
    """What a rule asks for; `None` when it holds for no line."""
    if any(name in _FIXED and known.get(name) != value for name, value in rule.key.items()):
        return None
    key: _Key = {name: value for name, value in rule.key.items() if name not in _FIXED}
    if not rule.condition.strip():
        return _Asked((key,))
    try:
        parts = constraints([Formula.parse(rule.condition, schema, wanted=BOOL).tree], known)
    except NotTabular:
        return _Asked((key,), is_certain=False)
    return None if parts is None else _narrowed_key(key, parts, schema)


def _narrowed_key(key: _Key, parts: Mapping[str, Constraint], schema: Schema) -> _Asked | None:
    """A key with what its rule's condition asks of each fact."""
    is_certain = True
    spans: list[Within] = []
    spelled: dict[str, list[object]] = {}
    for name, part in parts.items():
        values = _values(name, part, schema)
        if name in key and values is not None:
            values = [key[name]] if key[name] in values else []
        if isinstance(part, Within) and not part.spans and not part.missing:
            values = []
        if values is not None:
            spelled[name] = values
        elif name == "line.quantity" and isinstance(part, Within) and len(part.spans) == 1:
            spans.append(part)
        else:
            is_certain = False
    count = prod(map(len, spelled.values()))
    if not count:
        return None
    if count > _MOST_SPELLED:
        return _Asked((key,), is_certain=False)
    keys = tuple(key | dict(zip(spelled, chosen, strict=True)) for chosen in product(*spelled.values()))
    return _Asked(keys, tuple(spans), is_certain)


def _values(name: str, asked: Constraint, schema: Schema) -> list[object] | None:
    """The values that a fact must have one of; `None` when that is not how it is asked for."""
    if not isinstance(asked, Among) or asked.others or asked.missing:
        return None
    if not _is_searchable(name, schema) or schema[name].element is not None or name in _FIXED:
        return None
    return sorted(asked.values, key=str)


def _narrowed(lower: Cut | None, upper: Cut | None, spans: Iterable[Within]) -> tuple[Cut | None, Cut | None]:
    for one in spans:
        low, high = one.spans[0]
        lower = low if lower is None else lower if low is None else max(lower, low)
        upper = high if upper is None else upper if high is None else min(upper, high)
    return lower, upper


def _searches(
    spelled: Iterable[_Spelled], values_at: Mapping[str, Sequence[Collection[object]]], order: SelectionOrder
) -> Iterator[RuleSearch]:
    """Rules by the facts that they are found by, for each place of facts that have several values."""
    found: dict[tuple[tuple[str, ...], tuple[int, ...]], list[tuple[tuple[object, ...], int, Any]]] = {}
    for one in spelled:
        for key in one.keys:
            fields = tuple(sorted(key))
            values = tuple(key[name] for name in fields)
            for places in product(*(_places(name, key[name], values_at) for name in fields)):
                far = tuple(place for place, name in zip(places, fields, strict=True) if name in one.near)
                specific = (one.level, far if any(far) else ())
                own = iter(one.own)
                rank = tuple(
                    specific if criterion is Criterion.SPECIFICITY else next(own)
                    for criterion in order.criteria
                )
                found.setdefault((fields, places), []).append((values, one.number, (rank, one.tie)))
    distinct = {rank for members in found.values() for _, _, rank in members}
    ranks = {rank: place for place, rank in enumerate(sorted(distinct, reverse=True), 1)}
    for (fields, places), members in found.items():
        yield RuleSearch(
            fields=fields,
            places=places,
            keys=tuple(key for key, _, _ in members),
            rules=tuple(number for _, number, _ in members),
            ranks=tuple(ranks[rank] for _, _, rank in members),
        )


def _places(
    name: str, value: object, values_at: Mapping[str, Sequence[Collection[object]]]
) -> tuple[int, ...]:
    """Where among the values of a fact one may stand."""
    if name not in values_at:
        return (0,)
    found = {place for place, values in enumerate(values_at[name]) if value in values}
    # A product that the catalogue lacks is its own lineage.
    return tuple(sorted(found | {0}))


def _values_at(names: Iterable[str], catalogue: Catalogue) -> dict[str, list[set[object]]]:
    """The values that a fact of products has in each place, the nearest first."""
    found: dict[str, list[set[object]]] = {name: [] for name in names}
    for one in catalogue if found else ():
        facts = catalogue.facts_of(one.id)
        for name, places in found.items():
            for place, value in enumerate(several(facts[name])):
                if place == len(places):
                    places.append(set())
                places[place].add(value)
    return found
