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
    exclusions,
    free_goods,
    price_lists,
    promotions,
    scales,
    terms,
    waterfalls,
    working_time,
)
from tests.cases.case import Adapter

ADAPTERS: Mapping[str, Adapter] = {
    **amounts.ADAPTERS,
    **approval.ADAPTERS,
    **working_time.ADAPTERS,
    **datasets.ADAPTERS,
    **scales.ADAPTERS,
    **exclusions.ADAPTERS,
    **documents.ADAPTERS,
    **terms.ADAPTERS,
    **free_goods.ADAPTERS,
    **promotions.ADAPTERS,
    **price_lists.ADAPTERS,
    **waterfalls.ADAPTERS,
    **configuration.ADAPTERS,
    **association.ADAPTERS,
}
