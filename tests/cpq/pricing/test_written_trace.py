"""The trace of a line is written down as rows; whoever reads it finds the objects, as if they had always been there."""

from __future__ import annotations

import copy
import gc
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from salesmgmt.core.codec import Codec
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Aside,
    Calculation,
    ConditionRecord,
    ConditionType,
    ExclusionGroup,
    InvariantBroken,
    Line,
    NotApplied,
    Priced,
    PricedLine,
    Pricer,
    PriceStep,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    RoundLines,
    StepKind,
    StoodAside,
    require_invariants,
)
from salesmgmt.cpq.pricing._draft import Draft, DraftLine

CODEC = Codec()
REQUEST = PricingRequest(
    at=datetime(2026, 3, 2, 9, tzinfo=UTC), currency="EUR", lines=[Line("desk", 3), Line("lamp", 1)]
)


def _type(name: str, kind: str, calculation: str) -> ConditionType:
    return ConditionType(id=name, kind=kind, calculation=calculation)


PRICER: Pricer = PricingModel(
    procedure=PricingProcedure(
        id="own",
        condition_types=(
            _type("price", "price", "set_price"),
            _type("autumn", "discount", "percent_compound"),
            _type("loyal", "discount", "percent_compound"),
        ),
        exclusion_groups=(ExclusionGroup(id="one discount", members=("autumn", "loyal")),),
        steps=(
            PricingStep(id="price", type_id="price", mandatory=True),
            PricingStep(id="autumn", type_id="autumn"),
            PricingStep(id="loyal", type_id="loyal"),
            RoundLines(id="cents"),
        ),
    ),
    conditions=[
        ConditionRecord(
            id="p-desk", type="price", key={"line.product": "desk"}, amount=Money("33.33", "EUR")
        ),
        ConditionRecord(id="p-lamp", type="price", key={"line.product": "lamp"}, amount=Money(20, "EUR")),
        ConditionRecord(id="a-10", type="autumn", percent=Percent(10)),
        ConditionRecord(id="l-5", type="loyal", percent=Percent(5), version=4),
    ],
).compile()

# 3 desks of 33.33 are 99.99, less 10 % is 89.991, in cents 89.99; 5 % would have been 4.9995.
STEPS = (
    PriceStep(
        step="price",
        kind=StepKind.CONDITION,
        record="p-desk",
        calculation=Calculation.SET_PRICE,
        currency="EUR",
        base_amount=Decimal(0),
        raw_amount=Decimal("99.99"),
        rounded_amount=Decimal("99.99"),
        running_amount=Decimal("99.99"),
        value=Decimal("33.33"),
        quantity=Decimal(3),
    ),
    PriceStep(
        step="autumn",
        kind=StepKind.CONDITION,
        record="a-10",
        calculation=Calculation.PERCENT_COMPOUND,
        currency="EUR",
        base_amount=Decimal("99.99"),
        raw_amount=Decimal("-9.9990"),
        rounded_amount=Decimal("-9.9990"),
        running_amount=Decimal("89.9910"),
        value=Decimal(-10),
        quantity=Decimal(3),
    ),
    PriceStep(
        step="cents",
        kind=StepKind.ROUNDING,
        record="",
        calculation=Calculation.ROUNDING,
        currency="EUR",
        base_amount=Decimal("89.9910"),
        raw_amount=Decimal(0),
        rounded_amount=Decimal("-0.0010"),
        running_amount=Decimal("89.9900"),
        detail="half_up to 0.01",
    ),
)
NOT_APPLIED = (
    NotApplied(
        step="loyal",
        rule="l-5",
        why_not=StoodAside(code=Aside.EXCLUDED, by="a-10", detail="one discount, -4.9995 against -9.9990"),
    ),
)


def fresh() -> PricedLine:
    """A line of which nobody has read anything."""
    return PRICER.price(REQUEST).lines[0]


def at_hand() -> PricedLine:
    """The same line, made by hand."""
    return PricedLine(
        position=0,
        line=REQUEST.lines[0],
        list_amount=Money("99.99", "EUR"),
        net_amount=Money("89.99", "EUR"),
        waterfall=STEPS,
        not_applied=NOT_APPLIED,
    )


def test_the_trace_is_there_when_it_is_read_and_stays_the_same_object() -> None:
    line = fresh()
    assert line.waterfall == STEPS
    assert [str(step) for step in line.waterfall] == [str(step) for step in STEPS]
    assert line.waterfall is line.waterfall
    line = fresh()
    assert line.not_applied == NOT_APPLIED
    assert line.not_applied is line.not_applied


@pytest.mark.parametrize(
    "seen",
    [
        lambda line: line,
        lambda line: pickle.loads(pickle.dumps(line)),
        copy.copy,
        copy.deepcopy,
        lambda line: attrs.evolve(line, position=0),
        lambda line: CODEC.from_json(PricedLine, CODEC.to_json(line)),
    ],
    ids=["itself", "pickled", "copied", "copied deeply", "evolved", "stored"],
)
def test_a_line_that_nobody_has_read_is_the_one_made_by_hand(
    seen: Callable[[PricedLine], PricedLine],
) -> None:
    assert seen(fresh()) == at_hand()
    line = seen(fresh())
    assert (line.waterfall, line.not_applied) == (STEPS, NOT_APPLIED)
    assert repr(seen(fresh())) == repr(at_hand())
    assert CODEC.to_json(seen(fresh())) == CODEC.to_json(at_hand())


def test_reading_changes_nothing_that_is_written() -> None:
    unread, read = PRICER.price(REQUEST), PRICER.price(REQUEST)
    for line in read.lines:
        assert line.waterfall
    assert unread == read
    assert CODEC.to_json(unread) == CODEC.to_json(read)
    assert len(pickle.dumps(PRICER.price(REQUEST))) == len(pickle.dumps(read))


def test_threads_that_read_at_once_all_find_it() -> None:
    with ThreadPoolExecutor(8) as pool:
        for _ in range(50):
            line = fresh()
            names = ["waterfall", "not_applied"] * 8
            found = list(pool.map(lambda name, line=line: getattr(line, name), names))
            assert found == [STEPS, NOT_APPLIED] * 8


def test_a_line_still_cannot_be_changed_and_has_no_other_names() -> None:
    line: Any = fresh()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        line.waterfall = ()
    with pytest.raises(AttributeError, match="'PricedLine' object has no attribute 'waterfalls'"):
        _ = line.waterfalls
    assert not hasattr(line, "steps")


def test_the_rows_are_the_steps_before_and_after_they_are_read() -> None:
    line = fresh()
    unread = list(line.step_rows)
    assert unread == [step.row for step in STEPS]
    assert line.waterfall == STEPS
    assert list(line.step_rows) == unread == list(at_hand().step_rows)


def test_an_unread_trace_that_was_tampered_with_is_found_out() -> None:
    priced = PRICER.price(REQUEST)
    rows = priced.lines[1].step_rows
    assert isinstance(rows, list)
    rows[1] = (*rows[1][:8], Decimal(17), *rows[1][9:])
    with pytest.raises(InvariantBroken, match=r"lines\[1\]: the steps up to autumn add up"):
        require_invariants(priced)


@pytest.mark.parametrize("ask", [PRICER.price, PRICER.net_amounts], ids=["price", "net_amounts"])
def test_nothing_of_the_work_waits_for_the_collector(ask: Callable[[PricingRequest], object]) -> None:
    ask(REQUEST)
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            ask(REQUEST)
        left = [one for one in gc.get_objects() if isinstance(one, Draft | DraftLine)]
    finally:
        gc.enable()
    assert not left


def test_a_document_of_unread_lines_reads_as_one_document() -> None:
    priced = PRICER.price(REQUEST)
    assert isinstance(priced, Priced)
    assert [str(money) for money in (priced.total, priced.list_total)] == ["107.99 EUR", "119.99 EUR"]
    assert priced.why_not("l-5")[0] == NOT_APPLIED[0].why_not
