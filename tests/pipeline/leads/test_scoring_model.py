"""Models learnt from a history: weights by hand, honest reports, leaks, hostile files."""

from __future__ import annotations

import pickle
import random
from decimal import Decimal
from math import exp, log
from typing import Any

import pytest

from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import InvalidInput, SalesError
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.percent import Percent
from salesmgmt.engines.calibration import PlattMap, area_under_curve, stratified_folds
from salesmgmt.pipeline.leads import (
    Band,
    FieldWeights,
    FittedLeadModel,
    LeadField,
    LeadModel,
    NoLeadModel,
    PastLead,
    fit_lead_model,
)


def many(values: dict[str, Any], won: int, lost: int) -> list[PastLead]:
    return [PastLead(values, won=True)] * won + [PastLead(values, won=False)] * lost


def fitted(history: list[PastLead], *fields: Any, **options: Any) -> FittedLeadModel:
    found = fit_lead_model(history, fields=fields, **options)
    assert isinstance(found, FittedLeadModel)
    return found


SOURCES = many({"source": "fair"}, 60, 40) + many({"source": "web"}, 40, 160)


def test_weights_are_the_smoothed_log_odds_of_each_value() -> None:
    model = fitted(SOURCES, "source").model

    assert model.base == Decimal(f"{log(100 / 200):.6f}")
    assert model.fields[0].weights["fair"] == Decimal(f"{log((61 / 102) / (41 / 202)):.6f}")
    assert model.fields[0].weights["web"] == Decimal(f"{log((41 / 102) / (161 / 202)):.6f}")


def test_evidence_adds_up_exactly_and_unknown_or_missing_values_are_passed_over() -> None:
    scorer = fitted(
        SOURCES, "source", bands=[Band(name="hot", minimum=50), Band(name="cold", minimum=0)]
    ).model.compile()

    score = scorer.score_values({"source": "fair"})
    assert sum(one.log_odds for one in score.evidence) == score.log_odds
    assert (score.band, scorer.score_values({"source": "web"}).band) == ("hot", "cold")
    for values in ({}, {"source": ""}, {"source": "moon"}, {"source": 3}, {"source": frozenset({"fair"})}):
        assert [one.field for one in scorer.score_values(values).evidence] == ["base rate"]


def test_missing_is_a_value_of_its_own_when_asked() -> None:
    history = many({"source": "fair"}, 60, 40) + many({"source": None}, 10, 90)

    weights = fitted(history, LeadField("source", missing_counts=True)).model.fields[0]

    assert weights.missing == Decimal(f"{log((11 / 72) / (91 / 132)):.6f}")


def test_numbers_fall_into_bins_of_equal_mass() -> None:
    history = [
        PastLead({"size": Decimal(size)}, won=number < size) for size in range(10) for number in range(20)
    ]

    weights = fitted(history, LeadField("size", bins=2), minimum=40).model.fields[0]

    assert weights.edges == (Decimal(5),)
    # below 5 won are 0+1+2+3+4 of 100, from 5 on 5+6+7+8+9
    assert weights.bins[1] == Decimal(f"{log((36 / 47) / (66 / 157)):.6f}")
    assert [weights.label(place) for place in (0, 1)] == ["below 5", "5 and more"]


def noisy(seed: int, n: int) -> list[PastLead]:
    """Two copies of one field, so that naive Bayes claims too much."""
    dice = random.Random(seed)
    history = []
    for _ in range(n):
        place = dice.choice("abcd")
        chance = {"a": 0.15, "b": 0.3, "c": 0.5, "d": 0.7}[place]
        history.append(PastLead({"one": place, "two": place, "three": place}, won=dice.random() < chance))
    return history


def test_what_naive_bayes_claims_too_much_is_calibrated_and_the_report_says_how_well() -> None:
    report = fitted(noisy(1, 2_000), "one", "two", "three").report
    losses = {trial.calibration.value: trial.log_loss.value for trial in report.trials}

    assert report.chosen.value in {"platt", "isotonic"}
    assert losses[report.chosen.value] == min(losses.values()) < losses["none"]
    assert report.brier.value < report.base_brier
    assert report.calibration_error < 0.05
    assert sum(one.n for one in report.bins) == report.n == 2_000


def test_a_field_of_noise_is_not_praised() -> None:
    dice = random.Random(5)
    history = [PastLead({"coin": dice.choice("ab")}, won=dice.random() < 0.3) for _ in range(600)]

    low, high = fitted(history, "coin").report.auc.interval(0.999)

    assert low < 0.5 < high


def test_the_order_of_the_history_and_nothing_but_the_seed_matters() -> None:
    history = noisy(2, 400)
    shuffled = history[:]
    random.Random(9).shuffle(shuffled)

    assert fitted(history, "one", "two", seed=4) == fitted(shuffled, "one", "two", seed=4)


def test_a_field_that_tells_the_outcome_is_left_out_unless_it_is_trusted() -> None:
    history = [
        PastLead({**lead.values, "closed by": "ana" if lead.won else ""}, won=lead.won) for lead in SOURCES
    ]
    leak = LeadField("closed by", missing_counts=True)

    found = fitted(history, "source", leak)
    assert [(finding.code, finding.where) for finding in found.report.findings] == [
        ("tells_outcome", "fields.closed by")
    ]
    assert [field.name for field in found.model.fields] == ["source"]
    trusted = fitted(history, "source", leak, trusted={"closed by"})
    assert [field.name for field in trusted.model.fields] == ["source", "closed by"]


def test_thousands_of_distinct_values_say_nothing() -> None:
    history = [
        PastLead({"mail": f"{number}@example.org", **lead.values}, won=lead.won)
        for number, lead in enumerate(SOURCES)
    ]

    found = fitted(history, "source", "mail")

    assert [(finding.code, finding.where) for finding in found.report.findings] == [
        ("says_nothing", "fields.mail")
    ]


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ([], "too_few"),
        (many({"source": "fair"}, 500, 0), "too_few"),
        (many({"source": "fair"}, 500, 49), "too_few"),
        (many({"source": "fair"}, 80, 80), "nothing_told"),
        (many({}, 80, 80), "nothing_told"),
    ],
)
def test_a_history_that_teaches_nothing_gives_no_model(history: list[PastLead], reason: str) -> None:
    found = fit_lead_model(history, fields=["source"])

    assert isinstance(found, NoLeadModel)
    assert found.reason.value == reason


@pytest.mark.parametrize(
    "name",
    [
        "lead.status",
        "lead.reason",
        "lead.deal",
        "lead.score.points",
        "lead.sauce",
        "lead",
        "lead.fields",
        "",
        3,
    ],
)
def test_fields_that_are_known_afterwards_or_not_at_all_are_refused(name: Any) -> None:
    with pytest.raises(InvalidInput):
        fit_lead_model(SOURCES, fields=[name])


@pytest.mark.parametrize(
    "value", [0.5, float("nan"), Decimal("NaN"), Decimal("Infinity"), object(), b"web", {"a": 1}, [1]]
)
def test_values_that_no_model_reads_are_refused_with_their_place(value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        fit_lead_model([*SOURCES, PastLead({"source": value}, won=True)], fields=["source"])

    assert [problem.path for problem in caught.value.problems] == ["history[300].values.source"]


@pytest.mark.parametrize(
    "options",
    [{"fields": []}, {"fields": ["source", "source"]}, {"folds": 1}, {"minimum": 0}, {"smoothing": 0}],
)
def test_nonsense_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        fit_lead_model(SOURCES, **{"fields": ["source"], **options})


def test_a_model_comes_back_from_json_and_pickle_and_is_known_by_its_digest() -> None:
    model = fitted(noisy(1, 2_000), "one", "two", "three").model
    codec = Codec()
    again = codec.from_json(LeadModel, codec.to_json(model))

    assert again == model
    assert again.digest == model.compile().score_values({}).digest
    assert pickle.loads(pickle.dumps(model.compile())).score_values(
        {"one": "a"}
    ) == model.compile().score_values({"one": "a"})


def weights(**changes: Any) -> FieldWeights:
    return FieldWeights(**{"name": "size", "kind": "category", **changes})


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ({"fields": (weights(), weights())}, "duplicate_id"),
        ({"fields": (weights(name="lead.status"),)}, "known_afterwards"),
        ({"fields": (weights(weights={"a": Decimal("1e30")}),)}, "log_odds"),
        ({"fields": (weights(weights={"a": Decimal("NaN")}),)}, "log_odds"),
        ({"fields": (weights(weights={"a": Decimal("0.0000001")}),)}, "log_odds"),
        ({"fields": (weights(edges=(Decimal(1),)),)}, "bins_and_edges"),
        ({"fields": (weights(kind="number", edges=(Decimal(1),), bins=(Decimal(1),)),)}, "bins_and_edges"),
        (
            {"fields": (weights(kind="number", edges=(Decimal(2), Decimal(1)), bins=(Decimal(1),) * 3),)},
            "edges_order",
        ),
        ({"base": Decimal(-900)}, "log_odds"),
        ({"bands": (Band(name="hot", minimum=101),)}, "unreachable_band"),
        ({"calibration": PlattMap(slope=-1.0, intercept=0.0)}, "reversed_calibration"),
    ],
)
def test_a_model_that_cannot_work_is_refused(model: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        LeadModel(**{"id": "m", "base": Decimal(0), "fields": (), **model}).compile()

    assert {finding.code for finding in caught.value.findings} == {code}


@pytest.mark.parametrize(
    "calibration",
    [
        {"type": "IsotonicMap", "scores": [2, 1], "probabilities": [0.1, 0.2]},
        {"type": "IsotonicMap", "scores": [1, 2], "probabilities": [0.3, 0.2]},
        {"type": "Pickle", "data": "x"},
        {"type": "PlattMap", "slope": "1", "intercept": 0},
    ],
)
def test_hostile_calibrations_are_refused(calibration: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Codec().from_dict(LeadModel, {"id": "m", "base": "0", "fields": [], "calibration": calibration})


def test_a_score_is_never_certain() -> None:
    model = LeadModel(id="m", base=Decimal(100), fields=())

    assert model.compile().score_values({}).probability == Percent("99.99")


def test_a_history_of_noise_never_gives_a_model_that_cannot_be_compiled() -> None:
    # Noise makes Platt's curve fall in about half of all histories; then it is level, at the share of won leads or so.
    for seed in range(12):
        dice = random.Random(seed)
        history = [
            PastLead({f"f{number}": f"v{dice.randrange(10)}" for number in range(4)}, won=dice.random() < 0.4)
            for _ in range(200)
        ]
        fields = [LeadField(f"f{number}", min_count=1) for number in range(4)]

        found = fitted(history, *fields, seed=seed)

        assert 10 < found.model.compile().score_values({"f0": "v1", "f1": "v2"}).points < 75
        assert found.report.log_loss.value > found.report.base_log_loss - 0.03


def test_the_judged_chances_are_near_the_truth_on_data_whose_truth_is_known() -> None:
    dice = random.Random(5)
    weights = {"a": -0.9, "b": -0.2, "c": 0.3, "d": 1.0}
    history, truths = [], []
    for _ in range(4000):
        values = {f"f{number}": dice.choice("abcd") for number in range(4)}
        chance = 1 / (1 + exp(1 - sum(weights[value] for value in values.values())))
        truths.append(chance)
        history.append(PastLead(values, won=dice.random() < chance))

    report = fitted(history, *(f"f{number}" for number in range(4)), seed=2).report

    best = area_under_curve(truths, [lead.won for lead in history])
    assert best is not None
    assert abs(report.auc.value - best.value) < 0.01
    assert report.calibration_error < 2 * report.chance_calibration_error


def test_a_seed_that_is_no_number_is_refused_as_it_would_split_anew_each_time() -> None:
    for seed in (None, 0.5, "x", float("nan")):
        with pytest.raises(InvalidInput, match="seed"):
            fit_lead_model([], fields=["f"], seed=seed)  # type: ignore[arg-type]
        with pytest.raises(InvalidInput, match="seed"):
            stratified_folds([True, False], seed=seed)  # type: ignore[arg-type]


def test_figures_that_are_no_whole_numbers_and_kinds_that_are_none_are_refused() -> None:
    for options in ({"bins": 2.5}, {"values": True}, {"min_count": "3"}, {"kind": "text"}):
        with pytest.raises(SalesError):
            LeadField("f", **options)
