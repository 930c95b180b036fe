"""Recency, frequency, monetary value: summaries, schemes, scores."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.codec import Codec
from salesmgmt.core.currency import UnknownCurrency
from salesmgmt.core.entity import AccountId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.period import NotADate
from salesmgmt.customers import (
    CUSTOMER_FACTS,
    METRICS,
    PURCHASE_FACTS,
    Band,
    MonetaryBasis,
    NothingToFit,
    Purchase,
    RfmScheme,
    RfmSummary,
    fit_rfm_scheme,
    summarise_rfm,
)
from salesmgmt.engines.metrics import MetricSet

DAY = date(2026, 1, 31)


def bought(customer: str, on: str, amount: str, currency: str = "EUR") -> Purchase:
    return Purchase(AccountId(customer), date.fromisoformat(on), Money(amount, currency))


# pymc-marketing, TestRFM::test_rfm_summary_monetary_values_and_first_transactions, include_first_transaction=True.
PUBLISHED = [
    ("1", "2015-01-01", "1"), ("1", "2015-02-06", "2"), ("2", "2015-01-01", "2"), ("3", "2015-01-01", "3"),
    ("3", "2015-01-02", "1"), ("3", "2015-01-05", "5"), ("4", "2015-01-16", "6"), ("4", "2015-02-02", "3"),
    ("4", "2015-02-05", "3"), ("5", "2015-01-16", "3"), ("5", "2015-01-17", "1"), ("5", "2015-01-18", "8"),
    ("6", "2015-02-02", "5"), ("4", "2015-02-05", "6"),
]  # fmt: skip


def test_summaries_are_those_of_a_published_test() -> None:
    found = summarise_rfm([bought(*row) for row in PUBLISHED], as_of=date(2015, 2, 7))
    assert [(one.customer, one.frequency, one.recency_days, one.monetary.amount) for one in found] == [
        ("1", 2, 1, Decimal("1.5")),
        ("2", 1, 37, Decimal(2)),
        ("3", 3, 33, Decimal(3)),
        ("4", 3, 2, Decimal(6)),
        ("5", 3, 20, Decimal(4)),
        ("6", 1, 5, Decimal(5)),
    ]


def test_a_return_lowers_the_value_and_is_no_purchase() -> None:
    rows = [
        bought("a", "2026-01-05", "100"),
        bought("a", "2026-01-20", "-30"),
        bought("b", "2026-01-02", "-5"),
    ]
    (only,) = summarise_rfm(rows, as_of=DAY)
    assert (only.customer, only.recency_days, only.frequency, only.monetary) == ("a", 26, 1, Money(70, "EUR"))


def test_what_comes_later_has_not_happened_yet() -> None:
    rows = [bought("a", "2026-01-31", "1"), bought("a", "2026-02-01", "9"), bought("b", "2026-02-01", "9")]
    (only,) = summarise_rfm(rows, as_of=DAY, monetary=MonetaryBasis.TOTAL)
    assert (only.recency_days, only.monetary) == (0, Money(1, "EUR"))


def test_two_currencies_are_refused_even_of_two_customers() -> None:
    with pytest.raises(CurrencyMismatch):
        summarise_rfm([bought("a", "2026-01-05", "1"), bought("b", "2026-01-05", "1", "CNY")], as_of=DAY)


def test_an_instant_is_no_business_date() -> None:
    with pytest.raises(NotADate):
        Purchase(AccountId("a"), datetime(2026, 1, 1, 9), Money(1, "EUR"))  # noqa: DTZ001 - what is refused


def summary(recency: int, frequency: int, monetary: int | str, currency: str = "EUR") -> RfmSummary:
    return RfmSummary(
        customer=AccountId("c"),
        as_of=DAY,
        recency_days=recency,
        frequency=frequency,
        monetary=Money(monetary, currency),
    )


def frequency_scores(frequencies: Sequence[int], bins: int) -> list[int]:
    some = [summary(1, frequency, 1) for frequency in frequencies]
    return [scores.frequency for scores in fit_rfm_scheme(some, bins=bins).compile().scores(some)]


def test_ties_share_a_score_and_few_values_fill_few_bins() -> None:
    scores = frequency_scores([1, 1, 1, 1, 1, 1, 2, 2, 3, 9], 5)
    assert scores == [1, 1, 1, 1, 1, 1, 4, 4, 5, 5]


def test_quantiles_are_those_of_pandas_qcut() -> None:
    # pandas.qcut([1..7], 4, labels=[1, 2, 3, 4]): bounds 2.5, 4, 5.5.
    assert frequency_scores([1, 2, 3, 4, 5, 6, 7], 4) == [1, 1, 2, 2, 3, 4, 4]
    pandas = pytest.importorskip("pandas")
    values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9]
    codes = pandas.qcut(values, 5, labels=[1, 2, 3, 4, 5], duplicates="raise")
    assert frequency_scores(values, 5) == codes.tolist()


def test_the_fewest_days_score_best() -> None:
    some = [summary(days, 1, 1) for days in (1, 2, 3, 4, 5)]
    scores = fit_rfm_scheme(some).compile().scores(some)
    assert [one.recency for one in scores] == [5, 4, 3, 2, 1]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9), st.integers(-5, 99)), min_size=1, max_size=40),
    st.integers(2, 10),
)
def test_the_laws_of_quantile_scores(rows: list[tuple[int, int, int]], bins: int) -> None:
    some = [summary(*row) for row in rows]
    scheme = fit_rfm_scheme(some, bins=bins)
    assert scheme.findings == ()
    scores = scheme.compile().scores(some)
    for index, name in enumerate(("recency", "frequency", "monetary")):
        pairs = sorted({(row[index], getattr(one, name)) for row, one in zip(rows, scores, strict=True)})
        values, given_scores = [value for value, _ in pairs], [score for _, score in pairs]
        assert len(set(values)) == len(pairs), "equal values have equal scores"
        assert given_scores == sorted(given_scores, reverse=name == "recency")
        assert all(1 <= score <= bins for score in given_scores)
        assert set(given_scores) <= set(scheme.scores_used(name))


@given(st.lists(st.integers(1, 99), min_size=1, max_size=30))
def test_a_stored_scheme_gives_the_same_scores_whoever_buys_later(frequencies: list[int]) -> None:
    some = [summary(1, frequency, 1) for frequency in frequencies]
    scheme, codec = fit_rfm_scheme(some), Codec()
    again = codec.from_dict(RfmScheme, codec.to_dict(scheme))
    assert again == scheme
    assert again.compile().scores(some) == pickle.loads(pickle.dumps(scheme.compile())).scores(some)


def test_a_scheme_is_fitted_to_somebody_in_one_currency_with_bins() -> None:
    with pytest.raises(NothingToFit):
        fit_rfm_scheme([])
    with pytest.raises(CurrencyMismatch):
        fit_rfm_scheme([summary(1, 1, 1), summary(1, 1, 1, "CNY")])
    with pytest.raises(InvalidInput, match="2 to 10"):
        fit_rfm_scheme([summary(1, 1, 1)], bins=1)


BANDS = """
id = "house"
currency = "EUR"

[[recency]]
score = 3
at_most = 30
[[recency]]
score = 2
at_most = 90
[[recency]]
score = 1

[[frequency]]
score = 3
at_least = 10
[[frequency]]
score = 2
more_than = 1
[[frequency]]
score = 1

[[monetary]]
score = 3
at_least = 99.50
[[monetary]]
score = 2
at_least = 10
[[monetary]]
score = 1
"""


def test_bands_are_loaded_and_bounds_belong_where_they_say(tmp_path: Path) -> None:
    file = tmp_path / "rfm.toml"
    file.write_text(BANDS, encoding="utf-8")
    scorer = RfmScheme.load(file).compile()
    rows = {"333": (30, 10, "99.50"), "222": (31, 9, "99.49"), "111": (91, 1, "9")}
    for code, (recency, frequency, monetary) in rows.items():
        assert scorer.score(summary(recency, frequency, monetary)).code == code
    with pytest.raises(CurrencyMismatch):
        scorer.score(summary(1, 1, 1, "CNY"))


@pytest.mark.parametrize(
    ("bands", "code"),
    [
        ((Band(score=2, at_most=Decimal(30)), Band(score=1, more_than=Decimal(31))), "gap"),
        ((Band(score=2, less_than=Decimal(30)), Band(score=1, more_than=Decimal(30))), "gap"),
        ((), "gap"),
        ((Band(score=1), Band(score=2, at_most=Decimal(5))), "unreachable"),
        ((Band(score=1, at_most=Decimal(30)), Band(score=2)), "not_monotone"),
    ],
)
def test_bands_that_cannot_work_are_found(bands: tuple[Band, ...], code: str) -> None:
    fine = (Band(score=1),)
    scheme = RfmScheme(id="x", currency="EUR", recency=bands, frequency=fine, monetary=fine)
    assert [finding.code for finding in scheme.findings] == [code]
    if code != "not_monotone":
        with pytest.raises(InvalidDefinition):
            scheme.compile()


def test_a_currency_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownCurrency):
        RfmScheme(id="x", currency="EURO", recency=(), frequency=(), monetary=())


def test_the_metrics_of_a_few_purchases_and_customers() -> None:
    rows = [
        bought("a", "2026-01-05", "100"),
        bought("a", "2026-01-20", "-30"),
        bought("b", "2026-01-02", "20"),
    ]
    metrics = MetricSet(METRICS)
    found = metrics.compile(PURCHASE_FACTS).measure(rows)
    assert {id_: figure.value for id_, figure in found.items()} == {
        "revenue": Money(90, "EUR"),
        "customers_buying": Decimal(2),
        "purchase_value": Money(60, "EUR"),
        "revenue_per_customer": Money(45, "EUR"),
    }
    customers = metrics.compile(CUSTOMER_FACTS).measure(
        summarise_rfm([*rows, bought("b", "2026-01-03", "1")], as_of=DAY)
    )
    assert {id_: figure.value for id_, figure in customers.items()} == {
        "repeat_rate": Decimal("0.5"),
        "purchase_days": Decimal("1.5"),
        "recency_days": Decimal(27),
    }


def test_scores_of_a_fitted_scheme_use_neighbouring_bounds() -> None:
    scheme = fit_rfm_scheme([summary(1, frequency, 1) for frequency in range(1, 12)])
    bounds = [band.more_than for band in scheme.frequency if band.more_than is not None]
    assert all(high > low for high, low in pairwise(bounds))


def test_a_number_on_a_bound_that_is_a_third_of_the_way_belongs_to_the_part_below() -> None:
    # numpy.quantile([0, 3], [1/3, 2/3]) is exactly 1 and 2, and qcut puts a value on a bound into the part below it.
    two = [
        RfmSummary(
            customer=AccountId(f"a{days}"),
            as_of=DAY,
            recency_days=days,
            frequency=1,
            monetary=Money(1, "EUR"),
        )
        for days in (0, 3)
    ]

    scheme = fit_rfm_scheme(two, bins=3)

    assert [band.at_most for band in scheme.recency] == [Decimal(1), Decimal(2), None]
