"""The names that the conditions of a pipeline may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from salesmgmt.core.formula import TEXT, Declared, Schema, declare, schema_of
from salesmgmt.engines.lifecycle import Condition
from salesmgmt.pipeline.deals import Deal

PREFIX = "deal."

DEAL = Schema({f"{PREFIX}{name}": type_ for name, type_ in schema_of(Deal).items()})
"""What every deal has."""


def declared_names(fields: Mapping[str, str], facts: Mapping[str, str]) -> Declared:
    """Join what every deal has with a host's own fields and facts."""
    own = declare(fields, DEAL, where="fields", prefix=PREFIX)
    told = declare(facts, own.schema)
    return Declared(told.schema, own.findings + told.findings)


def required_conditions(required: Iterable[str], schema: Schema) -> tuple[Condition, ...]:
    """The conditions that required fields stand for: known and, for a text, not empty; unknown names are left out."""
    conditions = []
    for name in required:
        type_ = schema.get(f"{PREFIX}{name}")
        if type_ is not None:
            empty = f" and {PREFIX}{name} != ''" if type_ == TEXT else ""
            conditions.append(Condition(name, f"{PREFIX}{name} is not missing{empty}"))
    return tuple(conditions)
