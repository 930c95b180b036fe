"""Rules as constraints over bit sets: a domain is an integer with a bit for each value that is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_

import attrs

from salesmgmt.cpq.configure.attribute import Attribute
from salesmgmt.cpq.configure.rule import Excludes, OneOf, Requires, Rule, Table, values_in


def bits(domain: int) -> Iterator[int]:
    """The single values of a domain, each as a bit."""
    while domain:
        lowest = domain & -domain
        yield lowest
        domain ^= lowest


@attrs.frozen
class Box:
    """A combination that nobody has: not every variable may lie within its mask."""

    variables: tuple[int, ...]
    masks: tuple[int, ...]

    @property
    def effort(self) -> int:
        """Elementary steps of a revision, about."""
        return len(self.variables)

    def revise(self, domains: list[int]) -> Sequence[int] | None:
        """Drop what cannot be any more; return the variables that changed, or `None` when nothing is left."""
        free, outside = -1, 0
        for variable, mask in zip(self.variables, self.masks, strict=True):
            beyond = domains[variable] & ~mask
            if beyond:
                if outside:
                    return ()
                free, outside = variable, beyond
        if not outside:
            return None
        if domains[free] == outside:
            return ()
        domains[free] = outside
        return (free,)


@attrs.frozen
class Rows:
    """Allowed combinations; `support` says for each value of each variable in which rows it stands, as a bit set."""

    variables: tuple[int, ...]
    support: tuple[Mapping[int, int], ...]
    every: int

    @property
    def effort(self) -> int:
        """Elementary steps of a revision, about; long bit sets count for more."""
        return sum(map(len, self.support)) * (1 + self.every.bit_length() // 4096)

    def revise(self, domains: list[int]) -> Sequence[int] | None:
        """Drop what no row allows any more; return the variables that changed, or `None` when no row is left."""
        live = self.every
        for variable, rows in zip(self.variables, self.support, strict=True):
            live &= reduce(or_, (rows.get(value, 0) for value in bits(domains[variable])), 0)
            if not live:
                return None
        changed = []
        for variable, rows in zip(self.variables, self.support, strict=True):
            kept = sum(value for value in bits(domains[variable]) if rows.get(value, 0) & live)
            if kept != domains[variable]:
                domains[variable] = kept
                changed.append(variable)
        return changed


class Numbering:
    """Attributes as variables and values as bits."""

    def __init__(self, attributes: Sequence[Attribute]) -> None:
        self.variables = {attribute.id: number for number, attribute in enumerate(attributes)}
        self.bits = [
            {value: 1 << place for place, value in enumerate(attribute.values)} for attribute in attributes
        ]
        self.full = tuple((1 << len(attribute.values)) - 1 for attribute in attributes)

    def mask(self, variable: int, cell: OneOf) -> int:
        """The bits of the values that a cell lists."""
        return reduce(or_, (self.bits[variable][value] for value in values_in(cell)), 0)

    def constraints(self, rule: Rule) -> tuple[Box | Rows, ...]:
        """What a rule demands."""
        match rule:
            case Excludes():
                return (self._box(self._masks(rule.combination)),)
            case Requires():
                when, then = self._masks(rule.when), self._masks(rule.then)
                return tuple(self._forbid_without(when, variable, mask) for variable, mask in then.items())
            case Table():
                return (self._rows(rule),)

    def _masks(self, cells: Mapping[str, OneOf]) -> dict[int, int]:
        numbered = ((self.variables[name], cell) for name, cell in cells.items())
        return {variable: self.mask(variable, cell) for variable, cell in numbered}

    @staticmethod
    def _box(masks: Mapping[int, int]) -> Box:
        return Box(tuple(masks), tuple(masks.values()))

    def _forbid_without(self, when: Mapping[int, int], variable: int, mask: int) -> Box:
        """`when` together with any other value than those of `mask`."""
        other = when.get(variable, self.full[variable]) & ~mask
        return self._box({**when, variable: other})

    def _rows(self, table: Table) -> Rows:
        variables = tuple(self.variables[name] for name in table.attributes)
        numbers: tuple[dict[int, list[int]], ...] = tuple({} for _ in variables)
        for number, row in enumerate(table.allowed):
            for known, variable, cell in zip(numbers, variables, row, strict=True):
                for value in bits(self.mask(variable, cell)):
                    known.setdefault(value, []).append(number)
        support = tuple({value: _bit_set(rows) for value, rows in known.items()} for known in numbers)
        return Rows(variables, support, (1 << len(table.allowed)) - 1)


def _bit_set(numbers: Sequence[int]) -> int:
    """The bit set of ascending numbers; linear, where adding bit after bit to a long integer is not."""
    octets = bytearray(numbers[-1] // 8 + 1)
    for number in numbers:
        octets[number // 8] |= 1 << number % 8
    return int.from_bytes(octets, "little")
