"""Kinds of `forecast_metrics` about what a pipeline tells: win rates, velocity, coverage, the bridge, and how cash comes in."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from salesmgmt.core.measured import AnyMeasured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.analytics import (
    Moved,
    Movement,
    PipelineBridge,
    cohort_win_rate,
    deal_averages,
    forecast_coverage,
    pipeline_coverage,
    velocity_change,
    win_rate,
)
from salesmgmt.pipeline.analytics import sales_velocity as velocity_of
from salesmgmt.pipeline.cash import cei, days_sales_outstanding, dso_countback, dso_true
from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
from tests.cases.case import Adapter, Case, Keys, Unsupported, number

STATUSES = {"open": StageKind.OPEN, "won": StageKind.WON, "lost": StageKind.LOST}
START = datetime(2026, 1, 1, tzinfo=UTC)


def money(value: object) -> Money:
    return Money(number(value), "USD")


def amount(figure: Money | None) -> Decimal | None:
    return None if figure is None else figure.amount


def deal(keys: Keys, place: int) -> Deal:
    status = keys.choice("status", STATUSES)
    percent = keys.take("percent", None)
    if percent is None and "probability" in keys:
        chance = Percent.of_ratio(keys.number("probability"))
    else:
        chance = Percent(0 if percent is None else number(percent))
    value = keys.take("value", None)
    keys.take("period", None)
    return Deal(
        id=f"d{place}",
        name="",
        amount=None if value is None else money(value),
        pipeline="cases",
        pipeline_version=1,
        pipeline_digest="",
        stage=str(keys.take("stage", status.value)),
        status=status,
        category=ForecastCategory.PIPELINE,
        probability=Estimate(chance),
        opened_at=START,
        stage_since=START,
    )


def _entries(keys: Keys, name: str) -> list[Keys]:
    """The objects in a list of a case, each read as strictly as the rest."""
    return [Keys(entry, f"{name}[{place}]") for place, entry in enumerate(keys.take(name))]


def _done(entries: list[Keys]) -> None:
    if unread := [key for entry in entries for key in entry.unread()]:
        raise Unsupported(f"not read: {', '.join(unread)}")


def deals(case: Case) -> list[Deal]:
    entries = _entries(case.given, "deals")
    found = [deal(entry, place) for place, entry in enumerate(entries)]
    _done(entries)
    return found


def win_rates(case: Case) -> dict[str, Any]:
    rate = win_rate(deals(case), by="closed")
    return {"count": rate.count.value, "value": rate.value.value, "flag": rate.count.flag}


def cohort(case: Case) -> dict[str, Any]:
    won, lost, is_open = (int(case.given.number(name, 0)) for name in ("won", "lost", "open"))
    rate = cohort_win_rate(won=won, lost=lost, open=is_open)
    return {
        "closed_only": rate.closed_only.value,
        "lower": rate.lower.value,
        "upper": rate.upper.value,
        "flag": rate.closed_only.flag or rate.lower.flag,
    }


def sales_velocity(case: Case) -> dict[str, Any]:
    rows = _entries(case.when, "rows")
    found = []
    for row in rows:
        value, cycle = row.take("avg_value", None), row.take("cycle_days", None)
        rate = row.take("win_rate", None)
        if "won" in row or "lost" in row:
            counts = cohort_win_rate(won=int(row.number("won", 0)), lost=int(row.number("lost", 0)))
            rate = counts.closed_only.value
        found.append(
            velocity_of(
                row.number("opportunities"),
                win_rate=None if rate is None else number(rate),
                mean_value=None if value is None else money(value),
                cycle_days=None if cycle is None else number(cycle),
            )
        )
    _done(rows)
    return {
        "per_day": [amount(one.per_day.value) for one in found],
        "per_30_days": [amount(one.per_30_days.value) for one in found],
        "flags": [one.per_day.flag for one in found],
    }


def changed(case: Case) -> dict[str, Any]:
    factor = case.when.choice("factor", {"cycle_days": "cycle_days", "win_rate": "win_rate"})
    change = velocity_change(factor, Percent(case.when.number("change_percent")))
    return {"percent": None if change.value is None else change.value.points, "flag": change.flag}


def coverage(case: Case) -> dict[str, Any]:
    rows = _entries(case.when, "rows")
    found: list[AnyMeasured] = []
    for row in rows:
        won = row.take("won", None)
        found.append(
            pipeline_coverage(
                money(row.take("open_pipeline")),
                money(row.take("quota")),
                won=None if won is None else money(won),
            ).of_remaining
        )
    _done(rows)
    return {"ratios": [one.value for one in found], "flags": [one.flag for one in found]}


def forecast(case: Case) -> dict[str, Any]:
    figure = forecast_coverage(money(case.when.take("forecast")), money(case.when.take("quota")))
    return {"ratio": figure.value, "flag": figure.flag}


PARTS = ("new", "pulled_in", "increased", "won", "decreased", "pushed_out", "lost")


def bridge(case: Case) -> dict[str, Any]:
    moves = tuple(Moved(part, Movement(part), money(case.when.take(part, 0))) for part in PARTS)
    return {"end": PipelineBridge(start=money(case.when.take("start")), moves=moves).end.amount}


def averages(case: Case) -> dict[str, Any]:
    figures = deal_averages(deals(case))
    return {
        "open_count": figures.open_count,
        "avg_open": amount(figures.open.value),
        "won_count": figures.won_count,
        "avg_won": amount(figures.won.value),
        "avg_won_and_open": amount(figures.won_and_open.value),
    }


def dso(case: Case) -> dict[str, Any]:
    when = case.when
    figure = days_sales_outstanding(
        money(when.take("receivables")), money(when.take("credit_sales")), int(when.number("days"))
    )
    return {"days": figure.value, "flag": figure.flag}


def countback(case: Case) -> dict[str, Any]:
    when = case.when
    figure = dso_countback(
        money(when.take("receivables")),
        [money(sales) for sales in when.take("monthly_sales_latest_first")],
        [int(days) for days in when.take("days_in_month")],
    )
    return {
        "days": figure.days.value,
        "full_months": figure.full_months,
        "remainder": figure.remainder.amount,
        "flag": figure.days.flag,
    }


def true_dso(case: Case) -> dict[str, Any]:
    invoices = _entries(case.when, "open_invoices")
    figure = dso_true(
        [
            (int(one.number("days_since_invoice")), money(one.take("amount")), money(one.take("month_sales")))
            for one in invoices
        ]
    )
    _done(invoices)
    return {"days": figure.value, "flag": figure.flag}


def effectiveness(case: Case) -> dict[str, Any]:
    when = case.when
    figure = cei(
        beginning=money(when.take("beginning")),
        credit_sales=money(when.take("credit_sales")),
        ending_total=money(when.take("ending_total")),
        ending_current=money(when.take("ending_current")),
        months=when.number("months", 1),
    )
    return {"percent": None if figure.value is None else figure.value.points, "flag": figure.flag}


ADAPTERS: dict[str, Adapter] = {
    "win_rate": win_rates,
    "cohort_win_rate": cohort,
    "sales_velocity": sales_velocity,
    "velocity_change": changed,
    "pipeline_coverage": coverage,
    "forecast_coverage": forecast,
    "pipeline_bridge": bridge,
    "deal_averages": averages,
    "dso": dso,
    "dso_countback": countback,
    "dso_true": true_dso,
    "cei": effectiveness,
}
