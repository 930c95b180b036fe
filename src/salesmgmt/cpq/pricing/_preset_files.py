"""The files of the presets that ship with the library.

Not in `presets`, which imports the policies: a policy reads its own table here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any, TypeVar

from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import UnknownOption
from salesmgmt.core.nearest import nearest

P = TypeVar("P")

_CODEC = Codec(by_hand=True)  # made once: it learns each class on first use, and is safe to share
_ENDING = ".toml"


def preset_names() -> tuple[str, ...]:
    """The names of all presets, sorted.

    >>> from salesmgmt.cpq.pricing.presets import preset_names
    >>> "odoo" in preset_names()
    True
    """
    names = (one.name for one in (files(__package__) / "presets").iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)))


def preset_document(name: str) -> dict[str, Any]:
    """The tables of a preset; raises `UnknownOption`."""
    names = preset_names()
    if name not in names:
        raise unknown("the preset", name, names)
    text = (files(__package__) / "presets" / f"{name}{_ENDING}").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def preset_table(cls: type[P], table: str, name: str, what: str) -> P:
    """Read one table of a preset.

    Args:
        cls: the class that it describes.
        table: its name.
        name: of the preset.
        what: it is called in the message.

    Raises:
        UnknownOption: there is no such preset, or it does not have the table.
    """
    if name in preset_names():
        document = preset_document(name)
        if table in document:
            return read(cls, document[table])
    raise unknown(what, name, (one for one in preset_names() if table in preset_document(one)))


def read(cls: type[P], table: Mapping[str, Any]) -> P:
    """Make an object of a table."""
    return _CODEC.from_dict(cls, table)


def unknown(what: str, name: str, known: Iterable[str]) -> UnknownOption:
    """The error for an unknown name, which tells the nearest one first."""
    names = list(known)
    likely = nearest(name, names)
    return UnknownOption(what, name, sorted(names, key=lambda one: (one != likely, one)))
