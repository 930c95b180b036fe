"""Groups of lines in a quote, each with its subtotal."""

from __future__ import annotations

import attrs


@attrs.frozen
class QuoteGroup:
    """A part of a quote with a heading and a subtotal, such as hardware or installation.

    Attributes:
        id: its name in every version of the quote.
        name: the heading.
        position: where it stands among the groups; those of one position stand in their order.

    >>> from salesmgmt.cpq.quotes import QuoteGroup
    >>> QuoteGroup("hw", "Hardware").name
    'Hardware'
    """

    id: str
    name: str = ""
    position: int = 0
