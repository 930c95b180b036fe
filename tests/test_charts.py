from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import vl_convert

from salesmgmt import charts

SCRIPT = "<script>alert('x')</script>"

SPECS: dict[str, dict[str, Any]] = {
    "funnel": charts.funnel([("leads", 2200), (SCRIPT, 900), ("none", 0), ("after none", 0)], title="Funnel"),
    "waterfall": charts.waterfall(
        [("list", Decimal("100.10")), (SCRIPT, Decimal("-0.20"))], title="Price", unit="EUR"
    ),
    "bars": charts.bars([("0-30", 12), (SCRIPT, 3)], title="Ageing", highlight=[SCRIPT]),
    "stacked bars": charts.stacked_bars({SCRIPT: [("fresh", 3), ("old", 1)], "won": []}, title="Ageing"),
    "target bars": charts.target_bars([(SCRIPT, 90, 100), ("bo", 101, 100)], title="Attainment"),
    "control chart": charts.control_chart(
        [(SCRIPT, 5), ("W2", 9)], centre=5, lower=1, upper=8, signals=[1], title="Calls"
    ),
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_specification_is_plain_json(spec: dict[str, Any]) -> None:
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_specification_draws_without_a_network_and_script_stays_text(spec: dict[str, Any]) -> None:
    svg = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])

    assert svg.startswith("<svg")
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def test_a_waterfall_adds_up_exactly() -> None:
    rows = SPECS["waterfall"]["data"]["values"]

    assert [(row["from"], row["to"]) for row in rows] == [(0.0, 100.1), (100.1, 99.9), (0.0, 99.9)]


def test_a_funnel_step_after_an_empty_one_has_no_share() -> None:
    rows = SPECS["funnel"]["data"]["values"]

    assert [row["share"] for row in rows] == ["", "40.9 % of leads", f"0.0 % of {SCRIPT}", ""]


def test_a_target_met_exactly_is_met() -> None:
    rows = charts.target_bars([("ada", Decimal("100.00"), 100)], title="t")["data"]["values"]

    assert rows[0]["met"] is True


@pytest.mark.parametrize(
    "figure", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity"), Decimal("1E+400")]
)
def test_a_figure_that_json_cannot_hold_is_refused(figure: charts.Figure) -> None:
    with pytest.raises(charts.NotDrawable, match="finite"):
        charts.bars([("a", figure)], title="Ageing")
    with pytest.raises(charts.NotDrawable, match="finite"):
        charts.waterfall([("a", figure)], title="Price")
    with pytest.raises(charts.NotDrawable, match="finite"):
        charts.control_chart([("a", 1)], centre=figure, lower=0, upper=2, title="Calls")
    with pytest.raises(charts.NotDrawable, match="finite"):
        charts.target_bars([("a", 1, figure)], title="Attainment")
