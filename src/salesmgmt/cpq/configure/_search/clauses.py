"""A solver for clauses that learns from conflicts, and mends a known model where it can."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from salesmgmt.cpq.configure._search.budget import Budget

_WISHES_UNTIL = 20
"""After so many conflicts a search gives up the literals that are only liked."""
_RESTART = 64
_MAX_LEARNED = 4_000

_Clause: TypeAlias = list[int]


class ClauseSolver:
    """Conflict-driven clause learning (Marques-Silva and Sakallah 1999; Moskewicz and others 2001: two watched literals).

    Literals are numbers as in DIMACS. Questions share what was learned, which follows from the clauses alone. A search
    starts from a known model and decides only what the model does not satisfy any more, so that its cost is that of
    the difference.

    Inside, the literal n is 2 n and its negation 2 n + 1; level 0 holds for ever, level 1 with the assumptions.
    """

    def __init__(self, count: int, clauses: Iterable[Sequence[int]]) -> None:
        self._count = count
        size = 2 * count + 2
        self._value = [0] * size
        self._level = [0] * (count + 1)
        self._reason: list[_Clause | int | None] = [None] * (count + 1)
        self._activity = [0.0] * (count + 1)
        self._bump = 1.0
        self._implied: list[list[int]] = [[] for _ in range(size)]
        self._watches: list[list[_Clause]] = [[] for _ in range(size)]
        self._clauses_of: list[list[_Clause]] = [[] for _ in range(size)]
        self._learned: list[_Clause] = []
        self._units: list[int] = []
        self._trail: list[int] = []
        self._starts: list[int] = []
        self._head = 0
        self._assumed: set[int] = set()
        self._positive: list[Sequence[int]] = []
        self._contradiction = False
        for clause in clauses:
            self._add(clause)

    def add(self, clause: Sequence[int]) -> None:
        """Add a clause that all further questions must satisfy."""
        self._reset()
        self._add(clause)

    def assume(self, literals: Iterable[int], budget: Budget) -> bool:
        """Take assumptions instead of those before; whether nothing speaks against them at once."""
        try:
            return self._assume({_inside(literal) for literal in literals}, budget)
        except BaseException:
            self._reset()
            raise

    def _assume(self, wanted: set[int], budget: Budget) -> bool:
        if self._contradiction:
            return False
        if not self._starts or not self._assumed <= wanted:
            self._forget_assumptions()
            self._contradiction = not self._hold_units(budget)
            if self._contradiction:
                return False
            self._starts.append(len(self._trail))
        else:
            self._back_to(1)
        if len(self._learned) > _MAX_LEARNED:
            self._forget_learned()
        value = self._value
        for literal in sorted(wanted - self._assumed):
            if value[literal] < 0:
                self._forget_assumptions()
                return False
            if not value[literal]:
                self._enqueue(literal, None)
        self._assumed = wanted
        if self._propagate(budget) is not None:
            self._forget_assumptions()
            return False
        return True

    def assume_more(self, literals: Iterable[int], budget: Budget) -> bool:
        """Take some more assumptions beside those that hold."""
        try:
            self._back_to(1)
            return self._assume(self._assumed.union(map(_inside, literals)), budget)
        except BaseException:
            self._reset()
            raise

    def _hold_units(self, budget: Budget) -> bool:
        """Give values to the literals that hold for ever; whether that is possible."""
        for literal in self._units:
            if self._value[literal] < 0:
                return False
            self._enqueue(literal, None)
        return self._propagate(budget) is None

    def settled(self, begin: int) -> list[int]:
        """The literals that are known to follow from the assumptions, without so many that are known already."""
        end = self._starts[1] if len(self._starts) > 1 else len(self._trail)
        return [-(literal >> 1) if literal & 1 else literal >> 1 for literal in self._trail[begin:end]]

    def find(
        self, must: int | None, wanted: Sequence[int], model: bytes | None, budget: Budget
    ) -> bytes | None:
        """A model under the assumptions.

        Args:
            must: a literal that must hold.
            wanted: literals that hold if they come along.
            model: a model of the clauses to start from, assumptions aside: one byte a variable, 1 for true.
            budget: what the work is taken from.

        Returns:
            The model; `None` when there is none.
        """
        asked = [] if must is None else [_inside(must)]
        try:
            return self._search(asked, [_inside(literal) for literal in wanted], model, budget)
        except BaseException:
            self._reset()
            raise

    def _search(  # noqa: C901, PLR0912 - the inner loop: a call for each part would double its time
        self, asked: list[int], liked: list[int], model: bytes | None, budget: Budget
    ) -> bytes | None:
        value, trail, starts = self._value, self._trail, self._starts
        self._back_to(1)
        known = model or bytes(self._count)
        wanted = asked + liked
        needed = len(asked)
        wishes = len(wanted)
        # By level: how many of the wanted literals were looked at, and how much of the trail was compared.
        pointers = [0, 0]
        checks = [0, self._head_of_difference(known)]
        conflicts = 0
        while True:
            conflict = self._propagate(budget)
            if conflict is not None:
                if len(starts) == 1:
                    self._forget_assumptions()
                    return None
                conflicts += 1
                self._learn(conflict, budget)
                if conflicts >= _WISHES_UNTIL:
                    wishes = needed
                    if conflicts % _RESTART == 0:
                        self._back_to(1)
                level = len(starts)
                del pointers[level + 1 :]
                del checks[level + 1 :]
                if level == 1:
                    pointers[1] = 0
                continue
            level = len(starts)
            pointer = pointers[level]
            decision = 0
            while pointer < wishes:
                literal = wanted[pointer]
                pointer += 1
                if not value[literal]:
                    decision = literal
                    break
                if pointer <= needed and value[literal] < 0:
                    return None
            pointers[level] = pointer
            if not decision:
                checks[level], decision = self._violated(known, checks[level], budget)
                if not decision and model is None:
                    decision = self._unmet(budget)
                if not decision:
                    break
            starts.append(len(trail))
            pointers.append(pointer)
            checks.append(checks[level])
            self._enqueue(decision, None)
        found = bytearray(known)
        for literal in trail:
            found[(literal >> 1) - 1] = 1 - (literal & 1)
        return bytes(found)

    def _head_of_difference(self, known: bytes) -> int:
        """Where on the trail the literals begin that may differ from a known model."""
        for place, literal in enumerate(self._trail):
            if known[(literal >> 1) - 1] == literal & 1:
                return place
        return len(self._trail)

    def _violated(self, known: bytes, checked: int, budget: Budget) -> tuple[int, int]:
        """Look for a clause that the known model, changed by the trail, does not satisfy.

        Returns:
            How much of the trail was checked, and a literal that could mend the clause; 0 when all are satisfied.
        """
        value, trail = self._value, self._trail
        began = checked
        while checked < len(trail):
            literal = trail[checked]
            if known[(literal >> 1) - 1] == literal & 1:
                for clause in self._clauses_of[literal ^ 1]:
                    for other in clause:
                        if value[other] > 0 or (not value[other] and known[(other >> 1) - 1] != other & 1):
                            break
                    else:
                        activity = self._activity
                        free = [other for other in clause if not value[other]]
                        budget.spend(checked - began + 1)
                        return checked, max(free, key=lambda other: activity[other >> 1])
            checked += 1
        budget.spend(checked - began)
        return checked, 0

    def _unmet(self, budget: Budget) -> int:
        """A literal that could mend a clause which the model of all variables false does not satisfy; 0 when none is left."""
        value, activity = self._value, self._activity
        budget.spend(len(self._positive))
        for clause in self._positive:
            if not any(value[literal] > 0 for literal in clause):
                free = [literal for literal in clause if not value[literal]]
                return max(free, key=lambda literal: activity[literal >> 1])
        return 0

    def _add(self, clause: Sequence[int]) -> None:
        literals = sorted({_inside(literal) for literal in clause})
        if any(literal ^ 1 in literals for literal in literals[:-1]):
            return
        if not any(literal & 1 for literal in literals):
            self._positive.append(tuple(literals))
        match literals:
            case []:
                self._contradiction = True
            case [literal]:
                self._units.append(literal)
            case [first, second]:
                self._implied[first ^ 1].append(second)
                self._implied[second ^ 1].append(first)
            case _:
                self._watches[literals[0]].append(literals)
                self._watches[literals[1]].append(literals)
                for literal in literals:
                    self._clauses_of[literal].append(literals)

    def _enqueue(self, literal: int, reason: _Clause | int | None) -> None:
        if self._value[literal]:
            return
        self._value[literal] = 1
        self._value[literal ^ 1] = -1
        self._level[literal >> 1] = len(self._starts)
        self._reason[literal >> 1] = reason
        self._trail.append(literal)

    def _propagate(self, budget: Budget) -> Sequence[int] | None:  # noqa: C901, PLR0912, PLR0915 - the inner loop: a call for each part would double its time
        """Give values to what follows; a clause that is violated, if one is."""
        value, trail, levels, reasons = self._value, self._trail, self._level, self._reason
        implied, watches = self._implied, self._watches
        level = len(self._starts)
        began = self._head
        visited = 0
        while self._head < len(trail):
            literal = trail[self._head]
            self._head += 1
            for other in implied[literal]:
                state = value[other]
                if state <= 0:
                    if state:
                        budget.spend(self._head - began + visited)
                        return [other, literal ^ 1]
                    value[other] = 1
                    value[other ^ 1] = -1
                    levels[other >> 1] = level
                    reasons[other >> 1] = literal ^ 1
                    trail.append(other)
            false = literal ^ 1
            watching = watches[false]
            if not watching:
                continue
            visited += len(watching)
            kept = []
            for place, clause in enumerate(watching):
                if not clause:
                    continue
                if clause[0] == false:
                    clause[0] = clause[1]
                    clause[1] = false
                first = clause[0]
                if value[first] > 0:
                    kept.append(clause)
                    continue
                for number in range(2, len(clause)):
                    other = clause[number]
                    if value[other] >= 0:
                        clause[1] = other
                        clause[number] = false
                        watches[other].append(clause)
                        break
                else:
                    kept.append(clause)
                    if value[first] < 0:
                        kept.extend(watching[place + 1 :])
                        watches[false] = kept
                        budget.spend(self._head - began + visited)
                        return clause
                    value[first] = 1
                    value[first ^ 1] = -1
                    levels[first >> 1] = level
                    reasons[first >> 1] = clause
                    trail.append(first)
            watches[false] = kept
        budget.spend(self._head - began + visited)
        return None

    def _learn(self, conflict: Sequence[int], budget: Budget) -> None:
        """Learn the clause of the first unique implication point, and go back to where it implies something."""
        levels, reasons, trail, activity = self._level, self._reason, self._trail, self._activity
        current = len(self._starts)
        seen: set[int] = set()
        learned: list[int] = []
        open_count = 0
        place = len(trail)
        reason: Sequence[int] = conflict
        while True:
            for literal in reason:
                variable = literal >> 1
                if variable in seen or not levels[variable]:
                    continue
                seen.add(variable)
                activity[variable] += self._bump
                if levels[variable] == current:
                    open_count += 1
                else:
                    learned.append(literal)
            while True:
                place -= 1
                if trail[place] >> 1 in seen:
                    break
            decided = trail[place]
            open_count -= 1
            if not open_count:
                break
            because = reasons[decided >> 1]
            reason = (because,) if isinstance(because, int) else because or ()
        self._bump *= 1.05
        if self._bump > 1e100:
            self._activity[:] = [one * 1e-100 for one in activity]
            self._bump = 1.0
        budget.spend(len(seen))
        clause = [decided ^ 1, *(literal for literal in learned if not self._follows(literal, seen))]
        clause[1:] = sorted(clause[1:], key=lambda literal: levels[literal >> 1], reverse=True)
        back = levels[clause[1] >> 1] if len(clause) > 1 else 0
        self._back_to(max(back, 1))
        self._keep(clause)

    def _keep(self, clause: _Clause) -> None:
        """Keep a learned clause, and give its first literal the value that it implies now."""
        first = clause[0]
        if len(clause) == 1:
            self._units.append(first)
            self._enqueue(first, None)
            self._level[first >> 1] = 0
        elif len(clause) == 2:
            self._implied[first ^ 1].append(clause[1])
            self._implied[clause[1] ^ 1].append(first)
            self._enqueue(first, clause[1])
        else:
            self._learned.append(clause)
            self._watches[first].append(clause)
            self._watches[clause[1]].append(clause)
            self._enqueue(first, clause)

    def _follows(self, literal: int, seen: set[int]) -> bool:
        """Whether a literal of a learned clause follows from the others (Sorensson and Biere 2009)."""
        if self._reason[literal >> 1] is None:
            return False
        pending = [literal >> 1]
        visited: set[int] = set()
        while pending:
            because = self._reason[pending.pop()]
            if because is None:
                return False
            for other in (because,) if isinstance(because, int) else because:
                variable = other >> 1
                if variable in seen or variable in visited or not self._level[variable]:
                    continue
                if self._reason[variable] is None or len(visited) > 100:
                    return False
                visited.add(variable)
                pending.append(variable)
        return True

    def _back_to(self, level: int) -> None:
        if len(self._starts) <= level:
            return
        start = self._starts[level]
        value, trail = self._value, self._trail
        for literal in trail[start:]:
            value[literal] = value[literal ^ 1] = 0
        del trail[start:]
        del self._starts[level:]
        self._head = start

    def _forget_assumptions(self) -> None:
        self._back_to(0)
        self._assumed = set()

    def _reset(self) -> None:
        """Take back all values, those of level 0 too: they are found again with the next assumptions."""
        self._forget_assumptions()
        for literal in self._trail:
            self._value[literal] = self._value[literal ^ 1] = 0
        self._trail.clear()
        self._head = 0

    def _forget_learned(self) -> None:
        """Forget the longer half of the long clauses that were learned."""
        locked = {id(self._reason[literal >> 1]) for literal in self._trail}
        ranked = sorted(self._learned, key=len)
        half = len(ranked) // 2
        self._learned = ranked[:half]
        for clause in ranked[half:]:
            if id(clause) in locked:
                self._learned.append(clause)
            else:
                clause.clear()  # its watches drop it when they meet it


def _inside(literal: int) -> int:
    return 2 * literal if literal > 0 else 1 - 2 * literal
