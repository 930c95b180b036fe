"""What can be wrong with rules that are selected by a key, each by itself: condition records and price rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Generic, TypeVar

import attrs

from salesmgmt.core.clock import first_moment
from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula import TEXT, Formula, contradicts, lint_condition
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.selection._index import Selectable
from salesmgmt.cpq.pricing.selection.order import Access, SelectionOrder, UpperBound

R = TypeVar("R", bound=Selectable)

_EARLY, _LATE = 2, 9998
"""Years between which a day begins within the calendar in every time zone."""

_warning = partial(Finding, severity=Severity.WARNING)


@attrs.frozen(kw_only=True)
class RuleSet(Generic[R]):
    """Rules of which one selection chooses.

    Attributes:
        name: what it is called in findings.
        rules: the rules, in their order.
        place: where a rule stands, in the reader's terms.
        accesses: the questions; empty when they follow from the keys.
        order: which of the rules that hold wins.
        same: whether two rules come to the same.
    """

    name: str
    rules: Sequence[R]
    place: Callable[[R], str]
    accesses: Sequence[Access]
    order: SelectionOrder
    same: Callable[[R, R], bool]


def lint_rules(given: RuleSet[R], known: Known) -> Iterator[Finding]:
    """Find what is wrong with each rule by itself."""
    yield from _ids(given)
    yield from _keys(given, known)
    yield from _conditions(given, known)
    yield from _validities(given, known)
    yield from _units(given, known)


def _ids(given: RuleSet[R]) -> Iterator[Finding]:
    counts = Counter([rule.id for rule in given.rules])
    if len(counts) == len(given.rules) and all(map(str.strip, counts)):
        return
    seen = set[str]()
    for rule in given.rules:
        if rule.id in seen or not rule.id.strip():
            yield Finding(
                code="duplicate_id",
                where=given.place(rule),
                message=f"the id {shorten(rule.id)} is blank or taken by an earlier one of {given.name}",
                hint="give each its own id",
            )
        seen.add(rule.id)


def _keys(given: RuleSet[R], known: Known) -> Iterator[Finding]:
    asked = {frozenset(access.fields) for access in given.accesses} if given.accesses else None
    shapes: dict[tuple[str, ...], list[tuple[str, tuple[str, str, Any]]]] = {}
    for rule in given.rules:
        key = rule.key
        fields = tuple(key)
        checks = shapes.get(fields)
        if checks is None:
            yield from _shape(given, rule, asked, known)
            checks = shapes[fields] = [
                (field, known.references[field]) for field in fields if field in known.references
            ]
        for field, (code, what, values) in checks:
            value = key[field]
            if type(value) is str and value not in values:
                yield unknown_reference(code, what, value, given.place(rule), known)
        for field, value in key.items():
            if type(value) is not str:
                yield Finding(
                    code="key_value",
                    where=given.place(rule),
                    message=f"its key gives {shorten(field)} the value {shorten(value)}, which is no text",
                    hint="give a text",
                )


def unknown_reference(code: str, what: str, value: str, where: str, known: Known) -> Finding:
    """The finding about a value that the model does not have."""
    if what == "product":
        message = f"the catalogue has no product {shorten(value)}"
        return Finding(
            code=code, where=where, message=message, hint="add it to the catalogue, or correct the id"
        )
    if what == "currency":
        message, hint = f"{shorten(value)} is no currency", "write an ISO 4217 code, such as EUR"
    elif what == "price list":
        message, hint = f"there is no price list {shorten(value)}", "add it, or correct the id"
    else:
        message = f"no product is of the {what} {shorten(value)}"
        names = [name for name in known.references[_FACT_OF[what]][2] if name]  # type: ignore[attr-defined]  # all but currencies are sets
        hint = f"known are {', '.join(sorted(names)[:20]) or 'none'}"
    return Finding(code=code, where=where, message=message, hint=hint)


_FACT_OF = {"family": "line.family", "brand": "line.brand", "category": "line.categories"}


def _shape(given: RuleSet[R], rule: R, asked: set[frozenset[str]] | None, known: Known) -> Iterator[Finding]:
    """What is wrong with the fields of a key; told at the first rule that has them."""
    where = given.place(rule)
    for field in rule.key:
        yield from fact_findings(field, where, known)
    if asked is not None and frozenset(rule.key) not in asked:
        fields = ", ".join(sorted(map(str, rule.key))) or "rules without a key"
        yield Finding(
            code="no_access",
            where=where,
            message=f"no access of {given.name} asks for {fields}, so it is never found",
            hint="add an access with these fields, or correct the key",
        )


def fact_findings(field: str, where: str, known: Known) -> Iterator[Finding]:
    """What is wrong with a fact that a key or an access names."""
    if field not in known.schema:
        close = known.schema.nearest(field)
        yield Finding(
            code="unknown_fact",
            where=where,
            message=f"there is no fact {shorten(field)}",
            hint=f"did you mean {close}?" if close else "declare it among the facts of the procedure",
        )
        return
    type_ = known.schema[field]
    if TEXT not in (type_, type_.element):
        yield Finding(
            code="key_type",
            where=where,
            message=f"{field} is a {type_}, which never equals the text of a key",
            hint="ask for it in the condition of the rule",
        )


def _conditions(given: RuleSet[R], known: Known) -> Iterator[Finding]:
    conditional = [rule for rule in given.rules if rule.condition and rule.condition.strip()]
    uses = Counter([rule.condition for rule in conditional])
    formulas: dict[str, Formula | None] = {}
    asked: dict[tuple[str, ...], bool] = {}
    for rule in conditional:
        text = rule.condition
        if text not in formulas:
            formula, findings = lint_condition(text, known.schema, given.place(rule))
            more = f" (and {uses[text] - 1} more with this condition)" if uses[text] > 1 else ""
            yield from (attrs.evolve(one, message=f"{one.message}{more}") for one in findings)
            is_sound = not any(one.severity is Severity.ERROR for one in findings)
            formulas[text] = formula if is_sound else None
        formula = formulas[text]
        if formula is None or formula.names.isdisjoint(rule.key):
            continue
        names = sorted(formula.names.intersection(rule.key))
        question = (text, *(part for name in names for part in (name, str(rule.key[name]))))
        if question not in asked:
            asked[question] = _never_with_key(text, names, rule, known)
        if asked[question]:
            pairs = ", ".join(f"{name} {shorten(rule.key[name])}" for name in names)
            yield Finding(
                code="contradictory_condition",
                where=given.place(rule),
                message=f"{shorten(text, 200)} never holds for its own key: {pairs}",
                hint="correct the condition or the key",
            )


def _never_with_key(text: str, names: Sequence[str], rule: Selectable, known: Known) -> bool:
    parts = [f"({text})"]
    for name in names:
        value = "'" + str(rule.key[name]).replace("'", "''") + "'"
        if name in known.schema and known.schema[name] == TEXT:
            parts.append(f"{name} == {value}")
        elif name in known.schema and known.schema[name].element == TEXT:
            parts.append(f"{value} in {name}")
    try:
        return bool(contradicts(Formula.parse(" and ".join(parts), known.schema)))
    except ValueError:  # a value that no literal can hold
        return False


def _validities(given: RuleSet[R], known: Known) -> Iterator[Finding]:
    excludes_end = given.order.max_quantity is UpperBound.EXCLUDED
    for rule in given.rules:
        start, end = rule.valid_from, rule.valid_to
        if start is not None or end is not None:
            yield from _validity(start, end, given.place(rule), known)
        low, high = rule.min_quantity, rule.max_quantity
        if excludes_end and high is not None and high <= (low or 0):
            yield _warning(
                code="never_holds",
                where=given.place(rule),
                message=f"no quantity is at least {low or 0:f} and below {high:f}",
                hint="raise max_quantity; the order does not include it",
            )


def _validity(
    start: date | datetime | None, end: date | datetime | None, where: str, known: Known
) -> Iterator[Finding]:
    if type(start) is type(end) is date and start.year >= _EARLY and end.year <= _LATE and start < end:
        return
    instants = []
    for name, value in (("valid_from", start), ("valid_to", end)):
        if value is None:
            continue
        try:
            instants.append(instant_of(value, known))
        except ValueError:
            yield Finding(
                code="naive_instant",
                where=where,
                message=f"{name} {value} does not say in which time zone it is",
                hint="give a day, or an instant with its offset",
            )
        except OverflowError:
            yield Finding(
                code="out_of_range",
                where=where,
                message=f"{name} {value} is outside the calendar in the time zone {known.clock.key}",
                hint=f"leave {name} out for no limit",
            )
    if len(instants) > 1 and instants[1] <= instants[0]:
        yield Finding(
            code="reversed_validity",
            where=where,
            message=f"it ends at {end}, not after it starts at {start}",
            hint="valid_to is the first day or instant at which it no longer holds",
        )


def instant_of(value: date | datetime, known: Known) -> datetime | date:
    """When a validity begins or ends; raises `OverflowError`, or `ValueError` for one without a time zone.

    A day stands for itself while no time zone can move it out of the calendar, because that is faster.
    """
    if not isinstance(value, datetime):
        if _EARLY <= value.year <= _LATE:
            return datetime(value.year, value.month, value.day, tzinfo=known.clock)
        return first_moment(known.clock, datetime.combine(value, datetime.min.time()))
    if value.utcoffset() is None:
        raise ValueError(value)
    return value.astimezone(UTC)


def _units(given: RuleSet[R], known: Known) -> Iterator[Finding]:
    found = known.model.catalogue.get
    has_catalogue = known.products is not None
    for rule in given.rules:
        unit = rule.uom
        if not unit:
            continue
        if unit not in known.units:
            yield Finding(
                code="unknown_unit",
                where=given.place(rule),
                message=f"there is no unit {shorten(unit)}",
                hint="correct it, or add it to the units of the model",
            )
            continue
        if not has_catalogue:
            yield _warning(
                code="unit_without_catalogue",
                where=given.place(rule),
                message=f"it is for the unit {unit}, and lines may name a unit only for products of the catalogue",
                hint="give the model a catalogue, or drop the unit",
            )
            continue
        key = rule.key
        named = key.get("line.product") or key.get("line.lineage")
        product = found(named) if type(named) is str else None
        if product is not None and not known.converts(product.unit, unit):
            yield Finding(
                code="incompatible_unit",
                where=given.place(rule),
                message=f"{unit} cannot be converted to {product.unit}, the unit of {shorten(named)}",
                hint="add the conversion to the units of the model, or correct the unit",
            )
