"""The impact of changes: what requests would cost before and after, what moves, and by which record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, SalesError
from salesmgmt.cpq.pricing.impact._new_cliffs import new_cliffs
from salesmgmt.cpq.pricing.impact._tally import Tally
from salesmgmt.cpq.pricing.impact.change_set import ChangeSet
from salesmgmt.cpq.pricing.impact.changes import id_of
from salesmgmt.cpq.pricing.impact.model_difference import ModelDifference, names_in, records_of
from salesmgmt.cpq.pricing.impact.result import ApprovalChange, Impact, NotCompared, UnusedRecord
from salesmgmt.cpq.pricing.priced import Priced
from salesmgmt.cpq.pricing.request import PricingRequest

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.pricer import Pricer

Needs: TypeAlias = Callable[[Priced], Iterable[str]]
"""Says which approvals an answer needs; the host makes it of its policy."""


def impact(
    before: Pricer,
    changes: ChangeSet | Pricer,
    requests: Iterable[PricingRequest | tuple[str, PricingRequest]],
    *,
    at: datetime | None = None,
    needs: Needs | None = None,
    keep: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Impact:
    """Price requests before and after, and say what moves and by which record.

    The new model is linted and compiled as a whole. Requests are read one by one and forgotten: with `keep`, memory
    grows with the products, segments and records of the answer, and not with the requests.

    Args:
        before: the pricer as it is.
        changes: what becomes different; or the pricer as it would be.
        requests: what customers asked, or pairs of a name and that; without a name it is `requests[17]`.
        at: price all of them for this instant, to see what past requests would cost then; `None` for that of each.
        needs: says which approvals an answer needs; `None` to leave them out.
        keep: how many of the largest movements (of lines, and of requests, for each currency) and how many of the first
            gained, lost, refused and approval changes are kept; `None` for all.
        progress: called with the number of requests done after each.

    Raises:
        InvalidInput: the changes do not fit the model, or `keep` is negative.
        InvalidDefinition: the new model cannot work.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import Line, PriceRecord, PricingModel, PricingRequest
    >>> from salesmgmt.cpq.pricing.impact.change_set import ChangeSet
    >>> from salesmgmt.cpq.pricing.impact.changes import Changes
    >>> from salesmgmt.cpq.pricing.impact.impact import impact
    >>> pricer = PricingModel(prices=[PriceRecord(id="p-1", product="dock", price=Money(850, "CNY"))]).compile()
    >>> dearer = ChangeSet(id="spring", prices=Changes(replace=[PriceRecord(id="p-1", product="dock", price=Money(900, "CNY"))]))
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> print(impact(pricer, dearer, [PricingRequest(at=now, currency="CNY", lines=[Line("dock", 2)])]))
    1 requests, 1 lines: 1 moved, 0 gain a price, 0 lose it
    CNY: 1700.00 -> 1800.00 (+100.00, +5.88%)
    by change:
      p-1, CNY: 1700.00 -> 1800.00 (+100.00, +5.88%)
    by product:
      dock, CNY: 1700.00 -> 1800.00 (+100.00, +5.88%)
    by segment:
      (none), CNY: 1700.00 -> 1800.00 (+100.00, +5.88%)
    by request:
      requests[0], CNY: 1700.00 -> 1800.00 (+100.00, +5.88%)
    """
    if keep is not None and keep < 0:
        raise InvalidInput(
            "impact", [Problem("keep", "negative", str(keep), "zero or more, or None for all")]
        )
    after = changes.apply(before.model).compile() if isinstance(changes, ChangeSet) else changes
    difference = ModelDifference.between(before.model, after.model)
    tally = Tally(difference, keep=keep)
    approvals: list[ApprovalChange] = []
    refused: list[NotCompared] = []
    counts = {"requests": 0, "approvals": 0, "refused": 0}
    for number, given in enumerate(requests):
        name, request = given if isinstance(given, tuple) else (f"requests[{number}]", given)
        if at is not None:
            request = attrs.evolve(request, at=at)
        old, new = _priced(before, request), _priced(after, request)
        counts["requests"] += 1
        if isinstance(old, Priced) and isinstance(new, Priced):
            tally.add(name, old, new)
            change = None if needs is None else _approval_change(name, needs(old), needs(new))
            if change is not None:
                counts["approvals"] += 1
                if keep is None or len(approvals) < keep:
                    approvals.append(change)
        else:
            counts["refused"] += 1
            if keep is None or len(refused) < keep:
                refused.append(_not_compared(name, old, new))
        if progress is not None:
            progress(number + 1)
    return Impact(
        requests=counts["requests"],
        approvals=tuple(approvals),
        approvals_count=counts["approvals"],
        not_compared=tuple(refused),
        not_compared_count=counts["refused"],
        unused_before=tuple(_unused(before, tally.used_before)),
        unused_after=tuple(_unused(after, tally.used_after)),
        cliffs=new_cliffs(before.model, after.model, difference),
        **tally.finished(),
    )


def _priced(pricer: Pricer, request: PricingRequest) -> Priced | SalesError:
    try:
        return pricer.price(request)
    except SalesError as error:
        return error


def _approval_change(name: str, before: Iterable[str], after: Iterable[str]) -> ApprovalChange | None:
    old, new = frozenset(before), frozenset(after)
    return None if old == new else ApprovalChange(request=name, before=old, after=new)


def _not_compared(name: str, old: Priced | SalesError, new: Priced | SalesError) -> NotCompared:
    error = old if isinstance(old, SalesError) else new
    code, message = ("", "") if isinstance(error, Priced) else (error.code, str(error))
    return NotCompared(request=name, after=error is new, code=code, message=message)


def _unused(pricer: Pricer, used: Mapping[str, set[str]]) -> Iterator[UnusedRecord]:
    model = pricer.model
    for step in model.procedure.steps:
        names = {name for record in used.get(step.id, ()) for name in names_in(record)}
        for record in map(id_of, records_of(step, model)):
            if record not in names:
                yield UnusedRecord(step=step.id, record=record)
