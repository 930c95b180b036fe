"""Judgement beside the raw figure: a person says what a line will come to, from some instant on."""

from __future__ import annotations

from datetime import datetime

import attrs

from salesmgmt.core.entity import PersonId
from salesmgmt.core.events import aware
from salesmgmt.core.money import Money
from salesmgmt.pipeline.forecast.category_amounts import ForecastLine


@attrs.frozen(kw_only=True)
class Adjustment:
    """What a person says that a line of a forecast will come to; the raw figure stays beside it.

    Somebody adjusts his own forecast, or that of those directly below him. The latest of one author about one line counts;
    one without an amount takes the earlier ones back.

    Attributes:
        person: whose forecast it is.
        line: which line; what is won cannot be argued with.
        amount: what it will come to; `None` takes back what was said.
        by: who says so: the person, or who stands directly above.
        at: when.
        note: why.
    """

    person: PersonId
    line: ForecastLine
    amount: Money | None
    by: PersonId
    at: datetime = attrs.field(validator=aware)
    note: str = ""
