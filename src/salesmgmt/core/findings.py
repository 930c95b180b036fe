"""Findings: what a lint says about a definition that was read without error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum

import attrs

from salesmgmt.core.errors import SalesError, listed


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """The definition cannot work as written and is refused."""
    WARNING = "warning"
    """The definition works, but probably not as meant."""
    INFO = "info"
    """Nothing is wrong; the reader should know it."""


@attrs.frozen(kw_only=True)
class Finding:
    """One remark of a lint about a definition.

    Attributes:
        code: stable identifier of the kind of finding.
        where: the place in the reader's terms (`stages.won`, `prices.csv row 12`).
        message: what is wrong there.
        hint: what to do about it.
        severity: whether the definition is refused.

    >>> print(Finding(code="dead_end", where="stages.legal", message="no way out", hint="add a transition"))
    error dead_end at stages.legal: no way out; add a transition
    """

    code: str
    where: str
    message: str
    hint: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.severity} {self.code} at {self.where}: {self.message}; {self.hint}"


class InvalidDefinition(SalesError, ValueError):
    """A definition is readable but cannot work; every finding is listed.

    Attributes:
        what: the definition (`pipeline enterprise`).
        findings: the findings of severity error, in the order of the definition.
    """

    code = "invalid_definition"

    def __init__(self, what: str, findings: Iterable[Finding]) -> None:
        self.what = what
        self.findings = tuple(findings)
        super().__init__(
            f"{what} cannot work:\n{listed(self.findings)}", hint="correct the definition and load it again"
        )


def refuse_errors(what: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the warnings among `findings`; raises `InvalidDefinition` when there are errors."""
    every = tuple(findings)
    errors = [finding for finding in every if finding.severity is Severity.ERROR]
    if errors:
        raise InvalidDefinition(what, errors)
    return every


def duplicate_ids(where: str, ids: Iterable[str]) -> Iterator[Finding]:
    """Yield an error for each id that stands more than once in a list of a definition.

    >>> from salesmgmt.core.findings import duplicate_ids
    >>> print(*duplicate_ids("rules", ["fair", "web", "fair"]))
    error duplicate_id at rules.fair: the id stands there 2 times; give each its own, or join them
    """
    for id_, count in Counter(ids).items():
        if count > 1:
            yield Finding(
                code="duplicate_id",
                where=f"{where}.{id_}",
                message=f"the id stands there {count} times",
                hint="give each its own, or join them",
            )
