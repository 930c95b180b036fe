"""Small-sample statistics that say how sure they are: quantiles, shares, lines and logistic curves with their intervals.

    from salesmgmt.engines.statistics import fit_line, fit_logistic, wilson_interval

Fits and distributions take and give binary floats, as statistics do; no amount of money passes through here. Data from which
nothing follows give a `NoFit` that says what is lacking, never a figure.
"""

from salesmgmt.engines.statistics.chi_square import chi_square_p
from salesmgmt.engines.statistics.competing_risks import Incidence, cumulative_incidence
from salesmgmt.engines.statistics.interval import Interval
from salesmgmt.engines.statistics.line_fit import LineFit, fit_line
from salesmgmt.engines.statistics.logistic_fit import LogisticFit, fit_logistic, probability_of
from salesmgmt.engines.statistics.no_fit import NoFit, NoFitReason
from salesmgmt.engines.statistics.normal import critical_z
from salesmgmt.engines.statistics.proportion import wilson_interval
from salesmgmt.engines.statistics.proportion_difference import newcombe_interval
from salesmgmt.engines.statistics.quantile import quantile
from salesmgmt.engines.statistics.student_t import critical_t, two_sided_p
from salesmgmt.engines.statistics.survival import (
    SurvivalBand,
    SurvivalCurve,
    SurvivalStep,
    kaplan_meier,
)

__all__ = [
    "Incidence",
    "Interval",
    "LineFit",
    "LogisticFit",
    "NoFit",
    "NoFitReason",
    "SurvivalBand",
    "SurvivalCurve",
    "SurvivalStep",
    "chi_square_p",
    "critical_t",
    "critical_z",
    "cumulative_incidence",
    "fit_line",
    "fit_logistic",
    "kaplan_meier",
    "newcombe_interval",
    "probability_of",
    "quantile",
    "two_sided_p",
    "wilson_interval",
]
