"""A formula: parsed and checked once, evaluated as often as you like."""

from __future__ import annotations

from typing import Any

from salesmgmt.core.formula.compile import compiled
from salesmgmt.core.formula.document import read_document, write_document
from salesmgmt.core.formula.errors import EvaluationError, FormulaError
from salesmgmt.core.formula.explain import WhyNot, explained
from salesmgmt.core.formula.lexer import MAX_LENGTH
from salesmgmt.core.formula.nodes import Name, Node, walk
from salesmgmt.core.formula.parser import parse
from salesmgmt.core.formula.phrases import shorten_text
from salesmgmt.core.formula.render import canonical
from salesmgmt.core.formula.schema import Schema
from salesmgmt.core.formula.types import BOOL, Type, Value, Values
from salesmgmt.core.formula.values import Run, finished


class Formula:
    """A condition or a formula over declared names: typed, exact, immutable.

    Two formulas are equal when they mean the same tree, however they were written. A formula is thread-safe and
    pickles as its text and schema.

    Made by `Formula.parse` and `Formula.from_json`.

    Attributes:
        source: the text as written.
        schema: the names it may use.
        tree: what it was parsed to (see `nodes`).
        type: the type of its result.
        names: the names it does use.

    >>> from salesmgmt.core.formula import MONEY, NUMBER, Formula, Schema
    >>> from salesmgmt.core.money import Money
    >>> schema = Schema({"line.list": MONEY, "line.quantity": NUMBER})
    >>> net = Formula.parse("line.list*line.quantity*(1-10%)", schema)
    >>> net.evaluate({"line.list": Money(100, "EUR"), "line.quantity": 3})
    Money('270.00', 'EUR')
    >>> print(net)
    line.list * line.quantity * (1 - 10%)
    """

    __slots__ = ("_canonical", "_finish", "_run", "names", "schema", "source", "tree", "type")

    source: str
    schema: Schema
    tree: Node
    type: Type
    names: frozenset[str]
    _canonical: str
    _run: Run
    _finish: Run

    def __init__(self, text: str, schema: Schema, *, wanted: Type | None = None) -> None:
        tree = parse(text, schema, wanted)
        spelled = canonical(tree)
        if len(spelled) > MAX_LENGTH:
            raise FormulaError(
                text,
                tree.position,
                expected=f"at most {MAX_LENGTH} characters in canonical form",
                found=f"{len(spelled)} characters",
                hint="split the formula in several",
            )
        put = object.__setattr__
        put(self, "source", text)
        put(self, "schema", schema)
        put(self, "tree", tree)
        put(self, "type", tree.type)
        put(self, "names", frozenset(node.name for node in walk(tree) if isinstance(node, Name)))
        put(self, "_canonical", spelled)
        put(self, "_run", compiled(tree, text))
        put(self, "_finish", finished(tree.type))

    @classmethod
    def parse(cls, text: str, schema: Schema, *, wanted: Type | None = None) -> Formula:
        """Parse a formula and check its types.

        Args:
            text: the formula, at most 2,000 characters, 256 nodes and 32 levels.
            schema: the names that it may use, with their types.
            wanted: the type its result must have; `None` for any.

        Raises:
            FormulaError: the text is no formula over these names, or of another type; the error has the position.

        >>> from salesmgmt.core.formula import BOOL, NUMBER, Formula, Schema
        >>> Formula.parse("1<a<=10", Schema({"a": NUMBER}), wanted=BOOL)
        Formula('1 < a and a <= 10')
        """
        return cls(text, schema, wanted=wanted)

    @classmethod
    def from_json(cls, document: object, schema: Schema, *, wanted: Type | None = None) -> Formula:
        """Read what `to_json` wrote; names, types and limits are checked as `parse` does.

        Raises:
            InvalidInput: the document is no formula; every fault is listed with its path.
            FormulaError: it is one, but not of the type that is wanted, or too long.

        >>> from salesmgmt.core.formula import NUMBER, Formula, Schema
        >>> name = {"kind": "name", "name": "a"}
        >>> Formula.from_json({"formula_version": 1, "tree": {"kind": "negative", "operand": name}}, Schema({"a": NUMBER}))
        Formula('-a')
        """
        return cls(canonical(read_document(document, schema)), schema, wanted=wanted)

    def to_json(self) -> dict[str, Any]:
        """The tree as plain JSON values: exact numbers as text, `formula_version` 1.

        >>> from salesmgmt.core.formula import NUMBER, Formula, Schema
        >>> Formula.parse("a", Schema({"a": NUMBER})).to_json()
        {'formula_version': 1, 'tree': {'kind': 'name', 'name': 'a'}}
        """
        return write_document(self.tree)

    def evaluate(self, values: Values) -> Value | None:
        """Work the formula out; `None` is a missing result.

        Args:
            values: by name, spelled as in the schema. A name that is not given, or `None`, is missing; other names
                are ignored. An `int` is taken for a number, a member of an enum for its value.

        Raises:
            FloatRefused: a value is a float.
            EvaluationError: a value is not of its declared type, a division by zero, a result out of range, or two
                currencies that do not go together; the error has the position.

        >>> from salesmgmt.core.formula import NUMBER, Formula, Schema
        >>> Formula.parse("a / 3", Schema({"a": NUMBER})).evaluate({"a": 1})
        Decimal('0.3333333333333333333333333333333333')
        """
        result: Value | None = self._finish(self._run(values))
        return result

    def holds(self, values: Values) -> bool:
        """Whether the condition is true for these values; a missing result counts as false.

        Raises:
            FloatRefused, EvaluationError: as for `evaluate`, and when the formula is no condition.

        >>> from salesmgmt.core.formula import TEXT, Formula, Schema
        >>> gold = Formula.parse("customer.segment == 'gold'", Schema({"customer.segment": TEXT}))
        >>> gold.holds({"customer.segment": "gold"}), gold.holds({})
        (True, False)
        """
        found = self._run(values)
        return found is True or (self.type != BOOL and self._refuse_question())

    def why_not(self, values: Values) -> WhyNot | None:
        """The first part of the condition that does not hold; `None` when the condition holds.

        Raises:
            FloatRefused, EvaluationError: as for `holds`; a value of the part that failed is refused even when the
                answer did not depend on it.

        >>> from salesmgmt.core.formula import NUMBER, TEXT, Formula, Schema
        >>> schema = Schema({"customer.segment": TEXT, "line.quantity": NUMBER})
        >>> vip = Formula.parse("line.quantity >= 10 and customer.segment == 'vip'", schema)
        >>> print(vip.why_not({"line.quantity": 12, "customer.segment": "gold"}))
        customer.segment == 'vip': found 'gold'
        """
        if self.type != BOOL:
            self._refuse_question()
        return None if self._run(values) is True else explained(self.tree, values, self.source)

    def _refuse_question(self) -> bool:
        raise EvaluationError(
            self.source,
            self.tree.position,
            f"a result of type {self.type}, not a condition",
            hint="parse a condition with wanted=BOOL",
        )

    def __eq__(self, other: object) -> bool:
        return self.tree == other.tree if isinstance(other, Formula) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.tree)

    def __str__(self) -> str:
        return self._canonical

    def __repr__(self) -> str:
        return f"Formula({shorten_text(self._canonical, 80)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Formula, (self.source, self.schema)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Formula is immutable: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Formula is immutable: {name} cannot be deleted")
