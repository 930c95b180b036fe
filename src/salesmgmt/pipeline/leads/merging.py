"""Merging: several leads that are the same become one, and can be parted again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import LeadId
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, option
from salesmgmt.core.events import Event
from salesmgmt.engines.matching import (
    Candidate,
    ChangedSince,
    Choice,
    FieldRule,
    Keep,
    LaterChanges,
    LaterRules,
    MergePolicy,
    MergeRefused,
    RankBy,
    Survivorship,
    Undone,
    undo_merge,
)
from salesmgmt.pipeline.leads.events import FieldSource, LeadsMerged, LeadsUnmerged
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus, require_move
from salesmgmt.pipeline.leads.parts import Consent

_NOT_MERGED = (
    "status", "reason", "note", "nurture", "recycled", "merged_into", "account", "contact", "deal",
)  # fmt: skip
_OF_THE_RECORD = ("id", "tenant", "version", "merged_into")

LEAD_MERGE_POLICY = MergePolicy(
    id="leads",
    ranking=(
        RankBy(
            field="status",
            order=("converted", "qualified", "working", "nurturing", "new", "unqualified", "merged"),
        ),
        RankBy(field="created_at"),
        RankBy(field="id"),
    ),
    survivorship=Survivorship(
        fields={
            "street": Keep.MOST_FILLED,
            "source": Keep.OLDEST,
            "tags": Keep.UNION,
            "priority": Keep.LARGEST,
            "score": Keep.SURVIVOR,
            "created_at": Keep.SMALLEST,
            "consents": FieldRule(keep=Keep.UNION, sort_by="given_at"),
            "touches": FieldRule(keep=Keep.UNION, sort_by="at"),
            "first_response_due": Keep.SMALLEST,
            "first_response_at": Keep.SMALLEST,
            "responses": FieldRule(keep=Keep.UNION, sort_by="asked_at"),
            "fields": Keep.UNION,
        },
        together=(
            ("source", "campaign"),
            ("street", "city", "region", "postal_code", "country"),
            ("first_response_due", "pauses"),
        ),
    ),
)
"""How leads become one unless the host says otherwise: the furthest carries on, then the oldest. Nothing that is known
gives way to a blank, an address is taken as a whole from the lead that has most of it, the first touch keeps its source with
its campaign, consents, touches and tags are united, and the clock of the first response runs from the first lead."""


class CannotMerge(SalesError, ValueError):
    """Leads cannot be merged, or a merge cannot be taken back.

    Attributes:
        leads: ids of the leads that stand in the way.
        reason: why, as a code: `too_few`, `too_many`, `twice`, `excluded`, `closed`, `tenants`, `changed_since`,
            `not_merged`.
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


def rank_for_merge(leads: Iterable[Lead], *, policy: MergePolicy = LEAD_MERGE_POLICY) -> tuple[Lead, ...]:
    """Put leads in the order in which they should survive: the furthest, then the oldest, then by id.

    Args:
        leads: the leads.
        policy: another ranking.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Lead, LeadStatus, rank_for_merge
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> leads = [Lead(id="l1", name="Ana", created_at=now),
    ...          Lead(id="l2", name="Ana", created_at=now, status=LeadStatus.WORKING)]
    >>> [lead.id for lead in rank_for_merge(leads)]
    ['l2', 'l1']
    """
    known = list(leads)
    by_id = {lead.id: lead for lead in known}
    return tuple(by_id[record.id] for record in policy.rank(_candidates(known)))


def plan_merge(survivor: Lead, *others: Lead, policy: MergePolicy = LEAD_MERGE_POLICY) -> MergePlan:
    """Show what merging `others` into `survivor` would do, without doing it.

    Args:
        survivor: the lead that would carry on; it keeps its id, its status with all that belongs to it, and its owner.
        others: the leads it would carry on for, by rank (`rank_for_merge`); they stay, as merged, with all that they had.
        policy: which value of each field survives, how many leads can be merged at once, and which cannot be.

    Raises:
        CannotMerge: there is nothing to merge, or too much, a lead is named twice, was converted or merged, is excluded
            by the policy, or belongs to another tenant.
        UnknownField: the policy names a field that leads do not have.
        InvalidInput: values of a field cannot be ordered, or united, as the policy asks.

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
    records = _candidates(leads)
    if excluded := [record.id for record in records if policy.excludes(record)]:
        raise CannotMerge(
            excluded, "excluded", f"are excluded by merge policy {policy.id}", "leave them out of the merge"
        )
    own = dict.fromkeys((*_OF_THE_RECORD, *_NOT_MERGED), FieldRule(keep=Keep.SURVIVOR))
    rules = attrs.evolve(policy.survivorship, fields={**policy.survivorship.fields, **own})
    try:
        merged = attrs.evolve(policy, survivorship=rules).plan(records, ranked=True)
    except MergeRefused as error:
        hint = "name at least two" if error.reason == "too_few" else error.hint
        raise CannotMerge(error.records, error.reason, f"are {error.found} to merge", hint) from None
    choices = tuple(choice for choice in merged.choices if choice.field not in own)
    values: dict[str, Any] = {choice.field: choice.value for choice in choices}
    if values["created_at"] is None:
        problem = Problem(
            "created_at", "missing", "a rule that leaves it empty", "an instant of one of the leads"
        )
        raise InvalidInput(f"merge policy {policy.id}", [problem])
    after = attrs.evolve(survivor, **values)
    gone = (
        attrs.evolve(lead, status=LeadStatus.MERGED, reason="", merged_into=survivor.key) for lead in others
    )
    return MergePlan(before=leads, after=(after, *gone), choices=choices)


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
    merged: LeadsMerged,
    current: Iterable[Lead],
    *,
    later_changes: LaterChanges | LaterRules = LaterChanges.REFUSE,
    at: datetime,
    by: Actor,
) -> tuple[tuple[Lead, ...], tuple[Event, ...]]:
    """Take a merge back: every lead is again as it was, but for later changes that a rule sends to it.

    A "no" outlasts this too: what was withdrawn since the merge stays withdrawn for each of the leads, whatever the rule.

    Args:
        merged: the event of the merge.
        current: the leads of that merge as they are now; they keep their versions.
        later_changes: where changes go that were made since: one rule, or rules by field (`preview_unmerge` shows it).
        at: when.
        by: who.

    Raises:
        CannotMerge: a lead of the merge is not given, or was changed since and the rule refuses that, or the survivor was
            converted or merged into another one, or the merge was taken back already.
        InvalidInput: the event does not hold together.
        UnknownField: a rule names a field that leads do not have.

    >>> from datetime import UTC, datetime
    >>> import attrs
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.engines.matching import LaterChanges
    >>> from salesmgmt.pipeline.leads import Lead, merge, plan_merge, unmerge
    >>> now, rep = datetime(2026, 1, 1, 9, tzinfo=UTC), Actor("li.wei")
    >>> first, second = Lead(id="l1", name="Ana", created_at=now), Lead(id="l2", phone="555", created_at=now)
    >>> (one, gone), (merged,) = merge(plan_merge(first, second), at=now, by=rep)
    >>> now_known = attrs.evolve(one, phone="777")
    >>> restored, _ = unmerge(merged, (now_known, gone), later_changes=LaterChanges.SOURCE_OF_FIELD, at=now, by=rep)
    >>> [(lead.id, lead.name, lead.phone) for lead in restored]
    [('l1', 'Ana', ''), ('l2', '', '777')]
    """
    now = {lead.id: lead for lead in current}
    undone = preview_unmerge(merged, now.values(), later_changes=later_changes)
    restored = tuple(
        attrs.evolve(
            lead, **undone.records[lead.id], version=now[lead.id].version, tenant=now[lead.id].tenant
        )
        for lead in merged.before
    )
    event = LeadsUnmerged(
        at=at,
        by=by,
        subjects=tuple(lead.ref for lead in restored),
        survivor=merged.survivor,
        restored=merged.merged,
        after=restored,
    )
    return restored, (event,)


def preview_unmerge(
    merged: LeadsMerged,
    current: Iterable[Lead],
    *,
    later_changes: LaterChanges | LaterRules = LaterChanges.REFUSE,
) -> Undone:
    """Show what taking a merge back would do: the fields of each lead, and where each later change would go.

    Args:
        merged: the event of the merge.
        current: the leads of that merge as they are now.
        later_changes: where changes go that were made since.

    Raises:
        CannotMerge, InvalidInput, UnknownField: as for `unmerge`.

    >>> from datetime import UTC, datetime
    >>> import attrs
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.engines.matching import LaterChanges
    >>> from salesmgmt.pipeline.leads import Lead, merge, plan_merge, preview_unmerge
    >>> now, rep = datetime(2026, 1, 1, 9, tzinfo=UTC), Actor("li.wei")
    >>> first, second = Lead(id="l1", name="Ana", created_at=now), Lead(id="l2", phone="555", created_at=now)
    >>> (one, gone), (merged,) = merge(plan_merge(first, second), at=now, by=rep)
    >>> one = attrs.evolve(one, phone="777")
    >>> [(change.field, change.was, change.now, change.went_to)
    ...  for change in preview_unmerge(merged, (one, gone), later_changes=LaterChanges.SURVIVOR).changes]
    [('phone', '555', '777', ('l1',))]
    """
    _require_whole(merged)
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
    if apart := [key for key in merged.merged if now[key].merged_into != survivor.id]:
        raise CannotMerge(
            apart,
            "not_merged",
            f"are not merged into {survivor.id} any more",
            "the merge was taken back already",
        )
    try:
        undone = undo_merge(
            {lead.id: _content(lead) for lead in merged.before},
            _content(merged.after[0]),
            {
                before.id: _since(before, after, now[before.id])
                for before, after in zip(merged.before, merged.after, strict=True)
            },
            sources={source.field: source.lead for source in merged.provenance},
            later_changes=later_changes
            if isinstance(later_changes, LaterRules)
            else LaterRules(default=option(LaterChanges, later_changes, "later_changes")),
        )
    except ChangedSince as error:
        message = f"were changed after the merge in {', '.join(error.fields)}"
        raise CannotMerge(error.records, "changed_since", message, error.hint) from None
    refusals = [
        consent
        for consent in survivor.consents
        if consent.withdrawn_at is not None and consent not in merged.after[0].consents
    ]
    return _refused(undone, refusals) if refusals else undone


def _refused(undone: Undone, refusals: list[Consent]) -> Undone:
    """Every lead with the withdrawals: nobody can tell which of the people said no, so that it holds for all of them."""
    given = [attrs.evolve(refusal, withdrawn_at=None) for refusal in refusals]
    records = {}
    for key, values in undone.records.items():
        kept = [one for one in values["consents"] if one not in given]
        kept += [refusal for refusal in refusals if refusal not in kept]
        records[key] = {**values, "consents": tuple(sorted(kept, key=lambda one: one.given_at))}
    changes = tuple(
        attrs.evolve(change, went_to=tuple(records)) if change.field == "consents" else change
        for change in undone.changes
    )
    return attrs.evolve(undone, records=records, changes=changes)


def _require_whole(merged: LeadsMerged) -> None:
    """Refuse an event that no merge has left, such as one that was put together elsewhere."""
    wanted = (merged.survivor, *merged.merged)
    problems = [
        Problem(name, "other_leads", ", ".join(ids) or "none", f"the leads of the merge: {', '.join(wanted)}")
        for name, leads in (("before", merged.before), ("after", merged.after))
        if (ids := tuple(lead.id for lead in leads)) != wanted
    ]
    problems += [
        Problem(f"provenance.{source.field}", "unknown_lead", source.lead, "one of the leads of the merge")
        for source in merged.provenance
        if source.lead not in wanted
    ]
    if len(set(wanted)) < max(2, len(wanted)):
        problems.append(Problem("merged", "twice", ", ".join(wanted), "two leads at least, each once"))
    if problems:
        raise InvalidInput("the event of the merge", problems)


def _content(lead: Lead) -> dict[str, Any]:
    return {
        field.name: getattr(lead, field.name)
        for field in attrs.fields(Lead)
        if field.name not in _OF_THE_RECORD
    }


def _since(before: Lead, after: Lead, now: Lead) -> dict[str, Any]:
    """The fields of a lead as they are now, what the merge itself did to one that was merged away taken back."""
    if now.id == after.id and after.merged_into is None:
        return _content(now)
    was, then = _content(before), _content(after)
    return {name: was[name] if value == then[name] else value for name, value in _content(now).items()}


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


def _candidates(leads: Iterable[Lead]) -> list[Candidate]:
    return [
        Candidate(
            id=lead.id,
            made_at=lead.created_at,
            values={field.name: getattr(lead, field.name) for field in attrs.fields(Lead)},
        )
        for lead in leads
    ]
