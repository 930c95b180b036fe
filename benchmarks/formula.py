"""One evaluation of a formula against rule-engine 5.1 and simpleeval 1.0, on ten formulas with equal results.

Each is parsed once beforehand, as its documentation recommends. Rounds of the three are interleaved in one process and
the median round counts. The goal is at most 0.15 of what rule-engine takes.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable, Mapping
from decimal import Decimal
from statistics import geometric_mean, median
from typing import Any, NamedTuple

import rule_engine
import simpleeval

from benchmarks._peers import versions
from salesmgmt.core.formula import NUMBER, TEXT, Formula, Schema

_ROUNDS = 9
_EVALUATIONS = 2_000

_VALUES: Mapping[str, Any] = {
    "quantity": Decimal(25),
    "price": Decimal("99.90"),
    "cost": Decimal("61.40"),
    "discount": Decimal("0.125"),
    "score": Decimal(71),
    "days_open": Decimal(43),
    "probability": Decimal("0.35"),
    "segment": "gold",
    "region": "north",
    "stage": "negotiation",
}
_SCHEMA = Schema({name: TEXT if isinstance(value, str) else NUMBER for name, value in _VALUES.items()})


class Case(NamedTuple):
    name: str
    ours: str
    rule_engine: str
    simpleeval: str


# rule-engine has no set literal and spells if-then-else as C does; simpleeval has Python's syntax. Its fractions are
# written as names or as whole numbers, because it reads 0.9 as a binary float.
CASES = (
    Case(
        "volume tier",
        "quantity >= 10 and quantity < 50",
        "quantity >= 10 and quantity < 50",
        "quantity >= 10 and quantity < 50",
    ),
    Case(
        "segment price",
        "segment == 'gold' and region != 'south'",
        "segment == 'gold' and region != 'south'",
        "segment == 'gold' and region != 'south'",
    ),
    Case(
        "membership",
        "segment in {'gold', 'platinum', 'vip'}",
        "segment in ['gold', 'platinum', 'vip']",
        "segment in {'gold', 'platinum', 'vip'}",
    ),
    Case(
        "stage guard",
        "stage == 'negotiation' and days_open <= 90 and probability > 0 and score >= 50",
        "stage == 'negotiation' and days_open <= 90 and probability > 0 and score >= 50",
        "stage == 'negotiation' and days_open <= 90 and probability > 0 and score >= 50",
    ),
    Case(
        "assignment",
        "(region == 'north' or region == 'east') and not segment == 'vip'",
        "(region == 'north' or region == 'east') and not segment == 'vip'",
        "(region == 'north' or region == 'east') and not segment == 'vip'",
    ),
    Case(
        "line total",
        "quantity * price * (1 - discount)",
        "quantity * price * (1 - discount)",
        "quantity * price * (1 - discount)",
    ),
    Case("margin", "(price - cost) / price", "(price - cost) / price", "(price - cost) / price"),
    Case(
        "approval",
        "discount * 100 > 10 or (price - cost) * quantity < 500",
        "discount * 100 > 10 or (price - cost) * quantity < 500",
        "discount * 100 > 10 or (price - cost) * quantity < 500",
    ),
    Case(
        "tiered price",
        "if quantity >= 20 then price - cost * discount else price",
        "quantity >= 20 ? price - cost * discount : price",
        "price - cost * discount if quantity >= 20 else price",
    ),
    Case(
        "alert",
        "days_open > 30 and stage in {'proposal', 'negotiation'} and quantity * price > 2000",
        "days_open > 30 and stage in ['proposal', 'negotiation'] and quantity * price > 2000",
        "days_open > 30 and stage in {'proposal', 'negotiation'} and quantity * price > 2000",
    ),
)


def _evaluators(case: Case) -> dict[str, Callable[[], Any]]:
    formula = Formula.parse(case.ours, _SCHEMA)
    rule = rule_engine.Rule(case.rule_engine)
    evaluator = simpleeval.EvalWithCompoundTypes(names=dict(_VALUES))
    parsed = evaluator.parse(case.simpleeval)
    return {
        "salesmgmt": lambda: formula.evaluate(_VALUES),
        "rule-engine": lambda: rule.evaluate(_VALUES),
        "simpleeval": lambda: evaluator.eval(case.simpleeval, previously_parsed=parsed),
    }


def _check_equal(case: Case, evaluators: Mapping[str, Callable[[], Any]]) -> None:
    """The peers reckon in the ambient context of 28 digits; so many must agree."""
    ours, *theirs = (evaluate() for evaluate in evaluators.values())
    for other in theirs:
        if isinstance(ours, Decimal):
            assert +ours == other, (case.name, ours, other)
        else:
            assert ours == other, (case.name, ours, other)


def main() -> None:
    print(versions("rule-engine", "simpleeval"))
    print(f"{'formula':<16}{'salesmgmt':>12}{'rule-engine':>14}{'simpleeval':>13}   ratios")
    ratios: dict[str, list[float]] = {"rule-engine": [], "simpleeval": []}
    for case in CASES:
        evaluators = _evaluators(case)
        _check_equal(case, evaluators)
        rounds: dict[str, list[float]] = {peer: [] for peer in evaluators}
        for _ in range(_ROUNDS):
            for peer, evaluate in evaluators.items():
                rounds[peer].append(timeit.timeit(evaluate, number=_EVALUATIONS) / _EVALUATIONS * 1e9)
        cost = {peer: median(times) for peer, times in rounds.items()}
        for peer, so_far in ratios.items():
            so_far.append(cost["salesmgmt"] / cost[peer])
        print(
            f"{case.name:<16}{cost['salesmgmt']:>9.0f} ns{cost['rule-engine']:>11.0f} ns{cost['simpleeval']:>10.0f} ns"
            f"   {ratios['rule-engine'][-1]:.3f}  {ratios['simpleeval'][-1]:.3f}"
        )
    for peer, each in ratios.items():
        print(f"against {peer}: geometric mean {geometric_mean(each):.3f}, worst {max(each):.3f}")


if __name__ == "__main__":
    main()
