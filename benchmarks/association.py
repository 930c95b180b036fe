"""Frequent itemsets and rules of 100,000 baskets of 1,000 items, against mlxtend and efficient-apriori.

A basket has 2 to 14 different items whose popularity follows Zipf's law (the item of rank r is drawn with a weight of 1/r);
the baskets are the same for all. Each contender begins with Python lists of texts, because that is what a host has, and ends
with every itemset in at least 0.2 % of the baskets, and then every rule of a confidence of at least 20 %. For mlxtend that
includes the table of zeros and ones that its fpgrowth asks for. Itemsets with their counts and rules are compared and must
be equal; a peer may lack only rules whose confidence is exactly the limit, which binary floats make 0.19999999999999998, and
how many these are is printed.

Time is that of the process. Memory is the most that a process of its own held on top of the baskets.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate
from random import Random
from time import process_time
from typing import Any

from benchmarks._peers import versions
from salesmgmt.engines.association import Baskets, frequent_itemsets, rules_from

_BASKETS, _ITEMS = 100_000, 1_000
_SUPPORT, _CONFIDENCE = "0.002", "0.2"


def baskets() -> list[list[str]]:
    random = Random(20261123)
    items = [f"item{rank:04d}" for rank in range(1, _ITEMS + 1)]
    weights = list(accumulate(1 / rank for rank in range(1, _ITEMS + 1)))
    return [
        list(dict.fromkeys(random.choices(items, cum_weights=weights, k=random.randint(2, 14))))
        for _ in range(_BASKETS)
    ]


Found = tuple[dict[tuple[str, ...], int], set[tuple[tuple[str, ...], tuple[str, ...]]]]
"""Itemsets with their counts, and rules."""


def ours(given: list[list[str]]) -> Found:
    itemsets = frequent_itemsets(Baskets(given), min_support=_SUPPORT)
    rules = rules_from(itemsets, min_confidence=_CONFIDENCE)
    return {one.items: one.count for one in itemsets}, {(rule.antecedent, rule.consequent) for rule in rules}


def mlxtend(given: list[list[str]]) -> Found:
    import pandas as pd  # noqa: PLC0415 - each process loads what it measures
    from mlxtend.frequent_patterns import association_rules as rules_of  # noqa: PLC0415
    from mlxtend.frequent_patterns import fpgrowth  # noqa: PLC0415
    from mlxtend.preprocessing import TransactionEncoder  # noqa: PLC0415

    encoder = TransactionEncoder()
    frame = pd.DataFrame(encoder.fit_transform(given), columns=encoder.columns_)
    itemsets = fpgrowth(frame, min_support=float(_SUPPORT), use_colnames=True)
    rules = rules_of(itemsets, metric="confidence", min_threshold=float(_CONFIDENCE))
    return (
        {
            tuple(sorted(items)): round(support * len(given))
            for items, support in zip(itemsets["itemsets"], itemsets["support"], strict=True)
        },
        {
            (tuple(sorted(left)), tuple(sorted(right)))
            for left, right in zip(rules["antecedents"], rules["consequents"], strict=True)
        },
    )


def efficient_apriori(given: list[list[str]]) -> Found:
    from efficient_apriori import apriori  # noqa: PLC0415

    itemsets, rules = apriori(given, min_support=float(_SUPPORT), min_confidence=float(_CONFIDENCE))
    return (
        {tuple(sorted(items)): count for sized in itemsets.values() for items, count in sized.items()},
        {(tuple(sorted(rule.lhs)), tuple(sorted(rule.rhs))) for rule in rules},
    )


CONTENDERS: dict[str, Callable[[list[list[str]]], Found]] = {
    "salesmgmt": ours,
    "mlxtend": mlxtend,
    "efficient-apriori": efficient_apriori,
}


def measured(name: str) -> dict[str, Any]:
    """One contender, in this process."""
    given = baskets()
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = process_time()
    itemsets, rules = CONTENDERS[name](given)
    seconds = process_time() - began
    return {
        "seconds": seconds,
        "megabytes": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held) / 1024,
        "itemsets": sorted([list(items), count] for items, count in itemsets.items()),
        "rules": sorted([list(left), list(right)] for left, right in rules),
    }


def _lacking(own: dict[str, Any], one: dict[str, Any]) -> str:
    """Say which rules a contender lacks; there may be none but those at exactly the limit."""
    counts = {tuple(items): count for items, count in own["itemsets"]}
    known = {(tuple(left), tuple(right)) for left, right in one["rules"]}
    lacking = [rule for rule in own["rules"] if tuple(map(tuple, rule)) not in known]
    assert len(one["rules"]) + len(lacking) == len(own["rules"])
    for left, right in lacking:
        assert Fraction(counts[tuple(sorted(left + right))], counts[tuple(left)]) == Fraction(_CONFIDENCE)
    return f", lacks {len(lacking)} rules at exactly the limit" if lacking else ""


def main() -> None:
    print(versions("mlxtend", "efficient-apriori", "pandas", "numpy"))
    found: dict[str, dict[str, Any]] = {}
    for name in CONTENDERS:
        command = [sys.executable, "-m", "benchmarks.association", name]
        found[name] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    own = found["salesmgmt"]
    print(f"{len(own['itemsets']):,} itemsets and {len(own['rules']):,} rules")
    for name, one in found.items():
        assert one["itemsets"] == own["itemsets"], name
        lacking = _lacking(own, one)
        ratio = one["seconds"] / own["seconds"]
        print(f"{name:<20}{one['seconds']:>8.2f} s  {ratio:>6.1f}  {one['megabytes']:>6.0f} MB{lacking}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measured(sys.argv[1])))
    else:
        main()
