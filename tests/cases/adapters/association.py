"""Kinds about baskets: `frequent_itemsets`, `association_rules`, `association_rule`."""

from __future__ import annotations

from typing import Any

from salesmgmt.engines.association import Baskets, association_rules, frequent_itemsets, measure_rule
from tests.cases.case import Adapter, Case

_MEASURES = ("antecedent_support", "consequent_support", "support", "confidence", "lift", "leverage")


def itemsets(case: Case) -> dict[str, Any]:
    found = frequent_itemsets(_baskets(case), min_support=case.when.number("min_support"))
    every = [{"items": frozenset(one.items), "support": one.support} for one in found]
    if "includes" in case.expect:
        wanted = [frozenset(one["items"]) for one in case.expect["includes"]]
        by_items = {one["items"]: one for one in every}
        return {"includes": [by_items.get(items) for items in wanted]}
    return {"itemsets": _in_order(every, case.expect["itemsets"], ("items",))}


def rules(case: Case) -> dict[str, Any]:
    found = association_rules(
        _baskets(case),
        min_support=case.when.number("min_support"),
        min_confidence=case.when.number("min_confidence"),
    )
    every = [
        {
            "antecedent": frozenset(rule.antecedent),
            "consequent": frozenset(rule.consequent),
            **{name: getattr(rule, name) for name in _MEASURES},
            "conviction": rule.conviction.value,
        }
        for rule in found
    ]
    return {"rules": _in_order(every, case.expect["rules"], ("antecedent", "consequent"))}


def rule(case: Case) -> dict[str, Any]:
    measured = measure_rule(_baskets(case), case.when.take("antecedent"), case.when.take("consequent"))
    found = measured.required()
    names = (*_MEASURES, "zhang", "jaccard", "kulczynski", "certainty")
    return {**{name: getattr(found, name) for name in names}, "conviction": found.conviction.value}


def _baskets(case: Case) -> Baskets:
    return Baskets(case.given.take("baskets"), case.given.take("counts", None))


def _in_order(
    found: list[dict[str, Any]], wanted: list[dict[str, Any]], names: tuple[str, ...]
) -> list[dict[str, Any]]:
    """The answers in the order of what is expected, as these are sets; those that nobody expects stand at the end."""
    place = {tuple(frozenset(one[name]) for name in names): number for number, one in enumerate(wanted)}
    return sorted(found, key=lambda one: place.get(tuple(one[name] for name in names), len(wanted)))


ADAPTERS: dict[str, Adapter] = {
    "frequent_itemsets": itemsets,
    "association_rules": rules,
    "association_rule": rule,
}
