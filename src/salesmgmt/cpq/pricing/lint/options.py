"""What can be wrong with the extras of options."""

from __future__ import annotations

from collections.abc import Iterator

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding
from salesmgmt.cpq.pricing.lint._known import Known


def lint_options(known: Known) -> Iterator[Finding]:
    """Find what is wrong with extras."""
    seen: dict[tuple[str, ...], str] = {}
    for option in known.model.options:
        if known.products is not None and option.product not in known.products:
            yield Finding(
                code="unknown_product",
                where=option.where,
                message=f"the catalogue has no product {shorten(option.product)}",
                hint="add it to the catalogue, or correct the id",
            )
        key = (option.product, option.extra.currency, option.attribute, option.value)
        first = seen.setdefault(key, option.where)
        if first is not option.where and first != option.where:
            yield Finding(
                code="duplicate_option",
                where=option.where,
                message=f"{first} has an extra for the same option",
                hint="keep one of them",
            )
