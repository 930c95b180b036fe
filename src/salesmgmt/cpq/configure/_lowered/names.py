"""The names that rules of a model may use: its attributes and options, and those of its components."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import attrs

from salesmgmt.core.formula import BOOL, NUMBER, TEXT, Formula, FormulaError, Schema, Type
from salesmgmt.core.formula.lexer import normalised, tokens
from salesmgmt.cpq.configure.attribute import YES, Attribute, FreeText, YesNo
from salesmgmt.cpq.configure.formula_rule import Arithmetic, Derivation, Implies, Total
from salesmgmt.cpq.configure.number_attribute import DecimalNumber, WholeNumber
from salesmgmt.cpq.configure.option_group import MultiSelect, Option, OptionGroup
from salesmgmt.cpq.configure.rule import Cardinality, Excludes, Requires, Rule, Table
from salesmgmt.cpq.configure.soft_rule import Alerts, Hides, Prefers, Recommends, SoftRule

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.model import Component, ProductModel

Chosen: TypeAlias = Attribute | WholeNumber | DecimalNumber | YesNo | Option
"""What has values of its own."""


@attrs.frozen
class Place:
    """Where a name leads.

    Attributes:
        steps: the components on the way, each with the number of the instance, or `None` for each instance.
        local: the name in the model at the end of the way.
    """

    steps: tuple[tuple[str, int | None], ...]
    local: str


class Names:
    """The names of one model, without those that only its instances have."""

    def __init__(self, model: ProductModel) -> None:
        self._model = model
        self.chosen: dict[str, Chosen] = {}
        self.picks: dict[str, tuple[str, ...]] = {}
        self.components: dict[str, Component] = {}
        self.texts: dict[str, FreeText] = {}
        for attribute in model.attributes:
            match attribute:
                case FreeText():
                    self.texts[attribute.id] = attribute
                case MultiSelect() | OptionGroup():
                    items = dict(picked(attribute))
                    self.picks[attribute.id] = tuple(items)
                    self.chosen.update(items)
                case Attribute() | WholeNumber() | DecimalNumber() | YesNo():
                    self.chosen[attribute.id] = attribute
                case _:
                    self.components[attribute.id] = attribute
                    self.chosen[attribute.id] = count_of(attribute)
        self._values: dict[str, frozenset[str]] = {}
        self._formulas: dict[tuple[str, Type | None], Formula] = {}

    def __iter__(self) -> Iterator[str]:
        """Every name, for messages."""
        yield from self.chosen
        yield from self.picks
        for name, component in self.components.items():
            yield from (f"{name}.{inner}" for inner in component.model.names)

    def place(self, name: str) -> Place | None:
        """Where a name leads; `None` when it leads nowhere."""
        if name in self.chosen or name in self.picks:
            return Place((), name)
        for id_, component in self.components.items():
            if name.startswith(f"{id_}."):
                first, _, rest = name[len(id_) + 1 :].partition(".")
                numbered = rest and first.isdecimal() and first.isascii() and len(first) < 9
                if numbered and not 1 <= int(first) <= component.max_count:
                    continue
                inner = component.model.names.place(rest if numbered else name[len(id_) + 1 :])
                if inner is not None:
                    return Place(((id_, int(first) if numbered else None), *inner.steps), inner.local)
        return None

    def at(self, place: Place) -> Names:
        """The names of the model in which a place lies."""
        names = self
        for id_, _ in place.steps:
            names = names.components[id_].model.names
        return names

    def definition(self, name: str) -> Chosen | None:
        """What a name with values of its own is; `None` for the number of picks of a group, and what is unknown."""
        place = self.place(name)
        return self.at(place).chosen.get(place.local) if place is not None else None

    def values(self, name: str) -> frozenset[str] | None:
        """The values of a name; `None` when it has none."""
        known = self._values.get(name)
        if known is None:
            definition = self.definition(name)
            if definition is None:
                return None
            known = self._values[name] = frozenset(definition.values)
        return known

    def type(self, place: Place) -> Type:
        """The type that a name has in formulas."""
        names = self.at(place)
        return NUMBER if place.local in names.picks else type_of(names.chosen[place.local])

    def weighed(self, name: str) -> tuple[str, str | None] | None:
        """What a weight of a `Total` is for: a name, and the value of it when it is an enumeration."""
        if self.place(name) is not None and self.definition(name).__class__ is not Attribute:
            return name, None
        cut = len(name)
        while (cut := name.rfind(".", 0, cut)) > 0:
            values = self.values(name[:cut])
            if values is not None and name[cut + 1 :] in values:
                return name[:cut], name[cut + 1 :]
        return None

    @cached_property
    def schema(self) -> Schema:
        """What formulas may name."""
        types: dict[str, Type] = {}
        for name in self:
            place = self.place(name)
            if place is not None and len(name) <= 200 and normalised(name) == name:
                types[name] = self.type(place)
        return Schema(types)

    def formula(self, text: str, wanted: Type | None = BOOL) -> Formula:
        """A formula over these names, parsed once; raises `FormulaError`."""
        key = (text, wanted)
        if key not in self._formulas:
            self._formulas[key] = Formula.parse(text, self.schema, wanted=wanted)
        return self._formulas[key]

    def missing(self, rule: Rule | SoftRule) -> tuple[str, ...]:
        """The names that a rule uses and the model does not have."""
        return tuple(name for name in written_names(rule) if not self._is_known(rule, name))

    def _is_known(self, rule: Rule | SoftRule, name: str) -> bool:
        if self.place(name) is not None:
            return True
        if isinstance(rule, Total) and name in rule.weights:
            parts = (name[:dot] for dot, sign in enumerate(name) if sign == ".")
            return any(self.place(part) is not None for part in parts)
        return isinstance(rule, Hides) and name in self.texts


def picked(group: MultiSelect | OptionGroup) -> Iterator[tuple[str, YesNo | Option]]:
    """What can be picked of a group, by its name in the model."""
    if isinstance(group, MultiSelect):
        for value in group.values:
            yield f"{group.id}.{value}", YesNo(value, default=value in group.defaults)
    else:
        for option in group.options:
            yield f"{group.id}.{option.key}", option


def count_of(component: Component) -> WholeNumber:
    """How many instances of a component there are, as an attribute."""
    return WholeNumber(
        component.id,
        component.min_count,
        component.max_count,
        default=component.default,
        name=component.name,
    )


def type_of(definition: Chosen) -> Type:
    """The type of an attribute in formulas."""
    match definition:
        case WholeNumber() | DecimalNumber():
            return NUMBER
        case YesNo():
            return BOOL
        case Option():
            return BOOL if definition.is_yes_no else NUMBER
        case Attribute():
            return TEXT


def written_names(rule: Rule | SoftRule) -> tuple[str, ...]:  # noqa: C901 - a table of kinds
    """The names that a rule uses as they stand in it, whether there are such attributes or not."""
    match rule:
        case Requires():
            return (*rule.when, *rule.then)
        case Excludes():
            return tuple(rule.combination)
        case Table():
            return rule.attributes
        case Cardinality():
            return tuple(rule.cells)
        case Implies():
            return (*names_in(rule.when), *names_in(rule.then))
        case Arithmetic():
            return names_in(rule.formula)
        case Total():
            bounds = [bound for bound in (rule.at_least, rule.at_most) if isinstance(bound, str)]
            return (*rule.weights, *(name for bound in bounds for name in names_in(bound)))
        case Derivation():
            return (rule.attribute, *rule.inputs, *names_in(rule.formula))
        case Prefers():
            return (*names_in(rule.when), *rule.prefer)
        case Recommends():
            return (*names_in(rule.when), *rule.recommend)
        case Alerts():
            return names_in(rule.when)
        case Hides():
            return (*names_in(rule.when), *rule.attributes)


def names_in(formula: str) -> tuple[str, ...]:
    """The names in the text of a formula, functions left out; none when it is no formula."""
    try:
        words = tokens(formula)
    except FormulaError:
        return ()
    following = [word.text for word in words[1:]]
    return tuple(
        word.text
        for word, after in zip(words, following, strict=False)
        if word.kind == "name" and after != "("
    )


def raw(definition: Chosen, value: str) -> Decimal | bool | str:
    """A value as formulas take it."""
    kind = type_of(definition)
    if kind == BOOL:
        return value == YES
    return Decimal(value) if kind == NUMBER else value
