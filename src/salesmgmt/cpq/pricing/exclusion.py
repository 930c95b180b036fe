"""Exclusion: which of several conditions that found a value count, and which stand aside for others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import ClassVar, Protocol, TypeAlias

import attrs

from salesmgmt.core.exact import Number, add, exact
from salesmgmt.core.findings import Finding, Severity, duplicate_ids

_ZERO = Decimal(0)


class ExclusionProcedure(StrEnum):
    """How it is decided which conditions stay. The best one is the one that leaves the customer the lowest price.

    Where two are equal, the first in the order of the candidates stays.

    >>> from salesmgmt.cpq.pricing.exclusion import ExclusionProcedure
    >>> ExclusionProcedure("best_of_two_groups").compares_groups
    True
    """

    BEST_IN_GROUP = "best_in_group"
    """Of all conditions of the group the best one stays, also when several are of one type."""
    LEAST_IN_GROUP = "least_in_group"
    """Of all conditions of the group the least favourable one stays."""
    BEST_RECORD_OF_TYPE = "best_record_of_type"
    """Of each condition type the best record stays; types do not compete."""
    LEAST_RECORD_OF_TYPE = "least_record_of_type"
    """Of each condition type the least favourable record stays."""
    BEST_OF_TWO_GROUPS = "best_of_two_groups"
    """Both groups are added up; all of the group with the lower total stay, none of the other."""
    LEAST_OF_TWO_GROUPS = "least_of_two_groups"
    """Both groups are added up; all of the group with the higher total stay, none of the other."""
    FIRST_EXCLUDES_SECOND = "first_excludes_second"
    """When the first group has any condition, none of the second stays."""
    HIGHEST_PRIORITY = "highest_priority"
    """The condition with the highest priority stays; one without a priority comes after all others."""
    COMBINE_ALL_OR_TOP = "combine_all_or_top"
    """All stay when every one may be combined; else only the one with the highest priority."""

    @property
    def compares_groups(self) -> bool:
        """Whether it needs two groups."""
        return self in _OF_TWO_GROUPS


_OF_TWO_GROUPS = frozenset(
    {
        ExclusionProcedure.BEST_OF_TWO_GROUPS,
        ExclusionProcedure.LEAST_OF_TWO_GROUPS,
        ExclusionProcedure.FIRST_EXCLUDES_SECOND,
    }
)


@attrs.frozen(kw_only=True)
class ExclusionGroup:
    """Condition types of which not all may count at once.

    Attributes:
        id: its name.
        procedure: how it is decided.
        members: ids of condition types.
        second_members: those of the second group, for procedures that compare two.
        zero_takes_part: whether a condition of amount zero counts as one. If not, it neither wins nor is put out.

    >>> from salesmgmt.cpq.pricing.exclusion import ExclusionGroup
    >>> ExclusionGroup(id="one-discount", members=("customer", "material")).procedure.value
    'best_in_group'
    """

    id: str
    procedure: ExclusionProcedure = attrs.field(
        default=ExclusionProcedure.BEST_IN_GROUP, converter=ExclusionProcedure
    )
    members: tuple[str, ...]
    second_members: tuple[str, ...] = ()
    zero_takes_part: bool = False


def _amount(value: Number) -> Decimal:
    return exact(value, "the amount of a condition")


@attrs.frozen(kw_only=True)
class FoundCondition:
    """A condition that found a value. The amounts of one decision are of one currency.

    Attributes:
        id: of the condition record.
        type: id of its condition type.
        amount: what it changes; discounts are below zero.
        priority: the higher one comes first; `None` comes last.
        combinable: whether it may stand beside others.

    >>> from salesmgmt.cpq.pricing.exclusion import FoundCondition
    >>> FoundCondition(id="K004-17", type="material", amount="-40.00").amount
    Decimal('-40.00')
    """

    id: str
    type: str
    amount: Decimal = attrs.field(converter=_amount)
    priority: int | None = None
    combinable: bool = False


@attrs.frozen(kw_only=True)
class Excluded:
    """Why a condition does not count.

    Attributes:
        candidate: the condition.
        group: id of the exclusion group.
        by: ids of what stands instead.
        found: what was compared of its side: its amount, the total of its group, or its priority, `None` without one.
        wanted: the same of the side that stayed.

    >>> from salesmgmt.cpq.pricing.exclusion import FoundCondition, ExclusionGroup, decide
    >>> offers = [FoundCondition(id="a", type="x", amount=-40), FoundCondition(id="b", type="y", amount=-45)]
    >>> print(*decide(ExclusionGroup(id="g", members=("x", "y")), offers).inactive)
    a: put out by b in g (-40 against -45)
    """

    code: ClassVar[str] = "excluded"

    candidate: FoundCondition
    group: str
    by: tuple[str, ...]
    found: Decimal | None
    wanted: Decimal | None

    def __str__(self) -> str:
        return (
            f"{self.candidate.id}: put out by {', '.join(self.by)} in {self.group} "
            f"({_words(self.found)} against {_words(self.wanted)})"
        )


@attrs.frozen(kw_only=True)
class Exclusion:
    """What counts and what does not, each in the order of the candidates.

    Attributes:
        active: what counts, also what is in no group.
        inactive: what was put out, and by what.
        aside: members of amount zero that took no part.
    """

    active: tuple[FoundCondition, ...]
    inactive: tuple[Excluded, ...] = ()
    aside: tuple[FoundCondition, ...] = ()

    def applied_to(self, start: Decimal) -> Decimal:
        """An amount with all that counts.

        >>> from salesmgmt.cpq.pricing.exclusion import FoundCondition, Exclusion
        >>> Exclusion(active=(FoundCondition(id="a", type="x", amount="-45.00"),)).applied_to(Decimal("1000.00"))
        Decimal('955.00')
        """
        return _total(self.active, start)


class Rival(Protocol):
    """What is compared of a condition: what `FoundCondition` says of it."""

    @property
    def id(self) -> str:
        """Of the condition record."""

    @property
    def type(self) -> str:
        """Id of its condition type."""

    @property
    def amount(self) -> Decimal:
        """What it changes; discounts are below zero."""

    @property
    def priority(self) -> int | None:
        """The higher one comes first; `None` comes last."""

    @property
    def combinable(self) -> bool:
        """Whether it may stand beside others."""


Reasons: TypeAlias = Mapping[int, tuple[tuple[str, ...], Decimal | None, Decimal | None]]
"""By identity of the candidate: who put it out, and what was compared on both sides."""


def decide(group: ExclusionGroup, candidates: Iterable[FoundCondition]) -> Exclusion:
    """Decide which candidates count.

    What is no member counts untouched. With `zero_takes_part` off, members of amount zero are left aside before anything
    is compared; a group of which nothing is left does not compete, so the other one stays whatever it costs.

    >>> from salesmgmt.cpq.pricing.exclusion import FoundCondition, ExclusionGroup, decide
    >>> group = ExclusionGroup(id="best", procedure="best_of_two_groups", members=("a", "b"), second_members=("c",))
    >>> exclusion = decide(group, [
    ...     FoundCondition(id="1", type="a", amount=-10),
    ...     FoundCondition(id="2", type="b", amount=-12),
    ...     FoundCondition(id="3", type="c", amount=-25),
    ... ])
    >>> [one.id for one in exclusion.active], [one.candidate.id for one in exclusion.inactive]
    (['3'], ['1', '2'])
    """
    everyone = tuple(candidates)
    reasons, left_aside = judge(group)(everyone)
    if not reasons and not left_aside:
        return Exclusion(active=everyone)
    stays_out = {id(one) for one in left_aside}
    return Exclusion(
        active=tuple([one for one in everyone if id(one) not in reasons and id(one) not in stays_out]),
        inactive=tuple(
            [
                Excluded(candidate=one, group=group.id, by=by, found=found, wanted=wanted)
                for one in everyone
                if id(one) in reasons
                for by, found, wanted in [reasons[id(one)]]
            ]
        ),
        aside=tuple([one for one in everyone if id(one) in stays_out]),
    )


def judge(group: ExclusionGroup) -> Callable[[Iterable[Rival]], tuple[Reasons, Collection[Rival]]]:
    """What decides the group, for many decisions one after the other.

    Returns:
        A function of candidates. It tells, by identity, which of them do not count, with the reasons; and the members of
        amount zero that were left aside.

    >>> from salesmgmt.cpq.pricing.exclusion import ExclusionGroup, FoundCondition, judge
    >>> offers = [FoundCondition(id="a", type="x", amount=-40), FoundCondition(id="b", type="y", amount=-45)]
    >>> reasons, aside = judge(ExclusionGroup(id="g", members=("x", "y")))(offers)
    >>> reasons[id(offers[0])]
    (('b',), Decimal('-40'), Decimal('-45'))
    """
    decided, zero_takes_part = _DECIDED[group.procedure.value], group.zero_takes_part
    first, second = frozenset(group.members), frozenset(group.second_members)

    def put_out(candidates: Iterable[Rival]) -> tuple[Reasons, Collection[Rival]]:
        left: list[Rival] = []
        right: list[Rival] = []
        aside: list[Rival] = []
        for one in candidates:
            type_ = one.type
            side = left if type_ in first else right
            if side is left or type_ in second:
                (side if zero_takes_part or one.amount else aside).append(one)
        return (decided(left, right) if len(left) + len(right) > 1 else {}), aside

    return put_out


def lint_exclusion(
    groups: Sequence[ExclusionGroup], types: Collection[str] | None = None
) -> tuple[Finding, ...]:
    """What is wrong with exclusion groups; `types` are the condition types that exist, `None` when not known.

    >>> from salesmgmt.cpq.pricing.exclusion import ExclusionGroup, lint_exclusion
    >>> print(*lint_exclusion([ExclusionGroup(id="g", procedure="first_excludes_second", members=("a",))]))
    error second_group_missing at exclusion_groups.g: first_excludes_second compares two groups; name second_members
    """
    found = [*duplicate_ids("exclusion_groups", (group.id for group in groups))]
    for group in groups:
        found.extend(_findings(group, types))
    return tuple(found)


def _findings(group: ExclusionGroup, types: Collection[str] | None) -> Iterator[Finding]:
    where = f"exclusion_groups.{group.id}"
    if not group.members:
        yield Finding(
            code="no_members", where=where, message="it has no members", hint="name condition types"
        )
    if group.procedure.compares_groups and not group.second_members:
        yield Finding(
            code="second_group_missing",
            where=where,
            message=f"{group.procedure} compares two groups",
            hint="name second_members",
        )
    if group.second_members and not group.procedure.compares_groups:
        yield Finding(
            code="second_group_unused",
            where=where,
            message=f"{group.procedure} knows one group; the second one is treated as part of it",
            hint="move its types to members, or take a procedure of two groups",
            severity=Severity.WARNING,
        )
    for shared in sorted(set(group.members) & set(group.second_members)):
        yield Finding(
            code="in_both_groups",
            where=where,
            message=f"{shared} is in both groups",
            hint="leave it in one",
        )
    for unknown in [] if types is None else sorted({*group.members, *group.second_members} - set(types)):
        yield Finding(
            code="unknown_condition_type",
            where=where,
            message=f"no condition type is called {unknown}",
            hint="correct the name, or define the type",
        )


def _words(value: Decimal | None) -> str:
    return "nothing" if value is None else f"{value:f}"


def _total(candidates: Iterable[Rival], start: Decimal = _ZERO) -> Decimal:
    for one in candidates:
        start = add(start, one.amount)
    return start


def _all_but(winner: Rival, rivals: Iterable[Rival]) -> Reasons:
    return {id(one): ((winner.id,), one.amount, winner.amount) for one in rivals if one is not winner}


def _best(left: Sequence[Rival], right: Sequence[Rival]) -> Reasons:
    rivals = [*left, *right]
    return _all_but(min(rivals, key=_by_amount), rivals) if rivals else {}


def _least(left: Sequence[Rival], right: Sequence[Rival]) -> Reasons:
    rivals = [*left, *right]
    return _all_but(max(rivals, key=_by_amount), rivals) if rivals else {}


def _best_of_type(left: Sequence[Rival], right: Sequence[Rival]) -> Reasons:
    return {place: reason for same in _by_type([*left, *right]) for place, reason in _best(same, ()).items()}


def _least_of_type(left: Sequence[Rival], right: Sequence[Rival]) -> Reasons:
    return {place: reason for same in _by_type([*left, *right]) for place, reason in _least(same, ()).items()}


def _best_group(left: Sequence[Rival], right: Sequence[Rival]) -> Reasons:
    if not left or not right:
        return {}
    return _group_out(right, left) if _total(left) <= _total(right) else _group_out(left, right)


def _least_group(left: Sequence[Rival], right: Sequence[Rival]) -> Reasons:
    if not left or not right:
        return {}
    return _group_out(right, left) if _total(left) >= _total(right) else _group_out(left, right)


def _first_group(left: Sequence[Rival], right: Sequence[Rival]) -> Reasons:
    return _group_out(right, left) if left else {}


def _top_priority(left: Sequence[Rival], right: Sequence[Rival]) -> Reasons:
    rivals = [*left, *right]
    if not rivals:
        return {}
    top = max(rivals, key=lambda one: (one.priority is not None, one.priority or 0))
    wanted = _number(top.priority)
    return {id(one): ((top.id,), _number(one.priority), wanted) for one in rivals if one is not top}


def _all_or_top(left: Sequence[Rival], right: Sequence[Rival]) -> Reasons:
    if all(one.combinable for one in (*left, *right)):
        return {}
    return _top_priority(left, right)


def _group_out(losers: Sequence[Rival], winners: Sequence[Rival]) -> Reasons:
    by, found, wanted = tuple(one.id for one in winners), _total(losers), _total(winners)
    return {id(one): (by, found, wanted) for one in losers}


def _by_type(rivals: Sequence[Rival]) -> Iterable[list[Rival]]:
    types: dict[str, list[Rival]] = {}
    for one in rivals:
        types.setdefault(one.type, []).append(one)
    return types.values()


_by_amount: Callable[[Rival], Decimal] = attrgetter("amount")


def _number(priority: int | None) -> Decimal | None:
    return None if priority is None else Decimal(priority)


_DECIDED: Mapping[str, Callable[[Sequence[Rival], Sequence[Rival]], Reasons]] = {
    ExclusionProcedure.BEST_IN_GROUP: _best,
    ExclusionProcedure.LEAST_IN_GROUP: _least,
    ExclusionProcedure.BEST_RECORD_OF_TYPE: _best_of_type,
    ExclusionProcedure.LEAST_RECORD_OF_TYPE: _least_of_type,
    ExclusionProcedure.BEST_OF_TWO_GROUPS: _best_group,
    ExclusionProcedure.LEAST_OF_TWO_GROUPS: _least_group,
    ExclusionProcedure.FIRST_EXCLUDES_SECOND: _first_group,
    ExclusionProcedure.HIGHEST_PRIORITY: _top_priority,
    ExclusionProcedure.COMBINE_ALL_OR_TOP: _all_or_top,
}
