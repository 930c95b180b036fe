"""The fields of a lead or a deal that a host adds, and how a change of a field is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesmgmt.core.formula import Value
from salesmgmt.core.frozen_map import FrozenMap

OWN = "fields."
"""How the name of a host's own field begins in a change."""

NO_FIELDS: Mapping[str, Value] = FrozenMap({})
"""No field of the host; all leads and deals without any share it."""


def frozen_fields(given: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return the host's fields as a mapping that nobody can change.

    >>> from salesmgmt.pipeline.own_fields import frozen_fields
    >>> frozen_fields({"seats": "40"}) == {"seats": "40"}
    True
    """
    if isinstance(given, FrozenMap):
        return given
    return FrozenMap(given) if given else NO_FIELDS


def present(entity: Any, name: str) -> Any:
    """Return what a field of a lead or a deal holds; that of a host's own field is called `fields.<name>`."""
    return entity.fields.get(name.removeprefix(OWN)) if name.startswith(OWN) else getattr(entity, name)


def differ(before: object, after: object) -> bool:
    """Return whether two values of a field are different; to Python, true equals 1, but not to a condition.

    >>> from salesmgmt.pipeline.own_fields import differ
    >>> differ(1, True), differ("web", "web")
    (True, False)
    """
    return before != after or isinstance(before, bool) is not isinstance(after, bool)
