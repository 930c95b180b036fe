"""Parts of a sample that take turns: each is judged by what the others taught."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.engines.calibration._checked import listed_of, paired


def stratified_folds(outcomes: Iterable[bool], *, folds: int = 5, seed: int = 0) -> tuple[int, ...]:
    """Put each record into one of `folds` parts that have about the same size and share of successes.

    Stratified cross-validation (Breiman, Friedman, Olshen & Stone 1984; Kohavi 1995, IJCAI). The same outcomes in the same order
    and the same seed give the same parts, on every machine.

    Args:
        outcomes: of the records.
        folds: how many parts, at least 2.
        seed: of the shuffling.

    Returns:
        The number of the part of each record, from 0 on. Successes differ by at most one between parts; so do failures.

    Raises:
        InvalidInput: an outcome is none, there are fewer than 2 parts, or the seed is no whole number.

    >>> from salesmgmt.engines.calibration import stratified_folds
    >>> parts = stratified_folds([True] * 3 + [False] * 6, folds=3, seed=7)
    >>> sorted(parts[:3]), sorted(parts[3:])
    ([0, 1, 2], [0, 0, 1, 1, 2, 2])
    """
    listed = listed_of(outcomes, "outcomes")
    told = paired([0.0] * len(listed), listed, "records")
    if type(folds) is not int or folds < 2:
        raise InvalidInput(
            "cross-validation", [Problem("folds", "range", shorten(folds), "at least 2 parts")]
        )
    if type(seed) is not int:
        # Without one, or with one that is no number, the parts would be others each time.
        raise InvalidInput(
            "cross-validation", [Problem("seed", "wrong_type", shorten(seed), "a whole number")]
        )
    # `random()` alone is promised to give the same numbers in every version of Python.
    dice = Random(seed)  # noqa: S311 - which record is in which part is no secret
    drawn = sorted((success, dice.random(), place) for place, success in enumerate(told))
    parts = [0] * len(told)
    failures = len(told) - sum(told)
    for number, (success, _, place) in enumerate(drawn):
        # Successes are dealt from the other end, so that no part gets one more of both.
        parts[place] = (folds - 1 - (number - failures) % folds) if success else number % folds
    return tuple(parts)
