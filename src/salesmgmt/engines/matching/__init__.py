"""Matching: which records are the same, how sure that is, and what of each survives when they become one."""

from __future__ import annotations

from salesmgmt.engines.matching.blocking import (
    LARGEST_BLOCK,
    BlockingKey,
    Candidates,
    KeyPart,
    SkippedBlock,
    Take,
    candidates,
)
from salesmgmt.engines.matching.clusters import clusters
from salesmgmt.engines.matching.comparison import (
    Comparison,
    FieldWeight,
    Level,
    Likeness,
    match_probability,
    match_weight,
    prior_weight,
)
from salesmgmt.engines.matching.matcher import Match, Matcher, Matches
from salesmgmt.engines.matching.model import Condition, MatchDecision, MatchModel, MatchRule
from salesmgmt.engines.matching.normalise import (
    GENERIC_MAIL_DOMAINS,
    Normaliser,
    mail_domain,
    normal_company,
    normal_email,
    normal_phone,
    normal_text,
)
from salesmgmt.engines.matching.similarity import (
    damerau_levenshtein,
    jaro,
    jaro_winkler,
    levenshtein,
    soundex,
    token_jaccard,
)
from salesmgmt.engines.matching.survivorship import Candidate, Choice, Keep, Survivorship, UnknownField

__all__ = [
    "GENERIC_MAIL_DOMAINS",
    "LARGEST_BLOCK",
    "BlockingKey",
    "Candidate",
    "Candidates",
    "Choice",
    "Comparison",
    "Condition",
    "FieldWeight",
    "Keep",
    "KeyPart",
    "Level",
    "Likeness",
    "Match",
    "MatchDecision",
    "MatchModel",
    "MatchRule",
    "Matcher",
    "Matches",
    "Normaliser",
    "SkippedBlock",
    "Survivorship",
    "Take",
    "UnknownField",
    "candidates",
    "clusters",
    "damerau_levenshtein",
    "jaro",
    "jaro_winkler",
    "levenshtein",
    "mail_domain",
    "match_probability",
    "match_weight",
    "normal_company",
    "normal_email",
    "normal_phone",
    "normal_text",
    "prior_weight",
    "soundex",
    "token_jaccard",
]
