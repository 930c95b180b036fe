"""How good a model of leads is, judged by leads that it did not learn from."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import attrs

from salesmgmt.core.findings import Finding
from salesmgmt.engines.calibration import Gauge, ReliabilityBin
from salesmgmt.pipeline.leads.scoring.model.definition import LeadModel


class Calibration(StrEnum):
    """How log-odds become probabilities.

    >>> from salesmgmt.pipeline.leads import Calibration
    >>> Calibration("platt").name
    'PLATT'
    """

    NONE = "none"
    """They are taken at their word."""
    PLATT = "platt"
    """A logistic curve over them."""
    ISOTONIC = "isotonic"
    """Any rising curve over them."""


@attrs.frozen(kw_only=True)
class CalibrationTrial:
    """What one way of calibrating cost.

    Attributes:
        calibration: the way.
        log_loss: on leads that neither the weights nor the curve were learnt from; of several, the lowest is a little too good.
    """

    calibration: Calibration
    log_loss: Gauge


@attrs.frozen(kw_only=True)
class FieldReport:
    """What became of one field.

    Attributes:
        name: of the field.
        values: how many values or bins of it are told apart.
        absent: how many leads have no value there.
        auc: how well it parts won from lost by itself, from 0.5 for not at all to 1; on the leads that it was counted on, so a little
            too good. `None` when it says nothing.
        used: whether the model looks at it.
    """

    name: str
    values: int
    absent: int
    auc: float | None
    used: bool


@attrs.frozen(kw_only=True)
class ModelReport:
    """How good a model is: every lead was judged by weights that were learnt without it, and every figure says how sure it is.

    The way of calibrating is chosen on the same folds; so that the choice is judged with the rest, the figures but `auc` take for each fold the
    way that is cheapest on all others, by curves that were learnt from these. What is left of knowing the answer: a curve was learnt
    from log-odds whose weights had seen the fold it is tried on. That makes the log loss a little too good where many values meet
    few leads, by about 0.004 for 8 fields of 20 values that say nothing and 200 leads, and less the more leads there are.

    Attributes:
        n: how many leads it was fitted to.
        won: how many of them were won.
        folds: into how many parts they were split to judge them.
        seed: of the split.
        trials: what each way of calibrating cost, cheapest first.
        chosen: the cheapest.
        reason: why it was chosen, in words.
        auc: how often a won lead has higher log-odds than a lost one of the same fold, before any curve.
        brier: mean squared distance of probability and outcome.
        log_loss: mean of minus the logarithm of the probability of what came.
        base_brier: the same for a model that gives each lead the base rate.
        base_log_loss: likewise.
        calibration_error: how far probabilities lie from what came, in ten bins of equal width.
        mass_calibration_error: the same in ten bins of about as many leads.
        chance_calibration_error: what chance alone makes of the former if all probabilities are right.
        bins: what was foreseen and what came, in ten bins of equal width.
        fields: what became of each field.
        findings: what should be looked at before the model is used.
    """

    n: int
    won: int
    folds: int
    seed: int
    trials: tuple[CalibrationTrial, ...]
    chosen: Calibration
    reason: str
    auc: Gauge
    brier: Gauge
    log_loss: Gauge
    base_brier: float
    base_log_loss: float
    calibration_error: float
    mass_calibration_error: float
    chance_calibration_error: float
    bins: tuple[ReliabilityBin, ...]
    fields: tuple[FieldReport, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def base_rate(self) -> float:
        """The share of the leads that were won."""
        return self.won / self.n


@attrs.frozen(kw_only=True)
class FittedLeadModel:
    """A model and how good it is.

    Attributes:
        model: the definition, to be kept and compiled.
        report: how good it is.
    """

    model: LeadModel
    report: ModelReport


class NoModelReason(StrEnum):
    """What a history lacks that no model follows from it.

    >>> from salesmgmt.pipeline.leads import NoModelReason
    >>> NoModelReason("too_few").name
    'TOO_FEW'
    """

    TOO_FEW = "too_few"
    """Not enough won leads, or not enough lost ones."""
    NOTHING_TOLD = "nothing_told"
    """No field has two values that are common enough."""


@attrs.frozen(kw_only=True)
class NoLeadModel:
    """No model could be fitted: an expected answer, and no error.

    Attributes:
        reason: what is lacking.
        n: how many leads there were.
        found: what was found, in words.
        wanted: what would have been enough.
        findings: what was noticed about the fields.
        code: (class) `no_lead_model`.

    >>> from salesmgmt.pipeline.leads import PastLead, fit_lead_model
    >>> print(fit_lead_model([PastLead({"lead.source": "web"}, won=True)], fields=["lead.source"]))
    no lead model (too_few): found 1 won and 0 lost leads, wanted at least 50 of each
    """

    code: ClassVar[str] = "no_lead_model"

    reason: NoModelReason
    n: int
    found: str
    wanted: str
    findings: tuple[Finding, ...] = ()

    def __str__(self) -> str:
        return f"no lead model ({self.reason}): found {self.found}, wanted {self.wanted}"
