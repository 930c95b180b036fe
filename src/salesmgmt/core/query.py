"""What `Repository.find` is asked: checked alike by every store, and answered in Python by those that want it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from salesmgmt.core.entity import E, Entity
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.formula import Formula, Schema, schema_of, values_of
from salesmgmt.core.formula.nodes import Name, walk
from salesmgmt.core.formula.types import BOOL
from salesmgmt.core.sortkey import Key, sort_key


@attrs.frozen
class Order:
    """One field to order by.

    Attributes:
        name: of the field, without a sign.
        descending: whether the largest value comes first; missing ones come last either way.
    """

    name: str
    descending: bool


@attrs.frozen
class Query:
    """A checked question to a repository. Made by `checked_query`.

    Attributes:
        where: the condition; `None` for all.
        order_by: the fields to order by, the first deciding most; the id decides between equals.
        limit: the most entities wanted; `None` for all.
    """

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


def checked_query(
    cls: type[Entity], where: Formula | None = None, order_by: Sequence[str] = (), limit: int | None = None
) -> Query:
    """Check a question about the entities of a class; the arguments are those of `Repository.find`.

    Raises:
        InvalidInput: every fault of the question.

    >>> import attrs
    >>> from salesmgmt.core.entity import Entity
    >>> from salesmgmt.core.query import checked_query
    >>> @attrs.frozen(kw_only=True)
    ... class Parcel(Entity):
    ...     weight: int | None = None
    >>> parcels = [Parcel(id="a"), Parcel(id="b", weight=3), Parcel(id="c", weight=5)]
    >>> [parcel.id for parcel in checked_query(Parcel, order_by=["-weight"]).answer(parcels)]
    ['c', 'b', 'a']
    >>> checked_query(Parcel, order_by=["wait"], limit=-1)
    Traceback (most recent call last):
    salesmgmt.core.errors.InvalidInput: the query for Parcel has 2 problems: ...
    """
    schema = schema_of(cls)
    orders = tuple(
        Order(text.removeprefix("-"), descending=text.startswith("-"))
        for text in dict.fromkeys((order_by,) if isinstance(order_by, str) else order_by)
    )
    problems = [
        *(() if where is None else _faults_of_condition(cls.__name__, schema, where)),
        *_faults_of_orders(cls.__name__, schema, orders),
        *_faults_of_limit(limit),
    ]
    if problems:
        raise InvalidInput(f"the query for {cls.__name__}", problems)
    return Query(where, orders, limit)


def checked_limit(limit: int | None) -> None:
    """Refuse a negative limit; raises `InvalidInput`."""
    problems = list(_faults_of_limit(limit))
    if problems:
        raise InvalidInput("the query", problems)


def _faults_of_condition(kind: str, schema: Schema, where: Formula) -> Iterator[Problem]:
    if where.tree.type != BOOL:
        yield Problem("where", "no_condition", f"a {where.tree.type}", "a condition, true or false")
    for name, found in {node.name: node.type for node in walk(where.tree) if isinstance(node, Name)}.items():
        if name not in schema:
            yield _unknown_field("where", kind, schema, name)
        elif schema[name] != found:
            yield Problem(
                "where",
                "other_type",
                f"{name} as a {found}",
                f"a {schema[name]}",
                f"parse the condition with schema_of({kind})",
            )


def _faults_of_orders(kind: str, schema: Schema, orders: Sequence[Order]) -> Iterator[Problem]:
    for index, order in enumerate(orders):
        path = f"order_by[{index}]"
        if order.name not in schema:
            yield _unknown_field(path, kind, schema, order.name)
        elif schema[order.name].element is not None:
            found = f"{order.name}, a {schema[order.name]}"
            yield Problem(path, "no_order", found, "a field that has an order", "sets have none")


def _faults_of_limit(limit: int | None) -> Iterator[Problem]:
    if limit is not None and limit < 0:
        yield Problem("limit", "negative", str(limit), "0 or more, or None for all")


def _unknown_field(path: str, kind: str, schema: Schema, name: str) -> Problem:
    known = schema.nearest(name)
    hint = f"did you mean {known}?" if known else f"known: {', '.join(sorted(schema))}"
    return Problem(path, "unknown_field", shorten(name), f"a field of {kind}", hint)
