"""Quantity scales: what a quantity costs by tiers, and from which quantity on it costs something else."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from decimal import Decimal

import attrs

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.exact import Number, add, divide, exact, multiply, subtract
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.scales._bands import ONE, ZERO, Band, bands_of
from salesmgmt.cpq.pricing.scales._faults import scale_faults
from salesmgmt.cpq.pricing.scales._graduated import sections, share
from salesmgmt.cpq.pricing.scales.breaks import Cliff, NextBreak, cliffs, next_break
from salesmgmt.cpq.pricing.scales.charge import Charge, OutOfScale, TierPart
from salesmgmt.cpq.pricing.scales.policies import (
    AggregateOver,
    Basis,
    BeyondLast,
    Boundary,
    Counting,
    PartialPackage,
    ScaleType,
    Standing,
    Uncovered,
    ZeroQuantity,
)
from salesmgmt.cpq.pricing.scales.tier import Tier


def _free(value: Number) -> Decimal:
    return exact(value, "the free units of a scale")


def _in_order(tiers: Iterable[Tier]) -> tuple[Tier, ...]:
    return tuple(tiers)


@attrs.frozen(kw_only=True)
class Scale:
    """Tiers and the conventions by which they charge a quantity.

    Attributes:
        id: what a trace calls it.
        scale_type: how the tiers make a price.
        tiers: in order of their bounds, at least one.
        boundary: which bounds belong to a tier.
        counting: how a graduated scale cuts; tiers that are `both_inclusive` always number units.
        currency: of the amounts; empty when they are in that of the record that carries the scale, or when there are none.
        basis: what number decides the tier.
        attribute: of which attribute, for that basis.
        aggregate_over: over what the basis is added up.
        standing: where the units of a line stand in a graduated scale when more is counted.
        zero_quantity: what a quantity of zero costs.
        beyond_last: what a quantity beyond the last tier costs.
        uncovered: what units in no tier cost.
        partial_package: what a package costs that is not full.
        free_units: units of a package scale that cost nothing, before packages are counted.

    Raises:
        InvalidInput: no tiers, bounds that go down, a tier that does not fit the type, a last tier without the overage
            that is asked for, free units without packages, or a basis without its attribute.

    >>> from salesmgmt.cpq.pricing.scales.scale import Scale
    >>> from salesmgmt.cpq.pricing.scales.tier import Tier
    >>> scale = Scale(tiers=[Tier(unit_amount="1.40"), Tier(lower=100, unit_amount="1.25")])
    >>> scale.charge(99).amount, scale.charge(100).amount
    (Decimal('138.60'), Decimal('125.00'))
    """

    id: str = ""
    scale_type: ScaleType = attrs.field(default=ScaleType.ALL_UNITS, converter=ScaleType)
    tiers: tuple[Tier, ...] = attrs.field(converter=_in_order)
    boundary: Boundary = attrs.field(default=Boundary.LOWER_INCLUSIVE, converter=Boundary)
    counting: Counting = attrs.field(default=Counting.MEASURE, converter=Counting)
    currency: str = ""
    basis: Basis = attrs.field(default=Basis.QUANTITY, converter=Basis)
    attribute: str = ""
    aggregate_over: AggregateOver = attrs.field(default=AggregateOver.LINE, converter=AggregateOver)
    standing: Standing = attrs.field(default=Standing.AVERAGE, converter=Standing)
    zero_quantity: ZeroQuantity = attrs.field(default=ZeroQuantity.NOTHING, converter=ZeroQuantity)
    beyond_last: BeyondLast = attrs.field(default=BeyondLast.NO_PRICE, converter=BeyondLast)
    uncovered: Uncovered = attrs.field(default=Uncovered.NO_PRICE, converter=Uncovered)
    partial_package: PartialPackage = attrs.field(default=PartialPackage.FULL, converter=PartialPackage)
    free_units: Decimal = attrs.field(default=ZERO, converter=_free)

    bands: tuple[Band, ...] = attrs.field(init=False, repr=False, eq=False)
    """The tiers with all bounds filled in."""
    _lowers: tuple[Decimal, ...] = attrs.field(init=False, repr=False, eq=False)
    _is_graduated: bool = attrs.field(init=False, repr=False, eq=False)
    _holds_lower: bool = attrs.field(init=False, repr=False, eq=False)
    _holds_upper: bool = attrs.field(init=False, repr=False, eq=False)
    _only_percents: bool = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        open_end = self.beyond_last is BeyondLast.LAST_TIER
        bands = bands_of(self.tiers, self.boundary, self.counting, open_end=open_end)
        problems = scale_faults(self, bands)
        if problems:
            raise InvalidInput("scale", problems)
        object.__setattr__(self, "bands", bands)
        object.__setattr__(self, "_lowers", tuple(band.lower for band in bands))
        object.__setattr__(self, "_is_graduated", self.scale_type is ScaleType.GRADUATED)
        object.__setattr__(self, "_holds_lower", self.boundary is not Boundary.UPPER_INCLUSIVE)
        object.__setattr__(self, "_holds_upper", self.boundary is not Boundary.LOWER_INCLUSIVE)
        is_plain = self.scale_type is ScaleType.ALL_UNITS and self.basis is Basis.QUANTITY
        is_own = self.aggregate_over is AggregateOver.LINE and not self.currency
        by_percent = all(one.percent is not None and one.flat_amount is None for one in self.tiers)
        object.__setattr__(self, "_only_percents", is_plain and is_own and by_percent)

    def tier(self, quantity: Number) -> Tier | None:
        """The tier that holds a quantity, zero or more, by its bounds alone; `None` when none does.

        >>> from salesmgmt.cpq.pricing.scales.scale import Scale
        >>> from salesmgmt.cpq.pricing.scales.tier import Tier
        >>> scale = Scale(boundary="upper_inclusive", tiers=[Tier(upper=5, unit_amount=7), Tier(unit_amount=6)])
        >>> scale.tier(5).unit_amount, scale.tier(0)
        (Decimal('7'), None)
        """
        band = self._band(exact(quantity))
        return None if band is None else band.tier

    def percent_off(self, quantity: Decimal) -> Percent | None:
        """What a quantity above zero takes off, where the percentage of its tier alone decides that; else `None`.

        A short way past `charge`: `None` says that the answer must be sought there.

        >>> from decimal import Decimal
        >>> from salesmgmt.core.percent import Percent
        >>> from salesmgmt.cpq.pricing.scales.scale import Scale
        >>> from salesmgmt.cpq.pricing.scales.tier import Tier
        >>> Scale(tiers=[Tier(percent=Percent(0)), Tier(lower=10, percent=Percent(5))]).percent_off(Decimal(12))
        Percent('5')
        """
        band = self._band(quantity) if self._only_percents else None
        return None if band is None else band.tier.percent

    def charge(
        self,
        quantity: Number,
        *,
        basis: Number | None = None,
        reached: Number | None = None,
        list_price: Number | None = None,
    ) -> Charge | OutOfScale:
        """What a quantity costs; exact to 34 digits, nothing is rounded.

        Args:
            quantity: the units to charge.
            basis: the number of the line on the basis of the scale; the quantity itself by default.
            reached: the same added up over all that is counted together, which decides the tier; `basis` by default.
                What is charged once (a flat amount, a block) is then charged once for all of it, and the line bears
                the share `basis / reached`. How parts are shared, see `Standing`.
            list_price: of a unit, which tiers with a percentage or an amount off take off from.

        Returns:
            The charge, or `OutOfScale` when no tier holds what is reached, or that is negative.

        Raises:
            InvalidInput: a tier takes off from the list price, and none was given.
            NotANumber, OutOfRange: a number is none, or a result is too large.

        >>> from salesmgmt.core.percent import Percent
        >>> from salesmgmt.cpq.pricing.scales.scale import Scale
        >>> from salesmgmt.cpq.pricing.scales.tier import Tier
        >>> scale = Scale(tiers=[Tier(upper=10, percent=Percent(0)), Tier(percent=Percent(5))])
        >>> charge = scale.charge(4, reached=12, list_price=100)
        >>> charge.amount, charge.percent_off, charge.unit_amount
        (Decimal('380.00'), Percent('5'), Decimal('95.00'))
        """
        units = exact(quantity)
        own = units if basis is None else exact(basis)
        total = own if reached is None else exact(reached)
        price = None if list_price is None else exact(list_price)
        if total <= ZERO:
            return OutOfScale(total, "zero or more") if total else self._at_zero(units, price)
        if self._is_graduated:
            return self._graduated(units, own, total, price)
        band = self._band(total)
        if band is None:
            return self._outside(units, own, total, price)
        if band.simple is not None:
            amount = multiply(band.simple, units)
            return Charge(amount, units, band.simple, band.index, None, units)
        return self._whole(band, units, own, total, price)

    def next_break(
        self,
        quantity: Number,
        *,
        basis: Number | None = None,
        reached: Number | None = None,
        list_price: Number | None = None,
        step: Number = ONE,
    ) -> NextBreak | None:
        """How many more units reach the next tier, and what the line would cost then; `None` in the last tier.

        Args:
            quantity: the units of the line, as for `charge`.
            basis: as for `charge`. On a basis other than the quantity nobody knows what more units add to it, and the
                answer says only what must be reached.
            reached: as for `charge`.
            list_price: as for `charge`.
            step: in which steps the quantity is sold; one by default.

        Raises:
            InvalidInput: the step is not more than zero; and as `charge`.

        >>> from salesmgmt.cpq.pricing.scales.scale import Scale
        >>> from salesmgmt.cpq.pricing.scales.tier import Tier
        >>> scale = Scale(tiers=[Tier(unit_amount=10), Tier(lower=20, unit_amount=9)])
        >>> hint = scale.next_break(19)
        >>> hint.more, hint.charge.amount, hint.change
        (Decimal('1'), Decimal('180'), Decimal('-10'))
        """
        return next_break(self, quantity, basis=basis, reached=reached, list_price=list_price, step=step)

    def cliffs(self, *, list_price: Number | None = None, step: Number = ONE) -> tuple[Cliff, ...]:
        """Where the total falls from one quantity to the next, at the bounds of tiers; raises as `next_break`.

        >>> from salesmgmt.cpq.pricing.scales.scale import Scale
        >>> from salesmgmt.cpq.pricing.scales.tier import Tier
        >>> print(*Scale(tiers=[Tier(unit_amount=10), Tier(lower=20, unit_amount=9)]).cliffs())
        19 cost 190, 20 cost 180
        """
        return cliffs(self, list_price=list_price, step=step)

    def _band(self, reached: Decimal) -> Band | None:
        find = bisect_right if self._holds_lower else bisect_left
        position = find(self._lowers, reached)
        if not position:
            return None
        band = self.bands[position - 1]
        upper = band.upper
        if upper is None or reached < upper or (self._holds_upper and reached == upper):
            return band
        return None

    def _at_zero(self, units: Decimal, price: Decimal | None) -> Charge | OutOfScale:
        """What is charged when the basis is zero."""
        enters = self.zero_quantity is ZeroQuantity.FIRST_TIER
        if not units and not enters:
            return Charge(ZERO, units, self.bands[0].simple, None, None, ZERO, ())
        band = self.bands[0] if enters else self._band(ZERO)
        if band is None:
            return self._outside(units, ZERO, ZERO, price)
        return self._whole(band, units, ZERO, ZERO, price)

    def _whole(
        self, band: Band, units: Decimal, own: Decimal, total: Decimal, price: Decimal | None
    ) -> Charge:
        """What all units cost in one tier."""
        tier = band.tier
        counted = units
        if self.free_units:
            counted = max(subtract(units, self.free_units), ZERO)
        by_units, charged = band.units(counted, price, self.partial_package)
        once = tier.flat_amount
        if self.scale_type is ScaleType.BLOCK and tier.overage_unit is not None:
            over = subtract(total, self._overage_from(band))
            if over > ZERO:
                once = add(once or ZERO, multiply(tier.overage_unit, over))
        rate = band.unit_price(price)
        if once:
            by_units = add(by_units, once if own == total else share(once, own, total))
            rate = None
        if rate is None and units:
            rate = divide(by_units, units)
        return Charge(by_units, units, rate, band.index, tier.percent, charged)

    def _overage_from(self, band: Band) -> Decimal:
        if band.tier.overage_from is not None:
            return band.tier.overage_from
        at_end = self.beyond_last is BeyondLast.OVERAGE and band is self.bands[-1]
        return band.end if at_end and band.end is not None else band.lower

    def _outside(
        self, units: Decimal, own: Decimal, total: Decimal, price: Decimal | None
    ) -> Charge | OutOfScale:
        """What units cost that no tier holds."""
        last = self.bands[-1]
        if self.beyond_last is BeyondLast.OVERAGE and last.end is not None and total >= last.end:
            if self.scale_type is ScaleType.BLOCK or total == last.end:
                return self._whole(last, units, own, total, price)
            inside = share(units, last.end, total)
            charge = self._whole(last, inside, own, total, price)
            beyond = subtract(units, inside)
            part = TierPart(last.index, beyond, multiply(last.tier.overage_unit or ZERO, beyond), beyond)
            return self._joined((*charge.parts, part), units, price)
        if self.uncovered is Uncovered.LIST_PRICE and price is not None:
            nothing = Percent(0) if self._gives_percent else None
            return Charge(multiply(price, units), units, price, None, nothing, units)
        return OutOfScale(total, self._wanted(total))

    def _graduated(
        self, units: Decimal, own: Decimal, total: Decimal, price: Decimal | None
    ) -> Charge | OutOfScale:
        """What units cost that lie between two points of the axis, each part in its tier."""
        on_top = self.standing is Standing.ON_TOP
        begin = subtract(total, own) if on_top else ZERO
        if begin < ZERO or (on_top and own <= ZERO):
            return OutOfScale(total, f"a line of more than zero and at most {total:f}")
        overage = self.beyond_last is BeyondLast.OVERAGE
        found = list(sections(self.bands, begin, total, price, self.partial_package, overage=overage))
        if (self.uncovered is Uncovered.NO_PRICE or price is None) and any(one.tier is None for one in found):
            return OutOfScale(total, self._wanted(total))
        width = own if on_top else total
        if units == own == width:
            parts = tuple(section.part() for section in found)
        else:
            parts = tuple(section.of_line(units, width, own, width) for section in found)
        return self._joined(parts, units, price)

    def _joined(self, parts: tuple[TierPart, ...], units: Decimal, price: Decimal | None) -> Charge:
        """The charge of parts that stand in their order, at least one."""
        amount, charged, points = ZERO, ZERO, ZERO
        for part in parts:
            amount = add(amount, part.amount)
            charged = add(charged, part.charged_quantity)
            percent = None if part.tier is None else self.bands[part.tier].tier.percent
            if percent is not None:
                points = add(points, multiply(percent.points, part.quantity))
        only = None
        if len(parts) == 1 and parts[0].tier is not None:
            only = self.bands[parts[0].tier]
        rate = only.unit_price(price) if only is not None and only.tier.flat_amount is None else None
        if rate is None and units:
            rate = divide(amount, units)
        percent_off = None
        if only is not None:
            percent_off = only.tier.percent
        elif self._gives_percent:
            percent_off = Percent(divide(points, units)) if units else Percent(0)
        return Charge(amount, units, rate, parts[-1].tier, percent_off, charged, parts)

    @property
    def _gives_percent(self) -> bool:
        return all(band.tier.percent is not None for band in self.bands)

    def _wanted(self, reached: Decimal) -> str:
        """The tiers on both sides of a quantity that is in none."""
        below = [band for band in self.bands if band.lower <= reached]
        above = [band for band in self.bands if band.lower > reached]
        return " or ".join(self.bounds(band) for band in (*below[-1:], *above[:1]))

    def firsts(self, step: Decimal) -> Iterator[tuple[Band, Decimal]]:
        """Each tier with the smallest multiple of a step that reaches it; without those that no multiple reaches.

        >>> from decimal import Decimal
        >>> from salesmgmt.cpq.pricing.scales.scale import Scale
        >>> from salesmgmt.cpq.pricing.scales.tier import Tier
        >>> scale = Scale(boundary="upper_inclusive", tiers=[Tier(upper=5, unit_amount=7), Tier(unit_amount=6)])
        >>> [(band.index, first) for band, first in scale.firsts(Decimal(1))]
        [(0, Decimal('1')), (1, Decimal('6'))]
        """
        for band in self.bands:
            first = band.first(step, self.boundary, graduated=self._is_graduated)
            holds_any = band.end is None or band.start < band.end
            if holds_any if self._is_graduated else self._band(first) is band:
                yield band, first

    def bounds(self, band: Band) -> str:
        """The bounds of a tier in words.

        >>> from salesmgmt.cpq.pricing.scales.scale import Scale
        >>> from salesmgmt.cpq.pricing.scales.tier import Tier
        >>> scale = Scale(boundary="upper_inclusive", tiers=[Tier(upper=5, unit_amount=7), Tier(unit_amount=6)])
        >>> [scale.bounds(band) for band in scale.bands]
        ['more than 0 up to 5', 'more than 5']
        """
        start = "more than" if self.boundary is Boundary.UPPER_INCLUSIVE else "from"
        if band.upper is None:
            return f"{start} {band.lower:f}"
        end = "to below" if self.boundary is Boundary.LOWER_INCLUSIVE else "up to"
        return f"{start} {band.lower:f} {end} {band.upper:f}"
