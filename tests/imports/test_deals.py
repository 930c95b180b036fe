from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.imports import DealImport, DealMapping, read_deals, read_keys, write_rejects
from salesmgmt.pipeline.deals import StageKind

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
HEADER = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
GOOD = "A1,Kim,GTX Pro,Acme,Won,2017-01-02,2017-02-28,4821\n"


def _import(rules: Path, text: str | bytes, **options: object) -> DealImport:
    file = rules / "deals.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_deals(
        file,
        DealMapping.load(rules / "mapping.toml"),
        at=NOW,
        by=Actor("import"),
        **options,  # type: ignore[arg-type]
    )


def test_a_row_becomes_a_deal(rules: Path) -> None:
    outcome = _import(rules, HEADER + GOOD)

    (deal,) = outcome.deals
    assert outcome.read == 1
    assert (deal.id, deal.owner, deal.product, deal.account) == ("A1", "Kim", "GTX Pro", "Acme")
    assert (deal.stage, deal.status, deal.amount) == ("won", StageKind.WON, Money(4821, "USD"))
    assert (deal.opened_at, deal.closed_on) == (datetime(2017, 1, 2, tzinfo=UTC), date(2017, 2, 28))
    assert outcome.rejects == ()


def test_what_the_export_does_not_know_stays_unknown(rules: Path) -> None:
    (deal,) = _import(rules, HEADER + "A1,Kim,,,Prospecting,,,\n").deals

    assert (deal.account, deal.product, deal.amount, deal.opened_at, deal.closed_on) == (None,) * 5


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("A2,Kim,GTX Pro,Acme,Won,2017-13-02,2017-02-28,1", "engage_date", "bad_date"),
        ("A2,Kim,GTX Pro,Acme,Won,02.01.2017,2017-02-28,1", "engage_date", "bad_date"),
        ("A2,Kim,GTX Pro,Acme,Won,2017-03-02,2017-02-28,1", "close_date", "reversed_dates"),
        ("A2,Kim,GTX Pro,Acme,Engaging,2017-01-02,2017-02-28,1", "close_date", "not_closed"),
        ("A2,Kim,GTX Pro,Acme,Won,2017-01-02,2017-02-28,-1", "close_value", "negative"),
        ("A2,Kim,GTX Pro,Acme,Won,2017-01-02,2017-02-28,1e3", "close_value", "not_a_number"),
        ('A2,Kim,GTX Pro,Acme,Won,2017-01-02,2017-02-28,"1,000"', "close_value", "not_a_number"),
        ("A2,Kim,GTX Pro,Acme,Won,2017-01-02,2017-02-28,NaN", "close_value", "not_a_number"),
        ("A2,Kim,GTX Pro,Acme,Wonn,2017-01-02,2017-02-28,1", "deal_stage", "unknown_stage"),
        ("A1,Kim,GTX Pro,Acme,Won,2017-01-02,2017-02-28,1", "opportunity_id", "duplicate_id"),
        (",Kim,GTX Pro,Acme,Won,2017-01-02,2017-02-28,1", "opportunity_id", "missing"),
        ("A2,Kim", "", "too_few_cells"),
        (f"{'A' * 300},Kim,GTX Pro,Acme,Won,2017-01-02,2017-02-28,1", "opportunity_id", "too_long"),
    ],
)
def test_a_row_that_cannot_be_understood_is_reported_and_the_rest_loads(
    rules: Path, row: str, column: str, code: str
) -> None:
    outcome = _import(rules, f"{HEADER}{GOOD}{row}\nA3,Kim,GTX Pro,Acme,Lost,2017-01-02,2017-02-28,0\n")

    (reject,) = outcome.rejects
    assert (reject.row, reject.column, reject.code) == (3, column, code)
    assert "wanted" in reject.reason
    assert [deal.id for deal in outcome.deals] == ["A1", "A3"]
    assert outcome.read == 3


def test_strict_takes_nothing_when_a_row_is_not_understood(rules: Path) -> None:
    outcome = _import(rules, f"{HEADER}{GOOD}A2,Kim\n", strict=True)

    assert (outcome.deals, outcome.events, outcome.read) == ((), (), 2)
    assert len(outcome.rejects) == 1


def test_a_key_that_does_not_resolve_is_named_once_with_its_count_and_the_nearest_one(rules: Path) -> None:
    rows = "".join(f"B{number},Kim,GTXPro,Acme,Engaging,2017-01-02,,\n" for number in range(3))

    outcome = _import(rules, HEADER + GOOD + rows, products={"GTX Pro", "MG Special"}, accounts={"Acme"})

    (unresolved,) = outcome.unresolved
    assert (unresolved.field, unresolved.key, unresolved.count) == ("product", "GTXPro", 3)
    assert unresolved.nearest == "GTX Pro"
    assert len(outcome.deals) == 4


def test_a_missing_column_stops_at_once_and_names_every_missing_one(rules: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        _import(rules, "opportunity_id,sales_agent,product\nA1,Kim,x\n")

    missing = {problem.path for problem in caught.value.problems}
    assert missing == {
        f"column {name}" for name in ("account", "deal_stage", "engage_date", "close_date", "close_value")
    }


@pytest.mark.parametrize("text", ["", "\n\n", HEADER.replace("account", "product") + GOOD])
def test_a_file_without_a_proper_header_is_refused(rules: Path, text: str) -> None:
    with pytest.raises(InvalidInput):
        _import(rules, text)


def test_a_missing_file_is_refused_with_its_name(rules: Path) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere\.csv"):
        read_deals(
            rules / "nowhere.csv", DealMapping.load(rules / "mapping.toml"), at=NOW, by=Actor("import")
        )


def test_columns_that_nobody_asked_for_are_named(rules: Path) -> None:
    outcome = _import(rules, HEADER.rstrip() + ",region\n" + GOOD.rstrip() + ",East\n")

    assert outcome.unused_columns == ("region",)


def test_hostile_bytes_are_rejected_row_by_row(rules: Path) -> None:
    rows = [b"caf\xe9,x", b"nul\x00,x", b'"open,x', b"x" * 3_000_000]

    outcome = _import(rules, HEADER.encode() + b"\n".join(rows) + b"\n" + GOOD.encode())

    assert [reject.code for reject in outcome.rejects] == ["encoding", "nul_byte", "open_quote", "too_long"]
    assert [reject.row for reject in outcome.rejects] == [2, 3, 4, 5]
    assert [deal.id for deal in outcome.deals] == ["A1"]


def test_rejects_are_written_so_that_a_spreadsheet_runs_nothing(rules: Path) -> None:
    outcome = _import(rules, HEADER + "=cmd|' /C calc'!A0,Kim\n")
    file = rules / "rejects.csv"

    write_rejects(file, outcome.rejects)

    with file.open(encoding="utf-8", newline="") as opened:
        header, row = csv.reader(opened)
    assert header == ["row", "column", "code", "reason", "record"]
    assert row[0] == "2"
    assert row[4] == "'=cmd|' /C calc'!A0,Kim"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('id = "opportunity_id"', "", "columns.id"),
        ('owner = "sales_agent"', 'onwer = "sales_agent"', "columns.'onwer'"),
        ('currency = "USD"', 'currency = "USB"', "currency"),
        ('currency = "USD"', 'currency = "USD"\ndelimiter = ";;"', "delimiter"),
        ('currency = "USD"', 'currency = "USD"\nencoding = "klingon"', "encoding"),
        ('currency = "USD"', 'currency = "USD"\ntime_zone = "Mars/Base"', "time_zone"),
        ('currency = "USD"', 'currency = "USD"\ndate_format = "%d.%m"', "date_format"),
        ('currency = "USD"', 'currency = "USD"\ncolour = "red"', "colour"),
    ],
)
def test_a_faulty_mapping_is_refused_with_the_place(rules: Path, old: str, new: str, path: str) -> None:
    file = rules / "mapping.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    with pytest.raises(InvalidInput) as caught:
        DealMapping.load(file)

    assert path in {problem.path for problem in caught.value.problems}


def test_keys_are_read_from_a_master_file(rules: Path) -> None:
    file = rules / "products.csv"
    file.write_text("product,series\nGTX Pro,GTX\n MG Special ,MG\n", encoding="utf-8")

    assert read_keys(file, "product") == {"GTX Pro", "MG Special"}
    with pytest.raises(InvalidInput, match="column code"):
        read_keys(file, "code")


def test_a_stage_that_the_pipeline_does_not_have_is_refused_before_a_row_is_read(rules: Path) -> None:
    file = rules / "mapping.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace('= "engaging"', '= "engagign"'), encoding="utf-8"
    )

    with pytest.raises(InvalidInput, match="did you mean 'engaging'") as caught:
        _import(rules, HEADER + GOOD)

    assert [problem.path for problem in caught.value.problems] == ["stages['Engaging']"]


def test_a_german_export_is_read_with_its_own_separator_and_decimal_mark(rules: Path) -> None:
    file = rules / "mapping.toml"
    german = 'currency = "EUR"\ndelimiter = ";"\ndecimal_mark = ","\ndate_format = "%d.%m.%Y"'
    file.write_text(file.read_text(encoding="utf-8").replace('currency = "USD"', german), encoding="utf-8")
    rows = [
        "A1;Kim;Lift;Acme;Won;02.01.2017;28.02.2017;4821,50",
        "A2;Kim;Lift;Acme;Won;02.01.2017;28.02.2017;4.821,50",
    ]

    outcome = _import(rules, HEADER.replace(",", ";") + "\n".join(rows))

    assert [deal.amount for deal in outcome.deals] == [Money("4821.50", "EUR")]
    assert [(reject.row, reject.code) for reject in outcome.rejects] == [(3, "not_a_number")]


def test_a_header_in_one_cell_says_that_the_separator_is_another_one(rules: Path) -> None:
    with pytest.raises(InvalidInput, match="parted by ';': set the mapping's delimiter"):
        _import(rules, HEADER.replace(",", ";"))
