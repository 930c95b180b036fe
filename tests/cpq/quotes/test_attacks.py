"""Attempts to walk around a limit or an approval by what a quote may contain, and by the order of commands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals import ApprovalPolicy, ApprovalRule, DiscountPolicy, DiscountRecord
from salesmgmt.cpq.pricing import (
    Line,
    ListPrice,
    ManualPrice,
    ManualPrices,
    Priced,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundLines,
)
from salesmgmt.cpq.quotes import (
    Quote,
    QuoteLine,
    QuoteStatus,
    QuoteVersion,
    ReferenceBasis,
    approve,
    check_discounts,
    clone_as_alternative,
    deepest_discount,
    escalate,
    line_discounts,
    quote_from,
    quote_metrics,
    revise,
    submit,
)
from salesmgmt.cpq.quotes._taking import taken_lines

from .conftest import LAST_DAY, MANAGER, NOW, REP

NO_RULES = ApprovalPolicy(id="none")


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def _line(id_: str, listed: int, net: int, **more: Any) -> QuoteLine:
    known = {"product": f"p-{id_}", "quantity": Decimal(1), **more}
    return QuoteLine(
        position=int(id_) - 1, id=id_, list_amount=eur(listed), net_amount=eur(net), share=eur(0), **known
    )


def _version(*lines: QuoteLine) -> QuoteVersion:
    return QuoteVersion(
        number=1, currency="EUR", lines=lines, priced_at=NOW, valid_until=LAST_DAY, model="m", model_version=1,
        model_digest="", request_digest="", made_at=NOW, made_by="li.wei",
    )  # fmt: skip


def _quote_of(*lines: QuoteLine) -> Quote:
    version = _version(*lines)
    return Quote(
        id="q-1", number="Q-1", currency="EUR", versions=(version,), current_version=1, total=version.total,
        valid_until=LAST_DAY,
    )  # fmt: skip


def _price(prices: dict[str, int], *lines: Line) -> Priced:
    model = PricingModel(
        procedure=PricingProcedure(
            id="p",
            steps=(ListPrice(id="list", required=False), ManualPrices(id="manual"), RoundLines(id="cents")),
        ),
        prices=[PriceRecord(id=name, product=name, price=eur(price)) for name, price in prices.items()],
    )
    return model.compile().price(PricingRequest(at=NOW, currency="EUR", lines=lines))


def _drafted(priced: Priced, basis: ReferenceBasis | None = None) -> Quote:
    return quote_from(priced, id="q-1", number="Q-1", valid_until=LAST_DAY, basis=basis, at=NOW, by=REP)[0]


def _revised(quote: Quote, priced: Priced) -> Quote:
    return revise(quote, priced, valid_until=LAST_DAY, at=NOW, by=REP)[0]


def _by_hand(off: int) -> ManualPrice:
    return ManualPrice(percent_off=Percent(off), reason="agreed", by="li.wei", at=NOW)


# --- options and alternatives


def test_a_line_that_an_alternative_replaces_thins_out_no_discount_of_the_same_goods() -> None:
    version = _version(
        _line("1", 9000, 9000, product="dock", quantity=Decimal(9)),
        _line("2", 1000, 400, product="dock"),
        _line("3", 1, 1, alternative_of="1"),
    )

    assert line_discounts(version)["2"].percent == Percent(60)


def test_a_part_with_an_alternative_stays_away_with_what_it_is_a_part_of() -> None:
    version = _version(
        _line("1", 100, 100),
        _line("2", 9900, 9900, parent="1"),
        _line("3", 9900, 9900, parent="1", alternative_of="2"),
        _line("4", 1, 1, alternative_of="1"),
        _line("5", 99, 0),
    )

    assert deepest_discount(version) == Percent(99)  # 4 and 5: 1 of 100


def test_options_alone_have_a_discount() -> None:
    options = {"optional": True}

    assert deepest_discount(_version(_line("1", 100, 100, **options))) == Percent(0)
    assert deepest_discount(_version(_line("1", 100, 110, **options))) == Percent(-10)
    both = _version(_line("1", 100, 100, **options), _line("2", 100, 60, **options))
    assert deepest_discount(both) == Percent(40)


_PLACES = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 50), st.integers(0, 6), st.sampled_from(("", "option", "other"))),
    min_size=2,
    max_size=6,
)  # fmt: skip


@given(_PLACES)
def test_no_choice_of_the_customer_is_deeper_or_dearer_than_the_figures(
    rows: list[tuple[int, int, int, str]],
) -> None:
    lines: list[QuoteLine] = []
    for number, (listed, net, place, what) in enumerate(rows, 1):
        above = lines[place - 1] if 0 < place < number else None
        more: dict[str, Any] = {"parent": above.id if above is not None else ""}
        if what == "other" and above is not None and not above.alternative_of:
            more = {"parent": above.parent, "alternative_of": above.id}
        elif what == "option":
            more["optional"] = True
        lines.append(_line(str(number), listed, net, **more))
    version = _version(*lines)
    figures = quote_metrics(version)

    heads = [line.id for line in lines if line.optional or line.alternative_of]
    reached = []
    for chosen in chain.from_iterable(combinations(heads, size) for size in range(len(heads) + 1)):
        bases = [base for name in chosen if (base := version.structure.lines[name].alternative_of)]
        if len(set(bases)) < len(bases):
            continue  # two in place of one line
        taken = set(version.structure.taken(set(chosen)))
        some = [line for line in lines if line.id in taken]
        if some:
            reached.append(
                (sum(one.net_amount.amount for one in some), sum(one.list_amount.amount for one in some))
            )
    if not reached:
        return
    deepest = figures["effective_discount_percent"]
    assert isinstance(deepest, Percent)
    worst = max(1 - Fraction(net) / Fraction(listed) for net, listed in reached)
    assert Fraction(deepest.points) / 100 >= worst - Fraction(1, 10**25)
    total, lowest = figures["total"], figures["lowest_total"]
    assert isinstance(total, Money)
    assert isinstance(lowest, Money)
    assert total.amount >= max(net for net, _ in reached)
    assert lowest.amount <= min(net for net, _ in reached)


def test_a_limit_of_the_total_counts_what_the_customer_may_add() -> None:
    rule = ApprovalRule(id="large", metric="total", operator=">", threshold=eur(1000), roles=("manager",))
    quote = _quote_of(_line("1", 10, 10), _line("2", 5000, 5000, optional=True))

    waiting, _ = submit(quote, ApprovalPolicy(id="p", rules=(rule,)), at=NOW, by=REP)
    assert [need.found for need in waiting.needs] == [eur(5010)]


def test_a_large_line_that_is_replaced_does_not_open_the_limits_of_large_deals() -> None:
    policy = DiscountPolicy(id="l", currency="EUR", records=(
        DiscountRecord(id="small", deal_below=eur(1000), max_percent=Percent(5)),
        DiscountRecord(id="large", deal_from=eur(1000), max_percent=Percent(50)),
    ))  # fmt: skip
    lines = _line("1", 9000, 9000), _line("2", 100, 60)
    small = _line("3", 1, 1, alternative_of="1")

    assert check_discounts(_version(*lines), policy, roles=()).is_ok
    refused = check_discounts(_version(*lines, small), policy, roles=()).refused
    assert {check.record and check.record.id for check in refused} == {"small"}


def test_a_condition_on_the_size_of_a_deal_holds_for_each_size_it_can_have() -> None:
    rule = ApprovalRule(
        id="large", metric="effective_discount_percent", operator=">", threshold=Percent(5), roles=("manager",),
        condition="quote.reference_total >= 1000 EUR",
    )  # fmt: skip
    policy = ApprovalPolicy(id="p", rules=(rule,))
    small = _line("1", 100, 50)

    assert submit(_quote_of(small), policy, at=NOW, by=REP)[0].status is QuoteStatus.APPROVED
    larger = _quote_of(small, _line("2", 950, 950, optional=True))
    assert submit(larger, policy, at=NOW, by=REP)[0].status is QuoteStatus.IN_APPROVAL


# --- references


def test_an_alternative_knows_goods_that_left_before_it_was_made() -> None:
    quote = _drafted(_price({"dock": 100, "lamp": 5}, Line("dock", 10), Line("lamp", 1)))
    without = _revised(quote, _price({"dock": 80, "lamp": 5}, Line("lamp", 1)))
    clone, _ = clone_as_alternative(without, id="q-2", alternative="b", at=NOW, by=REP)

    again = _revised(clone, _price({"dock": 80, "lamp": 5}, Line("dock", 10)))
    assert deepest_discount(again.current) == Percent(20)
    assert [version.number for version in again.versions] == [1, 2, 3, 4]


def test_a_cheap_price_list_is_no_price_for_everybody() -> None:
    cheap = _price({"dock": 60}, Line("dock", 2))

    assert deepest_discount(_drafted(cheap).current) == Percent(0)
    house = ReferenceBasis(unit_prices={"dock": eur(100)})
    assert deepest_discount(_drafted(cheap, house).current) == Percent(40)
    assert deepest_discount(_drafted(_price({"dock": 120}, Line("dock", 2)), house).current) == Percent(0)


def test_another_unit_of_measure_is_not_held_against_figures_of_a_piece() -> None:
    box = _line("1", 800, 800, product="dock", uom="box")
    floor = DiscountRecord(id="floor", product="dock", floor_price=eur(75))
    policy = DiscountPolicy(id="l", currency="EUR", records=(floor,))

    refused = check_discounts(_version(box), policy, roles=()).refused
    assert [(check.kind.value, check.found) for check in refused] == [("floor_price", None)]
    assert quote_metrics(_version(box), costs={"dock": eur(60)})["margin"] is None


# --- approvals of something else


LIMIT = DiscountPolicy(id="limits", currency="EUR", records=(
    DiscountRecord(id="all", max_percent=Percent(20), over="approval", roles=("manager",)),
))  # fmt: skip


def _approved(quote: Quote) -> Quote:
    for need in quote.needs:
        quote, _ = approve(quote, need.rule, at=NOW, by=MANAGER)
    assert quote.status is QuoteStatus.APPROVED
    return quote


def test_the_approval_of_one_unit_is_none_of_a_thousand_when_the_whole_gets_worse() -> None:
    prices = {"dock": 100, "laptop": 1000}

    def offered(docks: int) -> Sequence[Line]:
        return Line("laptop", 10), Line("dock", docks, manual=_by_hand(50))

    quote, _ = submit(_drafted(_price(prices, *offered(1))), NO_RULES, discounts=LIMIT, at=NOW, by=REP)
    assert [need.rule for need in quote.needs] == ["all on line 2"]
    more = _revised(_approved(quote), _price(prices, *offered(1000)))

    waiting, _ = submit(more, NO_RULES, discounts=LIMIT, at=NOW, by=REP)
    assert [need.rule for need in waiting.needs] == ["all"]


def test_the_approval_of_an_unknown_discount_does_not_hold_for_another_version() -> None:
    rule = ApprovalRule(
        id="deep",
        metric="effective_discount_percent",
        operator=">",
        threshold=Percent(20),
        roles=("manager",),
    )
    policy = ApprovalPolicy(id="p", rules=(rule,))
    gift = Line("bag", 1, manual=ManualPrice(unit_price=eur(1), reason="gift", by="li.wei", at=NOW))
    quote = _drafted(_price({"dock": 100}, Line("dock", 1), gift))
    waiting, _ = submit(quote, policy, at=NOW, by=REP)
    assert [need.found for need in waiting.needs] == [None]
    approved = _approved(waiting)

    deeper = _revised(approved, _price({"dock": 100}, Line("dock", 1, manual=_by_hand(95)), gift))
    assert submit(deeper, policy, at=NOW, by=REP)[0].status is QuoteStatus.IN_APPROVAL


def test_an_escalation_leaves_a_limit_of_the_same_name_alone() -> None:
    rule = ApprovalRule(
        id="all", metric="effective_discount_percent", operator=">", threshold=Percent(10), roles=("lead",),
        due_hours=Decimal(1), escalates_to=("director",),
    )  # fmt: skip
    quote = _drafted(_price({"dock": 100}, Line("dock", 1, manual=_by_hand(50))))
    waiting, _ = submit(quote, ApprovalPolicy(id="p", rules=(rule,)), discounts=LIMIT, at=NOW, by=REP)

    late, events = escalate(waiting, at=NOW + timedelta(hours=2), by=Actor("nightly"))
    assert [need.metric for need in late.needs] == [need.metric for need in waiting.needs]
    assert [event.roles for event in events] == [("lead", "director")]


# --- what is taken


@pytest.mark.parametrize("chosen", [("2", "2"), ("9",), ("3",), ("",)])
def test_what_was_not_offered_as_an_option_is_not_taken(chosen: tuple[str, ...]) -> None:
    version = _version(_line("1", 10, 10), _line("2", 5, 5, optional=True), _line("3", 1, 1, parent="1"))

    with pytest.raises(ValueError, match="acceptance has 1 problem"):
        taken_lines(version, chosen, {})
