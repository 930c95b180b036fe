from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.engines.matching import Level, Likeness, match_probability, match_weight, prior_weight

SHARE = st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(999, 1000), max_denominator=1000)


@given(SHARE, st.lists(st.tuples(SHARE, SHARE), max_size=6))
def test_the_probability_is_bayes_theorem(prior: Fraction, levels: list[tuple[Fraction, Fraction]]) -> None:
    same = prior * math.prod(m for m, _ in levels)
    different = (1 - prior) * math.prod(u for _, u in levels)
    bits = [math.log2(m / u) for m, u in levels]

    weight = match_weight(prior_weight(float(prior)), bits)

    assert match_probability(weight) == pytest.approx(float(same / (same + different)), rel=1e-9)


@pytest.mark.parametrize(
    ("weight", "probability"),
    [(0, 0.5), (1, 2 / 3), (-1, 1 / 3), (3, 8 / 9), (10, 1024 / 1025), (1e6, 1), (-1e6, 0), (-1075, 0)],
)
def test_a_weight_of_any_size_has_a_probability(weight: float, probability: float) -> None:
    assert match_probability(weight) == pytest.approx(probability, abs=1e-300)


def test_an_even_prior_weighs_nothing_and_weights_add_up() -> None:
    assert prior_weight(Decimal("0.5")) == 0
    assert match_weight(-13, [9, 6.5, 0]) == 2.5


def test_a_level_weighs_how_much_more_often_the_same_thing_is_on_it() -> None:
    level = Level(id="same", like=Likeness.EQUAL, m=Decimal("0.9"), u=Decimal("0.1"))

    assert level.bits == pytest.approx(3.169925, abs=1e-6)  # log2(9)


@pytest.mark.parametrize(
    ("like", "at", "left", "right", "agrees"),
    [
        (Likeness.JARO_WINKLER, "0.961", "martha", "marhta", True),
        (Likeness.JARO_WINKLER, "0.962", "martha", "marhta", False),
        (Likeness.LEVENSHTEIN, "1", "fuor", "four", False),
        (Likeness.LEVENSHTEIN, "2", "fuor", "four", True),
        (Likeness.DAMERAU_LEVENSHTEIN, "1", "fuor", "four", True),
        (Likeness.DAMERAU_LEVENSHTEIN, "1", "abcdef", "abcxyz", False),
        (Likeness.TOKEN_JACCARD, "0.5", "a b c", "b c d", True),
        (Likeness.TOKEN_JACCARD, "0.51", "a b c", "b c d", False),
        (Likeness.SOUNDEX, None, "robert", "rupert", True),
        (Likeness.SOUNDEX, None, "李", "王", False),
        (Likeness.SAME_DOMAIN, None, "a@shop.test", "b@shop.test", True),
        (Likeness.SAME_DOMAIN, None, "a@gmail.com", "b@gmail.com", False),
        (Likeness.SAME_END, "7", "+49301234567", "0301234567", True),
        (Likeness.SAME_END, "7", "+49301234567", "1234567", True),
        (Likeness.SAME_END, "7", "+49301234567", "234567", False),
        (Likeness.SAME_END, "7", "+49301234567", "+33301234567", False),
    ],
)
def test_what_agrees_on_a_level(like: Likeness, at: str | None, left: str, right: str, agrees: bool) -> None:
    bound = None if at is None else Decimal(at)
    level = Level(id="x", like=like, at=bound, m=Decimal("0.5"), u=Decimal("0.5"))

    test = level.agreement({"gmail.com"})

    assert test(left, right) is test(right, left) is agrees
