"""Whether seven of ten things come that were given 70 %: reliability, bin by bin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from math import fsum, pi, sqrt

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option
from salesmgmt.engines.calibration._checked import paired, probabilities
from salesmgmt.engines.statistics import wilson_interval

_MOST_BINS = 1_000


class Binning(StrEnum):
    """How probabilities are put into bins.

    >>> from salesmgmt.engines.calibration import Binning
    >>> Binning("equal_mass").name
    'EQUAL_MASS'
    """

    EQUAL_WIDTH = "equal_width"
    """From 0 to 0.1, to 0.2, and so on; a bound belongs to the bin above it. Bins that hold nothing are left out."""
    EQUAL_MASS = "equal_mass"
    """About as many in each; equal probabilities always share a bin."""


@attrs.frozen(kw_only=True)
class ReliabilityBin:
    """The probabilities of one bin, and what came of them.

    Attributes:
        n: how many there are, at least 1.
        successes: how many of them succeeded.
        low: the least probability among them.
        high: the greatest.
        mean: their mean: what was foreseen.
        chance_error: the standard error that the share of successes would have if the probabilities were right.

    >>> from salesmgmt.engines.calibration import reliability_table
    >>> bins = reliability_table([0.1, 0.2, 0.7, 0.9], [False, False, True, True], bins=2)
    >>> [(one.n, round(one.mean, 2), one.observed) for one in bins]
    [(2, 0.15, 0.0), (2, 0.8, 1.0)]
    """

    n: int
    successes: int
    low: float
    high: float
    mean: float
    chance_error: float

    @property
    def observed(self) -> float:
        """The share of successes: what came."""
        return self.successes / self.n

    @property
    def gap(self) -> float:
        """How far what came lies above what was foreseen."""
        return self.observed - self.mean

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval of the share of successes after Wilson (1927).

        >>> from salesmgmt.engines.calibration import reliability_table
        >>> low, high = reliability_table([0.3] * 263, [True] * 81 + [False] * 182)[0].interval()
        >>> round(low, 4), round(high, 4)
        (0.2553, 0.3662)
        """
        return wilson_interval(self.successes, self.n, confidence)


def reliability_table(
    chances: Iterable[float],
    outcomes: Iterable[bool],
    *,
    bins: int = 10,
    binning: Binning | str = Binning.EQUAL_WIDTH,
) -> tuple[ReliabilityBin, ...]:
    """Return what was foreseen and what came, bin by bin (Murphy & Winkler 1977, Applied Statistics 26).

    Args:
        chances: from 0 to 1.
        outcomes: what came of them, as many.
        bins: how many there are at most, from 1 to 1000.
        binning: how they are made.

    Raises:
        InvalidInput: a probability is none, there are not as many outcomes, or not so many bins.
        UnknownOption: there is no such binning.

    >>> from salesmgmt.engines.calibration import reliability_table
    >>> [one.n for one in reliability_table([0.1, 0.2, 0.2, 0.9], [0, 0, 1, 1], bins=2, binning="equal_mass")]
    [3, 1]
    """
    given = probabilities(chances)
    told = paired(given, outcomes, "probabilities")
    if type(bins) is not int or not 1 <= bins <= _MOST_BINS:
        raise InvalidInput(
            "reliability table", [Problem("bins", "range", str(bins), f"from 1 to {_MOST_BINS}")]
        )
    pairs = sorted(zip(given, told, strict=True))
    if option(Binning, binning, "the binning") is Binning.EQUAL_WIDTH:
        split: Iterator[list[tuple[float, bool]]] = (
            list(group) for _, group in groupby(pairs, key=lambda pair: min(int(pair[0] * bins), bins - 1))
        )
    else:
        split = _by_mass(pairs, bins)
    return tuple(_bin(group) for group in split)


def expected_calibration_error(table: Sequence[ReliabilityBin]) -> float | None:
    """Return the mean distance between what was foreseen and what came, over the bins by their numbers.

    Naeini, Cooper & Hauskrecht (2015), AAAI. It depends on the bins, and is above 0 by chance alone: compare it with
    `calibration_error_by_chance`. `None` for a table without bins.

    >>> from salesmgmt.engines.calibration import expected_calibration_error, reliability_table
    >>> round(expected_calibration_error(reliability_table([0.1, 0.2, 0.7, 0.9], [0, 0, 1, 1], bins=2)), 6)
    0.175
    """
    n = sum(one.n for one in table)
    return fsum(one.n * abs(one.gap) for one in table) / n if n else None


def calibration_error_by_chance(table: Sequence[ReliabilityBin]) -> float | None:
    """Return the calibration error to be expected of probabilities that are exactly right.

    The gap of a bin is then nearly normal around 0, and the mean of its distance from 0 is sqrt(2 / pi) standard errors
    (de Moivre 1733). `None` for a table without bins.

    >>> from salesmgmt.engines.calibration import calibration_error_by_chance, reliability_table
    >>> round(calibration_error_by_chance(reliability_table([0.5] * 100, [True, False] * 50)), 6)
    0.039894
    """
    n = sum(one.n for one in table)
    return sqrt(2 / pi) * fsum(one.n * one.chance_error for one in table) / n if n else None


def _by_mass(pairs: Sequence[tuple[float, bool]], bins: int) -> Iterator[list[tuple[float, bool]]]:
    """Whole groups of equal probabilities, a bin closed as soon as it has its share of all."""
    taken, held = 0, []
    closed = 0
    for _, group in groupby(pairs, key=lambda pair: pair[0]):
        held += list(group)
        reached = (taken + len(held)) * bins // len(pairs)
        if reached > closed:
            yield held
            taken, held, closed = taken + len(held), [], reached
    if held:
        yield held


def _bin(group: Sequence[tuple[float, bool]]) -> ReliabilityBin:
    n = len(group)
    mean = fsum(chance for chance, _ in group) / n
    return ReliabilityBin(
        n=n,
        successes=sum(success for _, success in group),
        low=group[0][0],
        high=group[-1][0],
        # Rounding must not carry the mean beyond what it is the mean of.
        mean=min(max(mean, group[0][0]), group[-1][0]),
        chance_error=sqrt(fsum(chance * (1 - chance) for chance, _ in group)) / n,
    )
