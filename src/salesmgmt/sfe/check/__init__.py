"""Check: attainment, control charts, scorecards."""

from __future__ import annotations

from salesmgmt.engines.metrics import Direction
from salesmgmt.sfe.check.attainment import Attainment, ImpossibleDays, RunRate, team_attainment
from salesmgmt.sfe.check.control_chart import (
    IndividualsChart,
    NegativeSpread,
    Side,
    Signal,
    WesternElectricRule,
    individuals_chart,
    western_electric,
)
from salesmgmt.sfe.check.measuring import Measurement, measure
from salesmgmt.sfe.check.scorecard import (
    Actuals,
    Check,
    History,
    NotChecked,
    ScoreLine,
    check_figures,
    history_of,
)

__all__ = [
    "Actuals",
    "Attainment",
    "Check",
    "Direction",
    "History",
    "ImpossibleDays",
    "IndividualsChart",
    "Measurement",
    "NegativeSpread",
    "NotChecked",
    "RunRate",
    "ScoreLine",
    "Side",
    "Signal",
    "WesternElectricRule",
    "check_figures",
    "history_of",
    "individuals_chart",
    "measure",
    "team_attainment",
    "western_electric",
]
