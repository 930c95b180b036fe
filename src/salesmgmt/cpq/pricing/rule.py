"""A discount rule made ready to be asked."""

from __future__ import annotations

from collections.abc import Iterator

from salesmgmt.core.formula import BOOL, Formula, Schema, Values, WhyNot
from salesmgmt.cpq.pricing.names import AMOUNTS, NAMES
from salesmgmt.cpq.pricing.procedure import DiscountRule


class CompiledRule:
    """A rule with its conditions: validity and currency, then what its author wrote.

    Raises:
        FormulaError: the condition is none over the names of the schema.
    """

    __slots__ = ("_formulas", "is_for_document", "names", "reads_amounts", "rule")

    def __init__(self, rule: DiscountRule, schema: Schema) -> None:
        guards = " and ".join(_guards(rule))
        formulas = [Formula.parse(guards, NAMES, wanted=BOOL)] if guards else []
        if rule.condition.strip():
            formulas.append(Formula.parse(rule.condition, schema, wanted=BOOL))
        names = frozenset[str]().union(*(formula.names for formula in formulas))
        self.names = names
        self._formulas = tuple(formulas)
        self.rule = rule
        self.is_for_document = not any(name.startswith("line.") for name in names)
        self.reads_amounts = not names.isdisjoint(AMOUNTS)

    def holds(self, values: Values) -> bool:
        """Whether the rule applies.

        Raises:
            EvaluationError: as for `why_not`.
        """
        return all(formula.holds(values) for formula in self._formulas)

    def why_not(self, values: Values) -> WhyNot | None:
        """The first part of its conditions that does not hold; `None` when the rule applies.

        Raises:
            EvaluationError: a condition cannot be worked out, for instance with amounts of two currencies.
        """
        for formula in self._formulas:
            if not formula.holds(values):
                return formula.why_not(values)
        return None


def _guards(rule: DiscountRule) -> Iterator[str]:
    if rule.amount is not None:
        yield f"order.currency == '{rule.amount.currency}'"
    if rule.valid_from is not None:
        yield f"order.date >= {rule.valid_from.isoformat()}"
    if rule.valid_to is not None:
        yield f"order.date < {rule.valid_to.isoformat()}"
