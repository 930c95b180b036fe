"""What the conditions of a pipeline read: values of the deal, and facts that the host tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.formula import Value, Values
from salesmgmt.core.nearest import nearest
from salesmgmt.pipeline.deals import Deal
from salesmgmt.pipeline.stages.names import CARD, DEAL, PREFIX

if TYPE_CHECKING:
    from salesmgmt.pipeline.stages.definition import PipelineDefinition

NO_FACTS: Values = MappingProxyType({})

Read = Callable[[Deal], Any]


def readers(definition: PipelineDefinition) -> Mapping[str, Read]:
    """How each value of a deal that a condition may name is read."""
    found = {name: _own(name.removeprefix(PREFIX)) for name in DEAL}
    found |= {f"{PREFIX}{name}": _field(name) for name in definition.fields}
    found |= {f"{CARD}{card}": _share(card) for card in definition.scorecards}
    return MappingProxyType(found)


def values_for(
    deal: Deal, names: frozenset[str], read: Mapping[str, Read], facts: Values, declared: Mapping[str, object]
) -> Values:
    """The values of the deal that are asked for, and the facts; raises `InvalidInput` when a fact is not declared."""
    if facts and not facts.keys() <= declared.keys():
        raise _undeclared(facts, declared)
    values: dict[str, Value | int | None] = dict(facts) if facts else {}
    for name in names:
        reader = read.get(name)
        if reader is not None:
            values[name] = reader(deal)
    return values


def _own(name: str) -> Read:
    if "." not in name:
        return attrgetter(name)
    path = name.split(".")

    def read(deal: Deal) -> Any:
        found: Any = deal
        for part in path:
            if found is None:
                return None
            found = getattr(found, part)
        return found

    return read


def _field(name: str) -> Read:
    return lambda deal: deal.fields.get(name)


def _share(card: str) -> Read:
    def read(deal: Deal) -> Any:
        qualification = deal.qualification.get(card)
        return None if qualification is None else qualification.share

    return read


def _undeclared(facts: Values, declared: Mapping[str, object]) -> InvalidInput:
    problems = []
    for name in facts:
        if name not in declared:
            meant = nearest(name, declared)
            hint = f"did you mean {meant!r}?" if meant else "declare it under [facts]"
            problems.append(
                Problem(f"facts[{shorten(name)}]", "unknown_fact", shorten(name), "a declared fact", hint)
            )
    return InvalidInput("the facts about a deal", problems)
