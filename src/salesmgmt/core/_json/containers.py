"""The JSON forms of lists, sets, mappings, and of what may be missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from salesmgmt.core._json.form import Faults, Form, Misfit, child, shown
from salesmgmt.core._json.schema import Definitions
from salesmgmt.core._json.text import dump


class Optional(Form):
    """A value or null."""

    def __init__(self, inner: Form) -> None:
        self.inner = inner
        self.name = f"{inner.name}, or null"

    def read(self, data: Any, _: object = None) -> Any:
        return None if data is None else self.inner.read(data)

    def write(self, value: Any) -> Any:
        return None if value is None else self.inner.write(value)

    def collect(self, data: Any, path: str, faults: Faults) -> Any:
        return None if data is None else self.inner.collect(data, path, faults)

    def examine(self, value: Any, path: str, faults: Faults) -> None:
        if value is not None:
            self.inner.examine(value, path, faults)

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        return {"anyOf": [self.inner.schema(definitions), {"type": "null"}]}


class Sequence(Form):
    """A tuple or list of values of one type, as a list."""

    name = "a list"

    def __init__(self, item: Form, make: Callable[[list[Any]], Any]) -> None:
        self.item = item
        self._make = make

    def read(self, data: Any, _: object = None) -> Any:
        if not isinstance(data, list):
            raise Misfit("wrong_type", data, self.name)
        read = self.item.read
        return self._make([read(item) for item in data])

    def write(self, value: Any) -> list[Any]:
        if not isinstance(value, tuple | list):
            raise Misfit("wrong_type", value, self.name)
        write = self.item.write
        return [write(item) for item in value]

    def collect(self, data: Any, path: str, faults: Faults) -> Any:
        if not isinstance(data, list):
            faults.add(path, Misfit("wrong_type", data, self.name))
            return None
        return self._make(_collect_items(self.item, data, path, faults))

    def examine(self, value: Any, path: str, faults: Faults) -> None:
        if not isinstance(value, tuple | list):
            faults.add(path, Misfit("wrong_type", value, self.name))
            return
        _examine_items(self.item, value, path, faults)

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "array", "items": self.item.schema(definitions)}


class Distinct(Sequence):
    """A frozenset as a list without repetition, sorted so that equal sets are written alike."""

    name = "a list without repetition"

    def __init__(self, item: Form) -> None:
        super().__init__(item, frozenset)

    def read(self, data: Any, _: object = None) -> frozenset[Any]:
        values: frozenset[Any] = super().read(data)
        if len(values) != len(data):
            raise Misfit("duplicate_item", data, self.name)
        return values

    def collect(self, data: Any, path: str, faults: Faults) -> Any:
        before = len(faults.problems)
        values = super().collect(data, path, faults)
        if len(faults.problems) == before and len(values) != len(data):
            faults.add(path, Misfit("duplicate_item", data, self.name))
        return values

    def write(self, value: Any) -> list[Any]:
        if not isinstance(value, AbstractSet):
            raise Misfit("wrong_type", value, "a set")
        write = self.item.write
        items = [write(item) for item in value]
        try:
            items.sort()
        except TypeError:  # objects, or kinds that do not compare
            items.sort(key=dump)
        return items

    def examine(self, value: Any, path: str, faults: Faults) -> None:
        if not isinstance(value, AbstractSet):
            faults.add(path, Misfit("wrong_type", value, "a set"))
            return
        _examine_items(self.item, value, path, faults)

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        return {**super().describe(definitions), "uniqueItems": True}


class Row(Form):
    """A tuple with a type for each place, as a list of that length."""

    def __init__(self, items: list[Form]) -> None:
        self.items = items
        self.name = f"a list of {len(items)}"

    def _require_length(self, data: Any, *kinds: type) -> None:
        if type(data) not in kinds or len(data) != len(self.items):
            raise Misfit("wrong_type", data, self.name)

    def read(self, data: Any, _: object = None) -> tuple[Any, ...]:
        self._require_length(data, list)
        return tuple([form.read(item) for form, item in zip(self.items, data, strict=True)])

    def write(self, value: Any) -> list[Any]:
        self._require_length(value, tuple, list)
        return [form.write(item) for form, item in zip(self.items, value, strict=True)]

    def collect(self, data: Any, path: str, faults: Faults) -> Any:
        try:
            self._require_length(data, list)
        except Misfit as misfit:
            faults.add(path, misfit)
            return None
        places = enumerate(zip(self.items, data, strict=True))
        return tuple([form.collect(item, f"{path}[{place}]", faults) for place, (form, item) in places])

    def examine(self, value: Any, path: str, faults: Faults) -> None:
        try:
            self._require_length(value, tuple, list)
        except Misfit as misfit:
            faults.add(path, misfit)
            return
        for place, (form, item) in enumerate(zip(self.items, value, strict=True)):
            form.examine(item, f"{path}[{place}]", faults)

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        return {
            "type": "array",
            "prefixItems": [form.schema(definitions) for form in self.items],
            "items": False,
            "minItems": len(self.items),
        }


class Table(Form):
    """A mapping as an object; its keys are written sorted so that equal mappings are written alike."""

    name = "an object"

    def __init__(self, key: Form, value: Form) -> None:
        self.key = key
        self.value = value

    def read(self, data: Any, _: object = None) -> dict[Any, Any]:
        if not isinstance(data, dict):
            raise Misfit("wrong_type", data, self.name)
        key_of, value_of = self.key.read, self.value.read
        return {key_of(key): value_of(value) for key, value in data.items()}

    def write(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Misfit("wrong_type", value, "a mapping")
        key_of, value_of = self.key.write, self.value.write
        written = {key_of(key): value_of(inner) for key, inner in value.items()}
        return dict(sorted(written.items()))

    def collect(self, data: Any, path: str, faults: Faults) -> Any:
        if not isinstance(data, dict):
            faults.add(path, Misfit("wrong_type", data, self.name))
            return None
        read: dict[Any, Any] = {}
        for key, value in data.items():
            if faults.full:
                break
            place = child(path, key if isinstance(key, str) else repr(shown(key)))
            found = self.key.collect(key, place, faults)
            read[found] = self.value.collect(value, place, faults)
        return read

    def examine(self, value: Any, path: str, faults: Faults) -> None:
        if not isinstance(value, Mapping):
            faults.add(path, Misfit("wrong_type", value, "a mapping"))
            return
        for key, inner in value.items():
            place = child(path, str(key))
            self.key.examine(key, place, faults)
            self.value.examine(inner, place, faults)

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        names = self.key.schema(definitions)
        rule = {} if names == {"type": "string"} else {"propertyNames": names}
        return {"type": "object", **rule, "additionalProperties": self.value.schema(definitions)}


def _collect_items(form: Form, data: list[Any], path: str, faults: Faults) -> list[Any]:
    items = []
    for place, item in enumerate(data):
        if faults.full:
            break
        items.append(form.collect(item, f"{path}[{place}]", faults))
    return items


def _examine_items(form: Form, value: Iterable[Any], path: str, faults: Faults) -> None:
    for place, item in enumerate(value):
        if faults.full:
            break
        form.examine(item, f"{path}[{place}]", faults)
