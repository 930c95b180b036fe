"""Promotions and coupons from a TOML file."""

from __future__ import annotations

from pathlib import Path

import attrs

from salesmgmt.core.errors import Problem, UnknownOption, shorten
from salesmgmt.cpq.pricing._files.reading import read_definition, refuse_extremes, unknown
from salesmgmt.cpq.pricing.promotions import (
    Coupon,
    Promotion,
    PromotionPolicy,
    PromotionSet,
    promotion_policy,
)


@attrs.frozen(kw_only=True)
class _PromotionsFile:
    preset: str = ""
    policy: PromotionPolicy | None = None
    promotions: tuple[Promotion, ...] = ()
    coupons: tuple[Coupon, ...] = ()


def read_promotions(file: Path, problems: list[Problem]) -> PromotionSet:
    """The promotions and coupons of `promotions.toml`; its faults are noted."""
    read = read_definition(file, _PromotionsFile, problems)
    if read is None:
        return PromotionSet()
    known: dict[str, Promotion] = {}
    for position, promotion in enumerate(read.promotions):
        if known.setdefault(promotion.id, promotion) is not promotion:
            place = f"{file.name}: promotions[{position}].id"
            problems.append(Problem(place, "duplicate", shorten(promotion.id), "each id once"))
    codes: set[str] = set()
    for position, coupon in enumerate(read.coupons):
        place = f"{file.name}: coupons[{position}]"
        if coupon.code in codes:
            problems.append(Problem(f"{place}.code", "duplicate", shorten(coupon.code), "each code once"))
        codes.add(coupon.code)
        if coupon.promotion not in known:
            fault = unknown("promotion", coupon.promotion, known)
            problems.append(attrs.evolve(fault, path=f"{place}.promotion"))
    refuse_extremes(f"{file.name}: promotions", read.promotions, problems)
    refuse_extremes(f"{file.name}: coupons", read.coupons, problems)
    return PromotionSet(
        promotions=read.promotions, coupons=read.coupons, policy=_policy(read, file.name, problems)
    )


def _policy(read: _PromotionsFile, name: str, problems: list[Problem]) -> PromotionPolicy:
    if read.preset and read.policy is not None:
        problems.append(Problem(f"{name}: preset", "one_of", shorten(read.preset), "a preset or a policy"))
    elif read.preset:
        try:
            return promotion_policy(read.preset)
        except UnknownOption as error:
            wanted = f"one of {', '.join(error.known)}"
            problems.append(Problem(f"{name}: preset", error.code, shorten(read.preset), wanted))
    return read.policy or PromotionPolicy()
