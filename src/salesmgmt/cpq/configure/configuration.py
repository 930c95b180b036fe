"""A product on its way to be complete: choices that go together."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from salesmgmt.cpq.configure._network import Narrowed, Solution
from salesmgmt.cpq.configure.refusals import Choice, ChoiceRefused, Conflict

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.configurator import Configurator


class Origin(StrEnum):
    """Where the value of an attribute comes from.

    >>> from salesmgmt.cpq.configure import Origin
    >>> [origin.value for origin in Origin]
    ['user', 'default', 'derived']
    """

    USER = "user"
    """Somebody chose it."""
    DEFAULT = "default"
    """`complete` set it: the default, or else the first value that goes with the rest."""
    DERIVED = "derived"
    """It is the only one that goes with the choices."""


@attrs.frozen
class Chosen:
    """The value of an attribute, and where it comes from."""

    value: str
    origin: Origin


def _mapping(chosen: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(chosen))


@attrs.frozen
class Configuration:
    """Choices about a product that some valid product has; each change returns a new configuration.

    Made by `Configurator.start`. It is never invalid: a choice that leads nowhere is refused. The order in which
    choices were made leaves no trace. Questions raise `NotProven` when their search takes too long.

    Attributes:
        configurator: which answers for it.
        choices: what somebody chose, the value by attribute, in the order of the model.
        filled: what `complete` set; every further choice drops it again.

    >>> from salesmgmt.cpq.configure import Attribute, Excludes, ProductModel
    >>> bike = ProductModel(
    ...     id="bike",
    ...     attributes=(Attribute("frame", ("alloy", "carbon")), Attribute("fork", ("rigid", "coil", "air"), "coil")),
    ...     rules=(Excludes(id="R12", combination={"frame": "carbon", "fork": ("rigid", "coil")}),),
    ... ).compile().start()
    >>> bike.missing
    ('frame', 'fork')
    >>> bike.choose("frame", "carbon").values["fork"]
    Chosen(value='air', origin=<Origin.DERIVED: 'derived'>)
    >>> bike.complete().selection
    {'frame': 'alloy', 'fork': 'coil'}
    """

    configurator: Configurator
    choices: Mapping[str, str] = attrs.field(converter=_mapping, hash=False)
    filled: Mapping[str, str] = attrs.field(factory=dict, converter=_mapping, hash=False)
    # Valid products found so far: they save searches, and change no answer.
    _witnesses: tuple[Solution, ...] = attrs.field(default=(), repr=False, eq=False, kw_only=True)

    def choose(self, attribute: str, value: str) -> Configuration:
        """Choose a value, or another one than before.

        Raises:
            ChoiceRefused: no valid product has it together with the other choices; the error carries the conflict.
            UnknownAttribute, UnknownValue: the model does not have it.
        """
        self.configurator.require(attribute, value)
        chosen = {**self.choices, attribute: value}
        witness = self.configurator.witness(chosen, self._witnesses)
        if witness is None:
            others = {name: known for name, known in self.choices.items() if name != attribute}
            raise ChoiceRefused(self.configurator.conflict(Choice(attribute, value), others))
        return self._with(chosen, (witness,))

    def unchoose(self, attribute: str) -> Configuration:
        """Take a choice back; nothing happens when there was none. Raises `UnknownAttribute`."""
        self.configurator.attribute(attribute)
        return self._with({name: value for name, value in self.choices.items() if name != attribute})

    def domain(self, attribute: str) -> tuple[str, ...]:
        """The values that `choose` would take: exactly those that some valid product with the other choices has.

        For an attribute that is chosen already these are the values to which it could be changed. Raises
        `UnknownAttribute`.
        """
        self.configurator.attribute(attribute)
        if attribute in self.choices:
            return self.unchoose(attribute).domain(attribute)
        return self.domains[attribute]

    @cached_property
    def domains(self) -> Mapping[str, tuple[str, ...]]:
        """By attribute, the values that some valid product with all choices has; one for each that is chosen."""
        model = self.configurator.model
        return MappingProxyType(
            {
                attribute.id: self.configurator.values(attribute.id, domain)
                for attribute, domain in zip(model.attributes, self._narrowed.domains, strict=True)
            }
        )

    def explain(self, attribute: str, value: str) -> Conflict | None:
        """Why a value is not possible: a minimal set of choices and rules (QuickXplain, Junker 2004).

        Returns:
            The conflict, which says whether it is minimal; `None` when the value can be chosen. A choice of the same attribute is no reason, because
            `choose` replaces it.

        Raises:
            UnknownAttribute, UnknownValue: the model does not have it.
        """
        self.configurator.require(attribute, value)
        others = {name: known for name, known in self.choices.items() if name != attribute}
        if self.configurator.witness({**others, attribute: value}, self._witnesses) is not None:
            return None
        return self.configurator.conflict(Choice(attribute, value), others)

    @property
    def values(self) -> Mapping[str, Chosen]:
        """The values that are settled, by attribute in the order of the model, each with its origin."""
        return MappingProxyType(
            {
                attribute: chosen
                for attribute, domain in self.domains.items()
                if (chosen := self._chosen(attribute, domain)) is not None
            }
        )

    @property
    def selection(self) -> dict[str, str]:
        """The values that are settled, as plain text by attribute: the `configuration` of a line to be priced."""
        return {attribute: chosen.value for attribute, chosen in self.values.items()}

    @property
    def missing(self) -> tuple[str, ...]:
        """The attributes that are not settled."""
        return tuple(
            attribute for attribute, domain in self.domains.items() if self._chosen(attribute, domain) is None
        )

    @property
    def is_complete(self) -> bool:
        """Whether every attribute is settled."""
        return not self.missing

    def complete(self) -> Configuration:
        """Settle what is missing: attribute by attribute in the order of the model, its default where that goes with
        the rest, and else the first value that does.
        """  # noqa: D205 - one sentence
        taken = {name: domain[0] for name, domain in self.domains.items() if len(domain) == 1}
        settled = frozenset(taken)
        pool = self._narrowed.witnesses
        for attribute in self.configurator.model.attributes:
            if attribute.id in settled:
                continue
            possible = self.domains[attribute.id]
            for value in attribute.preferred:
                trial = {**taken, attribute.id: value}
                if value in possible and (witness := self.configurator.witness(trial, pool)) is not None:
                    taken, pool = trial, (witness, *pool)
                    break
        filled = {name: value for name, value in taken.items() if name not in settled}
        return attrs.evolve(self, filled=self.configurator.in_order(filled), witnesses=pool)

    def __reduce__(self) -> tuple[Any, ...]:
        return Configuration, (self.configurator, dict(self.choices), dict(self.filled))

    @cached_property
    def _narrowed(self) -> Narrowed:
        return self.configurator.narrow(self.choices, self._witnesses)

    def _chosen(self, attribute: str, domain: tuple[str, ...]) -> Chosen | None:
        if attribute in self.choices:
            return Chosen(self.choices[attribute], Origin.USER)
        if len(domain) == 1:
            return Chosen(domain[0], Origin.DERIVED)
        if attribute in self.filled:
            return Chosen(self.filled[attribute], Origin.DEFAULT)
        return None

    def _with(self, choices: Mapping[str, str], more: tuple[Solution, ...] = ()) -> Configuration:
        known = (*more, *self._narrowed.witnesses)
        return Configuration(self.configurator, self.configurator.in_order(choices), witnesses=known)
