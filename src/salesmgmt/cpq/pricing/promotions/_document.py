"""The state of a document between two promotions: what is left of each line, and which units became free."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import CONTEXT, add, divide, multiply, subtract
from salesmgmt.core.money import CurrencyMismatch
from salesmgmt.core.rounding import Rounding, RoundingMode
from salesmgmt.cpq.pricing.promotions._units import Run, whole
from salesmgmt.cpq.pricing.promotions.line import LineKind, PromotionLine
from salesmgmt.cpq.pricing.promotions.line_filter import LineFilter
from salesmgmt.cpq.pricing.promotions.policy import AmountsAre, LineTies, PromotionPolicy
from salesmgmt.cpq.pricing.tax_basis import TaxBasis

ZERO = Decimal(0)
_ONE = Decimal(1)
_HUNDRED = Decimal(100)
_FINEST = 26
"""Digits behind the first one of the whole document; seven of the 34 stay for sums."""


def added(numbers: Iterable[Decimal]) -> Decimal:
    """The sum, exact to 34 digits."""
    total = ZERO
    for number in numbers:
        total = add(total, number)
    return total


class Document:
    """Lines in an order that ties are decided by, with amounts in the basis of the policy.

    Attributes:
        lines: the lines in that order.
        positions: where each of them stands on the document.
        basis: net or gross: what `initial` and `left` are.
        line_basis: what the amounts of the lines are.
        initial: amount of each line before promotions.
        left: amount of each line after the promotions so far.
        taken: units of each line that became free.
        spent: units of each line that are not free but serve no other `BuyGet`.
        unnamed: the kind of lines that a selection means which names none: goods, if there are any.
        finest: the rounding of amounts that nobody rounds: to so many digits that every sum of them is exact.
    """

    __slots__ = (
        "basis",
        "currency",
        "factors",
        "finest",
        "initial",
        "left",
        "line_basis",
        "lines",
        "positions",
        "spent",
        "taken",
        "unnamed",
    )

    def __init__(
        self,
        lines: Sequence[PromotionLine],
        *,
        currency: str,
        tax_included: bool,
        policy: PromotionPolicy,
    ) -> None:
        _check(lines, currency)
        self.currency = currency
        self.positions = list(range(len(lines)))
        if policy.ties == LineTies.ID:
            self.positions.sort(key=lambda position: lines[position].id)
        self.lines = [lines[position] for position in self.positions]
        self.line_basis = TaxBasis.GROSS if tax_included else TaxBasis.NET
        self.basis = (
            self.line_basis if policy.amounts == AmountsAre.AS_LINES else TaxBasis(str(policy.amounts))
        )
        # One plus the tax rate: what a net amount is multiplied with to get the gross one.
        self.factors = [add(_ONE, divide(line.tax_percent.points, _HUNDRED)) for line in self.lines]
        self.initial = [
            self._converted(line.amount.amount, factor, self.line_basis, self.basis)
            for line, factor in zip(self.lines, self.factors, strict=True)
        ]
        size = added(amount.copy_abs() for amount in self.initial).adjusted()
        self.finest = Rounding(RoundingMode.HALF_EVEN, _ONE.scaleb(size - _FINEST, CONTEXT))
        if self.basis != self.line_basis:
            self.initial = [plain(self.finest.apply(amount)) for amount in self.initial]
        self.left = list(self.initial)
        goods = any(line.kind == LineKind.GOODS for line in lines)
        self.unnamed = LineKind.GOODS if goods or not lines else LineKind.SHIPPING
        self.taken = [ZERO] * len(self.lines)
        self.spent = [ZERO] * len(self.lines)

    @staticmethod
    def _converted(amount: Decimal, factor: Decimal, given: TaxBasis, wanted: TaxBasis) -> Decimal:
        if given == wanted or factor == _ONE:
            return amount
        return multiply(amount, factor) if wanted == TaxBasis.GROSS else divide(amount, factor)

    def amount_in(self, basis: TaxBasis, line: int, amount: Decimal) -> Decimal:
        """An amount of this document's basis on a line, in another basis."""
        return self._converted(amount, self.factors[line], self.basis, basis)

    def amount_from(self, basis: TaxBasis, line: int, amount: Decimal) -> Decimal:
        """An amount at the tax rate of a line, from one basis to the other."""
        other = TaxBasis.GROSS if basis == TaxBasis.NET else TaxBasis.NET
        return self._converted(amount, self.factors[line], basis, other)

    def matching(self, selection: LineFilter) -> list[int]:
        """Positions of the lines that a selection means, in order."""
        means = _meant(selection, self.unnamed)
        return [position for position, line in enumerate(self.lines) if means(line)]

    def units(self, line: int) -> Decimal:
        """Units of a line that are not free."""
        return subtract(self.lines[line].quantity, self.taken[line])

    def value_of(self, line: int, units: Decimal) -> Decimal:
        """What is left of so many units of a line; of all of them it is what is left of the line, exactly."""
        every = self.units(line)
        return self.left[line] if units == every else divide(multiply(self.left[line], units), every)

    def price_of(self, line: int, units: Decimal) -> Decimal:
        """What so many units of a line cost before promotions."""
        quantity = self.lines[line].quantity
        return (
            self.initial[line] if units == quantity else divide(multiply(self.initial[line], units), quantity)
        )

    def run(self, line: int, *, whole_units: bool = True) -> Run | None:
        """The units of a line that are not free; `None` when there are none."""
        units = self.units(line)
        if whole_units:
            units = whole(units)
        if units <= 0:
            return None
        return Run(line, self.positions[line], units, self.price_of(line, _ONE), self.value_of(line, _ONE))

    def runs(self, lines: Iterable[int], *, whole_units: bool = True) -> list[Run]:
        """The units of lines that are not free."""
        runs = (self.run(line, whole_units=whole_units) for line in lines)
        return [run for run in runs if run is not None]

    def receiving(self, selection: LineFilter) -> list[int]:
        """Positions of the lines of a selection that a promotion may take something from."""
        return [
            line for line in self.matching(selection) if self.lines[line].discountable and self.left[line] > 0
        ]


def _meant(selection: LineFilter, unnamed: LineKind) -> Callable[[PromotionLine], bool]:
    if selection.is_everything:
        return lambda line: line.kind == unnamed
    lines, products, categories = map(frozenset, (selection.lines, selection.products, selection.categories))
    kind = selection.kind
    any_named = bool(lines or products or categories)

    def means(line: PromotionLine) -> bool:
        if kind is not None and line.kind != kind:
            return False
        if not any_named or line.id in lines or line.product in products:
            return True
        return (kind is not None or line.kind == unnamed) and not categories.isdisjoint(line.categories)

    return means


def _check(lines: Sequence[PromotionLine], currency: str) -> None:
    seen: set[str] = set()
    problems = []
    for position, line in enumerate(lines):
        if line.id in seen:
            problems.append(
                Problem(f"lines[{position}].id", "duplicate_id", line.id, "an id of its own for each line")
            )
        seen.add(line.id)
        if line.amount.currency != currency:
            raise CurrencyMismatch(currency, line.amount.currency)
    if problems:
        raise InvalidInput("the lines of a document", problems)


def plain(number: Decimal) -> Decimal:
    """Without the zeros that a finest step leaves behind."""
    short = number.normalize(CONTEXT)
    return short if int(short.as_tuple().exponent) <= 0 else short.quantize(_ONE, context=CONTEXT)


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """A power of a number between 0 and 1; zero once it is below every amount."""
    if not base or not exponent:
        return ZERO if not base and exponent else _ONE
    # 10^-60 of any amount is beyond its 34 digits, so nothing visible is lost.
    if multiply(exponent, CONTEXT.log10(base)) < -60:
        return ZERO
    return CONTEXT.power(base, exponent)
