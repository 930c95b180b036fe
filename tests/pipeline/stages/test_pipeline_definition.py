from __future__ import annotations

import pickle
from pathlib import Path

import attrs
import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition, Severity
from salesmgmt.core.formula import MONEY, NUMBER, TEXT
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.stages import (
    Condition,
    ForecastCategory,
    Pipeline,
    PipelineDefinition,
    Stage,
    StageKind,
    Transition,
)

UNREQUIRED = [
    ("unrequired_field", "stages.negotiation.entry.size"),
    ("unrequired_field", "transitions[3].conditions.seats"),
]
"""Who skips the proposal in the enterprise pipeline was never asked for an amount; for seats nobody ever is."""

TALK = PipelineDefinition(
    id="walk-in",
    version=1,
    initial="talk",
    stages=(
        Stage("talk", probability=Percent(20)),
        Stage("offer", probability=Percent(60)),
        Stage("won", kind=StageKind.WON),
        Stage("lost", kind=StageKind.LOST),
    ),
    transitions=(
        Transition("talk", "offer"), Transition("offer", "won"), Transition(("talk", "offer"), "lost"),
    ),
)  # fmt: skip


def _codes(definition: PipelineDefinition) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in definition.findings]


def _with_stage(position: int, **changes: object) -> PipelineDefinition:
    stages = list(TALK.stages)
    stages[position] = attrs.evolve(stages[position], **changes)  # type: ignore[arg-type]
    return attrs.evolve(TALK, stages=tuple(stages))


def test_a_sound_definition_has_no_findings(enterprise: Pipeline) -> None:
    assert _codes(TALK) == []
    assert sorted(_codes(enterprise.definition)) == UNREQUIRED


def test_a_definition_is_read_from_toml(enterprise: Pipeline) -> None:
    definition = enterprise.definition

    assert (definition.id, definition.version, definition.initial) == ("enterprise", 3, "qualification")
    assert definition.stages[1] == Stage(
        "proposal",
        probability=Percent(40),
        category=ForecastCategory.BEST_CASE,
        required=("amount", "decision_maker"),
        rot_after_days=21,
    )
    assert definition.transitions[3] == Transition(
        "qualification", "negotiation", (Condition("seats", "deal.seats >= 100"),), ("manager",)
    )
    assert definition.loss_reasons == ("price", "competitor", "no decision")


@pytest.mark.parametrize(
    ("kind", "probability", "category"),
    [
        (StageKind.OPEN, 0, ForecastCategory.PIPELINE),
        (StageKind.WON, 100, ForecastCategory.CLOSED),
        (StageKind.LOST, 0, ForecastCategory.OMITTED),
    ],
)
def test_the_kind_of_a_stage_gives_its_defaults(
    kind: StageKind, probability: int, category: ForecastCategory
) -> None:
    stage = Stage("x", kind=kind)

    assert (stage.probability, stage.category) == (Percent(probability), category)


def test_conditions_may_use_the_deal_the_hosts_fields_and_the_facts(enterprise: Pipeline) -> None:
    schema = enterprise.definition.schema

    assert schema["deal.amount"] == MONEY
    assert schema["deal.seats"] == NUMBER
    assert schema["legal.state"] == TEXT


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (_with_stage(1, probability=Percent(101)), ("probability_range", "stages.offer")),
        (_with_stage(0, probability=Percent(-1)), ("probability_range", "stages.talk")),
        (_with_stage(0, probability=Percent(0)), ("probability_at_odds", "stages.talk")),
        (_with_stage(1, probability=Percent(100)), ("probability_at_odds", "stages.offer")),
        (_with_stage(2, probability=Percent(90)), ("probability_at_odds", "stages.won")),
        (_with_stage(3, probability=Percent(5)), ("probability_at_odds", "stages.lost")),
        (_with_stage(1, probability=Percent(10)), ("probability_not_monotone", "stages.offer")),
        (_with_stage(0, category=ForecastCategory.CLOSED), ("category_at_odds", "stages.talk")),
        (_with_stage(2, category=ForecastCategory.COMMIT), ("category_at_odds", "stages.won")),
        (_with_stage(3, category=ForecastCategory.PIPELINE), ("category_at_odds", "stages.lost")),
        (_with_stage(0, rot_after_days=0), ("rot_limit", "stages.talk")),
        (_with_stage(2, rot_after_days=9), ("rot_limit", "stages.won")),
        (_with_stage(1, required=("amout",)), ("required_field", "stages.offer.required")),
        (_with_stage(1, entry=(Condition("x", "deal.amout > 0 EUR"),)), ("formula", "stages.offer.entry.x")),
        (_with_stage(1, entry=(Condition("x", "deal.amount > 5"),)), ("formula", "stages.offer.entry.x")),
        (attrs.evolve(TALK, fields={"amount": "money"}), ("name_taken", "fields.amount")),
        (attrs.evolve(TALK, fields={"two words": "text"}), ("not_a_name", "fields.two words")),
        (attrs.evolve(TALK, facts={"deal.rival": "text"}), ("fact_prefix", "facts.deal.rival")),
        (attrs.evolve(TALK, facts={"a and b": "bool"}), ("not_a_name", "facts.a and b")),
        (attrs.evolve(TALK, facts={"\ufb01t": "bool"}), ("not_a_name", "facts.\ufb01t")),
    ],
    ids=lambda value: f"{value[0]}-{value[1]}" if isinstance(value, tuple) else "",
)
def test_each_fault_is_found_at_its_place(definition: PipelineDefinition, expected: tuple[str, str]) -> None:
    assert _codes(definition) == [expected]


def test_a_pipeline_where_nothing_can_be_won_is_refused() -> None:
    stages = tuple(stage for stage in TALK.stages if stage.kind is not StageKind.WON)
    moves = tuple(move for move in TALK.transitions if move.target != "won")

    assert _codes(attrs.evolve(TALK, stages=stages, transitions=moves)) == [
        ("no_won_stage", "stages"),
        ("no_path_to_won", "stages.talk"),
        ("no_path_to_won", "stages.offer"),
    ]


def test_required_and_missing_contradict_each_other() -> None:
    definition = _with_stage(1, required=("amount",))
    moves = (
        Transition("talk", "offer", (Condition("free", "deal.amount is missing"),)),
        *TALK.transitions[1:],
    )

    assert _codes(attrs.evolve(definition, transitions=moves)) == [("contradictory_guard", "transitions[0]")]


def test_the_graph_speaks_of_stages() -> None:
    moves = TALK.transitions[:1]

    findings = attrs.evolve(TALK, transitions=moves).findings

    assert [(finding.code, finding.where) for finding in findings] == [
        ("unreachable", "stages.won"), ("unreachable", "stages.lost"), ("dead_end", "stages.offer"),
        ("no_path_to_final", "stages.talk"),
    ]  # fmt: skip
    assert "stage" in str(findings[2])


def test_warnings_let_the_definition_through_and_errors_do_not(tmp_path: Path, toml: str) -> None:
    file = tmp_path / "p.toml"
    file.write_text(toml.replace("percent = 75", "percent = 30"), encoding="utf-8")

    assert [(f.code, f.severity) for f in PipelineDefinition.load(file).findings] == [
        ("probability_not_monotone", Severity.WARNING),
        ("unrequired_field", Severity.WARNING),
        ("unrequired_field", Severity.WARNING),
    ]

    file.write_text(toml.replace('kind = "won"', 'kind = "won"\ncategory = "commit"'), encoding="utf-8")
    with pytest.raises(InvalidDefinition, match="pipeline 'enterprise' cannot work") as refusal:
        PipelineDefinition.load(file)
    assert [(f.code, f.where) for f in refusal.value.findings] == [("category_at_odds", "stages.won")]


def test_all_errors_are_refused_at_once(tmp_path: Path, toml: str) -> None:
    file = tmp_path / "p.toml"
    faulty = (
        toml.replace("deal.seats >=", "deal.seat >=")
        .replace('"amount", ', '"amont", ')
        .replace("reopens = true", "")
    )
    file.write_text(faulty, encoding="utf-8")

    with pytest.raises(InvalidDefinition) as refusal:
        PipelineDefinition.load(file)

    assert [(f.code, f.where) for f in refusal.value.findings] == [
        ("required_field", "stages.proposal.required"),
        ("final_with_exit", "transitions[6]"),
        ("formula", "transitions[3].conditions.seats"),
    ]
    assert "did you mean deal.seats" in str(refusal.value)


HOSTILE = [
    ('id = "enterprise"', "", "id"),
    ("version = 3", 'version = "three"', "version"),
    ("version = 3", "version = 3\nautor = 'x'", "autor"),
    ('kind = "won"', 'kind = "win"', "stages[3].kind"),
    ('category = "commit"', 'category = "sure"', "stages[2].category"),
    ("probability.percent = 10", "probability = 'ten'", "stages[0].probability"),
    ("probability.percent = 10", "probability.percent = nan", "stages[0].probability.percent"),
    ("rot_after_days = 14", "rot_after_days = 1.5", "stages[0].rot_after_days"),
    ('seats = "number"', 'seats = "integer"', "fields.seats"),
    ('"contract.signed" = "bool"', '"contract.signed" = true', "facts['contract.signed']"),
    ("reopens = true", "reopens = 1", "transitions[6].reopens"),
    ('source = "lost"', "source = 7", "transitions[6].source"),
    ('roles = ["manager"]\nconditions', 'roles = "manager"\nconditions', "transitions[3].roles"),
    ('[[stages]]\nid = "lost"', "[[stages]]\nid = 5", "stages[4].id"),
]  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "path"), HOSTILE, ids=[path for _, _, path in HOSTILE])
def test_a_document_of_another_shape_is_refused_with_its_path(
    tmp_path: Path, toml: str, good: str, bad: str, path: str
) -> None:
    assert good in toml
    file = tmp_path / "p.toml"
    file.write_text(toml.replace(good, bad, 1), encoding="utf-8")

    with pytest.raises(InvalidInput) as refusal:
        PipelineDefinition.load(file)

    assert path in [problem.path for problem in refusal.value.problems]


@pytest.mark.parametrize(
    "text",
    ["", "stages = 5", "stages = [", "\0", "a" * 100_000, "[" * 5_000, 'id = "x"\nid = "y"', "stages = [{}]"],
)
def test_nonsense_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "p.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidInput):
        PipelineDefinition.load(file)


def test_a_definition_without_end_is_refused_in_bounded_time() -> None:
    assert _codes(_with_stage(0, required=("x",) * 6_000)) == [("too_large", "the definition")]
    assert _codes(attrs.evolve(TALK, transitions=TALK.transitions * 2_000)) == [
        ("too_large", "the definition")
    ]


def test_a_pipeline_pickles_its_definition_and_is_compiled_anew(enterprise: Pipeline) -> None:
    copy: Pipeline = pickle.loads(pickle.dumps(enterprise))

    assert copy.definition == enterprise.definition
    assert copy.digest == enterprise.digest
    assert copy.to_mermaid() == enterprise.to_mermaid()


def test_the_digest_follows_the_meaning() -> None:
    assert TALK.digest == attrs.evolve(TALK).digest
    assert TALK.digest != _with_stage(0, probability=Percent(21)).digest


def test_the_diagram_shows_stages_and_their_conditions(enterprise: Pipeline) -> None:
    lines = enterprise.to_mermaid().splitlines()

    assert '    state "negotiation" as s2' in lines
    assert "    s0 --> s2 : if size, seats by manager" in lines
    assert "    s4 --> [*]" in lines
