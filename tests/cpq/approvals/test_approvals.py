"""Approvals: what needs one, who may give it, and for how long it holds."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import FloatRefused, InvalidInput
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.exact import NotANumber
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals import (
    Approval,
    ApprovalNeed,
    ApprovalPolicy,
    ApprovalRefused,
    ApprovalRule,
    Deal,
    DiscountPolicy,
    DiscountRecord,
    FigureMismatch,
    Offered,
    Operator,
    give_approval,
)
from salesmgmt.engines.metrics import Figure

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei", roles={"rep"})
MANAGER = Actor("chen", roles={"manager"})
DIRECTOR = Actor("ito", roles={"director", "manager"})

POLICY = """\
id = "discounts"
version = 4

[[rules]]
id = "very-deep"
metric = "effective_discount_percent"
operator = ">"
threshold.percent = 30
level = 2
roles = ["director"]
reason_required = true

[[rules]]
id = "deep"
metric = "effective_discount_percent"
operator = ">"
threshold.percent = 20
roles = ["manager"]

[[rules]]
id = "thin"
metric = "margin_percent"
operator = "<"
threshold.percent = 10
roles = ["manager"]

[[rules]]
id = "large"
metric = "total"
operator = ">="
threshold = { amount = 100000, currency = "EUR" }
roles = ["manager", "director"]
own_request = true

[[rules]]
id = "many"
metric = "line_count"
operator = ">"
threshold = 500
roles = ["manager"]
"""

_FIGURES = ("m", "max_discount_percent")

FINE: dict[str, Figure | None] = {
    "effective_discount_percent": Percent(20),
    "margin_percent": Percent(10),
    "total": Money("99999.99", "EUR"),
    "line_count": Decimal(500),
}


@pytest.fixture
def policy(tmp_path: Path) -> ApprovalPolicy:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)
    return ApprovalPolicy.load(file)


def _need(policy: ApprovalPolicy, **metrics: Figure | None) -> ApprovalNeed:
    (need,) = policy.needs({**FINE, **metrics})
    return need


# --- what needs one


def test_nothing_needs_approval_up_to_the_threshold(policy: ApprovalPolicy) -> None:
    assert policy.needs(FINE) == ()


def test_a_need_says_rule_found_and_wanted(policy: ApprovalPolicy) -> None:
    need = _need(policy, total=Money("100000.00", "EUR"))

    assert (need.rule, need.found, need.wanted) == ("large", Money("100000.00", "EUR"), "total < 100000 EUR")
    assert str(_need(policy, margin_percent=Percent("9.99"))) == (
        "thin: wanted margin_percent >= 10%, found 9.99%; manager may approve"
    )


def test_needs_come_by_level(policy: ApprovalPolicy) -> None:
    needs = policy.needs({**FINE, "effective_discount_percent": Percent("30.000001")})

    assert [(need.rule, need.level) for need in needs] == [("deep", 1), ("very-deep", 2)]


def test_a_figure_that_is_not_known_passes_no_limit(policy: ApprovalPolicy) -> None:
    without = {name: figure for name, figure in FINE.items() if name != "margin_percent"}

    assert [need.rule for need in policy.needs(without)] == ["thin"]
    assert _need(policy, margin_percent=None).found is None


def test_a_figure_in_another_unit_is_refused(policy: ApprovalPolicy) -> None:
    for metrics in ({"total": Money(1, "CNY")}, {"total": Decimal(1)}, {"margin_percent": Decimal(20)}):
        with pytest.raises(FigureMismatch):
            policy.needs({**FINE, **metrics})
    with pytest.raises(FloatRefused):
        policy.needs({**FINE, "line_count": 3.0})  # type: ignore[dict-item]
    with pytest.raises(NotANumber):
        policy.needs({**FINE, "line_count": True})  # type: ignore[dict-item]


_FRACTIONS = st.decimals(-50, 150, places=3)


@given(_FRACTIONS, _FRACTIONS, st.sampled_from(Operator))
def test_a_rule_compares_as_its_operator_says(found: Decimal, threshold: Decimal, operator: Operator) -> None:
    rule = ApprovalRule(id="r", metric="m", operator=operator, threshold=Percent(threshold), roles=("x",))
    left, right = Fraction(found), Fraction(threshold)
    expected = {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[
        operator.value
    ]

    needs = ApprovalPolicy(id="p", figures=_FIGURES, rules=(rule,)).needs({"m": Percent(found)})

    assert bool(needs) is expected


# --- how long one holds


@given(st.lists(_FRACTIONS, min_size=2, max_size=6), st.sampled_from(Operator))
def test_an_approval_holds_exactly_while_the_figure_is_not_worse(
    figures: list[Decimal], operator: Operator
) -> None:
    rule = ApprovalRule(id="r", metric="m", operator=operator, threshold=Percent(50), roles=("manager",))
    policy = ApprovalPolicy(id="p", figures=_FIGURES, rules=(rule,))
    first, *later = figures
    given_before = [
        give_approval(need, asked_by=["li.wei"], at=NOW, by=MANAGER)
        for need in policy.needs({"m": Percent(first)})
    ]

    for figure in later:
        beyond = bool(policy.needs({"m": Percent(figure)}))
        worse = figure > first if operator.value in (">", ">=") else figure < first
        asked = policy.needs({"m": Percent(figure)}, given_before)
        assert bool(asked) is (beyond and (worse or not given_before))


def test_only_what_got_worse_is_asked_again(policy: ApprovalPolicy) -> None:
    first = {**FINE, "effective_discount_percent": Percent(25), "margin_percent": Percent(8)}
    given_before = [
        give_approval(need, asked_by=["li.wei"], at=NOW, by=MANAGER) for need in policy.needs(first)
    ]

    better = {**first, "effective_discount_percent": Percent(22), "margin_percent": Percent(9)}
    mixed = {**first, "effective_discount_percent": Percent(22), "margin_percent": Percent(7)}
    deeper = {**first, "effective_discount_percent": Percent(31)}

    assert policy.needs(better, given_before) == ()
    assert [need.rule for need in policy.needs(mixed, given_before)] == ["thin"]
    assert [need.rule for need in policy.needs(deeper, given_before)] == ["deep", "very-deep"]


def test_what_is_not_known_any_more_is_asked_again(policy: ApprovalPolicy) -> None:
    unknown = give_approval(_need(policy, margin_percent=None), asked_by=["li.wei"], at=NOW, by=MANAGER)
    known = give_approval(_need(policy, margin_percent=Percent(5)), asked_by=["li.wei"], at=NOW, by=MANAGER)

    assert policy.needs({**FINE, "margin_percent": None}, [unknown]) == ()
    assert policy.needs({**FINE, "margin_percent": Percent(5)}, [unknown])
    assert policy.needs({**FINE, "margin_percent": None}, [known])


def test_an_approval_does_not_speak_for_another_rule_level_or_currency(policy: ApprovalPolicy) -> None:
    approval = give_approval(
        _need(policy, total=Money(200000, "EUR")), asked_by=["li.wei"], at=NOW, by=DIRECTOR
    )

    def large(**change: object) -> ApprovalPolicy:
        rule: dict[str, object] = {
            "id": "large", "metric": "total", "operator": ">=", "threshold": Money(1, "EUR"),
            "roles": ("director",),
        }  # fmt: skip
        return ApprovalPolicy(id="p", rules=(ApprovalRule(**{**rule, **change}),))  # type: ignore[arg-type]

    asked = {"total": Money(150000, "EUR")}
    assert large().needs(asked, [approval]) == ()
    assert large(id="other").needs(asked, [approval])
    assert large(level=2).needs(asked, [approval])
    assert large(roles=("chair",)).needs(asked, [approval])
    assert large(reason_required=True).needs(asked, [approval])
    assert large(operator="<", threshold=Money(10**6, "EUR")).needs(asked, [approval])
    assert large(threshold=Money(1, "CNY")).needs({"total": Money(150000, "CNY")}, [approval])


# Salesforce Help, Smart Approvals: 25 was approved, 28 is asked.
def test_a_deeper_discount_than_the_approved_one_is_asked_again() -> None:
    rule = ApprovalRule(id="d", metric="max_discount_percent", operator=">", threshold=20, roles=("manager",))
    policy = ApprovalPolicy(id="p", figures=_FIGURES, rules=(rule,))
    (need,) = policy.needs({"max_discount_percent": Decimal(25)})
    approval = give_approval(need, asked_by=["li.wei"], at=NOW, by=MANAGER)

    assert [need.roles for need in policy.needs({"max_discount_percent": Decimal(28)}, [approval])] == [
        ("manager",)
    ]


# Salesforce Help, Smart Approvals: a resubmitted quote skips what was approved on the same or better values. Advanced
# Approvals, Approval Chains: links whose rule does not fire are left out, and the others keep their order.
@pytest.mark.parametrize(
    ("resubmitted", "expected"), [(25, []), (21, []), (20, []), (26, ["d"]), (36, ["d", "vp"]), (35, ["d"])]
)
def test_a_resubmitted_quote_is_asked_for_what_got_worse_alone(resubmitted: int, expected: list[str]) -> None:
    rules = tuple(
        ApprovalRule(
            id=name, metric="max_discount_percent", operator=">", threshold=threshold, roles=(name,), chain="c",
            level=level,
        )
        for level, (name, threshold) in enumerate((("d", 20), ("legal", 99), ("vp", 35)), 1)
    )  # fmt: skip
    policy = ApprovalPolicy(id="p", figures=_FIGURES, rules=rules)
    (need,) = policy.needs({"max_discount_percent": Decimal(25)})
    approval = give_approval(need, asked_by=["li.wei"], at=NOW, by=Actor("x", roles={"d"}))

    needs = policy.needs({"max_discount_percent": Decimal(resubmitted)}, [approval])
    assert [need.rule for need in needs] == expected


# --- who may give it


_THIN, _LARGE = {"margin_percent": Percent(5)}, {"total": Money(10**6, "EUR")}
_SOMEBODY_ELSE = "somebody else than chen, who asked for it"


@pytest.mark.parametrize(
    ("metrics", "by", "asked_by", "expected"),
    [
        (_THIN, REP, ["ann"], ("role", "manager", "rep")),
        (_THIN, Actor("x"), ["ann"], ("role", "manager", None)),
        (_THIN, MANAGER, ["ann", "chen"], ("own_request", _SOMEBODY_ELSE, "chen")),
        (_THIN, MANAGER, ["ann"], None),
        (_LARGE, MANAGER, ["chen"], None),
        (_LARGE, REP, ["ann"], ("role", "manager or director", "rep")),
    ],
)
def test_who_may_approve_is_checked(
    policy: ApprovalPolicy,
    metrics: dict[str, Figure | None],
    by: Actor,
    asked_by: list[str],
    expected: tuple[str, str, str | None] | None,
) -> None:
    need = _need(policy, **metrics)

    refusal = need.refusal(by, asked_by)

    assert (refusal and (refusal.code, refusal.wanted, refusal.found)) == expected
    if refusal:
        with pytest.raises(ApprovalRefused) as refused:
            give_approval(need, asked_by=asked_by, at=NOW, by=by)
        assert refused.value.refusal == refusal
        assert isinstance(refused.value, PermissionError)


def test_a_reason_can_be_demanded(policy: ApprovalPolicy) -> None:
    _, need = policy.needs({**FINE, "effective_discount_percent": Percent(31)})

    with pytest.raises(ApprovalRefused, match="a reason"):
        give_approval(need, asked_by=["li.wei"], at=NOW, by=DIRECTOR, reason=" ")
    assert (
        give_approval(need, asked_by=["li.wei"], at=NOW, by=DIRECTOR, reason="strategic").reason
        == "strategic"
    )


def test_an_approval_needs_an_aware_instant(policy: ApprovalPolicy) -> None:
    need = _need(policy, margin_percent=Percent(5))

    with pytest.raises(NaiveInstant):
        give_approval(need, asked_by=[], at=datetime(2026, 3, 2), by=MANAGER)  # noqa: DTZ001 - that is the point


# --- policies as data


def test_a_policy_comes_back_from_json_and_pickle(policy: ApprovalPolicy) -> None:
    approval = give_approval(_need(policy, margin_percent=Percent(5)), asked_by=[], at=NOW, by=MANAGER)

    for document in (policy, approval, _need(policy, margin_percent=None)):
        assert Codec().from_json(type(document), Codec().to_json(document)) == document
        assert pickle.loads(pickle.dumps(document)) == document
    assert policy.digest == ApprovalPolicy(id="discounts", version=4, rules=policy.rules).digest


def test_all_faults_of_a_policy_are_reported_at_once(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(
        POLICY.replace('operator = "<"', 'operator = "!="').replace("threshold = 500", "threshold = true")
    )
    with pytest.raises(InvalidInput) as unread:
        ApprovalPolicy.load(file)
    assert {problem.path for problem in unread.value.problems} == {"rules[2].operator", "rules[4].threshold"}

    file.write_text(
        POLICY.replace('id = "thin"', 'id = "deep"')
        .replace("threshold.percent = 30", "threshold = 30")
        .replace('["manager", "director"]', "[]")
        .replace("level = 2", "level = 0")
        .replace('"line_count"', '" "')
    )
    with pytest.raises(InvalidDefinition) as refused:
        ApprovalPolicy.load(file)
    assert {(one.code, one.where) for one in refused.value.findings} == {
        ("duplicate_id", "rules.deep"),
        ("level", "rules.very-deep"),
        ("mixed_units", "rules.very-deep"),
        ("roles", "rules.large"),
        ("metric", "rules.many"),
    }


def test_a_threshold_is_exact() -> None:
    with pytest.raises(FloatRefused):
        ApprovalRule(id="r", metric="m", operator=">", threshold=0.2, roles=("x",))  # type: ignore[arg-type]
    assert ApprovalRule(id="r", metric="m", operator=">", threshold="0.2", roles=("x",)).threshold == Decimal(
        "0.2"
    )


def test_an_approval_is_a_value() -> None:
    approval = Approval(
        rule="r", metric="m", operator=">", level=1, found=Percent(25), by=MANAGER, at=NOW, reason="ok"
    )

    assert approval.operator is Operator.ABOVE


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (Percent("16.28039603960396039603960396039604"), "16.2804%"),
        (Percent("33.33335"), "33.3334%"),  # half even: the 3 before the 5 is odd
        (Percent("33.33325"), "33.3332%"),
        (Percent("25"), "25%"),
        (Percent("20.0000000001"), "20.0000000001%"),  # it must not look like the limit of 20 %
        (Percent("-0.00000001"), "-0.00000001%"),
    ],
)
def test_messages_round_figures_and_values_do_not(found: Percent, text: str) -> None:
    need = ApprovalNeed(
        rule="deep",
        metric="effective_discount_percent",
        operator=">",
        found=found,
        wanted="effective_discount_percent <= 20%",
        roles=("manager",),
    )
    assert f", found {text}; " in str(need)
    assert need.found == found


def test_a_check_of_a_limit_rounds_what_it_found() -> None:
    third = Money("333.3333333333", "EUR")
    policy = DiscountPolicy(
        id="limits",
        currency="EUR",
        records=[
            DiscountRecord(id="d", product="dock", max_percent=Percent(10), floor_price=Money(350, "EUR"))
        ],
    )
    offered = Offered(line="1", product="dock", discount=Percent("66.66666666666"), unit_price=third)
    discount, floor = policy.check(offered, Deal())

    assert "found 66.6667%: refused" in str(discount)
    assert "found 333.3333 EUR: refused" in str(floor)
    assert (discount.found, floor.found) == (Percent("66.66666666666"), third)


def test_a_quote_in_another_currency_is_told_both_and_what_to_do() -> None:
    large = ApprovalRule(
        id="large", metric="total", operator=">=", threshold=Money(100_000, "EUR"), roles=("cfo",)
    )
    with pytest.raises(FigureMismatch) as refused:
        ApprovalPolicy(id="p", rules=(large,)).needs({"total": Money(5, "USD")})

    assert str(refused.value) == (
        "total is 5 USD, which rule large cannot compare with 100000 EUR; submit quotes in USD to a policy with "
        "thresholds in USD, or give the figure in EUR"
    )
    assert (refused.value.found, refused.value.wanted) == (Money(5, "USD"), Money(100_000, "EUR"))


@pytest.mark.parametrize(
    ("currency", "condition", "codes"),
    [
        ("EUR", "", []),
        ("USD", "", ["currencies"]),
        ("USD", "quote.currency == 'USD'", []),
        ("USD", "quote.line_count > 5", ["currencies"]),
    ],
)
def test_thresholds_in_several_currencies_are_a_warning(
    currency: str, condition: str, codes: list[str]
) -> None:
    common: dict[str, Any] = {"operator": "<", "roles": ("manager",)}
    policy = ApprovalPolicy(
        id="p",
        rules=(
            ApprovalRule(id="small", metric="total", threshold=Money(100, "EUR"), **common),
            ApprovalRule(
                id="thin", metric="margin", threshold=Money(50, currency), condition=condition, **common
            ),
        ),
    )
    assert [finding.code for finding in policy.findings] == codes
