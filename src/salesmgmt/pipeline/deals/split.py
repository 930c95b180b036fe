"""Who of the sales force shares in a deal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

import attrs

from salesmgmt.core.allocation import allocate
from salesmgmt.core.entity import PersonId
from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.pipeline.deals._checks import kind_problems, members, repeated, text_problems

_WHOLE = Percent(100)

LARGEST_OVERLAY = Percent(1000)
"""What one person may be credited beside the revenue at most."""


class SplitKind(StrEnum):
    """What a person shares in.

    >>> from salesmgmt.pipeline.deals import SplitKind
    >>> SplitKind("overlay").name
    'OVERLAY'
    """

    REVENUE = "revenue"
    """The deal itself: these shares are 100 % together, so that each cent is counted once."""
    OVERLAY = "overlay"
    """The credit of those who helped, beside the deal: any total."""


@attrs.frozen
class Split:
    """The share of one person in a deal.

    Attributes:
        person: whose share it is.
        percent: how much of the amount.
        kind: a share of the revenue, or credit beside it.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Split
    >>> Split("li.wei", Percent(60)).kind.value
    'revenue'
    """

    person: PersonId
    percent: Percent
    kind: SplitKind = SplitKind.REVENUE


@attrs.frozen
class SplitAmount:
    """What a share of a deal comes to.

    Attributes:
        split: the share.
        amount: of the amount of the deal.
    """

    split: Split
    amount: Money


def checked_splits(given: Iterable[Split], faults: list[Problem]) -> tuple[Split, ...]:
    """The shares in a deal: those in the revenue are exactly 100 % together, or there are none."""
    splits = members("splits", given, Split, faults)
    problems = list(_problems(splits))
    faults += problems
    revenue = [split.percent for split in splits if split.kind is SplitKind.REVENUE]
    if revenue and not problems:
        total = sum(revenue, Percent(0))
        if total.points != _WHOLE.points:
            wanted = "exactly 100% of the revenue together"
            hint = f"change the shares by {_WHOLE - total} in all"
            faults.append(Problem("splits", "not_100_percent", str(total), wanted, hint))
    return splits


def _problems(splits: Sequence[Split]) -> Iterator[Problem]:
    for index, split in enumerate(splits):
        path = f"splits[{index}]"
        yield from text_problems(f"{path}.person", split.person)
        of_kind = kind_problems(f"{path}.kind", split.kind, SplitKind, "a SplitKind")
        yield from of_kind
        of_percent = kind_problems(f"{path}.percent", split.percent, Percent, "a percentage")
        yield from of_percent
        most = LARGEST_OVERLAY if split.kind is SplitKind.OVERLAY else _WHOLE
        if not of_percent and not 0 <= split.percent.points <= most.points:
            yield Problem(f"{path}.percent", "out_of_range", str(split.percent), f"0% to {most}")
    keys = [f"{split.person} ({split.kind})" for split in splits]
    yield from repeated("splits", keys, "each person once a kind")


def share_out(amount: Money, splits: Iterable[Split]) -> tuple[SplitAmount, ...]:
    """Share an amount among those who share in a deal, exact to the minor unit of its currency.

    The parts of the revenue add up to the amount. The parts of the overlays add up to their total percentage of it, rounded
    half up. What is left over of the minor unit goes to the largest fractions (Hamilton, 1792); see `allocate`.

    Args:
        amount: what the deal would bring.
        splits: the shares; those in the revenue are 100 % together.

    Returns:
        The parts, in the order of the shares.

    Raises:
        InvalidInput: the shares are none that a deal can have; all problems are listed.
        NoMinorUnit: the currency has none.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Split, SplitKind, share_out
    >>> thirds = [Split("ana", Percent("33.4")), Split("bo", Percent("33.3")), Split("cy", Percent("33.3"))]
    >>> [str(part.amount) for part in share_out(Money("100.01", "EUR"), thirds)]
    ['33.41 EUR', '33.30 EUR', '33.30 EUR']
    """
    faults: list[Problem] = []
    known = checked_splits(splits, faults)
    if faults:
        raise InvalidInput("the splits", faults)
    amounts: dict[int, Money] = {}
    for kind in SplitKind:
        places = [index for index, split in enumerate(known) if split.kind is kind]
        weights = [known[index].percent for index in places]
        if weights:
            whole = amount if kind is SplitKind.REVENUE else _credited(amount, weights)
            amounts |= zip(places, allocate(whole, weights), strict=True)
    return tuple(SplitAmount(split, amounts[index]) for index, split in enumerate(known))


def _credited(amount: Money, percents: Sequence[Percent]) -> Money:
    return (amount * sum(percents, Percent(0))).to_currency_decimals(RoundingMode.HALF_UP)
