"""The command line: `salesmgmt import deals ...`, `salesmgmt check`, `salesmgmt price` and `salesmgmt tour`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput, Problem, SalesError
from salesmgmt.result_file import CannotWrite


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status.

    0 done, 1 done with rejected records or refused, 2 wrong usage, 130 interrupted.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        status: int = given.run(given)
    except SalesError as error:
        print(f"salesmgmt: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("salesmgmt: interrupted", file=sys.stderr)
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="salesmgmt", description="Sales management from the command line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    tour = commands.add_parser("tour", help="run one generated year from lead to cash and write its report")
    tour.add_argument(
        "--data", type=Path, metavar="DIR", help="rule files to use instead of those of the package"
    )
    tour.add_argument(
        "--out", type=Path, metavar="DIR", default=Path("tour-out"), help="where tour.html goes"
    )
    tour.add_argument("--seed", type=int, default=7, help="of the generated year")
    tour.set_defaults(run=_tour)
    importing = commands.add_parser("import", help="read an export of another system")
    kinds = importing.add_subparsers(required=True, metavar="KIND")
    deals = kinds.add_parser("deals", help="read deals from CSV")
    deals.add_argument("file", type=Path, metavar="FILE.csv")
    deals.add_argument(
        "--mapping", type=Path, required=True, metavar="FILE.toml", help="where the fields stand"
    )
    deals.add_argument("--products", type=Path, metavar="FILE.csv", help="known products, same column name")
    deals.add_argument("--accounts", type=Path, metavar="FILE.csv", help="known accounts, same column name")
    deals.add_argument(
        "--rejects", type=Path, metavar="FILE.csv", help="where rejected records go (FILE.rejects.csv)"
    )
    deals.add_argument(
        "--store", type=Path, metavar="FILE.sqlite", help="keep the deals and their events here"
    )
    deals.add_argument("--tenant", default="main", help="whose deals they are in the store")
    deals.add_argument("--strict", action="store_true", help="take nothing when a record is not understood")
    deals.set_defaults(run=_import_deals)
    check = commands.add_parser("check", help="find what is wrong with a folder of prices and rules")
    check.add_argument("folder", type=Path, metavar="FOLDER")
    check.add_argument("--strict", action="store_true", help="warnings count as errors")
    check.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    check.set_defaults(run=_check)
    price = commands.add_parser("price", help="price the lines of a CSV file")
    price.add_argument("folder", type=Path, metavar="FOLDER", help="of prices and rules")
    price.add_argument("lines", type=Path, metavar="LINES.csv")
    price.add_argument(
        "-o", "--out", type=Path, required=True, metavar="PRICED.csv", help="where the prices go"
    )
    price.add_argument(
        "--at", type=_instant, metavar="INSTANT", help="for lines that name none, with its offset (now)"
    )
    price.add_argument("--currency", default="", metavar="CODE", help="for lines that name none")
    price.add_argument(
        "--carry", action="append", default=[], metavar="COLUMN", help="a further column, copied unread"
    )
    price.add_argument(
        "--keep-going", action="store_true", help="price the documents without faults when others have some"
    )
    price.set_defaults(run=_price)
    return parser


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no instant; write it like 2026-03-02T09:00+08:00"
        raise argparse.ArgumentTypeError(message) from None
    if instant.utcoffset() is None:
        raise argparse.ArgumentTypeError(f"{text} has no offset; write it like 2026-03-02T09:00+08:00")
    return instant


def _check(given: argparse.Namespace) -> int:
    from salesmgmt.pricing_commands import check  # noqa: PLC0415 - only what a command needs is loaded

    return check(given)


def _price(given: argparse.Namespace) -> int:
    from salesmgmt.pricing_commands import price  # noqa: PLC0415

    return price(given)


def _tour(given: argparse.Namespace) -> int:
    from salesmgmt.tour.run import run  # noqa: PLC0415 - the tour's extras are wanted only here

    run(out=given.out, rules=given.data, seed=given.seed)
    return 0


def _import_deals(given: argparse.Namespace) -> int:
    from salesmgmt.imports import DealMapping, read_deals, read_keys, write_rejects  # noqa: PLC0415
    from salesmgmt.imports.figures import summary  # noqa: PLC0415

    mapping = DealMapping.load(given.mapping)
    masters = {
        field: file for field, file in (("product", given.products), ("account", given.accounts)) if file
    }
    if lacking := [field for field in masters if field not in mapping.columns]:
        raise InvalidInput(
            given.mapping.name,
            [
                Problem(f"columns.{field}", "missing", None, "the column of the known keys")
                for field in lacking
            ],
        )
    known = {field: read_keys(file, mapping.columns[field]) for field, file in masters.items()}
    rejects_file = given.rejects or given.file.with_suffix(".rejects.csv")
    if rejects_file.resolve() == given.file.resolve():
        raise CannotWrite(rejects_file, "it is the export itself", hint="give --rejects another file")
    outcome = read_deals(
        given.file,
        mapping,
        at=datetime.now(UTC),
        by=Actor("import"),
        products=known.get("product"),
        accounts=known.get("account"),
        strict=given.strict,
        progress=_progress if sys.stderr.isatty() else None,
    )
    for line in summary(given.file.name, outcome, mapping.currency):
        print(line)
    if outcome.rejects:
        try:
            write_rejects(rejects_file, outcome.rejects)
        except OSError as error:
            raise CannotWrite(
                rejects_file,
                error.strerror or "unknown reason",
                hint="give --rejects a file that can be written",
            ) from error
        print(f"rejected records are in {rejects_file}")
    if given.store is not None and outcome.deals:
        _keep(given.store, given.tenant, outcome.deals, outcome.events)
        print(f"{len(outcome.deals):,} deals are kept in {given.store}")
    return 1 if outcome.rejects else 0


def _progress(read: int) -> None:
    print(f"\r{read:,} records", end="\r", file=sys.stderr, flush=True)


def _keep(file: Path, tenant: str, deals: Sequence[object], events: Sequence[object]) -> None:
    from salesmgmt import pipeline  # noqa: PLC0415
    from salesmgmt.storage import SqliteStore  # noqa: PLC0415

    store = SqliteStore(file, tenant, entities=pipeline.ENTITIES, events=pipeline.EVENTS)
    with store.unit_of_work() as unit:
        for deal in deals:
            unit[pipeline.Deal].add(deal)  # type: ignore[arg-type]
        unit.publish(*events)  # type: ignore[arg-type]
        unit.commit()
