"""Looks conditions up by their access sequence and applies what is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from salesmgmt.core.exact import add, divide
from salesmgmt.core.formula import BOOL, Formula, Schema, WhyNot
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing._draft import Draft, DraftLine, Pending, Reckoned, total
from salesmgmt.cpq.pricing._stages import names_of, names_of_rules, told
from salesmgmt.cpq.pricing._stages.reckoning import CannotReckon, Reckoner, Sums
from salesmgmt.cpq.pricing._stages.sharing import share, weights_of
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.condition import ConditionRecord, ConditionType
from salesmgmt.cpq.pricing.exclusion import ExclusionGroup
from salesmgmt.cpq.pricing.names import AMOUNTS
from salesmgmt.cpq.pricing.priced import Candidate, NoPrice, PriceConflict
from salesmgmt.cpq.pricing.procedure import PricingStep, Scope
from salesmgmt.cpq.pricing.scales.policies import Basis
from salesmgmt.cpq.pricing.selection.selection import Chosen, PassedOver, Selection, Tied
from salesmgmt.cpq.pricing.trace import Aside, StepKind, StoodAside

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.model import PricingModel

_ZERO = Decimal(0)
_ONE = Decimal(1)
_CONDITION = StepKind.CONDITION  # bound once: to look a member up takes as long as to reckon with it


class ConditionStage:
    """One step of a condition type."""

    def __init__(
        self,
        step: PricingStep,
        type_: ConditionType,
        records: Iterable[ConditionRecord],
        *,
        model: PricingModel,
        schema: Schema,
        group: ExclusionGroup | None,
    ) -> None:
        self._step = step
        self._type = type_
        self._id, self._calculation = step.id, type_.calculation
        self._group = "" if group is None else group.id
        self._selection = Selection(
            records,
            schema,
            accesses=type_.accesses or None,
            order=type_.order,
            time_zone=model.procedure.time_zone,
        )
        self._ids = frozenset(rule.id for rule in self._selection.rules)
        self._reckoner = Reckoner(step, type_, model, schema)
        self._only_tells, self._is_price = self._reckoner.only_tells, self._reckoner.is_price
        take = self._tell if self._only_tells else self._change if group is None else self._wait
        self._take: Callable[[DraftLine, ConditionRecord, Reckoned], None] = take
        self._sets_price = type_.calculation is Calculation.SET_PRICE
        requirement = step.requirement.strip()
        self._requirement = Formula.parse(requirement, schema, wanted=BOOL) if requirement else None
        own = names_of([self._requirement, self._reckoner.formula])
        self.names = own | names_of_rules(self._selection.rules, type_.accesses, schema)
        self._reads_amounts = not self.names.isdisjoint(AMOUNTS)
        self._counts_amounts = type_.calculation is Calculation.PERCENT_OF_TOTAL or any(
            rule.scale is not None and rule.scale.basis is Basis.VALUE for rule in self._selection.rules
        )

    def run(self, draft: Draft) -> None:
        """Apply the condition to each line, each group, or the document."""
        if self._reads_amounts:
            draft.tell_amounts()
        lines = self._asked(draft)
        match self._step.scope:
            case Scope.LINE:
                self._run_lines(draft, lines)
            case Scope.DOCUMENT:
                self._run_together(draft, [one for one in lines if one.gross is not None], draft.facts)
            case Scope.GROUP:
                groups: dict[str, list[DraftLine]] = {}
                for one in lines:
                    if one.line.group and one.gross is not None:
                        groups.setdefault(one.line.group, []).append(one)
                for together in groups.values():
                    self._run_together(draft, together, _common(together))

    def _asked(self, draft: Draft) -> list[DraftLine]:
        """The lines for which the step is not switched off and its requirement holds."""
        step, requirement = self._step.id, self._requirement
        if requirement is None and not draft.excludes_steps:
            return draft.lines
        asked = []
        for one in draft.lines:
            if step in one.excluded:
                one.put_out(step, self._type.id, one.excluded_by)
            elif requirement is None or requirement.holds(one.facts):
                asked.append(one)
            elif draft.is_traced and (why_not := requirement.why_not(one.facts)) is not None:
                one.skip(step, self._type.id, why_not)
        return asked

    def _run_lines(self, draft: Draft, lines: Sequence[DraftLine]) -> None:
        failed: dict[int, NoPrice | PriceConflict] = {}
        choose, reckon, take, at = self._selection.choose, self._reckoner.line, self._take, draft.at
        is_mandatory, tells = self._step.mandatory, draft.tells_passed_over
        if tells:
            choose = partial(choose, passed_over=True)
        sums = Sums(draft, lines, keeps=self._counts_amounts)
        for one in lines:
            found = choose(one.facts, one.quantity, one.uom, at)
            if type(found) is Tied:
                settled = self._settle(found, draft, one, sums)
                if isinstance(settled, PriceConflict):
                    failed[one.position] = settled
                    continue
                found = settled
            if found is None:
                if is_mandatory:
                    failed[one.position] = draft.missing(one)
                continue
            record: ConditionRecord = found.rule  # type: ignore[union-attr]  # a tie is settled by now
            try:
                reckoned = reckon(record, draft, one, sums)
            except CannotReckon as reason:
                if is_mandatory:
                    failed[one.position] = draft.missing(one)
                one.skip(self._step.id, record.id, StoodAside(code=Aside.REFUSED, detail=str(reason)))
                continue
            if tells:
                self._tell_passed_over(one, found.passed_over)  # type: ignore[union-attr]  # as above
            take(one, record, reckoned)
        draft.without(failed)

    def _wait(self, one: DraftLine, record: ConditionRecord, reckoned: Reckoned) -> None:
        """Let the step wait for its exclusion group."""
        one.wait(self._group, Pending(self._step.id, self._type, record, reckoned))

    def _tell(self, one: DraftLine, record: ConditionRecord, reckoned: Reckoned) -> None:
        """Only tell the step."""
        raw, value, base, detail = reckoned
        one.tell(
            self._step.id,
            StepKind.CONDITION,
            record.id,
            self._type.calculation,
            raw,
            value,
            one.quantity,
            detail,
            base,
            record.version,
        )

    def _change(self, one: DraftLine, record: ConditionRecord, reckoned: Reckoned) -> None:
        """Take the step."""
        raw, value, base, detail = reckoned
        one.change(
            self._id,
            _CONDITION,
            record.id,
            self._calculation,
            raw,
            value,
            one.quantity,
            detail,
            base,
            record.version,
        )
        if record.excludes:
            one.exclude(record.excludes, record.id)
        if self._is_price:
            is_plain = self._sets_price and not record.uom and record.per_quantity == _ONE
            take_price(one, value if is_plain else None)

    def _run_together(self, draft: Draft, lines: Sequence[DraftLine], facts: Mapping[str, Any]) -> None:
        """One amount on several lines, shared exactly among them."""
        if not lines:
            return
        quantity = total([one.quantity for one in lines])

        def same(one: ConditionRecord, other: ConditionRecord) -> bool:
            """Whether records of equal rank come to the same, so that they are no conflict."""
            try:
                return together(one, draft, lines) == together(other, draft, lines)
            except CannotReckon:
                return False

        together = self._reckoner.together
        found = self._selection.choose(facts, quantity, "", draft.at, same=same)
        if found is None:
            if self._step.mandatory:
                draft.without({one.position: draft.missing(one) for one in lines})
            return
        if isinstance(found, Tied):
            candidates = tuple(Candidate(record=rule.id, unit_price=None) for rule in found.rules)
            draft.without({one.position: _conflict(one, candidates) for one in lines})
            return
        record = found.rule
        try:
            raw = together(record, draft, lines)
        except CannotReckon as reason:
            for one in lines:
                one.skip(self._step.id, record.id, StoodAside(code=Aside.REFUSED, detail=str(reason)))
            return
        if not self._only_tells:
            share(
                draft,
                self._step.id,
                record.id,
                raw,
                lines=lines,
                weights=weights_of(lines, self._step.allocation.base),
                policy=self._step.allocation,
                mode=self._step.mode,
                version=record.version,
            )

    def _settle(
        self, tied: Tied[ConditionRecord], draft: Draft, one: DraftLine, sums: Sums
    ) -> Chosen[ConditionRecord] | PriceConflict:
        """Records of equal rank are a conflict only when they come to different amounts."""
        candidates, amounts = [], set[Decimal | None]()
        for record in tied.rules:
            try:
                raw = self._reckoner.line(record, draft, one, sums)[0]
            except CannotReckon:
                candidates.append(Candidate(record=record.id, unit_price=None))
                amounts.add(None)
                continue
            unit = divide(max(add(one.running, raw), _ZERO), one.quantity)
            candidates.append(Candidate(record=record.id, unit_price=Money(unit, draft.currency)))
            amounts.add(raw)
        return Chosen(tied.rules[0]) if len(amounts) == 1 else _conflict(one, tuple(candidates))

    def knows(self, record: str, _draft: Draft) -> bool:
        """Whether a record is among those of this step."""
        return record in self._ids

    def why_not(self, record: str, draft: Draft, one: DraftLine) -> WhyNot | StoodAside | None:
        """Why a record does not count for a line that has come to this step; `None` when it does."""
        if self._step.id in one.excluded:
            return StoodAside(code=Aside.EXCLUDED, by=one.excluded_by)
        if self._requirement is not None:
            required = self._requirement.why_not(one.facts)
            if required is not None:
                return required
        sums = Sums(draft, draft.lines, keeps=self._counts_amounts)

        def price(other: ConditionRecord) -> Decimal | None:
            try:
                return self._reckoner.line(other, draft, one, sums)[0]
            except CannotReckon:
                return None

        found = self._selection.why_not(record, one.facts, one.quantity, one.uom, draft.at, price=price)
        return told(found, record)

    def _tell_passed_over(self, one: DraftLine, lost: Sequence[PassedOver]) -> None:
        for other in lost:
            aside = StoodAside(code=Aside.PASSED_OVER, by=other.winner, detail=other.criterion.value)
            one.skip(self._step.id, other.rule, aside)


def take_price(one: DraftLine, unit_price: Decimal | None = None) -> None:
    """What a line is at becomes its price, from which later percentages are reckoned.

    Args:
        one: the line.
        unit_price: of one unit; `None` to divide what the line is at by its quantity.
    """
    if one.gross is None:
        one.list_amount = one.running
    one.gross = one.running
    one.unit_price = divide(one.running, one.quantity) if unit_price is None else unit_price


def _common(lines: Sequence[DraftLine]) -> Mapping[str, Any]:
    """The facts in which all lines agree: what only some of them are must not decide for all."""
    first, *others = [one.facts for one in lines]
    return {
        name: value if all(other.get(name) == value for other in others) else None
        for name, value in first.items()
    }


def _conflict(one: DraftLine, candidates: tuple[Candidate, ...]) -> PriceConflict:
    return PriceConflict(position=one.position, line=one.line, candidates=candidates)
