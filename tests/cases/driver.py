"""Runs cases through the adapters and says for each: pass, fail or unsupported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.cases.adapters import ADAPTERS
from tests.cases.case import Adapter, Case, Unsupported, read_cases
from tests.cases.comparison import differences


def files(places: Sequence[Path]) -> Iterator[Path]:
    """The case files among files and folders, in order."""
    for place in places:
        yield from sorted(place.rglob("*.json")) if place.is_dir() else [place]


def run(case: Case, adapters: Mapping[str, Adapter] = ADAPTERS) -> tuple[str, str]:
    """The outcome of a case (`pass`, `fail`, `unsupported`) and the reason."""
    adapter = adapters.get(case.kind)
    if adapter is None:
        return "unsupported", f"no adapter for {case.kind}"
    try:
        answer = adapter(case)
        if unread := [*case.given.unread(), *case.when.unread()]:
            return "unsupported", f"not read: {', '.join(unread)}"
        wrong = list(differences(case.expect, answer, case.tolerance))
    except Unsupported as reason:
        return "unsupported", str(reason)
    except Exception as error:
        return "fail", f"{type(error).__name__}: {error}"
    return ("fail", "; ".join(wrong)) if wrong else ("pass", "")


def report(places: Sequence[Path]) -> tuple[Counter[str], list[str]]:
    """Outcomes counted, and a line a case."""
    counts: Counter[str] = Counter()
    lines = []
    for file in files(places):
        for case in read_cases(file):
            outcome, reason = run(case)
            counts[outcome] += 1
            lines.append(f"{case.id} {outcome}: {reason}" if reason else f"{case.id} {outcome}")
    return counts, lines
