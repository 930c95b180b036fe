"""What is wrong with a discount policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product as combinations
from typing import TYPE_CHECKING

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, Severity, duplicate_ids
from salesmgmt.core.money import Money
from salesmgmt.core.nearest import nearest
from salesmgmt.cpq.approvals.discounts._index import MOST_BANDS, Index
from salesmgmt.cpq.approvals.discounts._limits import limits_of, tightness_of
from salesmgmt.cpq.approvals.discounts.check import LimitKind
from salesmgmt.cpq.approvals.discounts.record import Consequence, DiscountRecord
from salesmgmt.cpq.products import Catalogue

if TYPE_CHECKING:
    from salesmgmt.cpq.approvals.discounts.policy import DiscountPolicy


def lint(
    policy: DiscountPolicy,
    index: Index,
    *,
    catalogue: Catalogue | None,
    known_roles: Iterable[str] | None,
    segments: Iterable[str] | None,
    prices: Mapping[str, Money] | None,
) -> Iterator[Finding]:
    """Find what is wrong; see `DiscountPolicy.findings`."""
    yield from duplicate_ids("records", (record.id for record in policy.records))
    if policy.without_limit is Consequence.APPROVAL and not any(role.strip() for role in policy.roles):
        yield _error("roles", "roles", "nobody could approve what has no limit", "name who may approve it")
    for key, count in index.crowded():
        where = f"records for {' and '.join(part for part in key if part) or 'everything'}"
        yield _error("crowded", where, f"there are {count} of one key", f"keep at most {MOST_BANDS}")
        return
    for record in policy.records:
        yield from _currency(record, policy.currency)
        yield from _rivals(record, policy, index)
    yield from _open_roles(policy.records)
    yield from _names(policy.records, catalogue, known_roles, segments)
    if prices is not None:
        yield from _floors(policy.records, prices)


def _currency(record: DiscountRecord, currency: str) -> Iterator[Finding]:
    for name in ("deal_from", "deal_below", "floor_price"):
        amount = getattr(record, name)
        if amount is not None and amount.currency != currency:
            message = f"{name} is {amount}, and the policy is in {currency}"
            yield _error("currency", record.where, message, f"give it in {currency}")


def _rivals(record: DiscountRecord, policy: DiscountPolicy, index: Index) -> Iterator[Finding]:
    """Records that say the same twice, or that others leave nothing to say."""
    same = [other for other in index.of(record.key) if other is not record and _same_deals(other, record)]
    for other in same:
        both = set(limits_of(record)) & set(limits_of(other))
        if both and other.over is record.over and other.id < record.id:
            kinds = ", ".join(sorted(kind.value for kind in both))
            message = f"{other.id} ({other.where}) sets {kinds} for the same as well"
            yield _error("duplicate", record.where, message, "keep one of them")
    if record.overrides or policy.combine.value != "tightest":
        return
    for wider in _wider(record, index):
        if not wider.overrides and _leaves_nothing(wider, record):
            yield Finding(
                code="unreachable",
                where=record.where,
                message=f"{wider.id} ({wider.where}) is for more and at least as tight, so that this never decides",
                hint="let it override, or make it tighter, or drop it",
                severity=Severity.WARNING,
            )
            return


def _wider(record: DiscountRecord, index: Index) -> Iterator[DiscountRecord]:
    """The records for everybody or everything that this one is for as well; only those that no role could be granted more than."""
    goods = dict.fromkeys(("", record.goods))
    segments = dict.fromkeys(("", record.segment))
    for one, segment in combinations(goods, segments):
        for wider in index.of(("", one, segment)):
            covers = (wider.deal_from is None or _at_least(record.deal_from, wider.deal_from)) and (
                wider.deal_below is None or _at_least(wider.deal_below, record.deal_below)
            )
            if covers and wider.key != record.key:
                yield wider


def _at_least(high: Money | None, low: Money | None) -> bool:
    return high is not None and low is not None and high.currency == low.currency and high >= low


def _leaves_nothing(wider: DiscountRecord, record: DiscountRecord) -> bool:
    kinds = set(limits_of(record))
    if not kinds <= set(limits_of(wider)) or wider.over.gravity < record.over.gravity:
        return False
    if LimitKind.REASON in kinds and not set(wider.reasons) <= set(record.reasons):
        return False
    return all(tightness_of(kind, wider) <= tightness_of(kind, record) for kind in kinds - {LimitKind.REASON})


def _same_deals(one: DiscountRecord, other: DiscountRecord) -> bool:
    return (one.deal_from, one.deal_below) == (other.deal_from, other.deal_below)


def _open_roles(records: tuple[DiscountRecord, ...]) -> Iterator[Finding]:
    everybody = any(record.max_percent is not None and not record.role for record in records)
    roles = sorted({record.role for record in records if record.role and record.max_percent is not None})
    if roles and not everybody:
        yield Finding(
            code="open_role",
            where="records",
            message=f"there are highest discounts for {shorten(', '.join(roles)).strip(chr(39))}, and none for everybody else",
            hint="add a record without a role, or set without_limit",
            severity=Severity.WARNING,
        )


def _names(
    records: tuple[DiscountRecord, ...],
    catalogue: Catalogue | None,
    roles: Iterable[str] | None,
    segments: Iterable[str] | None,
) -> Iterator[Finding]:
    """Names that nobody and nothing has."""
    known: dict[str, frozenset[str]] = {}
    if catalogue is not None:
        known["product"] = frozenset(product.id for product in catalogue.products)
        known["family"] = catalogue.families
        near = (category for product in catalogue for category in catalogue.categories_of(product.id))
        known["category"] = frozenset((*near, *catalogue.categories, *catalogue.categories.values()))
    if roles is not None:
        known["role"] = frozenset(roles)
    if segments is not None:
        known["segment"] = frozenset(segments)
    for record in records:
        for kind, names in known.items():
            name = getattr(record, kind)
            if name and name not in names:
                close = nearest(name, names) if len(name) <= 100 else None
                hint = f"did you mean {close!r}?" if close else f"correct the {kind}, or drop the record"
                yield _error(f"unknown_{kind}", record.where, f"there is no {kind} {shorten(name)}", hint)


def _floors(records: tuple[DiscountRecord, ...], prices: Mapping[str, Money]) -> Iterator[Finding]:
    for record in records:
        price = prices.get(record.product)
        floor = record.floor_price
        if price is None or floor is None or price.currency != floor.currency or floor <= price:
            continue
        message = f"the floor of {record.product} is {floor}, and its list price {price}"
        yield _error("floor_above_list", record.where, message, "lower the floor, or correct the list price")


def _error(code: str, where: str, message: str, hint: str) -> Finding:
    return Finding(code=code, where=where, message=message, hint=hint)
