"""The types of the formula language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

import attrs

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

Scalar: TypeAlias = Decimal | Percent | Money | bool | str | date | datetime
"""One value of the language; an `int` stands for its `Decimal`."""

Value: TypeAlias = Scalar | frozenset[Scalar]
"""A value of the language; `None` stands for a missing one."""

Values: TypeAlias = Mapping[str, Value | int | None]
"""What a formula is evaluated with: values by (dotted) name."""


@attrs.frozen
class Type:
    """A type of the formula language.

    Attributes:
        name: as messages show it.
        element: the type of the members, for a set.
    """

    name: str
    element: Type | None = None

    def __str__(self) -> str:
        return self.name


class _SetOf:
    """`SET[TEXT]` is the type of a set of texts."""

    def __getitem__(self, element: Type) -> Type:
        return Type(f"set of {element}", element)


NUMBER = Type("number")
PERCENT = Type("percent")
MONEY = Type("money")
BOOL = Type("bool")
TEXT = Type("text")
DATE = Type("date")
INSTANT = Type("instant")
SET = _SetOf()

TYPES = (NUMBER, PERCENT, MONEY, BOOL, TEXT, DATE, INSTANT)
"""Every type but the sets of these."""
