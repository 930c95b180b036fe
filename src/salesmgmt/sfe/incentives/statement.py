"""Commission statements: what is paid, line by line, with the event, the band, the base and the rate."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from salesmgmt.core.entity import Entity, PersonId
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.sfe.incentives.credit import Credit


@attrs.frozen(kw_only=True)
class PayoutLine:
    """One line of a statement: `base` x `rate` is `amount`, exactly.

    Attributes:
        component: id of the component of the plan.
        event: id of the sales event; empty for a guarantee.
        band: which band of the component paid, from 0; `None` for a guarantee.
        base: what the rate was applied to; below zero on a reversal.
        rate: the rate of the band.
        amount: what it comes to, not rounded.
        reverses: id of the statement that it corrects; `None` on an ordinary line.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.sfe.incentives import PayoutLine
    >>> base, rate = Money(500, "EUR"), Percent(5)
    >>> line = PayoutLine(component="new", event="d-1", band=0, base=base, rate=rate, amount=base * rate)
    >>> line.amount
    Money('25.00', 'EUR')
    """

    component: str
    event: str
    band: int | None
    base: Money
    rate: Percent
    amount: Money
    reverses: str | None = None


@attrs.frozen(kw_only=True)
class ComponentPay:
    """What one component of the plan comes to.

    Attributes:
        component: its id.
        quota: the quota it was computed with; `None` when it has none.
        credited: the sum of the credits that it pays on.
        attainment: credited / quota, or the flag `no_quota`.
        amount: the sum of its lines.
    """

    component: str
    quota: Money | None
    credited: Money
    attainment: Measured[Percent]
    amount: Money


@attrs.frozen(kw_only=True)
class Statement(Entity):
    """What a participant is paid for a period, or a correction of such a statement.

    The lines are exact; the total is rounded once, to the minor unit, and the rounding is shown: the amounts of the lines
    and `rounding` add up to `total`.

    Attributes:
        participant: who is paid.
        plan: id of the plan.
        plan_version: its version.
        period: the period that is paid for.
        credits: the credits it was computed from, so that it can be computed again.
        components: what each component comes to.
        lines: the lines.
        rounding: what the rounding added or took away.
        total: what is paid; below zero when money comes back.
        reverses: id of the statement that it corrects; `None` for an ordinary one.
        unpaid: ids of events credited on a measure that no component of the plan pays on.
    """

    participant: PersonId
    plan: str
    plan_version: int
    period: Period
    credits: tuple[Credit, ...]
    components: tuple[ComponentPay, ...]
    lines: tuple[PayoutLine, ...]
    rounding: Money
    total: Money
    reverses: str | None = None
    unpaid: tuple[str, ...] = ()


def line_differences(
    before: Iterable[PayoutLine], after: Iterable[PayoutLine], *, reverses: str
) -> tuple[PayoutLine, ...]:
    """Return the lines that turn one list of lines into another.

    Lines are matched by component, event, band and rate; those that stay as they are give none. So a return that drops the
    rest of the period into a lower band takes those events back at the old rate and pays them at the new one.

    Args:
        before: the lines that were posted.
        after: the lines that should have been.
        reverses: id of the statement with the lines `before`.
    """
    bases: dict[tuple[str, str, int | None, Percent], Money] = {}
    for sign, lines in ((-1, before), (1, after)):
        for line in lines:
            key = (line.component, line.event, line.band, line.rate)
            bases[key] = bases.get(key, Money.zero(line.base.currency)) + line.base * sign
    return tuple(
        PayoutLine(
            component=component,
            event=event,
            band=band,
            base=base,
            rate=rate,
            amount=base * rate,
            reverses=reverses,
        )
        for (component, event, band, rate), base in bases.items()
        if base
    )
