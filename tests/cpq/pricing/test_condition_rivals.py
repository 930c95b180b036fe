"""Records and types that compete: ties, conflicts, exclusion groups, and what is said of those that lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Aside,
    Calculation,
    Candidate,
    ConditionRecord,
    ConditionType,
    DiscountRule,
    Discounts,
    ExclusionGroup,
    Line,
    NotApplied,
    PriceConflict,
    PricingStep,
    StoodAside,
)
from salesmgmt.cpq.pricing.procedure import Step
from tests.cpq.pricing.a_condition import (
    VERSION,
    D,
    asked,
    pricer_of,
    told,
    two,
)
from tests.cpq.pricing.a_step import Both, amounts


def test_records_of_equal_rank_are_no_conflict_when_they_come_to_the_same() -> None:
    one, other = {"amount": Money(5, "EUR")}, {"amount": Money(6, "EUR")}
    line = Line("dock", 1)

    same = two(one, one).price(asked(line))
    assert amounts(same) == [95]
    assert same.lines[0].waterfall[-1].record == "a"
    differ = two(one, other).price(asked(line, Line("hub", 0 + 1)))
    candidates = (
        Candidate(record="a", unit_price=Money(95, "EUR")),
        Candidate(record="b", unit_price=Money(94, "EUR")),
    )
    assert differ.unpriced[0] == PriceConflict(position=0, line=line, candidates=candidates)


def test_a_tied_record_that_cannot_be_reckoned_is_a_candidate_without_a_price() -> None:
    foreign = {"amount": Money(5, "GBP")}
    line = Line("dock", 2)

    found = two(foreign, {"amount": Money(6, "EUR")}).price(asked(line)).unpriced

    candidates = (
        Candidate(record="a", unit_price=None),
        Candidate(record="b", unit_price=Money(97, "EUR")),  # (200 - 6) / 2
    )
    assert found == (PriceConflict(position=0, line=line, candidates=candidates),)


def test_a_conflict_of_one_line_leaves_the_others_their_price() -> None:
    pricer = pricer_of(
        [ConditionType(id="x", kind="discount", calculation="amount_per_line")],
        [
            ConditionRecord(id="a", type="x", key={"line.product": "dock"}, amount=Money(5, "EUR")),
            ConditionRecord(id="b", type="x", key={"line.product": "dock"}, amount=Money(6, "EUR")),
            ConditionRecord(id="c", type="x", key={"line.product": "hub"}, amount=Money(1, "EUR")),
        ],
        PricingStep(id="s", type_id="x"),
    )

    priced = pricer.price(asked(Line("dock", 1), Line("hub", 1)))

    assert [one.position for one in priced.unpriced] == [0]
    assert amounts(priced) == [49]


GROUP = ExclusionGroup(id="g", members=("x", "y"))


def excluding(
    *records: ConditionRecord,
    group: ExclusionGroup = GROUP,
    kind: str = "discount",
    after: Sequence[Step] = (),
) -> Both:
    types = [ConditionType(id=name, kind=kind, calculation="amount_per_line") for name in ("x", "y")]
    types.append(ConditionType(id="z", kind="discount", calculation="percent"))
    steps: list[Step] = [PricingStep(id="s", type_id="x"), PricingStep(id="t", type_id="y"), *after]
    return pricer_of(types, records, *steps, exclusion_groups=(group,))


def test_the_winner_of_a_group_is_told_like_any_other_step() -> None:
    pricer = excluding(
        ConditionRecord(id="a", type="x", amount=Money(5, "EUR"), key={"line.product": "dock"}),
        ConditionRecord(id="b", type="y", amount=Money(60, "EUR"), per_quantity=7, version=4),
    )

    dock, hub = pricer.price(asked(Line("dock", 2), Line("hub", 1))).lines

    assert dock.waterfall[1:] == (
        told(
            Calculation.AMOUNT_PER_LINE,
            200,
            -60,
            140,
            step="t",
            record="b",
            value=-60,
            quantity=2,
            detail="per 7",
            version=4,
        ),
    )
    aside = StoodAside(code=Aside.EXCLUDED, by="b", detail="g, -5 against -60")
    assert dock.not_applied == (NotApplied(step="s", rule="a", why_not=aside),)
    # where only one member found a record, there is nothing to decide
    assert [step.record for step in hub.waterfall] == ["hub", "b"]
    assert hub.net_amount == Money(0, "EUR")


def test_the_base_of_a_percentage_that_waited_is_told() -> None:
    pricer = pricer_of(
        [ConditionType(id="x", kind="discount", calculation="percent")],
        [ConditionRecord(id="a", type="x", percent=Percent(10))],
        PricingStep(id="cut", type_id="x"),
        PricingStep(id="s", type_id="x"),
        exclusion_groups=(ExclusionGroup(id="none", members=("x",), procedure="best_record_of_type"),),
    )

    line = pricer.price(asked(Line("dock", 1))).lines[0]

    assert line.waterfall[1:] == (
        told(Calculation.PERCENT, 100, -10, 90, step="cut", record="a", value=-10, quantity=1, version=1),
    )


def test_priority_and_combination_decide_where_the_group_asks_for_them() -> None:
    def records(**of_b: Any) -> tuple[ConditionRecord, ...]:
        return (
            ConditionRecord(
                id="a",
                type="x",
                amount=Money(5, "EUR"),
                priority=2,
                combinable=True,
                key={"line.product": "dock"},
            ),
            ConditionRecord(id="b", type="y", amount=Money(60, "EUR"), priority=1, **of_b),
        )

    top = ExclusionGroup(id="g", members=("x", "y"), procedure="highest_priority")
    both = ExclusionGroup(id="g", members=("x", "y"), procedure="combine_all_or_top")
    line = asked(Line("dock", 1))

    assert amounts(excluding(*records(), group=top).price(line)) == [95]
    assert amounts(excluding(*records(), group=both).price(line)) == [95]
    assert amounts(excluding(*records(combinable=True), group=both).price(line)) == [35]


def test_a_price_that_wins_a_group_is_what_percentages_are_taken_from() -> None:
    pricer = pricer_of(
        [
            ConditionType(id="x", kind="price", calculation="set_price"),
            ConditionType(id="y", kind="price", calculation="set_price"),
            ConditionType(id="z", kind="discount", calculation="percent"),
        ],
        [
            ConditionRecord(id="a", type="x", amount=Money(90, "EUR")),
            ConditionRecord(id="b", type="y", amount=Money(80, "EUR"), excludes=("off",)),
            ConditionRecord(id="z", type="z", percent=Percent(10)),
        ],
        PricingStep(id="s", type_id="x"),
        PricingStep(id="t", type_id="y"),
        PricingStep(id="off", type_id="z"),
        PricingStep(id="on", type_id="z"),
        exclusion_groups=(GROUP,),
    )

    line = pricer.price(asked(Line("dock", 1))).lines[0]

    assert line.net_amount == Money(72, "EUR")  # 80 less 10 % of 80
    assert [(step.step, step.base_amount) for step in line.waterfall[1:]] == [("t", D(100)), ("on", D(80))]
    assert line.list_amount == Money(100, "EUR")
    assert line.not_applied[-1] == NotApplied(
        step="off", rule="z", why_not=StoodAside(code=Aside.EXCLUDED, by="b")
    )


def test_discounts_that_a_price_switches_off_are_told_and_other_lines_keep_them() -> None:
    five = DiscountRule(id="five", percent=Percent(5))
    four = DiscountRule(id="four", percent=Percent(4))

    pricer = pricer_of(
        [ConditionType(id="x", kind="price", calculation="set_price")],
        [
            ConditionRecord(
                id="r", type="x", key={"line.product": "dock"}, amount=Money(80, "EUR"), excludes=("d",)
            )
        ],
        PricingStep(id="s", type_id="x"),
        Discounts(id="d", rules=(five, four)),
    )

    dock, hub = pricer.price(asked(Line("dock", 1), Line("hub", 1))).lines

    aside = StoodAside(code=Aside.EXCLUDED, by="r")
    assert dock.net_amount == Money(80, "EUR")
    assert dock.not_applied == tuple(
        NotApplied(step="d", rule=name, why_not=aside) for name in ("five", "four")
    )
    assert hub.net_amount == Money("45.60", "EUR")  # 50 x 0.95 x 0.96


def test_why_not_knows_what_a_record_lost_by_whom_it_ties_with_and_what_switched_its_step_off() -> None:
    types = [
        ConditionType(id="x", kind="discount", calculation="amount_per_line"),
        ConditionType(id="y", kind="price", calculation="set_price"),
    ]
    records = [
        ConditionRecord(id="deep", type="x", amount=Money(5, "EUR"), min_quantity=2),
        ConditionRecord(id="flat", type="x", amount=Money(1, "EUR")),
        ConditionRecord(id="even", type="x", amount=Money(2, "EUR"), min_quantity=2),
        ConditionRecord(id="twelve", type="x", amount=Money(2, "EUR"), uom="dozen"),
        ConditionRecord(
            id="own", type="y", amount=Money(9, "EUR"), key={"line.product": "hub"}, excludes=("s",)
        ),
    ]
    pricer = pricer_of(
        types,
        records,
        PricingStep(id="own", type_id="y"),
        PricingStep(id="s", type_id="x", requirement="line.quantity >= 2"),
    )

    assert pricer.pricer.why_not(asked(Line("dock", 2)), "deep") == StoodAside(
        code=Aside.REFUSED, by="even", detail="of equal rank with even"
    )
    assert pricer.pricer.why_not(asked(Line("dock", 2)), "flat") == StoodAside(
        code=Aside.PASSED_OVER, by="deep", detail="break"
    )
    assert str(pricer.pricer.why_not(asked(Line("dock", 1)), "flat")) == "line.quantity >= 2: found 1"
    assert (
        str(pricer.pricer.why_not(asked(Line("dock", 2)), "twelve")) == "line.uom == 'dozen': found 'piece'"
    )
    assert pricer.pricer.why_not(asked(Line("dock", 2), Line("hub", 2)), "flat", position=1) == StoodAside(
        code=Aside.EXCLUDED, by="own"
    )


def test_the_total_of_lines_in_conflict_is_not_measured() -> None:
    found = two({"amount": Money(5, "EUR")}, {"amount": Money(6, "EUR")}).price(asked(Line("dock", 1)))

    assert found.total_measured == Measured(None, flag="conflict", n=0, coverage=D(0))


def test_a_percentage_that_waits_for_its_group_keeps_what_it_was_reckoned_from() -> None:
    pricer = pricer_of(
        [
            ConditionType(id="x", kind="discount", calculation="percent"),
            ConditionType(id="y", kind="discount", calculation="amount_per_line"),
        ],
        [
            ConditionRecord(id="r", type="x", percent=Percent(10), version=VERSION),
            ConditionRecord(id="low", type="y", amount=Money(2, "EUR")),
        ],
        Discounts(id="d", rules=(DiscountRule(id="seven", amount=Money(7, "EUR")),)),
        PricingStep(id="s", type_id="x"),
        PricingStep(id="t", type_id="y"),
        exclusion_groups=(GROUP,),
    )

    line = pricer.price(asked(Line("dock", 1))).lines[0]

    assert line.waterfall[2:] == (told(Calculation.PERCENT, 100, -10, 83, value=-10, quantity=1),)


def test_groups_are_decided_apart_and_for_each_line() -> None:
    names = ("x", "y", "u", "v")
    dock = {"line.product": "dock"}
    pricer = pricer_of(
        [ConditionType(id=name, kind="discount", calculation="amount_per_line") for name in names],
        [
            ConditionRecord(id="a", type="x", key=dock, amount=Money(1, "EUR")),
            ConditionRecord(id="b", type="u", key=dock, amount=Money(2, "EUR")),
            ConditionRecord(id="c", type="y", key=dock, amount=Money(3, "EUR")),
            ConditionRecord(id="h", type="u", key={"line.product": "hub"}, amount=Money(5, "EUR")),
        ],
        *(PricingStep(id=f"s-{name}", type_id=name) for name in ("x", "u", "y", "v")),
        exclusion_groups=(GROUP, ExclusionGroup(id="other", members=("u", "v"))),
    )

    priced = pricer.price(asked(Line("laptop", 1), Line("hub", 1), Line("dock", 1)))

    assert amounts(priced) == [1000, 45, 95]
    assert [step.record for step in priced.lines[2].waterfall] == ["dock", "c", "b"]


def test_all_members_of_the_better_group_put_the_others_out() -> None:
    names = ("x", "y", "u")
    pricer = pricer_of(
        [ConditionType(id=name, kind="discount", calculation="amount_per_line") for name in names],
        [
            ConditionRecord(id=f"of-{name}", type=name, amount=Money(amount, "EUR"))
            for name, amount in zip(names, (4, 3, 5), strict=True)
        ],
        *(PricingStep(id=f"s-{name}", type_id=name) for name in names),
        exclusion_groups=(
            ExclusionGroup(
                id="two", procedure="best_of_two_groups", members=("x", "y"), second_members=("u",)
            ),
        ),
    )

    line = pricer.price(asked(Line("dock", 1))).lines[0]

    aside = StoodAside(code=Aside.EXCLUDED, by="of-x, of-y", detail="two, -5 against -7")
    assert line.net_amount == Money(93, "EUR")
    assert line.not_applied == (NotApplied(step="s-u", rule="of-u", why_not=aside),)


def test_three_records_of_equal_rank_name_the_others_and_those_passed_over_their_step() -> None:
    records = [
        ConditionRecord(id=name, type="x", amount=Money(1, "EUR"), min_quantity=2) for name in ("a", "b", "c")
    ]
    low = ConditionRecord(id="low", type="x", amount=Money(1, "EUR"))
    type_ = ConditionType(id="x", kind="discount", calculation="amount_per_line")
    step = PricingStep(id="s", type_id="x")

    tied = pricer_of([type_], [*records, low], step).pricer
    assert tied.why_not(asked(Line("dock", 2)), "b") == StoodAside(
        code=Aside.REFUSED, by="a, c", detail="of equal rank with a, c"
    )
    line = (
        pricer_of([type_], [records[0], low], step)
        .pricer.price(asked(Line("dock", 2)), passed_over=True)
        .lines[0]
    )
    aside = StoodAside(code=Aside.PASSED_OVER, by="a", detail="break")
    assert line.not_applied == (NotApplied(step="s", rule="low", why_not=aside),)
