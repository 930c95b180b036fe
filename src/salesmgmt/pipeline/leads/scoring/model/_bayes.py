"""Naive Bayes over encoded fields: counts of won and lost leads, and the log-odds that follow."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import log

from salesmgmt.pipeline.leads.scoring.model._encoding import Encoded
from salesmgmt.pipeline.leads.scoring.model.definition import DECIMALS
from salesmgmt.pipeline.leads.scoring.model.field import FieldKind

_MILLION: int = 10**DECIMALS

Counts = list[list[int]]
"""Of each code, how many lost leads and how many won ones."""


def count(field: Encoded, won: Sequence[bool], parts: Sequence[int], folds: int) -> list[Counts]:
    """Count each part by itself, so that all but one of them cost no second pass."""
    tables: list[Counts] = [[[0, 0] for _ in range(field.size)] for _ in range(folds)]
    for codes, outcome, part in zip(field.codes, won, parts, strict=True):
        table = tables[part]
        for code in codes:
            table[code][outcome] += 1
    return tables


def added(tables: Sequence[Counts]) -> Counts:
    """The counts of several parts together."""
    return [
        [sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)]
        for pairs in zip(*tables, strict=True)
    ]


def without(whole: Counts, part: Counts) -> Counts:
    """The counts of all other parts."""
    return [[one[0] - other[0], one[1] - other[1]] for one, other in zip(whole, part, strict=True)]


def weights(field: Encoded, counts: Counts, lost: int, won: int, smoothing: Fraction) -> list[int]:
    """Return the log-odds of each code, in millionths.

    ln(((won_v + s) / (won + s K)) / ((lost_v + s) / (lost + s K))) over the K values of the field and the leads that have one of
    them, with s = 1 as Laplace (1814) has it. Of tags each one is there or not, which makes K = 2 over all leads.
    """
    if field.kind is FieldKind.TAGS:
        among, kinds = (lost, won), 2
    else:
        among, kinds = (sum(pair[0] for pair in counts), sum(pair[1] for pair in counts)), field.size
    beside = [float(all_of_them + smoothing * kinds) for all_of_them in among]
    extra = float(smoothing)
    return [
        millionths(log((pair[1] + extra) / beside[1]) - log((pair[0] + extra) / beside[0])) for pair in counts
    ]


def base(lost: int, won: int) -> int:
    """The log-odds of a lead of which nothing is known, in millionths."""
    return millionths(log(won) - log(lost))


def millionths(log_odds: float) -> int:
    """Log-odds as whole millionths."""
    return round(log_odds * _MILLION)


def area_of_counts(counts: Counts, beside: tuple[int, int]) -> float | None:
    """How well the values part won from lost by their share of won leads, on the leads that were counted themselves.

    Args:
        counts: of each value.
        beside: how many lost and won leads have none of them; they are one more value.
    """
    values = [pair for pair in (*counts, [*beside]) if sum(pair)]
    lost, won = sum(pair[0] for pair in values), sum(pair[1] for pair in values)
    if not lost or not won:
        return None
    values.sort(key=lambda pair: Fraction(pair[1], pair[0] + pair[1]))
    below = area = 0
    for one_lost, one_won in values:
        area += one_won * (2 * below + one_lost)
        below += one_lost
    return area / (2 * lost * won)
