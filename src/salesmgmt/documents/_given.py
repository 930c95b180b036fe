"""Takes lists as they are given; what is wrong with them is told when the document is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def listed(given: Any) -> tuple[Any, ...]:
    """A list as a tuple, a single text as a list of one; anything else as it is.

    >>> from salesmgmt.documents._given import listed
    >>> listed(["a", "b"]), listed("a"), listed(5)
    (('a', 'b'), ('a',), 5)
    """
    if isinstance(given, str):
        return (given,)
    return tuple(given) if isinstance(given, Iterable) else given
