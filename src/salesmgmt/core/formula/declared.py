"""Names that a definition declares for its formulas, each with its type by name: `{"contract.signed": "bool"}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import attrs

from salesmgmt.core.errors import InvalidInput, shorten
from salesmgmt.core.findings import Finding
from salesmgmt.core.formula.phrases import shorten_text
from salesmgmt.core.formula.schema import Schema
from salesmgmt.core.formula.types import SET, TYPES
from salesmgmt.core.nearest import nearest

FactType: TypeAlias = Literal[
    "number", "percent", "money", "bool", "text", "date", "instant",
    "set of number", "set of percent", "set of money", "set of bool", "set of text", "set of date", "set of instant",
]  # fmt: skip
"""How a definition names the type of a fact: as the type prints itself."""

_TYPES = {str(type_): type_ for scalar in TYPES for type_ in (scalar, SET[scalar])}


@attrs.frozen
class Declared:
    """The names that the formulas of a definition may use, and what is wrong with those that it declares itself.

    Attributes:
        schema: the names that were known before, and the declared ones that are good.
        findings: the faults of the others, each an error at its place (`facts.visits`): `unknown_type`, `name_taken`, `not_a_name`.
    """

    schema: Schema
    findings: tuple[Finding, ...] = ()


def declare(facts: Mapping[str, str], known: Schema, *, where: str = "facts", prefix: str = "") -> Declared:
    """Join the names that formulas know already with those that a definition declares.

    Args:
        facts: the type of each further name, as a `FactType`.
        known: what formulas know already; none of these may be declared again.
        where: the table of the definition in which the facts stand, for findings.
        prefix: what formulas put before each name.

    >>> from salesmgmt.core.formula import TEXT, Schema, declare
    >>> declared = declare({"contract.signed": "bool", "seats": "numbr"}, Schema({"segment": TEXT}))
    >>> declared.schema
    Schema({'segment': text, 'contract.signed': bool})
    >>> print(declared.findings[0])
    error unknown_type at facts.seats: there is no type 'numbr'; did you mean number?
    """
    faults = {
        name: fault for name, kind in facts.items() for fault in _faults(name, kind, known, where, prefix)
    }
    good = {f"{prefix}{name}": _TYPES[kind] for name, kind in facts.items() if name not in faults}
    return Declared(known | Schema(good), tuple(faults.values()))


def _faults(name: str, kind: str, known: Schema, where: str, prefix: str) -> Iterator[Finding]:
    """Yield the first fault of one declared name, if there is any."""
    place = f"{where}.{shorten_text(name)}"
    full_name = f"{prefix}{name}"
    if kind not in _TYPES:
        meant = nearest(str(kind), _TYPES)
        hint = f"did you mean {meant}?" if meant else f"use one of {', '.join(_TYPES)}"
        yield Finding(
            code="unknown_type", where=place, message=f"there is no type {shorten(kind)}", hint=hint
        )
    elif full_name in known:
        yield Finding(
            code="name_taken", where=place, message="formulas know this name already", hint="use another name"
        )
    else:
        try:
            (normal,) = Schema({full_name: _TYPES[kind]})
        except InvalidInput:
            yield Finding(
                code="not_a_name",
                where=place,
                message="it is no name of the formula language",
                hint="use identifiers joined by dots, and no keyword",
            )
            return
        if normal != full_name:
            yield Finding(
                code="not_a_name",
                where=place,
                message="it is not in Unicode form NFKC",
                hint=f"write {normal.removeprefix(prefix)}",
            )
