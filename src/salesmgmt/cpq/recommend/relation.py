"""One relation between things that are sold: what goes with what, what is better, what shuts out what."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.exact import Number, exact, multiply
from salesmgmt.core.rounding import Rounding


class RelationKind(StrEnum):
    """How two things that are sold are related.

    >>> from salesmgmt.cpq.recommend import RelationKind
    >>> RelationKind("upgrade").replaces
    True
    """

    ACCESSORY = "accessory"
    """Belongs to it."""
    UPGRADE = "upgrade"
    """Is the better one, in its place."""
    SUBSTITUTE = "substitute"
    """Does the same, in its place."""
    COMPLEMENT = "complement"
    """Goes well with it."""
    REQUIRED_SERVICE = "required_service"
    """A service without which it cannot be used."""
    EXCLUDES = "excludes"
    """Is not offered to those who have it or ask for it."""

    @property
    def replaces(self) -> bool:
        """Whether it is offered in place of the line, and not beside it."""
        return self in _REPLACING


_REPLACING = frozenset({RelationKind.UPGRADE, RelationKind.SUBSTITUTE})


def _kind(value: RelationKind | str) -> RelationKind:
    return option(RelationKind, value, "the kind of a relation")


def _ratio(value: Number) -> Decimal:
    return exact(value, "the ratio of a relation")


def _step(value: Number) -> Decimal:
    return exact(value, "the step of a relation")


@attrs.frozen(kw_only=True)
class Relation:
    """Whoever has or wants one thing may want another.

    Attributes:
        id: its name; by default the place in its file.
        row: its line in the file; 0 when it was made in Python.
        kind: how they are related.
        product: id of the product that it starts from; empty when it starts from a family or category.
        family: the family that it starts from.
        category: the category that it starts from, with all below it.
        offer: id of the product that it leads to; empty when it leads to a family or category.
        offer_family: the family that it leads to: each of its products is offered by itself.
        offer_category: the category that it leads to.
        ratio: units of it for each unit of the line, above zero; what comes out is rounded up to `step`. In place of a line
            it is one for one unless this says otherwise.
        step: the smallest quantity of it, above zero.
        condition: a formula over the names of the pricing procedure that must hold for the line; empty for always. While a
            fact is missing, a relation that excludes holds, and no other.
        once: whether a customer who has one already is not offered another.
        attribute: an attribute of the configured product on the line that says whether it can be had; empty for none.
        value: the value of that attribute with which it can be had.

    Raises:
        InvalidInput: it does not start from one thing or lead to one, an attribute lacks its value, or a number is not
            above zero.

    >>> from salesmgmt.cpq.recommend import Relation
    >>> rack = Relation(id="r-1", kind="accessory", product="dock", offer="rack", ratio="0.1")
    >>> str(rack.quantity_for(25))
    '3'
    """

    FILE: ClassVar[str] = "relations.csv"

    id: str
    row: int = 0
    kind: RelationKind = attrs.field(converter=_kind)
    product: str = ""
    family: str = ""
    category: str = ""
    offer: str = ""
    offer_family: str = ""
    offer_category: str = ""
    ratio: Decimal = attrs.field(default=Decimal(1), converter=_ratio)
    step: Decimal = attrs.field(default=Decimal(1), converter=_step)
    condition: str = ""
    once: bool = False
    attribute: str = ""
    value: str = ""

    def __attrs_post_init__(self) -> None:
        problems = tuple(self._faults())
        if problems:
            raise InvalidInput(f"relation {shorten(self.id)}", problems)

    @property
    def where(self) -> str:
        """Its place in the reader's terms."""
        return f"{self.FILE} row {self.row}" if self.row else self.id

    @property
    def source(self) -> tuple[str, str]:
        """What it starts from: `product`, `family` or `category`, and its id."""
        return _one(("product", self.product), ("family", self.family), ("category", self.category))

    @property
    def target(self) -> tuple[str, str]:
        """What it leads to, in the same way."""
        return _one(("product", self.offer), ("family", self.offer_family), ("category", self.offer_category))

    def quantity_for(self, quantity: Number) -> Decimal:
        """How many units go with so many of the line: by the ratio, up to the next whole step."""
        return Rounding("up", self.step).apply(multiply(exact(quantity), self.ratio))

    def _faults(self) -> Iterator[Problem]:
        for names, what in ((_SOURCE, "start from"), (_TARGET, "lead to")):
            given = [name for name in names if getattr(self, name).strip()]
            if len(given) != 1:
                found = " and ".join(given) or None
                yield Problem(names[0], "one_of", found, f"one of {', '.join(names)} to {what}")
        for name in ("ratio", "step"):
            if getattr(self, name) <= 0:
                yield Problem(name, "not_positive", f"{getattr(self, name):f}", "above zero")
        if bool(self.attribute) is not bool(self.value):
            missing = "value" if self.attribute else "attribute"
            yield Problem(missing, "missing", None, "an attribute and its value, or neither")


_SOURCE = ("product", "family", "category")
_TARGET = ("offer", "offer_family", "offer_category")


def _one(*pairs: tuple[str, str]) -> tuple[str, str]:
    return next(pair for pair in pairs if pair[1])
