"""Net amounts of 10 million lines: the columnar path against a Polars gather and a NumPy cube, both written by hand.

Workload: 1,000 rules (20 segments x 50 families, a minimum quantity, a validity, a percentage off), 1,000 products with a
list price and a family, lines with their own product, segment, quantity and day, net to the cent. The columns are codes
and 64-bit integers for all three. The peers are written for this workload alone and check nothing; they are given the
cube of winners ready made. Every net amount of the three is compared, and 200,000 lines with the row path.

One thread each. Rounds are interleaved and the median round counts; time is that of the process, because a busy machine
would otherwise be measured too. Memory is the most that the process held on top of the columns.
"""

from __future__ import annotations

import os

os.environ["POLARS_MAX_THREADS"] = "1"

import resource
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
import polars as pl

from benchmarks._peers import versions
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    DiscountRule,
    Discounts,
    Line,
    ListPrice,
    Pricer,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundLines,
)
from salesmgmt.cpq.pricing.columnar import Coded, Columnar
from salesmgmt.cpq.products import Catalogue, Product

_LINES = 10_000_000
_COMPARED_ROWS = 200_000
_ROUNDS = 5
_CHUNK = 1 << 16
_SEGMENTS, _FAMILIES, _PRODUCTS, _DAYS = 20, 50, 1_000, 365
_MINIMA = (1, 5, 10, 50)
_START = date(2026, 1, 1)
_EPOCH_DAY = int(np.datetime64(_START).astype("datetime64[D]").astype(np.int64))


class Workload:
    """Rules, prices and lines, in the form of each contender."""

    def __init__(self, lines: int) -> None:
        random = Random(20261123)
        self.rules = [
            (
                segment,
                family,
                random.choice(_MINIMA),
                random.randrange(200),
                random.randrange(201, _DAYS),
                random.randrange(401),
            )
            for segment in range(_SEGMENTS)
            for family in range(_FAMILIES)
        ]
        self.family = np.array([random.randrange(_FAMILIES) for _ in range(_PRODUCTS)])
        self.cents = np.array([random.randrange(100, 100_000) for _ in range(_PRODUCTS)])
        draw = np.random.default_rng(20261123)
        self.product = draw.integers(0, _PRODUCTS, lines)
        self.segment = draw.integers(0, _SEGMENTS, lines)
        self.quantity = draw.integers(1, 100, lines)
        self.day = draw.integers(0, _DAYS, lines)
        self.columns: dict[str, Any] = {
            "line.product": Coded(self.product, [f"p{number}" for number in range(_PRODUCTS)]),
            "customer.segment": Coded(self.segment, [f"s{number}" for number in range(_SEGMENTS)]),
            "line.quantity": self.quantity,
            "order.date": (self.day + _EPOCH_DAY).view("datetime64[D]"),
        }

    def pricer(self, cell: tuple[int, int] | None = None) -> Pricer:
        """With all rules and products, or with those for one segment and family, because a row asks every rule."""
        rules = tuple(
            DiscountRule(
                id=f"{segment}-{family}",
                percent=Percent(Decimal(tenths) / 10),
                condition=f"customer.segment == 's{segment}' and line.family == 'f{family}' and line.quantity >= {minimum}",
                valid_from=_START + timedelta(start),
                valid_to=_START + timedelta(end),
            )
            for segment, family, minimum, start, end, tenths in self.rules
            if cell in (None, (segment, family))
        )
        products = [
            number for number, family in enumerate(self.family.tolist()) if cell is None or family == cell[1]
        ]
        return PricingModel(
            procedure=PricingProcedure(
                id="bulk",
                steps=(ListPrice(id="list"), Discounts(id="rules", rules=rules), RoundLines(id="cents")),
            ),
            prices=[
                PriceRecord(
                    id=f"r{number}",
                    product=f"p{number}",
                    price=Money.from_minor(int(self.cents[number]), "EUR"),
                )
                for number in products
            ],
            catalogue=Catalogue(
                [Product(id=f"p{number}", family=f"f{self.family[number]}") for number in products]
            ),
        ).compile()

    def cube(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Thousandths that remain, by segment, family, number of minima reached, and day."""
        kept = np.full((_SEGMENTS, _FAMILIES, len(_MINIMA), _DAYS), 1000)
        for segment, family, minimum, start, end, tenths in self.rules:
            kept[segment, family, _MINIMA.index(minimum) :, start:end] = 1000 - tenths
        return kept


def _by_numpy(work: Workload) -> Callable[[], Any]:
    cube = work.cube()
    flat = cube.reshape(-1)
    by_segment, by_family, by_bracket, _ = (stride // 8 for stride in cube.strides)
    family_part = work.family * by_family
    bracket_part = np.searchsorted(np.array(_MINIMA), np.arange(101), side="right") * by_bracket - by_bracket

    def price() -> Any:
        count = len(work.product)
        net = np.empty(count, np.int64)
        room = np.empty((3, _CHUNK), np.int64)
        for start in range(0, count, _CHUNK):
            end = min(start + _CHUNK, count)
            cell, part, amount = room[:, : end - start]
            np.multiply(work.segment[start:end], by_segment, out=cell)
            np.take(family_part, work.product[start:end], out=part, mode="clip")
            np.add(cell, part, out=cell)
            np.take(bracket_part, work.quantity[start:end], out=part, mode="clip")
            np.add(cell, part, out=cell)
            np.add(cell, work.day[start:end], out=cell)
            np.take(flat, cell, out=part, mode="clip")
            np.take(work.cents, work.product[start:end], out=amount, mode="clip")
            np.multiply(amount, work.quantity[start:end], out=amount)
            np.multiply(amount, part, out=amount)
            np.add(amount, 500, out=amount)
            np.floor_divide(amount, 1000, out=net[start:end])
        return net

    return price


def _by_polars(work: Workload) -> Callable[[], Any]:
    cube = work.cube()
    flat = pl.Series(cube.reshape(-1))
    cents, family = pl.Series(work.cents), pl.Series(work.family)
    brackets = pl.Series(np.searchsorted(np.array(_MINIMA), np.arange(101), side="right") - 1)
    frame = pl.DataFrame(
        {"product": work.product, "segment": work.segment, "quantity": work.quantity, "day": work.day}
    )

    def price() -> Any:
        cell = (
            (pl.col("segment") * _FAMILIES + pl.lit(family).gather(pl.col("product"))) * len(_MINIMA)
            + pl.lit(brackets).gather(pl.col("quantity"))
        ) * _DAYS + pl.col("day")
        net = (
            pl.lit(cents).gather(pl.col("product")) * pl.col("quantity") * pl.lit(flat).gather(cell) + 500
        ) // 1000
        return frame.select(net=net)["net"].to_numpy()

    return price


def _check_rows(work: Workload, net: Any, unpriced: Any) -> int:
    """How many of a sample differ from the row path."""
    wrong = 0
    places = np.random.default_rng(7).choice(len(net), min(_COMPARED_ROWS, len(net)), replace=False)
    by_cell: dict[tuple[int, int], list[int]] = {}
    for place in places.tolist():
        by_cell.setdefault((int(work.segment[place]), int(work.family[work.product[place]])), []).append(
            place
        )
    for (segment, family), members in by_cell.items():
        pricer = work.pricer((segment, family))
        for place in members:
            request = PricingRequest(
                at=datetime.combine(_START + timedelta(int(work.day[place])), time(), UTC),
                currency="EUR",
                customer={"segment": f"s{segment}"},
                lines=[Line(f"p{work.product[place]}", int(work.quantity[place]))],
            )
            (answer,) = pricer.net_amounts(request)
            assert isinstance(answer, Money), answer
            wrong += answer.minor_units() != net[place] or bool(unpriced[place])
    return wrong


def _held() -> int:
    """The most memory that this process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(lines: int = _LINES) -> None:
    print(versions("polars", "numpy"))
    work = Workload(lines)
    before = _held()
    start = perf_counter()
    pricer = work.pricer()
    columnar = Columnar(pricer)
    columnar.plan("EUR")
    ready = perf_counter() - start
    result = columnar.net_amounts(work.columns, currency="EUR")
    assert not result.by_rows, result.reason
    held = _held() - before
    contenders: dict[str, Callable[[], Any]] = {
        "salesmgmt columnar": lambda: columnar.net_amounts(work.columns, currency="EUR").net,
        "Polars int64 gather": _by_polars(work),
        "NumPy cube": _by_numpy(work),
    }
    for name, price in contenders.items():
        assert bool((price() == result.net).all()), name
    rounds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(_ROUNDS):
        for name, price in contenders.items():
            began = process_time()
            price()
            rounds[name].append((process_time() - began) / lines * 1e9)
    cost = {name: median(times) for name, times in rounds.items()}
    for name, times in cost.items():
        print(f"{name:<22}{times:>8.1f} ns/line   {cost['salesmgmt columnar'] / times:.2f}")
    print(
        f"compiling the model and painting its tables: {ready:.2f} s; memory on top of the columns: {held} MB"
    )
    began = perf_counter()
    wrong = _check_rows(work, result.net, result.unpriced)
    compared = min(_COMPARED_ROWS, lines)
    print(f"compared with the row path: {compared:,} lines, {wrong} wrong ({perf_counter() - began:.0f} s)")
    assert not wrong


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
