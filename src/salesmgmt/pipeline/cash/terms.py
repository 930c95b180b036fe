"""Payment terms: when, and in which instalments, an invoice is to be paid."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.money import Money
from salesmgmt.pipeline.cash.due import DueRule
from salesmgmt.pipeline.cash.parts import Part, in_order, share_out, valid_parts


@attrs.frozen
class Instalment:
    """A part of an invoice that falls due on one day.

    Attributes:
        amount: how much.
        due_on: the last day on which it is paid in time.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import Instalment
    >>> str(Instalment(Money("60.00", "EUR"), date(2026, 3, 31)).amount)
    '60.00 EUR'
    """

    amount: Money
    due_on: date


@attrs.frozen
class PaymentTerms:
    """How an invoice is to be paid.

    Attributes:
        id: their name.
        parts: a part for each instalment; `when` leads from the date of the invoice to the day it is due.

    Raises:
        InvalidTerms, CurrencyMismatch: the parts cannot add up to an invoice.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import PaymentTerms
    >>> PaymentTerms.net(30).instalments(Money("100.00", "EUR"), date(2026, 3, 2))
    (Instalment(amount=Money('100.00', 'EUR'), due_on=datetime.date(2026, 4, 1)),)
    """

    id: str
    parts: tuple[Part, ...] = attrs.field(converter=in_order, validator=valid_parts)

    @classmethod
    def load(cls, path: Path | str) -> PaymentTerms:
        r"""Read terms from a TOML file; raises `InvalidInput` with every problem.

        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from salesmgmt.pipeline.cash import PaymentTerms
        >>> file = Path(mkdtemp()) / "terms.toml"
        >>> _ = file.write_text('id = "net-45"\nparts = [{ when.steps = [{ move = "days", number = 45 }] }]')
        >>> PaymentTerms.load(file) == PaymentTerms.net(45)
        True
        """
        return load_definition(path, cls)

    @classmethod
    def net(cls, days: int) -> PaymentTerms:
        """Make the terms "all of it within so many days"."""
        return cls(f"net-{days}", [Part(when=DueRule().days(days))])

    def instalments(self, total: Money, invoiced_on: date) -> tuple[Instalment, ...]:
        """Divide the total of an invoice; raises `InvalidTerms` or `CurrencyMismatch` when the terms do not fit it."""
        amounts = share_out(total, self.parts)
        return tuple(
            Instalment(amount, part.when.due(invoiced_on))
            for amount, part in zip(amounts, self.parts, strict=True)
        )
