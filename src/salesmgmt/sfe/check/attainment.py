"""How far targets are reached: attainment, variance, and the rate that the rest needs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import attrs

from salesmgmt.core.errors import SalesError
from salesmgmt.core.exact import add, divide, multiply
from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent
from salesmgmt.engines.metrics import Direction, Figure, number_of, unit_of
from salesmgmt.sfe.figures import difference, in_unit_of

_ZERO = Decimal(0)


@attrs.frozen(kw_only=True)
class Attainment:
    """A figure held against its target.

    Attributes:
        ratio: actual / target. Undefined with the flag `no_quota` (no target, or one of zero), `unplanned_sales` (sales
            against a target of zero), `no_actual`, `negative_target`, `unit_mismatch` (two currencies), or
            `lower_is_better` (a ceiling is met or not; a ratio to it would mislead).
        variance: actual - target, in the unit of the metric; undefined only when one of them is missing.
        favourable_variance: the variance with the sign of good news: above zero is good.
        met: whether the target is reached; `None` when that cannot be said.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.sfe.check.attainment import Attainment
    >>> Attainment.of(Money(90, "EUR"), Money(120, "EUR")).ratio.value
    Percent('75')
    >>> Attainment.of(Money(90, "EUR"), Money(0, "EUR")).ratio
    Measured(None, flag='unplanned_sales', n=0)
    """

    ratio: Measured[Percent]
    variance: Measured[Figure]
    favourable_variance: Measured[Figure]
    met: bool | None

    @classmethod
    def of(
        cls,
        actual: Figure | None,
        target: Figure | None,
        direction: Direction | str = Direction.HIGHER_IS_BETTER,
    ) -> Attainment:
        """Compare a figure with its target.

        Attainment and variance follow the goals of Microsoft Dynamics 365 and the target variance reports of ERPNext,
        with the undefined cases flagged instead of shown as 0 %.

        Args:
            actual: what was reached; `None` when it is undefined.
            target: what was wanted; `None` when nothing was.
            direction: which way the metric should go.
        """
        wanted = Direction(direction)
        if actual is None or target is None:
            return cls._undefined("no_quota" if target is None else "no_actual")
        if unit_of(actual) != unit_of(target):
            return cls._undefined("unit_mismatch")
        variance = difference(actual, target)
        favourable = variance if wanted is Direction.HIGHER_IS_BETTER else difference(target, actual)
        return cls(
            ratio=_ratio(actual, target, wanted),
            variance=Measured(variance),
            favourable_variance=Measured(favourable),
            met=number_of(favourable) >= 0,
        )

    @classmethod
    def _undefined(cls, flag: str) -> Attainment:
        return cls(
            ratio=Measured(None, flag),
            variance=Measured(None, flag),
            favourable_variance=Measured(None, flag),
            met=None,
        )


def _ratio(actual: Figure, target: Figure, direction: Direction) -> Measured[Percent]:
    reached, wanted = number_of(actual), number_of(target)
    if direction is Direction.LOWER_IS_BETTER:
        return Measured(None, "lower_is_better")
    if wanted < 0:
        return Measured(None, "negative_target")
    if wanted == 0:
        return Measured(None, "unplanned_sales" if reached > 0 else "no_quota")
    return Measured(Percent.of_ratio(divide(reached, wanted)))


def team_attainment(rows: Iterable[tuple[Figure | None, Figure | None]]) -> Measured[Percent]:
    """Return the attainment of a team: the sum of what was reached over the sum of the targets.

    Never the mean of the members' ratios, in which a small target weighs as much as a large one. A missing actual counts
    as nothing reached, a missing target as none; the sales of a member without a target count for the team.

    Args:
        rows: actual and target of each member.

    Returns:
        The ratio with `n` members, or the flags of `Attainment.ratio`.

    >>> from decimal import Decimal
    >>> from salesmgmt.sfe.check.attainment import team_attainment
    >>> print(team_attainment([(Decimal(50), Decimal(100)), (Decimal(310), Decimal(200))]).value)
    120%
    """
    pairs = list(rows)
    present = [figure for pair in pairs for figure in pair if figure is not None]
    if not any(target is not None for _, target in pairs):
        return Measured(None, "no_quota", n=len(pairs))
    if len({unit_of(figure) for figure in present}) > 1:
        return Measured(None, "unit_mismatch", n=len(pairs))
    reached, wanted = _ZERO, _ZERO
    for actual, target in pairs:
        reached = reached if actual is None else add(reached, number_of(actual))
        wanted = wanted if target is None else add(wanted, number_of(target))
    return attrs.evolve(_ratio(reached, wanted, Direction.HIGHER_IS_BETTER), n=len(pairs))


class ImpossibleDays(SalesError, ValueError):
    """More working days have passed than there are, or fewer than none."""

    code = "impossible_days"

    def __init__(self, elapsed: int, total: int) -> None:
        self.elapsed = elapsed
        self.total = total
        super().__init__(
            f"{elapsed} of {total} working days have passed",
            hint="count both in the same period (BusinessCalendar.working_days)",
        )


@attrs.frozen(kw_only=True)
class RunRate:
    """Where a straight line leads, and what the rest of the period needs.

    Attributes:
        projected: actual / days passed x all days; `not_started` before the first day has passed.
        attainment: the projection against the target; the flags of `Attainment.ratio`.
        required_per_day: (target - actual) / days left; zero when the target is met, `no_days_left`, `no_quota`.

    >>> from decimal import Decimal
    >>> from salesmgmt.sfe.check.attainment import RunRate
    >>> rate = RunRate.of(Decimal(45_000), Decimal(120_000), days=60, days_passed=24)
    >>> rate.projected.value, rate.attainment.value
    (Decimal('112500'), Percent('93.75'))
    """

    projected: Measured[Figure]
    attainment: Measured[Percent]
    required_per_day: Measured[Figure]

    @classmethod
    def of(cls, actual: Figure, target: Figure | None, *, days: int, days_passed: int) -> RunRate:
        """Project by working days, the arithmetic of every quota tracker.

        Args:
            actual: what was reached so far.
            target: what is wanted by the end; `None` when nothing is.
            days: working days of the whole period.
            days_passed: working days that have passed.

        Raises:
            ImpossibleDays: the days do not fit together.
        """
        if not 0 <= days_passed <= days:
            raise ImpossibleDays(days_passed, days)
        projected: Measured[Figure] = Measured(None, "not_started")
        if days_passed:
            total = multiply(number_of(actual), Decimal(days))
            projected = Measured(in_unit_of(divide(total, Decimal(days_passed)), actual))
        ratio = (
            Attainment.of(projected.value, target).ratio
            if days_passed
            else Measured[Percent](None, "not_started")
        )
        return cls(
            projected=projected,
            attainment=ratio,
            required_per_day=_required(actual, target, days - days_passed),
        )


def _required(actual: Figure, target: Figure | None, days_left: int) -> Measured[Figure]:
    if target is None:
        return Measured(None, "no_quota")
    if unit_of(actual) != unit_of(target):
        return Measured(None, "unit_mismatch")
    gap = number_of(difference(target, actual))
    if gap <= 0:
        return Measured(in_unit_of(_ZERO, actual))
    if not days_left:
        return Measured(None, "no_days_left")
    return Measured(in_unit_of(divide(gap, Decimal(days_left)), actual))
