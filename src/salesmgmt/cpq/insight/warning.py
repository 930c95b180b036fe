"""What a figure is flagged with although it has a value."""

from __future__ import annotations

from collections.abc import Iterable

from salesmgmt.cpq.insight.closed_line import ClosedLine


def warning_of(lines: Iterable[ClosedLine], count: int, fewest: int) -> str | None:
    """Return `few_lines`, or `not_independent` when lines share a quote, or nothing.

    Args:
        lines: what the figure is drawn from.
        count: how many there are of what must not be few.
        fewest: how many that should be at least.

    >>> from salesmgmt.cpq.insight.warning import warning_of
    >>> warning_of([], 3, 10)
    'few_lines'
    """
    if count < fewest:
        return "few_lines"
    quotes = [line.quote for line in lines if line.quote]
    return "not_independent" if len(set(quotes)) < len(quotes) else None
