"""The metrics of the rooms on data frames: a frame counts and adds whole numbers, the rest is worked out exactly here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from salesmgmt.core.exact import WIDE
from salesmgmt.core.formula import BOOL, DATE, NUMBER, TEXT, Formula, Type, Value
from salesmgmt.core.formula.nodes import Name
from salesmgmt.core.measured import Measured
from salesmgmt.engines.metrics import Count, Figure, Leaf, Mean, Measurer, Part, Sum
from salesmgmt.frames._backend import backend_of, narwhals, opened
from salesmgmt.frames._columns import MoneyColumn, NumberColumn, TextColumn, operand
from salesmgmt.frames._truth import Truth, all_of, negated
from salesmgmt.frames.column import Columns
from salesmgmt.frames.errors import NotAColumn, UnsupportedBackend
from salesmgmt.frames.formula import render

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

_PREFIX = "salesmgmt_"
_ROWS = f"{_PREFIX}rows"
_TOO_LARGE = 2**63


def measure(frame: object, measurer: Measurer, columns: Columns | None = None) -> Measured[Figure]:
    """Compute a metric of all rows of a frame: the same figure, to the last digit, as `measurer.measure` of the rows.

    Counts, sums and means of a column, and ratios of these, with conditions that `filter` can ask.

    Args:
        frame: of pandas, polars (lazy or not), DuckDB or pyarrow. Null and NaN are missing.
        measurer: a metric compiled for the kind of rows that the frame has.
        columns: where the frame has the names of the metric and in which unit; amounts must be declared.

    Raises:
        MissingExtra: narwhals is not installed.
        NotAColumn: a name is no column of a fitting type.
        UnsupportedBackend: the metric, or a part of it, cannot be computed exactly on this frame.

    >>> import polars as pl
    >>> from salesmgmt import frames
    >>> from salesmgmt.core.formula import TEXT, Schema
    >>> from salesmgmt.engines.metrics import Count, Metric, Ratio, Unit
    >>> win_rate = Metric(id="win_rate", facts="deal", unit=Unit.RATIO,
    ...                   aggregate=Ratio(Count("status == 'won'"), Count("status in {'won', 'lost'}")))
    >>> deals = pl.DataFrame({"status": ["won", "lost", "lost", "open"]})
    >>> frames.measure(deals, win_rate.compile(Schema({"status": TEXT}))).value
    Decimal('0.3333333333333333333333333333333333')
    """
    groups = [parts for _, parts in _parts(frame, measurer, columns or {}, None)]
    return measurer.of_parts(groups)


def measure_by(
    frame: object, measurer: Measurer, by: str, columns: Columns | None = None
) -> dict[Value | None, Measured[Figure]]:
    """Compute a metric of each group of rows, as `measurer.by` does.

    Args:
        frame: as for `measure`.
        measurer: as for `measure`.
        by: the name that groups: a text, bool, date or whole number. Rows without it are in the group `None`.
        columns: as for `measure`.

    Raises:
        NotAColumn, UnsupportedBackend: as for `measure`, and when `by` cannot group.

    >>> import polars as pl
    >>> from salesmgmt import frames
    >>> from salesmgmt.core.formula import TEXT, Schema
    >>> from salesmgmt.engines.metrics import Count, Metric, Unit
    >>> deals = Metric(id="deals", facts="deal", unit=Unit.COUNT, aggregate=Count()).compile(Schema({"owner": TEXT}))
    >>> frames.measure_by(pl.DataFrame({"owner": ["li", "li", None]}), deals, "owner")["li"].value
    Decimal('2')
    """
    groups: dict[Value | None, list[list[Part]]] = {}
    for key, parts in _parts(frame, measurer, columns or {}, by):
        groups.setdefault(key, []).append(parts)
    return {key: measurer.of_parts(its) for key, its in groups.items()}


def _parts(
    frame: object, measurer: Measurer, columns: Columns, by: str | None
) -> Iterator[tuple[Value | None, list[Part]]]:
    """Let the frame count and add by key and currency, and read what it found."""
    opened_frame = opened(frame)
    leaves = [
        _FrameLeaf(place, leaf, opened_frame, measurer, columns)
        for place, leaf in enumerate(measurer.plan.leaves)
    ]
    key = None if by is None else _Key(by, measurer, opened_frame, columns)
    computed = {name: expr for leaf in leaves for name, expr in leaf.computed.items()}
    keys = ([] if key is None else [key.column]) + [leaf.currency for leaf in leaves if leaf.currency]
    for row in _aggregated(opened_frame, computed, list(dict.fromkeys(keys))):
        _refuse_overflow(row, leaves, backend_of(opened_frame))
        yield (None if key is None else key.value(row)), [leaf.part(row) for leaf in leaves]


def _aggregated(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any], computed: Mapping[str, nw.Expr], keys: list[str]
) -> list[dict[str, Any]]:
    nw = narwhals()
    aggregates = [nw.len().alias(_ROWS)]
    for name in computed:
        aggregates.append(nw.col(name).sum())
        if name.endswith("_value"):
            aggregates += [nw.col(name).min().alias(f"{name}_min"), nw.col(name).max().alias(f"{name}_max")]
    ready = frame.with_columns(**computed)
    found: Any = ready.group_by(*keys).agg(*aggregates) if keys else ready.select(*aggregates)
    collected = found.collect() if isinstance(found, nw.LazyFrame) else found
    rows: list[dict[str, Any]] = collected.rows(named=True)
    return rows


class _FrameLeaf:
    """One aggregate: the whole-number columns that are added up for it, and the part that their sums are."""

    def __init__(
        self,
        place: int,
        leaf: Leaf,
        frame: nw.DataFrame[Any] | nw.LazyFrame[Any],
        measurer: Measurer,
        columns: Columns,
    ) -> None:
        schema = measurer.facts.schema
        self._backend = backend_of(frame)
        self._n, self._missing, self.value = (
            f"{_PREFIX}{place}_{part}" for part in ("n", "missing", "value")
        )
        self.currency = self._fixed = ""
        self._scale = 0
        where: Truth = True
        if leaf.where is not None:
            where = render(frame, Formula.parse(leaf.where, schema, wanted=BOOL), columns)
        if isinstance(leaf, Count):
            self.computed = {self._n: _flag(where)}
            return
        if not isinstance(leaf, Sum | Mean):
            what = f"a {type(leaf).__name__.lower()}"
            raise UnsupportedBackend(
                what, self._backend, hint="measure the rows themselves: Measurer.measure"
            )
        tree = Formula.parse(leaf.of, schema).tree
        if not isinstance(tree, Name):
            what = f"the formula {leaf.of!r}"
            raise UnsupportedBackend(what, self._backend, hint="compute it as a column first")
        column = operand(tree.name, tree.type, dict(frame.collect_schema()), columns)
        if isinstance(column, MoneyColumn):
            if isinstance(column.currency, TextColumn):
                self.currency = column.currency.name
            else:
                self._fixed = column.currency
        number = column.amount if isinstance(column, MoneyColumn) else column
        if not isinstance(number, NumberColumn) or number.is_float:
            reason, hint = "floats do not add up exactly", "make it whole numbers that may be missing: Int64"
            raise NotAColumn(column.name, reason, hint=hint)
        self._scale = number.scale
        counted = _flag(all_of((where, column.present)))
        self.computed = {
            self._n: counted,
            self._missing: _flag(all_of((where, negated(column.present)))),
            self.value: number.expr.fill_null(0).cast(narwhals().Int64) * counted,
        }

    def part(self, row: Mapping[str, Any]) -> Part:
        """Read the part off a row of sums."""
        currency = self._fixed or (_known(row[self.currency]) if self.currency else "") or ""
        units = Decimal(_whole(row.get(self.value)))
        return Part(
            n=_whole(row[self._n]),
            missing=_whole(row.get(self._missing)),
            total=units.scaleb(-self._scale, WIDE),
            currency=currency,
        )


class _Key:
    """The column that groups."""

    def __init__(
        self, by: str, measurer: Measurer, frame: nw.DataFrame[Any] | nw.LazyFrame[Any], columns: Columns
    ) -> None:
        kind = measurer.facts.schema.get(by)
        if kind not in (TEXT, BOOL, DATE, NUMBER):
            reason = "it is no name of the metric's rows" if kind is None else f"a {kind} does not group"
            raise NotAColumn(by, reason, hint="group by a text, bool, date or whole number")
        column = operand(by, kind, dict(frame.collect_schema()), columns)
        self.column, self._kind = column.name, kind
        self._scale = column.scale if isinstance(column, NumberColumn) else 0

    def value(self, row: Mapping[str, Any]) -> Value | None:
        """Read the key of a group."""
        found = _known(row[self.column])
        return None if found is None else _value(found, self._kind, self._scale)


def _value(found: Any, kind: Type, scale: int) -> Value:
    if kind == NUMBER:
        return Decimal(_whole(found)).scaleb(-scale, WIDE)
    if kind == BOOL:
        return bool(found)
    if kind == DATE:
        return found.date() if isinstance(found, datetime) else date.fromisoformat(str(found)[:10])
    return str(found)


def _flag(truth: Truth) -> nw.Expr:
    whole = narwhals().Int64
    flag: nw.Expr = narwhals().lit(int(truth), whole) if isinstance(truth, bool) else truth.cast(whole)
    return flag


def _known(found: Any) -> Any:
    """Return what stands there, `None` for null, NaN and NaT, none of which equals itself."""
    return None if found is None or found != found else found  # noqa: PLR0124 - the test for NaN


def _whole(found: Any) -> int:
    return 0 if found is None else int(found)


def _refuse_overflow(row: Mapping[str, Any], leaves: list[_FrameLeaf], backend: str) -> None:
    """Refuse sums that may have left 64 bits; most frames would have wrapped them around silently."""
    for leaf in leaves:
        if leaf.value in leaf.computed:
            largest = max(abs(_whole(row[f"{leaf.value}_{end}"])) for end in ("min", "max"))
            if largest * _whole(row[_ROWS]) >= _TOO_LARGE:
                what = "a sum beyond 64 bits"
                raise UnsupportedBackend(what, backend, hint="measure the rows themselves: Measurer.measure")
