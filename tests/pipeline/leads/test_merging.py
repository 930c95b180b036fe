from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import PersonId
from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.engines.matching import (
    Exclusion,
    FieldRule,
    Keep,
    LaterChanges,
    LaterRules,
    MergePolicy,
    Survivorship,
)
from salesmgmt.pipeline.leads import (
    CannotMerge,
    Consent,
    FieldSource,
    Lead,
    LeadsMerged,
    LeadStatus,
    LeadsUnmerged,
    Score,
    Touch,
    lead_preset,
    may_contact,
    merge,
    plan_merge,
    preview_unmerge,
    rank_for_merge,
    redirects,
    unmerge,
    withdraw_consent,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei")


def day(number: int) -> datetime:
    return NOW.replace(day=number)


FIRST = Lead(
    id="l1",
    name="Ana Berg",
    email="ana@shop.test",
    source="web",
    status=LeadStatus.WORKING,
    reason="",
    owner=PersonId("ada"),
    created_at=day(5),
    first_response_at=day(6),
    fields={"lift": "2t", "note": ""},
    version=4,
)
SECOND = Lead(
    id="l2",
    name="A. Berg",
    phone="030 1234567",
    source="fair",
    campaign="spring",
    score=Score(points=9, band="cold"),
    created_at=day(2),
    fields={"lift": "4t", "note": "call", "employees": Decimal(40)},
    version=2,
)


def merged(*leads: Lead, **rules: Any) -> tuple[tuple[Lead, ...], LeadsMerged]:
    after, (event,) = merge(plan_merge(*leads, **rules), at=NOW, by=REP)
    assert isinstance(event, LeadsMerged)
    return after, event


def test_the_survivor_keeps_what_it_has_and_gains_what_it_lacks() -> None:
    (survivor, other), _ = merged(FIRST, SECOND)

    assert survivor == attrs.evolve(
        FIRST,
        phone="030 1234567",
        source="fair",  # the first touch, with its campaign
        campaign="spring",
        created_at=day(2),
        fields={"lift": "2t", "note": "call", "employees": Decimal(40)},
    )
    assert other == attrs.evolve(SECOND, status=LeadStatus.MERGED, merged_into=FIRST.key)


def test_the_event_says_where_each_field_comes_from_and_what_was_left_behind() -> None:
    _, event = merged(FIRST, SECOND)
    sources = {source.field: source for source in event.provenance}

    assert sources["name"] == FieldSource(
        field="name", lead=FIRST.key, keep=Keep.FIRST_NON_EMPTY, left_behind=(SECOND.key,)
    )
    assert sources["phone"].lead == sources["campaign"].lead == sources["fields.note"].lead == "l2"
    assert sources["fields.lift"] == FieldSource(
        field="fields.lift", lead=FIRST.key, keep=Keep.UNION, left_behind=(SECOND.key,)
    )
    assert sources["score"].left_behind == (SECOND.key,)
    assert event.before == (FIRST, SECOND)
    assert event.redirects == {"l2": "l1"}


def test_the_rules_are_the_hosts() -> None:
    rules = Survivorship(default=Keep.SURVIVOR, fields={"name": Keep.LONGEST, "phone": Keep.NEWEST})

    (survivor, _), _ = merged(SECOND, FIRST, policy=MergePolicy(id="ours", survivorship=rules))

    assert survivor == attrs.evolve(SECOND, name="Ana Berg")


def test_a_plan_changes_nothing_and_shows_what_would_change() -> None:
    plan = plan_merge(FIRST, SECOND)

    assert plan.before == (FIRST, SECOND)
    assert plan.survivor.phone == "030 1234567"
    assert {choice.field for choice in plan.choices if choice.left_behind} == {
        "name",
        "source",
        "created_at",
        "score",
    }


TEXTS = st.sampled_from(["", "a", "bb"])
STATUSES = st.sampled_from(sorted(set(LeadStatus) - {LeadStatus.CONVERTED, LeadStatus.MERGED}))


@st.composite
def some_leads(draw: st.DrawFn) -> tuple[Lead, ...]:
    return tuple(
        Lead(
            id=f"l{number}",
            name=draw(TEXTS),
            phone=draw(TEXTS),
            source=draw(TEXTS),
            status=draw(STATUSES),
            created_at=day(draw(st.integers(1, 9))),
            fields=draw(st.dictionaries(TEXTS, TEXTS, max_size=3)),
            version=draw(st.integers(0, 5)),
        )
        for number in range(draw(st.integers(2, 4)))
    )


@given(some_leads())
def test_unmerging_restores_every_lead_as_it_was(leads: tuple[Lead, ...]) -> None:
    after, event = merged(*leads)
    stored = tuple(attrs.evolve(lead, version=lead.version + 1) for lead in after)

    restored, _ = unmerge(event, stored, at=NOW, by=REP)

    assert restored == tuple(attrs.evolve(lead, version=lead.version + 1) for lead in leads)


@given(some_leads())
def test_nothing_that_is_known_gives_way_to_a_blank(leads: tuple[Lead, ...]) -> None:
    (survivor, *_), _ = merged(*leads)

    for name in ("name", "phone", "source"):
        assert bool(getattr(survivor, name)) is any(getattr(lead, name) for lead in leads)
    assert set(survivor.fields) == {name for lead in leads for name in lead.fields}


def test_unmerging_does_not_throw_away_later_changes_unasked() -> None:
    (survivor, other), event = merged(FIRST, SECOND)
    changed = attrs.evolve(survivor, phone="040 7654321", version=9)

    with pytest.raises(CannotMerge) as caught:
        unmerge(event, (changed, other), at=NOW, by=REP)
    restored, (told,) = unmerge(event, (changed, other), later_changes=LaterChanges.DISCARD, at=NOW, by=REP)

    assert (caught.value.reason, caught.value.leads) == ("changed_since", ("l1",))
    assert restored == (attrs.evolve(FIRST, version=9), SECOND)
    assert isinstance(told, LeadsUnmerged)
    assert (told.survivor, told.restored, told.after) == ("l1", ("l2",), restored)


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [
        (LaterChanges.SURVIVOR, ("777", "4t", "hot"), ("030 1234567", "4t", "call")),
        (LaterChanges.SOURCE_OF_FIELD, ("", "4t", ""), ("777", "4t", "hot")),
        (LaterChanges.ALL, ("777", "4t", "hot"), ("777", "4t", "hot")),
        (LaterChanges.DISCARD, ("", "2t", ""), ("030 1234567", "4t", "call")),
    ],
)
def test_later_changes_go_where_the_named_rule_sends_them(
    rule: LaterChanges, first: tuple[str, str, str], second: tuple[str, str, str]
) -> None:
    (survivor, other), event = merged(FIRST, SECOND)
    changed = attrs.evolve(
        survivor,
        phone="777",  # came from the second lead
        fields={**survivor.fields, "lift": "4t", "note": "hot"},  # from the first and the second
        status=LeadStatus.QUALIFIED,
        reason="budget",
    )

    restored, _ = unmerge(event, (changed, other), later_changes=rule, at=NOW, by=REP)

    def told(lead: Lead) -> tuple[object, ...]:
        return (lead.phone, lead.fields["lift"], lead.fields["note"])

    assert (told(restored[0]), told(restored[1])) == (first, second)
    # The status was not merged: whatever happened to it happened to the survivor.
    kept = rule is not LaterChanges.DISCARD
    assert restored[0].status is (LeadStatus.QUALIFIED if kept else LeadStatus.WORKING)
    assert (restored[1].status, restored[1].merged_into) == (LeadStatus.NEW, None)


def test_an_unmerge_is_previewed() -> None:
    (survivor, other), event = merged(FIRST, SECOND)
    changed = attrs.evolve(survivor, phone="777", title="CEO")
    rules = LaterRules(default=LaterChanges.DISCARD, fields={"phone": LaterChanges.SOURCE_OF_FIELD})

    undone = preview_unmerge(event, (changed, other), later_changes=rules)

    assert [(change.field, change.was, change.now, change.went_to) for change in undone.changes] == [
        ("title", "", "CEO", ()),
        ("phone", "030 1234567", "777", ("l2",)),
    ]
    with pytest.raises(UnknownOption):
        preview_unmerge(event, (changed, other), later_changes="anywhere")  # type: ignore[arg-type]


def test_what_marketing_knows_is_united_and_an_address_is_taken_whole() -> None:
    web, fair = Touch(at=day(3), channel="web"), Touch(at=day(1), channel="fair")
    mail = Consent(purpose="newsletter", given_at=day(2))
    first = attrs.evolve(
        FIRST, touches=(web,), tags=frozenset("x"), priority=1, street="Am Tor 1", country="DE"
    )
    second = attrs.evolve(
        SECOND, touches=(fair, web), consents=(mail,), tags=frozenset("y"), priority=3, street="Weg 2", city="Bonn",
        postal_code="53111", country="DE",
    )  # fmt: skip

    (survivor, _), _ = merged(first, second)

    assert (survivor.touches, survivor.consents) == ((fair, web), (mail,))
    assert (survivor.tags, survivor.priority) == (frozenset("xy"), 3)
    assert (survivor.street, survivor.city, survivor.postal_code) == ("Weg 2", "Bonn", "53111")


def test_a_policy_may_exclude_leads_and_bound_their_number() -> None:
    policy = MergePolicy(id="ours", limit=2, excluded=(Exclusion(field="status", values=("working",)),))
    third = attrs.evolve(SECOND, id="l3")

    with pytest.raises(CannotMerge) as excluded:
        plan_merge(FIRST, SECOND, policy=policy)
    with pytest.raises(CannotMerge) as too_many:
        plan_merge(SECOND, third, attrs.evolve(SECOND, id="l4"), policy=policy)

    assert (excluded.value.reason, excluded.value.leads) == ("excluded", ("l1",))
    assert too_many.value.reason == "too_many"
    assert plan_merge(SECOND, third, policy=policy).survivor.id == "l2"


def test_a_policy_cannot_reach_what_belongs_to_the_lead_alone() -> None:
    greedy = MergePolicy(
        id="ours", survivorship=Survivorship(default=Keep.NEWEST, fields={"status": Keep.NEWEST})
    )

    (survivor, _), _ = merged(SECOND, FIRST, policy=greedy)

    assert (survivor.id, survivor.status, survivor.version) == ("l2", LeadStatus.NEW, 2)


def test_there_is_no_policy_of_an_unknown_product() -> None:
    with pytest.raises(UnknownOption):
        lead_preset("../odoo")


def test_unmerging_needs_all_leads_of_the_merge() -> None:
    after, event = merged(FIRST, SECOND)

    with pytest.raises(CannotMerge) as caught:
        unmerge(event, after[:1], at=NOW, by=REP)

    assert (caught.value.reason, caught.value.leads) == ("not_merged", ("l2",))


@pytest.mark.parametrize(
    ("leads", "reason", "named"),
    [
        ((FIRST,), "too_few", ("l1",)),
        ((FIRST, SECOND, SECOND), "twice", ("l2",)),
        ((FIRST, attrs.evolve(SECOND, status=LeadStatus.CONVERTED)), "closed", ("l2",)),
        ((attrs.evolve(FIRST, status=LeadStatus.MERGED), SECOND), "closed", ("l1",)),
        ((attrs.evolve(FIRST, tenant="acme"), attrs.evolve(SECOND, tenant="other")), "tenants", ("l1", "l2")),
    ],
)
def test_what_cannot_be_merged_is_refused(
    leads: tuple[Lead, ...], reason: str, named: tuple[str, ...]
) -> None:
    with pytest.raises(CannotMerge) as caught:
        plan_merge(*leads)

    assert (caught.value.reason, caught.value.leads) == (reason, named)


def test_the_furthest_lead_survives_then_the_oldest() -> None:
    new = Lead(id="l0", created_at=day(1))
    qualified = Lead(id="l9", created_at=day(9), status=LeadStatus.QUALIFIED)

    assert rank_for_merge([new, FIRST, SECOND, qualified]) == (qualified, FIRST, new, SECOND)


def test_references_follow_merges_of_survivors() -> None:
    (second, first), _ = merged(SECOND, FIRST)
    (third, second), _ = merged(Lead(id="l3", created_at=NOW), second)

    assert redirects([first, second, third]) == {"l1": "l3", "l2": "l3"}


def test_a_circle_of_redirects_ends() -> None:
    leads = [Lead(id=a, created_at=NOW, merged_into=b) for a, b in [("l1", "l2"), ("l2", "l1")]]

    assert redirects(leads) == {"l1": "l2", "l2": "l1"}


def test_a_new_lead_may_be_merged_with_one_that_is_stored() -> None:
    stored = Lead(id="l1", name="Ana Berg", tenant="acme", version=3, created_at=NOW)
    new = Lead(id="l2", name="Ana Berg", phone="030 1234567", created_at=NOW)

    (survivor, gone), _ = merge(plan_merge(stored, new), at=NOW, by=REP)

    assert (survivor.tenant, survivor.phone, gone.merged_into) == ("acme", "030 1234567", "l1")


def _merged_and(status: LeadStatus) -> tuple[LeadsMerged, list[Lead]]:
    (survivor, other), (event,) = merge(plan_merge(FIRST, SECOND), at=NOW, by=REP)
    assert isinstance(event, LeadsMerged)
    return event, [attrs.evolve(survivor, status=status), other]


@pytest.mark.parametrize("status", [LeadStatus.CONVERTED, LeadStatus.MERGED])
def test_a_survivor_that_was_converted_or_merged_on_cannot_be_taken_back(status: LeadStatus) -> None:
    event, leads = _merged_and(status)

    with pytest.raises(CannotMerge) as refused:
        unmerge(event, leads, later_changes=LaterChanges.DISCARD, at=NOW, by=REP)

    assert (refused.value.leads, refused.value.reason) == (("l1",), "closed")


@pytest.mark.parametrize("rule", [rule for rule in LaterChanges if rule is not LaterChanges.REFUSE])
def test_a_no_that_was_said_after_a_merge_holds_for_all_who_are_parted(rule: LaterChanges) -> None:
    mail = Consent(purpose="newsletter", given_at=day(1))
    phone = Consent(purpose="phone", given_at=day(1))
    (survivor, other), event = merged(FIRST, attrs.evolve(SECOND, consents=(mail, phone)))
    survivor, _ = withdraw_consent(survivor, "newsletter", at=day(10), by=REP)

    restored, _ = unmerge(event, (survivor, other), later_changes=rule, at=day(11), by=REP)
    told = preview_unmerge(event, (survivor, other), later_changes=rule).changes

    assert [bool(may_contact(lead, "newsletter", day(12))) for lead in restored] == [False, False]
    assert may_contact(restored[1], "phone", day(12))
    assert restored[1].consents == (phone, attrs.evolve(mail, withdrawn_at=day(10)))
    assert [(change.field, change.went_to) for change in told] == [("consents", ("l1", "l2"))]


@pytest.mark.parametrize(
    "gone",
    [
        {"status": LeadStatus.NEW, "merged_into": None},
        {"merged_into": "l9"},
        {"status": LeadStatus.CONVERTED, "merged_into": None},
    ],
)
def test_a_merge_is_taken_back_once(gone: dict[str, Any]) -> None:
    (survivor, other), event = merged(FIRST, SECOND)

    with pytest.raises(CannotMerge) as caught:
        unmerge(
            event, (survivor, attrs.evolve(other, **gone)), later_changes=LaterChanges.DISCARD, at=NOW, by=REP
        )

    assert (caught.value.reason, caught.value.leads) == ("not_merged", ("l2",))


def test_nested_merges_are_taken_back_the_last_one_first() -> None:
    third = attrs.evolve(SECOND, id="l3", phone="040 7", title="CEO")
    (survivor, second), inner = merged(FIRST, SECOND)
    outer_leads, outer = merged(survivor, third)

    with pytest.raises(CannotMerge) as caught:
        unmerge(inner, (outer_leads[0], second), at=NOW, by=REP)
    (survivor, restored_third), _ = unmerge(outer, outer_leads, at=NOW, by=REP)
    restored, _ = unmerge(inner, (survivor, second), at=NOW, by=REP)

    assert caught.value.reason == "changed_since"
    assert (restored, restored_third) == ((FIRST, SECOND), third)


@pytest.mark.parametrize(
    ("forged", "path"),
    [
        ({"before": ()}, "before"),
        ({"after": (FIRST,)}, "after"),
        ({"after": ()}, "after"),
        ({"before": (SECOND, FIRST)}, "before"),
        ({"survivor": "l9"}, "before"),
        ({"merged": ("l1",), "before": (FIRST, FIRST), "after": (FIRST, FIRST)}, "merged"),
        ({"merged": (), "before": (FIRST,), "after": (FIRST,)}, "merged"),
        ({"provenance": (FieldSource(field="phone", lead="l9", keep=Keep.UNION, left_behind=()),)},
         "provenance.phone"),
    ],
)  # fmt: skip
def test_an_event_that_no_merge_left_is_refused_with_the_place(forged: dict[str, Any], path: str) -> None:
    leads, event = merged(FIRST, SECOND)

    with pytest.raises(InvalidInput) as caught:
        unmerge(attrs.evolve(event, **forged), leads, later_changes=LaterChanges.DISCARD, at=NOW, by=REP)

    assert path in [problem.path for problem in caught.value.problems]


def test_a_policy_cannot_take_the_date_of_a_lead_away() -> None:
    rule = FieldRule(keep=Keep.SMALLEST, unless="name")
    policy = MergePolicy(id="ours", survivorship=Survivorship(fields={"created_at": rule}))

    with pytest.raises(InvalidInput) as caught:
        plan_merge(FIRST, SECOND, policy=policy)

    assert caught.value.problems[0].path == "created_at"
