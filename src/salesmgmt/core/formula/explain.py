"""Why a condition does not hold: the first part that fails, what was found and what was wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from salesmgmt.core.formula.compile import compiled, turned
from salesmgmt.core.formula.nodes import (
    And,
    Comparison,
    Conditional,
    IsMissing,
    Literal,
    Membership,
    Name,
    Node,
    Not,
    Or,
    walk,
)
from salesmgmt.core.formula.render import canonical, written
from salesmgmt.core.formula.types import Value, Values
from salesmgmt.core.formula.values import finished, reader


@attrs.frozen(kw_only=True, str=False)
class WhyNot:
    """A condition that does not hold.

    Attributes:
        condition: the part that failed, in canonical text.
        names: the names in it, in the order in which they appear.
        found: their values; `None` for a missing one.
        wanted: what a single name should have been (`>= 10`, `in {'a', 'b'}`), else the condition itself.
        alternatives: when the part is an `or`: why each of its sides fails.
        code: (class) `why_not`.

    >>> from salesmgmt.core.formula import NUMBER, Formula, Schema, WhyNot
    >>> schema = Schema({"a": NUMBER, "b": NUMBER})
    >>> why = Formula.parse("a > 5 or b > 5", schema).why_not({"a": 1})
    >>> print(why)
    a > 5 or b > 5: found a = 1, b missing
    >>> [alternative.wanted for alternative in why.alternatives]
    ['> 5', '> 5']
    """

    code: ClassVar[str] = "why_not"

    condition: str
    names: tuple[str, ...]
    found: Mapping[str, Value | None] = attrs.field(hash=False)
    wanted: str
    alternatives: tuple[WhyNot, ...] = ()

    def __str__(self) -> str:
        shown = {name: "missing" if value is None else written(value) for name, value in self.found.items()}
        if not shown:
            return f"{self.condition}: never holds"
        if len(shown) == 1:
            return f"{self.condition}: found {next(iter(shown.values()))}"
        parts = [
            f"{name} missing" if text == "missing" else f"{name} = {text}" for name, text in shown.items()
        ]
        return f"{self.condition}: found {', '.join(parts)}"


def explained(tree: Node, values: Values, formula: str) -> WhyNot:
    """Find the first part of a condition that fails.

    Args:
        tree: a condition that does not hold for the values.
        values: the values.
        formula: the text, for messages.

    >>> from salesmgmt.core.formula import BOOL, Formula, Schema
    >>> from salesmgmt.core.formula.explain import explained
    >>> explained(Formula.parse("a", Schema({"a": BOOL})).tree, {}, "a").wanted
    'true'
    """
    match tree:
        case And():
            failed = next(part for part in tree.operands if not _holds(part, values, formula))
            return explained(failed, values, formula)
        case Not(operand=Not(operand=inner)):
            return explained(inner, values, formula)
        case Not(operand=Or(operands=parts)):
            # Neither may hold, so the one that does is the fault.
            failed = next(part for part in parts if _holds(part, values, formula))
            return explained(Not(failed, position=failed.position), values, formula)
        case Conditional():
            chosen = tree.consequence if _holds(tree.condition, values, formula) else tree.alternative
            return explained(chosen, values, formula)
    alternatives = (
        tuple(explained(part, values, formula) for part in tree.operands) if isinstance(tree, Or) else ()
    )
    return _why_not(tree, values, formula, alternatives)


def _why_not(tree: Node, values: Values, formula: str, alternatives: tuple[WhyNot, ...]) -> WhyNot:
    nodes = {node.name: node for node in walk(tree) if isinstance(node, Name)}
    found = {name: finished(node.type)(reader(node, formula)(values)) for name, node in nodes.items()}
    return WhyNot(
        condition=canonical(tree),
        names=tuple(nodes),
        found=found,
        wanted=_wanted(tree),
        alternatives=alternatives,
    )


def _holds(node: Node, values: Values, formula: str) -> bool:
    return compiled(node, formula)(values) is True


def _wanted(node: Node) -> str:
    match node:
        case Name():
            return "true"
        case Not(operand=Name()):
            return "false or missing"
        case Comparison(left=Literal(), right=Name()):
            return _wanted(turned(node))
        case Comparison(left=Name(), right=Literal()):
            return f"{node.sign} {canonical(node.right)}"
        case Membership(item=Name(), members=Literal()):
            return f"{'not in' if node.negated else 'in'} {canonical(node.members)}"
        case IsMissing(operand=Name()):
            return "not missing" if node.negated else "missing"
    return canonical(node)
