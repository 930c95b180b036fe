"""The currencies of ISO 4217, those withdrawn included."""

from __future__ import annotations

from functools import cache

import attrs

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.nearest import nearest


class UnknownCurrency(SalesError, LookupError):
    """A text is not the code of a currency, present or withdrawn.

    Attributes:
        found: what was given, shortened for showing.
        nearest: the known code that is most like it; `None` when none is.
    """

    code = "unknown_currency"

    def __init__(self, found: object) -> None:
        self.found = shorten(found)
        self.nearest = nearest(found, _table()) if isinstance(found, str) else None
        meant = f"did you mean {self.nearest}? " if self.nearest else ""
        super().__init__(
            f"{self.found} is not a currency code",
            hint=f"{meant}write an ISO 4217 code in capitals, such as EUR",
        )


class NoMinorUnit(SalesError, ValueError):
    """A currency such as gold (XAU) has no number of decimals in ISO 4217, and one is needed."""

    code = "no_minor_unit"

    def __init__(self, currency: str) -> None:
        self.currency = currency
        super().__init__(
            f"{currency} has no minor unit in ISO 4217", hint="name the unit or the rounding yourself"
        )


@attrs.frozen
class Currency:
    """A currency as ISO 4217 describes it.

    Attributes:
        code: three capitals, `EUR`.
        numeric: three digits as text, `978`; a successor may carry on the number of a withdrawn currency.
        decimals: digits of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD; `None` where ISO names none (XAU).
        name: the English name.
        withdrawn: when ISO withdrew it, as `YYYY-MM`; `None` for a currency in use.

    >>> Currency("CNY", "156", 2, "Yuan Renminbi").decimals
    2
    """

    code: str
    numeric: str
    decimals: int | None
    name: str
    withdrawn: str | None = None

    @property
    def minor_digits(self) -> int:
        """The digits of the minor unit.

        Raises:
            NoMinorUnit: ISO 4217 names none for this currency.
        """
        if self.decimals is None:
            raise NoMinorUnit(self.code)
        return self.decimals


def currency(code: str) -> Currency:
    """Look a currency up by its code.

    Raises:
        UnknownCurrency: no currency, present or withdrawn, has this code.

    >>> currency("KWD").decimals
    3
    >>> currency("HRK").withdrawn
    '2023-01'
    >>> currency("eur")
    Traceback (most recent call last):
    salesmgmt.core.currency.UnknownCurrency: 'eur' is not a currency code; did you mean EUR? ...
    """
    try:
        return _table()[code]
    except (KeyError, TypeError):
        raise UnknownCurrency(code) from None


def currencies() -> tuple[Currency, ...]:
    """All currencies by code, withdrawn ones included.

    >>> [known.code for known in currencies() if known.decimals == 4]
    ['CLF', 'UYW']
    """
    return tuple(_table().values())


@cache
def _table() -> dict[str, Currency]:
    from importlib.resources import files  # noqa: PLC0415 - read when the first amount is made, not on import

    text = files("salesmgmt.core").joinpath("iso4217.csv").read_text(encoding="utf-8")
    table = {}
    for row in text.splitlines()[1:]:
        code, numeric, decimals, name, withdrawn = row.split(",")
        table[code] = Currency(code, numeric, int(decimals) if decimals else None, name, withdrawn or None)
    return table
