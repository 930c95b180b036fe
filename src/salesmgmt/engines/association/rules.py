"""Association rules: from frequent itemsets to who buys what as well."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.measured import Measured
from salesmgmt.engines.association.baskets import Baskets
from salesmgmt.engines.association.itemsets import (
    MOST_PATTERNS,
    Itemset,
    Share,
    TooManyPatterns,
    frequent_itemsets,
    share_of,
)
from salesmgmt.engines.association.rule import AssociationRule


def association_rules(
    baskets: Baskets,
    *,
    min_support: Share,
    min_confidence: Share,
    max_length: int | None = None,
    max_consequent: int | None = None,
    most: int = MOST_PATTERNS,
) -> tuple[AssociationRule, ...]:
    """Find every rule that reaches both limits; one at exactly a limit is found.

    A rule never gains confidence when an item moves from its left to its right side, so a consequent grows only from those
    that were confident enough (Agrawal & Srikant 1994, VLDB).

    Args:
        baskets: what was bought together.
        min_support: the least share of the baskets that have both sides, above 0.
        min_confidence: the least share, of the baskets that have the antecedent, of those with the consequent; 0 for any.
        max_length: the most items of both sides together; `None` for any number.
        max_consequent: the most items on the right; `None` for any number.
        most: how many itemsets, and how many rules, may be found.

    Returns:
        The rules by falling lift, then by falling count, then in the order of their items.

    Raises:
        InvalidInput: a limit is out of range.
        FloatRefused, NotANumber: a share is no exact number.
        TooManyPatterns: there are more itemsets, or rules, than `most`.

    >>> from salesmgmt.engines.association import Baskets, association_rules
    >>> baskets = Baskets([["dock", "laptop"], ["dock", "laptop", "mouse"], ["laptop"], ["mouse"], ["dock", "laptop"]])
    >>> print(*association_rules(baskets, min_support="0.6", min_confidence="0.7"), sep="; ")
    dock -> laptop: 3 of 3, lift 1.25; laptop -> dock: 3 of 4, lift 1.25
    """
    share_of(min_confidence, "min_confidence")
    itemsets = frequent_itemsets(baskets, min_support=min_support, max_length=max_length, most=most)
    return rules_from(itemsets, min_confidence=min_confidence, max_consequent=max_consequent, most=most)


def rules_from(
    itemsets: Sequence[Itemset],
    *,
    min_confidence: Share,
    max_consequent: int | None = None,
    most: int = MOST_PATTERNS,
) -> tuple[AssociationRule, ...]:
    """Find the rules of itemsets that were found before; what `association_rules` does after it has found them.

    Args:
        itemsets: as `frequent_itemsets` gives them: with a set all of its parts.
        min_confidence: as for `association_rules`.
        max_consequent: as for `association_rules`.
        most: how many rules may be found.

    Raises:
        InvalidInput: a limit is out of range.
        FloatRefused, NotANumber: the confidence is no exact number.
        TooManyPatterns: there are more rules than `most`.

    >>> from salesmgmt.engines.association import Baskets, frequent_itemsets, rules_from
    >>> itemsets = frequent_itemsets(Baskets([["dock", "laptop"], ["laptop"]]), min_support="0.5")
    >>> print(*rules_from(itemsets, min_confidence=1))
    dock -> laptop: 1 of 1, lift 1.00
    """
    confidence = share_of(min_confidence, "min_confidence")
    if max_consequent is not None and max_consequent < 1:
        raise InvalidInput(
            "association", [Problem("max_consequent", "range", str(max_consequent), "at least 1")]
        )
    counts = {one.items: one.count for one in itemsets}
    found: list[AssociationRule] = []
    for one in itemsets:
        for rule in _rules_of(one, counts, confidence, max_consequent):
            found.append(rule)
            if len(found) > most:
                raise TooManyPatterns("rules", most)
    found.sort(key=lambda rule: (-rule.lift, -rule.count, rule.antecedent, rule.consequent))
    return tuple(found)


def measure_rule(
    baskets: Baskets, antecedent: Collection[str], consequent: Collection[str]
) -> Measured[AssociationRule]:
    """Count one rule, whether it is frequent or not.

    Args:
        baskets: what was bought together.
        antecedent: the items on the left, at least one.
        consequent: the items on the right, at least one.

    Returns:
        The rule; undefined, flagged `no_antecedent` or `no_consequent`, when no basket has that side.

    Raises:
        InvalidInput: a side is empty, or an item is on both.

    >>> from salesmgmt.engines.association import Baskets, measure_rule
    >>> baskets = Baskets([["dock", "laptop"], ["laptop"], ["mouse"]])
    >>> measure_rule(baskets, ["laptop"], ["dock"]).required().confidence
    Decimal('0.5')
    >>> measure_rule(baskets, ["lamp"], ["dock"])
    Measured(None, flag='no_antecedent', n=3)
    """
    left, right = tuple(sorted(set(antecedent))), tuple(sorted(set(consequent)))
    problems = [
        Problem(name, "missing", None, "at least one item")
        for name, side in (("antecedent", left), ("consequent", right))
        if not side
    ]
    if problems:
        raise InvalidInput("association rule", problems)
    counts = [baskets.count(side) for side in (left, right)]
    for count, flag in zip(counts, ("no_antecedent", "no_consequent"), strict=True):
        if not count:
            return Measured(None, flag, n=baskets.n)
    rule = AssociationRule(
        antecedent=left,
        consequent=right,
        n=baskets.n,
        antecedent_count=counts[0],
        consequent_count=counts[1],
        count=baskets.count((*left, *right)),
    )
    return Measured(rule, n=baskets.n)


def _rules_of(
    one: Itemset, counts: dict[tuple[str, ...], int], confidence: Fraction, max_consequent: int | None
) -> Iterator[AssociationRule]:
    items = one.items
    longest = len(items) - 1 if max_consequent is None else min(max_consequent, len(items) - 1)
    rights: Sequence[tuple[str, ...]] = [(item,) for item in items]
    for length in range(1, longest + 1):
        kept = []
        for right in rights:
            left = tuple(item for item in items if item not in right)
            # one.count / counts[left] >= confidence, in whole numbers
            if one.count * confidence.denominator >= confidence.numerator * counts[left]:
                kept.append(right)
                yield AssociationRule(
                    antecedent=left,
                    consequent=right,
                    n=one.n,
                    antecedent_count=counts[left],
                    consequent_count=counts[right],
                    count=one.count,
                )
        if length < longest:
            rights = list(_longer(kept))


def _longer(rights: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Each set of one item more of which all but its last two items agree; the rest is not pruned, as counting is cheap."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for right in rights:
        groups.setdefault(right[:-1], []).append(right[-1])
    for head, tails in groups.items():
        for place, item in enumerate(tails):
            for other in tails[place + 1 :]:
                yield (*head, item, other)
