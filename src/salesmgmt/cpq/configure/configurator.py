"""A product model at work: it starts configurations and answers their questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.cpq.configure._compiled import Compiled
from salesmgmt.cpq.configure._constraint import bits
from salesmgmt.cpq.configure._minimal import minimal_conflict
from salesmgmt.cpq.configure._network import Budget, Narrowed, Solution
from salesmgmt.cpq.configure.attribute import Attribute
from salesmgmt.cpq.configure.configuration import Configuration
from salesmgmt.cpq.configure.refusals import (
    Choice,
    ChoiceRefused,
    Conflict,
    NotProven,
    UnknownAttribute,
    UnknownValue,
)

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.model import ProductModel


def _compiled(configurator: Configurator) -> Compiled:
    return configurator.model._checked.compiled  # type: ignore[return-value]  # noqa: SLF001 - the model has no errors


def _base(configurator: Configurator) -> Narrowed:
    return configurator.model._checked.narrowed  # type: ignore[return-value]  # noqa: SLF001 - the model has no errors


@attrs.frozen
class Configurator:
    """A compiled product model: immutable, shared by threads, pickled by its definition.

    Made by `ProductModel.compile`. Its answers are exact: they come from a search for a whole valid product, which
    ends in `NotProven` when it takes more than `max_steps`, and never in a guess.

    Attributes:
        model: what it was made from.
        max_steps: elementary steps of search that one question may take.

    >>> from salesmgmt.cpq.configure import Attribute, ProductModel
    >>> lamp = ProductModel(id="lamp", attributes=(Attribute("socket", ("E14", "E27")),)).compile()
    >>> lamp.start().domain("socket")
    ('E14', 'E27')
    """

    model: ProductModel
    max_steps: int
    _compiled: Compiled = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(_compiled, takes_self=True)
    )
    _base: Narrowed = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(_base, takes_self=True)
    )

    def start(self, choices: Mapping[str, str] | None = None) -> Configuration:
        """Begin a configuration.

        Args:
            choices: the value by attribute of what is chosen already, as `Configuration.choices` of an earlier one.

        Raises:
            InvalidInput: a choice names an attribute or a value that the model does not have; all are listed.
            ChoiceRefused: they do not go together.
            NotProven: that could not be decided.

        >>> from salesmgmt.cpq.configure import Attribute, ProductModel
        >>> lamp = ProductModel(id="lamp", attributes=(Attribute("socket", ("E14", "E27")),)).compile()
        >>> lamp.start({"socket": "E40"})
        Traceback (most recent call last):
        salesmgmt.core.errors.InvalidInput: the choices for lamp has 1 problem:
          socket: found 'E40', wanted one of E14, E27; ...
        """
        given = dict(choices or {})
        self._refuse_unknown(given)
        chosen = self.in_order(given)
        witness = self.witness(chosen, self._base.witnesses)
        if witness is not None:
            return Configuration(self, chosen, witnesses=(witness, *self._base.witnesses))
        raise ChoiceRefused(self._first_conflict(chosen))

    def attribute(self, name: object) -> Attribute:
        """An attribute by its id; raises `UnknownAttribute`."""
        variables = self._compiled.numbering.variables
        if not isinstance(name, str) or name not in variables:
            raise UnknownAttribute(name, self.model.id, variables)
        return self.model.attributes[variables[name]]

    def require(self, name: object, value: object) -> Attribute:
        """The attribute of a value; raises `UnknownAttribute`, `UnknownValue`."""
        attribute = self.attribute(name)
        known = self._compiled.numbering.bits[self._compiled.numbering.variables[attribute.id]]
        if not isinstance(value, str) or value not in known:
            raise UnknownValue(attribute.id, value, attribute.values)
        return attribute

    def in_order(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """Values by attribute, in the order of the model."""
        return {
            attribute.id: chosen[attribute.id]
            for attribute in self.model.attributes
            if attribute.id in chosen
        }

    def narrow(self, chosen: Mapping[str, str], witnesses: Iterable[Solution]) -> Narrowed:
        """The values that some valid product with these choices has, which has at least one."""
        domains = self._compiled.domains(chosen, self._base.domains)
        narrowed = self._compiled.network.narrow(domains, witnesses, Budget(self.max_steps))
        assert narrowed is not None  # noqa: S101 - every choice was checked when it was made
        return narrowed

    def witness(self, chosen: Mapping[str, str], witnesses: Iterable[Solution]) -> Solution | None:
        """A valid product with these choices: a known one, or one that is searched for."""
        domains = self._compiled.domains(chosen, self._base.domains)
        for known in witnesses:
            if all(map(int.__and__, known, domains)):
                return known
        return self._compiled.network.solve(domains, Budget(self.max_steps))

    def conflict(self, asked: Choice, chosen: Mapping[str, str]) -> Conflict:
        """A conflict of a value with choices with which it does not go; minimal, unless that takes too long."""
        budget = Budget(self.max_steps)

        def consistent(names: Sequence[str]) -> bool:
            taken = {name: chosen[name] for name in names}
            return self._compiled.solve({**taken, asked.attribute: asked.value}, budget) is not None

        names = tuple(self.in_order(chosen))
        try:
            against = {name: chosen[name] for name in minimal_conflict(consistent, names)}
            rules = self._compiled.rules_against({**against, asked.attribute: asked.value}, budget)
        except NotProven:  # that it is a conflict is proven, only not which part of it is enough
            every = tuple(Choice(name, chosen[name]) for name in names)
            return Conflict(asked=asked, choices=every, rules=self.model.rules, is_minimal=False)
        choices = tuple(Choice(name, value) for name, value in against.items())
        return Conflict(asked=asked, choices=choices, rules=rules)

    def values(self, name: str, domain: int) -> tuple[str, ...]:
        """The values of an attribute that stand in a bit set."""
        values = self.attribute(name).values
        return tuple(values[bit.bit_length() - 1] for bit in bits(domain))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.model, self.max_steps)

    def _first_conflict(self, chosen: Mapping[str, str]) -> Conflict:
        """The conflict of the first choice that does not go with those before it."""
        names = tuple(chosen)
        taken = next(
            count
            for count in range(1, len(names) + 1)
            if self.witness({name: chosen[name] for name in names[:count]}, self._base.witnesses) is None
        )
        *before, last = names[:taken]
        return self.conflict(Choice(last, chosen[last]), {name: chosen[name] for name in before})

    def _refuse_unknown(self, given: Mapping[str, str]) -> None:
        problems = []
        for name, value in given.items():
            try:
                self.require(name, value)
            except (UnknownAttribute, UnknownValue) as error:
                wanted = f"one of {', '.join(error.known[:20])}"
                problems.append(Problem(str(name)[:60], error.code, error.found, wanted))
        if problems:
            raise InvalidInput(f"the choices for {self.model.id}", problems)
