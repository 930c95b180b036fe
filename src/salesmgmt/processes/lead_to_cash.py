"""From lead to cash: what happens in one room becomes the beginning of something in the next."""

from __future__ import annotations

import attrs

from salesmgmt.core.entity import OrderId, ProductId
from salesmgmt.core.events import Event
from salesmgmt.cpq.quotes import QuoteAccepted
from salesmgmt.customers import Account, Contact, add_contact, open_account
from salesmgmt.pipeline import Deal, LeadConverted, Order, OrderLine, OrderPlaced, Pipeline, place_order


@attrs.frozen(kw_only=True)
class Opened:
    """What a converted lead becomes.

    Attributes:
        account: the new account; `None` when the lead was converted to one that exists.
        contact: the person, at that account; `None` when the lead was converted to one that exists.
        deal: the deal; `None` when the conversion names none.
        events: of what was made.
    """

    account: Account | None
    contact: Contact | None
    deal: Deal | None
    events: tuple[Event, ...]


def open_from_lead(
    converted: LeadConverted,
    pipeline: Pipeline,
    *,
    account_exists: bool = False,
    contact_exists: bool = False,
) -> Opened:
    """Make the account, the contact and the deal of a converted lead, with everything that their drafts hold.

    Args:
        converted: what the lead became; its instant and its author are those of the new events.
        pipeline: where the deal is opened.
        account_exists: whether the conversion names an account that the host has already; it keeps what it has.
        contact_exists: whether it names a contact that the host has already; it keeps what it has.

    Raises:
        MoveRefused: the pipeline wants more for its first stage than the draft has.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline import Pipeline, PipelineDefinition, Stage, StageKind, Transition
    >>> from salesmgmt.pipeline import capture, convert, qualify
    >>> from salesmgmt.processes.lead_to_cash import open_from_lead
    >>> pipeline = PipelineDefinition(
    ...     id="walk-in", version=1, initial="talk",
    ...     stages=(Stage("talk"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)),
    ...     transitions=(Transition("talk", "won"), Transition("talk", "lost")),
    ... ).compile()
    >>> now, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei")
    >>> lead, _ = capture(id="l1", name="Ana Berg", company="Belcor GmbH", source="fair", at=now, by=rep)
    >>> lead, _ = qualify(lead, at=now, by=rep)
    >>> lead, (converted,) = convert(lead, account_id="a1", contact_id="c1", deal_id="d1", at=now, by=rep)
    >>> opened = open_from_lead(converted, pipeline)
    >>> opened.account.name, opened.contact.name, opened.deal.stage, opened.deal.source
    ('Belcor GmbH', 'Ana Berg', 'talk', 'fair')
    """
    at, by = converted.at, converted.by
    draft, person = converted.account, converted.contact
    account: Account | None = None
    events: list[Event] = []
    if not account_exists:
        account, account_events = open_account(
            draft.id,
            name=draft.name,
            country=draft.country,
            owner=draft.owner,
            fields=draft.fields,
            at=at,
            by=by,
        )
        events += account_events
    contact: Contact | None = None
    if not contact_exists:
        contact, contact_events = add_contact(
            person.id,
            account=draft.id,
            name=person.name,
            title=person.title,
            email=person.email,
            phone=person.phone,
            fields=person.fields,
            at=at,
            by=by,
        )
        events += contact_events
    deal: Deal | None = None
    if converted.deal is not None:
        wanted = attrs.asdict(converted.deal, recurse=False)
        deal, deal_events = pipeline.open(at=at, by=by, **wanted)
        events += deal_events
    return Opened(account=account, contact=contact, deal=deal, events=tuple(events))


def order_from_quote(accepted: QuoteAccepted, *, order_id: OrderId) -> tuple[Order, tuple[OrderPlaced]]:
    """Place the order of an accepted quote, with the choices, amounts and shares that were frozen when it was accepted.

    Its lines have the ids of the lines of the quote, and are parts of each other as there.

    Args:
        accepted: the quote; its instant, its author and its business date are those of the order.
        order_id: of the order.

    Raises:
        InvalidDocument: the quote has no line, or comes to nothing.

    >>> from datetime import UTC, date, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes import AcceptedLine, QuoteAccepted
    >>> from salesmgmt.processes.lead_to_cash import order_from_quote
    >>> accepted = QuoteAccepted(
    ...     at=datetime(2026, 3, 2, 9, tzinfo=UTC), by=Actor("li.wei"), subjects=(), quote="q1", number="Q-1", version=1,
    ...     digest="", account="acme", deal="d1", currency="EUR", total=Money("90.00", "EUR"), accepted_on=date(2026, 3, 2),
    ...     lines=(AcceptedLine(position=0, product="dock", quantity=Decimal(2), list_amount=Money("100.00", "EUR"),
    ...                         net_amount=Money("90.00", "EUR"), share=Money("-10.00", "EUR")),),
    ... )
    >>> order, _ = order_from_quote(accepted, order_id="o1")
    >>> order.total, order.lines[0].share, order.quote
    (Money('90.00', 'EUR'), Money('-10.00', 'EUR'), 'q1')
    """
    return place_order(
        id=order_id,
        lines=[
            OrderLine(
                id=line.id,
                product=ProductId(line.product),
                quantity=line.quantity,
                unit=line.uom or None,
                net=line.net_amount,
                share=line.share,
                configuration=line.configuration,
                parent=line.parent,
                starts=line.starts,
                ends=line.ends,
            )
            for line in accepted.lines
        ],
        placed_on=accepted.accepted_on,
        account=accepted.account,
        deal=accepted.deal,
        quote=accepted.quote,
        at=accepted.at,
        by=accepted.by,
    )
