"""The score of a lead: points, band, and what contributed."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Contribution:
    """The points that one rule gave.

    Attributes:
        rule: id of the rule.
        points: what it added; negative when it took away.
    """

    rule: str
    points: int


@attrs.frozen(kw_only=True)
class Score:
    """How promising a lead looked to a score card.

    Attributes:
        points: the sum of the contributions.
        band: name of the band that the points fall into; `None` when they are below every band.
        contributions: the rules that applied, in the order of the card.
        card: id of the score card.
        card_version: its version, so that an old score is not taken for one of today's rules.

    >>> from salesmgmt.pipeline.leads import Contribution, Score
    >>> Score(points=30, band="warm", contributions=(Contribution(rule="referral", points=30),), card="b2b").band
    'warm'
    """

    points: int
    band: str | None
    contributions: tuple[Contribution, ...] = ()
    card: str = ""
    card_version: int = 1
