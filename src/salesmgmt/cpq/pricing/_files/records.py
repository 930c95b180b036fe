"""Price records, tiers and options from CSV files."""

from __future__ import annotations

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.money import Money
from salesmgmt.cpq._sheet import CURRENCY, DATE, NUMBER, PERCENT, TEXT, Row, required
from salesmgmt.cpq.pricing._files.reading import named
from salesmgmt.cpq.pricing.records import OptionRecord, PriceRecord, TierRecord

PRICES = {
    "id": TEXT,
    "product": required(TEXT),
    "currency": required(CURRENCY),
    "amount": required(NUMBER),
    "customer": TEXT,
    "segment": TEXT,
    "valid_from": DATE,
    "valid_to": DATE,
}
"""The columns of `prices.csv`."""

TIERS = {
    "id": TEXT,
    "product": TEXT,
    "family": TEXT,
    "lower": required(NUMBER),
    "upper": NUMBER,
    "percent": PERCENT,
    "unit_price": NUMBER,
    "currency": CURRENCY,
}
"""The columns of `tiers.csv`."""

OPTIONS = {
    "id": TEXT,
    "product": required(TEXT),
    "attribute": required(TEXT),
    "value": required(TEXT),
    "currency": required(CURRENCY),
    "amount": required(NUMBER),
}
"""The columns of `options.csv`."""

COLUMN_OF = {"price": "amount", "extra": "amount"}
"""The column of a field, where its name is another."""


def price(row: Row) -> PriceRecord:
    """The price record of a row."""
    cells = named(row, PriceRecord.FILE)
    amount = Money(cells.pop("amount"), cells.pop("currency"))
    return PriceRecord(price=amount, **cells)


def tier(row: Row) -> TierRecord:
    """The tier of a row."""
    cells = named(row, TierRecord.FILE)
    amount, currency = cells.pop("unit_price", None), cells.pop("currency", None)
    if (amount is None) != (currency is None):
        missing = "unit_price" if amount is None else "currency"
        problem = Problem(missing, "missing", None, "a unit price and its currency, or neither")
        raise InvalidInput("tier", [problem])
    return TierRecord(unit_price=None if amount is None else Money(amount, currency), **cells)


def option(row: Row) -> OptionRecord:
    """The option of a row."""
    cells = named(row, OptionRecord.FILE)
    extra = Money(cells.pop("amount"), cells.pop("currency"))
    return OptionRecord(extra=extra, **cells)
