"""What holds for every document, every promotion and every policy."""

from __future__ import annotations

from decimal import Decimal

import attrs
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.promotions import (
    AmountOff,
    AmountsAre,
    Applications,
    BuyGet,
    CapPer,
    CheapestFree,
    Combine,
    Counts,
    EarningUnits,
    FreeProduct,
    GetQuantity,
    InGroup,
    LineFilter,
    LineTies,
    MeasuredOn,
    Minimums,
    OverBudget,
    PercentBase,
    PercentOff,
    PercentRounding,
    Promotion,
    PromotionCondition,
    PromotionLine,
    PromotionPolicy,
    PromotionScope,
    PromotionUse,
    Repeat,
    Rounds,
    SetPrice,
    ShareRounding,
    Spread,
    UnitOrder,
    apply_promotions,
)
from salesmgmt.cpq.pricing.sharing.distribution import RemainderTo
from salesmgmt.cpq.pricing.tax_basis import TaxBasis, TaxRounding

CENTS = Rounding("half_up", "0.01")
PRODUCTS = st.sampled_from(["a", "b", "c"])


def euros(cents: int) -> Money:
    return Money(Decimal(cents).scaleb(-2), "EUR")


MONEY = st.integers(0, 20_000).map(euros)
SMALL = st.integers(0, 5).map(Decimal)
PERCENTS = st.sampled_from(["0", "5", "10", "33.3", "50", "100"]).map(Percent)
SELECTIONS = st.one_of(
    st.just(LineFilter()),
    st.builds(LineFilter, products=st.tuples(PRODUCTS)),
    st.builds(LineFilter, categories=st.tuples(st.sampled_from(["x", "y"]))),
)
BASES = st.sampled_from([None, *TaxBasis])
BENEFITS = st.one_of(
    st.builds(PercentOff, percent=PERCENTS, base=st.sampled_from([None, *PercentBase])),
    st.builds(AmountOff, amount=MONEY, amount_is=BASES),
    st.builds(SetPrice, price=MONEY, amount_is=BASES),
    st.just(CheapestFree()),
    st.builds(FreeProduct, product=PRODUCTS, points=st.just(Decimal(2)), points_per_unit=st.just(Decimal(1))),
    st.builds(
        BuyGet,
        buy=SELECTIONS,
        get=SELECTIONS,
        buy_quantity=st.integers(1, 3).map(Decimal),
        get_quantity=st.integers(1, 3).map(Decimal),
        choose=st.sampled_from([None, *UnitOrder]),
        percent=PERCENTS,
    ),
)
CONDITIONS = st.one_of(
    st.just(PromotionCondition()),
    st.builds(
        PromotionCondition,
        min_quantity=st.one_of(st.none(), SMALL),
        min_amount=st.one_of(st.none(), MONEY),
        amount_is=BASES,
        of=SELECTIONS,
    ),
)
PROMOTION = st.builds(
    Promotion,
    id=st.just("p"),
    benefit=BENEFITS,
    condition=CONDITIONS,
    scope=st.sampled_from(PromotionScope),
    on=SELECTIONS,
    max_items=st.one_of(st.none(), SMALL),
    max_units_per_line=st.one_of(st.none(), SMALL),
    max_discount=st.one_of(st.none(), MONEY),
    max_applications=st.one_of(st.none(), st.integers(0, 3)),
    repeat=st.sampled_from(Repeat),
    group=st.sampled_from(["", "", "g"]),
    exclusive=st.sampled_from([False, False, False, True]),
    priority=st.integers(0, 2),
    budget=st.one_of(st.none(), MONEY),
)
PROMOTIONS = st.lists(PROMOTION, min_size=1, max_size=4).map(
    lambda found: [attrs.evolve(promotion, id=f"p{index}") for index, promotion in enumerate(found)]
)
LINE = st.builds(
    PromotionLine,
    id=st.just("l"),
    product=PRODUCTS,
    categories=st.sampled_from([(), ("x",), ("x", "y")]),
    quantity=st.one_of(st.integers(0, 7).map(Decimal), st.just(Decimal("2.5"))),
    amount=MONEY,
    discountable=st.sampled_from([True, True, True, False]),
    tax_percent=st.sampled_from(["0", "0", "7", "20"]).map(Percent),
    tax_group=st.sampled_from(["", "t"]),
)
LINES = st.lists(LINE, max_size=6).map(
    lambda found: [attrs.evolve(line, id=f"l{index}") for index, line in enumerate(found)]
)
POLICIES = st.builds(
    PromotionPolicy,
    percent_base=st.sampled_from(PercentBase),
    minimums=st.sampled_from(Minimums),
    units=st.sampled_from(UnitOrder),
    get_quantity=st.sampled_from(GetQuantity),
    applications=st.sampled_from(Applications),
    counts=st.sampled_from(Counts),
    spread=st.sampled_from(Spread),
    combine=st.sampled_from(Combine),
    in_group=st.sampled_from(InGroup),
    cap_per=st.sampled_from(CapPer),
    over_budget=st.sampled_from(OverBudget),
    rounds=st.sampled_from(Rounds),
    percent_rounding=st.sampled_from(PercentRounding),
    earning_units=st.sampled_from(EarningUnits),
    shared_by=BASES,
    share_rounding=st.sampled_from(ShareRounding),
    remainder=st.sampled_from(RemainderTo),
    ties=st.sampled_from(LineTies),
    tax_rounding=st.sampled_from(TaxRounding),
    amounts=st.sampled_from(AmountsAre),
    measured_on=st.sampled_from(MeasuredOn),
)
ROUNDINGS = st.sampled_from([None, CENTS])
ANY_ORDER = POLICIES.map(
    lambda policy: attrs.evolve(
        policy,
        ties=LineTies.ID,
        units=UnitOrder.CHEAPEST if policy.units is UnitOrder.IN_ORDER else policy.units,
    )
)


def without_position(promotions: list[Promotion]) -> list[Promotion]:
    """The same promotions, none of which takes units in the order of the lines."""
    return [
        attrs.evolve(promotion, benefit=attrs.evolve(promotion.benefit, choose=UnitOrder.DEAREST))
        if isinstance(promotion.benefit, BuyGet)
        else promotion
        for promotion in promotions
    ]


@given(PROMOTIONS, LINES, POLICIES, ROUNDINGS, st.booleans())
def test_what_is_taken_adds_up_and_nothing_falls_below_zero(
    promotions: list[Promotion],
    lines: list[PromotionLine],
    policy: PromotionPolicy,
    rounding: Rounding | None,
    tax_included: bool,
) -> None:
    found = apply_promotions(
        promotions, lines, currency="EUR", policy=policy, rounding=rounding, tax_included=tax_included
    )
    assert all(discount.amount.amount > 0 for discount in found.discounts)
    assert [line.id for line in found.lines] == [line.id for line in lines]
    assert all(0 <= line.after.amount <= line.before.amount for line in found.lines)
    total = found.discount_total
    assert Money.total(found.by_line.values(), "EUR") == total
    assert Money.total(found.by_promotion.values(), "EUR") == total
    assert Money.total(found.by_tax_group.values(), "EUR") == total
    assert found.total == Money.total([line.amount for line in lines], "EUR") - total
    assert set(found.applied).isdisjoint(found.reasons)
    assert {*found.applied, *found.reasons} == {promotion.id for promotion in promotions}
    assert found.net_total.amount >= 0
    assert found.tax_total.amount >= 0
    not_discountable = {line.id for line in lines if not line.discountable}
    assert not_discountable.isdisjoint(discount.line for discount in found.discounts)
    if rounding is not None:
        assert all(rounding.apply(discount.amount) == discount.amount for discount in found.discounts)
        assert found.total == (found.gross_total if tax_included else found.net_total)


@given(PROMOTIONS, LINES, POLICIES, ROUNDINGS)
def test_a_cap_and_a_budget_are_never_overrun(
    promotions: list[Promotion],
    lines: list[PromotionLine],
    policy: PromotionPolicy,
    rounding: Rounding | None,
) -> None:
    # One basis only, so that caps and discounts can be compared; a cap for each tax group is another limit.
    policy = attrs.evolve(policy, amounts=AmountsAre.AS_LINES, cap_per=CapPer.PROMOTION)
    lines = [attrs.evolve(line, tax_percent=Percent(0)) for line in lines]
    used = {"p0": PromotionUse(amount=Money("3.00", "EUR")), "p1": PromotionUse(amount=Money("0.01", "EUR"))}
    found = apply_promotions(promotions, lines, currency="EUR", policy=policy, rounding=rounding, used=used)
    for promotion in promotions:
        taken = found.by_promotion.get(promotion.id, Money.zero("EUR"))
        if promotion.max_discount is not None:
            assert taken <= promotion.max_discount
        if promotion.budget is not None and taken:
            after = used.get(promotion.id, PromotionUse()) + found.used[promotion.id]
            assert after.amount is not None
            assert after.amount <= promotion.budget


@given(LINES, POLICIES, ROUNDINGS, st.booleans(), PROMOTIONS)
def test_a_full_discount_leaves_exactly_nothing(
    lines: list[PromotionLine],
    policy: PromotionPolicy,
    rounding: Rounding | None,
    tax_included: bool,
    before: list[Promotion],
) -> None:
    everything = Promotion(
        id="all", benefit=PercentOff(percent=Percent(100), base=PercentBase.RUNNING), priority=-1
    )
    found = apply_promotions(
        [*(attrs.evolve(promotion, exclusive=False) for promotion in before), everything],
        [attrs.evolve(line, discountable=True) for line in lines],
        currency="EUR",
        policy=attrs.evolve(policy, combine=Combine.ALL),
        rounding=rounding,
        tax_included=tax_included,
    )
    assert found.total == Money.zero("EUR")
    assert found.gross_total == Money.zero("EUR")


@given(PROMOTIONS, LINES, ANY_ORDER, ROUNDINGS, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_nothing_unless_a_policy_names_position(
    promotions: list[Promotion],
    lines: list[PromotionLine],
    policy: PromotionPolicy,
    rounding: Rounding | None,
    chance: object,
) -> None:
    promotions = without_position(promotions)
    shuffled = list(lines)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    first = apply_promotions(promotions, lines, currency="EUR", policy=policy, rounding=rounding)
    second = apply_promotions(promotions, shuffled, currency="EUR", policy=policy, rounding=rounding)
    assert first.by_line == second.by_line
    assert first.by_promotion_and_line == second.by_promotion_and_line
    assert first.applied == second.applied
    assert first.free == second.free
    assert first.reasons == second.reasons
    assert first.net_total == second.net_total


@given(PROMOTIONS, LINES, POLICIES, ROUNDINGS)
def test_the_same_document_gives_the_same_answer(
    promotions: list[Promotion],
    lines: list[PromotionLine],
    policy: PromotionPolicy,
    rounding: Rounding | None,
) -> None:
    first = apply_promotions(promotions, lines, currency="EUR", policy=policy, rounding=rounding)
    assert first == apply_promotions(promotions, lines, currency="EUR", policy=policy, rounding=rounding)


@given(PROMOTIONS, LINES, POLICIES, ROUNDINGS)
def test_the_best_one_is_never_worse_for_the_customer_than_any_alone(
    promotions: list[Promotion],
    lines: list[PromotionLine],
    policy: PromotionPolicy,
    rounding: Rounding | None,
) -> None:
    policy = attrs.evolve(policy, amounts=AmountsAre.AS_LINES)
    best = apply_promotions(
        promotions,
        lines,
        currency="EUR",
        policy=attrs.evolve(policy, combine=Combine.BEST_ONE),
        rounding=rounding,
    )
    assert len(best.applied) <= 1
    for promotion in promotions:
        alone = apply_promotions(
            [promotion],
            lines,
            currency="EUR",
            policy=attrs.evolve(policy, combine=Combine.ALL),
            rounding=rounding,
        )
        assert alone.discount_total <= best.discount_total


@given(st.integers(1, 6), st.integers(1, 400), st.integers(1, 4))
def test_a_billion_units_are_counted_as_few_are(times: int, price: int, group: int) -> None:
    """Each n-th unit free, of a quantity as long as ten digits: the sum is known in closed form."""
    quantity = Decimal(times * 10**9)
    promotion = Promotion(
        id="p",
        benefit=CheapestFree(),
        scope=PromotionScope.CHEAPEST_UNIT,
        condition=PromotionCondition(min_quantity=Decimal(group)),
    )
    line = PromotionLine(id="1", quantity=quantity, amount=euros(price) * quantity)
    policy = PromotionPolicy(applications=Applications.AS_OFTEN_AS_EARNED)
    found = apply_promotions([promotion], [line], currency="EUR", policy=policy)
    assert found.discount_total == euros(price) * (quantity // group)
    assert found.applications == {"p": int(quantity // group)}
