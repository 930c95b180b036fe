"""A model of leads learnt from the host's own history: naive Bayes, calibrated, with a report of how good it is."""

from __future__ import annotations

from salesmgmt.pipeline.leads.scoring.model.definition import FieldWeights, LeadModel
from salesmgmt.pipeline.leads.scoring.model.field import FieldKind, LeadField
from salesmgmt.pipeline.leads.scoring.model.fitting import fit_lead_model
from salesmgmt.pipeline.leads.scoring.model.past_lead import PastLead
from salesmgmt.pipeline.leads.scoring.model.report import (
    Calibration,
    CalibrationTrial,
    FieldReport,
    FittedLeadModel,
    ModelReport,
    NoLeadModel,
    NoModelReason,
)
from salesmgmt.pipeline.leads.scoring.model.scorer import LeadScorer

__all__ = [
    "Calibration",
    "CalibrationTrial",
    "FieldKind",
    "FieldReport",
    "FieldWeights",
    "FittedLeadModel",
    "LeadField",
    "LeadModel",
    "LeadScorer",
    "ModelReport",
    "NoLeadModel",
    "NoModelReason",
    "PastLead",
    "fit_lead_model",
]
