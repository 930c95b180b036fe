"""A probability from counts, with what speaks for and against."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import lcm

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import CONTEXT, divide, exact
from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.leads.scoring.frequencies.policy import DEFAULT_FREQUENCIES, FrequencyPolicy

_HALF = Fraction(1, 2)


@attrs.frozen(kw_only=True)
class Factor:
    """What one value of a lead says: how often won and lost leads had it.

    Attributes:
        field: the field, or `stage` or `tag`.
        value: its value.
        won: how many won leads had it.
        won_total: how many won leads had any value there.
        lost: how many lost leads had it.
        lost_total: how many lost leads had any value there.
        cumulative: whether a lead counts there for everything it passed, as for stages: all won leads passed all of them, and what
            speaks for a lead is how few lost ones got as far.

    Raises:
        FloatRefused, NotANumber: a count is no exact number.
        InvalidInput: a count is negative, a total is 0, or nobody had the value.

    >>> from salesmgmt.pipeline.leads import Factor
    >>> round(Factor(field="country", value="BE", won="1.1", won_total="2.2", lost="1.1", lost_total="1.2").score, 3)
    Decimal('0.353')
    """

    field: str
    value: str
    won: Decimal = attrs.field(converter=exact)
    won_total: Decimal = attrs.field(converter=exact)
    lost: Decimal = attrs.field(converter=exact)
    lost_total: Decimal = attrs.field(converter=exact)
    cumulative: bool = False

    def __attrs_post_init__(self) -> None:
        problems = [
            Problem(f"{self.field}.{name}", "range", str(count), wanted)
            for name, count, fits, wanted in (
                ("won", self.won, self.won >= 0, "0 or more"),
                ("lost", self.lost, self.lost >= 0, "0 or more"),
                ("won_total", self.won_total, self.won_total > 0, "above 0"),
                ("lost_total", self.lost_total, self.lost_total > 0, "above 0"),
            )
            if not fits
        ]
        if not self.won and not self.lost:
            problems.append(Problem(self.field, "range", "0 won and 0 lost", "a value that somebody had"))
        if problems:
            raise InvalidInput("factor", problems)

    @property
    def score(self) -> Decimal:
        """How the value parts won from lost: pW / (pW + pL), the shares of won and of lost leads that had it.

        Above one half it raises the probability, below it lowers it. Of a cumulative field it is 1 - pL.
        """
        share = self._score
        return divide(Decimal(share.numerator), Decimal(share.denominator))

    @property
    def raises(self) -> bool:
        """Whether it speaks for the lead."""
        return self._score > _HALF

    @property
    def lowers(self) -> bool:
        """Whether it speaks against the lead."""
        return self._score < _HALF

    @property
    def _score(self) -> Fraction:
        lost = Fraction(self.lost) / Fraction(self.lost_total)
        if self.cumulative:
            return 1 - lost
        won = Fraction(self.won) / Fraction(self.won_total)
        return won / (won + lost)


@attrs.frozen(kw_only=True)
class Prediction:
    """The probability that a lead is won, and why.

    Attributes:
        probability: in percent; undefined, flagged `no_stage` for a lead without a stage, `no_history` as long as there is not both a
            won and a lost lead, `contradiction` when counts of 0 rule out both.
        factors: what it was made from, in the order of the fields.

    >>> from salesmgmt.pipeline.leads import FrequencyTable, LeadRecord
    >>> lead = LeadRecord(stage="new", fields={"country": "BE"})
    >>> history = [lead.won(), lead.won(), lead.lost(), LeadRecord(stage="new", fields={"country": "FR"}).lost()]
    >>> prediction = FrequencyTable.of(history, stages=["new", "won"]).compile().predict(lead)
    >>> str(prediction.probability.value), [factor.field for factor in prediction.raises]
    ('65.62%', ['country'])
    """

    probability: Measured[Percent]
    factors: tuple[Factor, ...] = ()

    @property
    def raises(self) -> tuple[Factor, ...]:
        """What speaks for the lead, strongest first."""
        found = (factor for factor in self.factors if factor.raises)
        return tuple(sorted(found, key=lambda factor: (-factor._score, factor.field, factor.value)))  # noqa: SLF001 - of this file

    @property
    def lowers(self) -> tuple[Factor, ...]:
        """What speaks against the lead, strongest first."""
        found = (factor for factor in self.factors if factor.lowers)
        return tuple(sorted(found, key=lambda factor: (factor._score, factor.field, factor.value)))  # noqa: SLF001 - of this file


def combine_factors(
    won: Decimal, lost: Decimal, factors: Iterable[Factor], policy: FrequencyPolicy = DEFAULT_FREQUENCIES
) -> Prediction:
    """Join a prior and factors to a probability, as if the fields did not depend on each other (naive Bayes).

    W = won x prod won(v) / total won, L likewise with lost, W / (W + L) rounded and kept within the policy's limits. Computed in
    whole numbers: nothing is lost on the way.

    Args:
        won: how many leads were won: the prior.
        lost: how many were lost.
        factors: what the values of the lead say.
        policy: how the result is rounded and limited.

    >>> from decimal import Decimal
    >>> from salesmgmt.pipeline.leads import combine_factors
    >>> combine_factors(Decimal("1.1"), Decimal("2.1"), []).probability.value
    Percent('34.38')
    """
    given = tuple(factors)
    for_won, for_lost = Fraction(exact(won)), Fraction(exact(lost))
    for factor in given:
        # The totals change sides, so that nothing is divided.
        for_won *= Fraction(factor.won) * Fraction(factor.lost_total)
        for_lost *= Fraction(factor.lost) * Fraction(factor.won_total)
    scale = lcm(for_won.denominator, for_lost.denominator)
    probability = probability_of_odds(int(for_won * scale), int(for_lost * scale), policy)
    return Prediction(probability=probability, factors=given)


def probability_of_odds(won: int, lost: int, policy: FrequencyPolicy) -> Measured[Percent]:
    """Return won / (won + lost) in percent, rounded half to even and kept within the limits of the policy.

    >>> from salesmgmt.pipeline.leads.scoring.frequencies.policy import DEFAULT_FREQUENCIES, FrequencyPolicy
    >>> from salesmgmt.pipeline.leads.scoring.frequencies.prediction import probability_of_odds
    >>> probability_of_odds(1, 0, FrequencyPolicy()).value
    Percent('99.99')
    """
    whole = won + lost
    if not whole:
        return Measured(None, "contradiction")
    steps, rest = divmod(won * 10 ** (2 + policy.decimals), whole)
    if 2 * rest > whole or (2 * rest == whole and steps % 2):
        steps += 1
    chance = Percent(Decimal(steps).scaleb(-policy.decimals, CONTEXT))
    return Measured(min(max(chance, policy.lowest), policy.highest))
