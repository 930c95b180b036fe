"""The score of a lead: points, band, and what contributed."""

from __future__ import annotations

from decimal import Decimal

import attrs

from salesmgmt.core.percent import Percent


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
class Evidence:
    """What one value of a lead says to a model.

    Attributes:
        field: the field; `base rate` for what the model says of a lead that it knows nothing of.
        value: the value in the model's words, such as `10 to below 50`; a value that is rare does not stand there, so that nobody is
            recognised by it.
        log_odds: what it adds to the logarithm of won to lost; negative when it speaks against the lead.

    >>> from decimal import Decimal
    >>> from salesmgmt.pipeline.leads import Evidence
    >>> Evidence(field="lead.source", value="fair", log_odds=Decimal("0.405")).field
    'lead.source'
    """

    field: str
    value: str = ""
    log_odds: Decimal


@attrs.frozen(kw_only=True)
class Score:
    """How promising a lead looked to a score card or to a model.

    Attributes:
        points: the sum of the contributions; of a model, the probability in whole percent.
        band: name of the band that the points fall into; `None` when they are below every band.
        contributions: the rules that applied, in the order of the card.
        card: id of the score card, or of the model.
        card_version: its version, so that an old score is not taken for one of today's rules.
        digest: digest of the model.
        probability: that the lead is won, if a model said so.
        log_odds: the sum of the evidence, exactly, before it was calibrated.
        evidence: what the model saw, in the order of its fields.

    >>> from salesmgmt.pipeline.leads import Contribution, Score
    >>> Score(points=30, band="warm", contributions=(Contribution(rule="referral", points=30),), card="b2b").band
    'warm'
    """

    points: int
    band: str | None
    contributions: tuple[Contribution, ...] = ()
    card: str = ""
    card_version: int = 1
    digest: str = ""
    probability: Percent | None = None
    log_odds: Decimal | None = None
    evidence: tuple[Evidence, ...] = ()
