"""The commands about prices: `salesmgmt check FOLDER` and `salesmgmt price FOLDER LINES.csv -o PRICED.csv`."""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, SalesError
from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing import Priced, Pricer, PricingModel
from salesmgmt.cpq.pricing._files.folder import KNOWN
from salesmgmt.cpq.pricing.invariants import InvariantBroken
from salesmgmt.cpq.pricing.request_file import RequestedDocument, RequestFile
from salesmgmt.imports.report import guarded
from salesmgmt.result_file import CannotWrite, replacing

_HOMES = (
    ("price_lists", "price_lists.toml"),
    ("promotions", "promotions.toml"),
    ("coupons", "promotions.toml"),
)


def _remark(severity: str, code: str, where: str, message: str, hint: str) -> dict[str, Any]:
    """One remark, with the file and the row that its place names."""
    file = re.search(r"\b([a-z_]+\.(?:csv|toml))", where)
    row = re.search(r"\brow (\d+)", where)
    home = next((home for prefix, home in _HOMES if where.startswith(prefix)), "procedure.toml")
    if home == "price_lists.toml" and row:
        home = "price_rules.csv"
    return {
        "severity": severity,
        "code": code,
        "file": file.group(1) if file else None if where.startswith("the folder") else home,
        "row": int(row.group(1)) if row else None,
        "where": where,
        "message": message,
        "hint": hint,
    }


def check(given: argparse.Namespace) -> int:
    """Print what is wrong with a folder; the exit status is 1 when there are errors."""
    try:
        findings = PricingModel.read(given.folder).lint()
    except InvalidInput as error:
        remarks = [
            _remark(
                "error", one.code, one.path, f"found {one.found or 'nothing'}, wanted {one.wanted}", one.hint
            )
            for one in error.problems
        ]
        is_read = False
    else:
        remarks = [_remark(one.severity, one.code, one.where, one.message, one.hint) for one in findings]
        is_read = True
    errors = sum(one["severity"] == "error" for one in remarks)
    warnings = len(remarks) - errors
    if given.json:
        told = {"errors": errors, "warnings": warnings, "is_read": is_read, "findings": remarks}
        print(json.dumps(told, indent=2))
    else:
        for one in remarks:
            print(_shown(one))
        name = shown(given.folder.resolve().name)
        print(f"{name}: {_counted(errors, 'error')}, {_counted(warnings, 'warning')}")
        if not is_read:
            print("what the records say is checked once all files can be read")
    return 1 if errors or (given.strict and warnings) else 0


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _shown(remark: dict[str, Any]) -> str:
    where = remark["where"]
    place = where if not remark["file"] or remark["file"] in where else f"{remark['file']}: {where}"
    hint = f"; {remark['hint']}" if remark["hint"] else ""
    return shown(f"{remark['severity']} {remark['code']} at {place}: {remark['message']}{hint}")


def shown(text: str) -> str:
    r"""A text from outside for the terminal: what is not printable is escaped.

    >>> from salesmgmt.pricing_commands import shown
    >>> shown("rule \x1b[31m")
    'rule \\x1b[31m'
    """
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)


def _safe(cell: str) -> str:
    """A cell that is safe to open in a spreadsheet (OWASP, CSV Injection); a plain number stays a number."""
    return cell if _NUMBER.fullmatch(cell) else guarded(cell)


@attrs.define
class _Counts:
    lines: int = 0
    documents: int = 0
    priced: int = 0


_TELL_EVERY = 1_000
_ADDED = ("list_amount", "net_amount", "discount_percent", "rules", "status", "reason")


def price(given: argparse.Namespace) -> int:
    """Price the lines of a file; the exit status is 1 when a line has no price."""
    if given.out.resolve() == given.lines.resolve():
        raise CannotWrite(given.out, "it is the file of the lines", hint="give --out another file")
    if given.out.name in KNOWN and given.out.resolve().parent == given.folder.resolve():
        raise CannotWrite(given.out, "it is a file of the prices", hint="give --out another file")
    if clash := sorted(set(given.carry).intersection(_ADDED)):
        raise InvalidInput(
            "--carry",
            [Problem(name, "taken", name, "a column that the result does not add itself") for name in clash],
        )
    pricer = PricingModel.load(given.folder).compile()
    lines = RequestFile(
        given.lines,
        pricer.model.procedure,
        at=given.at or datetime.now(UTC),
        currency=given.currency,
        carried=given.carry,
    )
    counts = _Counts()
    try:
        with replacing(given.out) as file, progress(given.lines) as tell:
            writer = csv.writer(file)
            for row in _rows(pricer, lines, counts, keep_going=given.keep_going):
                writer.writerow([_safe(cell) for cell in row])
                if counts.lines % _TELL_EVERY == 0:
                    tell(lines.read)
            _refuse(lines, keep_going=given.keep_going)
    except InvalidInput as error:
        _tell_faults(lines)
        print(f"salesmgmt: {shown(error.what)} has faults, and nothing is written", file=sys.stderr)
        return 1
    _tell_faults(lines)
    print(
        f"{shown(given.lines.name)}: {_counted(counts.lines, 'line')} in {_counted(counts.documents, 'document')}, "
        f"{counts.priced:,} priced, "
        f"{counts.lines - counts.priced:,} without a price; the results are in {shown(str(given.out))}"
    )
    return 0 if counts.priced == counts.lines else 1


def _refuse(lines: RequestFile, *, keep_going: bool) -> None:
    if lines.problems and (lines.is_cut_short or not keep_going):
        raise InvalidInput(lines.name, lines.problems)


def _tell_faults(lines: RequestFile) -> None:
    for problem in lines.problems:
        print(f"salesmgmt: {shown(str(problem))}", file=sys.stderr)


def _rows(
    pricer: Pricer, lines: RequestFile, counts: _Counts, *, keep_going: bool
) -> Iterator[Sequence[str]]:
    """The rows of the result: those of the file with their prices, and those that rules add."""
    heading: list[str] = []
    for document in lines.documents():
        if not heading:
            heading = lines.heading
            yield _heading(heading)
        counts.documents += 1
        counts.lines += len(document.rows)
        if lines.problems and not keep_going:
            continue  # the rest is only read to tell its faults
        priced = _priced(pricer, lines, document)
        own = () if "currency" in heading else ("" if priced is None else priced.currency,)
        answers = {} if priced is None else _answers(priced)
        for position, texts in enumerate(document.texts):
            answer = answers.get(position, _REFUSED)
            counts.priced += answer[4] == "priced"
            yield *(texts[: len(heading)]), *("",) * (len(heading) - len(texts)), *own, *answer
        for added in () if priced is None else priced.added:
            told = {"document": document.texts[0][heading.index("document")]} if "document" in heading else {}
            told |= {
                "product": added.product,
                "quantity": f"{added.quantity:f}",
                "currency": added.amount.currency,
            }
            amount = f"{added.amount.amount:f}"
            yield *(told.get(name, "") for name in heading), *own, "", amount, "", added.rule, "added", ""
    if not heading and not lines.problems:
        yield _heading(lines.heading)


def _heading(names: Sequence[str]) -> Sequence[str]:
    return *names, *(() if "currency" in names else ("currency",)), *_ADDED


def _priced(pricer: Pricer, lines: RequestFile, document: RequestedDocument) -> Priced | None:
    if document.request is None:
        return None
    try:
        return pricer.price(document.request)
    except InvariantBroken:
        raise
    except SalesError as error:
        lines.refuse(document, error)
        return None


_Answer: TypeAlias = tuple[str, str, str, str, str, str]
_REFUSED: _Answer = ("", "", "", "", "refused", "it, or another line of its document, has a fault")
_SIX_PLACES = Rounding("half_up", "0.000001")


def _answers(priced: Priced) -> dict[int, _Answer]:
    """The cells that are added to each line, by its position."""
    answers: dict[int, _Answer] = {}
    for line in priced.lines:
        discount = line.list_discount
        rules = dict.fromkeys(step.record for step in line.waterfall if step.record)
        answers[line.position] = (
            f"{line.list_amount.amount:f}",
            f"{line.net_amount.amount:f}",
            "" if discount is None else f"{_SIX_PLACES.apply(discount.points).normalize(CONTEXT):f}",
            ";".join(rules),
            "priced",
            "",
        )
    for missing in priced.unpriced:
        answers[missing.position] = ("", "", "", "", missing.code, str(missing).partition(": ")[2])
    return answers


@contextmanager
def progress(file: Path) -> Iterator[Callable[[int], None]]:
    """Something that is told how many characters of a file are read, and shows it to whoever looks at a terminal."""
    if not sys.stderr.isatty():
        yield lambda _read: None
        return
    size = file.stat().st_size if file.is_file() else None
    try:
        from rich.console import Console  # noqa: PLC0415 - of the extra `cli`
        from rich.progress import Progress  # noqa: PLC0415
    except ImportError:
        yield lambda read: _tell(read, size)
        print(file=sys.stderr)
        return
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("pricing", total=size)
        yield lambda read: bar.update(task, completed=read)


def _tell(read: int, size: int | None) -> None:
    share = f"{min(100, 100 * read // size)} %" if size else f"{read:,} characters"
    print(f"\r{share}", end="", file=sys.stderr, flush=True)
