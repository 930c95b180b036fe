from __future__ import annotations

import csv
import json
import os
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from salesmgmt import pricing_commands
from salesmgmt.cli import main
from tests.cpq.pricing.a_folder import FILES, write

PRICES = "product,currency,amount\ndock,CNY,1000.00\nlamp,CNY,3\nlamp,EUR,0.40\n"
KNOWN = (
    "procedure.toml, prices.csv, tiers.csv, options.csv, products.csv, categories.csv, units.csv, rates.csv, \
conditions.csv, scales.toml, price_lists.toml, price_rules.csv, promotions.toml"
)
AT = ["--at", "2026-03-02T09:00+08:00"]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return write(tmp_path / "pricing", {"prices.csv": PRICES})


def _price(folder: Path, text: str, *options: str) -> tuple[int, list[dict[str, str]]]:
    """The exit status, and the rows of the result; none when there is no result."""
    lines, out = folder.parent / "lines.csv", folder.parent / "priced.csv"
    lines.write_text(text, encoding="utf-8", newline="")
    status = main(["price", str(folder), str(lines), "-o", str(out), *AT, *options])
    assert [one.name for one in folder.parent.iterdir() if one.name.endswith(".part")] == []
    if not out.exists():
        return status, []
    with out.open(encoding="utf-8", newline="") as file:
        return status, list(csv.DictReader(file))


def test_a_clean_folder_is_told_to_be_clean(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(folder)]) == 0
    assert capsys.readouterr().out == "pricing: 0 errors, 0 warnings\n"


def test_every_fault_is_shown_with_file_row_and_what_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, {"prices.csv": "product,currency,amount\ndock,CNX,1e3\n", "tier.csv": "x"})

    assert main(["check", str(folder)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"error unknown_file at 'tier.csv': found 'tier.csv', wanted only the files {KNOWN}; did you mean 'tiers.csv'?",
        "error unknown_currency at prices.csv row 2, column currency: found 'CNX', wanted an ISO 4217 code that has a minor unit",
        "error not_a_number at prices.csv row 2, column amount: found '1e3', wanted a plain number such as 1234.50",
        "pricing: 3 errors, 0 warnings",
        "what the records say is checked once all files can be read",
    ]


def test_a_folder_that_is_not_there_is_told_without_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "nowhere")]) == 1
    first, last, _ = capsys.readouterr().out.splitlines()
    assert first.startswith("error unreadable at the folder '")
    assert last == "nowhere: 1 error, 0 warnings"


def test_a_currency_that_no_row_can_have_is_told_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _price(folder, "product,quantity\n" + "dock,1\n" * 50) == (1, [])
    assert capsys.readouterr().err.splitlines() == [
        "salesmgmt: lines.csv row 1: found nothing, wanted a column currency, or one currency for all rows",
        "salesmgmt: lines.csv has faults, and nothing is written",
    ]


def test_warnings_fail_only_when_they_are_asked_to(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"prices.csv": PRICES + "dock,CNY,900\n"})

    assert main(["check", str(folder)]) == 0
    assert "warning conflicting_prices at prices.csv row 2" in capsys.readouterr().out
    assert main(["check", str(folder), "--strict"]) == 1


def test_a_program_reads_the_findings_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"products.csv": "id\nlamp\n"})

    assert main(["check", str(folder), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["errors"], told["warnings"]) == (1, 0)
    assert [(one["code"], one["file"], one["row"]) for one in told["findings"]] == [
        ("unknown_product", "prices.csv", 2)
    ]


def test_what_a_file_says_cannot_drive_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = '{ id = "r\\u001b[31m", percent = "5%", condition = "customer.id == 5" }'
    write(folder, {"procedure.toml": f"""
        id = "x"
        steps = [{{ type = "ListPrice", id = "list" }}, {{ type = "Discounts", id = "d", rules = [{rule}] }},
                 {{ type = "RoundLines", id = "cents" }}]
    """})  # fmt: skip

    assert main(["check", str(folder)]) == 1
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "procedure.toml" in shown


def test_lines_are_priced_document_by_document_and_exactly(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, rows = _price(
        folder,
        "document,product,quantity,currency\nq-1,dock,25,CNY\nq-1,lamp,0.5,\nq-2,lamp,3,EUR\n",
    )

    assert status == 0
    assert [list(row.values())[4:] for row in rows] == [
        ["25000.00", "25000.00", "0", "prices.csv row 2", "priced", ""],
        ["1.5", "1.50", "0", "prices.csv row 3", "priced", ""],
        ["1.20", "1.20", "0", "prices.csv row 4", "priced", ""],
    ]
    assert "3 lines in 2 documents, 3 priced, 0 without a price" in capsys.readouterr().out


def test_every_kind_of_column_reaches_the_request(tmp_path: Path) -> None:
    folder = write(tmp_path / "pricing", FILES)

    status, rows = _price(
        folder,
        "document,at,currency,price_list,codes,customer.id,customer.segment,customer.since,customer.seats,order.region,"
        "product,quantity,uom,group,line.colour,configuration.frame\n"
        "q-1,2026-03-02,CNY,,WELCOME-17,acme,gold,2020-01-01,12,north,laptop-14,25,,a,,\n"
        "q-1,,,,,,,,,,dock,2,box,a,grey,\n"
        "q-1,,,,,,,,,,bike,1,,,,carbon\n",
    )

    # By hand: 25 x 9500 - 10 % - 500 (the limit of 3 %) = 213250; 12 x 1000 - 3 % = 11640; 9000 - 3 % of 6000 = 8820; then
    # 10 % off each, and 50 shared. The freight only begins at nine o'clock of that day.
    assert status == 0
    assert sum(Decimal(row["net_amount"]) for row in rows) == Decimal("210289.00")
    assert rows[0]["rules"] == "p-laptop;p-laptop-acme;t-1;r-1;spring;welcome"


def test_a_line_without_a_price_says_so_and_is_no_zero(folder: Path) -> None:
    status, rows = _price(folder, "product,quantity\ndock,1\ntable,1\n", "--currency", "CNY")

    assert status == 1
    assert [(row["currency"], row["net_amount"], row["status"]) for row in rows] == [
        ("CNY", "1000.00", "priced"),
        ("CNY", "", "no_price"),
    ]
    assert rows[1]["reason"].startswith("no price in CNY for 'table'")


def test_units_that_a_rule_adds_stand_below_the_document(folder: Path) -> None:
    write(folder, {"promotions.toml": """
        [[promotions]]
        id = "cup"
        benefit = { type = "FreeProduct", product = "cup" }
    """})  # fmt: skip

    _, rows = _price(folder, "document,product,quantity\nq-1,dock,1\n", "--currency", "CNY")

    assert [
        (row["document"], row["product"], row["quantity"], row["status"], row["rules"]) for row in rows
    ] == [
        ("q-1", "dock", "1", "priced", "prices.csv row 2"),
        ("q-1", "cup", "1", "added", "cup"),
    ]


def test_a_faulty_row_refuses_the_file_and_every_fault_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder.parent / "priced.csv").write_text("of yesterday", encoding="utf-8")

    status, _ = _price(
        folder,
        "document,product,quantity,currency,at\n"
        "q-1,dock,1e3,CNY,\n"
        "q-2,dock,0,CNY,\n"
        "q-3,,1,CNX,yesterday\n"
        "q-4,dock,1,CNY,\nq-4,lamp,1,EUR,\n"
        "q-1,dock,1,CNY,\n"
        ",dock,1,CNY,\n"
        "q-5,dock,1,,\n",
    )

    assert status == 1
    assert (folder.parent / "priced.csv").read_text(encoding="utf-8") == "of yesterday"
    told = capsys.readouterr().err.splitlines()
    assert [line.removeprefix("salesmgmt: ").split(":")[0] for line in told] == [
        "lines.csv row 2, column quantity",
        "lines.csv row 4, column product",
        "lines.csv row 4, column currency",
        "lines.csv row 4, column at",
        "lines.csv row 6, column currency",
        "lines.csv row 7, column document",
        "lines.csv row 8, column document",
        "lines.csv row 9, column currency",
        "lines.csv has faults, and nothing is written",
    ]


def test_a_request_that_the_pricer_refuses_is_told_by_row_and_column(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "document,product,quantity,price_list\nq-1,dock,1,\nq-1,dock,-1,\nq-2,dock,1,retail\n"

    status, rows = _price(folder, text, "--currency", "CNY", "--keep-going")

    told = capsys.readouterr().err
    assert (status, [row["status"] for row in rows]) == (1, ["refused", "refused", "refused"])
    assert "lines.csv row 3, column quantity: found -1, wanted more than zero" in told
    assert "lines.csv row 4, column price_list" in told


def test_what_has_no_fault_is_priced_when_asked(folder: Path) -> None:
    text = (
        "document,product,quantity\nq-1,dock,1\nq-1,dock,one\nq-2,dock,2\n"
        'q-3,dock,3,4\nq-4,dock,4\nq-5,dock,5\n"q-6"x,dock\nq-7,dock,7\nq-8,dock,8\n'
    )

    status, rows = _price(folder, text, "--currency", "CNY", "--keep-going")

    assert status == 1
    # Of a row that is no row of the table nobody knows the document: the one before it and the one after it are doubtful.
    assert [row["document"] for row in rows if row["status"] == "priced"] == ["q-8"]


@pytest.mark.parametrize(
    "text",
    ["", "\n", "product\ndock\n", "product,quantity,colour\ndock,1,red\n", "product,quantity,product\n", "product;quantity\n",
     "product,quantity\n" + "x," * 500_000, "product,quantity\ndock,\xff".encode().decode("latin-1"), "\0" * 100,
     'product,quantity\n"dock,1\n', "product,quantity\n" + '"a"b,1\n' * 2_000],
)  # fmt: skip
def test_hostile_files_of_lines_are_refused(
    folder: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, rows = _price(folder, text, "--currency", "CNY")

    assert (status, rows) == (1, [])
    assert "lines.csv" in capsys.readouterr().err


def test_no_cell_becomes_a_formula_and_numbers_stay_numbers(folder: Path) -> None:
    cells = ["=1+1", "+44 20", "-5", "@x", "\tx", "\rx", "-1.5e3", "plain"]
    body = "".join(f'lamp,1,"{cell}"\n' for cell in cells)

    _, rows = _price(folder, f"product,quantity,note\n{body}", "--currency", "CNY", "--carry", "note")

    assert [row["note"] for row in rows] == [
        "'=1+1", "'+44 20", "-5", "'@x", "'\tx", "'\rx", "'-1.5e3", "plain"
    ]  # fmt: skip


def test_the_lines_themselves_are_never_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = folder.parent / "lines.csv"
    lines.write_text("product,quantity\ndock,1\n", encoding="utf-8")

    assert main(["price", str(folder), str(lines), "-o", str(lines)]) == 1
    assert "another file" in capsys.readouterr().err
    assert lines.read_text(encoding="utf-8") == "product,quantity\ndock,1\n"


@pytest.mark.parametrize("out", [".", "nowhere/priced.csv"])
def test_a_result_that_cannot_be_written_is_one_line(
    folder: Path, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = folder.parent / "lines.csv"
    lines.write_text("product,quantity\ndock,1\n", encoding="utf-8")

    status = main(["price", str(folder), str(lines), "-o", str(folder.parent / out), "--currency", "CNY"])

    assert status == 1
    assert "cannot be written" in capsys.readouterr().err


def test_an_instant_without_an_offset_is_wrong_usage(folder: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["price", str(folder), "lines.csv", "-o", "out.csv", "--at", "2026-03-02T09:00"])

    assert caught.value.code == 2


@pytest.mark.parametrize("has_rich", [True, False])
def test_progress_is_shown_to_a_terminal_with_or_without_rich(
    tmp_path: Path, *, has_rich: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "lines.csv"
    file.write_text("x" * 200, encoding="utf-8")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    if not has_rich:
        monkeypatch.setitem(sys.modules, "rich.console", None)

    with pricing_commands.progress(file) as tell:
        tell(100)

    assert ("50 %" in capsys.readouterr().err) or has_rich


def test_a_pipe_or_a_file_of_the_prices_is_never_replaced(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, pipe = folder.parent / "lines.csv", folder.parent / "pipe"
    lines.write_text("product,quantity\ndock,1\n")
    os.mkfifo(pipe)
    for out in (pipe, folder / "prices.csv"):
        assert main(["price", str(folder), str(lines), "-o", str(out), *AT, "--currency", "CNY"]) == 1
    assert pipe.is_fifo()
    assert (folder / "prices.csv").read_text() == PRICES
    told = capsys.readouterr().err
    assert "it is no regular file" in told
    assert "it is a file of the prices" in told


def test_a_carried_column_that_the_result_adds_itself_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "product,quantity,net_amount\ndock,1,5\n"

    assert _price(folder, text, "--currency", "CNY", "--carry", "net_amount") == (1, [])
    assert "a column that the result does not add itself" in capsys.readouterr().err


def test_an_interrupted_command_leaves_nothing_and_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pricing_commands, "_priced", interrupted)

    assert _price(folder, "product,quantity\ndock,1\n", "--currency", "CNY") == (130, [])
    assert capsys.readouterr().err == "salesmgmt: interrupted\n"


def test_an_instant_that_is_none_is_told_with_an_example(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["price", str(folder), "lines.csv", "-o", "out.csv", "--at", "2026-13-01"])
    assert "'2026-13-01' is no instant; write it like 2026-03-02T09:00+08:00" in capsys.readouterr().err


def test_the_wide_signs_of_a_formula_are_guarded_too(folder: Path) -> None:
    write(folder, {"prices.csv": PRICES + "\uff1dSUM,CNY,1\n"})

    _, (row,) = _price(folder, "product,quantity\n\uff1dSUM,1\n", "--currency", "CNY")
    assert row["product"] == "'\uff1dSUM"
