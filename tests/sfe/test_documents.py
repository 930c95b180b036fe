"""Everything that a store keeps goes through the codec and back; events and entities are listed."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal

import attrs
import jsonschema
import pytest

import salesmgmt.sfe
from salesmgmt.core.actor import Actor
from salesmgmt.core.codec import Codec
from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.core.measured import AnyMeasured, Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.sfe import (
    ENTITIES,
    EVENTS,
    ActionRule,
    Activity,
    Band,
    Component,
    CompPlan,
    Credit,
    Cycle,
    Figure,
    Target,
    cancel_activity,
    complete_activity,
    plan_activity,
)

Q4 = Period.quarter(2026, 4)
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
BY = Actor("chen", roles={"manager"})


def _everything() -> tuple[list[Entity], list[Event]]:
    """One turn of a cycle that makes each kind of entity and event, with amounts, rates and undefined figures."""
    activity = Activity(id="a-1", kind="call", owner="li", fields={"minutes": Decimal(5)})
    planned, on_plan = plan_activity(activity, date(2026, 10, 6), at=NOW, by=BY)
    done, on_done = complete_activity(planned, "order", at=NOW, by=BY)
    _, on_cancel = cancel_activity(planned, "ill", at=NOW, by=BY)
    values: dict[str, Figure] = {"won": Money("100.00", "EUR"), "rate": Percent(30), "calls": Decimal(60)}
    targets = [
        Target(subject="li", metric=metric, period=Q4, value=value) for metric, value in values.items()
    ]
    cycle, _ = Cycle.open(id="c-1", period=Q4, targets=targets, owner="chen").record([done])
    history = {("li", "won"): [Money(amount, "EUR") for amount in (90, 95, 92, 97, 91, 96, 94, 93)]}
    actuals: dict[str, dict[str, AnyMeasured]] = {
        "won": {"li": Measured(Money("10.00", "EUR")), "ann": Measured(Money("120.00", "EUR"))},
        "calls": {"li": Measured(None, "no_calls")},
    }
    check = cycle.check_figures(actuals, as_of=date(2026, 10, 31), history=history)
    rules = [
        ActionRule(id="low", metric="won", when="won.signal_low", what="coach"),
        ActionRule(id="dark", metric="calls", when="calls.actual is missing", what="ask"),
    ]
    cycle, raised = cycle.act(rules, check, at=NOW, by=BY)
    better = cycle.check_figures(
        {"won": {"li": Measured(Money(95, "EUR"))}, "calls": {"li": Measured(Decimal(9))}}
    )
    cycle, recovered = cycle.act(rules, better, at=NOW, by=BY)
    moves: list[Event] = []
    for action in cycle.actions:
        for state in ("accepted", "done"):
            cycle, moved = cycle.move(action.id, state, at=NOW, by=BY)
            moves += moved
        cycle, moved = cycle.move(
            action.id, "verified", effect=cycle.measure(action.id, better), at=NOW, by=BY
        )
        moves += moved
    cycle, on_close = cycle.close(at=NOW)
    component = Component(id="all", quota=1000, bands=(Band(start=0, rate=Percent("3.3")),), guarantee=50)
    engine = CompPlan(id="ae", currency="EUR", components=(component,)).compile()
    deal = Credit(event="d-1", participant="li", amount=Money("10.01", "EUR"))
    paid = engine.pay("s-1", "li", [deal], period=Q4)
    events = [*on_plan, *on_done, *on_cancel, *raised, *recovered, *moves, *on_close]
    return [planned, done, cycle, paid, engine.reverse(paid, ["d-1"], id="s-2")], events


@pytest.mark.parametrize(
    "document", [*_everything()[0], *_everything()[1]], ids=lambda one: type(one).__name__
)
def test_a_document_comes_back_as_it_was(document: Entity | Event) -> None:
    codec = Codec()

    assert codec.from_json(type(document), codec.to_json(document)) == document
    assert pickle.loads(pickle.dumps(document)) == document


def test_every_kind_is_listed_and_was_tried() -> None:
    entities, events = _everything()

    assert {type(entity) for entity in entities} == set(ENTITIES)
    assert {type(event) for event in events} == set(EVENTS)


@pytest.mark.parametrize("cls", [*ENTITIES, *EVENTS], ids=lambda cls: cls.__name__)
def test_every_kind_has_a_json_schema(cls: type[attrs.AttrsInstance]) -> None:
    schema = Codec().schema(cls)

    jsonschema.Draft202012Validator.check_schema(schema)
    assert cls.__name__ in str(schema)


def test_every_public_name_is_there() -> None:
    assert [name for name in salesmgmt.sfe.__all__ if not hasattr(salesmgmt.sfe, name)] == []
