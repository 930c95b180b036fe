"""What the columnar path can compute: tables of exact numbers looked up by classes of facts, and roundings.

A `ColumnPlan` knows nothing of procedures or records, and nothing here needs NumPy: `plan_of` writes a plan for a
model, the kernel runs it over columns. Every number is a fraction, so that nothing is lost on the way from one to the
other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, TypeAlias

import attrs

from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.products import Catalogue

CONFLICT = "conflict"
NO_PRICE = "no_price"


@attrs.frozen(kw_only=True)
class Inexpressible:
    """Why columns cannot be priced by tables, so that they are priced row by row.

    Attributes:
        step: id of the step, or of the rule, that stands in the way; empty for the model as a whole.
        found: what it has.
        wanted: what a table could express.
        code: (class) `inexpressible`.

    >>> from salesmgmt.cpq.pricing.columnar import Inexpressible
    >>> print(Inexpressible(step="header", found="discounts on the document", wanted="steps on lines"))
    header: found discounts on the document, wanted steps on lines
    """

    code: ClassVar[str] = "inexpressible"

    step: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.step or 'model'}: found {self.found}, wanted {self.wanted}"


@attrs.frozen(order=True)
class Cut:
    """A place between two values of an ordered fact: just before `value`, or just after it.

    >>> from decimal import Decimal
    >>> from salesmgmt.cpq.pricing.columnar.plan import Cut
    >>> Cut(Decimal(10)) < Cut(Decimal(10), is_after=True) < Cut(Decimal(11))
    True
    """

    value: Decimal | date
    is_after: bool = False


@attrs.frozen(kw_only=True)
class Among:
    """A text or truth value is one of some values, or none of them.

    Attributes:
        values: the values.
        others: whether it must be none of them instead.
        missing: whether a missing fact will do.
    """

    values: frozenset[str | bool]
    others: bool = False
    missing: bool = False


@attrs.frozen(kw_only=True)
class Within:
    """A number or day lies in one of some spans.

    Attributes:
        spans: in order, apart from each other; `None` is an open end.
        missing: whether a missing fact will do.
    """

    spans: tuple[tuple[Cut | None, Cut | None], ...]
    missing: bool = False


Constraint: TypeAlias = Among | Within
"""What a layer asks of one fact."""


@attrs.frozen(kw_only=True)
class Layer:
    """A number that applies where facts fit.

    Attributes:
        where: what is asked of each fact, by name; facts that are not named do not matter.
        value: the number: a price of a unit, the ratio taken off, or the amount taken off; `None` where the layer
            says that there is none.
        records: ids of the records or rules that it stands for.
        reason: code of why there is no value.
        from_start: whether a ratio is taken off the amount before the step, and not off what layers before it left.
    """

    where: Mapping[str, Constraint] = attrs.field(factory=dict, hash=False)
    value: Fraction | None
    records: tuple[str, ...]
    reason: str = ""
    from_start: bool = False


@attrs.frozen(kw_only=True)
class PriceLookup:
    """The amount becomes price times quantity. Prices are zero or more.

    Attributes:
        step: id of the step.
        levels: tables of layers; the last level that has something decides, and in it the last layer.
    """

    step: str
    levels: tuple[tuple[Layer, ...], ...]


@attrs.frozen(kw_only=True)
class TakeRatio:
    """Ratios are taken off the amount, which never falls below zero.

    Attributes:
        step: id of the step.
        layers: ratios, at most 1, negative for a surcharge.
        is_sum: whether every layer that fits applies, in order; otherwise the last one alone.
    """

    step: str
    layers: tuple[Layer, ...]
    is_sum: bool = True


@attrs.frozen(kw_only=True)
class TakeAmount:
    """Amounts are taken off the amount, which never falls below zero.

    Attributes:
        step: id of the step.
        layers: amounts of one sign; every layer that fits applies.
        per_unit: whether they are taken off each unit.
    """

    step: str
    layers: tuple[Layer, ...]
    per_unit: bool = False


@attrs.frozen(kw_only=True)
class ReplacePrice:
    """Another price of a unit replaces the one that was found; the last layer that fits decides.

    Attributes:
        step: id of the step.
        layers: prices of a unit, zero or more.
    """

    step: str
    layers: tuple[Layer, ...]


@attrs.frozen(kw_only=True)
class RoundAmount:
    """The amount is rounded."""

    step: str
    rounding: Rounding


@attrs.frozen(kw_only=True)
class RankedRule:
    """A rule of a price list.

    Attributes:
        id: of the rule.
        lower: where the quantities begin for which it holds; `None` at zero.
        upper: where they end.
        starts: the instant from which it holds, in UTC; `None` since ever.
        ends: the instant from which it no longer holds.
        price: the price of a unit that replaces the amount.
        kept: what remains of the amount. When there is neither a price nor this, lines that it wins are priced by rows.
    """

    id: str
    lower: Cut | None = None
    upper: Cut | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    price: Fraction | None = None
    kept: Fraction | None = None


@attrs.frozen(kw_only=True)
class RuleSearch:
    """Rules that are found by the same facts.

    Attributes:
        fields: the names of the facts.
        places: for each of them, which of its values counts when it has several; zero when it has one.
        keys: for each rule, the values that it wants.
        rules: the numbers of the rules in `ChooseRule.rules`.
        ranks: for each rule how it stands against those of all searches: the greatest wins, and equal ones are tied.
    """

    fields: tuple[str, ...]
    places: tuple[int, ...]
    keys: tuple[tuple[object, ...], ...]
    rules: tuple[int, ...]
    ranks: tuple[int, ...]


@attrs.frozen(kw_only=True)
class ChooseRule:
    """One rule of a price list replaces the amount, or leaves a part of it; lines that two of equal rank claim go by rows.

    Attributes:
        step: id of the step.
        rules: the rules.
        searches: where they are found.
        catalogue: what is known of products.
        time_zone: in which days begin.
        gives_first: whether a price of it also counts where there was none before.
    """

    step: str
    rules: tuple[RankedRule, ...]
    searches: tuple[RuleSearch, ...]
    catalogue: Catalogue
    time_zone: str
    gives_first: bool = False


Later: TypeAlias = TakeRatio | TakeAmount | ReplacePrice | ChooseRule | RoundAmount
"""What changes an amount once there is one."""


@attrs.frozen(kw_only=True)
class ColumnPlan:
    """How the amount of a line follows from columns, in one currency.

    Attributes:
        currency: of every price and amount.
        decimals: in how many decimals the result is counted; those of the minor unit, unless the procedure rounds to less.
        price: the first operation.
        operations: what follows; the last one rounds.
        families: family of each product, for layers that ask for `line.family`.
    """

    currency: str
    decimals: int
    price: PriceLookup
    operations: tuple[Later, ...]
    families: Mapping[str, str] = attrs.field(factory=dict, hash=False)
