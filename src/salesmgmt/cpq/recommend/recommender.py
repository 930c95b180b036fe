"""Recommends what else to offer, with the price and margin that the pricer gives it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

import attrs

from salesmgmt.core.clock import zone
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exact import Number, exact
from salesmgmt.core.formula import declare
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.names import NAMES
from salesmgmt.cpq.pricing.priced import Priced, PricedLine
from salesmgmt.cpq.pricing.pricer import Pricer
from salesmgmt.cpq.pricing.request import Line, PricingRequest
from salesmgmt.cpq.pricing.sharing.bundle import Bundle
from salesmgmt.cpq.recommend._candidates import Candidate, Candidates, Configured, Situation
from salesmgmt.cpq.recommend._chances import Chances
from salesmgmt.cpq.recommend._trial import amount_of
from salesmgmt.cpq.recommend.bundle_suggestion import BundleSuggestion, BundleSuggestions
from salesmgmt.cpq.recommend.next_tier import NextTier, TierHints
from salesmgmt.cpq.recommend.recommendation import (
    Recommendation,
    Recommendations,
    Withheld,
    WithheldReason,
)
from salesmgmt.cpq.recommend.relation import RelationKind
from salesmgmt.cpq.recommend.relations import Relations
from salesmgmt.cpq.recommend.uplift import AcceptanceCount
from salesmgmt.engines.association import AssociationRule

_ZERO = Decimal(0)


class Recommender:
    """Answers what else to offer with a request.

    It does not change after it is made and is safe to use from several threads. The answer depends on what it was made from,
    the request and the arguments, and on nothing else.

    Made by `Relations.compile`.

    Attributes:
        relations: what is related.
        pricer: who prices.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import Line, PriceRecord, PricingModel, PricingRequest
    >>> from salesmgmt.cpq.recommend import AcceptanceCount, Relation, Relations
    >>> pricer = PricingModel(prices=[
    ...     PriceRecord(id="p-1", product="laptop", price=Money(900, "EUR")),
    ...     PriceRecord(id="p-2", product="dock", price=Money(80, "EUR")),
    ... ]).compile()
    >>> recommender = Relations(relations=[
    ...     Relation(id="r-1", kind="accessory", product="laptop", offer="dock"),
    ... ]).compile(pricer, acceptance=[AcceptanceCount(product="dock", kind="accessory", offered=40, accepted=10)])
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> found = recommender.recommend(PricingRequest(at=now, currency="EUR", lines=[Line("laptop", 3)]))
    >>> print(*found.offers)
    3 x dock: accessory of laptop; 10 of 40 accepted it; total +240.00 EUR
    """

    def __init__(
        self,
        relations: Relations,
        pricer: Pricer,
        *,
        rules: Sequence[AssociationRule] = (),
        acceptance: Sequence[AcceptanceCount] = (),
        bundles: Sequence[Bundle] = (),
    ) -> None:
        self.relations = relations
        self.pricer = pricer
        model = pricer.model
        schema = declare(model.procedure.facts, NAMES).schema
        self._made_from = (relations, pricer, tuple(rules), tuple(acceptance), tuple(bundles))
        self._candidates = Candidates(relations, rules, model.catalogue, schema)
        self._chances = Chances(acceptance)
        self._suggestions = BundleSuggestions(pricer, bundles)

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, self._made_from

    def recommend(
        self,
        request: PricingRequest,
        *,
        installed_base: Mapping[str, Number] | Iterable[str] = (),
        configurations: Mapping[int, Configured] | None = None,
        excluded: Iterable[str] = (),
        limit: int | None = None,
        most_tries: int = 200,
    ) -> Recommendations:
        """What else to offer.

        Offers are ranked by expected margin: what the margin of the request gains, times the chance that the offer is
        accepted. The chance is the share of such offers that were accepted, where at least ten were made, else the
        confidence of the association rule whose interval begins highest, else the share for the kind of relation. Offers
        whose chance or cost is not known come last.

        Lines without a price count as if they were not on the request.

        Args:
            request: what the customer wants, with who and when.
            installed_base: what the customer has, by product with the quantity, or the products alone for one of each.
            configurations: the configuration of lines by position: what `domain` of a relation's attribute does not hold is
                not offered.
            excluded: ids of products that are not offered.
            limit: how many offers are wanted at most.
            most_tries: how many are priced at most; those beyond are held back as `not_tried`.

        Raises:
            InvalidInput, EvaluationError, OutOfRange: as for `Pricer.price`; or a limit or the installed base is out of
                range.
        """
        for name, number in (("limit", limit), ("most_tries", most_tries)):
            if number is not None and number < 1:
                raise InvalidInput("recommendations", [Problem(name, "range", str(number), "at least 1")])
        base = _Base.of(self.pricer, request)
        situation = self._situation(base, installed_base, excluded, configurations)
        suggesting = self._candidates.suggesting({line.product for _, line in base.lines})
        candidates, withheld = self._candidates.find(situation, suggesting)
        candidates.sort(key=lambda one: (-self._chances.rank(one, suggesting), *_order(one)))
        best: dict[str, Recommendation] = {}
        missing: dict[str, Withheld] = {}
        for number, candidate in enumerate(candidates):
            product = candidate.product
            if number >= most_tries:
                detail = f"{len(candidates)} candidates, {most_tries} tried"
                missing.setdefault(
                    product, Withheld(product=product, reason=WithheldReason.NOT_TRIED, detail=detail)
                )
                continue
            answer = self._priced(base, candidate, suggesting.get(product, ()))
            if isinstance(answer, Withheld):
                missing.setdefault(product, answer)
            elif product not in best or _rank(answer) < _rank(best[product]):
                best[product] = answer
        withheld += [one for product, one in missing.items() if product not in best]
        offers = sorted(best.values(), key=_rank)
        return Recommendations(
            offers=tuple(offers if limit is None else offers[:limit]),
            withheld=tuple(sorted(withheld, key=lambda one: one.product)),
        )

    def next_tiers(self, request: PricingRequest) -> tuple[NextTier, ...]:
        """The hints at the next price of each line, in the order of the lines; see `TierHints.next_tiers`."""
        return tuple(
            hint
            for position in range(len(request.lines))
            for hint in self.tier_hints.next_tiers(request, position)
        )

    @cached_property
    def tier_hints(self) -> TierHints:
        """The hints at more units, by steps of one."""
        return TierHints(self.pricer)

    def bundles(
        self,
        request: PricingRequest,
        *,
        installed_base: Mapping[str, Number] | Iterable[str] = (),
        excluded: Iterable[str] = (),
    ) -> tuple[BundleSuggestion, ...]:
        """Kits and promotions that a part is missing for, where no relation excludes it; see `BundleSuggestions.find`.

        Args:
            request: as for `recommend`.
            installed_base: as for `recommend`.
            excluded: ids of products that are not suggested.
        """
        found = self._suggestions.find(request)
        if not found:
            return ()
        situation = self._situation(_Base.of(self.pricer, request), installed_base, excluded)
        return tuple(
            one
            for one in found
            if not self._candidates.shuts_out([part.product for part in one.missing], situation)
        )

    @staticmethod
    def _situation(
        base: _Base,
        installed_base: Mapping[str, Number] | Iterable[str],
        excluded: Iterable[str],
        configurations: Mapping[int, Configured] | None = None,
    ) -> Situation:
        return Situation(
            lines=base.lines,
            facts_of=base.facts_of,
            installed=_installed(installed_base),
            excluded=frozenset(excluded),
            configurations=configurations or {},
        )

    def _priced(
        self, base: _Base, candidate: Candidate, rules: Sequence[AssociationRule]
    ) -> Recommendation | Withheld:
        position, relation = candidate.position, candidate.relation
        replaces = relation is not None and relation.kind.replaces and position is not None
        lines = dict(base.lines)
        place = position if replaces and position is not None else len(base.request.lines)
        group = lines[position].group if position is not None else ""
        before = base.priced_line(place) if replaces else None
        lines[place] = Line(candidate.product, candidate.quantity, group=group)
        order = sorted(lines)
        request = attrs.evolve(base.request, lines=[lines[number] for number in order])
        priced = self.pricer.price(request)
        if priced.unpriced:
            detail = str(priced.unpriced[0])
            return Withheld(product=candidate.product, reason=WithheldReason.NO_PRICE, detail=detail)
        after = priced.lines[order.index(place)]
        effect = amount_of(priced) - base.total
        margin = _margin_effect(effect, before, after, (base.priced, priced))
        kind = None if relation is None else relation.kind
        rule = self._chances.best(rules)
        probability = self._chances.of(candidate.product, kind, rule)
        return Recommendation(
            product=candidate.product,
            kind=kind,
            relation="" if relation is None else relation.id,
            position=position,
            replaces=replaces,
            quantity=candidate.quantity,
            reason="; ".join(
                filter(
                    None,
                    (_related(candidate), _together(rule), self._chances.words(candidate.product, kind)),
                )
            ),
            price_effect=effect,
            margin_effect=margin,
            probability=probability,
            expected_margin=_expected(margin, probability.value),
        )


@attrs.frozen(kw_only=True)
class _Base:
    """The request without the lines that have no price."""

    request: PricingRequest
    lines: tuple[tuple[int, Line], ...]
    priced: Priced | None
    total: Money
    pricer: Pricer

    @classmethod
    def of(cls, pricer: Pricer, request: PricingRequest) -> _Base:
        priced: Priced | None = pricer.price(request)
        kept = {line.position: line.line for line in priced.lines} if priced is not None else {}
        # A line that had a price may lose it without another one, on which it depends.
        while priced is not None and priced.unpriced:
            order = sorted(kept)
            priced = (
                pricer.price(attrs.evolve(request, lines=[kept[place] for place in order])) if kept else None
            )
            if priced is not None:
                kept = {order[line.position]: line.line for line in priced.lines}
        return cls(
            request=request,
            lines=tuple(sorted(kept.items())),
            priced=priced,
            total=Money.zero(request.currency) if priced is None else amount_of(priced),
            pricer=pricer,
        )

    def priced_line(self, position: int) -> PricedLine | None:
        """What a line of the request comes to."""
        if self.priced is None:
            return None
        return self.priced.lines[[place for place, _ in self.lines].index(position)]

    def facts_of(self, position: int | None) -> Mapping[str, Any]:
        """What conditions of relations may read, by the names of the pricing procedure."""
        return self._of_order if position is None else {**self._of_order, **self._of_line(position)}

    @cached_property
    def _of_order(self) -> Mapping[str, Any]:
        request, model = self.request, self.pricer.model
        found = [model.catalogue.get(line.product) for _, line in self.lines]
        facts: dict[str, Any] = {f"customer.{name}": value for name, value in request.customer.items()}
        facts |= {f"order.{name}": value for name, value in request.order.items()}
        facts |= {
            "order.at": request.at,
            "order.date": request.at.astimezone(zone(model.procedure.time_zone)).date(),
            "order.currency": request.currency,
            "order.price_list": request.price_list or None,
            "order.lines": Decimal(len(self.lines)),
            "order.products": frozenset(line.product for _, line in self.lines),
            "order.families": frozenset(one.family for one in found if one is not None and one.family),
            "order.quantity": sum((line.quantity for _, line in self.lines), _ZERO),
            "order.amount": self.total,
            "order.list_amount": self.total if self.priced is None else self.priced.list_total,
        }
        return facts

    def _of_line(self, position: int) -> Mapping[str, Any]:
        priced = self.priced_line(position)
        line = dict(self.lines)[position]
        return {
            **{f"line.{name}": value for name, value in line.fields.items()},
            **_of_product(self.pricer, line.product),
            "line.quantity": line.quantity,
            "line.uom": line.uom or None,
            "line.group": line.group or None,
            "line.amount": None if priced is None else priced.net_amount,
            "line.list_amount": None if priced is None else priced.list_amount,
        }


def _of_product(pricer: Pricer, product: str) -> Mapping[str, Any]:
    facts = pricer.model.catalogue.facts_of(product)
    return {name: frozenset(value) if isinstance(value, tuple) else value for name, value in facts.items()}


def _installed(given: Mapping[str, Number] | Iterable[str]) -> Mapping[str, Decimal]:
    if isinstance(given, str):  # its letters are no products
        raise InvalidInput(
            "recommendations", [Problem("installed_base", "wrong_type", shorten(given), "a list of products")]
        )
    if not isinstance(given, Mapping):
        return dict.fromkeys(given, Decimal(1))
    found = {product: exact(quantity, "an installed quantity") for product, quantity in given.items()}
    problems = [
        Problem(f"installed_base.{product}", "negative", f"{quantity:f}", "zero or more")
        for product, quantity in found.items()
        if quantity < 0
    ]
    if problems:
        raise InvalidInput("recommendations", problems)
    return {product: quantity for product, quantity in found.items() if quantity}


def _margin_effect(
    effect: Money, before: PricedLine | None, after: PricedLine, documents: Iterable[Priced | None]
) -> Measured[Money]:
    """What the margin gains: the costs of all other lines stay as they are."""
    if after.cost is None or (before is not None and before.cost is None):
        return Measured(None, "no_cost")
    # What comes on top at a price of its own has a cost that nobody told.
    if any(one.amount for document in documents if document is not None for one in document.added):
        return Measured(None, "no_cost")
    saved = Money.zero(effect.currency) if before is None or before.cost is None else before.cost
    return Measured(effect - after.cost + saved)


def _expected(margin: Measured[Money], chance: Measured[Decimal]) -> Measured[Money]:
    if margin.value is None:
        return margin
    if chance.value is None:
        return Measured(None, chance.flag)
    return Measured(margin.value * chance.value, chance.flag, n=chance.n)


def _order(candidate: Candidate) -> tuple[str, str, int]:
    relation = "" if candidate.relation is None else candidate.relation.id
    return candidate.product, relation, -1 if candidate.position is None else candidate.position


def _rank(offer: Recommendation) -> tuple[int, Decimal, str, str, int]:
    """By falling expected margin, else by falling margin, and last those of which neither is known."""
    expected, margin = offer.expected_margin.value, offer.margin_effect.value
    known, size = (0, expected) if expected is not None else (1, margin) if margin is not None else (2, None)
    amount = _ZERO if size is None else size.amount
    return known, -amount, offer.product, offer.relation, -1 if offer.position is None else offer.position


_WORDS = {
    RelationKind.ACCESSORY: "accessory of {source}",
    RelationKind.UPGRADE: "upgrade of {source}",
    RelationKind.SUBSTITUTE: "substitute for {source}",
    RelationKind.COMPLEMENT: "goes with {source}",
    RelationKind.REQUIRED_SERVICE: "{source} cannot be used without it",
}


def _related(candidate: Candidate) -> str:
    relation = candidate.relation
    if relation is None:
        return ""
    words = _WORDS[relation.kind].format(source=candidate.source)
    words = f"{words}, {relation.ratio:f} for each" if relation.ratio != 1 else words
    return words if candidate.position is not None else f"{words}, which the customer has"


def _together(rule: AssociationRule | None) -> str:
    if rule is None:
        return ""
    left = " and ".join(rule.antecedent)
    return f"{rule.count} of {rule.antecedent_count} orders with {left} had it, lift {rule.lift:.2f}"


def _remade(
    relations: Relations,
    pricer: Pricer,
    rules: Sequence[AssociationRule],
    acceptance: Sequence[AcceptanceCount],
    bundles: Sequence[Bundle],
) -> Recommender:
    return Recommender(relations, pricer, rules=rules, acceptance=acceptance, bundles=bundles)
