from __future__ import annotations

from pathlib import Path

import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.pipeline.stages import Pipeline, PipelineDefinition

ENTERPRISE = """\
id = "enterprise"
version = 3
name = "Enterprise"
initial = "qualification"
loss_reasons = ["price", "competitor", "no decision"]
override_roles = ["manager"]

[fields]
decision_maker = "text"
seats = "number"

[facts]
"contract.signed" = "bool"
"legal.state" = "text"

[[stages]]
id = "qualification"
probability.percent = 10
rot_after_days = 14

[[stages]]
id = "proposal"
probability.percent = 40
category = "best_case"
required = ["amount", "decision_maker"]
rot_after_days = 21

[[stages]]
id = "negotiation"
probability.percent = 75
category = "commit"
entry = [{ id = "size", formula = "deal.amount >= 1000 EUR" }]

[[stages]]
id = "won"
kind = "won"
entry = [{ id = "contract", formula = "contract.signed" }]

[[stages]]
id = "lost"
kind = "lost"

[[transitions]]
source = "qualification"
target = "proposal"

[[transitions]]
source = "proposal"
target = "negotiation"

[[transitions]]
source = "negotiation"
target = "proposal"

[[transitions]]
source = "qualification"
target = "negotiation"
roles = ["manager"]
conditions = [{ id = "seats", formula = "deal.seats >= 100" }]

[[transitions]]
source = ["negotiation", "proposal"]
target = "won"

[[transitions]]
source = ["qualification", "proposal", "negotiation"]
target = "lost"

[[transitions]]
source = "lost"
target = "qualification"
reopens = true
roles = ["manager"]
"""


@pytest.fixture
def toml() -> str:
    return ENTERPRISE


@pytest.fixture
def enterprise(tmp_path: Path) -> Pipeline:
    file = tmp_path / "enterprise.toml"
    file.write_text(ENTERPRISE, encoding="utf-8")
    return PipelineDefinition.load(file).compile()


@pytest.fixture
def rep() -> Actor:
    return Actor("li.wei", roles={"rep"})


@pytest.fixture
def manager() -> Actor:
    return Actor("chen", roles={"manager"})
