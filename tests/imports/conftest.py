from __future__ import annotations

from pathlib import Path

import pytest

PIPELINE = """
id = "export"
version = 1
initial = "prospecting"

[[stages]]
id = "prospecting"
name = "Prospecting"
kind = "open"
category = "pipeline"
probability = "10%"

[[stages]]
id = "engaging"
name = "Engaging"
kind = "open"
category = "pipeline"
probability = "40%"

[[stages]]
id = "won"
name = "Won"
kind = "won"
category = "closed"
probability = "100%"

[[stages]]
id = "lost"
name = "Lost"
kind = "lost"
category = "omitted"
probability = "0%"

[[transitions]]
source = "prospecting"
target = "engaging"

[[transitions]]
source = "engaging"
target = "won"

[[transitions]]
source = "engaging"
target = "lost"
"""

MAPPING = """
pipeline = "pipeline.toml"
currency = "USD"

[columns]
id = "opportunity_id"
owner = "sales_agent"
product = "product"
account = "account"
stage = "deal_stage"
opened_on = "engage_date"
closed_on = "close_date"
amount = "close_value"

[stages]
Prospecting = "prospecting"
Engaging = "engaging"
Won = "won"
Lost = "lost"
"""


@pytest.fixture(name="rules")
def _rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "pipeline.toml").write_text(PIPELINE, encoding="utf-8")
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    return folder
