"""What goes together and what does not, by formulas and sums: rules as data.

The formulas are those of `salesmgmt.core.formula`. The names in them are attributes: an `Attribute` is a text, a
`WholeNumber` or `DecimalNumber` a number, a `YesNo` a condition; an option is a condition, or a number when it has
quantities; a group or component is the number of its picks or instances.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import attrs

from salesmgmt.core.exact import exact
from salesmgmt.cpq.configure.attribute import canonical
from salesmgmt.cpq.configure.cell import OneOf


def _bound(value: Decimal | int | str | None) -> Decimal | str | None:
    return value if value is None or isinstance(value, str) else exact(value)


def _weights(weights: Mapping[str, Decimal | int | str]) -> Mapping[str, Decimal]:
    return {name: exact(weight) for name, weight in weights.items()}


@attrs.frozen(kw_only=True)
class Implies:
    """Where one condition holds, another must hold.

    Attributes:
        id: its name, unique in the model; a conflict names it.
        text: what people read about it.
        when: formula of the condition.
        then: formula of what must hold then.

    >>> from salesmgmt.cpq.configure import Implies
    >>> str(Implies(id="R3", when="motor != 'none'", then="battery >= 250"))
    "R3: motor != 'none' implies battery >= 250"
    """

    id: str
    text: str = ""
    when: str
    then: str

    def __str__(self) -> str:
        return f"{self.id}: {self.text or f'{self.when} implies {self.then}'}"


@attrs.frozen(kw_only=True)
class Arithmetic:
    """A formula that must hold.

    Attributes:
        id: its name, unique in the model; a conflict names it.
        text: what people read about it.
        formula: the condition, such as `width * depth <= 6 and width >= depth`.

    >>> from salesmgmt.cpq.configure import Arithmetic
    >>> str(Arithmetic(id="A1", formula="battery.capacity * battery >= 500"))
    'A1: battery.capacity * battery >= 500'
    """

    id: str
    text: str = ""
    formula: str

    def __str__(self) -> str:
        return f"{self.id}: {self.text or self.formula}"


@attrs.frozen(kw_only=True)
class Total:
    """A weighted sum over attributes, options and instances stays within bounds.

    Attributes:
        id: its name, unique in the model; a conflict names it.
        text: what people read about it.
        weights: what each counts: a number or an option counts its weight a unit (`lights.dynamo`), a yes its weight,
            a value of an enumeration its weight (`motor.hub`), an attribute of a component once for each instance
            that is there.
        at_least: a number, or the formula of one; `None` for no such bound.
        at_most: a number, or the formula of one; `None` for no such bound.

    >>> from salesmgmt.cpq.configure import Total
    >>> str(Total(id="power", weights={"lights.dynamo": "2.4", "motor.hub": 250}, at_most="supply"))
    'power: 2.4 x lights.dynamo + 250 x motor.hub is at most supply'
    """

    id: str
    text: str = ""
    weights: Mapping[str, Decimal] = attrs.field(converter=_weights, hash=False)
    at_least: Decimal | str | None = attrs.field(default=None, converter=_bound)
    at_most: Decimal | str | None = attrs.field(default=None, converter=_bound)

    def __str__(self) -> str:
        terms = " + ".join(f"{canonical(weight)} x {name}" for name, weight in self.weights.items())
        bounds = " and ".join(
            f"at {word} {canonical(bound)}"
            for word, bound in (("least", self.at_least), ("most", self.at_most))
            if bound is not None
        )
        return f"{self.id}: {self.text or f'{terms} is {bounds}'}"


@attrs.frozen(kw_only=True)
class Derivation:
    """An attribute that others determine; nobody chooses it.

    Attributes:
        id: its name, unique in the model; a conflict names it.
        text: what people read about it.
        attribute: what is determined.
        formula: its value; or else a table:
        inputs: the attributes that determine it,
        rows: and for each combination of theirs a row that ends in its value; a cell may list several values.

    >>> from salesmgmt.cpq.configure import Derivation
    >>> str(Derivation(id="D1", attribute="weight", formula="if frame == 'carbon' then 7 else 9"))
    "D1: weight is if frame == 'carbon' then 7 else 9"
    >>> str(Derivation(id="D2", attribute="class", inputs=("frame",), rows=(("carbon", "light"), ("steel", "heavy"))))
    'D2: class follows from frame'
    """

    id: str
    text: str = ""
    attribute: str
    formula: str = ""
    inputs: tuple[str, ...] = ()
    rows: tuple[tuple[OneOf, ...], ...] = ()

    def __str__(self) -> str:
        how = f"is {self.formula}" if self.formula else f"follows from {', '.join(self.inputs)}"
        return f"{self.id}: {self.text or f'{self.attribute} {how}'}"
