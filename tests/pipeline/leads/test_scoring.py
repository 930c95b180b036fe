from __future__ import annotations

import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.pipeline.leads import Band, Contribution, Lead, ScoreCard, ScoreRule, record_score

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CARD = """
id = "b2b"
version = 3

[facts]
"lead.fields.employees" = "number"
visits = "number"
products = "set of text"

[[rules]]
id = "referred"
when = "lead.source in {'referral', 'partner'}"
points = 30

[[rules]]
id = "large"
when = "lead.fields.employees >= 50"
points = 25

[[rules]]
id = "keen"
when = "visits >= 3 and 'lift' in products"
points = 20

[[rules]]
id = "no phone"
when = "lead.phone is missing"
points = -10

[[bands]]
name = "cold"
minimum = -10

[[bands]]
name = "hot"
minimum = 50

[[bands]]
name = "warm"
minimum = 20
"""


@pytest.fixture
def card(tmp_path: Path) -> ScoreCard:
    file = tmp_path / "card.toml"
    file.write_text(CARD, encoding="utf-8")
    return ScoreCard.load(file)


def lead(**changes: Any) -> Lead:
    return attrs.evolve(Lead(id="l1", name="Ana", created_at=NOW), **changes)


def test_every_condition_that_holds_gives_its_points(card: ScoreCard) -> None:
    score = card.compile().score(
        lead(source="partner", fields={"employees": 50}), {"visits": 3, "products": frozenset({"lift"})}
    )

    assert score.points == 30 + 25 + 20 - 10
    assert score.band == "hot"
    assert score.contributions == (
        Contribution(rule="referred", points=30),
        Contribution(rule="large", points=25),
        Contribution(rule="keen", points=20),
        Contribution(rule="no phone", points=-10),
    )
    assert (score.card, score.card_version) == ("b2b", 3)


@pytest.mark.parametrize(
    ("changes", "points", "band"),
    [
        ({}, -10, "cold"),
        ({"phone": "030 12345"}, 0, "cold"),
        ({"source": "referral"}, 20, "warm"),
        ({"source": "referral", "phone": "1", "fields": {"employees": 49}}, 30, "warm"),
        ({"source": "referral", "phone": "1", "fields": {"employees": 50}}, 55, "hot"),
    ],
)
def test_points_fall_into_the_highest_band_they_reach(
    card: ScoreCard, changes: dict[str, Any], points: int, band: str
) -> None:
    score = card.compile().score(lead(**changes))

    assert (score.points, score.band) == (points, band)


def test_a_card_without_findings_and_its_scorer_pickle(card: ScoreCard) -> None:
    scorer = pickle.loads(pickle.dumps(card.compile()))

    assert card.findings == ()
    assert scorer.score(lead()) == card.compile().score(lead())


def test_a_score_is_kept_with_the_lead_once(card: ScoreCard) -> None:
    score = card.compile().score(lead())

    scored, events = record_score(lead(), score, at=NOW, by=Actor("crm"))

    assert scored.score == score
    assert [event.score for event in events] == [score]  # type: ignore[attr-defined]
    assert record_score(scored, score, at=NOW, by=Actor("crm")) == (scored, ())


def rule(name: str = "r", when: str = "lead.country == 'DE'", points: int = 10) -> ScoreRule:
    return ScoreRule(id=name, when=when, points=points)


def made(*rules: ScoreRule, bands: tuple[Band, ...] = (), facts: Any = None) -> ScoreCard:
    return ScoreCard(id="c", facts=facts or {}, rules=rules or (rule(),), bands=bands)


def band(name: str, minimum: int) -> Band:
    return Band(name=name, minimum=minimum)


@pytest.mark.parametrize(
    ("card", "code", "where"),
    [
        (made(rule(), rule()), "duplicate_id", "rules.r"),
        (made(rule(when="lead.contry == 'DE'")), "formula", "rules.r"),
        (made(rule(when="lead.score.points + 1")), "formula", "rules.r"),
        (made(rule(when="lead.country > ")), "formula", "rules.r"),
        (
            made(rule(when="lead.country == 'DE' and lead.country == 'FR'")),
            "contradictory_condition",
            "rules.r",
        ),
        (made(facts={"visits": "numbr"}), "unknown_type", "facts.visits"),
        (made(facts={"lead.source": "text"}), "name_taken", "facts.lead.source"),
        (made(facts={"two words": "text"}), "not_a_name", "facts.two words"),
        (made(bands=(band("hot", 11),)), "unreachable_band", "bands.hot"),
        (made(bands=(band("a", 5), band("b", 5))), "unreachable_band", "bands.a"),
        (made(bands=(band("a", -9), band("b", 0))), "unreachable_band", "bands.a"),
        (made(bands=(band("a", 0), band("a", 5))), "duplicate_id", "bands.a"),
    ],
)
def test_a_card_that_cannot_work_is_refused(card: ScoreCard, code: str, where: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        card.compile()

    assert (code, where) in [(finding.code, finding.where) for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("card", "code"),
    [
        (made(rule(points=0)), "no_points"),
        (made(facts={"visits": "number"}), "unused_fact"),
        (made(bands=(band("warm", 5),)), "below_every_band"),
    ],
)
def test_a_card_that_may_not_work_as_meant_is_warned_about(card: ScoreCard, code: str) -> None:
    assert [finding.code for finding in card.findings] == [code]
    assert card.compile().score(lead()).band is None


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "card.toml"
    file.write_text('id = "c"\n[[rules]]\nid = "a"\nwen = "true"\npoints = 1.5\n', encoding="utf-8")

    with pytest.raises(InvalidInput) as caught:
        ScoreCard.load(file)

    assert {problem.path for problem in caught.value.problems} == {
        "rules[0].wen",
        "rules[0].when",
        "rules[0].points",
    }
