"""The reading of a formula on data frames: the rows for which a condition holds, missing values included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from salesmgmt.core.formula import BOOL, Formula
from salesmgmt.core.formula.compile import compiled, turned
from salesmgmt.core.formula.nodes import (
    And,
    Comparison,
    IsMissing,
    Membership,
    Name,
    Node,
    Not,
    Or,
    Visitor,
    walk,
)
from salesmgmt.frames._backend import backend_of, narwhals, opened
from salesmgmt.frames._columns import Operand, TextColumn, operand
from salesmgmt.frames._truth import Truth, all_of, any_of, negated
from salesmgmt.frames.column import Columns
from salesmgmt.frames.errors import UnsupportedBackend

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

FrameT = TypeVar("FrameT")


def filter(frame: FrameT, formula: Formula, columns: Columns | None = None) -> FrameT:  # noqa: A001 - as `frames.filter`
    """Return the rows of a frame for which a condition holds, as a frame of the same kind.

    A lazy frame stays lazy. Comparisons of columns with constants and with each other, `in`, `and`, `or`, `not` and `is missing` can
    be asked; whatever needs arithmetic or functions is to be computed as a column before.

    Args:
        frame: of pandas, polars (lazy or not), DuckDB or pyarrow. Null and NaN are missing.
        formula: the condition.
        columns: where the frame has the names of the formula and in which unit; amounts must be declared.

    Raises:
        MissingExtra: narwhals is not installed.
        NotAColumn: a name is no column of a fitting type.
        UnsupportedBackend: the condition has a part that cannot be asked, or the frame is of another kind.
        EvaluationError: a part without names has no answer.

    >>> import polars as pl
    >>> from salesmgmt import frames
    >>> from salesmgmt.core.formula import MONEY, TEXT, Formula, Schema
    >>> large = Formula.parse("stage != 'lost' and amount >= 99.50 EUR", Schema({"stage": TEXT, "amount": MONEY}))
    >>> deals = pl.DataFrame({"stage": ["won", "lost", None, "new"], "amount": [9950, 20000, 30000, None]})
    >>> frames.filter(deals, large, {"amount": frames.Column(scale=2, currency="EUR")}).rows()
    [('won', 9950)]
    """
    found = opened(frame)
    truth = render(found, formula, columns)
    if truth is True:
        return frame
    kept = found.head(0) if truth is False else found.filter(truth)
    native: FrameT = kept.to_native()
    return native


def condition(frame: object, formula: Formula, columns: Columns | None = None) -> nw.Expr:
    """Return a condition as a narwhals expression that is true or false, never null, in every row of a frame.

    Arguments and errors are those of `filter`; the frame is only asked for the types of its columns.

    >>> import narwhals.stable.v2 as nw
    >>> import polars as pl
    >>> from salesmgmt import frames
    >>> from salesmgmt.core.formula import TEXT, Formula, Schema
    >>> won = Formula.parse("stage == 'won'", Schema({"stage": TEXT}))
    >>> deals = pl.DataFrame({"stage": ["won", None]})
    >>> nw.from_native(deals).with_columns(won=frames.condition(deals, won))["won"].to_list()
    [True, False]
    """
    truth = render(opened(frame), formula, columns)
    expr: nw.Expr = narwhals().lit(truth) if isinstance(truth, bool) else truth
    return expr


def render(frame: nw.DataFrame[Any] | nw.LazyFrame[Any], formula: Formula, columns: Columns | None) -> Truth:
    """Render a condition for a frame that is opened already; see `filter`."""
    reading = _FrameReading(formula, dict(frame.collect_schema()), columns or {}, backend_of(frame))
    return reading.visit(formula.tree)


class _FrameReading(Visitor[Truth]):
    def __init__(
        self, formula: Formula, dtypes: dict[str, nw.dtypes.DType], columns: Columns, backend: str
    ) -> None:
        self._formula, self._dtypes, self._columns, self._backend = formula, dtypes, columns, backend
        if formula.type != BOOL:
            raise self._unsupported(formula.tree)

    def visit(self, node: Node) -> Truth:
        if node.type == BOOL and _is_constant(node):
            return bool(self._constant(node))
        return super().visit(node)

    def other(self, node: Node) -> Truth:
        raise self._unsupported(node)

    def name(self, node: Name) -> Truth:
        column = self._column(node)
        return all_of((column.present, column.expr))

    def not_(self, node: Not) -> Truth:
        return negated(self.visit(node.operand))

    def and_(self, node: And) -> Truth:
        return all_of(map(self.visit, node.operands))

    def or_(self, node: Or) -> Truth:
        return any_of(map(self.visit, node.operands))

    def is_missing(self, node: IsMissing) -> Truth:
        present = self._column(node.operand).present
        return present if node.negated else ~present

    def comparison(self, node: Comparison) -> Truth:
        if _is_constant(node.left):
            node = turned(node)
        left = self._column(node.left)
        if _is_constant(node.right):
            return all_of((left.present, left.compared(node.sign, self._constant(node.right))))
        right = self._column(node.right)
        return all_of((left.present, right.present, left.related(node.sign, right)))

    def membership(self, node: Membership) -> Truth:
        if not _is_constant(node.members):
            raise self._unsupported(node)
        item = self._column(node.item)
        members = self._constant(node.members)
        if isinstance(item, TextColumn):
            within: Truth = item.expr.is_in(sorted(members))
        else:
            within = any_of(item.compared("==", member) for member in members)
        # A null inside `within` would survive the negation, so the presence is joined after it.
        return all_of((item.present, negated(within) if node.negated else within))

    def _column(self, node: Node) -> Operand:
        if not isinstance(node, Name):
            raise self._unsupported(node)
        return operand(node.name, node.type, self._dtypes, self._columns)

    def _constant(self, node: Node) -> Any:
        return compiled(node, self._formula.source)({})

    def _unsupported(self, node: Node) -> UnsupportedBackend:
        return UnsupportedBackend(
            f"the part at position {node.position} of {self._formula.source!r}",
            self._backend,
            hint="compute it as a column first; comparisons, in, and, or, not, is missing can be asked",
        )


def _is_constant(node: Node) -> bool:
    return not any(isinstance(part, Name) for part in walk(node))
