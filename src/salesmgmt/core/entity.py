"""Entities: things with an identity that a host stores, and references to them."""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias, TypeVar

import attrs

AccountId: TypeAlias = str
ContactId: TypeAlias = str
DealId: TypeAlias = str
InvoiceId: TypeAlias = str
LeadId: TypeAlias = str
OrderId: TypeAlias = str
PersonId: TypeAlias = str
"""A person of the sales force: a rep, a manager."""
ProductId: TypeAlias = str
QuoteId: TypeAlias = str

_PERSONAL = "salesmgmt.personal"


@attrs.frozen(order=True)
class Ref:
    """A typed reference to an entity: its class name and its id.

    >>> str(Ref("Lead", "l-17"))
    'Lead:l-17'
    """

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@attrs.frozen(kw_only=True)
class Entity:
    """Base of everything that a `Repository` stores.

    Attributes:
        id: the host's identifier, unique for the class within a tenant.
        tenant: whose data it is; empty until a repository stamps its own tenant on it.
        version: how often it was stored; a repository sets it, domain operations leave it alone.
        schema_version: (class) the shape of its document; raise it with an upcaster when fields change.
    """

    schema_version: ClassVar[int] = 1

    id: str
    tenant: str = ""
    version: int = 0

    @property
    def ref(self) -> Ref:
        """The typed reference to this entity."""
        return Ref(type(self).__name__, self.id)


E = TypeVar("E", bound=Entity)


def personal(*, blank: Any, **field: Any) -> Any:
    """Declare an attrs field that holds personal data.

    Args:
        blank: what the field becomes when the person is forgotten; it must be a valid value of the field.
        field: the arguments of `attrs.field`.

    >>> @attrs.frozen(kw_only=True)
    ... class Visitor(Entity):
    ...     name: str = personal(blank="")
    >>> personal_fields(Visitor)
    {'name': ''}
    """
    metadata = {**field.pop("metadata", {}), _PERSONAL: blank}
    return attrs.field(metadata=metadata, **field)


def personal_fields(cls: type[attrs.AttrsInstance]) -> dict[str, Any]:
    """The personal fields of an attrs class, each with its blank value."""
    return {
        field.name: field.metadata[_PERSONAL] for field in attrs.fields(cls) if _PERSONAL in field.metadata
    }
