"""Merging: several leads that are the same become one, and can be parted again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import LeadId
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.engines.matching import Candidate, Choice, Keep, Survivorship
from salesmgmt.pipeline.leads.events import FieldSource, LeadsMerged, LeadsUnmerged
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus, require_move

_NOT_MERGED = frozenset(
    {"id", "tenant", "version", "status", "reason", "merged_into", "account", "contact", "deal"}
)

LEAD_SURVIVORSHIP = Survivorship(
    fields={
        "source": Keep.OLDEST,
        "score": Keep.SURVIVOR,
        "created_at": Keep.SMALLEST,
        "first_response_due": Keep.SMALLEST,
        "first_response_at": Keep.SMALLEST,
        "fields": Keep.UNION,
    },
    together=(("source", "campaign"),),
)
"""How the fields of leads survive unless the host says otherwise: nothing that is known gives way to a blank, the first
touch keeps its source with its campaign, and the clock of the first response runs from the first lead."""


class CannotMerge(SalesError, ValueError):
    """Leads cannot be merged, or a merge cannot be taken back.

    Attributes:
        leads: ids of the leads that stand in the way.
        reason: why, as a code: `too_few`, `twice`, `closed`, `tenants`, `changed_since`, `not_merged`.
    """

    code = "cannot_merge"

    def __init__(self, leads: Iterable[str], reason: str, message: str, hint: str) -> None:
        self.leads = tuple(leads)
        self.reason = reason
        super().__init__(f"leads {', '.join(self.leads)} {message}", hint=hint)


@attrs.frozen(kw_only=True)
class MergePlan:
    """What a merge would do: look at it, then carry it out with `merge`.

    Attributes:
        before: the leads as they are, the survivor first.
        after: the leads as they would be, in the same order.
        choices: what becomes of each field of the survivor, and what is left behind.
    """

    before: tuple[Lead, ...]
    after: tuple[Lead, ...]
    choices: tuple[Choice, ...]

    @property
    def survivor(self) -> Lead:
        """The lead that would carry on, as it would be."""
        return self.after[0]

    @property
    def provenance(self) -> tuple[FieldSource, ...]:
        """Which lead each field of the survivor comes from; custom fields one by one."""
        return tuple(
            FieldSource(
                field=part.field,
                lead=LeadId(part.source),
                keep=part.keep,
                left_behind=tuple(map(LeadId, part.left_behind)),
            )
            for choice in self.choices
            for part in choice.parts or (choice,)
        )


def rank_for_merge(leads: Iterable[Lead]) -> tuple[Lead, ...]:
    """Put leads in the order in which they should survive: the furthest, then the oldest, then by id.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Lead, LeadStatus, rank_for_merge
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> leads = [Lead(id="l1", name="Ana", created_at=now),
    ...          Lead(id="l2", name="Ana", created_at=now, status=LeadStatus.WORKING)]
    >>> [lead.id for lead in rank_for_merge(leads)]
    ['l2', 'l1']
    """
    return tuple(sorted(leads, key=lambda lead: (_RANKS[lead.status], lead.created_at, lead.id)))


_RANKS: Mapping[LeadStatus, int] = {
    status: rank
    for rank, status in enumerate(
        (
            LeadStatus.CONVERTED,
            LeadStatus.QUALIFIED,
            LeadStatus.WORKING,
            LeadStatus.NURTURING,
            LeadStatus.NEW,
            LeadStatus.UNQUALIFIED,
            LeadStatus.MERGED,
        )
    )
}


def plan_merge(survivor: Lead, *others: Lead, survivorship: Survivorship = LEAD_SURVIVORSHIP) -> MergePlan:
    """Show what merging `others` into `survivor` would do, without doing it.

    Args:
        survivor: the lead that would carry on; it keeps its id, status and owner.
        others: the leads it would carry on for, by rank; they stay, as merged, with all that they had.
        survivorship: which value of each field survives.

    Raises:
        CannotMerge: there is nothing to merge, a lead is named twice, was converted or merged, or belongs to another
            tenant.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Lead, plan_merge
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> plan = plan_merge(Lead(id="l1", name="Ana Berg", created_at=now),
    ...                   Lead(id="l2", name="A. Berg", phone="030 1234567", created_at=now))
    >>> plan.survivor.name, plan.survivor.phone
    ('Ana Berg', '030 1234567')
    >>> [(source.field, source.lead, source.left_behind) for source in plan.provenance if source.field in {"name", "phone"}]
    [('name', 'l1', ('l2',)), ('phone', 'l2', ())]
    """
    leads = (survivor, *others)
    _require_mergeable(leads)
    names = [name for name in _field_names(survivor) if name not in _NOT_MERGED]
    choices = survivorship.choose(
        [
            Candidate(
                id=lead.id,
                made_at=lead.created_at,
                values={name: getattr(lead, name) for name in names},
            )
            for lead in leads
        ]
    )
    values: dict[str, Any] = {choice.field: choice.value for choice in choices}
    after = attrs.evolve(survivor, **values)
    merged = (
        attrs.evolve(lead, status=LeadStatus.MERGED, reason="", merged_into=survivor.key) for lead in others
    )
    return MergePlan(before=leads, after=(after, *merged), choices=choices)


def merge(plan: MergePlan, *, at: datetime, by: Actor) -> tuple[tuple[Lead, ...], tuple[Event, ...]]:
    """Carry out a merge as planned.

    Save each lead with the version that the plan saw: then a lead that changed in between is not overwritten.

    Returns:
        All leads, the survivor first, and the event with all of them as they were.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, merge, plan_merge, unmerge
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> first, second = Lead(id="l1", name="Ana", created_at=now), Lead(id="l2", name="Ana B.", created_at=now)
    >>> leads, (merged,) = merge(plan_merge(first, second), at=now, by=Actor("li.wei"))
    >>> [(lead.id, lead.status.value, lead.merged_into) for lead in leads]
    [('l1', 'new', None), ('l2', 'merged', 'l1')]
    >>> unmerge(merged, leads, at=now, by=Actor("li.wei"))[0] == (first, second)
    True
    """
    for lead in plan.before[1:]:
        require_move(lead, LeadStatus.MERGED, by=by)
    event = LeadsMerged(
        at=at,
        by=by,
        subjects=tuple(lead.ref for lead in plan.before),
        survivor=plan.survivor.key,
        merged=tuple(lead.key for lead in plan.before[1:]),
        before=plan.before,
        after=plan.after,
        provenance=plan.provenance,
    )
    return plan.after, (event,)


def unmerge(
    merged: LeadsMerged, current: Iterable[Lead], *, discard_changes: bool = False, at: datetime, by: Actor
) -> tuple[tuple[Lead, ...], tuple[Event, ...]]:
    """Take a merge back: every lead is again as it was.

    Args:
        merged: the event of the merge.
        current: the leads of that merge as they are now; they keep their versions.
        discard_changes: give up what was changed since the merge.
        at: when.
        by: who.

    Raises:
        CannotMerge: a lead of the merge is not given, or was changed since and `discard_changes` is not set, or the
            survivor was converted or merged into another one.
    """
    now = {lead.id: lead for lead in current}
    if missing := [lead.id for lead in merged.before if lead.id not in now]:
        raise CannotMerge(missing, "not_merged", "are missing", "give all leads of the merge as they are now")
    survivor = now[merged.survivor]
    if survivor.status in {LeadStatus.CONVERTED, LeadStatus.MERGED}:
        raise CannotMerge(
            [survivor.id],
            "closed",
            "were converted or merged on after the merge",
            "take that merge back first; what was converted stays",
        )
    changed = [lead.id for lead in merged.after if _content(now[lead.id]) != _content(lead)]
    if changed and not discard_changes:
        raise CannotMerge(
            changed,
            "changed_since",
            "were changed after the merge",
            "give up those changes with discard_changes=True",
        )
    restored = tuple(
        attrs.evolve(lead, version=now[lead.id].version, tenant=now[lead.id].tenant) for lead in merged.before
    )
    event = LeadsUnmerged(
        at=at,
        by=by,
        subjects=tuple(lead.ref for lead in restored),
        survivor=merged.survivor,
        restored=merged.merged,
    )
    return restored, (event,)


def redirects(leads: Iterable[Lead]) -> dict[LeadId, LeadId]:
    """Return where references to merged leads lead in the end, however often the survivors were merged again.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Lead, redirects
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> redirects([Lead(id="l1", created_at=now, merged_into="l2"), Lead(id="l2", created_at=now, merged_into="l3")])
    {'l1': 'l3', 'l2': 'l3'}
    """
    into = {lead.key: lead.merged_into for lead in leads if lead.merged_into is not None}
    ends: dict[LeadId, LeadId] = {}
    for start in into:
        end, path = start, {start}
        while (further := into.get(end)) is not None and further not in path:
            end = further
            path.add(end)
        ends[start] = end
    return ends


def _require_mergeable(leads: tuple[Lead, ...]) -> None:
    ids = [lead.id for lead in leads]
    if len(leads) < 2:
        raise CannotMerge(ids, "too_few", "are nothing to merge", "name at least two")
    if repeated := sorted(key for key, count in Counter(ids).items() if count > 1):
        raise CannotMerge(repeated, "twice", "are named twice", "name each lead once")
    if closed := [lead.id for lead in leads if lead.status in {LeadStatus.CONVERTED, LeadStatus.MERGED}]:
        raise CannotMerge(
            closed,
            "closed",
            "were converted or merged before",
            "merge the account and contact, or the lead that carries on",
        )
    if len({lead.tenant for lead in leads if lead.tenant}) > 1:  # one that is not stored yet has none
        raise CannotMerge(ids, "tenants", "belong to several tenants", "merge leads of one tenant")


def _field_names(lead: Lead) -> list[str]:
    return [field.name for field in attrs.fields(type(lead))]


def _content(lead: Lead) -> Lead:
    return attrs.evolve(lead, version=0, tenant="")
