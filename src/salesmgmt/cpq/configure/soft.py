"""What soft rules say about a configuration on its way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import attrs

from salesmgmt.core.errors import SalesError
from salesmgmt.core.formula import Formula, Value
from salesmgmt.cpq.configure._lowered.layout import Instance, Variable, prefix_of
from salesmgmt.cpq.configure._lowered.names import raw, written_names
from salesmgmt.cpq.configure._lowered.rule_demands import Scope, choices_of_instances
from salesmgmt.cpq.configure.cell import OneOf, values_in
from salesmgmt.cpq.configure.questions import Question
from salesmgmt.cpq.configure.soft_rule import Alerts, Hides, Prefers, Recommends, SoftRule

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.model import ProductModel

S = TypeVar("S", bound=SoftRule)


@attrs.frozen
class _Reader:
    """What a name of a condition stands for: one variable, or the picks of a group."""

    variables: tuple[Variable, ...]
    is_sum: bool

    def value(self, values: Mapping[str, str]) -> Value | None:
        """Its value, when all of it is settled."""
        known = [(one, values[one.name]) for one in self.variables if values.get(one.name) in one.bit]
        if len(known) < len(self.variables):
            return None
        if self.is_sum:
            return Decimal(sum(value != variable.values[0] for variable, value in known))
        variable, value = known[0]
        return raw(variable.attribute, value)


@attrs.frozen
class _Case:
    """A soft rule in flat names."""

    rule: SoftRule
    condition: Formula | None
    names: Mapping[str, _Reader]
    instance: Instance

    def holds(self, values: Mapping[str, str]) -> bool:
        """Whether its condition holds; a name without a value is missing."""
        if not all(_is_there(self.instance, place, values) for place in range(len(self.instance.path))):
            return False
        if self.condition is None:
            return True
        try:
            return self.condition.holds({name: one.value(values) for name, one in self.names.items()})
        except SalesError:
            return False


class Advisor:
    """What the soft rules of a model say, given the values that are settled so far.

    Made by `ProductModel.advisor`. Every method takes the value by attribute, as `Configuration.selection`, and
    answers with the rules whose condition holds, in flat names and in the order of the model. In a condition an
    attribute without a value is missing, so a comparison with it is false.

    Args:
        model: the product; it has no errors.

    >>> from salesmgmt.cpq.configure import Alerts, Attribute, Hides, ProductModel
    >>> bike = ProductModel(
    ...     id="bike",
    ...     attributes=(Attribute("motor", ("none", "mid")), Attribute("battery", ("none", "500"))),
    ...     soft_rules=(
    ...         Hides(id="H1", when="motor == 'none'", attributes=("battery",)),
    ...         Alerts(id="W1", when="motor == 'mid'", text="a permit may be needed"),
    ...     ),
    ... )
    >>> bike.advisor.hidden({"motor": "none"}), bike.advisor.hidden({})
    (('battery',), ())
    >>> [alert.text for alert in bike.advisor.alerts({"motor": "mid"})]
    ['a permit may be needed']
    """

    def __init__(self, model: ProductModel) -> None:
        self._model = model
        self._layout = model.lowered.layout
        self._cases = tuple(
            case
            for instance in self._layout.instances
            for rule in instance.model.every_soft_rule
            for case in self._of(rule, instance)
        )

    def alerts(self, values: Mapping[str, str]) -> tuple[Alerts, ...]:
        """What people are to be told."""
        return _distinct(self._holding(Alerts, values))

    def recommendations(self, values: Mapping[str, str]) -> tuple[Recommends, ...]:
        """What is recommended, and not there already."""
        return tuple(
            rule
            for rule in self._holding(Recommends, values)
            if not all(values.get(name) in listed for name, listed in _listed(rule.recommend))
        )

    def preferences(self, values: Mapping[str, str]) -> tuple[Prefers, ...]:
        """What is tried first."""
        return tuple(self._holding(Prefers, values))

    def hidden(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Flat names of what is not shown."""
        rules = self._holding(Hides, values)
        return tuple(dict.fromkeys(name for rule in rules for name in rule.attributes))

    def asks(self, question: Question, values: Mapping[str, str]) -> bool:
        """Whether the condition of a question holds."""
        if not question.when:
            return True
        root = self._layout.instances[0]
        condition = root.model.names.formula(question.when)
        for scope in self._scopes(root, condition.names):
            names = {name: self._reader(scope, name) for name in condition.names}
            if _Case(Alerts(id="", when="", text=""), condition, names, root).holds(values):
                return True
        return False

    def _holding(self, kind: type[S], values: Mapping[str, str]) -> Iterator[S]:
        return (case.rule for case in self._cases if isinstance(case.rule, kind) and case.holds(values))

    def _of(self, rule: SoftRule, instance: Instance) -> Iterator[_Case]:
        condition = instance.model.names.formula(rule.when) if rule.when else None
        path = ".".join(component for component, _ in instance.path)
        for scope in self._scopes(instance, written_names(rule)):
            flat = self._flat(rule, scope, instance)
            named = attrs.evolve(flat, id=f"{path}.{rule.id}") if path else flat
            names = {name: self._reader(scope, name) for name in (condition.names if condition else ())}
            yield _Case(named, condition, names, instance)

    def _scopes(self, instance: Instance, names: Iterable[str]) -> Iterator[Scope]:
        known = [name for name in names if instance.model.names.place(name) is not None]
        for chosen in choices_of_instances(instance, known):
            yield Scope(instance, self._layout, chosen)

    def _reader(self, scope: Scope, name: str) -> _Reader:
        reading = scope.reading(name)
        return _Reader(tuple(self._layout.variables[one] for one in reading.variables), reading.is_sum)

    def _flat(self, rule: SoftRule, scope: Scope, instance: Instance) -> SoftRule:
        match rule:
            case Prefers():
                return attrs.evolve(rule, prefer=self._flat_cells(rule.prefer, scope))
            case Recommends():
                return attrs.evolve(rule, recommend=self._flat_cells(rule.recommend, scope))
            case Hides():
                owners = tuple(one for name in rule.attributes for one in self._hidden(name, scope, instance))
                return attrs.evolve(rule, attributes=owners)
            case Alerts():
                return rule

    def _flat_cells(self, cells: Mapping[str, OneOf], scope: Scope) -> dict[str, OneOf]:
        return {self._layout.variables[scope.variable(name)].name: cell for name, cell in cells.items()}

    def _hidden(self, name: str, scope: Scope, instance: Instance) -> Iterator[str]:
        """Everything of an attribute, group or component."""
        if name in instance.model.names.texts:
            yield instance.prefix + name
            return
        reading = scope.reading(name)
        yield from (self._layout.variables[one].name for one in reading.variables)
        if name in instance.model.names.components:
            begin = f"{instance.prefix}{name}."
            yield from (one.name for one in self._layout.variables if one.name.startswith(begin))
            yield from (text for text in self._layout.texts if text.startswith(begin))


def _is_there(instance: Instance, place: int, values: Mapping[str, str]) -> bool:
    """Whether the instance at a place of the path is there for certain."""
    component, number = instance.path[place]
    count = values.get(prefix_of(instance.path[:place]) + component, "")
    return count.isdecimal() and int(count) >= number


def _listed(cells: Mapping[str, OneOf]) -> Iterator[tuple[str, tuple[str, ...]]]:
    return ((name, values_in(cell)) for name, cell in cells.items())


def _distinct(rules: Iterator[S]) -> tuple[S, ...]:
    return tuple({rule.id: rule for rule in rules}.values())
