"""The JSON form of a value of one of several types."""

from __future__ import annotations

from typing import Any

import attrs

from salesmgmt.core._json.form import Faults, Form, Misfit
from salesmgmt.core._json.schema import Definitions
from salesmgmt.core.nearest import nearest


@attrs.frozen
class Arm:
    """One type of a union.

    Attributes:
        kinds: the Python types that it writes.
        form: its form inside the union.
        json: the types of JSON value (and of TOML value) that stand for it without a mark.
        plain: its form without a mark, where that is another one.
        mark: the key by which its object is known.
        tag: the class name by which its object is known.
    """

    kinds: tuple[type, ...]
    form: Form
    json: tuple[type, ...] = ()
    plain: Form | None = None
    mark: str = ""
    tag: str = ""


class AnyOf(Form):
    """A value of one of several types, told apart by the JSON type, a mark, or the class name under "type"."""

    def __init__(self, arms: list[Arm], title: str = "") -> None:
        self._arms = arms
        self.title = title
        self._by_kind = {kind: arm.form for arm in arms for kind in arm.kinds}
        self._by_json = {json: arm.plain or arm.form for arm in arms for json in arm.json}
        self._by_mark = {arm.mark: arm.form for arm in arms if arm.mark}
        self._by_tag = {arm.tag: arm.form for arm in arms if arm.tag}
        self.name = f"one of: {'; '.join(arm.form.name for arm in arms)}"

    def read(self, data: Any, _: object = None) -> Any:
        return self._form_of(data).read(data)

    def collect(self, data: Any, path: str, faults: Faults) -> Any:
        try:
            form = self._form_of(data)
        except Misfit as misfit:
            faults.add(path, misfit)
            return None
        return form.collect(data, path, faults)

    def _form_of(self, data: Any) -> Form:
        form = self._by_json.get(type(data))
        if form is not None:
            return form
        if isinstance(data, dict):
            if self._by_tag and "type" in data:
                return self._tagged(data["type"])
            for mark, marked in self._by_mark.items():
                if mark in data:
                    return marked
            if self._by_tag:
                raise Misfit("missing", None, f"one of {', '.join(self._by_tag)}", path="type")
        raise Misfit("wrong_type", data, self.name)

    def _tagged(self, tag: Any) -> Form:
        if not isinstance(tag, str):
            raise Misfit("wrong_type", tag, "the name of a class", path="type")
        if tag not in self._by_tag:
            known = nearest(tag, self._by_tag)
            hint = f"did you mean {known!r}?" if known else ""
            raise Misfit("not_allowed", tag, f"one of {', '.join(self._by_tag)}", hint, path="type")
        return self._by_tag[tag]

    def write(self, value: Any) -> Any:
        return self._form_for(value).write(value)

    def examine(self, value: Any, path: str, faults: Faults) -> None:
        try:
            form = self._form_for(value)
        except Misfit as misfit:
            faults.add(path, misfit)
            return
        form.examine(value, path, faults)

    def _form_for(self, value: Any) -> Form:
        form = self._by_kind.get(type(value))
        if form is not None:
            return form
        for arm in self._arms:
            if isinstance(value, arm.kinds):
                return arm.form
        raise Misfit("wrong_type", value, self.name)

    def describe(self, definitions: Definitions) -> dict[str, Any]:
        options = [arm.form.schema(definitions) for arm in self._arms]
        whole = [{"type": "integer"} for arm in self._arms if arm.plain is not None and int in arm.json]
        return {**({"title": self.title} if self.title else {}), "anyOf": options + whole}
