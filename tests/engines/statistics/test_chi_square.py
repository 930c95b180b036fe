from __future__ import annotations

from math import exp

import pytest

from salesmgmt.engines.statistics import chi_square_p


@pytest.mark.parametrize("x", [0.01, 0.5, 2, 5.991, 20, 100])
def test_with_even_degrees_of_freedom_the_tail_is_a_sum_of_poisson_terms(x: float) -> None:
    # Abramowitz & Stegun 1964, 26.4.21
    half = x / 2

    assert chi_square_p(x, 2) == pytest.approx(exp(-half), rel=1e-12)
    assert chi_square_p(x, 4) == pytest.approx(exp(-half) * (1 + half), rel=1e-12)
    assert chi_square_p(x, 6) == pytest.approx(exp(-half) * (1 + half + half**2 / 2), rel=1e-12)


@pytest.mark.parametrize(
    ("x", "df", "p"),
    [
        (3.841459, 1, 0.05),
        (6.634897, 1, 0.01),
        (7.814728, 3, 0.05),
        (18.307038, 10, 0.05),
        (124.342113, 100, 0.05),
    ],
)
def test_the_tail_beyond_the_values_of_the_tables(x: float, df: int, p: float) -> None:
    # NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.4
    assert chi_square_p(x, df) == pytest.approx(p, rel=1e-6)


def test_no_difference_is_no_surprise() -> None:
    assert chi_square_p(0, 7) == 1


@pytest.mark.parametrize(("x", "df"), [(-1, 2), (1, 0), (float("nan"), 2)])
def test_what_is_no_statistic_is_refused(x: float, df: int) -> None:
    with pytest.raises(ValueError, match="chi-square"):
        chi_square_p(x, df)
