"""Many conditions asked of many leads: each part is worked out once for each combination of values it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import attrs

from salesmgmt.core.errors import SalesError
from salesmgmt.core.formula import Formula, Value, Values
from salesmgmt.core.formula.nodes import And
from salesmgmt.core.formula.render import canonical
from salesmgmt.pipeline.leads.facts import lead_values
from salesmgmt.pipeline.leads.lead import Lead

_REMEMBERED = 20_000
"""Combinations of values of one set of names that are remembered; then remembering begins anew."""

_NOTHING: Mapping[str, Value] = {}
_Getter: TypeAlias = Callable[[Lead, Values], object]


@attrs.frozen
class Answer:
    """Which conditions hold, as bits in their order.

    Attributes:
        holds: those that hold.
        undecided: those that have no answer.
    """

    holds: int
    undecided: int = 0


@attrs.frozen
class _Reading:
    """The parts of conjunctions that read the same names.

    Attributes:
        getters: fetch what they read, as it stands in the lead.
        parts: each with the bits of the conditions that it rules out when it does not hold.
    """

    getters: tuple[_Getter, ...]
    parts: tuple[tuple[Formula, int], ...]


class Conditions:
    """Conditions that are asked together, numbered in their order; `None` always holds."""

    __slots__ = ("_every", "_formulas", "_readings")

    def __init__(self, formulas: Sequence[Formula | None]) -> None:
        self._formulas = tuple(formulas)
        self._every = (1 << len(self._formulas)) - 1
        parts: dict[tuple[str, ...], dict[Formula, int]] = {}
        for number, formula in enumerate(self._formulas):
            if formula is None:
                continue
            tree = formula.tree
            for part in tree.operands if isinstance(tree, And) else (tree,):
                condition = Formula.parse(canonical(part), formula.schema)
                bits = parts.setdefault(tuple(sorted(condition.names)), {})
                bits[condition] = bits.get(condition, 0) | 1 << number
        self._readings = tuple(
            _Reading(tuple(map(_getter, names)), tuple(bits.items())) for names, bits in parts.items()
        )

    def asker(self) -> Asker:
        """Return what answers for the leads of one batch."""
        return Asker(self._formulas, self._every, self._readings)


class Asker:
    """Answers conditions for lead after lead, and remembers the answers."""

    __slots__ = ("_answers", "_every", "_formulas", "_memory")

    def __init__(
        self, formulas: tuple[Formula | None, ...], every: int, readings: tuple[_Reading, ...]
    ) -> None:
        self._formulas = formulas
        self._every = every
        self._memory: tuple[tuple[_Reading, dict[tuple[object, ...], int]], ...] = tuple(
            (reading, {}) for reading in readings
        )
        self._answers: dict[int, Answer] = {}

    def ask(self, lead: Lead, facts: Values | None = None) -> Answer:
        """Return which conditions hold for a lead."""
        known = facts or _NOTHING
        ruled_out = 0
        try:
            for reading, memory in self._memory:
                key = tuple([get(lead, known) for get in reading.getters])
                fails = memory.get(key)
                if fails is None:
                    fails = self._failing(reading, lead_values(lead, facts))
                    if len(memory) >= _REMEMBERED:
                        memory.clear()
                    memory[key] = fails
                ruled_out |= fails
        except (SalesError, TypeError):  # no answer, or a value that has no hash
            return self._one_by_one(lead_values(lead, facts))
        answer = self._answers.get(ruled_out)
        if answer is None:
            answer = self._answers[ruled_out] = Answer(self._every & ~ruled_out)
        return answer

    def _failing(self, reading: _Reading, values: Values) -> int:
        fails = 0
        for part, bits in reading.parts:
            if not part.holds(values):
                fails |= bits
        return fails

    def _one_by_one(self, values: Values) -> Answer:
        """Ask whole conditions, because a part with no answer may stand behind one that decides."""
        holds = undecided = 0
        for number, formula in enumerate(self._formulas):
            try:
                if formula is None or formula.holds(values):
                    holds |= 1 << number
            except SalesError:
                undecided |= 1 << number
        return Answer(holds, undecided)


def _getter(name: str) -> _Getter:
    """Return what fetches the raw value behind a name of a condition; equal raw values give equal answers."""
    own = name.removeprefix("lead.fields.")
    if own != name:
        return lambda lead, facts: _typed(lead.fields[own] if own in lead.fields else facts.get(name))
    path = name.removeprefix("lead.").split(".")
    if not name.startswith("lead."):
        return lambda _, facts: _typed(facts.get(name))
    if len(path) == 1:
        return lambda lead, _: getattr(lead, path[0], None)
    return lambda lead, _: _nested(lead, path)


def _typed(value: object) -> object:
    """A value of a host may be of a wrong type, and `True` is equal to 1."""
    return (type(value), value) if isinstance(value, (bool, float)) else value


def _nested(lead: object, path: Sequence[str]) -> object:
    found = lead
    for field in path:
        if found is None:
            return None
        found = getattr(found, field, None)
    return found
