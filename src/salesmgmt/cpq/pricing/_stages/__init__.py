"""The steps of a procedure, made ready to run: each changes the lines of a draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from salesmgmt.core.formula import BOOL, Formula, Schema, WhyNot
from salesmgmt.cpq.pricing._draft import Draft
from salesmgmt.cpq.pricing.selection._index import Selectable
from salesmgmt.cpq.pricing.selection.order import Access
from salesmgmt.cpq.pricing.selection.selection import PassedOver, Tied
from salesmgmt.cpq.pricing.trace import Aside, StoodAside


class Stage(Protocol):
    """A step that is ready to run."""

    @property
    def names(self) -> frozenset[str]:
        """The facts that its conditions and formulas read."""

    def run(self, draft: Draft) -> None:
        """Change the lines of a draft."""


NOTHING: frozenset[str] = frozenset()
"""The names of a stage without conditions."""


def names_of(formulas: Iterable[Formula | None]) -> frozenset[str]:
    """The facts that formulas read."""
    return frozenset(name for formula in formulas if formula is not None for name in formula.names)


def names_of_rules(rules: Iterable[Selectable], accesses: Sequence[Access], schema: Schema) -> frozenset[str]:
    """The facts by which rules are found and that their conditions read."""
    texts = {access.condition for access in accesses}
    names = {field for access in accesses for field in access.fields}
    for rule in rules:
        names.update(rule.key)
        texts.add(rule.condition)
    return names_of(Formula.parse(text, schema, wanted=BOOL) for text in texts if text.strip()) | names


def told(found: WhyNot | PassedOver | Tied[Any] | None, record: str) -> WhyNot | StoodAside | None:
    """What a selection says of a record, as a trace says it."""
    if isinstance(found, PassedOver):
        return StoodAside(code=Aside.PASSED_OVER, by=found.winner, detail=found.criterion.value)
    if isinstance(found, Tied):
        others = ", ".join(one for one in found.found if one != record)
        return StoodAside(code=Aside.REFUSED, by=others, detail=f"of equal rank with {others}")
    return found
