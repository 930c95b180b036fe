"""Required accessories and services: what lines need, and what is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from salesmgmt.core.errors import SalesError
from salesmgmt.core.findings import Finding
from salesmgmt.core.formula import BOOL, Formula, Schema
from salesmgmt.core.units import UnitTable
from salesmgmt.cpq.products import Catalogue
from salesmgmt.cpq.quotes.completeness._lines import in_own_unit, told
from salesmgmt.cpq.quotes.completeness._needs import Line, Name, NeedingLine, Needs
from salesmgmt.cpq.quotes.completeness.requirement import Requirement
from salesmgmt.cpq.quotes.line import QuoteLine
from salesmgmt.cpq.quotes.version import QuoteVersion


class Requirements:
    """What some lines of a quote need.

    Args:
        requirements: what needs what.
        catalogue: the products.
        units: the units of measure.
        schema: the names that conditions may use.

    Raises:
        FormulaError: a condition is none over these names.
    """

    def __init__(
        self, requirements: Iterable[Requirement], catalogue: Catalogue, units: UnitTable, schema: Schema
    ) -> None:
        self._catalogue = catalogue
        self._units = units
        self._by_source: dict[Name, list[Requirement]] = {}
        self._formulas: dict[str, Formula] = {}
        for one in requirements:
            self._by_source.setdefault(one.relation.source, []).append(one)
            text = one.relation.condition
            if text.strip() and text not in self._formulas:
                self._formulas[text] = Formula.parse(text, schema, wanted=BOOL)

    def findings(self, version: QuoteVersion, facts: Mapping[str, Any]) -> Iterator[Finding]:
        """What lacks among the required lines, and with each choice.

        Args:
            version: what is offered.
            facts: what conditions may read of customer and order.
        """
        if self._by_source:
            try:
                yield from self._needs(version, facts).findings()
            except SalesError as error:
                yield Finding(
                    code="requirement_failed",
                    where="lines",
                    message=f"what is required cannot be worked out: {told(error)}",
                    hint="correct the condition or the ratio of the relation",
                )

    def _needs(self, version: QuoteVersion, facts: Mapping[str, Any]) -> Needs:
        names: dict[str, tuple[Name, ...]] = {}
        lines: dict[str, NeedingLine] = {}
        for line in version.every_line:
            known = names.get(line.product)
            if known is None:
                known = names[line.product] = self._names(line.product)
            lines[line.id] = NeedingLine(
                line, self._quantity(line), known, tuple(self._of(line, known, facts))
            )
        targets = {one.relation.target for line in lines.values() for one in line.requirements}
        return Needs(lines, version.structure, {target: self._unit(target) for target in targets})

    def _names(self, product: str) -> tuple[Name, ...]:
        """Everything by which a relation may name a product."""
        known = self._catalogue.get(product)
        family = (("family", known.family),) if known is not None and known.family else ()
        return (
            *(("product", one) for one in self._catalogue.lineage_of(product)),
            *family,
            *(("category", one) for one in self._catalogue.categories_of(product)),
        )

    def _of(self, line: Line, names: Iterable[Name], facts: Mapping[str, Any]) -> Iterator[Requirement]:
        """The requirements of a line whose conditions hold and that are not built in."""
        for name in names:
            for one in self._by_source.get(name, ()):
                relation = one.relation
                if relation.attribute and line.configuration.get(relation.attribute) == relation.value:
                    continue
                if not relation.condition.strip() or self._formulas[relation.condition].holds(
                    {**facts, **self._facts_of(line)}
                ):
                    yield one

    def _quantity(self, line: Line) -> Decimal:
        """The quantity of a line in the unit of its product; as it stands where that cannot be said."""
        product = self._catalogue.get(line.product)
        try:
            return line.quantity if product is None else in_own_unit(line, product, self._units)
        except SalesError:  # which is told as a `unit_mismatch`
            return line.quantity

    def _unit(self, target: Name) -> str:
        """The unit in which something is counted; empty when that is not known."""
        product = self._catalogue.get(target[1]) if target[0] == "product" else None
        return "" if product is None else product.unit

    def _facts_of(self, line: Line) -> Mapping[str, Any]:
        facts = self._catalogue.facts_of(line.product)
        return {
            **{f"line.{name}": value for name, value in line.fields.items()},
            **{
                name: frozenset(value) if isinstance(value, tuple) else value for name, value in facts.items()
            },
            "line.quantity": self._quantity(line),
            "line.uom": line.uom or None,
            "line.group": line.priced_with or None,
            "line.amount": line.net_amount if isinstance(line, QuoteLine) else None,
            "line.list_amount": line.list_amount if isinstance(line, QuoteLine) else None,
        }
