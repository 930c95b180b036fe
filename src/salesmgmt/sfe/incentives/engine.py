"""The engine that pays by a compensation plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.entity import PersonId
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.exact import add, divide, multiply
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.sfe.incentives.component import Bounds, Component
from salesmgmt.sfe.incentives.credit import Credit
from salesmgmt.sfe.incentives.curve import Band, Curve, Slice
from salesmgmt.sfe.incentives.statement import ComponentPay, PayoutLine, Statement, line_differences

if TYPE_CHECKING:
    from salesmgmt.sfe.incentives.plan import CompPlan

_ONE = Decimal(1)
_WHOLE = Percent(100)


class WrongPlan(SalesError, ValueError):
    """A statement was to be corrected by another plan, or another version of it, than it was computed with."""

    code = "wrong_plan"

    def __init__(self, statement: Statement, plan: CompPlan) -> None:
        self.statement = statement.id
        self.found = (plan.id, plan.version)
        self.wanted = (statement.plan, statement.plan_version)
        super().__init__(
            f"the statement {statement.id} was computed by {statement.plan} version {statement.plan_version}, "
            f"this is {plan.id} version {plan.version}",
            hint="compile the version that the statement names",
        )


class NotCredited(SalesError, LookupError):
    """An event was to be taken back that a statement does not contain."""

    code = "not_credited"

    def __init__(self, events: Collection[str], statement: str) -> None:
        self.events = tuple(sorted(events))
        self.statement = statement
        super().__init__(
            f"the statement {statement} has no credit for {', '.join(self.events)}",
            hint="name events of that statement that were not taken back before",
        )


@attrs.frozen
class PayEngine:
    """A compiled compensation plan: immutable, shared by threads. Made by `CompPlan.compile`.

    Attributes:
        plan: what it was made from.
    """

    plan: CompPlan

    def pay(
        self,
        id: str,  # noqa: A002 - an entity's `id`
        participant: str,
        credited: Iterable[Credit],
        *,
        period: Period,
        quotas: Mapping[str, Money] | None = None,
    ) -> Statement:
        """Compute the statement of a participant.

        Args:
            id: identifier of the statement.
            participant: who is paid; credits of others are left out.
            credited: the credits of the period, in the order in which they fill the bands.
            period: the period that is paid for.
            quotas: the participant's own quota by component.

        Returns:
            The statement; a component whose quota is missing or zero pays nothing but its guarantee, and says
            `no_quota` in its attainment.

        Raises:
            InvalidInput: a credit or quota is in another currency, a credit stands twice, or a quota is for no component;
                all problems are listed.
        """
        own = tuple(credit for credit in credited if credit.participant == participant)
        given = dict(quotas or {})
        self._refuse_wrong(own, given)
        pays = [
            self._component(component, own, given.get(component.id)) for component in self.plan.components
        ]
        lines = tuple(line for _, part in pays for line in part)
        exact_total = Money.total((line.amount for line in lines), self.plan.currency)
        total = exact_total.to_currency_decimals(self.plan.rounding)
        measures = {component.measure for component in self.plan.components}
        return Statement(
            id=id,
            participant=PersonId(participant),
            plan=self.plan.id,
            plan_version=self.plan.version,
            period=period,
            credits=own,
            components=tuple(summary for summary, _ in pays),
            lines=lines,
            rounding=total - exact_total,
            total=total,
            unpaid=tuple(dict.fromkeys(credit.event for credit in own if credit.measure not in measures)),
        )

    def reverse(self, statement: Statement, events: Collection[str], *, id: str) -> Statement:  # noqa: A002
        """Take events back (a clawback): compute the period again without them, and post the difference.

        Events that stay may move to another band, and are re-rated. Taking back more later starts from the correction.

        Args:
            statement: the statement, or its latest correction.
            events: ids of the events that do not count any more.
            id: identifier of the correction.

        Returns:
            A statement with reversal lines; its total is what is paid without the events less what was paid.

        Raises:
            WrongPlan: the statement was computed by another plan or version.
            NotCredited: the statement has no credit for an event.

        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.core.percent import Percent
        >>> from salesmgmt.core.period import Period
        >>> from salesmgmt.sfe.incentives import Band, CompPlan, Component, Credit
        >>> bands = (Band(start=0, end=1, rate=Percent(5)), Band(start=1, rate=Percent(10)))
        >>> engine = CompPlan(
        ...     id="ae", currency="EUR", components=(Component(id="all", quota=1000, bands=bands),)
        ... ).compile()
        >>> deals = [Credit(event=f"d-{n}", participant="li", amount=Money(800, "EUR")) for n in (1, 2)]
        >>> paid = engine.pay("s-1", "li", deals, period=Period.month(2026, 10))
        >>> paid.total, engine.reverse(paid, ["d-1"], id="s-2").total
        (Money('110.00', 'EUR'), Money('-70.00', 'EUR'))
        """
        if (statement.plan, statement.plan_version) != (self.plan.id, self.plan.version):
            raise WrongPlan(statement, self.plan)
        gone = frozenset(events)
        if unknown := gone - {credit.event for credit in statement.credits}:
            raise NotCredited(unknown, statement.id)
        quotas = {part.component: part.quota for part in statement.components if part.quota is not None}
        kept = [credit for credit in statement.credits if credit.event not in gone]
        before, after = (
            self.pay(id, statement.participant, chosen, period=statement.period, quotas=quotas)
            for chosen in (statement.credits, kept)
        )
        return attrs.evolve(
            after,
            lines=line_differences(before.lines, after.lines, reverses=statement.id),
            rounding=after.rounding - before.rounding,
            total=after.total - before.total,
            reverses=statement.id,
        )

    def _refuse_wrong(self, own: tuple[Credit, ...], quotas: Mapping[str, Money]) -> None:
        problems = [
            Problem(
                f"credits[{place}].amount",
                "currency",
                str(credit.amount),
                f"an amount in {self.plan.currency}",
            )
            for place, credit in enumerate(own)
            if credit.amount.currency != self.plan.currency
        ]
        counts = Counter((credit.event, credit.measure, credit.kind) for credit in own)
        problems += [
            Problem("credits", "duplicate_credit", f"{count} of {event} ({measure}, {kind})", "one")
            for (event, measure, kind), count in counts.items()
            if count > 1
        ]
        known = {component.id for component in self.plan.components}
        for name, quota in quotas.items():
            if name not in known:
                wanted = f"a component: {', '.join(sorted(known))}"
                problems.append(
                    Problem(f"quotas.{shorten(name)}", "unknown_component", shorten(name), wanted)
                )
            elif quota.currency != self.plan.currency or quota.amount < 0:
                wanted = f"an amount in {self.plan.currency}, not below zero"
                problems.append(Problem(f"quotas.{name}", "quota", str(quota), wanted))
        if problems:
            raise InvalidInput(f"the credits for plan {self.plan.id}", problems)

    def _component(
        self, component: Component, own: tuple[Credit, ...], quota: Money | None
    ) -> tuple[ComponentPay, tuple[PayoutLine, ...]]:
        code = self.plan.currency
        if quota is None and component.quota is not None:
            quota = Money(component.quota, code)
        mine = [credit for credit in own if credit.measure == component.measure]
        credited = Money.total((credit.amount for credit in mine), code)
        lines = list(self._lines(component, mine, credited.amount, quota))
        amount = Money.total((line.amount for line in lines), code)
        if component.guarantee is not None and amount < Money(component.guarantee, code):
            top_up = Money(component.guarantee, code) - amount
            lines.append(
                PayoutLine(
                    component=component.id, event="", band=None, base=top_up, rate=_WHOLE, amount=top_up
                )
            )
            amount += top_up
        attainment: Measured[Percent] = Measured(None, "no_quota", n=len(mine))
        if quota:
            attainment = Measured(Percent.of_ratio(credited / quota), n=len(mine))
        summary = ComponentPay(
            component=component.id, quota=quota, credited=credited, attainment=attainment, amount=amount
        )
        return summary, tuple(lines)

    def _lines(
        self, component: Component, mine: Iterable[Credit], total: Decimal, quota: Money | None
    ) -> Iterator[PayoutLine]:
        # Bounds become amounts (share x quota, exact) so that cutting loses nothing; only an incentive divides, last.
        unit = _ONE if component.bounds is Bounds.AMOUNT else quota.amount if quota else None
        if not unit:
            return
        curve = component.curve
        scaled = Curve(tuple(_scaled(band, unit) for band in curve.bands), curve.mode)
        places = {band: place for place, band in enumerate(scaled.bands)}
        parts = scaled.slices(total)
        at = Decimal(0)
        for credit in mine:
            to = add(at, credit.amount.amount)
            for part in parts:
                size = _between(part, at, to)
                if size:
                    base = Money(self._base(component, size, unit), self.plan.currency)
                    yield PayoutLine(
                        component=component.id,
                        event=credit.event,
                        band=places[part.band],
                        base=base,
                        rate=part.band.rate,
                        amount=base * part.band.rate,
                    )
            at = to

    def _base(self, component: Component, size: Decimal, quota: Decimal) -> Decimal:
        if component.target_incentive is None:
            return size
        return divide(multiply(size, component.target_incentive), quota)


def _scaled(band: Band, unit: Decimal) -> Band:
    end = None if band.end is None else multiply(band.end, unit)
    return attrs.evolve(band, start=multiply(band.start, unit), end=end)


def _between(part: Slice, start: Decimal, end: Decimal) -> Decimal:
    """How much of the way from `start` to `end` lies in a part; below zero on the way back."""
    return part.within(start, end) if end >= start else part.within(end, start).copy_negate()
