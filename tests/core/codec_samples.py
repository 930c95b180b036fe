"""Classes that use every kind of field, and strategies that fill them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any, Generic, Literal, NewType, TypeVar

import attrs
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, Entity, Ref, personal
from salesmgmt.core.events import Event
from salesmgmt.core.formula.types import Value
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

T = TypeVar("T")
Sku = NewType("Sku", str)


@attrs.frozen
class Holder(Generic[T]):
    """One value of any type, to look at its form by itself."""

    value: T


class Stage(StrEnum):
    """Where it stands."""

    OPEN = "open"
    WON = "won"


class Priority(IntEnum):
    LOW = 1
    HIGH = 2


@attrs.frozen
class Flat:
    """A discount of an amount."""

    off: Money


@attrs.frozen
class Rated:
    """A discount by a rate.

    Second paragraph, which is not shown.
    """

    off: Percent
    cap: Money | None = None


@attrs.frozen(kw_only=True)
class Item:
    """One line of a deal."""

    sku: Sku
    quantity: Decimal = attrs.field(validator=attrs.validators.ge(Decimal(0)))
    price: Money
    discount: Flat | Rated | None = None


@attrs.frozen
class Node:
    """A tree."""

    name: str
    children: tuple[Node, ...] = ()


@attrs.frozen(kw_only=True)
class Contact(Entity):
    """A person."""

    name: str = personal(blank="")
    born: date | None = personal(blank=None, default=None)


@attrs.frozen(kw_only=True)
class Deal(Entity):
    """Something to sell.

    Its second line.
    """

    schema_version = 3

    account: AccountId | None = None
    stage: Stage
    priority: Priority = Priority.LOW
    kind: Literal["new", "renewal"] = "new"
    amount: Money
    probability: Percent
    weight: Decimal
    fitted: float = 0.0
    is_hot: bool = False
    closes: date | None = None
    created: datetime
    call_at: time | None = None
    age: timedelta = timedelta()
    items: tuple[Item, ...] = ()
    split: tuple[str, int] = ("", 0)
    tags: frozenset[str] = frozenset()
    refs: frozenset[Ref] = frozenset()
    notes: Sequence[str] = ()
    limits: Mapping[Stage, Decimal] = attrs.field(factory=dict)
    custom: Mapping[str, Value] = attrs.field(factory=dict)
    anything: object = None
    attainment: Measured[Money] = attrs.field(default=Measured(None, flag="none"))
    score: Measured[Any] = attrs.field(default=Measured(None, flag="none"))
    tree: Node = Node("root")
    price: Money | Percent | None = None


@attrs.frozen(kw_only=True)
class DealChanged(Event):
    """A deal changed."""

    before: Deal | None = None
    contact: Contact | None = None
    note: str = personal(blank="", default="")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.decimals(
    min_value=Decimal(-(10**12)), max_value=Decimal(10**12), allow_nan=False, allow_infinity=False, places=4
) | st.sampled_from([Decimal(0), Decimal("9.990"), Decimal("1E+20"), Decimal("1E-20")])
rates = numbers.map(Percent)
moneys = st.builds(Money, numbers, st.sampled_from(["EUR", "CNY", "JPY"]))
dates = st.dates()
instants = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001
    timezones=st.sampled_from(
        [UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=11))]
    ),
)
scalars = numbers | rates | moneys | st.booleans() | texts | dates | instants
values = scalars | st.frozensets(scalars, max_size=3)
refs = st.builds(Ref, texts, texts)
discounts = st.builds(Flat, moneys) | st.builds(Rated, rates, st.none() | moneys)
items = st.builds(
    Item,
    sku=texts.map(Sku),
    quantity=numbers.map(abs),
    price=moneys,
    discount=st.none() | discounts,
)
trees = st.recursive(
    st.builds(Node, texts),
    lambda inner: st.builds(Node, texts, st.lists(inner, max_size=2).map(tuple)),
    max_leaves=4,
)
contacts = st.builds(Contact, id=texts, name=texts, born=st.none() | dates)
deals = st.builds(
    Deal,
    id=texts,
    tenant=texts,
    version=st.integers(0, 2**63 - 1),
    account=st.none() | texts.map(AccountId),
    stage=st.sampled_from(Stage),
    priority=st.sampled_from(Priority),
    kind=st.sampled_from(["new", "renewal"]),
    amount=moneys,
    probability=rates,
    weight=numbers,
    fitted=st.floats(allow_nan=False, allow_infinity=False),
    is_hot=st.booleans(),
    closes=st.none() | dates,
    created=instants,
    call_at=st.none() | st.times(),
    age=st.timedeltas(),
    items=st.lists(items, max_size=2).map(tuple),
    split=st.tuples(texts, st.integers(-5, 5)),
    tags=st.frozensets(texts, max_size=3),
    refs=st.frozensets(refs, max_size=2),
    notes=st.lists(texts, max_size=2).map(tuple),
    limits=st.dictionaries(st.sampled_from(Stage), numbers),
    custom=st.dictionaries(texts, values, max_size=3),
    anything=st.none() | values,
    attainment=st.builds(Measured, moneys, n=st.integers(0, 9), coverage=st.none() | numbers),
    score=st.builds(Measured, scalars),
    tree=trees,
    price=st.none() | moneys | rates,
)
changes = st.builds(
    DealChanged,
    at=instants,
    by=st.builds(Actor, texts, st.frozensets(texts, max_size=2)),
    subjects=st.lists(refs, max_size=2).map(tuple),
    before=st.none() | deals,
    contact=st.none() | contacts,
    note=texts,
)
