"""What people change on a deal without moving it: what is known about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.formula import Value
from salesmgmt.core.money import Money
from salesmgmt.core.nearest import nearest
from salesmgmt.pipeline.deals._checks import LONGEST_TEXT, kind_problems
from salesmgmt.pipeline.deals.amendable import AMENDABLE, holds, own_holds
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.events import Change, DealAmended
from salesmgmt.pipeline.deals.history import after
from salesmgmt.pipeline.own_fields import OWN, differ, present

_HINTS = {
    "products": "use set_products",
    "splits": "use set_splits",
    "roles": "use set_roles",
    "competitors": "use set_competitors",
    "next_step": "use set_next_step",
    "snooze": "use snooze or wake",
    "probability": "use estimate",
    "category": "use categorise",
    "qualification": "use qualify_deal",
    "done": "use tick or untick",
}


def amend(
    deal: Deal, changes: Mapping[str, Value | None], *, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealAmended, ...]]:
    """Change what is known about a deal; its stage and what follows from it are moved by the pipeline alone.

    An amount given here is stated: it no longer follows the products. With products, the main one is one of them and the amount
    is in their currency; with roles, the contact is the primary one.

    Args:
        deal: the deal, open or closed.
        changes: new values by field; `None` takes one away; `fields.x` is the host's own field `x`.
        at: when.
        by: who.

    Returns:
        The deal and the event; no event when nothing is different.

    Raises:
        InvalidInput: a field cannot be amended, its value is of another type, or it contradicts the products or roles; all
            problems are listed.

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
    problems = kind_problems("changes", changes, Mapping, "new values by field")
    if problems:
        raise InvalidInput(f"the changes of deal {deal.id}", problems)
    problems = [
        problem
        for name, value in changes.items()
        if (problem := field_problem(name, value) or _conflict(deal, name, value))
    ]
    if problems:
        raise InvalidInput(f"the changes of deal {deal.id}", problems)
    made = [
        Change(name, before, after)
        for name, after in changes.items()
        if differ(before := present(deal, name), after)
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
    return after(deal, event), (event,)


def field_problem(name: object, value: object) -> Problem | None:
    """What is wrong with a new value of a field, whatever the deal; `None` when nothing is."""
    if not isinstance(name, str):
        return Problem(shorten(name), "wrong_type", shorten(name), "the name of a field")
    if name.startswith(OWN) and name != OWN:
        return _own_problem(name, value)
    if name not in AMENDABLE:
        meant = nearest(name, AMENDABLE)
        otherwise = f"did you mean {meant!r}?" if meant else "stages and status change by a move alone"
        hint = _HINTS.get(name, f"{otherwise} A field of your own is '{OWN}{name[:60]}'")
        return Problem(shorten(name), "unknown_field", shorten(name), "a field that can be amended", hint)
    if not holds(name, value):
        return Problem(name, "wrong_type", shorten(value), AMENDABLE[name][1])
    return _too_long(name, value)


def _own_problem(name: str, value: object) -> Problem | None:
    if len(name) > LONGEST_TEXT:
        return Problem(
            shorten(name), "too_long", f"{len(name)} characters", f"at most {LONGEST_TEXT} characters"
        )
    if value is not None and not own_holds(value):
        hint = "write the digits as Decimal('1.5')" if isinstance(value, float) else ""
        return Problem(shorten(name), "wrong_type", shorten(value), "a value of the formula language", hint)
    return _too_long(shorten(name), value)


def _too_long(path: str, value: object) -> Problem | None:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return Problem(path, "too_long", f"{len(value)} characters", f"at most {LONGEST_TEXT} characters")
    return None


def _conflict(deal: Deal, name: str, value: Value | None) -> Problem | None:
    """What a new value would contradict on this deal."""
    if name == "contact" and deal.roles and value != deal.contact:
        return Problem(name, "follows_roles", shorten(value), "the primary one of the roles", "use set_roles")
    keys = [line.product for line in deal.products]
    if name == "product" and keys and value not in keys:
        return Problem(
            name, "not_among_products", shorten(value), f"one of {shorten(keys)}", "use set_products"
        )
    if name == "amount" and isinstance(value, Money):
        used = next(
            (line.amount.currency for line in deal.products if line.amount is not None), value.currency
        )
        if used != value.currency:
            return Problem(name, "other_currency", str(value), f"an amount in {used}, as its products")
    return None


def _is_private(name: str) -> bool:
    return name == "name" or name.startswith(OWN)
