"""From tokens to a tree: operator precedence, with the depth checked before every step down."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import NoReturn, cast

from salesmgmt.core.formula.check import MAX_DEPTH, Builder
from salesmgmt.core.formula.lexer import Token, tokens
from salesmgmt.core.formula.nodes import ArithmeticSign, ComparisonSign, Literal, Node
from salesmgmt.core.formula.schema import Schema
from salesmgmt.core.formula.types import BOOL, DATE, INSTANT, NUMBER, PERCENT, TEXT, Type
from salesmgmt.core.percent import Percent

# How tightly an operator holds what stands on its right; a larger figure holds more tightly.
_ANY, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN = range(8)

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_SUMS = frozenset({"+", "-"})
_PRODUCTS = frozenset({"*", "/"})
_CURRENCY = re.compile("[A-Z]{3}")
_EXPONENT = re.compile("[eE][0-9]*")

# A level of the tree takes at most two steps down, one of them a parenthesis; more are parentheses for nothing.
_MAX_STEPS = 2 * MAX_DEPTH + 2

_AFTER_SIGN = {
    "*": "there is no power; multiply",
    "/": "there is no whole-number division; use floor(a / b)",
    ">": "write != for unequal",
    "=": "write ==",
}
_UPPER = {"AND": "and", "OR": "or", "NOT": "not", "IN": "in", "IS": "is", "THEN": "then", "ELSE": "else"}


def parse(formula: str, schema: Schema, wanted: Type | None = None) -> Node:
    """Read a formula into a tree whose types fit.

    Raises:
        FormulaError: the text is no formula over this schema, or not of the type that is wanted.

    >>> from salesmgmt.core.formula import NUMBER, Schema
    >>> from salesmgmt.core.formula.parser import parse
    >>> parse("a", Schema({"a": NUMBER}))
    Name(name='a', type=Type(name='number', element=None))
    """
    builder = Builder(formula, schema)
    tree = _Parser(tokens(formula), builder).whole()
    return builder.finished(tree, wanted)


class _Parser:
    def __init__(self, words: list[Token], builder: Builder) -> None:
        self._words = words
        self._build = builder
        self._at = 0
        self._steps = 0

    @property
    def _next(self) -> Token:
        return self._words[self._at]

    def whole(self) -> Node:
        tree = self._expression(_ANY)
        if self._next.kind != "end":
            self._unexpected("an operator or the end")
        return tree

    def _take(self) -> Token:
        word = self._words[self._at]
        self._at += 1
        return word

    def _accept(self, text: str) -> Token | None:
        word = self._words[self._at]
        if word.text == text and word.kind in ("sign", "keyword"):
            self._at += 1
            return word
        return None

    def _expect(self, text: str, *, after: str) -> Token:
        word = self._accept(text)
        if word is None:
            self._unexpected(f"{text} {after}")
        return word

    def _unexpected(self, expected: str) -> NoReturn:
        word = self._next
        hint = "correct the text here"
        if word.kind == "end":
            hint = "the formula ends too early; complete it"
        elif word.text in _UPPER:
            hint = f"keywords are written small: {_UPPER[word.text]}"
        elif self._at and self._words[self._at - 1].kind == "sign" and word.text in _AFTER_SIGN:
            hint = _AFTER_SIGN[word.text]
        elif _EXPONENT.fullmatch(word.text) and self._words[self._at - 1].kind == "number":
            hint = "write the digits out; there is no exponent"
        elif word.kind == "keyword" and word.text == "if":
            hint = "put if … then … else … in parentheses"
        elif word.kind == "keyword" and word.text == "missing":
            hint = "ask for a missing value with: … is missing"
        elif word.kind == "keyword" and word.text == "not":
            hint = "put not … in parentheses"
        elif word.text == "(" and self._at and self._words[self._at - 1].kind == "name":
            hint = "only the functions of the language are called"
        elif word.text in _COMPARISONS or word.text in ("in", "is"):
            hint = "put the comparison before it in parentheses, or join two comparisons by and"
        self._build.refuse(word.position, expected=expected, found=word.shown, hint=hint)

    def _expression(self, least: int) -> Node:
        """Read an operand and every operator that holds at least as tightly as `least`."""
        self._steps += 1
        if self._steps > _MAX_STEPS:
            self._build.refuse(
                self._next.position,
                expected=f"at most {MAX_DEPTH} levels",
                found="a deeper formula",
                hint="remove parentheses and signs that do nothing, or split the formula in several",
            )
        node = self._operand(least)
        while True:
            text = self._next.text if self._next.kind in ("sign", "keyword") else ""
            if text in _PRODUCTS and least <= _PRODUCT:
                sign = self._take()
                node = self._build.arithmetic(
                    cast(ArithmeticSign, sign.text), node, self._expression(_SIGN), sign.position
                )
            elif text in _SUMS and least <= _SUM:
                sign = self._take()
                node = self._build.arithmetic(
                    cast(ArithmeticSign, sign.text), node, self._expression(_PRODUCT), sign.position
                )
            elif least <= _COMPARISON and (text in _COMPARISONS or text in ("in", "not", "is")):
                node = self._comparison(node)
            elif text == "and" and least <= _AND:
                node = self._joined(node, "and", _NOT, self._build.both)
            elif text == "or" and least <= _OR:
                node = self._joined(node, "or", _AND, self._build.either)
            else:
                break
        self._steps -= 1
        return node

    def _joined(self, first: Node, word: str, least: int, join: Callable[[list[Node], int], Node]) -> Node:
        position = self._next.position
        operands = [first]
        while self._accept(word):
            operands.append(self._expression(least))
        return join(operands, position)

    def _comparison(self, left: Node) -> Node:
        word = self._take()
        if word.text == "is":
            negated = self._accept("not") is not None
            self._expect("missing", after="after is")
            node: Node = self._build.is_missing(left, word.position, negated=negated)
        elif word.text in ("in", "not"):
            if word.text == "not":
                self._expect("in", after="after not")
            members = self._expression(_SUM)
            node = self._build.membership(left, members, word.position, negated=word.text == "not")
        else:
            signs = [word]
            operands = [left, self._expression(_SUM)]
            while self._next.text in _COMPARISONS and self._next.kind == "sign":
                signs.append(self._take())
                operands.append(self._expression(_SUM))
            node = self._build.chain(
                [(cast(ComparisonSign, sign.text), sign.position) for sign in signs], operands
            )
        if self._next.kind in ("sign", "keyword") and self._next.text in _NO_CHAIN:
            self._unexpected("and, or, or the end of the comparison")
        return node

    def _operand(self, least: int) -> Node:
        word = self._next
        if word.kind == "keyword" and word.text == "if" and least == _ANY:
            return self._conditional()
        if word.kind == "keyword" and word.text == "not" and least <= _NOT:
            self._take()
            return self._build.negation(self._expression(_NOT), word.position)
        if word.kind == "keyword" and word.text in ("true", "false"):
            self._take()
            return self._build.literal(word.text == "true", BOOL, word.position)
        if word.kind == "name":
            self._take()
            if self._next.text == "(":
                return self._call(word)
            return self._build.name(word.text, word.position)
        if self._accept("-"):
            return self._build.negative(self._expression(_SIGN), word.position)
        if self._accept("("):
            inner = self._expression(_ANY)
            self._expect(")", after="to close the parenthesis")
            return inner
        if self._accept("{"):
            return self._set(word.position)
        return self._literal("a value: a name, a literal or a parenthesis")

    def _literal(self, expected: str) -> Literal:
        word = self._next
        value = word.value
        if word.kind == "percent" and isinstance(value, Decimal):
            self._take()
            return self._build.literal(Percent(value), PERCENT, word.position)
        if word.kind == "number" and isinstance(value, Decimal):
            self._take()
            return self._number(value, word.position)
        type_ = _LITERALS.get(word.kind)
        if type_ is None or value is None:
            self._unexpected(expected)
        self._take()
        return self._build.literal(value, type_, word.position)

    def _number(self, value: Decimal, position: int) -> Literal:
        word = self._next
        if word.kind != "name":
            return self._build.literal(value, NUMBER, position)
        if word.text in _UPPER or _CURRENCY.fullmatch(word.text) is None:
            self._unexpected("an operator, or the currency of an amount")
        self._take()
        return self._build.money(value, word.text, position, word.position)

    def _set(self, position: int) -> Node:
        members: list[Literal] = []
        while not self._accept("}"):
            if members:
                self._expect(",", after="or } after a member")
            minus = self._accept("-")
            member: Node = self._literal("a literal: the members of a set are constants")
            if minus is not None:
                member = self._build.negative(member, minus.position)
            members.append(cast(Literal, member))
        return self._build.members(members, position)

    def _conditional(self) -> Node:
        position = self._take().position
        condition = self._expression(_ANY)
        self._expect("then", after="after the condition")
        consequence = self._expression(_ANY)
        self._expect("else", after="after the first branch")
        return self._build.conditional(condition, consequence, self._expression(_ANY), position)

    def _call(self, word: Token) -> Node:
        self._take()
        arguments: list[Node] = []
        while not self._accept(")"):
            if arguments:
                self._expect(",", after="or ) after an argument")
            arguments.append(self._expression(_ANY))
        return self._build.call(word.text, tuple(arguments), word.position)


_LITERALS = {"text": TEXT, "date": DATE, "instant": INSTANT}
_NO_CHAIN = _COMPARISONS | {"in", "is", "not"}
