"""Conditions on frames: an expression that is true or false in every row and never null, or a constant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias, Union

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

Truth: TypeAlias = Union["nw.Expr", bool]


def all_of(parts: Iterable[Truth]) -> Truth:
    """Whether every part holds."""
    found: Truth = True
    for part in parts:
        if part is False or found is False:
            return False
        if part is not True:
            found = part if found is True else found & part
    return found


def any_of(parts: Iterable[Truth]) -> Truth:
    """Whether some part holds."""
    return negated(all_of(negated(part) for part in parts))


def negated(part: Truth) -> Truth:
    """Whether it does not hold."""
    return not part if isinstance(part, bool) else ~part
