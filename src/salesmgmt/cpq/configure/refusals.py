"""Choices that cannot be made, and questions without an answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.nearest import nearest
from salesmgmt.cpq.configure.rule import Demand


@attrs.frozen
class Choice:
    """A value chosen for an attribute.

    >>> from salesmgmt.cpq.configure import Choice
    >>> str(Choice("frame", "carbon"))
    'frame = carbon'
    """

    attribute: str
    value: str

    def __str__(self) -> str:
        return f"{self.attribute} = {self.value}"


@attrs.frozen(kw_only=True)
class Conflict:
    """Why a value is not possible: some choices and some rules, of which none can be left out.

    Attributes:
        asked: the value that is not possible.
        choices: earlier choices that stand against it, in the order of the model.
        rules: the rules that stand against it, in the order of the model.
        is_minimal: false when the search for a smaller conflict took too long: then all choices and rules stand here,
            and only some of them are to blame.
        code: (class) `conflict`.

    >>> from salesmgmt.cpq.configure import Choice, Conflict, Excludes
    >>> print(Conflict(
    ...     asked=Choice("fork", "rigid"),
    ...     choices=(Choice("frame", "carbon"),),
    ...     rules=(Excludes(id="R12", combination={"frame": "carbon", "fork": "rigid"}),),
    ... ))
    fork = rigid does not go with frame = carbon (R12: frame = carbon, fork = rigid do not go together)
    """

    code: ClassVar[str] = "conflict"

    asked: Choice
    choices: tuple[Choice, ...]
    rules: tuple[Demand, ...]
    is_minimal: bool = True

    def __str__(self) -> str:
        against = (
            f"does not go with {', '.join(map(str, self.choices))}" if self.choices else "is never possible"
        )
        rules = "; ".join(map(str, self.rules)) if self.is_minimal else "which rules forbid it is not proven"
        return f"{self.asked} {against} ({rules})"


class ChoiceRefused(SalesError, ValueError):
    """A value was chosen that leads to no valid product.

    Attributes:
        conflict: the choices and rules that stand against it.
    """

    code = "choice_refused"

    def __init__(self, conflict: Conflict) -> None:
        self.conflict = conflict
        given_up = ", ".join(choice.attribute for choice in conflict.choices)
        hint = (
            f"choose another value, or give up the choice of {given_up}"
            if given_up
            else "choose another value"
        )
        super().__init__(str(conflict), hint=hint)


class UnknownAttribute(SalesError, LookupError):
    """An attribute was named that the product does not have.

    Attributes:
        found: the name that was given, shortened for showing.
        product: id of the product model.
        known: its attributes.
        wanted: what may be named, in words.
    """

    code = "unknown_attribute"

    def __init__(self, found: object, product: str, known: Iterable[str]) -> None:
        self.found = shorten(found)
        self.product = product
        self.known = tuple(known)
        self.wanted = _one_of(self.known)
        super().__init__(f"{product} has no attribute {self.found}", hint=_hint(found, self.known))


class UnknownValue(SalesError, LookupError):
    """A value was named that an attribute does not have.

    Attributes:
        attribute: id of the attribute.
        found: the value that was given, shortened for showing.
        known: its values; none when it is a free text.
        wanted: what may be named, in words.
    """

    code = "unknown_value"

    def __init__(self, attribute: str, found: object, known: Iterable[str], wanted: str = "") -> None:
        self.attribute = attribute
        self.found = shorten(found)
        self.known = tuple(known)
        self.wanted = wanted or _one_of(self.known)
        hint = f"give {wanted}" if wanted else _hint(found, self.known)
        super().__init__(f"{attribute} has no value {self.found}", hint=hint)


class NotChoosable(SalesError, ValueError):
    """A value was chosen for an attribute that a rule determines.

    Attributes:
        attribute: id of the attribute.
    """

    code = "not_choosable"

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute
        super().__init__(f"{attribute} follows from other values", hint="choose those from which it follows")


class NotPriced(SalesError, ValueError):
    """The cheapest or most profitable product was asked for, and the configurator knows no prices or costs.

    Attributes:
        wanted: what it does not know, `prices` or `costs`.
    """

    code = "not_priced"

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        super().__init__(f"the configurator knows no {wanted}", hint=f"give them by compile({wanted}=...)")


class NotProven(SalesError, RuntimeError):
    """The search for an answer took more steps than allowed; neither yes nor no is proven.

    Attributes:
        max_steps: how many steps were allowed.
    """

    code = "not_proven"

    def __init__(self, max_steps: int) -> None:
        self.max_steps = max_steps
        super().__init__(
            f"the answer is not proven after {max_steps} steps of search",
            hint="allow more by compile(max_steps=...), or part the model in smaller ones",
        )


def _one_of(known: tuple[str, ...]) -> str:
    return f"one of {_listed(known)}" if known else "none: there are none"


def _listed(known: tuple[str, ...]) -> str:
    return ", ".join(map(_short, known[:20])) + (", ..." if len(known) > 20 else "")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _hint(found: object, known: tuple[str, ...]) -> str:
    searched = isinstance(found, str) and len(found) <= 100 and len(known) <= 1000
    close = nearest(str(found), known) if searched else None
    listed = ", ".join(map(shorten, known[:20])) + (", ..." if len(known) > 20 else "")
    return f"did you mean {close!r}? known are {listed}" if close else f"known are {listed or 'none'}"
