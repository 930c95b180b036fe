"""The all-in effective discount: everything that lies between a frozen reference and the money received."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

import attrs

from salesmgmt.core.exact import divide
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.quotes._references import goods_of, has_list_price, terms_of
from salesmgmt.cpq.quotes.line import QuoteLine, discount
from salesmgmt.cpq.quotes.version import QuoteVersion


@attrs.frozen(kw_only=True)
class EffectiveDiscount:
    """What is given away, whatever the field in which it is given.

        percent = 100 * (reference - received) / reference

    `reference` is the price for everybody as it was when each line was first priced, times the units that are delivered
    (free ones included), times the length of the term that is delivered (free months included), at the exchange rate of
    that day. `received` is the net amount: after percentages and amounts off, prices set by hand, coupons, shares of
    discounts on the whole, and roundings. So the same money for the same goods is the same discount. That one price, and
    not the sum of the fields in which discounts were entered, is compared with a limit is the "pocket price" of Marn and
    Rosiello (Managing Price, Gaining Profit, Harvard Business Review, 1992).

    Attributes:
        reference: what the goods are measured against; `None` when that is not known.
        received: what is received for them.
        lines: ids of the lines it is about.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes import EffectiveDiscount
    >>> EffectiveDiscount(reference=Money(1200, "EUR"), received=Money(1000, "EUR"), lines=("1", "1+dock")).percent
    Percent('16.66666666666666666666666666666667')
    """

    reference: Money | None
    received: Money
    lines: tuple[str, ...]

    @property
    def given(self) -> Money | None:
        """What is given away."""
        return None if self.reference is None else self.reference - self.received

    @property
    def percent(self) -> Percent | None:
        """What is given away in percent of the reference.

        Goods that cost nobody anything have no discount, unless money is given back with them; then it is not known.
        """
        if self.reference is None:
            return None
        if not self.reference:
            return Percent(0) if self.received.amount >= 0 else None
        return discount(self.reference, self.received)


def reference_of(line: QuoteLine) -> Money | None:
    """What a line is measured against, in the currency of the quote; `None` when that is not known.

    A line that was never fixed, as one made by hand, is measured against its list amount.
    """
    terms = terms_of(line)
    if line.reference is None:
        if not has_list_price(line):
            return None
        return line.list_amount if terms is None else line.list_amount * terms
    return line.reference.amount_of(
        line.quantity, line.list_amount.currency, starts=line.starts, ends=line.ends, terms=terms
    )


def list_for_term(line: QuoteLine) -> Money | None:
    """What a line is at the price for everybody, for its own term; `None` when it has one and no waterfall to say its length.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes import QuoteLine, list_for_term
    >>> plain = {"position": 0, "product": "dock", "quantity": Decimal(1), "share": Money(0, "EUR")}
    >>> amounts = {"list_amount": Money(100, "EUR"), "net_amount": Money(90, "EUR")}
    >>> list_for_term(QuoteLine(**plain, **amounts))
    Money('100', 'EUR')
    >>> list_for_term(QuoteLine(**plain, **amounts, starts=date(2026, 1, 1), ends=date(2029, 1, 1))) is None
    True
    """
    terms = terms_of(line)
    if terms is not None:
        return line.list_amount * terms
    has_term = line.starts is not None and line.ends is not None
    return None if has_term and not line.waterfall else line.list_amount


def line_discounts(version: QuoteVersion) -> dict[str, EffectiveDiscount]:
    """The effective discount of each line with a price, by its id.

    Lines of the same goods that come in any case are one: a line at full price beside one that is free is the same as two at
    half the price. What comes with an option or alternative, or may be replaced by one, is measured with nothing but that.
    Units that a rule adds belong to the line they come with where they are the same product.
    """
    choices = version.structure.choices
    by_id = {line.id: line for line in version.lines}
    pools: dict[object, list[QuoteLine]] = {}
    for line in version.lines:
        with_it = by_id.get(line.parent)
        is_more = bool(line.added_by) and with_it is not None and with_it.product == line.product
        one = with_it if is_more and with_it is not None else line
        pools.setdefault((choices[line.id], goods_of(one)), []).append(line)
    return {line.id: found for pool in pools.values() for found in (_together(pool),) for line in pool}


def effective_discount(version: QuoteVersion) -> EffectiveDiscount | None:
    """The effective discount of the required lines of a version; `None` while one has no price."""
    if version.required_unpriced:
        return None
    return _together(version.required_lines, version.currency)


def _together(lines: Iterable[QuoteLine], currency: str = "") -> EffectiveDiscount:
    pool = tuple(lines)
    references = [reference_of(line) for line in pool]
    code = currency or pool[0].net_amount.currency
    known = [reference for reference in references if reference is not None]
    return EffectiveDiscount(
        reference=Money.total(known, code) if len(known) == len(references) else None,
        received=Money.total((line.net_amount for line in pool), code),
        lines=tuple(line.id for line in pool),
    )


def deepest_discount(version: QuoteVersion) -> Percent | None:
    """The deepest effective discount that the customer can reach by what he takes; `None` when it is not known.

    Each optional line may be taken or not, and each alternative in place of its line. The best ratio of two sums over such
    choices is found by Dinkelbach (On Nonlinear Fractional Programming, Management Science 13, 1967), exactly. Options
    within options are taken each on its own, so that the answer is never too low.
    """
    if version.unpriced:
        return None

    def parts(line: QuoteLine) -> tuple[Fraction, Fraction] | None:
        reference = reference_of(line)
        if reference is None:
            return None
        return Fraction((reference - line.net_amount).amount), Fraction(reference.amount)

    return _percent(_worst(version, parts))


def thinnest_margin(version: QuoteVersion, cost_of: Callable[[QuoteLine], Money | None]) -> Percent | None:
    """The thinnest margin, in percent of what is paid, that the customer can reach; `None` when it is not known.

    Args:
        version: the version.
        cost_of: what a line costs the seller; `None` when that is not known.
    """
    if version.unpriced:
        return None

    def parts(line: QuoteLine) -> tuple[Fraction, Fraction] | None:
        cost = cost_of(line)
        return None if cost is None else (Fraction(cost.amount), Fraction(line.net_amount.amount))

    share = _worst(version, parts)
    return None if share is None else _percent(1 - share)


def reachable(
    version: QuoteVersion, currency: str, amount_of: Callable[[QuoteLine], Money | None]
) -> tuple[Money, Money] | None:
    """The lowest and the highest sum of an amount of lines that the customer can reach; `None` when it is not known.

    Args:
        version: the version.
        currency: of the amounts.
        amount_of: the amount of a line; `None` when that is not known.
    """
    if version.unpriced:
        return None
    amounts: dict[str, Money] = {}
    for line in version.lines:
        amount = amount_of(line)
        if amount is None:
            return None
        amounts[line.id] = amount
    low = high = Money.zero(currency)
    for slot in _slots(version):
        sums = [Money.total((amounts[name] for name in unit), currency) for unit in slot]
        low, high = low + min(sums), high + max(sums)
    return low, high


def _percent(ratio: Fraction | None) -> Percent | None:
    if ratio is None:
        return None
    return Percent.of_ratio(divide(Decimal(ratio.numerator), Decimal(ratio.denominator)))


def _worst(
    version: QuoteVersion, parts: Callable[[QuoteLine], tuple[Fraction, Fraction] | None]
) -> Fraction | None:
    """The highest ratio of two sums over what the customer may take."""
    measured = {}
    for line in version.lines:
        found = parts(line)
        if found is None:
            return None
        measured[line.id] = found
    slots = [[_sums(measured[name] for name in unit) for unit in slot] for slot in _slots(version)]
    ratio: Fraction | None = None
    chosen = [slot[0] for slot in slots]
    if _sums(chosen)[1] <= 0:  # nothing is required: begin with all that may be taken
        chosen = [slot[-1] for slot in slots]
    while True:
        given, whole = _sums(chosen)
        if ratio is not None and given <= ratio * whole:
            return ratio
        if whole <= 0:
            return None
        ratio = given / whole
        chosen = [max(slot, key=_worth(ratio)) for slot in slots]


def _sums(pairs: Iterable[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    given = whole = Fraction(0)
    for one, other in pairs:
        given, whole = given + one, whole + other
    return given, whole


def _worth(ratio: Fraction) -> Callable[[tuple[Fraction, Fraction]], Fraction]:
    return lambda unit: unit[0] - ratio * unit[1]


def _slots(version: QuoteVersion) -> Iterator[list[tuple[str, ...]]]:
    """What is taken in any case, and each choice: the lines of each of its answers, of which one is taken."""
    choices = version.structure.choices
    units: dict[str, list[str]] = {"": []}
    for line in version.lines:
        units.setdefault(choices[line.id], []).append(line.id)
    yield [tuple(units.pop(""))]
    by_id = {line.id: line for line in version.lines}
    instead: dict[str, list[str]] = {name: [] for name in units if not by_id[name].alternative_of}
    for name in units:
        if by_id[name].alternative_of:
            instead[by_id[name].alternative_of].append(name)
    for base, others in instead.items():
        may_stay_away = by_id[base].optional or choices.get(by_id[base].parent, "")
        yield [*([()] if may_stay_away else []), *(tuple(units[name]) for name in (base, *others))]
