"""Message catalogues: templates by code, in the languages that ship with the library or from the host."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from salesmgmt.core.errors import InvalidInput, Problem, shorten

if TYPE_CHECKING:
    from babel import Locale

Catalogue: TypeAlias = Mapping[str, str]
"""Message templates by code; `{name}` in a template stands for the fact of that name."""

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}", re.ASCII)


def placeholders(template: str) -> frozenset[str]:
    """Return the names of the facts that a template shows."""
    return frozenset(_PLACEHOLDER.findall(template))


def filled(template: str, facts: Mapping[str, object], shown: Callable[[object], str]) -> str:
    """Put facts into a template; a placeholder without a fact stays as it is written.

    Not `str.format`: that lets a template reach into the attributes of a value.
    """

    def fact(match: re.Match[str]) -> str:
        return shown(facts[match[1]]) if match[1] in facts else match[0]

    return _PLACEHOLDER.sub(fact, template)


def checked(catalogue: Catalogue) -> Catalogue:
    """Return an unchangeable copy of a host's catalogue; raises `InvalidInput` where it is not text."""
    items: Iterable[tuple[object, object]] = catalogue.items()
    problems = [
        Problem(shorten(code), "not_text", shorten(template), "a code and its template, both text")
        for code, template in items
        if not (isinstance(code, str) and isinstance(template, str))
    ]
    if problems:
        raise InvalidInput("a message catalogue", problems)
    return MappingProxyType(dict(catalogue))


@lru_cache(maxsize=100)
def babel_locale(name: str) -> Locale:
    """Return what Babel knows of a locale; raises `babel.UnknownLocaleError` or `ValueError`."""
    from babel import Locale  # noqa: PLC0415 - Babel only when words are wanted

    return Locale.parse(name)


@lru_cache(maxsize=100)
def shipped(locale: str) -> Mapping[str, Catalogue]:
    """Return the library's `words` and `messages` in the language and script of a locale, else in English."""
    import tomllib  # noqa: PLC0415 - paid for when a message is shown
    from importlib.resources import files  # noqa: PLC0415

    catalogues = {
        _language(file.name.removesuffix(".toml")): file
        for file in files("salesmgmt.core").joinpath("messages").iterdir()
        if file.name.endswith(".toml")
    }
    file = catalogues.get(_language(locale), catalogues[_language("en")])
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _language(locale: str) -> tuple[str, str | None]:
    """Return language and script: a reader of zh_SG reads zh_CN, but a reader of zh_TW does not."""
    from babel.core import get_global, parse_locale  # noqa: PLC0415

    parsed = babel_locale(locale)
    likely = get_global("likely_subtags").get(parsed.language, parsed.language)
    return parsed.language, parsed.script or parse_locale(likely)[2]
