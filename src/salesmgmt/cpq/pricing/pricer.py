"""The pricer: answers pricing requests by a compiled model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from salesmgmt.core.clock import zone
from salesmgmt.core.currency import currency
from salesmgmt.core.errors import FloatRefused, InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.formula import BOOL, DATE, MONEY, PERCENT, TEXT, Formula, Type, Value, WrongValue, declare
from salesmgmt.core.money import Money, known_money
from salesmgmt.core.percent import Percent
from salesmgmt.core.quantity import Quantity
from salesmgmt.cpq.pricing._draft import Draft, DraftLine, Facts
from salesmgmt.cpq.pricing._stages.ready import ready
from salesmgmt.cpq.pricing.change_set import ChangeSet
from salesmgmt.cpq.pricing.impact import Needs, impact
from salesmgmt.cpq.pricing.impact_result import Impact
from salesmgmt.cpq.pricing.invariants import require_invariants
from salesmgmt.cpq.pricing.names import NAMES
from salesmgmt.cpq.pricing.priced import NoPrice, PriceConflict, Priced, PricedLine
from salesmgmt.cpq.pricing.request import Line, PricingRequest

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.model import PricingModel

_GIVEN = ("customer.id", "customer.segment")

_PLAIN: Mapping[Type, type] = {TEXT: str, BOOL: bool, DATE: date, MONEY: Money, PERCENT: Percent}
"""What needs no second look when a value is just of this class."""


class Pricer:
    """Answers pricing requests.

    It does not change after it is made, is safe to use from several threads, and is pickled by its model. The answer
    depends on the model and the request and on nothing else.

    Made by `PricingModel.compile`.

    Attributes:
        model: what it was made from.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money, known_money
    >>> from salesmgmt.cpq.pricing import (
    ...     Line, ListPrice, PriceRecord, PricingModel, PricingProcedure, PricingRequest, RoundLines,
    ... )
    >>> pricer = PricingModel(
    ...     procedure=PricingProcedure(id="plain", steps=(ListPrice(id="list"), RoundLines(id="cents"))),
    ...     prices=[PriceRecord(id="p-1", product="dock", price=Money("850.00", "CNY"))],
    ... ).compile()
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> pricer.price(PricingRequest(at=now, currency="CNY", lines=[Line("dock", 25)])).total
    Money('21250.00', 'CNY')
    """

    def __init__(self, model: PricingModel) -> None:
        procedure = model.procedure
        schema = declare(procedure.facts, NAMES).schema
        self.model = model
        self._products = {product.id: product for product in model.catalogue}.get
        self._zone = zone(procedure.time_zone)
        self._stages = ready(model, schema)
        self._facts = {
            name: (Formula.parse(name, schema), _PLAIN.get(schema[name]))
            for name in schema
            if name in _GIVEN or name not in NAMES
        }
        self._line_facts = {
            name.removeprefix("line."): plain
            for name, (_, plain) in self._facts.items()
            if name.startswith("line.") and plain is not None
        }
        self._currencies: set[str] = set()
        self._known: dict[str, Facts] = {}
        # Absent facts are there as `None`: a look-up by a key then needs no question first.
        self._blank: Facts = dict.fromkeys(name for name in schema if name not in NAMES or name in _GIVEN)
        self._price_lists = frozenset(one.id for one in model.price_lists.lists)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the model, records included."""
        return self.model.digest

    def __reduce__(self) -> tuple[Any, ...]:
        return _compiled, (self.model,)

    def price(self, request: PricingRequest, *, passed_over: bool = False) -> Priced:
        """Price a request.

        Args:
            request: who buys, when, in which currency, and what.
            passed_over: also tell the records that hold and lost, each with the winner and the criterion; this looks
                at every record that holds.

        Returns:
            An amount for each line for which a price is found, with its trace, and the other lines with the reason. It
            was checked by `require_invariants`.

        Raises:
            InvalidInput: the request has faults; all are listed (`lines[2].quantity`).
            EvaluationError: a condition cannot be worked out, for instance with amounts of two currencies.
            OutOfRange: an amount needs more than 34 digits.
            InvariantBroken: the library made a mistake.
        """
        draft = self._run(request, is_traced=True, passed_over=passed_over)
        priced = Priced(
            request=request,
            lines=tuple(map(self._finished, draft.lines)),
            unpriced=tuple(draft.unpriced),
            header=tuple(draft.header),
            added=tuple(draft.added),
            not_applied=tuple(draft.not_applied),
            used=draft.used,
            coupons_used=draft.coupons_used,
            model=self.model.procedure.id,
            model_version=self.model.procedure.version,
            model_digest=self.digest,
        )
        require_invariants(priced)
        return priced

    def net_amounts(self, request: PricingRequest) -> tuple[Money | NoPrice | PriceConflict, ...]:
        """What each line of a request comes to, without the trace: the same answer as `price`, several times faster.

        Returns:
            For each line, in the order of the request, its net amount, or why it has none.

        Raises:
            InvalidInput, EvaluationError, OutOfRange: as for `price`.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.core.money import Money, known_money
        >>> from salesmgmt.cpq.pricing import (
        ...     Line, ListPrice, PriceRecord, PricingModel, PricingProcedure, PricingRequest, RoundLines,
        ... )
        >>> pricer = PricingModel(
        ...     procedure=PricingProcedure(id="plain", steps=(ListPrice(id="list"), RoundLines(id="cents"))),
        ...     prices=[PriceRecord(id="p-1", product="dock", price=Money("850.00", "CNY"))],
        ... ).compile()
        >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        >>> pricer.net_amounts(PricingRequest(at=now, currency="CNY", lines=[Line("dock", 25), Line("dock", 2)]))
        (Money('21250.00', 'CNY'), Money('1700.00', 'CNY'))
        """
        draft = self._run(request, is_traced=False)
        code = request.currency
        if not draft.unpriced:
            return tuple([known_money(one.running, code) for one in draft.lines])
        answers: dict[int, Money | NoPrice | PriceConflict] = {
            one.position: known_money(one.running, code) for one in draft.lines
        }
        answers |= {missing.position: missing for missing in draft.unpriced}
        return tuple(answers[position] for position in range(len(request.lines)))

    def impact(
        self,
        changes: ChangeSet | Pricer,
        requests: Iterable[PricingRequest | tuple[str, PricingRequest]],
        *,
        at: datetime | None = None,
        needs: Needs | None = None,
        keep: int | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> Impact:
        """What changes do to requests: what moves, by which record, and which need approval anew.

        See `salesmgmt.cpq.pricing.impact.impact` for the arguments and errors.
        """
        return impact(self, changes, requests, at=at, needs=needs, keep=keep, progress=progress)

    def _run(self, request: PricingRequest, *, is_traced: bool, passed_over: bool = False) -> Draft:
        problems = list(self._problems(request))
        if problems:
            raise InvalidInput("pricing request", problems)
        day = request.at.astimezone(self._zone).date()
        facts: Facts = {
            **self._blank,
            "order.at": request.at,
            "order.date": day,
            "order.currency": request.currency,
            "order.price_list": request.price_list or None,
        }
        for name, value in request.customer.items():
            facts[f"customer.{name}"] = value
        for name, value in request.order.items():
            facts[f"order.{name}"] = value
        draft = Draft(
            request,
            request.at.astimezone(UTC),
            day,
            facts,
            facts_of=self._facts_of,
            is_traced=is_traced,
            tells_passed_over=passed_over,
        )
        products, append = self._products, draft.lines.append
        for position, line in enumerate(request.lines):
            product = products(line.product)
            quantity = line.quantity
            if line.uom and product is not None and line.uom != product.unit:
                quantity = self.model.units.convert(Quantity(quantity, line.uom), product.unit).amount
            append(DraftLine(position, line, product, quantity, draft))
        for stage in self._stages:
            stage.run(draft)
        draft.drop_unpriced()
        return draft

    def _facts_of(self, product: str) -> Facts:
        """What is known of a product; kept for those of the catalogue."""
        known = self._known.get(product)
        if known is None:
            known = dict(self.model.catalogue.facts_of(product))
            if self._products(product) is not None:
                self._known[product] = known
        return known

    def _finished(self, draft: DraftLine) -> PricedLine:
        code = draft.currency
        cost = draft.cost_amount
        subtotals = draft.subtotals
        return PricedLine(
            position=draft.position,
            line=draft.line,
            list_amount=known_money(draft.list_amount, code),
            net_amount=known_money(draft.running, code),
            cost=None if cost is None else known_money(cost, code),
            waterfall=tuple(draft.steps or ()),
            not_applied=tuple(draft.not_applied),
            subtotals={}
            if subtotals is None
            else {name: known_money(one, code) for name, one in subtotals.items()},
        )

    def _problems(self, request: PricingRequest) -> Iterator[Problem]:
        fault = self._currency_fault(request.currency)
        if fault:
            wanted = "an ISO 4217 code that has a minor unit"
            yield Problem("currency", fault, shorten(request.currency), wanted)
        try:
            request.at.astimezone(self._zone)
            request.at.astimezone(UTC)
        except OverflowError:
            wanted = "an instant that has a day in the time zone of the procedure"
            yield Problem("at", "out_of_range", str(request.at), wanted)
        if request.price_list and request.price_list not in self._price_lists:
            known = ", ".join(sorted(self._price_lists)) or "none"
            yield Problem("price_list", "unknown_price_list", shorten(request.price_list), f"one of {known}")
        yield from self._wrong_facts("customer", request.customer, "customer.")
        yield from self._wrong_facts("order", request.order, "order.")
        declared = self._line_facts
        for position, line in enumerate(request.lines):
            if line.quantity <= _ZERO or line.configuration or line.uom or type(line.product) is not str:
                yield from self._wrong_line(position, line)
            for name, value in line.fields.items():
                if type(value) is not declared.get(name, _UNKNOWN):
                    yield from self._wrong_facts(f"lines[{position}].fields", {name: value}, "line.")

    def _wrong_line(self, position: int, line: Line) -> Iterator[Problem]:
        yield from _wrong_texts(f"lines[{position}]", line)
        if line.quantity <= _ZERO:
            found = f"{line.quantity:f}"
            yield Problem(f"lines[{position}].quantity", "not_positive", found, "more than zero")
        if line.uom:
            yield from self._wrong_unit(f"lines[{position}].uom", line)

    def _currency_fault(self, code: str) -> str:
        """The code of what is wrong with a currency; empty for nothing."""
        if type(code) is str and code in self._currencies:
            return ""
        try:
            _ = currency(code).minor_digits
        except SalesError as error:
            return error.code
        self._currencies.add(code)
        return ""

    def _wrong_unit(self, path: str, line: Line) -> Iterator[Problem]:
        product = self._products(line.product)
        if product is None:
            yield Problem(
                path, "unknown_unit", shorten(line.uom), "no unit, for a product that the catalogue lacks"
            )
            return
        try:
            self.model.units.convert(Quantity(line.quantity, line.uom), product.unit)
        except SalesError as error:
            wanted = f"a unit that converts to {product.unit}"
            yield Problem(
                path, error.code, shorten(line.uom), wanted, "add the conversion to the units of the model"
            )

    def _wrong_facts(self, path: str, given: Mapping[str, Value], prefix: str) -> Iterator[Problem]:
        for name, value in given.items():
            full = f"{prefix}{name}"
            declared = self._facts.get(full)
            if declared is None:
                known = ", ".join(one.removeprefix(prefix) for one in self._facts if one.startswith(prefix))
                yield Problem(
                    f"{path}.{name}"[:200],
                    "unknown_fact",
                    shorten(value),
                    f"one of {known or 'none'}",
                    "declare it among the facts of the procedure",
                )
                continue
            formula, plain = declared
            if type(value) is plain:
                continue
            try:
                formula.evaluate({full: value})
            except (WrongValue, FloatRefused):
                yield Problem(
                    f"{path}.{name}", "wrong_type", shorten(value), f"a value of type {formula.type}"
                )


_ZERO = Decimal(0)
_UNKNOWN = object()


def _wrong_texts(path: str, line: Line) -> Iterator[Problem]:
    texts: list[tuple[str, object]] = [("product", line.product)]
    texts += [(f"configuration.{name}", value) for name, value in line.configuration.items()]
    texts += [("configuration", name) for name in line.configuration]
    for name, value in texts:
        if not isinstance(value, str):
            yield Problem(f"{path}.{name}", "wrong_type", shorten(value), "a text")


def _compiled(model: PricingModel) -> Pricer:
    return model.compile()
