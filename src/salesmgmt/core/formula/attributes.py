"""The schema of an attrs class, and the values of its objects: entities as a formula sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import attrs

from salesmgmt.core.formula.schema import Schema
from salesmgmt.core.formula.types import (
    BOOL,
    DATE,
    INSTANT,
    MONEY,
    NUMBER,
    PERCENT,
    SET,
    TEXT,
    Type,
    Value,
)
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

_TYPES: Mapping[type, Type] = {
    int: NUMBER,
    Decimal: NUMBER,
    Percent: PERCENT,
    Money: MONEY,
    bool: BOOL,
    str: TEXT,
    date: DATE,
    datetime: INSTANT,
}


def schema_of(cls: type[Any]) -> Schema:
    """The names that a formula over objects of an attrs class may use.

    A field is a number (`int`, `Decimal`), a percent, money, a bool, a text (`str`, a `NewType` of it, a `StrEnum`), a
    date, an instant (`datetime`) or a set of text (a tuple or frozenset of texts). `X | None` counts as `X`. A field
    that holds an object of another attrs class gives the fields of that one, joined by a dot. Private fields and
    fields of any other type are left out.

    Raises:
        attrs.exceptions.NotAnAttrsClassError: `cls` is no attrs class.

    >>> import attrs
    >>> from salesmgmt.core.formula import schema_of
    >>> @attrs.frozen
    ... class Line:
    ...     product: str
    ...     quantity: int
    >>> schema_of(Line)
    Schema({'product': text, 'quantity': number})
    """
    return _reading(cls)[0]  # type: ignore[arg-type]  # classes do hash


def values_of(obj: object) -> dict[str, Value | int | None]:
    """The values of an object of an attrs class, under the names of `schema_of` its class.

    >>> import attrs
    >>> from salesmgmt.core.formula import values_of
    >>> @attrs.frozen
    ... class Line:
    ...     product: str
    ...     quantity: int
    >>> values_of(Line("dock", 25))
    {'product': 'dock', 'quantity': 25}
    """
    return {name: fetch(obj) for name, fetch in _reading(type(obj))[1]}  # type: ignore[arg-type]  # so do these


@cache
def _reading(cls: type[Any]) -> tuple[Schema, tuple[tuple[str, Callable[[object], Any]], ...]]:
    fields = dict(_fields(cls, "", (cls,)))
    getters = tuple((name, _getter(name, type_)) for name, type_ in fields.items())
    return Schema(fields), getters


def _fields(cls: type[Any], prefix: str, inside: tuple[type, ...]) -> list[tuple[str, Type]]:
    hints = get_type_hints(cls)
    found = []
    for field in attrs.fields(cls):
        hint = hints.get(field.name)
        if field.name.startswith("_"):
            continue
        held = _plain(hint)
        type_ = _type(held)
        if type_ is not None:
            found.append((f"{prefix}{field.name}", type_))
        elif isinstance(held, type) and attrs.has(held) and held not in inside:
            # A class inside itself would go on without end; its first level is all a formula can name.
            found.extend(_fields(held, f"{prefix}{field.name}.", (*inside, held)))
    return found


def _plain(hint: Any) -> Any:
    """The type without `| None` and without `NewType` around it."""
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    if get_origin(hint) in (Union, UnionType):
        some = [part for part in get_args(hint) if part is not NoneType]
        return _plain(some[0]) if len(some) == 1 else None
    return hint


def _type(held: Any) -> Type | None:
    if isinstance(held, type) and issubclass(held, StrEnum):
        return TEXT
    if get_origin(held) in (tuple, frozenset):
        parts = get_args(held)
        is_list = get_origin(held) is frozenset or (len(parts) == 2 and parts[1] is Ellipsis)
        return SET[TEXT] if is_list and _type(_plain(parts[0])) == TEXT else None
    return _TYPES.get(held) if isinstance(held, type) else None


def _getter(name: str, type_: Type) -> Callable[[object], Any]:
    fetch = _nested(name.split(".")) if "." in name else attrgetter(name)
    if type_ == TEXT:
        return lambda obj: _text(fetch(obj))
    if type_.element is not None:
        return lambda obj: None if (found := fetch(obj)) is None else frozenset(map(_text, found))
    return fetch


def _nested(path: list[str]) -> Callable[[object], Any]:
    def fetch(obj: object) -> Any:
        for field in path:
            if obj is None:
                return None
            obj = getattr(obj, field)
        return obj

    return fetch


def _text(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
