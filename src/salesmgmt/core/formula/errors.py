"""What the formula language refuses: a text that is no formula, and an evaluation that has no answer."""

from __future__ import annotations

from salesmgmt.core.errors import SalesError, shorten


class FormulaError(SalesError, ValueError):
    """A text is not a formula, or its types do not fit.

    Attributes:
        formula: the text.
        position: where the fault is: the index of a character, from 0; the length of the text when it ends too early.
        expected: what would have been right there.
        found: what stands there.
        nearest: the known name that is most like an unknown one; `None` otherwise.

    >>> from salesmgmt.core.formula import NUMBER, Formula, FormulaError, Schema
    >>> try:
    ...     Formula.parse("quantty >= 10", Schema({"quantity": NUMBER}))
    ... except FormulaError as error:
    ...     print(error)
    position 0: expected a known name, found quantty; did you mean quantity?
    """

    code = "formula_error"

    def __init__(
        self, formula: str, position: int, *, expected: str, found: str, hint: str, nearest: str | None = None
    ) -> None:
        super().__init__(f"position {position}: expected {expected}, found {found}", hint=hint)
        self.formula = formula
        self.position = position
        self.expected = expected
        self.found = found
        self.nearest = nearest


class EvaluationError(SalesError, ValueError):
    """A formula has no answer for the values that it was given.

    Attributes:
        formula: the text.
        position: where in the text the fault came up, from 0.
        problem: what came up.

    >>> from salesmgmt.core.formula import NUMBER, EvaluationError, Formula, Schema
    >>> share = Formula.parse("part / whole", Schema({"part": NUMBER, "whole": NUMBER}))
    >>> try:
    ...     share.evaluate({"part": 1, "whole": 0})
    ... except EvaluationError as error:
    ...     print(error)
    division by zero at position 5 of the formula 'part / whole'; check the divisor first: if … == 0 then … else …
    """

    code = "evaluation_error"

    def __init__(self, formula: str, position: int, problem: str, *, hint: str) -> None:
        super().__init__(
            f"{problem} at position {position} of the formula {shorten(formula, 120)}", hint=hint
        )
        self.formula = formula
        self.position = position
        self.problem = problem


class ZeroDivisor(EvaluationError, ZeroDivisionError):
    """A formula divided by zero."""

    code = "formula_zero_divisor"

    def __init__(self, formula: str, position: int) -> None:
        super().__init__(
            formula, position, "division by zero", hint="check the divisor first: if … == 0 then … else …"
        )


class ResultOutOfRange(EvaluationError, OverflowError):
    """A result in a formula is beyond 10^100, or not zero but below 10^-99."""

    code = "formula_out_of_range"

    def __init__(self, formula: str, position: int) -> None:
        super().__init__(
            formula, position, "a result too large or too small", hint="check the values and the factors"
        )


class CurrenciesDiffer(EvaluationError):
    """A formula added, ordered or divided amounts of different currencies.

    Attributes:
        left: the one currency.
        right: the other.
    """

    code = "formula_currencies_differ"

    def __init__(self, formula: str, position: int, left: str, right: str) -> None:
        super().__init__(
            formula,
            position,
            f"{left} and {right} do not go together",
            hint="convert one of them before the formula is evaluated",
        )
        self.left = left
        self.right = right


class WrongValue(EvaluationError, TypeError):
    """A value given to a formula is not of the type that its schema declares.

    Attributes:
        name: whose value it is.
        found: the value, shortened for showing.
        wanted: what the schema declares.
    """

    code = "formula_wrong_value"

    def __init__(self, formula: str, position: int, name: str, found: object, wanted: str) -> None:
        self.name = name
        self.found = shorten(found)
        self.wanted = wanted
        super().__init__(
            formula,
            position,
            f"{name} is {self.found}, which is not {wanted}",
            hint=f"give {name} as {wanted}, or None when it is missing",
        )
