"""A migration at work: what it would do, doing it, and undoing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.formula import Values
from salesmgmt.core.money import Money, totals_by_currency
from salesmgmt.engines.lifecycle import Decision, Override, Unmet
from salesmgmt.pipeline.deals import CategoryOrigin, Deal, Estimate, EstimateOrigin
from salesmgmt.pipeline.deals.migrated import DealMigrated
from salesmgmt.pipeline.deals.placement import Placement
from salesmgmt.pipeline.stages._reading import NO_FACTS
from salesmgmt.pipeline.stages.migration.plan import MigrationPlan
from salesmgmt.pipeline.stages.migration.report import (
    Blocked,
    CannotRevert,
    MigrationRefused,
    MigrationReport,
    StageFlow,
)
from salesmgmt.pipeline.stages.pipeline import Pipeline


class Migration:
    """A compiled `MigrationPlan`: immutable, thread-safe, and pickled as its plan.

    Made by `MigrationPlan.compile()`.

    Attributes:
        plan: what it was made from.
        new: the pipeline under which migrated deals run.
    """

    __slots__ = ("_digest", "_stages", "new", "plan")

    def __init__(self, plan: MigrationPlan) -> None:
        self.plan = plan
        self.new: Pipeline = plan.new.compile()
        self._digest = plan.old.digest
        self._stages = {source: self.new.stages[target] for source, target in plan.stages.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        return MigrationPlan.compile, (self.plan,)

    def check(self, deal: Deal, *, facts: Values = NO_FACTS) -> Decision:
        """Ask whether a deal may be migrated.

        An open deal must have what its new stage requires of a deal that comes in; a closed one goes as it is.

        Args:
            deal: the deal.
            facts: what the host knows about it, by the names that the new definition declares.

        Returns:
            The decision, with everything that is lacking.
        """
        target = self._stages.get(deal.stage)
        if (lacking := self._runs_elsewhere(deal)) is not None or target is None:
            wanted = Unmet("stage", wanted=", ".join(self._stages), found=deal.stage, code="version")
            return Decision(deal.stage, target.id if target else "", (lacking or wanted,))
        if not deal.is_open:
            return Decision(deal.stage, target.id)
        review = self.new.review(self._placed(deal).place(deal), facts=facts)
        return Decision(deal.stage, target.id, review.unmet)

    def dry_run(
        self, deals: Iterable[Deal], *, facts: Callable[[Deal], Values] | None = None
    ) -> MigrationReport:
        """Say what migrating deals would do, without doing it.

        Args:
            deals: the deals.
            facts: what the host knows about each.
        """
        ready: list[Deal] = []
        blocked: list[Blocked] = []
        for deal in deals:
            decision = self.check(deal, facts=facts(deal) if facts else NO_FACTS)
            if decision:
                ready.append(deal)
            else:
                blocked.append(Blocked(DealId(deal.id), decision))
        counts = Counter(deal.stage for deal in ready)
        return MigrationReport(
            ready=tuple(DealId(deal.id) for deal in ready),
            blocked=tuple(blocked),
            flows=tuple(
                StageFlow(stage.id, self.plan.stages[stage.id], counts[stage.id])
                for stage in self.plan.old.stages
                if counts[stage.id]
            ),
            weighted_before=_weighted((deal, deal.probability) for deal in ready),
            weighted_after=_weighted((deal, self._placed(deal).probability) for deal in ready),
        )

    def apply(
        self,
        deals: Iterable[Deal],
        *,
        at: datetime,
        by: Actor,
        facts: Callable[[Deal], Values] | None = None,
        override: Override | None = None,
    ) -> tuple[tuple[Deal, ...], tuple[DealMigrated, ...]]:
        """Migrate deals: all, or none.

        A deal keeps the instant at which it entered its stage, and an estimate or category of a person or a model; what its
        stage said, the new stage says.

        Args:
            deals: the deals.
            at: when.
            by: who.
            facts: what the host knows about each.
            override: waives the conditions of the new stages, and is put on record in the events of the deals that need it.

        Returns:
            The deals, in the same order, and an event for each.

        Raises:
            MigrationRefused: some cannot be migrated; the error carries the report.
            InvalidInput: a deal is given twice.
        """
        every = tuple(deals)
        _refuse_repeated(every)
        report = self.dry_run(every, facts=facts)
        waived = {one.deal: one.decision.unmet for one in report.blocked}
        firm = [one for one in report.blocked if override is None or not _can_be_waived(one)]
        if firm:
            raise MigrationRefused(attrs.evolve(report, blocked=tuple(firm)))
        events = tuple(
            DealMigrated(
                at=at,
                by=by,
                subjects=(deal.ref,),
                deal=DealId(deal.id),
                before=Placement.of(deal),
                after=self._placed(deal),
                waived=waived.get(DealId(deal.id), ()),
                waived_by=override.by if override and DealId(deal.id) in waived else None,
                reason=override.reason if override and DealId(deal.id) in waived else "",
            )
            for deal in every
        )
        return tuple(event.after.place(deal) for deal, event in zip(every, events, strict=True)), events

    @staticmethod
    def revert(
        events: Iterable[DealMigrated], deals: Iterable[Deal], *, at: datetime, by: Actor
    ) -> tuple[tuple[Deal, ...], tuple[DealMigrated, ...]]:
        """Undo a migration: every deal stands again where it stood; what else was changed since stays.

        Args:
            events: those of the migration.
            deals: the deals as they are now; others are passed over.
            at: when.
            by: who.

        Raises:
            CannotRevert: a deal is not given, or does not stand any more where the migration put it.
        """
        now = {deal.id: deal for deal in deals}
        every = tuple(events)
        missing = [event.deal for event in every if event.deal not in now]
        moved = [
            event.deal
            for event in every
            if event.deal in now and Placement.of(now[event.deal]) != event.after
        ]
        if missing or moved:
            raise CannotRevert(missing, moved)
        back = tuple(
            DealMigrated(
                at=at,
                by=by,
                subjects=event.subjects,
                deal=event.deal,
                before=event.after,
                after=event.before,
                reverts=True,
            )
            for event in every
        )
        return tuple(event.after.place(now[event.deal]) for event in back), back

    def _runs_elsewhere(self, deal: Deal) -> Unmet | None:
        old = self.plan.old
        found = (deal.pipeline, deal.pipeline_version, deal.pipeline_digest)
        if found == (old.id, old.version, self._digest):
            return None
        wanted = f"{old.id} version {old.version} ({self._digest[:12]})"
        shown = f"{deal.pipeline} version {deal.pipeline_version} ({deal.pipeline_digest[:12]})"
        return Unmet("pipeline", wanted=wanted, found=shown, code="version")

    def _placed(self, deal: Deal) -> Placement:
        stage = self._stages[deal.stage]
        definition = self.plan.new
        theirs = deal.is_open and deal.category_origin is not CategoryOrigin.STAGE
        kept = deal.probability.origin is not EstimateOrigin.STAGE
        items = {item.id for item in stage.checklist}
        return Placement(
            pipeline=definition.id,
            pipeline_version=definition.version,
            pipeline_digest=self.new.digest,
            stage=stage.id,
            status=stage.kind,
            category=deal.category if theirs else stage.category,
            category_origin=deal.category_origin,
            probability=deal.probability if kept else Estimate(stage.probability),
            done=deal.done & items,
        )


def _refuse_repeated(deals: Iterable[Deal]) -> None:
    seen: set[str] = set()
    problems = []
    for index, deal in enumerate(deals):
        if deal.id in seen:
            problems.append(Problem(f"deals[{index}]", "duplicate", shorten(deal.id), "each deal once"))
        seen.add(deal.id)
    if problems:
        raise InvalidInput("the deals to be migrated", problems)


def _can_be_waived(blocked: Blocked) -> bool:
    return all(unmet.code == "condition" for unmet in blocked.decision.unmet)


def _weighted(estimates: Iterable[tuple[Deal, Estimate]]) -> tuple[Money, ...]:
    return totals_by_currency(
        deal.amount * estimate.value
        for deal, estimate in estimates
        if deal.is_open and deal.amount is not None
    )
