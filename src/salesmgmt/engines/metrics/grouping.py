"""Rows sorted into groups by a fact of theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from salesmgmt.core.formula import Formula, Value
from salesmgmt.core.formula.values import finished
from salesmgmt.engines.metrics._chunk import UNFIT, chunk_of, one_by_one
from salesmgmt.engines.metrics._columnwise import Reading
from salesmgmt.engines.metrics.facts import FactKind

R = TypeVar("R")


class Grouping:
    """A formula over a row whose value says to which group the row belongs.

    Args:
        key: a name of a row, or any formula over one.
        facts: the kind of the rows.

    Raises:
        FormulaError: `key` is no formula over a row.

    >>> from salesmgmt.core.formula import TEXT, Schema
    >>> from salesmgmt.engines.metrics import FactKind, Grouping
    >>> by_owner = Grouping("owner", FactKind("deal", Schema({"owner": TEXT})))
    >>> by_owner.groups([{"owner": "li"}, {}, {"owner": "li"}])
    {'li': [{'owner': 'li'}, {'owner': 'li'}], None: [{}]}
    """

    __slots__ = ("_facts", "_finish", "_is_set", "_names", "_reading")

    def __init__(self, key: str, facts: FactKind) -> None:
        self._facts = facts
        formula = Formula.parse(key, facts.schema)
        self._names = formula.names
        self._is_set = formula.type.element is not None
        self._reading, self._finish = Reading(formula), finished(formula.type)

    def groups(self, rows: Sequence[R]) -> dict[Value | None, list[R]]:
        """Return the rows by their key, in the order in which the keys come; rows without one are under `None`.

        Raises:
            EvaluationError: a value is not of its declared type, or the formula has no answer for a row.
        """
        groups: defaultdict[Any, list[R]] = defaultdict(list)
        for raw, row in zip(self._raw_keys(rows), rows, strict=True):
            groups[raw].append(row)
        return {self._finish(raw): group for raw, group in groups.items()}

    def members(self, rows: Sequence[R]) -> dict[Value | None, list[R]]:
        """Return the rows by their key; where the key is a set, a row is in the group of each of its members.

        >>> from salesmgmt.core.formula import SET, TEXT, Schema
        >>> from salesmgmt.engines.metrics import FactKind, Grouping
        >>> by_rival = Grouping("rivals", FactKind("deal", Schema({"rivals": SET[TEXT]})))
        >>> sorted(by_rival.members([{"rivals": {"a", "b"}}, {"rivals": {"b"}}]).items())
        [('a', [{...}]), ('b', [{...}, {'rivals': {'b'}}])]
        """
        if not self._is_set:
            return self.groups(rows)
        groups: defaultdict[Value | None, list[R]] = defaultdict(list)
        for its, row in zip(map(self._finish, self._raw_keys(rows)), rows, strict=True):
            for member in sorted(its, key=str) if isinstance(its, frozenset) and its else (None,):
                groups[member].append(row)
        return dict(groups)

    def _raw_keys(self, rows: Sequence[object]) -> Iterable[Any]:
        if (chunk := chunk_of(rows, self._facts, self._names)) is not None:
            try:
                return self._reading.column(chunk)
            except UNFIT:
                pass
        return map(self._reading.row, one_by_one(rows, self._facts, self._names))
