"""The variables of a product: every attribute, option and instance under a flat name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from salesmgmt.cpq.configure._lowered.names import Chosen, Place, count_of, picked
from salesmgmt.cpq.configure.attribute import Attribute, FreeText, YesNo, preferred
from salesmgmt.cpq.configure.number_attribute import DecimalNumber, WholeNumber
from salesmgmt.cpq.configure.option_group import MultiSelect, OptionGroup

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.model import Component, ProductModel


@attrs.frozen(kw_only=True)
class Variable:
    """One thing that has a value.

    Attributes:
        name: its flat name, as `choose` and `selection` have it: `frame`, `extras.rack`, `wheels`, `wheels.1.size`.
        values: its values as texts; bit i stands for the value i.
        default: the value that is tried first; the first when it is `None`.
        owner: flat name of the attribute, group or component that it belongs to; its own where it is one.
        attribute: its definition, which says by `text_of` what text a value has.
        is_optional: whether it may be absent, with the instance that it belongs to: the last bit of its domain.
        is_derived: whether a rule determines it, so that nobody chooses it.
        bit: the bit of each value.
    """

    name: str
    values: tuple[str, ...]
    default: str | None = None
    owner: str
    attribute: Chosen
    is_optional: bool = False
    is_derived: bool = False
    bit: Mapping[str, int] = attrs.field(init=False, repr=False, eq=False)

    @bit.default
    def _bits(self) -> Mapping[str, int]:
        return {value: 1 << place for place, value in enumerate(self.values)}

    @property
    def present(self) -> int:
        """The bits of its values."""
        return (1 << len(self.values)) - 1

    @property
    def absent(self) -> int:
        """The bit that says that it is not there, or 0."""
        return 1 << len(self.values) if self.is_optional else 0

    @property
    def full(self) -> int:
        """All its bits."""
        return self.present | self.absent

    @property
    def preferred(self) -> tuple[str, ...]:
        """Its values in the order in which they are tried."""
        return preferred(self.values, self.default)


@attrs.frozen
class Instance:
    """A model where it stands in the product.

    Attributes:
        model: the model.
        path: the components on the way, each with the number of the instance.
        first: its first variable; with the instance it is absent.
        is_optional: whether it may be absent.
    """

    model: ProductModel
    path: tuple[tuple[str, int], ...]
    first: int
    is_optional: bool

    @property
    def prefix(self) -> str:
        """What its names begin with in the whole product."""
        return prefix_of(self.path)


def prefix_of(path: Iterable[tuple[str, int]]) -> str:
    """What flat names begin with.

    >>> from salesmgmt.cpq.configure._lowered.layout import prefix_of
    >>> prefix_of([("wheels", 2)])
    'wheels.2.'
    """
    return "".join(f"{component}.{number}." for component, number in path)


class Layout:
    """The variables of a model, and which instances they belong to."""

    def __init__(self, model: ProductModel) -> None:
        self.variables: list[Variable] = []
        self.texts: dict[str, FreeText] = {}
        self.paths: dict[str, tuple[tuple[str, int], ...]] = {}
        self.instances: list[Instance] = []
        self.groups: list[tuple[MultiSelect | OptionGroup, str, list[int]]] = []
        self.links: list[tuple[int, list[tuple[int, list[int]]]]] = []
        self._add(model, (), is_optional=False)
        self.number = {variable.name: number for number, variable in enumerate(self.variables)}
        self.full = tuple(variable.full for variable in self.variables)
        self.absent = tuple(variable.absent for variable in self.variables)

    def numbers(
        self, instance: Instance, place: Place, chosen: Mapping[tuple[tuple[str, int | None], ...], int]
    ) -> int:
        """The variable to which a place leads from an instance, when one instance is chosen of each component."""
        name = instance.prefix
        for length, (component, number) in enumerate(place.steps, 1):
            name += f"{component}.{number or chosen[place.steps[:length]]}."
        return self.number[name + place.local]

    def _add(self, model: ProductModel, path: tuple[tuple[str, int], ...], *, is_optional: bool) -> list[int]:
        prefix, derived = prefix_of(path), model.derived
        self.instances.append(Instance(model, path, len(self.variables), is_optional))
        own: list[int] = []

        def variable(name: str, definition: Chosen, owner: str) -> int:
            own.append(len(self.variables))
            self.variables.append(
                Variable(
                    name=prefix + name,
                    values=definition.values,
                    default=definition.initial,
                    owner=prefix + owner,
                    attribute=definition,
                    is_optional=is_optional,
                    is_derived=name in derived,
                )
            )
            return own[-1]

        for attribute in model.attributes:
            match attribute:
                case FreeText():
                    self.texts[prefix + attribute.id] = attribute
                    self.paths[prefix + attribute.id] = path
                case MultiSelect() | OptionGroup():
                    items = [variable(name, item, attribute.id) for name, item in picked(attribute)]
                    self.groups.append((attribute, prefix, items))
                case Attribute() | WholeNumber() | DecimalNumber() | YesNo():
                    variable(attribute.id, attribute, attribute.id)
                case _:
                    count = variable(attribute.id, count_of(attribute), attribute.id)
                    self._instances(attribute, count, path, is_optional=is_optional)
        return own

    def _instances(
        self, component: Component, count: int, path: tuple[tuple[str, int], ...], *, is_optional: bool
    ) -> None:
        parts = []
        for number in range(1, component.max_count + 1):
            optional = is_optional or number > component.min_count
            own = self._add(component.model, (*path, (component.id, number)), is_optional=optional)
            if optional:
                parts.append((number, own))
        self.links.append((count, parts))
