"""Frequencies: naive Bayes over counts of won and lost leads, to the numbers of Odoo's predictive lead scoring."""

from __future__ import annotations

from salesmgmt.pipeline.leads.scoring.frequencies.lead_probability import LeadProbability
from salesmgmt.pipeline.leads.scoring.frequencies.policy import FrequencyPolicy
from salesmgmt.pipeline.leads.scoring.frequencies.prediction import Factor, Prediction, combine_factors
from salesmgmt.pipeline.leads.scoring.frequencies.record import LeadOutcome, LeadRecord
from salesmgmt.pipeline.leads.scoring.frequencies.scorer import FrequencyScorer
from salesmgmt.pipeline.leads.scoring.frequencies.table import FrequencyRow, FrequencyTable, NotCounted

__all__ = [
    "Factor",
    "FrequencyPolicy",
    "FrequencyRow",
    "FrequencyScorer",
    "FrequencyTable",
    "LeadOutcome",
    "LeadProbability",
    "LeadRecord",
    "NotCounted",
    "Prediction",
    "combine_factors",
]
