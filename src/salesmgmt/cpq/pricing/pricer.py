"""The pricer: answers pricing requests by a compiled model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from salesmgmt.core.clock import zone
from salesmgmt.core.currency import currency
from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import FloatRefused, InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.exact import multiply, subtract
from salesmgmt.core.formula import Formula, Value, WrongValue, declare
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing._draft import Draft, DraftLine, Facts
from salesmgmt.cpq.pricing._stages import (
    DiscountStage,
    HeaderStage,
    OptionStage,
    RoundStage,
    Stage,
    TierStage,
)
from salesmgmt.cpq.pricing.invariants import require_invariants
from salesmgmt.cpq.pricing.names import NAMES
from salesmgmt.cpq.pricing.price_index import PriceIndex
from salesmgmt.cpq.pricing.priced import Candidate, NoPrice, PriceConflict, Priced, PricedLine
from salesmgmt.cpq.pricing.procedure import (
    Discounts,
    HeaderDiscounts,
    LaterStep,
    ListPrice,
    OptionExtras,
    QuantityTiers,
    RoundLines,
)
from salesmgmt.cpq.pricing.records import PriceRecord
from salesmgmt.cpq.pricing.request import Line, PricingRequest
from salesmgmt.cpq.pricing.scale import ScaleIndex
from salesmgmt.cpq.pricing.trace import StepKind

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.model import PricingModel

_GIVEN = ("customer.id", "customer.segment")


class Pricer:
    """Answers pricing requests.

    It does not change after it is made, is safe to use from several threads, and is pickled by its model. The answer
    depends on the model and the request and on nothing else.

    Made by `PricingModel.compile`.

    Attributes:
        model: what it was made from.
        digest: SHA-256 of the model, records included.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money
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

    __slots__ = ("_facts", "_list_step", "_prices", "_stages", "_zone", "digest", "model")

    def __init__(self, model: PricingModel, prices: PriceIndex, scales: ScaleIndex) -> None:
        procedure = model.procedure
        schema = declare(procedure.facts, NAMES).schema
        options = {
            (option.product, option.extra.currency, option.attribute, option.value): option
            for option in model.options
        }

        def ready(step: LaterStep) -> Stage:
            match step:
                case OptionExtras():
                    return OptionStage(step, options)
                case QuantityTiers():
                    return TierStage(step, scales)
                case Discounts():
                    return DiscountStage(step, schema)
                case RoundLines():
                    return RoundStage(step)
                case HeaderDiscounts():
                    return HeaderStage(step, schema)

        self.model = model
        self.digest = _digest_of(model)
        self._prices = prices
        self._zone = zone(procedure.time_zone)
        self._list_step = procedure.steps[0].id
        self._stages = tuple(ready(step) for step in procedure.steps if not isinstance(step, ListPrice))
        self._facts = {
            name: Formula.parse(name, schema) for name in schema if name in _GIVEN or name not in NAMES
        }

    def __reduce__(self) -> tuple[Any, ...]:
        return _compiled, (self.model,)

    def price(self, request: PricingRequest) -> Priced:
        """Price a request.

        Args:
            request: who buys, when, in which currency, and what.

        Returns:
            An amount for each line for which a price is found, with its trace, and the other lines with the reason. It
            was checked by `require_invariants`.

        Raises:
            InvalidInput: the request has faults; all are listed (`lines[2].quantity`).
            EvaluationError: a condition cannot be worked out, for instance with amounts of two currencies.
            OutOfRange: an amount needs more than 34 digits.
            InvariantBroken: the library made a mistake.
        """
        problems = list(self._problems(request))
        if problems:
            raise InvalidInput("pricing request", problems)
        draft, unpriced = self._start(request)
        draft.count()
        for stage in self._stages:
            stage.run(draft)
        priced = Priced(
            at=request.at,
            currency=request.currency,
            lines=tuple(map(self._finished, draft.lines)),
            unpriced=tuple(unpriced),
            header=tuple(draft.header),
            model=self.model.procedure.id,
            model_version=self.model.procedure.version,
            model_digest=self.digest,
            request_digest=digest_of(request),
        )
        require_invariants(priced)
        return priced

    def _start(self, request: PricingRequest) -> tuple[Draft, list[NoPrice | PriceConflict]]:
        """Find the prices: the lines that have one, and the others."""
        day = request.at.astimezone(self._zone).date()
        facts: Facts = {
            "order.at": request.at,
            "order.date": day,
            "order.currency": request.currency,
            **{f"customer.{name}": value for name, value in request.customer.items()},
            **{f"order.{name}": value for name, value in request.order.items()},
        }
        customer, segment = str(facts.get("customer.id") or ""), str(facts.get("customer.segment") or "")
        draft = Draft(request.currency, facts)
        unpriced: list[NoPrice | PriceConflict] = []
        for position, line in enumerate(request.lines):
            general = self._prices.general(line.product, request.currency, day)
            specific = self._prices.specific(line.product, request.currency, customer, segment, day)
            tied = next((some for some in (specific, general) if _disagree(some)), None)
            if tied is not None:
                unpriced.append(_conflict(position, line, tied))
            elif not general and not specific:
                missing = NoPrice(position=position, line=line, at=request.at, currency=request.currency)
                unpriced.append(missing)
            else:
                draft.lines.append(self._priced(position, line, [*general[:1], *specific[:1]], draft))
        return draft, unpriced

    def _priced(self, position: int, line: Line, records: list[PriceRecord], draft: Draft) -> DraftLine:
        """A line at its list price, and then at that of its customer."""
        product = self.model.catalogue.get(line.product)
        family = "" if product is None else product.family
        one = DraftLine(position, line, family, draft.currency, dict(draft.facts))
        quantity, last = line.quantity, records[-1]
        listed = records[0].price.amount
        kind = StepKind.CONTRACT if last.customer or last.segment else StepKind.LIST
        first = StepKind.LIST if len(records) > 1 else kind
        raw = multiply(listed, quantity)
        one.change(self._list_step, first, records[0].id, f"{quantity:f} x {records[0].price}", raw)
        one.list_amount = one.running
        one.unit_price = last.price.amount
        if len(records) > 1:
            change = subtract(multiply(last.price.amount, quantity), one.running)
            words = f"{quantity:f} x {last.price} instead of {records[0].price}"
            one.change(self._list_step, kind, last.id, words, change)
        return one

    def _finished(self, draft: DraftLine) -> PricedLine:
        product = self.model.catalogue.get(draft.line.product)
        cost = None if product is None else product.cost
        return PricedLine(
            position=draft.position,
            line=draft.line,
            list_amount=Money(draft.list_amount, draft.currency),
            net_amount=Money(draft.running, draft.currency),
            cost=cost * draft.line.quantity if cost is not None and cost.currency == draft.currency else None,
            waterfall=tuple(draft.steps),
            not_applied=tuple(draft.not_applied),
        )

    def _problems(self, request: PricingRequest) -> Iterator[Problem]:
        try:
            _ = currency(request.currency).minor_digits
        except SalesError as error:
            wanted = "an ISO 4217 code that has a minor unit"
            yield Problem("currency", error.code, shorten(request.currency), wanted)
        try:
            request.at.astimezone(self._zone)
        except OverflowError:
            wanted = "an instant that has a day in the time zone of the procedure"
            yield Problem("at", "out_of_range", str(request.at), wanted)
        yield from self._wrong_facts("customer", request.customer, "customer.")
        yield from self._wrong_facts("order", request.order, "order.")
        for position, line in enumerate(request.lines):
            texts: list[tuple[str, object]] = [("product", line.product)]
            texts += [(f"configuration.{name}", value) for name, value in line.configuration.items()]
            texts += [("configuration", name) for name in line.configuration]
            for name, value in texts:
                if not isinstance(value, str):
                    yield Problem(f"lines[{position}].{name}", "wrong_type", shorten(value), "a text")
            if line.quantity <= 0:
                found = f"{line.quantity:f}"
                yield Problem(f"lines[{position}].quantity", "not_positive", found, "more than zero")
            if line.fields:
                yield from self._wrong_facts(f"lines[{position}].fields", line.fields, "line.")

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
            try:
                declared.evaluate({full: value})
            except (WrongValue, FloatRefused):
                yield Problem(
                    f"{path}.{name}", "wrong_type", shorten(value), f"a value of type {declared.type}"
                )


def _disagree(records: tuple[PriceRecord, ...]) -> bool:
    return len(records) > 1 and any(one.price != records[0].price for one in records)


def _conflict(position: int, line: Line, tied: tuple[PriceRecord, ...]) -> PriceConflict:
    candidates = tuple(Candidate(record=one.id, unit_price=one.price) for one in tied)
    return PriceConflict(position=position, line=line, candidates=candidates)


def _digest_of(model: PricingModel) -> str:
    return digest_of(model.procedure, *model.prices, *model.tiers, *model.options, *model.catalogue)


def _compiled(model: PricingModel) -> Pricer:
    return model.compile()
