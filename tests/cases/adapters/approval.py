"""The kind `approval`: which approvals a quote needs, and which of before still hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from salesmgmt.core.actor import Actor
from salesmgmt.cpq.approvals import QUOTE_FIGURES, ApprovalPolicy, ApprovalRule, Operator, give_approval
from tests.cases.case import Adapter, Case, Keys, Unsupported, number

AT = datetime(2026, 3, 2, tzinfo=UTC)
OPERATORS = {operator.value: operator for operator in Operator}


def _rule(values: dict[str, Any], place: int) -> ApprovalRule:
    keys = Keys(values, f"given.rules[{place}]")
    metric = keys.take("metric")
    rule = ApprovalRule(
        id=keys.take("id"),
        metric=_named(metric),
        operator=keys.choice("op", OPERATORS),
        threshold=keys.number("value"),
        roles=(keys.take("approver"),),
        level=int(keys.number("level", 1)),
    )
    unread = list(keys.unread())
    if unread:
        raise Unsupported(", ".join(unread))
    return rule


def _named(metric: str) -> str:
    """Cases state every figure as a plain number; ours of the same name may be money or a percentage."""
    return f"case.{metric}" if QUOTE_FIGURES.get(metric, "number") != "number" else metric


def approval(case: Case) -> dict[str, Any]:
    rules = tuple(_rule(values, place) for place, values in enumerate(case.given.take("rules")))
    policy = ApprovalPolicy(
        id=case.id,
        figures=tuple({rule.metric for rule in rules} - QUOTE_FIGURES.keys()),
        rules=rules,
    )
    before = case.given.take("approved", {})
    given = [
        give_approval(need, asked_by=(), at=AT, by=Actor("approver", roles=need.roles))
        for rule, figures in before.items()
        for need in policy.needs({_named(name): number(value) for name, value in figures.items()})
        if need.rule == rule
    ]
    if len(given) != len(before):
        raise Unsupported("an approval that was not needed")
    metrics = {_named(name): number(value) for name, value in case.when.take("metrics").items()}
    every, still = policy.needs(metrics), policy.needs(metrics, given)
    waiting = {need.rule for need in still}
    return {
        "needs": [role for need in still for role in need.roles],
        "reused": [role for need in every if need.rule not in waiting for role in need.roles],
    }


ADAPTERS: dict[str, Adapter] = {"approval": approval}
