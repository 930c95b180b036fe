"""A pricing folder: which files it has, and what they hold together."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exchange import ExchangeRates
from salesmgmt.core.formula import declare
from salesmgmt.core.nearest import nearest
from salesmgmt.core.units import UnitTable
from salesmgmt.cpq._sheet import Column, Row, Sheet
from salesmgmt.cpq.pricing._files import records
from salesmgmt.cpq.pricing._files.conditions import read_conditions, read_scales
from salesmgmt.cpq.pricing._files.price_lists import RULES, read_price_lists
from salesmgmt.cpq.pricing._files.promotions import read_promotions
from salesmgmt.cpq.pricing._files.reading import (
    Facts,
    R,
    read_definition,
    read_records,
    refuse_extremes,
)
from salesmgmt.cpq.pricing._files.tables import read_catalogue, read_rates, read_units
from salesmgmt.cpq.pricing.condition import ConditionRecord
from salesmgmt.cpq.pricing.names import NAMES
from salesmgmt.cpq.pricing.price_lists.price_list import PriceLists
from salesmgmt.cpq.pricing.procedure import PricingProcedure
from salesmgmt.cpq.pricing.promotions import PromotionSet
from salesmgmt.cpq.pricing.records import OptionRecord, PriceRecord, TierRecord
from salesmgmt.cpq.pricing.standard import STANDARD
from salesmgmt.cpq.products import Catalogue

PROCEDURE, CATEGORIES, PRODUCTS = "procedure.toml", "categories.csv", "products.csv"
PRICES, TIERS, OPTIONS = PriceRecord.FILE, TierRecord.FILE, OptionRecord.FILE
UNITS, RATES = "units.csv", "rates.csv"
CONDITIONS, SCALES = ConditionRecord.FILE, "scales.toml"
LISTS, PROMOTIONS = "price_lists.toml", "promotions.toml"

KNOWN = (
    PROCEDURE, PRICES, TIERS, OPTIONS, PRODUCTS, CATEGORIES, UNITS, RATES, CONDITIONS, SCALES, LISTS, RULES, PROMOTIONS,
)  # fmt: skip
"""The files of a pricing folder."""

NEIGHBOURS = ("policy.toml",)
"""Files of other parts that may lie in the same folder: the approval policy."""

SOURCES = (PRICES, LISTS, CONDITIONS)
"""The files of which at least one must be there, for without one nothing has a price."""


@attrs.frozen(kw_only=True)
class Contents:
    """What a pricing folder holds; the fields are those of `PricingModel`, but what promotions need stands together."""

    procedure: PricingProcedure
    prices: tuple[PriceRecord, ...]
    tiers: tuple[TierRecord, ...]
    options: tuple[OptionRecord, ...]
    conditions: tuple[ConditionRecord, ...]
    price_lists: PriceLists
    promotions: PromotionSet
    catalogue: Catalogue
    units: UnitTable
    rates: ExchangeRates


def read_folder(folder: Path, catalogue: Catalogue | None) -> Contents:
    """Read all files of a folder.

    Args:
        folder: where they are.
        catalogue: the products, when the host has them already; then those of the folder are not read.

    Raises:
        InvalidInput: there are faults; all of all files are listed.
    """
    what = f"pricing model {shorten(folder.name)}"
    problems: list[Problem] = []
    there = _listed(folder, problems)
    if there is None:
        raise InvalidInput(what, problems)
    if catalogue is not None:
        there -= {PRODUCTS, CATEGORIES}
    contents = _Reader(folder, there, problems).read(catalogue)
    if problems:
        raise InvalidInput(what, problems)
    return contents


def _listed(folder: Path, problems: list[Problem]) -> set[str] | None:
    """The files of the folder that are known; `None` when it cannot be read."""
    there = set()
    try:
        with os.scandir(folder) as entries:
            found = {entry.name: entry.is_file() for entry in entries}
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        problems.append(
            Problem(f"the folder {shorten(str(folder))}", "unreadable", reason, "a folder with pricing files")
        )
        return None
    for name, is_file in sorted(found.items()):
        if name in KNOWN and not is_file:
            problems.append(Problem(name, "unreadable", "no regular file", "a readable file"))
        elif name in KNOWN:
            there.add(name)
        elif name not in NEIGHBOURS and _looks_like_ours(name):
            close = nearest(name, KNOWN)
            hint = f"did you mean {close!r}?" if close else "move it elsewhere"
            wanted = f"only the files {', '.join(KNOWN)}"
            problems.append(Problem(shorten(name), "unknown_file", shorten(name), wanted, hint))
    if not found.keys() & set(SOURCES):
        wanted = f"at least one of {', '.join(SOURCES)}"
        problems.append(Problem("the folder", "no_prices", None, wanted))
    if RULES in there and LISTS not in found:
        problems.append(Problem(LISTS, "missing", None, f"the lists of the rules in {RULES}"))
    return there


def _looks_like_ours(name: str) -> bool:
    """Whether a file could be meant to be one of the folder; notes and hidden files are nobody's business."""
    ending = Path(name).suffix.casefold()
    return not name.startswith(".") and bool(ending) and nearest(ending, (".csv", ".toml")) is not None


class _Reader:
    """Reads the files that are there, one after the other, so that what refers to something comes after it."""

    def __init__(self, folder: Path, there: set[str], problems: list[Problem]) -> None:
        self._folder = folder
        self._there = there
        self._problems = problems

    def read(self, catalogue: Catalogue | None) -> Contents:
        problems = self._problems
        procedure = self._procedure()
        facts = Facts(None if procedure is None else declare(procedure.facts, NAMES).schema)
        prices = self._records(PRICES, records.PRICES, records.price)
        tiers = self._records(TIERS, records.TIERS, records.tier)
        options = self._records(OPTIONS, records.OPTIONS, records.option)
        if catalogue is None:
            catalogue = read_catalogue(self._file(PRODUCTS), self._file(CATEGORIES), problems)
        units, rates = self._file(UNITS), self._file(RATES)
        return Contents(
            procedure=procedure or STANDARD,
            prices=prices,
            tiers=tiers,
            options=options,
            conditions=self._conditions(procedure, facts),
            price_lists=self._price_lists(facts),
            promotions=self._promotions(),
            catalogue=catalogue,
            units=UnitTable.standard() if units is None else read_units(units, problems),
            rates=ExchangeRates(()) if rates is None else read_rates(rates, problems),
        )

    def _file(self, name: str) -> Path | None:
        return self._folder / name if name in self._there else None

    def _procedure(self) -> PricingProcedure | None:
        """The procedure; `None` when its file has faults."""
        file = self._file(PROCEDURE)
        if file is None:
            return STANDARD
        procedure = read_definition(file, PricingProcedure, self._problems)
        if procedure is not None:
            refuse_extremes(f"{file.name}: steps", procedure.steps, self._problems)
        return procedure

    def _conditions(self, procedure: PricingProcedure | None, facts: Facts) -> tuple[ConditionRecord, ...]:
        before = len(self._problems)
        scales_file, file = self._file(SCALES), self._file(CONDITIONS)
        scales = {} if scales_file is None else read_scales(scales_file, self._problems)
        if file is None:
            return ()
        return read_conditions(
            file,
            self._problems,
            facts=facts,
            types=None if procedure is None else {one.id: one for one in procedure.condition_types},
            scales=scales if len(self._problems) == before else None,
        )

    def _price_lists(self, facts: Facts) -> PriceLists:
        file = self._file(LISTS)
        has_rules = RULES in self._there
        lists = None if file is None else read_price_lists(file, self._problems, rules=has_rules, facts=facts)
        return lists or PriceLists(lists=())

    def _promotions(self) -> PromotionSet:
        file = self._file(PROMOTIONS)
        return PromotionSet() if file is None else read_promotions(file, self._problems)

    def _records(self, name: str, columns: Mapping[str, Column], make: Callable[[Row], R]) -> tuple[R, ...]:
        file = self._file(name)
        if file is None:
            return ()
        sheet = Sheet(file, columns)
        found = read_records(sheet, make, records.COLUMN_OF)
        self._problems += sheet.problems
        return found
