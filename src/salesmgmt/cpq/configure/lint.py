"""What can be wrong with a product model.

Errors, as written: `no_attributes`, `no_values`, `no_product`, `no_answers`, `no_number`, `no_instance`, `id` (blank, or
not its own), `duplicate_value`, `range` (reversed, or too fine or large), `picks`, `unknown_attribute`, `unknown_value`,
`empty_rule`, `row_length`, `allowed_and_forbidden`, `formula`, `derived`, `derived_elsewhere`, `derived_twice`,
`derivation_ring`, `no_sum`, `too_large`, `too_deep`.
Errors, by search: `void` (no valid product at all, with the rules that contradict each other).
Warnings: `dead_value` (no valid product has it), `defaults_conflict` (no product has all defaults), `dead_answer`, `never_met` (the
condition of a soft rule or question), `unreachable_question` (none of its answers is possible), `component_questions`,
`not_proven` (the search took too long); when asked for, `redundant_rule` and `never_applies`.
Infos: `mandatory` (every valid product has it), `shared_rule_unused`, `not_checked` (it would have taken too long).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.cpq.configure._compiled import Compiled
from salesmgmt.cpq.configure._linted.attributes import UNSAFE, lint_attributes, size_findings
from salesmgmt.cpq.configure._linted.conditions import Conditions
from salesmgmt.cpq.configure._linted.findings import error, info, warning
from salesmgmt.cpq.configure._linted.rules import lint_rules, repeat_findings
from salesmgmt.cpq.configure._lowered.formulas import TooManyCombinations
from salesmgmt.cpq.configure._lowered.lowering import CannotLower
from salesmgmt.cpq.configure._minimal import minimal_conflict
from salesmgmt.cpq.configure._search.constraint import bits
from salesmgmt.cpq.configure._search.network import Budget, Narrowed, Network
from salesmgmt.cpq.configure.attribute import NO, YES, YesNo
from salesmgmt.cpq.configure.formula_rule import Implies
from salesmgmt.cpq.configure.option_group import Option
from salesmgmt.cpq.configure.questions import Answer
from salesmgmt.cpq.configure.refusals import NotProven
from salesmgmt.cpq.configure.rule import Demand, Requires, Structure

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.model import ProductModel

MAX_STEPS = 10_000_000
"""Elementary steps of search for one question when nothing else is said: some seconds."""

_EXPLAINING = 300_000
"""Constraints that may be put together anew to name the rules behind findings, when a model is loaded."""

_EXPLAINED = 200
"""Findings whose rules are named in any case, where the model has few rules."""

_ASKING = 300_000
"""Rules and variables that searches for conditions and answers may go through, when a model is loaded."""

_REDUNDANCY = 1_000_000
"""The same for the search for redundant rules."""


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
    written = _written(model)
    if any(finding.severity is Severity.ERROR for finding in written):
        return Checked(written)
    try:
        compiled = Compiled(model.lowered)
    except CannotLower as fault:
        return Checked((*written, *fault.findings))
    budget = Budget(MAX_STEPS)
    try:
        narrowed = compiled.network.narrow(compiled.lowering.full, (), budget)
        if narrowed is None:
            return Checked((*written, _void(compiled, budget)))
        search = _Search(model, compiled, narrowed, budget)
        findings = (*written, *search.dead(), *search.defaults(), *search.conditions(), *search.questions())
    except NotProven as fault:
        unknown = Narrowed(compiled.lowering.full, ())
        return Checked((*written, _not_proven(model, fault)), compiled, unknown)
    return Checked(findings, compiled, narrowed)


def deeper(model: ProductModel) -> Iterator[Finding]:
    """What takes a search for each rule: those that the others imply, and those that can never speak."""
    checked = model._checked  # noqa: SLF001 - its lint
    if checked.compiled is None or checked.narrowed is None:
        return
    yield from _Search(model, checked.compiled, checked.narrowed, Budget(MAX_STEPS)).rules()


def _written(model: ProductModel) -> tuple[Finding, ...]:
    attributes = tuple(lint_attributes(model))
    if not any(finding.code in UNSAFE for finding in attributes):
        attributes += (*size_findings(model), *repeat_findings(model))
    if any(finding.code in UNSAFE for finding in attributes):
        return attributes
    return (*attributes, *lint_rules(model))


class _Search:
    """Findings that take a search."""

    def __init__(self, model: ProductModel, compiled: Compiled, narrowed: Narrowed, budget: Budget) -> None:
        self._model = model
        self._compiled = compiled
        self._variables = compiled.lowering.variables
        self._narrowed = narrowed
        self._budget = budget
        self._conditions = Conditions(model, compiled)
        self._explaining = _EXPLAINING
        self._explained = 0
        self._asking = _ASKING

    def dead(self) -> Iterator[Finding]:
        """Values that no valid product has."""
        for variable, domain in zip(self._variables, self._narrowed.domains, strict=True):
            dead = variable.present & ~domain
            if (
                isinstance(variable.attribute, YesNo)
                and dead == variable.bit[NO]
                and domain == variable.bit[YES]
            ):
                yield info(
                    "mandatory",
                    f"attributes.{variable.name}",
                    "every valid product has it",
                    "nothing is to be done when that is meant",
                )
                continue
            for bit in bits(dead):
                value = variable.values[bit.bit_length() - 1]
                guilty = self._guilty(self._compiled.domains({variable.name: value}))
                yield warning(
                    "dead_value",
                    f"attributes.{variable.name}.{value}",
                    f"no valid product has it{guilty}",
                    "drop the value, or loosen one of these rules",
                )

    def defaults(self) -> Iterator[Finding]:
        """Defaults that do not go together."""
        compiled, base = self._compiled, self._narrowed.domains
        defaults = {
            variable.name: variable.default
            for variable in self._variables
            if variable.default is not None
            and not variable.is_optional
            and not variable.is_derived
            # Not to pick something is what everybody does who said nothing about it.
            and not (
                isinstance(variable.attribute, YesNo | Option) and variable.default == variable.values[0]
            )
        }
        alive = [name for name, value in defaults.items() if all(compiled.domains({name: value}, base))]

        def consistent(names: Sequence[str]) -> bool:
            return compiled.solve({name: defaults[name] for name in names}, self._budget) is not None

        if consistent(alive):
            return
        clash = minimal_conflict(consistent, alive)
        guilty = self._guilty(compiled.domains({name: defaults[name] for name in clash}))
        named = ", ".join(f"{name} = {defaults[name]}" for name in clash)
        yield warning(
            "defaults_conflict",
            "attributes",
            f"the defaults {named} do not go together{guilty}",
            "change one of these defaults; until then the attributes that come first keep theirs",
        )

    def conditions(self) -> Iterator[Finding]:
        """Conditions of soft rules and questions that no valid product meets."""
        soft = [(f"soft_rules.{rule.id}", rule.when) for rule in self._model.every_soft_rule]
        asked = [(f"questions.{question.id}", question.when) for question in self._model.questions]
        for where, condition in (*soft, *asked):
            if self._is_asked_enough():
                yield _not_asked(where)
                return
            is_met = self._is_met(condition) if condition else True
            if is_met is None:
                yield info(
                    "not_checked",
                    where,
                    "whether any valid product meets its condition would take too long",
                    "write the condition as comparisons of sums to know",
                )
            elif not is_met:
                yield warning(
                    "never_met",
                    where,
                    f"no valid product meets its condition {shorten(condition)}",
                    "correct the condition, or drop it",
                )

    def questions(self) -> Iterator[Finding]:
        """Answers that no valid product has."""
        for question in self._model.questions:
            if self._is_asked_enough(len(question.answers)):
                yield _not_asked(f"questions.{question.id}")
                return
            dead = [answer for answer in question.answers if not self._is_possible(answer)]
            where = f"questions.{question.id}"
            if len(dead) == len(question.answers):
                yield warning(
                    "unreachable_question",
                    where,
                    "no valid product has what any of its answers sets",
                    "correct the answers",
                )
            else:
                for answer in dead:
                    yield warning(
                        "dead_answer",
                        where,
                        f"no valid product has what the answer {shorten(answer.text)} sets",
                        "correct what it sets, or drop it",
                    )

    def rules(self) -> Iterator[Finding]:
        """Rules that the others imply, and rules that can never speak."""
        work = _REDUNDANCY
        rules = self._compiled.rules
        redundancy = self._compiled.redundancy
        for number, rule in enumerate(rules):
            if isinstance(rule, Structure):
                continue
            where = f"rules.{rule.id}"
            work -= redundancy.effort(number)
            try:
                if work < 0:
                    raise NotProven(MAX_STEPS)  # noqa: TRY301 - the same finding as for a search that is too long
                premise = self._premise(rule)
                if premise is not None:
                    yield warning("never_applies", where, f"its condition never holds{premise}", "drop it")
                elif redundancy.is_implied(number, self._budget):
                    yield warning(
                        "redundant_rule",
                        where,
                        "the other rules forbid already all that it forbids",
                        "drop it, or keep it for the reader",
                    )
            except NotProven:
                yield info(
                    "not_checked",
                    where,
                    f"whether it and the {len(rules) - number - 1} rules after it are needed would take too long",
                    "part the model in smaller ones to know",
                )
                return

    def _premise(self, rule: Demand) -> str | None:
        """Why the condition of a rule never holds; `None` when it can, or when there is none."""
        match rule:
            case Requires() if rule.id in self._own_ids:
                conditions = self._conditions.of_cells(rule.when)
            case Implies() if rule.id in self._own_ids:
                conditions = self._conditions.of_formula(rule.when)
            case _:
                return None
        guilty = ""
        for domains, extra in conditions:
            if self._solves(domains, extra):
                return None
            guilty = "" if extra else self._guilty(domains)
        return guilty

    @property
    def _own_ids(self) -> frozenset[str]:
        return frozenset(rule.id for rule in self._model.every_rule)

    def _is_met(self, condition: str) -> bool | None:
        try:
            return any(
                self._solves(domains, extra) for domains, extra in self._conditions.of_formula(condition)
            )
        except TooManyCombinations:
            return None

    def _is_asked_enough(self, times: int = 1) -> bool:
        """Whether one more search, or several, would take too long when a model is loaded."""
        self._asking -= times * (len(self._compiled.rules) + len(self._variables))
        return self._asking < 0

    def _is_possible(self, answer: Answer) -> bool:
        known = {
            name: value for name, value in answer.choices.items() if name in self._compiled.lowering.number
        }
        return self._compiled.solve(known, self._budget) is not None

    def _solves(self, domains: Sequence[int], extra: Sequence[object]) -> bool:
        if not all(domains):
            return False
        network = self._compiled.network
        if extra:
            every = (one for some in self._compiled.lowering.constraints for one in some)
            network = Network(self._compiled.lowering.full, [*every, *extra])  # type: ignore[list-item]
        return network.solve(domains, self._budget) is not None

    def _guilty(self, domains: Sequence[int]) -> str:
        """The rules against some values, as long as finding them does not take too long."""
        self._explaining -= len(self._compiled.rules) * 30
        self._explained += 1
        if self._explaining < 0 and (len(self._compiled.rules) > 100 or self._explained > _EXPLAINED):
            return ""
        return f", because of {_listed(self._compiled.rules_against_domains(domains, self._budget))}"


def _void(compiled: Compiled, budget: Budget) -> Finding:
    try:
        guilty = f"these rules exclude each other: {_listed(compiled.rules_against({}, budget))}"
    except NotProven:
        guilty = "some rules exclude each other"
    return error("void", "rules", f"there is no valid product; {guilty}", "drop or loosen one of them")


def _not_proven(model: ProductModel, fault: NotProven) -> Finding:
    return warning(
        "not_proven",
        f"model {shorten(model.id)}",
        f"{fault.max_steps} steps of search do not prove which values are possible",
        "part the model in smaller ones; questions about it may end in NotProven",
    )


def _not_asked(where: str) -> Finding:
    return info(
        "not_checked",
        where,
        "whether any valid product meets its condition, and those after it, would take too long",
        "part the model in smaller ones to know",
    )


def _listed(rules: Iterable[Demand]) -> str:
    return "; ".join(map(str, rules))
