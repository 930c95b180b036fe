"""The formulas and metrics of this library on data frames of pandas, polars, DuckDB and pyarrow.

    from salesmgmt import frames

It needs the extra `frames` (narwhals). Results are those of evaluation, to the last digit; what a kind of frame cannot do
exactly is refused, never approximated.
"""

from salesmgmt.frames.column import Column, Columns
from salesmgmt.frames.errors import NotAColumn, UnsupportedBackend
from salesmgmt.frames.formula import condition, filter  # noqa: A004 - it is called as `frames.filter`
from salesmgmt.frames.metrics import measure, measure_by

__all__ = [
    "Column",
    "Columns",
    "NotAColumn",
    "UnsupportedBackend",
    "condition",
    "filter",
    "measure",
    "measure_by",
]
