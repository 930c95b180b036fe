"""The year, month by month: from the first enquiry to the last payment."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import date, timedelta

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, ContactId, DealId, PersonId
from salesmgmt.core.period import Period
from salesmgmt.customers import add_contact, open_account
from salesmgmt.pipeline import Deal, Lead, Order, amend, convert
from salesmgmt.pipeline.leads import FieldHome
from salesmgmt.processes.lead_to_cash import open_from_lead
from salesmgmt.tour.cash import CashBook
from salesmgmt.tour.desk import Desk
from salesmgmt.tour.leads import SYSTEM, morning, work_on_leads
from salesmgmt.tour.quoting import SalesDesk
from salesmgmt.tour.rulebook import Rules
from salesmgmt.tour.world import FIRST_DAY, LAST_DAY, Chance, World, reps

MONTHS = tuple(Period(FIRST_DAY, LAST_DAY + timedelta(days=1)).months())


@attrs.frozen(kw_only=True)
class Year:
    """What is left on the desk when the year is over."""

    desk: Desk
    cash: CashBook
    sales: SalesDesk


def run_year(desk: Desk, rules: Rules, world: World, *, month_done: Callable[[], None]) -> Year:
    """Let the year happen; everything goes through the library and into the store."""
    cash = CashBook(desk, rules, {chance.id: chance.payer for chance in world.chances})
    sales = SalesDesk(desk, rules)
    _open_old_customers(desk, world)
    waiting: deque[Lead] = deque()
    coming: list[tuple[date, str, Chance]] = []
    for month in MONTHS:
        waiting.extend(work_on_leads(desk, rules, month, world.enquiries))
        for chance in world.chances:
            if chance.opened_on in month:
                _open_deal(desk, rules, sales, chance, waiting)
                coming.extend((day, stage, chance) for stage, day in chance.steps)
        for day, stage, chance in sorted(
            (step for step in coming if step[0] in month), key=lambda step: (step[0], step[2].id)
        ):
            order = _move_deal(desk, rules, sales, chance, stage=stage, day=day)
            if order is not None:
                cash.invoice(order)
        cash.take_payments(month)
        desk.file()
        month_done()
    return Year(desk=desk, cash=cash, sales=sales)


def _open_old_customers(desk: Desk, world: World) -> None:
    for customer in world.customers:
        account_id, contact_id = AccountId(customer.id), ContactId(f"{customer.id}-1")
        opened = {"at": morning(FIRST_DAY), "by": SYSTEM}
        desk.put(*open_account(account_id, name=customer.name, country=customer.country, **opened))  # type: ignore[arg-type]
        desk.put(
            *add_contact(
                contact_id,
                account=account_id,
                name=customer.contact,
                email=customer.email,
                **opened,  # type: ignore[arg-type]
            )
        )


def _open_deal(desk: Desk, rules: Rules, sales: SalesDesk, chance: Chance, waiting: deque[Lead]) -> None:
    """Open a deal with the longest waiting lead, or else with an old customer."""
    at = morning(chance.opened_on)
    lead = desk.get(Lead, waiting[0].id) if waiting else None
    if (
        lead is not None
        and lead.first_response_at is not None
        and lead.first_response_at < at - timedelta(days=1)
    ):
        waiting.popleft()
        assert lead.owner is not None  # noqa: S101 - only leads with an owner are judged
        priced = sales.price(chance, customer_id=f"n-{lead.id}", segment="new", at=at)
        lead, events = convert(
            lead,
            account_id=AccountId(f"n-{lead.id}"),
            contact_id=ContactId(f"n-{lead.id}-1"),
            deal_id=DealId(chance.id),
            product=chance.product,
            amount=priced.total,
            expected_close=chance.opened_on + timedelta(days=60),
            homes={"employees": FieldHome.ACCOUNT},
            at=at,
            by=Actor(lead.owner, roles={"rep"}),
        )
        desk.put(lead, events)
        opened = open_from_lead(events[0], rules.pipeline)  # type: ignore[arg-type]
        for entity in (opened.account, opened.contact, opened.deal):
            if entity is not None:
                desk.put(entity)
        desk.note(opened.events)
        return
    rank = chance.customer
    segment = "key" if rank < 60 else "standard"
    rep = PersonId(reps()[rank % len(reps())])
    priced = sales.price(chance, customer_id=f"c{rank:04}", segment=segment, at=at)
    deal, opened_events = rules.pipeline.open(
        id=chance.id,
        name=f"{chance.quantity} x {chance.product}",
        account=AccountId(f"c{rank:04}"),
        contact=ContactId(f"c{rank:04}-1"),
        owner=rep,
        amount=priced.total,
        product=chance.product,
        source="existing customer",
        expected_close=chance.opened_on + timedelta(days=60),
        at=at,
        by=Actor(rep, roles={"rep"}),
    )
    desk.put(deal, opened_events)


def _move_deal(
    desk: Desk, rules: Rules, sales: SalesDesk, chance: Chance, *, stage: str, day: date
) -> Order | None:
    """Move a deal on; a proposal makes a quote, and winning accepts it and places the order."""
    at = morning(day)
    deal = desk.get(Deal, chance.id)
    rep = Actor(deal.owner or "nobody", roles={"rep"})
    if stage == "proposal":
        quote = sales.quote(deal, chance, at=at, by=rep)
        deal, amended = amend(deal, {"amount": quote.total}, at=at, by=rep)
        desk.note(amended)
    order = sales.accept(deal, at=at) if stage == "won" else None
    deal, events = rules.pipeline.move(
        deal,
        stage,
        facts={"quote.accepted": order is not None} if stage == "won" else {},
        loss_reason=chance.loss_reason if stage == "lost" else None,
        at=at,
        by=rep,
    )
    desk.put(deal, events)
    if stage == "lost":
        sales.reject(deal, at=at)
    return order
