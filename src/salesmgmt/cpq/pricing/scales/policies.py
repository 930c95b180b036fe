"""The conventions of quantity scales, each a named choice."""

from __future__ import annotations

from enum import StrEnum


class ScaleType(StrEnum):
    """How the tiers make a price."""

    ALL_UNITS = "all_units"
    """The tier of the whole quantity applies to all of it."""
    GRADUATED = "graduated"
    """Each part of the quantity is charged in its own tier."""
    BLOCK = "block"
    """The tier of the whole quantity gives one price for the line, its flat amount."""
    PACKAGE = "package"
    """The tier of the whole quantity says what a package costs; packages are counted, not units."""


class Basis(StrEnum):
    """What number decides the tier. The host computes it; a scale only takes it."""

    QUANTITY = "quantity"
    """The quantity in base units."""
    VALUE = "value"
    """The amount before the scale."""
    WEIGHT = "weight"
    """The weight."""
    VOLUME = "volume"
    """The volume."""
    ATTRIBUTE = "attribute"
    """A numeric attribute of the line, named by `Scale.attribute`."""


class AggregateOver(StrEnum):
    """Over what the basis is added up before it decides the tier."""

    LINE = "line"
    """Each line by itself."""
    PRODUCT_FAMILY = "product_family"
    """All lines of the same product family."""
    GROUP = "group"
    """All lines of the same group of the document."""
    DOCUMENT = "document"
    """All lines of the document."""
    CUSTOMER_PERIOD = "customer_period"
    """The lines of one product, and what the customer bought of it, or of its family, before in the period."""


class Standing(StrEnum):
    """Where the units of a line stand in a graduated scale when more than the line is counted."""

    AVERAGE = "average"
    """They are mixed with the others: the line bears its share of what all of them cost."""
    ON_TOP = "on_top"
    """They come last, after all others counted: the line costs what it adds."""


class ZeroQuantity(StrEnum):
    """What a quantity of zero costs."""

    NOTHING = "nothing"
    """Nothing: it enters no tier."""
    FIRST_TIER = "first_tier"
    """It enters the first tier, whose flat amount or block price is charged."""


class BeyondLast(StrEnum):
    """What a quantity beyond the last tier costs."""

    NO_PRICE = "no_price"
    """It is in no tier, see `Uncovered`."""
    LAST_TIER = "last_tier"
    """The last tier lasts for ever, whatever its upper bound says."""
    OVERAGE = "overage"
    """The last tier up to its end, and its `overage_unit` for each unit beyond."""


class Uncovered(StrEnum):
    """What units cost that are in no tier: before the first, in a gap, or beyond the last."""

    NO_PRICE = "no_price"
    """There is no price (`OutOfScale`)."""
    LIST_PRICE = "list_price"
    """The list price: a schedule of discounts gives none there."""


class Boundary(StrEnum):
    """Which bounds belong to a tier."""

    LOWER_INCLUSIVE = "lower_inclusive"
    """`lower <= q < upper`: a tier holds from its lower bound on."""
    UPPER_INCLUSIVE = "upper_inclusive"
    """`lower < q <= upper`: a tier holds up to its upper bound."""
    BOTH_INCLUSIVE = "both_inclusive"
    """`lower <= q <= upper`: tiers name whole units, such as 1-9 and 10-19; 9.5 is in none."""


class Counting(StrEnum):
    """How a graduated scale cuts a quantity at bounds of which the lower one is inclusive."""

    MEASURE = "measure"
    """The quantity is a length from zero, cut at the bounds: with tiers from 0 and from 10, of 25 ten are in the first
    and fifteen in the second. So are values, weights and hours counted."""
    UNITS = "units"
    """Units are numbered from 1, and each is in the tier that holds its number: with tiers from 1 and from 10, of 25
    nine are in the first and sixteen in the second."""


class PartialPackage(StrEnum):
    """What a package costs that is not full."""

    FULL = "full"
    """As much as a full one: 11 units are two packages of 10."""
    PRORATED = "prorated"
    """Its share: 11 units are 1.1 packages of 10."""
    NONE = "none"
    """Nothing: 19 units are one package of 10."""
