"""Who searches for valid products."""

from __future__ import annotations

from enum import StrEnum


class Backend(StrEnum):
    """Who searches for valid products; the answers are the same.

    >>> from salesmgmt.cpq.configure import Backend
    >>> Backend("python") is Backend.PYTHON
    True
    """

    PYTHON = "python"
    """The library itself; needs nothing else."""
    PYSAT = "pysat"
    """A solver of python-sat, from the extra `sat`; for models of clauses that are harder than catalogues are."""
