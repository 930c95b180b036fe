"""Laws of approvals: what gets better needs no more, and people are counted once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals import (
    ApprovalNeed,
    ApprovalPolicy,
    ApprovalRule,
    Delegation,
    Delegations,
    Operator,
    agreed,
    give_approval,
    is_asked,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
NAMES = ("effective_discount_percent", "margin_percent", "max_line_discount_percent")
# a discount is worse when it is higher, a margin when it is lower
WORSE = {"effective_discount_percent": (">", ">="), "margin_percent": ("<", "<="), "max_line_discount_percent": (">", ">=")}  # fmt: skip


@st.composite
def _policies(draw: st.DrawFn) -> ApprovalPolicy:
    rules = []
    for position in range(draw(st.integers(1, 5))):
        metric = draw(st.sampled_from(NAMES))
        rules.append(
            ApprovalRule(
                id=f"r-{position}",
                metric=metric,
                operator=Operator(draw(st.sampled_from(WORSE[metric]))),
                threshold=Percent(draw(st.integers(0, 10))),
                roles=("a", "b"),
                quorum=draw(st.sampled_from(("any_of", "all_of"))),
                level=draw(st.integers(1, 3)),
                chain=draw(st.sampled_from(("", "c"))),
                condition=draw(st.sampled_from(("", "quote.line_count > 5"))),
            )
        )
    return ApprovalPolicy(id="p", rules=tuple(rules))


_FIGURES = st.tuples(*(st.one_of(st.none(), st.integers(0, 10)) for _ in NAMES))


def _percents(figures: tuple[int | None, ...]) -> dict[str, Percent | None]:
    return {
        name: None if found is None else Percent(found) for name, found in zip(NAMES, figures, strict=True)
    }


def _better(name: str, before: int | None, by: int) -> int | None:
    if before is None:
        return by or None
    return before + by if name == "margin_percent" else before - by


@given(
    _policies(),
    _FIGURES,
    st.tuples(*(st.integers(0, 5) for _ in NAMES)),
    st.sampled_from((3, 9, None)),
    st.booleans(),
)
def test_improving_any_figure_never_adds_a_need(
    policy: ApprovalPolicy,
    figures: tuple[int | None, ...],
    better: tuple[int, ...],
    lines: int | None,
    is_approved: bool,
) -> None:
    facts = {"quote.line_count": lines}
    before = policy.needs(_percents(figures), facts=facts)
    people = (Actor("x", roles={"a"}), Actor("y", roles={"b"}))
    approvals = [
        give_approval(need, asked_by=(), at=NOW, by=by) for need in before for by in people if is_approved
    ]

    improved = tuple(_better(name, old, by) for name, old, by in zip(NAMES, figures, better, strict=True))
    same_unknown = all((old is None) is (new is None) for old, new in zip(figures, improved, strict=True))
    after = policy.needs(_percents(improved), approvals if same_unknown else (), facts=facts)

    if same_unknown or not is_approved:
        assert {need.rule for need in after} <= {need.rule for need in before}
    if is_approved and same_unknown:
        assert after == ()


_ROLES = ("finance", "legal", "tax")
_PEOPLE = st.lists(st.frozensets(st.sampled_from(_ROLES)), max_size=4)


@given(_PEOPLE, st.sampled_from(("any_of", "all_of", "2")))
def test_each_role_is_spoken_for_by_a_person_of_its_own(people: list[frozenset[str]], quorum: str) -> None:
    need = ApprovalNeed(
        rule="r", metric="total", operator=">", found=None, wanted="", roles=_ROLES, quorum=quorum
    )
    actors = [Actor(f"p-{n}", roles=roles) for n, roles in enumerate(people) if roles]
    approvals = [give_approval(need, asked_by=(), at=NOW, by=actor) for actor in actors]

    most = max(
        sum(role in actor.roles for role, actor in zip(roles, order, strict=False))
        for order in permutations(actors)
        for roles in permutations(_ROLES)
    ) if actors else 0  # fmt: skip
    assert agreed(need, approvals) == most
    assert agreed(need, [*approvals, *approvals]) == most


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 3)), min_size=1, max_size=6))
def test_a_link_is_asked_exactly_when_no_lower_one_of_its_chain_is_open(links: list[tuple[str, int]]) -> None:
    needs = [
        ApprovalNeed(
            rule=str(n), metric="total", operator=">", found=None, wanted="", roles=("x",),
            chain="" if chain == "a" else chain, level=level,
        )
        for n, (chain, level) in enumerate(links)
    ]  # fmt: skip

    for need in needs:
        lower = [one for one in needs if one.chain == need.chain and one.level < need.level]
        assert is_asked(need, needs) is (not need.chain or not lower)
    assert any(is_asked(need, needs) for need in needs)


# --- deputies


def _away(
    approver: str, delegate: str, start: int = 0, end: int = 7, roles: tuple[str, ...] = ("a",)
) -> Delegation:
    return Delegation(
        approver=Actor(approver, roles=roles), delegate=delegate, starts=NOW + timedelta(days=start),
        ends=NOW + timedelta(days=end),
    )  # fmt: skip


_LINKS = st.lists(
    st.tuples(st.sampled_from("uvwx"), st.sampled_from("uvwx"), st.integers(0, 3), st.integers(1, 3)),
    max_size=5,
)


@given(_LINKS)
def test_a_ring_is_refused_exactly_when_all_of_it_holds_at_once(
    links: list[tuple[str, str, int, int]],
) -> None:
    every = [
        _away(a, b, start, start + days, (f"r-{n}",)) for n, (a, b, start, days) in enumerate(links) if a != b
    ]

    def has_ring(at: datetime) -> bool:
        holds = {(one.approver.id, one.delegate) for one in every if one.holds(at)}
        reach = set(holds)
        for _ in range(4):
            reach |= {(a, d) for a, b in reach for c, d in holds if b == c}
        return any(a == b for a, b in reach)

    expected = any(has_ring(NOW + timedelta(days=day)) for day in range(7))
    if expected:
        with pytest.raises(InvalidInput) as refused:
            Delegations(every)
        assert all((one.code, one.wanted) == ("ring", "no ring") for one in refused.value.problems)
    else:
        assert Delegations(every).every == tuple(every)


def test_only_what_was_passed_on_is_passed_on_further() -> None:
    chain = Delegations([_away("u", "v", roles=("a", "b")), _away("v", "w", roles=("b", "c"))])

    assert [(one.id, sorted(one.roles), path) for one, path in chain.behind("w", NOW)] == [
        ("v", ["b", "c"], ("v", "w")),
        ("u", ["b"], ("u", "v", "w")),
    ]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"delegate": "u"}, "delegate"),
        ({"delegate": " "}, "delegate"),
        ({"approver": Actor(" ", roles={"a"})}, "approver"),
        ({"approver": Actor("u")}, "approver.roles"),
        ({"ends": NOW}, "ends"),
    ],
)
def test_a_delegation_that_cannot_be_is_refused(change: dict[str, object], path: str) -> None:
    good: dict[str, object] = {
        "approver": Actor("u", roles={"a"}), "delegate": "v", "starts": NOW, "ends": NOW + timedelta(days=1),
    }  # fmt: skip

    with pytest.raises(InvalidInput) as refused:
        Delegation(**{**good, **change})  # type: ignore[arg-type]
    assert [one.path for one in refused.value.problems] == [path]


def test_one_role_goes_to_one_deputy_at_a_time_and_there_are_not_too_many() -> None:
    with pytest.raises(InvalidInput, match="passes a on to v and w"):
        Delegations([_away("u", "v"), _away("u", "w", 6, 9)])
    assert Delegations([_away("u", "v"), _away("u", "w", 7, 9)]).every
    with pytest.raises(InvalidInput, match="at most 1000"):
        Delegations([_away(f"u{n}", "v") for n in range(1001)])


def test_who_may_stand_in_is_the_policys_to_say() -> None:
    away = Delegations([_away("u", "v")])

    def outcome(**change: object) -> str | None:
        need = ApprovalNeed(
            rule="r", metric="total", operator=">", found=None, wanted="", roles=("a",), **change  # type: ignore[arg-type]
        )  # fmt: skip
        refusal = need.refusal(Actor("v", roles={"rep"}), ["li.wei"], at=NOW, delegations=away)
        return None if refusal is None else refusal.code

    assert (outcome(), outcome(delegable=False), outcome(delegates=("deputy",)), outcome(delegates=("rep",))) == (
        None, "role", "delegate", None,
    )  # fmt: skip
    assert outcome(reason_required=True) == "reason"


# --- policies made in Python are checked as files are


def test_a_policy_made_in_python_is_linted() -> None:
    def rule(**change: object) -> ApprovalRule:
        good: dict[str, object] = {
            "id": "r", "metric": "margin_percent", "operator": "<", "threshold": Percent(5), "roles": ("m",),
        }  # fmt: skip
        return ApprovalRule(**{**good, **change})  # type: ignore[arg-type]

    with pytest.raises(InvalidDefinition) as refused:
        ApprovalPolicy(id="p", rules=(rule(metric="margin_pct"),))
    assert "did you mean 'margin_percent'?" in refused.value.findings[0].hint
    assert ApprovalPolicy(id="p", figures=("nps",), rules=(rule(metric="nps", threshold=Decimal(5)),)).rules
    warned = ApprovalPolicy(id="p", rules=(rule(chain="c"),)).findings
    assert [(one.code, one.severity.value) for one in warned] == [("chain", "warning")]
