"""What a promotion asks for: how much of which line, before caps and rounding."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import attrs

from salesmgmt.core.exact import add, divide, multiply, subtract
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.promotions._applications import earned, idle_applications
from salesmgmt.cpq.pricing.promotions._document import ZERO, Document, added, power
from salesmgmt.cpq.pricing.promotions._units import Run, first_units, groups, in_order, whole
from salesmgmt.cpq.pricing.promotions.benefit import (
    AmountOff,
    BuyGet,
    CheapestFree,
    FreeProduct,
    PercentOff,
    SetPrice,
)
from salesmgmt.cpq.pricing.promotions.line_filter import LineFilter
from salesmgmt.cpq.pricing.promotions.policy import (
    Applications,
    Counts,
    EarningUnits,
    GetQuantity,
    PercentBase,
    PromotionPolicy,
    UnitOrder,
)
from salesmgmt.cpq.pricing.promotions.promotion import Promotion, PromotionScope, Repeat
from salesmgmt.cpq.pricing.promotions.refusals import MinimumQuantity, NotEnoughToGive
from salesmgmt.cpq.pricing.tax_basis import TaxBasis

_ONE = Decimal(1)
_FREE = Percent(100)


@attrs.define(kw_only=True)
class Claim:
    """What one promotion would take.

    Attributes:
        amounts: of each line; weights of the lines when `total` is not their sum.
        total: of all lines.
        each_line: whether each amount stands by itself, so that it is rounded by itself.
        one_amount: whether it is one amount off several lines, which a policy may spread over them.
        freed: units of each line that would cost nothing.
        spent: other units of each line that would serve no other `BuyGet`.
        applications: how often the promotion is given.
        free_product: what comes on top, and how many of it.
    """

    amounts: dict[int, Decimal] = attrs.field(factory=dict)
    total: Decimal = ZERO
    each_line: bool = False
    one_amount: bool = False
    freed: dict[int, Decimal] = attrs.field(factory=dict)
    spent: dict[int, Decimal] = attrs.field(factory=dict)
    applications: int = 1
    free_product: tuple[str, Decimal] | None = None


def claim_of(
    promotion: Promotion, document: Document, policy: PromotionPolicy
) -> Claim | MinimumQuantity | NotEnoughToGive:
    """What a promotion whose condition holds would take of a document, or why it can give nothing."""
    benefit = promotion.benefit
    if isinstance(benefit, FreeProduct):
        return _free_product(promotion, benefit, document)
    if isinstance(benefit, BuyGet):
        return _buy_get(promotion, benefit, document, policy)
    if isinstance(benefit, CheapestFree) or promotion.scope == PromotionScope.CHEAPEST_UNIT:
        runs = in_order(document.runs(document.receiving(promotion.on)), UnitOrder.CHEAPEST)
        return _of_units(promotion, document, policy, runs, size=_ONE)
    if promotion.scope == PromotionScope.CONDITION_ITEMS:
        size = promotion.condition.min_quantity or _ONE
        lines = set(document.receiving(promotion.condition.of))
        if not promotion.on.is_everything:
            lines &= set(document.matching(promotion.on))
        runs = in_order(document.runs(sorted(lines)), policy.units)
        return _of_units(promotion, document, policy, runs, size=size)
    if promotion.scope == PromotionScope.EACH_UNIT:
        return _each_unit(promotion, document, policy)
    lines_reached = document.receiving(promotion.on)
    if promotion.scope == PromotionScope.LINES and promotion.max_items is not None:
        runs = in_order(document.runs(lines_reached), policy.units)
        return _of_units(promotion, document, policy, runs, size=promotion.max_items)
    return _whole_lines(promotion, document, policy, lines_reached)


def converted(
    document: Document, amount: Money, stated: TaxBasis | None, shares: dict[int, Decimal]
) -> Decimal:
    """An amount that is stated without or with tax, in the basis of the document, when it is taken by these shares."""
    basis = document.basis if stated is None else stated
    if basis == document.basis:
        return amount.amount
    there = added(document.amount_in(basis, line, share) for line, share in shares.items())
    return divide(multiply(amount.amount, added(shares.values())), there) if there else ZERO


def _percent_base(promotion: Promotion, policy: PromotionPolicy) -> PercentBase:
    benefit = promotion.benefit
    stated = benefit.base if isinstance(benefit, PercentOff) else None
    return policy.percent_base if stated is None else stated


def _whole_lines(
    promotion: Promotion, document: Document, policy: PromotionPolicy, lines: list[int]
) -> Claim:
    benefit = promotion.benefit
    left = {line: document.left[line] for line in lines}
    times = _ONE
    if promotion.repeat == Repeat.PER_UNIT:
        times = added(whole(document.units(line)) for line in lines)
        if promotion.max_applications is not None:
            times = min(times, Decimal(promotion.max_applications))
    elif promotion.max_applications == 0:
        times = ZERO
    claim = Claim(amounts=left, applications=int(times))
    if isinstance(benefit, PercentOff):
        claim.each_line = True
        ratio, base = benefit.percent.ratio, _percent_base(promotion, policy)
        claim.amounts = {line: _percent_of_line(document, line, ratio, times, base) for line in lines}
        claim.total = added(claim.amounts.values())
    else:
        claim.one_amount = True
        whole_value = added(left.values())
        if isinstance(benefit, AmountOff):
            amount = converted(document, benefit.amount, benefit.amount_is, left)
            claim.total = min(whole_value, multiply(amount, times))
        elif isinstance(benefit, SetPrice) and times:
            price = converted(document, benefit.price, benefit.amount_is, left)
            claim.total = max(ZERO, subtract(whole_value, multiply(price, times)))
    if policy.counts == Counts.WHEN_CONDITION_HOLDS and promotion.repeat == Repeat.ONCE:
        claim.applications = idle_applications(promotion, document, policy, lines)
    return claim


def _percent_of_line(
    document: Document, line: int, ratio: Decimal, times: Decimal, base: PercentBase
) -> Decimal:
    left = document.left[line]
    if base == PercentBase.INITIAL:
        return min(left, multiply(document.initial[line], multiply(ratio, times)))
    if times == _ONE:
        return multiply(left, ratio)
    return subtract(left, multiply(left, power(subtract(_ONE, ratio), times)))


def _each_unit(promotion: Promotion, document: Document, policy: PromotionPolicy) -> Claim:
    runs = document.runs(document.receiving(promotion.on), whole_units=False)
    most = promotion.max_units_per_line
    if most is not None:
        runs = [attrs.evolve(run, units=min(most, run.units)) for run in runs if most]
    if promotion.max_items is not None:
        runs, _ = first_units(in_order(runs, policy.units), promotion.max_items)
    return _take(promotion, document, policy, [(run.units, ((run, _ONE),)) for run in runs])


def _of_units(
    promotion: Promotion, document: Document, policy: PromotionPolicy, runs: list[Run], *, size: Decimal
) -> Claim:
    count = earned(promotion, document, policy, size)
    every = list(groups(runs, size, count)) if size else []
    claim = _take(promotion, document, policy, every)
    given = added(many for many, _ in every)
    claim.applications = int(count if policy.counts == Counts.WHEN_CONDITION_HOLDS else given)
    return claim


def _take(
    promotion: Promotion,
    document: Document,
    policy: PromotionPolicy,
    every: Iterable[tuple[Decimal, tuple[tuple[Run, Decimal], ...]]],
) -> Claim:
    """The claim on groups of units, each taken `many` times."""
    benefit = promotion.benefit
    claim = Claim(each_line=True)
    if not isinstance(benefit, AmountOff | SetPrice):
        units: dict[int, Decimal] = {}
        for many, members in every:
            for run, part in members:
                units[run.line] = add(units.get(run.line, ZERO), multiply(many, part))
        percent = benefit.percent if isinstance(benefit, PercentOff) else _FREE
        _take_percent(claim, document, units, percent, _percent_base(promotion, policy))
        return claim
    for many, members in every:
        values = {run.line: document.value_of(run.line, part) for run, part in members}
        value = added(values.values())
        if isinstance(benefit, AmountOff):
            taken = min(value, converted(document, benefit.amount, benefit.amount_is, values))
        else:
            price = converted(document, benefit.price, benefit.amount_is, values)
            taken = max(ZERO, subtract(value, price))
        for run, part in members:
            if taken == value:
                claim.freed[run.line] = add(claim.freed.get(run.line, ZERO), multiply(many, part))
            else:
                share = taken if len(members) == 1 else divide(multiply(taken, values[run.line]), value)
                amount = multiply(many, share)
                claim.amounts[run.line] = add(claim.amounts.get(run.line, ZERO), amount)
        if taken != value:
            claim.total = add(claim.total, multiply(many, taken))
            claim.each_line = claim.each_line and len(members) == 1
    for line, count in claim.freed.items():
        value = document.value_of(line, count)
        claim.amounts[line] = add(claim.amounts.get(line, ZERO), value)
        claim.total = add(claim.total, value)
    return claim


def _take_percent(
    claim: Claim, document: Document, units: dict[int, Decimal], percent: Percent, base: PercentBase
) -> None:
    ratio = percent.ratio
    for line, count in units.items():
        value = document.value_of(line, count)
        if ratio == _ONE:
            claim.amounts[line], claim.freed[line] = value, count
        elif base == PercentBase.INITIAL:
            claim.amounts[line] = min(value, multiply(document.price_of(line, count), ratio))
        else:
            claim.amounts[line] = multiply(value, ratio)
    claim.total = added(claim.amounts.values())


def _free_product(promotion: Promotion, benefit: FreeProduct, document: Document) -> Claim | MinimumQuantity:
    rewards = _ONE
    if benefit.points_per_unit is not None:
        earning = next(
            (each for each in (promotion.condition.of, promotion.on) if not each.is_everything),
            LineFilter(products=(benefit.product,)),
        )
        units = added(document.units(line) for line in document.matching(earning))
        rewards = whole(divide(multiply(units, benefit.points_per_unit), benefit.points))
        if not rewards:
            return MinimumQuantity(found=units, wanted=divide(benefit.points, benefit.points_per_unit))
    if promotion.max_applications is not None:
        rewards = min(rewards, Decimal(promotion.max_applications))
    claim = Claim(applications=int(rewards))
    if rewards:
        claim.free_product = (benefit.product, multiply(rewards, benefit.quantity))
    return claim


@attrs.frozen(kw_only=True)
class _Gifts:
    """The units that earn and those that can be given, in the order in which they do.

    Attributes:
        benefit: how many earn how many.
        buying: units that earn.
        giving: units that can be given, if they do not earn.
        get_quantity: what happens when fewer are there than are given.
    """

    benefit: BuyGet
    buying: list[Run]
    giving: list[Run]
    get_quantity: GetQuantity

    def earning(self, count: int) -> dict[int, Decimal]:
        """Units of each line that earn so many applications."""
        runs, _ = first_units(self.buying, multiply(Decimal(count), self.benefit.buy_quantity))
        return {run.line: run.units for run in runs}

    def givable(self, count: int) -> list[Run]:
        """What can be given once the units that earn so many applications are set apart."""
        apart = self.earning(count)
        rest = (
            attrs.evolve(run, units=subtract(run.units, apart.get(run.line, ZERO))) for run in self.giving
        )
        return [run for run in rest if run.units > 0]

    def most(self, limit: int) -> int:
        """The largest number of applications up to a limit; the more there are, the fewer units are left to give."""
        low, high = 0, limit
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._fits(middle) else (low, middle - 1)
        return low

    def _fits(self, count: int) -> bool:
        there = added(run.units for run in self.givable(count))
        if self.get_quantity == GetQuantity.WHOLE:
            return there >= multiply(Decimal(count), self.benefit.get_quantity)
        return there > multiply(Decimal(count - 1), self.benefit.get_quantity)


def _buy_get(
    promotion: Promotion, benefit: BuyGet, document: Document, policy: PromotionPolicy
) -> Claim | MinimumQuantity | NotEnoughToGive:
    gifts = _gifts(benefit, document, policy)
    bought = added(run.units for run in gifts.buying)
    limit = whole(divide(bought, benefit.buy_quantity))
    if not limit:
        return MinimumQuantity(found=bought, wanted=benefit.buy_quantity)
    if promotion.max_applications is not None:
        limit = min(limit, Decimal(promotion.max_applications))
    elif policy.applications == Applications.ONCE:
        limit = _ONE
    count = gifts.most(int(limit))
    if not count:
        if not limit:
            return Claim(applications=0)
        return NotEnoughToGive(
            found=added(run.units for run in gifts.givable(1)), wanted=benefit.get_quantity
        )
    given, _ = first_units(gifts.givable(count), multiply(Decimal(count), benefit.get_quantity))
    units = {run.line: run.units for run in given}
    claim = Claim(each_line=True, applications=count, spent=gifts.earning(count))
    _take_percent(claim, document, units, benefit.percent, policy.percent_base)
    for line, part in units.items():
        if line not in claim.freed:
            claim.spent[line] = add(claim.spent.get(line, ZERO), part)
    return claim


def _gifts(benefit: BuyGet, document: Document, policy: PromotionPolicy) -> _Gifts:
    paid = [line for line in document.matching(benefit.buy) if document.left[line] > 0]
    given_of = document.receiving(benefit.get)
    both = set(given_of)
    return _Gifts(
        benefit=benefit,
        # Units that cannot be given earn first, so that most is given whatever the order of the lines is.
        buying=sorted(
            in_order(_unspent(document, policy, paid), UnitOrder.DEAREST), key=lambda run: run.line in both
        ),
        giving=in_order(
            _unspent(document, policy, given_of), policy.units if benefit.choose is None else benefit.choose
        ),
        get_quantity=policy.get_quantity,
    )


def _unspent(document: Document, policy: PromotionPolicy, lines: list[int]) -> list[Run]:
    """The units of lines that are not free, and served no other `BuyGet` if the policy asks for that."""
    runs = document.runs(lines)
    if policy.earning_units == EarningUnits.ONCE:
        runs = [attrs.evolve(run, units=subtract(run.units, document.spent[run.line])) for run in runs]
    return [run for run in runs if run.units > 0]
