"""What is written correctly in a formula but probably not meant."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.core.formula.errors import FormulaError
from salesmgmt.core.formula.formula import Formula
from salesmgmt.core.formula.nodes import (
    Arithmetic,
    Call,
    Comparison,
    Literal,
    Name,
    Node,
    Not,
    children,
    walk,
)
from salesmgmt.core.formula.phrases import shorten_text
from salesmgmt.core.formula.render import canonical
from salesmgmt.core.formula.schema import Schema
from salesmgmt.core.formula.static import contradicts, never
from salesmgmt.core.formula.types import BOOL

_ROUNDED = frozenset({"round", "round_to", "floor", "ceil"})


def lint(formula: Formula) -> tuple[Finding, ...]:
    """Warn about parts that are probably not meant.

    The findings, each a warning with its position in the text:

    - `equality_on_quotient`: `==` or `!=` beside a division that is not rounded; it keeps 34 digits.
    - `always_true`, `always_false`: a part that says the same whatever the values are; the largest such part.

    >>> from salesmgmt.core.formula import NUMBER, Formula, Schema, lint
    >>> schema = Schema({"a": NUMBER, "b": NUMBER})
    >>> [finding.code for finding in lint(Formula.parse("a / 3 == b or a > 5 and a < 2", schema))]
    ['equality_on_quotient', 'always_false']
    """
    quotients = [
        _warning(
            "equality_on_quotient",
            node,
            "compares a quotient, which is kept to 34 digits, for equality",
            "round it first, or multiply instead",
        )
        for node in walk(formula.tree)
        if isinstance(node, Comparison)
        and node.sign in ("==", "!=")
        and (_has_quotient(node.left) or _has_quotient(node.right))
    ]
    return (*quotients, *_constant_parts(formula.tree))


def lint_condition(text: str, schema: Schema, where: str) -> tuple[Formula | None, tuple[Finding, ...]]:
    """Read a condition of a definition, and find what is wrong with it.

    The findings, at `where`: `formula` (an error: it cannot be read; then there is no formula either), `contradictory_condition` (an
    error: it can never hold), else the warnings of `lint`.

    >>> from salesmgmt.core.formula import NUMBER, Schema, lint_condition
    >>> formula, findings = lint_condition("visits > 5 and visits < 3", Schema({"visits": NUMBER}), "rules.keen")
    >>> print(findings[0])
    error contradictory_condition at rules.keen: 'visits > 5 and visits < 3' can never hold; drop one of the parts that exclude ...
    """
    try:
        formula = Formula.parse(text, schema, wanted=BOOL)
    except FormulaError as error:
        message = f"position {error.position}: expected {error.expected}, found {error.found}"
        return None, (Finding(code="formula", where=where, message=message, hint=error.hint),)
    if contradicts(formula):
        never_holds = Finding(
            code="contradictory_condition",
            where=where,
            message=f"{shorten(str(formula), 200)} can never hold",
            hint="drop one of the parts that exclude each other",
        )
        return formula, (never_holds,)
    return formula, tuple(attrs.evolve(one, where=f"{where} {one.where}") for one in lint(formula))


def _has_quotient(node: Node) -> bool:
    if isinstance(node, Call) and node.function in _ROUNDED:
        return False
    is_quotient = isinstance(node, Arithmetic) and node.sign == "/"
    return is_quotient or any(map(_has_quotient, children(node)))


def _constant_parts(node: Node) -> Iterator[Finding]:
    if node.type == BOOL and not isinstance(node, (Literal, Name)):
        if never((node,)):
            yield _warning("always_false", node, "is never true", "remove it, or correct what it compares")
            return
        if never((Not(node),)):
            yield _warning("always_true", node, "is always true", "remove it, or correct what it compares")
            return
    for child in children(node):
        yield from _constant_parts(child)


def _warning(code: str, node: Node, message: str, hint: str) -> Finding:
    return Finding(
        code=code,
        where=f"position {node.position}",
        message=f"{shorten_text(canonical(node))} {message}",
        hint=hint,
        severity=Severity.WARNING,
    )
