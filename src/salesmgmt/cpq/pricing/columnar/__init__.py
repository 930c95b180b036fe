"""Pricing of very many lines at once: columns in, a column of net amounts out, exact to the minor unit.

`Columnar(pricer).net_amounts({"line.product": ..., "line.quantity": ...}, currency="EUR", at=now)`. It needs NumPy:
`pip install 'salesmgmt[fast]'`.
"""

from __future__ import annotations

from salesmgmt.core.errors import MissingExtra

try:
    import numpy as np  # noqa: F401 - only to see whether it is there
except ImportError as error:
    raise MissingExtra("numpy", "fast") from error

from salesmgmt.cpq.pricing.columnar.columnar import Columnar
from salesmgmt.cpq.pricing.columnar.columns import Coded, Column, Scaled
from salesmgmt.cpq.pricing.columnar.plan import ColumnPlan, Inexpressible
from salesmgmt.cpq.pricing.columnar.plan_of import plan_of
from salesmgmt.cpq.pricing.columnar.result import ColumnarResult

__all__ = [
    "Coded",
    "Column",
    "ColumnPlan",
    "Columnar",
    "ColumnarResult",
    "Inexpressible",
    "Scaled",
    "plan_of",
]
