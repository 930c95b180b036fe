"""Every entity and event of every room has a schema, and comes back from JSON and from the store as it was."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
import pytest
from jsonschema import Draft202012Validator

from salesmgmt import cpq, customers, pipeline, sfe
from salesmgmt.core.actor import Actor
from salesmgmt.core.codec import Codec
from salesmgmt.core.entity import Entity, Ref, personal_fields
from salesmgmt.core.events import Event
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.core.personal import blanked
from salesmgmt.cpq.pricing import ManualPrice
from salesmgmt.cpq.quotes import Contract, ContractItem, Quote, QuoteLine, UnpricedLine
from salesmgmt.pipeline.cash import Invoice, LedgerEntry, Order, OrderLine
from salesmgmt.pipeline.cash.ledger import EntryKind
from salesmgmt.pipeline.deals import Estimate
from salesmgmt.storage import SqliteStore

ROOMS = (customers, pipeline, cpq, sfe)
ENTITIES: tuple[type[Entity], ...] = tuple(kind for room in ROOMS for kind in room.ENTITIES)
EVENTS: tuple[type[Event], ...] = tuple(kind for room in ROOMS for kind in getattr(room, "EVENTS", ()))
KINDS: tuple[type[Entity | Event], ...] = (*ENTITIES, *EVENTS)
CODEC = Codec(KINDS)

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
EUR = Money("12.50", "EUR")
SIMPLE: Mapping[Any, Any] = {
    str: "Wilhelmina",
    int: 1,
    bool: True,
    Decimal: Decimal("7.5"),
    date: date(2026, 3, 2),
    datetime: AT,
    Money: EUR,
    Percent: Percent("12.5"),
    Period: Period.month(2026, 3),
    object: EUR,
    Any: EUR,
    Actor: Actor("li.wei", roles={"rep"}),
    Ref: Ref("Deal", "d-1"),
}
# What a constructor only accepts in agreement.
AGREEING: Mapping[type, dict[str, Any]] = {
    Estimate: {"model": ""},
    LedgerEntry: {"kind": EntryKind.ALLOCATION},
    Invoice: {"total": EUR, "due_on": date(2026, 3, 2)},
    Order: {"total": EUR},
    OrderLine: {"parent": ""},
    Contract: {"currency": "EUR", "ends": date(2026, 3, 3)},
    ContractItem: {"of": "", "ends": date(2026, 3, 3)},
    ManualPrice: {"percent_off": None, "amount_off": None},
    QuoteLine: {"parent": "", "alternative_of": ""},
    UnpricedLine: {"id": "u-1", "parent": "", "alternative_of": "", "optional": False},
    Quote: {"total": None, "alternative_of": "q-1", "taken": ()},  # its sample has a line without a price
}


def _sample(wanted: Any) -> Any:
    """Make a value of a type; of a union the first arm that is something, of a collection one member."""
    if hasattr(wanted, "__supertype__"):
        return _sample(wanted.__supertype__)
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        return _sample(next(arm for arm in arguments if arm is not type(None)))
    if origin is tuple:
        return (_sample(arguments[0]),)
    if origin is frozenset:
        return frozenset({_sample(arguments[0])})
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"key": _sample(arguments[1])}
    if origin is Measured:
        return Measured(_sample(arguments[0]), n=3)
    if wanted in SIMPLE:
        return SIMPLE[wanted]
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return next(iter(wanted))
    return _made(wanted)


def _made(kind: Any) -> Any:
    hints = get_type_hints(kind)
    values = {field.alias: _sample(hints[field.name]) for field in attrs.fields(kind) if field.init}
    if issubclass(kind, Entity):
        values |= {"tenant": "", "version": 0}
    return kind(**values | AGREEING.get(kind, {}))


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_a_schema_that_its_document_satisfies(kind: type[Entity | Event]) -> None:
    schema = CODEC.schema(kind)

    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(CODEC.to_dict(_made(kind)))


@pytest.mark.parametrize("kind", KINDS)
def test_it_comes_back_from_json_as_it_was(kind: type[Entity | Event]) -> None:
    made = _made(kind)

    assert CODEC.read_json(CODEC.to_json(made)) == made


@pytest.mark.parametrize("kind", KINDS)
def test_it_can_be_forgotten_and_is_still_valid(kind: type[Entity | Event]) -> None:
    made = _made(kind)
    owners = frozenset({made.ref} if isinstance(made, Entity) else made.subjects)

    blank = blanked(made, owners)

    assert {name: getattr(blank, name) for name in personal_fields(kind)} == personal_fields(kind)
    assert CODEC.read_json(CODEC.to_json(blank)) == blank


@pytest.mark.parametrize("kind", ENTITIES)
def test_an_entity_comes_back_from_the_store(kind: type[Entity], tmp_path: Path) -> None:
    made = _made(kind)
    store = SqliteStore(tmp_path / "s.db", "acme", entities=ENTITIES, events=EVENTS)
    with store.unit_of_work() as work:
        work[kind].add(made)
        work.commit()

    with store.unit_of_work() as work:
        assert work[kind].get(made.id) == attrs.evolve(made, tenant="acme", version=1)


def test_events_come_back_from_the_store(tmp_path: Path) -> None:
    made = [_made(kind) for kind in EVENTS]
    store = SqliteStore(tmp_path / "s.db", "acme", entities=ENTITIES, events=EVENTS)
    with store.unit_of_work() as work:
        work.publish(*made)
        work.commit()

    with store.unit_of_work() as work:
        assert list(work.history()) == made
