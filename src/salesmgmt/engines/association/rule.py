"""One association rule and its measures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import divide
from salesmgmt.core.measured import Measured


def _items(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


@attrs.frozen(kw_only=True)
class AssociationRule:
    """Whoever has the antecedent in the basket has the consequent too, so and so often.

    Four whole numbers say everything; each measure is one division of them, to 34 digits. A rule says what went together,
    not what caused what.

    Attributes:
        antecedent: the items on the left, in order.
        consequent: the items on the right, in order; none of them is on the left.
        n: how many baskets there are.
        antecedent_count: how many have the antecedent, at least one.
        consequent_count: how many have the consequent, at least one.
        count: how many have both.

    Raises:
        InvalidInput: the counts cannot belong together, or an item is on both sides.

    >>> from salesmgmt.engines.association import AssociationRule
    >>> rule = AssociationRule(
    ...     antecedent=["laptop"], consequent=["dock"], n=100, antecedent_count=40, consequent_count=20, count=16)
    >>> rule.support, rule.confidence, rule.lift, rule.leverage
    (Decimal('0.16'), Decimal('0.4'), Decimal('2'), Decimal('0.08'))
    >>> print(rule)
    laptop -> dock: 16 of 40, lift 2.00
    """

    antecedent: tuple[str, ...] = attrs.field(converter=_items)
    consequent: tuple[str, ...] = attrs.field(converter=_items)
    n: int
    antecedent_count: int
    consequent_count: int
    count: int

    def __attrs_post_init__(self) -> None:
        problems = tuple(self._faults())
        if problems:
            raise InvalidInput("association rule", problems)

    def __str__(self) -> str:
        left, right = ", ".join(self.antecedent), ", ".join(self.consequent)
        return f"{left} -> {right}: {self.count} of {self.antecedent_count}, lift {self.lift:.2f}"

    @property
    def support(self) -> Decimal:
        """P(A and C): the share of the baskets that have both sides (Agrawal, Imielinski & Swami 1993)."""
        return _ratio(self.count, self.n)

    @property
    def antecedent_support(self) -> Decimal:
        """P(A)."""
        return _ratio(self.antecedent_count, self.n)

    @property
    def consequent_support(self) -> Decimal:
        """P(C)."""
        return _ratio(self.consequent_count, self.n)

    @property
    def confidence(self) -> Decimal:
        """P(C given A): of the baskets that have the antecedent, the share with the consequent (Agrawal et al. 1993)."""
        return _ratio(self.count, self.antecedent_count)

    @property
    def lift(self) -> Decimal:
        """P(A and C) / (P(A) P(C)): 1 when the sides do not depend on each other.

        Brin, Motwani, Ullman & Tsur (1997), SIGMOD, who call it interest.
        """
        return _ratio(self.count * self.n, self.antecedent_count * self.consequent_count)

    @property
    def leverage(self) -> Decimal:
        """P(A and C) - P(A) P(C): 0 when the sides do not depend on each other (Piatetsky-Shapiro 1991)."""
        return _ratio(self._surplus, self.n * self.n)

    @property
    def conviction(self) -> Measured[Decimal]:
        """P(A) P(not C) / P(A and not C), after Brin et al. (1997); 1 when the sides do not depend on each other.

        Without a basket that has the antecedent and lacks the consequent it is undefined, flagged `infinite`.
        """
        exceptions = self.antecedent_count - self.count
        if not exceptions:
            return Measured(None, "infinite", n=self.n)
        expected = self.antecedent_count * (self.n - self.consequent_count)
        return Measured(_ratio(expected, self.n * exceptions), n=self.n)

    @property
    def zhang(self) -> Decimal:
        """From -1 (never together) over 0 (independent) to 1 (never one without the other).

        (P(A and C) - P(A) P(C)) / max(P(A and C) P(not A), P(A) (P(C) - P(A and C))), after Zhang (2000), who compares the
        rule with what happens without the antecedent. Where both of these are zero, so is what stands above them.
        """
        without = max(
            self.count * (self.n - self.antecedent_count),
            self.antecedent_count * (self.consequent_count - self.count),
        )
        return _ratio(self._surplus, without) if without else Decimal(0)

    @property
    def jaccard(self) -> Decimal:
        """P(A and C) / P(A or C), from 0 to 1 (Jaccard 1901; for rules Tan, Kumar & Srivastava 2002)."""
        return _ratio(self.count, self.antecedent_count + self.consequent_count - self.count)

    @property
    def kulczynski(self) -> Decimal:
        """The mean of P(C given A) and P(A given C), from 0 to 1 (Kulczynski 1927; for rules Wu, Chen & Han 2010).

        It does not change with baskets that have neither side.
        """
        left, right = self.antecedent_count, self.consequent_count
        return _ratio(self.count * (left + right), 2 * left * right)

    @property
    def certainty(self) -> Decimal:
        """How far the antecedent takes the chance of the consequent towards certainty: from -1 over 0 to 1.

        The certainty factor of Shortliffe & Buchanan (1975), for rules Berzal, Blanco, Sánchez & Vila (2002):
        (P(C given A) - P(C)) / P(not C) where that is a gain, (P(C given A) - P(C)) / P(C) where it is a loss.
        """
        surplus = self._surplus
        if surplus > 0:
            return _ratio(surplus, self.antecedent_count * (self.n - self.consequent_count))
        return _ratio(surplus, self.antecedent_count * self.consequent_count)

    @property
    def _surplus(self) -> int:
        """n^2 times the leverage."""
        return self.count * self.n - self.antecedent_count * self.consequent_count

    def _faults(self) -> Iterator[Problem]:
        for name in ("antecedent", "consequent"):
            if not getattr(self, name):
                yield Problem(name, "missing", None, "at least one item")
        both = sorted(set(self.antecedent) & set(self.consequent))
        if both:
            yield Problem("consequent", "both_sides", ", ".join(both), "items that are not in the antecedent")
        for name in ("antecedent_count", "consequent_count"):
            side = getattr(self, name)
            if not 1 <= side <= self.n:
                yield Problem(name, "range", str(side), f"from 1 to all {self.n} baskets")
                return
        low = max(0, self.antecedent_count + self.consequent_count - self.n)
        high = min(self.antecedent_count, self.consequent_count)
        if not low <= self.count <= high:
            yield Problem("count", "range", str(self.count), f"from {low} to {high}, as the sides say")


def _ratio(part: int, whole: int) -> Decimal:
    return divide(Decimal(part), Decimal(whole))
