"""The JSON forms of attrs classes: an object with a key for each field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import attrs
from cattrs import Converter
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn_from_attrs, make_dict_unstructure_fn_from_attrs

from salesmgmt.core._json.form import REFUSALS, Faults, Form, Misfit, child, shown
from salesmgmt.core._json.schema import Definitions, heading
from salesmgmt.core.nearest import nearest

FAILURES = (Misfit, ForbiddenExtraKeysError, *REFUSALS)
"""What quick reading ends in when a document does not fit."""


def key_of(field: attrs.Attribute[Any]) -> str:
    """The key of a field in JSON: its name as the constructor knows it."""
    return field.alias or field.name


class Record(Form):
    """An attrs class as an object; quick reading and writing are functions that cattrs generates.

    Attributes:
        cls: the class.
        title: its name, with the arguments of a generic class.
        fields: its fields that are arguments of the constructor, with their types resolved.
        forms: the form of each field by the key it has in JSON.
    """

    def __init__(self, cls: type[Any], title: str) -> None:
        self.cls = cls
        self.title = title
        self.name = f"an object of {title}"
        self.fields: list[attrs.Attribute[Any]] = []
        self.forms: dict[str, Form] = {}
        self._structure: Callable[[Any], Any]
        self._unstructure: Callable[[Any], dict[str, Any]]

    def compile(
        self, fields: list[attrs.Attribute[Any]], forms: dict[str, Form], converter: Converter
    ) -> None:
        """Finish the form once the forms of all fields are known (classes may refer to each other)."""
        self.fields = fields
        self.forms = forms
        names = {parameter.__name__: Any for parameter in getattr(self.cls, "__parameters__", ())}
        self._structure = make_dict_structure_fn_from_attrs(
            fields,
            self.cls,
            converter,
            typevar_map=names,
            _cattrs_use_linecache=False,
        )
        self._unstructure = make_dict_unstructure_fn_from_attrs(
            fields, self.cls, converter, typevar_map=names, _cattrs_use_linecache=False
        )

    def read(self, data: Any, _: object = None) -> Any:
        if not isinstance(data, dict):
            raise Misfit("wrong_type", data, self.name)
        return self._structure(data)

    def write(self, value: Any) -> dict[str, Any]:
        if type(value) is not self.cls:  # a subclass would lose its own fields without a word
            raise Misfit("wrong_type", value, self.name)
        return self._unstructure(value)

    def examine(self, value: Any, path: str, faults: Faults) -> None:
        if type(value) is not self.cls:
            faults.add(path, Misfit("wrong_type", value, self.name))
            return
        for field in self.fields:
            key = key_of(field)
            self.forms[key].examine(getattr(value, field.name), child(path, key), faults)

    def collect(self, data: Any, path: str, faults: Faults) -> Any:
        if not isinstance(data, dict):
            faults.add(path, Misfit("wrong_type", data, self.name, f"its keys are {', '.join(self.forms)}"))
            return None
        before = len(faults.problems)
        self._note_unknown(data, path, faults)
        read: dict[str, Any] = {}
        for field in self.fields:
            key = key_of(field)
            if key in data:
                read[key] = self.forms[key].collect(data[key], child(path, key), faults)
            elif field.default is attrs.NOTHING:
                faults.note(child(path, key), "missing", None, self.forms[key].name)
        if len(faults.problems) > before:
            return None
        try:
            return self.cls(**read)
        except REFUSALS as error:
            self._note_refusal(error, data, read, path, faults)
            return None

    def _note_unknown(self, data: Mapping[Any, Any], path: str, faults: Faults) -> None:
        for key in data:
            if key in self.forms or faults.full:
                continue
            known = nearest(str(key), self.forms) if faults.worth_a_hint else None
            wanted = f"only the keys of {self.title}"
            hint = f"did you mean {known!r}?" if known else f"they are {', '.join(self.forms)}"
            faults.note(child(path, str(key)), "unknown_key", shown(data[key]), wanted, hint)

    def _note_refusal(
        self, error: Exception, data: Mapping[str, Any], read: Mapping[str, Any], path: str, faults: Faults
    ) -> None:
        # The constructor stops at its first refusal and does not say which field it came from, so each
        # converter and validator is asked again by itself.
        bare = object.__new__(self.cls)
        given = [(key, field) for field in self.fields if (key := key_of(field)) in read]
        refusals = [(key, _set(bare, field, read[key])) for key, field in given]
        if not any(refusal for _, refusal in refusals):
            refusals = [(key, _validate(bare, field)) for key, field in given]
        for key, refusal in refusals:
            if refusal is not None:
                _note(refusal, data[key], f"a valid {key}", child(path, key), faults)
        if not any(refusal for _, refusal in refusals):
            _note(error, data, f"a valid {self.title}", path, faults)

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        required = [key_of(field) for field in self.fields if field.default is attrs.NOTHING]
        return {
            **heading(self.cls, self.title),
            "type": "object",
            "properties": {key: form.schema(definitions) for key, form in self.forms.items()},
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }


class Document(Record):
    """An entity or event: an object that also says its "type" and "schema_version".

    On reading, the type may be left out where the class is known, and a missing version means version 1; older
    versions are lifted by upcasters, step by step.
    """

    def __init__(self, cls: type[Any], title: str, upcasters: Mapping[int, Callable[..., Any]]) -> None:
        super().__init__(cls, title)
        self.version: int = cls.schema_version
        self._upcasters = upcasters

    def _current(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise Misfit("wrong_type", data, self.name)
        kind = data.get("type", self.title)
        if kind != self.title:
            raise Misfit("wrong_type", kind, f'"{self.title}"', path="type")
        version = data.get("schema_version", 1)
        if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= self.version:
            hint = "it was written by a later release; update this one" if isinstance(version, int) else ""
            raise Misfit("unknown_version", version, f"1 to {self.version}", hint, path="schema_version")
        if version < self.version:
            data = self._lift(deepcopy(data), version)
        return {key: value for key, value in data.items() if key not in {"type", "schema_version"}}

    def _lift(self, data: dict[str, Any], version: int) -> dict[str, Any]:
        for step in range(version, self.version):
            apply = self._upcasters.get(step)
            if apply is None:
                hint = f"give the codec an Upcaster(type={self.title!r}, from_version={step}, ...)"
                raise Misfit("missing_upcaster", version, f"{self.version}", hint, path="schema_version")
            try:
                data = apply(data)
            except (*REFUSALS, AttributeError) as error:  # it met something of another type
                wanted = f"a {self.title} of version {step}"
                raise Misfit("upcast_failed", data, wanted, f"{type(error).__name__}: {error}") from error
            if type(data) is not dict:
                wanted = f"an object from the upcaster of version {step}"
                raise Misfit("upcast_failed", data, wanted)
        return data

    def read(self, data: Any, _: object = None) -> Any:
        return self._structure(self._current(data))

    def collect(self, data: Any, path: str, faults: Faults) -> Any:
        try:
            current = self._current(data)
        except Misfit as misfit:
            faults.add(path, misfit)
            return None
        return super().collect(current, path, faults)

    def write(self, value: Any) -> dict[str, Any]:
        return {"type": self.title, "schema_version": self.version, **super().write(value)}

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        described = super().describe(definitions)
        described["properties"] = {
            "type": {"const": self.title},
            "schema_version": {"const": self.version},
            **described["properties"],
        }
        if self.version > 1:  # a document without a version is one of version 1, of another shape
            described["required"] = ["schema_version", *described.get("required", ())]
        return described


class Tagged(Form):
    """An attrs class inside a union: its object says its class under "type"."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.title = f"{record.title}.tagged"
        self.name = f'{{"type": "{record.title}", …}}'

    def _untagged(self, data: dict[str, Any]) -> dict[str, Any]:
        if isinstance(self.record, Document):
            return data
        return {key: value for key, value in data.items() if key != "type"}

    def read(self, data: Any, _: object = None) -> Any:
        return self.record.read(self._untagged(data))

    def collect(self, data: Any, path: str, faults: Faults) -> Any:
        return self.record.collect(self._untagged(data), path, faults)

    def write(self, value: Any) -> dict[str, Any]:
        return {"type": self.record.title, **self.record.write(value)}

    def examine(self, value: Any, path: str, faults: Faults) -> None:
        self.record.examine(value, path, faults)

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        described = self.record.describe(definitions)
        described["properties"] = {"type": {"const": self.record.title}, **described["properties"]}
        described["required"] = ["type", *described.get("required", ())]
        return described


def _set(bare: object, field: attrs.Attribute[Any], value: Any) -> Exception | None:
    """Set a field of a bare instance as the constructor would; returns the refusal of its converter."""
    convert: Any = field.converter
    if callable(convert) and not isinstance(convert, attrs.Converter):
        try:
            value = convert(value)
        except REFUSALS as refusal:
            return refusal
    object.__setattr__(bare, field.name, value)
    return None


def _validate(bare: object, field: attrs.Attribute[Any]) -> Exception | None:
    if field.validator is None:
        return None
    try:
        field.validator(bare, field, getattr(bare, field.name))
    except AttributeError:  # it looks at a field that was left to its default
        return None
    except REFUSALS as refusal:
        return refusal
    return None


def _note(error: Exception, found: object, wanted: str, path: str, faults: Faults) -> None:
    code = getattr(error, "code", "invalid_value")
    message = str(error.args[0]) if error.args else type(error).__name__
    faults.note(path, code, shown(found), wanted, message[:500])
