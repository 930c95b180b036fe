"""What can be wrong with price lists and their rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.lint.competition import lint_competition
from salesmgmt.cpq.pricing.lint.condition_types import lint_order
from salesmgmt.cpq.pricing.lint.rules import RuleSet, fact_findings, lint_rules
from salesmgmt.cpq.pricing.lint.steps import references
from salesmgmt.cpq.pricing.price_lists.policy import Combination
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists
from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule

_VALUES = (
    "base",
    "base_price_list",
    "price",
    "margin_percent",
    "target_margin",
    "percent_off",
    "amount_off",
    "round_to",
    "round_mode",
    "ending",
    "surcharge",
    "min_margin",
    "max_margin",
    "floor",
    "ceiling",
    "steps",
    "per_quantity",
    "reference",
)

_warning = partial(Finding, severity=Severity.WARNING)


def lint_price_lists(known: Known) -> Iterator[Finding]:
    """Find what is wrong with price lists."""
    lists = known.model.price_lists
    yield from _placed(lists)
    yield from lint_order(lists.policy.order, "price_lists", known)
    for one in lists.lists:
        rules = RuleSet(
            name=f"price list {shorten(one.id)}",
            rules=one.rules,
            place=_place_in(one),
            accesses=(),
            order=lists.policy.order,
            same=_is_same,
        )
        yield from lint_rules(rules, known)
        yield from _rules(rules, known)
        yield from lint_competition(_competing(rules, lists.policy.combination), known)


def _placed(lists: PriceLists) -> Iterator[Finding]:
    """What the lists find in themselves, with the rows of rules."""
    findings = lists.findings()
    places = {}
    if findings:
        places = {
            f"price_lists.{shorten(one.id)}.rules.{shorten(rule.id)}": _place_in(one)(rule)
            for one in lists.lists
            for rule in one.rules
        }
    for finding in findings:
        yield attrs.evolve(finding, where=places.get(finding.where, finding.where))


def _place_in(one: PriceList) -> Callable[[PriceRule], str]:
    place = f"price_lists.{one.id}.rules"

    def where(rule: PriceRule) -> str:
        row = f" row {rule.row}" if rule.row else ""
        return f"{place}.{rule.id}{row}"

    return where


def _competing(given: RuleSet[PriceRule], combination: Combination) -> RuleSet[PriceRule]:
    """The rules of which one wins; a rule for other lines than it holds for competes there, and gifts do not."""
    together = combination is Combination.ALL_IF_COMBINABLE
    rules = [
        rule
        for rule in given.rules
        if rule.changes_price and not rule.apply_to and not (together and rule.combinable)
    ]
    return RuleSet(
        name=given.name,
        rules=rules,
        place=given.place,
        accesses=given.accesses,
        order=given.order,
        same=given.same,
    )


def _is_same(one: PriceRule, other: PriceRule) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _VALUES)


def _rules(given: RuleSet[PriceRule], known: Known) -> Iterator[Finding]:
    for rule in given.rules:
        if rule.free_product:
            yield from references(given.place(rule), known, ("line.product", rule.free_product))
        if rule.apply_to:
            for field, value in rule.apply_to.items():
                yield from fact_findings(field, given.place(rule), known)
                yield from references(given.place(rule), known, (field, value))
        price = rule.price
        if price is None:
            continue
        limit = (
            f"its ceiling {rule.ceiling:f}"
            if rule.ceiling is not None and price > rule.ceiling
            else f"its floor {rule.floor:f}"
            if rule.floor is not None and price < rule.floor
            else ""
        )
        if limit and not rule.apply_to and _is_plain(rule):
            yield _warning(
                code="price_outside_limits",
                where=given.place(rule),
                message=f"its price {price:f} is always moved to {limit}",
                hint="correct the price or the limit",
            )


def _is_plain(rule: PriceRule) -> bool:
    """Whether nothing but its price and its limits makes the price."""
    parts = (rule.margin_percent, rule.target_margin, rule.percent_off, rule.amount_off, rule.surcharge)
    return all(part is None for part in parts)
