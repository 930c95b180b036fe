"""One small typed language for conditions and formulas: parse, check, evaluate, explain.

    from salesmgmt.core.formula import BOOL, NUMBER, SET, TEXT, Formula, Schema

`Formula` is the door; `Schema`, `schema_of` and `values_of` connect it to data; `static` answers questions without
values; `nodes` has the tree and the `Visitor` for further readings.
"""

from salesmgmt.core.formula.attributes import schema_of, values_of
from salesmgmt.core.formula.errors import (
    CurrenciesDiffer,
    EvaluationError,
    FormulaError,
    ResultOutOfRange,
    WrongValue,
    ZeroDivisor,
)
from salesmgmt.core.formula.explain import Unmet
from salesmgmt.core.formula.formula import Formula
from salesmgmt.core.formula.linting import lint
from salesmgmt.core.formula.schema import Schema
from salesmgmt.core.formula.static import contradicts, implies, overlaps
from salesmgmt.core.formula.types import (
    BOOL,
    DATE,
    INSTANT,
    MONEY,
    NUMBER,
    PERCENT,
    SET,
    TEXT,
    Type,
    Value,
    Values,
)

__all__ = [
    "BOOL",
    "DATE",
    "INSTANT",
    "MONEY",
    "NUMBER",
    "PERCENT",
    "SET",
    "TEXT",
    "CurrenciesDiffer",
    "EvaluationError",
    "Formula",
    "FormulaError",
    "ResultOutOfRange",
    "Schema",
    "Type",
    "Unmet",
    "Value",
    "Values",
    "WrongValue",
    "ZeroDivisor",
    "contradicts",
    "implies",
    "lint",
    "overlaps",
    "schema_of",
    "values_of",
]
