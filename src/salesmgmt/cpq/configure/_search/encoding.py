"""Any network as clauses: for solvers that know nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from salesmgmt.cpq.configure._search.constraint import Box, Constraint, Linear, Rows, bits

_PAIRWISE = 12
"""Up to so many values, each pair is forbidden by a clause of its own."""

MAX_NODES = 20_000
"""The partial sums up to which a sum becomes clauses; larger ones are checked solution by solution."""


class Encoding:
    """Variables and constraints as numbered literals and clauses.

    Attributes:
        literals: by variable, the literal of each value.
        count: how many variables the clauses have.
        clauses: literals of which one must hold, as numbers; negative when negated.
        unencoded: sums that are too large for clauses.
    """

    def __init__(self, full: Sequence[int], constraints: Iterable[Constraint]) -> None:
        self.count = 0
        self.clauses: list[list[int]] = []
        self.unencoded: list[Linear] = []
        self._full = full
        self.literals = [self._variable(domain) for domain in full]
        for constraint in constraints:
            match constraint:
                case Box(variables, masks):
                    self._box(variables, masks)
                case Rows():
                    self._rows(constraint)
                case Linear():
                    self._linear(constraint)

    def outside(self, variable: int, mask: int) -> list[int]:
        """Literals of which one holds when a value is not in a mask."""
        literals = self.literals[variable]
        inside = self._full[variable] & mask
        if inside and not inside & (inside - 1):
            return [-literals[inside]]
        return [literals[value] for value in bits(self._full[variable] & ~mask)]

    def _variable(self, domain: int) -> dict[int, int]:
        values = list(bits(domain))
        if len(values) == 2:
            new = self._new()
            return {values[0]: -new, values[1]: new}
        # A variable whose only value is the first is like one that has a second value which is excluded.
        sign = -1 if values == [1] else 1
        literals = {value: sign * self._new() for value in values}
        self.clauses.append(list(literals.values()))
        self._at_most_one(list(literals.values()))
        return literals

    def _new(self) -> int:
        self.count += 1
        return self.count

    def _at_most_one(self, literals: list[int]) -> None:
        while len(literals) > _PAIRWISE:
            group, literals = literals[:_PAIRWISE], literals[_PAIRWISE:]
            new = self._new()  # one of the group
            for literal in group:
                self.clauses.append([-literal, new])
            self._at_most_one(group)
            literals.append(new)
        self.clauses += [[-one, -other] for one, other in combinations(literals, 2)]

    def _box(self, variables: Sequence[int], masks: Sequence[int]) -> None:
        if all(self._full[variable] & mask for variable, mask in zip(variables, masks, strict=True)):
            parts = (
                self.outside(variable, mask)
                for variable, mask in zip(variables, masks, strict=True)
                if self._full[variable] & ~mask
            )
            self.clauses.append([literal for part in parts for literal in part])

    def _rows(self, rows: Rows) -> None:
        """A variable for each row: the row that the solution takes; and each value needs a row (Bacchus 2007)."""
        numbers = [number for number in range(rows.every.bit_length()) if rows.every >> number & 1]
        taken = {number: self._new() for number in numbers}
        self.clauses.append(list(taken.values()))
        for variable, support in zip(rows.variables, rows.support, strict=True):
            cells: dict[int, list[int]] = {number: [] for number in numbers}
            for value, literal in self.literals[variable].items():
                standing = [number for number in places(support.get(value, 0)) if number in taken]
                self.clauses.append([-literal, *(taken[number] for number in standing)])
                for number in standing:
                    cells[number].append(literal)
            for number, cell in cells.items():
                if len(cell) < len(self.literals[variable]):
                    self.clauses.append([-taken[number], *cell])

    def _linear(self, linear: Linear) -> None:
        columns = [
            {literal: weights[value.bit_length() - 1] for value, literal in self.literals[variable].items()}
            for variable, weights in zip(linear.variables, linear.weights, strict=True)
        ]
        if not all(columns):
            return
        clauses: list[list[int]] = []
        before = self.count
        for limit, sign in ((linear.high, 1), (linear.low, -1)):
            if limit is None:
                continue
            signed = [{literal: sign * weight for literal, weight in column.items()} for column in columns]
            smallest = sum(min(column.values()) for column in signed)
            raised = [
                {literal: weight - min(column.values()) for literal, weight in column.items()}
                for column in signed
            ]
            found = self._at_most(raised, sign * limit - smallest)
            if found is None:
                self.count = before
                self.unencoded.append(linear)
                return
            clauses += found
        self.clauses += clauses

    def _at_most(self, columns: Sequence[dict[int, int]], limit: int) -> list[list[int]] | None:
        """A sum of weights, none below 0, of which the smallest of each column is 0, is at most a limit.

        A literal for each partial sum that can be reached says that the first columns come to that much at least
        (sequential counter; Sinz 2005, with weights as Hoelldobler, Manthey and Steinke 2012). `None` when there are too many.
        """
        if limit < 0:
            return [[]]
        clauses: list[list[int]] = []
        reached = {0: 0}  # partial sum -> literal; the sum 0 is always reached
        rest = sum(max(column.values()) for column in columns)
        nodes = 0
        for column in columns:
            rest -= max(column.values())
            weights = sorted({weight for weight in column.values() if weight})
            sums = {done + weight for done in reached for weight in (0, *weights)}
            # Sums from which the limit cannot be exceeded any more need no literal.
            tracked = sorted(one for one in sums if one == 0 or (one <= limit and one + rest > limit))
            nodes += len(tracked)
            if nodes > MAX_NODES:
                return None
            following = {one: self._new() if one else 0 for one in tracked}
            for larger, smaller in zip(tracked[:0:-1], tracked[-2:0:-1], strict=False):
                clauses.append([-following[larger], following[smaller]])
            for done, literal in reached.items():
                given = [-literal] if literal else []
                for other, weight in ((None, 0), *column.items()):
                    total = done + weight
                    if (other is None and not done) or (other is not None and not weight):
                        continue
                    when = given if other is None else [*given, -other]
                    if total > limit:
                        clauses.append(when)
                    elif total in following:
                        clauses.append([*when, following[total]])
            reached = following
        return clauses


def places(number: int) -> list[int]:
    """The places of the bits of a long integer, ascending; linear, where shifting bit by bit is not."""
    octets = number.to_bytes((number.bit_length() + 7) // 8, "little")
    return [8 * start + place for start, octet in enumerate(octets) if octet for place in _PLACES[octet]]


_PLACES = [tuple(place for place in range(8) if octet >> place & 1) for octet in range(256)]
