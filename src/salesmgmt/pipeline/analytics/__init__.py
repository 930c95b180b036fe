"""What the pipeline tells: how often deals are won, how fast and how far they get, and what changed between two days.

    from salesmgmt.pipeline.analytics import pipeline_bridge, stage_conversion, win_loss, win_rate

Every figure is a `Measured`: undefined ones say why. A figure over deals says which cohort it is of (by the day of opening or of
closing), and how many of it are open still.
"""

from salesmgmt.pipeline.analytics.ages import AgeBucket, AgeSince, DealAges, deal_ages
from salesmgmt.pipeline.analytics.averages import DealAverages, deal_averages
from salesmgmt.pipeline.analytics.bridge import Moved, Movement, PipelineBridge, pipeline_bridge, total_open
from salesmgmt.pipeline.analytics.cohort import Cohort, CohortBasis, cohort
from salesmgmt.pipeline.analytics.conversion import (
    LostDeals,
    Skipped,
    StageConversion,
    stage_conversion,
    time_to_convert,
)
from salesmgmt.pipeline.analytics.coverage import PipelineCoverage, forecast_coverage, pipeline_coverage
from salesmgmt.pipeline.analytics.slippage import Slippage, slippage
from salesmgmt.pipeline.analytics.time_in_stage import StageTime, time_in_stage
from salesmgmt.pipeline.analytics.velocity import (
    SalesVelocity,
    VelocityFactor,
    deal_velocity,
    sales_velocity,
    velocity_change,
)
from salesmgmt.pipeline.analytics.win_rate import (
    CohortWinRate,
    Key,
    WinRate,
    cohort_win_rate,
    win_loss,
    win_rate,
)

__all__ = [
    "AgeBucket",
    "AgeSince",
    "Cohort",
    "CohortBasis",
    "CohortWinRate",
    "DealAges",
    "DealAverages",
    "Key",
    "LostDeals",
    "Moved",
    "Movement",
    "PipelineBridge",
    "PipelineCoverage",
    "SalesVelocity",
    "Skipped",
    "Slippage",
    "StageConversion",
    "StageTime",
    "VelocityFactor",
    "WinRate",
    "cohort",
    "cohort_win_rate",
    "deal_ages",
    "deal_averages",
    "deal_velocity",
    "forecast_coverage",
    "pipeline_bridge",
    "pipeline_coverage",
    "sales_velocity",
    "slippage",
    "stage_conversion",
    "time_in_stage",
    "time_to_convert",
    "total_open",
    "velocity_change",
    "win_loss",
    "win_rate",
]
