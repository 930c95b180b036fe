"""Who writes a document, and to whom."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from salesmgmt.documents._given import listed


def _lines(given: Iterable[str]) -> tuple[str, ...]:
    return listed(given)


@attrs.frozen
class Party:
    """A name and what stands below it: address, tax number, a person to ask.

    >>> from salesmgmt.documents import Party
    >>> Party("Hafen Bikes GmbH", ["Am Kai 7", "20457 Hamburg"]).lines
    ('Am Kai 7', '20457 Hamburg')
    """

    name: str
    lines: tuple[str, ...] = attrs.field(default=(), converter=_lines)
