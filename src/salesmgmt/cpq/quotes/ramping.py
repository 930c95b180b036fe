"""Ramps in a quote: one line for each segment, one after the other."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.cpq.pricing import Line, ManualPrice, Ramp
from salesmgmt.cpq.quotes.outline import OutlineLine


def ramp_lines(
    id: str,  # noqa: A002 - lines are named by id everywhere
    line: Line,
    ramp: Ramp,
    *,
    starts: date,
    reason: str,
    by: str,
    at: datetime,
    group: str = "",
) -> tuple[OutlineLine, ...]:
    """Sell a line in the segments of a ramp, each with its own quantity, price and days; they add up to the ramp's total.

    The price of each segment is one that was agreed, so the procedure needs a step `ManualPrices`, and `Terms` after it whose
    default term is a full segment. A segment can be changed in the contract like any other line, and the last one is renewed.

    Args:
        id: of the lines, which are `<id>/1`, `<id>/2` and so on.
        line: what is sold; the ramp says how many.
        ramp: quantities and prices.
        starts: its first day.
        reason: why the prices are as they are.
        by: who agreed on them.
        at: when.
        group: id of the group of the lines.

    Raises:
        InvalidInput: a segment has no whole number of months, or segments are for different full ones.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import Line, Ramp
    >>> from salesmgmt.cpq.quotes import ramp_lines
    >>> ramp = Ramp.of_quantities([100, 200], Money(200, "EUR"))
    >>> for one in ramp_lines("seats", Line("seat", 1), ramp, starts=date(2026, 1, 1), reason="ramp", by="li.wei",
    ...                       at=datetime(2025, 12, 1, 9, tzinfo=UTC)):
    ...     print(one.id, one.line.quantity, one.line.starts, one.line.ends)
    seats/1 100 2026-01-01 2027-01-01
    seats/2 200 2027-01-01 2028-01-01
    """
    lengths = {segment.full_months for segment in ramp.segments}
    if len(lengths) > 1:
        found = ", ".join(sorted(f"{months:f}" for months in lengths))
        wanted = "full segments of one length, for which the prices are"
        raise InvalidInput("ramp", [Problem("segments", "mixed_lengths", found, wanted)])
    return tuple(
        OutlineLine(
            f"{id}/{number}",
            attrs.evolve(
                line,
                quantity=segment.quantity,
                starts=days.start,
                ends=days.end,
                manual=ManualPrice(unit_price=segment.unit_price, reason=reason, by=by, at=at),
            ),
            group=group,
        )
        for number, (segment, days) in enumerate(
            zip(ramp.segments, ramp.periods(starts), strict=True), start=1
        )
        if segment.quantity
    )
