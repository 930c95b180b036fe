"""The impact of changes on requests, and replays; expected amounts are reckoned by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Access,
    ConditionRecord,
    ConditionType,
    DiscountRule,
    Discounts,
    FreeUnits,
    FreeUnitsRule,
    HeaderDiscounts,
    Line,
    ListPrice,
    Priced,
    PriceList,
    PriceListRules,
    PriceLists,
    Pricer,
    PriceRecord,
    PriceRule,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    Promotions,
    QuantityTiers,
    RoundLines,
    TierRecord,
)
from salesmgmt.cpq.pricing.free_goods import FreeGoods
from salesmgmt.cpq.pricing.impact.change_set import ChangeSet
from salesmgmt.cpq.pricing.impact.changes import Changes
from salesmgmt.cpq.pricing.impact.movement import Movement
from salesmgmt.cpq.pricing.impact.price_adjustment import AdjustPrices
from salesmgmt.cpq.pricing.impact.replay import replay
from salesmgmt.cpq.pricing.impact.result import Impact
from salesmgmt.cpq.pricing.promotions import PercentOff, Promotion, PromotionPolicy, PromotionUse, Trigger
from salesmgmt.cpq.pricing.promotions.policy import Combine
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROCEDURE = PricingProcedure(
    id="own",
    condition_types=(
        ConditionType(
            id="loyalty",
            kind="discount",
            calculation="percent_compound",
            accesses=(Access(fields=("customer.segment",)),),
        ),
    ),
    steps=(
        ListPrice(id="list"),
        QuantityTiers(id="volume"),
        PriceListRules(id="price list"),
        Discounts(id="contract", rules=(DiscountRule(id="vip", percent=Percent(10)),)),
        PricingStep(id="loyal", type_id="loyalty"),
        FreeUnits(id="free"),
        RoundLines(id="cents"),
        HeaderDiscounts(
            id="header",
            rules=(DiscountRule(id="big", amount=Money(30, "EUR"), condition="order.amount >= 900 EUR"),),
        ),
        Promotions(id="promotions"),
    ),
)
PRICES = (
    PriceRecord(id="dock", product="dock", price=Money(100, "EUR")),
    PriceRecord(id="lamp", product="lamp", price=Money(50, "EUR")),
    PriceRecord(id="lamp-usd", product="lamp", price=Money(60, "USD")),
)
MODEL = PricingModel(
    procedure=PROCEDURE,
    prices=PRICES,
    tiers=[TierRecord(id="t-10", product="dock", lower=10, percent=Percent(5))],
    conditions=[
        ConditionRecord(id="gold", type="loyalty", key={"customer.segment": "gold"}, percent=Percent(2))
    ],
    price_lists=PriceLists(
        lists=[PriceList(id="dealer", currency="EUR", rules=[PriceRule(id="d-20", percent_off=20)])]
    ),
    promotions=[
        Promotion(
            id="spring", benefit=PercentOff(percent=Percent(50)), trigger=Trigger.CODE, codes=("spring",)
        )
    ],
)
PRICER = MODEL.compile()


def request(*lines: Line, segment: str = "", **more: Any) -> PricingRequest:
    customer: dict[str, Any] = {"segment": segment} if segment else {}
    return PricingRequest(**{"at": NOW, "currency": "EUR", "customer": customer, "lines": lines, **more})


def dearer(record: str, amount: int) -> ChangeSet:
    old = next(one for one in PRICES if one.id == record)
    new = attrs.evolve(old, price=Money(amount, old.price.currency))
    return ChangeSet(id="dearer", prices=Changes(replace=[new]))


def by_name(movements: tuple[Movement, ...]) -> dict[str, Decimal]:
    return {one.name: one.difference.amount for one in movements}


REQUESTS = (
    request(Line("dock", 2), Line("lamp", 1)),
    request(Line("dock", 10), segment="gold"),
    request(Line("lamp", 3), currency="USD"),
    request(Line("lamp", 4), Line("desk", 1), price_list="dealer", codes=("spring",)),
)


def test_nothing_is_the_impact_of_nothing() -> None:
    found = PRICER.impact(ChangeSet(id="nothing"), REQUESTS)
    assert not found
    assert list(found.rows()) == []
    assert (found.requests, found.lines, found.moved) == (4, 5, 0)
    assert all(not one.difference for one in found.totals)


def test_a_moved_line_names_the_changed_record_and_what_follows_from_it() -> None:
    found = PRICER.impact(dearer("dock", 110), REQUESTS[:1])
    (line,) = found.moved_lines
    # 2 x 100 less 10 % = 180; 2 x 110 less 10 % = 198
    assert (line.old, line.new, line.by) == (Money(180, "EUR"), Money(198, "EUR"), ("dock",))
    assert [(str(one.kind), one.name, one.difference.amount) for one in line.causes] == [
        ("changed", "dock", Decimal(20)),
        ("follows", "vip", Decimal(-2)),
    ]
    assert by_name(found.by_record) == {"list dock": 20, "contract vip": -2, "list lamp": 0}
    assert by_name(found.by_change) == {"dock": 18}
    assert by_name(found.by_product) == {"dock": 18, "lamp": 0}


def test_a_line_that_only_shares_a_header_discount_names_the_change_of_the_document() -> None:
    # 8 docks 720 and 4 lamps 180 are 900: the header of 30 now applies, 4 x 45 + 8 x 90.
    before = PRICER.impact(dearer("lamp", 49), [request(Line("dock", 8), Line("lamp", 4))])
    dock = next(one for one in before.moved_lines if one.product == "dock")
    assert dock.by == ("lamp",)
    assert [(str(one.kind), one.before, one.after) for one in dock.causes] == [("switched", "big", None)]
    assert before.difference("EUR") == Money("26.40", "EUR")  # 900 - 30 = 870; 720 + 4 x 44.10 = 896.40


def test_totals_are_by_currency_and_a_removed_rule_is_its_own_cause() -> None:
    found = PRICER.impact(ChangeSet(id="x", rules={"contract": Changes(remove=["vip"])}), REQUESTS[:3])
    # 2 docks and a lamp: 25.00; 10 docks: 950 * 0.98 - 855 * 0.98 = 93.10, less the header on 931; 3 lamps: 18
    assert by_name(found.totals) == {"EUR": Decimal("88.10"), "USD": Decimal("18.00")}
    assert {one.by for one in found.moved_lines} == {("vip",)}
    gold = next(one for one in found.moved_lines if one.segment == "gold")
    assert [(one.name, one.before, one.after) for one in gold.causes if one.kind.value == "switched"] == [
        ("big", None, "big")
    ]


def test_prices_that_come_and_go_are_told_apart_from_amounts() -> None:
    desk = PriceRecord(id="desk", product="desk", price=Money(70, "EUR"))
    changes = ChangeSet(id="x", prices=Changes(add=[desk], remove=["lamp"]))
    found = PRICER.impact(changes, [request(Line("desk", 1), Line("lamp", 1), Line("dock", 1))])
    assert [(one.product, one.old, one.new, one.by) for one in found.gained] == [
        ("desk", None, Money(63, "EUR"), ("desk",))
    ]
    assert [(one.product, one.old, one.new, one.by) for one in found.lost] == [
        ("lamp", Money(45, "EUR"), None, ("lamp",))
    ]
    assert found.moved == 0
    assert found.difference("EUR") == Money(0, "EUR")
    assert "gain a price" in str(found)


def test_every_kind_of_record_is_named_as_the_cause() -> None:
    tier = attrs.evolve(MODEL.tiers[0], percent=Percent(6))
    gold = attrs.evolve(MODEL.conditions[0], percent=Percent(3))
    dealer = PriceRule(id="d-20", percent_off=25)
    spring = attrs.evolve(MODEL.promotions[0], benefit=PercentOff(percent=Percent(40)))
    for changes, asked, cause in (
        (ChangeSet(id="x", tiers=Changes(replace=[tier])), REQUESTS[1], "t-10"),
        (ChangeSet(id="x", conditions=Changes(replace=[gold])), REQUESTS[1], "gold"),
        (ChangeSet(id="x", price_rules={"dealer": Changes(replace=[dealer])}), REQUESTS[3], "d-20"),
        (ChangeSet(id="x", promotions=Changes(replace=[spring])), REQUESTS[3], "spring"),
        (ChangeSet(id="x", steps=Changes(remove=["loyal"])), REQUESTS[1], "gold"),
    ):
        (line,) = PRICER.impact(changes, [asked]).moved_lines
        assert line.by == (cause,)
        assert sum(one.difference.amount for one in line.causes) == line.difference.amount  # type: ignore[union-attr]


def test_units_that_a_rule_adds_are_compared_as_well() -> None:
    gift = FreeUnitsRule(
        id="5+1", product="dock", goods=FreeGoods(per_quantity=5, free_quantity=1, mode="exclusive")
    )
    changes = ChangeSet(id="x", free_units={"free": Changes(add=[gift])})
    (line,) = PRICER.impact(changes, [request(Line("dock", 5))]).moved_lines
    assert (line.added, line.old_quantity, line.new_quantity, line.by) == (
        True,
        Decimal(0),
        Decimal(1),
        ("5+1",),
    )
    assert line.difference == Money(0, "EUR")


def test_a_policy_is_named_where_no_record_was_changed() -> None:
    auto = attrs.evolve(MODEL.promotions[0], trigger=Trigger.AUTO, codes=())
    second = attrs.evolve(auto, id="second", priority=-1)
    model = attrs.evolve(MODEL, promotions=(auto, second))
    best = attrs.evolve(model, promotion_policy=PromotionPolicy(combine=Combine.BEST_ONE))
    found = model.compile().impact(best.compile(), [request(Line("lamp", 2))])
    assert [(line.by, str(line.old), str(line.new)) for line in found.moved_lines] == [
        (("promotion_policy",), "0.00 EUR", "45.00 EUR")
    ]


def test_approvals_that_change_are_told_by_request() -> None:
    def needs(priced: Priced) -> frozenset[str]:
        return frozenset({"large"} if priced.is_complete and priced.total > Money(200, "EUR") else ())

    named = [("q-1", request(Line("dock", 2))), ("q-2", request(Line("dock", 1)))]
    found = PRICER.impact(dearer("dock", 120), named, needs=needs)
    assert [(one.request, one.anew, one.no_longer) for one in found.approvals] == [
        ("q-1", frozenset({"large"}), frozenset())
    ]
    assert "q-1: now large" in str(found)


def test_records_that_no_request_used_are_told_for_both_models() -> None:
    found = PRICER.impact(ChangeSet(id="x", prices=Changes(remove=["lamp-usd"])), REQUESTS[:1])
    before = {(one.step, one.record) for one in found.unused_before}
    assert before == {
        ("list", "lamp-usd"),
        ("volume", "t-10"),
        ("price list", "d-20"),
        ("loyal", "gold"),
        ("header", "big"),
        ("promotions", "spring"),
    }
    assert ("list", "lamp-usd") not in {(one.step, one.record) for one in found.unused_after}


def test_a_request_that_the_new_model_refuses_does_not_stop_the_others() -> None:
    changes = ChangeSet(id="x", price_lists=Changes(remove=["dealer"]))
    found = PRICER.impact(changes, REQUESTS)
    assert [(one.request, one.after, one.code) for one in found.not_compared] == [
        ("requests[3]", True, "invalid_input")
    ]
    assert (found.requests, found.lines) == (4, 4)
    assert found


def test_past_requests_are_priced_as_of_another_instant() -> None:
    changes = ChangeSet(id="x", adjust=(AdjustPrices(percent=Percent(10), starts=date(2026, 4, 1)),))
    assert not PRICER.impact(changes, REQUESTS[:1])
    found = PRICER.impact(changes, REQUESTS[:1], at=datetime(2026, 4, 1, tzinfo=UTC))
    assert found.difference("EUR") == Money("22.50", "EUR")  # 225 * 10 %
    assert found.moved_lines[0].by == ("dock@2026-04-01",)


def test_only_the_largest_movements_are_kept_and_the_totals_stay_whole() -> None:
    def many() -> Iterator[PricingRequest]:
        for number in range(1, 51):
            yield request(Line("lamp", number))

    seen: list[int] = []
    every = PRICER.impact(dearer("lamp", 60), many())
    found = PRICER.impact(dearer("lamp", 60), many(), keep=2, progress=seen.append)
    assert [one.old_quantity for one in found.moved_lines] == [50, 49]
    assert len(found.by_request) == 2
    assert (found.totals, found.by_product, found.moved) == (every.totals, every.by_product, 50)
    assert seen == list(range(1, 51))
    assert PRICER.impact(dearer("lamp", 60), many(), keep=0).moved_lines == ()
    with pytest.raises(InvalidInput, match="zero or more"):
        PRICER.impact(dearer("lamp", 60), [], keep=-1)


def test_scales_that_begin_to_cost_less_for_more_are_told() -> None:
    steep = attrs.evolve(MODEL.tiers[0], percent=Percent(20))  # 9 cost 900, 10 cost 800
    found = PRICER.impact(ChangeSet(id="x", tiers=Changes(replace=[steep])), [])
    assert [(one.code, one.where) for one in found.cliffs] == [("falling_total", "tiers of dock")]
    scale = Scale(tiers=[Tier(upper=10, percent=Percent(0)), Tier(percent=Percent(30))])
    record = ConditionRecord(id="s", type="loyalty", key={"customer.segment": "new"}, scale=scale)
    found = PRICER.impact(ChangeSet(id="x", conditions=Changes(add=[record])), [])
    assert [one.where for one in found.cliffs] == ["s"]
    assert PRICER.impact(dearer("dock", 1), []).cliffs == ()


def test_rows_and_report_are_plain() -> None:
    found = PRICER.impact(dearer("dock", 110), REQUESTS[:2])
    row = next(iter(found.rows()))
    assert (row["product"], row["difference"], row["by"]) == ("dock", Decimal(18), "dock")
    assert str(found).splitlines()[0] == "2 requests, 3 lines: 2 moved, 0 gain a price, 0 lose it"
    assert "and 1 more" in found.table(most=1)


_amounts = st.integers(0, 500)
_lines = st.lists(
    st.tuples(st.sampled_from(["dock", "lamp"]), st.integers(1, 30)).map(lambda pair: Line(*pair)), max_size=4
)
_requests = st.lists(
    st.tuples(_lines, st.sampled_from(["", "gold"])).map(lambda pair: request(*pair[0], segment=pair[1])),
    max_size=4,
)


def _sum(movements: tuple[Movement, ...]) -> tuple[Decimal, Decimal]:
    return sum((one.old.amount for one in movements), Decimal(0)), sum(
        (one.new.amount for one in movements), Decimal(0)
    )


@given(_requests, _amounts, st.integers(0, 100))
def test_all_totals_are_the_sum_of_the_lines(
    requests: list[PricingRequest], amount: int, percent: int
) -> None:
    changes = attrs.evolve(
        dearer("dock", amount),
        rules={"contract": Changes(replace=[DiscountRule(id="vip", percent=Percent(percent))])},
    )
    found = PRICER.impact(changes, requests)
    old = sum((PRICER.price(one).total.amount for one in requests), Decimal(0))
    after = changes.apply(MODEL).compile()
    new = sum((after.price(one).total.amount for one in requests), Decimal(0))
    for movements in (found.totals, found.by_product, found.by_segment, found.by_record):
        assert _sum(movements) == (old, new)
    for part in (found.by_request, found.by_change):
        assert sum(one.difference.amount for one in part) == new - old
    assert sum(line.difference.amount for line in found.moved_lines if line.difference) == new - old
    for line in found.moved_lines:
        assert sum(one.difference.amount for one in line.causes) == line.difference.amount  # type: ignore[union-attr]


@given(_requests, _amounts)
def test_changes_and_then_their_inverse_have_no_impact(requests: list[PricingRequest], amount: int) -> None:
    there = dearer("dock", amount)
    back = ChangeSet(id="back", prices=Changes(replace=[PRICES[0]]))
    assert not PRICER.impact(back.apply(there.apply(MODEL)).compile(), requests)


@given(_requests, st.integers(0, 99))
def test_a_better_record_never_raises_a_best_price(requests: list[PricingRequest], amount: int) -> None:
    plain = PricingProcedure(id="plain", steps=(ListPrice(id="list"), RoundLines(id="cents")))
    pricer = PricingModel(procedure=plain, prices=PRICES).compile()
    better = PriceRecord(id="better", product="dock", price=Money(amount, "EUR"), segment="gold")
    found = pricer.impact(ChangeSet(id="x", prices=Changes(add=[better])), requests)
    assert all(line.new < line.old for line in found.moved_lines if line.new and line.old)
    assert found.lost == ()


STORED = [
    request(
        Line("dock", 12),
        Line("lamp", 3),
        segment="gold",
        codes=("spring",),
        price_list="dealer",
        used={"spring": PromotionUse(uses=1)},
    ),
    request(Line("lamp", 1), Line("desk", 1)),
]


@pytest.mark.parametrize("asked", STORED)
def test_a_stored_answer_replays_to_the_same_bytes(asked: PricingRequest) -> None:
    codec = Codec()
    text = codec.to_json(PRICER.price(asked))
    found = replay(codec.from_json(Priced, text), MODEL.compile())
    assert found.is_same
    assert codec.to_json(found.priced) == text
    assert str(found) == "the same to the byte"


def test_a_replay_by_another_model_says_where_it_differs() -> None:
    stored = PRICER.price(request(Line("lamp", 1)))
    found = replay(stored, dearer("lamp", 51).apply(MODEL).compile())
    assert not found.is_same
    assert not found.is_same_model
    places = {one.path: (one.stored, one.found) for one in found.differences}
    assert places["lines[0].net_amount.amount"] == ("'45.00'", "'45.90'")
    assert "model_digest" in places
    assert "lines[0].waterfall[0].value" in str(found)


def test_threads_replay_to_the_same_bytes() -> None:
    codec = Codec()
    wanted = [codec.to_json(PRICER.price(one)) for one in STORED] * 20

    def again(asked: PricingRequest) -> str:
        return codec.to_json(PRICER.price(asked))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(again, STORED * 20)) == wanted


_SCRIPT = """
from tests.cpq.pricing.test_impact import PRICER, STORED, REQUESTS, dearer
from salesmgmt.core.codec import Codec
print(*[Codec().to_json(PRICER.price(one)) for one in STORED], sep="\\n")
print(PRICER.impact(dearer("dock", 110), REQUESTS))
"""


def test_another_process_with_another_hash_seed_gives_the_same_bytes() -> None:
    answers = {
        subprocess.run(
            [sys.executable, "-c", _SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    (answer,) = answers
    assert answer.splitlines()[: len(STORED)] == [Codec().to_json(PRICER.price(one)) for one in STORED]


def test_an_impact_of_two_pricers_needs_no_shared_records() -> None:
    twin = Codec().from_json(PriceRecord, Codec().to_json(PRICES[0]))
    moved = attrs.evolve(twin, row=7)  # only its place in the file is another one
    other = attrs.evolve(MODEL, prices=(moved, *PRICES[1:])).compile()
    assert isinstance(other, Pricer)
    found = PRICER.impact(other, REQUESTS)
    assert isinstance(found, Impact)
    assert not found
