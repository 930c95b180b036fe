"""A compiled frequency table: the chance of a lead, in whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any

import attrs

from salesmgmt.core.exact import add
from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.leads.scoring.frequencies.prediction import Factor, Prediction, probability_of_odds
from salesmgmt.pipeline.leads.scoring.frequencies.record import STAGE, TAG, LeadOutcome, LeadRecord
from salesmgmt.pipeline.leads.scoring.frequencies.table import FrequencyRow, FrequencyTable

_CERTAIN = {LeadOutcome.WON: Percent(100), LeadOutcome.LOST: Percent(0)}


@attrs.frozen
class _Value:
    """What a value multiplies the odds with, and how that is told."""

    for_won: int
    for_lost: int
    factor: Factor


@attrs.frozen
class _Team:
    """The prior of a team and what each value says among its leads."""

    won: int
    lost: int
    values: dict[tuple[str, str], _Value]


class FrequencyScorer:
    """A compiled `FrequencyTable`: immutable, thread-safe, and pickled as its table.

    A lead is scored on the counts of its team. Without a team, or with one that the table does not know, it is scored on the sum of
    the rows of all teams, smoothing included. Made by `FrequencyTable.compile()`.

    Attributes:
        table: the table it was made from.
    """

    __slots__ = ("_all", "_teams", "table")

    def __init__(self, table: FrequencyTable) -> None:
        self.table = table
        # A tag that few leads had says nothing about its team, and nothing to the sum of all.
        few = table.policy.min_tag_count
        rows = [row for row in table.rows if row.field != TAG or add(row.won, row.lost) >= few]
        self._teams = {
            team: _team(table, (row for row in rows if row.team == team))
            for team in {row.team for row in table.rows if row.team}
        }
        self._all = _team(table, _summed(rows))

    def __reduce__(self) -> tuple[Any, ...]:
        return FrequencyTable.compile, (self.table,)

    def predict(self, lead: LeadRecord) -> Prediction:
        """Return the chance that a lead is won; one that is closed has 100 % or 0 %.

        Values that the table does not know are passed over, each tag is a factor of its own. The result depends on the table and the
        lead, on nothing else.

        >>> from salesmgmt.pipeline.leads import FrequencyTable, LeadRecord
        >>> scorer = FrequencyTable(stages=["new"]).compile()
        >>> scorer.predict(LeadRecord(stage="new")).probability
        Measured(None, flag='no_history', n=0)
        """
        if lead.outcome is not None:
            return Prediction(probability=Measured(_CERTAIN[lead.outcome]))
        if not lead.stage:
            return Prediction(probability=Measured(None, "no_stage"))
        team = self._teams.get(lead.team, self._all)
        if not team.won or not team.lost:
            return Prediction(probability=Measured(None, "no_history"))
        won, lost = team.won, team.lost
        factors = []
        for key in self._keys(lead):
            value = team.values.get(key)
            if value is not None:
                won *= value.for_won
                lost *= value.for_lost
                factors.append(value.factor)
        return Prediction(
            probability=probability_of_odds(won, lost, self.table.policy), factors=tuple(factors)
        )

    def _keys(self, lead: LeadRecord) -> Iterator[tuple[str, str]]:
        yield STAGE, lead.stage
        for field, value in lead.fields.items():
            if value or field in self.table.policy.missing_counts:
                yield field, value
        for tag in sorted(lead.tags):
            yield TAG, tag


def _summed(rows: Iterable[FrequencyRow]) -> Iterator[FrequencyRow]:
    """The rows of all teams as those of one."""
    sums: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for row in rows:
        won, lost = sums.get((row.field, row.value), (Decimal(0), Decimal(0)))
        sums[row.field, row.value] = add(won, row.won), add(lost, row.lost)
    for (field, value), (won, lost) in sums.items():
        yield FrequencyRow(field=field, value=value, won=won, lost=lost)


def _team(table: FrequencyTable, rows: Iterable[FrequencyRow]) -> _Team:
    known = list(rows)
    totals: dict[str, tuple[Decimal, Decimal]] = {}
    for row in known:
        won, lost = totals.get(row.field, (Decimal(0), Decimal(0)))
        totals[row.field] = add(won, row.won), add(lost, row.lost)
    first = next((row for row in known if row.field == STAGE and row.value in table.stages[:1]), None)
    prior = (first.won, first.lost) if first else (Decimal(0), Decimal(0))
    # The first stage holds all leads; adding up the stages would count a lead once a stage.
    totals[STAGE] = prior
    scale = lcm(*(count.as_integer_ratio()[1] for row in known for count in (row.won, row.lost)))
    whole = {row.key: (_times(row.won, scale), _times(row.lost, scale)) for row in known}
    values = {}
    for row in known:
        won_total, lost_total = totals[row.field]
        if not won_total or not lost_total or not (row.won or row.lost):
            continue
        times_won, times_lost = whole[row.key]
        factor = Factor(
            field=row.field,
            value=row.value,
            won=row.won,
            won_total=won_total,
            lost=row.lost,
            lost_total=lost_total,
            cumulative=row.field == STAGE,
        )
        # The totals change sides, so that nothing is divided.
        values[row.field, row.value] = _Value(
            times_won * _times(lost_total, scale), times_lost * _times(won_total, scale), factor
        )
    return _Team(_times(prior[0], scale), _times(prior[1], scale), values)


def _times(count: Decimal, scale: int) -> int:
    return int(Fraction(count) * scale)
