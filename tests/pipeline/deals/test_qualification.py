from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import FloatRefused, InvalidInput, UnknownOption
from salesmgmt.core.exact import NotANumber
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import (
    CardAnswer,
    Criterion,
    Deal,
    QualificationCard,
    ShippedCard,
    qualify_deal,
    shipped_card,
    tick,
    untick,
)

WHEN: Any = {"at": datetime(2026, 3, 3, 9, tzinfo=UTC), "by": Actor("li.wei")}
YES_NO = (CardAnswer("no", Decimal(0)), CardAnswer("yes", Decimal(4)))
CARD = QualificationCard(
    id="fit", version=2, criteria=(Criterion("need", YES_NO, weight=Decimal(3)), Criterion("budget", YES_NO))
)


def _faults(refusal: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("answers", "share", "missing"),
    [
        ({}, 0, ("need", "budget")),
        ({"budget": "yes"}, 25, ("need",)),
        ({"need": "yes", "budget": "no"}, 75, ()),
        ({"need": "yes", "budget": "yes"}, 100, ()),
    ],
)
def test_a_share_is_the_weighted_points_reached(
    answers: Mapping[str, str], share: int, missing: tuple[str, ...]
) -> None:
    score = CARD.score(answers)

    assert (score.share, score.missing, score.is_complete) == (Percent(share), missing, not missing)
    assert (score.card, score.version, score.answers) == ("fit", 2, answers)


criteria = st.lists(
    st.tuples(st.integers(1, 9), st.lists(st.integers(0, 9), min_size=1, max_size=4).filter(any)),
    min_size=1,
    max_size=6,
)


@given(criteria, st.data())
def test_a_share_agrees_with_fractions_and_lies_between_nothing_and_all(
    drawn: Sequence[tuple[int, list[int]]], data: st.DataObject
) -> None:
    card = QualificationCard(
        id="any",
        version=1,
        criteria=tuple(
            Criterion(
                f"c{place}",
                tuple(CardAnswer(f"a{index}", Decimal(points)) for index, points in enumerate(answers)),
                weight=Decimal(weight),
            )
            for place, (weight, answers) in enumerate(drawn)
        ),
    )
    chosen = {place: data.draw(st.integers(0, len(answers) - 1)) for place, (_, answers) in enumerate(drawn)}

    share = card.score({f"c{place}": f"a{index}" for place, index in chosen.items()}).share

    reached = Fraction(0)
    for place, (weight, answers) in enumerate(drawn):
        reached += Fraction(weight * answers[chosen[place]], max(answers))
    exact = 100 * reached / sum(weight for weight, _ in drawn)
    assert abs(Fraction(share.points) - exact) < Fraction(1, 10**25)
    assert 0 <= share.points <= 100


@pytest.mark.parametrize("name", list(ShippedCard))
def test_shipped_cards_go_from_nothing_to_all(name: ShippedCard) -> None:
    card = shipped_card(name)
    best = {one.id: max(one.answers, key=lambda answer: answer.points).id for one in card.criteria}

    assert card.findings == ()
    assert card.id == name.value
    assert all(one.question and one.name for one in card.criteria)
    assert (card.score(best).share, card.score({}).share) == (Percent(100), Percent(0))


def test_the_letters_of_the_shipped_cards() -> None:
    letters = {name: "".join(one.name[0] for one in shipped_card(name).criteria) for name in ("bant", "spin")}
    assert letters == {"bant": "BANT", "spin": "SPIN"}
    assert [one.name for one in shipped_card("meddicc").criteria] == [
        "Metrics", "Economic buyer", "Decision criteria", "Decision process", "Identified pain", "Champion", "Competition",
    ]  # fmt: skip
    with pytest.raises(UnknownOption, match="bant"):
        shipped_card("../secret")


def test_answers_are_added_to_and_taken_back(deal: Deal) -> None:
    deal, (first,) = qualify_deal(deal, CARD, {"need": "yes"}, **WHEN)
    deal, (second,) = qualify_deal(deal, CARD, {"budget": "no"}, **WHEN)
    assert deal.qualification["fit"].answers == {"need": "yes", "budget": "no"}
    assert (first.before, second.before) == (None, first.after)

    deal, _ = qualify_deal(deal, CARD, {"need": None}, **WHEN)
    assert (deal.qualification["fit"].share, deal.qualification["fit"].missing) == (Percent(0), ("need",))
    assert qualify_deal(deal, CARD, {"need": None}, **WHEN) == (deal, ())


def test_a_new_version_of_a_card_keeps_the_answers_that_it_still_knows(deal: Deal) -> None:
    deal, _ = qualify_deal(deal, CARD, {"need": "yes", "budget": "yes"}, **WHEN)
    newer = QualificationCard(
        id="fit",
        version=3,
        criteria=(Criterion("need", YES_NO), Criterion("budget", (CardAnswer("approved", Decimal(1)),))),
    )

    deal, _ = qualify_deal(deal, newer, {}, **WHEN)

    score = deal.qualification["fit"]
    assert (score.version, score.answers, score.missing) == (3, {"need": "yes"}, ("budget",))


def test_cards_stand_beside_each_other(deal: Deal) -> None:
    deal, _ = qualify_deal(deal, CARD, {"need": "yes"}, **WHEN)
    deal, _ = qualify_deal(deal, shipped_card("bant"), {"need": "measured"}, **WHEN)

    assert {name: str(score.share) for name, score in deal.qualification.items()} == {
        "fit": "75%",
        "bant": "25%",
    }


def test_every_unknown_answer_is_named(deal: Deal) -> None:
    with pytest.raises(InvalidInput) as refusal:
        qualify_deal(deal, CARD, {"neeed": None, "budget": "yess", "x" * 100_000: "yes"}, **WHEN)

    assert [code for _, code in _faults(refusal)] == [
        "unknown_criterion",
        "unknown_answer",
        "unknown_criterion",
    ]
    assert "did you mean 'need'?" in str(refusal.value)
    assert len(str(refusal.value)) < 2_000


@pytest.mark.parametrize(
    "answers", [["need"], {"need": ["yes"]}, {"need": 4}, {f"c{i}": "yes" for i in range(100_000)}]
)
def test_hostile_answers_are_refused(deal: Deal, answers: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        qualify_deal(deal, CARD, answers, **WHEN)
    assert len(refusal.value.problems) <= 202


HOSTILE = {
    "no_criteria": 'id = "x"\nversion = 1\ncriteria = []',
    "blank_id": 'id = " "\nversion = 1\n[[criteria]]\nid = ""\nanswers = [{id = "", points = 1}]',
    "duplicate_id": 'id = "x"\nversion = 1\n[[criteria]]\nid = "a"\nanswers = [{id = "y", points = 1}, {id = "y", points = 2}]',
    "points": 'id = "x"\nversion = 1\n[[criteria]]\nid = "a"\nanswers = [{id = "y", points = -1}, {id = "z", points = 1e30}]',
    "no_points": 'id = "x"\nversion = 1\n[[criteria]]\nid = "a"\nanswers = []',
    "weight": 'id = "x"\nversion = 1\n[[criteria]]\nid = "a"\nweight = 0\nanswers = [{id = "y", points = 1}]',
    "too_many": 'id = "x"\nversion = 1\n' + '[[criteria]]\nid = "a"\nanswers = []\n' * 201,
}


@pytest.mark.parametrize("code", HOSTILE)
def test_a_card_at_fault_is_refused_with_the_place(code: str, tmp_path: Path) -> None:
    file = tmp_path / "card.toml"
    file.write_text(HOSTILE[code])

    with pytest.raises(InvalidDefinition) as refusal:
        QualificationCard.load(file)

    assert code in {finding.code for finding in refusal.value.findings}
    assert all(finding.where and finding.hint for finding in refusal.value.findings)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id = 5",
        'id = "x"\nversion = "one"\ncriteria = 3',
        'id = "x"\nversion = 1\ncriteria = [{id = "a", answers = [{id = "y", points = "many"}]}]',
        'id = "x"\nversion = 1\ncriteria = []\nfindings = []',
        'id = "x"\nversion = 1\ncriteria = [{id = "a", answers = [{id = "y", points = nan}]}]',
        "[" * 2_000,
        "\x00",
    ],
)
def test_a_file_that_is_no_card_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "card.toml"
    file.write_text(text)

    with pytest.raises(InvalidInput) as refusal:
        QualificationCard.load(file)
    assert refusal.value.problems


def test_a_card_at_fault_made_in_a_program_scores_nothing(deal: Deal) -> None:
    empty = QualificationCard(id="x", version=1, criteria=())

    with pytest.raises(InvalidDefinition):
        qualify_deal(deal, empty, {}, **WHEN)


def test_items_are_ticked_once_and_only_those_of_the_list(deal: Deal) -> None:
    done, (event,) = tick(deal, "demo", checklist=["demo"], **WHEN)
    assert (done.done, event.stage, event.item) == (frozenset({"demo"}), "new", "demo")
    assert tick(done, "demo", **WHEN) == (done, ())
    assert untick(done, "demo", **WHEN)[0] == deal
    assert untick(deal, "demo", **WHEN) == (deal, ())

    for item in ("dmeo", "", 7, "x" * 201):
        with pytest.raises(InvalidInput):
            tick(deal, item, checklist=["demo"], **WHEN)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="did you mean 'demo'"):
        untick(deal, "demoo", checklist=["demo"], **WHEN)


def test_no_more_items_are_done_than_a_list_may_have(deal: Deal) -> None:
    for place in range(1_000):
        deal, _ = tick(deal, f"item {place}", **WHEN)
    with pytest.raises(InvalidInput, match="at most 1000"):
        tick(deal, "one more", **WHEN)


@pytest.mark.parametrize("number", [1.5, Decimal("NaN"), Decimal("Infinity"), None, Decimal("1E-999999")])
def test_points_and_weights_are_exact_numbers(number: Any) -> None:
    with pytest.raises((FloatRefused, NotANumber)):
        CardAnswer("yes", number)
    with pytest.raises((FloatRefused, NotANumber)):
        Criterion("need", (), weight=number)
