"""A compiled model: the score of a lead, with its evidence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.formula import Values
from salesmgmt.core.percent import Percent
from salesmgmt.engines.statistics import probability_of
from salesmgmt.pipeline.leads.lead import Lead
from salesmgmt.pipeline.leads.score import Evidence, Score
from salesmgmt.pipeline.leads.scoring.model.definition import DECIMALS, STEP, FieldWeights, LeadModel
from salesmgmt.pipeline.leads.scoring.model.field import (
    FieldKind,
    category_of,
    is_missing,
    kind_of,
    number_of,
)

_Weighed = tuple[int, Evidence]
_Reader = Callable[[object], tuple[_Weighed, ...]]

_MILLION = 10**DECIMALS
_LEAST, _MOST = Decimal("0.01"), Decimal("99.99")
_NOTHING: tuple[_Weighed, ...] = ()


class LeadScorer:
    """A compiled `LeadModel`: immutable, thread-safe, and pickled as its model.

    Made by `LeadModel.compile()`.

    Attributes:
        model: the model it was made from.
        digest: of the model.
    """

    __slots__ = ("_bands", "_base", "_chance", "_custom", "_facts", "_own", "_readers", "digest", "model")

    def __init__(self, model: LeadModel) -> None:
        self.model = model
        self.digest = model.digest
        base = model.base.quantize(STEP, context=CONTEXT)
        self._base: _Weighed = (int(base * _MILLION), Evidence(field="base rate", log_odds=base))
        self._readers = {field.name: _reader(field) for field in model.fields}
        names = list(self._readers)
        self._custom = [
            (name, name.removeprefix("lead.fields.")) for name in names if name.startswith("lead.fields.")
        ]
        own = [name for name in names if name.startswith("lead.") and not name.startswith("lead.fields.")]
        self._own = [(name, name.removeprefix("lead.")) for name in own]
        self._facts = [name for name in names if not name.startswith("lead.")]
        self._bands = tuple(sorted(model.bands, key=lambda band: -band.minimum))
        self._chance = probability_of if model.calibration is None else model.calibration.probability

    def __reduce__(self) -> tuple[Any, ...]:
        return LeadModel.compile, (self.model,)

    def score(self, lead: Lead, facts: Values | None = None) -> Score:
        """Return the score of a lead.

        Args:
            lead: the lead.
            facts: values of the further names that the model knows; one that is absent counts as missing.

        >>> from datetime import UTC, datetime
        >>> from decimal import Decimal
        >>> from salesmgmt.pipeline.leads import FieldWeights, Lead, LeadModel
        >>> model = LeadModel(id="b2b", base=Decimal("-1"), fields=(
        ...     FieldWeights(name="lead.source", kind="category", weights={"fair": Decimal("1.5")}),))
        >>> lead = Lead(id="l1", source="fair", created_at=datetime(2026, 1, 1, tzinfo=UTC))
        >>> score = model.compile().score(lead)
        >>> score.points, str(score.log_odds), [(one.field, one.value) for one in score.evidence]
        (62, '0.500000', [('base rate', ''), ('lead.source', 'fair')])
        """
        custom = lead.fields
        values: dict[str, object] = {name: getattr(lead, attribute) for name, attribute in self._own}
        for name, key in self._custom:
            values[name] = custom.get(key)
        if facts:
            for name in self._facts:
                values[name] = facts.get(name)
        return self.score_values(values)

    def score_values(self, values: Mapping[str, object]) -> Score:
        """Return the score of a lead whose values are given by the names of the model's fields.

        A value that the model does not know, or that is of another kind than those it learnt from, is passed over.
        """
        millionths, evidence = self._base[0], [self._base[1]]
        for name, read in self._readers.items():
            for weight, told in read(values.get(name)):
                millionths += weight
                evidence.append(told)
        log_odds = Decimal(millionths).scaleb(-DECIMALS, CONTEXT)
        percent = Decimal(f"{100 * self._chance(millionths / _MILLION):.2f}")
        percent = min(max(percent, _LEAST), _MOST)
        points = round(percent)
        return Score(
            points=points,
            band=next((band.name for band in self._bands if points >= band.minimum), None),
            card=self.model.id,
            card_version=self.model.version,
            digest=self.digest,
            probability=Percent(percent),
            log_odds=log_odds,
            evidence=tuple(evidence),
        )


def _weighed(name: str, value: str, log_odds: Decimal) -> _Weighed:
    return int(log_odds * _MILLION), Evidence(field=name, value=value, log_odds=log_odds)


def _reader(field: FieldWeights) -> _Reader:
    """What reads a value of the field into what it says."""
    missing = _NOTHING if field.missing is None else (_weighed(field.name, "missing", field.missing),)
    if field.kind is FieldKind.NUMBER:
        return _number_reader(field, missing)
    known = {value: _weighed(field.name, value, log_odds) for value, log_odds in field.weights.items()}

    def read_category(value: object) -> tuple[_Weighed, ...]:
        if is_missing(value):
            return missing
        # A text is by far the commonest.
        if type(value) is not str and kind_of(value) is not FieldKind.CATEGORY:
            return _NOTHING
        found = known.get(category_of(value))
        return _NOTHING if found is None else (found,)

    def read_tags(value: object) -> tuple[_Weighed, ...]:
        if is_missing(value):
            return missing
        if kind_of(value) is not FieldKind.TAGS:
            return _NOTHING
        return tuple(known[tag] for tag in sorted(set(value)) if tag in known)  # type: ignore[call-overload]

    return read_category if field.kind is FieldKind.CATEGORY else read_tags


def _number_reader(field: FieldWeights, missing: tuple[_Weighed, ...]) -> _Reader:
    bins = [(_weighed(field.name, field.label(place), one),) for place, one in enumerate(field.bins)]
    edges = field.edges

    def read_number(value: object) -> tuple[_Weighed, ...]:
        if is_missing(value):
            return missing
        if kind_of(value) is not FieldKind.NUMBER:
            return _NOTHING
        return bins[bisect_right(edges, number_of(value))]

    return read_number
