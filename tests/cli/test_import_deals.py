from __future__ import annotations

import os
from pathlib import Path

import pytest

from salesmgmt import pipeline
from salesmgmt.cli import main
from salesmgmt.core.formula import Formula, schema_of
from salesmgmt.storage import SqliteStore
from tests.imports.conftest import MAPPING, PIPELINE

HEADER = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
WON = "A1,Kim,GTXPro,Acme,Won,2017-01-02,2017-02-28,4821\n"
LOST = "A2,Kim,GTX Pro,Acme,Lost,2017-01-02,2017-01-12,0\n"
BROKEN = "A3,Kim,GTX Pro,Acme,Won,2017-02-30,2017-02-28,1\n"
CRM = Path(os.environ.get("SALESMGMT_DATA", Path(__file__).parents[3] / "shared" / "data")) / "crm"


@pytest.fixture(name="mapping")
def _mapping(tmp_path: Path) -> Path:
    (tmp_path / "pipeline.toml").write_text(PIPELINE, encoding="utf-8")
    file = tmp_path / "mapping.toml"
    file.write_text(MAPPING, encoding="utf-8")
    return file


def _export(folder: Path, *rows: str) -> Path:
    file = folder / "deals.csv"
    file.write_text(HEADER + "".join(rows), encoding="utf-8")
    return file


def _stored(file: Path) -> list[pipeline.Deal]:
    store = SqliteStore(file, "main", entities=pipeline.ENTITIES, events=pipeline.EVENTS)
    with store.unit_of_work() as unit:
        return list(unit[pipeline.Deal].find())


def test_a_clean_export_loads_and_its_figures_are_shown(
    mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = mapping.parent
    products = folder / "products.csv"
    products.write_text("product\nGTX Pro\n", encoding="utf-8")

    status = main(
        ["import", "deals", str(_export(folder, WON, LOST)), "--mapping", str(mapping),
         "--products", str(products), "--store", str(folder / "deals.sqlite")]
    )  # fmt: skip

    assert status == 0
    assert capsys.readouterr().out.splitlines() == [
        "deals.csv: 2 read, 2 taken, 0 rejected",
        "won 1, lost 1, win rate 0.5, won value 4,821 USD, median won cycle 57 days",
        "warning: product 'GTXPro' is unknown in 1 records; did you mean 'GTX Pro'?",
        f"2 deals are kept in {folder / 'deals.sqlite'}",
    ]
    assert [deal.id for deal in _stored(folder / "deals.sqlite")] == ["A1", "A2"]


def test_a_rejected_record_is_shown_and_kept_and_the_rest_loads(
    mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = mapping.parent

    status = main(
        ["import", "deals", str(_export(folder, WON, BROKEN)), "--mapping", str(mapping),
         "--store", str(folder / "deals.sqlite")]
    )  # fmt: skip

    shown = capsys.readouterr().out
    assert status == 1
    assert "deals.csv: 2 read, 1 taken, 1 rejected" in shown
    assert "rejected row 3, column engage_date: found '2017-02-30', wanted a date" in shown
    assert "A3,Kim" in (folder / "deals.rejects.csv").read_text(encoding="utf-8")
    assert len(_stored(folder / "deals.sqlite")) == 1


def test_strict_keeps_nothing_when_a_record_is_rejected(
    mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = mapping.parent

    status = main(
        ["import", "deals", str(_export(folder, WON, BROKEN)), "--mapping", str(mapping), "--strict",
         "--store", str(folder / "deals.sqlite"), "--rejects", str(folder / "bad.csv")]
    )  # fmt: skip

    assert status == 1
    assert "2 read, 0 taken, 1 rejected" in capsys.readouterr().out
    assert not (folder / "deals.sqlite").exists()
    assert (folder / "bad.csv").exists()


def test_a_missing_column_stops_with_what_to_do(mapping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = mapping.parent / "deals.csv"
    file.write_text("opportunity_id\nA1\n", encoding="utf-8")

    status = main(["import", "deals", str(file), "--mapping", str(mapping)])

    assert status == 1
    assert (
        "column deal_stage: found columns 'opportunity_id', wanted deal_stage once" in capsys.readouterr().err
    )


def test_importing_twice_into_one_store_is_refused_and_changes_nothing(
    mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = mapping.parent
    command = ["import", "deals", str(_export(folder, WON)), "--mapping", str(mapping),
               "--store", str(folder / "deals.sqlite")]  # fmt: skip

    assert main(command) == 0
    assert main(command) == 1

    assert "Deal:A1 exists already" in capsys.readouterr().err
    assert len(_stored(folder / "deals.sqlite")) == 1


@pytest.mark.skipif(not CRM.exists(), reason="the CRM export is kept beside the project, not in it")
def test_the_crm_export_gives_its_known_figures(mapping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = mapping.parent / "crm.sqlite"

    status = main(
        ["import", "deals", str(CRM / "sales_pipeline.csv"), "--mapping", str(mapping), "--store", str(store),
         "--products", str(CRM / "products.csv"), "--accounts", str(CRM / "accounts.csv")]
    )  # fmt: skip

    shown = capsys.readouterr().out
    assert status == 0
    assert "sales_pipeline.csv: 8,800 read, 8,800 taken, 0 rejected" in shown
    assert "won 4,238, lost 2,473, win rate 0.631501, won value 10,005,534 USD" in shown
    assert "median won cycle 57 days" in shown
    assert "product 'GTXPro' is unknown in 1480 records; did you mean 'GTX Pro'?" in shown
    large = Formula.parse("status == 'won' and amount >= 20000 USD", schema_of(pipeline.Deal))
    with SqliteStore(
        store, "main", entities=pipeline.ENTITIES, events=pipeline.EVENTS
    ).unit_of_work() as unit:
        found = list(unit[pipeline.Deal].find(large))
    rows = (CRM / "sales_pipeline.csv").read_text(encoding="utf-8").splitlines()[1:]
    cells = [row.split(",") for row in rows]
    wanted = {cell[0] for cell in cells if cell[4] == "Won" and int(cell[7]) >= 20_000}
    assert {deal.id for deal in found} == wanted
    assert wanted


def test_known_products_without_a_product_column_are_refused(
    mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "".join(line for line in MAPPING.splitlines(keepends=True) if not line.startswith("product "))
    mapping.write_text(text, encoding="utf-8")
    export = str(_export(mapping.parent, WON))

    assert main(["import", "deals", export, "--mapping", str(mapping), "--products", export]) == 1
    assert "columns.product" in capsys.readouterr().err


def test_rejects_that_cannot_be_written_are_one_line_and_nothing_is_stored(
    mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = mapping.parent
    export, store = str(_export(folder, WON, BROKEN)), folder / "deals.sqlite"

    status = main(
        [
            "import",
            "deals",
            export,
            "--mapping",
            str(mapping),
            "--store",
            str(store),
            "--rejects",
            str(folder),
        ]
    )

    assert status == 1
    assert capsys.readouterr().err.startswith(f"salesmgmt: {folder} cannot be written")
    assert not store.exists()


def test_rejects_never_overwrite_the_export(mapping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = _export(mapping.parent, WON, BROKEN)
    before = export.read_bytes()

    assert main(["import", "deals", str(export), "--mapping", str(mapping), "--rejects", str(export)]) == 1
    assert "another file" in capsys.readouterr().err
    assert export.read_bytes() == before
