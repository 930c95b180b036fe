"""The words of a formula: text into tokens, each with its position."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from salesmgmt.core.errors import shorten
from salesmgmt.core.formula.errors import FormulaError

KEYWORDS = frozenset({"and", "or", "not", "in", "is", "missing", "if", "then", "else", "true", "false"})

MAX_LENGTH = 2_000
"""Characters of a formula, as written and in its canonical form."""

MAX_DIGITS = 28
"""Digits of a number in a formula."""


class Token(NamedTuple):
    """One word.

    Attributes:
        kind: `number`, `percent`, `date`, `instant`, `text`, `name`, `keyword`, `sign` or `end`.
        text: as written; names in Unicode form NFKC.
        position: index of its first character.
        value: what it stands for, when it is a literal.
    """

    kind: str
    text: str
    position: int
    value: Decimal | date | str | None = None

    @property
    def shown(self) -> str:
        """The token as a message shows it."""
        return "the end" if self.kind == "end" else shorten(self.text)


# Every alternative is linear: the quantifier of a text is possessive, the others have nothing to give back.
_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r\n]+)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<date>[0-9]{4}-[0-9]+-[0-9]+)
      (?P<time>T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?)?
    | (?P<number>[0-9]+(?:\.[0-9]+)?)(?P<percent>%)?
    | (?P<text>'(?:[^']|'')*+')
    | (?P<sign><=|>=|==|!=|[-+*/<>(){},])
    """,
    re.VERBOSE,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOT_IN_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_HINTS = {
    "=": "write == to compare",
    "!": "write not, or != to compare",
    "&": "write and",
    "|": "write or",
    "^": "there is no power; multiply",
    "%": "write a percent sign right after its number, 10%; there is no modulo",
    '"': "write a text in single quotes: 'gold'",
    "`": "write a text in single quotes: 'gold'",
    "‘": "write a text in straight single quotes: 'gold'",
    "’": "write a text in straight single quotes: 'gold'",
    "“": "write a text in straight single quotes: 'gold'",
    "”": "write a text in straight single quotes: 'gold'",
    "[": "write a set in braces: {'a', 'b'}",
    "]": "write a set in braces: {'a', 'b'}",
    ".": "write a number with a digit before the point, 0.5, and a name with no space around its dots",
    "?": "write if … then … else …",
    "×": "write *",
    "÷": "write /",
    "≤": "write <=",
    "≥": "write >=",
    "≠": "write !=",
    "−": "write the plain minus sign -",
}


def tokens(formula: str) -> list[Token]:
    """Split a formula into tokens; the last one is of kind `end`.

    Raises:
        FormulaError: the text is too long, or holds a character or literal that the language does not have.

    >>> from salesmgmt.core.formula.lexer import tokens
    >>> [token.text for token in tokens("price * 90%")]
    ['price', '*', '90%', '']
    """
    if not isinstance(formula, str):
        raise FormulaError(
            "",
            0,
            expected="the text of a formula",
            found=shorten(formula),
            hint="write the formula as a text",
        )
    if len(formula) > MAX_LENGTH:
        raise FormulaError(
            formula,
            MAX_LENGTH,
            expected=f"at most {MAX_LENGTH} characters",
            found=f"{len(formula)} characters",
            hint="split the formula in several",
        )
    found: list[Token] = []
    position = 0
    while position < len(formula):
        match = _TOKEN.match(formula, position)
        if match is None:
            position = _odd(formula, position, found)
            continue
        kind = match.lastgroup
        position = match.end()
        if kind == "space":
            continue
        if kind == "name":
            position = _name(formula, match.start(), position, found)
        elif kind == "sign":
            found.append(Token("sign", match[0], match.start()))
        elif kind == "text":
            found.append(_text(formula, match))
        elif match["date"]:
            found.append(_date(formula, match))
        else:
            found.append(_number(formula, match))
    found.append(Token("end", "", len(formula)))
    return found


def normalised(name: str) -> str | None:
    """Return a dotted name in Unicode form NFKC, or `None` when it is none.

    >>> from salesmgmt.core.formula.lexer import normalised
    >>> normalised("line.quantity"), normalised("2nd"), normalised("if")
    ('line.quantity', None, None)
    """
    if all(part.isidentifier() for part in name.split(".")):
        normal = unicodedata.normalize("NFKC", name)
        if normal not in KEYWORDS and all(part.isidentifier() for part in normal.split(".")):
            return normal
    return None


def is_plain(text: str) -> bool:
    r"""Whether a text may stand in a formula: no control characters, no lone surrogates.

    >>> from salesmgmt.core.formula.lexer import is_plain
    >>> is_plain("naïve"), is_plain("a\x00b")
    (True, False)
    """
    return _NOT_IN_TEXT.search(text) is None


def _name(formula: str, start: int, end: int, found: list[Token]) -> int:
    """Add the name that starts at `start`; its ASCII part, which may be empty, ends at `end`."""
    if not formula[end : end + 1].isascii() or formula[end : end + 1] == ".":
        end = _end_of_name(formula, start)
    text = formula[start:end]
    if text.isascii():
        found.append(Token("keyword" if text in KEYWORDS else "name", text, start))
        return end
    normal = normalised(text)
    if normal is None:
        raise FormulaError(
            formula,
            start,
            expected="a name",
            found=shorten(text),
            hint="write keywords in plain ASCII letters",
        )
    found.append(Token("name", normal, start))
    return end


def _end_of_name(formula: str, start: int) -> int:
    end = start
    fresh = True  # whether a part of the name begins here
    while end < len(formula):
        character = formula[end]
        if character == "." and not fresh:
            fresh = True
        elif character.isidentifier() if fresh else f"a{character}".isidentifier():
            fresh = False
        else:
            break
        end += 1
    if fresh:
        shown = shorten(formula[end : end + 1]) if end < len(formula) else "the end"
        raise FormulaError(
            formula, end, expected="a letter after the dot of a name", found=shown, hint=_HINTS["."]
        )
    return end


def _odd(formula: str, position: int, found: list[Token]) -> int:
    """Read a name that starts with a letter beyond ASCII; anything else here is a fault."""
    character = formula[position]
    if character.isidentifier():
        return _name(formula, position, position, found)
    if character == "'":
        raise FormulaError(
            formula,
            position,
            expected="a text that ends",
            found="no closing quote",
            hint="close the text with '; a quote inside a text is doubled: 'it''s'",
        )
    hint = _HINTS.get(character, "")
    plain = unicodedata.normalize("NFKC", character)
    if not hint and character.isdigit():
        hint = "write numbers in the digits 0 to 9"
    elif not hint and not character.isascii() and plain.isascii() and plain.isprintable():
        hint = f"write the plain character {plain!r}"
    raise FormulaError(
        formula,
        position,
        expected="a name, a literal or an operator",
        found=f"the character {character!r}",
        hint=hint or "remove it",
    )


def _text(formula: str, match: re.Match[str]) -> Token:
    bad = _NOT_IN_TEXT.search(match[0])
    if bad is not None:
        raise FormulaError(
            formula,
            match.start() + bad.start(),
            expected="a printable character",
            found=f"the character {bad[0]!r}",
            hint="remove control characters and lone surrogates from the text",
        )
    return Token("text", match[0], match.start(), match[0][1:-1].replace("''", "'"))


def _number(formula: str, match: re.Match[str]) -> Token:
    digits = match["number"]
    if len(digits) - ("." in digits) > MAX_DIGITS:
        raise FormulaError(
            formula,
            match.start(),
            expected=f"a number of at most {MAX_DIGITS} digits",
            found=f"{len(digits) - ('.' in digits)} digits",
            hint="write fewer digits",
        )
    return Token("percent" if match["percent"] else "number", match[0], match.start(), Decimal(digits))


def _date(formula: str, match: re.Match[str]) -> Token:
    try:
        if _DATE.fullmatch(match["date"]) is None:
            raise ValueError  # noqa: TRY301 - the same refusal as for a day that the calendar does not have
        if match["time"] is None:
            return Token("date", match[0], match.start(), date.fromisoformat(match[0]))
        if match["zone"] is None:
            raise FormulaError(
                formula,
                match.start(),
                expected="an instant with Z or an offset",
                found=match[0],
                hint=f"write {match[0]}Z, or the offset from UTC: {match[0]}+08:00",
            )
        return Token("instant", match[0], match.start(), datetime.fromisoformat(match[0]).astimezone(UTC))
    except (ValueError, OverflowError) as error:
        if isinstance(error, FormulaError):
            raise
        raise FormulaError(
            formula,
            match.start(),
            expected="a day of the calendar",
            found=shorten(match[0]),
            hint="write a date as 2026-01-31 and an instant as 2026-01-31T09:00Z; put spaces around a minus sign",
        ) from None
