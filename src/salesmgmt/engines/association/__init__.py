"""Association rules: what is bought together, how often, and whether more often than by chance.

    from salesmgmt.engines.association import Baskets, association_rules, frequent_itemsets, measure_rule

Everything is counted in whole numbers and compared in whole numbers: a set of items whose support is exactly the limit is
found, whatever binary floats make of 0.6 of 5 baskets. Only the measures are divided, to 34 digits.
"""

from salesmgmt.engines.association.baskets import Baskets
from salesmgmt.engines.association.itemsets import Itemset, TooManyPatterns, frequent_itemsets
from salesmgmt.engines.association.rule import AssociationRule
from salesmgmt.engines.association.rules import association_rules, measure_rule, rules_from

__all__ = [
    "AssociationRule",
    "Baskets",
    "Itemset",
    "TooManyPatterns",
    "association_rules",
    "frequent_itemsets",
    "measure_rule",
    "rules_from",
]
