"""Who does something, and in which roles."""

from __future__ import annotations

from collections.abc import Iterable

import attrs


def _roles(roles: Iterable[str]) -> frozenset[str]:
    return frozenset((roles,)) if isinstance(roles, str) else frozenset(roles)


@attrs.frozen
class Actor:
    """The person or program on whose authority a command runs.

    Attributes:
        id: the host's identifier of the person or program.
        roles: role names that permissions are granted to.

    >>> Actor("li.wei", roles={"rep"}).has_any({"rep", "manager"})
    True
    """

    id: str
    roles: frozenset[str] = attrs.field(default=frozenset(), converter=_roles)

    def has_any(self, roles: Iterable[str]) -> bool:
        """Whether this actor has at least one of `roles`."""
        return not self.roles.isdisjoint(_roles(roles))
