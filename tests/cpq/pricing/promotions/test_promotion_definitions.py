"""Promotions from files: what is read, what is refused, and what the lint says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition, Severity
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.promotions import (
    AmountOff,
    BuyGet,
    Coupon,
    InGroup,
    LineFilter,
    PercentOff,
    Promotion,
    PromotionCondition,
    PromotionLine,
    PromotionPolicy,
    PromotionScope,
    PromotionSet,
    Repeat,
    Trigger,
    promotion_findings,
)

TEXT = """
[policy]
minimums = "remaining"

[[promotions]]
id = "three-for-two"
benefit = { type = "CheapestFree" }
scope = "cheapest_unit"
condition = { min_quantity = 3, of = { categories = ["shirts"] } }
on = { categories = ["shirts"] }

[[promotions]]
id = "socks"
benefit = { type = "BuyGet", buy = { products = ["shoe"] }, get = { products = ["socks"] }, percent = "50%" }

[[promotions]]
id = "welcome"
trigger = "code"
benefit = { type = "AmountOff", amount = "10 EUR", amount_is = "gross" }
max_uses_per_customer = 1
valid_from = 2026-01-01T00:00:00Z

[[coupons]]
code = "HELLO-1"
promotion = "welcome"
max_uses = 1
"""


def load(tmp_path: Path, text: str) -> PromotionSet:
    file = tmp_path / "promotions.toml"
    file.write_text(text, encoding="utf-8")
    return PromotionSet.load(file)


def test_a_file_holds_promotions_coupons_and_policy(tmp_path: Path) -> None:
    found = load(tmp_path, TEXT)
    three, socks, welcome = found.promotions
    assert three.condition == PromotionCondition(min_quantity=3, of=LineFilter(categories=("shirts",)))
    assert isinstance(socks.benefit, BuyGet)
    assert socks.benefit.percent == Percent(50)
    assert isinstance(welcome.benefit, AmountOff)
    assert welcome.benefit.amount == Money(10, "EUR")
    assert welcome.valid_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert found.coupons == (Coupon(code="HELLO-1", promotion="welcome", max_uses=1),)
    assert found.policy.minimums == "remaining"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('[[promotions]]\nid = "p"\n', "benefit"),
        ('[[promotions]]\nid = "p"\nbenefit = { type = "Half" }\n', "type"),
        ('[[promotions]]\nid = "p"\nbenefit = { type = "PercentOff", percent = "101%" }\n', "101%"),
        ('[[promotions]]\nid = "p"\nbenefit = { type = "PercentOff", percent = "-1%" }\n', "-1%"),
        ('[[promotions]]\nid = "p"\nbenefit = { type = "AmountOff", amount = "-1 EUR" }\n', "benefit.amount"),
        ('[[promotions]]\nid = "p"\nbenefit = { type = "CheapestFree" }\nscope = "dozen"\n', "scope"),
        ('[[promotions]]\nid = "p"\nbenefit = { type = "CheapestFree" }\nmax_items = -1\n', "max_items"),
        ('[[promotions]]\nid = "p"\nbenefit = { type = "CheapestFree" }\nmax_use = 1\n', "max_use"),
        ('[[promotions]]\nid = "p"\nbenefit = { type = "BuyGet", get_quantity = 0 }\n', "get_quantity"),
        ('[[promotions]]\nid = "p"\nbenefit = { type = "FreeProduct", product = "x", points = 0 }\n', "points"),
        (
            '[[promotions]]\nid = "p"\nbenefit = { type = "CheapestFree" }\nvalid_from = 2026-02-01T00:00:00Z\nvalid_to = 2026-01-01T00:00:00Z\n',
            "valid_to",
        ),
        (
            '[[promotions]]\nid = "p"\nbenefit = { type = "CheapestFree" }\nvalid_from = 2026-02-01T00:00:00\n',
            "valid_from",
        ),
        ('[[coupons]]\ncode = "c"\npromotion = "p"\nmax_uses = -1\n', "max_uses"),
        ('[policy]\ncombine = "some"\n', "combine"),
        ("promotions = 1\n", "promotions"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_with_the_place(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(InvalidInput, match=match):
        load(tmp_path, text)


def test_contradictions_between_definitions_are_refused(tmp_path: Path) -> None:
    text = (
        '[[promotions]]\nid = "p"\ncodes = ["X"]\ntrigger = "code"\nbenefit = { type = "CheapestFree" }\n'
        '[[coupons]]\ncode = "X"\npromotion = "q"\n'
    )
    with pytest.raises(InvalidDefinition) as caught:
        load(tmp_path, text)
    assert {finding.code for finding in caught.value.findings} == {"duplicate_id", "unknown_promotion"}


TENTH = PercentOff(percent=Percent(10))


@pytest.mark.parametrize(
    ("promotion", "code"),
    [
        (Promotion(id="p", benefit=TENTH, trigger=Trigger.CODE), "never_called"),
        (Promotion(id="p", benefit=TENTH, codes=("X",)), "code_without_effect"),
        (Promotion(id="p", benefit=TENTH, max_uses=0), "never_applies"),
        (Promotion(id="p", benefit=PercentOff(percent=Percent(0))), "gives_nothing"),
        (Promotion(id="p", benefit=AmountOff(amount=Money(0, "EUR"))), "gives_nothing"),
        (Promotion(id="p", benefit=TENTH, max_items=2), "field_without_effect"),
        (Promotion(id="p", benefit=TENTH, max_units_per_line=2), "field_without_effect"),
        (Promotion(id="p", benefit=BuyGet(), on=LineFilter(products=("x",))), "field_without_effect"),
        (
            Promotion(id="p", benefit=TENTH, repeat=Repeat.PER_UNIT, scope=PromotionScope.EACH_UNIT),
            "field_without_effect",
        ),
        (Promotion(id="p", benefit=TENTH, scope=PromotionScope.CONDITION_ITEMS), "no_condition_items"),
        (
            Promotion(id="p", benefit=AmountOff(amount=Money(1, "EUR")), max_discount=Money(1, "USD")),
            "mixed_currencies",
        ),
    ],
)
def test_the_lint_names_what_looks_wrong(promotion: Promotion, code: str) -> None:
    assert [finding.code for finding in promotion_findings([promotion])] == [code]


def test_the_lint_finds_promotions_that_never_get_their_turn() -> None:
    first = Promotion(id="a", benefit=TENTH, group="g")
    second = Promotion(id="b", benefit=TENTH, group="g")
    (finding,) = promotion_findings([first, second])
    assert (finding.code, finding.where, finding.severity) == (
        "unreachable",
        "promotions.b",
        Severity.WARNING,
    )
    assert promotion_findings([first, second], policy=PromotionPolicy(in_group=InGroup.BEST)) == ()
    alone = Promotion(id="a", benefit=TENTH, exclusive=True)
    assert [one.code for one in promotion_findings([alone, Promotion(id="b", benefit=TENTH)])] == [
        "unreachable"
    ]
    asked = Promotion(
        id="a", benefit=TENTH, exclusive=True, condition=PromotionCondition(min_amount=Money(1, "EUR"))
    )
    assert promotion_findings([asked, Promotion(id="b", benefit=TENTH)]) == ()


def test_a_good_set_has_no_findings(tmp_path: Path) -> None:
    found = load(tmp_path, TEXT)
    assert promotion_findings(found.promotions, found.coupons, found.policy) == ()


def test_a_line_below_zero_is_refused_with_every_fault() -> None:
    with pytest.raises(InvalidInput, match="quantity") as caught:
        PromotionLine(id="1", amount=Money(1, "EUR"), quantity=-1, tax_percent=Percent(-1))
    assert [problem.path for problem in caught.value.problems] == ["quantity", "tax_percent"]
