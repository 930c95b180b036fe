"""What can be chosen about a product."""

from __future__ import annotations

import attrs


@attrs.frozen
class Attribute:
    """One thing to choose about a product.

    Attributes:
        id: its name in rules and choices; it may have dots (`wheels.size`).
        values: what can be chosen, in the order in which it is offered and tried.
        default: what `Configuration.complete` tries first; the first value when it is `None`.
        name: what people read; the id when empty.

    >>> from salesmgmt.cpq.configure import Attribute
    >>> Attribute("frame", ("alloy", "carbon"), default="carbon").preferred
    ('carbon', 'alloy')
    """

    id: str
    values: tuple[str, ...]
    default: str | None = None
    name: str = ""

    @property
    def preferred(self) -> tuple[str, ...]:
        """The values in the order in which they are tried: the default first."""
        if self.default is None:
            return self.values
        return (self.default, *(value for value in self.values if value != self.default))
