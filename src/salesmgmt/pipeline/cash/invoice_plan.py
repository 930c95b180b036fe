"""Invoice plans: in which parts, and when, an order is invoiced."""

from __future__ import annotations

from pathlib import Path

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.money import Money
from salesmgmt.pipeline.cash.due import AT_ONCE, DueRule
from salesmgmt.pipeline.cash.parts import Part, in_order, share_out, valid_parts


@attrs.frozen
class InvoicePlan:
    """How an order is divided into invoices: by percentages, fixed amounts, or equally.

    Attributes:
        id: its name.
        parts: a part for each invoice; `when` leads from the date of the order to that of the invoice.

    Raises:
        InvalidTerms, CurrencyMismatch: the parts cannot add up to an order.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.cash import InvoicePlan, Part
    >>> plan = InvoicePlan("down-payment", [Part(percent=Percent(30)), Part()])
    >>> plan.amounts(Money("999.99", "EUR"))
    (Money('300.00', 'EUR'), Money('699.99', 'EUR'))
    """

    id: str
    parts: tuple[Part, ...] = attrs.field(converter=in_order, validator=valid_parts)

    @classmethod
    def load(cls, path: Path | str) -> InvoicePlan:
        r"""Read a plan from a TOML file; raises `InvalidInput` with every problem.

        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from salesmgmt.pipeline.cash import InvoicePlan
        >>> file = Path(mkdtemp()) / "plan.toml"
        >>> _ = file.write_text('id = "halves"\nparts = [{ percent = "50%" }, { when.steps = [{ move = "month_end" }] }]')
        >>> InvoicePlan.load(file).parts[0].percent
        Percent('50')
        """
        return load_definition(path, cls)

    @classmethod
    def equal(cls, number: int, *, every_months: int = 1, id: str = "") -> InvoicePlan:  # noqa: A002 - as the field
        """Make the plan of equal invoices, the first with the order and the others so many months apart.

        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.pipeline.cash import InvoicePlan
        >>> InvoicePlan.equal(3).amounts(Money("30000", "EUR"))
        (Money('10000.00', 'EUR'), Money('10000.00', 'EUR'), Money('10000.00', 'EUR'))
        """
        whens = (DueRule().months(place * every_months) if place else AT_ONCE for place in range(number))
        return cls(id or f"equal-{number}", (Part(when=when) for when in whens))

    def amounts(self, total: Money) -> tuple[Money, ...]:
        """Divide the total of an order; raises `InvalidTerms` or `CurrencyMismatch` when the plan does not fit it."""
        return share_out(total, self.parts)
