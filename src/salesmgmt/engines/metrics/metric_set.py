"""Metrics that are known together, and computed together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from salesmgmt.core.findings import Finding, duplicate_ids, refuse_errors
from salesmgmt.core.formula import Schema, Value
from salesmgmt.core.measured import Measured
from salesmgmt.engines.metrics._plan import Plan, Tally
from salesmgmt.engines.metrics.facts import FactKind
from salesmgmt.engines.metrics.figure import Figure
from salesmgmt.engines.metrics.metric import Metric, kind_of


def _unique(_set: MetricSet, _field: attrs.Attribute[Any], metrics: tuple[Metric, ...]) -> None:
    refuse_errors("the set of metrics", duplicate_ids("metrics", (metric.id for metric in metrics)))


def _in_order(metrics: Iterable[Metric]) -> tuple[Metric, ...]:
    return tuple(metrics)


@attrs.frozen(repr=False)
class MetricSet:
    """Metrics with different ids; `|` joins two sets.

    Attributes:
        metrics: the definitions, in order.

    Raises:
        InvalidDefinition: two metrics have one id.

    >>> from salesmgmt.core.formula import TEXT, Schema
    >>> from salesmgmt.engines.metrics import Count, Metric, MetricSet
    >>> known = MetricSet([
    ...     Metric(id="deals", facts="deal", aggregate=Count()),
    ...     Metric(id="deals_won", facts="deal", aggregate=Count("status == 'won'")),
    ... ])
    >>> figures = known.compile(Schema({"status": TEXT})).measure([{"status": "won"}, {"status": "open"}])
    >>> figures["deals_won"].value
    Decimal('1')
    """

    metrics: tuple[Metric, ...] = attrs.field(converter=_in_order, validator=_unique)

    def __or__(self, other: MetricSet) -> MetricSet:
        """The metrics of both; raises `InvalidDefinition` when an id stands in both."""
        return MetricSet((*self.metrics, *other.metrics))

    def __iter__(self) -> Iterator[Metric]:
        return iter(self.metrics)

    def __len__(self) -> int:
        return len(self.metrics)

    def __getitem__(self, id_: str) -> Metric:
        """The metric of an id; raises `KeyError`."""
        for metric in self.metrics:
            if metric.id == id_:
                return metric
        raise KeyError(id_)

    def __repr__(self) -> str:
        return f"MetricSet({', '.join(metric.id for metric in self.metrics)})"

    def over(self, facts: str) -> MetricSet:
        """Return the metrics over one kind of facts.

        >>> from salesmgmt.engines.metrics import Count, Metric, MetricSet
        >>> MetricSet([Metric(id="deals", facts="deal", aggregate=Count())]).over("lead")
        MetricSet()
        """
        return MetricSet(metric for metric in self.metrics if metric.facts == facts)

    def lint(self, facts: FactKind | Schema) -> tuple[Finding, ...]:
        """Return what is wrong with the metrics over rows of `facts`; see `Metric.lint`."""
        return tuple(finding for metric in self.metrics for finding in metric.lint(facts))

    def compile(self, facts: FactKind | Schema, *, currency: str | None = None) -> SetMeasurer:
        """Make what measures all metrics of the set in one pass over the rows.

        Args:
            facts: the kind of the rows: metrics over other kinds are left out. With a bare schema all are compiled.
            currency: of the zero that a sum of no amounts is; without it such a sum is undefined.

        Raises:
            InvalidDefinition: a metric cannot work over these rows; every finding is listed.
        """
        kind = kind_of(facts)
        chosen = self.over(kind.name) if kind.name else self
        refuse_errors("the set of metrics", chosen.lint(kind))
        return SetMeasurer(chosen, kind, currency)


class SetMeasurer:
    """Metrics compiled for one kind of rows; see `Measurer`, which measures one.

    Made by `MetricSet.compile`. A condition or an aggregate that several metrics share is computed once.

    Attributes:
        metrics: the definitions.
        facts: the kind of the rows.
        currency: of the zero that a sum of no amounts is.
    """

    __slots__ = ("_plan", "currency", "facts", "metrics")

    def __init__(self, metrics: MetricSet, facts: FactKind, currency: str | None) -> None:
        self.metrics, self.facts, self.currency = metrics, facts, currency
        self._plan = Plan((metric.aggregate for metric in metrics), facts, currency)

    def measure(self, rows: Iterable[object]) -> dict[str, Measured[Figure]]:
        """Compute every metric of all rows, by id.

        Raises:
            EvaluationError: a value is not of its declared type, or a formula has no answer for a row.
        """
        return self._measured(self._plan.tally(rows))

    def by(self, rows: Iterable[object], key: str) -> dict[str, dict[Value | None, Measured[Figure]]]:
        """Compute every metric of each group of rows: by id, then by key; see `Measurer.by`."""
        found: Mapping[Value | None, Tally] = self._plan.tallies(rows, key)
        by_key = {its: self._measured(tally) for its, tally in found.items()}
        return {
            metric.id: {its: figures[metric.id] for its, figures in by_key.items()} for metric in self.metrics
        }

    def _measured(self, tally: Tally) -> dict[str, Measured[Figure]]:
        outcomes = zip(self.metrics, self._plan.outcomes(tally), strict=True)
        return {metric.id: metric.measured(outcome) for metric, outcome in outcomes}

    def __repr__(self) -> str:
        return f"SetMeasurer({len(self.metrics)} metrics over {self.facts.name!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return SetMeasurer, (self.metrics, self.facts, self.currency)
