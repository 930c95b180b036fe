from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.engines.matching import (
    damerau_levenshtein,
    jaro,
    jaro_winkler,
    levenshtein,
    soundex,
    token_jaccard,
)

SHORT = st.text(alphabet="abcd", max_size=6)


@pytest.mark.parametrize(
    ("left", "right", "published"),
    [  # jellyfish, testdata/jaro_distance.csv
        ("dixon", "dicksonx", 0.767),
        ("martha", "marhta", 0.944),
        ("dwayne", "duane", 0.822),
        ("0ð00", "0ð00", 1),
        ("Sint-Pietersplein 6, 9000 Gent", "Test 10, 1010 Brussel", 0.518),
    ],
)
def test_jaro_agrees_with_the_published_table(left: str, right: str, published: float) -> None:
    assert jaro(left, right) == pytest.approx(published, abs=0.0006)


@pytest.mark.parametrize(
    ("left", "right", "published_jaro", "published_winkler"),
    [  # Winkler 2006, "Overview of Record Linkage and Current Research Directions", table 6
        ("SHACKLEFORD", "SHACKELFORD", 0.970, 0.982),
        ("DUNNINGHAM", "CUNNIGHAM", 0.896, 0.896),
        ("NICHLESON", "NICHULSON", 0.926, 0.956),
        ("JONES", "JOHNSON", 0.790, 0.832),
        ("MASSEY", "MASSIE", 0.889, 0.933),
        ("ABROMS", "ABRAMS", 0.889, 0.922),
        ("JERALDINE", "GERALDINE", 0.926, 0.926),
        ("MARHTA", "MARTHA", 0.944, 0.961),
        ("MICHELLE", "MICHAEL", 0.869, 0.921),
        ("JULIES", "JULIUS", 0.889, 0.933),
        ("TANYA", "TONYA", 0.867, 0.880),
        ("DWAYNE", "DUANE", 0.822, 0.840),
        ("SEAN", "SUSAN", 0.783, 0.805),
        ("JON", "JOHN", 0.917, 0.933),
    ],
)
def test_jaro_winkler_agrees_with_winklers_own_table(
    left: str, right: str, published_jaro: float, published_winkler: float
) -> None:
    assert jaro(left, right) == pytest.approx(published_jaro, abs=0.0006)
    assert jaro_winkler(left, right) == pytest.approx(published_winkler, abs=0.0006)


def test_a_common_beginning_raises_only_what_is_above_seven_tenths() -> None:
    # Jaro 0.528 < 0.7: the common "ab" counts for nothing.
    assert jaro_winkler("abxxxx", "abyyyyzz") == jaro("abxxxx", "abyyyyzz") < 0.7


@pytest.mark.parametrize(
    ("left", "right", "edits"),
    [
        ("kitten", "sitting", 3),
        ("saturday", "sunday", 3),
        ("", "abc", 3),
        ("abc", "", 3),
        ("", "", 0),
        ("ca", "abc", 3),
    ],
)
def test_levenshtein_counts_edits(left: str, right: str, edits: int) -> None:
    assert levenshtein(left, right) == edits


@pytest.mark.parametrize(
    ("left", "right", "edits"),
    [  # jellyfish, testdata/damerau_levenshtein.csv; the last one parts it from the restricted distance, which is 3
        ("abc", "", 3),
        ("bc", "abc", 1),
        ("fuor", "four", 1),
        ("abcd", "acb", 2),
        ("jellyifhs", "jellyfish", 2),
        ("ifhs", "fish", 2),
        ("ca", "abc", 2),
    ],
)
def test_damerau_levenshtein_counts_a_turn_of_neighbours_once(left: str, right: str, edits: int) -> None:
    assert damerau_levenshtein(left, right) == edits


@pytest.mark.parametrize(
    ("name", "code"),
    [  # United States National Archives, "The Soundex Indexing System", and jellyfish, testdata/soundex.csv
        ("Washington", "W252"),
        ("Lee", "L000"),
        ("Gutierrez", "G362"),
        ("Pfister", "P236"),
        ("Jackson", "J250"),
        ("Tymczak", "T522"),
        ("A", "A000"),
        ("Ashcroft", "A261"),
        ("Robert", "R163"),
        ("Rupert", "R163"),
    ],
)
def test_soundex_agrees_with_the_national_archives(name: str, code: str) -> None:
    assert soundex(name) == code


def test_soundex_of_no_latin_letter_is_empty() -> None:
    assert soundex("李伟 123") == ""
    assert soundex("Müller") == soundex("Muller") == "M460"


def test_token_jaccard_is_the_share_of_common_words() -> None:
    assert token_jaccard("acme motors", "motors acme") == 1
    assert token_jaccard("a b c", "b c d") == 0.5
    assert token_jaccard("a", "") == 0
    assert token_jaccard("", " ") == 1


def _edits(left: str, right: str) -> int:
    """The definition of the Levenshtein distance, as slow as it stands in the textbook."""
    if not left or not right:
        return len(left) + len(right)
    return min(
        _edits(left[1:], right) + 1,
        _edits(left, right[1:]) + 1,
        _edits(left[1:], right[1:]) + (left[0] != right[0]),
    )


@pytest.mark.parametrize("measure", [levenshtein, damerau_levenshtein, jaro, jaro_winkler])
def test_texts_that_would_take_hours_are_refused(measure: Callable[[str, str], float]) -> None:
    with pytest.raises(InvalidInput) as caught:
        measure("a" * 1_000_000, "b" * 999_999)

    assert [
        (problem.path, problem.code, problem.found, problem.wanted) for problem in caught.value.problems
    ] == [
        ("left", "too_long", "1000000 characters", "at most 2000"),
        ("right", "too_long", "999999 characters", "at most 2000"),
    ]


def test_common_ends_of_long_texts_cost_nothing() -> None:
    long = "ab" * 500_000

    assert levenshtein(f"{long}x{long}", f"{long}y{long}") == 1
    assert damerau_levenshtein(f"{long}xy{long}", f"{long}yx{long}") == 1


@given(SHORT, SHORT)
def test_levenshtein_is_its_definition(left: str, right: str) -> None:
    assert levenshtein(left, right) == _edits(left, right)


@given(SHORT, SHORT, SHORT)
def test_damerau_levenshtein_is_a_metric_and_never_above_levenshtein(a: str, b: str, c: str) -> None:
    assert damerau_levenshtein(a, b) == damerau_levenshtein(b, a) <= levenshtein(a, b)
    assert (damerau_levenshtein(a, b) == 0) is (a == b)
    assert damerau_levenshtein(a, c) <= damerau_levenshtein(a, b) + damerau_levenshtein(b, c)


@given(st.text(max_size=20), st.text(max_size=20))
def test_similarities_stay_between_nothing_and_all(left: str, right: str) -> None:
    assert 0 <= jaro(left, right) <= jaro_winkler(left, right) <= 1
    assert 0 <= token_jaccard(left, right) <= 1
    assert jaro(left, left) == jaro_winkler(left, left) == token_jaccard(left, left) == 1
