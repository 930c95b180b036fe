"""The JSON forms of single values."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from math import isfinite
from types import MappingProxyType
from typing import Any

from salesmgmt.core._json.form import Faults, Form, Misfit, RawNumber, child
from salesmgmt.core._json.schema import Definitions, heading
from salesmgmt.core.exact import NotANumber, exact
from salesmgmt.core.nearest import nearest
from salesmgmt.core.percent import Percent

LARGEST_INTEGER = 2**63 - 1
"""What the integer columns of databases hold."""

_LONGEST_FLOAT = 1_000
_NUMBER = "[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)"


def _require_encodable(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Misfit("not_text", ascii(text[:50]), "a text without lone surrogates") from None


class Text(Form):
    """`str` as text; half a surrogate pair is no text."""

    name = "a text"
    described = MappingProxyType({"type": "string"})

    def read(self, data: Any, _: object = None) -> str:
        if not isinstance(data, str):
            raise Misfit("wrong_type", data, self.name)
        if not data.isascii():
            _require_encodable(data)
        return str.__str__(data)  # of a `StrEnum` member, the plain text

    write = read


class Boolean(Form):
    """`bool` as true and false."""

    name = "true or false"
    described = MappingProxyType({"type": "boolean"})

    def read(self, data: Any, _: object = None) -> bool:
        if data is True or data is False:
            return bool(data)
        raise Misfit("wrong_type", data, self.name)

    write = read


class Integer(Form):
    """`int` as a JSON number of at most 64 bits."""

    name = "a whole number"
    described = MappingProxyType({"type": "integer", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER})

    def read(self, data: Any, _: object = None) -> int:
        if isinstance(data, RawNumber) and data.text.lstrip("-").isdigit():
            raise Misfit("out_of_range", data, f"at most {LARGEST_INTEGER}")
        if not isinstance(data, int) or isinstance(data, bool):
            raise Misfit("wrong_type", data, self.name)
        if not -LARGEST_INTEGER <= data <= LARGEST_INTEGER:
            raise Misfit("out_of_range", data, f"at most {LARGEST_INTEGER}")
        return int(data)

    write = read


class Float(Form):
    """`float`, for fitted parameters and other estimates, as a JSON number."""

    name = "a number"
    described = MappingProxyType({"type": "number"})

    def read(self, data: Any, _: object = None) -> float:
        if isinstance(data, RawNumber):
            if len(data.text) > _LONGEST_FLOAT:
                raise Misfit("not_a_number", data, f"a number of at most {_LONGEST_FLOAT} characters")
            data = float(data.text)
        elif isinstance(data, Decimal):  # a number with a point, from TOML
            data = float(data)
        return self.write(data)

    def write(self, value: Any) -> float:
        if not isinstance(value, float | int) or isinstance(value, bool):
            raise Misfit("wrong_type", value, self.name)
        if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            raise Misfit("out_of_range", value, f"at most {LARGEST_INTEGER}")
        number = float(value)
        if not isfinite(number):
            raise Misfit("not_a_number", number, "a finite number")
        return number


class Number(Form):
    """`Decimal` as digits in a text; a JSON number is read when it is a whole one."""

    name = 'an exact number such as "12.50"'
    title = "Decimal"
    described = MappingProxyType(
        {
            "title": "Decimal",
            "description": "An exact number of at most 34 significant digits.",
            "type": ["string", "integer"],
            "pattern": f"^{_NUMBER}$",
            "maxLength": 200,
        }
    )

    def read(self, data: Any, _: object = None) -> Decimal:
        try:
            return exact(data)
        except NotANumber as error:
            if isinstance(data, RawNumber) and data.text[-1].isdigit():
                break_off = Misfit("float_refused", data, self.name, "put the digits in quotes")
            elif isinstance(data, str | RawNumber | int | Decimal) and not isinstance(data, bool):
                break_off = Misfit("not_a_number", data, self.name, error.reason)
            else:
                break_off = Misfit("wrong_type", data, self.name)
        except TypeError:
            break_off = Misfit("float_refused", data, self.name, "put the digits in quotes")
        raise break_off

    def write(self, value: Any) -> str:
        if isinstance(value, str):
            raise Misfit("wrong_type", value, "a Decimal")
        return format(self.read(value), "f")


class Choice(Form):
    """A closed list of texts, whole numbers and booleans, as a `Literal` gives it."""

    def __init__(self, choices: dict[Any, Any]) -> None:
        self._members = {(type(json), json): member for json, member in choices.items()}
        self._written = {(type(member), member): json for json, member in choices.items()}
        self.choices = list(choices.values())
        self.jsons = list(choices)
        self.described = {"enum": self.jsons}
        listing = ", ".join(repr(json) for json in self.jsons[:20])
        self.name = f"one of {listing}{', …' if len(self.jsons) > 20 else ''}"

    def read(self, data: Any, _: object = None) -> Any:
        try:
            return self._members[type(data), data]
        except (KeyError, TypeError):
            pass
        if isinstance(data, str):
            known = nearest(data, [json for json in self.jsons if isinstance(json, str)])
            raise Misfit("not_allowed", data, self.name, f"did you mean {known!r}?" if known else "")
        raise Misfit("wrong_type", data, self.name)

    def write(self, value: Any) -> Any:
        try:
            return self._written[type(value), value]
        except (KeyError, TypeError):
            raise Misfit("not_allowed", value, self.name) from None


class Enumeration(Choice):
    """The members of an `Enum`, by their values."""

    def __init__(self, enumeration: type[Enum]) -> None:
        super().__init__({member.value: member for member in enumeration})
        self.title = enumeration.__name__
        self.described = {**heading(enumeration, self.title), **self.described}


class Marked(Form):
    """A value inside an object with one key that says what it is: `{"date": "2026-01-31"}`.

    In a union it marks whatever would otherwise look like a text or a list.
    """

    def __init__(self, key: str, inner: Form) -> None:
        self.key = key
        self.inner = inner
        self.name = f'{{"{key}": {inner.name}}}'

    def _require_key(self, data: Any) -> None:
        if not isinstance(data, dict):
            raise Misfit("wrong_type", data, self.name)
        if self.key not in data:
            raise Misfit("missing", data, self.name)
        if len(data) > 1:
            raise Misfit("unknown_key", data, self.name, f"only {self.key!r} may stand here")

    def read(self, data: Any, _: object = None) -> Any:
        self._require_key(data)
        return self.inner.read(data[self.key])

    def collect(self, data: Any, path: str, faults: Faults) -> Any:
        try:
            self._require_key(data)
        except Misfit as misfit:
            faults.add(path, misfit)
            return None
        return self.inner.collect(data[self.key], child(path, self.key), faults)

    def write(self, value: Any) -> Any:
        return {self.key: self.inner.write(value)}

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {self.key: self.inner.schema(definitions)},
            "required": [self.key],
            "additionalProperties": False,
        }


class Rate(Marked):
    """`Percent` as `{"percent": "12.5"}`.

    The same in typed and in open places, so that a rate is never taken for a text or a number, and its digits
    can be reached by a JSON path without taking a percent sign off.
    """

    title = "Percent"

    def __init__(self) -> None:
        super().__init__("percent", Number())

    def read(self, data: Any, _: object = None) -> Percent:
        return Percent(super().read(data))

    def collect(self, data: Any, path: str, faults: Faults) -> Percent | None:
        points = super().collect(data, path, faults)
        return None if points is None else Percent(points)

    def write(self, value: Any) -> Any:
        if not isinstance(value, Percent):
            raise Misfit("wrong_type", value, self.name)
        return super().write(value.points)

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        return {**heading(Percent, self.title), **super().describe(definitions)}
