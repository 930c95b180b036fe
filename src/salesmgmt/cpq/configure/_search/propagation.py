"""Constraints kept consistent while domains shrink: rows as bit sets, boxes by units, sums by bounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from salesmgmt.cpq.configure._search.budget import Budget
from salesmgmt.cpq.configure._search.constraint import Box, Constraint, Linear, Rows, bits

_MEMORY = 512
"""How many domains of a column are remembered with the rows that they allow."""

_STEPS_A_PART = 8
"""What a part of a sum counts for: its range is reckoned anew, which takes longer than a look at a mask."""


@attrs.define
class State:
    """Domains, and the rows of each table that lie within them."""

    domains: list[int]
    live: list[int]

    def copy(self) -> State:
        """Another state that can be changed on its own."""
        return State(self.domains.copy(), self.live.copy())


@attrs.frozen(eq=False)
class _Column:
    """One variable of a table."""

    table: int
    support: Mapping[int, int]
    memory: dict[int, int] = attrs.field(factory=dict)

    def allowed(self, domain: int) -> int:
        """The rows in which a value of the domain stands."""
        rows = 0
        for value in bits(domain):
            rows |= self.support.get(value, 0)
        if len(self.memory) >= _MEMORY:
            self.memory.clear()
        self.memory[domain] = rows
        return rows


class Propagation:
    """The constraints of a network, ready to be propagated; nothing here depends on a state."""

    def __init__(self, full: Sequence[int], constraints: Iterable[Constraint]) -> None:
        self.full = tuple(full)
        self._every: list[int] = []
        self._tables: list[tuple[tuple[int, Mapping[int, int]], ...]] = []
        self._efforts: list[int] = []
        self._columns: list[list[_Column]] = [[] for _ in self.full]
        self._boxes: list[tuple[tuple[int, int], ...]] = []
        self._boxes_of: list[list[tuple[int, tuple[tuple[int, int], ...]]]] = [[] for _ in self.full]
        self._sums: list[_Sum] = []
        self._sums_of: list[list[int]] = [[] for _ in self.full]
        for constraint in constraints:
            match constraint:
                case Rows():
                    self._add_rows(constraint)
                case Box(variables, masks):
                    box = tuple(zip(variables, masks, strict=True))
                    self._boxes.append(box)
                    for variable, mask in box:
                        self._boxes_of[variable].append((mask, box))
                case Linear():
                    for variable in constraint.variables:
                        self._sums_of[variable].append(len(self._sums))
                    self._sums.append(_Sum(constraint))
        self.bound = tuple(
            variable
            for variable in range(len(self.full))
            if self._columns[variable] or self._boxes_of[variable] or self._sums_of[variable]
        )

    def start(self, budget: Budget) -> State | None:
        """The consistent state of all values; `None` when some domain is empty."""
        state = State(list(self.full), self._every.copy())
        if not all(state.domains) or not all(state.live):
            return None
        changed = list(range(len(self.full)))
        for box in self._boxes:
            free = [(variable, mask) for variable, mask in box if state.domains[variable] & ~mask]
            if not free:
                return None
            if len(free) == 1:
                state.domains[free[0][0]] &= ~free[0][1]
        return state if self.propagate(state, changed, budget, range(len(self._tables))) is None else None

    def propagate(  # noqa: C901, PLR0912 - the inner loop: a call for each part would double its time
        self, state: State, changed: list[int], budget: Budget, tables: Iterable[int] = ()
    ) -> Sequence[int] | None:
        """Propagate to a fixed point.

        Args:
            state: it is changed.
            changed: the variables whose domains are smaller than when the state was consistent; it is used up.
            budget: what the work is taken from.
            tables: tables to look at in any case.

        Returns:
            `None`, or the variables of a constraint that cannot be satisfied.
        """
        domains, live = state.domains, state.live
        touched, sums = set(tables), set[int]()
        while True:
            while changed:
                variable = changed.pop()
                domain = domains[variable]
                columns = self._columns[variable]
                budget.spend(2 + len(columns) + len(self._boxes_of[variable]))
                for mask, box in self._boxes_of[variable]:
                    if domain & ~mask:
                        continue
                    free = -1
                    for other, inside in box:
                        beyond = domains[other] & ~inside
                        if beyond:
                            if free >= 0:
                                break
                            free, outside = other, beyond
                    else:
                        if free < 0:
                            return [other for other, _ in box]
                        if domains[free] != outside:
                            domains[free] = outside
                            changed.append(free)
                for column in columns:
                    allowed = column.memory.get(domain)
                    if allowed is None:
                        allowed = column.allowed(domain)
                    before = live[column.table]
                    after = before & allowed
                    if after != before:
                        if not after:
                            return [other for other, _ in self._tables[column.table]]
                        live[column.table] = after
                        touched.add(column.table)
                sums.update(self._sums_of[variable])
            if sums:
                one = self._sums[sums.pop()]
                budget.spend(_STEPS_A_PART * len(one.parts))
                if not one.revise(domains, changed):
                    return one.variables
            elif touched:
                self._filter(touched.pop(), state, changed, budget)
            else:
                return None

    def variants(self, solution: Sequence[int], variable: int, wanted: int) -> int:  # noqa: C901 - the inner loop: a call for each part would double its time
        """The wanted values that a variable of a solution can take with all others as they are."""
        for mask, box in self._boxes_of[variable]:
            if wanted & mask and all(other == variable or solution[other] & inside for other, inside in box):
                wanted &= ~mask
                if not wanted:
                    return 0
        for number in self._sums_of[variable]:
            wanted = self._sums[number].variants(solution, variable, wanted)
        for column in self._columns[variable]:
            if not wanted:
                return 0
            rows = -1
            for other, support in self._tables[column.table]:
                if other != variable:
                    rows &= support.get(solution[other], 0)
            for value in bits(wanted):
                if not column.support.get(value, 0) & rows:
                    wanted ^= value
        return wanted

    def _filter(self, table: int, state: State, changed: list[int], budget: Budget) -> None:
        """Drop the values that stand in no live row of a table."""
        domains, rows = state.domains, state.live[table]
        budget.spend(self._efforts[table])
        for variable, support in self._tables[table]:
            domain = rest = domains[variable]
            if domain & (domain - 1):
                while rest:
                    value = rest & -rest
                    rest ^= value
                    if not support.get(value, 0) & rows:
                        domain ^= value
                if domain != domains[variable]:
                    domains[variable] = domain
                    changed.append(variable)

    def _add_rows(self, rows: Rows) -> None:
        table = len(self._tables)
        self._every.append(rows.every)
        self._tables.append(tuple(zip(rows.variables, rows.support, strict=True)))
        self._efforts.append(sum(map(len, rows.support)) * (1 + rows.every.bit_length() // 4096))
        for variable, support in zip(rows.variables, rows.support, strict=True):
            self._columns[variable].append(_Column(table, support))


class _Sum:
    """A `Linear` with the least and the greatest weight of each domain that was met."""

    def __init__(self, linear: Linear) -> None:
        self.variables = linear.variables
        self.parts = tuple(
            (variable, weights, dict[int, tuple[int, int]]())
            for variable, weights in zip(linear.variables, linear.weights, strict=True)
        )
        self._low, self._high = linear.low, linear.high

    def variants(self, solution: Sequence[int], variable: int, wanted: int) -> int:
        """The wanted values of a variable that leave the sum within its bounds."""
        total = 0
        own: Sequence[int] = ()
        for other, weights, _ in self.parts:
            if other == variable:
                own = weights
            else:
                total += weights[solution[other].bit_length() - 1]
        for value in bits(wanted):
            reached = total + own[value.bit_length() - 1]
            if (self._low is not None and reached < self._low) or (
                self._high is not None and reached > self._high
            ):
                wanted ^= value
        return wanted

    def revise(self, domains: list[int], changed: list[int]) -> bool:  # noqa: C901 - the inner loop: a call for each part would double its time
        """Drop the values with which the sum cannot be within its bounds any more; whether it can be at all."""
        ranges = []
        least = greatest = 0
        for variable, weights, memory in self.parts:
            domain = domains[variable]
            span = memory.get(domain)
            if span is None:
                found = [weights[value.bit_length() - 1] for value in bits(domain)]
                span = min(found), max(found)
                if len(memory) >= _MEMORY:
                    memory.clear()
                memory[domain] = span
            ranges.append(span)
            least += span[0]
            greatest += span[1]
        # How far one value may lie above the least of its domain, and below the greatest.
        above = greatest - least if self._high is None else self._high - least
        below = greatest - least if self._low is None else greatest - self._low
        if above < 0 or below < 0:
            return False
        for (variable, weights, _), (smallest, largest) in zip(self.parts, ranges, strict=True):
            if largest - smallest <= above and largest - smallest <= below:
                continue
            kept = 0
            for value in bits(domains[variable]):
                weight = weights[value.bit_length() - 1]
                if weight - smallest <= above and largest - weight <= below:
                    kept |= value
            if kept != domains[variable]:
                domains[variable] = kept
                if not kept:
                    return False
                changed.append(variable)
        return True
