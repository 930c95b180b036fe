"""What `Repository.find` is asked, checked once for every store; and its answer worked out in Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from salesmgmt.core.entity import E
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.formula import Formula, values_of
from salesmgmt.core.formula.nodes import Name, walk
from salesmgmt.core.formula.types import BOOL
from salesmgmt.storage._kinds import Kind
from salesmgmt.storage._sortkey import Key, sort_key


@attrs.frozen
class Order:
    """One field to order by."""

    name: str
    descending: bool


@attrs.frozen
class Query:
    """A checked question to a repository."""

    where: Formula | None
    order_by: tuple[Order, ...]
    limit: int | None

    def answer(self, entities: Iterable[E]) -> list[E]:
        """Choose, order and cut `entities`."""
        return self.cut(self.sorted(self.chosen(entities)))

    def chosen(self, entities: Iterable[E]) -> list[E]:
        """Return those of `entities` for which the condition holds, in the order given."""
        if self.where is None:
            return list(entities)
        return [entity for entity in entities if self.where.holds(values_of(entity))]

    def sorted(self, entities: Iterable[E]) -> list[E]:
        """Order `entities`: by the fields, missing values last, then by id."""
        found = sorted(entities, key=lambda entity: entity.id)
        for order in reversed(self.order_by):
            keyed: list[tuple[Key, E]] = []
            missing: list[E] = []
            for entity in found:
                value = values_of(entity).get(order.name)
                if value is None:
                    missing.append(entity)
                else:
                    keyed.append((sort_key(value), entity))
            keyed.sort(key=_key_of_pair, reverse=order.descending)
            found = [entity for _, entity in keyed] + missing
        return found

    def cut(self, entities: list[E]) -> list[E]:
        """Return at most as many as were asked for."""
        return entities if self.limit is None else entities[: self.limit]


def _key_of_pair(pair: tuple[Key, object]) -> Key:
    return pair[0]


def checked_query(kind: Kind[E], where: Formula | None, order_by: Sequence[str], limit: int | None) -> Query:
    """Check a question about the entities of `kind` against the types of their fields.

    Raises:
        InvalidInput: every fault of the question.
    """
    orders = tuple(
        Order(text.removeprefix("-"), descending=text.startswith("-"))
        for text in dict.fromkeys((order_by,) if isinstance(order_by, str) else order_by)
    )
    problems = [
        *(() if where is None else _faults_of_condition(kind, where)),
        *_faults_of_orders(kind, orders),
        *_faults_of_limit(limit),
    ]
    if problems:
        raise InvalidInput(f"the query for {kind.name}", problems)
    return Query(where, orders, limit)


def checked_limit(limit: int | None) -> None:
    """Refuse a negative limit; raises `InvalidInput`."""
    problems = list(_faults_of_limit(limit))
    if problems:
        raise InvalidInput("the query", problems)


def _faults_of_condition(kind: Kind[E], where: Formula) -> Iterator[Problem]:
    if where.tree.type != BOOL:
        yield Problem("where", "no_condition", f"a {where.tree.type}", "a condition, true or false")
    for name, found in {node.name: node.type for node in walk(where.tree) if isinstance(node, Name)}.items():
        if name not in kind.schema:
            yield _unknown_field("where", kind, name)
        elif kind.schema[name] != found:
            yield Problem(
                "where",
                "other_type",
                f"{name} as a {found}",
                f"a {kind.schema[name]}",
                f"parse the condition with schema_of({kind.name})",
            )


def _faults_of_orders(kind: Kind[E], orders: Sequence[Order]) -> Iterator[Problem]:
    for index, order in enumerate(orders):
        path = f"order_by[{index}]"
        if order.name not in kind.schema:
            yield _unknown_field(path, kind, order.name)
        elif kind.schema[order.name].element is not None:
            found = f"{order.name}, a {kind.schema[order.name]}"
            yield Problem(path, "no_order", found, "a field that has an order", "sets have none")


def _faults_of_limit(limit: int | None) -> Iterator[Problem]:
    if limit is not None and limit < 0:
        yield Problem("limit", "negative", str(limit), "0 or more, or None for all")


def _unknown_field(path: str, kind: Kind[E], name: str) -> Problem:
    known = kind.schema.nearest(name)
    hint = f"did you mean {known}?" if known else f"known: {', '.join(sorted(kind.schema))}"
    return Problem(path, "unknown_field", shorten(name), f"a field of {kind.name}", hint)
