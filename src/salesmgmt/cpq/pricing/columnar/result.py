"""What a columnar pricing gives back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from salesmgmt.core.errors import UnknownOption
from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.money import Money, known_money
from salesmgmt.cpq.pricing.columnar._lookup import CHUNK, Chunk
from salesmgmt.cpq.pricing.columnar._prepared import Prepared
from salesmgmt.cpq.pricing.columnar.columns import Coded, Encoded
from salesmgmt.cpq.pricing.columnar.plan import CONFLICT, NO_PRICE, Inexpressible

REASONS = ("", NO_PRICE, CONFLICT)


@attrs.frozen(eq=False, kw_only=True)
class ColumnarResult:
    """Net amounts of lines, in the order of the columns.

    Attributes:
        currency: of every amount.
        decimals: `net` counts units of 10^-decimals: minor units, unless the procedure rounds to less than that.
        net: whole numbers; of dtype `int64`, or `object` when one needs more than 64 bits. Zero where there is no
            price: look at `unpriced` first.
        unpriced: where a line has no price.
        by_rows: how many lines were priced one by one, because tables cannot express the model, or these lines.
        reason: what stood in the way of the model; `None` when tables express it.
    """

    currency: str
    decimals: int
    net: NDArray[Any]
    unpriced: NDArray[np.bool_]
    by_rows: int = 0
    reason: Inexpressible | None = None
    _reasons: NDArray[np.int8]
    _rows: NDArray[np.int64]
    _prepared: Prepared | None
    _columns: Mapping[str, Encoded]

    def __len__(self) -> int:
        return len(self.net)

    def why_unpriced(self, position: int) -> str:
        """The code of why a line has no price, `no_price` or `conflict`; empty when it has one."""
        return REASONS[int(self._reasons[position])]

    def money(self, position: int) -> Money | None:
        """The net amount of a line; `None` when it has no price."""
        if self.unpriced[position]:
            return None
        return known_money(Decimal(int(self.net[position])).scaleb(-self.decimals, CONTEXT), self.currency)

    def monies(self) -> list[Money | None]:
        """The net amount of each line; `None` for those that have no price."""
        code, down = self.currency, -self.decimals
        monies: list[Money | None] = [
            known_money(Decimal(units).scaleb(down, CONTEXT), code) for units in self.net.tolist()
        ]
        for position in np.flatnonzero(self.unpriced).tolist():
            monies[position] = None
        return monies

    def winners(self, step: str) -> Coded:
        """Which records or rules decided in a step, worked out when asked.

        Args:
            step: id of a step that looks something up.

        Returns:
            For each line a number into `values`, each a tuple of ids, empty where nothing applied; -1 where the line was
            priced by itself, so that its trace is the place to look.

        Raises:
            UnknownOption: the plan has no such step.
        """
        count = len(self)
        if self._prepared is None:
            return Coded(np.full(count, -1, np.int64), ())
        first_step = self._prepared.plan.price.step
        is_price = step == first_step
        steps = [first_step, *(table[0].step for table in self._prepared.tables if table[1] is not None)]
        if step not in steps:
            raise UnknownOption("the step", step, dict.fromkeys(steps))
        codes = np.zeros(count, np.int64)
        values: list[tuple[str, ...]] = [()]
        chunk = Chunk(self._columns)
        for entries, records in self._prepared.finders(step, self._columns):
            own = np.empty(count, np.int64)
            for start in range(0, count, CHUNK):
                chunk.move(start, min(start + CHUNK, count))
                own[chunk.first : chunk.last] = entries(chunk)
            pairs, codes = np.unique(codes * len(records) + own, return_inverse=True)
            before, values = values, []
            for pair in pairs.tolist():
                first, second = divmod(pair, len(records))
                found = records[second]
                # A price of a more specific level replaces the one before; rules of several tables all count.
                values.append(found or before[first] if is_price else (*before[first], *found))
        codes[self._rows] = -1
        return Coded(codes, tuple(values))
