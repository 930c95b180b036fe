"""Cross-selling: what else to offer, and what more units would cost.

    from salesmgmt.cpq.recommend import Relations, TierHints, offer_report

`Relations.load(path).compile(pricer, rules=...)` gives a `Recommender`. Whatever it says of prices and margins was priced by the
pricing engine, with the offer and without.
"""

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.cpq.recommend._candidates import Configured
from salesmgmt.cpq.recommend.bundle_suggestion import (
    BundleSuggestion,
    BundleSuggestions,
    MissingPart,
    SuggestedBy,
)
from salesmgmt.cpq.recommend.next_tier import NextTier, PriceCliff, TierHints
from salesmgmt.cpq.recommend.recommendation import (
    Probability,
    ProbabilitySource,
    Recommendation,
    Recommendations,
    Withheld,
    WithheldReason,
)
from salesmgmt.cpq.recommend.recommender import Recommender
from salesmgmt.cpq.recommend.relation import Relation, RelationKind
from salesmgmt.cpq.recommend.relations import Relations
from salesmgmt.cpq.recommend.uplift import (
    AcceptanceCount,
    AcceptanceRate,
    OfferOutcome,
    OfferReport,
    OrderValueDifference,
    acceptance_counts,
    offer_report,
)

ENTITIES: tuple[type[Entity], ...] = ()
"""A recommendation is a value; what came of it is the host's."""

EVENTS: tuple[type[Event], ...] = ()

__all__ = [
    "ENTITIES",
    "EVENTS",
    "AcceptanceCount",
    "AcceptanceRate",
    "BundleSuggestion",
    "BundleSuggestions",
    "Configured",
    "MissingPart",
    "NextTier",
    "OfferOutcome",
    "OfferReport",
    "OrderValueDifference",
    "PriceCliff",
    "Probability",
    "ProbabilitySource",
    "Recommendation",
    "Recommendations",
    "Recommender",
    "Relation",
    "RelationKind",
    "Relations",
    "SuggestedBy",
    "TierHints",
    "Withheld",
    "WithheldReason",
    "acceptance_counts",
    "offer_report",
]
