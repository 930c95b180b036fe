"""Quotes and their events go through the codec and a store, and come back as they were."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import attrs
import jsonschema
import pytest

from salesmgmt.core.codec import Codec
from salesmgmt.core.entity import Entity
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import Event
from salesmgmt.core.formula import BOOL, Formula, schema_of
from salesmgmt.cpq import quotes
from salesmgmt.cpq.approvals import ApprovalPolicy
from salesmgmt.cpq.quotes import (
    ENTITIES,
    EVENTS,
    Quote,
    accept,
    approve,
    present,
    quote_from,
    revise,
    submit,
)
from salesmgmt.storage import MemoryStore

from .conftest import LAST_DAY, MANAGER, NOW, REP, draft, offer, priced, priced_line


def _story(policy: ApprovalPolicy) -> tuple[list[Quote], list[Event]]:
    """A quote from its first draft to its acceptance, after each command."""
    answer = priced([priced_line(0, ("600", "479.99"), share="-3.33")], unpriced=[1])
    quote, events = quote_from(
        answer, id="q-1", number="Q-1", valid_until=LAST_DAY, missing={0: ["fork"]}, at=NOW, by=REP
    )
    states, told = [quote], list[Event](events)
    commands: tuple[Callable[[Quote], tuple[Quote, tuple[Event, ...]]], ...] = (
        lambda quote: revise(quote, offer(25), valid_until=LAST_DAY, at=NOW, by=REP),
        lambda quote: submit(quote, policy, at=NOW, by=REP),
        lambda quote: approve(quote, "deep", reason="strategic", at=NOW, by=MANAGER),
        lambda quote: present(quote, at=NOW, by=REP),
        lambda quote: accept(quote, at=NOW, by=REP),
    )
    for command in commands:
        quote, more = command(quote)
        states.append(quote)
        told.extend(more)
    return states, told


def test_everything_comes_back_from_json_and_pickle(policy: ApprovalPolicy) -> None:
    states, events = _story(policy)
    codec = Codec([*ENTITIES, *EVENTS])

    for document in (*states, *events):
        assert codec.read_json(codec.to_json(document)) == document
        assert pickle.loads(pickle.dumps(document)) == document
    assert [type(event).__name__ for event in events] == [
        "QuoteDrafted",
        "QuoteRevised",
        "QuoteSubmitted",
        "QuoteMoved",
        "ApprovalGiven",
        "QuoteMoved",
        "QuoteMoved",
        "QuoteMoved",
        "QuoteAccepted",
    ]
    assert {type(state) for state in states} == {Quote}


def test_a_version_has_the_same_digest_after_it_was_stored(policy: ApprovalPolicy) -> None:
    quote = _story(policy)[0][-1]
    again = Codec().from_json(Quote, Codec().to_json(quote))

    assert [one.digest for one in again.versions] == [one.digest for one in quote.versions]


def test_a_quote_lives_in_a_store(policy: ApprovalPolicy) -> None:
    states, events = _story(policy)
    store = MemoryStore("acme", entities=ENTITIES, events=EVENTS)

    with store.unit_of_work() as work:
        stored = work[Quote].add(states[0])
        for state in states[1:]:
            stored = work[Quote].save(
                attrs.evolve(state, tenant=stored.tenant, version=stored.version),
                expected_version=stored.version,
            )
        work.publish(*events)
        work.commit()

    accepted = Formula.parse("status == 'accepted' and total < 1000 EUR", schema_of(Quote), wanted=BOOL)
    with store.unit_of_work() as work:
        (found,) = work[Quote].find(accepted)
    assert attrs.evolve(found, tenant="", version=0) == states[-1]


def test_a_tampered_document_is_refused(policy: ApprovalPolicy) -> None:
    document = Codec().to_dict(_story(policy)[0][-1])
    document["total"] = {"amount": "1", "currency": "EUR"}

    with pytest.raises(InvalidInput, match="total"):
        Codec().from_dict(Quote, document)


@pytest.mark.parametrize("cls", [*ENTITIES, *EVENTS], ids=lambda cls: cls.__name__)
def test_every_kind_has_a_json_schema(cls: type[Entity]) -> None:
    jsonschema.Draft202012Validator.check_schema(Codec().schema(cls))


def test_every_public_name_is_there() -> None:
    assert [name for name in quotes.__all__ if not hasattr(quotes, name)] == []
    assert draft(offer(0)).total == draft(offer(0)).current.list_total
