"""What people call a choice, as names and texts of the model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from salesmgmt.core.errors import FloatRefused, InvalidInput, Problem, shorten
from salesmgmt.cpq.configure.attribute import NO, YES
from salesmgmt.cpq.configure.refusals import NotChoosable, UnknownAttribute, UnknownValue

if TYPE_CHECKING:
    from salesmgmt.cpq.configure._lowered.layout import Variable
    from salesmgmt.cpq.configure._lowered.lowering import Lowering

_MAX_PROBLEMS = 100


class ChoiceReader:
    """Reads names and values from outside for one product."""

    def __init__(self, product: str, lowering: Lowering) -> None:
        self._product = product
        self._lowering = lowering

    def names(self, name: object) -> tuple[str, ...]:
        """The names that can be chosen under a name: itself, or all options of a group. Raises `UnknownAttribute`."""
        if isinstance(name, str):
            if name in self._lowering.number or name in self._lowering.texts:
                return (name,)
            if name in self._members:
                return tuple(variable.name for variable in self._members[name])
        known = (*self._lowering.number, *self._lowering.texts, *self._members)
        raise UnknownAttribute(name, self._product, known)

    def texts(self, name: object, value: object) -> dict[str, str]:
        """A choice as texts by name: one, or one for each option of a group.

        Raises:
            UnknownAttribute, UnknownValue: the product does not have it.
            NotChoosable: a rule determines it.
            FloatRefused: the value is a float.
        """
        names = self.names(name)
        if isinstance(name, str) and names != (name,):
            return self._picks(name, value)
        return {names[0]: self._text(names[0], value)}

    def read(self, given: object) -> dict[str, str]:
        """Choices as texts by name. Raises `InvalidInput` with a problem for each that is not one, up to a hundred."""
        found: dict[str, str] = {}
        problems: list[Problem] = []
        if not isinstance(given, Mapping):
            wrong = Problem("the choices", "wrong_type", shorten(given), "values by attribute")
            raise InvalidInput(f"the choices for {self._product}", [wrong])
        for name, value in given.items():
            try:
                found.update(self.texts(name, value))
            except (UnknownAttribute, UnknownValue) as error:
                problems.append(Problem(_path(name), error.code, error.found, error.wanted))
            except (NotChoosable, FloatRefused) as error:
                problems.append(Problem(_path(name), error.code, shorten(value), error.hint))
            if len(problems) == _MAX_PROBLEMS:
                break
        if problems:
            raise InvalidInput(f"the choices for {self._product}", problems)
        return found

    @cached_property
    def _members(self) -> Mapping[str, tuple[Variable, ...]]:
        """The options of each group."""
        members: dict[str, list[Variable]] = {}
        for variable in self._lowering.variables:
            if variable.owner != variable.name and variable.owner not in self._lowering.number:
                members.setdefault(variable.owner, []).append(variable)
        return {group: tuple(variables) for group, variables in members.items()}

    def _text(self, name: str, value: object) -> str:
        free = self._lowering.texts.get(name)
        if free is not None:
            text = free.text_of(value)
            if text is None:
                raise UnknownValue(name, value, (), wanted=free.wanted)
            return text
        variable = self._lowering.variables[self._lowering.number[name]]
        if variable.is_derived:
            raise NotChoosable(name)
        text = variable.attribute.text_of(value)
        if text is None or text not in variable.bit:
            raise UnknownValue(name, value, variable.values)
        return text

    def _picks(self, group: str, value: object) -> dict[str, str]:
        """All options of a group: those that are listed are picked, the others are not."""
        members = {variable.name[len(group) + 1 :]: variable for variable in self._members[group]}
        quantities = dict(value) if isinstance(value, Mapping) else self._listed(group, value, members)
        for option in quantities:
            if option not in members:
                raise UnknownValue(group, option, members)
        none = {option: NO if YES in variable.bit else "0" for option, variable in members.items()}
        return {
            members[option].name: self._text(members[option].name, picked)
            for option, picked in {**none, **quantities}.items()
        }

    @staticmethod
    def _listed(group: str, value: object, members: Mapping[str, Variable]) -> dict[str, object]:
        if isinstance(value, str):
            value = (value,)
        if not isinstance(value, list | tuple | set | frozenset) or not all(
            isinstance(one, str) for one in value
        ):
            raise UnknownValue(group, value, members, wanted="options, or quantities by option")
        return {
            option: True if option not in members or YES in members[option].bit else 1 for option in value
        }


def _path(name: object) -> str:
    return name[:60] if isinstance(name, str) else shorten(name)
