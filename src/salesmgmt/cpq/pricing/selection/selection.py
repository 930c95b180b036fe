"""Which rule wins: rules indexed by the key they are found by, and one published order among those that hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

import attrs

from salesmgmt.core.clock import zone
from salesmgmt.core.errors import InvalidInput, Problem, UnknownOption
from salesmgmt.core.events import require_aware
from salesmgmt.core.findings import refuse_errors
from salesmgmt.core.formula import BOOL, Formula, Schema, WhyNot
from salesmgmt.cpq.pricing.selection._bucket import Entry, bucket_of, first, holding
from salesmgmt.cpq.pricing.selection._index import (
    Asked,
    EntryMaker,
    Facts,
    Probe,
    Selectable,
    condition_of,
    findings,
    ordered,
)
from salesmgmt.cpq.pricing.selection._why_not import failure
from salesmgmt.cpq.pricing.selection.order import Access, Criterion, SelectionOrder, Ties

_ZERO = Decimal(0)

R = TypeVar("R", bound=Selectable)


@attrs.frozen
class PassedOver:
    """A rule that holds but lost.

    Attributes:
        rule: its id.
        criterion: what it lost by.
        winner: the id of the rule that won.
        code: (class) `passed_over`.
    """

    code: ClassVar[str] = "passed_over"

    rule: str
    criterion: Criterion
    winner: str


@attrs.frozen
class Chosen(Generic[R]):
    """The rule that wins.

    Attributes:
        rule: the rule.
        passed_over: the rules that hold as well, best first, with the criterion by which each lost; empty when they
            were not asked for.
    """

    rule: R
    passed_over: tuple[PassedOver, ...] = ()


@attrs.frozen
class Tied(Generic[R]):
    """Several rules hold, and the order does not tell which of them wins.

    Attributes:
        rules: the best, in the order of their ids.
        code: (class) `conflict`.
    """

    code: ClassVar[str] = "conflict"

    rules: tuple[R, ...]

    @property
    def found(self) -> tuple[str, ...]:
        """The ids of the rules."""
        return tuple(rule.id for rule in self.rules)

    @property
    def wanted(self) -> str:
        """What would have been right."""
        return "one rule"


class Selection(Generic[R]):
    """Rules, compiled for the question which of them wins. It never changes, and is safe to use from several threads.

    A rule is found by its key, so the cost of a question grows with the accesses and not with the rules; within a key
    the rules stand in order, so the first that holds is the best; a long history of one key is searched by instant.

    Args:
        rules: the rules, in the order of their definition.
        schema: the facts that keys and conditions may name. A fact of a set type may have several values.
        accesses: the questions, in order; `None` derives them from the keys that occur, by `order.precedence`.
        order: which of the rules that hold is best.
        time_zone: IANA name of the zone in which days begin.

    Raises:
        InvalidDefinition: an id stands there twice, a key or a condition has an unknown name, or no access finds a key.

    >>> from datetime import UTC, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.formula import TEXT, Schema
    >>> from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
    >>> from salesmgmt.cpq.pricing.selection.selection import Selection
    >>> rules = [
    ...     PriceRule(id="all", percent_off=5),
    ...     PriceRule(id="gold", key={"customer.segment": "gold"}, percent_off=10),
    ... ]
    >>> selection = Selection(rules, Schema({"customer.segment": TEXT}))
    >>> now = datetime(2026, 3, 2, tzinfo=UTC)
    >>> selection.choose({"customer.segment": "gold"}, Decimal(1), "piece", now).rule.id
    'gold'
    >>> print(selection.why_not("gold", {"customer.segment": "vip"}, Decimal(1), "piece", now))
    customer.segment == 'gold': found 'vip'
    """

    __slots__ = (
        "_by_id",
        "_direct",
        "_given",
        "_is_direct",
        "_places",
        "_probes",
        "order",
        "rules",
        "schema",
        "time_zone",
    )

    rules: tuple[R, ...]
    order: SelectionOrder
    schema: Schema
    time_zone: str

    def __init__(
        self,
        rules: Iterable[R],
        schema: Schema,
        *,
        accesses: Sequence[Access] | None = None,
        order: SelectionOrder | None = None,
        time_zone: str = "UTC",
    ) -> None:
        self.rules = tuple(rules)
        self.order = order = SelectionOrder() if order is None else order
        self.schema = schema
        self.time_zone = time_zone
        self._given = accesses
        if accesses is None:
            levels = order.derive({frozenset(rule.key) for rule in self.rules})
        else:
            levels = tuple((access,) for access in accesses)
        refuse_errors("selection of rules", findings(self.rules, schema, levels))
        self._probes = tuple(
            Probe(access, level, schema, order) for level, group in enumerate(levels) for access in group
        )
        self._by_id: dict[str, tuple[R, Entry]] = {}
        self._places = {rule.id: place for place, rule in enumerate(self.rules)}
        self._fill(zone(time_zone))
        # The first rule that holds is the best one when specificity decides before all else.
        self._is_direct = (
            order.criteria[:1] == (Criterion.SPECIFICITY,)
            and Criterion.BEST_PRICE not in order.criteria
            and all(len(group) == 1 for group in levels)
            and all(
                near or schema[field].element is None
                for probe in self._probes
                for near, field in zip(probe.near, probe.access.fields, strict=True)
            )
        )
        # With the probe itself where its key or its requirement needs more than one look.
        self._direct = tuple(
            (probe.getter, probe.buckets, probe if probe.many or probe.holds is not None else None)
            for probe in self._probes
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (self.rules, self.schema, self._given, self.order, self.time_zone)

    def _fill(self, clock: ZoneInfo) -> None:
        conditions: dict[str, Callable[[Facts], bool] | None] = {}
        by_fields: dict[frozenset[str], list[tuple[Probe, dict[Any, list[Entry]]]]] = {}
        for probe in self._probes:
            by_fields.setdefault(frozenset(probe.access.fields), []).append((probe, {}))
        entry_of = EntryMaker(self.order, clock, Chosen)
        # Equal values of keys become one object: a large index then touches far less memory for a question.
        known: dict[Any, Any] = {}
        for position, rule in enumerate(self.rules):
            text, key = rule.condition, rule.key
            if text not in conditions:
                conditions[text] = condition_of(text, self.schema)
            entry = entry_of(rule, position, conditions[text])
            self._by_id[rule.id] = rule, entry
            for probe, groups in by_fields[frozenset(key)]:
                fields = probe.access.fields
                if len(fields) == 1:
                    value = key[fields[0]]
                    groups.setdefault(value, []).append(entry)
                else:
                    values = tuple([known.setdefault(value, value) for value in map(key.get, fields)])
                    groups.setdefault(values, []).append(entry)
        for pairs in by_fields.values():
            for probe, groups in pairs:
                probe.buckets.update({key: bucket_of(ordered(entries)) for key, entries in groups.items()})

    def choose(  # noqa: C901 - the innermost loop: a call for each question would cost as much again
        self,
        facts: Facts,
        quantity: Decimal,
        unit: str,
        at: datetime,
        *,
        reaches: Callable[[R], bool] | None = None,
        price: Callable[[R], Decimal | None] | None = None,
        same: Callable[[R, R], bool] | None = None,
        passed_over: bool = False,
    ) -> Chosen[R] | Tied[R] | None:
        """The rule that wins.

        Args:
            facts: values by name; pass `None` for what is missing rather than leave it out, it is faster.
            quantity: in base units, in which the rules state their limits.
            unit: the unit that is asked for.
            at: the instant, with a time zone.
            reaches: decides in place of the quantity for rules whose `needs_document` is true.
            price: the price by a rule, `None` when it gives none; needed when the order asks for the best price.
            same: whether two rules come to the same; then they are no conflict. `None` means never.
            passed_over: also tell the rules that lost; this looks at every rule that holds.

        Returns:
            `None` when no rule holds.

        Raises:
            NaiveInstant: `at` has no time zone.
            EvaluationError: a condition cannot be worked out.
        """
        if at.tzinfo is not UTC:
            at = require_aware(at, "at").astimezone(UTC)
        if not self._is_direct or passed_over:
            asked = Asked(facts, quantity, unit, at, reaches, price, same)
            return self._choose_among_all(asked, passed_over=passed_over)
        for getter, buckets, probe in self._direct:
            if probe is not None:
                for _, bucket in probe.found(facts):
                    best = first(bucket, facts, quantity, unit, at, reaches)
                    if best is not None:
                        return best[0][9] if len(best) == 1 else self._settled(best, same)
                continue
            try:
                found = buckets.get(getter(facts))
            except KeyError:
                continue
            if found is None:
                continue
            if type(found) is tuple:  # one rule alone, as most keys have
                starts, ends, low, beyond, uom, holds, needs_document, _, _, chosen = found
                if (
                    (starts is None or starts <= at)
                    and (ends is None or at < ends)
                    and (not uom or uom == unit)
                    and (low is None or low <= quantity)
                    and (beyond is None or quantity < beyond)
                    and not needs_document
                    and (holds is None or holds(facts))
                ):
                    return chosen  # type: ignore[no-any-return]
                if not needs_document:
                    continue
            best = first(found, facts, quantity, unit, at, reaches)
            if best is not None:
                return best[0][9] if len(best) == 1 else self._settled(best, same)
        return None

    def matching(
        self,
        facts: Facts,
        quantity: Decimal,
        unit: str,
        at: datetime,
        *,
        reaches: Callable[[R], bool] | None = None,
        price: Callable[[R], Decimal | None] | None = None,
    ) -> tuple[R, ...]:
        """Every rule that holds, best first; of equal ones the one whose id comes first. Arguments as for `choose`."""
        moment = require_aware(at, "at").astimezone(UTC)
        ranked = self._ranked(Asked(facts, quantity, unit, moment, reaches, price))
        ties = self._tie_order()
        return tuple(entry[9].rule for _, entry in sorted(ranked, key=lambda one: (one[0], ties(one[1]))))

    def why_not(
        self,
        rule: str,
        facts: Facts,
        quantity: Decimal,
        unit: str,
        at: datetime,
        *,
        reaches: Callable[[R], bool] | None = None,
        price: Callable[[R], Decimal | None] | None = None,
        same: Callable[[R, R], bool] | None = None,
    ) -> WhyNot | PassedOver | Tied[R] | None:
        """Why a rule does not win: the first thing that fails, what it lost by, or whom it is tied with.

        Looked at are, in this order, the fields of its key, the validity, the unit, the quantity, its condition and the
        conditions of the accesses. `None` when it wins. Arguments as for `choose`.

        Raises:
            UnknownOption: no rule has this id.
        """
        if rule not in self._by_id:
            raise UnknownOption("the rule that is asked for", rule, islice(self._by_id, 10))
        moment = require_aware(at, "at").astimezone(UTC)
        asked = Asked(facts, quantity, unit, moment, reaches, price, same)
        one, entry = self._by_id[rule]
        failed = failure(one, entry, asked, self.schema, bound=self.order.max_quantity)
        if failed is not None:
            return failed
        ranks = {other[9].rule.id: rank for rank, other in self._ranked(asked)}
        if rule not in ranks:
            return self._not_asked(one, asked)
        found = self._choose_among_all(asked, passed_over=False)
        if isinstance(found, Tied):
            if rule in found.found:
                return found
            best = found.rules[0].id
        else:
            best = rule if found is None else found.rule.id
        return None if best == rule else PassedOver(rule, self._lost_by(ranks[rule], ranks[best]), best)

    def applies(self, rule: str, facts: Facts, unit: str, at: datetime) -> bool:
        """Whether a rule holds, its quantity apart; for adding up the quantity over the lines that it is for.

        Raises:
            UnknownOption: no rule has this id.
        """
        if rule not in self._by_id:
            raise UnknownOption("the rule that is asked for", rule, islice(self._by_id, 10))
        asked = Asked(facts, _ZERO, unit, require_aware(at, "at").astimezone(UTC))
        one, entry = self._by_id[rule]
        failed = failure(
            one, entry, asked, self.schema, bound=self.order.max_quantity, apart_from_quantity=True
        )
        return failed is None

    def _not_asked(self, rule: R, asked: Asked) -> WhyNot | PassedOver | None:
        """Why no access found a rule that holds: its requirement does not, or an exclusive one before it had a hit."""
        for probe in self._probes:
            if set(probe.access.fields) == set(rule.key) and probe.access.condition:
                formula = Formula.parse(probe.access.condition, self.schema, wanted=BOOL)
                failed = formula.why_not(asked.facts)
                if failed is not None:
                    return failed
        found = self._choose_among_all(asked, passed_over=False)
        if found is None:
            return None
        winner = found.rule if isinstance(found, Chosen) else found.rules[0]
        return PassedOver(rule.id, Criterion.SPECIFICITY, winner.id)

    def _choose_among_all(self, asked: Asked, *, passed_over: bool) -> Chosen[R] | Tied[R] | None:
        ranked = self._ranked(asked)
        if not ranked:
            return None
        best = min(rank for rank, _ in ranked)
        found = self._settled([entry for rank, entry in ranked if rank == best], asked.same)
        if not passed_over or isinstance(found, Tied):
            return found
        ties = self._tie_order()
        lost = sorted(
            (one for one in ranked if one[1][9].rule is not found.rule),
            key=lambda one: (one[0], ties(one[1])),
        )
        winner = found.rule
        told = [PassedOver(entry[9].rule.id, self._lost_by(rank, best), winner.id) for rank, entry in lost]
        known = {entry[9].rule.id for _, entry in ranked}
        told += [
            PassedOver(entry[9].rule.id, Criterion.SPECIFICITY, winner.id)
            for _, entry in self._ranked(asked, beyond_exclusive=True)
            if entry[9].rule.id not in known
        ]
        return Chosen(winner, tuple(told))

    def _ranked(self, asked: Asked, *, beyond_exclusive: bool = False) -> list[tuple[tuple[Any, ...], Entry]]:
        """Every rule that holds, with its rank; a rule that gives no price where it is asked for counts as none.

        With `beyond_exclusive` also those that no access asks for any more after an exclusive one had a hit.
        """
        by_price, price = Criterion.BEST_PRICE in self.order.criteria, asked.price
        if by_price and price is None:
            problem = Problem("price", "missing", None, "the price by a rule, because the best price wins")
            raise InvalidInput("question to a selection", [problem])
        ranked: list[tuple[tuple[Any, ...], Entry]] = []
        seen = set[str]()
        for probe in self._probes:
            hit = False
            for near, bucket in probe.found(asked.facts):
                for entry in holding(bucket, *asked[:5]):
                    hit = True
                    rule = entry[9].rule
                    if rule.id in seen:
                        continue
                    seen.add(rule.id)
                    amount = price(rule) if by_price and price is not None else None
                    if not by_price or amount is not None:
                        ranked.append((self._rank(entry, (probe.level, near), amount), entry))
            if hit and probe.access.exclusive and not beyond_exclusive:
                break
        return ranked

    def _rank(self, entry: Entry, place: tuple[Any, ...], price: Decimal | None) -> tuple[Any, ...]:
        own = iter(entry[7])
        return tuple(
            place
            if criterion is Criterion.SPECIFICITY
            else price
            if criterion is Criterion.BEST_PRICE
            else next(own)
            for criterion in self.order.criteria
        )

    def _lost_by(self, rank: tuple[Any, ...], best: tuple[Any, ...]) -> Criterion:
        for criterion, part, other in zip(self.order.criteria, rank, best, strict=True):
            if part != other:
                return criterion
        return Criterion.FIRST if self.order.ties is Ties.FIRST else Criterion.ID

    def _settled(self, tied: Sequence[Entry], same: Callable[[R, R], bool] | None) -> Chosen[R] | Tied[R]:
        """Who of rules of equal rank wins."""
        best: Entry = min(tied, key=self._tie_order())
        chosen: Chosen[R] = best[9]
        if len(tied) == 1 or self.order.ties is not Ties.CONFLICT:
            return chosen
        others = [entry[9].rule for entry in tied if entry is not best]
        if same is not None and all(same(chosen.rule, other) for other in others):
            return chosen
        return Tied(tuple(sorted((entry[9].rule for entry in tied), key=attrgetter("id"))))

    def _tie_order(self) -> Callable[[Entry], Any]:
        if self.order.ties is Ties.FIRST:
            return lambda entry: self._places[entry[9].rule.id]
        return lambda entry: entry[9].rule.id


def _remade(
    rules: tuple[R, ...],
    schema: Schema,
    accesses: Sequence[Access] | None,
    order: SelectionOrder,
    time_zone: str,
) -> Selection[R]:
    return Selection(rules, schema, accesses=accesses, order=order, time_zone=time_zone)
