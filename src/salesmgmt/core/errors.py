"""What every refusal of the library looks like.

An exception is raised for a mistake or for a command that cannot be carried out. An *expected* no (a stage
that may not be entered yet, a discount above its limit) is a value and lives with its concept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

import attrs

K = TypeVar("K", bound=StrEnum)


class SalesError(Exception):
    """Base of every exception that salesmgmt raises on purpose.

    A subclass also derives from the natural builtin (`ValueError`, `LookupError`, ...), sets `code`, keeps every
    fact as an attribute, and ends its message in what to do.

    Attributes:
        code: stable identifier of the kind of error, for translation and for programs; never shown text.
        hint: what the reader can do about it.
    """

    code: ClassVar[str] = "sales_error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.hint = hint

    @property
    def facts(self) -> dict[str, object]:
        """The facts of this error by name, as a message template of `wording` needs them."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the finished message and the facts, whatever the constructor takes."""
        return _restore, (type(self), self.args, dict(vars(self)))


def _restore(cls: type[SalesError], args: tuple[object, ...], facts: dict[str, object]) -> SalesError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(facts)
    return error


class FloatRefused(SalesError, TypeError):
    """A binary float was given where an exact number is needed."""

    code = "float_refused"

    def __init__(self, found: float, what: str = "an exact number") -> None:
        digits = float.__repr__(found)  # the repr of a subclass, such as numpy's, is no text of a number
        super().__init__(
            f"{what} cannot be made from the float {digits}",
            hint=f"write Decimal('{digits}') or '{digits}' if those digits are meant",
        )
        self.found = found
        self.what = what


@attrs.frozen
class Problem:
    """One fault found in input from outside.

    Attributes:
        path: where it is, in the reader's terms: `lines[2].quantity`, or `deals.csv row 7, column value`.
        code: stable identifier of the kind of fault.
        found: what stood there, shortened for showing; `None` when nothing did.
        wanted: what would have been right.
        hint: what to do, when `wanted` does not say it already.
    """

    path: str
    code: str
    found: str | None
    wanted: str
    hint: str = ""

    def __str__(self) -> str:
        found = "nothing" if self.found is None else self.found
        text = f"{self.path}: found {found}, wanted {self.wanted}"
        return f"{text}; {self.hint}" if self.hint else text


class InvalidInput(SalesError, ValueError):
    """Input from outside has faults; all of them are listed, and none of the input was applied.

    Attributes:
        what: what was being read (`pipeline enterprise.toml`, `Deal`).
        problems: every fault, in the order of the input.
    """

    code = "invalid_input"

    def __init__(self, what: str, problems: Iterable[Problem]) -> None:
        self.what = what
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(
            f"{what} has {count} problem{'' if count == 1 else 's'}:\n{listed(self.problems)}",
            hint="correct the input and read it again",
        )


class UnknownOption(SalesError, ValueError):
    """A setting is none of the words that it may be.

    Attributes:
        what: the setting.
        found: what was given, shortened for showing.
        known: the words that it may be.
    """

    code = "unknown_option"

    def __init__(self, what: str, found: object, known: Iterable[str]) -> None:
        self.what = what
        self.found = shorten(found)
        self.known = tuple(str(word) for word in known)
        super().__init__(f"{what} cannot be {self.found}", hint=f"use one of: {', '.join(self.known)}")


class MissingExtra(SalesError, ImportError):
    """An optional dependency is not installed."""

    code = "missing_extra"

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed", hint=f"run: pip install 'salesmgmt[{extra}]'")
        self.package = package
        self.extra = extra


def option(kind: type[K], value: str, what: str) -> K:
    """Return the member of an enumeration that `value` is or names; raises `UnknownOption`.

    >>> from salesmgmt.core.errors import option
    >>> from salesmgmt.core.period import MonthEnd
    >>> option(MonthEnd, "stick", "the rule")
    <MonthEnd.STICK: 'stick'>
    """
    try:
        return kind(value)
    except ValueError:
        raise UnknownOption(what, value, kind) from None


def listed(items: Sequence[object]) -> str:
    r"""The first 50 items for a message, one a line, and how many more there are.

    >>> from salesmgmt.core.errors import listed
    >>> listed(["one", "two"])
    '  one\n  two'
    """
    more = (f"  and {len(items) - 50} more",) if len(items) > 50 else ()
    return "\n".join((*(f"  {item}" for item in items[:50]), *more))


def shorten(value: object, limit: int = 60) -> str:
    """Show `value` from outside in a message: its repr, without flooding the reader.

    >>> shorten("x" * 100_000)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"
    """
    if isinstance(value, str | bytes):
        text = repr(value[: limit + 1])
    elif isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 200:
        text = f"an integer of {value.bit_length()} bits"
    else:
        try:
            text = repr(value)
        except Exception:  # noqa: BLE001 - a foreign, deeply nested or huge value must not replace the error it is shown in
            text = f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
