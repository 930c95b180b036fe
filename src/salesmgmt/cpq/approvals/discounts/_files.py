"""Discount records from a CSV file."""

from __future__ import annotations

from pathlib import Path

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.cpq._sheet import FLAG, INTEGER, NUMBER, PERCENT, TEXT, Sheet, choice, texts
from salesmgmt.cpq.approvals.discounts.record import Consequence, DiscountRecord

_COLUMNS = {
    "id": TEXT,
    "role": TEXT,
    "product": TEXT,
    "family": TEXT,
    "category": TEXT,
    "segment": TEXT,
    "deal_from": NUMBER,
    "deal_below": NUMBER,
    "max_percent": PERCENT,
    "min_margin_percent": PERCENT,
    "floor_price": NUMBER,
    "reasons": texts("reason codes, parted by semicolons"),
    "over": choice(Consequence),
    "roles": texts("roles, parted by semicolons"),
    "level": INTEGER,
    "overrides": FLAG,
}

_AMOUNTS = ("deal_from", "deal_below", "floor_price")


def read_records(file: Path, currency: str) -> tuple[DiscountRecord, ...]:
    """The records of a file; amounts are in the currency of the policy. Raises `InvalidInput` with all faults."""
    sheet = Sheet(file, _COLUMNS)
    records = []
    for row in sheet.rows():
        cells = dict(row.cells)
        for name in _AMOUNTS:
            if name in cells:
                cells[name] = Money(cells[name], currency)
        cells.setdefault("id", f"{file.name} row {row.number}")
        try:
            records.append(DiscountRecord(row=row.number, **cells))
        except InvalidInput as fault:
            sheet.add(row, fault, {})
    if sheet.problems:
        raise InvalidInput(sheet.name, sheet.problems)
    return tuple(records)
