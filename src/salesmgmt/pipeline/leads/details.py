"""What is known about a lead, as people type it: brought to one form, and refused where it is something else."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.formula import Value
from salesmgmt.core.money import Money
from salesmgmt.core.nearest import nearest
from salesmgmt.core.percent import Percent

LONGEST = 100_000
"""Characters that a text of a lead may have: a long letter, but not a file."""


class _Kind(Enum):
    TEXT = f"a text of at most {LONGEST} characters"
    OPTIONAL_TEXT = f"a text of at most {LONGEST} characters, or nothing"
    NUMBER = "a whole number of at most 9 digits"
    NAMES = "a set of texts"


_KINDS: Mapping[str, _Kind] = {
    **dict.fromkeys(
        (
            "name",
            "company",
            "title",
            "email",
            "phone",
            "street",
            "city",
            "region",
            "postal_code",
            "country",
            "description",
            "source",
            "team",
        ),
        _Kind.TEXT,
    ),
    "campaign": _Kind.OPTIONAL_TEXT,
    "owner": _Kind.OPTIONAL_TEXT,
    "tags": _Kind.NAMES,
    "priority": _Kind.NUMBER,
}

_VALUES = (str, Decimal, Percent, Money, bool, date)
_VALUES_WANTED = "a text, a Decimal, a Percent, a Money, a bool, a date, an instant with a time zone or a frozenset of them"

P = TypeVar("P")

NOT_AMENDED = frozenset({"owner"})
"""What is known of a lead, and has a command of its own to change it."""


def read_details(what: str, details: Mapping[Any, Any]) -> dict[str, Any]:
    """Bring details of a lead to one form: texts without blanks around them, and composed (Unicode form NFC).

    Args:
        what: what is read, for messages.
        details: by the names of the fields of `Lead`.

    Raises:
        InvalidInput: a field is unknown, or holds something else than it may; all problems are listed.

    >>> from salesmgmt.pipeline.leads.details import read_details
    >>> read_details("the lead", {"name": " Ana  Berg ", "tags": ["hot"]})
    {'name': 'Ana  Berg', 'tags': frozenset({'hot'})}
    """
    if not isinstance(details, Mapping):
        raise InvalidInput(what, [Problem("details", "wrong_type", shorten(details), "values by field")])
    problems: list[Problem] = []
    read = {name: _read(name, value, problems) for name, value in details.items()}
    if problems:
        raise InvalidInput(what, problems)
    return read


def read_fields(what: str, fields: Mapping[Any, Any]) -> dict[str, Value]:
    """Return a host's own fields of a lead.

    Raises:
        InvalidInput: a name is no text, or a value is none of the formula language; all problems are listed.

    >>> from salesmgmt.pipeline.leads.details import read_fields
    >>> read_fields("the lead", {"weight": 1.5})
    Traceback (most recent call last):
    salesmgmt.core.errors.InvalidInput: the lead has 1 problem:
      fields.weight: found 1.5, wanted a text, a Decimal, ...
    """
    if not isinstance(fields, Mapping):
        raise InvalidInput(what, [Problem("fields", "wrong_type", shorten(fields), "values by name")])
    problems: list[Problem] = []
    for name, value in fields.items():
        if not isinstance(name, str) or not name:
            path = f"fields[{shorten(name)}]"
            problems.append(Problem(path, "wrong_type", shorten(name), "a name that is a text"))
        elif not _is_value(value):
            problems.append(Problem(f"fields.{name[:60]}", "wrong_type", shorten(value), _VALUES_WANTED))
    if problems:
        raise InvalidInput(what, problems)
    return dict(fields)


def read_parts(what: str, name: str, parts: Iterable[Any], kind: type[P]) -> tuple[P, ...]:
    """Return values of one class, such as consents; raises `InvalidInput` where one is something else."""
    if not isinstance(parts, Iterable):
        raise InvalidInput(what, [Problem(name, "wrong_type", shorten(parts), f"a list of {kind.__name__}")])
    read = tuple(parts)
    problems = [
        Problem(f"{name}[{index}]", "wrong_type", shorten(part), f"a {kind.__name__}")
        for index, part in enumerate(read)
        if not isinstance(part, kind)
    ]
    if problems:
        raise InvalidInput(what, problems)
    return read


def read_text(what: str, name: str, text: object) -> str:
    """Return a text that says something, cleaned; raises `InvalidInput` where it is none, or too long."""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        wanted = f"a text of 1 to {LONGEST} characters"
        raise InvalidInput(what, [Problem(name, "wrong_type", shorten(text), wanted)])
    return cleaned(text)


def cleaned(text: str) -> str:
    r"""Return a text without blanks around it, and composed: `é` is one character, however it was typed.

    >>> from salesmgmt.pipeline.leads.details import cleaned
    >>> len(cleaned(" cafe\u0301 "))
    4
    """
    return unicodedata.normalize("NFC", text).strip()


def _read(name: Any, value: object, problems: list[Problem]) -> object:
    kind = _KINDS.get(name)
    if kind is None:
        close = nearest(name, _KINDS) if isinstance(name, str) else None
        hint = f"did you mean {close!r}?" if close else "own fields are `fields.<name>`"
        problems.append(Problem(shorten(name), "unknown_field", shorten(name), "a field of a lead", hint))
        return None
    read: object = None
    if kind is _Kind.NUMBER:
        read = _whole(value)
    elif kind is _Kind.NAMES:
        read = _names(value)
    elif value is None and kind is _Kind.OPTIONAL_TEXT:
        return None
    elif isinstance(value, str) and len(value) <= LONGEST:
        read = cleaned(value)
    if read is None:
        texts = kind in {_Kind.TEXT, _Kind.OPTIONAL_TEXT}
        code = "too_long" if texts and isinstance(value, str) else "wrong_type"
        problems.append(Problem(name, code, shorten(value), kind.value))
    return read


def _is_value(value: object) -> bool:
    """Whether something is a value of the formula language that can be stored."""
    if isinstance(value, frozenset):
        return all(not isinstance(member, frozenset) and _is_value(member) for member in value)
    if isinstance(value, Decimal):
        return value.is_finite()
    if isinstance(value, datetime):
        return value.utcoffset() is not None
    return isinstance(value, _VALUES) and not (isinstance(value, str) and len(value) > LONGEST)


def _whole(value: object) -> int | None:
    if isinstance(value, Decimal):
        value = int(value) if value.is_finite() and abs(value) < 10**9 and value == int(value) else None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9:
        return value
    return None


def _names(value: object) -> frozenset[str] | None:
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        return None
    texts = tuple(_texts(value))
    return None if None in texts else frozenset(text for text in texts if text)


def _texts(value: Iterable[object]) -> Iterator[str | None]:
    for one in value:
        yield cleaned(one) if isinstance(one, str) and len(one) <= LONGEST else None
