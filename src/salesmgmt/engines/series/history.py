"""The numbers of a series, as they come from outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from math import isfinite
from numbers import Real
from typing import Any

from salesmgmt.core.errors import InvalidInput, Problem, shorten

MOST_VALUES = 10_000
"""How many values a series may have: 27 years of days. The search for parameters passes over all of them some hundred times."""

MOST_STEPS = 1_000
"""How far ahead a forecast may reach, and how long a season may be."""

LARGEST = 1e100
"""The largest value of a series, so that no square and no product of a forecast overflows."""

_MOST_PROBLEMS = 100


def values_of(history: Sequence[float], what: str = "history") -> tuple[float, ...]:
    """Return the values of a series as floats.

    Args:
        history: integers, floats or decimals, the oldest first, at most 10,000 and none beyond 1e100.
        what: how messages call it.

    Raises:
        InvalidInput: there are too many, or some are no such numbers; the first hundred are listed with their places.

    >>> from salesmgmt.engines.series.history import values_of
    >>> values_of([1, 2.5])
    (1.0, 2.5)
    """
    if not _is_sequence(history):
        wanted, hint = "a sequence of numbers, the oldest first", "make a list of an array or a column"
        raise InvalidInput("a series", [Problem(what, "type", shorten(history), wanted, hint)])
    if len(history) > MOST_VALUES:
        hint = "sum the values to longer periods, or pass the latest ones"
        problem = Problem(what, "too_many", f"{len(history)} values", f"at most {MOST_VALUES}", hint)
        raise InvalidInput("a series", [problem])
    problems = list(islice(_problems(history, what), _MOST_PROBLEMS))
    if problems:
        raise InvalidInput("a series", problems)
    return tuple(map(float, history))


def require_steps(number: int, what: str, least: int = 1, most: int = MOST_STEPS) -> int:
    """Return a number of steps that is one; raises `InvalidInput` otherwise.

    >>> from salesmgmt.engines.series.history import require_steps
    >>> require_steps(12, "season")
    12
    """
    if not _is_number(number, int) or not least <= number <= most:
        wanted = f"a whole number from {least} to {most}"
        raise InvalidInput("a series", [Problem(what, "range", shorten(number), wanted)])
    return number


def require_share(share: float | None, what: str) -> None:
    """Raise `InvalidInput` for a smoothing parameter that is neither `None` nor above 0 and at most 1.

    >>> from salesmgmt.engines.series.history import require_share
    >>> require_share(0.5, "alpha")
    """
    if share is None:
        return
    if not _is_number(share, int, float) or not 0 < share <= 1:
        raise InvalidInput("a method", [Problem(what, "range", shorten(share), "above 0 and at most 1")])


def _problems(history: Sequence[object], what: str) -> Iterator[Problem]:
    for place, value in enumerate(history):
        if not _is_number(value, Real, Decimal):
            yield Problem(f"{what}[{place}]", "type", shorten(value), "a number")
        elif not _fits(value):
            yield Problem(f"{what}[{place}]", "range", shorten(value), f"a finite number within {LARGEST:g}")


def _is_sequence(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_number(value: object, *kinds: type) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


def _fits(value: Any) -> bool:
    try:
        number = float(value)
    except (ArithmeticError, ValueError):
        return False
    return isfinite(number) and abs(number) <= LARGEST
