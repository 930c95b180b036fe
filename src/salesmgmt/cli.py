"""The command line: `salesmgmt import deals ...` and `salesmgmt tour`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput, Problem, SalesError


class CannotWrite(SalesError, OSError):
    """A file for the results cannot be written."""

    code = "cannot_write"

    def __init__(self, file: Path, reason: str, *, hint: str) -> None:
        self.file = str(file)
        self.reason = reason
        super().__init__(f"{file} cannot be written: {reason}", hint=hint)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status: 0 done, 1 done with rejected records or refused, 2 wrong usage."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        status: int = given.run(given)
    except SalesError as error:
        print(f"salesmgmt: {error}", file=sys.stderr)
        return 1
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
    return parser


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
