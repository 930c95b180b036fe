"""The lines of a document as rules count them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from salesmgmt.core.quantity import Quantity
from salesmgmt.core.units import UnitTable
from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule, QuantityScope
from salesmgmt.cpq.pricing.price_lists.unit_price import PriceQuestion
from salesmgmt.cpq.pricing.selection.selection import Selection


class Document:
    """Questions that stand on one document, with their quantities in base units.

    Attributes:
        questions: one a line.
        quantities: in base units.
    """

    __slots__ = ("_families", "_lines", "quantities", "questions")

    def __init__(self, questions: Sequence[PriceQuestion], units: UnitTable) -> None:
        self.questions = questions
        self.quantities = tuple(_in_base(question, units) for question in questions)
        self._families = tuple(_family(question) for question in questions)
        self._lines: dict[str, tuple[int, ...]] = {}

    def lines_of(self, rule: PriceRule, selection: Selection[PriceRule], line: int) -> tuple[int, ...]:
        """The lines whose quantities a rule counts together, for one of them."""
        if rule.quantity_scope is QuantityScope.LINE:
            return (line,)
        if rule.quantity_scope is QuantityScope.DOCUMENT_BY_PRODUCT_FAMILY:
            family = self._families[line]
            return tuple(other for other, one in enumerate(self._families) if one == family)
        if rule.id not in self._lines:
            self._lines[rule.id] = tuple(
                other
                for other, one in enumerate(self.questions)
                if selection.applies(rule.id, one.facts, one.unit, one.at)
            )
        return self._lines[rule.id]


def _in_base(question: PriceQuestion, units: UnitTable) -> Decimal:
    if not question.base_unit or question.base_unit == question.unit:
        return question.quantity
    return units.convert(Quantity(question.quantity, question.unit), question.base_unit).amount


def _family(question: PriceQuestion) -> object:
    """The template that a product is a variant of, or the product itself."""
    lineage = question.facts.get("line.lineage")
    return lineage[-1] if lineage else question.facts.get("line.product")
