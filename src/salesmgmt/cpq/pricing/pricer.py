"""The pricer: answers pricing requests by a compiled model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from salesmgmt.core.clock import zone
from salesmgmt.core.formula import WhyNot, declare
from salesmgmt.core.money import Money, known_money
from salesmgmt.core.quantity import Quantity
from salesmgmt.cpq.pricing._draft import Draft, DraftLine, Facts
from salesmgmt.cpq.pricing._request_check import GIVEN, RequestCheck
from salesmgmt.cpq.pricing._stages.conditions import ConditionStage
from salesmgmt.cpq.pricing._stages.price_lists import PriceListStage
from salesmgmt.cpq.pricing._stages.ready import ready
from salesmgmt.cpq.pricing._stages.tiers import TierStage
from salesmgmt.cpq.pricing.impact.change_set import ChangeSet
from salesmgmt.cpq.pricing.impact.impact import Needs, impact
from salesmgmt.cpq.pricing.impact.result import Impact
from salesmgmt.cpq.pricing.invariants import require_invariants
from salesmgmt.cpq.pricing.names import NAMES
from salesmgmt.cpq.pricing.priced import NoPrice, PriceConflict, Priced, PricedLine, UnknownRule, written_line
from salesmgmt.cpq.pricing.request import PricingRequest
from salesmgmt.cpq.pricing.trace import StoodAside

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.model import PricingModel


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
        self._is_utc = self._zone.key == "UTC"
        self._stages = ready(model, schema)
        self._check = RequestCheck(model, schema, self._zone)
        self._known: dict[str, Facts] = {}
        # Absent facts are there as `None`: a look-up by a key then needs no question first.
        self._blank: Facts = dict.fromkeys(name for name in schema if name not in NAMES or name in GIVEN)

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
        draft.release()
        require_invariants(priced)
        return priced

    def net_amounts(self, request: PricingRequest) -> tuple[Money | NoPrice | PriceConflict, ...]:
        """What each line of a request comes to, without the trace: the same answer as `price`, several times faster.

        Returns:
            For each line, in the order of the request, its net amount, or why it has none.

        Raises:
            InvalidInput, EvaluationError, OutOfRange: as for `price`.

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
        >>> pricer.net_amounts(PricingRequest(at=now, currency="CNY", lines=[Line("dock", 25), Line("dock", 2)]))
        (Money('21250.00', 'CNY'), Money('1700.00', 'CNY'))
        """
        draft = self._run(request, is_traced=False)
        code = request.currency
        if not draft.unpriced:
            amounts = tuple([known_money(one.running, code) for one in draft.lines])
            draft.release()
            return amounts
        answers: dict[int, Money | NoPrice | PriceConflict] = {
            one.position: known_money(one.running, code) for one in draft.lines
        }
        answers |= {missing.position: missing for missing in draft.unpriced}
        return tuple(answers[position] for position in range(len(request.lines)))

    def why_not(
        self, request: PricingRequest, record: str, *, position: int = 0
    ) -> WhyNot | StoodAside | None:
        """Why a record of the model does not count for a line, whether the line ever came near it or not.

        `PricedLine.why_not` knows the rules that were considered; among thousands of condition records this asks for one.

        Args:
            request: what is priced.
            record: id of a condition record, a rule of the price list, a tier or a discount rule.
            position: which line of the request, from 0.

        Returns:
            The first part of its key, validity, limits or conditions that does not hold, or for what it stood aside;
            `None` when it counts.

        Raises:
            UnknownRule: the model has no such record, or the line had no price before its step.
            InvalidInput, EvaluationError, OutOfRange: as for `price`.
        """
        draft = self._draft(request, is_traced=True, passed_over=True)
        for stage in self._stages:
            one = next((one for one in draft.lines if one.position == position), None)
            if one is not None and isinstance(stage, _EXPLAINING) and stage.knows(record, draft):
                aside = stage.why_not(record, draft, one)
                if aside is not None:
                    return aside
            stage.run(draft)
        line = next((one for one in draft.lines if one.position == position), None)
        if line is None:
            raise UnknownRule(record, ())
        return self._finished(line).why_not(record)

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

        See `salesmgmt.cpq.pricing.impact.impact.impact` for the arguments and errors.
        """
        return impact(self, changes, requests, at=at, needs=needs, keep=keep, progress=progress)

    def _run(self, request: PricingRequest, *, is_traced: bool, passed_over: bool = False) -> Draft:
        draft = self._draft(request, is_traced=is_traced, passed_over=passed_over)
        for stage in self._stages:
            stage.run(draft)
        draft.drop_unpriced()
        return draft

    def _draft(self, request: PricingRequest, *, is_traced: bool, passed_over: bool) -> Draft:
        self._check.require(request)
        at = request.at
        moment = at if at.tzinfo is UTC else at.astimezone(UTC)
        day = (moment if self._is_utc else at.astimezone(self._zone)).date()
        facts = self._blank.copy()
        facts["order.at"] = at
        facts["order.date"] = day
        facts["order.currency"] = request.currency
        facts["order.price_list"] = request.price_list or None
        for name, value in request.customer.items():
            facts["customer." + name] = value
        for name, value in request.order.items():
            facts["order." + name] = value
        draft = Draft(
            request,
            moment,
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
        return written_line(
            position=draft.position,
            line=draft.line,
            list_amount=known_money(draft.list_amount, code),
            net_amount=known_money(draft.running, code),
            cost=None if cost is None else known_money(cost, code),
            subtotals={}
            if subtotals is None
            else {name: known_money(one, code) for name, one in subtotals.items()},
            trace=draft.trace,
        )


_EXPLAINING = ConditionStage | PriceListStage | TierStage


def _compiled(model: PricingModel) -> Pricer:
    return model.compile()
