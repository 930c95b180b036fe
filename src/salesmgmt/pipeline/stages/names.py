"""The names that the conditions of a pipeline may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.formula import (
    BOOL,
    DATE,
    INSTANT,
    MONEY,
    NUMBER,
    PERCENT,
    SET,
    TEXT,
    Schema,
    Type,
    schema_of,
)
from salesmgmt.engines.lifecycle import Condition
from salesmgmt.pipeline.deals import Deal

PREFIX = "deal."

TYPES: Mapping[str, Type] = {
    str(type_): type_
    for type_ in (
        NUMBER,
        PERCENT,
        MONEY,
        BOOL,
        TEXT,
        DATE,
        INSTANT,
        SET[NUMBER],
        SET[TEXT],
        SET[DATE],
    )
}
"""The types of facts and fields by the name that a definition uses."""

DEAL = Schema({f"{PREFIX}{name}": type_ for name, type_ in schema_of(Deal).items()})
"""What every deal has."""


def schema_for(fields: Mapping[str, str], facts: Mapping[str, str]) -> Schema:
    """Join what every deal has with a host's own fields and facts; those whose names are faulty are left out."""
    named = {f"{PREFIX}{name}": type_ for name, type_ in fields.items()} | dict(facts)
    good = {name: TYPES[type_] for name, type_ in named.items() if fault_of(name) is None}
    return DEAL | good


def fault_of(name: str) -> str | None:
    """Say what is wrong with the full name of a fact or field; `None` when it is good."""
    if name in DEAL:
        return "the name is taken"
    try:
        normal = next(iter(Schema({name: BOOL})))
    except InvalidInput:
        return "it is no name of the formula language: identifiers joined by dots, no keyword"
    return None if normal == name else f"it is not in Unicode form NFKC, in which it is {normal}"


def required_conditions(required: Iterable[str], schema: Schema) -> tuple[Condition, ...]:
    """The conditions that required fields stand for: known and, for a text, not empty; unknown names are left out."""
    conditions = []
    for name in required:
        type_ = schema.get(f"{PREFIX}{name}")
        if type_ is not None:
            empty = f" and {PREFIX}{name} != ''" if type_ == TEXT else ""
            conditions.append(Condition(name, f"{PREFIX}{name} is not missing{empty}"))
    return tuple(conditions)
