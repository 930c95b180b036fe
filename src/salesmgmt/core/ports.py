"""The storage port: what a host implements once so that every room can keep its entities.

`salesmgmt.testing.StorageContract` proves an implementation; `salesmgmt.storage` has two.

>>> import attrs
>>> from salesmgmt.core.entity import Entity
>>> from salesmgmt.storage import MemoryStore
>>> @attrs.frozen(kw_only=True)
... class Parcel(Entity):
...     weight: int
>>> store = MemoryStore("acme", entities=[Parcel])
>>> with store.unit_of_work() as work:
...     parcel = work[Parcel].add(Parcel(id="p1", weight=3))
...     work.commit()
>>> with store.unit_of_work() as work:
...     parcel = work[Parcel].save(attrs.evolve(parcel, weight=4), expected_version=parcel.version)
...     work.commit()
>>> parcel.version
2
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self

import attrs

from salesmgmt.core.entity import E, Ref
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.core.formula import Formula


class NotFound(SalesError, LookupError):
    """No entity of this class has this id in this tenant."""

    code = "not_found"

    def __init__(self, ref: Ref) -> None:
        super().__init__(f"{ref} does not exist", hint="check the id and the tenant of the store")
        self.ref = ref


class AlreadyExists(SalesError, ValueError):
    """An entity of this class with this id is stored already."""

    code = "already_exists"

    def __init__(self, ref: Ref) -> None:
        super().__init__(f"{ref} exists already", hint="use another id, or get and save the stored one")
        self.ref = ref


class ConcurrentUpdate(SalesError, RuntimeError):
    """Somebody else stored this entity since it was read.

    Attributes:
        ref: the entity.
        expected: the version that the caller had read.
        actual: the version that is stored now; `None` when the entity was removed.
    """

    code = "concurrent_update"

    def __init__(self, ref: Ref, *, expected: int, actual: int | None) -> None:
        now = "it was removed" if actual is None else f"version {actual} is stored"
        super().__init__(
            f"{ref} was read at version {expected} but {now}", hint="read it again and repeat the command"
        )
        self.ref = ref
        self.expected = expected
        self.actual = actual


class WrongTenant(SalesError, ValueError):
    """An entity of one tenant was given to the store of another."""

    code = "wrong_tenant"

    def __init__(self, ref: Ref, *, expected: str, found: str) -> None:
        super().__init__(
            f"{ref} belongs to tenant {found!r}, this store serves {expected!r}",
            hint="open the store of that tenant",
        )
        self.ref = ref
        self.expected = expected
        self.found = found


class UnknownKind(SalesError, TypeError):
    """A class of entity or event was used that the store was not told about."""

    code = "unknown_kind"

    def __init__(self, kind: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.known = tuple(sorted(known))
        super().__init__(
            f"this store does not know {kind} (known: {', '.join(self.known) or 'none'})",
            hint="name the class when the store is made",
        )


class UnitOfWorkClosed(SalesError, RuntimeError):
    """A unit of work was used outside its `with` block, or after its commit."""

    code = "unit_of_work_closed"

    def __init__(self) -> None:
        super().__init__(
            "this unit of work is not open", hint="begin another one: with store.unit_of_work() as work"
        )


class StoreBusy(SalesError, TimeoutError):
    """Another unit of work held the store for longer than this one was ready to wait.

    Attributes:
        seconds: how long it waited.
    """

    code = "store_busy"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"another unit of work held the store for more than {seconds:g} s",
            hint="repeat the command; keep units of work short, or give the store a longer timeout",
        )
        self.seconds = seconds


@attrs.frozen
class Delivery:
    """A published event with its place in the outbox.

    Attributes:
        position: grows with each published event of the store; gaps are possible. With the tenant it
            identifies the event, so that a consumer can recognise one that it has seen.
        event: the event.
    """

    position: int
    event: Event


class Repository(Protocol[E]):
    """The entities of one class and one tenant."""

    def get(self, id: str) -> E:  # noqa: A002 - the port speaks of an entity's `id`
        """Return the entity; raises `NotFound`."""
        ...

    def add(self, entity: E) -> E:
        """Store a new entity and return it as stored; raises `AlreadyExists`, `WrongTenant`.

        Its version is 1, or, when an entity with its id was removed before, one on from that: versions never come
        back, so that who read the one that was removed cannot write over the new one.
        """
        ...

    def save(self, entity: E, *, expected_version: int) -> E:
        """Store a changed entity and return it as stored, one version on.

        Raises:
            ConcurrentUpdate: another version is stored, or none at all (`actual` is `None`).
            WrongTenant: the entity belongs to another tenant.
        """
        ...

    def remove(self, id: str, *, expected_version: int) -> None:  # noqa: A002
        """Remove an entity; raises `NotFound`, `ConcurrentUpdate`."""
        ...

    def find(
        self, where: Formula | None = None, *, order_by: Sequence[str] = (), limit: int | None = None
    ) -> Iterable[E]:
        """Return the entities for which `where` holds, what this unit of work has stored included.

        Every entity is judged before the first is returned, so that storing while reading the answer is safe, and
        a formula that fails on one entity (amounts in two currencies) fails whatever the limit is.

        Args:
            where: a BOOL formula over the fields of the entity (`schema_of`); `None` means all.
            order_by: field names, `-` before a name for descending; missing values come last either way, the
                id decides between equals (ascending), and without any name the order is by id. Money is ordered
                by currency, then amount; sets have no order.
            limit: at most so many.

        Raises:
            InvalidInput: `where` is no condition on this class, `order_by` names no field of it, or `limit` is
                negative; all problems at once.
        """
        ...


class UnitOfWork(Protocol):
    """Everything that is stored and published together, or not at all.

    Leaving the `with` block without `commit` undoes all of it. One unit of work has one block and one commit
    and belongs to one thread; used before the block, after the commit or after the block it raises `UnitOfWorkClosed`. What others
    commit meanwhile may or may not be seen, what they have not committed never is; versions protect what is saved.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def __getitem__(self, entity: type[E]) -> Repository[E]:
        """Return the repository of a class of entities; raises `UnknownKind`."""
        ...

    def publish(self, *events: Event) -> None:
        """Put events into the outbox, in this order, with what this unit of work stores; raises `UnknownKind`."""
        ...

    def history(self, subject: Ref | None = None) -> Iterator[Event]:
        """Return the published events in order, all of them or those that name `subject`; its own included.

        What is published while it is read is no part of it. What is returned is read inside the block; afterwards it raises `UnitOfWorkClosed`.
        """
        ...

    def commit(self) -> None:
        """Make it so; raises `ConcurrentUpdate` or `AlreadyExists` when another unit of work came first."""
        ...


class Store(Protocol):
    """The storage of one tenant."""

    @property
    def tenant(self) -> str:
        """Whose data this store reads and writes."""
        ...

    def unit_of_work(self) -> UnitOfWork:
        """Begin a unit of work."""
        ...

    def undelivered(self, limit: int = 100) -> Sequence[Delivery]:
        """Return the oldest events of the outbox that were not marked as delivered."""
        ...

    def mark_delivered(self, positions: Iterable[int]) -> None:
        """Note that these events reached their consumers; unknown positions are ignored."""
        ...

    def export(self, *subjects: Ref) -> dict[str, object]:
        """Return all that is stored about persons, as plain JSON values: `{"entities": [...], "events": [...]}`."""
        ...

    def forget(self, *subjects: Ref) -> int:
        """Blank the personal fields of persons everywhere at once, and return how many records changed.

        An entity that changed is one version on, so that nobody who read it before can write the person back.
        Personal fields (see `salesmgmt.core.entity.personal`) of the named entities, of the events about them, and
        of their before-images inside any event become blank; amounts, dates and ids stay, so that sums still add up.
        """
        ...
