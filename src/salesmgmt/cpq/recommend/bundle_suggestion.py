"""Kits and promotions that a part is missing for, and what it would bring to add it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from itertools import islice
from itertools import product as combinations

import attrs

from salesmgmt.core.exact import add, divide, multiply, subtract
from salesmgmt.core.money import Money
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.priced import Priced
from salesmgmt.cpq.pricing.pricer import Pricer
from salesmgmt.cpq.pricing.procedure import Promotions
from salesmgmt.cpq.pricing.promotions import BuyGet, LineFilter, Promotion, Trigger
from salesmgmt.cpq.pricing.request import Line, PricingRequest
from salesmgmt.cpq.pricing.sharing.bundle import Bundle, BundlePrice, bundle_price
from salesmgmt.cpq.recommend._trial import amount_of

_ZERO, _ONE = Decimal(0), Decimal(1)
_MOST_CHOICES = 5


class SuggestedBy(StrEnum):
    """What a suggestion comes from.

    >>> from salesmgmt.cpq.recommend import SuggestedBy
    >>> SuggestedBy("kit").name
    'KIT'
    """

    KIT = "kit"
    """A kit that is sold as one."""
    PROMOTION = "promotion"
    """A promotion of the pricing model."""


@attrs.frozen
class MissingPart:
    """Units of a product that complete a kit or fulfil a promotion.

    Attributes:
        product: its id.
        quantity: how many.

    >>> from decimal import Decimal
    >>> from salesmgmt.cpq.recommend import MissingPart
    >>> print(MissingPart("dock", Decimal(2)))
    2 x dock
    """

    product: str
    quantity: Decimal

    def __str__(self) -> str:
        return f"{self.quantity:f} x {self.product}"


@attrs.frozen(kw_only=True)
class BundleSuggestion:
    """What to add so that a kit is complete or a promotion applies.

    Attributes:
        id: of the kit or promotion.
        by: which of the two.
        missing: what is to be added; empty when all parts of a kit are there and it is cheaper as a kit.
        quantity: number of kits; 1 for a promotion.
        saving: what the same goods cost less than without the kit or promotion; above zero.
        total_change: what the request gains in all; negative where more goods cost less.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.recommend import BundleSuggestion, MissingPart
    >>> print(BundleSuggestion(
    ...     id="desk-kit", by="kit", missing=(MissingPart("lamp", Decimal(1)),), saving=Money("12.00", "EUR"),
    ...     total_change=Money("18.00", "EUR")))
    1 x lamp more make the kit desk-kit: 12.00 EUR saved, the total rises by 18.00 EUR
    """

    id: str
    by: SuggestedBy = attrs.field(converter=SuggestedBy)
    missing: tuple[MissingPart, ...]
    quantity: Decimal = _ONE
    saving: Money
    total_change: Money

    def __str__(self) -> str:
        parts = " and ".join(map(str, self.missing))
        head = (
            f"{parts} more make the {self.by} {self.id}"
            if parts
            else f"all parts of the {self.by} {self.id} are there"
        )
        moved = "falls" if self.total_change.amount < 0 else "rises"
        return f"{head}: {self.saving} saved, the total {moved} by {abs(self.total_change)}"


class BundleSuggestions:
    """Finds kits and promotions that a part is missing for; every amount is of the pricer.

    Args:
        pricer: the pricer; its promotions are looked through when its procedure has a step for them.
        bundles: the kits that are sold.
    """

    def __init__(self, pricer: Pricer, bundles: Iterable[Bundle] = ()) -> None:
        model = pricer.model
        self._pricer = pricer
        self._bundles = tuple(bundles)
        applies = any(isinstance(step, Promotions) for step in model.procedure.steps)
        self._promotions = model.promotions if applies else ()

    def find(self, request: PricingRequest) -> tuple[BundleSuggestion, ...]:
        """The kits of which a part is on the request, and the promotions that lack something, where they save money.

        Args:
            request: what is priced; while a line has no price, nothing is suggested.

        Returns:
            By falling saving, then by id.

        Raises:
            InvalidInput, EvaluationError, OutOfRange: as for `Pricer.price`.
        """
        base = self._pricer.price(request)
        if base.unpriced or not base.lines:
            return ()
        found = [*self._kits(request, base), *self._offers(request, base)]
        return tuple(sorted(found, key=lambda one: (-one.saving.amount, one.id, one.missing)))

    def _kits(self, request: PricingRequest, base: Priced) -> Iterator[BundleSuggestion]:
        there = _quantities(request)
        for bundle in self._bundles:
            covered = [
                divide(there[part.product], part.quantity).to_integral_value(ROUND_FLOOR)
                for part in bundle.components
                if part.product in there
            ]
            if not covered:
                continue
            kits = max(min(covered), _ONE)
            wanted = {part.product: multiply(part.quantity, kits) for part in bundle.components}
            missing = tuple(
                MissingPart(product, subtract(quantity, there.get(product, _ZERO)))
                for product, quantity in wanted.items()
                if quantity > there.get(product, _ZERO)
            )
            if any(not self._is_sold(part.product) for part in missing):
                continue
            priced = self._with(request, missing) if missing else base
            if priced.unpriced:
                continue
            price = bundle_price(
                bundle,
                _rates(priced, wanted),
                kits,
                rounding=Rounding.for_currency(request.currency, "half_up"),
            )
            if isinstance(price, BundlePrice) and price.amount < price.alone:
                saving = price.alone - price.amount
                yield BundleSuggestion(
                    id=bundle.id,
                    by=SuggestedBy.KIT,
                    missing=missing,
                    quantity=kits,
                    saving=saving,
                    total_change=amount_of(priced) - saving - amount_of(base),
                )

    def _offers(self, request: PricingRequest, base: Priced) -> Iterator[BundleSuggestion]:
        for promotion in self._promotions:
            called = set(promotion.codes) & set(request.codes)
            if promotion.id in base.used or (promotion.trigger is Trigger.CODE and not called):
                continue
            best: BundleSuggestion | None = None
            for missing in self._completions(promotion, request):
                priced = self._with(request, missing)
                saving = _taken_off(priced, promotion.id)
                if priced.unpriced or saving.amount <= 0:
                    continue
                suggestion = BundleSuggestion(
                    id=promotion.id,
                    by=SuggestedBy.PROMOTION,
                    missing=missing,
                    saving=saving,
                    total_change=amount_of(priced) - amount_of(base),
                )
                if best is None or suggestion.total_change < best.total_change:
                    best = suggestion
            if best is not None:
                yield best

    def _completions(
        self, promotion: Promotion, request: PricingRequest
    ) -> Iterator[tuple[MissingPart, ...]]:
        """What may be lacking for a promotion of which some products are on the request, a few choices of it."""
        there = _quantities(request)
        condition, benefit = promotion.condition, promotion.benefit
        needs = [(condition.of, condition.min_quantity or _ONE), (promotion.on, _ONE)]
        counted: list[tuple[LineFilter, Decimal]] = []
        if isinstance(benefit, BuyGet):
            counted = [(benefit.buy, benefit.buy_quantity), (benefit.get, benefit.get_quantity)]
        filters = [one for one, _ in (*needs, *counted) if one.products]
        if not any(set(one.products) & set(there) for one in filters):
            return
        choices: list[list[MissingPart]] = []
        left = dict(there)
        for filter_, quantity in counted:
            lacking = _take(left, filter_, quantity)
            if lacking and filter_.products:
                choices.append(self._choices(filter_, lacking))
        if not counted:
            for filter_, quantity in needs:
                have = sum((there.get(product, _ZERO) for product in filter_.products), _ZERO)
                if filter_.products and have < quantity:
                    choices.append(self._choices(filter_, subtract(quantity, have)))
        for chosen in islice(combinations(*choices), _MOST_CHOICES) if choices else ():
            together: dict[str, Decimal] = {}
            for part in chosen:
                together[part.product] = add(together.get(part.product, _ZERO), part.quantity)
            yield tuple(MissingPart(product, quantity) for product, quantity in together.items())

    def _choices(self, filter_: LineFilter, quantity: Decimal) -> list[MissingPart]:
        sold = [product for product in filter_.products if self._is_sold(product)]
        return [MissingPart(product, quantity) for product in sold[:_MOST_CHOICES]]

    def _is_sold(self, product: str) -> bool:
        catalogue = self._pricer.model.catalogue
        known = catalogue.get(product)
        return known.active if known is not None else not len(catalogue)

    def _with(self, request: PricingRequest, missing: Sequence[MissingPart]) -> Priced:
        lines = [*request.lines, *(Line(part.product, part.quantity) for part in missing)]
        return self._pricer.price(attrs.evolve(request, lines=lines))


def _quantities(request: PricingRequest) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in request.lines:
        found[line.product] = add(found.get(line.product, _ZERO), line.quantity)
    return found


def _take(left: dict[str, Decimal], filter_: LineFilter, quantity: Decimal) -> Decimal:
    """Take units of what a filter names from what is left; return how many are lacking."""
    for product in filter_.products or list(left):
        taken = min(left.get(product, _ZERO), quantity)
        if taken:
            left[product] = subtract(left[product], taken)
            quantity = subtract(quantity, taken)
    return quantity


def _rates(priced: Priced, products: Iterable[str]) -> Mapping[str, Money]:
    """What a unit of each product costs on a document, over all of its lines."""
    rates = {}
    for product in products:
        lines = [line for line in priced.lines if line.line.product == product]
        if lines:
            units = _ZERO
            for line in lines:
                units = add(units, line.line.quantity)
            rates[product] = Money.total((line.net_amount for line in lines), priced.currency) / units
    return rates


def _taken_off(priced: Priced, promotion: str) -> Money:
    """What a promotion takes off all lines together."""
    steps = (step.rounded for line in priced.lines for step in line.waterfall if step.record == promotion)
    return -Money.total(steps, priced.currency)
