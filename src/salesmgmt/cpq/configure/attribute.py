"""What can be chosen about a product: one of some values, yes or no, or a text of one's own."""

from __future__ import annotations

import re
from decimal import Decimal

import attrs

from salesmgmt.core.errors import FloatRefused

YES, NO = "yes", "no"

_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def canonical(value: object) -> str | None:
    """The text of a value as configurations have it: numbers without an exponent and trailing zeros, yes or no.

    Returns:
        The text; `None` when the value is nothing that can be chosen.

    Raises:
        FloatRefused: it is a float.

    >>> from decimal import Decimal
    >>> from salesmgmt.cpq.configure.attribute import canonical
    >>> canonical(5), canonical(Decimal("2.50")), canonical(True), canonical("carbon"), canonical(None)
    ('5', '2.5', 'yes', 'carbon', None)
    """
    match value:
        case str():
            return value
        case bool():
            return YES if value else NO
        case int():
            return str(value) if value.bit_length() <= 200 else None
        case Decimal():
            return _plain(value) if value.is_finite() and -40 < value.adjusted() < 40 else None
        case float():
            raise FloatRefused(value, "a value of an attribute")
    return None


def canonical_number(value: object) -> str | None:
    """As `canonical`, and texts of numbers are written alike too (`"5.0"` is `5`).

    >>> from salesmgmt.cpq.configure.attribute import canonical_number
    >>> canonical_number("05.00"), canonical_number("five")
    ('5', 'five')
    """
    text = canonical(value)
    return _plain(Decimal(text)) if text is not None and _NUMBER.fullmatch(text) else text


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    return "0" if text == "-0" else text


@attrs.frozen
class Attribute:
    """One of some values.

    Attributes:
        id: its name in rules and choices; it may have dots (`wheels.size`).
        values: what can be chosen, in the order in which it is offered and tried.
        default: what `Configuration.complete` tries first; the first value when it is `None`.
        name: what people read; the id when empty.

    >>> from salesmgmt.cpq.configure import Attribute
    >>> Attribute("frame", ("alloy", "carbon"), default="carbon").preferred
    ('carbon', 'alloy')
    """

    id: str
    values: tuple[str, ...]
    default: str | None = None
    name: str = ""

    @property
    def preferred(self) -> tuple[str, ...]:
        """The values in the order in which they are tried: the default first."""
        return preferred(self.values, self.default)

    @property
    def initial(self) -> str | None:
        """The default as a text."""
        return self.default

    def text_of(self, value: object) -> str | None:
        """The text of a value; `None` for what is none. Raises `FloatRefused`."""
        return canonical(value)


@attrs.frozen
class YesNo:
    """Something that a product has or has not.

    Attributes:
        id: its name in rules and choices.
        default: what `Configuration.complete` tries first.
        name: what people read; the id when empty.

    >>> from salesmgmt.cpq.configure import YesNo
    >>> YesNo("bell", default=True).preferred
    ('yes', 'no')
    """

    id: str
    default: bool = False
    name: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        """`no` and `yes`."""
        return NO, YES

    @property
    def preferred(self) -> tuple[str, ...]:
        """The values in the order in which they are tried: the default first."""
        return preferred(self.values, self.initial)

    @property
    def initial(self) -> str:
        """The default as a text."""
        return YES if self.default else NO

    def text_of(self, value: object) -> str | None:
        """The text of a value; `None` for what is none. Raises `FloatRefused`."""
        return canonical(value)


@attrs.frozen
class FreeText:
    """A text of one's own, such as an engraving; rules do not speak of it.

    Attributes:
        id: its name in choices.
        max_length: characters that it has at most.
        required: whether a configuration without it is incomplete.
        name: what people read; the id when empty.

    >>> from salesmgmt.cpq.configure import FreeText
    >>> engraving = FreeText("engraving", max_length=10)
    >>> engraving.text_of("For Ada"), engraving.text_of("For Ada Lovelace"), engraving.wanted
    ('For Ada', None, 'a text of 1 to 10 characters, none of them a control character')
    """

    id: str
    max_length: int = 200
    required: bool = False
    name: str = ""

    @property
    def wanted(self) -> str:
        """What may be written, in words."""
        return f"a text of 1 to {self.max_length} characters, none of them a control character"

    def text_of(self, value: object) -> str | None:
        """The text, when it may be written; `None` when not. Raises `FloatRefused`."""
        text = canonical(value)
        if text is None or not 0 < len(text) <= self.max_length or _CONTROL.search(text):
            return None
        return text


def preferred(values: tuple[str, ...], first: str | None) -> tuple[str, ...]:
    """Values in the order in which they are tried.

    >>> from salesmgmt.cpq.configure.attribute import preferred
    >>> preferred(("S", "M", "L"), "M")
    ('M', 'S', 'L')
    """
    return values if first is None else (first, *(value for value in values if value != first))
