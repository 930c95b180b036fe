"""Which lines a customer takes who chooses options and alternatives."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.cpq.quotes.line import DocumentLine
from salesmgmt.cpq.quotes.version import QuoteVersion


def taken_lines(
    version: QuoteVersion, options: Iterable[str], alternatives: Mapping[str, str]
) -> tuple[str, ...]:
    """The ids of the lines that are taken, in their order; raises `InvalidInput` with every choice that is not offered."""
    if isinstance(options, str):  # a text is iterable as well, and its letters are no ids
        raise InvalidInput(
            "acceptance", [Problem("options", "wrong_type", shorten(options), "a list of ids")]
        )
    named = tuple(options)
    lines = {line.id: line for line in version.every_line}
    problems = [*_wrong_options(named, lines), *_wrong_alternatives(alternatives, named, lines)]
    if not problems:
        taken = version.structure.taken({*named, *alternatives.values()})
        problems.extend(_left_out(named, alternatives, lines, set(taken)))
        if taken and not problems:
            return taken
        problems = problems or [Problem("options", "nothing_taken", None, "at least one line")]
    raise InvalidInput("acceptance", problems)


def _wrong_options(named: tuple[str, ...], lines: Mapping[str, DocumentLine]) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, name in enumerate(named):
        path = f"options[{place}]"
        line = lines.get(name)
        if line is None:
            yield Problem(path, "unknown", shorten(name), "the id of an optional line", _offered(lines))
        elif line.alternative_of:
            hint = f"name it among the alternatives, for {shorten(line.alternative_of)}"
            yield Problem(path, "not_optional", shorten(name), "the id of an optional line", hint)
        elif not line.optional:
            hint = "leave it out: it comes with what it belongs to"
            yield Problem(path, "not_optional", shorten(name), "the id of an optional line", hint)
        if name in seen:
            yield Problem(path, "duplicate", shorten(name), "each option once")
        seen.add(name)


def _wrong_alternatives(
    alternatives: Mapping[str, str], named: tuple[str, ...], lines: Mapping[str, DocumentLine]
) -> Iterator[Problem]:
    for base, name in alternatives.items():
        path = f"alternatives.{shorten(base)[1:-1]}"
        line = lines.get(name)
        if base not in lines:
            yield Problem(path, "unknown", shorten(base), "the id of a line that has alternatives")
        elif line is None or line.alternative_of != base:
            there = [shorten(one.id) for one in lines.values() if one.alternative_of == base]
            yield Problem(path, "no_alternative", shorten(name), f"one of {', '.join(there[:20]) or 'none'}")
        elif lines[base].optional and base not in named:
            wanted = f"{shorten(base)} among the options as well"
            yield Problem(path, "not_taken", shorten(name), wanted)


def _left_out(
    named: tuple[str, ...],
    alternatives: Mapping[str, str],
    lines: Mapping[str, DocumentLine],
    taken: Collection[str],
) -> Iterator[Problem]:
    """What was chosen and is a part of something that is not taken."""
    chosen = [(f"options[{place}]", name) for place, name in enumerate(named) if name not in alternatives]
    chosen += [(f"alternatives.{shorten(base)[1:-1]}", name) for base, name in alternatives.items()]
    for path, name in chosen:
        if name not in taken:
            wanted = f"its parent {shorten(lines[name].parent)} taken as well"
            yield Problem(path, "parent_not_taken", shorten(name), wanted)


def _offered(lines: Mapping[str, DocumentLine]) -> str:
    optional = [shorten(line.id) for line in lines.values() if line.optional]
    return f"offered are {', '.join(optional[:20]) or 'none'}"
