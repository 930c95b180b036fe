"""Relations of a house, from a file; what is wrong with them is found before they are used."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import InvalidInput, shorten
from salesmgmt.core.findings import Finding, Severity, refuse_errors
from salesmgmt.core.formula import Schema, declare, lint_condition
from salesmgmt.core.nearest import nearest
from salesmgmt.cpq._sheet import FLAG, NUMBER, TEXT, Sheet, choice, required
from salesmgmt.cpq.pricing.names import NAMES
from salesmgmt.cpq.pricing.pricer import Pricer
from salesmgmt.cpq.products import Catalogue
from salesmgmt.cpq.recommend.relation import Relation, RelationKind
from salesmgmt.engines.association import AssociationRule

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.sharing.bundle import Bundle
    from salesmgmt.cpq.recommend.recommender import Recommender
    from salesmgmt.cpq.recommend.uplift import AcceptanceCount

MOST_RELATIONS = 100_000
"""How many relations one set may hold."""

_COLUMNS = {
    "id": TEXT,
    "kind": required(choice(RelationKind)),
    "product": TEXT,
    "family": TEXT,
    "category": TEXT,
    "offer": TEXT,
    "offer_family": TEXT,
    "offer_category": TEXT,
    "ratio": NUMBER,
    "step": NUMBER,
    "condition": TEXT,
    "once": FLAG,
    "attribute": TEXT,
    "value": TEXT,
}
_MOST_RINGS = 20


def _tuple(relations: Iterable[Relation]) -> tuple[Relation, ...]:
    return tuple(relations)


@attrs.frozen(kw_only=True)
class Relations:
    """Everything that is related.

    Attributes:
        relations: the relations.

    >>> from salesmgmt.cpq.products import Catalogue, Product
    >>> from salesmgmt.cpq.recommend import Relation, Relations
    >>> relations = Relations(relations=[
    ...     Relation(id="r-1", kind="upgrade", product="dock", offer="dock-pro"),
    ...     Relation(id="r-2", kind="upgrade", product="dock-pro", offer="dock"),
    ... ])
    >>> print(*relations.lint(Catalogue([Product(id="dock"), Product(id="dock-pro")])))
    error cycle at r-1: upgrades lead in a ring: dock -> dock-pro -> dock; leave out one of them
    """

    relations: tuple[Relation, ...] = attrs.field(default=(), converter=_tuple)

    @classmethod
    def load(cls, path: Path | str) -> Relations:
        """Read relations from a CSV file, or from a TOML file with `[[relations]]`.

        Args:
            path: the file; one whose name ends in `.toml` is read as TOML. A CSV file has the column `kind`, one or more of
                `product`, `family`, `category`, of `offer`, `offer_family`, `offer_category`, and any of `id`, `ratio`,
                `step`, `condition`, `once` (true or false), `attribute` and `value`.

        Raises:
            InvalidInput: the file cannot be read, or has faults; all are listed.
        """
        file = Path(path)
        if file.suffix == ".toml":
            return load_definition(file, cls)
        sheet = Sheet(file, _COLUMNS)
        relations = []
        for row in sheet.rows():
            cells = {"id": f"{sheet.name} row {row.number}", **row.cells}
            try:
                relations.append(Relation(row=row.number, **cells))
            except InvalidInput as fault:
                sheet.add(row, fault, {})
        if sheet.problems:
            raise InvalidInput(sheet.name, sheet.problems)
        return cls(relations=relations)

    def lint(self, catalogue: Catalogue, schema: Schema = NAMES) -> tuple[Finding, ...]:
        """Find what cannot work, or may not work as meant.

        Args:
            catalogue: the products; when it is empty, any may be named.
            schema: the names that conditions may use.

        Returns:
            Errors: `too_many`, `duplicate_id`, `unknown_product`, `unknown_family`, `unknown_category`, `self_relation`,
            `cycle` of upgrades, `contradiction` of a relation with one that excludes, and those of conditions. Warnings:
            `duplicate`, `inactive_product`.
        """
        if len(self.relations) > MOST_RELATIONS:
            return (
                Finding(
                    code="too_many",
                    where="relations",
                    message=f"there are {len(self.relations)}",
                    hint=f"relate families or categories; at most {MOST_RELATIONS} are read",
                ),
            )
        return tuple(_lint(self.relations, catalogue, schema))

    def compile(
        self,
        pricer: Pricer,
        *,
        rules: Iterable[AssociationRule] = (),
        acceptance: Iterable[AcceptanceCount] = (),
        bundles: Iterable[Bundle] = (),
    ) -> Recommender:
        """Make the recommender.

        Args:
            pricer: who prices what is recommended, with the catalogue of its model.
            rules: association rules from past orders, whose items are ids of products; those with one product on the right
                and a lift above 1 are used.
            acceptance: how often offers were accepted, from `acceptance_counts` or from what the host keeps.
            bundles: the kits that may be suggested.

        Raises:
            InvalidDefinition: the relations cannot work; all findings are listed.
        """
        from salesmgmt.cpq.recommend.recommender import Recommender  # noqa: PLC0415 - it needs this module

        schema = declare(pricer.model.procedure.facts, NAMES).schema
        refuse_errors("relations", self.lint(pricer.model.catalogue, schema))
        return Recommender(
            self, pricer, rules=tuple(rules), acceptance=tuple(acceptance), bundles=tuple(bundles)
        )

    @cached_property
    def by_source(self) -> Mapping[tuple[str, str], tuple[Relation, ...]]:
        """The relations by what they start from."""
        found: dict[tuple[str, str], list[Relation]] = {}
        for relation in self.relations:
            found.setdefault(relation.source, []).append(relation)
        return {source: tuple(ones) for source, ones in found.items()}

    def of(self, product: str, catalogue: Catalogue) -> tuple[Relation, ...]:
        """The relations that start from a product, its family or its categories."""
        known = catalogue.get(product)
        keys = [("product", one) for one in catalogue.lineage_of(product)]
        if known is not None and known.family:
            keys.append(("family", known.family))
        keys += [("category", one) for one in catalogue.categories_of(product)]
        return tuple(relation for key in keys for relation in self.by_source.get(key, ()))


def _lint(relations: Collection[Relation], catalogue: Catalogue, schema: Schema) -> Iterator[Finding]:
    ids: dict[str, Relation] = {}
    same: dict[tuple[object, ...], Relation] = {}
    excluded = {(one.source, one.target) for one in relations if one.kind is RelationKind.EXCLUDES}
    for relation in relations:
        where = relation.where
        if ids.setdefault(relation.id, relation) is not relation:
            yield _finding(
                "duplicate_id", where, f"the id {shorten(relation.id)} is taken", "give it its own"
            )
        key = (
            relation.kind,
            relation.source,
            relation.target,
            relation.condition,
            relation.attribute,
            relation.value,
        )
        first = same.setdefault(key, relation)
        if first is not relation:
            message = f"it says the same as {first.where}"
            yield _finding("duplicate", where, message, "leave out one of them", Severity.WARNING)
        if relation.source == relation.target:
            message = f"it relates {shorten(relation.source[1])} to itself"
            yield _finding("self_relation", where, message, "relate it to something else")
        if relation.kind is not RelationKind.EXCLUDES and (relation.source, relation.target) in excluded:
            message = f"another relation excludes {shorten(relation.target[1])} beside {shorten(relation.source[1])}"
            yield _finding("contradiction", where, message, "leave out one of them")
        if relation.condition.strip():
            yield from lint_condition(relation.condition, schema, where)[1]
    yield from _unknown(relations, catalogue)
    yield from _rings(relations)


def _unknown(relations: Collection[Relation], catalogue: Catalogue) -> Iterator[Finding]:
    if not len(catalogue):
        return
    known: Mapping[str, Collection[str]] = {
        "product": {product.id for product in catalogue},
        "family": catalogue.families,
        "category": {
            *catalogue.categories,
            *catalogue.categories.values(),
            *(one for product in catalogue for one in (product.category, *product.categories) if one),
        },
    }
    told = 0
    for relation in relations:
        for what, name in (relation.source, relation.target):
            if name not in known[what]:
                told += 1
                # Looking for the nearest of many names takes its time: it is done for the first few.
                close = nearest(name, known[what]) if told <= 20 and len(name) <= 100 else None
                hint = f"did you mean {close!r}?" if close else "add it, or correct the id"
                yield _finding(f"unknown_{what}", relation.where, f"there is no {what} {shorten(name)}", hint)
        offered = catalogue.get(relation.offer)
        if offered is not None and not offered.active:
            message = f"{shorten(relation.offer)} is not sold any more"
            yield _finding(
                "inactive_product", relation.where, message, "lead to its successor", Severity.WARNING
            )


def _rings(relations: Collection[Relation]) -> Iterator[Finding]:
    """Each ring of upgrades that a walk closes, up to some; every upgrade is walked once."""
    above: dict[tuple[str, str], list[Relation]] = {}
    for relation in relations:
        if relation.kind is RelationKind.UPGRADE and relation.source != relation.target:
            above.setdefault(relation.source, []).append(relation)
    done: set[tuple[str, str]] = set()
    rings = 0
    for start, first in above.items():
        path: dict[tuple[str, str], None] = {}
        waiting = [(start, iter(first))] if start not in done else []
        if waiting:
            path[start] = None
        while waiting:
            here, rest = waiting[-1]
            upgrade = next(rest, None)
            if upgrade is None:
                waiting.pop()
                del path[here]
                done.add(here)
                continue
            there = upgrade.target
            if there in path:
                rings += 1
                walked = list(path)
                ring = (*walked[walked.index(there) :], there)
                names = shorten(" -> ".join(name for _, name in ring), 200)[1:-1]
                closing = next(one for one in above[there] if one.target == ring[1])
                message = f"upgrades lead in a ring: {names}"
                yield _finding("cycle", closing.where, message, "leave out one of them")
                if rings >= _MOST_RINGS:
                    return
            elif there not in done and there in above:
                path[there] = None
                waiting.append((there, iter(above[there])))


def _finding(code: str, where: str, message: str, hint: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=code, where=where, message=message, hint=hint, severity=severity)
