"""What happens in one room becomes the beginning of something in the next, and nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.codec import Codec
from salesmgmt.core.entity import AccountId, ContactId, DealId, OrderId, QuoteId
from salesmgmt.core.formula import Value
from salesmgmt.core.money import Money
from salesmgmt.cpq.quotes import AcceptedLine, QuoteAccepted
from salesmgmt.pipeline import (
    Lead,
    LeadConverted,
    LeadStatus,
    Pipeline,
    PipelineDefinition,
    Stage,
    StageKind,
    Transition,
    convert,
)
from salesmgmt.pipeline.cash import InvalidDocument, Order
from salesmgmt.processes.lead_to_cash import open_from_lead, order_from_quote

NOW = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
REP = Actor("li.wei", roles={"rep"})


@pytest.fixture
def pipeline() -> Pipeline:
    return PipelineDefinition(
        id="walk-in",
        version=1,
        initial="talk",
        stages=(Stage("talk"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)),
        transitions=(Transition("talk", "won"), Transition("talk", "lost")),
    ).compile()


def _converted(*, deal: str | None = "d1", fields: Mapping[str, Value] | None = None) -> LeadConverted:
    lead = Lead(
        id="l1",
        name="Ana Berg",
        company="Belcor GmbH",
        email="ana@belcor.example",
        phone="+49 30 1",
        title="CTO",
        source="fair",
        campaign="spring",
        country="DE",
        status=LeadStatus.QUALIFIED,
        created_at=NOW,
        fields=fields or {},
    )
    _, (event,) = convert(
        lead,
        account_id=AccountId("a1"),
        contact_id=ContactId("c1"),
        deal_id=None if deal is None else DealId(deal),
        amount=None if deal is None else Money("5000.00", "EUR"),
        at=NOW,
        by=REP,
    )
    assert isinstance(event, LeadConverted)
    return event


def test_a_converted_lead_becomes_account_contact_and_deal(pipeline: Pipeline) -> None:
    opened = open_from_lead(_converted(fields={"lift": "2t"}), pipeline)

    assert opened.account is not None
    assert opened.contact is not None
    assert opened.deal is not None
    assert (opened.account.id, opened.account.name, opened.account.country) == ("a1", "Belcor GmbH", "DE")
    contact = opened.contact
    assert (contact.id, contact.account, contact.name, contact.title) == ("c1", "a1", "Ana Berg", "CTO")
    assert (contact.email, contact.phone) == ("ana@belcor.example", "+49 30 1")
    deal = opened.deal
    assert (deal.id, deal.account, deal.contact, deal.stage) == ("d1", "a1", "c1", "talk")
    assert (deal.amount, deal.source, deal.campaign) == (Money("5000.00", "EUR"), "fair", "spring")
    assert deal.fields == {"lift": "2t"}
    assert {(event.at, event.by) for event in opened.events} == {(NOW, REP)}
    assert len(opened.events) == 3


def test_what_exists_already_is_not_made_again(pipeline: Pipeline) -> None:
    opened = open_from_lead(_converted(deal=None), pipeline, account_exists=True, contact_exists=True)

    assert (opened.account, opened.contact, opened.deal, opened.events) == (None, None, None, ())


def _line(position: int, net: str, share: str, **configuration: str) -> AcceptedLine:
    return AcceptedLine(
        position=position,
        product="bike",
        quantity=Decimal("1.5"),
        configuration=configuration,
        list_amount=Money("100.00", "EUR"),
        net_amount=Money(net, "EUR"),
        share=Money(share, "EUR"),
    )


def _accepted(*lines: AcceptedLine) -> QuoteAccepted:
    return QuoteAccepted(
        at=NOW,
        by=REP,
        subjects=(),
        quote=QuoteId("q1"),
        number="Q-1",
        version=2,
        digest="",
        account=AccountId("acme"),
        deal=DealId("d1"),
        currency="EUR",
        lines=lines,
        total=Money.total((line.net_amount for line in lines), "EUR"),
        accepted_on=date(2026, 3, 3),
    )


def test_an_order_has_the_choices_the_amounts_and_the_shares_of_its_quote() -> None:
    accepted = _accepted(_line(0, "89.99", "-10.01", frame="carbon"), _line(1, "0.00", "0.00", frame="alloy"))

    order, (event,) = order_from_quote(accepted, order_id=OrderId("o1"))

    assert order.total == accepted.total == Money("89.99", "EUR")
    assert [(line.id, line.quantity, line.net, line.share) for line in order.lines] == [
        ("1", Decimal("1.5"), Money("89.99", "EUR"), Money("-10.01", "EUR")),
        ("2", Decimal("1.5"), Money("0.00", "EUR"), Money("0.00", "EUR")),
    ]
    assert [line.configuration for line in order.lines] == [{"frame": "carbon"}, {"frame": "alloy"}]
    assert (order.account, order.deal, order.quote, order.placed_on) == ("acme", "d1", "q1", date(2026, 3, 3))
    assert (event.at, event.by) == (NOW, REP)
    codec = Codec()
    assert codec.from_dict(Order, codec.to_dict(order)) == order


def test_a_quote_without_lines_is_no_order() -> None:
    with pytest.raises(InvalidDocument):
        order_from_quote(_accepted(), order_id=OrderId("o1"))


def test_the_lines_of_an_order_keep_the_ids_terms_units_and_parts_of_the_quote() -> None:
    whole = attrs.evolve(
        _line(0, "80.00", "0"), id="pc", uom="box", starts=date(2026, 4, 1), ends=date(2027, 4, 1)
    )
    part = attrs.evolve(_line(1, "20.00", "0"), id="bag", parent="pc", optional=True)

    order, _ = order_from_quote(_accepted(whole, part), order_id=OrderId("o1"))

    assert [(line.id, line.parent, line.unit, line.starts, line.ends) for line in order.lines] == [
        ("pc", "", "box", date(2026, 4, 1), date(2027, 4, 1)),
        ("bag", "pc", None, None, None),
    ]
    with pytest.raises(InvalidDocument, match="part of pc"):
        order_from_quote(_accepted(part), order_id=OrderId("o1"))
