"""A model of leads as data: what each value says, and how that becomes a probability."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import option
from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.findings import Finding, duplicate_ids, refuse_errors
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.engines.calibration import IsotonicMap, PlattMap
from salesmgmt.pipeline.leads.scoring.card import Band
from salesmgmt.pipeline.leads.scoring.model.field import FieldKind, path_problem

if TYPE_CHECKING:
    from salesmgmt.pipeline.leads.scoring.model.scorer import LeadScorer

LARGEST_LOG_ODDS = Decimal(100)
"""No value says more: e^100 to one is beyond any history."""

DECIMALS = 6
"""Of log-odds at most. Whole millionths add up exactly, and fast."""

STEP = Decimal(1).scaleb(-DECIMALS)
"""The finest log-odds."""


def _kind(given: FieldKind | str) -> FieldKind:
    return option(FieldKind, given, "the kind of a field")


def _frozen(weights: Mapping[str, Decimal]) -> FrozenMap[str, Decimal]:
    return FrozenMap(weights)


@attrs.frozen(kw_only=True)
class FieldWeights:
    """What the values of one field say.

    Attributes:
        name: of the field.
        kind: how it is read.
        weights: of a category or tags, the log-odds of each value that is known; others are passed over.
        edges: of a number, the bounds of its bins, rising; a bound belongs to the bin above it.
        bins: of a number, the log-odds of each bin: one more than there are edges.
        missing: the log-odds of having no value; `None` when that is passed over.

    >>> from decimal import Decimal
    >>> from salesmgmt.pipeline.leads import FieldWeights
    >>> FieldWeights(name="visits", kind="number", edges=(Decimal(3),), bins=(Decimal("-0.4"), Decimal("0.3"))).label(1)
    '3 and more'
    """

    name: str
    kind: FieldKind = attrs.field(converter=_kind)
    weights: Mapping[str, Decimal] = attrs.field(factory=dict, converter=_frozen)
    edges: tuple[Decimal, ...] = ()
    bins: tuple[Decimal, ...] = ()
    missing: Decimal | None = None

    def label(self, number: int) -> str:
        """Return a bin in words."""
        if not self.edges:
            return "any number"
        if number == 0:
            return f"below {self.edges[0]:f}"
        if number == len(self.edges):
            return f"{self.edges[-1]:f} and more"
        return f"{self.edges[number - 1]:f} to below {self.edges[number]:f}"

    def lint(self) -> Iterator[Finding]:
        """Yield what is wrong with these weights."""
        where = f"fields.{self.name}"
        problem = path_problem(self.name, where)
        if problem:
            yield Finding(
                code=problem.code, where=where, message="no model may use it", hint=f"give {problem.wanted}"
            )
        if self.kind is FieldKind.NUMBER:
            if self.weights or len(self.bins) != len(self.edges) + 1:
                message = f"{len(self.edges)} edges, {len(self.bins)} bins and {len(self.weights)} weights"
                yield Finding(
                    code="bins_and_edges",
                    where=where,
                    message=message,
                    hint="give a number one bin more than edges, and no weights",
                )
            finite = all(edge.is_finite() for edge in self.edges)
            if not finite or any(after <= before for before, after in pairwise(self.edges)):
                yield Finding(
                    code="edges_order",
                    where=where,
                    message="its edges are no numbers that rise",
                    hint="put them in order, each once",
                )
        elif self.edges or self.bins:
            yield Finding(
                code="bins_and_edges",
                where=where,
                message=f"a field of kind {self.kind} has edges or bins",
                hint="give it weights by value",
            )
        yield from self._lint_sizes(where)

    def _lint_sizes(self, where: str) -> Iterator[Finding]:
        named = [*self.weights.items(), *((self.label(place), one) for place, one in enumerate(self.bins))]
        for value, log_odds in named if self.missing is None else [*named, ("missing", self.missing)]:
            yield from lint_log_odds(log_odds, f"{where}.{value}")


def lint_log_odds(log_odds: Decimal, where: str) -> Iterator[Finding]:
    """Yield an error for log-odds that are too large or too fine.

    >>> from decimal import Decimal
    >>> from salesmgmt.pipeline.leads.scoring.model.definition import lint_log_odds
    >>> [finding.code for finding in lint_log_odds(Decimal(400), "base")]
    ['log_odds']
    """
    if (
        not log_odds.is_finite()
        or abs(log_odds) > LARGEST_LOG_ODDS
        or log_odds != log_odds.quantize(STEP, context=CONTEXT)
    ):
        yield Finding(
            code="log_odds",
            where=where,
            message=f"log-odds of {log_odds}",
            hint=f"give at most {LARGEST_LOG_ODDS} either way, with at most {DECIMALS} decimals",
        )


@attrs.frozen(kw_only=True)
class LeadModel:
    """A model as data, as `fit_lead_model` makes it: keep it with `Codec`, load it, compile it once.

    The log-odds of a lead are the base and what its values say, added up; the calibration makes a probability of them.

    Attributes:
        id: name of the model.
        version: raised with each fit.
        base: the log-odds of a lead of which nothing is known.
        fields: what the values say.
        calibration: how log-odds become probabilities; without one they are taken at their word.
        bands: of the probability in whole percent, in any order.

    >>> from decimal import Decimal
    >>> from salesmgmt.pipeline.leads import FieldWeights, LeadModel
    >>> model = LeadModel(id="b2b", base=Decimal("-1.1"), fields=(
    ...     FieldWeights(name="lead.source", kind="category", weights={"fair": Decimal("1.1")}),))
    >>> model.compile().score_values({"lead.source": "fair"}).probability
    Percent('50.00')
    """

    id: str
    version: int = 1
    base: Decimal
    fields: tuple[FieldWeights, ...]
    calibration: PlattMap | IsotonicMap | None = None
    bands: tuple[Band, ...] = ()

    @classmethod
    def load(cls, path: Path | str) -> LeadModel:
        """Read a model from a TOML file.

        Raises:
            InvalidInput: the file is no such definition; all problems are listed.
            InvalidDefinition: the model cannot work; all findings are listed.
        """
        model = load_definition(path, cls)
        refuse_errors(f"lead model {model.id}", model.lint())
        return model

    @property
    def digest(self) -> str:
        """SHA-256 of the model: equal models have equal digests."""
        return digest_of(self)

    def compile(self) -> LeadScorer:
        """Return the scorer of this model; raises `InvalidDefinition` when it cannot work."""
        from salesmgmt.pipeline.leads.scoring.model.scorer import LeadScorer  # noqa: PLC0415 - it holds models

        refuse_errors(f"lead model {self.id}", self.lint())
        return LeadScorer(self)

    def lint(self) -> Iterator[Finding]:
        """Yield what is wrong or doubtful in this model."""
        yield from lint_log_odds(self.base, "base")
        yield from duplicate_ids("fields", (field.name for field in self.fields))
        yield from duplicate_ids("bands", (band.name for band in self.bands))
        for field in self.fields:
            yield from field.lint()
        for band in self.bands:
            if not 0 <= band.minimum <= 100:
                yield Finding(
                    code="unreachable_band",
                    where=f"bands.{band.name}",
                    message=f"its minimum is {band.minimum} %",
                    hint="give from 0 to 100",
                )
        if isinstance(self.calibration, PlattMap) and self.calibration.slope < 0:
            yield Finding(
                code="reversed_calibration",
                where="calibration.slope",
                message="what speaks for a lead would make it less likely",
                hint="fit the model anew",
            )
