"""One small adapter a kind: `given` and `when` onto the public API, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from tests.cases.adapters import (
    amounts,
    approval,
    association,
    configuration,
    datasets,
    documents,
    duplicates,
    exclusions,
    forecast,
    forecast_metrics,
    free_goods,
    lead_assignment,
    lead_conversion,
    lead_scoring,
    price_lists,
    promotions,
    revenue_split,
    scales,
    series,
    stage_machine,
    terms,
    waterfalls,
    working_time,
)
from tests.cases.case import Adapter

ADAPTERS: Mapping[str, Adapter] = {
    **amounts.ADAPTERS,
    **approval.ADAPTERS,
    **lead_conversion.ADAPTERS,
    **working_time.ADAPTERS,
    **lead_assignment.ADAPTERS,
    **duplicates.ADAPTERS,
    **datasets.ADAPTERS,
    **forecast.ADAPTERS,
    **forecast_metrics.ADAPTERS,
    **revenue_split.ADAPTERS,
    **scales.ADAPTERS,
    **stage_machine.ADAPTERS,
    **exclusions.ADAPTERS,
    **documents.ADAPTERS,
    **terms.ADAPTERS,
    **free_goods.ADAPTERS,
    **promotions.ADAPTERS,
    **price_lists.ADAPTERS,
    **waterfalls.ADAPTERS,
    **configuration.ADAPTERS,
    **association.ADAPTERS,
    **series.ADAPTERS,
    **lead_scoring.ADAPTERS,
}
