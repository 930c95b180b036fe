"""The names that the conditions of a pipeline may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import NoneType
from typing import get_args, get_type_hints

from salesmgmt.core.formula import TEXT, Declared, Schema, declare, schema_of
from salesmgmt.engines.lifecycle import Condition
from salesmgmt.pipeline.deals import Deal

PREFIX = "deal."

CARD = f"{PREFIX}qualification."
"""How the name of the share that a deal reached on a card begins."""

DEAL = Schema({f"{PREFIX}{name}": type_ for name, type_ in schema_of(Deal).items()})
"""What every deal has."""

_CAN_MISS = frozenset(name for name, hint in get_type_hints(Deal).items() if NoneType in get_args(hint))


def declared_names(
    fields: Mapping[str, str], facts: Mapping[str, str], scorecards: Iterable[str] = ()
) -> Declared:
    """Join what every deal has with a host's own fields and facts, and the cards on which deals are qualified."""
    own = declare(fields, DEAL, where="fields", prefix=PREFIX)
    cards = declare(dict.fromkeys(scorecards, "percent"), own.schema, where="scorecards", prefix=CARD)
    told = declare(facts, cards.schema)
    return Declared(told.schema, own.findings + cards.findings + told.findings)


def can_be_missing(name: str, fields: Mapping[str, str]) -> bool:
    """Whether a deal may be without a value of this name: it is one of the host's own, or optional."""
    if not name.startswith(PREFIX) or name.startswith(CARD):
        return False
    plain = name.removeprefix(PREFIX)
    return plain in fields or plain.split(".", 1)[0] in _CAN_MISS


def required_conditions(required: Iterable[str], schema: Schema) -> tuple[Condition, ...]:
    """The conditions that required fields stand for: known and, for a text, not empty; unknown names are left out."""
    conditions = []
    for name in required:
        type_ = schema.get(f"{PREFIX}{name}")
        if type_ is not None:
            empty = f" and {PREFIX}{name} != ''" if type_ == TEXT else ""
            conditions.append(Condition(name, f"{PREFIX}{name} is not missing{empty}"))
    return tuple(conditions)
