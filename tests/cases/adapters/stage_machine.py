"""Kinds about stages: `definition_check`, `restore_state`, `move_rules`, `deal_actions`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput, SalesError
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.engines.lifecycle import StateGraph
from salesmgmt.pipeline.deals import (
    BuyingRole,
    ClosedDeal,
    Deal,
    Estimate,
    EstimateOrigin,
    amend,
    estimate,
    set_roles,
)
from salesmgmt.pipeline.stages import (
    MoveRefused,
    MoveRules,
    Pipeline,
    PipelineDefinition,
    Stage,
    StageKind,
    UnknownState,
    shipped_pipeline,
)
from tests.cases.case import Adapter, Case, Keys, Unsupported, day, number

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
TODAY = NOW.date()
BY = Actor("case")

_KINDS = {"won": StageKind.WON, "closed_won": StageKind.WON, "closed won": StageKind.WON,
          "lost": StageKind.LOST, "closed_lost": StageKind.LOST, "closed lost": StageKind.LOST}  # fmt: skip
"""What a name of a stage says about its kind."""


def _kind(name: str) -> StageKind:
    return _KINDS.get(name.lower(), StageKind.OPEN)


def definition_check(case: Case) -> dict[str, Any]:
    graph = StateGraph(
        case.given.take("states"),
        case.given.take("initial"),
        case.given.take("final", []),
        [tuple(edge) for edge in case.given.take("transitions")],
    )
    answers: dict[str, Any] = {
        "unreachable": list(graph.unreachable),
        "dead_ends": list(graph.dead_ends),
        "no_path_to_final": list(graph.no_path_to_final),
        "final_with_exit": list(graph.final_with_exit),
        "missing_targets": list(graph.missing),
    }
    codes = {finding.code for finding in graph.lint()}
    return {**answers, "error": "initial_states"} if "initial_states" in codes else answers


def restore_state(case: Case) -> dict[str, Any]:
    states = case.given.take("states")
    pipeline = PipelineDefinition(
        id="restore",
        version=1,
        initial=states[0],
        stages=(*(Stage(state) for state in states), Stage("(won)", kind=StageKind.WON)),
        moves=MoveRules(),
    ).compile()
    saved = case.when.take("saved_state")
    deal, _ = pipeline.open(id="d", name="a deal", at=NOW, by=BY)
    try:
        pipeline.review(attrs.evolve(deal, stage=saved))
    except UnknownState as error:
        return {"error": error.code, "names": [saved] if repr(saved) in str(error) else []}
    return {"state": saved}


def move_rules(case: Case) -> dict[str, Any]:
    stages = [Stage(name, kind=_kind(name)) for name in case.given.take("stages")]
    given = case.given.inner("rules")
    only = given.take("create_only_in", ())
    rules = MoveRules(
        no_skip=bool(given.take("no_skip", False)),
        no_backward=bool(given.take("no_backward", False)),
        create_only_in=(only,) if isinstance(only, str) else tuple(only or ()),
        reopens=True,
        won_can_be_lost=True,
    )
    allowed = []
    for move in case.when.take("moves"):
        keys = Keys(move, "moves")
        if "create" in keys:
            allowed.append(rules.allows_opening(stages, keys.take("create")))
        else:
            allowed.append(rules.allows(stages, keys.take("from"), keys.take("to")))
        _all_read(keys)
    return {"allowed": allowed}


class _Desk:
    """The deals of a case, and the actions on them."""

    def __init__(self, case: Case) -> None:
        self.pipeline = _pipeline(case)
        self._spelt: dict[str, str] = {}
        self._archived: set[str] = set()
        self._unsaved: tuple[BuyingRole, ...] | None = None
        given = case.given.take("deals") if "deals" in case.given else [case.given.take("deal", {})]
        self.deals = [self._taken_over(Keys(deal, "deal"), place) for place, deal in enumerate(given)]

    def run(self, action: Keys) -> dict[str, Any]:
        name = action.take("action")
        if name not in _ACTIONS:
            raise Unsupported(f"action {name!r}")
        try:
            self.deals = [_ACTIONS[name](self, deal, action) for deal in self.deals]
        except (SalesError, _FieldsNeeded) as error:
            return {"ok": False, "error": _token(error, self.deals[0])}
        _all_read(action)
        return self.answer()

    def answer(self) -> dict[str, Any]:
        (deal, *_), probabilities = self.deals, [float(deal.probability.value.points) for deal in self.deals]
        primary = next((role.contact for role in deal.roles if role.primary), None)
        closed = deal.closed_on
        return {
            "ok": True,
            "status": deal.status.value,
            "stage": self._spelt.get(deal.stage, deal.stage),
            "probability": probabilities[0],
            "probabilities": probabilities,
            "active": deal.status is not StageKind.LOST and deal.id not in self._archived,
            "lost_reason": deal.loss_reason,
            "lost_note": deal.loss_note or None,
            "closed_date": "today" if closed == TODAY else closed and closed.isoformat(),
            "close_date": deal.expected_close and deal.expected_close.isoformat(),
            "value": None if deal.amount is None else deal.amount.amount,
            "primary_contact": primary,
            "contacts": [{"id": role.contact, "primary": role.primary} for role in deal.roles],
        }

    def stage_of(self, status: str) -> str:
        """The stage of an id or a name, or the first one of a kind."""
        for stage in self.pipeline.stages.values():
            if status.casefold() in {stage.id.casefold(), stage.name.casefold()}:
                self._spelt[stage.id] = status
                return stage.id
        kinds = [stage.id for stage in self.pipeline.stages.values() if stage.kind.value == status]
        if not kinds:
            raise Unsupported(f"stage {status!r}")
        return kinds[0]

    # --- actions

    def none(self, deal: Deal, _action: Keys) -> Deal:
        return deal

    def save(self, deal: Deal, action: Keys) -> Deal:
        if self._unsaved is not None:  # the contacts of the case stand on the form, and not on the deal yet
            deal, _ = set_roles(deal, self._unsaved, at=NOW, by=BY)
        deal = self.set(deal, action)
        decision = self.pipeline.review(deal)
        if not decision:
            raise _FieldsNeeded(MoveRefused(decision))
        return deal

    def create(self, _deal: Deal, action: Keys) -> Deal:
        stage = self.stage_of(action.take("stage")) if "stage" in action else self.pipeline.definition.initial
        fields = self._details(action)
        lost = self.pipeline.stages[stage].kind is StageKind.LOST
        opens_in = self.pipeline.definition.initial if lost else stage
        deal, _ = self.pipeline.open(id="d", name="a deal", stage=opens_in, at=NOW, by=BY, **fields)
        return self._judged(self._moved(deal, stage, action), action)

    def set(self, deal: Deal, action: Keys) -> Deal:
        if "stage" in action:
            deal = self._moved(deal, action.take("stage"), action)
        if "status" in action:
            deal = self._moved(deal, action.take("status"), action)
        if "active" in action:
            deal = self._activated(deal, action)
        fields = self._details(action)
        roles = fields.pop("roles", None)
        if fields:
            deal, _ = amend(deal, fields, at=NOW, by=BY)
        if roles is not None:
            deal, _ = set_roles(deal, roles, at=NOW, by=BY)
        return self._judged(deal, action)

    def move(self, deal: Deal, action: Keys) -> Deal:
        moved = self._moved(deal, action.take("to_status" if "to_status" in action else "to_stage"), action)
        return self._judged(moved, action)

    def mark_lost(self, deal: Deal, action: Keys) -> Deal:
        return self._moved(deal, "lost", action)

    def reactivate(self, deal: Deal, _action: Keys) -> Deal:
        return (
            deal
            if deal.is_open
            else self._moved(deal, self.pipeline.definition.initial, Keys({}, "reactivate"))
        )

    # --- parts of actions

    def _moved(self, deal: Deal, to: str, action: Keys) -> Deal:
        target = self.stage_of(to)
        if target == deal.stage:
            return deal
        self._archived.discard(deal.id)
        reason, note = action.take("lost_reason", None), action.take("lost_note", None)
        return self.pipeline.move(deal, target, at=NOW, by=BY, loss_reason=reason, loss_note=note or "")[0]

    def _activated(self, deal: Deal, action: Keys) -> Deal:
        """Archiving is the host's business and changes no status; what is archived at 0 % is lost, and comes back open."""
        if not action.take("active"):
            if deal.is_open and action.take("probability", None) == 0:
                return self._moved(deal, "lost", action)
            self._archived.add(deal.id)
            return deal
        self._archived.discard(deal.id)
        return self.reactivate(deal, action) if deal.status is StageKind.LOST else deal

    def _judged(self, deal: Deal, action: Keys) -> Deal:
        if action.take("probability", None) is None:
            return deal
        value = Percent(action.number("probability"))
        if not deal.is_open and value == deal.probability.value:
            return deal
        return estimate(deal, value, origin=EstimateOrigin.USER, at=NOW, by=BY)[0]

    def _details(self, action: Keys) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in ("value", "deal_value", "amount"):
            if key in action:
                found["amount"] = _money(action.take(key))
        for key in ("close_date", "expected_close", "expected_closure_date"):
            if key in action:
                found["expected_close"] = _date(action.take(key))
        if "contacts" in action:
            found["roles"] = tuple(map(_role, action.take("contacts"), count()))
        return found

    def _taken_over(self, keys: Keys, place: int) -> Deal:
        stage = self.stage_of(keys.take("stage" if "stage" in keys else "status", "open"))
        if "stage" in keys and "status" in keys:
            stage = self.stage_of(keys.take("status")) if keys.take("status") != "open" else stage
        details = self._details(keys)
        reason, note = keys.take("lost_reason", None), keys.take("lost_note", None)
        closed = keys.take("closed_date", None)
        self._unsaved = details.pop("roles", None)
        deal, _ = self.pipeline.adopt(
            id=f"d{place}",
            name="a deal",
            stage=stage,
            opened_at=NOW,
            at=NOW,
            by=BY,
            closed_on=_date(closed),
            loss_reason=reason,
            loss_note=note or "",
            **details,
        )
        if keys.take("probability", None) is not None:
            # The starting point is given, not reached by a command.
            origin = EstimateOrigin.STAGE
            if Percent(keys.number("probability")) != deal.probability.value:
                origin = EstimateOrigin.USER
            deal = attrs.evolve(deal, probability=Estimate(Percent(keys.number("probability")), origin))
        if not keys.take("active", True):
            self._archived.add(deal.id)
        _all_read(keys)
        return deal


class _FieldsNeeded(Exception):
    """A deal lacks what its stage asks for when it is saved."""

    def __init__(self, refusal: MoveRefused) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


_ACTIONS: Mapping[str, Callable[[_Desk, Deal, Keys], Deal]] = {
    "none": _Desk.none,
    "save": _Desk.save,
    "create": _Desk.create,
    "set": _Desk.set,
    "move": _Desk.move,
    "bulk_move": _Desk.move,
    "mark_lost": _Desk.mark_lost,
    "reactivate": _Desk.reactivate,
}

_LACKING = {
    "loss_reason": "lost_reason_required",
    "loss_note": "lost_note_required",
    "amount": "forecast_fields_required",
    "expected_close": "forecast_fields_required",
}


def _token(error: Exception, deal: Deal) -> str:
    if isinstance(error, ClosedDeal) and deal.status is StageKind.WON:
        return "won_is_final"
    if isinstance(error, InvalidInput):
        codes = {problem.code for problem in error.problems}
        if "two_primaries" in codes or "one_primary" in codes or any("primar" in code for code in codes):
            return "one_primary_contact"
    refusal = error.refusal if isinstance(error, _FieldsNeeded) else error
    if isinstance(refusal, MoveRefused):
        unmet = refusal.decision.unmet[0]
        if unmet.code == "transition" and deal.status is StageKind.WON:
            return "won_is_final"
        if unmet.what in _LACKING:
            return _LACKING[unmet.what]
    return getattr(error, "code", str(error))


def _pipeline(case: Case) -> Pipeline:
    """The pipeline of the product, with the stages of the case where it names any."""
    policy = case.policy
    if policy not in {"odoo", "frappe_crm", "espocrm"}:
        raise Unsupported(f"policy {policy!r}")
    definition = attrs.evolve(
        shipped_pipeline(policy), forecasting=bool(case.given.take("forecasting", False))
    )
    named = case.given.take("stage_probabilities", {})
    if named:
        stages = tuple(_stage(name, number(points)) for name, points in named.items())
        kept = tuple(
            stage
            for stage in definition.stages
            if stage.kind.is_closed and stage.kind not in {one.kind for one in stages}
        )
        first = next(stage.id for stage in (*stages, *kept) if stage.kind is StageKind.OPEN)
        definition = attrs.evolve(definition, initial=first, stages=(*stages, *kept))
    known = {word.casefold() for stage in definition.stages for word in (stage.id, stage.name)}
    further = {
        name: Stage(name, kind=_kind(name)) for name in _stages_named(case) if name.casefold() not in known
    }
    ordered = sorted((*definition.stages, *further.values()), key=lambda stage: stage.kind.is_closed)
    return attrs.evolve(definition, stages=tuple(ordered)).compile()


def _stages_named(case: Case) -> Iterator[str]:
    """The stages of which a case speaks without saying that its pipeline has them."""
    deals = case.given.take("deals") if "deals" in case.given else [case.given.take("deal", {})]
    for place in (*deals, *case.when.take("actions")):
        for key in ("stage", "to_stage", "status", "to_status"):
            if (name := place.get(key)) is not None and name not in {"open", "won", "lost"}:
                yield name


def _stage(name: str, points: Decimal) -> Stage:
    return Stage(name, kind=_kind(name), probability=Percent(points))


def _money(value: Any) -> Money | None:
    return None if value is None or number(value) == 0 else Money(number(value), "EUR")


def _date(value: str | None) -> date | None:
    return None if value is None else TODAY if value == "today" else day(value)


def _role(contact: Any, place: int) -> BuyingRole:
    if isinstance(contact, str):
        return BuyingRole(contact, "contact")
    keys = Keys(contact, "contacts")
    id_ = keys.take("id" if "id" in keys else "contact", f"contact {place}")
    role = BuyingRole(
        str(id_), "contact", primary=bool(keys.take("primary" if "primary" in keys else "is_primary", False))
    )
    _all_read(keys)
    return role


def _all_read(keys: Keys) -> None:
    if unread := list(keys.unread()):
        raise Unsupported(", ".join(unread))


def deal_actions(case: Case) -> dict[str, Any]:
    desk = _Desk(case)
    return {"results": [desk.run(Keys(action, "actions")) for action in case.when.take("actions")]}


ADAPTERS: dict[str, Adapter] = {
    "definition_check": definition_check,
    "restore_state": restore_state,
    "move_rules": move_rules,
    "deal_actions": deal_actions,
}
