"""Segments: ordered rules, the first that holds."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from salesmgmt.core.entity import AccountId
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.money import Money
from salesmgmt.customers import (
    Account,
    RfmScores,
    RfmSummary,
    Segmentation,
    SegmentRule,
    customer_values,
)

DAY = date(2026, 2, 28)
ACME = Account(id="acme", name="Acme", country="DE", opened_at=datetime(2026, 1, 1, tzinfo=UTC))
SUMMARY = RfmSummary(
    customer=AccountId("acme"), as_of=DAY, recency_days=3, frequency=7, monetary=Money(50, "EUR")
)
SCORES = RfmScores(customer=AccountId("acme"), as_of=DAY, recency=5, frequency=4, monetary=2)

RULES = """
id = "rfm"
otherwise = "regulars"

[facts]
nps = "number"

[[rules]]
segment = "promoters"
where = "rfm.total >= 10 and nps >= 9"
[[rules]]
segment = "champions"
where = "rfm.recency >= 4 and purchases.monetary >= 50 EUR and account.country in {'DE', 'FR'}"
"""


def test_the_first_rule_that_holds_gives_the_segment(tmp_path: Path) -> None:
    file = tmp_path / "segments.toml"
    file.write_text(RULES, encoding="utf-8")
    segmenter = Segmentation.load(file).compile()
    values = customer_values(account=ACME, summary=SUMMARY, scores=SCORES)
    found = segmenter.assign(AccountId("acme"), values, on=DAY)
    assert (found.segment, found.segmentation) == ("champions", "rfm/1")
    assert segmenter.segment({**values, "nps": Decimal(9)}) == "promoters"
    assert pickle.loads(pickle.dumps(segmenter)).segment({}) == "regulars"
    (unmet,) = segmenter.why_not("promoters", values)
    assert str(unmet).startswith("nps >= 9")
    assert segmenter.why_not("champions", values) == ()


def test_who_is_in_no_segment_has_no_rule() -> None:
    segmenter = Segmentation(id="x", rules=(), otherwise="all").compile()
    assert segmenter.assign(AccountId("a"), {}, on=DAY).rule is None


@pytest.mark.parametrize(
    ("rules", "codes"),
    [
        ((("a", "rfm.totl > 1"),), ["formula"]),
        ((("a", "rfm.total > 5 and rfm.total < 3"),), ["contradictory_condition"]),
        ((("a", "rfm.total > 5"), ("b", "rfm.total > 9")), ["shadowed"]),
        ((("a", "rfm.total > 9"), ("b", "rfm.total > 5")), []),
    ],
)
def test_rules_that_cannot_work_are_found(rules: tuple[tuple[str, str], ...], codes: list[str]) -> None:
    made = Segmentation(id="x", rules=tuple(SegmentRule(*rule) for rule in rules), otherwise="rest")
    assert [finding.code for finding in made.findings] == codes
    if codes and codes != ["shadowed"]:
        with pytest.raises(InvalidDefinition):
            made.compile()
