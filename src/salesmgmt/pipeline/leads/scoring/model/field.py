"""What a model looks at."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.leads.lead import Lead


class FieldKind(StrEnum):
    """How a model reads the values of a field.

    >>> from salesmgmt.pipeline.leads import FieldKind
    >>> FieldKind("tags").name
    'TAGS'
    """

    CATEGORY = "category"
    """Each value for itself: texts and truth values."""
    NUMBER = "number"
    """In bins, each with about as many leads: numbers and percentages."""
    TAGS = "tags"
    """Any number of them at once, each one for itself: sets of text."""


_OUTCOME_TOLD = frozenset(
    f"lead.{name}"
    for name in (
        "account",
        "contact",
        "deal",
        "merged_into",
        "note",
        "nurture",
        "reason",
        "recycled",
        "score",
        "status",
    )
)
_OWN = frozenset(f"lead.{field.name}" for field in attrs.fields(Lead))
_CUSTOM = "lead.fields."
_LARGEST_COUNT = 1_000


def path_problem(name: object, path: str) -> Problem | None:
    """Return what is wrong with the name of a field; `None` when a model may look at it.

    >>> from salesmgmt.pipeline.leads.scoring.model.field import path_problem
    >>> path_problem("lead.status", "fields[0]").code
    'known_afterwards'
    """
    if not isinstance(name, str) or not name:
        return Problem(path, "wrong_type", repr(name), "the name of a field")
    own = ".".join(name.split(".")[:2])
    if own in _OUTCOME_TOLD:
        return Problem(path, "known_afterwards", name, "a field that is known before the outcome is")
    known = own in _OWN and own != "lead.fields" and own == name
    if own == "lead" or (own.startswith("lead.") and not known and not name.startswith(_CUSTOM)):
        return Problem(
            path, "unknown_field", name, "a field of a lead, such as lead.source or lead.fields.size"
        )
    return None


def _kind(given: FieldKind | str | None) -> FieldKind | None:
    return None if given is None else option(FieldKind, given, "the kind of a field")


@attrs.frozen
class LeadField:
    """A field that a model is to learn from, and how.

    Attributes:
        name: as formulas know it: `lead.source`, `lead.fields.employees`, or a fact of the host.
        kind: how it is read; by its values when absent.
        bins: of a number, how many at most.
        values: of a category or tags, how many are kept at most; the commonest ones.
        min_count: leads that a value must have had to be kept.
        missing_counts: whether having no value is a value of its own; otherwise it is passed over.

    Raises:
        InvalidInput: it cannot be looked at, or a figure is out of range.
        UnknownOption: there is no such kind.

    >>> from salesmgmt.pipeline.leads import LeadField
    >>> LeadField("lead.fields.employees", bins=4).missing_counts
    False
    """

    name: str
    kind: FieldKind | None = attrs.field(default=None, converter=_kind, kw_only=True)
    bins: int = attrs.field(default=5, kw_only=True)
    values: int = attrs.field(default=50, kw_only=True)
    min_count: int = attrs.field(default=5, kw_only=True)
    missing_counts: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        problems = [problem] if (problem := path_problem(self.name, "name")) else []
        problems += [
            Problem(name, "range", shorten(count), f"a whole number from {least} to {_LARGEST_COUNT}")
            for name, count, least in (
                ("bins", self.bins, 2),
                ("values", self.values, 1),
                ("min_count", self.min_count, 1),
            )
            if type(count) is not int or not least <= count <= _LARGEST_COUNT
        ]
        if problems:
            raise InvalidInput("lead field", problems)


def kind_of(value: object) -> FieldKind | None:
    """Return how a value would be read; `None` for one that no model can read: a float, a date, an amount.

    >>> from decimal import Decimal
    >>> from salesmgmt.pipeline.leads.scoring.model.field import kind_of
    >>> kind_of(Decimal(3)).value, kind_of(True).value, kind_of(0.5)
    ('number', 'category', None)
    """
    if isinstance(value, str | bool):
        return FieldKind.CATEGORY
    if isinstance(value, int | Percent):
        return FieldKind.NUMBER
    if isinstance(value, Decimal):
        return FieldKind.NUMBER if value.is_finite() else None
    if isinstance(value, frozenset | set | tuple | list) and all(isinstance(one, str) for one in value):
        return FieldKind.TAGS
    return None


def is_missing(value: object) -> bool:
    """Whether a field has no value: none, an empty text, no tag.

    >>> from salesmgmt.pipeline.leads.scoring.model.field import is_missing
    >>> is_missing(""), is_missing(0)
    (True, False)
    """
    return value is None or (isinstance(value, str | frozenset | set | tuple | list) and not value)


def category_of(value: object) -> str:
    """Return the text under which a category is kept.

    >>> from salesmgmt.pipeline.leads.scoring.model.field import category_of
    >>> category_of(True), category_of("fair")
    ('true', 'fair')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def number_of(value: object) -> Decimal | int:
    """Return what a number is compared by; a percentage by its points.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.leads.scoring.model.field import number_of
    >>> number_of(Percent("12.5"))
    Decimal('12.5')
    """
    return value.points if isinstance(value, Percent) else value  # type: ignore[return-value]  # `kind_of` was asked
