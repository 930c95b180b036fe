"""Under which names the extra of a chosen value is looked up: the configurator and the pricer read extras alike."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from salesmgmt.core.exact import exact

_YES = {"yes": Decimal(1), "no": Decimal(0)}


def option_keys(name: str, value: str) -> Iterator[tuple[str, str, bool]]:
    """Attribute and value of every extra that a chosen value has, and whether the extra is for each unit of an option.

    What is said of a component holds for each instance of it; the extra of an option stands under its group.

    >>> from salesmgmt.cpq._option_keys import option_keys
    >>> list(option_keys("wheels.2.spares.TUBE", "3"))
    [('wheels.2.spares.TUBE', '3', False), ('wheels.2.spares', 'TUBE', True),
     ('wheels.spares.TUBE', '3', False), ('wheels.spares', 'TUBE', True)]
    """
    for known in names_of(name):
        yield known, value, False
        group, _, option = known.rpartition(".")
        if group:
            yield group, option, True


def names_of(name: str) -> tuple[str, ...]:
    """A name, and the one that it has in every instance of its component.

    >>> from salesmgmt.cpq._option_keys import names_of
    >>> names_of("wheels.1.size"), names_of("frame")
    (('wheels.1.size', 'wheels.size'), ('frame',))
    """
    general = without_instances(name)
    return (name,) if general == name else (name, general)


def without_instances(name: str) -> str:
    """A name without the numbers of instances in it, which stand between a component and what is a part of it.

    >>> from salesmgmt.cpq._option_keys import without_instances
    >>> without_instances("wheels.1.size"), without_instances("size.2")
    ('wheels.size', 'size.2')
    """
    first, *inner = name.split(".")
    last = inner[-1:]
    return ".".join((first, *(part for part in inner[:-1] if not part.isdecimal()), *last))


def units(value: str) -> Decimal:
    """How many units a value stands for: the number, or one for yes.

    Raises:
        NotANumber: it is neither.

    >>> from salesmgmt.cpq._option_keys import units
    >>> units("2.5"), units("yes"), units("no")
    (Decimal('2.5'), Decimal('1'), Decimal('0'))
    """
    known = _YES.get(value)
    return exact(value, "a number of units") if known is None else known
