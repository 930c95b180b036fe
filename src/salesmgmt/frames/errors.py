"""What a data frame cannot be asked."""

from __future__ import annotations

from salesmgmt.core.errors import SalesError


class UnsupportedBackend(SalesError, NotImplementedError):
    """Something cannot be done on this kind of frame, or not exactly.

    Attributes:
        what: what was asked.
        backend: the kind of frame (`pandas`, `duckdb`).
    """

    code = "unsupported_backend"

    def __init__(self, what: str, backend: str, *, hint: str) -> None:
        super().__init__(f"{what} cannot be done exactly on {backend}", hint=hint)
        self.what = what
        self.backend = backend


class NotAColumn(SalesError, LookupError):
    """A name of a formula stands for no column of the frame, or for one of a wrong type.

    Attributes:
        found: the name.
        reason: what is wrong with it.
    """

    code = "not_a_column"

    def __init__(self, found: str, reason: str, *, hint: str) -> None:
        super().__init__(f"{found} is no column that can be asked this: {reason}", hint=hint)
        self.found = found
        self.reason = reason
