"""One small adapter a kind: `given` and `when` onto the public API, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from tests.cases.adapters import amounts, datasets, working_time
from tests.cases.case import Adapter

ADAPTERS: Mapping[str, Adapter] = {**amounts.ADAPTERS, **working_time.ADAPTERS, **datasets.ADAPTERS}
