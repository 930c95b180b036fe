"""Attribution: which touches a won amount is credited to, and how much of it to each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

import attrs

from salesmgmt.core.allocation import allocate
from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.leads.parts import Touch

_ZERO, _WHOLE = Decimal(0), Decimal(100)
_FINEST = Decimal("1E-18")


def _are(settings: Iterable[object], kind: type) -> bool:
    """Whether settings are of a class, as a caller without a type checker may not have seen."""
    return all(isinstance(setting, kind) for setting in settings)


class InvalidAttribution(SalesError, ValueError):
    """An attribution model cannot share anything out.

    Attributes:
        found: the setting at fault.
        wanted: what it may be.
    """

    code = "invalid_attribution"

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(f"{found} makes no attribution", hint=wanted)
        self.found = found
        self.wanted = wanted


@attrs.frozen(kw_only=True)
class Linear:
    """Every touch gets the same.

    >>> from salesmgmt.pipeline.leads.attribution import Linear
    >>> Linear().weights([])
    ()
    """

    def weights(self, touches: Sequence[Touch]) -> tuple[Decimal, ...]:
        """Return the weight of each of some touches, the oldest first."""
        return tuple(Decimal(1) for _ in touches)


@attrs.frozen(kw_only=True)
class PositionBased:
    """The first and the last touch get fixed shares; those between them share the rest equally.

    Of two touches the shares of the first and the last stand in their proportion (equally, when both are nothing).
    40 % and 40 % is known as the U-shaped model; 100 % and 0 % credits the first touch alone, 0 % and 100 % the last.

    Attributes:
        first: share of the first touch.
        last: share of the last touch.

    Raises:
        InvalidAttribution: a share is below zero, or both are together above 100 %.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.leads import Touch
    >>> from salesmgmt.pipeline.leads.attribution import PositionBased
    >>> touches = [Touch(at=datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2, 3, 4)]
    >>> [int(weight) for weight in PositionBased(first=Percent(40), last=Percent(40)).weights(touches)]
    [80, 20, 20, 80]
    """

    first: Percent
    last: Percent

    def __attrs_post_init__(self) -> None:
        if not _are((self.first, self.last), Percent):
            found = f"{shorten(self.first)} and {shorten(self.last)}"
            raise InvalidAttribution(found, "give percentages: first=Percent(40), last=Percent(40)")
        first, last = self.first.points, self.last.points
        if first < 0 or last < 0 or first + last > _WHOLE:
            raise InvalidAttribution(
                f"{self.first} and {self.last}", "give shares of 0% or more, together at most 100%"
            )

    def weights(self, touches: Sequence[Touch]) -> tuple[Decimal, ...]:
        """Return the weight of each of some touches, the oldest first."""
        first, last = self.first.points, self.last.points
        between = len(touches) - 2
        if between < 0:
            return tuple(Decimal(1) for _ in touches)
        if not between:
            return (first, last) if first + last else (Decimal(1), Decimal(1))
        # Times the number between, so that no share has to be divided.
        rest = CONTEXT.subtract(_WHOLE, CONTEXT.add(first, last))
        return (CONTEXT.multiply(first, between), *([rest] * between), CONTEXT.multiply(last, between))


@attrs.frozen(kw_only=True)
class TimeDecay:
    """The nearer to the last touch, the more: half as much for each half-life before it.

    Attributes:
        half_life: after what time a touch counts half.

    Raises:
        InvalidAttribution: the half-life is not above zero.

    >>> from datetime import UTC, datetime, timedelta
    >>> from salesmgmt.pipeline.leads import Touch
    >>> from salesmgmt.pipeline.leads.attribution import TimeDecay
    >>> touches = [Touch(at=datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 8, 15)]
    >>> [str(weight.normalize()) for weight in TimeDecay(half_life=timedelta(days=7)).weights(touches)]
    ['0.25', '0.5', '1']
    """

    half_life: timedelta = timedelta(days=7)

    def __attrs_post_init__(self) -> None:
        if not _are((self.half_life,), timedelta) or self.half_life <= timedelta(0):
            wanted = "give one above zero, such as timedelta(days=7)"
            raise InvalidAttribution(f"a half-life of {shorten(self.half_life)}", wanted)

    def weights(self, touches: Sequence[Touch]) -> tuple[Decimal, ...]:
        """Return the weight of each of some touches, the oldest first; one that is very old has none."""
        if not touches:
            return ()
        last, half = touches[-1].at, _microseconds(self.half_life)
        return tuple(_halved(CONTEXT.divide(_microseconds(last - touch.at), half)) for touch in touches)


AttributionModel: TypeAlias = Linear | PositionBased | TimeDecay
"""How an amount is shared out among touches."""

FIRST_TOUCH = PositionBased(first=Percent(100), last=Percent(0))
"""All to the first touch: what brought the customer."""

LAST_TOUCH = PositionBased(first=Percent(0), last=Percent(100))
"""All to the last touch before the deal was won: what closed it."""

LINEAR = Linear()
"""The same to every touch."""

POSITION_BASED = PositionBased(first=Percent(40), last=Percent(40))
"""The U-shaped model: 40 % to the first, 40 % to the last, the rest to those between."""

TIME_DECAY = TimeDecay(half_life=timedelta(days=7))
"""Half as much for each week before the last touch."""


@attrs.frozen(kw_only=True)
class Credit:
    """What a touch is credited with.

    Attributes:
        touch: the touch.
        amount: its part of the amount.
    """

    touch: Touch
    amount: Money


@attrs.frozen(kw_only=True)
class Attribution:
    """An amount shared out among touches; the credits and the rest add up to it exactly.

    Attributes:
        amount: what was shared out.
        credits: of each touch that counts, the oldest first; one may be nothing.
        unattributed: what no touch is credited with: all of it when there is none, or nothing.
    """

    amount: Money
    credits: tuple[Credit, ...]
    unattributed: Money


def attribute(
    amount: Money,
    touches: Iterable[Touch],
    model: AttributionModel = LINEAR,
    *,
    won_on: date,
    lookback: timedelta | None = None,
) -> Attribution:
    """Share the amount of a won deal out among the touches that led to it.

    Parts are whole minor units of the currency; what rounding leaves goes to the largest fractions (Hamilton, 1792), so
    that the credits add up to the amount exactly.

    Args:
        amount: what was won.
        touches: those of the leads that became the deal, in any order.
        model: how it is shared out.
        won_on: the day on which it was won; touches after that day do not count.
        lookback: how long before the end of that day a touch may lie to count; `None` counts all.

    Raises:
        InvalidAttribution: `lookback` is below zero, or no time; `won_on` is no date.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.leads import Touch
    >>> from salesmgmt.pipeline.leads.attribution import POSITION_BASED, attribute
    >>> touches = [Touch(at=datetime(2026, 1, day, tzinfo=UTC), channel=channel)
    ...            for day, channel in ((1, "fair"), (5, "mail"), (9, "web"))]
    >>> shared = attribute(Money("1000.01", "EUR"), touches, POSITION_BASED, won_on=date(2026, 2, 1))
    >>> [(credit.touch.channel, str(credit.amount.amount)) for credit in shared.credits]
    [('fair', '400.01'), ('mail', '200.00'), ('web', '400.00')]
    """
    if lookback is not None and (not _are((lookback,), timedelta) or lookback < timedelta(0)):
        wanted = "give one of zero or more, such as timedelta(days=30)"
        raise InvalidAttribution(f"a lookback of {shorten(lookback)}", wanted)
    if not _are((won_on,), date) or isinstance(won_on, datetime):
        raise InvalidAttribution(f"won_on = {shorten(won_on)}", "give the day, a date")
    counted = sorted(
        (touch for touch in touches if _counts(touch, won_on, lookback)),
        key=lambda touch: (touch.at, touch.channel, touch.campaign or ""),
    )
    if not counted:
        return Attribution(amount=amount, credits=(), unattributed=amount)
    parts = allocate(amount, model.weights(counted))
    return Attribution(
        amount=amount,
        credits=tuple(Credit(touch=touch, amount=part) for touch, part in zip(counted, parts, strict=True)),
        unattributed=Money.zero(amount.currency),
    )


def _counts(touch: Touch, won_on: date, lookback: timedelta | None) -> bool:
    day = touch.at.date()
    return day <= won_on and (lookback is None or won_on - day <= lookback)


def _microseconds(time: timedelta) -> Decimal:
    return Decimal(time // timedelta.resolution)


def _halved(times: Decimal) -> Decimal:
    if times > 60:  # 2 ** -60 is below the finest weight
        return _ZERO
    return CONTEXT.power(Decimal(2), -times).quantize(_FINEST)
