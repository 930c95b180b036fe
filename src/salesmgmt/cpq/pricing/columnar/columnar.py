"""The door to columnar pricing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from salesmgmt.core.clock import zone
from salesmgmt.core.currency import currency as currency_of
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.exact import CONTEXT, WIDE
from salesmgmt.core.formula import Formula, declare
from salesmgmt.cpq.pricing.columnar._kernel import LARGEST
from salesmgmt.cpq.pricing.columnar._prepared import Prepared, prepare, run
from salesmgmt.cpq.pricing.columnar.columns import (
    Codes,
    Column,
    Encoded,
    Units,
    Unreadable,
    encoded,
    everywhere,
    length_of,
)
from salesmgmt.cpq.pricing.columnar.plan import ColumnPlan, Inexpressible
from salesmgmt.cpq.pricing.columnar.plan_of import FACTS, plan_of
from salesmgmt.cpq.pricing.columnar.result import REASONS, ColumnarResult
from salesmgmt.cpq.pricing.model import PricingModel
from salesmgmt.cpq.pricing.names import NAMES
from salesmgmt.cpq.pricing.pricer import Pricer
from salesmgmt.cpq.pricing.request import Line, PricingRequest

_REQUIRED = ("line.product", "line.quantity")
_SHOWN = 20


class _Frame(NamedTuple):
    """What is the same for all lines."""

    currency: str
    at: datetime | None
    price_list: str


class Columnar:
    """Prices columns of lines: each line is a document of its own, without a configuration.

    The model is written as tables once for each currency (`plan_of`), and these are looked up in whole numbers, so the
    net amounts are those of `Pricer.price` to the last digit. What tables cannot express is priced row by row by the
    pricer, and the result says so. It does not change after it is made but for the tables that it keeps.

    Attributes:
        pricer: prices what tables cannot.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import ListPrice, PriceRecord, PricingModel, PricingProcedure, RoundLines
    >>> from salesmgmt.cpq.pricing.columnar import Columnar
    >>> model = PricingModel(
    ...     procedure=PricingProcedure(id="plain", steps=(ListPrice(id="list"), RoundLines(id="cents"))),
    ...     prices=[PriceRecord(id="p-1", product="dock", price=Money("8.50", "EUR"))],
    ... )
    >>> result = Columnar(model).net_amounts(
    ...     {"line.product": ["dock", "lamp", "dock"], "line.quantity": [3, 1, 20]},
    ...     currency="EUR", at=datetime(2026, 3, 2, tzinfo=UTC),
    ... )
    >>> result.net.tolist(), result.unpriced.tolist(), result.why_unpriced(1)
    ([2550, 0, 17000], [False, True, False], 'no_price')
    """

    def __init__(self, pricer: Pricer | PricingModel) -> None:
        self.pricer = pricer.compile() if isinstance(pricer, PricingModel) else pricer
        procedure = self.pricer.model.procedure
        schema = declare(procedure.facts, NAMES).schema
        taken = FACTS - {"line.family"}
        self._zone = zone(procedure.time_zone)
        self._price_lists = frozenset(one.id for one in self.pricer.model.price_lists.lists)
        self._facts = {
            name: Formula.parse(name, schema) for name in schema if name in taken or name not in NAMES
        }
        self._ready: dict[tuple[str, str], Prepared | Inexpressible] = {}

    def plan(self, currency: str, price_list: str = "") -> ColumnPlan | Inexpressible:
        """The tables for a currency and the price list of the requests, or why rows would be priced one by one."""
        ready = self._prepared(currency, price_list)
        return ready.plan if isinstance(ready, Prepared) else ready

    def net_amounts(
        self,
        columns: Mapping[str, Column],
        *,
        currency: str,
        at: datetime | None = None,
        price_list: str = "",
    ) -> ColumnarResult:
        """Price lines.

        Args:
            columns: what is known of the lines, by the names of conditions: `line.product` and `line.quantity`, and where
                they matter `customer.id`, `customer.segment` and the facts that the procedure declares. A column is a
                NumPy array, a list, `Coded` or `Scaled`; a single value holds for all lines. A fact without a column
                is missing.
            currency: code of the currency of all lines.
            at: the instant for which prices are wanted; or else a column `order.date` says the day of each line in the
                zone of the procedure, and each line is priced for the beginning of its day.
            price_list: id of the price list that is agreed for all lines; empty for the one that the procedure names.

        Returns:
            A net amount for each line, and which of them have no price.

        Raises:
            InvalidInput: columns have faults; all are listed.
            OutOfRange, EvaluationError: a line that is priced by itself cannot be; a note names its position.
        """
        facts, count = self._taken(columns, currency, at, price_list)
        frame = _Frame(currency, at, price_list)
        if at is not None:
            facts["order.at"] = everywhere(at, count)
        ready = self._prepared(currency, price_list)
        ran = run(ready, facts, count) if isinstance(ready, Prepared) else ready
        if isinstance(ran, Inexpressible):
            rows, net, signs, reason = np.arange(count), np.zeros(count, np.int64), None, ran
        else:
            rows, net, signs, reason = ran.rows, ran.net, ran.signs, None
        reasons = np.zeros(count, np.int8) if signs is None else -signs
        decimals = currency_of(currency).minor_digits
        if isinstance(ready, Prepared):
            decimals = ready.plan.decimals
        if len(rows):
            found = [self._priced(row, facts, frame) for row in rows.tolist()]
            reasons[rows] = [REASONS.index(one) if isinstance(one, str) else 0 for one in found]
            net, decimals = _filled(net, rows, found, decimals)
        return ColumnarResult(
            currency=currency,
            decimals=decimals,
            net=net,
            unpriced=reasons != 0,
            by_rows=len(rows),
            reason=reason,
            reasons=reasons,
            rows=rows,
            prepared=ready if isinstance(ready, Prepared) and reason is None else None,
            columns=facts,
        )

    def _prepared(self, currency: str, price_list: str) -> Prepared | Inexpressible:
        ready = self._ready.get((currency, price_list))
        if ready is None:
            plan = plan_of(self.pricer.model, currency, price_list)
            ready = self._ready[currency, price_list] = (
                plan if isinstance(plan, Inexpressible) else prepare(plan)
            )
        return ready

    def _taken(
        self, columns: Mapping[str, Column], currency: str, at: datetime | None, price_list: str
    ) -> tuple[dict[str, Encoded], int]:
        """The columns as the kernel takes them, and how many lines there are."""
        given = dict(columns)
        problems = [*self._wrong_frame(given, currency, price_list), *self._wrong_time(given, at)]
        lengths = {name: length for name, one in given.items() if (length := length_of(one)) is not None}
        count = max(lengths.values(), default=1)
        taken: dict[str, Encoded] = {}
        for name, column in given.items():
            length = lengths.get(name, count)
            if length != count:
                path = f"columns.{name}"[:200]
                problems.append(Problem(path, "wrong_length", str(length), f"{count} lines"))
            elif name in self._facts:
                try:
                    taken[name] = encoded(name, column, self._facts[name], count)
                except Unreadable as error:
                    problems.append(evolve(error.problem, path=f"columns.{error.problem.path}"))
        problems += _gaps(taken)
        if problems:
            raise InvalidInput("columns to price", problems)
        return taken, count

    def _wrong_frame(self, given: Mapping[str, Column], currency: str, price_list: str) -> Iterator[Problem]:
        try:
            _ = currency_of(currency).minor_digits
        except SalesError as error:
            yield Problem("currency", error.code, shorten(currency), "an ISO 4217 code that has a minor unit")
        if price_list and price_list not in self._price_lists:
            known = ", ".join(sorted(self._price_lists)) or "none"
            yield Problem("price_list", "unknown_price_list", shorten(price_list), f"one of {known}")
        known = ", ".join(sorted(self._facts))
        for name in given.keys() - self._facts.keys():
            hint = "declare it among the facts of the procedure"
            yield Problem(f"columns.{name}"[:200], "unknown_fact", None, f"one of {known}", hint)
        for name in _REQUIRED:
            if name not in given:
                yield Problem(f"columns.{name}", "missing", None, "a column")

    def _wrong_time(self, given: dict[str, Column], at: datetime | None) -> Iterator[Problem]:
        """Give every line its day."""
        if at is None:
            if "order.date" not in given:
                yield Problem("at", "one_of", None, "an instant, or a column order.date")
        elif "order.date" in given:
            yield Problem("at", "one_of", "both", "either an instant or a column order.date")
        elif at.tzinfo is None:
            raise NaiveInstant("at", at)
        else:
            try:
                given["order.date"] = at.astimezone(self._zone).date()
            except OverflowError:
                wanted = "an instant that has a day in the time zone of the procedure"
                yield Problem("at", "out_of_range", str(at), wanted)

    def _priced(self, row: int, facts: Mapping[str, Encoded], frame: _Frame) -> Decimal | str:
        """The net amount of a line by itself, or the code of why it has no price."""
        try:
            answer = self.pricer.price(self._request(row, facts, frame))
        except SalesError as error:
            error.add_note(f"in line {row} of the columns")
            raise
        return answer.unpriced[0].code if answer.unpriced else answer.lines[0].net_amount.amount

    def _request(self, row: int, facts: Mapping[str, Encoded], frame: _Frame) -> PricingRequest:
        values = {name: column.at(row) for name, column in facts.items()}
        day = values.pop("order.date")
        values.pop("order.at", None)
        product, quantity = values.pop("line.product"), values.pop("line.quantity")

        def of(prefix: str) -> dict[str, Any]:
            return {
                name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)
            }

        return PricingRequest(
            at=datetime.combine(day, time(), self._zone) if frame.at is None else frame.at,
            currency=frame.currency,
            price_list=frame.price_list,
            customer=of("customer."),
            order=of("order."),
            lines=[Line(product, quantity, fields=of("line."))],
        )


def _filled(
    net: NDArray[Any], rows: NDArray[np.int64], found: Sequence[Decimal | str], decimals: int
) -> tuple[NDArray[Any], int]:
    """Net amounts with those of lines that were priced by themselves, and the decimals that all need."""
    amounts = [Decimal(0) if isinstance(one, str) else one for one in found]
    finest = max(-int(one.normalize(CONTEXT).as_tuple().exponent) for one in amounts)
    places = max(decimals, finest)
    if places != decimals:
        net = net.astype(object) * 10 ** (places - decimals)
    units = [int(amount.scaleb(places, WIDE)) for amount in amounts]
    if max(units) > LARGEST:
        net = net.astype(object)
    net[rows] = units
    return net, places


def _gaps(taken: Mapping[str, Encoded]) -> Iterator[Problem]:
    """Lines without what every line needs; the first of them."""
    quantity = taken.get("line.quantity")
    if isinstance(quantity, Units) and len(quantity.units) and quantity.low <= 0:
        for place in np.flatnonzero(quantity.units <= 0)[:_SHOWN].tolist():
            missing = quantity.missing is not None and bool(quantity.missing[place])
            found = None if missing else f"{quantity.at(place):f}"
            yield Problem(f"columns.line.quantity[{place}]", "not_positive", found, "more than zero")
    product = taken.get("line.product")
    if isinstance(product, Codes) and len(product.codes) and int(product.codes.min()) < 0:
        for place in np.flatnonzero(product.codes < 0)[:_SHOWN].tolist():
            yield Problem(f"columns.line.product[{place}]", "missing", None, "the id of a product")
    day = taken.get("order.date")
    if isinstance(day, Units) and day.missing is not None:
        for place in np.flatnonzero(day.missing)[:_SHOWN].tolist():
            yield Problem(f"columns.order.date[{place}]", "missing", None, "a day")
