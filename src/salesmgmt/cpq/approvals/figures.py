"""The figures of a quote by name, so that a policy can be checked before any quote is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType

from salesmgmt.core.errors import shorten
from salesmgmt.core.exact import WIDE
from salesmgmt.core.findings import Finding
from salesmgmt.core.nearest import nearest
from salesmgmt.engines.metrics import Figure, number_of, unit_of

_SHOWN = Decimal("0.0001")

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


def shown(found: Figure, wanted: str = "") -> str:
    """A figure for a message, rounded to 4 decimals; the figure itself stays exact.

    It is shown whole where rounding would make it look like zero, or like the limit that it is beyond.

    Args:
        found: the figure.
        wanted: the limit in words, that stands beside it.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.approvals.figures import shown
    >>> shown(Percent("27.380952380952")), shown(Percent(20)), shown(Percent("20.000001"), "at most 20%")
    ('27.381%', '20%', '20.000001%')
    """
    number, unit = number_of(found), unit_of(found)
    rounded = number.quantize(_SHOWN, ROUND_HALF_EVEN, WIDE)
    text = f"{rounded.normalize(WIDE):f}{unit if unit in ('', '%') else f' {unit}'}"
    is_same = rounded == number or not rounded or f" {text} " in f" {wanted} "
    return str(found) if is_same else text


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
