"""Kinds about terms: proration, periods, ramps, percent of total, renewal, amendment, compound discount."""

from __future__ import annotations

from typing import Any

import attrs

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.scales.compound_discount import CompoundDiscount
from salesmgmt.cpq.pricing.terms.billing_periods import Anchor, BillingPeriods, PartialPeriod
from salesmgmt.cpq.pricing.terms.contract_change import (
    Amendment,
    ContractLine,
    PriorStep,
    RenewalMethod,
    RenewalPolicy,
    amend,
)
from salesmgmt.cpq.pricing.terms.instalments import RemainderAt, equal_instalments
from salesmgmt.cpq.pricing.terms.percent_of_total import CoveredLine, PercentOfTotal, percent_of_total_prices
from salesmgmt.cpq.pricing.terms.proration import Precision, ProrationPolicy, Term, prorate
from salesmgmt.cpq.pricing.terms.ramp import Ramp
from tests.cases.adapters.amounts import CURRENCY, MODES
from tests.cases.case import Adapter, Case, Keys, Unsupported, day, number

PRECISIONS = {"day": Precision.DAY, "month": Precision.MONTH}
CUSTOMER_STEPS = ("customer", "additional")
"""What the step is called that makes the price of the customer: by the price, or by its discount."""
PARTIAL = {"by_days": PartialPeriod.PRORATE, "whole": PartialPeriod.WHOLE}


def _yes(keys: Keys, key: str, default: Any = attrs.NOTHING) -> bool:
    answer = keys.take(key, default)
    if not isinstance(answer, bool):
        raise Unsupported(f"{key} = {answer!r}")
    return answer


def _money(keys: Keys, key: str) -> Money:
    return Money(keys.number(key), CURRENCY)


def _rounding(given: Keys) -> Rounding | None:
    if "unit" not in given or given.take("rounding") == "none":
        given.take("unit", None)
        if given.take("rounding", "none") not in {"none", *MODES}:
            raise Unsupported("given.rounding")
        return None
    return Rounding(given.choice("rounding", MODES), given.number("unit"))


def proration(case: Case) -> dict[str, Any]:
    given, when = case.given, case.when
    policy = ProrationPolicy(
        precision=given.choice("precision", PRECISIONS),
        default_term=given.number("default_term"),
        partial_period=given.choice("partial_period", PARTIAL, "by_days"),
        end_inclusive=_yes(given, "end_inclusive", False),
    )
    term: Term
    if "term" in when:
        term = when.number("term")
    else:
        term = policy.term(day(when.take("start")), day(when.take("end")))
    found = policy.of(term)
    answer: dict[str, Any] = {"multiplier": found.multiplier, "term": found.term}
    if "list_price" in given:
        answer["price"] = prorate(_money(given, "list_price"), term, policy).amount
    return answer


def proration_periods(case: Case) -> dict[str, Any]:
    given, when = case.given, case.when
    months = given.choice("period", {"month": 1, "quarter": 3, "year": 12})
    if months != 1:
        raise Unsupported("the month in which such a period starts is not said")
    policy = ProrationPolicy(
        default_term=1,
        periods=BillingPeriods(
            months=months,
            anchor=Anchor.DAY_OF_PERIOD,
            day=int(given.number("period_starts_on_day")),
        ),
        partial_period=given.choice("partial_periods", PARTIAL),
        end_inclusive=_yes(given, "end_inclusive"),
    )
    term = policy.term(day(when.take("start")), day(when.take("end")))
    price = prorate(_money(given, "list_price"), term, policy, rounding=_rounding(given))
    return {"periods": policy.of(term).term, "price": price.amount}


def term_days(case: Case) -> dict[str, Any]:
    policy = ProrationPolicy(precision="day", end_inclusive=_yes(case.given, "end_inclusive"))
    term = policy.term(day(case.when.take("start")), day(case.when.take("end")))
    return {"days": policy.of(term).term}


def equal_periods(case: Case) -> dict[str, Any]:
    given, when = case.given, case.when
    found = equal_instalments(
        _money(when, "total"),
        int(when.number("periods")),
        unit=given.number("unit"),
        rounding=given.choice("rounding", MODES),
        remainder=given.choice("remainder", {place.value: place for place in RemainderAt}),
    )
    return {
        "per_period": found.each.amount,
        "remainder": found.remainder.amount,
        "parts": [part.amount for part in found.parts],
    }


def ramp(case: Case) -> dict[str, Any]:
    given, when = case.given, case.when
    given.choice("segment", {"year": 12})
    price = _money(given, "unit_price_per_year")
    if "quantities" in when:
        given.take("last_segment", None)
        found = Ramp.of_quantities([number(one) for one in when.take("quantities")], price)
    else:
        last = given.choice(
            "last_segment", {"prorated_by_months": PartialPeriod.PRORATE}, "prorated_by_months"
        )
        found = Ramp.of_term(when.number("term_months"), when.number("quantity"), price, last_segment=last)
    return {"segments": [amount.amount for amount in found.amounts], "total": found.total.amount}


def percent_of_total(case: Case) -> dict[str, Any]:
    given, when = case.given, case.when
    given.choice("base", {"one_time_net": None})
    rule = PercentOfTotal(
        product="share",
        percent=Percent(given.number("percent")),
        subtotal="net",
        charges="one_time",
        proration=ProrationPolicy(default_term=given.number("default_term_months")),
    )
    lines = [
        CoveredLine(product=f"covered-{position}", amounts={"net": Money(number(amount), CURRENCY)})
        for position, amount in enumerate(when.take("covered"))
    ]
    price = percent_of_total_prices([rule], lines, {"share": when.number("term_months")})["share"]
    return {"price": price.amount if isinstance(price, Money) else None}


def renewal(case: Case) -> dict[str, Any]:
    given = case.given
    stated = given.take("prior_steps")
    if any(set(step) != {"name", "unit_price"} for step in stated):
        raise Unsupported("given.prior_steps")
    steps = [PriorStep(step["name"], Money(number(step["unit_price"]), CURRENCY)) for step in stated]
    told = next(
        (step.name for word in CUSTOMER_STEPS for step in steps if step.name.lower().startswith(word)), None
    )
    if told is None:
        raise Unsupported("given.prior_steps names no price of the customer")
    method = given.choice("method", {"same": RenewalMethod.SAME})
    found = RenewalPolicy(method=method, carried_through=told).renew(steps)
    return {
        "customer_unit_price": found.unit_price.amount,
        "carried_over": frozenset(found.carried_over),
        "dropped": frozenset(found.dropped),
    }


def amendment(case: Case) -> dict[str, Any]:
    given, when = case.given, case.when
    line = ContractLine(
        quantity=given.number("original_quantity"),
        unit_price=_money(given, "annual_unit_price"),
        term=given.number("term_months"),
    )
    found = amend(line, when.number("new_quantity"), when.number("months_left"), ProrationPolicy())
    if not isinstance(found, Amendment):
        return {"error": found.code}
    return {
        "delta_quantity": found.delta_quantity,
        "delta_amount": found.delta_amount.amount,
        "original_lines_changed": found.original != line,
    }


def compound_discount(case: Case) -> dict[str, Any]:
    given = case.given
    discount = CompoundDiscount(percent=Percent(given.number("compound_percent")))
    price = discount.unit_price(
        _money(given, "list_price"), case.when.number("quantity"), rounding=_rounding(given)
    )
    return {"unit_price": price.amount}


ADAPTERS: dict[str, Adapter] = {
    "proration": proration,
    "proration_periods": proration_periods,
    "term_days": term_days,
    "equal_periods": equal_periods,
    "ramp": ramp,
    "percent_of_total": percent_of_total,
    "renewal": renewal,
    "amendment": amendment,
    "compound_discount": compound_discount,
}
