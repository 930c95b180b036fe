"""What every function here asks of its numbers before it computes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import TypeVar

from salesmgmt.core.errors import InvalidInput, Problem, shorten

T = TypeVar("T")

_MOST_PROBLEMS = 50
_LARGEST = 1e100
"""Products and squares of such numbers are still floats."""


def finite(values: Iterable[float], name: str) -> list[float]:
    """Return the numbers as floats; raises `InvalidInput` for what is none, not finite, or beyond 1e100."""
    return _taken(values, name, f"a number from -{_LARGEST} to {_LARGEST}", -_LARGEST, _LARGEST)


def probabilities(values: Iterable[float], name: str = "probabilities") -> list[float]:
    """Return the numbers as floats; raises `InvalidInput` for what does not lie from 0 to 1."""
    return _taken(values, name, "from 0 to 1", 0.0, 1.0)


def paired(scores: Sequence[float], outcomes: Iterable[bool], name: str) -> list[bool]:
    """Return the outcomes as truth values, as many as there are scores; raises `InvalidInput`."""
    listed = listed_of(outcomes, "outcomes")
    if {bool}.issuperset(map(type, listed)):
        return _as_many(listed, scores, name, [])
    told: list[bool] = []
    problems: list[Problem] = []
    for place, outcome in enumerate(listed):
        # A probability in place of an outcome would pass as true.
        if outcome not in (0, 1):
            if len(problems) < _MOST_PROBLEMS:
                problems.append(
                    Problem(f"outcomes[{place}]", "wrong_type", shorten(outcome), "true or false")
                )
        else:
            told.append(bool(outcome))
    return _as_many(told, scores, name, problems)


def _as_many(told: list[bool], scores: Sequence[float], name: str, problems: list[Problem]) -> list[bool]:
    if not problems and len(told) != len(scores):
        wanted = f"as many as there are {name}: {len(scores)}"
        problems.append(Problem("outcomes", "length", f"{len(told)} outcomes", wanted))
    if problems:
        raise InvalidInput("calibration", problems)
    return told


def _taken(values: Iterable[float], name: str, wanted: str, least: float, most: float) -> list[float]:
    listed = listed_of(values, name)
    # Most are floats and as they should be: that is told without asking each one by itself.
    plain = {float}.issuperset(map(type, listed)) and all(map(isfinite, listed))
    if plain and least <= min(listed, default=least) and max(listed, default=most) <= most:
        return listed
    numbers: list[float] = []
    problems: list[Problem] = []
    for place, value in enumerate(listed):
        number = number_of(value)
        if number is None or not least <= number <= most:
            if len(problems) < _MOST_PROBLEMS:
                problems.append(Problem(f"{name}[{place}]", "not_a_number", shorten(value), wanted))
        else:
            numbers.append(number)
    if problems:
        raise InvalidInput("calibration", problems)
    return numbers


def listed_of(values: Iterable[T], name: str) -> list[T]:
    """Return what was given as a list; raises `InvalidInput` for what cannot be gone through."""
    if not isinstance(values, Iterable):
        raise InvalidInput("calibration", [Problem(name, "wrong_type", shorten(values), "a list of them")])
    return list(values)


def number_of(value: object) -> float | None:
    """Return a number as a float; `None` for what is none, not finite, or beyond 1e100."""
    if isinstance(value, bool | str | bytes):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if -_LARGEST <= number <= _LARGEST else None
