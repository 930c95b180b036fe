"""JSON Schema (2020-12) of the documents that the codec reads and writes."""

from __future__ import annotations

from typing import Any, Protocol

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Described(Protocol):
    """A form that is described once, under its title, and referred to."""

    title: str

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        """Describe it in JSON Schema."""
        ...


class Definitions:
    """The named parts of one schema, each described once, so that classes may contain themselves."""

    def __init__(self) -> None:
        self.described: dict[str, dict[str, Any]] = {}
        self._names: dict[int, str] = {}

    def refer(self, form: Described) -> dict[str, Any]:
        """Refer to the description of `form`, describing it when it is met for the first time."""
        name = self._names.get(id(form))
        if name is None:
            name, count = form.title, 1
            while name in self.described:
                count += 1
                name = f"{form.title}.{count}"
            self._names[id(form)] = name
            self.described[name] = {}
            self.described[name] = form.describe(self)
        return {"$ref": f"#/$defs/{name}"}


def heading(cls: type[Any], title: str) -> dict[str, Any]:
    """The title of a class and the first line of its docstring."""
    lines = (cls.__doc__ or "").strip().splitlines()
    described = {"description": lines[0].strip()} if lines else {}
    return {"title": title, **described}


def json_schema(form: Any) -> dict[str, Any]:
    """Describe the documents of a form, complete with its definitions."""
    definitions = Definitions()
    described = form.schema(definitions)
    parts = {"$defs": definitions.described} if definitions.described else {}
    return {"$schema": DIALECT, **described, **parts}
