"""Facts: the rows that metrics are computed from, and how an object is read as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from operator import attrgetter
from typing import Any, TypeAlias

import attrs

from salesmgmt.core.formula import TEXT, Schema, Type, Value, Values, schema_of

Read: TypeAlias = Callable[[Any], Value | int | None]
"""How one fact is read off an object."""


@attrs.frozen
class FactKind:
    """A kind of row (`deal`, `invoice`): the names that metrics over it may use, and how objects give their values.

    A row is a mapping from these names to values, or an object that the kind reads. Only the names that a metric uses
    are read, so a derived fact costs nothing where nobody asks for it.

    Attributes:
        name: what metrics call it in `Metric.facts`.
        schema: the names of a row, with their types.
        derived: how names that are no attributes are read off an object; a row that is a mapping has them itself.
            Give named functions of a module, so that compiled metrics pickle.

    >>> import attrs
    >>> from salesmgmt.core.formula import NUMBER
    >>> from salesmgmt.engines.metrics import FactKind
    >>> @attrs.frozen
    ... class Visit:
    ...     owner: str
    ...     minutes: int
    >>> VISITS = FactKind.of("visit", Visit, {"hours": (NUMBER, lambda visit: visit.minutes // 60)})
    >>> VISITS.values(Visit("li.wei", 120))
    {'owner': 'li.wei', 'minutes': 120, 'hours': 2}
    """

    name: str
    schema: Schema
    derived: Mapping[str, Read] = attrs.field(factory=dict, hash=False)

    @classmethod
    def of(
        cls, name: str, entity: type[Any], derived: Mapping[str, tuple[Type, Read]] | None = None
    ) -> FactKind:
        """Make the kind of the objects of an attrs class, with their fields (see `schema_of`) and derived facts.

        Args:
            name: what metrics call it.
            entity: the attrs class.
            derived: further facts: their type, and the function of an object that works them out.

        Raises:
            InvalidInput: a derived fact has the name of a field and another type, or no good name.
        """
        extra = derived or {}
        schema = schema_of(entity) | Schema({fact: kind for fact, (kind, _) in extra.items()})
        return cls(name, schema, {fact: read for fact, (_, read) in extra.items()})

    def values(self, row: object) -> Values:
        """Return every fact of a row; a mapping is its own."""
        return row if isinstance(row, Mapping) else self.reader(self.schema)(row)

    def reader(self, names: Iterable[str]) -> Callable[[object], Values]:
        """Compile how some of the names are read off an object (not off a mapping)."""
        readers = tuple((name, self._read(name)) for name in names)
        return lambda row: {name: read(row) for name, read in readers}

    def column_reader(self, name: str) -> Callable[[Sequence[Any]], list[Any]]:
        """Compile how one name is read off many objects; texts may still be members of an enum.

        >>> from salesmgmt.core.formula import NUMBER, Schema
        >>> from salesmgmt.engines.metrics import FactKind
        >>> FactKind("number", Schema({"real": NUMBER})).column_reader("real")([3, 4])
        [3, 4]
        """
        if name in self.derived:
            derived = self.derived[name]
            return lambda rows: list(map(derived, rows))
        fetch = attrgetter(name)
        if "." not in name:
            return lambda rows: list(map(fetch, rows))
        nested = _nested(name.split("."))

        def read(rows: Sequence[Any]) -> list[Any]:
            try:
                return list(map(fetch, rows))
            except AttributeError:  # something on the way is missing
                return list(map(nested, rows))

        return read

    def _read(self, name: str) -> Read:
        if name in self.derived:
            return self.derived[name]
        fetch = _nested(name.split(".")) if "." in name else attrgetter(name)
        return _plain_text(fetch) if self.schema[name] == TEXT else fetch


def _nested(path: list[str]) -> Read:
    def fetch(row: Any) -> Any:
        for field in path:
            if row is None:
                return None
            row = getattr(row, field)
        return row

    return fetch


def _plain_text(fetch: Read) -> Read:
    def read(row: Any) -> Any:
        value: object = fetch(row)
        if type(value) is str or value is None:
            return value
        if isinstance(value, str):
            return str.__str__(value)  # of a `StrEnum`, in a third of the time of `.value`
        return value.value if isinstance(value, Enum) else value

    return read
