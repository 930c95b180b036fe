"""What records refer to, from CSV files: products and categories, units, exchange rates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.units import Unit, UnitTable, UnknownUnit
from salesmgmt.cpq._sheet import CURRENCY, DATE, NUMBER, TEXT, Row, Sheet, required
from salesmgmt.cpq.products import Catalogue

_CATEGORIES = {"category": required(TEXT), "parent": TEXT}
_UNITS = {"code": required(TEXT), "base": TEXT, "factor": NUMBER, "per": NUMBER}
_RATES = {
    "base": required(CURRENCY),
    "quote": required(CURRENCY),
    "rate": required(NUMBER),
    "date": required(DATE),
}

MOST_UNITS = 1_000
"""Units of one file at most."""


def read_catalogue(products: Path | None, categories: Path | None, problems: list[Problem]) -> Catalogue:
    """The catalogue of `products.csv` and `categories.csv`, of which either may be absent; faults are noted."""
    tree: Mapping[str, str] = {}
    if categories is not None:
        tree = _read_categories(categories, problems)
    try:
        return Catalogue(categories=tree) if products is None else Catalogue.load(products, categories=tree)
    except InvalidInput as error:
        # What stands in a row says so; what is wrong with the whole only names one of the two files.
        for problem in error.problems:
            table = problem.path.partition("[")[0]
            if table in ("products", "categories"):
                problem = attrs.evolve(problem, path=f"{table}.csv")  # noqa: PLW2901 - the same fault, better placed
            problems.append(problem)
    return Catalogue()


def _read_categories(file: Path, problems: list[Problem]) -> Mapping[str, str]:
    sheet = Sheet(file, _CATEGORIES)
    tree: dict[str, str] = {}
    for row in sheet.rows():
        category = row.cells["category"]
        if category in tree:
            sheet.refuse(row, "category", Problem("", "duplicate", shorten(category), "each category once"))
        tree[category] = parent = row.cells.get("parent", "")
        if parent == category:
            sheet.refuse(row, "parent", Problem("", "cycle", shorten(parent), "another category"))
    problems += sheet.problems
    return {category: parent for category, parent in tree.items() if parent not in ("", category)}


def read_units(file: Path, problems: list[Problem]) -> UnitTable:
    """The standard units with those of `units.csv`, each in terms of one above it; faults are noted."""
    sheet = Sheet(file, _UNITS)
    table = UnitTable.standard()
    seen: set[str] = set()
    for number, row in enumerate(sheet.rows()):
        code = row.cells["code"]
        if number == MOST_UNITS:
            sheet.refuse(row, "code", Problem("", "too_many", "more units", f"at most {MOST_UNITS} units"))
            break
        if code in seen:
            sheet.refuse(row, "code", Problem("", "duplicate", shorten(code), "each unit once"))
            continue
        seen.add(code)
        try:
            table = _with_unit(table, row)
        except SalesError as error:
            column = _faulty(row, error)
            wanted = "a unit that goes with those above it"
            sheet.refuse(row, column, Problem("", error.code, shorten(code), wanted, str(error)))
    problems += sheet.problems
    return table


def _with_unit(table: UnitTable, row: Row) -> UnitTable:
    cells = row.cells
    code, base = cells["code"], cells.get("base", cells["code"])
    factor, per = cells.get("factor", 1), cells.get("per", 1)
    if base == code:
        return table.with_unit(Unit(code, code, factor, per))
    return table.with_conversion(code, base, factor, per=per)


def _faulty(row: Row, error: SalesError) -> str:
    """The column at fault when a unit is refused."""
    if isinstance(error, UnknownUnit):
        return "base"
    figures = (name for name in ("factor", "per") if row.cells.get(name, 1) <= 0)
    return next(figures, "code")


def read_rates(file: Path, problems: list[Problem]) -> ExchangeRates:
    """The exchange rates of `rates.csv`; faults are noted."""
    sheet = Sheet(file, _RATES)
    quotes: dict[tuple[str, str, date], ExchangeRate] = {}
    for row in sheet.rows():
        cells = row.cells
        key = cells["base"], cells["quote"], cells["date"]
        try:
            quote = ExchangeRate(cells["base"], cells["quote"], cells["rate"], cells["date"])
        except SalesError as error:
            column = "quote" if cells["base"] == cells["quote"] else "rate"
            wanted = "another currency than the base" if column == "quote" else "more than zero"
            sheet.refuse(row, column, Problem("", error.code, str(cells[column]), wanted))
            continue
        if quotes.setdefault(key, quote) is not quote:
            wanted = "one rate of two currencies for a day"
            sheet.refuse(row, "date", Problem("", "duplicate", str(quote), wanted))
    problems += sheet.problems
    return ExchangeRates(quotes.values())
