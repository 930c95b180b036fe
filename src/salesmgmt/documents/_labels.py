"""What people read for the ids of products, attributes and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

import attrs

from salesmgmt.cpq._option_keys import without_instances

_NOT_CHOSEN = frozenset({"no", "0"})


@attrs.frozen
class Labels:
    """Names by id, as the host gave them; what has none is shown by its id.

    >>> from salesmgmt.documents._labels import Labels
    >>> labels = Labels({"grinders.burr": "Burr", "grinders.burr=ssp": "SSP flat", "extras.light": "Lamp"})
    >>> chosen = {"grinders.1.burr": "ssp", "grinders.2.burr": "steel", "extras.light": "yes", "extras.bag": "no"}
    >>> list(labels.choices(chosen, parts=set()))
    ['Burr 1: SSP flat', 'Burr 2: steel', 'Lamp']
    """

    names: Mapping[str, str]

    def product(self, name: str) -> str:
        """The name of a product."""
        return self.names.get(name, name)

    def attribute(self, name: str) -> str:
        """The name of an attribute, or that which holds for all instances of it."""
        return self.names.get(name) or self.names.get(without_instances(name)) or name

    def choices(self, configuration: Mapping[str, str], parts: AbstractSet[str]) -> Iterator[str]:
        """What was chosen, one by one: neither what was not taken, nor what is a line of its own.

        Args:
            configuration: the value by attribute.
            parts: the products of the lines that are a part of the line.
        """
        instances = Counter(map(without_instances, configuration))
        for name, value in configuration.items():
            named = self._named(name, value)
            if (value in _NOT_CHOSEN and not named) or _is_part(name, value, parts):
                continue
            label = self._choice(name, several=instances[without_instances(name)] > 1)
            if value == "yes" and not named:
                yield label
            else:
                yield f"{label}: {named or self.names.get(value, value)}"

    def _named(self, name: str, value: str) -> str:
        """The name of a value of this very attribute."""
        found = self.names.get(f"{name}={value}")
        return found or self.names.get(f"{without_instances(name)}={value}", "")

    def _choice(self, name: str, *, several: bool) -> str:
        """The name of an attribute or option; with the numbers of the instance where there are several of one name."""
        shared = without_instances(name)
        if name in self.names or shared not in self.names:
            option = name.partition(".")[2]
            return self.names.get(name) or self.names.get(option) or name
        numbers = ".".join(part for part in name.split(".")[1:-1] if part.isdecimal())
        return f"{self.names[shared]} {numbers}" if several else self.names[shared]


def _is_part(name: str, value: str, parts: AbstractSet[str]) -> bool:
    """Whether an option such as `extras.LOCK-1` was picked, and its product is among the parts."""
    if value != "yes" and not value.isdecimal():
        return False
    places = (place for place, letter in enumerate(name) if letter == ".")
    return any(name[place + 1 :] in parts for place in places)
