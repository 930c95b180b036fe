"""Figures of subjects, measured from facts by the definitions of `engines.metrics`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.measured import AnyMeasured
from salesmgmt.engines.metrics import FactKind, Metric, MetricSet


@attrs.frozen(kw_only=True)
class Measurement:
    """What was measured.

    Attributes:
        actuals: the figures, by metric, then by subject.
        unassigned: the figures of the rows that belong to nobody, by metric.
    """

    actuals: Mapping[str, Mapping[str, AnyMeasured]]
    unassigned: Mapping[str, AnyMeasured]


def measure(
    metrics: Iterable[Metric],
    facts: Mapping[FactKind, Iterable[object]],
    *,
    subject: str = "owner",
    subjects: Iterable[str] = (),
    currency: str | None = None,
) -> Measurement:
    """Measure every metric for every subject, in one pass over each kind of facts.

    Args:
        metrics: the definitions, of any room.
        facts: the rows of each kind.
        subject: the name of a row (or a formula over one, a text) whose value is its subject.
        subjects: who gets a figure even without any row: nothing done is a count of zero, not a gap.
        currency: of a sum of no amounts.

    Returns:
        The figures: each subject that any row or `subjects` names has one of each metric.

    Raises:
        InvalidInput: the facts of a metric are not given; all are listed.
        InvalidDefinition: two metrics have one id, or one cannot work over its facts.

    >>> from salesmgmt.core.formula import TEXT, Schema
    >>> from salesmgmt.engines.metrics import Count, FactKind, Metric
    >>> from salesmgmt.sfe.check import measure
    >>> visits = FactKind("visit", Schema({"owner": TEXT}))
    >>> measured = measure(
    ...     [Metric(id="visits", facts="visit", aggregate=Count())],
    ...     {visits: [{"owner": "li"}, {"owner": "li"}]},
    ...     subjects=["ann"],
    ... )
    >>> {who: figure.value for who, figure in measured.actuals["visits"].items()}
    {'ann': Decimal('0'), 'li': Decimal('2')}
    """
    known = MetricSet(metrics)
    kinds = {kind.name for kind in facts}
    missing = [metric for metric in known if metric.facts not in kinds]
    if missing:
        wanted = f"one of the given facts: {', '.join(sorted(kinds)) or 'none'}"
        problems = [
            Problem(f"metrics.{metric.id}.facts", "no_facts", metric.facts, wanted) for metric in missing
        ]
        raise InvalidInput("the facts of a check", problems)
    found: dict[str, dict[str, AnyMeasured]] = {metric.id: {} for metric in known}
    nothing: dict[str, AnyMeasured] = {}
    unassigned: dict[str, AnyMeasured] = {}
    for kind, rows in facts.items():
        measurer = known.compile(kind, currency=currency)
        nothing |= measurer.measure(())
        for metric, by_subject in measurer.by(rows, subject).items():
            found[metric] = {str(who): figure for who, figure in by_subject.items() if who is not None}
            if None in by_subject:
                unassigned[metric] = by_subject[None]
    everybody = sorted({*subjects, *(who for by_subject in found.values() for who in by_subject)})
    actuals = {
        metric: {who: by_subject.get(who, nothing[metric]) for who in everybody}
        for metric, by_subject in found.items()
    }
    return Measurement(actuals=actuals, unassigned=unassigned)
