"""Charts as plain Vega-Lite 5 specifications: dicts that a browser, Altair or vl-convert can draw.

Nothing is imported and nothing is drawn here. Exact figures become JSON numbers only in the picture, never in a
result. Texts from outside stand in data values alone, never in field names or expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from math import isfinite
from typing import Any, TypeAlias

from salesmgmt.core.errors import SalesError, shorten

Spec: TypeAlias = dict[str, Any]
"""A Vega-Lite specification."""

Figure: TypeAlias = Decimal | int | float
"""A number to be drawn."""

_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
INK = "#1f2933"
BLUE = "#2f6f9f"
GREEN = "#3d8b5f"
RED = "#b8433a"
GREY = "#b6bfc8"
_CONFIG: Spec = {
    "font": "Helvetica, Arial, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": "#e6eaee",
        "domainColor": GREY,
        "tickColor": GREY,
    },
    "title": {"color": INK, "fontSize": 14, "anchor": "start"},
    "legend": {"labelColor": INK, "titleColor": INK},
}


def _chart(title: str, width: int, height: int, **body: Any) -> Spec:
    return {"$schema": _SCHEMA, "title": title, "width": width, "height": height, "config": _CONFIG, **body}


class NotDrawable(SalesError, ValueError):
    """A figure cannot be drawn: it is not finite, or too large for a picture."""

    code = "not_drawable"

    def __init__(self, found: object) -> None:
        self.found = shorten(found)
        super().__init__(
            f"the figure {self.found} is not finite", hint="leave it out, or draw what makes it up"
        )


def _number(figure: Figure) -> float:
    try:
        number = float(figure)
    except OverflowError:
        raise NotDrawable(figure) from None
    if not isfinite(number):
        raise NotDrawable(figure)
    return number


def _quantity(field: str, title: str | None = None, text_format: str | None = None) -> Spec:
    axis: Spec = {"format": text_format} if text_format else {}
    return {"field": field, "type": "quantitative", "title": title, "axis": axis}


def _labels(order: Sequence[str]) -> Spec:
    return {"field": "label", "type": "nominal", "sort": list(order), "title": None}


def funnel(steps: Sequence[tuple[str, int]], *, title: str, width: int = 520) -> Spec:
    """Draw how many remain at each step, with the share of the step before.

    Args:
        steps: label and count, from the first step to the last.
        title: above the picture.
        width: of the plot in pixels.

    >>> from salesmgmt.charts import funnel
    >>> [row["share"] for row in funnel([("leads", 200), ("deals", 50)], title="Funnel")["data"]["values"]]
    ['', '25.0 % of leads']
    """
    rows = []
    for index, (label, count) in enumerate(steps):
        share = ""
        if index and steps[index - 1][1]:
            share = f"{100 * count / steps[index - 1][1]:.1f} % of {steps[index - 1][0]}"
        rows.append({"label": label, "count": count, "share": share, "text": f"{count:,}"})
    y = _labels([label for label, _ in steps])
    x = _quantity("count", None, ",.0f")
    most = max((count for _, count in steps), default=1)
    x["scale"] = {"domain": [0, most * 1.45]}
    return _chart(
        title,
        width,
        38 * max(1, len(rows)),
        data={"values": rows},
        layer=[
            {"mark": {"type": "bar", "color": BLUE}, "encoding": {"y": y, "x": x}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "color": INK, "fontWeight": "bold"},
                "encoding": {"y": y, "x": x, "text": {"field": "text"}},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 58, "color": INK},
                "encoding": {"y": y, "x": x, "text": {"field": "share"}},
            },
        ],
    )


def waterfall(
    steps: Sequence[tuple[str, Figure]], *, title: str, unit: str = "", total: str = "net", width: int = 520
) -> Spec:
    """Draw how a first figure becomes a last one.

    Args:
        steps: label and difference; the first difference is the starting figure itself.
        title: above the picture.
        unit: of the figures, for the axis.
        total: label of the closing bar.
        width: of the plot in pixels.

    >>> from salesmgmt.charts import waterfall
    >>> rows = waterfall([("list", 100), ("discount", -10)], title="Price")["data"]["values"]
    >>> [(row["label"], row["from"], row["to"]) for row in rows]
    [('list', 0.0, 100.0), ('discount', 100.0, 90.0), ('net', 0.0, 90.0)]
    """
    rows: list[Spec] = []
    running: Figure = 0
    for index, (label, difference) in enumerate(steps):
        before = running
        _number(difference)  # refuses what cannot be added up either
        running = Decimal(str(running)) + Decimal(str(difference))
        kind = "total" if index == 0 else "down" if difference < 0 else "up"
        rows.append(
            {
                "label": label,
                "from": _number(before),
                "to": _number(running),
                "kind": kind,
                "text": f"{difference:+,.2f}" if index else f"{difference:,.2f}",
            }
        )
    rows.append(
        {"label": total, "from": 0.0, "to": _number(running), "kind": "total", "text": f"{running:,.2f}"}
    )
    x = {**_labels([row["label"] for row in rows]), "axis": {"labelAngle": -25}}
    colour = {
        "field": "kind",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": ["total", "down", "up"], "range": [BLUE, RED, GREEN]},
    }
    y = _quantity("from", unit or None, ",.0f")
    top = {"field": "top", "type": "quantitative"}
    return _chart(
        title,
        width,
        260,
        data={"values": rows},
        transform=[{"calculate": "max(datum.from, datum.to)", "as": "top"}],
        layer=[
            {
                "mark": {"type": "bar", "size": 44},
                "encoding": {"x": x, "y": y, "y2": {"field": "to"}, "color": colour},
            },
            {
                "mark": {"type": "text", "dy": -7, "color": INK},
                "encoding": {"x": x, "y": top, "text": {"field": "text"}},
            },
        ],
    )


def bars(
    values: Sequence[tuple[str, Figure]],
    *,
    title: str,
    unit: str = "",
    width: int = 520,
    highlight: Iterable[str] = (),
) -> Spec:
    """Draw one bar a label, in the given order.

    Args:
        values: label and figure.
        title: above the picture.
        unit: of the figures, for the axis.
        width: of the plot in pixels.
        highlight: labels drawn in the warning colour.

    >>> from salesmgmt.charts import bars
    >>> bars([("0-30", 12), ("31-60", 3)], title="Ageing")["encoding"]["x"]["sort"]
    ['0-30', '31-60']
    """
    marked = set(highlight)
    rows = [{"label": label, "value": _number(value), "marked": label in marked} for label, value in values]
    return _chart(
        title,
        width,
        240,
        data={"values": rows},
        mark={"type": "bar"},
        encoding={
            "x": {**_labels([label for label, _ in values]), "axis": {"labelAngle": 0}},
            "y": _quantity("value", unit or None, ",.0f"),
            "color": {
                "field": "marked",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": [False, True], "range": [BLUE, RED]},
            },
        },
    )


def stacked_bars(
    values: Mapping[str, Sequence[tuple[str, Figure]]], *, title: str, unit: str = "", width: int = 520
) -> Spec:
    """Draw one bar a label, made of parts.

    Args:
        values: parts by label, each part a name and a figure; the order of both is kept.
        title: above the picture.
        unit: of the figures, for the axis.
        width: of the plot in pixels.

    >>> from salesmgmt.charts import stacked_bars
    >>> len(stacked_bars({"proposal": [("fresh", 3), ("rotting", 1)]}, title="Ageing")["data"]["values"])
    2
    """
    rows = [
        {"label": label, "part": part, "value": _number(value), "order": order}
        for label, parts in values.items()
        for order, (part, value) in enumerate(parts)
    ]
    parts = list(dict.fromkeys(row["part"] for row in rows))
    palette = [BLUE, "#7fb0d0", "#e0b04a", "#d9824a", RED, "#7a2b25"]
    return _chart(
        title,
        width,
        240,
        data={"values": rows},
        mark={"type": "bar"},
        encoding={
            "x": {**_labels(list(values)), "axis": {"labelAngle": 0}},
            "y": _quantity("value", unit or None, ",.0f"),
            "order": {"field": "order", "type": "quantitative"},
            "color": {
                "field": "part",
                "type": "nominal",
                "title": None,
                "sort": parts,
                "scale": {
                    "domain": parts,
                    "range": [palette[index % len(palette)] for index in range(len(parts))],
                },
            },
        },
    )


def target_bars(
    values: Sequence[tuple[str, Figure, Figure]], *, title: str, unit: str = "", width: int = 520
) -> Spec:
    """Draw actual figures as bars with a tick for each target.

    Args:
        values: label, actual, target.
        title: above the picture.
        unit: of the figures, for the axis.
        width: of the plot in pixels.

    >>> from salesmgmt.charts import target_bars
    >>> [layer["mark"]["type"] for layer in target_bars([("ada", 90, 100)], title="Attainment")["layer"]]
    ['bar', 'tick']
    """
    rows = [
        {"label": label, "actual": _number(actual), "target": _number(target), "met": actual >= target}
        for label, actual, target in values
    ]
    y = _labels([label for label, _, _ in values])
    met = {
        "field": "met",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": [True, False], "range": [GREEN, BLUE]},
    }
    return _chart(
        title,
        width,
        24 * max(1, len(rows)),
        data={"values": rows},
        layer=[
            {
                "mark": {"type": "bar", "height": 13},
                "encoding": {"y": y, "x": _quantity("actual", unit or None, ",.0f"), "color": met},
            },
            {
                "mark": {"type": "tick", "color": RED, "thickness": 3, "size": 20},
                "encoding": {"y": y, "x": _quantity("target", unit or None, ",.0f")},
            },
        ],
    )


def control_chart(
    values: Sequence[tuple[str, Figure]],
    *,
    centre: Figure,
    lower: Figure,
    upper: Figure,
    signals: Iterable[int] = (),
    title: str,
    unit: str = "",
    width: int = 520,
) -> Spec:
    """Draw a control chart: the series, its centre line, its limits, and the points that signal.

    Args:
        values: label and figure of each point in order of time; labels must differ.
        centre: the centre line.
        lower: the lower control limit.
        upper: the upper control limit.
        signals: indexes (from 0) of the points to mark.
        title: above the picture.
        unit: of the figures, for the axis.
        width: of the plot in pixels.

    >>> from salesmgmt.charts import control_chart
    >>> spec = control_chart([("W1", 5), ("W2", 9)], centre=5, lower=1, upper=8, signals=[1], title="Calls")
    >>> [row["signal"] for row in spec["data"]["values"]]
    [False, True]
    """
    marked = set(signals)
    rows = [
        {"label": label, "value": _number(value), "signal": index in marked}
        for index, (label, value) in enumerate(values)
    ]
    x = {**_labels([label for label, _ in values]), "axis": {"labelAngle": -60, "labelOverlap": True}}
    y = {**_quantity("value", unit or None), "scale": {"zero": False}}
    lines = [(centre, INK, []), (lower, RED, [5, 4]), (upper, RED, [5, 4])]
    return _chart(
        title,
        width,
        240,
        data={"values": rows},
        layer=[
            *(
                {
                    "mark": {"type": "rule", "color": colour, "strokeDash": dash},
                    "encoding": {"y": {"datum": _number(level)}},
                }
                for level, colour, dash in lines
            ),
            {"mark": {"type": "line", "color": BLUE}, "encoding": {"x": x, "y": y}},
            {
                "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {
                        "field": "signal",
                        "type": "nominal",
                        "legend": None,
                        "scale": {"domain": [False, True], "range": [BLUE, RED]},
                    },
                },
            },
        ],
    )
