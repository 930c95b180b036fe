"""The check of a cycle: every figure with its target, its attainment and its signals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import TypeAlias

import attrs

from salesmgmt.core.errors import SalesError
from salesmgmt.core.formula import BOOL, MONEY, NUMBER, PERCENT, SET, TEXT, Schema, Type, Value
from salesmgmt.core.measured import AnyMeasured, Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.engines.metrics import Direction, Figure, Metric, Unit, number_of, unit_of
from salesmgmt.sfe.check.attainment import Attainment, team_attainment
from salesmgmt.sfe.check.control_chart import IndividualsChart, Side, Signal, individuals_chart
from salesmgmt.sfe.plan.target import Target

Actuals: TypeAlias = Mapping[str, Mapping[str, AnyMeasured]]
"""What was measured (figures), by metric, then by subject."""

History: TypeAlias = Mapping[tuple[str, str], Sequence[Figure]]
"""The figures of earlier periods in order of time, by subject and metric."""

_NOTHING: Measured[Figure] = Measured(None, "not_measured")


class NotChecked(SalesError, LookupError):
    """A figure was asked for that a check does not have."""

    code = "not_checked"

    def __init__(self, subject: str, metric: str) -> None:
        self.subject = subject
        self.metric = metric
        super().__init__(
            f"the check has no figure {metric} of {subject}",
            hint="measure that metric, or give the subject a target",
        )


@attrs.frozen(kw_only=True)
class ScoreLine:
    """One figure of one subject.

    Attributes:
        subject: the person, team or territory.
        metric: id of the metric.
        direction: which way it should go.
        unit: what it counts in; `None` when the metric was not defined.
        actual: what was measured.
        target: what was wanted; `None` when nothing was.
        attainment: the one against the other.
        chart: the control chart of the earlier periods, or `insufficient_history`.
        signals: the rules of the chart that the present figure completes.
    """

    subject: str
    metric: str
    direction: Direction
    unit: Unit | None
    actual: Measured[Figure]
    target: Figure | None
    attainment: Attainment
    chart: Measured[IndividualsChart]
    signals: tuple[Signal, ...]


@attrs.frozen(kw_only=True)
class Check:
    """What a cycle finds when it checks.

    Attributes:
        period: the period of the figures.
        as_of: the business date it is made for.
        lines: the figures, by subject, then in the order of the metrics.
        unassigned: the figures of facts that belong to nobody, by metric.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from salesmgmt.core.measured import AnyMeasured, Measured
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.sfe.check import check_figures
    >>> from salesmgmt.sfe.plan import Target
    >>> october = Period.month(2026, 10)
    >>> check = check_figures(
    ...     {"calls": {"li.wei": Measured(Decimal(45), n=45)}},
    ...     period=october,
    ...     as_of=date(2026, 10, 31),
    ...     targets=[Target(subject="li.wei", metric="calls", period=october, value=Decimal(60))],
    ... )
    >>> check.line("li.wei", "calls").attainment.ratio.value
    Percent('75')
    """

    period: Period
    as_of: date
    lines: tuple[ScoreLine, ...]
    unassigned: Mapping[str, AnyMeasured] = attrs.field(factory=dict, hash=False)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Whom it has figures of."""
        return tuple(self._scorecards)

    @cached_property
    def _scorecards(self) -> dict[str, tuple[ScoreLine, ...]]:
        return {subject: tuple(lines) for subject, lines in groupby(self.lines, lambda line: line.subject)}

    def scorecard(self, subject: str) -> tuple[ScoreLine, ...]:
        """Return all figures of a subject."""
        return self._scorecards.get(subject, ())

    def line(self, subject: str, metric: str) -> ScoreLine:
        """Return one figure; raises `NotChecked`."""
        for line in self.scorecard(subject):
            if line.metric == metric:
                return line
        raise NotChecked(subject, metric)

    def figures(self, metric: str) -> dict[str, Figure | None]:
        """Return a metric by subject; `None` where it is undefined."""
        return {line.subject: line.actual.value for line in self.lines if line.metric == metric}

    def team(self, metric: str, members: Iterable[str] | None = None) -> Measured[Percent]:
        """Return the attainment of a team in a metric that adds up, by `team_attainment`.

        Args:
            metric: the metric: an amount or a count; a ratio is rolled up from its parts instead.
            members: the subjects of the team; all by default.
        """
        wanted = None if members is None else frozenset(members)
        return team_attainment(
            (line.actual.value, line.target)
            for line in self.lines
            if line.metric == metric and (wanted is None or line.subject in wanted)
        )

    @property
    def schema(self) -> Schema:
        """The names that the conditions of action rules may use, see `ActionRule`."""
        types: dict[str, Type] = {"subject": TEXT}
        for metric in dict.fromkeys(line.metric for line in self.lines):
            kind = self._type(metric)
            types |= {
                f"{metric}.actual": kind,
                f"{metric}.target": kind,
                f"{metric}.variance": kind,
                f"{metric}.attainment": PERCENT,
                f"{metric}.signals": SET[TEXT],
                f"{metric}.signal_low": BOOL,
                f"{metric}.signal_high": BOOL,
            }
        return Schema(types)

    def values(self, subject: str) -> dict[str, Value | None]:
        """Return the figures of a subject under the names of `schema`."""
        values: dict[str, Value | None] = {"subject": subject}
        for line in self.scorecard(subject):
            sides = {signal.side for signal in line.signals}
            values |= {
                f"{line.metric}.actual": line.actual.value,
                f"{line.metric}.target": line.target,
                f"{line.metric}.variance": line.attainment.variance.value,
                f"{line.metric}.attainment": line.attainment.ratio.value,
                f"{line.metric}.signals": frozenset(signal.rule.value for signal in line.signals),
                f"{line.metric}.signal_low": Side.BELOW in sides,
                f"{line.metric}.signal_high": Side.ABOVE in sides,
            }
        return values

    def _type(self, metric: str) -> Type:
        lines = [line for line in self.lines if line.metric == metric]
        unit = lines[0].unit
        figures = (line.target if line.actual.value is None else line.actual.value for line in lines)
        figure = next((figure for figure in figures if figure is not None), None)
        if unit is not None:
            return unit.type
        return MONEY if isinstance(figure, Money) else PERCENT if isinstance(figure, Percent) else NUMBER


def check_figures(
    actuals: Actuals,
    *,
    period: Period,
    as_of: date,
    targets: Iterable[Target] = (),
    metrics: Iterable[Metric] = (),
    history: History | None = None,
) -> Check:
    """Hold figures against targets and against their own history.

    Args:
        actuals: what was measured. A subject with a target and no figure gets one that is undefined (`not_measured`).
        period: the period of the figures; targets of other periods are left out.
        as_of: the business date of the check.
        targets: what was wanted.
        metrics: their definitions, for direction and unit; without one, higher is better.
        history: earlier periods of a figure; from eight on there are limits and signals.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from salesmgmt.core.measured import Measured
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.sfe.check import check_figures
    >>> calls = {("li", "calls"): [Decimal(n) for n in (10, 12, 11, 13, 12, 11, 12, 11)]}
    >>> check = check_figures(
    ...     {"calls": {"li": Measured(Decimal(20))}}, period=Period.month(2026, 10), as_of=date(2026, 10, 31), history=calls
    ... )
    >>> [signal.rule.value for signal in check.line("li", "calls").signals]
    ['beyond_3_sigma']
    """
    definitions = {metric.id: metric for metric in metrics}
    wanted = {(target.subject, target.metric): target.value for target in targets if target.period == period}
    pairs = dict.fromkeys([(who, metric) for metric, by_subject in actuals.items() for who in by_subject])
    pairs |= dict.fromkeys(wanted)
    order = {metric: place for place, metric in enumerate(dict.fromkeys(metric for _, metric in pairs))}
    lines = []
    for subject, metric in sorted(pairs, key=lambda pair: (pair[0], order[pair[1]])):
        actual = actuals.get(metric, {}).get(subject, _NOTHING)
        target = wanted.get((subject, metric))
        definition = definitions.get(metric)
        direction = definition.direction if definition else Direction.HIGHER_IS_BETTER
        chart, signals = _signals(actual.value, (history or {}).get((subject, metric), ()))
        lines.append(
            ScoreLine(
                subject=subject,
                metric=metric,
                direction=direction,
                unit=definition.unit if definition else None,
                actual=actual,
                target=target,
                attainment=Attainment.of(actual.value, target, direction),
                chart=chart,
                signals=signals,
            )
        )
    return Check(period=period, as_of=as_of, lines=tuple(lines))


def history_of(checks: Iterable[Check]) -> dict[tuple[str, str], tuple[Figure, ...]]:
    """Return the figures of earlier checks as the history of the next one; undefined figures are left out.

    Args:
        checks: in order of time.

    >>> from salesmgmt.sfe.check import history_of
    >>> history_of([])
    {}
    """
    figures: dict[tuple[str, str], list[Figure]] = {}
    for check in checks:
        for line in check.lines:
            if line.actual.value is not None:
                figures.setdefault((line.subject, line.metric), []).append(line.actual.value)
    return {key: tuple(values) for key, values in figures.items()}


def _signals(
    figure: Figure | None, history: Sequence[Figure]
) -> tuple[Measured[IndividualsChart], tuple[Signal, ...]]:
    """Make the chart of the earlier figures and judge the present one by it."""
    if len({unit_of(one) for one in (*history, *(() if figure is None else (figure,)))}) > 1:
        return Measured(None, "unit_mismatch", n=len(history)), ()
    numbers = [number_of(one) for one in history]
    chart = individuals_chart(numbers)
    if chart.value is None or figure is None:
        return chart, ()
    series = [*numbers, number_of(figure)]
    return chart, chart.value.signals(series, since=len(series))
