"""The answer to an id that a quote does not have."""

from __future__ import annotations

from collections.abc import Iterable

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.nearest import nearest


class UnknownId(SalesError, LookupError):
    """A quote or its outline has no such line, group or version.

    Attributes:
        what: `line`, `group` or `version`.
        found: the id that was given, shortened for showing.
        known: the ids that there are, the first fifty of them.
    """

    code = "unknown_id"

    def __init__(self, what: str, found: str, known: Iterable[str]) -> None:
        every = tuple(known)
        self.what = what
        self.found = shorten(found)
        self.known = every[:50]
        close = nearest(found, every) if len(found) <= 100 and len(every) <= 1_000 else None
        meant = f"did you mean {close!r}? " if close else ""
        super().__init__(
            f"there is no {what} {self.found}", hint=f"{meant}known are {', '.join(self.known) or 'none'}"
        )
