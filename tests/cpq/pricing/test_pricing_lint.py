import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from salesmgmt.core.entity import ProductId
from salesmgmt.core.findings import InvalidDefinition, Severity
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    AmountPer,
    DiscountRule,
    Discounts,
    HeaderDiscounts,
    ListPrice,
    OptionRecord,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    QuantityTiers,
    RoundLines,
    TierRecord,
)
from salesmgmt.cpq.pricing import lint as lint_package
from salesmgmt.cpq.pricing.procedure import Step
from salesmgmt.cpq.products import Catalogue, Product

LIST = ListPrice(id="list")
CENTS = RoundLines(id="cents")
DOCK = PriceRecord(id="p-1", product="dock", price=Money(850, "CNY"))


def _codes(model: PricingModel) -> list[tuple[str, str]]:
    return [(one.code, one.where) for one in model.lint()]


def _of_steps(*steps: Step, prices: tuple[PriceRecord, ...] = (DOCK,)) -> list[tuple[str, str]]:
    return _codes(PricingModel(procedure=PricingProcedure(id="x", steps=steps), prices=prices))


def _of_rules(*rules: DiscountRule, prices: tuple[PriceRecord, ...] = (DOCK,)) -> list[tuple[str, str]]:
    return _of_steps(LIST, Discounts(id="d", rules=rules), CENTS, prices=prices)


def _of_records(
    *,
    prices: tuple[PriceRecord, ...] = (DOCK,),
    tiers: tuple[TierRecord, ...] = (),
    options: tuple[OptionRecord, ...] = (),
    catalogue: Catalogue | None = None,
) -> list[tuple[str, str]]:
    steps: tuple[Step, ...] = (LIST, *([QuantityTiers(id="t")] if tiers else []), CENTS)
    model = PricingModel(
        procedure=PricingProcedure(id="x", steps=steps),
        prices=prices,
        tiers=tiers,
        options=options,
        catalogue=catalogue or Catalogue(),
    )
    return _codes(model)


def test_a_plain_model_has_no_findings() -> None:
    assert _of_steps(LIST, CENTS) == []
    assert _of_steps(LIST, CENTS, HeaderDiscounts(id="h", rules=())) == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), [("no_list_price", "steps"), ("unused_records", "prices.csv")]),
        ((CENTS,), [("no_list_price", "steps[0]"), ("unused_records", "prices.csv")]),
        ((LIST, CENTS, ListPrice(id="again")), [("no_list_price", "steps[2]"), ("unrounded", "steps[2]")]),
        ((LIST,), [("unrounded", "steps[0]")]),
        ((LIST, HeaderDiscounts(id="h", rules=()), CENTS), [("unrounded", "steps[1]")]),
        ((LIST, CENTS, Discounts(id="d", rules=())), [("unrounded", "steps[2]")]),
        ((LIST, RoundLines(id="list")), [("step_id", "steps[1]")]),
        ((LIST, RoundLines(id=" ")), [("step_id", "steps[1]")]),
    ],
)
def test_steps_that_cannot_follow_each_other_are_found(
    steps: tuple[Step, ...], expected: list[tuple[str, str]]
) -> None:
    assert _of_steps(*steps) == expected


@pytest.mark.parametrize(
    ("increment", "ending", "code", "is_fine"),
    [
        ("0.05", None, "CNY", True),
        ("1", "0.99", "CNY", True),
        ("10", None, "JPY", True),
        ("0.005", None, "CNY", False),
        ("1", "0.995", "CNY", False),
        ("0.01", None, "JPY", False),
        ("0", None, "CNY", False),
        ("-1", None, "CNY", False),
        ("1", "1", "CNY", False),
    ],
)
def test_a_rounding_leaves_whole_minor_units_of_every_currency(
    increment: str, ending: str | None, code: str, is_fine: bool
) -> None:
    step = RoundLines(
        id="r", increment=Decimal(increment), ending=None if ending is None else Decimal(ending)
    )
    price = PriceRecord(id="p", product="dock", price=Money(1, code))

    assert _of_steps(LIST, step, prices=(price,)) == ([] if is_fine else [("rounding", "steps[1]")])


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (DiscountRule(id="r"), "rule_value"),
        (DiscountRule(id="r", percent=Percent(1), amount=Money(1, "CNY")), "rule_value"),
        (DiscountRule(id="r", percent=Percent("100.01")), "rule_value"),
        (DiscountRule(id="r", percent=Percent(1), per=AmountPer.UNIT), "rule_value"),
        (
            DiscountRule(id="r", percent=Percent(1), valid_from=date(2026, 1, 1), valid_to=date(2026, 1, 1)),
            "reversed_validity",
        ),
        (DiscountRule(id="r", percent=Percent(1), condition="line.qty > 5"), "formula"),
        (DiscountRule(id="r", percent=Percent(1), condition="line.quantity"), "formula"),
        (
            DiscountRule(id="r", percent=Percent(1), condition="line.quantity > 5 and line.quantity < 2"),
            "contradictory_condition",
        ),
    ],
)
def test_rules_that_cannot_work_are_found(rule: DiscountRule, code: str) -> None:
    assert _of_rules(rule) == [(code, "rule r")]


def test_rules_of_different_steps_need_different_ids() -> None:
    rule = DiscountRule(id="r", percent=Percent(1))

    found = _of_steps(LIST, Discounts(id="d", rules=(rule,)), CENTS, HeaderDiscounts(id="h", rules=(rule,)))

    assert found == [("rule_id", "steps[3].rules[0]")]


def test_an_amount_compared_without_asking_for_the_currency_is_a_warning() -> None:
    euro = PriceRecord(id="p-2", product="dock", price=Money(100, "EUR"))
    bare = DiscountRule(id="r", percent=Percent(1), condition="order.amount > 5 CNY")
    guarded = DiscountRule(
        id="r", percent=Percent(1), condition="order.currency == 'CNY' and order.amount > 5 CNY"
    )

    assert _of_rules(bare, prices=(DOCK, euro)) == [("unguarded_currency", "rule r")]
    assert _of_rules(guarded, prices=(DOCK, euro)) == []
    assert _of_rules(bare) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"customer.id": "text"}, "name_taken"),
        ({"since": "date"}, "fact_prefix"),
        ({"customer.since": "day"}, "unknown_type"),
        ({"customer.": "text"}, "not_a_name"),
        ({"line.1st": "text"}, "not_a_name"),
    ],
)
def test_faulty_facts_are_found(facts: Mapping[str, Any], code: str) -> None:
    procedure = PricingProcedure(id="x", facts=facts, steps=(LIST, CENTS))

    assert [one.code for one in PricingModel(procedure=procedure, prices=[DOCK]).lint()] == [code]


def test_a_blank_id_and_an_unknown_time_zone_are_found() -> None:
    procedure = PricingProcedure(id=" ", time_zone="Mars/Base", steps=(LIST, CENTS))

    assert _codes(PricingModel(procedure=procedure, prices=[DOCK])) == [
        ("procedure_id", "id"),
        ("time_zone", "time_zone"),
    ]


def test_a_procedure_of_thousands_of_rules_is_refused_at_once() -> None:
    rules = tuple(DiscountRule(id=str(number), percent=Percent(1)) for number in range(5_001))

    assert _of_rules(*rules) == [("too_large", "procedure.toml")]


def test_records_of_equal_rank_are_warned_of() -> None:
    def record(name: str, price: int, start: int, end: int) -> PriceRecord:
        return PriceRecord(
            id=name,
            product="dock",
            price=Money(price, "CNY"),
            valid_from=date(2026, start, 1),
            valid_to=date(2026, end, 1),
        )

    found = _of_records(
        prices=(record("a", 1, 1, 6), record("b", 2, 1, 3), record("c", 5, 7, 9), record("d", 5, 7, 9))
    )

    assert found == [("conflicting_prices", "a and b"), ("duplicate_price", "c and d")]


def test_hundreds_of_records_of_equal_rank_are_refused() -> None:
    prices = tuple(
        PriceRecord(id=str(number), product="dock", price=Money(1, "CNY")) for number in range(101)
    )

    assert _of_records(prices=prices) == [("too_many_candidates", "prices.csv")]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (((1, 10), (10, None)), []),
        (((1, None), (10, None)), []),
        (((1, 9), (10, None)), ["tier_gap"]),
        (((1, 11), (10, None)), ["tier_overlap"]),
        (((1, None), (1, None)), ["tier_overlap"]),
        (((1, 50), (10, 20)), ["tier_overlap"]),
    ],
)
def test_gaps_and_overlaps_of_tiers_are_found(
    limits: tuple[tuple[int, int | None], ...], expected: list[str]
) -> None:
    tiers = tuple(
        TierRecord(
            id=f"t-{number}",
            product="dock",
            lower=Decimal(lower),
            upper=None if upper is None else Decimal(upper),
            percent=Percent(number),
        )
        for number, (lower, upper) in enumerate(limits)
    )

    assert [code for code, _ in _of_records(tiers=tiers)] == expected


def test_unknown_products_and_families_are_found_when_there_is_a_catalogue() -> None:
    catalogue = Catalogue([Product(id=ProductId("dock"), family="accessories")])
    tiers = (
        TierRecord(id="t-1", family="acessories", lower=Decimal(1), percent=Percent(1)),
        TierRecord(id="t-2", product="dokc", lower=Decimal(1), percent=Percent(1)),
    )

    assert _of_records(tiers=tiers) == []
    assert _of_records(tiers=tiers, catalogue=catalogue) == [
        ("unknown_product", "t-2"),
        ("unknown_family", "t-1"),
    ]


def test_records_that_no_step_reads_are_warned_of() -> None:
    option = OptionRecord(id="o", product="dock", attribute="a", value="b", extra=Money(1, "CNY"))

    assert _of_records(options=(option,)) == [("unused_records", "options.csv")]
    assert _of_records(prices=()) == [("no_prices", "prices.csv")]


def test_two_extras_for_one_option_are_found() -> None:
    options = tuple(
        OptionRecord(id=name, product="dock", attribute="a", value="b", extra=Money(1, "CNY"))
        for name in ("o-1", "o-2")
    )

    assert ("duplicate_option", "o-2") in _of_records(options=options)


def test_a_model_with_errors_does_not_compile_and_says_all_of_them() -> None:
    model = PricingModel(procedure=PricingProcedure(id="", steps=(LIST,)), prices=[DOCK])

    with pytest.raises(InvalidDefinition) as caught:
        model.compile()

    assert [one.code for one in caught.value.findings] == ["procedure_id", "unrounded"]


def test_a_model_with_warnings_compiles() -> None:
    prices = [DOCK, PriceRecord(id="p-2", product="dock", price=Money(9, "CNY"))]
    model = PricingModel(procedure=PricingProcedure(id="x", steps=(LIST, CENTS)), prices=prices)

    assert [one.severity for one in model.lint()] == [Severity.WARNING]
    assert model.compile().model is model


def test_every_finding_says_what_to_do() -> None:
    model = PricingModel(procedure=PricingProcedure(id="", steps=()), prices=[])

    assert all(one.hint and one.message for one, _ in pairwise((*model.lint(), *model.lint())))


def test_every_code_of_the_lint_stands_in_the_page_about_it() -> None:
    folder = Path(lint_package.__file__).parent
    sources = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    page = Path(__file__).parents[3] / "docs" / "cpq" / "lint.md"

    codes = {
        found for pair in re.findall(r'code="(\w+)"|\("(unknown_\w+)",', sources) for found in pair if found
    }

    assert len(codes) > 40
    assert [code for code in sorted(codes) if f"`{code}`" not in page.read_text(encoding="utf-8")] == []
