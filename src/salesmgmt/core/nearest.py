"""The nearest known name, for messages about unknown ones."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like `name`, whatever its case, or `None` when none is much like it.

    >>> from salesmgmt.core.nearest import nearest
    >>> nearest("Euro", ["USD", "EUR"])
    'EUR'
    """
    import difflib  # noqa: PLC0415 - only a message about a mistake needs it

    folded = {each.casefold(): each for each in known}
    found = difflib.get_close_matches(name[:100].strip().casefold(), folded, n=1)
    return folded[found[0]] if found else None
