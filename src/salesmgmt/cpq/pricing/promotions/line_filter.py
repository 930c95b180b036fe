"""Which lines of a document are meant."""

from __future__ import annotations

import attrs

from salesmgmt.cpq.pricing.promotions.line import LineKind


@attrs.frozen(kw_only=True)
class LineFilter:
    """Which lines are meant: those that any of the lists names; all of them when every list is empty.

    Attributes:
        lines: ids of lines.
        products: ids of products.
        categories: ids of categories.
        kind: goods or shipping only. Without it, shipping beside goods is meant only where `lines` or `products` name it.

    >>> from salesmgmt.cpq.pricing.promotions import LineFilter
    >>> LineFilter(products=("chair",)).is_everything
    False
    """

    lines: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    kind: LineKind | None = None

    @property
    def is_everything(self) -> bool:
        """Whether no line, product, category or kind is named."""
        return not (self.lines or self.products or self.categories or self.kind)


EVERYTHING = LineFilter()
"""All goods; shipping is meant only where it is named."""
