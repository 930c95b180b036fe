"""What can be wrong with the rules of a product model as they are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import prod
from typing import TYPE_CHECKING

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding
from salesmgmt.core.formula import BOOL, NUMBER, TEXT, FormulaError, Type
from salesmgmt.core.formula.nodes import Comparison, Literal, Membership, Name, walk
from salesmgmt.cpq.configure._linted.findings import error, ids, info, unknown_attribute, unknown_value
from salesmgmt.cpq.configure._lowered.names import Names, names_in, type_of, written_names
from salesmgmt.cpq.configure.attribute import FreeText
from salesmgmt.cpq.configure.cell import Cell, OneOf, values_in
from salesmgmt.cpq.configure.formula_rule import Arithmetic, Derivation, Implies, Total
from salesmgmt.cpq.configure.questions import Question
from salesmgmt.cpq.configure.rule import Cardinality, Excludes, Requires, Rule, Table
from salesmgmt.cpq.configure.soft_rule import Alerts, Hides, Prefers, Recommends, SoftRule

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.model import ProductModel

MOST_ROWS = 1_000_000
"""Rows of one table."""

_MOST_CELLS = 10_000_000
_MOST_REPEATS = 100_000

_MOST_WORK = 1_000_000
"""Rows of the tables of all rules, each as often as instances need it; a rule counts for ten at least."""


def lint_rules(model: ProductModel, place: str = "") -> Iterator[Finding]:
    """Everything that is wrong with the rules of a model and of its components."""
    yield from ids(f"{place}rules", (rule.id for rule in model.every_rule))
    yield from ids(f"{place}soft_rules", (rule.id for rule in model.every_soft_rule))
    yield from ids(f"{place}questions", (question.id for question in model.questions))
    for rule in model.every_rule:
        yield from _Rule(model.names, f"{place}rules.{rule.id}").findings(rule)
    for soft in model.every_soft_rule:
        yield from _Rule(model.names, f"{place}soft_rules.{soft.id}").soft(soft)
    for question in model.questions:
        yield from _Rule(model.names, f"{place}questions.{question.id}").question(question, model.derived)
    yield from _derivations(model, place)
    yield from _not_shared(model, place)
    for id_, component in model.names.components.items():
        yield from lint_rules(component.model, f"{place}attributes.{id_}.model.")


def repeat_findings(model: ProductModel) -> Iterator[Finding]:
    """Whether the rules of a model with components are few enough when every instance counts."""
    if not model.names.components:
        return
    work = _work(model)
    if work > _MOST_WORK:
        yield error(
            "too_large",
            "rules",
            f"rules and their rows come to {work} when every instance counts, a rule for 10 at least",
            f"give fewer instances, rules or rows; at most {_MOST_WORK}",
        )


def _work(model: ProductModel) -> int:
    names = model.names
    own = 0
    for rule in (*model.every_rule, *model.every_soft_rule):
        match rule:
            case Table():
                size = max(10, len(rule.allowed), 10 * len(rule.forbidden))
            case Derivation():
                size = max(10, len(rule.rows))
            case _:
                size = 10
        repeats = prod(_repeated(names, written_names(rule)).values())
        if isinstance(rule, Total | Cardinality):
            own += size
        elif repeats <= _MOST_REPEATS:  # else the rule has a finding of its own
            own += size * repeats
    return own + sum(one.max_count * _work(one.model) for one in names.components.values())


class _Rule:
    """One rule and its place."""

    def __init__(self, names: Names, where: str) -> None:
        self._names = names
        self._where = where

    def findings(self, rule: Rule) -> Iterator[Finding]:
        """What is wrong with a rule."""
        where = self._where
        match rule:
            case Requires():
                yield from self._cells(rule.when, f"{where}.when")
                yield from self._cells(rule.then, f"{where}.then")
            case Excludes():
                yield from self._cells(rule.combination, f"{where}.combination")
            case Table():
                yield from self._table(rule)
            case Cardinality():
                yield from self._cells(rule.cells, f"{where}.cells")
                yield from self._bounds(rule.at_least, rule.at_most)
            case Implies():
                yield from self._formula(rule.when, f"{where}.when")
                yield from self._formula(rule.then, f"{where}.then")
            case Arithmetic():
                yield from self._formula(rule.formula, f"{where}.formula")
            case Total():
                yield from self._total(rule)
            case Derivation():
                yield from self._derivation(rule)
        yield from self._repeats(written_names(rule))

    def soft(self, rule: SoftRule) -> Iterator[Finding]:
        """What is wrong with a soft rule."""
        where = self._where
        if rule.when or isinstance(rule, Alerts | Hides):
            yield from self._formula(rule.when, f"{where}.when")
        match rule:
            case Prefers():
                yield from self._cells(rule.prefer, f"{where}.prefer")
            case Recommends():
                yield from self._cells(rule.recommend, f"{where}.recommend")
            case Hides():
                if not rule.attributes:
                    yield error("empty_rule", where, "it names no attribute", "name what it hides")
                for name in rule.attributes:
                    if self._names.place(name) is None and name not in self._names.texts:
                        yield unknown_attribute(f"{where}.attributes", name, self._names)
        yield from self._repeats(written_names(rule))

    def question(self, question: Question, derived: Iterable[str]) -> Iterator[Finding]:
        """What is wrong with a question."""
        if not question.answers:
            yield error("no_answers", self._where, "it has no answers", "give at least one answer")
        if question.when:
            yield from self._formula(question.when, f"{self._where}.when")
        for number, answer in enumerate(question.answers):
            where = f"{self._where}.answers[{number}]"
            for name, value in answer.sets.items():
                yield from self._setting(name, value, where, derived)

    def _setting(self, name: str, value: Cell, where: str, derived: Iterable[str]) -> Iterator[Finding]:
        if name in self._names.texts:
            text: FreeText = self._names.texts[name]
            if text.text_of(value) is None:
                yield error("unknown_value", where, f"{shorten(value)} is no text for {name}", text.wanted)
            return
        if name in derived:
            yield error("derived", where, f"a rule determines {name}", "set what determines it")
        yield from self._cells({name: value}, where)
        place = self._names.place(name)
        if place is not None and any(number is None for _, number in place.steps):
            yield error(
                "no_instance", where, f"{shorten(name)} means every instance", "say which: wheels.1.size"
            )

    def _cells(self, cells: Mapping[str, OneOf], where: str) -> Iterator[Finding]:
        if not cells or not all(map(values_in, cells.values())):
            yield error(
                "empty_rule", where, "it names no value", "name an attribute and at least one of its values"
            )
        for name, cell in cells.items():
            known = self._names.values(name)
            if known is None:
                yield self._no_values(name, where)
            else:
                yield from self._listed(cell, f"{where}.{name}", known)

    def _listed(self, cell: OneOf, where: str, known: frozenset[str]) -> Iterator[Finding]:
        for value in values_in(cell):
            if value not in known:
                yield unknown_value(where, value, known)

    def _no_values(self, name: str, where: str) -> Finding:
        if name in self._names.texts:
            return error(
                "unknown_attribute",
                where,
                f"{shorten(name)} is a free text, of which rules do not speak",
                "name an attribute with values",
            )
        if self._names.place(name) is not None:
            return error(
                "unknown_attribute",
                where,
                f"{shorten(name)} is a group, which has no value of its own",
                "name one of its options, or use its number of picks in a formula",
            )
        return unknown_attribute(where, name, self._names)

    def _table(self, rule: Table) -> Iterator[Finding]:
        if not rule.attributes or not (rule.allowed or rule.forbidden):
            yield error(
                "empty_rule", self._where, "it has no column or no row", "give columns and rows, or drop it"
            )
        if rule.allowed and rule.forbidden:
            yield error(
                "allowed_and_forbidden",
                self._where,
                "it has allowed rows and forbidden ones",
                "make two tables of it",
            )
        yield from self._columns(rule.attributes, f"{self._where}.attributes")
        for kind, rows in (("allowed", rule.allowed), ("forbidden", rule.forbidden)):
            yield from self._rows(rule.attributes, rows, f"{self._where}.{kind}")

    def _columns(self, names: Sequence[str], where: str) -> Iterator[Finding]:
        yield from ids(where, names)
        for name in names:
            if self._names.values(name) is None:
                yield self._no_values(name, self._where)

    def _rows(self, names: Sequence[str], rows: Sequence[Sequence[OneOf]], where: str) -> Iterator[Finding]:
        if len(rows) > MOST_ROWS or len(rows) * len(names) > _MOST_CELLS:
            yield error(
                "too_large",
                self._where,
                f"it has {len(rows)} rows",
                f"give at most {MOST_ROWS}, and {_MOST_CELLS} cells",
            )
            return
        known = [self._names.values(name) for name in names]
        for number, row in enumerate(rows):
            if len(row) != len(names):
                yield error(
                    "row_length",
                    f"{where}[{number}]",
                    f"it has {len(row)} cells",
                    f"give one for each of {len(names)} columns",
                )
                continue
            for name, values, cell in zip(names, known, row, strict=True):
                if values is None or (isinstance(cell, str) and cell in values):
                    continue
                place = f"{where}[{number}]"
                if not values_in(cell):
                    yield error(
                        "empty_rule", place, f"it names no value of {name}", "name at least one value"
                    )
                yield from self._listed(cell, place, values)

    def _formula(self, text: str, where: str, wanted: Type | None = BOOL) -> Iterator[Finding]:
        try:
            formula = self._names.formula(text, wanted)
        except FormulaError as fault:
            message = str(fault).removesuffix(f"; {fault.hint}")
            yield error("formula", where, message, fault.hint or "correct the formula")
            return
        for node in walk(formula.tree):
            for name, texts in _compared(node):
                known = self._names.values(name)
                yield from (
                    unknown_value(where, text, known) for text in texts if known and text not in known
                )

    def _bounds(self, low: int | Decimal | None, high: int | Decimal | None) -> Iterator[Finding]:
        if low is None and high is None:
            yield error("empty_rule", self._where, "it has no bound", "give at_least, at_most or both")
        elif low is not None and high is not None and low > high:
            yield error(
                "range",
                self._where,
                f"at_least {shorten(low)} is above at_most {shorten(high)}",
                "exchange them",
            )

    def _total(self, rule: Total) -> Iterator[Finding]:
        if not rule.weights:
            yield error("empty_rule", self._where, "it has no weights", "name what counts, and how much")
        for name in rule.weights:
            if self._names.weighed(name) is None:
                whole = self._names.values(name)
                if whole is not None:
                    yield error(
                        "no_number",
                        f"{self._where}.weights",
                        f"{shorten(name)} is no number",
                        f"give a weight for each value: {name}.{min(whole)}",
                    )
                else:
                    yield unknown_attribute(f"{self._where}.weights", name, self._names)
        numbers = [bound for bound in (rule.at_least, rule.at_most) if isinstance(bound, Decimal)]
        both = len(numbers) == 2
        if both or rule.at_least is rule.at_most is None:
            yield from self._bounds(*(numbers if both else (None, None)))
        for key, bound in (("at_least", rule.at_least), ("at_most", rule.at_most)):
            if isinstance(bound, str):
                yield from self._formula(bound, f"{self._where}.{key}", NUMBER)

    def _derivation(self, rule: Derivation) -> Iterator[Finding]:
        where = self._where
        if bool(rule.formula) == bool(rule.rows):
            yield error(
                "empty_rule",
                where,
                "it has both a formula and rows" if rule.formula else "it has neither a formula nor rows",
                "give the one or the other",
            )
        definition = self._names.definition(rule.attribute)
        place = self._names.place(rule.attribute)
        if definition is None or place is None:
            yield self._no_values(rule.attribute, f"{where}.attribute")
            return
        if place.steps:
            yield error(
                "derived_elsewhere",
                f"{where}.attribute",
                f"{shorten(rule.attribute)} belongs to a component",
                "give the rule to the model of the component",
            )
        if rule.formula:
            yield from self._formula(rule.formula, f"{where}.formula", type_of(definition))
        if rule.rows:
            yield from self._columns(rule.inputs, f"{where}.inputs")
            yield from self._rows((*rule.inputs, rule.attribute), rule.rows, f"{where}.rows")

    def _repeats(self, names: Iterable[str]) -> Iterator[Finding]:
        """A rule that names attributes of several components speaks of each combination of their instances."""
        counts = _repeated(self._names, names)
        if prod(counts.values()) > _MOST_REPEATS:
            yield error(
                "too_large",
                self._where,
                f"it speaks of {prod(counts.values())} combinations of instances",
                f"name fewer components, or a certain instance; at most {_MOST_REPEATS}",
            )


def _repeated(names: Names, written: Iterable[str]) -> dict[tuple[tuple[str, int | None], ...], int]:
    """The components of which a rule means each instance, and how many there are of each."""
    counts: dict[tuple[tuple[str, int | None], ...], int] = {}
    for name in written:
        place, known = names.place(name), names
        for length, (component, number) in enumerate(place.steps if place is not None else (), 1):
            if number is None and place is not None:
                counts[place.steps[:length]] = known.components[component].max_count
            known = known.components[component].model.names
    return counts


def _compared(node: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names of texts and what they are compared with."""
    match node:
        case Comparison(left=Name() as name, right=Literal(value=str() as value)) if node.sign in (
            "==",
            "!=",
        ):
            yield name.name, (value,)
        case Comparison(left=Literal(value=str() as value), right=Name() as name) if node.sign in (
            "==",
            "!=",
        ):
            yield name.name, (value,)
        case Membership(item=Name() as name, members=Literal(value=frozenset() as members)):
            if name.type == TEXT:
                yield name.name, tuple(sorted(str(member) for member in members))


def _derivations(model: ProductModel, place: str) -> Iterator[Finding]:
    rules = [rule for rule in model.every_rule if isinstance(rule, Derivation)]
    for name, count in Counter(rule.attribute for rule in rules).items():
        if count > 1:
            yield error(
                "derived_twice",
                f"{place}attributes.{name}",
                f"{count} rules determine it",
                "keep one of them",
            )
    needs = {rule.attribute: (*rule.inputs, *names_in(rule.formula)) for rule in rules}
    settled: set[str] = set()
    for start in needs:
        ring = _ring(start, needs, settled)
        if ring:
            yield error(
                "derivation_ring",
                f"{place}rules.{next(rule.id for rule in rules if rule.attribute == ring[0])}",
                f"attributes determine each other: {' -> '.join(ring)}",
                "let one of them be chosen",
            )


def _ring(start: str, needs: Mapping[str, Sequence[str]], settled: set[str]) -> list[str]:
    """A ring among what an attribute follows from; everything that was looked at is settled afterwards."""
    path: list[str] = []
    waiting: list[tuple[str, bool]] = [(start, False)]
    while waiting:
        name, is_left = waiting.pop()
        if is_left:
            path.pop()
            settled.add(name)
        elif name in path:
            settled.update(path)
            return [*path[path.index(name) :], name]
        elif name not in settled:
            path.append(name)
            waiting.append((name, True))
            waiting.extend((other, False) for other in needs.get(name, ()) if other in needs)
    return []


def _not_shared(model: ProductModel, place: str) -> Iterator[Finding]:
    for some in model.shared:
        for rule in (*some.rules, *some.soft_rules):
            for missing in model.names.missing(rule)[:1]:
                yield info(
                    "shared_rule_unused",
                    f"{place}shared.{some.id}.{rule.id}",
                    f"the model has no attribute {shorten(missing)}, so the rule says nothing",
                    "nothing is to be done when other products need it",
                )
