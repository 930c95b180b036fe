"""What is wrong with an approval policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity, duplicate_ids
from salesmgmt.core.formula import MONEY, NUMBER, SET, TEXT, Schema, declare, lint_condition
from salesmgmt.core.money import Money
from salesmgmt.cpq.approvals.figures import QUOTE_FIGURES, kind_of, unknown_figure
from salesmgmt.cpq.approvals.rule import ApprovalRule
from salesmgmt.engines.metrics import unit_of

KNOWN = Schema(
    {
        "asker.roles": SET[TEXT],
        "quote.currency": TEXT,
        "quote.line_count": NUMBER,
        "quote.reference_total": MONEY,
    }
)
"""What conditions may ask without a declaration: nothing that a concession changes."""

_LONGEST_DUE = 10_000
"""Hours, more than a year."""


def schema_of(facts: Mapping[str, str]) -> Schema:
    """The names that conditions of a policy may use."""
    return declare(facts, KNOWN).schema


def lint(
    rules: tuple[ApprovalRule, ...], figures: Iterable[str], facts: Mapping[str, str]
) -> Iterator[Finding]:
    """Find what is wrong with rules; see `ApprovalPolicy.findings`."""
    further = tuple(figures)
    declared = declare(facts, KNOWN)
    yield from declared.findings
    for name in further:
        if name in QUOTE_FIGURES or not name.strip():
            message = f"{shorten(name)} is blank, or a figure that every quote has"
            yield _error("figures", f"figures.{name}", message, "name the figures that the host gives")
    yield from duplicate_ids("rules", (rule.id for rule in rules))
    for position, rule in enumerate(rules):
        if not rule.id.strip():
            yield _error("blank", f"rules[{position}].id", "the id is blank", "give each rule its own id")
    units: dict[str, str] = {}
    for rule in rules:
        where = f"rules.{rule.id}"
        yield from _metric(rule, where, further, units)
        yield from _people(rule, where)
        yield from _passing_on(rule, where)
        if rule.condition.strip():
            yield from lint_condition(rule.condition, declared.schema, where)[1]
    yield from _chains(rules)
    yield from _currencies(rules)


def _metric(
    rule: ApprovalRule, where: str, further: tuple[str, ...], units: dict[str, str]
) -> Iterator[Finding]:
    if not rule.metric.strip():
        yield _error("metric", where, "it names no figure", "name one, such as total")
        return
    unknown = unknown_figure(rule.metric, further, where)
    if unknown is not None:
        yield unknown
    unit = unit_of(rule.threshold)
    wanted = QUOTE_FIGURES.get(rule.metric)
    if wanted is not None and wanted != kind_of(unit):
        message = f"{rule.metric} is a {wanted}, and the threshold {rule.threshold} is none"
        yield _error("mixed_units", where, message, f"write the threshold as a {wanted}")
        return
    known = units.setdefault(rule.metric, unit)
    if unit != known:
        yield _error(
            "mixed_units",
            where,
            f"{rule.metric} is compared in {unit or 'plain numbers'} here and in {known or 'plain numbers'} before",
            "give all thresholds of one figure in one unit",
        )


def _people(rule: ApprovalRule, where: str) -> Iterator[Finding]:
    if not rule.roles or not all(role.strip() for role in rule.roles):
        yield _error("roles", where, "nobody could approve", "name at least one role")
    elif len(set(rule.roles)) < len(rule.roles):
        yield _error("roles", where, "a role stands there twice", "name each role once")
    elif rule.voices > len(rule.roles):
        message = f"{rule.quorum} roles must agree, and there are {len(rule.roles)}"
        yield _error("quorum", where, message, "name more roles, or ask for fewer")
    if rule.level < 1:
        yield _error("level", where, f"the level is {rule.level}", "count levels from 1 upwards")
    for name in ("delegates", "escalates_to"):
        if not all(role.strip() for role in getattr(rule, name)):
            yield _error(name, where, f"a role in {name} is blank", "name roles")


def _passing_on(rule: ApprovalRule, where: str) -> Iterator[Finding]:
    if rule.due_hours is not None and not 0 < rule.due_hours <= _LONGEST_DUE:
        message = f"it is due in {shorten(str(rule.due_hours)).strip(chr(39))} hours"
        yield _error("due_hours", where, message, f"give hours above 0 and up to {_LONGEST_DUE}")
    if rule.escalates_to and rule.due_hours is None:
        yield _error("due_hours", where, "it escalates, but is never overdue", "give due_hours as well")
    if not rule.delegable and rule.delegates:
        yield _error("delegates", where, "it names delegates, but is not delegable", "drop one of the two")
    if rule.own_request and rule.delegates:
        yield Finding(
            code="delegates",
            where=where,
            message="who asks may approve, so that delegates keep nobody out",
            hint="drop own_request or delegates",
            severity=Severity.WARNING,
        )


def _chains(rules: tuple[ApprovalRule, ...]) -> Iterator[Finding]:
    """A chain of one level is none."""
    levels: dict[str, set[int]] = {}
    for rule in rules:
        if rule.chain:
            levels.setdefault(rule.chain, set()).add(rule.level)
    for chain, found in levels.items():
        if len(found) == 1:
            yield Finding(
                code="chain",
                where=f"chain {shorten(chain)}",
                message=f"all of its rules are of level {min(found)}, so that none waits for another",
                hint="give its rules levels, or drop the chain",
                severity=Severity.WARNING,
            )


def _currencies(rules: tuple[ApprovalRule, ...]) -> Iterator[Finding]:
    """A quote has one currency, which thresholds of several cannot all be compared with."""
    first: dict[str, str] = {}
    for rule in rules:
        if isinstance(rule.threshold, Money) and "quote.currency" not in rule.condition:
            first.setdefault(rule.threshold.currency, rule.id)
    if len(first) > 1:
        found = ", ".join(f"{currency} (rule {shorten(name)})" for currency, name in first.items())
        yield Finding(
            code="currencies",
            where="rules",
            message=f"thresholds are in {found}, and every quote is in one currency",
            hint="keep a policy for each currency, or a condition such as quote.currency == 'EUR' with each rule",
            severity=Severity.WARNING,
        )


def _error(code: str, where: str, message: str, hint: str) -> Finding:
    return Finding(code=code, where=where, message=message, hint=hint)
