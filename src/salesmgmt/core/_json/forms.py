"""From a type to its JSON form."""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag
from threading import RLock
from typing import Any, Literal, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
from cattrs import Converter

from salesmgmt.core._json import containers, scalars, times
from salesmgmt.core._json.byhand import ByHand, EitherByHand, money_by_hand, percent_by_hand
from salesmgmt.core._json.form import Form, RawNumber
from salesmgmt.core._json.objects import Document, Record, Tagged, key_of
from salesmgmt.core._json.unions import AnyOf, Arm
from salesmgmt.core.entity import Entity
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.core.formula.types import Scalar, Value
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

_SCALARS: dict[Any, Form] = {
    str: scalars.Text(),
    bool: scalars.Boolean(),
    int: scalars.Integer(),
    float: scalars.Float(),
    Decimal: scalars.Number(),
    date: times.Date(),
    datetime: times.Instant(),
    time: times.TimeOfDay(),
    timedelta: times.Duration(),
    Percent: scalars.Rate(),
}

_MARKS: dict[type[Form], str] = {
    times.Date: "date",
    times.Instant: "instant",
    times.TimeOfDay: "time",
    times.Duration: "duration",
}
"""What marks a value inside a union that would otherwise look like a text."""

_OPEN = {frozenset(get_args(Value)): "Value", frozenset(get_args(Scalar)): "Scalar"}
"""The unions of the formula language, which are described once."""

_LISTS: dict[Any, Callable[[list[Any]], Any]] = {list: list, Sequence: tuple}
_SETS = (frozenset, set, AbstractSet)
_TABLES = (dict, Mapping)


class UnsupportedType(SalesError, TypeError):
    """A field has a type that has no JSON form.

    Attributes:
        where: the field (`Deal.stage`).
        type: the type.
    """

    code = "unsupported_type"

    def __init__(self, where: str, found: object, reason: str = "it has no JSON form") -> None:
        self.where = where
        self.type = found
        super().__init__(
            f"{where} has the type {_title(found)}: {reason}",
            hint="use values, attrs classes, Enum, Literal, and tuples, frozensets, mappings and unions of them",
        )


class Forms:
    """The JSON forms of types, each made once; safe to use from several threads."""

    def __init__(
        self, upcasters: Mapping[str, Mapping[int, Callable[..., Any]]], *, by_hand: bool = False
    ) -> None:
        self._upcasters = upcasters
        self._by_hand = by_hand
        self._ready: dict[Any, Form] = {}
        self._lock = RLock()

    def of(self, wanted: Any) -> Form:
        """The form of a type; raises `UnsupportedType`."""
        form = self._ready.get(wanted)
        if form is not None:
            return form
        with self._lock:
            workshop = _Workshop(self._ready, self._upcasters, by_hand=self._by_hand)
            form = workshop.form_of(wanted, _title(wanted))
            workshop.finish()
            self._ready.update(workshop.made)
        return form


class _Workshop:
    """Makes the forms of a type and of all types it is made of."""

    def __init__(
        self,
        ready: Mapping[Any, Form],
        upcasters: Mapping[str, Mapping[int, Callable[..., Any]]],
        *,
        by_hand: bool,
    ) -> None:
        self._by_hand = by_hand
        self.made: dict[Any, Form] = {}
        self._ready = ready
        self._upcasters = upcasters
        self._unfinished: list[tuple[Record, Any]] = []
        self._converter = _FormConverter(self)

    def finish(self) -> None:
        """Give each new record the forms of its fields; new ones may turn up on the way."""
        while self._unfinished:
            record, wanted = self._unfinished.pop()
            fields = _resolved_fields(record, wanted)
            forms: dict[str, Form] = {
                key_of(field): self.form_of(field.type, f"{record.title}.{field.name}") for field in fields
            }
            if isinstance(record, Document) and not forms.keys().isdisjoint({"type", "schema_version"}):
                reason = "its documents need the keys 'type' and 'schema_version' for themselves"
                raise UnsupportedType(record.title, record.cls, reason)
            record.compile(fields, forms, self._converter)

    def form_of(self, wanted: Any, where: str) -> Form:
        """The form of a type, made when there is none yet."""
        form = self._ready.get(wanted) or self.made.get(wanted)
        if form is None:
            form = self._make(wanted, where)
            self.made[wanted] = form
        return form

    def _make(self, wanted: Any, where: str) -> Form:  # noqa: C901, PLR0912 - a table of kinds of types
        if isinstance(wanted, NewType):
            return self.form_of(_unwrapped(wanted), where)
        if wanted is Percent and self._by_hand:
            return percent_by_hand(_SCALARS[Percent])
        if wanted in _SCALARS:
            return _SCALARS[wanted]
        if wanted is Any or wanted is object or isinstance(wanted, TypeVar):
            return self.form_of(Value | None, where)
        origin, arguments = get_origin(wanted) or wanted, get_args(wanted)
        if origin is Union or origin is types.UnionType:
            return self._union(arguments, where)
        if origin is Literal:
            return scalars.Choice({choice: choice for choice in arguments})
        if origin is tuple and arguments:
            if arguments[1:] == (Ellipsis,):
                return containers.Sequence(self.form_of(arguments[0], where), tuple)
            return containers.Row([self.form_of(argument, where) for argument in arguments])
        if origin in _LISTS and arguments:
            return containers.Sequence(self.form_of(arguments[0], where), _LISTS[origin])
        if origin in _SETS and arguments:
            return containers.Distinct(self.form_of(arguments[0], where))
        if origin in _TABLES and arguments:
            return self._table(*arguments, where=where)
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            return _enumeration(wanted, where)
        if isinstance(origin, type) and attrs.has(origin):
            if "__attrs_attrs__" not in vars(origin):
                reason = "it derives from an attrs class without being one, so its own fields would be lost"
                raise UnsupportedType(where, wanted, reason)
            record = self._record(wanted, origin)
            return money_by_hand(record) if wanted is Money and self._by_hand else record
        raise UnsupportedType(where, wanted)

    def _record(self, wanted: Any, cls: type[Any]) -> Record:
        record: Record
        if issubclass(cls, Entity | Event):
            record = Document(cls, cls.__name__, self._upcasters.get(cls.__name__, {}))
        else:
            record = Record(cls, _title(wanted))
        self.made[wanted] = record
        self._unfinished.append((record, wanted))
        return record

    def _table(self, key: Any, value: Any, *, where: str) -> Form:
        form = self.form_of(key, where)
        is_text = isinstance(form, scalars.Text | times.Date) or (
            isinstance(form, scalars.Choice) and all(isinstance(json, str) for json in form.jsons)
        )
        if not is_text:
            raise UnsupportedType(where, key, "the key of a mapping must be a text, a date or a named choice")
        return containers.Table(form, self.form_of(value, where))

    def _union(self, kinds: Sequence[Any], where: str) -> Form:
        if any(kind is Any or kind is object for kind in kinds):
            return self.form_of(Value | None, where)
        some = [_unwrapped(kind) for kind in kinds if kind is not type(None)]
        if len(some) < len(kinds):
            return containers.Optional(self.form_of(Union[tuple(some)], where))  # noqa: UP007 - made at run time
        if Decimal in some and int in some:  # an int stands for its Decimal there
            some.remove(int)
            return self.form_of(Union[tuple(some)], where)  # noqa: UP007 - made at run time
        some.sort(key=lambda kind: kind is date)  # every datetime is a date, so dates are asked last
        arms = [self._arm(kind, where) for kind in some]
        by_hand = [form for kind in some if isinstance(form := self.form_of(kind, where), ByHand)]
        if by_hand and not any(str in arm.json for arm in arms):
            arms.append(Arm((), EitherByHand(by_hand), (str,)))
        claims = Counter([claim for arm in arms for claim in (*arm.json, arm.mark, arm.tag) if claim])
        twice = [claim for claim, count in claims.items() if count > 1]
        if twice:
            reason = "two of its types look alike in JSON; put each into an attrs class"
            raise UnsupportedType(where, Union[tuple(kinds)], reason)  # noqa: UP007 - made at run time
        return AnyOf(arms, _OPEN.get(frozenset(some), ""))

    def _arm(self, kind: Any, where: str) -> Arm:  # noqa: C901 - a table of forms
        form = self.form_of(kind, where)
        if isinstance(form, ByHand):  # its text form is an arm of its own, where no other text may stand
            form = form.inner
        match form:
            case scalars.Number():
                marked = scalars.Marked("number", form)
                return Arm((Decimal, int), marked, (Decimal, int, float, RawNumber), form, mark="number")
            case times.Date() | times.Instant() | times.TimeOfDay() | times.Duration():
                marked = scalars.Marked(_MARKS[type(form)], form)
                return Arm((kind,), marked, (kind,), form, mark=marked.key)
            case scalars.Rate():
                return Arm((Percent,), form, mark=form.key)
            case containers.Distinct():
                return Arm((frozenset, set), scalars.Marked("set", form), mark="set")
            case scalars.Text() | scalars.Boolean() | scalars.Integer():
                return Arm((kind,), form, (kind,))
            case scalars.Float():
                return Arm((float,), form, (float, Decimal, RawNumber))
            case scalars.Choice():
                return Arm(_types(form.choices), form, _types(form.jsons))
            case containers.Sequence() | containers.Row():
                return Arm((tuple, list), form, (list,))
            case Record(cls=cls) if cls is Money:
                return Arm((Money,), form, mark="currency")
            case Record():
                return Arm((form.cls,), Tagged(form), tag=form.title)
            case _:
                raise UnsupportedType(where, kind, "it cannot be told from other types of its union")


class _FormConverter(Converter):
    """Lets the functions that cattrs generates read and write fields by our forms, primitives included."""

    def __init__(self, workshop: _Workshop) -> None:
        super().__init__(detailed_validation=False, forbid_extra_keys=True, use_alias=True)
        self._workshop = workshop

    def get_structure_hook(self, type: Any, cache_result: bool = True) -> Any:  # noqa: A002, ARG002 - as cattrs has it
        return self._workshop.form_of(type, _title(type)).read

    def get_unstructure_hook(self, type: Any, cache_result: bool = True) -> Any:  # noqa: A002, ARG002 - as cattrs has it
        return self._workshop.form_of(type, _title(type)).write


def _unwrapped(kind: Any) -> Any:
    while isinstance(kind, NewType):
        kind = kind.__supertype__
    return kind


def _types(values: Sequence[Any]) -> tuple[type, ...]:
    return tuple(dict.fromkeys(type(value) for value in values))


def _enumeration(enumeration: type[Enum], where: str) -> Form:
    if issubclass(enumeration, Flag) or not all(
        isinstance(member.value, str | int) for member in enumeration
    ):
        raise UnsupportedType(where, enumeration, "the values of its members are no texts or whole numbers")
    return scalars.Enumeration(enumeration)


def _resolved_fields(record: Record, wanted: Any) -> list[attrs.Attribute[Any]]:
    try:
        hints = get_type_hints(record.cls)
    except NameError as error:
        reason = f"its annotation {error.name} cannot be resolved; import it at run time"
        raise UnsupportedType(record.title, record.cls, reason) from error
    arguments = _arguments(wanted)
    fields = []
    for field in attrs.fields(record.cls):
        if field.init:
            declared = hints.get(field.name, field.type)
            if declared is None:
                raise UnsupportedType(f"{record.title}.{field.name}", None, "its type is not declared")
            fields.append(field.evolve(type=_substituted(declared, arguments)))
    return fields


def _arguments(wanted: Any) -> dict[Any, Any]:
    """What stands for each type variable in the fields of a class, those of its generic bases included."""
    cls = get_origin(wanted) or wanted
    given = get_args(wanted)
    parameters = getattr(cls, "__parameters__", ())
    arguments: dict[Any, Any] = dict(zip(parameters, given, strict=True)) if given else {}
    for base in cls.__mro__:
        for declared in base.__dict__.get("__orig_bases__", ()):
            inherited = getattr(get_origin(declared), "__parameters__", ())
            for parameter, argument in zip(inherited, get_args(declared), strict=False):
                arguments.setdefault(parameter, _substituted(argument, arguments))
    return arguments


def _substituted(declared: Any, arguments: Mapping[Any, Any]) -> Any:
    if isinstance(declared, TypeVar):
        return arguments.get(declared, Any)
    parameters = getattr(declared, "__parameters__", ())
    if not parameters or isinstance(declared, type):
        return declared
    return declared[tuple(arguments.get(parameter, Any) for parameter in parameters)]


def _title(wanted: Any) -> str:
    arguments = get_args(wanted)
    origin = get_origin(wanted) or wanted
    name = getattr(origin, "__name__", None) or str(origin)
    return ".".join([name, *(_title(argument) for argument in arguments)])
