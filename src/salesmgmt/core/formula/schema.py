"""Which names a formula may use, and of which type they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.formula.lexer import normalised
from salesmgmt.core.formula.types import TYPES, Type
from salesmgmt.core.nearest import nearest

_LONGEST_NAME = 200


class Schema(Mapping[str, Type]):
    """The names that a formula may use, with their types; it never changes.

    A name is one or more Unicode identifiers joined by dots, at most 200 characters; it is kept in Unicode form NFKC.
    The keywords of the language are no names.

    Args:
        types: the type of each name.

    Raises:
        InvalidInput: a name or a type is none; every fault is listed.

    >>> from salesmgmt.core.formula import NUMBER, SET, TEXT, Schema
    >>> schema = Schema({"line.quantity": NUMBER}) | Schema({"order.products": SET[TEXT]})
    >>> str(schema["order.products"])
    'set of text'
    >>> schema.nearest("line.quantty")
    'line.quantity'
    """

    __slots__ = ("_types",)

    def __init__(self, types: Mapping[str, Type] | None = None) -> None:
        given: Mapping[Any, Any] = types or {}
        known: dict[str, Type] = {}
        problems: list[Problem] = []
        for name, type_ in given.items():
            normal = normalised(name) if isinstance(name, str) and len(name) <= _LONGEST_NAME else None
            if normal is None:
                problems.append(
                    Problem(shorten(name), "name", shorten(name), "identifiers joined by dots, no keyword")
                )
            elif not isinstance(type_, Type) or (type_.element or type_) not in TYPES:
                problems.append(Problem(normal, "type", shorten(type_), "a type of the formula language"))
            elif known.setdefault(normal, type_) != type_:
                problems.append(Problem(normal, "twice", str(type_), f"{known[normal]}, as before"))
        if problems:
            raise InvalidInput("the schema of a formula", problems)
        self._types = known

    def __getitem__(self, name: str) -> Type:
        return self._types[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)

    def __or__(self, other: Mapping[str, Type]) -> Schema:
        """The names of both; raises `InvalidInput` when one name has two types."""
        both = dict(self._types)
        clashes = [
            Problem(name, "twice", str(type_), f"{both[name]}, as before")
            for name, type_ in other.items()
            if both.setdefault(name, type_) != type_
        ]
        if clashes:
            raise InvalidInput("the union of two schemas", clashes)
        return Schema(both)

    def __eq__(self, other: object) -> bool:
        return self._types == other._types if isinstance(other, Schema) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._types.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return Schema, (dict(self._types),)

    def __repr__(self) -> str:
        return f"Schema({{{', '.join(f'{name!r}: {type_}' for name, type_ in self._types.items())}}})"

    def nearest(self, name: str) -> str | None:
        """The known name that is most like `name`, or `None` when none is much like it."""
        return nearest(name, self._types)
