"""Mistaken and hostile pricing folders: each is refused with its place, and with nothing but the library's own errors."""

from __future__ import annotations

import csv
import io
import os
from itertools import product
from pathlib import Path

import attrs
import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.cpq.pricing import PricingModel
from tests.cpq.pricing.a_folder import FILES, write

SHEETS = [name for name in FILES if name.endswith(".csv")]
DOCUMENTS = [name for name in FILES if name.endswith(".toml")]


@attrs.frozen
class Case:
    """One fault: the file that is spoilt, what it holds then, and where the message must lead."""

    name: str
    file: str
    content: str | bytes
    place: str = ""


def _cell(file: str, row: int, column: str, value: str) -> Case:
    """A cell of a sheet with another value; the row is counted as an editor does."""
    rows = list(csv.reader(io.StringIO(FILES[file])))
    rows[row - 1][rows[0].index(column)] = value
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return Case(f"{column}={value[:20]!r}", file, text.getvalue(), f"{file} row {row}, column {column}")


def _swapped(file: str, old: str, new: str, place: str) -> Case:
    """A file in which a piece of text stands for another."""
    assert old in FILES[file]
    return Case(f"{old.strip()[:30]}->{new.strip()[:30]}", file, FILES[file].replace(old, new, 1), place)


BAD_NUMBERS = [
    "1e3", "1E-2", "nan", "inf", "-Infinity", "1,000.00", "1.000,00", "１２", "١٢", "0x1F", "1_000", "1 000", "--1",
    "ten", "=1+1", "1.5.2", "+", "½", "9" * 40, "9" * 5_000, "1;2", "NULL", "12 CNY", "\u200b5",
]  # fmt: skip
NUMBER_CELLS = [
    ("prices.csv", 2, "amount"), ("tiers.csv", 2, "lower"), ("options.csv", 2, "amount"), ("products.csv", 3, "cost"),
    ("products.csv", 3, "weight"), ("units.csv", 2, "factor"), ("rates.csv", 2, "rate"), ("conditions.csv", 3, "amount"),
    ("conditions.csv", 4, "min_quantity"), ("price_rules.csv", 2, "price"), ("price_rules.csv", 3, "percent_off"),
]  # fmt: skip
BAD_DAYS = [
    "2026-02-30", "20260101", "2026-W01-1", "01/02/2026", "2026-1-5", "0000-01-01", "0001-01-01", "99999-01-01",
    "２０２６-01-01", "yesterday", "1767225600", "2026-01-01 ; drop",
]  # fmt: skip
DAY_CELLS = [
    ("prices.csv", 3, "valid_from"), ("rates.csv", 2, "date"), ("conditions.csv", 2, "valid_from"),
    ("price_rules.csv", 2, "valid_to"),
]  # fmt: skip
BAD_INSTANTS = [
    "2026-03-02T09:00",
    "2026-03-02T25:00Z",
    "0001-01-01T00:00+14:00",
    "9999-12-31T23:00-12:00",
    "2026-03-02T09Z",
]
OTHER_CELLS = [
    ("prices.csv", 2, "amount", "-1"), ("prices.csv", 2, "amount", ""), ("prices.csv", 2, "product", ""),
    ("prices.csv", 2, "product", "x" * 201), ("prices.csv", 2, "product", "dock\x00"), ("prices.csv", 2, "product", "do\nck"),
    ("prices.csv", 2, "product", "\u202edock"), ("prices.csv", 2, "currency", "CNX"), ("prices.csv", 2, "currency", "cny"),
    ("prices.csv", 2, "currency", "XAU"), ("prices.csv", 2, "currency", ""), ("prices.csv", 4, "valid_to", "2025-01-01"),
    ("prices.csv", 4, "valid_to", "2026-01-01"), ("prices.csv", 3, "id", "p-dock"),
    ("tiers.csv", 2, "percent", "101%"), ("tiers.csv", 2, "percent", "1e1%"), ("tiers.csv", 2, "percent", "10%%"),
    ("tiers.csv", 2, "upper", "10"), ("tiers.csv", 2, "lower", "-1"), ("tiers.csv", 4, "unit_price", "-900"),
    ("tiers.csv", 4, "currency", ""), ("tiers.csv", 3, "id", "t-1"), ("options.csv", 2, "attribute", ""),
    ("options.csv", 2, "value", ""), ("products.csv", 2, "id", ""), ("products.csv", 3, "active", "yes"),
    ("products.csv", 3, "active", "True"), ("products.csv", 3, "cost", "-1"), ("products.csv", 3, "currency", ""),
    ("products.csv", 3, "weight", "-1"), ("products.csv", 3, "parent", "laptop-14"), ("products.csv", 3, "unit", "x" * 41),
    ("categories.csv", 2, "category", ""), ("categories.csv", 3, "category", "computers"), ("units.csv", 2, "code", "piece"),
    ("units.csv", 3, "base", "crate"), ("units.csv", 2, "factor", "0"), ("units.csv", 2, "factor", "-6"),
    ("units.csv", 4, "code", "box"), ("rates.csv", 2, "rate", "0"), ("rates.csv", 2, "rate", "-7"),
    ("rates.csv", 2, "quote", "EUR"), ("rates.csv", 3, "date", "2026-01-05"), ("rates.csv", 2, "base", "EURO"),
    ("conditions.csv", 2, "type", "loyality"), ("conditions.csv", 2, "type", ""), ("conditions.csv", 4, "scale", "dock"),
    ("conditions.csv", 3, "currency", ""), ("conditions.csv", 2, "percent", "3 percent"), ("conditions.csv", 2, "priority", "1.5"),
    ("conditions.csv", 2, "priority", "9" * 19), ("conditions.csv", 2, "combinable", "1"), ("conditions.csv", 3, "percent", "3%"),
    ("conditions.csv", 4, "per_quantity", "0"), ("conditions.csv", 4, "max_quantity", "0"), ("conditions.csv", 4, "min_quantity", "-1"),
    ("conditions.csv", 2, "upper_limit", "-1"), ("conditions.csv", 2, "valid_to", "2026-01-01"),
    ("conditions.csv", 2, "condition", "customer.seat >= 10"), ("conditions.csv", 2, "condition", "customer.seats >= 'ten'"),
    ("conditions.csv", 2, "condition", "__import__('os').system('id')"), ("conditions.csv", 2, "condition", "customer.seats"),
    ("conditions.csv", 2, "condition", "(" * 5_000), ("conditions.csv", 2, "condition", "lambda: 1"),
    ("conditions.csv", 2, "condition", "1 == 1 or " * 3_000 + "1 == 1"), ("conditions.csv", 4, "id", "r-2"),
    ("price_rules.csv", 2, "list", "retial"), ("price_rules.csv", 2, "list", ""), ("price_rules.csv", 3, "id", "l-1"),
    ("price_rules.csv", 4, "id", "partner-all"), ("price_rules.csv", 4, "base_price_list", "whole"),
    ("price_rules.csv", 3, "base", "lists"), ("price_rules.csv", 3, "round_mode", "nearest"), ("price_rules.csv", 3, "round_to", "0"),
    ("price_rules.csv", 3, "round_to", ""), ("price_rules.csv", 3, "steps", "round;discont"),
    ("price_rules.csv", 3, "condition", "customer.since > 5"), ("price_rules.csv", 3, "quantity_scope", "all"),
]  # fmt: skip
CONTRADICTIONS = [
    ("price_rules.csv", 2, "price", "-5"), ("price_rules.csv", 2, "price", ""), ("price_rules.csv", 3, "percent_off", "101"),
    ("price_rules.csv", 3, "floor", "100000"), ("price_rules.csv", 4, "base", ""), ("price_rules.csv", 2, "valid_from", "2027-01-01"),
]  # fmt: skip


def _cells() -> list[Case]:
    cases = [_cell(*NUMBER_CELLS[0], bad) for bad in BAD_NUMBERS]
    cases += [_cell(*place, bad) for place, bad in product(NUMBER_CELLS[1:], BAD_NUMBERS[::4])]
    cases += [_cell(*DAY_CELLS[0], bad) for bad in BAD_DAYS]
    cases += [_cell(*place, bad) for place, bad in product(DAY_CELLS[1:], BAD_DAYS[::3])]
    cases += [_cell("conditions.csv", 3, "valid_from", bad) for bad in BAD_INSTANTS]
    cases += [_cell(*spoilt) for spoilt in OTHER_CELLS]
    # A rule is contradicted by several of its cells together, so that the message leads to its row.
    cases += [
        attrs.evolve(_cell(*spoilt), place=f"{spoilt[0]} row {spoilt[1]}")
        for spoilt in CONTRADICTIONS
        if spoilt[2] != "valid_from"
    ]
    return cases


def _sheets() -> list[Case]:
    cases = []
    for file in SHEETS:
        text = FILES[file]
        heading, rest = text.split("\n", 1)
        required = {"prices.csv": "product", "tiers.csv": "lower", "options.csv": "value", "products.csv": "id",
                    "categories.csv": "category", "units.csv": "code", "rates.csv": "rate", "conditions.csv": "type",
                    "price_rules.csv": "list"}[file]  # fmt: skip
        spoilt: dict[str, tuple[str | bytes, str]] = {
            "empty": ("", ""),
            "blank lines": ("\n\n\n", ""),
            "an unknown column": (f"{heading},colour\n{rest}", "row 1"),
            "a misspelt column": (text.replace(required, f"{required}x", 1), "row 1"),
            "a column twice": (f"{heading},{required}\n{rest}", "row 1"),
            "no heading": (rest, "row 1"),
            "semicolons": (text.replace(",", ";"), "row 1"),
            "a short row": (f"{text}x\n", "row"),
            "a long row": (f"{text}{',' * 200}x\n", "row"),
            "an open quote": (f'{text}"x', "row"),
            "a quote in a cell": (f'{text}"x"y{"," * heading.count(",")}\n', "row"),
            "a huge cell": (f"{text}{'x' * 200_000}{',' * heading.count(',')}\n", "row"),
            "a million columns": ("a," * 1_000_000, "row 1"),
            "bytes": (bytes(range(256)), ""),
            "nul bytes": (b"\0" * 1_000, "row 1"),
            "utf-16": (text.encode("utf-16"), ""),
            "latin-1": (text.encode() + "\xe9".encode("latin-1"), ""),
            "a page": ("<html><body>403 Forbidden</body></html>", "row 1"),
        }
        cases += [
            Case(name, file, content, f"{file} {place}".rstrip()) for name, (content, place) in spoilt.items()
        ]
    return cases


def _documents() -> list[Case]:
    return [
        Case(name, file, content, file)
        for file in DOCUMENTS
        for name, content in dict[str, str | bytes](
            {
                "no toml": "this is no toml",
                "an unknown key": f"surprise = 1\n{FILES[file]}",
                "deep nesting": f"{FILES[file]}\n[x]\ny = {'[' * 3_000}",
                "many dots": f"{'a.' * 2_000}b = 1",
                "bytes": bytes(range(256)),
                "utf-16": FILES[file].encode("utf-16"),
                "a key twice": f"{FILES[file]}\n[x]\ny = 1\ny = 2",
                "a list": "[[surprise]]\n[[surprise]]",
            }
        ).items()
    ]


SWAPS = [
    ("procedure.toml", 'id = "everything"', "id = 5", "id"),
    ("procedure.toml", 'id = "everything"', "", "id"),
    ("procedure.toml", "version = 3", "version = 1.5", "version"),
    ("procedure.toml", "version = 3", "version = 99999999999999999999999999999999999999999999999999999999999999999999999999", "version"),
    ("procedure.toml", '"date"', '"dat"', "facts"),
    ("procedure.toml", 'percent = "5%"', 'percent = "5e0%"', "steps[4].rules[0].percent"),
    ("procedure.toml", 'percent = "5%"', "percent = nan", "steps[4].rules[0].percent"),
    ("procedure.toml", 'percent = "5%"', "percent = 5", "steps[4].rules[0].percent"),
    ("procedure.toml", 'percent = "5%"', "percent = 0.05", "steps[4].rules[0].percent"),
    ("procedure.toml", "2027-01-01", '"soon"', "steps[4].rules[0].valid_to"),
    ("procedure.toml", "2027-01-01", "2026-02-30", ""),
    ("procedure.toml", "2027-01-01", "2027-01-01T00:00:00Z", "steps[4].rules[0].valid_to"),
    ("procedure.toml", '"RoundLines"', '"RoundLine"', "steps[8].type"),
    ("procedure.toml", '"amount_per_line"', '"amount_per_lines"', "condition_types[1].calculation"),
    ("procedure.toml", 'kind = "discount"', 'kind = "rabatt"', "condition_types[0].kind"),
    ("scales.toml", 'percent = "4%"', "percent = inf", "scales[0]"),
    ("scales.toml", "upper = 100", "upper = 1e200", "scales[0]"),
    ("scales.toml", "upper = 100", "upper = -100", "scales[0]"),
    ("scales.toml", "upper = 100", "upper = 5", "scales[0]"),
    ("scales.toml", 'id = "docks"\n', "", "scales[0].id"),
    ("scales.toml", "tiers = [", "tiers = []\nx = [", "scales[0]"),
    ("scales.toml", "[[scales]]", '[[scales]]\nid = "docks"\ntiers = [{ percent = "1%" }]\n[[scales]]', "scales[1].id"),
    ("price_lists.toml", 'preset = "odoo"', 'preset = "odo"', "preset"),
    ("price_lists.toml", 'preset = "odoo"', 'preset = "../../etc/passwd"', "preset"),
    ("price_lists.toml", 'preset = "odoo"', 'preset = "odoo"\npolicy = { combination = "first_alone" }', "preset"),
    ("price_lists.toml", 'preset = "odoo"', 'policy = { combination = "some" }', "policy.combination"),
    ("price_lists.toml", 'currency = "CNY"', 'currency = "CNYY"', "lists[0]"),
    ("price_lists.toml", 'based_on = "retail"', 'based_on = "retial"', "lists[1].based_on"),
    ("price_lists.toml", 'based_on = "retail"', 'based_on = "partner"', "lists[1].based_on"),
    ("price_lists.toml", 'id = "retail"', 'id = "retail"\nbased_on = "partner"', "lists[0].based_on"),
    ("price_lists.toml", 'id = "retail"', 'id = "retail"\ncurrency = "CNY"\n[[lists]]\nid = "retail"', "lists[1].id"),
    ("price_lists.toml", 'percent_off = "2.5"', 'percent_off = "250"', "lists[1].rules[0]"),
    ("price_lists.toml", 'percent_off = "2.5"', 'percent_off = "1e2"', "lists[1].rules[0]"),
    ("price_lists.toml", 'percent_off = "2.5"', 'base_price_list = "x"\nbase = "price_list"'.replace("\n", ", "), "lists[1].rules[0].base_price_list"),
    ("price_lists.toml", 'percent_off = "2.5"', 'percent_off = "2.5", valid_from = 0001-01-01T00:00:00+14:00', "lists[1].rules[0].valid_from"),
    ("promotions.toml", 'preset = "solidus"', 'preset = "magento"', "preset"),
    ("promotions.toml", 'percent = "10%"', 'percent = "110%"', "promotions[0]"),
    ("promotions.toml", 'percent = "10%"', 'percent = "-10%"', "promotions[0]"),
    ("promotions.toml", "2026-04-01T00:00:00+08:00", "2026-01-01T00:00:00+08:00", "promotions[0]"),
    ("promotions.toml", "2026-04-01T00:00:00+08:00", "2026-04-01T00:00:00", "promotions[0]"),
    ("promotions.toml", "2026-03-01T00:00:00+08:00", "0001-01-01T00:00:00+14:00", "promotions[0].valid_from"),
    ("promotions.toml", '"500 CNY"', '"500 CNX"', "promotions[0].condition.min_amount"),
    ("promotions.toml", '"500 CNY"', "500", "promotions[0].condition.min_amount"),
    ("promotions.toml", 'id = "welcome"', 'id = "spring"', "promotions[1].id"),
    ("promotions.toml", 'promotion = "welcome"', 'promotion = "welcom"', "coupons[0].promotion"),
    ("promotions.toml", "max_uses = 1", "max_uses = -1", "coupons[0]"),
    ("promotions.toml", '"AmountOff"', '"os.system"', "promotions[1].benefit.type"),
]  # fmt: skip

READ = [
    *_cells(),
    *_sheets(),
    *_documents(),
    *(_swapped(file, old, new, f"{file}: {place}") for file, old, new, place in SWAPS),
    _cell("categories.csv", 4, "parent", "electronics"),
    _swapped("categories.csv", "electronics,\n", "electronics,office\noffice,electronics\n", "categories.csv"),
]  # fmt: skip


def _named(case: Case) -> str:
    return f"{case.file} {case.name}"


def test_there_are_at_least_two_hundred_of_them() -> None:
    assert len({(case.file, case.content) for case in READ}) >= 200


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("pricing") / "good", FILES)


def test_the_folder_is_good_before_it_is_spoilt(folder: Path) -> None:
    model = PricingModel.load(folder)

    assert [len(one) for one in (model.prices, model.conditions, model.promotions)] == [4, 3, 2]
    assert model.compile().model is model


@pytest.mark.parametrize("case", READ, ids=_named)
def test_a_spoilt_file_is_refused_with_its_place(folder: Path, case: Case) -> None:
    spoilt = folder / case.file
    try:
        write(folder, {case.file: case.content})
        with pytest.raises(InvalidInput) as caught:
            PricingModel.load(folder)
    finally:
        write(folder, {case.file: FILES[case.file]})

    paths = [problem.path for problem in caught.value.problems]
    assert any(path.startswith(case.place or spoilt.name) for path in paths), paths
    assert all(spoilt.name in path for path in paths), "a fault in one file is no fault of another"
    assert spoilt.name in str(caught.value)
    assert len(str(caught.value)) < 50_000


MISNAMED = [
    "price.csv",
    "prices.CSV",
    "tiers.cvs",
    "condition.csv",
    "procedure.tml",
    "price_list.toml",
    "prices.tsv",
    "notes.csv",
]


@pytest.mark.parametrize("name", MISNAMED)
def test_a_file_that_nobody_reads_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, {**FILES, name: "x"})

    with pytest.raises(InvalidInput) as caught:
        PricingModel.load(tmp_path)

    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        (f"'{name}'", "unknown_file")
    ]


@pytest.mark.parametrize("name", ["README.md", ".prices.csv.swp", "prices.xlsx", "history"])
def test_notes_beside_the_files_are_nobodys_business(tmp_path: Path, name: str) -> None:
    write(tmp_path, {**FILES, name: "x"})

    assert len(PricingModel.load(tmp_path).prices) == 4


@pytest.mark.parametrize("file", sorted(FILES))
def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path, file: str) -> None:
    write(tmp_path, {name: text for name, text in FILES.items() if name != file})
    (tmp_path / file).mkdir()

    with pytest.raises(InvalidInput) as caught:
        PricingModel.load(tmp_path)

    assert (file, "unreadable") in [(problem.path, problem.code) for problem in caught.value.problems]


def test_a_pipe_and_a_broken_link_are_refused_and_nobody_waits_for_them(tmp_path: Path) -> None:
    write(
        tmp_path, {name: text for name, text in FILES.items() if name not in ("tiers.csv", "procedure.toml")}
    )
    os.mkfifo(tmp_path / "procedure.toml")
    (tmp_path / "tiers.csv").symlink_to(tmp_path / "nowhere")

    with pytest.raises(InvalidInput) as caught:
        PricingModel.load(tmp_path)

    paths = [problem.path for problem in caught.value.problems]
    assert paths[:2] == ["procedure.toml", "tiers.csv"]


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    write(tmp_path / "there", FILES)
    here = tmp_path / "here"
    here.mkdir()
    (here / "prices.csv").symlink_to(tmp_path / "there" / "prices.csv")

    assert len(PricingModel.load(here).prices) == 4


@pytest.mark.parametrize("path", ["nowhere", "a\0b", "x" * 5_000, "file.txt"])
def test_what_is_no_folder_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "file.txt").write_text("x", encoding="utf-8")

    with pytest.raises(InvalidInput) as caught:
        PricingModel.load(tmp_path / path)

    assert [problem.code for problem in caught.value.problems] == ["unreadable"]


def test_rules_without_lists_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {"prices.csv": FILES["prices.csv"], "price_rules.csv": FILES["price_rules.csv"]})

    with pytest.raises(InvalidInput) as caught:
        PricingModel.load(tmp_path)

    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("price_lists.toml", "missing")
    ]


WORKLESS = [
    ("procedure.toml", 'time_zone = "Asia/Shanghai"', 'time_zone = "Asia/Shanghia"'),
    ("procedure.toml", 'time_zone = "Asia/Shanghai"', 'time_zone = "../../etc/passwd"'),
    ("procedure.toml", "customer.segment == 'vip'", "customer.segment == 5"),
    (
        "procedure.toml",
        "customer.segment == 'vip'",
        "customer.segment == 'vip' and customer.segment == 'gold'",
    ),
    ("procedure.toml", "customer.segment == 'vip'", "__import__('os').system('id')"),
    ("procedure.toml", "customer.segment == 'vip'", "(" * 4_000),
    ("procedure.toml", 'percent = "5%"', 'percent = "500%"'),
    ("procedure.toml", 'id = "everything"', 'id = "  "'),
    ("procedure.toml", 'id = "cents"', 'id = "list"'),
    ("procedure.toml", "valid_to = 2027-01-01", "valid_to = 2025-01-01"),
    ("procedure.toml", 'type_id = "bulk"', 'type_id = "bluk"'),
    ("tiers.csv", "t-2,laptop-14,,50,", "t-2,laptop-14,,40,"),
    ("tiers.csv", "accessories", "accesories"),
    ("prices.csv", "p-dock,dock", "p-dock,dokc"),
    ("options.csv", "steel", "carbon"),
]


@pytest.mark.parametrize(("file", "old", "new"), WORKLESS)
def test_what_cannot_work_together_is_refused_with_all_findings(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    assert old in FILES[file]
    write(tmp_path, {**FILES, file: FILES[file].replace(old, new, 1)})

    with pytest.raises(InvalidDefinition) as caught:
        PricingModel.load(tmp_path)

    assert all(finding.where and finding.hint for finding in caught.value.findings)
    if file.endswith(".csv"):
        assert any(f"{file} row" in finding.where for finding in caught.value.findings)


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(FILES, "x"))

    with pytest.raises(InvalidInput) as caught:
        PricingModel.load(tmp_path)

    told = " ".join(problem.path for problem in caught.value.problems)
    assert [name for name in FILES if name not in told] == []


def test_endless_faults_end(tmp_path: Path) -> None:
    heading = FILES["prices.csv"].split("\n", 1)[0]
    write(tmp_path, {"prices.csv": f"{heading}\n" + '"x"y\n' * 50_000})

    with pytest.raises(InvalidInput) as caught:
        PricingModel.load(tmp_path)

    assert len(caught.value.problems) == 1_001
    assert caught.value.problems[-1].code == "too_many_problems"


def test_a_byte_order_mark_is_tolerated_everywhere(tmp_path: Path) -> None:
    write(tmp_path, {name: b"\xef\xbb\xbf" + text.encode() for name, text in FILES.items()})

    assert len(PricingModel.load(tmp_path).conditions) == 3


def test_a_tower_of_lists_is_refused_before_it_falls(tmp_path: Path) -> None:
    tower = ",".join(f"{{ id = 'l{i}', currency = 'EUR', based_on = 'l{i - 1}' }}" for i in range(1, 3_000))
    write(tmp_path, {"price_lists.toml": f"lists = [{{ id = 'l0', currency = 'EUR' }}, {tower}]"})

    with pytest.raises(InvalidInput) as caught:
        PricingModel.load(tmp_path)

    assert [(one.path, one.code) for one in caught.value.problems] == [
        ("price_lists.toml: lists[50].based_on", "too_deep")
    ]


def test_lists_that_stand_on_each_other_through_their_rules_are_refused(tmp_path: Path) -> None:
    rules = "list,base,base_price_list,percent_off\na,price_list,b,5\nb,price_list,c,5\nc,price_list,b,5\n"
    lists = "lists = [{ id = 'a', currency = 'EUR' }, { id = 'b', currency = 'EUR' }, { id = 'c', currency = 'EUR' }]"
    write(tmp_path, {"price_lists.toml": lists, "price_rules.csv": rules})

    with pytest.raises(InvalidInput) as caught:
        PricingModel.load(tmp_path)

    assert [(one.path, one.code, one.found) for one in caught.value.problems] == [
        ("price_lists.toml: lists[1].based_on", "cycle", "'b -> c -> b'")
    ]


def test_a_long_chain_of_categories_or_templates_is_no_burden(tmp_path: Path) -> None:
    chain = "".join(f"c{i},c{i + 1}\n" for i in range(20_000))
    write(tmp_path, {"prices.csv": FILES["prices.csv"], "categories.csv": f"category,parent\n{chain}"})

    assert len(PricingModel.load(tmp_path).catalogue.categories) == 20_000
