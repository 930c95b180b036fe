"""One acceptance case, read strictly: what an adapter does not ask for makes the case unsupported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import attrs

V = TypeVar("V")


class Unsupported(Exception):
    """The case uses something that its adapter, or the library, does not know."""


class Keys:
    """An object of a case that notes which of its keys were read."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._values = values
        self._where = where
        self._read: set[str] = set()
        self._inner: list[Keys] = []

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def take(self, key: str, default: Any = attrs.NOTHING) -> Any:
        """The value of a key as it stands in the case; unsupported when it is absent and has no default."""
        self._read.add(key)
        if key in self._values:
            return self._values[key]
        if default is attrs.NOTHING:
            raise Unsupported(f"{self._where}.{key} is absent")
        return default

    def number(self, key: str, default: Any = attrs.NOTHING) -> Decimal:
        return number(self.take(key, default))

    def choice(self, key: str, known: Mapping[str, V], default: Any = attrs.NOTHING) -> V:
        token = self.take(key, default)
        if token not in known:
            raise Unsupported(f"{self._where}.{key} = {token!r}")
        return known[token]

    def inner(self, key: str) -> Keys:
        keys = Keys(self.take(key), f"{self._where}.{key}")
        self._inner.append(keys)
        return keys

    def unread(self) -> Iterator[str]:
        yield from (f"{self._where}.{key}" for key in self._values if key not in self._read)
        for keys in self._inner:
            yield from keys.unread()


@attrs.frozen(kw_only=True)
class Case:
    """One case; `given` and `when` note what is read of them."""

    id: str
    kind: str
    given: Keys
    when: Keys
    expect: Mapping[str, Any]
    policy: str | None
    tolerance: Mapping[str, Any]


Adapter = Callable[[Case], Mapping[str, Any]]
"""Maps a case onto the public API and returns the answers by the keys of `expect`."""


def number(value: object) -> Decimal:
    """A number of a case: a JSON number or a text of digits."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Unsupported(f"{value!r} where a number is wanted")
    return Decimal(value)


def day(text: str) -> date:
    return date.fromisoformat(text)


def moment(text: str) -> datetime:
    """A date-time of a case; the cases have no time zones, so all are taken in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def as_text(instant: datetime) -> str:
    return instant.replace(tzinfo=None).isoformat(timespec="seconds" if instant.second else "minutes")


_KNOWN = {"id", "kind", "source", "given", "when", "expect", "policy", "tolerance", "about", "note", "basis",
          "source_grade"}  # fmt: skip


def read_cases(path: Path) -> Iterator[Case]:
    """The cases of a file, numbers exact."""
    for entry in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal):
        unknown = set(entry) - _KNOWN
        given, when = Keys(entry["given"], "given"), Keys(entry["when"], "when")
        if unknown:
            given = Keys({**entry["given"], **{f"(case).{key}": None for key in unknown}}, "given")
        yield Case(
            id=entry["id"],
            kind=entry["kind"],
            given=given,
            when=when,
            expect=entry["expect"],
            policy=entry.get("policy"),
            tolerance=entry.get("tolerance") or {},
        )
