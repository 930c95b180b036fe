"""Compensation plans, statements and clawbacks."""

from __future__ import annotations

import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.sfe import (
    Band,
    BandMode,
    Bounds,
    Component,
    CompPlan,
    Credit,
    CreditKind,
    NotCredited,
    PayEngine,
    Statement,
    WrongPlan,
)

OCTOBER = Period.month(2026, 10)
TIERS = (Band(start=0, end=1, rate=Percent(5)), Band(start=1, rate=Percent(10)))
RETROACTIVE = (
    Band(start=0, end="0.5", rate=Percent(5)),
    Band(start="0.5", end=1, rate=Percent(10), retroactive=True),
    Band(start=1, rate=Percent(20)),
)


def _engine(*components: Component, currency: str = "EUR") -> PayEngine:
    return CompPlan(id="ae", currency=currency, components=components).compile()


def _deals(*amounts: int | str, currency: str = "EUR", **fields: Any) -> list[Credit]:
    return [
        Credit(event=f"d-{number}", participant="li", amount=Money(amount, currency), **fields)
        for number, amount in enumerate(amounts, start=1)
    ]


def _pay(engine: PayEngine, deals: list[Credit], **fields: Any) -> Statement:
    return engine.pay("s-1", "li", deals, period=OCTOBER, **fields)


def _rows(statement: Statement) -> list[tuple[object, ...]]:
    return [(x.event, x.band, x.base.amount, x.rate.points, x.amount.amount) for x in statement.lines]


def _assert_adds_up(statement: Statement) -> None:
    lines = Money.total((line.amount for line in statement.lines), statement.total.currency)
    assert lines + statement.rounding == statement.total
    statement.total.minor_units()
    assert all(line.amount == line.base * line.rate for line in statement.lines)


def test_an_event_that_crosses_a_band_gets_a_line_for_each_part() -> None:
    statement = _pay(_engine(Component(id="all", quota=1000, bands=TIERS)), _deals(600, 700))

    assert _rows(statement) == [
        ("d-1", 0, 600, 5, 30),
        ("d-2", 0, 400, 5, 20),
        ("d-2", 1, 300, 10, 30),
    ]
    assert statement.total == Money(80, "EUR")
    (part,) = statement.components
    assert part.attainment.value == Percent(130)
    _assert_adds_up(statement)


@pytest.mark.parametrize(
    ("bookings", "paid"), [(16_000, 800), (16_500, 1650), (20_000, 2000), (33_000, 3300), (40_000, 4700)]
)
def test_a_retroactive_tier(bookings: int, paid: int) -> None:
    # Case quotapath-retroactive-tier.
    engine = _engine(Component(id="all", quota=33_000, bands=RETROACTIVE))

    assert _pay(engine, _deals(bookings)).total == Money(paid, "EUR")
    # The order and size of the deals make no difference to the total.
    assert _pay(engine, _deals(1000, bookings - 1000)).total == Money(paid, "EUR")


def test_an_incentive_is_paid_by_attainment() -> None:
    # Case accelerator-130-percent, revopsmasters.com: quota 500,000, variable pay 100,000, 650,000 sold: 145,000.
    bands = (
        Band(start=0, end=1, rate=Percent(100)),
        Band(start=1, end="1.3", rate=Percent(150)),
        Band(start="1.3", rate=Percent(200)),
    )
    component = Component(id="variable", quota=500_000, target_incentive=100_000, bands=bands)

    assert _pay(_engine(component), _deals(650_000)).total == Money(145_000, "EUR")
    whole = attrs.evolve(component, mode=BandMode.WHOLE)
    assert _pay(_engine(whole), _deals(650_000)).total == Money(260_000, "EUR")


def test_bounds_may_be_amounts() -> None:
    bands = (Band(start=0, end=100, rate=Percent(10)), Band(start=100, rate=Percent(20)))
    component = Component(id="small", bounds=Bounds.AMOUNT, bands=bands)

    statement = _pay(_engine(component), _deals(150))

    assert statement.total == Money(20, "EUR")
    assert statement.components[0].attainment.flag == "no_quota"


def test_the_participants_own_quota_takes_the_place_of_the_plans() -> None:
    engine = _engine(Component(id="all", quota=1000, bands=TIERS))

    statement = _pay(engine, _deals(1000), quotas={"all": Money(500, "EUR")})

    assert statement.total == Money(75, "EUR")
    assert statement.components[0].quota == Money(500, "EUR")


@pytest.mark.parametrize("quotas", [{}, {"all": Money(0, "EUR")}])
def test_without_a_quota_only_the_guarantee_is_paid(quotas: dict[str, Money]) -> None:
    engine = _engine(Component(id="all", bands=TIERS, guarantee="250.00"))

    statement = _pay(engine, _deals(1000), quotas=quotas)

    assert _rows(statement) == [("", None, 250, 100, 250)]
    assert statement.components[0].attainment.flag == "no_quota"


def test_a_guarantee_tops_up_and_does_not_add() -> None:
    engine = _engine(Component(id="all", quota=1000, bands=TIERS, guarantee=40))

    assert _pay(engine, _deals(600)).total == Money(40, "EUR")
    assert _pay(engine, _deals(900)).total == Money(45, "EUR")


def test_a_return_gives_back_what_it_earned() -> None:
    engine = _engine(Component(id="all", quota=1000, bands=TIERS))

    statement = _pay(engine, _deals(1200, -300))

    assert _rows(statement)[2:] == [("d-2", 0, -100, 5, -5), ("d-2", 1, -200, 10, -20)]
    assert statement.total == Money(45, "EUR")
    assert _pay(engine, _deals(-300)).total == Money(-15, "EUR")
    floored = _engine(Component(id="all", quota=1000, bands=TIERS, guarantee=0))
    assert _pay(floored, _deals(-300)).total == Money(0, "EUR")


def test_lines_are_exact_and_the_total_is_rounded_once() -> None:
    engine = _engine(Component(id="all", quota=1000, bands=(Band(start=0, rate=Percent("3.3")),)))

    statement = _pay(engine, _deals("10.01", "10.01", "10.01"))

    # 10.01 x 3.3 % = 0.33033, three times 0.99099.
    assert [line.amount.amount for line in statement.lines] == [Decimal("0.33033")] * 3
    assert (statement.rounding, statement.total) == (Money("-0.00099", "EUR"), Money("0.99", "EUR"))
    _assert_adds_up(statement)


def test_each_component_pays_on_its_own_measure_and_what_none_pays_is_named() -> None:
    engine = _engine(
        Component(id="bookings", quota=1000, bands=TIERS),
        Component(id="cash", measure="cash_received", quota=1000, bands=TIERS),
    )
    deals = [*_deals(100), *_deals(100, measure="cash_received"), *_deals(100, measure="meetings")]

    statement = _pay(engine, deals)

    assert [(line.component, line.event) for line in statement.lines] == [
        ("bookings", "d-1"),
        ("cash", "d-1"),
    ]
    assert statement.unpaid == ("d-1",)


def test_credits_of_others_are_left_out() -> None:
    other = attrs.evolve(_deals(500)[0], participant="chen")

    statement = _pay(_engine(Component(id="all", quota=1000, bands=TIERS)), [other, *_deals(100)])

    assert statement.total == Money(5, "EUR")


def test_wrong_input_is_refused_at_once() -> None:
    engine = _engine(Component(id="all", quota=1000, bands=TIERS))
    deals = [*_deals(100), *_deals(100), *_deals(100, currency="CNY", kind=CreditKind.OVERLAY)]
    quotas = {"al": Money(1, "EUR"), "all": Money(1, "CNY")}

    with pytest.raises(InvalidInput) as refused:
        _pay(engine, deals, quotas=quotas)

    codes = [problem.code for problem in refused.value.problems]
    assert codes == ["currency", "duplicate_credit", "unknown_component", "quota"]


def test_a_clawback_re_rates_what_stays() -> None:
    # Without d-1 the month falls from 36,300 (110 %) to 16,300 (49 %): everything drops to 5 %.
    engine = _engine(Component(id="all", quota=33_000, bands=RETROACTIVE))
    paid = _pay(engine, _deals(20_000, 16_300))
    assert paid.total == Money(3960, "EUR")

    correction = engine.reverse(paid, ["d-1"], id="s-2")

    assert correction.total == Money(815 - 3960, "EUR")
    assert {line.reverses for line in correction.lines} == {"s-1"}
    assert _rows(correction) == [
        ("d-1", 1, -20_000, 10, -2000),
        ("d-2", 1, -13_000, 10, -1300),
        ("d-2", 2, -3300, 20, -660),
        ("d-2", 0, 16_300, 5, 815),
    ]
    _assert_adds_up(correction)


def test_a_second_clawback_starts_from_the_first() -> None:
    engine = _engine(Component(id="all", quota=1000, bands=TIERS))
    paid = _pay(engine, _deals(800, 400, 100))

    first = engine.reverse(paid, ["d-2"], id="s-2")
    second = engine.reverse(first, ["d-1"], id="s-3")

    assert paid.total + first.total + second.total == _pay(engine, _deals(0, 0, 100)).total
    with pytest.raises(NotCredited, match="d-2"):
        engine.reverse(second, ["d-2"], id="s-4")


def test_another_version_of_the_plan_reverses_nothing() -> None:
    engine = _engine(Component(id="all", quota=1000, bands=TIERS))
    later = attrs.evolve(engine.plan, version=2).compile()

    with pytest.raises(WrongPlan, match="compile the version"):
        later.reverse(_pay(engine, _deals(1)), ["d-1"], id="s-2")


@given(
    amounts=st.lists(st.integers(-20_000, 60_000), min_size=1, max_size=8),
    rates=st.lists(st.integers(0, 4000), min_size=3, max_size=3),
    mode=st.sampled_from(BandMode),
    data=st.data(),
)
def test_statements_and_reversals_add_up(
    amounts: list[int], rates: list[int], mode: BandMode, data: st.DataObject
) -> None:
    bands = [
        attrs.evolve(band, rate=Percent(Decimal(rate).scaleb(-2)))
        for band, rate in zip(RETROACTIVE, rates, strict=True)
    ]
    engine = _engine(Component(id="all", quota="33000.07", bands=tuple(bands), mode=mode))
    deals = _deals(*(str(Decimal(amount).scaleb(-1)) for amount in amounts))
    gone = data.draw(st.sets(st.sampled_from([deal.event for deal in deals])))

    paid = _pay(engine, deals)
    correction = engine.reverse(paid, gone, id="s-2")

    _assert_adds_up(paid)
    _assert_adds_up(correction)
    assert paid.total + correction.total == _pay(engine, [d for d in deals if d.event not in gone]).total


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"components": ()}, ["no_components"]),
        ({"currency": "XXZ"}, ["unknown_currency"]),
        ({"currency": "XAU"}, ["no_minor_unit"]),
        (
            {"components": (Component(id="a", bands=TIERS), Component(id="a", bands=TIERS))},
            ["duplicate_id"],
        ),
        ({"components": (Component(id="a", quota=0, bands=TIERS),)}, ["not_positive"]),
        ({"components": (Component(id="a", guarantee=-1, bands=TIERS),)}, ["not_positive"]),
        ({"components": (Component(id="a", target_incentive=0, bands=TIERS),)}, ["not_positive"]),
        (
            {"components": (Component(id="a", target_incentive=1, bounds=Bounds.AMOUNT, bands=TIERS),)},
            ["incentive_without_quota"],
        ),
        ({"components": (Component(id="a", bands=TIERS[:1]),)}, ["gap"]),
    ],
)
def test_a_plan_that_cannot_work_is_refused(fields: dict[str, Any], codes: list[str]) -> None:
    plan = CompPlan(
        **{"id": "ae", "currency": "EUR", "components": (Component(id="a", bands=TIERS),), **fields}
    )

    with pytest.raises(InvalidDefinition) as refused:
        plan.compile()

    assert [finding.code for finding in refused.value.findings] == codes


def test_a_file_with_several_faults_names_them_all(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(
        'id = "ae"\ncurrency = "EUR"\n[[components]]\nid = "a"\nmod = "whole"\n'
        'bands = [{ start = 0.5, rate = { percent = 5 } }, { start = "x", rate = 5 }]\n',
        encoding="utf-8",
    )

    with pytest.raises(InvalidInput) as refused:
        CompPlan.load(file)

    paths = {problem.path for problem in refused.value.problems}
    assert {"components[0].mod", "components[0].bands[1].start", "components[0].bands[1].rate"} <= paths


def test_an_engine_pickles() -> None:
    engine = _engine(Component(id="all", quota=1000, bands=TIERS))

    assert _pay(pickle.loads(pickle.dumps(engine)), _deals(600, 700)) == _pay(engine, _deals(600, 700))
