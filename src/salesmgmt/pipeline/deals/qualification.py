"""How well a deal is qualified, by one card of questions."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.percent import Percent


def _answers(given: Mapping[str, str]) -> Mapping[str, str]:
    return given if isinstance(given, FrozenMap) else FrozenMap(given)


@attrs.frozen(kw_only=True)
class Qualification:
    """What a card of questions says about a deal.

    Attributes:
        card: id of the card.
        version: its version.
        answers: the answer to each criterion that was answered, by ids.
        share: weighted points reached, of those that the card can give; an open criterion counts as none.
        missing: the criteria without an answer, in the order of the card.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Qualification
    >>> Qualification(
    ...     card="bant", version=1, answers={"budget": "approved"}, share=Percent(25),
    ...     missing=("authority", "need", "timing"),
    ... ).is_complete
    False
    """  # fmt: skip

    card: str
    version: int
    answers: Mapping[str, str] = attrs.field(converter=_answers)
    share: Percent
    missing: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every criterion is answered."""
        return not self.missing
