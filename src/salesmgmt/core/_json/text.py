"""Strict JSON text: no float comes to be, no key stands twice, nothing nests or grows without end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from salesmgmt.core._json.form import Faults, RawNumber, child
from salesmgmt.core.errors import InvalidInput, Problem, shorten

DEEPEST = 64
"""Levels of nesting that are read."""

_LONGEST_INTEGER = 50
_CONTAINERS = (dict, list)


class _KeyTwice(Exception):
    """An object names a key twice."""


class _Repeating(dict[str, Any]):
    """An object that names keys twice."""

    twice: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _KeyTwice
    return made


def _repeating_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = _Repeating(pairs)
    if len(made) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        made.twice = tuple(key for key, count in counts.items() if count > 1)
    return made


def _integer(digits: str) -> int | RawNumber:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else RawNumber(digits)


def _decoder(object_of: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=object_of, parse_float=RawNumber, parse_constant=RawNumber, parse_int=_integer
    )


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_DECODER = _decoder(_object)


def dump(document: object) -> str:
    """Write plain JSON values as compact text."""
    return _ENCODER.encode(document)


def parse(text: str | bytes, what: str, max_size: int, faults: Faults) -> Any:
    """Read JSON text; keys that stand twice are noted in `faults`, anything worse is raised as `InvalidInput`."""
    if len(text) > max_size:
        raise _refused(what, "too_large", f"a size of {len(text)}", f"at most {max_size}")
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        document, repeats = _decode(text)
    except UnicodeDecodeError as error:
        raise _refused(what, "encoding", f"byte {error.start} is not UTF-8", "a text in UTF-8") from None
    except json.JSONDecodeError as error:
        found = shorten(text[error.pos : error.pos + 20]) if error.pos < len(text) else "the end of the text"
        place = f"line {error.lineno} column {error.colno}"
        raise _refused(what, "not_json", found, f"JSON ({error.msg})", place) from None
    except RecursionError:
        raise too_deep(what) from None
    if text.count("[") + text.count("{") > DEEPEST:  # fewer cannot nest deeper
        _require_shallow(document, what)
    if repeats:
        _note_repeats(document, faults)
    return document


def _decode(text: str) -> tuple[Any, bool]:
    try:
        return _DECODER.decode(text), False
    except _KeyTwice:
        return _decoder(_repeating_object).decode(text), True


def _require_shallow(document: object, what: str) -> None:
    """Refuse a document whose lists and objects stand within each other more than `DEEPEST` levels."""
    level = [document]
    for _ in range(DEEPEST + 1):
        inside: list[object] = []
        for node in level:
            values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
            inside += [value for value in values if isinstance(value, _CONTAINERS)]
        if not inside:
            return
        level = inside
    raise too_deep(what)


def too_deep(what: str) -> InvalidInput:
    """Make the refusal of a document that nests too deeply."""
    return _refused(what, "too_deep", "deeper nesting", f"at most {DEEPEST} levels of lists and objects")


def _note_repeats(document: object, faults: Faults) -> None:
    pending: list[tuple[str, object]] = [("", document)]
    while pending and not faults.full:
        path, node = pending.pop()
        members: list[tuple[str, object]] = []
        if isinstance(node, _Repeating):
            for key in node.twice:
                if not faults.full:
                    faults.note(child(path, key), "duplicate_key", "the key again", "each key once")
        if isinstance(node, dict):
            members = [
                (child(path, key), value) for key, value in node.items() if isinstance(value, _CONTAINERS)
            ]
        elif isinstance(node, list):
            members = [
                (f"{path}[{i}]", value) for i, value in enumerate(node) if isinstance(value, _CONTAINERS)
            ]
        pending += reversed(members)


def _refused(what: str, code: str, found: str, wanted: str, path: str = "the document") -> InvalidInput:
    return InvalidInput(what, [Problem(path, code, found, wanted)])
