"""One small typed language for conditions and formulas: parse, check, evaluate, explain.

    from salesmgmt.core.formula import BOOL, NUMBER, SET, TEXT, Formula, Schema

`Formula` is the door; `Schema`, `schema_of` and `values_of` connect it to data; `static` answers questions without
values; `nodes` has the tree and the `Visitor` for further readings.
"""

from salesmgmt.core.formula.attributes import schema_of, values_of
from salesmgmt.core.formula.declared import Declared, FactType, declare
from salesmgmt.core.formula.errors import (
    CurrenciesDiffer,
    EvaluationError,
    FormulaError,
    ResultOutOfRange,
    WrongValue,
    ZeroDivisor,
)
from salesmgmt.core.formula.explain import WhyNot
from salesmgmt.core.formula.formula import Formula
from salesmgmt.core.formula.linting import lint, lint_condition
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
    "Declared",
    "EvaluationError",
    "FactType",
    "Formula",
    "FormulaError",
    "ResultOutOfRange",
    "Schema",
    "Type",
    "Value",
    "Values",
    "WhyNot",
    "WrongValue",
    "ZeroDivisor",
    "contradicts",
    "declare",
    "implies",
    "lint",
    "lint_condition",
    "overlaps",
    "schema_of",
    "values_of",
]
