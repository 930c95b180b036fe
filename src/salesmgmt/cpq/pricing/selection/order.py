"""Which of several rules wins: the published order, and the questions that are asked of an index."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import attrs


class Criterion(StrEnum):
    """What two rules that both hold are compared by.

    >>> [criterion.value for criterion in Criterion][:3]
    ['specificity', 'unit', 'break']
    """

    SPECIFICITY = "specificity"
    """The access that comes first; within an access a nearer value (category, ancestor) before a farther one."""
    UNIT = "unit"
    """A rule for the requested unit before one for any."""
    BREAK = "break"
    """The largest minimum quantity."""
    PRIORITY = "priority"
    """The highest priority; a rule without one comes last."""
    NEWEST = "newest"
    """The latest start of validity; a rule without one comes last."""
    BEST_PRICE = "best_price"
    """The lowest price, which is the best for the customer."""
    FIRST = "first"
    """The one that is defined first."""
    ID = "id"
    """The id that comes first by code points."""


class Ties(StrEnum):
    """What happens when the criteria do not tell two rules apart."""

    CONFLICT = "conflict"
    """They are a conflict, unless the caller says that they come to the same."""
    FIRST = "first"
    """The one that is defined first wins."""
    BY_ID = "by_id"
    """The id that comes first by code points wins."""


class UpperBound(StrEnum):
    """Whether a rule still holds at its maximum quantity."""

    INCLUDED = "included"
    """It does: a maximum of 10 holds for 10."""
    EXCLUDED = "excluded"
    """It does not, so that the next rule may begin there."""


class Unlisted(StrEnum):
    """How fields count that a precedence does not list."""

    BY_NAME = "by_name"
    """After those that are listed, by name."""
    NO_WEIGHT = "no_weight"
    """Not at all: they only decide whether a rule holds."""


PRECEDENCE = (
    ("line.product",),
    ("line.lineage",),
    ("customer.id",),
    ("line.categories",),
    ("line.family",),
    ("line.brand",),
    ("customer.segment",),
)
"""Which fields of a key are how specific, most first; fields of one group weigh the same."""


@attrs.frozen(kw_only=True)
class Access:
    """One question of an access sequence: by which facts are rules looked up.

    Attributes:
        fields: the names of the facts; empty asks for the rules that hold for everything. A fact with several values
            (its type is a set) is tried value by value.
        condition: a formula; the question is only asked when it holds. Empty for always.
        exclusive: no further question is asked when this one finds a rule that holds.

    >>> from salesmgmt.cpq.pricing.selection.order import Access
    >>> Access(fields=("customer.id", "line.product")).exclusive
    True
    """

    fields: tuple[str, ...]
    condition: str = ""
    exclusive: bool = True


@attrs.frozen(kw_only=True)
class SelectionOrder:
    """A total order of the rules that hold.

    Attributes:
        criteria: what is compared, in this order.
        ties: what happens to rules that are equal by all criteria.
        precedence: how specific a key is, when no accesses are given: groups of fields, most specific first. A key with
            a field of the first group comes before all without one, and so on.
        unlisted: how fields count that `precedence` does not list.
        nearest_first: facts with several values of which a nearer one is more specific; the values of others are equal.
        max_quantity: whether a rule still holds at its maximum.

    >>> from salesmgmt.cpq.pricing.selection.order import Criterion, SelectionOrder
    >>> SelectionOrder(criteria=(Criterion.PRIORITY, Criterion.SPECIFICITY)).ties.value
    'conflict'
    """

    criteria: tuple[Criterion, ...] = (
        Criterion.SPECIFICITY,
        Criterion.UNIT,
        Criterion.BREAK,
        Criterion.PRIORITY,
        Criterion.NEWEST,
    )
    ties: Ties = Ties.CONFLICT
    precedence: tuple[tuple[str, ...], ...] = PRECEDENCE
    unlisted: Unlisted = Unlisted.BY_NAME
    nearest_first: tuple[str, ...] = ("line.lineage", "line.categories")
    max_quantity: UpperBound = UpperBound.INCLUDED

    def derive(self, keys: Iterable[frozenset[str]]) -> tuple[tuple[Access, ...], ...]:
        """The accesses that find every one of these keys, most specific first, those of equal weight together.

        >>> from salesmgmt.cpq.pricing.selection.order import SelectionOrder
        >>> keys = [frozenset(), frozenset({"line.family"}), frozenset({"customer.id", "line.family"})]
        >>> [[access.fields for access in level] for level in SelectionOrder().derive(keys)]
        [[('customer.id', 'line.family')], [('line.family',)], [()]]
        """
        sets = sorted(set(keys), key=sorted)
        others: list[str] = []
        if self.unlisted is Unlisted.BY_NAME:
            listed = {field for group in self.precedence for field in group}
            others = sorted({field for key in sets for field in key} - listed)
        groups = [*self.precedence, *((field,) for field in others)]
        levels: dict[tuple[bool, ...], list[Access]] = {}
        for key in sets:
            weight = tuple(not key.isdisjoint(group) for group in groups)
            levels.setdefault(weight, []).append(Access(fields=tuple(sorted(key)), exclusive=False))
        return tuple(tuple(levels[weight]) for weight in sorted(levels, reverse=True))
