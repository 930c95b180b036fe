"""Quotes: versions that never change, completeness, and the way to a decision."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals import ApprovalPolicy
from salesmgmt.cpq.pricing import AddedLine
from salesmgmt.cpq.quotes import (
    QUOTE_LIFECYCLE,
    BrokenQuote,
    NotPresentable,
    Quote,
    QuoteAccepted,
    QuoteMoved,
    QuoteRevised,
    QuoteStatus,
    UnexplainedRejection,
    UnknownLine,
    accept,
    expire,
    findings,
    present,
    quote_metrics,
    reject,
    revise,
    submit,
)
from salesmgmt.cpq.quotes.status import LIFECYCLE
from salesmgmt.engines.lifecycle import MoveRefused, Unmet

from .conftest import AFTER, LAST_DAY, MANAGER, NOW, REP, draft, eur, offer, priced, priced_line

NO_RULES = ApprovalPolicy(id="none")


def _presented(quote: Quote | None = None) -> Quote:
    approved, _ = submit(quote or draft(offer(10)), NO_RULES, at=NOW, by=REP)
    return present(approved, at=NOW, by=REP)[0]


# --- making and revising


def test_a_quote_freezes_what_was_priced() -> None:
    quote = draft(offer(10))

    assert (quote.status, quote.current_version, quote.total) == (QuoteStatus.DRAFT, 1, eur("900"))
    first = quote.current.lines[0]
    assert (first.product, first.quantity, first.configuration) == ("p-0", Decimal(4), {"frame": "carbon"})
    assert (first.list_amount, first.net_amount, first.share) == (eur("600"), eur("540"), eur("-60"))
    assert (first.unit_price, first.list_discount) == (eur("135"), Percent(10))
    assert [step.kind.value for step in first.waterfall] == ["list", "header"]
    assert (quote.current.model, quote.current.model_version, quote.current.made_by) == (
        "catalogue",
        3,
        "li.wei",
    )


def test_a_revision_is_a_new_version_and_leaves_the_old_one_alone() -> None:
    quote = draft(offer(10))
    before = quote.current.digest

    revised, events = revise(quote, offer(15), valid_until=date(2026, 5, 1), at=NOW, by=MANAGER)

    assert [version.number for version in revised.versions] == [1, 2]
    assert (revised.current.based_on, revised.total, revised.valid_until) == (1, eur("850"), date(2026, 5, 1))
    assert revised.versions[0].digest == before != revised.current.digest
    assert quote.current_version == 1
    (event,) = events
    assert isinstance(event, QuoteRevised)
    assert (event.before, event.total, event.digest) == (eur("900"), eur("850"), revised.current.digest)


def test_any_change_of_a_version_changes_its_digest() -> None:
    version = draft(offer(10)).current

    for change in (
        {"valid_until": date(2026, 4, 2)},
        {"number": 2},
        {"lines": version.lines[:1]},
        {"lines": (attrs.evolve(version.lines[0], net_amount=eur("539.99")), version.lines[1])},
    ):
        assert attrs.evolve(version, **change).digest != version.digest


def test_a_presented_rejected_or_expired_quote_becomes_a_draft_by_revision_and_an_accepted_one_does_not() -> (
    None
):
    shown = _presented()
    rejected, _ = reject(shown, reason="too dear", at=NOW, by=REP)
    expired, _ = expire(shown, at=AFTER, by=REP)
    for quote in (shown, rejected, expired):
        again, events = revise(quote, offer(15), valid_until=date(2026, 6, 1), at=AFTER, by=REP)
        assert (again.status, again.closed_on, again.reason) == (QuoteStatus.DRAFT, None, "")
        assert (events[1].source, events[1].target) == (quote.status, QuoteStatus.DRAFT)  # type: ignore[attr-defined]

    accepted, _ = accept(shown, at=NOW, by=REP)
    with pytest.raises(MoveRefused):
        revise(accepted, offer(15), valid_until=date(2026, 6, 1), at=NOW, by=REP)


def test_a_quote_keeps_its_currency() -> None:
    with pytest.raises(CurrencyMismatch):
        revise(draft(offer(10)), priced([], currency="CNY"), valid_until=LAST_DAY, at=NOW, by=REP)


def test_missing_attributes_belong_to_a_line_that_exists() -> None:
    with pytest.raises(UnknownLine, match="no line 2 among 2"):
        draft(offer(10), missing={2: ["fork"]})
    with pytest.raises(UnknownLine):
        revise(draft(offer(10)), offer(10), valid_until=LAST_DAY, missing={-1: ["fork"]}, at=NOW, by=REP)


@pytest.mark.parametrize(
    "change",
    [
        {"current_version": 2},
        {"current_version": 0},
        {"versions": ()},
        {"currency": "CNY"},
        {"total": Money(1, "EUR")},
        {"valid_until": date(2027, 1, 1)},
    ],
)
def test_a_quote_that_does_not_agree_with_its_versions_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BrokenQuote):
        attrs.evolve(draft(offer(10)), **change)  # type: ignore[arg-type]


# --- completeness


def test_a_draft_may_be_incomplete_and_says_what_it_lacks() -> None:
    quote = draft(
        priced([priced_line(1, ("100", "90"))], unpriced=[0]),
        missing={0: ["fork"], 1: ["motor", "brakes"]},
    )

    assert quote.total is None
    assert [(one.code, one.where) for one in findings(quote, on=date(2026, 4, 2))] == [
        ("missing_price", "lines[0]"),
        ("incomplete_configuration", "lines[0]"),
        ("incomplete_configuration", "lines[1]"),
        ("expired", "valid_until"),
    ]
    assert [one.code for one in findings(draft(priced([])), on=LAST_DAY)] == ["no_lines"]
    assert findings(draft(offer(10)), on=LAST_DAY) == ()


@pytest.mark.parametrize(
    ("quote", "at", "code"),
    [
        (draft(priced([priced_line(1, ("100", "90"))], unpriced=[0])), NOW, "missing_price"),
        (draft(offer(10), missing={1: ["fork"]}), NOW, "incomplete_configuration"),
        (draft(priced([])), NOW, "no_lines"),
        (draft(offer(10)), AFTER, "expired"),
    ],
)
def test_an_incomplete_quote_is_not_presented(quote: Quote, at: datetime, code: str) -> None:
    approved, _ = submit(quote, NO_RULES, at=NOW, by=REP)

    with pytest.raises(NotPresentable) as refused:
        present(approved, at=at, by=REP)

    assert [finding.code for finding in refused.value.findings] == [code]


# --- the way to a decision


def test_the_lifecycle_has_no_fault() -> None:
    assert QUOTE_LIFECYCLE.lint(LIFECYCLE.schema) == ()
    assert {state.id for state in QUOTE_LIFECYCLE.states} == set(QuoteStatus)


def test_only_an_approved_quote_is_presented_and_only_a_presented_one_decided() -> None:
    quote = draft(offer(10))

    for command in (present, accept):
        with pytest.raises(MoveRefused) as refused:
            command(quote, at=NOW, by=REP)
        assert refused.value.decision.unmet[0].code == "transition"
    with pytest.raises(MoveRefused):
        reject(quote, reason="no", at=NOW, by=REP)


def test_acceptance_freezes_lines_and_shares() -> None:
    accepted, events = accept(_presented(), at=NOW, by=REP)

    assert (accepted.status, accepted.closed_on) == (QuoteStatus.ACCEPTED, date(2026, 3, 2))
    move, event = events
    assert isinstance(move, QuoteMoved)
    assert isinstance(event, QuoteAccepted)
    assert [(line.product, line.quantity, line.net_amount, line.share) for line in event.lines] == [
        ("p-0", Decimal(4), eur("540"), eur("-60")),
        ("p-1", Decimal(4), eur("360"), eur("-40")),
    ]
    assert event.total == eur("900") == Money.total((line.net_amount for line in event.lines), "EUR")
    assert (event.digest, event.version) == (accepted.current.digest, 1)
    assert [str(subject) for subject in event.subjects] == ["Quote:q-1", "Account:acme", "Deal:d-1"]


def test_a_quote_can_be_accepted_on_its_last_day_and_not_after_it() -> None:
    shown = _presented()
    evening = datetime(2026, 4, 1, 23, 59, tzinfo=timezone(timedelta(hours=-8)))  # 2 April in UTC

    assert accept(shown, at=evening, by=REP)[0].closed_on == LAST_DAY
    with pytest.raises(MoveRefused) as refused:
        accept(shown, at=AFTER, by=REP)
    (unmet,) = refused.value.decision.unmet
    assert (unmet.what, unmet.wanted) == ("valid", "on <= quote.valid_until")


def test_a_quote_expires_after_its_last_day_and_not_before() -> None:
    for quote in (draft(offer(10)), _presented()):
        with pytest.raises(MoveRefused):
            expire(quote, at=NOW, by=REP)
        expired, (event,) = expire(quote, at=AFTER, by=REP)
        assert (expired.status, expired.closed_on) == (QuoteStatus.EXPIRED, date(2026, 4, 2))
        assert event.target is QuoteStatus.EXPIRED  # type: ignore[attr-defined]
        with pytest.raises(MoveRefused):
            expire(expired, at=AFTER, by=REP)


def test_a_rejection_needs_a_reason() -> None:
    rejected, (event,) = reject(_presented(), reason="too dear", at=NOW, by=REP)

    assert (rejected.reason, event.reason) == ("too dear", "too dear")  # type: ignore[attr-defined]
    with pytest.raises(UnexplainedRejection):
        reject(_presented(), reason=" ", at=NOW, by=REP)


def test_instants_carry_a_time_zone() -> None:
    for command in (present, accept, expire):
        with pytest.raises(NaiveInstant):
            command(_presented(), at=datetime(2026, 3, 2), by=REP)  # noqa: DTZ001 - that is the point


def test_a_move_that_is_not_declared_names_those_that_are() -> None:
    with pytest.raises(MoveRefused) as refused:
        accept(draft(offer(10)), at=NOW, by=REP)

    assert refused.value.decision.unmet == (
        Unmet(
            "transition",
            wanted="in_approval, approved, expired, superseded, voided",
            found="accepted",
            code="transition",
        ),
    )


# --- figures

_CENTS = st.integers(0, 10**9)


@given(st.lists(st.tuples(_CENTS, _CENTS, _CENTS), min_size=1, max_size=6))
def test_the_figures_are_those_of_fractions(amounts: list[tuple[int, int, int]]) -> None:
    def text(cents: int) -> str:
        return str(Decimal(cents).scaleb(-2))

    lines = [
        priced_line(place, (text(listed), text(net)), cost=text(cost))
        for place, (listed, net, cost) in enumerate(amounts)
    ]
    figures = quote_metrics(draft(priced(lines)).current)

    listed, net, cost = (sum(column) for column in zip(*amounts, strict=True))
    assert figures["total"] == eur(text(net))
    assert figures["margin"] == eur(text(net - cost))
    _assert_percent(figures["effective_discount_percent"], Fraction(listed - net, listed) if listed else None)
    _assert_percent(figures["margin_percent"], Fraction(net - cost, net) if net else None)
    deepest = [Fraction(line[0] - line[1], line[0]) for line in amounts if line[0]]
    _assert_percent(figures["max_line_discount_percent"], max([*deepest, Fraction(0)]))
    assert figures["line_count"] == len(lines)
    assert figures["quantity:p-0"] == 4


def _assert_percent(found: object, expected: Fraction | None) -> None:
    if expected is None:
        assert found is None
    else:
        assert isinstance(found, Percent)
        assert abs(Fraction(found.points) - 100 * expected) <= abs(100 * expected) / 10**33


def test_an_unknown_cost_or_price_leaves_figures_unknown() -> None:
    costly = priced([priced_line(0, ("100", "90"), cost="50"), priced_line(1, ("100", "90"))])

    without = quote_metrics(draft(costly).current)
    assert (without["margin"], without["margin_percent"]) == (None, None)
    given = quote_metrics(draft(costly).current, costs={"p-0": eur("1"), "p-1": eur("10")})
    assert given["margin"] == eur("90")  # 180 - 50, which came with the price, - 4 x 10
    with pytest.raises(CurrencyMismatch):
        quote_metrics(draft(costly).current, costs={"p-1": Money(1, "CNY")})

    unpriced = quote_metrics(draft(priced([priced_line(0, ("100", "90"))], unpriced=[1])).current)
    assert (
        unpriced["total"]
        is unpriced["effective_discount_percent"]
        is unpriced["max_line_discount_percent"]
        is None
    )
    assert unpriced["line_count"] == 2


def test_a_line_given_away_counts_with_its_list_price() -> None:
    gift = quote_metrics(
        draft(priced([priced_line(0, ("100", "100")), priced_line(1, ("100", "0"))])).current
    )

    assert gift["effective_discount_percent"] == Percent(50)
    assert gift["max_line_discount_percent"] == Percent(100)


def test_money_given_back_on_a_line_without_a_list_price_is_no_known_discount() -> None:
    back = quote_metrics(draft(priced([priced_line(0, ("100", "100")), priced_line(1, ("0", "-5"))])).current)

    assert back["max_line_discount_percent"] is None
    assert back["effective_discount_percent"] == Percent(5)


def test_a_stored_quote_that_was_presented_without_a_price_is_not_accepted() -> None:
    forged = attrs.evolve(draft(priced([], unpriced=[0])), status=QuoteStatus.PRESENTED)

    with pytest.raises(BrokenQuote):
        accept(forged, at=NOW, by=REP)


def test_units_that_a_rule_added_are_lines_of_the_quote() -> None:
    answer = attrs.evolve(
        priced([priced_line(0, ("100", "90"))]),
        added=(AddedLine(step="gifts", rule="mug", product="mug", quantity=Decimal(2), amount=eur("0")),),
    )

    version = draft(answer).current

    assert [(line.position, line.product, line.net_amount) for line in version.lines] == [
        (0, "p-0", eur("90")),
        (1, "mug", eur("0")),
    ]
    assert version.total == eur("90")
