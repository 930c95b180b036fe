from __future__ import annotations

from decimal import Decimal

import attrs

from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import Deal, StageKind, competition


def _ended(
    deal: Deal,
    status: StageKind,
    competitors: tuple[str, ...] = (),
    lost_to: str | None = None,
    amount: Money | None = None,
) -> Deal:
    return attrs.evolve(deal, status=status, competitors=competitors, lost_to=lost_to, amount=amount)


def test_a_competitor_meets_us_where_it_is_named_or_won(deal: Deal) -> None:
    records = competition(
        [
            _ended(deal, StageKind.WON, ("Bolt", "Crux"), amount=Money(300, "EUR")),
            _ended(deal, StageKind.LOST, ("Bolt", "Crux"), "Crux", Money(100, "EUR")),
            _ended(deal, StageKind.LOST, (), "Bolt"),
            _ended(deal, StageKind.OPEN, ("Bolt",)),
            _ended(deal, StageKind.WON),
        ]
    )

    assert list(records) == ["Bolt", "Crux"]
    bolt, crux = records["Bolt"], records["Crux"]
    assert (bolt.won, bolt.lost, bolt.lost_to, bolt.undecided) == (1, 2, 1, 1)
    assert bolt.win_rate == Measured(Percent("33.33333333333333333333333333333333"), n=3)
    assert bolt.head_to_head == Measured(Percent(50), n=2)
    assert (crux.win_rate, crux.head_to_head) == (Measured(Percent(50), n=2), Measured(Percent(50), n=2))
    assert crux.value_win_rate == Measured(Percent(75), n=2, coverage=Decimal(1))
    assert bolt.value_win_rate.coverage == Decimal("0.6666666666666666666666666666666667")


def test_undecided_deals_give_no_rate(deal: Deal) -> None:
    record = competition([_ended(deal, StageKind.OPEN, ("Bolt",))])["Bolt"]

    flags = {record.win_rate.flag, record.head_to_head.flag, record.value_win_rate.flag}
    assert flags == {"no_closed_deals"}


def test_amounts_that_do_not_add_up_give_no_rate(deal: Deal) -> None:
    won = _ended(deal, StageKind.WON, ("Bolt",), amount=Money(1, "EUR"))
    other = _ended(deal, StageKind.WON, ("Bolt",), amount=Money(1, "USD"))
    credit = _ended(deal, StageKind.LOST, ("Bolt",), amount=Money(-1, "EUR"))
    unknown = _ended(deal, StageKind.LOST, ("Bolt",))

    assert competition([won, other])["Bolt"].value_win_rate.flag == "mixed_currencies"
    assert competition([won, credit])["Bolt"].value_win_rate.flag == "not_positive_value"
    assert competition([unknown])["Bolt"].value_win_rate.flag == "not_positive_value"
    assert competition([won, unknown])["Bolt"].value_win_rate == Measured(
        Percent(100), n=1, coverage=Decimal("0.5")
    )


def test_nothing_met_is_nothing_told(deal: Deal) -> None:
    assert competition([deal]) == {}


def test_an_amount_below_nothing_makes_no_value_rate(deal: Deal) -> None:
    won = _ended(deal, StageKind.WON, ("Bolt",), amount=Money(100, "EUR"))
    lost = _ended(deal, StageKind.LOST, ("Bolt",), amount=Money(-50, "EUR"))

    rate = competition([won, lost])["Bolt"].value_win_rate
    assert (rate.value, rate.flag, rate.n) == (None, "not_positive_value", 2)
