"""What cannot be used without something else."""

from __future__ import annotations

from enum import StrEnum

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.cpq.recommend.relation import Relation, RelationKind
from salesmgmt.cpq.recommend.relations import Relations


class Within(StrEnum):
    """Where in a quote something must be.

    >>> from salesmgmt.cpq.quotes import Within
    >>> Within("tree").name
    'TREE'
    """

    DOCUMENT = "document"
    """Anywhere."""
    TREE = "tree"
    """Among the parts of the same whole, or the whole itself."""


def _within(value: Within | str) -> Within:
    return option(Within, value, "where a requirement is met")


@attrs.frozen
class Requirement:
    """A relation that is more than an offer: without what it leads to, a quote is not complete.

    Attributes:
        relation: what needs what, how many, and when.
        within: where it must be.

    Raises:
        InvalidInput: the relation leads to something in place of the line, or to something that it excludes.
        UnknownOption: `within` is none of its words.

    >>> from salesmgmt.cpq.quotes import Requirement
    >>> from salesmgmt.cpq.recommend import Relation
    >>> Requirement(Relation(id="r-1", kind="accessory", product="bike", offer="pedals"), within="tree").within.value
    'tree'
    """

    relation: Relation
    within: Within = attrs.field(default=Within.DOCUMENT, converter=_within, kw_only=True)

    def __attrs_post_init__(self) -> None:

        kind = self.relation.kind
        if kind.replaces or kind is RelationKind.EXCLUDES:
            wanted = "an accessory, a complement or a required service"
            problem = Problem("relation.kind", "wrong_kind", kind.value, wanted)
            raise InvalidInput(f"requirement {shorten(self.relation.id)}", [problem])


def required_services(relations: Relations) -> tuple[Requirement, ...]:
    """The relations of kind `required_service`, as requirements that are met anywhere in the quote."""
    return tuple(Requirement(one) for one in relations.relations if one.kind is RelationKind.REQUIRED_SERVICE)
