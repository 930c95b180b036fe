"""What an import did: how much was read, what was taken, what was not and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import attrs

from salesmgmt.imports.records import Reject
from salesmgmt.pipeline.deals import Deal, DealOpened


@attrs.frozen(kw_only=True)
class Unresolved:
    """A key of the export that its master file does not have; the deals that name it are taken all the same.

    Attributes:
        field: the field of the deal.
        key: as the export writes it.
        count: how many records name it.
        nearest: the known key most like it, if any is.
    """

    field: str
    key: str
    count: int
    nearest: str | None

    def __str__(self) -> str:
        meant = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{self.field} {self.key!r} is unknown in {self.count} records{meant}"


@attrs.frozen(kw_only=True)
class DealImport:
    """The outcome of reading an export of deals.

    Attributes:
        read: records in the file, without its header.
        deals: the deals that were understood; empty in strict mode when any record was not.
        events: that they were taken over, in the same order.
        rejects: the records that were not understood, in the order of the file.
        unresolved: keys that did not resolve, the most frequent first.
        unused_columns: columns of the file that the mapping does not mention.
    """

    read: int
    deals: tuple[Deal, ...]
    events: tuple[DealOpened, ...]
    rejects: tuple[Reject, ...]
    unresolved: tuple[Unresolved, ...]
    unused_columns: tuple[str, ...]


_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guarded(cell: str) -> str:
    """Make a text safe to open in a spreadsheet: one that would start a formula gets an apostrophe before it.

    >>> from salesmgmt.imports.report import guarded
    >>> guarded("=1+1"), guarded("plain")
    ("'=1+1", 'plain')
    """
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def write_rejects(path: Path, rejects: Iterable[Reject]) -> None:
    """Write rejected records as CSV: row, column, code, reason and the record itself, safe for spreadsheets."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("row", "column", "code", "reason", "record"))
    for reject in rejects:
        cells = (reject.column, reject.code, reject.reason, reject.raw)
        writer.writerow((reject.row, *(guarded(cell) for cell in cells)))
    path.write_text(text.getvalue(), encoding="utf-8")
