"""Who on the buyer's side has a say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId, Ref
from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.history import after
from salesmgmt.pipeline.deals.part_events import DealRolesSet
from salesmgmt.pipeline.deals.role import BuyingRole, checked_roles, primary_contact


def set_roles(
    deal: Deal, roles: Iterable[BuyingRole], *, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealRolesSet, ...]]:
    """Say who on the buyer's side has a say, and whom of them we speak with.

    One of them at most is primary, and becomes the contact of the deal. When none is marked, the only one becomes primary; of
    several, the one whom we spoke with until now; else the deal has no contact. Without roles the contact stays.

    Args:
        deal: the deal, open or closed.
        roles: all of them.
        at: when.
        by: who.

    Raises:
        InvalidInput: two are primary, or a contact has the same role twice; all problems are listed.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import BuyingRole, Deal, Estimate, ForecastCategory, StageKind, set_roles
    >>> at, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei")
    >>> deal = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    ...     status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    ...     opened_at=at, stage_since=at,
    ... )
    >>> deal, _ = set_roles(deal, [BuyingRole("ada", "champion")], at=at, by=rep)
    >>> deal.contact, deal.roles[0].primary
    ('ada', True)
    """  # fmt: skip
    faults: list[Problem] = []
    checked = checked_roles(roles, deal.contact, faults)
    if faults:
        raise InvalidInput(f"the roles of deal {deal.id}", faults)
    if checked == deal.roles:
        return deal, ()
    contact = primary_contact(checked, deal.contact)
    named = dict.fromkeys((*deal.subjects, *(Ref("Contact", role.contact) for role in checked)))
    event = DealRolesSet(
        at=at,
        by=by,
        subjects=tuple(named),
        deal=DealId(deal.id),
        before=deal.roles,
        after=checked,
        contact=contact,
    )
    return after(deal, event), (event,)
