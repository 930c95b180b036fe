"""A plan made ready: its tables are painted once, and then runs over any columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from salesmgmt.cpq.pricing.columnar._kernel import (
    LARGEST,
    AmountStep,
    LookUpStep,
    Numbers,
    Painted,
    RatioStep,
    ReplaceStep,
    RoundStep,
    Step,
    TooLarge,
    Values,
    Work,
    amount_values,
    numbered,
    price_values,
    ratio_values,
)
from salesmgmt.cpq.pricing.columnar._lookup import CHUNK, Chunk, Lookup
from salesmgmt.cpq.pricing.columnar._rule_step import RuleSearchStep
from salesmgmt.cpq.pricing.columnar._rule_table import RuleLookup, RuleTable, rule_table
from salesmgmt.cpq.pricing.columnar._table import MOST_CELLS, painted
from salesmgmt.cpq.pricing.columnar.columns import Encoded, Units
from salesmgmt.cpq.pricing.columnar.plan import (
    ChooseRule,
    ColumnPlan,
    Inexpressible,
    Later,
    Layer,
    ReplacePrice,
    RoundAmount,
    TakeAmount,
    TakeRatio,
)

Changing = TakeRatio | TakeAmount | ReplacePrice
Ready = tuple[Changing, Painted, bool] | tuple[ChooseRule, RuleTable, bool] | tuple[RoundAmount, None, bool]


@attrs.frozen(eq=False)
class Prepared:
    """A plan with its tables.

    Attributes:
        plan: the plan.
        levels: the tables of prices.
        tables: for each later operation its table, and `None` for those that round.
    """

    plan: ColumnPlan
    levels: tuple[Painted, ...]
    tables: tuple[Ready, ...]

    def _painted(self, step: str) -> Iterator[Painted]:
        """The tables of a step, in order."""
        if step == self.plan.price.step:
            yield from self.levels
        for operation, table, _ in self.tables:
            if operation.step == step and isinstance(table, Painted):
                yield table

    def finders(
        self, step: str, columns: Mapping[str, Encoded]
    ) -> Iterator[tuple[Callable[[Chunk], Numbers], Sequence[tuple[str, ...]]]]:
        """For each table of a step what finds the entries of the lines of a chunk, and the ids behind each entry."""
        for painted_table in self._painted(step):
            yield _finder(painted_table, Lookup(painted_table.table, columns, self.plan.families))
        for operation, table, _ in self.tables:
            if operation.step == step and isinstance(table, RuleTable):
                yield RuleLookup(table, columns).entries, table.records


def _finder(table: Painted, lookup: Lookup) -> tuple[Callable[[Chunk], Numbers], Sequence[tuple[str, ...]]]:
    def found(chunk: Chunk) -> Numbers:
        cells = lookup.cells(chunk)
        entries: Numbers = table.table.cells[lookup.base if cells is None else cells]
        return entries

    return found, table.records


@attrs.frozen(eq=False)
class Run:
    """What came out.

    Attributes:
        net: whole units of the plan's decimals.
        signs: negative where a line has no price; `None` when all have one.
        rows: positions of lines that only the row path can tell, or that need more digits than an amount may have.
    """

    net: Numbers
    signs: NDArray[np.int8] | None
    rows: NDArray[np.int64]


class _TooManyCells(Exception):
    def __init__(self, step: str, cells: int) -> None:
        self.reason = Inexpressible(
            step=step, found=f"a table of {cells} cells", wanted=f"at most {MOST_CELLS} cells"
        )


def prepare(plan: ColumnPlan) -> Prepared | Inexpressible:
    """Paint the tables of a plan; what stands in the way, when one would be too large."""
    try:
        levels = tuple(_level(plan.price.step, layers) for layers in plan.price.levels)
        tables = tuple(ready for operation in plan.operations for ready in _ready(operation))
    except _TooManyCells as error:
        return error.reason
    return Prepared(plan, levels, tables)


def _level(step: str, layers: Sequence[Layer]) -> Painted:
    table = painted(layers, is_sum=False)
    if isinstance(table, int):
        raise _TooManyCells(step, table)
    return numbered(table, layers, price_values(table, layers))


def _ready(operation: Later) -> Iterator[Ready]:
    if isinstance(operation, RoundAmount):
        yield operation, None, False
        return
    if isinstance(operation, ChooseRule):
        rules = rule_table(operation)
        if isinstance(rules, int):
            raise _TooManyCells(operation.step, rules)
        yield operation, rules, False
        return
    yield from _changing(operation)


def _changing(operation: Changing) -> Iterator[Ready]:
    is_sum = not (
        isinstance(operation, ReplacePrice) or (isinstance(operation, TakeRatio) and not operation.is_sum)
    )
    table = painted(operation.layers, is_sum=is_sum)
    if isinstance(table, int):
        # What commutes can be taken apart by the facts that it asks for.
        groups: dict[frozenset[str], list[Layer]] = {}
        for layer in operation.layers:
            groups.setdefault(frozenset(layer.where), []).append(layer)
        if not is_sum or len(groups) == 1 or any(layer.from_start for layer in operation.layers):
            raise _TooManyCells(operation.step, table)
        for layers in groups.values():
            yield from _changing(attrs.evolve(operation, layers=tuple(layers)))
        return
    match operation:
        case TakeRatio():
            values, peak = ratio_values(table, operation.layers)
            yield operation, numbered(table, operation.layers, values, peak), False
        case TakeAmount():
            values, is_plus = amount_values(table, operation.layers)
            yield operation, numbered(table, operation.layers, values), is_plus
        case ReplacePrice():
            yield operation, numbered(table, operation.layers, price_values(table, operation.layers)), False


_FINEST = 10**90


def run(prepared: Prepared, columns: Mapping[str, Encoded], count: int) -> Run | Inexpressible:
    """Price lines; what stands in the way, when their numbers have too many decimals.

    Args:
        prepared: the plan.
        columns: by name of the fact; `line.product` and `line.quantity` are there.
        count: how many lines there are.
    """
    quantity = columns["line.quantity"]
    assert isinstance(quantity, Units)  # noqa: S101 - it is a number
    first, steps, factor = _steps(prepared, columns, quantity)
    if max((first.denominator, *(step.denominator for step in steps))) > _FINEST:
        return Inexpressible(step="", found="numbers of very many decimals", wanted="at most 90 in a product")
    chunk = Chunk(columns)
    net: Numbers = np.empty(count, np.int64)
    all_signs: NDArray[np.int8] | None = None
    rows: list[NDArray[np.int64]] = []
    for start in range(0, count, CHUNK):
        chunk.move(start, min(start + CHUNK, count))
        here = slice(chunk.first, chunk.last)
        units = chunk.units(quantity)
        try:
            try:
                work = _computed(first, steps, Work(chunk, units, quantity.high), factor)
            except TooLarge:
                work = _computed(first, steps, Work(chunk, units, int(units.max())), factor)
            np.multiply(work.amount, factor, out=net[here] if net.dtype != object else None, casting="unsafe")
            if net.dtype == object:
                net[here] = work.amount * factor
        except TooLarge:
            work = _computed(first, steps, Work(chunk, units, quantity.high, is_exact=True), factor)
            amounts = work.amount * factor
            if int(amounts.max()) > LARGEST and net.dtype != object:
                net = net.astype(object)
            net[here] = amounts
            work.undecided = work.too_long if work.undecided is None else work.too_long | work.undecided
        if work.undecided is not None:
            rows.append(np.flatnonzero(work.undecided) + start)
        if work.signs is not None:
            if all_signs is None:
                all_signs = np.zeros(count, np.int8)
            all_signs[here] = work.signs
            net[here][work.signs < 0] = 0
    return Run(net, all_signs, np.concatenate(rows) if rows else np.zeros(0, np.int64))


def _steps(
    prepared: Prepared, columns: Mapping[str, Encoded], quantity: Units
) -> tuple[LookUpStep, list[Step], int]:
    families = prepared.plan.families
    replaces = [isinstance(operation, ReplacePrice) for operation, _, _ in prepared.tables]

    def values(table: Painted) -> Values:
        return Values(Lookup(table.table, columns, families), table.numerators)

    count = 10**quantity.decimals
    first = LookUpStep(prepared.levels, [values(level) for level in prepared.levels], count)
    price_denominator = first.denominator
    denominator = price_denominator * count
    steps: list[Step] = []
    for place, (operation, table, is_plus) in enumerate(prepared.tables):
        step: Step
        if isinstance(operation, RoundAmount):
            step = RoundStep(operation, denominator)
        elif isinstance(table, RuleTable):
            search = RuleLookup(table, columns)
            keeps_price = any(replaces[place:])
            step = RuleSearchStep(search, denominator, price_denominator, count, keeps_price=keeps_price)
            price_denominator = step.price_denominator
        else:
            assert table is not None  # noqa: S101 - only those that round have none
            found = values(table)
            match operation:
                case TakeRatio():
                    step = RatioStep(table, found, denominator)
                case TakeAmount():
                    step = AmountStep(
                        table, found, denominator, count, per_unit=operation.per_unit, is_plus=is_plus
                    )
                case _:
                    step = ReplaceStep(table, found, denominator, price_denominator, count)
        denominator = step.denominator
        steps.append(step)
    return first, steps, int(10**prepared.plan.decimals) // denominator


def _computed(first: LookUpStep, steps: Sequence[Step], work: Work, factor: int) -> Work:
    if not work.is_exact and work.most_quantity > LARGEST:
        raise TooLarge
    first.run(work)
    for step in steps:
        step.run(work)
    if not work.is_exact and work.most * factor > LARGEST and work.tighten() * factor > LARGEST:
        raise TooLarge
    return work
