"""A history as small whole numbers: for each lead and field, the number of its value."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import attrs

from salesmgmt.core.errors import Problem, shorten
from salesmgmt.core.exact import exact
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.leads.scoring.model.field import (
    FieldKind,
    LeadField,
    category_of,
    is_missing,
    kind_of,
    number_of,
)
from salesmgmt.pipeline.leads.scoring.model.past_lead import PastLead

Codes = tuple[int, ...]
"""What a lead has in a field: the numbers of its values; of tags any number of them, otherwise one or none."""

_MOST_PROBLEMS = 50
_PLAIN: dict[FieldKind, set[type]] = {FieldKind.CATEGORY: {str, bool}, FieldKind.NUMBER: {int, Percent}}


@attrs.frozen(kw_only=True)
class Encoded:
    """One field of a history.

    Attributes:
        field: as it was asked for.
        kind: how it was read.
        values: of a category or tags, the values that are kept; a code is a place in them.
        edges: of a number, the bounds of its bins; a code is the number of a bin.
        size: how many codes there are, the missing one included.
        missing: the code of having no value; `None` when that is passed over.
        codes: of each lead.
        absent: how many leads have no value.
    """

    field: LeadField
    kind: FieldKind
    values: tuple[str, ...] = ()
    edges: tuple[Decimal, ...] = ()
    size: int
    missing: int | None
    codes: list[Codes]
    absent: int


def encode(history: Sequence[PastLead], field: LeadField, problems: list[Problem]) -> Encoded | None:
    """Read one field of a history; nothing of the outcomes is looked at.

    Values that cannot be read together are added to `problems`, and there is no result.
    """
    given = [
        None if is_missing(value) else value for value in (lead.values.get(field.name) for lead in history)
    ]
    kind = _kind(given, field, problems)
    if kind is None:
        return None
    edges: tuple[Decimal, ...] = ()
    values: tuple[str, ...] = ()
    if kind is FieldKind.NUMBER:
        numbers = [None if value is None else number_of(value) for value in given]
        edges = _edges(sorted(number for number in numbers if number is not None), field.bins)
        size = len(edges) + 1
        bins: list[Codes] = [(number,) for number in range(size)]
        codes = [() if number is None else bins[bisect_right(edges, number)] for number in numbers]
    elif kind is FieldKind.CATEGORY:
        texts = [None if value is None else category_of(value) for value in given]
        values = _kept(Counter(text for text in texts if text is not None), field)
        size = len(values)
        code: dict[str | None, Codes] = {value: (number,) for number, value in enumerate(values)}
        codes = [code.get(text, ()) for text in texts]
    else:
        # A tag counts once, however often it is named.
        sets = [() if value is None else sorted(set(value)) for value in given]  # type: ignore[call-overload]  # `kind_of` was asked
        values = _kept(Counter(tag for tags in sets for tag in tags), field)
        size = len(values)
        place = {value: number for number, value in enumerate(values)}
        codes = [tuple(place[tag] for tag in tags if tag in place) for tags in sets]
    missing = size if field.missing_counts else None
    if missing is not None:
        codes = [(missing,) if value is None else own for value, own in zip(given, codes, strict=True)]
        size += 1
    return Encoded(
        field=field,
        kind=kind,
        values=values,
        edges=edges,
        size=size,
        missing=missing,
        codes=codes,
        absent=given.count(None),
    )


def _kind(given: Sequence[object], field: LeadField, problems: list[Problem]) -> FieldKind | None:
    """How all values of a field are read: as was asked for, or as the first one is; `None` stands for a missing one."""
    types = {type(value) for value in given if value is not None}
    # Of these types every value is read in the same way, so that the values need not be asked.
    for plain, types_of_it in _PLAIN.items():
        if types and types <= types_of_it and field.kind in (None, plain):
            return plain
    kind = field.kind
    found: list[Problem] = []
    for place, value in enumerate(given):
        if value is None:
            continue
        own = kind_of(value)
        kind = kind or own
        if own is None or own is not kind:
            wanted = (
                f"a {kind}, as in the others"
                if kind and own
                else "a text, truth value, exact number or set of text"
            )
            found.append(
                Problem(f"history[{place}].values.{field.name}", "wrong_type", shorten(value), wanted)
            )
            if len(found) >= _MOST_PROBLEMS:
                break
    problems += found
    return None if found else kind or FieldKind.CATEGORY


def _kept(counts: Counter[str], field: LeadField) -> tuple[str, ...]:
    """The commonest values; of equally common ones the first in the alphabet."""
    common = [(-count, text) for text, count in counts.items() if count >= field.min_count]
    return tuple(sorted(text for _, text in sorted(common)[: field.values]))


def _edges(ascending: Sequence[Decimal | int], bins: int) -> tuple[Decimal, ...]:
    """The bounds that put about as many leads into each bin; a bin that would hold nothing is left out."""
    if not ascending:
        return ()
    bounds = {ascending[len(ascending) * number // bins] for number in range(1, bins)}
    return tuple(exact(bound) for bound in sorted(bounds - {ascending[0]}))
