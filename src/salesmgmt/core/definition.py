"""Definitions from TOML files: read, checked against a class, every problem at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import InvalidInput, Problem, shorten

D = TypeVar("D")

_CODEC = Codec(by_hand=True)  # made once: it learns each class on first use, and is safe to share

LARGEST_FILE = 10_000_000
"""Bytes of TOML that are read at most; records of that number belong in CSV."""


_MOST_DOTS = 500
"""In one line: for a key of n dotted parts the reader of the standard library needs time with the square of n."""


def load_definition(path: Path | str, cls: type[D]) -> D:
    """Read a definition from a TOML file.

    Args:
        path: the file, UTF-8, at most `LARGEST_FILE` bytes.
        cls: the attrs class of the document. TOML numbers with a point are read as exact decimals; a percentage
            is written "12.5%", an amount "1000 EUR".

    Raises:
        InvalidInput: the file cannot be read, is not TOML, or does not fit the class; all problems are listed.

    >>> import attrs, pathlib, tempfile
    >>> from salesmgmt.core.definition import load_definition
    >>> @attrs.frozen
    ... class Terms:
    ...     days: int
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "terms.toml"
    >>> _ = file.write_text("days = 30")
    >>> load_definition(file, Terms)
    Terms(days=30)
    """
    return fit_definition(read_toml(path), cls, what=Path(path).name)


def read_toml(path: Path | str) -> dict[str, Any]:
    """Read a TOML file as plain values, for a loader that joins several files to one definition.

    Raises:
        InvalidInput: the file cannot be read, or is not TOML.

    >>> import pathlib, tempfile
    >>> from salesmgmt.core.definition import read_toml
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "terms.toml"
    >>> _ = file.write_text("days = 30")
    >>> read_toml(file)
    {'days': 30}
    """
    file = Path(path)
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)  # not by its stated size: that of a device or pipe is 0
    except OSError as error:
        raise _unreadable(str(file), "unreadable", error.strerror or "no file", "a readable file") from error
    except ValueError as error:  # a NUL in the path
        raise _unreadable(shorten(str(file)), "unreadable", str(error), "a readable file") from error
    if len(data) > LARGEST_FILE:
        raise _unreadable(file.name, "too_large", "a larger file", f"at most {LARGEST_FILE} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(
            file.name, "encoding", f"byte {error.start} is not UTF-8", "a text in UTF-8"
        ) from error
    return _parsed(text, file.name)


def parse_definition(text: str, cls: type[D], *, what: str) -> D:
    """Read a definition from TOML text; `what` names it in messages.

    >>> import attrs
    >>> from salesmgmt.core.definition import parse_definition
    >>> @attrs.frozen
    ... class Terms:
    ...     days: int
    >>> parse_definition("day = 30", Terms, what="terms")
    Traceback (most recent call last):
    salesmgmt.core.errors.InvalidInput: terms has 2 problems: ...
    """
    return fit_definition(_parsed(text, what), cls, what=what)


def fit_definition(document: Mapping[str, Any], cls: type[D], *, what: str) -> D:
    """Make a definition of plain values as TOML gives them; `what` names it in messages.

    Raises:
        InvalidInput: they do not fit the class; all problems are listed.

    >>> import attrs
    >>> from salesmgmt.core.definition import fit_definition
    >>> @attrs.frozen
    ... class Terms:
    ...     days: int
    >>> fit_definition({"days": 30}, Terms, what="terms")
    Terms(days=30)
    """
    try:
        return _CODEC.from_dict(cls, document)
    except InvalidInput as error:
        raise InvalidInput(what, error.problems) from None


def _parsed(text: str, what: str) -> dict[str, Any]:
    if any(line.count(".") > _MOST_DOTS for line in text.split("\n")):
        raise _unreadable(what, "too_deep", "a line with more dots", f"at most {_MOST_DOTS} dots in a line")
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, ValueError, ArithmeticError) as error:
        raise _unreadable(what, "not_toml", str(error), "a TOML document") from error
    except RecursionError as error:
        raise _unreadable(what, "too_deep", "nesting without end", "a flat TOML document") from error


def _unreadable(what: str, code: str, found: str, wanted: str) -> InvalidInput:
    return InvalidInput(what, [Problem("the file", code, found, wanted)])
