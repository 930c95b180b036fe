"""Counts and least sums by eliminating variable after variable, each with the relations in which it stands.

Known as variable or bucket elimination (Dechter 1999). A relation lists the combinations that are left, each with a
number: how often it occurs, or the least that it comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from math import prod

import attrs

from salesmgmt.cpq.configure._search.budget import Budget
from salesmgmt.cpq.configure._search.constraint import Box, Constraint, Linear, Rows, bits
from salesmgmt.cpq.configure._search.encoding import places
from salesmgmt.cpq.configure.refusals import NotProven

_MAX_ROWS = 400_000
"""Rows of one relation; beyond that the elimination is given up."""
_AT_ONCE = 64
"""Combinations up to which a box or a sum becomes one relation; larger ones become chains."""


@attrs.frozen(eq=False)
class Relation:
    """Combinations of values of some variables, with a number each."""

    scope: tuple[int, ...]
    rows: dict[tuple[int, ...], int]


@attrs.frozen(eq=False)
class Algebra:
    """How numbers of combinations come together: `times` when both hold, `plus` when either does."""

    one: int
    times: Callable[[int, int], int]
    plus: Callable[[int, int], int]


class Elimination:
    """Relations over domains, to be eliminated once."""

    def __init__(
        self, domains: Sequence[int], constraints: Iterable[Constraint], algebra: Algebra, budget: Budget
    ) -> None:
        self._algebra = algebra
        self._budget = budget
        self._sizes = {
            variable: domain.bit_count() for variable, domain in enumerate(domains) if domain & (domain - 1)
        }
        self._domains = domains
        self._next = len(domains)
        self._relations: dict[int, list[Relation]] = {variable: [] for variable in self._sizes}
        self._is_void = False
        self._eliminated: list[tuple[int, Relation]] = []
        for constraint in _grouped(constraints, domains):
            match constraint:
                case Rows():
                    self._add_rows(constraint)
                case Box():
                    self._add_box(constraint)
                case Linear():
                    self._add_sum(constraint)

    def add(self, variable: int, numbers: dict[int, int]) -> None:
        """Give each value of a variable a number."""
        if variable in self._sizes:
            self._put(Relation((variable,), {(value,): one for value, one in numbers.items()}))

    def run(self) -> int | None:
        """The sum over all solutions of what their combinations come to; `None` when there is no solution."""
        total = self._algebra.one
        if self._is_void:
            return None
        costs = {variable: self._cost(variable) for variable in self._sizes}
        while costs:
            self._budget.spend(1 + len(costs) // 8)
            variable = min(costs, key=costs.__getitem__)
            joined = self._joined(self._relations[variable], variable)
            if not joined.rows:
                return None
            self._eliminated.append((variable, joined))
            for relation in self._relations.pop(variable):
                for other in relation.scope:
                    if other != variable:
                        self._relations[other].remove(relation)
            rest = self._without(joined, variable)
            del costs[variable]
            if rest.scope:
                self._put(rest)
                costs.update((other, self._cost(other)) for other in rest.scope)
            else:
                total = self._algebra.times(total, rest.rows[()])
        return total

    def best(self) -> dict[int, int]:
        """The value of each open variable in the solution with the least number; after `run`."""
        chosen: dict[int, int] = {}
        for variable, relation in reversed(self._eliminated):
            place = relation.scope.index(variable)
            known = [(at, chosen[other]) for at, other in enumerate(relation.scope) if other != variable]
            row = min(
                (row for row in relation.rows if all(row[at] == value for at, value in known)),
                key=relation.rows.__getitem__,
            )
            chosen[variable] = row[place]
        return chosen

    def _cost(self, variable: int) -> float:
        """How large the relation becomes that arises when a variable is eliminated, at most."""
        scope = {variable}
        most = 1.0
        for relation in self._relations[variable]:
            scope.update(relation.scope)
            most = min(most * len(relation.rows), 1e200)
        size = 1.0
        for other in scope:
            size = min(size * self._sizes[other], 1e200)
        return min(most, size)

    def _put(self, relation: Relation) -> None:
        for variable in relation.scope:
            self._relations[variable].append(relation)

    def _joined(self, relations: list[Relation], variable: int) -> Relation:
        joined = Relation((variable,), {(value,): self._algebra.one for value in self._values(variable)})
        for relation in relations:
            if relation.scope == (variable,):
                joined = self._join(joined, relation)
        left = [relation for relation in relations if relation.scope != (variable,)]
        while left:
            left.sort(key=lambda one: (-len({*one.scope} & {*joined.scope}), len(one.rows)))
            joined = self._join(joined, left.pop(0))
        return joined

    def _values(self, variable: int) -> Iterator[int]:
        if variable < len(self._domains):
            return bits(self._domains[variable])
        return iter(range(self._sizes[variable]))

    def _join(self, one: Relation, other: Relation) -> Relation:
        if len(one.rows) < len(other.rows):
            one, other = other, one
        shared = [at for at, variable in enumerate(other.scope) if variable in one.scope]
        fresh = [at for at, variable in enumerate(other.scope) if variable not in one.scope]
        keys = [one.scope.index(other.scope[at]) for at in shared]
        index: dict[tuple[int, ...], list[tuple[tuple[int, ...], int]]] = {}
        for row, number in other.rows.items():
            key = tuple([row[at] for at in shared])
            index.setdefault(key, []).append((tuple([row[at] for at in fresh]), number))
        times = self._algebra.times
        rows: dict[tuple[int, ...], int] = {}
        self._budget.spend(len(other.rows))
        for row, number in one.rows.items():
            matches = index.get(tuple([row[at] for at in keys]), ())
            for added, factor in matches:
                rows[row + added] = times(number, factor)
            if len(rows) > _MAX_ROWS:
                raise NotProven(self._budget.steps)
        self._budget.spend(len(one.rows) + len(rows))
        return Relation(one.scope + tuple(other.scope[at] for at in fresh), rows)

    def _without(self, relation: Relation, variable: int) -> Relation:
        place = relation.scope.index(variable)
        plus = self._algebra.plus
        rows: dict[tuple[int, ...], int] = {}
        for row, number in relation.rows.items():
            key = row[:place] + row[place + 1 :]
            before = rows.get(key)
            rows[key] = number if before is None else plus(before, number)
        self._budget.spend(len(relation.rows))
        return Relation(relation.scope[:place] + relation.scope[place + 1 :], rows)

    def _add(self, scope: Sequence[int], rows: Iterable[tuple[int, ...]]) -> None:
        one = self._algebra.one
        found = dict.fromkeys(rows, one)
        self._budget.spend(len(found))
        if not found:
            self._is_void = True
        elif len(found) < prod(self._sizes[variable] for variable in scope):
            self._put(Relation(tuple(scope), found))

    def _add_rows(self, table: Rows) -> None:
        live = table.every
        open_columns = []
        for variable, support in zip(table.variables, table.support, strict=True):
            allowed = 0
            for value in bits(self._domains[variable]):
                allowed |= support.get(value, 0)
            live &= allowed
            if variable in self._sizes:
                open_columns.append((variable, support))
        cells: dict[int, list[list[int]]] = {number: [] for number in places(live)}
        for variable, support in open_columns:
            for row in cells.values():
                row.append([])
            for value in bits(self._domains[variable]):
                for number in places(support.get(value, 0) & live):
                    cells[number][-1].append(value)
        self._budget.spend(len(cells) * (1 + len(open_columns)))
        scope = [variable for variable, _ in open_columns]
        self._add(scope, (combination for row in cells.values() for combination in product(*row)))

    def _add_box(self, box: Box) -> None:
        parts = []
        for variable, mask in zip(box.variables, box.masks, strict=True):
            domain = self._domains[variable]
            if not domain & mask:
                return
            if domain & ~mask:
                parts.append((variable, {value: int(bool(value & mask)) for value in bits(domain)}))
        self._chain(parts, 0, len(parts) - 1)

    def _add_sum(self, linear: Linear) -> None:
        parts = []
        fixed = 0
        for variable, weights in zip(linear.variables, linear.weights, strict=True):
            column = {value: weights[value.bit_length() - 1] for value in bits(self._domains[variable])}
            if variable in self._sizes:
                parts.append((variable, column))
            else:
                fixed += next(iter(column.values()))
        low = None if linear.low is None else linear.low - fixed
        high = None if linear.high is None else linear.high - fixed
        self._chain(parts, low, high)

    def _chain(self, parts: list[tuple[int, dict[int, int]]], low: int | None, high: int | None) -> None:
        """Relations for a sum within bounds: at once, or with a new variable for each partial sum."""
        rest = [
            (sum(min(c.values()) for _, c in parts[at:]), sum(max(c.values()) for _, c in parts[at:]))
            for at in range(len(parts) + 1)
        ]

        def is_possible(total: int, at: int) -> bool:
            return (high is None or total + rest[at][0] <= high) and (
                low is None or total + rest[at][1] >= low
            )

        if prod(len(column) for _, column in parts) <= _AT_ONCE:
            combinations = product(*(column.items() for _, column in parts))
            self._add(
                [variable for variable, _ in parts],
                (
                    tuple(value for value, _ in combination)
                    for combination in combinations
                    if is_possible(sum(weight for _, weight in combination), len(parts))
                ),
            )
            return
        reached = [0]
        before = -1
        for at, (variable, column) in enumerate(parts, 1):
            found = {
                (done, value): total
                for done in reached
                for value, weight in column.items()
                if is_possible(total := done + weight, at)
            }
            self._budget.spend(len(found))
            if len(found) > _MAX_ROWS:
                raise NotProven(self._budget.steps)
            totals = sorted(set(found.values()))
            numbers = {total: number for number, total in enumerate(totals)}
            old = {total: number for number, total in enumerate(reached)}
            scope = [variable] if before < 0 else [before, variable]
            after = self._new(len(totals)) if len(totals) > 1 and at < len(parts) else -1
            scope += [after] if after >= 0 else []
            self._add(
                scope,
                [
                    (
                        *((old[done],) if before >= 0 else ()),
                        value,
                        *((numbers[total],) if after >= 0 else ()),
                    )
                    for (done, value), total in found.items()
                ],
            )
            if not found:
                return
            reached, before = totals, after

    def _new(self, size: int) -> int:
        number = self._next
        self._next += 1
        self._sizes[number] = size
        self._relations[number] = []
        return number


def _grouped(constraints: Iterable[Constraint], domains: Sequence[int]) -> Iterator[Constraint]:
    """The constraints, with pairs that exclude each other put together where each of several excludes each other one.

    Many pairs over the same variables would make one large relation; a sum of at most 1 becomes a chain.
    """
    excludes: dict[tuple[int, int], set[tuple[int, int]]] = {}
    pairs: dict[tuple[tuple[int, int], tuple[int, int]], Constraint] = {}
    for constraint in constraints:
        if isinstance(constraint, Box):
            inside = [
                (variable, domains[variable] & mask)
                for variable, mask in zip(constraint.variables, constraint.masks, strict=True)
                if domains[variable] & ~mask
            ]
            if len(inside) == 2 and all(domain for _, domain in inside):
                one, other = sorted(inside)
                pairs[one, other] = constraint
                excludes.setdefault(one, set()).add(other)
                excludes.setdefault(other, set()).add(one)
                continue
        yield constraint
    for literal in sorted(excludes, key=lambda one: (-len(excludes[one]), one)):
        group = [literal]
        for other in sorted(excludes[literal], key=lambda one: (-len(excludes[one]), one)):
            if all(other in excludes[member] for member in group):
                group.append(other)
        if len(group) < 4 or len({variable for variable, _ in group}) < len(group):
            continue
        for place, one in enumerate(group):
            for other in group[:place]:
                excludes[one].discard(other)
                excludes[other].discard(one)
                pairs.pop((min(one, other), max(one, other)))
        weights = tuple(
            tuple(domain >> place & 1 for place in range(domains[variable].bit_length()))
            for variable, domain in group
        )
        yield Linear(tuple(variable for variable, _ in group), weights, None, 1)
    yield from pairs.values()
