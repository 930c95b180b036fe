"""Who else would sell: checked as they come in."""

from __future__ import annotations

from collections.abc import Iterable

from salesmgmt.core.errors import Problem
from salesmgmt.pipeline.deals._checks import members, repeated, text_problems


def checked_competitors(given: Iterable[str], faults: list[Problem]) -> tuple[str, ...]:
    """The competitors of a deal: names that say something, each once."""
    names = members("competitors", given, str, faults)
    for index, name in enumerate(names):
        faults += text_problems(f"competitors[{index}]", name)
    faults += repeated("competitors", names, "each competitor once")
    return names
