from __future__ import annotations

from decimal import Decimal
from random import Random

import attrs
import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.engines.matching import BlockingKey, Comparison, KeyPart, Level, Likeness, MatchModel, learn


def compare(field: str, m: Decimal = Decimal("0.9"), u: Decimal = Decimal("0.1")) -> Comparison:
    return Comparison(
        field=field,
        levels=(
            Level(id="same", like=Likeness.EQUAL, m=m, u=u),
            Level(id="other", like=Likeness.OTHERWISE, m=1 - m, u=1 - u),
        ),
    )


MODEL = MatchModel(
    id="people",
    prior=Decimal("0.01"),
    comparisons=(compare("name"), compare("town"), compare("year")),
    blocking=(BlockingKey(id="block", parts=(KeyPart(field="block"),)),),
)
MODEL = attrs.evolve(MODEL, comparisons=(*MODEL.comparisons, compare("block", u=Decimal("0.02"))))


def people(seed: int) -> dict[str, dict[str, str | None]]:
    """In each of 500 blocks two strangers, and in half of them one of these again.

    Strangers share a name in 1 of 50, a town in 1 of 10 and a year in 1 of 5; copies keep them in 90, 80 and 70 %.
    """
    random = Random(seed)

    def person(block: int) -> dict[str, str | None]:
        return {
            "block": str(block),
            "name": f"n{random.randrange(50)}",
            "town": f"t{random.randrange(10)}",
            "year": f"y{random.randrange(5)}",
        }

    made = {}
    for block in range(500):
        first = made[f"{block}a"] = person(block)
        made[f"{block}b"] = person(block)
        if block % 2:
            made[f"{block}c"] = first | {
                field: first[field] if random.random() < kept else f"changed {random.random()}"
                for field, kept in (("name", 0.9), ("town", 0.8), ("year", 0.7))
            }
    return made


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_probabilities_that_made_the_records_are_found_again(seed: int) -> None:
    learnt = learn(MODEL, people(seed))

    assert learnt.settled
    # 250 blocks hold one pair and 250 three; of these 1,000 pairs 250 are the same.
    assert learnt.pairs == 1_000
    assert learnt.matched == pytest.approx(0.25, abs=0.05)
    name, town, year, _ = (comparison.levels[0] for comparison in learnt.model.comparisons)
    assert float(name.m) == pytest.approx(0.9, abs=0.08)
    assert float(town.m) == pytest.approx(0.8, abs=0.08)
    assert float(year.m) == pytest.approx(0.7, abs=0.08)


def test_the_order_of_the_records_does_not_matter_and_the_model_works() -> None:
    records = people(1)
    learnt = learn(MODEL, records)

    again = learn(MODEL, dict(reversed(records.items())))

    assert learnt == again
    assert learnt.model.version == MODEL.version + 1
    assert learnt.model.findings == ()


def test_how_strangers_agree_stays_as_it_was() -> None:
    learnt = learn(MODEL, people(1)).model

    assert [[level.u for level in one.levels] for one in learnt.comparisons] == [
        [level.u for level in one.levels] for one in MODEL.comparisons
    ]


def test_a_field_that_nobody_fills_keeps_its_probabilities() -> None:
    empty = {key: {**record, "year": None} for key, record in people(1).items()}

    learnt = learn(MODEL, empty)

    assert learnt.model.comparisons[2].levels == MODEL.comparisons[2].levels


@pytest.mark.parametrize("records", [{}, {"a": {"name": "x"}}, {"a": {"block": "1"}, "b": {"block": "2"}}])
def test_records_that_teach_nothing_are_refused(records: dict[str, dict[str, str | None]]) -> None:
    with pytest.raises(InvalidInput) as caught:
        learn(MODEL, records)

    assert [(problem.path, problem.code) for problem in caught.value.problems] == [("records", "too_few")]
