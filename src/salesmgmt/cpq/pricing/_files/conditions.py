"""Condition records from a CSV file, and the scales that they name from a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.money import Money
from salesmgmt.cpq._sheet import (
    CURRENCY,
    DAY_OR_INSTANT,
    FLAG,
    INTEGER,
    NUMBER,
    PERCENT,
    TEXT,
    Row,
    Sheet,
    required,
    texts,
)
from salesmgmt.cpq.pricing._files.reading import Facts, named, read_definition, read_records, unknown
from salesmgmt.cpq.pricing.condition import ConditionRecord, ConditionType
from salesmgmt.cpq.pricing.scales.scale import Scale

_COLUMNS = {
    "id": TEXT,
    "type": required(TEXT),
    "amount": NUMBER,
    "currency": CURRENCY,
    "percent": PERCENT,
    "scale": TEXT,
    "per_quantity": NUMBER,
    "min_quantity": NUMBER,
    "max_quantity": NUMBER,
    "uom": TEXT,
    "valid_from": DAY_OR_INSTANT,
    "valid_to": DAY_OR_INSTANT,
    "priority": INTEGER,
    "combinable": FLAG,
    "excludes": texts("ids of steps, parted by semicolons"),
    "lower_limit": NUMBER,
    "upper_limit": NUMBER,
    "reason": TEXT,
    "version": INTEGER,
}


@attrs.frozen(kw_only=True)
class _ScalesFile:
    scales: tuple[Scale, ...]


def read_scales(file: Path, problems: list[Problem]) -> Mapping[str, Scale]:
    """The scales of `scales.toml`, by id."""
    read = read_definition(file, _ScalesFile, problems)
    found: dict[str, Scale] = {}
    for position, scale in enumerate(read.scales if read is not None else ()):
        place = f"{file.name}: scales[{position}].id"
        if not scale.id:
            problems.append(Problem(place, "missing", None, "an id that records can name"))
        elif found.setdefault(scale.id, scale) is not scale:
            problems.append(Problem(place, "duplicate", shorten(scale.id), "each id once"))
    return found


def read_conditions(
    file: Path,
    problems: list[Problem],
    *,
    facts: Facts,
    types: Mapping[str, ConditionType] | None,
    scales: Mapping[str, Scale] | None,
) -> tuple[ConditionRecord, ...]:
    """The records of `conditions.csv`.

    Args:
        file: the file.
        problems: where its faults are noted.
        facts: the facts that keys and conditions may name.
        types: the condition types; `None` when they cannot be known.
        scales: the scales; `None` when they cannot be known.
    """
    columns = {**_COLUMNS, "condition": facts.condition}
    sheet = Sheet(file, columns, further=facts.column, names=facts.names)

    def make(row: Row) -> ConditionRecord:
        cells = named(row, ConditionRecord.FILE)
        key = {name: cells.pop(name) for name in list(cells) if name not in _FIELDS}
        amount, currency = cells.pop("amount", None), cells.pop("currency", None)
        name = cells.pop("scale", None)
        faults = []
        if amount is not None and currency is None:
            faults.append(Problem("currency", "missing", None, "the currency of the amount"))
        elif amount is not None:
            cells["amount"] = Money(amount, currency)
        elif currency is not None:
            faults.append(Problem("amount", "missing", None, "an amount in the currency, or no currency"))
        if types is not None and cells["type"] not in types:
            faults.append(attrs.evolve(unknown("condition type", cells["type"], types), path="type"))
        if name is not None and scales is not None:
            cells["scale"] = scales.get(name)
            if cells["scale"] is None:
                faults.append(attrs.evolve(unknown("scale", name, scales), path="scale"))
        if faults:
            raise InvalidInput("condition record", faults)
        return ConditionRecord(key=key, **cells)

    found = read_records(sheet, make)
    problems += sheet.problems
    return found


_FIELDS = frozenset({*_COLUMNS, "condition", "row"})
