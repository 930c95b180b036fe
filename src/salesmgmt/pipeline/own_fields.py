"""The fields of a lead or a deal that a host adds: a mapping that nobody can change."""

from __future__ import annotations

from collections.abc import Mapping

from salesmgmt.core.formula import Value
from salesmgmt.core.frozen_map import FrozenMap

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
