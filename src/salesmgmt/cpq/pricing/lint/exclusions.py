"""What can be wrong with the exclusion groups of a procedure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.cpq.pricing.exclusion import ExclusionGroup, lint_exclusion
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.lint.procedure import is_shared
from salesmgmt.cpq.pricing.procedure import PricingStep, Scope

_warning = partial(Finding, severity=Severity.WARNING)


def lint_exclusion_groups(known: Known) -> Iterator[Finding]:
    """Find what is wrong with groups by themselves, and with where their members stand."""
    procedure = known.model.procedure
    types = {one.id for one in procedure.condition_types}
    yield from lint_exclusion(procedure.exclusion_groups, types)
    group_of: dict[str, str] = {}
    for group in procedure.exclusion_groups:
        yield from _members(group, known)
        for member in {**dict.fromkeys(group.members), **dict.fromkeys(group.second_members)}:
            first = group_of.setdefault(member, group.id)
            if first != group.id:
                yield Finding(
                    code="in_two_groups",
                    where=f"exclusion_groups.{group.id}",
                    message=f"{shorten(member)} is in {shorten(first)} already, and competes only there",
                    hint="leave it in one group",
                )


def _members(group: ExclusionGroup, known: Known) -> Iterator[Finding]:
    procedure = known.model.procedure
    where = f"exclusion_groups.{group.id}"
    telling = {one.id for one in procedure.condition_types if one.kind.only_tells}
    members = {*group.members, *group.second_members}
    places: dict[str, list[int]] = {}
    for position, step in enumerate(procedure.steps):
        if not isinstance(step, PricingStep) or step.type_id not in members:
            continue
        places.setdefault(step.type_id, []).append(position)
        if step.scope is not Scope.LINE or step.statistical or step.type_id in telling:
            yield _warning(
                code="does_not_compete",
                where=where,
                message=f"steps[{position}] only tells or is for several lines together, so it takes no part",
                hint=f"leave {shorten(step.type_id)} out of the group, or let it be for each line",
            )
    for unused in sorted({one.id for one in procedure.condition_types} & members - set(places)):
        yield _warning(
            code="unused_member",
            where=where,
            message=f"no step looks {shorten(unused)} up",
            hint="add a PricingStep with it, or leave it out of the group",
        )
    found = [position for positions in places.values() for position in positions]
    if not found:
        return
    for position in range(min(found) + 1, max(found)):
        if is_shared(procedure.steps[position]):
            yield _warning(
                code="interleaved_group",
                where=where,
                message=f"steps[{position}] shares an amount before steps[{max(found)}], where the group is decided",
                hint="let the members stand together, before or after that step",
            )
