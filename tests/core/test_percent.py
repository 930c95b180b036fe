from __future__ import annotations

from decimal import Decimal

import pytest

from salesmgmt.core.exact import OutOfRange
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent


def test_a_rate_too_small_for_a_ratio_is_refused_as_any_other_result() -> None:
    least = Percent(Decimal("1E-132"))
    with pytest.raises(OutOfRange, match="check the amounts"):
        _ = least.ratio
    with pytest.raises(OutOfRange):
        Money(1, "EUR") * least
    with pytest.raises(OutOfRange):
        Percent.of_ratio(Decimal("1E+99"))


@pytest.mark.parametrize(
    ("points", "ratio"), [("12.5", "0.125"), ("100", "1.00"), ("-0.01", "-0.0001"), ("0", "0.00")]
)
def test_a_ratio_is_a_hundredth_of_the_points(points: str, ratio: str) -> None:
    assert str(Percent(points).ratio) == ratio
    assert Percent.of_ratio(ratio) == Percent(points)


def test_equal_rates_hash_alike() -> None:
    assert hash(Percent("10")) == hash(Percent("10.00"))
    assert Percent("10") == Percent("10.00")
