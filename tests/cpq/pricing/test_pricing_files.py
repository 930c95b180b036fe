from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import Finding, InvalidDefinition
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.quantity import Quantity
from salesmgmt.cpq.pricing import STANDARD, Line, PricingModel, PricingRequest
from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
from salesmgmt.cpq.pricing.price_lists.price_rule import RuleStep
from salesmgmt.cpq.pricing.promotions import promotion_policy
from salesmgmt.cpq.products import Catalogue, Product
from tests.cpq.pricing.a_folder import FILES, write

PLAIN = """
id = "plain"
[[steps]]
type = "ListPrice"
id = "list"
[[steps]]
type = "RoundLines"
id = "cents"
"""
PRICES = "product,currency,amount\ndock,CNY,850.00\n"


def _write(folder: Path, **files: str) -> Path:
    names = {"procedure": "procedure.toml"}
    for name, text in {"procedure": PLAIN, "prices": PRICES, **files}.items():
        (folder / names.get(name, f"{name}.csv")).write_text(text, encoding="utf-8")
    return folder


def _problems(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        PricingModel.load(folder)
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_a_record_without_an_id_is_called_by_its_place(tmp_path: Path) -> None:
    model = PricingModel.load(_write(tmp_path))

    assert [(one.id, one.row, one.price) for one in model.prices] == [
        ("prices.csv row 2", 2, Money("850.00", "CNY"))
    ]


def test_faults_of_all_files_are_told_at_once_and_nothing_is_loaded(tmp_path: Path) -> None:
    _write(
        tmp_path,
        procedure='id = "x"\nsteps = [{ type = "ListPrise", id = "list" }, { type = "RoundLines", idd = "r" }]',
        prices=(
            "product,currency,amount,valid_from,valid_to\n"
            "dock,CNY,1e3,2026-02-30,\n"
            "dock,XXY,1.5,20260101,2026-W01-1\n"
            ",CNY,,,\n"
            "dock,CNY,-1,2026-02-01,2026-01-01\n"
            "dock,XAU,1,,\n"
            "dock,CNY,١٢,,\n"
        ),
        tiers=(
            "product,family,lower,upper,percent,unit_price,currency\n"
            ",,1,1,101%,,\n"
            "dock,accessories,-1,,,5,\n"
            "dock,,1,,5,5,CNY\n"
        ),
        options="product,attribute,value,currency\n",
        products="id\na\na\n",
    )

    assert _problems(tmp_path) == [
        ("procedure.toml: steps[0].type", "not_allowed"),
        ("procedure.toml: steps[1].idd", "unknown_key"),
        ("procedure.toml: steps[1].id", "missing"),
        ("prices.csv row 2, column amount", "not_a_number"),
        ("prices.csv row 2, column valid_from", "wrong_value"),
        ("prices.csv row 3, column currency", "unknown_currency"),
        ("prices.csv row 3, column valid_from", "wrong_value"),
        ("prices.csv row 3, column valid_to", "wrong_value"),
        ("prices.csv row 4, column product", "missing"),
        ("prices.csv row 4, column amount", "missing"),
        ("prices.csv row 5, column amount", "negative"),
        ("prices.csv row 5, column valid_to", "reversed"),
        ("prices.csv row 6, column currency", "no_minor_unit"),
        ("prices.csv row 7, column amount", "not_a_number"),
        ("tiers.csv row 2, column product", "one_of"),
        ("tiers.csv row 2, column upper", "reversed"),
        ("tiers.csv row 2, column percent", "too_large"),
        ("tiers.csv row 3, column currency", "missing"),
        ("tiers.csv row 4, column percent", "one_of"),
        ("options.csv row 1", "missing_column"),
        ("products.csv row 3, column id", "duplicate"),
    ]


def test_a_duplicate_id_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, prices="id,product,currency,amount\np,dock,CNY,1\np,lamp,CNY,1\n")

    assert _problems(tmp_path) == [("prices.csv row 3, column id", "duplicate")]


def test_a_folder_without_any_price_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tiers.csv").write_text("lower,percent,product\n1,5%,dock\n", encoding="utf-8")

    assert _problems(tmp_path) == [("the folder", "no_prices")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id = 5",
        "id = 'x'\nsteps = 5",
        "id = 'x'\nsteps = [[[[]]]]",
        "steps = [" * 2_000,
        "id = 'x'\nsteps = []\nversion = 1.5",
        "id = 'x'\nsteps = [{type = 'Discounts', id = 'd', rules = [{id = 'r', percent = 'ten'}]}]",
        "id = 'x'\nsteps = [{type = 'Discounts', id = 'd', rules = [{id = 'r', percent = '1e1%'}]}]",
        "id = 'x'\nsteps = [{type = 'RoundLines', id = 'd', mode = 'nearest'}]",
        "id = 'x'\nsteps = [{type = 'Discounts', id = 'd', rules = [{id = 'r', valid_from = 2026-01-01T09:00:00Z}]}]",
        "\0",
    ],
)
def test_hostile_procedures_give_a_clear_refusal(tmp_path: Path, text: str) -> None:
    _write(tmp_path, procedure=text)

    with pytest.raises((InvalidInput, InvalidDefinition)):
        PricingModel.load(tmp_path)


def test_findings_name_file_and_row(tmp_path: Path) -> None:
    _write(tmp_path, prices=PRICES + "lamp,CNY,5\n", products="id\ndock\n")

    with pytest.raises(InvalidDefinition) as caught:
        PricingModel.load(tmp_path)

    assert [(one.code, one.where) for one in caught.value.findings] == [
        ("unknown_product", "prices.csv row 3")
    ]


def test_a_catalogue_of_the_host_takes_the_place_of_the_file(tmp_path: Path) -> None:
    _write(tmp_path, products="not,a,catalogue\n")
    catalogue = Catalogue([Product(id="dock")])  # a plain text is read as well

    assert PricingModel.load(tmp_path, catalogue=catalogue).catalogue is catalogue


def test_a_file_full_of_faults_is_not_read_to_its_end(tmp_path: Path) -> None:
    _write(
        tmp_path,
        prices="product,currency,amount\n" + "x\n" * 5_000,
        tiers="a," * 5_000,
        options="product,attribute,value,currency,amount\nbike,frame,carbon,CNY,x\n",
    )

    problems = _problems(tmp_path)

    assert problems.count(("tiers.csv row 1", "too_many_columns")) == 1
    assert ("options.csv row 2, column amount", "not_a_number") in problems
    assert len(problems) == 1_003
    assert ("prices.csv row 1002", "too_many_problems") in problems


def test_a_path_that_cannot_be_one_is_refused_like_a_missing_file() -> None:
    for load in (PricingModel.load, Catalogue.load):
        with pytest.raises(InvalidInput) as caught:
            load("a\0b")
        assert {problem.code for problem in caught.value.problems} == {"unreadable"}


@pytest.fixture(name="everything", scope="module")
def _everything(tmp_path_factory: pytest.TempPathFactory) -> PricingModel:
    return PricingModel.load(write(tmp_path_factory.mktemp("everything"), FILES))


def test_condition_records_are_read_with_their_keys_scales_and_instants(everything: PricingModel) -> None:
    loyalty, freight, bulk = everything.conditions

    assert (loyalty.type, loyalty.key, loyalty.percent) == (
        "loyalty",
        {"customer.segment": "gold"},
        Percent(3),
    )
    assert (loyalty.priority, loyalty.combinable, loyalty.upper_limit, loyalty.version) == (
        5,
        True,
        Decimal(500),
        2,
    )
    assert (loyalty.condition, loyalty.reason) == ("customer.seats >= 10", "agreed in the fair")
    assert (freight.amount, freight.row) == (Money(120, "CNY"), 3)
    assert freight.valid_from == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert freight.valid_to == datetime(2026, 6, 30, 18, tzinfo=UTC)
    assert bulk.scale is not None
    assert [tier.percent for tier in bulk.scale.tiers] == [Percent(0), Percent(4), Percent(6)]
    assert (bulk.excludes, bulk.max_quantity, bulk.uom) == (("loyalty", "freight"), Decimal(1000), "piece")


def test_price_rules_join_the_lists_that_they_name(everything: PricingModel) -> None:
    retail, partner = everything.price_lists.lists

    assert [rule.id for rule in retail.rules] == ["l-1", "l-2"]
    assert [rule.id for rule in partner.rules] == ["partner-all", "l-3", "l-4"]
    assert (partner.based_on, everything.price_lists.policy) == ("retail", PriceListPolicy.preset("odoo"))
    laptop, electronics = retail.rules
    assert (laptop.key, laptop.price, laptop.row) == ({"line.lineage": "laptop"}, Decimal(9800), 2)
    assert (laptop.valid_from, laptop.valid_to) == (date(2026, 1, 1), datetime(2026, 6, 30, 16, tzinfo=UTC))
    assert electronics.key == {"line.categories": "electronics", "order.region": "north"}
    assert (electronics.min_quantity, electronics.percent_off, electronics.round_to) == (
        Decimal(5),
        Decimal(10),
        Decimal(1),
    )
    assert electronics.steps == (RuleStep.DISCOUNT, RuleStep.ROUND)
    assert partner.rules[1].base_price_list == "retail"
    assert partner.rules[2].apply_to == {"line.product": "dock"}


def test_promotions_units_rates_and_categories_are_read(everything: PricingModel) -> None:
    assert [one.id for one in everything.promotions] == ["spring", "welcome"]
    assert [one.code for one in everything.coupons] == ["WELCOME-17"]
    assert everything.promotion_policy == promotion_policy("solidus")
    assert everything.units.convert(Quantity(1, "pallet"), "piece") == Quantity(240, "piece")
    assert everything.rates.rate("EUR", "CNY", on=date(2026, 3, 1)) == Decimal("7.90")
    assert everything.catalogue.categories_of("laptop-14") == ("computers", "electronics")
    assert everything.catalogue.lineage_of("laptop-14") == ("laptop-14", "laptop")


def test_prices_alone_are_enough(tmp_path: Path) -> None:
    model = PricingModel.load(write(tmp_path, {"prices.csv": PRICES}))

    assert model.procedure is STANDARD


def test_price_lists_alone_are_enough(tmp_path: Path) -> None:
    lists = """lists = [{ id = "retail", currency = "EUR", rules = [{ id = "r", key = { "line.product" = "dock" }, price = 5 }] }]"""
    pricer = PricingModel.load(write(tmp_path, {"price_lists.toml": lists})).compile()
    request = PricingRequest(
        at=datetime(2026, 3, 2, tzinfo=UTC), currency="EUR", price_list="retail", lines=[Line("dock", 3)]
    )

    assert pricer.price(request).total == Money(15, "EUR")


def test_a_faulty_file_takes_none_of_the_others_down_with_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        {**FILES, "procedure.toml": "id = 5", "scales.toml": "x = 1", "price_lists.toml": "lists = 1"},
    )

    assert {path.split(":")[0] for path, _ in _problems(tmp_path)} == {
        "procedure.toml", "scales.toml", "price_lists.toml"
    }  # fmt: skip


def test_a_model_that_is_loaded_is_looked_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[PricingModel]()

    def lint(model: PricingModel) -> tuple[Finding, ...]:
        asked.append(model)
        return ()

    monkeypatch.setattr("salesmgmt.cpq.pricing.model.lint", lint)
    model = PricingModel.load(write(tmp_path, {"prices.csv": PRICES}))
    _ = model.compile(), model.lint(), pickle.loads(pickle.dumps(model.compile()))

    assert len(asked) == 2  # the pickled pricer makes its own model
