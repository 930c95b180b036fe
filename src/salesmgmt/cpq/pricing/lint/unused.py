"""Which records no step reads, and which steps have nothing to read."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from functools import partial

from salesmgmt.core.findings import Finding, Severity
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.procedure import (
    ListPrice,
    OptionExtras,
    PriceListRules,
    Promotions,
    QuantityTiers,
    Step,
)
from salesmgmt.cpq.pricing.records import OptionRecord, PriceRecord, TierRecord
from salesmgmt.cpq.pricing.standard import STANDARD

_warning = partial(Finding, severity=Severity.WARNING)


def lint_unused(known: Known) -> Iterator[Finding]:
    """Find records without a step and promotions' steps without records."""
    model = known.model
    kinds = {type(step) for step in model.procedure.steps}
    read: list[tuple[Sized, type[Step], str]] = [
        (model.prices, ListPrice, PriceRecord.FILE),
        (model.tiers, QuantityTiers, TierRecord.FILE),
        (model.options, OptionExtras, OptionRecord.FILE),
        (model.price_lists.lists, PriceListRules, "price_lists"),
        (model.promotions, Promotions, "promotions"),
    ]
    for records, kind, where in read:
        if len(records) and kind not in kinds:
            yield _warning(
                code="unused_records",
                where=where,
                message=f"no step of type {kind.__name__} reads its records",
                hint="add the step, or drop the records",
            )
    if Promotions in kinds and not model.promotions and model.procedure != STANDARD:
        yield _warning(
            code="idle_step",
            where="promotions",
            message="a step of type Promotions has no promotions to apply",
            hint="add promotions, or drop the step",
        )
