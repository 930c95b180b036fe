"""Kind about free units: `free_goods`."""

from __future__ import annotations

from typing import Any

from salesmgmt.cpq.pricing.free_goods import FreeGoods, FreeGoodsCalculation, FreeGoodsMode
from tests.cases.case import Adapter, Case

CALCULATIONS = {
    "pro_rata": FreeGoodsCalculation.PRO_RATA,
    "unit_reference": FreeGoodsCalculation.UNIT_REFERENCE,
    "whole_units": FreeGoodsCalculation.WHOLE_UNITS,
}
MODES = {"inclusive": FreeGoodsMode.INCLUSIVE, "exclusive": FreeGoodsMode.EXCLUSIVE}


def free_goods(case: Case) -> dict[str, Any]:
    given = case.given
    agreement = FreeGoods(
        minimum_quantity=given.number("minimum_quantity"),
        maximum_quantity=given.number("maximum_quantity") if "maximum_quantity" in given else None,
        per_quantity=given.number("per_quantity"),
        free_quantity=given.number("free_quantity"),
        calculation=given.choice("calculation", CALCULATIONS),
        mode=given.choice("mode", MODES),
    )
    grant = agreement.grant(case.when.number("quantity"))
    return {
        "free_quantity": grant.free_quantity,
        "charged_quantity": grant.charged_quantity,
        "delivered_quantity": grant.delivered_quantity,
    }


ADAPTERS: dict[str, Adapter] = {"free_goods": free_goods}
