"""Kinds about quantity scales: `tiers`, `package`, `scale`, `discount_schedule`, `block_price`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.scales.charge import Charge, OutOfScale
from salesmgmt.cpq.pricing.scales.policies import (
    BeyondLast,
    Boundary,
    Counting,
    PartialPackage,
    ScaleType,
    Uncovered,
    ZeroQuantity,
)
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier
from tests.cases.case import Adapter, Case, Keys, Unsupported

BOUNDARIES = {boundary.value: boundary for boundary in Boundary}
PARTIAL = {
    "full": PartialPackage.FULL,
    "prorate": PartialPackage.PRORATED,
    "prorated": PartialPackage.PRORATED,
    "none": PartialPackage.NONE,
}
ZERO = {"first_tier": ZeroQuantity.FIRST_TIER, "nothing": ZeroQuantity.NOTHING}
BEYOND = {"no_price": BeyondLast.NO_PRICE, "last_tier": BeyondLast.LAST_TIER}


def tiers(case: Case) -> dict[str, Any]:
    given = case.given
    scale = Scale(
        scale_type=given.choice("mode", {"volume": ScaleType.ALL_UNITS, "graduated": ScaleType.GRADUATED}),
        boundary=given.choice("boundary", BOUNDARIES),
        zero_quantity=given.choice("zero_quantity", ZERO, "nothing"),
        beyond_last=given.choice("beyond_last", BEYOND, "no_price"),
        partial_package=given.choice("partial_package", PARTIAL, "full"),
        tiers=_each(given, "tiers", _priced_tier),
    )
    charge = scale.charge(case.when.number("quantity"))
    if isinstance(charge, OutOfScale):
        return {"error": charge.code}
    return {
        "amount": charge.amount,
        "by_tier": [part.amount for part in charge.parts],
        "unit_amount": charge.unit_amount,
    }


def _priced_tier(entry: Keys) -> Tier:
    upper = entry.take("up_to", None)
    return Tier(
        lower=_optional(entry, "from"),
        upper=None if upper in {None, "inf"} else entry.number("up_to"),
        flat_amount=_optional(entry, "flat_amount"),
        unit_amount=_optional(entry, "unit_amount"),
        package_size=_optional(entry, "package_size"),
        package_amount=_optional(entry, "package_amount"),
    )


def package(case: Case) -> dict[str, Any]:
    given = case.given
    scale = Scale(
        scale_type=ScaleType.PACKAGE,
        partial_package=given.choice("partial_package", PARTIAL, "full"),
        free_units=given.number("free_units", 0),
        tiers=(
            Tier(package_size=given.number("package_size"), package_amount=given.number("package_amount")),
        ),
    )
    charge = scale.charge(case.when.number("quantity"))
    return {"error": charge.code} if isinstance(charge, OutOfScale) else {"amount": charge.amount}


def scale_lines(case: Case) -> dict[str, Any]:
    given = case.given
    given.choice("basis", {"quantity": None}, "quantity")
    kind = given.choice("scale_type", {name: name for name in ("from", "to", "interval")})
    sign = given.choice("sign", {"discount": -1, "price": 1}, "price")
    tiers = _each(given, "lines", lambda line: _rate_tier(line, sign))
    by_upper = all(tier.upper is not None for tier in tiers)
    if kind != "interval" and by_upper is not (kind == "to"):
        raise Unsupported("the bounds of given.lines do not fit given.scale_type")
    scale = Scale(
        scale_type=ScaleType.GRADUATED if kind == "interval" else ScaleType.ALL_UNITS,
        boundary=Boundary.UPPER_INCLUSIVE if by_upper else Boundary.LOWER_INCLUSIVE,
        counting=Counting.UNITS,
        tiers=tiers,
    )
    charge = scale.charge(case.when.number("quantity"))
    if isinstance(charge, OutOfScale):
        return {"error": charge.code}
    return {
        "rate": None if charge.unit_amount is None else sign * charge.unit_amount,
        "amount": charge.amount,
        "by_interval": [part.amount for part in charge.parts],
        "interval_quantities": [part.quantity for part in charge.parts],
    }


def _rate_tier(line: Keys, sign: int) -> Tier:
    return Tier(
        lower=_optional(line, "from"), upper=_optional(line, "to"), unit_amount=sign * line.number("rate")
    )


def discount_schedule(case: Case) -> dict[str, Any]:
    given = case.given
    scale = Scale(
        scale_type=given.choice("mode", {"range": ScaleType.ALL_UNITS, "slab": ScaleType.GRADUATED}),
        boundary=given.choice("boundary", BOUNDARIES),
        counting=Counting.UNITS,
        uncovered=Uncovered.LIST_PRICE,
        tiers=_each(given, "tiers", _discount_tier),
    )
    charge = scale.charge(case.when.number("quantity"), list_price=given.number("list_price"))
    if isinstance(charge, OutOfScale):
        return {"error": charge.code}
    return {
        "total": charge.amount,
        "unit_price": charge.unit_amount,
        "percent_off": _points(charge),
        "units_by_tier": [part.quantity for part in charge.parts],
    }


def _discount_tier(entry: Keys) -> Tier:
    percent = Percent(entry.number("percent_off")) if "percent_off" in entry else None
    return Tier(
        lower=_optional(entry, "lower"),
        upper=_optional(entry, "upper"),
        percent=percent,
        amount_off=_optional(entry, "amount_off"),
    )


def _points(charge: Charge) -> Decimal | None:
    return None if charge.percent_off is None else charge.percent_off.points


def block_price(case: Case) -> dict[str, Any]:
    given = case.given
    blocks = _each(given, "blocks", _block)
    has_overage = blocks[-1].overage_unit is not None
    scale = Scale(
        scale_type=ScaleType.BLOCK,
        boundary=given.choice("boundary", BOUNDARIES),
        counting=Counting.UNITS,
        beyond_last=BeyondLast.OVERAGE if has_overage else BeyondLast.NO_PRICE,
        tiers=blocks,
    )
    charge = scale.charge(case.when.number("quantity"))
    if isinstance(charge, OutOfScale):
        return {"error": charge.code}
    return {"total": charge.amount, "charged_quantity": charge.charged_quantity}


def _block(entry: Keys) -> Tier:
    return Tier(
        lower=_optional(entry, "lower"),
        upper=_optional(entry, "upper"),
        flat_amount=entry.number("price"),
        overage_unit=_optional(entry, "overage_unit"),
        overage_from=_optional(entry, "overage_from"),
    )


def _each(given: Keys, key: str, read: Callable[[Keys], Tier]) -> tuple[Tier, ...]:
    found = []
    for index, values in enumerate(given.take(key)):
        entry = Keys(values, f"given.{key}[{index}]")
        found.append(read(entry))
        if unread := list(entry.unread()):
            raise Unsupported(f"not read: {', '.join(unread)}")
    return tuple(found)


def _optional(entry: Keys, key: str) -> Decimal | None:
    return None if entry.take(key, None) is None else entry.number(key)


ADAPTERS: dict[str, Adapter] = {
    "tiers": tiers,
    "package": package,
    "scale": scale_lines,
    "discount_schedule": discount_schedule,
    "block_price": block_price,
}
