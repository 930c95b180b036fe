"""The fixed words of documents, by language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

FALLBACK = "en"


@lru_cache(maxsize=100)
def words(locale: str) -> Mapping[str, str]:
    """The words for the language of a locale; those for English when there are none for it.

    >>> from salesmgmt.documents._words import words
    >>> words("de_AT")["total"], words("zh-CN")["total"], words("fr")["total"]
    ('Gesamtbetrag', '总计', 'Total')
    """
    locale = locale.replace("-", "_")
    folder = files("salesmgmt.documents").joinpath("words")
    names = {file.name.removesuffix(".toml"): file for file in folder.iterdir()}
    language = locale.split("_")[0]
    near = (name for name in sorted(names) if name.split("_")[0] == language)
    # Someone who reads traditional characters is not served with simplified ones.
    name = FALLBACK if _is_traditional(locale) else next(near, FALLBACK)
    return tomllib.loads(names[name].read_text(encoding="utf-8"))


def _is_traditional(locale: str) -> bool:
    from babel.core import get_global, parse_locale  # noqa: PLC0415 - Babel only when words are wanted

    parsed = parse_locale(locale)
    language, territory, script = parsed[0], parsed[1], parsed[2]
    likely = get_global("likely_subtags").get(f"{language}_{territory}", "")
    return "Hant" in {script, *likely.split("_")}
