"""Laws of own condition types: the evaluator against an oracle in fractions, and what must never change an answer."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    ConditionRecord,
    ConditionType,
    ExclusionGroup,
    InvariantBroken,
    Line,
    NoPrice,
    PriceConflict,
    Priced,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    RoundLines,
    Scope,
    require_invariants,
)
from tests.cpq.pricing.answers import CODEC, few, nets, told_elsewhere
from tests.cpq.pricing.oracle import Oracle
from tests.cpq.pricing.oracle_arithmetic import is_short, near
from tests.cpq.pricing.strategies import (
    ACCESSES,
    CATALOGUE,
    FACTS,
    NOW,
    condition_models,
    percents,
    requests,
)

LAST = RoundLines(id="very end")


def with_step(
    model: PricingModel, type_: ConditionType, step: PricingStep, *found: ConditionRecord
) -> PricingModel:
    """The model with a condition type more, in a step at its end."""
    procedure = attrs.evolve(
        model.procedure,
        condition_types=(*model.procedure.condition_types, type_),
        steps=(*model.procedure.steps, step, LAST),
    )
    return attrs.evolve(model, procedure=procedure, conditions=(*model.conditions, *found))


@given(condition_models(), requests())
def test_amounts_are_those_of_fractions_and_exact_before_they_are_rounded(
    model: PricingModel, request: PricingRequest
) -> None:
    priced = model.compile().price(request)
    oracle = Oracle(model, request)

    assert {line.position: Fraction(line.net_amount.amount) for line in priced.lines} == oracle.nets
    for line, state in zip(priced.lines, oracle.lines, strict=True):
        for name, wanted in state.subtotals.items():
            amount = line.subtotals[name].amount
            assert Fraction(amount) == wanted if is_short(wanted) else near(amount, wanted)
    if not priced.unpriced:
        assert [Fraction(one.rounded.amount) for one in priced.header] == [
            whole for _, whole in oracle.headers
        ]


@few
@given(condition_models(), requests())
def test_the_short_answer_is_that_of_the_trace(model: PricingModel, request: PricingRequest) -> None:
    pricer = model.compile()
    priced = pricer.price(request)
    told = pricer.price(request, passed_over=True)

    amounts: dict[int, Money | NoPrice | PriceConflict] = {
        line.position: line.net_amount for line in priced.lines
    }
    amounts |= {missing.position: missing for missing in priced.unpriced}
    assert pricer.net_amounts(request) == tuple(amounts[place] for place in range(len(request.lines)))
    assert [line.net_amount for line in told.lines] == [line.net_amount for line in priced.lines]


@few
@given(condition_models(), requests())
def test_every_answer_adds_up(model: PricingModel, request: PricingRequest) -> None:
    priced = model.compile().price(request)

    require_invariants(priced)
    for line in priced.lines:
        told = [step for step in line.waterfall if not step.is_statistical]
        assert sum(Fraction(step.rounded_amount) for step in told) == Fraction(line.net_amount.amount)
        assert all(step.running_amount >= 0 for step in line.waterfall)
        assert {step.currency for step in line.waterfall} <= {"EUR"}
        assert not Fraction(line.net_amount.amount) * 100 % 1
    for header in priced.header:
        assert sum(Fraction(share.amount) for share in header.shares) == Fraction(header.rounded.amount)


@few
@given(condition_models(), requests(), st.data())
def test_an_answer_that_was_changed_is_found_out(
    model: PricingModel, request: PricingRequest, data: st.DataObject
) -> None:
    priced = model.compile().price(request)
    traced = [line for line in priced.lines if line.waterfall]
    assume(traced)
    line = data.draw(st.sampled_from(traced))
    place = data.draw(st.integers(0, len(line.waterfall) - 1))
    step = line.waterfall[place]
    fields = (
        ["running_amount", "currency"]
        if step.is_statistical
        else ["running_amount", "rounded_amount", "currency"]
    )
    field = data.draw(st.sampled_from(fields))
    value: Any = "USD" if field == "currency" else getattr(step, field) + Decimal("0.01")
    changed = attrs.evolve(step, **dict[str, Any]({field: value}))
    waterfall = (*line.waterfall[:place], changed, *line.waterfall[place + 1 :])
    lines = [attrs.evolve(line, waterfall=waterfall) if one is line else one for one in priced.lines]

    with pytest.raises(InvariantBroken):
        require_invariants(attrs.evolve(priced, lines=tuple(lines)))


@few
@given(condition_models(), requests(), st.sampled_from(Scope))
def test_a_discount_of_everything_is_exactly_zero_on_every_line(
    model: PricingModel, request: PricingRequest, scope: Scope
) -> None:
    request = attrs.evolve(request, lines=[attrs.evolve(line, group="x") for line in request.lines])
    model = with_step(
        model,
        ConditionType(id="all", kind="discount", calculation="percent_compound"),
        PricingStep(id="all", type_id="all", scope=scope),
        ConditionRecord(id="all", type="all", percent=Percent(100)),
    )

    assert set(nets(model.compile(), request).values()) <= {Fraction(0)}


@few
@given(condition_models(), requests(), st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing_where_nothing_is_shared(
    model: PricingModel, request: PricingRequest, random: Any
) -> None:
    steps = [
        step
        for step in model.procedure.steps
        if not (isinstance(step, PricingStep) and step.scope is not Scope.LINE) and step.id != "whole"
    ]
    model = attrs.evolve(model, procedure=attrs.evolve(model.procedure, steps=tuple(steps)))
    pricer = model.compile()
    order = list(range(len(request.lines)))
    random.shuffle(order)
    turned = attrs.evolve(request, lines=[request.lines[place] for place in order])

    first, second = nets(pricer, request), nets(pricer, turned)

    assert {order[place]: amount for place, amount in second.items()} == first


@few
@given(condition_models(), requests())
def test_a_record_that_does_not_hold_changes_nothing(model: PricingModel, request: PricingRequest) -> None:
    customer = {name: value for name, value in request.customer.items() if name != "id"} | {"id": "beta"}
    request = attrs.evolve(request, customer=customer)
    strangers = [
        ConditionRecord(id=f"never-{type_.id}-{name}", type=type_.id, **more, **_value_of(type_))
        for type_ in model.procedure.condition_types
        if not type_.id.startswith("d")  # what is for several lines knows no product and no unit
        for name, more in _STRANGE.items()
    ]
    more = attrs.evolve(model, conditions=(*model.conditions, *strangers))

    assert nets(more.compile(), request) == nets(model.compile(), request)


_STRANGE: Mapping[str, Mapping[str, Any]] = {
    "customer": {"key": {"customer.id": "acme", "line.product": "a"}},
    "past": {"valid_to": NOW.date()},
    "future": {"valid_from": NOW.date().replace(year=2030)},
    "large": {"min_quantity": 10**9},
    "unit": {"uom": "gross"},
    "condition": {"condition": "line.quantity > 1000000"},
}


def _value_of(type_: ConditionType) -> dict[str, Any]:
    calculation = type_.calculation.value
    if calculation == "formula":
        return {}
    if calculation.startswith("percent") or calculation in ("markup_on_cost", "target_margin"):
        return {"percent": Percent(7)}
    return {"amount": Money(7, "EUR")}


@few
@given(condition_models(), requests(), percents, percents)
def test_a_further_discount_never_raises_what_the_best_of_a_group_leaves(
    model: PricingModel, request: PricingRequest, first: Percent, second: Percent
) -> None:
    types = [ConditionType(id=name, kind="discount", calculation="percent") for name in ("one", "two")]
    one, two = (
        ConditionRecord(id=name, type=name, percent=percent)
        for name, percent in (("one", first), ("two", second))
    )
    group = ExclusionGroup(id="best", members=("one", "two"))
    steps = [PricingStep(id=type_.id, type_id=type_.id) for type_ in types]
    procedure = attrs.evolve(
        model.procedure,
        condition_types=(*model.procedure.condition_types, *types),
        exclusion_groups=(*model.procedure.exclusion_groups, group),
        steps=(*model.procedure.steps, *steps, LAST),
    )
    few = attrs.evolve(model, procedure=procedure, conditions=(*model.conditions, one))
    many = attrs.evolve(few, conditions=(*few.conditions, two))

    before, after = nets(few.compile(), request), nets(many.compile(), request)

    assert before.keys() == after.keys()
    assert all(after[place] <= amount for place, amount in before.items())


@few
@given(condition_models(), requests())
def test_pricing_again_stored_pickled_in_threads_and_in_another_context_gives_the_same(
    model: PricingModel, request: PricingRequest
) -> None:
    pricer = model.compile()
    priced = pricer.price(request)
    stored = CODEC.to_json(priced)

    assert pricer.price(request) == priced
    assert told_elsewhere(pricer, request) == {stored}
    assert CODEC.from_json(Priced, stored) == priced
    assert CODEC.to_json(CODEC.from_json(Priced, stored)) == stored


_CHILD = """
import pickle, sys
from salesmgmt.core.codec import Codec
for pricer, request in pickle.load(sys.stdin.buffer):
    print(Codec().to_json(pricer.price(request)))
"""


@settings(max_examples=2)
@given(st.lists(st.tuples(condition_models(), requests()), min_size=5, max_size=5))
def test_another_process_with_another_hash_seed_gives_the_same_bytes(
    drawn: list[tuple[PricingModel, PricingRequest]],
) -> None:
    asked = [(model.compile(), request) for model, request in drawn]
    here = "".join(f"{CODEC.to_json(pricer.price(request))}\n" for pricer, request in asked)

    for seed in ("1", "4711"):
        child = subprocess.run(
            [sys.executable, "-c", _CHILD],
            input=pickle.dumps(asked),
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            check=True,
        )
        assert child.stdout.decode() == here


LINEAR = PricingModel(
    procedure=PricingProcedure(
        id="linear",
        facts=FACTS,
        condition_types=(
            ConditionType(id="price", kind="price", calculation="set_price", accesses=ACCESSES),
            ConditionType(id="off", kind="discount", calculation="percent", accesses=ACCESSES),
            ConditionType(id="more", kind="discount", calculation="percent_compound", accesses=ACCESSES),
            ConditionType(id="fee", kind="surcharge", calculation="amount_per_unit", accesses=ACCESSES),
        ),
        steps=(
            PricingStep(id="price", type_id="price", mandatory=True),
            PricingStep(id="off", type_id="off"),
            PricingStep(id="more", type_id="more"),
            PricingStep(id="fee", type_id="fee", subtotal="exact"),
            RoundLines(id="cents"),
        ),
    ),
    conditions=[
        ConditionRecord(id="a", type="price", key={"line.product": "a"}, amount=Money("17.35", "EUR")),
        ConditionRecord(
            id="b", type="price", key={"line.product": "b"}, amount=Money("0.07", "EUR"), per_quantity=8
        ),
        ConditionRecord(id="five", type="off", percent=Percent("5.5")),
        ConditionRecord(id="gold", type="off", key={"customer.segment": "gold"}, percent=Percent(12)),
        ConditionRecord(id="two", type="more", percent=Percent("2.25")),
        ConditionRecord(id="fee", type="fee", amount=Money("0.015", "EUR")),
    ],
    catalogue=CATALOGUE,
)


@given(requests())
def test_a_line_in_two_halves_costs_the_same(request: PricingRequest) -> None:
    pricer = LINEAR.compile()
    halves = [attrs.evolve(line, quantity=line.quantity / 2) for line in request.lines for _ in range(2)]

    whole = {line.position: line.subtotals["exact"] for line in pricer.price(request).lines}
    parts = {
        line.position: line.subtotals["exact"]
        for line in pricer.price(attrs.evolve(request, lines=halves)).lines
    }

    assert {place: parts[2 * place] + parts[2 * place + 1] for place in whole} == whole


def test_one_record_may_be_shared_by_several_groups() -> None:
    # 10 % of 100 and of 40, each group for itself.
    model = PricingModel(
        procedure=PricingProcedure(
            id="groups",
            condition_types=(
                ConditionType(id="price", kind="price", calculation="set_price"),
                ConditionType(id="set", kind="discount", calculation="percent"),
            ),
            steps=(
                PricingStep(id="price", type_id="price", mandatory=True),
                RoundLines(id="cents"),
                PricingStep(id="set", type_id="set", scope=Scope.GROUP),
            ),
        ),
        conditions=[
            ConditionRecord(id="a", type="price", amount=Money(10, "EUR")),
            ConditionRecord(id="ten", type="set", percent=Percent(10)),
        ],
    )
    lines = [Line("a", 4, group="x"), Line("a", 6, group="x"), Line("a", 4, group="y")]

    priced = model.compile().price(PricingRequest(at=NOW, currency="EUR", lines=lines))

    assert [str(line.net_amount) for line in priced.lines] == ["36.00 EUR", "54.00 EUR", "36.00 EUR"]
    assert [str(one.rounded) for one in priced.header] == ["-10.00 EUR", "-4.00 EUR"]
