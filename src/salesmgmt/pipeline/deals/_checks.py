"""What every part of a deal is asked for: texts that say something, and not without end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from salesmgmt.core.errors import Problem, shorten

T = TypeVar("T")

LONGEST_NAME = 200
"""Characters of an id or a name."""

LONGEST_TEXT = 10_000
"""Characters of a text that people write."""

MOST_PARTS = 1_000
"""Products, splits, roles or competitors of one deal."""


def text_problems(path: str, value: object, longest: int = LONGEST_NAME) -> Iterator[Problem]:
    """Whether something is a text that says something, and no longer than it may be."""
    if not isinstance(value, str):
        yield Problem(path, "wrong_type", shorten(value), "a text")
    elif not value or value.isspace():
        yield Problem(path, "blank", shorten(value), "a text that says something")
    elif len(value) > longest:
        yield Problem(path, "too_long", f"{len(value)} characters", f"at most {longest} characters")


def kind_problems(path: str, value: object, kind: type, wanted: str) -> list[Problem]:
    """Whether something is of a class, as its declaration promises and a caller without a type checker may not have seen."""
    return [] if isinstance(value, kind) else [Problem(path, "wrong_type", shorten(value), wanted)]


def members(path: str, given: Iterable[T], kind: type[T], faults: list[Problem]) -> tuple[T, ...]:
    """The parts of a deal as a tuple; what is of another class, or too much, goes to the faults instead."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        faults.append(Problem(path, "wrong_type", shorten(given), f"a list of {kind.__name__}"))
        return ()
    parts = tuple(islice(given, MOST_PARTS + 1))
    if len(parts) > MOST_PARTS:
        faults.append(Problem(path, "too_many", f"more than {MOST_PARTS}", f"at most {MOST_PARTS}"))
        return ()
    faults += [
        Problem(f"{path}[{index}]", "wrong_type", shorten(part), f"a {kind.__name__}")
        for index, part in enumerate(parts)
        if not isinstance(part, kind)
    ]
    return parts if all(isinstance(part, kind) for part in parts) else ()


def repeated(path: str, keys: Iterable[object], wanted: str) -> Iterator[Problem]:
    """A problem for each key that stood before."""
    seen: dict[object, int] = {}
    for index, key in enumerate(keys):
        if key in seen:
            yield Problem(
                f"{path}[{index}]",
                "duplicate",
                f"{shorten(key)} again",
                wanted,
                f"the first is {path}[{seen[key]}]",
            )
        else:
            seen[key] = index
