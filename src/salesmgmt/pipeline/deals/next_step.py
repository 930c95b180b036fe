"""What is to be done next for a deal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from salesmgmt.core.entity import personal
from salesmgmt.core.errors import Problem, shorten
from salesmgmt.pipeline.deals._checks import LONGEST_TEXT, text_problems


@attrs.frozen
class NextStep:
    """What is to be done next for a deal.

    Attributes:
        what: the step; it may speak of a person, so it counts as personal data.
        due: the day by which it should be done; `None` when no day was named.

    >>> from datetime import date
    >>> from salesmgmt.pipeline.deals import NextStep
    >>> NextStep("send the offer", date(2026, 3, 6)).is_overdue(date(2026, 3, 7))
    True
    """

    what: str = personal(blank="")
    due: date | None = None

    def is_overdue(self, today: date) -> bool:
        """Whether its day has passed."""
        return self.due is not None and self.due < today


def next_step_problems(step: object) -> Iterator[Problem]:
    """What is wrong with a next step."""
    if not isinstance(step, NextStep):
        yield Problem("next_step", "wrong_type", shorten(step), "a NextStep")
        return
    yield from text_problems("next_step.what", step.what, LONGEST_TEXT)
    if step.due is not None and (isinstance(step.due, datetime) or not isinstance(step.due, date)):
        yield Problem("next_step.due", "wrong_type", shorten(step.due), "a date")
