"""How alike two texts are: edit distances, Jaro and Jaro-Winkler, shared words, sound."""

from __future__ import annotations

import unicodedata

from salesmgmt.core.errors import InvalidInput, Problem

LONGEST_COMPARED = 2_000
"""Characters of a text that is compared at most: the work grows with the product of both lengths."""


def jaro(left: str, right: str) -> float:
    """Return the Jaro similarity, 0 (nothing in common) to 1 (equal).

    A third each of: matching characters of `left`, of `right`, and the share of them in the same order. Characters
    match when they are equal and at most half the longer length (less one) apart. Two empty texts are equal.
    Source: Jaro 1989, Journal of the American Statistical Association 84(406).

    Raises:
        InvalidInput: a text is longer than `LONGEST_COMPARED`.

    >>> from salesmgmt.engines.matching import jaro
    >>> round(jaro("martha", "marhta"), 3)
    0.944
    """
    if left == right:
        return 1.0
    _require_short(left, right)
    if not left or not right:
        return 0.0
    reach = max(max(len(left), len(right)) // 2 - 1, 0)
    taken = [False] * len(right)
    matched_left: list[str] = []
    for index, character in enumerate(left):
        for other in range(max(0, index - reach), min(len(right), index + reach + 1)):
            if not taken[other] and right[other] == character:
                taken[other] = True
                matched_left.append(character)
                break
    if not matched_left:
        return 0.0
    matched_right = [character for character, is_taken in zip(right, taken, strict=True) if is_taken]
    moved = sum(mine != yours for mine, yours in zip(matched_left, matched_right, strict=True))
    count = len(matched_left)
    return (count / len(left) + count / len(right) + (count - moved // 2) / count) / 3


def jaro_winkler(left: str, right: str) -> float:
    """Return the Jaro similarity, raised for a common beginning of up to four characters.

    Only similarities above 0.7 are raised, by 0.1 of the rest for each common character, as Winkler's own program
    does. Source: Winkler 1990, Proceedings of the Section on Survey Research Methods (ASA).

    >>> from salesmgmt.engines.matching import jaro_winkler
    >>> round(jaro_winkler("martha", "marhta"), 3)
    0.961
    """
    similarity = jaro(left, right)
    if similarity <= 0.7:
        return similarity
    common = 0
    for mine, yours in zip(left[:4], right[:4], strict=False):
        if mine != yours:
            break
        common += 1
    return similarity + common * 0.1 * (1 - similarity)


def levenshtein(left: str, right: str) -> int:
    """Return how many characters must be inserted, removed or replaced to turn one text into the other.

    Source: Levenshtein 1966, Soviet Physics Doklady 10(8).

    Raises:
        InvalidInput: a text is longer than `LONGEST_COMPARED`, common ends left out.

    >>> from salesmgmt.engines.matching import levenshtein
    >>> levenshtein("kitten", "sitting")
    3
    """
    left, right = _without_common_ends(left, right)
    _require_short(left, right)
    previous = list(range(len(right) + 1))
    for row, mine in enumerate(left, start=1):
        current = [row]
        for column, yours in enumerate(right, start=1):
            current.append(min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (mine != yours)))
        previous = current
    return previous[-1]


def damerau_levenshtein(left: str, right: str) -> int:
    """Return the edit distance in which two neighbours that changed places count once.

    The unrestricted distance: a moved pair may be edited further, so that it is a metric.
    Source: Damerau 1964, Communications of the ACM 7(3); algorithm of Lowrance & Wagner 1975, Journal of the ACM 22(2).

    Raises:
        InvalidInput: a text is longer than `LONGEST_COMPARED`, common ends left out.

    >>> from salesmgmt.engines.matching import damerau_levenshtein
    >>> damerau_levenshtein("fuor", "four")
    1
    """
    left, right = _without_common_ends(left, right)
    _require_short(left, right)
    far = len(left) + len(right)
    table = [[far] * (len(right) + 2)]
    table.append([far, *range(len(right) + 1)])
    last_row: dict[str, int] = {}
    for row, mine in enumerate(left, start=1):
        current = [far, row]
        last_column = 0
        for column, yours in enumerate(right, start=1):
            turned_row, turned_column = last_row.get(yours, 0), last_column
            turned = (
                table[turned_row][turned_column] + (row - turned_row - 1) + 1 + (column - turned_column - 1)
            )
            if mine == yours:
                last_column = column
            current.append(
                min(table[row][column] + (mine != yours), current[-1] + 1, table[row][column + 1] + 1, turned)
            )
        last_row[mine] = row
        table.append(current)
    return table[-1][-1]


def token_jaccard(left: str, right: str) -> float:
    """Return the share of words that two texts have in common, 0 to 1; blanks part the words.

    Two texts without words are equal. Source: Jaccard 1912, New Phytologist 11(2).

    >>> from salesmgmt.engines.matching import token_jaccard
    >>> token_jaccard("acme motors", "motors acme berlin") == 2 / 3
    True
    """
    mine, yours = set(left.split()), set(right.split())
    union = mine | yours
    return len(mine & yours) / len(union) if union else 1.0


_CODES = {
    letter: code
    for code, letters in {"1": "BFPV", "2": "CGJKQSXZ", "3": "DT", "4": "L", "5": "MN", "6": "R"}.items()
    for letter in letters
}


def soundex(name: str) -> str:
    """Return the American Soundex code of a name: a letter and three digits, empty without a Latin letter.

    Letters of one code beside each other count once, also with H or W between them; a vowel parts them.
    Source: United States National Archives, "The Soundex Indexing System".

    >>> from salesmgmt.engines.matching import soundex
    >>> soundex("Ashcroft"), soundex("Tymczak")
    ('A261', 'T522')
    """
    letters = [letter for letter in unicodedata.normalize("NFKD", name).upper() if "A" <= letter <= "Z"]
    if not letters:
        return ""
    code = letters[0]
    previous = _CODES.get(letters[0], "")
    for letter in letters[1:]:
        digit = _CODES.get(letter, "")
        if digit and digit != previous:
            code += digit
            if len(code) == 4:
                break
        if letter not in "HW":
            previous = digit
    return code.ljust(4, "0")


def _without_common_ends(left: str, right: str) -> tuple[str, str]:
    """Both texts without what they begin and end with alike, which no shortest way of editing touches."""
    start, shorter = 0, min(len(left), len(right))
    while start < shorter and left[start] == right[start]:
        start += 1
    end = 0
    while end < shorter - start and left[-1 - end] == right[-1 - end]:
        end += 1
    return left[start : len(left) - end], right[start : len(right) - end]


def _require_short(left: str, right: str) -> None:
    problems = [
        Problem(name, "too_long", f"{len(text)} characters", f"at most {LONGEST_COMPARED}")
        for name, text in (("left", left), ("right", right))
        if len(text) > LONGEST_COMPARED
    ]
    if problems:
        raise InvalidInput("the texts to compare", problems)
