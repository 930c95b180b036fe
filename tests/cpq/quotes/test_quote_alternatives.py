"""Several quotes of one number are alive at once, and one of them is taken; quotes made by mistake are voided."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.formula import BOOL, Formula, schema_of
from salesmgmt.cpq.quotes import (
    ENTITIES,
    EVENTS,
    QUOTE_LIFECYCLE,
    BrokenQuote,
    Quote,
    QuoteDrafted,
    QuoteMoved,
    QuoteStatus,
    UnexplainedRejection,
    accept,
    clone_as_alternative,
    expire,
    reject,
    revise,
    supersede,
    void,
)
from salesmgmt.engines.lifecycle import MoveRefused
from salesmgmt.storage import MemoryStore

from .conftest import AFTER, LAST_DAY, MANAGER, NOW, REP, draft, offer
from .offers import shown


def _leasing(quote: Quote, **more: object) -> Quote:
    clone, _ = clone_as_alternative(quote, id="q-2", alternative="leasing", at=NOW, by=MANAGER, **more)  # type: ignore[arg-type]
    return clone


def test_an_alternative_has_the_number_and_the_lines_and_goes_its_own_way() -> None:
    first = shown(draft(offer(10)))
    clone, (event,) = clone_as_alternative(first, id="q-2", alternative="leasing", at=NOW, by=MANAGER)

    assert (clone.number, clone.account, clone.deal) == (first.number, first.account, first.deal)
    assert (clone.status, clone.alternative_of, clone.alternative) == (QuoteStatus.DRAFT, "q-1", "leasing")
    assert clone.current.lines == first.current.lines
    assert (clone.current.number, clone.current.based_on, clone.current.made_by) == (2, 1, "chen")
    assert isinstance(event, QuoteDrafted)
    assert (event.quote, event.alternative_of, event.alternative) == ("q-2", "q-1", "leasing")
    revised, _ = revise(clone, offer(20), valid_until=LAST_DAY, at=NOW, by=REP)
    assert (revised.total, first.total) != (first.total, revised.total)
    assert shown(revised).status is first.status is QuoteStatus.PRESENTED  # two at once


def test_all_alternatives_name_the_first_one() -> None:
    first = draft(offer(10))
    second = _leasing(first, valid_until=date(2026, 6, 1))
    third, _ = clone_as_alternative(second, id="q-3", alternative="rent", at=NOW, by=REP)

    assert (second.valid_until, third.valid_until) == (date(2026, 6, 1), date(2026, 6, 1))
    assert {one.family for one in (first, second, third)} == {"q-1"}


def test_an_alternative_is_not_made_of_a_quote_that_is_settled_nor_under_its_names() -> None:
    presented = shown(draft(offer(10)))
    accepted, _ = accept(presented, at=NOW, by=REP)
    voided, _ = void(presented, reason="typo", at=NOW, by=REP)
    for quote in (accepted, voided):
        with pytest.raises(InvalidInput, match="open, rejected or expired"):
            _leasing(quote)
    for quote in (
        reject(presented, reason="dear", at=NOW, by=REP)[0],
        expire(presented, at=AFTER, by=REP)[0],
    ):
        assert _leasing(quote).status is QuoteStatus.DRAFT

    with pytest.raises(InvalidInput) as refused:
        clone_as_alternative(presented, id="q-1", alternative=" ", at=NOW, by=REP)
    assert [one.path for one in refused.value.problems] == ["id", "alternative"]
    with pytest.raises(InvalidInput):
        clone_as_alternative(_leasing(presented), id="q-3", alternative="leasing", at=NOW, by=REP)
    with pytest.raises(BrokenQuote):
        attrs.evolve(presented, alternative_of="q-1")


def test_accepting_one_supersedes_the_others_that_are_open() -> None:
    first = shown(draft(offer(10)))
    second = shown(_leasing(first))
    third, _ = clone_as_alternative(first, id="q-3", alternative="rent", at=NOW, by=REP)
    rejected, _ = reject(shown(attrs.evolve(third, id="q-4")), reason="dear", at=NOW, by=REP)
    stranger = attrs.evolve(draft(offer(10)), id="q-9")
    accepted, _ = accept(second, at=NOW, by=REP)

    others, events = supersede([first, accepted, third, rejected, stranger], accepted, at=NOW, by=REP)

    assert [(one.id, one.status, one.superseded_by) for one in others] == [
        ("q-1", QuoteStatus.SUPERSEDED, "q-2"),
        ("q-3", QuoteStatus.SUPERSEDED, "q-2"),
    ]
    assert [(one.quote, one.source, one.superseded_by) for one in events] == [
        ("q-1", QuoteStatus.PRESENTED, "q-2"),
        ("q-3", QuoteStatus.DRAFT, "q-2"),
    ]
    assert {one.closed_on for one in others} == {date(2026, 3, 2)}
    for quote in others:
        for command in (accept, expire):
            with pytest.raises(MoveRefused):
                command(quote, at=NOW, by=REP)
        with pytest.raises(MoveRefused):
            revise(quote, offer(5), valid_until=LAST_DAY, at=NOW, by=REP)


def test_two_alternatives_are_not_both_accepted() -> None:
    first = shown(draft(offer(10)))
    taken, _ = accept(first, at=NOW, by=REP)
    also, _ = accept(shown(_leasing(first)), at=NOW, by=REP)

    with pytest.raises(MoveRefused):
        supersede([taken, also], also, at=NOW, by=REP)
    with pytest.raises(InvalidInput, match="an accepted quote"):
        supersede([first], first, at=NOW, by=REP)


def test_alternatives_are_found_and_closed_in_one_unit_of_work() -> None:
    first = shown(draft(offer(10)))
    store = MemoryStore("acme", entities=ENTITIES, events=EVENTS)
    with store.unit_of_work() as work:
        for quote in (first, shown(_leasing(first))):
            work[Quote].add(quote)
        work.commit()
    of_number = Formula.parse("number == 'Q-2026-17'", schema_of(Quote), wanted=BOOL)

    with store.unit_of_work() as work:
        family = tuple(work[Quote].find(of_number))
        accepted, events = accept(family[1], at=NOW, by=REP)
        others, moves = supersede(family, accepted, at=NOW, by=REP)
        for quote in (accepted, *others):
            work[Quote].save(quote, expected_version=quote.version)
        work.publish(*events, *moves)
        work.commit()

    with store.unit_of_work() as work:
        assert sorted(one.status for one in work[Quote].find(of_number)) == ["accepted", "superseded"]


def test_an_open_quote_is_voided_with_a_reason_and_a_decided_one_is_not() -> None:
    presented = shown(draft(offer(10)))
    voided, (move,) = void(presented, reason="wrong customer", at=NOW, by=REP)

    assert isinstance(move, QuoteMoved)
    assert (voided.status, voided.reason, move.reason) == (
        QuoteStatus.VOIDED,
        "wrong customer",
        "wrong customer",
    )
    assert (voided.status.is_open, voided.closed_on) == (False, date(2026, 3, 2))
    with pytest.raises(UnexplainedRejection):
        void(presented, reason=" ", at=NOW, by=REP)
    accepted, _ = accept(presented, at=NOW, by=REP)
    for quote in (accepted, voided, expire(presented, at=AFTER, by=REP)[0]):
        with pytest.raises(MoveRefused):
            void(quote, reason="too late", at=NOW, by=REP)


def test_what_is_settled_never_moves_again() -> None:
    ends = {status.value for status in QuoteStatus if not status.is_open} - {"rejected", "expired"}

    assert ends == {"accepted", "superseded", "voided"}
    assert [one for one in QUOTE_LIFECYCLE.transitions if ends & set(one.source)] == []
    for target in ("superseded", "voided"):
        sources = {
            source for one in QUOTE_LIFECYCLE.transitions if one.target == target for source in one.source
        }
        assert sources == {"draft", "in_approval", "approved", "presented"}
