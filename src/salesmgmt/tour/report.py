"""What the year came to: the sections of the page, each from the library's own figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import attrs

from salesmgmt import charts
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.core.rounding import Rounding
from salesmgmt.core.wording import Wording
from salesmgmt.cpq.pricing import StepKind
from salesmgmt.customers import Account, Purchase, Segmenter, customer_values, fit_rfm_scheme, summarise_rfm
from salesmgmt.engines.metrics import MetricSet
from salesmgmt.pipeline import Ageing, Deal, Lead, LeadStatus, Order, StageKind, balances
from salesmgmt.pipeline.cash import AgeingReport
from salesmgmt.pipeline.metrics import DEAL_FACTS, LEAD_FACTS
from salesmgmt.pipeline.metrics import METRICS as PIPELINE_METRICS
from salesmgmt.sfe import Statement
from salesmgmt.tour.force import CallChart, Turn
from salesmgmt.tour.leads import morning
from salesmgmt.tour.page import Section, Table, Tile, columns
from salesmgmt.tour.quoting import Showcase
from salesmgmt.tour.rulebook import Rules
from salesmgmt.tour.world import LAST_DAY
from salesmgmt.tour.year import Year

EURO = "EUR"
WORDS = Wording("en")
AGES = Ageing((30, 60, 90))
_WHOLE = Rounding("half_up", "1")
_TENTH = Rounding("half_up", "0.1")


def euros(amount: Money) -> str:
    """An amount to the cent, as English readers write it."""
    return WORDS.money(amount)


def _short(amount: Money) -> str:
    return WORDS.number(_WHOLE.apply(amount.amount))


@attrs.frozen(kw_only=True)
class Figures:
    """The year in figures.

    Attributes:
        leads: metrics of the leads, by id.
        deals: metrics of the deals, by id.
        ageing: of the receivables on the last day.
        segments: how many customers are in each segment, and what they brought.
        segment_of: the segment of each customer who bought.
    """

    leads: dict[str, object]
    deals: dict[str, object]
    ageing: AgeingReport
    segments: dict[str, tuple[int, Money]]


def figures_of(year: Year, segmenter: Segmenter) -> Figures:
    """Compute the figures that several sections and the summary show."""
    known = MetricSet(PIPELINE_METRICS)
    leads = known.compile(LEAD_FACTS).measure(year.desk.all(Lead))
    deals = known.compile(DEAL_FACTS, currency=EURO).measure(year.desk.all(Deal))
    return Figures(
        leads={name: figure.value for name, figure in leads.items()},
        deals={name: figure.value for name, figure in deals.items()},
        ageing=AGES.report(year.cash.invoices, year.cash.ledger, LAST_DAY, currency=EURO),
        segments=_segments(year, segmenter),
    )


def _segments(year: Year, segmenter: Segmenter) -> dict[str, tuple[int, Money]]:
    orders = list(year.desk.all(Order))
    bought = [
        Purchase(order.account, order.placed_on, order.total) for order in orders if order.account is not None
    ]
    summaries = summarise_rfm(bought, as_of=LAST_DAY, monetary="total")
    scorer = fit_rfm_scheme(summaries).compile()
    found: dict[str, tuple[int, Money]] = {}
    for summary in summaries:
        values = customer_values(summary=summary, scores=scorer.score(summary))
        segment = segmenter.segment(values)
        count, value = found.get(segment, (0, Money.zero(EURO)))
        found[segment] = (count + 1, value + summary.monetary)
    return dict(sorted(found.items(), key=lambda entry: entry[1][1], reverse=True))


def tiles(year: Year, figures: Figures) -> list[Tile]:
    """The figures at the head of the page."""
    won_value = figures.deals["won_value"]
    assert isinstance(won_value, Money)  # noqa: S101 - there is a currency, so a sum of nothing is zero
    return [
        Tile("enquiries", f"{sum(1 for _ in year.desk.all(Lead)):,}"),
        Tile("deals", f"{sum(1 for _ in year.desk.all(Deal)):,}"),
        Tile("won", f"{figures.deals['deals_won']:,}"),
        Tile("win rate of closed", f"{_TENTH.apply(figures.deals['win_rate'] * 100)} %"),  # type: ignore[operator]
        Tile("won value, EUR", _short(won_value)),
        Tile("still owed, EUR", _short(figures.ageing.total)),
    ]


def funnel(year: Year) -> Section:
    """From enquiries to won deals."""
    leads = list(year.desk.all(Lead))
    people = [lead for lead in leads if lead.status is not LeadStatus.MERGED]
    converted = {lead.deal for lead in leads if lead.deal is not None}
    every_deal = list(year.desk.all(Deal))
    deals = [deal for deal in every_deal if deal.id in converted]
    proposed = sum(1 for deal in deals if deal.stage != "discovery")
    won = sum(1 for deal in deals if deal.status is StageKind.WON)
    qualified = sum(1 for lead in leads if lead.status in {LeadStatus.QUALIFIED, LeadStatus.CONVERTED})
    steps = [
        ("enquiries", len(leads)),
        ("people", len(people)),
        ("qualified", qualified),
        ("deals", len(deals)),
        ("past discovery", proposed),
        ("won", won),
    ]
    bands = Counter(lead.score.band for lead in people if lead.score is not None)
    by_band = Table(
        title="People by score",
        columns=columns("band|#people|#converted|#share"),
        rows=[_band_row(people, band, bands[band]) for band in ("hot", "warm", "cold")],
    )
    return Section(
        id="funnel",
        title="From enquiry to customer",
        text=f"{len(leads) - len(people)} enquiries came from people who had asked before; they were merged, and can be parted again. "
        f"The other {len(every_deal) - len(deals):,} deals of the year are with old customers.",
        charts=[charts.funnel(steps, title="Leads of the year")],
        tables=[by_band],
    )


def _band_row(leads: Sequence[Lead], band: str, count: int) -> tuple[str, str, str, str]:
    converted = sum(
        1
        for lead in leads
        if lead.score is not None and lead.score.band == band and lead.status is LeadStatus.CONVERTED
    )
    share = f"{100 * converted / count:.1f} %" if count else "none scored"
    return band, f"{count:,}", f"{converted:,}", share


def pipeline_ageing(year: Year, rules: Rules) -> Section:
    """How long the open deals have stood where they stand."""
    as_of = morning(LAST_DAY)
    open_deals = [deal for deal in year.desk.all(Deal) if deal.is_open]
    stages = {
        stage.id: stage.name for stage in rules.pipeline.stages.values() if stage.kind is StageKind.OPEN
    }
    standing = {deal.id: rules.pipeline.rotting(deal, as_of) for deal in open_deals}
    labels = [label for label in AGES.labels if label != "not due"]
    counts = {stage: Counter[str]() for stage in stages}
    for deal in open_deals:
        counts[deal.stage][AGES.bucket(standing[deal.id].days or 0)] += 1
    rotting = [deal for deal in open_deals if standing[deal.id].is_rotting]
    rotting.sort(key=lambda deal: (-standing[deal.id].overdue_days, deal.id))
    return Section(
        id="pipeline",
        title="Pipeline ageing",
        text=f"{len(open_deals)} deals are open; {len(rotting)} have stood longer in their stage than it allows.",
        charts=[
            charts.stacked_bars(
                {
                    name: [(f"{label} days", counts[stage][label]) for label in labels]
                    for stage, name in stages.items()
                },
                title="Open deals by stage and days in it",
                unit="deals",
            )
        ],
        tables=[
            Table(
                title="The longest standing",
                columns=columns("deal|stage|owner|#days|#value"),
                rows=[
                    (
                        deal.name,
                        stages[deal.stage],
                        str(deal.owner),
                        str(standing[deal.id].days),
                        euros(deal.amount) if deal.amount is not None else "not known",
                    )
                    for deal in rotting[:8]
                ],
            )
        ],
    )


def receivables(year: Year, figures: Figures) -> Section:
    """Who owes what, and for how long."""
    report = figures.ageing
    names = {account.id: account.name for account in year.desk.all(Account)}
    owed = {
        account: (Money.total(buckets.values(), EURO), buckets)
        for account, buckets in report.by_customer.items()
    }
    top = sorted(owed.items(), key=lambda entry: entry[1][0].amount, reverse=True)[:8]
    credit = Money.total(balances(year.cash.ledger, LAST_DAY).unapplied.values(), EURO)
    return Section(
        id="receivables",
        title="Receivables ageing",
        text=f"On {WORDS.date(LAST_DAY)} customers owe {euros(report.total)} on {len(report.items):,} instalments; "
        f"{euros(credit)} was paid beyond any invoice and stands to the customers' credit.",
        is_wide=True,
        charts=[
            charts.bars(
                [(label, amount.amount) for label, amount in report.buckets.items()],
                title="Outstanding by days past due",
                unit=EURO,
                width=880,
                highlight=["91+"],
            )
        ],
        tables=[
            Table(
                title="Who owes most, in EUR by days past due",
                columns=columns("customer|#not due|#0-30|#31-60|#61-90|#91+|#total"),
                rows=[
                    (names[account], *(_short(buckets[label]) for label in AGES.labels), _short(total))
                    for account, (total, buckets) in top
                ],
                total=(
                    "all",
                    *(_short(report.buckets[label]) for label in AGES.labels),
                    _short(report.total),
                ),
            )
        ],
    )


def segments(figures: Figures) -> Section:
    """The customers by recency, frequency and value."""
    found = figures.segments
    return Section(
        id="segments",
        title="Customers by how they buy",
        text="Scores from 1 to 5 for recency, frequency and value by quantiles of the year's orders; the segment is the "
        "first rule that holds.",
        charts=[
            charts.bars(
                [(name, count) for name, (count, _) in found.items()],
                title="Customers per segment",
                unit="customers",
            )
        ],
        tables=[
            Table(
                title="Value per segment",
                columns=columns("segment|#customers|#ordered"),
                rows=[(name, f"{count:,}", euros(value)) for name, (count, value) in found.items()],
                total=(
                    "all",
                    f"{sum(count for count, _ in found.values()):,}",
                    euros(Money.total((value for _, value in found.values()), EURO)),
                ),
            )
        ],
    )


def sales_force(turn: Turn, chart: CallChart) -> Section:
    """Plan, do, check, act."""
    metric = "activities_done"
    lines = [line for line in turn.check.lines if line.metric == metric]
    shown = chart.chart
    signals = sorted({signal.point - 1 for signal in chart.signals if signal.side.value == "below"})
    beyond = sum(1 for value in chart.values if value < shown.lcl)
    rows = []
    for event, effect in zip(turn.opened, turn.effects, strict=True):
        value, p_value = effect.value.value, effect.p_value.value
        rows.append(
            (
                event.subject,
                str(event.baseline.value),
                "undefined" if value is None else f"{value:+.1f}",
                "unknown" if p_value is None else _p(p_value),
                _VERDICTS.get(effect.verdict.value, effect.verdict.value),
            )
        )
    together = turn.together
    total: Sequence[str] = ()
    if together is not None and together.value.value is not None and together.p_value.value is not None:
        total = ("all together", "", f"{together.value.value:+.1f}", _p(together.p_value.value),
                 together.verdict.value.replace("_", " "))  # fmt: skip
    return Section(
        id="force",
        title="Plan, do, check, act",
        text=f"The chart of the south team has signals in {len(signals)} of {len(chart.weeks)} weeks, {beyond} of them below "
        f"the lower limit, the others by the rules for runs. In the week of "
        f"{WORDS.date(turn.check.period.start)} a rule opened {len(turn.opened)} actions, each with its baseline and control "
        "group frozen; a week after the ride-alongs the calls were counted again.",
        charts=[
            charts.target_bars(
                [(line.subject, line.actual.value or 0, line.target or 0) for line in lines],  # type: ignore[misc]
                title="Calls in the bad week, against plan",
                unit="calls",
            ),
            charts.control_chart(
                [(f"{week:%d %b}", value) for week, value in zip(chart.weeks, chart.values, strict=True)],
                centre=shown.centre,
                lower=shown.lcl,
                upper=shown.ucl,
                signals=signals,
                title="Calls a week, south team (XmR)",
                unit="calls",
            ),
        ],
        tables=[
            Table(
                title="What the actions changed (difference in differences)",
                columns=columns("who|#calls before|#effect|#p|verdict"),
                rows=rows,
                total=total,
            )
        ],
        notes=[
            f"Cycle {turn.cycle.id} could be closed because every action was verified.",
            "One person against the spread of the others is a weak test; the actions together are the stronger one.",
        ],
    )


_VERDICTS = {"no_change": "not shown"}


def _p(value: Decimal) -> str:
    return "< 0.001" if value < Decimal("0.001") else f"{value:.3f}"


def commission(statements: Sequence[Statement], month: Period) -> Section:
    """The statement of the rep who earned most."""
    best = max(statements, key=lambda statement: (statement.total.amount, statement.participant))
    attained = best.components[0].attainment.value
    return Section(
        id="commission",
        title="A commission statement",
        text=f"{best.participant}, {WORDS.period(month)}: {euros(best.total)} at "
        f"{'no quota' if attained is None else f'{_TENTH.apply(attained.points)} % of quota'}. Every line names its order, "
        "band, base and rate; the exact lines add up, and the total is rounded once.",
        charts=[
            charts.bars(
                [(statement.participant.split(".")[0], statement.total.amount) for statement in statements],
                title="Commission of the month",
                unit=EURO,
            )
        ],
        tables=[
            Table(
                title=f"Statement {best.id}",
                columns=columns("order|#band|#base|#rate|#amount"),
                rows=[
                    (
                        line.event,
                        str(line.band),
                        euros(line.base),
                        str(line.rate),
                        f"{line.amount.amount:,.4f}",
                    )
                    for line in best.lines
                ],
                total=("total, rounded once", "", "", "", euros(best.total)),
            )
        ],
    )


def quote(showcase: Showcase) -> Section:
    """One quote with its waterfall, its approvals, and what was refused on the way."""
    priced, offered = showcase.priced, showcase.quote
    steps: dict[str, Money] = {}
    for line in priced.lines:
        for step in line.waterfall:
            name = step.record if step.kind is StepKind.DISCOUNT else _STEP_NAMES[step.kind]
            steps[name] = steps.get(name, Money.zero(EURO)) + step.rounded
    shown = [(name, amount.amount) for name, amount in steps.items() if amount]
    rows = [
        (
            line.line.product,
            ", ".join(line.line.configuration.values()),
            str(line.line.quantity),
            euros(line.list_amount),
            "none" if line.list_discount is None else f"{_TENTH.apply(line.list_discount.points)} %",
            euros(line.net_amount),
        )
        for line in priced.lines
    ]
    why_not = priced.lines[0].why_not("concession-3")
    granted = [
        f"The {approval.by.id} approved: {approval.metric.removesuffix('_percent').replace('_', ' ')} "
        f"{_TENTH.apply(approval.found.points)} %."
        for approval in offered.approvals
        if isinstance(approval.found, Percent)
    ]
    return Section(
        id="quote",
        title=f"Quote {offered.number}",
        text=f"{euros(priced.total)} instead of {euros(priced.list_total)} at list, {offered.status.value} after "
        f"{len(showcase.needs)} approvals; valid until {WORDS.date(offered.valid_until)}.",
        is_wide=True,
        charts=[charts.waterfall(shown, title="From list to net", unit=EURO, total="net", width=880)],
        tables=[
            Table(
                title="Lines",
                columns=columns("product|chosen|#quantity|#list|#discount|#net"),
                rows=rows,
                total=("total", "", "", euros(priced.list_total), "", euros(priced.total)),
            )
        ],
        notes=[
            *granted,
            f"The configurator refused the axle jack: {showcase.refusal}",
            f"Why the rule concession-3 did not apply: {why_not}",
        ],
    )


_STEP_NAMES = {
    StepKind.LIST: "list price",
    StepKind.CONTRACT: "key price",
    StepKind.OPTION: "options",
    StepKind.TIER: "volume tier",
    StepKind.ROUNDING: "rounding",
    StepKind.HEADER: "spring fair",
}
