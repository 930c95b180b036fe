"""What a migration would do, and why it may not."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import SalesError, listed
from salesmgmt.core.money import Money
from salesmgmt.engines.lifecycle import Decision


@attrs.frozen
class Blocked:
    """A deal that cannot be migrated as it is.

    Attributes:
        deal: its id.
        decision: what it lacks in the stage where it would be.
    """

    deal: DealId
    decision: Decision

    def __str__(self) -> str:
        return f"{self.deal}: {self.decision}"


@attrs.frozen
class StageFlow:
    """How many deals would go from one stage to another.

    Attributes:
        source: id of the stage in the old definition.
        target: id in the new one.
        deals: their number.
    """

    source: str
    target: str
    deals: int


@attrs.frozen(kw_only=True)
class MigrationReport:
    """What a migration would do to deals; true when it can be carried out for all of them.

    Attributes:
        ready: ids of the deals that can be migrated.
        blocked: the others, and what each lacks.
        flows: how many of the ready ones go from which stage to which, in the order of the old stages.
        weighted_before: amount times probability of the ready open deals, by currency, as it is.
        weighted_after: the same, as it would be.
    """

    ready: tuple[DealId, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    flows: tuple[StageFlow, ...] = ()
    weighted_before: tuple[Money, ...] = ()
    weighted_after: tuple[Money, ...] = ()

    def __bool__(self) -> bool:
        return not self.blocked


class MigrationRefused(SalesError, ValueError):
    """Deals were to be migrated of which some cannot be; nothing was done.

    Attributes:
        report: what would be done, and what each of the others lacks.
    """

    code = "migration_refused"

    def __init__(self, report: MigrationReport) -> None:
        self.report = report
        super().__init__(
            f"{len(report.blocked)} of {len(report.blocked) + len(report.ready)} deals cannot be migrated:\n"
            f"{listed(report.blocked)}",
            hint="mend them, map their stage elsewhere, give an override, or migrate only those of report.ready",
        )


class CannotRevert(SalesError, ValueError):
    """A migration cannot be undone for some deals; nothing was done.

    Attributes:
        missing: ids of deals that were migrated and not given.
        moved: ids of deals that do not stand any more where the migration put them.
    """

    code = "cannot_revert"

    def __init__(self, missing: Iterable[str], moved: Iterable[str]) -> None:
        self.missing = tuple(missing)
        self.moved = tuple(moved)
        parts = [
            f"{', '.join(ids[:10])}{' and others' if len(ids) > 10 else ''} {what}"
            for ids, what in ((self.missing, "are not given"), (self.moved, "were moved or estimated since"))
            if ids
        ]
        super().__init__(
            f"the migration cannot be undone: {'; '.join(parts)}",
            hint="leave the events of these deals out, and migrate them by a plan of their own",
        )
