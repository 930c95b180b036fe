"""Price records, tiers and options from CSV files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.money import Money
from salesmgmt.cpq._sheet import CURRENCY, DATE, NUMBER, PERCENT, TEXT, Column, Row, Sheet, required
from salesmgmt.cpq.pricing.records import OptionRecord, PriceRecord, TierRecord

R = TypeVar("R", PriceRecord, TierRecord, OptionRecord)

_PRICES = {
    "id": TEXT,
    "product": required(TEXT),
    "currency": required(CURRENCY),
    "amount": required(NUMBER),
    "customer": TEXT,
    "segment": TEXT,
    "valid_from": DATE,
    "valid_to": DATE,
}
_TIERS = {
    "id": TEXT,
    "product": TEXT,
    "family": TEXT,
    "lower": required(NUMBER),
    "upper": NUMBER,
    "percent": PERCENT,
    "unit_price": NUMBER,
    "currency": CURRENCY,
}
_OPTIONS = {
    "id": TEXT,
    "product": required(TEXT),
    "attribute": required(TEXT),
    "value": required(TEXT),
    "currency": required(CURRENCY),
    "amount": required(NUMBER),
}


@attrs.frozen
class Records:
    """What the files of a folder hold.

    Attributes:
        prices: of `prices.csv`.
        tiers: of `tiers.csv`.
        options: of `options.csv`.
        problems: every fault in them.
    """

    prices: tuple[PriceRecord, ...]
    tiers: tuple[TierRecord, ...]
    options: tuple[OptionRecord, ...]
    problems: tuple[Problem, ...]


def read_records(folder: Path) -> Records:
    """Read the files of a folder; `tiers.csv` and `options.csv` may be absent."""
    problems: list[Problem] = []

    def read(
        name: str, columns: Mapping[str, Column], make: Callable[[Row], R], *, asked: bool
    ) -> tuple[R, ...]:
        file = folder / name
        if not asked and not file.exists():
            return ()
        sheet = Sheet(file, columns)
        found = _read(sheet, make)
        problems.extend(sheet.problems)
        return found

    return Records(
        read("prices.csv", _PRICES, _price, asked=True),
        read("tiers.csv", _TIERS, _tier, asked=False),
        read("options.csv", _OPTIONS, _option, asked=False),
        tuple(problems),
    )


_COLUMN_OF = {"price": "amount", "extra": "amount"}


def _read(sheet: Sheet, make: Callable[[Row], R]) -> tuple[R, ...]:
    found: dict[str, R] = {}
    for row in sheet.rows():
        try:
            record = make(row)
        except InvalidInput as fault:
            sheet.add(row, fault, _COLUMN_OF)
            continue
        if found.setdefault(record.id, record) is not record:
            place = sheet.place(row.number, "id")
            sheet.problems.append(Problem(place, "duplicate", shorten(record.id), "each id once"))
    return tuple(found.values())


def _price(row: Row) -> PriceRecord:
    cells = dict(row.cells)
    price = Money(cells.pop("amount"), cells.pop("currency"))
    return PriceRecord(price=price, **_named(cells, row, PriceRecord.FILE))


def _tier(row: Row) -> TierRecord:
    cells = dict(row.cells)
    amount, currency = cells.pop("unit_price", None), cells.pop("currency", None)
    if (amount is None) != (currency is None):
        missing = "unit_price" if amount is None else "currency"
        problem = Problem(missing, "missing", None, "a unit price and its currency, or neither")
        raise InvalidInput("tier", [problem])
    price = None if amount is None else Money(amount, currency)
    return TierRecord(unit_price=price, **_named(cells, row, TierRecord.FILE))


def _option(row: Row) -> OptionRecord:
    cells = dict(row.cells)
    extra = Money(cells.pop("amount"), cells.pop("currency"))
    return OptionRecord(extra=extra, **_named(cells, row, OptionRecord.FILE))


def _named(cells: dict[str, Any], row: Row, file: str) -> dict[str, Any]:
    return {"id": f"{file} row {row.number}", **cells, "row": row.number}
