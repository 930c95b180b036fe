"""What a formula can know of a lead: its own fields as `lead.*`, and the facts that a definition declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from salesmgmt.core.errors import InvalidInput, shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import (
    BOOL,
    DATE,
    INSTANT,
    MONEY,
    NUMBER,
    PERCENT,
    SET,
    TEXT,
    Formula,
    FormulaError,
    Schema,
    Type,
    Values,
    contradicts,
    schema_of,
    values_of,
)
from salesmgmt.pipeline.leads.lead import Lead

LEAD_SCHEMA = Schema({f"lead.{name}": kind for name, kind in schema_of(Lead).items()})
"""The names that every formula about a lead may use: its fields, such as `lead.source` and `lead.score.points`."""

_TYPES: Mapping[str, Type] = MappingProxyType(
    {
        str(kind): kind
        for scalar in (NUMBER, PERCENT, MONEY, BOOL, TEXT, DATE, INSTANT)
        for kind in (scalar, SET[scalar])
    }
)


def fact_schema(facts: Mapping[str, str]) -> Schema:
    """Return the schema of leads with declared facts; custom fields are declared as `lead.fields.<name>`.

    Args:
        facts: type by name, such as `{"lead.fields.employees": "number", "visits": "number"}`; unknown types, and names
            that are none, are left out, `lint_facts` reports them.

    >>> from salesmgmt.pipeline.leads.facts import fact_schema
    >>> str(fact_schema({"visits": "number"})["visits"])
    'number'
    """
    faulty = {finding.where.removeprefix("facts.") for finding in lint_facts(facts)}
    return Schema(
        {**LEAD_SCHEMA, **{name: _TYPES[kind] for name, kind in facts.items() if name not in faulty}}
    )


def lint_facts(facts: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the declared facts that have no good type or name."""
    for name, kind in facts.items():
        where = f"facts.{name}"
        if kind not in _TYPES:
            yield Finding(
                code="unknown_type",
                where=where,
                message=f"there is no type {shorten(kind)}",
                hint=f"use one of {', '.join(_TYPES)}",
            )
        elif name in LEAD_SCHEMA:
            yield Finding(
                code="known_name", where=where, message="every lead has it already", hint="use another name"
            )
        else:
            try:
                Schema({name: _TYPES[kind]})
            except InvalidInput as error:
                yield Finding(
                    code="not_a_name",
                    where=where,
                    message=str(error.problems[0]),
                    hint="use identifiers joined by dots",
                )


def lint_condition(where: str, text: str, schema: Schema) -> Iterator[Finding]:
    """Yield why a condition cannot be read, or can never hold."""
    try:
        formula = Formula.parse(text, schema, wanted=BOOL)
    except FormulaError as error:
        yield Finding(code="formula", where=where, message=str(error), hint="correct the formula")
        return
    if contradicts(formula):
        yield Finding(
            code="contradictory_condition",
            where=where,
            message=f"{shorten(text)} can never hold",
            hint="correct the condition, or drop it",
        )


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
