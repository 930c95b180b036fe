"""How recency, frequency and monetary value become scores: bands with stored bounds, fitted to quantiles or set by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.currency import currency
from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import InvalidInput, Problem, SalesError
from salesmgmt.core.exact import add, divide, subtract
from salesmgmt.core.findings import Finding, Severity, refuse_errors
from salesmgmt.core.money import CurrencyMismatch
from salesmgmt.customers.rfm import RfmScores, RfmSummary, measures
from salesmgmt.engines.statistics import quantile

_MEASURES = ("recency", "frequency", "monetary")
_ONE = Decimal(1)


def _is_currency(_scheme: object, _field: attrs.Attribute[Any], code: str) -> None:
    currency(code)


class NothingToFit(SalesError, ValueError):
    """A scheme was to be fitted to no customers at all."""

    code = "nothing_to_fit"

    def __init__(self) -> None:
        super().__init__(
            "there is no customer to fit a scheme to", hint="give the summaries of some customers"
        )


class SchemeKind(StrEnum):
    """Where the bounds of a scheme come from.

    >>> from salesmgmt.customers import SchemeKind
    >>> SchemeKind("bands").name
    'BANDS'
    """

    QUANTILE = "quantile"
    """Fitted to customers, so that each score is given about equally often."""
    BANDS = "bands"
    """Set by hand."""


@attrs.frozen(kw_only=True)
class Band:
    """A score and the numbers that earn it; without bounds, all numbers.

    >>> from decimal import Decimal
    >>> from salesmgmt.customers import Band
    >>> Band(score=5, at_most=Decimal(30)).holds(Decimal(30))
    True
    """

    score: int
    at_least: Decimal | None = None
    more_than: Decimal | None = None
    at_most: Decimal | None = None
    less_than: Decimal | None = None

    def holds(self, number: Decimal) -> bool:
        """Whether a number lies in this band."""
        return (
            (self.at_least is None or number >= self.at_least)
            and (self.more_than is None or number > self.more_than)
            and (self.at_most is None or number <= self.at_most)
            and (self.less_than is None or number < self.less_than)
        )

    @property
    def bounds(self) -> tuple[Decimal, ...]:
        """The bounds it has."""
        every = (self.at_least, self.more_than, self.at_most, self.less_than)
        return tuple(bound for bound in every if bound is not None)


@attrs.frozen(kw_only=True)
class RfmScheme:
    """How summaries become scores; the first band of a list that a number lies in gives the score.

    The bounds are part of the scheme, so scoring again with it gives the same scores, whoever else has bought since.

    Attributes:
        id: its name.
        version: raise it when bounds change.
        kind: where the bounds come from.
        currency: of the monetary bounds.
        recency: bands of days since the last purchase, the fewer the better.
        frequency: bands of the number of purchases.
        monetary: bands of their value, as plain numbers in `currency`.
        fitted_on: the day of the summaries that a quantile scheme was fitted to.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.customers import Band, RfmScheme, RfmSummary
    >>> two = (Band(score=2, at_least=Decimal(10)), Band(score=1))
    >>> scheme = RfmScheme(id="simple", currency="EUR", recency=(Band(score=2, at_most=Decimal(30)), Band(score=1)),
    ...                    frequency=two, monetary=two)
    >>> acme = RfmSummary(customer="acme", as_of=date(2026, 1, 1), recency_days=3, frequency=2, monetary=Money(50, "EUR"))
    >>> scheme.compile().score(acme).code
    '212'
    """

    id: str
    version: int = 1
    kind: SchemeKind = SchemeKind.BANDS
    currency: str = attrs.field(validator=_is_currency)
    recency: tuple[Band, ...]
    frequency: tuple[Band, ...]
    monetary: tuple[Band, ...]
    fitted_on: date | None = None

    @classmethod
    def load(cls, path: Path | str) -> RfmScheme:
        """Read a scheme from a TOML file.

        Raises:
            InvalidInput: the file is no scheme; every problem is listed.
            InvalidDefinition: the scheme cannot work; every finding is listed.
        """
        scheme = load_definition(path, cls)
        refuse_errors(f"RFM scheme {scheme.id}", scheme.findings)
        return scheme

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the lint says: `gap` (a number has no score), `unreachable` (a band), `not_monotone` (a warning).

        >>> from decimal import Decimal
        >>> from salesmgmt.customers import Band, RfmScheme
        >>> late = (Band(score=2, at_most=Decimal(30)),)
        >>> fine = (Band(score=1),)
        >>> scheme = RfmScheme(id="holes", currency="EUR", recency=late, frequency=fine, monetary=fine)
        >>> print(scheme.findings[0])
        error gap at recency: 31 has no score; add a band without bounds at the end
        """
        return tuple(
            finding
            for name in _MEASURES
            for finding in _lint_bands(name, getattr(self, name), rises=name != "recency")
        )

    def scores_used(self, measure: str) -> tuple[int, ...]:
        """Return the scores that can be given for `recency`, `frequency` or `monetary`, ascending.

        A quantile scheme has fewer scores than bins when many customers are equal, because equal ones share a score.
        """
        return tuple(sorted({band.score for band in getattr(self, measure)}))

    def compile(self) -> RfmScorer:
        """Make what scores customers.

        Raises:
            InvalidDefinition: the scheme cannot work; every finding is listed.
        """
        refuse_errors(f"RFM scheme {self.id}", self.findings)
        return RfmScorer(self)


class RfmScorer:
    """A scheme made ready; it never changes, and may be shared by threads.

    Made by `RfmScheme.compile`.
    """

    __slots__ = ("scheme",)

    def __init__(self, scheme: RfmScheme) -> None:
        self.scheme = scheme

    def score(self, summary: RfmSummary) -> RfmScores:
        """Score a customer.

        Raises:
            CurrencyMismatch: the summary is in another currency than the scheme.
        """
        if summary.monetary.currency != self.scheme.currency:
            raise CurrencyMismatch(self.scheme.currency, summary.monetary.currency)
        numbers = measures(summary)
        found = {name: _score(getattr(self.scheme, name), numbers[name]) for name in _MEASURES}
        return RfmScores(customer=summary.customer, as_of=summary.as_of, **found)

    def scores(self, summaries: Iterable[RfmSummary]) -> tuple[RfmScores, ...]:
        """Score customers, in the order given."""
        return tuple(map(self.score, summaries))

    def __reduce__(self) -> tuple[Any, ...]:
        return RfmScorer, (self.scheme,)


def fit_rfm_scheme(summaries: Iterable[RfmSummary], *, id: str = "quantiles", bins: int = 5) -> RfmScheme:  # noqa: A002
    """Fit a scheme to customers, so that each score from 1 to `bins` is given about equally often.

    Bounds are the quantiles of Hyndman & Fan (1996), definition 7, as of pandas' `qcut`: a value on a bound belongs to the
    part below it. Equal values always share a score; where they fill several parts, the scores in between are not given.

    Args:
        summaries: at least one, all of one currency.
        id: name of the scheme.
        bins: how many scores there are at most, 2 to 10.

    Raises:
        NothingToFit: no summaries.
        CurrencyMismatch: summaries of two currencies.
        InvalidInput: `bins` is out of range.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.customers import RfmSummary, fit_rfm_scheme
    >>> day = date(2026, 1, 1)
    >>> some = [RfmSummary(customer=str(i), as_of=day, recency_days=i, frequency=i, monetary=Money(i, "EUR")) for i in range(1, 6)]
    >>> [scores.code for scores in fit_rfm_scheme(some).compile().scores(some)]
    ['511', '422', '333', '244', '155']
    """
    customers = tuple(summaries)
    if not customers:
        raise NothingToFit
    if not 2 <= bins <= 10:
        raise InvalidInput("the fit of an RFM scheme", [Problem("bins", "range", str(bins), "2 to 10")])
    money = customers[0].monetary.currency
    for summary in customers:
        if summary.monetary.currency != money:
            raise CurrencyMismatch(money, summary.monetary.currency)
    rows = [measures(summary) for summary in customers]
    recency, frequency, monetary = (_cuts(sorted(row[name] for row in rows), bins) for name in _MEASURES)
    return RfmScheme(
        id=id,
        kind=SchemeKind.QUANTILE,
        currency=money,
        recency=_falling(recency, bins),
        frequency=_rising(frequency),
        monetary=_rising(monetary),
        fitted_on=max(summary.as_of for summary in customers),
    )


def _cuts(ascending: Sequence[Decimal], bins: int) -> list[Decimal]:
    return [quantile(ascending, part, bins) for part in range(1, bins)]


def _rising(cuts: Sequence[Decimal]) -> tuple[Band, ...]:
    """Bands of a measure of which more is better: one score more for each cut that is passed."""
    found = [Band(score=1)]
    for score, cut in enumerate(cuts, start=2):
        if found[-1].more_than == cut:
            found.pop()
        found.append(Band(score=score, more_than=cut))
    return tuple(reversed(found))


def _falling(cuts: Sequence[Decimal], bins: int) -> tuple[Band, ...]:
    """Bands of a measure of which less is better: one score less for each cut that is passed."""
    found: list[Band] = []
    for passed, cut in enumerate(cuts):
        if not found or found[-1].at_most != cut:
            found.append(Band(score=bins - passed, at_most=cut))
    return (*found, Band(score=1))


def _score(bands: Sequence[Band], number: Decimal) -> int:
    return next(band.score for band in bands if band.holds(number))


def _lint_bands(where: str, bands: Sequence[Band], *, rises: bool) -> Iterator[Finding]:
    """Judge bands by the numbers where something may change: every bound, and one on each side of it."""
    reached: list[int] = []
    for number in _probes(bands):
        place = next((index for index, band in enumerate(bands) if band.holds(number)), None)
        if place is None:
            yield Finding(
                code="gap",
                where=where,
                message=f"{number:f} has no score",
                hint="add a band without bounds at the end",
            )
            return
        reached.append(place)
    for place, band in enumerate(bands):
        if place not in reached:
            yield Finding(
                code="unreachable",
                where=f"{where}[{place}]",
                message=f"no number gets the score {band.score} here",
                hint="correct its bounds, or put it before the bands that cover it",
            )
    scores = [bands[place].score for place in reached]
    if any((before > after) if rises else (before < after) for before, after in pairwise(scores)):
        yield Finding(
            code="not_monotone",
            where=where,
            message=f"scores do not {'rise' if rises else 'fall'} with the number",
            hint="order the scores so that the best customers get the highest",
            severity=Severity.WARNING,
        )


def _probes(bands: Sequence[Band]) -> list[Decimal]:
    bounds = sorted({bound for band in bands for bound in band.bounds})
    if not bounds:
        return [Decimal(0)]
    between = [divide(add(low, high), Decimal(2)) for low, high in pairwise(bounds)]
    return sorted([subtract(bounds[0], _ONE), *bounds, *between, add(bounds[-1], _ONE)])
