"""What a formula can know of a lead: its own fields as `lead.*`, and the facts that a definition declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import Formula, FormulaError, Schema, Values, schema_of, values_of
from salesmgmt.pipeline.leads.lead import Lead

LEAD_SCHEMA = Schema({f"lead.{name}": kind for name, kind in schema_of(Lead).items()})
"""The names that every formula about a lead may use: its fields, such as `lead.source` and `lead.score.points`."""


def lint_unused(facts: Mapping[str, str], formulas: Iterable[str], schema: Schema) -> Iterator[Finding]:
    """Yield the declared facts that no condition reads, as warnings."""
    used: set[str] = set()
    for text in formulas:
        try:
            used |= Formula.parse(text, schema).names
        except FormulaError:
            return
    for name in facts:
        if name in schema and name not in used:
            yield Finding(
                code="unused_fact",
                where=f"facts.{name}",
                message="no condition reads it",
                hint="remove it",
                severity=Severity.WARNING,
            )


def lead_values(lead: Lead, facts: Values | None = None) -> Values:
    """Return what formulas are evaluated with: the fields of a lead, its custom fields, and further facts.

    A text that is empty counts as missing.

    >>> from datetime import UTC, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.pipeline.leads import Lead
    >>> from salesmgmt.pipeline.leads.facts import lead_values
    >>> lead = Lead(id="l1", source="web", created_at=datetime(2026, 1, 1, tzinfo=UTC), fields={"employees": Decimal(40)})
    >>> values = lead_values(lead, {"visits": 3})
    >>> values["lead.source"], values["lead.phone"], values["lead.fields.employees"], values["visits"]
    ('web', None, Decimal('40'), 3)
    """
    own = {f"lead.{name}": None if value == "" else value for name, value in values_of(lead).items()}
    return {**(facts or {}), **{f"lead.fields.{name}": value for name, value in lead.fields.items()}, **own}
