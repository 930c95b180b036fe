"""What an action changed: before and after, against a control group, with the error of the estimate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.exact import CONTEXT, Number, add, divide, exact, multiply, subtract
from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent
from salesmgmt.engines.metrics import Direction
from salesmgmt.engines.statistics import two_sided_p

_ONE = Decimal(1)
_FIVE_PERCENT = Percent(5)
_P_DIGITS = 12


class EffectMethod(StrEnum):
    """How an effect was estimated.

    Attributes:
        BEFORE_AFTER: the change itself; whatever else changed meanwhile is in it.
        DIFFERENCE_IN_DIFFERENCES: the change less that of a control group.
    """

    BEFORE_AFTER = "before_after"
    DIFFERENCE_IN_DIFFERENCES = "difference_in_differences"


class Verdict(StrEnum):
    """What an effect says about an action.

    Attributes:
        IMPROVED: better, by more than chance explains at the significance asked for.
        WORSE: worse, likewise.
        NO_CHANGE: chance explains the difference.
        UNTESTED: there is a difference, but too few subjects to tell it from chance.
        PENDING: the figures of the check window are not there yet.
        NO_BASELINE: the figure was undefined when the action was opened; nothing can be compared.
    """

    IMPROVED = "improved"
    WORSE = "worse"
    NO_CHANGE = "no_change"
    UNTESTED = "untested"
    PENDING = "pending"
    NO_BASELINE = "no_baseline"


@attrs.frozen(kw_only=True)
class Effect:
    """The estimated effect of an action on its metric.

    Attributes:
        method: how it was estimated.
        value: the effect in the unit of the metric (points for a percentage), or `no_baseline`, `pending`.
        standard_error: of the value; `too_few_subjects` when a group has no spread to estimate it from.
        df: degrees of freedom of the standard error.
        p_value: how often chance alone makes a difference as large, 0 to 1, two-sided; `no_spread` when the standard error
            is zero and the ratio undefined.
        verdict: what follows.

    >>> from salesmgmt.sfe.act import effect_of
    >>> effect_of([4], [1, 1, 2]).df
    Measured(Decimal('2'), n=0)
    """

    method: EffectMethod
    value: Measured[Decimal]
    standard_error: Measured[Decimal]
    df: Measured[Decimal]
    p_value: Measured[Decimal]
    verdict: Verdict


@attrs.frozen
class Change:
    """A figure before and after.

    >>> from salesmgmt.sfe.act.effect import Change
    >>> Change("20.44", "21.03").difference
    Decimal('0.59')
    """

    before: Decimal = attrs.field(converter=exact)
    after: Decimal = attrs.field(converter=exact)

    @property
    def difference(self) -> Decimal:
        """After less before."""
        return subtract(self.after, self.before)


def difference_in_differences(treated: Change, control: Change) -> Decimal:
    """Return the change of the treated less the change of the control group: (T1 - T0) - (C1 - C0).

    After Card & Krueger (1994), American Economic Review 84(4), table 3. It is an effect only as far as both would have
    changed alike without the action.

    >>> from salesmgmt.sfe.act.effect import Change, difference_in_differences
    >>> difference_in_differences(Change("20.44", "21.03"), Change("23.33", "21.17"))
    Decimal('2.75')
    """
    return subtract(treated.difference, control.difference)


def undefined_effect(method: EffectMethod, verdict: Verdict) -> Effect:
    """Return the effect that cannot be given, because of `pending` or `no_baseline`.

    >>> from salesmgmt.sfe.act.effect import EffectMethod, Verdict, undefined_effect
    >>> undefined_effect(EffectMethod.BEFORE_AFTER, Verdict.PENDING).value
    Measured(None, flag='pending', n=0)
    """
    nothing: Measured[Decimal] = Measured(None, verdict.value)
    return Effect(
        method=method, value=nothing, standard_error=nothing, df=nothing, p_value=nothing, verdict=verdict
    )


def before_after(
    baseline: Number | None, after: Number | None, direction: Direction | str = Direction.HIGHER_IS_BETTER
) -> Effect:
    """Return the change of one subject without anything to compare it with.

    One change has no spread, so that its error is unknown: the verdict is `no_change` for exactly none, else `untested`.

    Args:
        baseline: the figure when the action was opened; `None` when it was undefined.
        after: the figure of the check window; `None` while it is not there.
        direction: which way the metric should go.

    >>> from salesmgmt.sfe.act.effect import before_after
    >>> before_after("0.72", "0.81").value.value, before_after(None, "0.81").verdict.value
    (Decimal('0.09'), 'no_baseline')
    """
    if baseline is None or after is None:
        return undefined_effect(
            EffectMethod.BEFORE_AFTER, Verdict.NO_BASELINE if baseline is None else Verdict.PENDING
        )
    return _judged(
        EffectMethod.BEFORE_AFTER,
        Change(baseline, after).difference,
        _Error.unknown(),
        Direction(direction),
        _FIVE_PERCENT,
    )


def effect_of(
    treated: Iterable[Number],
    control: Iterable[Number],
    *,
    direction: Direction | str = Direction.HIGHER_IS_BETTER,
    significance: Percent = _FIVE_PERCENT,
) -> Effect:
    """Estimate an effect from the changes of treated and of untreated subjects.

    The value is the difference of the mean changes (difference in differences). Its standard error and degrees of freedom
    are those of Welch (1947), Biometrika 34, which does not assume equal spread. A single treated subject is tested
    against the spread of the controls, after Crawford & Howell (1998), The Clinical Neuropsychologist 12(4):
    se = s sqrt(1 + 1/n), df = n - 1. Without controls the value is the mean change, and nothing is tested.

    Args:
        treated: after less before, for each subject that had the action.
        control: the same for subjects of the control group.
        direction: which way the metric should go.
        significance: the p-value below which a difference counts.

    Returns:
        The effect; `pending` when no treated subject has a change yet.

    >>> from salesmgmt.sfe.act.effect import effect_of
    >>> effect = effect_of([3, 5, 4, 6], [1, 2, 0, 1, 1])
    >>> effect.value.value, round(effect.standard_error.value, 4), round(effect.df.value, 2), effect.verdict.value
    (Decimal('3.5'), Decimal('0.7188'), Decimal('4.42'), 'improved')
    """
    changes, others = [exact(change) for change in treated], [exact(change) for change in control]
    method = EffectMethod.DIFFERENCE_IN_DIFFERENCES if others else EffectMethod.BEFORE_AFTER
    if not changes:
        return undefined_effect(method, Verdict.PENDING)
    value = _mean(changes)
    if others:
        value = subtract(value, _mean(others))
    return _judged(method, value, _Error.of(changes, others), Direction(direction), significance)


@attrs.frozen
class _Error:
    """The standard error of a difference and its degrees of freedom, or why there are none."""

    standard_error: Decimal | None
    df: Decimal | None
    flag: str = ""

    @classmethod
    def unknown(cls) -> _Error:
        return cls(None, None, "too_few_subjects")

    @classmethod
    def of(cls, treated: Sequence[Decimal], control: Sequence[Decimal]) -> _Error:
        if not treated or len(control) < 2:
            return cls.unknown()
        spread = divide(_variance(control), Decimal(len(control)))
        if len(treated) == 1:
            square = add(_variance(control), spread)
            return cls(CONTEXT.sqrt(square), Decimal(len(control) - 1))
        own = divide(_variance(treated), Decimal(len(treated)))
        square = add(own, spread)
        if not square:
            return cls(square, None, "no_spread")
        shares = add(
            divide(multiply(own, own), Decimal(len(treated) - 1)),
            divide(multiply(spread, spread), Decimal(len(control) - 1)),
        )
        return cls(CONTEXT.sqrt(square), divide(multiply(square, square), shares))


def _judged(
    method: EffectMethod, value: Decimal, error: _Error, direction: Direction, significance: Percent
) -> Effect:
    p_value: Measured[Decimal] = Measured(None, error.flag or "no_spread")
    if error.standard_error and error.df is not None:
        p = two_sided_p(float(value) / float(error.standard_error), float(error.df))
        p_value = Measured(Decimal(repr(p)).quantize(_ONE.scaleb(-_P_DIGITS), context=CONTEXT))
    return Effect(
        method=method,
        value=Measured(value),
        standard_error=_measured(error.standard_error, error.flag),
        df=_measured(error.df, error.flag),
        p_value=p_value,
        verdict=_verdict(value, p_value.value, direction, significance),
    )


def _verdict(value: Decimal, p_value: Decimal | None, direction: Direction, significance: Percent) -> Verdict:
    if not value:
        return Verdict.NO_CHANGE
    if p_value is None:
        return Verdict.UNTESTED
    if p_value >= significance.ratio:
        return Verdict.NO_CHANGE
    return Verdict.IMPROVED if direction.favours(value, than=0) else Verdict.WORSE


def _measured(value: Decimal | None, flag: str) -> Measured[Decimal]:
    return Measured(None, flag) if value is None else Measured(value)


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for number in numbers:
        total = add(total, number)
    return total


def _mean(numbers: Sequence[Decimal]) -> Decimal:
    return divide(_sum(numbers), Decimal(len(numbers)))


def _variance(numbers: Sequence[Decimal]) -> Decimal:
    """The sample variance, with n - 1."""
    mean = _mean(numbers)
    deviations = [subtract(number, mean) for number in numbers]
    squares = _sum(multiply(deviation, deviation) for deviation in deviations)
    return divide(squares, Decimal(len(numbers) - 1))
