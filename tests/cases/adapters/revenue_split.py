"""The kind `revenue_split`: who shares in a deal."""

from __future__ import annotations

from typing import Any

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import Split, SplitKind, share_out
from tests.cases.case import Adapter, Case, number

_KINDS = {kind.value: kind for kind in SplitKind}


def revenue_split(case: Case) -> dict[str, Any]:
    kind = case.given.choice("type", _KINDS)
    # A case without an amount asks for the validity alone.
    amount = Money(case.when.number("amount", 0), "USD")
    percents = case.when.take("percents")
    splits = [Split(f"person {place}", Percent(number(one)), kind) for place, one in enumerate(percents)]
    try:
        parts = share_out(amount, splits)
    except InvalidInput as refusal:
        return {"valid": False, "error": refusal.problems[0].code}
    return {"valid": True, "amounts": [part.amount.amount for part in parts]}


ADAPTERS: dict[str, Adapter] = {"revenue_split": revenue_split}
