"""How messages about a formula speak of its types and nodes."""

from __future__ import annotations

from salesmgmt.core.formula.nodes import Node
from salesmgmt.core.formula.render import canonical
from salesmgmt.core.formula.schema import Schema
from salesmgmt.core.formula.types import MONEY, NUMBER, PERCENT, Type

_ARTICLES = {
    "number": "a number",
    "percent": "a percent",
    "money": "an amount of money",
    "bool": "a condition",
    "text": "a text",
    "date": "a date",
    "instant": "an instant",
}


def described(type_: Type) -> str:
    """A type as a message speaks of it.

    >>> from salesmgmt.core.formula import MONEY, SET, TEXT
    >>> from salesmgmt.core.formula.phrases import described
    >>> described(MONEY), described(SET[TEXT])
    ('an amount of money', 'a set of text')
    """
    return _ARTICLES.get(type_.name, f"a {type_}")


def shown(node: Node) -> str:
    """A node as a message shows it: its type and its text.

    >>> from salesmgmt.core.formula import Formula, Schema
    >>> from salesmgmt.core.formula.phrases import shown
    >>> shown(Formula.parse("10 + 2", Schema()).tree)
    'a number (10 + 2)'
    """
    return f"{described(node.type)} ({shorten_text(canonical(node))})"


def shorten_text(text: str, limit: int = 40) -> str:
    """Cut a text for a message, without quoting it.

    >>> from salesmgmt.core.formula.phrases import shorten_text
    >>> shorten_text("customer.segment", 10)
    'customer.…'
    """
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def known_names(schema: Schema, name: str) -> str:
    """What to say about an unknown name that is like no known one.

    >>> from salesmgmt.core.formula import NUMBER, Schema
    >>> from salesmgmt.core.formula.phrases import known_names
    >>> known_names(Schema({"quantity": NUMBER}), "x"), known_names(Schema(), "null")
    ('the schema has quantity', 'ask for a missing value with: … is missing')
    """
    if name.lower() in ("null", "none", "nil"):
        return "ask for a missing value with: … is missing"
    if len(name) == 3 and name.isascii() and name.isupper():
        return f"the currency follows its amount: 100 {name}"
    some = ", ".join(list(schema)[:10])
    return f"the schema has {some}{', …' if len(schema) > 10 else ''}" if some else "the schema has no names"


def mixed_hint(left: Node, right: Node) -> str:
    """What to say about a comparison of two types.

    >>> from salesmgmt.core.formula import Formula, Schema
    >>> from salesmgmt.core.formula.phrases import mixed_hint
    >>> mixed_hint(Formula.parse("10%", Schema()).tree, Formula.parse("10", Schema()).tree)
    'give the number its percent sign: 10%'
    """
    kinds = {left.type, right.type}
    if kinds == {NUMBER, PERCENT}:
        return "give the number its percent sign: 10%"
    if kinds == {NUMBER, MONEY}:
        return "give the number its currency: 1000 EUR"
    return "compare values of one type"
