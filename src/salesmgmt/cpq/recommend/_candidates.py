"""Which products are related to a request or to what a customer has, before anything is priced."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

import attrs

from salesmgmt.core.exact import add, subtract
from salesmgmt.core.formula import BOOL, Formula, Schema
from salesmgmt.cpq.pricing.request import Line
from salesmgmt.cpq.products import Catalogue
from salesmgmt.cpq.recommend.recommendation import Withheld, WithheldReason
from salesmgmt.cpq.recommend.relation import Relation, RelationKind
from salesmgmt.cpq.recommend.relations import Relations
from salesmgmt.engines.association import AssociationRule

_ZERO = Decimal(0)


class Configured(Protocol):
    """What is asked of the configuration of a line: the values that an attribute can still take."""

    def domain(self, attribute: str, /) -> Sequence[str]:
        """The values that lead to a valid product with the other choices."""
        ...


@attrs.frozen(kw_only=True)
class Situation:
    """Who is recommended something, and what is known.

    Attributes:
        lines: the lines that have a price, each with its position.
        facts_of: what conditions may read, for the line of a position, or `None` for the document.
        installed: what the customer has, by product.
        excluded: what the caller does not want.
        configurations: the configuration of lines, by position.
    """

    lines: Sequence[tuple[int, Line]]
    facts_of: Callable[[int | None], Mapping[str, Any]]
    installed: Mapping[str, Decimal]
    excluded: Collection[str]
    configurations: Mapping[int, Configured]

    def requested(self, product: str) -> Decimal:
        """How many units of a product are on the request."""
        found = _ZERO
        for _, line in self.lines:
            if line.product == product:
                found = add(found, line.quantity)
        return found


@attrs.frozen(kw_only=True)
class Candidate:
    """A product that may be offered.

    Attributes:
        product: its id.
        relation: by which it is related; `None` when only orders of the past suggest it.
        position: the line from which the relation starts.
        quantity: how many.
        source: id of the product from which the relation starts.
    """

    product: str
    relation: Relation | None = None
    position: int | None = None
    quantity: Decimal = Decimal(1)
    source: str = ""


class Candidates:
    """Finds the candidates by relations and association rules, and holds back what must not be offered."""

    def __init__(
        self, relations: Relations, rules: Sequence[AssociationRule], catalogue: Catalogue, schema: Schema
    ) -> None:
        self._relations = relations
        self._catalogue = catalogue
        self._formulas = {
            text: Formula.parse(text, schema, wanted=BOOL)
            for relation in relations.relations
            if (text := relation.condition).strip()
        }
        self._once = frozenset(one.offer for one in relations.relations if one.once and one.offer)
        self._rules: dict[str, list[AssociationRule]] = {}
        for rule in rules:
            if len(rule.consequent) == 1 and rule.leverage > 0:
                self._rules.setdefault(rule.antecedent[0], []).append(rule)
        self._members: dict[tuple[str, str], list[str]] = {}
        for product in catalogue:
            if product.family:
                self._members.setdefault(("family", product.family), []).append(product.id)
            for category in catalogue.categories_of(product.id):
                self._members.setdefault(("category", category), []).append(product.id)

    def suggesting(self, products: Collection[str]) -> dict[str, list[AssociationRule]]:
        """The rules whose left side is on the request and whose right side is not, by the right side."""
        found: dict[str, list[AssociationRule]] = {}
        wanted = set(products)
        for product in sorted(wanted):
            for rule in self._rules.get(product, ()):
                if wanted.issuperset(rule.antecedent) and rule.consequent[0] not in wanted:
                    found.setdefault(rule.consequent[0], []).append(rule)
        return found

    def find(
        self, situation: Situation, suggested: Collection[str]
    ) -> tuple[list[Candidate], list[Withheld]]:
        """The products that may be offered, each as often as it is related, and those that are held back."""
        excluded = self._excluded(situation)
        found: list[Candidate] = []
        withheld: dict[str, Withheld] = {}
        related: set[str] = set()
        for candidate in self._related(situation):
            related.add(candidate.product)
            answer = self._judged(candidate, situation, excluded)
            if isinstance(answer, Candidate):
                found.append(answer)
            else:
                withheld.setdefault(answer.product, answer)
        for product in sorted(set(suggested) - related):
            answer = self._judged(Candidate(product=product), situation, excluded)
            if isinstance(answer, Candidate):
                found.append(answer)
            else:
                withheld.setdefault(answer.product, answer)
        offered = {candidate.product for candidate in found}
        return found, [one for one in withheld.values() if one.product not in offered]

    def shuts_out(self, products: Collection[str], situation: Situation) -> bool:
        """Whether one of these products must not stand beside what is requested or installed, or is not wanted."""
        excluded = self._excluded(situation)
        return any(self._shut_out(product, situation, excluded) is not None for product in products)

    def _related(self, situation: Situation) -> Iterator[Candidate]:
        for position, line in situation.lines:
            for relation in self._holding(line.product, situation.facts_of(position)):
                for product in self._targets(relation):
                    if product != line.product:
                        yield Candidate(
                            product=product,
                            relation=relation,
                            position=position,
                            quantity=relation.quantity_for(line.quantity),
                            source=line.product,
                        )
        for source, quantity in situation.installed.items():
            for relation in self._holding(source, situation.facts_of(None)):
                for product in self._targets(relation):
                    if product != source:
                        yield Candidate(
                            product=product,
                            relation=relation,
                            quantity=relation.quantity_for(quantity),
                            source=source,
                        )

    def _holding(self, product: str, facts: Mapping[str, Any]) -> Iterator[Relation]:
        """The relations of a product that lead to an offer and whose conditions hold."""
        for relation in self._relations.of(product, self._catalogue):
            if relation.kind is not RelationKind.EXCLUDES and self._holds(relation, facts):
                yield relation

    def _holds(self, relation: Relation, facts: Mapping[str, Any]) -> bool:
        """Whether the condition of a relation holds; one that excludes does while that cannot be told."""
        if not relation.condition.strip():
            return True
        formula = self._formulas[relation.condition]
        is_unknown = any(facts.get(name) is None for name in formula.names)
        return (relation.kind is RelationKind.EXCLUDES and is_unknown) or formula.holds(facts)

    def _targets(self, relation: Relation) -> Sequence[str]:
        what, name = relation.target
        return (name,) if what == "product" else self._members.get((what, name), ())

    def _excluded(self, situation: Situation) -> dict[tuple[str, str], str]:
        """What must not stand beside what is requested or installed, and what that is."""
        found: dict[tuple[str, str], str] = {}
        present: list[tuple[str, int | None]] = [
            (line.product, position) for position, line in situation.lines
        ]
        present += [(product, None) for product in situation.installed]
        for product, position in present:
            for relation in self._relations.of(product, self._catalogue):
                if relation.kind is RelationKind.EXCLUDES and self._holds(
                    relation, situation.facts_of(position)
                ):
                    found.setdefault(relation.target, product)
        return found

    def _names(self, product: str) -> Iterator[tuple[str, str]]:
        """Everything by which a relation may name a product."""
        known = self._catalogue.get(product)
        yield from (("product", one) for one in self._catalogue.lineage_of(product))
        if known is not None and known.family:
            yield "family", known.family
        yield from (("category", one) for one in self._catalogue.categories_of(product))

    def _judged(
        self, candidate: Candidate, situation: Situation, excluded: Mapping[tuple[str, str], str]
    ) -> Candidate | Withheld:
        product, relation = candidate.product, candidate.relation
        refused = (
            self._not_sold(product)
            or self._shut_out(product, situation, excluded)
            or self._installed(candidate, situation)
            or _no_room(candidate, situation)
        )
        if refused is not None:
            reason, detail = refused
            return Withheld(product=product, reason=reason, detail=detail)
        there = situation.requested(product)
        if relation is not None and relation.kind.replaces and candidate.position is not None:
            lacking = candidate.quantity if not there else _ZERO
        else:
            lacking = subtract(candidate.quantity, there)
        if lacking <= 0:
            detail = f"{there:f} are on the request"
            return Withheld(product=product, reason=WithheldReason.ON_REQUEST, detail=detail)
        return attrs.evolve(candidate, quantity=lacking)

    def _not_sold(self, product: str) -> tuple[WithheldReason, str] | None:
        if not len(self._catalogue):
            return None
        known = self._catalogue.get(product)
        if known is None:
            return WithheldReason.UNKNOWN_PRODUCT, "the catalogue does not have it"
        return None if known.active else (WithheldReason.INACTIVE, "it is not sold any more")

    def _shut_out(
        self, product: str, situation: Situation, excluded: Mapping[tuple[str, str], str]
    ) -> tuple[WithheldReason, str] | None:
        if product in situation.excluded:
            return WithheldReason.EXCLUDED, "the caller excludes it"
        for name in self._names(product):
            if name in excluded:
                return WithheldReason.EXCLUDED, f"{excluded[name]} excludes it"
        present = {line.product for _, line in situation.lines} | set(situation.installed)
        for relation in self._relations.of(product, self._catalogue):
            if relation.kind is RelationKind.EXCLUDES and self._holds(relation, situation.facts_of(None)):
                for other in sorted(present):
                    if relation.target in self._names(other):
                        return WithheldReason.EXCLUDED, f"it excludes {other}"
        return None

    def _installed(self, candidate: Candidate, situation: Situation) -> tuple[WithheldReason, str] | None:
        have = situation.installed.get(candidate.product, _ZERO)
        if not have:
            return None
        relation = candidate.relation
        once = candidate.product in self._once or (relation is not None and relation.once)
        replaces = relation is not None and relation.kind.replaces
        enough = candidate.position is None and relation is not None and have >= candidate.quantity
        if once or replaces or enough:
            return WithheldReason.INSTALLED, f"the customer has {have:f}"
        return None


def _no_room(candidate: Candidate, situation: Situation) -> tuple[WithheldReason, str] | None:
    """Whether the configuration of the line has no room for it, or has it already."""
    relation, position = candidate.relation, candidate.position
    if relation is None or position is None or not relation.attribute:
        return None
    attribute, value = relation.attribute, relation.value
    chosen = next(line for place, line in situation.lines if place == position).configuration.get(attribute)
    if chosen == value:
        return WithheldReason.CONFIGURATION, f"{attribute} is {value} already"
    configuration = situation.configurations.get(position)
    if configuration is None:
        if chosen is None:
            return None
        return WithheldReason.CONFIGURATION, f"{attribute} is {chosen}, not {value}"
    try:
        possible = configuration.domain(attribute)
    except LookupError:
        return WithheldReason.CONFIGURATION, f"the product has no attribute {attribute}"
    if value in possible:
        return None
    return WithheldReason.CONFIGURATION, f"{attribute} cannot be {value} with the other choices"
