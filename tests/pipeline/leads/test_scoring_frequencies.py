"""Frequency tables: the numbers of Odoo's tests (`test_crm_pls.py`), exact fractions, and the laws of the table."""

from __future__ import annotations

import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.leads import (
    Factor,
    FrequencyPolicy,
    FrequencyRow,
    FrequencyTable,
    LeadOutcome,
    LeadProbability,
    LeadRecord,
    NotCounted,
    combine_factors,
    lead_preset,
)

STAGES = ("new", "offer", "won")
OUTCOMES = st.sampled_from([LeadOutcome.WON, LeadOutcome.LOST])
RECORDS = st.builds(
    LeadRecord,
    fields=st.fixed_dictionaries({"country": st.sampled_from(["", "BE", "FR"])}),
    stage=st.sampled_from(STAGES),
    team=st.sampled_from(["", "north", "south"]),
    tags=st.frozensets(st.sampled_from(["a", "b"])),
    outcome=OUTCOMES,
)


def tagged(*tags: str, won: int, lost: int) -> list[LeadRecord]:
    lead = LeadRecord(stage="new", team="t", tags=tags)
    return [lead.won()] * won + [lead.lost()] * lost


@pytest.mark.parametrize(
    ("tags", "percent"), [(["1"], "33.69"), (["2"], "23.51"), (["1", "2"], "28.05"), ([], "28.6")]
)
def test_tags_count_as_in_odoo(tags: list[str], percent: str) -> None:
    history = [
        *tagged("1", won=19, lost=30),
        *tagged("2", won=9, lost=40),
        *tagged("1", "2", won=14, lost=35),
    ]
    scorer = FrequencyTable.of(history, stages=STAGES, policy=lead_preset("odoo").frequencies).compile()

    found = scorer.predict(LeadRecord(stage="new", team="t", tags=tags)).probability.required()

    assert found == Percent(percent)


def test_tags_that_few_leads_had_say_nothing() -> None:
    # 49.2 of tag 1 with smoothing, below 50
    history = [*tagged("1", won=19, lost=30), *tagged("2", won=50, lost=50)]
    scorer = FrequencyTable.of(history, stages=STAGES).compile()

    factors = scorer.predict(LeadRecord(stage="new", team="t", tags=["1", "2"])).factors

    assert [(factor.field, factor.value) for factor in factors] == [("stage", "new"), ("tag", "2")]


@given(st.lists(RECORDS, max_size=12), st.lists(RECORDS, max_size=4), st.randoms(use_true_random=False))
def test_a_table_that_follows_events_is_the_one_that_is_rebuilt(
    kept: list[LeadRecord], reopened: list[LeadRecord], dice: Any
) -> None:
    table = FrequencyTable(stages=STAGES)
    closings = [*kept, *reopened]
    dice.shuffle(closings)
    for lead in closings:
        table = table.updated(lead.reopened(), lead)
    for lead in reopened:
        table = table.updated(lead, lead.reopened())

    assert table == FrequencyTable.of(kept, stages=STAGES)
    assert table.digest == FrequencyTable.of(reversed(kept), stages=STAGES).digest


@given(st.lists(RECORDS, max_size=12), RECORDS)
def test_the_chance_is_the_exact_fraction(history: list[LeadRecord], lead: LeadRecord) -> None:
    lead = lead.reopened()
    table = FrequencyTable.of(history, stages=STAGES, policy=FrequencyPolicy(min_tag_count=0))
    found = table.compile().predict(lead).probability

    teams = {row.team for row in table.rows if row.team}
    counts: dict[tuple[str, str], list[Fraction]] = {}
    for row in table.rows:
        if lead.team not in teams or row.team == lead.team:
            pair = counts.setdefault((row.field, row.value), [Fraction(0), Fraction(0)])
            pair[0] += Fraction(row.won)
            pair[1] += Fraction(row.lost)
    prior = counts.get(("stage", "new"))
    if prior is None:
        assert found.flag == "no_history"
        return
    odds = list(prior)
    for key in [
        ("stage", lead.stage),
        ("country", lead.fields["country"]),
        *(("tag", tag) for tag in lead.tags),
    ]:
        if key[1] and key in counts:
            for side in (0, 1):
                total = sum(pair[side] for name, pair in counts.items() if name[0] == key[0])
                odds[side] *= counts[key][side] / (prior[side] if key[0] == "stage" else total)
    wanted = 100 * odds[0] / sum(odds)
    assert abs(
        Fraction(found.required().points) - min(max(wanted, Fraction("0.01")), Fraction("99.99"))
    ) <= Fraction(1, 200)


@given(st.lists(RECORDS, max_size=12))
def test_dissolving_a_team_is_as_if_its_leads_had_been_nobodys(history: list[LeadRecord]) -> None:
    import attrs

    moved = [attrs.evolve(lead, team="") if lead.team == "north" else lead for lead in history]

    assert FrequencyTable.of(history, stages=STAGES).without_team("north") == FrequencyTable.of(
        moved, stages=STAGES
    )


def test_taking_back_what_was_never_counted_is_refused_or_leaves_smoothing() -> None:
    lead = LeadRecord(stage="new", fields={"country": "BE"})
    with pytest.raises(NotCounted) as caught:
        FrequencyTable(stages=STAGES).updated(lead.lost(), lead)
    assert (caught.value.field, caught.value.value, caught.value.outcome) == ("country", "BE", "lost")

    sticky = FrequencyTable(stages=STAGES, policy=lead_preset("odoo").frequencies)
    row = sticky.updated(lead, lead.lost()).updated(lead.lost(), lead).row("country", "BE")
    assert row is not None
    assert (row.won, row.lost) == (Decimal("0.1"), Decimal("0.1"))


def test_a_lead_without_a_stage_or_a_history_has_no_chance_and_a_closed_one_is_certain() -> None:
    lead = LeadRecord(stage="new")
    scorer = FrequencyTable.of([lead.won(), lead.lost()], stages=STAGES).compile()

    assert scorer.predict(LeadRecord()).probability.flag == "no_stage"
    assert FrequencyTable(stages=STAGES).compile().predict(lead).probability.flag == "no_history"
    assert [scorer.predict(one).probability.value for one in (lead.won(), lead.lost())] == [
        Percent(100),
        Percent(0),
    ]


def test_a_manual_probability_stays_until_it_is_cleared() -> None:
    kept = LeadProbability().overridden(Percent("41.23"))
    kept = kept.recomputed(FrequencyTable(stages=()).compile().predict(LeadRecord(stage="new")).probability)

    assert (kept.automatic, kept.shown, kept.cleared().shown) == (Percent(0), Percent("41.23"), Percent(0))


@given(st.lists(RECORDS, max_size=8))
def test_a_table_comes_back_from_json_and_its_scorer_from_a_pickle(history: list[LeadRecord]) -> None:
    table = FrequencyTable.of(history, stages=STAGES, policy=lead_preset("odoo").frequencies)
    codec = Codec()

    assert codec.from_json(FrequencyTable, codec.to_json(table)) == table
    assert pickle.loads(pickle.dumps(table.compile())).table == table


def row(**changes: Any) -> FrequencyRow:
    return FrequencyRow(**{"field": "country", "value": "BE", "won": 1, "lost": 1, **changes})


@pytest.mark.parametrize(
    "make",
    [
        lambda: row(won=-1),
        lambda: row(won="nan"),
        lambda: FrequencyTable(stages=("a", "a")),
        lambda: FrequencyTable(stages=(), rows=[row(), row()]),
        lambda: FrequencyTable.of([LeadRecord(stage="lost in space").lost()], stages=STAGES),
        lambda: LeadRecord(fields={"country": 3}),  # type: ignore[dict-item]
        lambda: LeadRecord(fields={"stage": "new"}),
        lambda: LeadRecord(tags=[1]),  # type: ignore[list-item]
        lambda: FrequencyPolicy(smoothing=0),
        lambda: FrequencyPolicy(lowest=Percent(50), highest=Percent(10)),
        lambda: FrequencyPolicy(decimals=99),
        lambda: Factor(field="f", value="v", won=0, won_total=1, lost=0, lost_total=1),
        lambda: Factor(field="f", value="v", won=1, won_total=0, lost=1, lost_total=1),
    ],
)
def test_what_cannot_be_counted_is_refused(make: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of either kind
        make()


def test_counts_that_rule_out_both_outcomes_are_a_contradiction() -> None:
    never_won = Factor(field="a", value="x", won=0, won_total=1, lost=1, lost_total=1)
    never_lost = Factor(field="b", value="y", won=1, won_total=1, lost=0, lost_total=1)

    assert (
        combine_factors(Decimal(1), Decimal(1), [never_won, never_lost]).probability.flag == "contradiction"
    )


def test_all_unknown_stages_of_a_history_are_told() -> None:
    with pytest.raises(InvalidInput) as caught:
        FrequencyTable.of([LeadRecord(stage="x").won(), LeadRecord(stage="y").lost()], stages=STAGES)

    assert [problem.path for problem in caught.value.problems] == ["history[0].stage", "history[1].stage"]


def test_an_outcome_in_words_is_that_outcome_and_any_other_is_refused() -> None:
    assert LeadRecord(outcome="won") == LeadRecord().won()
    with pytest.raises(UnknownOption):
        LeadRecord(outcome="closed")


def test_a_text_for_several_names_is_one_name() -> None:
    assert FrequencyPolicy(missing_counts="email").missing_counts == {"email"}
    assert FrequencyTable(stages="new").stages == ("new",)


def test_no_side_of_a_row_that_was_touched_stays_at_nothing_in_odoo() -> None:
    rows = [FrequencyRow(field="stage", value="new", won=10, lost=0)]
    table = FrequencyTable(stages=STAGES, policy=lead_preset("odoo").frequencies, rows=rows)

    row = table.updated(None, LeadRecord(stage="new").won()).row("stage", "new")

    assert row is not None
    assert (row.won, row.lost) == (Decimal(11), Decimal("0.1"))
