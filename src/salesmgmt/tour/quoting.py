"""Prices, quotes, approvals and orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, DealId, OrderId
from salesmgmt.core.formula import Value
from salesmgmt.cpq import Line, Priced, PricingRequest
from salesmgmt.cpq.approvals import ApprovalNeed
from salesmgmt.cpq.configure import ChoiceRefused
from salesmgmt.cpq.quotes import (
    Quote,
    QuoteAccepted,
    QuoteStatus,
    accept,
    approve,
    present,
    quote_from,
    reject,
    submit,
)
from salesmgmt.pipeline import Deal, Order
from salesmgmt.processes.lead_to_cash import order_from_quote
from salesmgmt.tour.desk import Desk
from salesmgmt.tour.rulebook import Rules
from salesmgmt.tour.world import Chance

LEADS_OF_TEAMS = Actor("team lead", roles={"manager"})
HEAD = Actor("head of sales", roles={"manager", "head"})
VALID_FOR = timedelta(days=365)


@attrs.frozen(kw_only=True)
class Showcase:
    """One quote in every detail.

    Attributes:
        priced: its lines with their waterfalls.
        quote: as it was presented.
        needs: the approvals that it needed.
        refusal: why a choice in the configurator was not possible, in words.
    """

    priced: Priced
    quote: Quote
    needs: tuple[ApprovalNeed, ...]
    refusal: str


class SalesDesk:
    """Prices deals, writes their quotes and has them approved."""

    def __init__(self, desk: Desk, rules: Rules) -> None:
        self._desk = desk
        self._rules = rules
        self._segments: dict[str, str] = {}

    def price(
        self, chance: Chance, *, customer_id: str, segment: str, at: datetime, concession: int = 0
    ) -> Priced:
        """Price what a customer wants."""
        self._segments[chance.id] = segment
        configuration = {}
        if chance.product == "lift-4t":
            configuration = self._rules.lift.start().complete().selection
        return self._priced(
            [Line(chance.product, chance.quantity, configuration)],
            customer={"id": customer_id, "segment": segment},
            order={"concession": Decimal(concession), "campaign": ""},
            at=at,
        )

    def _priced(
        self,
        lines: Sequence[Line],
        *,
        customer: Mapping[str, Value],
        order: Mapping[str, Value],
        at: datetime,
    ) -> Priced:
        request = PricingRequest(at=at, currency="EUR", customer=customer, order=order, lines=lines)
        return self._rules.pricer.price(request)

    def quote(self, deal: Deal, chance: Chance, *, at: datetime, by: Actor) -> Quote:
        """Write the quote of a deal, have it approved, and present it."""
        priced = self.price(
            chance,
            customer_id=deal.account or "",
            segment=self._segments[chance.id],
            at=at,
            concession=chance.concession,
        )
        quote, drafted = quote_from(
            priced,
            id=f"q-{deal.id}",
            number=f"Q-{deal.id[1:]}",
            valid_until=(at + VALID_FOR).date(),
            account=deal.account,
            deal=DealId(deal.id),
            at=at,
            by=by,
        )
        self._desk.note(drafted)
        presented, _ = self._through_approvals(quote, at=at, by=by)
        return presented

    def _through_approvals(
        self, quote: Quote, *, at: datetime, by: Actor
    ) -> tuple[Quote, tuple[ApprovalNeed, ...]]:
        """Submit, approve and present a quote; return it with the approvals that it needed."""
        quote, events = submit(quote, self._rules.approvals, at=at, by=by)
        self._desk.note(events)
        needs = quote.needs
        for need in needs:
            approver = HEAD if "head" in need.roles else LEADS_OF_TEAMS
            quote, events = approve(quote, need.rule, reason="keeps the customer", at=at, by=approver)
            self._desk.note(events)
        quote, events = present(quote, at=at, by=by)
        return self._desk.put(quote, events), needs

    def accept(self, deal: Deal, *, at: datetime) -> Order:
        """Take down that the customer accepts, and place the order."""
        quote, events = accept(self._desk.get(Quote, f"q-{deal.id}"), at=at, by=Actor(deal.owner or "nobody"))
        self._desk.put(quote, events)
        accepted = next(event for event in events if isinstance(event, QuoteAccepted))
        order, placed = order_from_quote(accepted, order_id=OrderId(f"o-{deal.id}"))
        return self._desk.put(order, placed)

    def reject(self, deal: Deal, *, at: datetime) -> None:
        """Take down that the customer does not want what was quoted, if anything was."""
        quote = self._desk.find(Quote, f"q-{deal.id}")
        if quote is not None and quote.status is QuoteStatus.PRESENTED:
            rep = Actor(deal.owner or "nobody")
            self._desk.put(*reject(quote, reason=deal.loss_reason or "lost", at=at, by=rep))

    def showcase(self, *, at: datetime, by: Actor) -> Showcase:
        """Configure, price and quote a whole workshop, with a concession that needs two approvals."""
        wanted = self._rules.lift.start().choose("length", "long").choose("place", "outdoors")
        try:
            wanted.choose("jack", "axle")
            refusal = "nothing was refused"
        except ChoiceRefused as error:
            refusal = str(error.conflict)
        lift = wanted.complete()
        priced = self._priced(
            [
                Line("lift-4t", 2, lift.selection),
                Line("bench-pro", 12),
                Line("service-year", 3),
            ],
            customer={"id": "c0007", "segment": "key"},
            order={"concession": Decimal(18), "campaign": "spring fair"},
            at=at,
        )
        quote, drafted = quote_from(
            priced,
            id="q-showcase",
            number="Q-2026-0317",
            valid_until=(at + timedelta(days=30)).date(),
            account=AccountId("c0007"),
            at=at,
            by=by,
        )
        self._desk.note(drafted)
        presented, needs = self._through_approvals(quote, at=at, by=by)
        return Showcase(priced=priced, quote=presented, needs=needs, refusal=refusal)
