"""What lies between two versions of a quote: line by line, group by group, and in total, each split into its causes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.money import Money
from salesmgmt.cpq.quotes.line import QuoteLine, UnpricedLine
from salesmgmt.cpq.quotes.unknown_id import UnknownId


class PriceEffect(StrEnum):
    """A cause for which one version comes to another amount than the other, in the order in which they are taken out.

    >>> from salesmgmt.cpq.quotes import PriceEffect
    >>> [effect.value for effect in PriceEffect]
    ['currency', 'mix', 'quantity', 'configuration', 'price', 'term', 'discount']
    """

    CURRENCY = "currency"
    """The old amount at the exchange rate of the new day, less at that of its own."""
    MIX = "mix"
    """Lines that came or went, became required or optional, or deliver another product or unit of measure."""
    QUANTITY = "quantity"
    """More or fewer units, at the old net price."""
    CONFIGURATION = "configuration"
    """Other choices: what they change in the list price of a unit."""
    PRICE = "price"
    """Another list price of a unit of the same configuration."""
    TERM = "term"
    """A longer or shorter term."""
    DISCOUNT = "discount"
    """What is left: other discounts of the line, another share of those on the whole, and roundings."""


@attrs.frozen(kw_only=True)
class PriceEffects:
    """A difference by its causes; the amounts add up to it exactly.

    Attributes:
        currency: see `PriceEffect`, as for all others.
        mix: lines that came, went or deliver something else.
        quantity: more or fewer units.
        configuration: other choices.
        price: other list prices.
        term: other terms.
        discount: other discounts, shares and roundings.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes import PriceEffects
    >>> effects = PriceEffects.none("EUR")
    >>> str(effects), effects.total
    ('no difference', Money('0', 'EUR'))
    """

    currency: Money
    mix: Money
    quantity: Money
    configuration: Money
    price: Money
    term: Money
    discount: Money

    @classmethod
    def none(cls, currency: str) -> PriceEffects:
        """No difference, in a currency."""
        return cls(**{effect.value: Money.zero(currency) for effect in PriceEffect})

    @classmethod
    def sum(cls, parts: Iterable[PriceEffects], currency: str) -> PriceEffects:
        """Each cause added up on its own."""
        every = tuple(parts)
        return cls(**{
            effect.value: Money.total((part.of(effect) for part in every), currency) for effect in PriceEffect
        })  # fmt: skip

    def of(self, effect: PriceEffect) -> Money:
        """The amount of one cause."""
        amount: Money = getattr(self, effect.value)
        return amount

    @property
    def total(self) -> Money:
        """All causes together."""
        return Money.total((self.of(effect) for effect in PriceEffect), self.mix.currency)

    def __str__(self) -> str:
        told = [f"{effect} {signed(self.of(effect))}" for effect in PriceEffect if self.of(effect)]
        return ", ".join(told) or "no difference"


@attrs.frozen(kw_only=True)
class LineDifference:
    """One line of two versions.

    Attributes:
        id: of the line.
        old: as it was; `None` when it was not there.
        new: as it is; `None` when it is no more.
        before: what it added to the total; zero for one that was not there, or that the customer need not take.
        after: what it adds to it now.
        fields: names of what differs, when it is in both versions.
        effects: why the two amounts differ.
    """

    id: str
    old: QuoteLine | UnpricedLine | None
    new: QuoteLine | UnpricedLine | None
    before: Money
    after: Money
    fields: tuple[str, ...]
    effects: PriceEffects

    @property
    def kind(self) -> str:
        """`added`, `removed`, `changed` or `same`."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "changed" if self.fields else "same"

    @property
    def difference(self) -> Money:
        """By how much the total rises for it."""
        return self.after - self.before

    def __str__(self) -> str:
        there = self.new or self.old
        assert there is not None  # noqa: S101 - a line is in one of the two
        amounts = f"{self.before} -> {self.after}"
        why = f" ({self.effects})" if self.difference else ""
        name = self.id if self.id == there.product else f"{self.id} ({there.product})"
        return f"{name} {self.kind}{self._told_fields()}: {amounts}{why}"

    def _told_fields(self) -> str:
        if self.old is None or self.new is None:
            return ""
        told = [
            f"{name} {_shown(getattr(self.old, name))} -> {_shown(getattr(self.new, name))}"
            for name in self.fields
            if name in _WORDED
        ]
        return f", {', '.join(told)}" if told else ""


_WORDED = frozenset({"product", "quantity", "uom", "starts", "ends", "group", "optional"})


@attrs.frozen(kw_only=True)
class GroupDifference:
    """One group of two versions; the lines in no group are one as well.

    Attributes:
        id: of the group; empty for lines in none.
        before: its subtotal as it was.
        after: its subtotal now.
        moved: what lines came to that went from group to group, with a minus for those that left; it adds up to nothing.
        effects: why the rest differs.
    """

    id: str
    before: Money
    after: Money
    moved: Money
    effects: PriceEffects

    @property
    def difference(self) -> Money:
        """By how much the subtotal rises: `moved` and all effects."""
        return self.after - self.before


@attrs.frozen(kw_only=True)
class Comparison:
    """Two versions of a quote side by side. Each difference is exactly the sum of its effects; see `compare`.

    Attributes:
        currency: of all amounts.
        before: what the old version comes to.
        after: what the new one comes to.
        lines: those of the new version in their order, then those that are no more.
        groups: those with a line in either version, in the same order.
        effects: why the totals differ.
    """

    currency: str
    before: Money
    after: Money
    lines: tuple[LineDifference, ...]
    groups: tuple[GroupDifference, ...]
    effects: PriceEffects

    @property
    def difference(self) -> Money:
        """By how much the total rises."""
        return self.after - self.before

    @property
    def changed(self) -> tuple[LineDifference, ...]:
        """The lines in which anything differs."""
        return tuple(line for line in self.lines if line.kind != "same")

    def line(self, id: str) -> LineDifference:  # noqa: A002 - lines are named by id everywhere
        """A line by its id; raises `UnknownId`."""
        for line in self.lines:
            if line.id == id:
                return line
        raise UnknownId("line", id, (line.id for line in self.lines))

    def group(self, id: str = "") -> GroupDifference:  # noqa: A002 - as above
        """A group by its id, the lines in none by default; raises `UnknownId`."""
        for group in self.groups:
            if group.id == id:
                return group
        raise UnknownId("group", id, (group.id for group in self.groups))

    def __str__(self) -> str:
        """The difference in words: the total, its causes, and every line that differs."""
        return "\n".join(self._told())

    def _told(self) -> Iterator[str]:
        yield f"{self.before} -> {self.after}: {signed(self.difference)}"
        for effect in PriceEffect:
            if self.effects.of(effect):
                yield f"  {effect} {signed(self.effects.of(effect))}"
        for line in self.changed:
            yield f"  line {line}"


def signed(amount: Money) -> str:
    """An amount with its sign, plus included.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes.comparison import signed
    >>> signed(Money("2.50", "EUR"))
    '+2.50 EUR'
    """
    return f"+{amount}" if amount.amount > 0 else str(amount)


def _shown(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
