"""The figures of a quote by name, so that a policy can be checked before any quote is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding
from salesmgmt.core.nearest import nearest

QUANTITY = "quantity:"
"""What the name of a figure begins with that is the quantity of a product; zero for one that is not in the quote."""

QUOTE_FIGURES: Mapping[str, str] = MappingProxyType(
    {
        "total": "money",
        "lowest_total": "money",
        "list_total": "money",
        "reference_total": "money",
        "effective_discount_percent": "percent",
        "max_line_discount_percent": "percent",
        "margin": "money",
        "margin_percent": "percent",
        "line_count": "number",
    }
)
"""What `quotes.quote_metrics` computes beside quantities, each with its kind."""


def kind_of(unit: str) -> str:
    """What a figure of a unit (`engines.metrics.unit_of`) is.

    >>> from salesmgmt.cpq.approvals.figures import kind_of
    >>> kind_of("EUR"), kind_of("%"), kind_of("")
    ('money', 'percent', 'number')
    """
    return {"": "number", "%": "percent"}.get(unit, "money")


def unknown_figure(name: str, further: Iterable[str], where: str) -> Finding | None:
    """The finding that a figure is none that a quote or its host has; `None` when it is one.

    >>> from salesmgmt.cpq.approvals.figures import unknown_figure
    >>> print(unknown_figure("margin_pct", (), "rules.thin"))
    error unknown_metric at rules.thin: no quote has a figure 'margin_pct'; did you mean 'margin_percent'? ...
    """
    known = (*QUOTE_FIGURES, *further)
    if name in known or (name.startswith(QUANTITY) and len(name) > len(QUANTITY)):
        return None
    close = nearest(name, known) if len(name) <= 100 else None
    meant = f"did you mean {close!r}? " if close else ""
    return Finding(
        code="unknown_metric",
        where=where,
        message=f"no quote has a figure {shorten(name)}",
        hint=f"{meant}figures that the host gives are named in `figures`",
    )
