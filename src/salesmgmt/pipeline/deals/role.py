"""Who on the buyer's side has a say in a deal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from salesmgmt.core.entity import ContactId
from salesmgmt.core.errors import Problem, shorten
from salesmgmt.pipeline.deals._checks import kind_problems, members, repeated, text_problems


@attrs.frozen
class BuyingRole:
    """The part that a contact plays in the purchase.

    Attributes:
        contact: who.
        role: the part: champion, economic buyer, or any other word of the host's.
        primary: whether this is the one whom we speak with, whom `Deal.contact` names.

    >>> from salesmgmt.pipeline.deals import BuyingRole
    >>> BuyingRole("ada", "champion", primary=True).role
    'champion'
    """

    contact: ContactId
    role: str
    primary: bool = attrs.field(default=False, kw_only=True)


def checked_roles(
    given: Iterable[BuyingRole], contact: ContactId | None, faults: list[Problem]
) -> tuple[BuyingRole, ...]:
    """The roles around a deal, at most one of them primary.

    When none is, the only one becomes primary; of several, the first of the contact whom we spoke with until now.
    """
    roles = members("roles", given, BuyingRole, faults)
    faults += _problems(roles)
    if any(role.primary for role in roles):
        return roles
    chosen = 0 if len(roles) == 1 else _first_of(contact, roles)
    return tuple(
        attrs.evolve(role, primary=True) if index == chosen else role for index, role in enumerate(roles)
    )


def _first_of(contact: ContactId | None, roles: Sequence[BuyingRole]) -> int | None:
    return next((index for index, role in enumerate(roles) if role.contact == contact), None)


def _problems(roles: Sequence[BuyingRole]) -> Iterator[Problem]:
    first: int | None = None
    for index, role in enumerate(roles):
        path = f"roles[{index}]"
        yield from text_problems(f"{path}.contact", role.contact)
        yield from text_problems(f"{path}.role", role.role)
        yield from kind_problems(f"{path}.primary", role.primary, bool, "True or False")
        if role.primary and first is not None:
            hint = f"the first is roles[{first}]"
            yield Problem(
                f"{path}.primary", "two_primaries", shorten(role.contact), "one primary contact at most", hint
            )
        elif role.primary:
            first = index
    keys = [f"{role.contact} ({role.role})" for role in roles]
    yield from repeated("roles", keys, "each contact once a role")


def primary_contact(roles: Sequence[BuyingRole], contact: ContactId | None) -> ContactId | None:
    """Whom we speak with: the primary one of the roles, or as before when there are no roles."""
    return next((role.contact for role in roles if role.primary), None) if roles else contact
