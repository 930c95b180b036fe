"""Which versions are measured against."""

from __future__ import annotations

from importlib.metadata import version
from platform import python_version


def versions(*names: str) -> str:
    """One line with the version of Python and of each distribution.

    Args:
        names: of distributions.
    """
    return ", ".join([f"Python {python_version()}", *(f"{name} {version(name)}" for name in names)])
