"""What is given to a command of quotes: something of another kind is refused at once, by name."""

from __future__ import annotations

from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.events import NotAnActor, require_aware
from salesmgmt.cpq.quotes.quote import Quote


def require_authority(at: datetime, by: Actor) -> None:
    """Raise `NotAnInstant`, `NaiveInstant` or `NotAnActor` unless it is said when and on whose authority."""
    require_aware(at, "at")
    if not isinstance(by, Actor):
        raise NotAnActor(by)


def require_command(quote: Quote, *, at: datetime, by: Actor) -> None:
    """As `require_authority`, for a command on a quote; raises `InvalidInput` as well."""
    hint = "a command gives the quote and its events: quote, events = submit(quote, ...)"
    require_kind("quote", quote, Quote, "a Quote", hint)
    require_authority(at, by)


def require_text(**given: str) -> None:
    """Raise `InvalidInput` for the first that is no text."""
    for path, value in given.items():
        require_kind(path, value, str, "a text")


def require_kind(
    path: str, value: object, kind: type | tuple[type, ...], wanted: str, hint: str = ""
) -> None:
    """Raise `InvalidInput` unless a value is of a kind."""
    if not isinstance(value, kind):
        raise InvalidInput("command", [Problem(path, "wrong_type", shorten(value), wanted, hint)])
