"""Sample entities and events: every type that can be asked for, missing values, personal data, before-images."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from salesmgmt.core.codec import Upcaster
from salesmgmt.core.entity import Entity, personal
from salesmgmt.core.events import Event
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent


@attrs.frozen(kw_only=True)
class Sample(Entity):
    """An entity with a field of every type of the formula language.

    >>> from salesmgmt.testing import Sample
    >>> Sample(id="s1", label="first").price is None
    True
    """

    label: str = ""
    note: str | None = None
    count: Decimal | None = None
    rank: int | None = None
    share: Percent | None = None
    price: Money | None = None
    cost: Money | None = None
    urgent: bool | None = None
    due: date | None = None
    seen: datetime | None = None
    tags: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True)
class SamplePerson(Entity):
    """An entity that is a person.

    >>> from salesmgmt.testing import SamplePerson
    >>> SamplePerson(id="p1", name="Ada").ref
    Ref(kind='SamplePerson', id='p1')
    """

    name: str = personal(blank="")
    e_mail: str | None = personal(blank=None, default=None)
    balance: Money | None = None


@attrs.frozen(kw_only=True)
class SampleCounted(Event):
    """An event of plain values.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.testing import SampleCounted
    >>> SampleCounted(at=datetime(2026, 1, 1, tzinfo=UTC), by=Actor("ada"), subjects=(), count=Decimal(3)).count
    Decimal('3')
    """

    count: Decimal


@attrs.frozen(kw_only=True)
class PersonPaid(Event):
    """An event with personal data of its own, and with a person as they were before.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.testing import PersonPaid, SamplePerson
    >>> ada = SamplePerson(id="p1", name="Ada")
    >>> paid = PersonPaid(at=datetime(2026, 1, 1, tzinfo=UTC), by=Actor("desk"), subjects=(ada.ref,),
    ...                   payer="Ada", amount=Money(5, "EUR"), before=ada)
    >>> paid.before.name
    'Ada'
    """

    payer: str = personal(blank="")
    amount: Money
    before: SamplePerson | None = None


SAMPLE_ENTITIES: tuple[type[Entity], ...] = (Sample, SamplePerson)
SAMPLE_EVENTS: tuple[type[Event], ...] = (SampleCounted, PersonPaid)


class FirstRelease:
    """Classes as they once were."""

    @attrs.frozen(kw_only=True)
    class Parcel(Entity):
        """A parcel with its weight in grams."""

        grams: int

    @attrs.frozen(kw_only=True)
    class ParcelSent(Event):
        """A parcel left, and what it weighed in grams."""

        grams: int


class SecondRelease:
    """The classes of `FirstRelease` after a change of unit."""

    @attrs.frozen(kw_only=True)
    class Parcel(Entity):
        """A parcel with its weight in kilograms."""

        schema_version = 2

        kilograms: Decimal

    @attrs.frozen(kw_only=True)
    class ParcelSent(Event):
        """A parcel left, and what it weighed in kilograms."""

        schema_version = 2

        kilograms: Decimal


def _in_kilograms(document: dict[str, object]) -> dict[str, object]:
    grams = document.pop("grams")
    return {**document, "kilograms": str(Decimal(str(grams)) / 1000)}


PARCEL_UPCASTERS = (
    Upcaster("Parcel", 1, _in_kilograms),
    Upcaster("ParcelSent", 1, _in_kilograms),
)
"""What makes documents of the second release out of those of the first."""
