"""A formula as a JSON document, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, Final, TypeGuard, cast, get_args

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.formula.check import MAX_DEPTH, MAX_NODES, Builder
from salesmgmt.core.formula.errors import FormulaError
from salesmgmt.core.formula.lexer import Token, is_plain, normalised, tokens
from salesmgmt.core.formula.nodes import (
    And,
    Arithmetic,
    ArithmeticSign,
    Call,
    Comparison,
    ComparisonSign,
    Conditional,
    IsMissing,
    Literal,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Or,
    Visitor,
)
from salesmgmt.core.formula.render import ordered, written
from salesmgmt.core.formula.schema import Schema
from salesmgmt.core.formula.types import BOOL, DATE, INSTANT, NUMBER, PERCENT, TEXT, Scalar, Type
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

VERSION: Final = 1
"""The version of the grammar and of its document."""


def write_document(tree: Node) -> dict[str, Any]:
    """Write a tree as plain JSON values.

    >>> from salesmgmt.core.formula import Formula, Schema
    >>> from salesmgmt.core.formula.document import write_document
    >>> write_document(Formula.parse("12.50", Schema()).tree)["tree"]
    {'kind': 'literal', 'type': 'number', 'value': '12.50'}
    """
    return {"formula_version": VERSION, "tree": _Writer().visit(tree)}


def read_document(document: object, schema: Schema) -> Node:
    """Read the tree of a document, with names and types checked.

    Raises:
        InvalidInput: it is none; every fault is listed with its path.

    >>> from salesmgmt.core.formula import Schema
    >>> from salesmgmt.core.formula.document import read_document
    >>> read_document({"formula_version": 1, "tree": {"kind": "nane"}}, Schema())
    Traceback (most recent call last):
    salesmgmt.core.errors.InvalidInput: formula has 1 problem:
      tree.kind: found 'nane', wanted one of literal, set, name, negative, ...
    """
    reader = _Reader(schema)
    tree = reader.whole(document)
    if tree is None or reader.problems:
        raise InvalidInput("formula", reader.problems)
    return tree


class _Writer(Visitor[dict[str, Any]]):
    def literal(self, node: Literal) -> dict[str, Any]:
        if isinstance(node.value, frozenset):
            members = [_literal(member, cast(Type, node.type.element)) for member in ordered(node.value)]
            return {"kind": "set", "members": members}
        return _literal(node.value, node.type)

    def name(self, node: Name) -> dict[str, Any]:
        return {"kind": "name", "name": node.name}

    def negative(self, node: Negative) -> dict[str, Any]:
        return {"kind": "negative", "operand": self.visit(node.operand)}

    def arithmetic(self, node: Arithmetic) -> dict[str, Any]:
        return {
            "kind": "arithmetic",
            "sign": node.sign,
            "left": self.visit(node.left),
            "right": self.visit(node.right),
        }

    def comparison(self, node: Comparison) -> dict[str, Any]:
        return {
            "kind": "comparison",
            "sign": node.sign,
            "left": self.visit(node.left),
            "right": self.visit(node.right),
        }

    def membership(self, node: Membership) -> dict[str, Any]:
        return {
            "kind": "not_in" if node.negated else "in",
            "item": self.visit(node.item),
            "members": self.visit(node.members),
        }

    def is_missing(self, node: IsMissing) -> dict[str, Any]:
        return {
            "kind": "is_not_missing" if node.negated else "is_missing",
            "operand": self.visit(node.operand),
        }

    def not_(self, node: Not) -> dict[str, Any]:
        return {"kind": "not", "operand": self.visit(node.operand)}

    def and_(self, node: And) -> dict[str, Any]:
        return {"kind": "and", "operands": [self.visit(operand) for operand in node.operands]}

    def or_(self, node: Or) -> dict[str, Any]:
        return {"kind": "or", "operands": [self.visit(operand) for operand in node.operands]}

    def conditional(self, node: Conditional) -> dict[str, Any]:
        return {
            "kind": "if",
            "condition": self.visit(node.condition),
            "then": self.visit(node.consequence),
            "else": self.visit(node.alternative),
        }

    def call(self, node: Call) -> dict[str, Any]:
        arguments = [self.visit(argument) for argument in node.arguments]
        return {"kind": "call", "function": node.function, "arguments": arguments}


def _literal(value: Scalar, type_: Type) -> dict[str, Any]:
    plain: dict[str, Any] = {"kind": "literal", "type": type_.name}
    match value:
        case bool() | str():
            return {**plain, "value": value}
        case Percent():
            return {**plain, "value": f"{value.points:f}"}
        case Money():
            return {**plain, "value": f"{value.amount:f}", "currency": value.currency}
    return {**plain, "value": written(value)}


class _Reader:
    """Reads one document; goes on after a fault, to list them all."""

    def __init__(self, schema: Schema) -> None:
        self.problems: list[Problem] = []
        self._build = Builder("", schema)
        self._nodes = 0

    def whole(self, document: object) -> Node | None:
        if not self._is_object(document, "formula", ("formula_version", "tree")):
            return None
        version = document["formula_version"]
        if version != VERSION or isinstance(version, bool):
            self._problem("formula_version", "version", version, str(VERSION))
            return None
        return self._node(document["tree"], "tree", 1)

    def _problem(self, path: str, code: str, found: object, wanted: str, hint: str = "") -> None:
        self.problems.append(Problem(path, code, shorten(found), wanted, hint))

    def _is_object(self, document: object, path: str, keys: Sequence[str]) -> TypeGuard[Mapping[str, Any]]:
        """Whether there is an object with exactly these keys; if not, a problem says so."""
        if not isinstance(document, Mapping):
            self._problem(path, "type", document, f"an object with {', '.join(keys)}")
            return False
        before = len(self.problems)
        for key in keys:
            if key not in document:
                self.problems.append(Problem(f"{path}.{key}", "missing", None, "a value"))
        for key in islice(document, MAX_NODES):
            if key not in keys:
                self._problem(path, "unknown_key", key, f"only {', '.join(keys)}", "remove the key")
        return len(self.problems) == before

    def _node(self, document: object, path: str, depth: int) -> Node | None:
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            if not any(problem.code == "too_large" for problem in self.problems):
                limits = f"at most {MAX_NODES} nodes in {MAX_DEPTH} levels"
                self.problems.append(Problem(path, "too_large", "a larger formula", limits))
            return None
        kind = document.get("kind") if isinstance(document, Mapping) else None
        if not isinstance(document, Mapping):
            self._problem(path, "type", document, "an object with kind")
        elif not isinstance(kind, str) or kind not in _KINDS:
            self._problem(f"{path}.kind", "kind", kind, f"one of {', '.join(_KINDS)}")
        elif kind == "literal":
            return self._literal(document, path)
        elif self._is_object(document, path, ("kind", *_KINDS[kind])):
            return self._inner(kind, document, path, depth)
        return None

    def _inner(self, kind: str, document: Mapping[str, Any], path: str, depth: int) -> Node | None:
        """Read the parts of a node by their keys, then make the node of them."""
        before = len(self.problems)
        parts: list[Any] = []
        for key in _KINDS[kind]:
            part, where = document[key], f"{path}.{key}"
            if key in ("operands", "arguments", "members"):
                listed = key != "members" or kind == "set"
                parts.append(
                    self._nodes_of(part, where, depth, least=2 if key == "operands" else 1)
                    if listed
                    else self._node(part, where, depth + 1)
                )
            elif key == "sign":
                parts.append(self._sign(part, where, _SIGNS[kind]))
            elif key in ("name", "function"):
                parts.append(self._text(part, where))
            else:
                parts.append(self._node(part, where, depth + 1))
        if len(self.problems) > before:
            return None
        return self._made(path, lambda: _MAKERS[kind](self._build, parts))

    def _made(self, path: str, make: Callable[[], Node]) -> Node | None:
        try:
            return make()
        except FormulaError as error:
            self.problems.append(Problem(path, error.code, error.found, error.expected, error.hint))
        return None

    def _nodes_of(self, documents: object, path: str, depth: int, *, least: int) -> tuple[Node, ...]:
        if not isinstance(documents, (list, tuple)) or not least <= len(documents) <= MAX_NODES:
            self._problem(path, "type", documents, f"a list of {least} to {MAX_NODES} nodes")
            return ()
        nodes = [self._node(part, f"{path}[{index}]", depth + 1) for index, part in enumerate(documents)]
        return tuple(node for node in nodes if node is not None)

    def _sign(self, sign: object, path: str, signs: tuple[str, ...]) -> object:
        if not isinstance(sign, str) or sign not in signs:
            self._problem(path, "sign", sign, f"one of {' '.join(signs)}")
        return sign

    def _text(self, text: object, path: str) -> str:
        normal = normalised(text) if isinstance(text, str) and len(text) <= _LONGEST_NAME else None
        if normal is None:
            self._problem(path, "name", text, "identifiers joined by dots, no keyword")
        return normal or ""

    def _literal(self, document: Mapping[str, Any], path: str) -> Node | None:
        keys = (
            ("kind", "type", "value", "currency")
            if document.get("type") == "money"
            else ("kind", "type", "value")
        )
        if not self._is_object(document, path, keys):
            return None
        type_, value = document["type"], document["value"]
        if type_ == "bool" and isinstance(value, bool):
            return self._made(path, lambda: self._build.literal(value, BOOL, 0))
        if type_ == "text" and isinstance(value, str) and is_plain(value):
            return self._made(path, lambda: self._build.literal(value, TEXT, 0))
        if isinstance(type_, str) and type_ in _WRITTEN and isinstance(value, str):
            return self._written(type_, value, document.get("currency"), path)
        known = f"a type of {', '.join((*_WRITTEN, 'bool', 'text'))} and a value of it, exact numbers as text"
        self._problem(path, "literal", {"type": type_, "value": value}, known)
        return None

    def _written(self, type_: str, text: str, currency: object, path: str) -> Node | None:
        """Read a literal that JSON holds as text, through the same door as in a formula."""
        minus = text.startswith("-")
        token = self._token(text[1:] if minus else text)
        if token is None or token.kind != _WRITTEN[type_] or (minus and token.kind != "number"):
            self._problem(f"{path}.value", "literal", text, f"the text of a literal of type {type_}")
            return None
        value = cast(Scalar, token.value)
        if type_ == "money" and not isinstance(currency, str):
            self._problem(f"{path}.currency", "type", currency, "an ISO 4217 code")
            return None

        def make() -> Node:
            if type_ == "money":
                node = self._build.money(cast(Decimal, value), cast(str, currency), 0, 0)
            elif type_ == "percent":
                node = self._build.literal(Percent(cast(Decimal, value)), PERCENT, 0)
            else:
                node = self._build.literal(value, _TYPES[type_], 0)
            return self._build.negative(node, 0) if minus else node

        return self._made(path, make)

    def _token(self, text: str) -> Token | None:
        try:
            words = tokens(text)
        except FormulaError:
            return None
        return words[0] if len(words) == 2 and words[0].text == text else None


_LONGEST_NAME = 200
_SIGNS = {"arithmetic": get_args(ArithmeticSign), "comparison": get_args(ComparisonSign)}
_WRITTEN = {"number": "number", "percent": "number", "money": "number", "date": "date", "instant": "instant"}
_TYPES = {"number": NUMBER, "date": DATE, "instant": INSTANT}
_KINDS: dict[str, tuple[str, ...]] = {
    "literal": (),
    "set": ("members",),
    "name": ("name",),
    "negative": ("operand",),
    "arithmetic": ("sign", "left", "right"),
    "comparison": ("sign", "left", "right"),
    "in": ("item", "members"),
    "not_in": ("item", "members"),
    "is_missing": ("operand",),
    "is_not_missing": ("operand",),
    "not": ("operand",),
    "and": ("operands",),
    "or": ("operands",),
    "if": ("condition", "then", "else"),
    "call": ("function", "arguments"),
}
_MAKERS: dict[str, Callable[[Builder, list[Any]], Node]] = {
    "set": lambda build, parts: build.members(_constants(build, parts[0]), 0),
    "name": lambda build, parts: build.name(parts[0], 0),
    "negative": lambda build, parts: build.negative(parts[0], 0),
    "arithmetic": lambda build, parts: build.arithmetic(parts[0], parts[1], parts[2], 0),
    "comparison": lambda build, parts: build.comparison(parts[0], parts[1], parts[2], 0),
    "in": lambda build, parts: build.membership(parts[0], parts[1], 0, negated=False),
    "not_in": lambda build, parts: build.membership(parts[0], parts[1], 0, negated=True),
    "is_missing": lambda build, parts: build.is_missing(parts[0], 0, negated=False),
    "is_not_missing": lambda build, parts: build.is_missing(parts[0], 0, negated=True),
    "not": lambda build, parts: build.negation(parts[0], 0),
    "and": lambda build, parts: build.both(parts[0], 0),
    "or": lambda build, parts: build.either(parts[0], 0),
    "if": lambda build, parts: build.conditional(parts[0], parts[1], parts[2], 0),
    "call": lambda build, parts: build.call(parts[0], parts[1], 0),
}


def _constants(build: Builder, members: Sequence[Node]) -> list[Literal]:
    for member in members:
        if not isinstance(member, Literal) or member.type.element is not None:
            build.refuse(0, expected="literals", found="a set with other nodes", hint="list constants only")
    return cast(list[Literal], list(members))
