"""Percentages and amounts as people write them in definition files: `12.5%`, `1000 EUR`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from salesmgmt.core._json.form import Faults, Form, Misfit, shown
from salesmgmt.core._json.schema import Definitions
from salesmgmt.core.errors import SalesError
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

_LONGEST = 100
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"


class ByHand(Form):
    """A value in its JSON form or, for reading only, as a literal of the formula language."""

    def __init__(self, inner: Form, pattern: str, make: Callable[..., Any], example: str) -> None:
        self.inner = inner
        self.name = f'text such as "{example}"'
        self._pattern = re.compile(pattern, re.ASCII)
        self._make = make

    def matches(self, data: str) -> re.Match[str] | None:
        """The parts of a text that has this form; `None` for any other."""
        return self._pattern.fullmatch(data) if len(data) <= _LONGEST else None

    def read(self, data: Any, _: object = None) -> Any:
        if not isinstance(data, str):
            return self.inner.read(data)
        match = self.matches(data)
        if match is None:
            raise Misfit("not_allowed", data, self.name)
        try:
            return self._make(*match.groups())
        except SalesError as error:
            raise Misfit(error.code, data, self.name, error.hint) from error

    def collect(self, data: Any, path: str, faults: Faults) -> Any:
        if isinstance(data, str):
            return super().collect(data, path, faults)
        if not isinstance(data, dict):
            faults.note(path, "wrong_type", shown(data), self.name)
            return None
        return self.inner.collect(data, path, faults)

    def write(self, value: Any) -> Any:
        return self.inner.write(value)

    def examine(self, value: Any, path: str, faults: Faults) -> None:
        self.inner.examine(value, path, faults)

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        return {"anyOf": [self.described_text(), self.inner.schema(definitions)]}

    def described_text(self) -> dict[str, Any]:
        """Describe the text form alone."""
        return {"type": "string", "pattern": f"^{self._pattern.pattern}$"}


class EitherByHand(Form):
    """The text forms of several values, told apart by their patterns; for unions in which no text may stand."""

    def __init__(self, forms: list[ByHand]) -> None:
        self.forms = forms
        self.name = " or ".join(form.name for form in forms)

    def read(self, data: Any, _: object = None) -> Any:
        for form in self.forms:
            if form.matches(data):
                return form.read(data)
        raise Misfit("not_allowed", data, self.name)

    def describe(self, definitions: Definitions) -> dict[str, Any]:  # noqa: ARG002 - as every form has it
        return {"anyOf": [form.described_text() for form in self.forms]}


def percent_by_hand(inner: Form) -> ByHand:
    """`Percent`, also as `"12.5%"`."""
    return ByHand(inner, f"({_NUMBER})%", Percent, "12.5%")


def money_by_hand(inner: Form) -> ByHand:
    """`Money`, also as `"1000 EUR"`."""
    return ByHand(inner, f"({_NUMBER}) ([A-Z]{{3}})", Money, "1000 EUR")
