"""A figure that may be undefined."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Generic, TypeVar

import attrs

from salesmgmt.core.errors import SalesError

T = TypeVar("T")


class Undefined(SalesError, ValueError):
    """The value of an undefined figure was demanded."""

    code = "undefined"

    def __init__(self, flag: str) -> None:
        super().__init__(
            f"the figure is undefined ({flag})", hint="look at `.flag`, or give `.or_else(...)` a value"
        )
        self.flag = flag


class MissingFlag(SalesError, ValueError):
    """A figure has neither a value nor a reason why it has none."""

    code = "missing_flag"

    def __init__(self) -> None:
        super().__init__(
            "a Measured without a value needs a flag",
            hint="say why it has none, as in flag='no_closed_deals'",
        )


@attrs.frozen
class Measured(Generic[T]):
    """The value of a metric, or the reason why it has none.

    A zero quota, no closed deal or an open cohort gives a flag, never 0 %, 100 % or NaN.

    Attributes:
        value: the figure; `None` when it is undefined.
        flag: why there is no value, or a warning about the one there is (`unplanned_sales`); `None` if all is well.
        n: how many facts stand behind it.
        coverage: share of the wanted facts that were present, 0 to 1; `None` when the question does not arise.
        metric: id of the metric it measures, when it came from a definition.

    Raises:
        MissingFlag: there is neither a value nor a flag.

    >>> Measured(None, flag="no_closed_deals")
    Measured(None, flag='no_closed_deals', n=0)
    """

    value: T | None
    flag: str | None = None
    n: int = attrs.field(default=0, kw_only=True)
    coverage: Decimal | None = attrs.field(default=None, kw_only=True)
    metric: str = attrs.field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.value is None and self.flag is None:
            raise MissingFlag

    @property
    def is_defined(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    def required(self) -> T:
        """Return the value; raises `Undefined` when there is none."""
        if self.value is None:
            raise Undefined(self.flag or "")
        return self.value

    def or_else(self, value: T) -> T:
        """Return the value, or the given one when it is undefined."""
        return value if self.value is None else self.value

    def __repr__(self) -> str:
        parts = [repr(self.value)]
        parts += [f"flag={self.flag!r}"] if self.flag else []
        parts += [f"n={self.n}"]
        parts += [f"coverage={self.coverage}"] if self.coverage is not None else []
        parts += [f"metric={self.metric!r}"] if self.metric else []
        return f"Measured({', '.join(parts)})"


AnyMeasured = Measured[Any]
