"""One tier of a quantity scale: from where to where it holds, and what it charges."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import Number, exact
from salesmgmt.core.percent import Percent


def _number(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value, "a number of a tier")


@attrs.frozen(kw_only=True)
class Tier:
    """What a scale charges between two bounds.

    At most one of `unit_amount`, `percent`, `amount_off` and the package says what units cost; `flat_amount` comes
    on top or stands alone. Amounts are in the currency of the scale.

    Attributes:
        lower: where it begins; `None` where the tier before it ends, zero for the first.
        upper: where it ends; `None` where the tier after it begins, never for the last. Whether a bound itself
            belongs to the tier, the scale says (`Scale.boundary`).
        unit_amount: what a unit costs.
        flat_amount: charged once when the tier is entered; of a block, its price.
        percent: taken off the list price of each unit; negative for a surcharge.
        amount_off: taken off the list price of each unit.
        package_size: units of a package, more than zero.
        package_amount: what a package costs.
        overage_unit: what a unit costs beyond `overage_from`, on top.
        overage_from: the quantity up to which no overage is charged; `None` for where a block begins, or for the end
            of the last tier when the scale charges overage beyond it.

    Raises:
        InvalidInput: it charges nothing or in two ways, half a package, or its bounds are negative or reversed.

    >>> from salesmgmt.cpq.pricing.scales.tier import Tier
    >>> Tier(upper=10, unit_amount="6.50", flat_amount=3).unit_amount
    Decimal('6.50')
    >>> Tier(lower=10, upper=5)
    Traceback (most recent call last):
    salesmgmt.core.errors.InvalidInput: tier has 2 problems:
      upper: found 5, wanted at least 10
      unit_amount: found nothing, wanted a unit amount, a percentage, ...
    """

    lower: Decimal | None = attrs.field(default=None, converter=_number)
    upper: Decimal | None = attrs.field(default=None, converter=_number)
    unit_amount: Decimal | None = attrs.field(default=None, converter=_number)
    flat_amount: Decimal | None = attrs.field(default=None, converter=_number)
    percent: Percent | None = None
    amount_off: Decimal | None = attrs.field(default=None, converter=_number)
    package_size: Decimal | None = attrs.field(default=None, converter=_number)
    package_amount: Decimal | None = attrs.field(default=None, converter=_number)
    overage_unit: Decimal | None = attrs.field(default=None, converter=_number)
    overage_from: Decimal | None = attrs.field(default=None, converter=_number)

    def __attrs_post_init__(self) -> None:
        problems = tuple(self._faults())
        if problems:
            raise InvalidInput("tier", problems)

    def _faults(self) -> Iterator[Problem]:
        for name in ("lower", "upper", "overage_from"):
            bound: Decimal | None = getattr(self, name)
            if bound is not None and bound < 0:
                yield Problem(name, "negative", f"{bound:f}", "zero or more")
        if self.lower is not None and self.upper is not None and self.upper < self.lower:
            yield Problem("upper", "reversed", f"{self.upper:f}", f"at least {self.lower:f}")
        if (self.package_size is None) is not (self.package_amount is None):
            absent = "package_size" if self.package_size is None else "package_amount"
            yield Problem(absent, "missing", None, "both the size and the amount of a package")
        if self.package_size is not None and self.package_size <= 0:
            yield Problem("package_size", "not_positive", f"{self.package_size:f}", "more than zero")
        if self.overage_from is not None and self.overage_unit is None:
            yield Problem("overage_unit", "missing", None, "what a unit beyond overage_from costs")
        rates = [
            name
            for name in ("unit_amount", "percent", "amount_off", "package_amount")
            if getattr(self, name) is not None
        ]
        if len(rates) > 1:
            yield Problem(rates[1], "one_of", " and ".join(rates), "one of them")
        if not rates and self.flat_amount is None:
            yield Problem(
                "unit_amount", "missing", None, "a unit amount, a percentage, an amount off, a package or a flat amount"
            )  # fmt: skip
