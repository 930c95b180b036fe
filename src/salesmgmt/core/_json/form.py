"""What a JSON form is, and how the faults of a document are gathered."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import attrs

from salesmgmt.core._json.schema import Definitions
from salesmgmt.core.errors import Problem, SalesError, shorten

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
"""A plain JSON value; numbers that must be exact stand in texts."""

MOST_PROBLEMS = 1_000
"""Problems that are listed of one document, so that a hostile one costs bounded time and memory."""

REFUSALS = (SalesError, ValueError, TypeError, ArithmeticError, LookupError)
"""What a constructor, converter or validator raises to refuse a value."""

_HINTED_PROBLEMS = 50


@attrs.frozen
class RawNumber:
    """A JSON number that must not become a float by itself: its digits, or `NaN`, `Infinity`."""

    text: str


class Misfit(Exception):
    """A value does not have the form that is wanted here; never leaves the codec, which makes a `Problem` of it."""

    def __init__(self, code: str, found: object, wanted: str, hint: str = "", path: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.found = found
        self.wanted = wanted
        self.hint = hint
        self.path = path


class Faults:
    """The problems of one document, at most `MOST_PROBLEMS` of them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @property
    def full(self) -> bool:
        """Whether looking further is a waste."""
        return len(self.problems) >= MOST_PROBLEMS

    @property
    def worth_a_hint(self) -> bool:
        """Whether a reader will still look at a hint that costs time to find."""
        return len(self.problems) < _HINTED_PROBLEMS

    def add(self, path: str, misfit: Misfit) -> None:
        """Note a misfit at `path`."""
        if misfit.path:
            path = child(path, misfit.path)
        self.note(path, misfit.code, shown(misfit.found), misfit.wanted, misfit.hint)

    def note(self, path: str, code: str, found: str | None, wanted: str, hint: str = "") -> None:
        """Note a problem at `path`."""
        self.problems.append(Problem(path or "the document", code, found, wanted, hint))


class Form:
    """How the values of one type stand in JSON: one place that reads, writes and describes them.

    `read` and `write` are quick and stop at the first misfit. When one of them has failed, `collect` and
    `examine` go over the same thing again, slowly, and note every misfit with its path.
    """

    name = "a value"
    """What a message calls it."""
    title = ""
    """What a schema calls it, when it is described apart."""
    described: Mapping[str, Any] = MappingProxyType({})
    """Its JSON Schema, when it has no parts."""

    def read(self, data: Any, _: object = None, /) -> Any:
        """Make the value of a JSON value, or raise `Misfit` (cattrs hands the type over as well)."""
        raise NotImplementedError

    def write(self, value: Any, /) -> Any:
        """Make the JSON value of a value, or raise `Misfit`."""
        raise NotImplementedError

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        """Describe the form in JSON Schema: in place, or by reference when it has a title."""
        return definitions.refer(self) if self.title else self.describe(definitions)

    def describe(self, definitions: Definitions) -> dict[str, Any]:  # noqa: ARG002 - what has parts overrides it
        """Describe the form in JSON Schema, in full."""
        return dict(self.described)

    def collect(self, data: Any, path: str, faults: Faults) -> Any:
        """Read, noting every misfit; what is returned counts only when nothing was noted."""
        try:
            return self.read(data)
        except Misfit as misfit:
            faults.add(path, misfit)
            return None

    def examine(self, value: Any, path: str, faults: Faults) -> None:
        """Note every misfit that writing would meet."""
        try:
            self.write(value)
        except Misfit as misfit:
            faults.add(path, misfit)


def child(path: str, key: str) -> str:
    """The path of the member `key` of the object at `path`."""
    if not key.isidentifier() or len(key) > 60:
        return f"{path}[{shorten(key)}]"
    return f"{path}.{key}" if path else key


def shown(value: object) -> str | None:
    """Show a JSON value in a message, in bounded time whatever its size."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, RawNumber):
        return shorten(value.text).strip("'")
    if isinstance(value, dict):
        return "an object" if value else "an empty object"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, str | int | float):
        return shorten(value)
    return f"a {type(value).__name__}"
