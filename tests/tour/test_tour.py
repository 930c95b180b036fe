from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from salesmgmt.core.entity import Ref
from salesmgmt.core.money import Money
from salesmgmt.core.ports import UnitOfWork
from salesmgmt.cpq.quotes import Quote, QuoteStatus
from salesmgmt.pipeline import Deal, Invoice, Lead, LeadStatus, Order, Payment, StageKind, balances, replay
from salesmgmt.pipeline.cash import LedgerEntry
from salesmgmt.sfe import Activity, Cycle, Statement
from salesmgmt.storage import SqliteStore
from salesmgmt.tour.run import ENTITIES, EVENTS, Outcome, run
from salesmgmt.tour.world import generate

EURO = Money.zero("EUR")


@pytest.fixture(name="outcome", scope="module")
def _outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(out=tmp_path_factory.mktemp("tour"))


@pytest.fixture(name="work", scope="module")
def _work(outcome: Outcome) -> Iterator[UnitOfWork]:
    with (
        SqliteStore(outcome.store, "tour", entities=ENTITIES, events=EVENTS) as store,
        store.unit_of_work() as work,
    ):
        yield work


def test_the_year_is_as_large_as_promised(work: UnitOfWork) -> None:
    assert len(list(work[Lead].find())) >= 2_000
    assert len(list(work[Deal].find())) >= 3_000
    assert len(list(work[Activity].find())) > 10_000


def test_the_page_needs_no_network(outcome: Outcome) -> None:
    page = outcome.page.read_text(encoding="utf-8")

    loaded = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(https?:|//)[^"')\s]*""", page)
    assert loaded == []
    assert "<script" not in page
    assert page.count("<svg") == 8


def test_the_page_shows_every_part_of_the_slice(outcome: Outcome) -> None:
    page = outcome.page.read_text(encoding="utf-8")

    for section in ("funnel", "pipeline", "quote", "receivables", "segments", "force", "commission"):
        assert f'<section id="{section}">' in page


def test_won_deals_orders_invoices_and_ledger_tell_the_same_money(work: UnitOfWork) -> None:
    won = [deal for deal in work[Deal].find() if deal.status is StageKind.WON]
    orders = list(work[Order].find())
    invoices = list(work[Invoice].find())
    entries = list(work[LedgerEntry].find())
    payments = list(work[Payment].find())
    left = balances(entries)

    ordered = sum((order.total for order in orders), EURO)
    assert sum((deal.amount for deal in won if deal.amount is not None), EURO) == ordered
    assert sum((invoice.total for invoice in invoices), EURO) == ordered
    paid = sum((payment.amount for payment in payments), EURO)
    outstanding = sum(left.outstanding.values(), EURO)
    unapplied = sum(left.unapplied.values(), EURO)
    assert paid - unapplied == ordered - outstanding
    assert unapplied.amount > 0
    assert outstanding.amount > 0


def test_the_history_of_a_deal_makes_the_deal_again(work: UnitOfWork) -> None:
    for deal in list(work[Deal].find())[::400]:
        again = replay(work.history(Ref("Deal", deal.id)))

        assert (again.stage, again.amount, again.status, again.probability) == (
            deal.stage,
            deal.amount,
            deal.status,
            deal.probability,
        )


def test_every_lead_is_judged_and_no_converted_one_lacks_its_deal(work: UnitOfWork) -> None:
    leads = list(work[Lead].find())
    deals = {deal.id for deal in work[Deal].find()}

    converted = [lead for lead in leads if lead.status is LeadStatus.CONVERTED]
    assert converted
    assert all(lead.deal in deals and lead.account and lead.contact for lead in converted)
    assert any(lead.status is LeadStatus.MERGED for lead in leads)


def test_what_was_merged_asked_twice_in_the_generated_year(work: UnitOfWork) -> None:
    asked = {enquiry.id: enquiry.repeats for enquiry in generate().enquiries}

    def first(enquiry: str) -> str:
        earlier = asked[enquiry]
        return enquiry if earlier is None else first(earlier)

    merged = [lead for lead in work[Lead].find() if lead.merged_into is not None]
    right = [lead for lead in merged if first(lead.id) == first(str(lead.merged_into))]
    assert len(right) / len(merged) > 0.97


def test_discounts_above_the_limits_were_approved(work: UnitOfWork) -> None:
    quotes = [quote for quote in work[Quote].find() if quote.status is QuoteStatus.ACCEPTED]
    deep = [
        quote
        for quote in quotes
        if quote.current.list_discount is not None and quote.current.list_discount.points > 12
    ]

    assert deep
    assert all("team lead" in {approval.rule for approval in quote.approvals} for quote in deep)


def test_the_loop_is_closed_and_statements_add_up(work: UnitOfWork) -> None:
    (cycle,) = work[Cycle].find()
    assert cycle.can_close().blockers == ()
    assert cycle.actions

    for statement in work[Statement].find():
        lines = sum((line.amount for line in statement.lines), EURO)
        assert abs((statement.total - lines).amount) <= Decimal("0.005")


def test_the_head_figures_are_those_of_the_generated_year(outcome: Outcome) -> None:
    world = generate()
    won = sum(1 for chance in world.chances if chance.steps and chance.steps[-1][0] == "won")

    figures = {tile.label: tile.figure for tile in outcome.tiles}
    assert figures["enquiries"] == f"{len(world.enquiries):,}"
    assert figures["deals"] == f"{len(world.chances):,}"
    assert figures["won"] == f"{won:,}"
