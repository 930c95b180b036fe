"""JSON for entities, events and values: the one way in which they leave and enter the library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import attrs

from salesmgmt.core._json import text as json_text
from salesmgmt.core._json.form import JSON, Faults, Misfit
from salesmgmt.core._json.forms import Forms, UnsupportedType
from salesmgmt.core._json.objects import FAILURES
from salesmgmt.core._json.schema import json_schema
from salesmgmt.core.entity import Entity
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, listed, shorten
from salesmgmt.core.events import Event
from salesmgmt.core.nearest import nearest

__all__ = ["JSON", "Codec", "NotEncodable", "UnsupportedType", "Upcaster", "WrongUpcasters"]

T = TypeVar("T")

LARGEST_DOCUMENT = 10_000_000
"""Characters (or bytes) of text that are read when nothing else is said."""


class NotEncodable(SalesError, TypeError):
    """A value does not have the type that its class declares, so that what is written could not be read.

    Attributes:
        what: the class of the object.
        problems: what is wrong, with its path.
    """

    code = "not_encodable"

    def __init__(self, what: str, problems: Iterable[Problem]) -> None:
        self.what = what
        self.problems = tuple(problems)
        super().__init__(
            f"{what} cannot be written as JSON:\n{listed(self.problems)}",
            hint="give each field its declared type",
        )


class WrongUpcasters(SalesError, ValueError):
    """Upcasters are given that do not form a chain up to the present version of a known class.

    Attributes:
        type: the class name they are for.
        from_versions: the versions they start from.
    """

    code = "wrong_upcasters"

    def __init__(self, type_name: str, from_versions: Iterable[int], reason: str, hint: str) -> None:
        self.type = type_name
        self.from_versions = tuple(from_versions)
        super().__init__(f"the upcasters of {type_name} from {list(self.from_versions)}: {reason}", hint=hint)


class DuplicateKind(SalesError, ValueError):
    """Two classes of the same name were given to one codec."""

    code = "duplicate_kind"

    def __init__(self, first: type, second: type) -> None:
        super().__init__(
            f"{first.__module__}.{first.__qualname__} and {second.__module__}.{second.__qualname__} "
            f"would both be documents of type {first.__name__}",
            hint="rename one of them",
        )
        self.first = first
        self.second = second


@attrs.frozen
class Upcaster:
    """Lifts documents of one version of a class to the next.

    Attributes:
        type: the name of the class.
        from_version: the `schema_version` it lifts; the result counts as the next one.
        apply: makes the new document of the old one (a copy of its own, which it may change). It must be a
            function of a module if the codec is to be pickled.

    >>> from salesmgmt.core.codec import Upcaster
    >>> Upcaster("Lead", from_version=1, apply=lambda old: {**old, "source": ""}).apply({"id": "l-1"})
    {'id': 'l-1', 'source': ''}
    """

    type: str
    from_version: int
    apply: Callable[[dict[str, Any]], dict[str, Any]]


class Codec:
    """Reads and writes documents, and describes them in JSON Schema.

    Plain attrs classes just work; entities and events are documents that also say their "type" and
    "schema_version". Exact numbers stand in texts, so that no reader makes floats of them:

    - `Decimal` "12.50", `Money` {"amount": "9.990", "currency": "EUR"}, `Percent` {"percent": "12.5"};
    - `date` "2026-01-31", aware `datetime` "2026-01-31T09:00:00+08:00" (the offset is kept, the name of the zone
      is not), `time` "09:30:00", `timedelta` "PT90S";
    - enumerations by value, tuples and sorted sets as lists, mappings as objects;
    - a union of attrs classes says its class under "type"; values of the formula language, where any may stand
      (`Value`, also for `Any` and `object`), are "text", true, {"number": "1.5"}, {"percent": "10"},
      {"amount": ..., "currency": ...}, {"date": ...}, {"instant": ...}, {"set": [...]}.

    A `Formula` has no JSON form here: definitions hold its text, and their loaders parse it with a schema.

    A codec does not change after it is made, is safe to use from several threads, and is pickled by its arguments.

    Args:
        kinds: the classes of entities and events that `read` knows by name.
        upcasters: what lifts older documents of them.
        max_size: characters of text that are read at most.
        by_hand: whether documents are written by people: then "12.5%" and "1000 EUR" are read as well.

    Raises:
        DuplicateKind: two kinds have one name.
        UnsupportedType: a field of a kind has no JSON form.
        WrongUpcasters: they leave a gap.

    >>> from salesmgmt.core.codec import Codec
    >>> from salesmgmt.core.entity import Ref
    >>> codec = Codec()
    >>> codec.to_json(Ref("Lead", "l-17"))
    '{"kind":"Lead","id":"l-17"}'
    >>> codec.from_json(Ref, '{"kinds": "Lead", "id": 17}')
    Traceback (most recent call last):
    salesmgmt.core.errors.InvalidInput: Ref has 3 problems:
      kinds: found 'Lead', wanted only the keys of Ref; did you mean 'kind'?
      kind: found nothing, wanted a text
      id: found 17, wanted a text; correct the input and read it again
    """

    __slots__ = ("_by_hand", "_forms", "_kinds", "_max_size", "_upcasters")

    def __init__(
        self,
        kinds: Iterable[type[Entity | Event]] = (),
        *,
        upcasters: Iterable[Upcaster] = (),
        max_size: int = LARGEST_DOCUMENT,
        by_hand: bool = False,
    ) -> None:
        self._by_hand = by_hand
        self._kinds = _by_name(kinds)
        self._upcasters = tuple(upcasters)
        self._max_size = max_size
        self._forms = Forms(_chains(self._kinds, self._upcasters), by_hand=by_hand)
        for kind in self._kinds.values():
            self._forms.of(kind)

    def __reduce__(self) -> tuple[Any, ...]:
        return _codec, (tuple(self._kinds.values()), self._upcasters, self._max_size, self._by_hand)

    @property
    def kinds(self) -> Mapping[str, type[Entity | Event]]:
        """The classes of entities and events that it knows, by name."""
        return MappingProxyType(self._kinds)

    def to_dict(self, obj: Any) -> dict[str, Any]:
        """Write an entity, event or value as plain JSON values.

        Raises:
            NotEncodable: a field holds something else than its class declares.
            UnsupportedType: its class has no JSON form.

        >>> from salesmgmt.core.actor import Actor
        >>> from salesmgmt.core.codec import Codec
        >>> Codec().to_dict(Actor("li.wei", roles={"rep", "admin"}))
        {'id': 'li.wei', 'roles': ['admin', 'rep']}
        """
        form = self._forms.of(type(obj))
        try:
            written: dict[str, Any] = form.write(obj)
        except Misfit:
            faults = Faults()
            form.examine(obj, "", faults)
            raise NotEncodable(type(obj).__name__, faults.problems) from None
        return written

    def to_json(self, obj: Any) -> str:
        """Write an entity, event or value as compact JSON text; equal fields give equal text.

        Raises as `to_dict` does.

        >>> from salesmgmt.core.codec import Codec
        >>> from salesmgmt.core.money import Money
        >>> Codec().to_json(Money("9.990", "EUR"))
        '{"amount":"9.990","currency":"EUR"}'
        """
        return json_text.dump(self.to_dict(obj))

    def from_dict(self, cls: type[T], data: object) -> T:
        """Read an object of a class from plain JSON values (dates and decimals as TOML gives them are read too).

        Raises:
            InvalidInput: the document does not fit; every problem is listed with its path.
            UnsupportedType: the class has no JSON form.

        >>> from salesmgmt.core.codec import Codec
        >>> from salesmgmt.core.percent import Percent
        >>> Codec().from_dict(Percent, {"percent": "12.5"})
        Percent('12.5')
        """
        what = getattr(cls, "__name__", str(cls))
        return self._made(cls, data, what, Faults())

    def from_json(self, cls: type[T], text: str | bytes) -> T:
        """Read an object of a class from JSON text; raises as `from_dict` does.

        >>> from salesmgmt.core.codec import Codec
        >>> from salesmgmt.core.money import Money
        >>> Codec().from_json(Money, '{"amount": "9.990", "currency": "EUR"}')
        Money('9.990', 'EUR')
        """
        what = getattr(cls, "__name__", str(cls))
        faults = Faults()
        document = json_text.parse(text, what, self._max_size, faults)
        return self._made(cls, document, what, faults)

    def read(self, data: object) -> Any:
        """Read an entity or event of the class that the document names under "type"; raises `InvalidInput`.

        >>> from salesmgmt.core.codec import Codec
        >>> Codec(kinds=[]).read({"type": "Deal"})
        Traceback (most recent call last):
        salesmgmt.core.errors.InvalidInput: document has 1 problem:
          type: found 'Deal', wanted one of the known types (none); correct the input and read it again
        """
        return self._made(*self._kind_of(data), Faults())

    def read_json(self, text: str | bytes) -> Any:
        """Read an entity or event from JSON text that names its class under "type"; raises `InvalidInput`.

        >>> from salesmgmt.core.codec import Codec
        >>> from salesmgmt.core.entity import Entity
        >>> Codec([Entity]).read_json('{"type": "Entity", "id": "e-1"}')
        Entity(id='e-1', tenant='', version=0)
        """
        faults = Faults()
        document = json_text.parse(text, "document", self._max_size, faults)
        return self._made(*self._kind_of(document), faults)

    def schema(self, cls: Any) -> dict[str, Any]:
        """Describe the documents of a class in JSON Schema (2020-12), for programs that make or check them.

        The schema states what such a language can state; what constructors and validators ask beyond it (an
        existing currency, a period that does not end before it starts) only `from_dict` knows.

        >>> from salesmgmt.core.codec import Codec
        >>> from salesmgmt.core.entity import Ref
        >>> Codec().schema(Ref)["$defs"]["Ref"]["properties"]
        {'kind': {'type': 'string'}, 'id': {'type': 'string'}}
        """
        return json_schema(self._forms.of(cls))

    def _kind_of(self, data: object) -> tuple[type[Any], object, str]:
        if not isinstance(data, dict):
            raise InvalidInput(
                "document", [Problem("the document", "wrong_type", shorten(data), "an object")]
            )
        name = data.get("type")
        if isinstance(name, str) and name in self._kinds:
            return self._kinds[name], data, name
        listing = ", ".join(sorted(self._kinds)) or "none"
        known = nearest(name, self._kinds) if isinstance(name, str) else None
        problem = Problem(
            "type",
            "missing" if "type" not in data else "unknown_type",
            shorten(name) if "type" in data else None,
            f"one of the known types ({listing})",
            f"did you mean {known!r}?" if known else "",
        )
        raise InvalidInput("document", [problem])

    def _made(self, cls: type[T], data: object, what: str, faults: Faults) -> T:
        form = self._forms.of(cls)
        try:
            if not faults.problems:
                try:
                    made: T = form.read(data)
                except FAILURES:  # read again, slowly, to say everything that is wrong
                    made = form.collect(data, "", faults)
            else:
                made = form.collect(data, "", faults)
        except RecursionError:
            raise json_text.too_deep(what) from None
        if faults.problems:
            raise InvalidInput(what, faults.problems)
        return made


def _codec(kinds: Iterable[type[Any]], upcasters: Iterable[Upcaster], max_size: int, by_hand: bool) -> Codec:
    return Codec(kinds, upcasters=upcasters, max_size=max_size, by_hand=by_hand)


def _by_name(kinds: Iterable[type[Entity | Event]]) -> dict[str, type[Entity | Event]]:
    named: dict[str, type[Entity | Event]] = {}
    for kind in kinds:
        known = named.setdefault(kind.__name__, kind)
        if known is not kind:
            raise DuplicateKind(known, kind)
    return named


def _chains(
    kinds: Mapping[str, type[Entity | Event]], upcasters: Iterable[Upcaster]
) -> dict[str, dict[int, Callable[..., Any]]]:
    chains: dict[str, dict[int, Callable[..., Any]]] = {}
    for upcaster in upcasters:
        chain = chains.setdefault(upcaster.type, {})
        if upcaster.from_version in chain:
            reason = f"version {upcaster.from_version} is lifted twice"
            raise WrongUpcasters(upcaster.type, sorted(chain), reason, "keep one of them")
        chain[upcaster.from_version] = upcaster.apply
    for name, chain in chains.items():
        if name not in kinds:
            raise WrongUpcasters(
                name, sorted(chain), "no kind has this name", "name the class among the kinds"
            )
        present = kinds[name].schema_version
        if sorted(chain) != list(range(min(chain), present)) or min(chain) < 1:
            reason = f"they do not lead step by step to version {present}"
            raise WrongUpcasters(name, sorted(chain), reason, "give one for each version in between")
    return chains
