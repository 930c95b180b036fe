"""Campaigns: what they cost, whom they brought, and what came back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

import attrs

from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import SalesError
from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.pipeline.deals import Deal, StageKind
from salesmgmt.pipeline.leads.attribution import LINEAR, AttributionModel, attribute
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus
from salesmgmt.pipeline.leads.parts import Touch
from salesmgmt.pipeline.leads.touches import touches_of


@attrs.frozen(kw_only=True)
class Campaign:
    """A campaign of marketing.

    Attributes:
        id: as touches, leads and deals name it.
        cost: what was spent on it.
        name: what people call it; the id when it is empty.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.leads import Campaign
    >>> Campaign(id="spring", cost=Money("800", "EUR")).name
    ''
    """

    id: str
    cost: Money
    name: str = ""


class CampaignTwice(SalesError, ValueError):
    """A campaign is given twice, so that its cost is not known.

    Attributes:
        campaign: its id.
    """

    code = "campaign_twice"

    def __init__(self, campaign: str) -> None:
        super().__init__(f"campaign {campaign} is given twice", hint="add its costs up to one")
        self.campaign = campaign


@attrs.frozen(kw_only=True)
class CampaignReturn:
    """What came back from a campaign.

    Open deals are censored: what they will bring is not in the revenue. While there are some, the figures that depend
    on revenue carry the flag `open_deals`, and their coverage is the share of its deals that are decided.

    Attributes:
        campaign: id of the campaign.
        cost: what was spent.
        leads: how many leads it brought: those whose own campaign, the first touch, it is; merged ones count once.
        cost_per_lead: cost / leads, in minor units, half even; undefined (`no_leads`) without leads.
        deals: how many deals it touched before they were decided.
        won: how many of them were won.
        open: how many of them are undecided.
        revenue: what of the won amounts is credited to its touches.
        return_on_spend: (revenue - cost) / cost; undefined (`no_cost`) for a free campaign.
        roas: revenue / cost, the return on advertising spend; undefined (`no_cost`) likewise.
    """

    campaign: str
    cost: Money
    leads: int
    cost_per_lead: Measured[Money]
    deals: int
    won: int
    open: int
    revenue: Money
    return_on_spend: Measured[Percent]
    roas: Measured[Decimal]


@attrs.frozen(kw_only=True)
class CampaignReturns:
    """What came back from some campaigns, and what no campaign is credited with.

    Attributes:
        rows: one a campaign, in the order given.
        won: the amounts of all won deals.
        elsewhere: what of them is credited to touches of other campaigns, or of none.
        unattributed: what of them no touch is credited with; the revenues, `elsewhere` and this add up to `won`.
        left_out: ids of won deals whose amount or day nobody knows; they count as won, and bring nothing.
    """

    rows: tuple[CampaignReturn, ...]
    won: Money
    elsewhere: Money
    unattributed: Money
    left_out: tuple[DealId, ...]


def campaign_returns(
    campaigns: Iterable[Campaign],
    leads: Iterable[Lead],
    deals: Iterable[Deal],
    *,
    currency: str,
    model: AttributionModel = LINEAR,
    lookback: timedelta | None = None,
) -> CampaignReturns:
    """Reckon what campaigns cost and what came back.

    The touches of a deal are those of the leads that were converted to it. Return on spend is (revenue - cost) / cost,
    return on advertising spend revenue / cost (P. W. Farris, N. T. Bendle, P. E. Pfeifer, D. J. Reibstein, Marketing
    Metrics, 2010); revenue is not margin: with a margin of a third, a campaign breaks even at a ROAS of 3.

    Args:
        campaigns: with their costs.
        leads: all leads of the cohort: choose them by when they came in.
        deals: all deals that leads of it were converted to, and any others; choose all or none of a cohort, the lost and
            the open ones too.
        currency: of all costs and amounts.
        model: how won amounts are shared out among touches.
        lookback: how long before the win a touch may lie to count; `None` counts all.

    Raises:
        CampaignTwice: two campaigns have one id.
        CurrencyMismatch: a cost or a won amount is in another currency: convert it first.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.leads import Campaign, Lead, campaign_returns
    >>> ana = Lead(id="l1", name="Ana", campaign="spring", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    >>> row = campaign_returns([Campaign(id="spring", cost=Money(800, "EUR"))], [ana], [], currency="EUR").rows[0]
    >>> row.cost_per_lead.value, str(row.return_on_spend.value), row.won
    (Money('800.00', 'EUR'), '-100%', 0)
    """
    known = _by_id(campaigns, currency)
    nothing = Money.zero(currency)
    brought, of_deal = _by_campaign_and_deal(leads)
    tallies = {id_: _Tally(revenue=nothing) for id_ in known}
    won = elsewhere = unattributed = nothing
    left_out: list[DealId] = []
    for deal in deals:
        touches = touches_of(of_deal.get(deal.id, ()))
        for id_ in {touch.campaign for touch in touches if _before_the_end(touch, deal)}:
            if id_ in tallies:
                tallies[id_].count(deal)
        if deal.status is not StageKind.WON:
            continue
        if deal.amount is None or deal.closed_on is None:
            left_out.append(deal.id)
            continue
        shared = attribute(deal.amount, touches, model, won_on=deal.closed_on, lookback=lookback)
        won += deal.amount
        unattributed += shared.unattributed
        for credit in shared.credits:
            if credit.touch.campaign in tallies:
                tallies[credit.touch.campaign].revenue += credit.amount
            else:
                elsewhere += credit.amount
    return CampaignReturns(
        rows=tuple(_row(campaign, brought[id_], tallies[id_]) for id_, campaign in known.items()),
        won=won,
        elsewhere=elsewhere,
        unattributed=unattributed,
        left_out=tuple(left_out),
    )


@attrs.define
class _Tally:
    revenue: Money
    deals: int = 0
    won: int = 0
    open: int = 0

    def count(self, deal: Deal) -> None:
        self.deals += 1
        self.won += deal.status is StageKind.WON
        self.open += deal.status is StageKind.OPEN


def _by_campaign_and_deal(leads: Iterable[Lead]) -> tuple[Counter[str | None], dict[DealId, list[Lead]]]:
    brought: Counter[str | None] = Counter()
    of_deal: dict[DealId, list[Lead]] = defaultdict(list)
    for lead in leads:
        if lead.status is not LeadStatus.MERGED:
            brought[lead.campaign] += 1
            if lead.deal is not None:
                of_deal[lead.deal].append(lead)
    return brought, of_deal


def _before_the_end(touch: Touch, deal: Deal) -> bool:
    return deal.closed_on is None or touch.at.date() <= deal.closed_on


def _by_id(campaigns: Iterable[Campaign], currency: str) -> dict[str, Campaign]:
    known: dict[str, Campaign] = {}
    for campaign in campaigns:
        if campaign.cost.currency != currency:
            raise CurrencyMismatch(campaign.cost.currency, currency)
        if campaign.id in known:
            raise CampaignTwice(campaign.id)
        known[campaign.id] = campaign
    return known


def _row(campaign: Campaign, leads: int, tally: _Tally) -> CampaignReturn:
    cost, revenue = campaign.cost.amount, tally.revenue.amount
    if leads:
        per_lead: Measured[Money] = Measured(
            (campaign.cost / leads).to_currency_decimals(RoundingMode.HALF_EVEN), n=leads
        )
    else:
        per_lead = Measured(None, flag="no_leads")
    coverage = CONTEXT.divide(tally.deals - tally.open, Decimal(tally.deals)) if tally.deals else None
    flag = "open_deals" if tally.open else None
    if cost:
        roas = Measured(CONTEXT.divide(revenue, cost), flag=flag, n=tally.won, coverage=coverage)
        gain = CONTEXT.divide(CONTEXT.subtract(revenue, cost), cost)
        returned = Measured(Percent.of_ratio(gain), flag=flag, n=tally.won, coverage=coverage)
    else:
        roas = Measured(None, flag="no_cost", n=tally.won, coverage=coverage)
        returned = Measured(None, flag="no_cost", n=tally.won, coverage=coverage)
    return CampaignReturn(
        campaign=campaign.id,
        cost=campaign.cost,
        leads=leads,
        cost_per_lead=per_lead,
        deals=tally.deals,
        won=tally.won,
        open=tally.open,
        revenue=tally.revenue,
        return_on_spend=returned,
        roas=roas,
    )
