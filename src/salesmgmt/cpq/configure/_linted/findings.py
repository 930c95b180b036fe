"""What the findings of the lint of product models have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.nearest import nearest


def error(code: str, where: str, message: str, hint: str) -> Finding:
    """A finding for which the model is refused."""
    return Finding(code=code, where=where[:200], message=message, hint=hint)


def warning(code: str, where: str, message: str, hint: str) -> Finding:
    """A finding with which the model works, but probably not as meant."""
    return Finding(code=code, where=where[:200], message=message, hint=hint, severity=Severity.WARNING)


def info(code: str, where: str, message: str, hint: str) -> Finding:
    """A finding that the reader should know."""
    return Finding(code=code, where=where[:200], message=message, hint=hint, severity=Severity.INFO)


def unknown_attribute(where: str, name: str, known: Iterable[str]) -> Finding:
    """A name leads nowhere."""
    return error("unknown_attribute", where, f"there is no attribute {shorten(name)}", _meant(name, known))


def unknown_value(where: str, value: str, known: Iterable[str]) -> Finding:
    """A value is none of its attribute."""
    return error("unknown_value", where, f"there is no value {shorten(value)}", _meant(value, known))


def ids(where: str, names: Iterable[str]) -> Iterator[Finding]:
    """Names that are blank, or stand there several times."""
    for name, count in Counter(names).items():
        if count > 1 or not name.strip():
            yield error(
                "id",
                f"{where}.{name}",
                f"the id {shorten(name)} is blank or stands there {count} times",
                "give each its own id",
            )


def _meant(name: str, known: Iterable[str]) -> str:
    some = sorted(known)[:1000]
    close = nearest(name, some)
    return f"did you mean {close!r}?" if close else f"use one of {', '.join(map(shorten, some[:20]))}"
