"""What people change on a deal without moving it: what is known about it, and how likely it is won."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.formula import Value
from salesmgmt.core.money import Money
from salesmgmt.core.nearest import nearest
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.events import Change, DealAmended, DealEstimated
from salesmgmt.pipeline.deals.history import OWN, amended, estimated
from salesmgmt.pipeline.deals.probability import Estimate, EstimateOrigin

_TEXT = "a text"

_KINDS: Mapping[str, tuple[type, str, bool]] = {
    "name": (str, _TEXT, True),
    "account": (str, _TEXT, False),
    "contact": (str, _TEXT, False),
    "owner": (str, _TEXT, False),
    "amount": (Money, "an amount of money", False),
    "product": (str, _TEXT, False),
    "source": (str, _TEXT, True),
    "campaign": (str, _TEXT, False),
    "expected_close": (date, "a date", False),
}
"""What each field holds, what that is called, and whether it must not be missing."""


def amend(
    deal: Deal, changes: Mapping[str, Value | None], *, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealAmended, ...]]:
    """Change what is known about a deal; its stage and what follows from it are moved by the pipeline alone.

    Args:
        deal: the deal, open or closed.
        changes: new values by field; `None` takes one away; `fields.x` is the host's own field `x`.
        at: when.
        by: who.

    Returns:
        The deal and the event; no event when nothing is different.

    Raises:
        InvalidInput: a field cannot be amended, or its value is of another type; all problems are listed.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind, amend
    >>> start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> deal = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    ...     status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    ...     opened_at=start, stage_since=start,
    ... )  # fmt: skip
    >>> deal, events = amend(deal, {"amount": Money(5000, "EUR")}, at=start, by=Actor("li.wei"))
    >>> events[0].changes
    (Change(field='amount', before=None, after=Money('5000', 'EUR')),)
    """
    problems = [problem for name, value in changes.items() if (problem := _problem(name, value))]
    if problems:
        raise InvalidInput(f"the changes of deal {deal.id}", problems)
    made = [
        Change(name, before, after)
        for name, after in changes.items()
        if (before := _present(deal, name)) != after
    ]
    if not made:
        return deal, ()
    private = tuple(change for change in made if _is_private(change.field))
    event = DealAmended(
        at=at,
        by=by,
        subjects=deal.subjects,
        deal=DealId(deal.id),
        changes=tuple(change for change in made if change not in private),
        private=private,
    )
    return amended(deal, event), (event,)


def estimate(
    deal: Deal, value: Percent, *, origin: EstimateOrigin, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealEstimated]]:
    """Judge anew how likely a deal is won.

    Args:
        deal: the deal.
        value: 0 to 100 %.
        origin: who judges; with `STAGE`, the next move replaces the value again.
        at: when.
        by: who, for a model the program that ran it.

    Raises:
        NotAProbability: the value lies outside of 0 to 100 %.

    >>> from salesmgmt.pipeline.deals import EstimateOrigin, estimate
    >>> deal, events = estimate(deal, Percent(60), origin=EstimateOrigin.USER, at=start, by=Actor("li.wei"))
    >>> str(events[0].before.value), str(deal.probability.value)
    ('10%', '60%')
    """
    event = DealEstimated(
        at=at,
        by=by,
        subjects=(deal.ref,),
        deal=DealId(deal.id),
        before=deal.probability,
        after=Estimate(value, origin),
    )
    return estimated(deal, event), (event,)


def _problem(name: str, value: Value | None) -> Problem | None:
    if name.startswith(OWN) and name != OWN:
        return None
    if name not in _KINDS:
        meant = nearest(name, _KINDS)
        hint = f"did you mean {meant!r}?" if meant else "stages and status change by a move alone"
        return Problem(shorten(name), "unknown_field", shorten(name), "a field that can be amended", hint)
    kind, wanted, needed = _KINDS[name]
    if value is None and not needed:
        return None
    if not isinstance(value, kind) or isinstance(value, datetime):
        return Problem(name, "wrong_type", shorten(value), wanted)
    return None


def _present(deal: Deal, name: str) -> Any:
    return deal.fields.get(name.removeprefix(OWN)) if name.startswith(OWN) else getattr(deal, name)


def _is_private(name: str) -> bool:
    return name == "name" or name.startswith(OWN)
