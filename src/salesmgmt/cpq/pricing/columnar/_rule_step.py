"""The kernel's step for price lists: one rule replaces the amount of a line, or leaves a part of it."""

from __future__ import annotations

from math import lcm

import numpy as np

from salesmgmt.cpq.pricing.columnar._kernel import (
    ABSENT,
    LARGEST,
    Numbers,
    TooLarge,
    Work,
    scale_of,
)
from salesmgmt.cpq.pricing.columnar._rule_table import RuleLookup


class RuleSearchStep:
    """Put lines at what their rule says.

    Attributes:
        denominator: of the amounts that it leaves.
        price_denominator: of the prices of a unit that it leaves.
    """

    def __init__(
        self,
        lookup: RuleLookup,
        before: int,
        price_denominator: int,
        quantity_denominator: int,
        *,
        keeps_price: bool,
    ) -> None:
        table = lookup.table
        kept, priced = table.kept_denominator, table.price_denominator
        self.denominator = lcm(before * kept, priced * quantity_denominator)
        self.price_denominator = lcm(price_denominator * kept, priced)
        self._lookup = lookup
        self._before = before
        self._keeps_price = keeps_price
        self._gives_first = table.plan.gives_first
        # What a numerator is multiplied with to be one of the new denominators.
        self._for_kept = self.denominator // (before * kept)
        self._for_priced = self.denominator // (priced * quantity_denominator)
        self._unit_kept = self.price_denominator // (price_denominator * kept)
        self._unit_priced = self.price_denominator // priced
        self._most_kept = int(table.kept.max())
        self._most_price = max(int(table.prices.max()), 0)
        self._scale = scale_of(self.denominator)

    def run(self, work: Work) -> None:
        """Choose the rules and apply them."""
        table = self._lookup.table
        if not work.is_exact:
            self._check_bounds(work)
        work.check_digits(work.amount, work.most, self._scale * (self.denominator // self._before))
        entries = self._lookup.entries(work.chunk)
        undecided = table.undecided[entries]
        if undecided.any():
            work.undecided = undecided if work.undecided is None else work.undecided | undecided
        prices, kept = self._taken(work, table.prices, entries), self._taken(work, table.kept, entries)
        has_price = np.asarray(prices >= 0, bool)
        fixed = np.maximum(prices, 0)
        if self._gives_first and work.signs is not None:
            work.signs[has_price & (work.signs == ABSENT)] = 0
        if self._keeps_price:
            work.price = np.where(has_price, fixed * self._unit_priced, work.price * kept * self._unit_kept)
        whole = fixed * self._for_priced * work.quantity
        work.amount = np.where(has_price, whole, work.amount * kept * self._for_kept)
        work.tighten()
        work.check_digits(work.amount, work.most, self._scale)

    def _check_bounds(self, work: Work) -> None:
        """See that 64 bits hold every product, whichever rule wins."""
        by_price = self._most_price * self._for_priced * work.most_quantity
        by_part = self._most_kept * self._for_kept
        if work.most * by_part > LARGEST and work.tighten() * by_part > LARGEST:
            raise TooLarge
        if max(by_price, self._for_priced, by_part) > LARGEST:
            raise TooLarge
        if self._keeps_price:
            prices = int(work.price.max()) * self._most_kept * self._unit_kept
            if max(prices, self._most_price * self._unit_priced, self._unit_kept) > LARGEST:
                raise TooLarge

    def _taken(self, work: Work, numerators: Numbers, entries: Numbers) -> Numbers:
        taken: Numbers = numerators[entries]
        if work.is_exact:
            return taken.astype(object)
        if taken.dtype == object:
            raise TooLarge
        return taken
