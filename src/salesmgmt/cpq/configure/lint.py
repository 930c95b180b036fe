"""What can be wrong with a product model.

Errors: `no_attributes`, `no_values`, `id` (blank, or not its own), `duplicate_value`, `unknown_attribute`,
`unknown_value`, `empty_rule`, `row_length`, `too_large`, `void` (no valid product at all).
Warnings: `dead_value` (no valid product has it), `defaults_conflict` (no product has all defaults), `not_proven` (the
search for the former took too long).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.nearest import nearest
from salesmgmt.cpq.configure._compiled import Compiled
from salesmgmt.cpq.configure._constraint import bits
from salesmgmt.cpq.configure._minimal import minimal_conflict
from salesmgmt.cpq.configure._network import Budget, Narrowed
from salesmgmt.cpq.configure.refusals import NotProven
from salesmgmt.cpq.configure.rule import Excludes, OneOf, Requires, Rule, Table, values_in

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.model import ProductModel

MAX_STEPS = 10_000_000
"""Elementary steps of search for one question when nothing else is said: some seconds."""

_MAX_VALUES = 20_000
_MAX_ROWS = 100_000


@attrs.frozen
class Checked:
    """A model after its lint.

    Attributes:
        findings: everything that was found.
        compiled: ready for search; `None` when the model has errors.
        narrowed: the values that some valid product has; all values when that was not proven.
    """

    findings: tuple[Finding, ...]
    compiled: Compiled | None = None
    narrowed: Narrowed | None = None


def check(model: ProductModel) -> Checked:
    """Lint a model: first as written, then, when that is sound, by search."""
    written = (*_attributes(model), *_rules(model))
    if written:
        return Checked(written)
    compiled = Compiled(model.attributes, model.rules)
    budget = Budget(MAX_STEPS)
    try:
        narrowed = compiled.network.narrow(compiled.numbering.full, (), budget)
        if narrowed is None:
            return Checked((_void(compiled, budget),))
        findings = (*_dead(model, compiled, narrowed, budget), *_defaults(model, compiled, narrowed, budget))
    except NotProven as error:
        return Checked((_not_proven(model, error),), compiled, Narrowed(compiled.numbering.full, ()))
    return Checked(findings, compiled, narrowed)


def _attributes(model: ProductModel) -> Iterator[Finding]:
    if not model.attributes:
        yield _error(
            "no_attributes", "attributes", "there is nothing to choose", "give at least one attribute"
        )
    yield from _ids("attributes", (attribute.id for attribute in model.attributes))
    for attribute in model.attributes:
        where = f"attributes.{attribute.id}"
        if not attribute.values:
            yield _error("no_values", where, "it has no values", "give at least one value")
        for value, count in Counter(attribute.values).items():
            if count > 1 or not value.strip():
                yield _error(
                    "duplicate_value",
                    where,
                    f"the value {shorten(value)} is blank or stands there twice",
                    "give each value once",
                )
        if attribute.default is not None and attribute.default not in attribute.values:
            yield _unknown_value(where, attribute.default, attribute.values)
    count = sum(len(attribute.values) for attribute in model.attributes)
    if count > _MAX_VALUES:
        yield _error("too_large", "attributes", f"there are {count} values", f"give at most {_MAX_VALUES}")


def _rules(model: ProductModel) -> Iterator[Finding]:
    yield from _ids("rules", (rule.id for rule in model.rules))
    known = {attribute.id: frozenset(attribute.values) for attribute in model.attributes}
    for rule in model.rules:
        where = f"rules.{rule.id}"
        match rule:
            case Requires():
                yield from _cells(rule.when, f"{where}.when", known)
                yield from _cells(rule.then, f"{where}.then", known)
            case Excludes():
                yield from _cells(rule.combination, f"{where}.combination", known)
            case Table():
                yield from _table(rule, where, known)


def _cells(cells: Mapping[str, OneOf], where: str, known: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    if not cells or not all(map(values_in, cells.values())):
        yield _error(
            "empty_rule", where, "it names no value", "name an attribute and at least one of its values"
        )
    for name, cell in cells.items():
        if name in known:
            yield from _values(cell, f"{where}.{name}", known[name])
        else:
            yield _unknown_attribute(where, name, known)


def _table(rule: Table, where: str, known: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    if not rule.attributes or not rule.allowed:
        yield _error(
            "empty_rule", where, "it has no column or no row", "give columns and rows, or drop the table"
        )
    yield from _ids(f"{where}.attributes", rule.attributes)
    if len(rule.allowed) > _MAX_ROWS:
        yield _error("too_large", where, f"it has {len(rule.allowed)} rows", f"give at most {_MAX_ROWS}")
        return
    for name in rule.attributes:
        if name not in known:
            yield _unknown_attribute(where, name, known)
    for number, row in enumerate(rule.allowed):
        place = f"{where}.allowed[{number}]"
        if len(row) != len(rule.attributes):
            yield _error(
                "row_length",
                place,
                f"it has {len(row)} cells",
                f"give one for each of {len(rule.attributes)} columns",
            )
            continue
        for name, cell in zip(rule.attributes, row, strict=True):
            if not cell:
                yield _error("empty_rule", place, f"it names no value of {name}", "name at least one value")
            yield from _values(cell, place, known[name]) if name in known else ()


def _values(cell: OneOf, where: str, known: frozenset[str]) -> Iterator[Finding]:
    for value in values_in(cell):
        if value not in known:
            yield _unknown_value(where, value, known)


def _ids(where: str, ids: Iterable[str]) -> Iterator[Finding]:
    for name, count in Counter(ids).items():
        if count > 1 or not name.strip():
            yield _error(
                "id",
                f"{where}.{name}",
                f"the id {shorten(name)} is blank or stands there {count} times",
                "give each its own id",
            )


def _void(compiled: Compiled, budget: Budget) -> Finding:
    try:
        guilty = f"these rules exclude each other: {_listed(compiled.rules_against({}, budget))}"
    except NotProven:
        guilty = "some rules exclude each other"
    return _error("void", "rules", f"there is no valid product; {guilty}", "drop or loosen one of them")


def _dead(model: ProductModel, compiled: Compiled, narrowed: Narrowed, budget: Budget) -> Iterator[Finding]:
    for variable, attribute in enumerate(model.attributes):
        for bit in bits(compiled.numbering.full[variable] & ~narrowed.domains[variable]):
            value = attribute.values[bit.bit_length() - 1]
            guilty = compiled.rules_against({attribute.id: value}, budget)
            yield Finding(
                code="dead_value",
                where=f"attributes.{attribute.id}.{value}",
                message=f"no valid product has it, because of {_listed(guilty)}",
                hint="drop the value, or loosen one of these rules",
                severity=Severity.WARNING,
            )


def _defaults(
    model: ProductModel, compiled: Compiled, narrowed: Narrowed, budget: Budget
) -> Iterator[Finding]:
    defaults = {
        attribute.id: attribute.default for attribute in model.attributes if attribute.default is not None
    }
    alive = [
        name for name, value in defaults.items() if all(compiled.domains({name: value}, narrowed.domains))
    ]

    def consistent(names: Sequence[str]) -> bool:
        return compiled.solve({name: defaults[name] for name in names}, budget) is not None

    if not consistent(alive):
        clash = minimal_conflict(consistent, alive)
        guilty = compiled.rules_against({name: defaults[name] for name in clash}, budget)
        named = ", ".join(f"{name} = {defaults[name]}" for name in clash)
        yield Finding(
            code="defaults_conflict",
            where="attributes",
            message=f"the defaults {named} do not go together, because of {_listed(guilty)}",
            hint="change one of these defaults; until then the attributes that come first keep theirs",
            severity=Severity.WARNING,
        )


def _not_proven(model: ProductModel, error: NotProven) -> Finding:
    return Finding(
        code="not_proven",
        where=f"model {shorten(model.id)}",
        message=f"{error.max_steps} steps of search do not prove which values are possible",
        hint="part the model in smaller ones; questions about it may end in NotProven",
        severity=Severity.WARNING,
    )


def _unknown_attribute(where: str, name: str, known: Iterable[str]) -> Finding:
    return _error("unknown_attribute", where, f"there is no attribute {shorten(name)}", _meant(name, known))


def _unknown_value(where: str, value: str, known: Iterable[str]) -> Finding:
    return _error("unknown_value", where, f"there is no value {shorten(value)}", _meant(value, known))


def _meant(name: str, known: Iterable[str]) -> str:
    some = sorted(known)[:1000]
    close = nearest(name, some)
    return f"did you mean {close!r}?" if close else f"use one of {', '.join(map(shorten, some[:20]))}"


def _listed(rules: Iterable[Rule]) -> str:
    return "; ".join(map(str, rules))


def _error(code: str, where: str, message: str, hint: str) -> Finding:
    return Finding(code=code, where=where[:200], message=message, hint=hint)
