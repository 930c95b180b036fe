"""A metric: what a figure is called, what it means, and how it is computed from facts."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import attrs

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.core.formula import MONEY, NUMBER, PERCENT, Schema, Type, Value
from salesmgmt.core.measured import Measured
from salesmgmt.engines.metrics._cells import Outcome
from salesmgmt.engines.metrics._lint import lint_aggregate
from salesmgmt.engines.metrics._plan import Plan, Tally
from salesmgmt.engines.metrics.aggregate import Aggregate
from salesmgmt.engines.metrics.direction import Direction
from salesmgmt.engines.metrics.facts import FactKind
from salesmgmt.engines.metrics.figure import Figure
from salesmgmt.engines.metrics.part import Part


class Unit(StrEnum):
    """What a metric counts in.

    >>> from salesmgmt.engines.metrics import Unit
    >>> Unit.RATIO.type.name
    'number'
    """

    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"
    RATIO = "ratio"
    """A share or factor as a plain number: 0.25 for a quarter."""
    HOURS = "hours"
    DAYS = "days"
    NUMBER = "number"

    @property
    def type(self) -> Type:
        """The type of the formula language that its figures have."""
        return _TYPES.get(self, NUMBER)


_TYPES = {Unit.MONEY: MONEY, Unit.PERCENT: PERCENT}


@attrs.frozen(kw_only=True)
class Metric:
    """A definition of a figure over one kind of facts.

    Attributes:
        id: its name: identifiers joined by dots, so that formulas can use it.
        facts: the kind of rows it is computed from (`deal`), see `FactKind`.
        aggregate: how the rows become one figure.
        unit: what the figure counts in.
        direction: whether more is better.
        undefined: the flag when there is nothing to compute it from.
        source: where the definition comes from (author, year).

    >>> from salesmgmt.core.formula import TEXT, Schema
    >>> from salesmgmt.engines.metrics import Count, Metric, Ratio, Unit
    >>> win_rate = Metric(
    ...     id="win_rate", facts="deal", unit=Unit.RATIO, undefined="no_closed_deals",
    ...     aggregate=Ratio(Count("status == 'won'"), Count("status in {'won', 'lost'}")),
    ... )
    >>> measurer = win_rate.compile(Schema({"status": TEXT}))
    >>> measurer.measure([{"status": "won"}, {"status": "lost"}, {"status": "open"}])
    Measured(Decimal('0.5'), n=2, metric='win_rate')
    >>> measurer.measure([])
    Measured(None, flag='no_closed_deals', n=0, metric='win_rate')
    """

    id: str
    facts: str
    aggregate: Aggregate
    unit: Unit = Unit.NUMBER
    direction: Direction = Direction.HIGHER_IS_BETTER
    undefined: str = "no_facts"
    source: str = ""

    def lint(self, facts: FactKind | Schema) -> tuple[Finding, ...]:
        """Return what is wrong with this metric over rows of `facts`.

        Codes: `bad_id`, `other_facts`, `formula`, `wrong_type`, `not_a_ratio`, `contradictory_condition`, `wrong_unit`.

        >>> from salesmgmt.core.formula import TEXT, Schema
        >>> from salesmgmt.engines.metrics import Metric, Sum
        >>> wrong = Metric(id="value", facts="deal", aggregate=Sum("status"))
        >>> print(wrong.lint(Schema({"status": TEXT}))[0])
        error wrong_type at metrics.value.of: 'status' is of type text; use one of number, percent, money
        """
        where = f"metrics.{self.id}"
        kind = kind_of(facts)
        type_, faults = lint_aggregate(self.aggregate, kind.schema, where)
        findings = list(faults)
        if not _is_name(self.id):
            findings.append(_finding("bad_id", where, "the id is no name", "use identifiers joined by dots"))
        if kind.name not in ("", self.facts):
            findings.append(
                _finding("other_facts", where, f"it is about {self.facts}, not {kind.name}", "give its facts")
            )
        if type_ is not None and type_ != self.unit.type:
            message = f"the unit {self.unit} does not fit a figure of type {type_}"
            findings.append(_finding("wrong_unit", where, message, "correct the unit"))
        return tuple(findings)

    def compile(self, facts: FactKind | Schema, *, currency: str | None = None) -> Measurer:
        """Make what measures this metric.

        Args:
            facts: the kind of the rows, or just their schema.
            currency: of the zero that a sum of no amounts is; without it such a sum is undefined.

        Raises:
            InvalidDefinition: the metric cannot work over these rows; every finding is listed.
        """
        refuse_errors(f"metric {self.id}", self.lint(facts))
        return Measurer(self, kind_of(facts), currency)

    def measured(self, outcome: Outcome) -> Measured[Figure]:
        """Make a figure of this metric from what its plan worked out."""
        flag = outcome.flag or (self.undefined if outcome.value is None else None)
        return Measured(outcome.value, flag, n=outcome.n, coverage=outcome.coverage, metric=self.id)


class Measurer:
    """A metric compiled for one kind of rows; it never changes, and may be shared by threads.

    Made by `Metric.compile`. A row is a mapping by the names of the schema, or an object that its `FactKind` reads.
    Figures are exact: sums do not depend on the order of the rows, quotients have 34 digits.

    Attributes:
        metric: the definition.
        facts: the kind of the rows.
        currency: of the zero that a sum of no amounts is.
        plan: how rows are read, for `roll_up`.
    """

    __slots__ = ("currency", "facts", "metric", "plan")

    def __init__(self, metric: Metric, facts: FactKind, currency: str | None) -> None:
        self.metric, self.facts, self.currency = metric, facts, currency
        self.plan = Plan((metric.aggregate,), facts, currency)

    def measure(self, rows: Iterable[object]) -> Measured[Figure]:
        """Compute the figure of all rows.

        Flags of an undefined figure: that of the metric (nothing to compute it from), `mixed_currencies` (amounts in two
        currencies do not add up), `values_missing` (rows there were, but none with a value).

        Raises:
            EvaluationError: a value is not of its declared type, or a formula has no answer for a row.
        """
        return self.finished(self.plan.tally(rows))

    def by(self, rows: Iterable[object], key: str) -> dict[Value | None, Measured[Figure]]:
        """Compute the figure of each group of rows, in one pass.

        Args:
            rows: the rows.
            key: a name of a row, or any formula over one; rows without it are in the group `None`.

        Raises:
            FormulaError: `key` is no formula over a row.
            EvaluationError: as for `measure`.

        >>> from salesmgmt.core.formula import TEXT, Schema
        >>> from salesmgmt.engines.metrics import Count, Metric
        >>> deals = Metric(id="deals", facts="deal", aggregate=Count()).compile(Schema({"owner": TEXT}))
        >>> deals.by([{"owner": "li"}, {"owner": "li"}, {}], "owner")["li"].value
        Decimal('2')
        """
        return {its: self.finished(tally) for its, tally in self.plan.tallies(rows, key).items()}

    def of_parts(self, groups: Iterable[Iterable[Part]]) -> Measured[Figure]:
        """Compute the figure of rows that another engine has counted and summed, such as a database.

        Args:
            groups: for each group of rows (there may be one for each currency) a part for each of `plan.leaves`. Only
                counts, sums, means and ratios of these can be made of parts.

        >>> from decimal import Decimal
        >>> from salesmgmt.core.formula import MONEY, Schema
        >>> from salesmgmt.engines.metrics import Mean, Metric, Part, Unit
        >>> size = Metric(id="size", facts="deal", unit=Unit.MONEY, aggregate=Mean("amount"))
        >>> size.compile(Schema({"amount": MONEY})).of_parts([[Part(n=4, total=Decimal(10), currency="EUR")]]).value
        Money('2.5', 'EUR')
        """
        tally = self.plan.empty()
        for parts in groups:
            tally.merge(self.plan.of_parts(parts))
        return self.finished(tally)

    def finished(self, tally: Tally) -> Measured[Figure]:
        """Make the figure of the rows in a tally of `plan`."""
        (outcome,) = self.plan.outcomes(tally)
        return self.metric.measured(outcome)

    def __repr__(self) -> str:
        return f"Measurer({self.metric.id!r} over {self.metric.facts!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Measurer, (self.metric, self.facts, self.currency)


def kind_of(facts: FactKind | Schema) -> FactKind:
    """Return a kind of facts; a bare schema is one without a name."""
    return facts if isinstance(facts, FactKind) else FactKind("", facts)


def _is_name(text: str) -> bool:
    try:
        Schema({text: NUMBER})
    except InvalidInput:
        return False
    return True


def _finding(code: str, where: str, message: str, hint: str) -> Finding:
    return Finding(code=code, where=where, message=message, hint=hint)
