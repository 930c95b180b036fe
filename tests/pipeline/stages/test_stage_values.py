from __future__ import annotations

import pytest

from salesmgmt.core.errors import UnknownOption
from salesmgmt.pipeline.stages import Stage, StageKind
from salesmgmt.pipeline.stages.stage import NotAPercent


def test_a_kind_may_be_named_as_in_a_file() -> None:
    assert Stage("won", kind="won").kind is StageKind.WON


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(UnknownOption):
        Stage("won", kind="victory")


def test_a_probability_is_a_percentage_and_no_number() -> None:
    with pytest.raises(NotAPercent, match=r"probability is 30; write Percent\(40\)"):
        Stage("talk", probability=30)  # type: ignore[arg-type]
