"""Clusters: everything that hangs together by pairs."""

from __future__ import annotations

from collections.abc import Iterable


def clusters(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    """Return the groups that `pairs` tie together, each sorted, the groups by their first member.

    Args:
        pairs: two ids each that belong together; an id that is in no pair is in no group.

    Who is tied to one of a group is tied to all: a chain of pairs makes one group. Source of the method: Tarjan 1975,
    Journal of the ACM 22(2), union by size with path halving.

    >>> from salesmgmt.engines.matching import clusters
    >>> clusters([("a", "b"), ("x", "y"), ("b", "c")])
    (('a', 'b', 'c'), ('x', 'y'))
    """
    parent: dict[str, str] = {}
    size: dict[str, int] = {}

    def root(member: str) -> str:
        parent.setdefault(member, member)
        size.setdefault(member, 1)
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for left, right in pairs:
        one, other = root(left), root(right)
        if one == other:
            continue
        if size[one] < size[other]:
            one, other = other, one
        parent[other] = one
        size[one] += size[other]

    groups: dict[str, list[str]] = {}
    for member in list(parent):
        groups.setdefault(root(member), []).append(member)
    return tuple(sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1))
