"""One move of a real deal against transitions 0.9.3, django-fsm 3.0.1 and python-statemachine 3.2.2.

The deal has all its fields filled. Each move asks a guard of two parts (an amount and a number of seats), checks that the
actor has a role, enters the next stage, and brings status, forecast category, probability and the day of entry up to
date. The peers change a plain object in place by a callback and keep no history; ours makes a new deal and an event.
The guard of the peers is Python code; ours is a formula from the definition. Rounds are interleaved in one process and
the median round counts. The goal is a ratio of at most 1 to transitions.

Then, by tracemalloc, the bytes of a deal with all its fields (of 100,000 that are alive at once), of a bare one and of the event.
"""

from __future__ import annotations

import gc
import timeit
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import django  # type: ignore[import-not-found,unused-ignore]
import django_fsm  # type: ignore[import-not-found,unused-ignore]
import statemachine  # type: ignore[import-not-found,unused-ignore]
import transitions  # type: ignore[import-not-found,unused-ignore]
from django.conf import settings  # type: ignore[import-not-found,unused-ignore]

from benchmarks._peers import versions
from salesmgmt.core.actor import Actor
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import (
    BuyingRole,
    Deal,
    DealProduct,
    NextStep,
    Split,
    set_next_step,
    tick,
)
from salesmgmt.pipeline.stages import (
    ChecklistItem,
    Condition,
    ForecastCategory,
    Pipeline,
    PipelineDefinition,
    Stage,
    StageKind,
    Transition,
)

_ROUNDS = 15
_MOVES = 2_000
_MANY = 100_000
_FEW = 10_000

OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)
MOVED = OPENED + timedelta(days=7)
REP = Actor("li.wei", roles={"rep"})

PIPELINE = PipelineDefinition(
    id="enterprise",
    version=1,
    initial="qualification",
    fields={"seats": "number", "decision_maker": "text"},
    facts={"contract.signed": "bool"},
    loss_reasons=("price", "competitor"),
    stages=(
        Stage(
            "qualification",
            probability=Percent(10),
            checklist=(ChecklistItem("needs"),),
            rot_after_days=14,
        ),
        Stage("proposal", probability=Percent(40), category=ForecastCategory.BEST_CASE, required=("amount",)),
        Stage("won", kind=StageKind.WON, entry=(Condition("contract", "contract.signed"),)),
        Stage("lost", kind=StageKind.LOST),
    ),
    transitions=(
        Transition(
            "qualification",
            "proposal",
            (Condition("size", "deal.amount >= 1000 EUR and deal.seats >= 10"),),
            ("rep", "manager"),
        ),
        Transition("proposal", "won"),
        Transition(("qualification", "proposal"), "lost"),
    ),
).compile()


def _deal(pipeline: Pipeline, number: int = 1) -> Deal:
    deal, _ = pipeline.open(
        id=f"d-{number}",
        name=f"Laptops for house {number}",
        account=f"a-{number}",
        owner="li.wei",
        products=(
            DealProduct("laptop", 25, Money("22500.00", "EUR")),
            DealProduct("dock", 25, Money("2500.00", "EUR")),
        ),
        splits=(Split("li.wei", Percent(70)), Split("wang.fang", Percent(30))),
        roles=(
            BuyingRole(f"c-{number}", "champion", primary=True),
            BuyingRole(f"e-{number}", "economic buyer"),
        ),
        competitors=("Initech",),
        source="fair",
        campaign="spring",
        expected_close=date(2026, 6, 30),
        fields={"seats": Decimal(40), "decision_maker": "Ada"},
        at=OPENED,
        by=REP,
    )
    deal, _ = set_next_step(deal, NextStep("send the offer", date(2026, 3, 12)), at=OPENED, by=REP)
    return tick(deal, "needs", at=OPENED, by=REP)[0]


class _Plain:
    """A mutable deal, as the peers want it."""

    def __init__(self) -> None:
        self.state = "qualification"
        self.id = "d-1"
        self.name = "Laptops for house 1"
        self.account = "a-1"
        self.owner = "li.wei"
        self.amount = Decimal("25000.00")
        self.currency = "EUR"
        self.seats = Decimal(40)
        self.decision_maker = "Ada"
        self.checklist = {"needs"}
        self.status = "open"
        self.category = "pipeline"
        self.probability = Decimal(10)
        self.stage_since = OPENED

    def fits(self, *_: Any, **__: Any) -> bool:
        return self.amount >= 1000 and self.seats >= 10 and "needs" in self.checklist

    def entered(self, at: datetime) -> None:
        self.status = "open"
        self.category = "best_case"
        self.probability = Decimal(40)
        self.stage_since = at


def _ours() -> Callable[[], object]:
    deal, move = _deal(PIPELINE), PIPELINE.move
    return lambda: move(deal, "proposal", at=MOVED, by=REP)


def _transitions() -> Callable[[], object]:
    class Lead(_Plain):
        def permitted(self, by: Actor, at: datetime) -> bool:  # noqa: ARG002 - the callback gets all arguments
            return by.has_any(_ROLES)

        def after(self, by: Actor, at: datetime) -> None:  # noqa: ARG002
            self.entered(at)

    model = Lead()
    transitions.Machine(
        model,
        states=["qualification", "proposal", "won", "lost"],
        transitions=[
            {
                "trigger": "propose",
                "source": "qualification",
                "dest": "proposal",
                "conditions": ["fits", "permitted"],
                "after": "after",
            },
            {"trigger": "win", "source": "proposal", "dest": "won"},
            {"trigger": "lose", "source": ["qualification", "proposal"], "dest": "lost"},
        ],
        initial="qualification",
        auto_transitions=False,
    )

    def move() -> object:
        model.state = "qualification"
        return model.propose(by=REP, at=MOVED)  # type: ignore[attr-defined]

    return move


def _django_fsm() -> Callable[[], object]:
    if not settings.configured:
        settings.configure(INSTALLED_APPS=[])
        django.setup()
    from django.db import models  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - it looks at the settings when it is imported

    class Lead(models.Model):  # type: ignore[misc]  # noqa: DJ008 - nobody prints it
        state = django_fsm.FSMField(default="qualification")

        class Meta:
            app_label = "moves"

        @django_fsm.transition(  # type: ignore[untyped-decorator]
            field=state,
            source="qualification",
            target="proposal",
            conditions=[lambda one: one.plain.fits()],
            permission=lambda _one, by: by.has_any(_ROLES),
        )
        def propose(self, at: datetime) -> None:
            self.plain.entered(at)

    model = Lead()
    model.plain = _Plain()

    def move() -> object:
        model.__dict__["state"] = "qualification"
        if not django_fsm.has_transition_perm(model.propose, REP):
            raise AssertionError("the actor has the role")
        return model.propose(MOVED)

    return move


def _statemachine() -> Callable[[], object]:
    class Machine(statemachine.StateMachine):  # type: ignore[misc]
        qualification = statemachine.State(initial=True, value="qualification")
        proposal = statemachine.State(value="proposal")
        won = statemachine.State(final=True, value="won")
        lost = statemachine.State(final=True, value="lost")
        propose = qualification.to(proposal, cond=["fits", "permitted"])
        win = proposal.to(won)
        lose = qualification.to(lost) | proposal.to(lost)

        def fits(self) -> bool:
            return bool(self.model.fits())

        def permitted(self, by: Actor) -> bool:
            return by.has_any(_ROLES)

        def after_propose(self, at: datetime) -> None:
            self.model.entered(at)

    model = _Plain()
    machine = Machine(model)

    def move() -> object:
        model.state = "qualification"
        return machine.propose(by=REP, at=MOVED)

    return move


_ROLES = frozenset({"rep", "manager"})


def _speed() -> None:
    contenders = {
        "salesmgmt": _ours(),
        "transitions": _transitions(),
        "django-fsm": _django_fsm(),
        "python-statemachine": _statemachine(),
    }
    rounds: dict[str, list[float]] = {name: [] for name in contenders}
    for move in contenders.values():
        move()
    for _ in range(_ROUNDS):
        for name, move in contenders.items():
            rounds[name].append(timeit.timeit(move, number=_MOVES) / _MOVES * 1e6)
    cost = {name: median(times) for name, times in rounds.items()}
    for name, each in cost.items():
        print(f"{name:<22}{each:>8.1f} us a move{cost['salesmgmt'] / each:>8.2f} (ours to this)")


def _bytes(make: Callable[[int], object], many: int = _FEW) -> float:
    """Bytes a thing, of many that are alive at once; what they share is paid once and hardly shows."""
    gc.collect()
    tracemalloc.start()
    kept = [make(number) for number in range(many)]
    taken = tracemalloc.get_traced_memory()[0] - len(kept) * 8
    tracemalloc.stop()
    return taken / many


def _memory() -> None:
    deals = _bytes(lambda number: _deal(PIPELINE, number), _MANY)
    bare = _bytes(lambda number: PIPELINE.open(id=f"d-{number}", name="x", at=OPENED, by=REP)[0])
    deal = _deal(PIPELINE)
    event = _bytes(lambda _: PIPELINE.move(deal, "proposal", at=MOVED, by=REP)[1])
    print(
        f"a deal with all its fields {deals:,.0f} bytes, one with a name alone {bare:,.0f}, a move's event {event:,.0f}"
    )


def main() -> None:
    print(versions("transitions", "django-fsm", "python-statemachine"))
    _speed()
    _memory()


if __name__ == "__main__":
    main()
