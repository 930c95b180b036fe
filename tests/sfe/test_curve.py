"""Bands of rates."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.percent import Percent
from salesmgmt.sfe import Band, BandMode, Curve


def _bands(*rows: tuple[str, str | None, int]) -> tuple[Band, ...]:
    return tuple(Band(start=start, end=end, rate=Percent(rate)) for start, end, rate in rows)


# revopsmasters.com, accelerators: at par to quota, 1.5 times to 130 %, twice beyond.
ACCELERATOR = _bands(("0", "1", 100), ("1", "1.3", 150), ("1.3", None, 200))


@pytest.mark.parametrize(
    ("mode", "attainment", "multiple"),
    [
        # Published: 130 % attainment of a variable pay of 100,000 pays 145,000.
        ("marginal", "1.3", "1.45"),
        ("marginal", "0.5", "0.5"),
        ("marginal", "1.5", "1.85"),
        ("whole", "0.999", "0.999"),
        ("whole", "1", "1.5"),
        ("whole", "1.3", "2.6"),
        ("marginal", "-0.2", "-0.2"),
        ("whole", "-0.2", "-0.2"),
    ],
)
def test_an_accelerator(mode: str, attainment: str, multiple: str) -> None:
    assert Curve(ACCELERATOR, BandMode(mode)).yields(Decimal(attainment)) == Decimal(multiple)


def test_a_retroactive_band_re_rates_all_below_and_the_next_is_marginal() -> None:
    # Case quotapath-retroactive-tier: 5 % to half of 33,000, then 10 % on everything, above quota 20 % on the excess.
    bands = (
        Band(start=0, end=16_500, rate=Percent(5)),
        Band(start=16_500, end=33_000, rate=Percent(10), retroactive=True),
        Band(start=33_000, rate=Percent(20)),
    )

    paid = [Curve(bands).yields(Decimal(total)) for total in (16_000, 16_500, 20_000, 33_000, 40_000)]

    assert paid == [800, 1650, 2000, 3300, 4700]


@pytest.mark.parametrize(
    ("bands", "codes"),
    [
        ((), ["no_bands"]),
        (_bands(("0", "1", 5), ("2", None, 5)), ["gap"]),
        (_bands(("0", "2", 5), ("1", None, 5)), ["overlap"]),
        (_bands(("0", None, 5), ("1", None, 5)), ["overlap"]),
        (_bands(("1", None, 5)), ["gap"]),
        (_bands(("0", "1", 5)), ["gap"]),
        (_bands(("0", None, -5)), ["negative_rate"]),
        # Case oca-section-reversed-bounds, OCA/commission test_wrong_section: from 5 to 1.
        (_bands(("5", "1", 20)), ["reversed_bounds", "gap", "gap"]),
        (_bands(("-1", None, 5)), ["overlap"]),
        (ACCELERATOR, []),
    ],
)
def test_gaps_and_overlaps_are_found(bands: tuple[Band, ...], codes: list[str]) -> None:
    assert [finding.code for finding in Curve(bands).lint()] == codes


@given(
    widths=st.lists(st.integers(1, 1000), max_size=5),
    rates=st.lists(st.integers(0, 60), min_size=6, max_size=6),
    total=st.integers(-500, 6000),
)
def test_marginal_pay_agrees_with_a_sum_over_units(widths: list[int], rates: list[int], total: int) -> None:
    starts = [sum(widths[:place]) for place in range(len(widths) + 1)]
    ends = [*starts[1:], None]
    bands = tuple(
        Band(start=start, end=end, rate=Percent(rate))
        for start, end, rate in zip(starts, ends, rates, strict=False)
    )

    def rate_at(unit: int) -> int:
        return next(
            (rate for start, rate in reversed(list(zip(starts, rates, strict=False))) if start <= unit),
            rates[0],
        )

    wanted = (
        Fraction(sum(rate_at(unit) for unit in range(total)), 100)
        if total > 0
        else Fraction(total * rates[0], 100)
    )

    assert Curve(bands).lint() == ()
    assert Fraction(Curve(bands).yields(Decimal(total))) == wanted


@given(total=st.integers(0, 10_000))
def test_the_parts_of_a_curve_cover_everything_once(total: int) -> None:
    for mode in BandMode:
        parts = Curve(ACCELERATOR, mode).slices(Decimal(total).scaleb(-3))
        ends = [part.end for part in parts]
        assert [part.start for part in parts[1:]] == ends[:-1]
        assert (parts[0].start, ends[-1]) == (None, None)
