from typing import Any

import pytest

from salesmgmt.core.findings import Severity
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.scales.lint import lint_scale
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier


def codes(scale: Scale, **more: Any) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in lint_scale(scale, **more)]


def tier(lower: int | None = None, upper: int | None = None, rate: int = 1) -> Tier:
    return Tier(lower=lower, upper=upper, unit_amount=rate)


def test_a_plain_scale_has_no_findings() -> None:
    assert codes(Scale(tiers=[tier(None, 10, 3), tier(None, None, 3)])) == []
    assert codes(Scale(boundary="both_inclusive", tiers=[tier(1, 9, 3), tier(10, 19, 3)])) == []


@pytest.mark.parametrize(
    ("boundary", "tiers", "code"),
    [
        ("lower_inclusive", [tier(0, 10), tier(12, 20)], "tier_gap"),
        ("upper_inclusive", [tier(0, 10), tier(11, 20)], "tier_gap"),
        ("both_inclusive", [tier(1, 9), tier(11, 20)], "tier_gap"),
        ("lower_inclusive", [tier(0, 12), tier(10, 20)], "tier_overlap"),
        ("both_inclusive", [tier(1, 10), tier(10, 20)], "tier_overlap"),
        ("lower_inclusive", [tier(0, 5), tier(5, 5), tier(5, 9)], "unreachable_tier"),
        ("lower_inclusive", [tier(0), tier(5), tier(5)], "unreachable_tier"),
    ],
)
def test_tiers_that_do_not_meet_are_found(boundary: str, tiers: list[Tier], code: str) -> None:
    found = codes(Scale(id="s", boundary=boundary, tiers=tiers))

    assert found == [(code, "s.tiers[1]")]


def test_a_graduated_scale_without_first_units_is_an_error() -> None:
    tiers = [tier(1, 10), tier(10)]

    (finding,) = lint_scale(Scale(scale_type="graduated", tiers=tiers))
    assert (finding.code, finding.severity) == ("uncovered_start", Severity.ERROR)
    assert codes(Scale(scale_type="graduated", counting="units", tiers=tiers)) == []
    assert codes(Scale(tiers=tiers)) == []


def test_a_graduated_tier_that_holds_no_unit_is_an_error() -> None:
    # by number, the units of a tier from 0 to below 1 would be those before the first
    scale = Scale(scale_type="graduated", counting="units", tiers=[tier(0, 1), tier(1)])

    assert codes(scale) == [("unreachable_tier", "scale.tiers[0]")]


def test_totals_that_fall_are_told_with_both_quantities() -> None:
    (finding,) = lint_scale(Scale(tiers=[tier(None, 20, 10), tier(20, None, 9)]), where="tiers.toml")

    assert (finding.code, finding.where, finding.severity) == (
        "falling_total",
        "tiers.toml",
        Severity.WARNING,
    )
    assert "19 cost 190, 20 cost 180" in finding.message


def test_totals_of_discounts_are_taken_at_a_price() -> None:
    percent = Scale(tiers=[Tier(percent=Percent(0)), Tier(lower=10, percent=Percent(20))])
    amount = Scale(tiers=[Tier(amount_off=0), Tier(lower=10, amount_off=5)])

    assert "at a list price of 100: 9 cost 900.00, 10 cost 800.00" in lint_scale(percent)[0].message
    assert codes(amount) == []
    assert codes(amount, list_price=20) == [("falling_total", "scale")]
    assert codes(amount, list_price=2000) == []


def test_amounts_below_zero_and_percentages_above_a_hundred_are_found() -> None:
    scale = Scale(tiers=[Tier(unit_amount=-1, flat_amount=-2), Tier(lower=5, percent=Percent(101))])

    found = codes(scale)

    assert ("negative_amount", "scale.tiers[0].unit_amount") in found
    assert ("negative_amount", "scale.tiers[0].flat_amount") in found
    assert ("percent_too_large", "scale.tiers[1]") in found


def test_overage_beyond_a_tier_without_end_is_found() -> None:
    scale = Scale(beyond_last="overage", tiers=[Tier(unit_amount=1, overage_unit=2)])

    assert codes(scale) == [("overage_without_end", "scale.tiers[0]")]
