"""The pricing model: a procedure and the records it works with, read from a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import InvalidInput, shorten
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.cpq.pricing import _files
from salesmgmt.cpq.pricing.lint import lint
from salesmgmt.cpq.pricing.price_index import PriceIndex
from salesmgmt.cpq.pricing.pricer import Pricer
from salesmgmt.cpq.pricing.procedure import PricingProcedure
from salesmgmt.cpq.pricing.records import OptionRecord, PriceRecord, TierRecord
from salesmgmt.cpq.pricing.scale import ScaleIndex
from salesmgmt.cpq.products import Catalogue


def _tuple(records: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(records)


@attrs.frozen(kw_only=True)
class PricingModel:
    """Everything a price depends on, beside the request.

    Attributes:
        procedure: the steps.
        prices: the price records.
        tiers: the quantity tiers.
        options: the extras of options.
        catalogue: the products, for families and costs; when it is empty, any product may be named.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import ListPrice, PriceRecord, PricingModel, PricingProcedure, RoundLines
    >>> model = PricingModel(
    ...     procedure=PricingProcedure(id="plain", steps=(ListPrice(id="list"), RoundLines(id="cents"))),
    ...     prices=[PriceRecord(id="p-1", product="dock", price=Money("850.00", "CNY"))],
    ... )
    >>> model.lint()
    ()
    """

    procedure: PricingProcedure
    prices: tuple[PriceRecord, ...] = attrs.field(converter=_tuple)
    tiers: tuple[TierRecord, ...] = attrs.field(default=(), converter=_tuple)
    options: tuple[OptionRecord, ...] = attrs.field(default=(), converter=_tuple)
    catalogue: Catalogue = attrs.field(factory=Catalogue)

    @classmethod
    def load(cls, folder: Path | str, *, catalogue: Catalogue | None = None) -> PricingModel:
        """Read a model from a folder and lint it.

        The files: `procedure.toml` and `prices.csv`; where there are any, `tiers.csv`, `options.csv` and
        `products.csv`. Their columns:

        - prices: `product`, `currency`, `amount` of a unit, and any of `id`, `customer`, `segment`, `valid_from`,
          `valid_to`;
        - tiers: `product` or `family`, `lower`, and any of `id`, `upper`; then `percent`, or `unit_price` and
          `currency`;
        - options: `product`, `attribute`, `value`, `currency`, `amount` for a unit, and maybe `id`;
        - products: as `Catalogue.load` says.

        Args:
            folder: where the files are.
            catalogue: the products, when the host has them already; then `products.csv` is not read.

        Raises:
            InvalidInput: the files have faults; the faults of all files are listed, with file, row and column.
            InvalidDefinition: they cannot work together; all findings are listed.
        """
        place = Path(folder)
        problems = []
        procedure = None
        try:
            procedure = load_definition(place / "procedure.toml", PricingProcedure)
        except InvalidInput as error:
            problems += [
                attrs.evolve(problem, path=f"procedure.toml: {problem.path}") for problem in error.problems
            ]
        records = _files.read_records(place)
        problems += records.problems
        if catalogue is None:
            catalogue = Catalogue()
            if (place / "products.csv").exists():
                try:
                    catalogue = Catalogue.load(place / "products.csv")
                except InvalidInput as error:
                    problems += error.problems
        if problems or procedure is None:
            raise InvalidInput(f"pricing model {shorten(place.name)}", problems)
        model = cls(
            procedure=procedure,
            prices=records.prices,
            tiers=records.tiers,
            options=records.options,
            catalogue=catalogue,
        )
        model._refuse_errors()
        return model

    def lint(self) -> tuple[Finding, ...]:
        """Find what cannot work, or may not work as meant.

        Returns:
            All findings; see `salesmgmt.cpq.pricing.lint` for their codes.
        """
        return lint(self)

    def compile(self) -> Pricer:
        """Make the pricer; raises `InvalidDefinition` when the model cannot work."""
        self._refuse_errors()
        return Pricer(self, PriceIndex(self.prices), ScaleIndex(self.tiers))

    def _refuse_errors(self) -> None:
        refuse_errors(f"pricing model {shorten(self.procedure.id)}", self.lint())
