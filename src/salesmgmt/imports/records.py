"""The records of a CSV file from outside, one at a time, whatever the file holds."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import attrs

LONGEST_RECORD = 1_000_000
"""Bytes of one record, line breaks inside quotes included; a longer one is reported, never held in memory."""

MOST_LINES = 1_000
"""Lines that one record may go over, inside quotation marks."""

_SHOWN = 1_000
_BOM = b"\xef\xbb\xbf"


@attrs.frozen(kw_only=True)
class Record:
    """One record.

    Attributes:
        row: the line on which it begins, the first line of the file being 1.
        cells: its cells as text.
        raw: the record as it stands in the file.
    """

    row: int
    cells: tuple[str, ...]
    raw: str


@attrs.frozen(kw_only=True)
class Reject:
    """A record that was not understood.

    Attributes:
        row: the line on which it begins.
        column: the column at fault; empty when the record as a whole is.
        code: stable identifier of the kind of fault.
        reason: what was found and what was wanted.
        raw: the record as it stands in the file, shortened when it is very long; bytes that are not text are escaped.
    """

    row: int
    column: str
    code: str
    reason: str
    raw: str


@attrs.frozen
class _Line:
    row: int
    text: bytes
    size: int


def _lines(file: BinaryIO) -> Iterator[_Line]:
    """The lines of the file; of one that is too long only the beginning is kept, and its size."""
    row = 0
    while chunk := file.readline(LONGEST_RECORD):
        row += 1
        size, text = len(chunk), chunk
        while not chunk.endswith(b"\n") and (chunk := file.readline(LONGEST_RECORD)):
            size += len(chunk)
            text = text[:_SHOWN]
        if row == 1 and text.startswith(_BOM):
            text = text[len(_BOM) :]
        yield _Line(row, text, size)


def shown(raw: bytes) -> str:
    r"""Show bytes from outside as one line of text, at most about a thousand characters of it.

    >>> from salesmgmt.imports.records import shown
    >>> shown(bytes([65, 0, 255]))
    'A\\x00\\xff'
    """
    text = raw[:_SHOWN].decode("utf-8", errors="backslashreplace").rstrip("\r\n").replace("\0", "\\x00")
    return f"{text}…" if len(raw) > _SHOWN else text


def read_records(
    file: BinaryIO, *, delimiter: str = ",", encoding: str = "utf-8"
) -> Iterator[Record | Reject]:
    r"""Read the records of a CSV file (RFC 4180), each as a `Record` or as a `Reject`.

    A fault spoils one record, never its neighbours: after a quotation mark that is not closed, reading goes on with the
    next line. Blank lines are passed over. Memory is bounded by `LONGEST_RECORD`.

    Args:
        file: opened for reading bytes.
        delimiter: between cells.
        encoding: of the text.

    >>> import io
    >>> from salesmgmt.imports.records import read_records
    >>> [record.cells for record in read_records(io.BytesIO(b'id,name\n7,"Kim, Ltd"\n'))]
    [('id', 'name'), ('7', 'Kim, Ltd')]
    """
    source = _lines(file)
    waiting: deque[_Line] = deque()
    while True:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None:
            return
        if line.size > LONGEST_RECORD:
            reason = f"found a line of {line.size} bytes, wanted at most {LONGEST_RECORD}"
            yield Reject(row=line.row, column="", code="too_long", reason=reason, raw=shown(line.text))
            continue
        if not line.text.strip():
            continue
        parts = [line]
        if not _complete(parts, waiting, source):
            waiting.extendleft(reversed(parts[1:]))
            reason = "found a quotation mark that is not closed, wanted a closing one before the record ends"
            yield Reject(row=line.row, column="", code="open_quote", reason=reason, raw=shown(line.text))
            continue
        yield _record(parts, delimiter, encoding)


def _complete(parts: list[_Line], waiting: deque[_Line], source: Iterator[_Line]) -> bool:
    """Add lines until every quotation mark is closed; whether they are, within the longest record."""
    size = parts[0].size
    open_quotes = parts[0].text.count(b'"') % 2
    while open_quotes and size <= LONGEST_RECORD and len(parts) < MOST_LINES:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None:
            return False
        parts.append(line)
        size += line.size
        open_quotes ^= line.text.count(b'"') % 2
    return not open_quotes


def _record(parts: Sequence[_Line], delimiter: str, encoding: str) -> Record | Reject:
    row, raw = parts[0].row, b"".join(part.text for part in parts)
    if b"\0" in raw:
        reason = f"found a NUL byte at byte {raw.index(0) + 1} of the record, wanted text"
        return Reject(row=row, column="", code="nul_byte", reason=reason, raw=shown(raw))
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        reason = (
            f"found byte 0x{raw[error.start]:02x} at byte {error.start + 1} of the record, wanted {encoding}"
        )
        return Reject(row=row, column="", code="encoding", reason=reason, raw=shown(raw))
    try:
        # Not `splitlines`, which also breaks at form feeds, U+0085, U+2028 and others.
        lines = io.StringIO(text, newline="")
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return Reject(row=row, column="", code="not_csv", reason=f"found {error}, wanted CSV", raw=shown(raw))
    if len(rows) != 1:
        reason = "found a line break outside of quotation marks, wanted one record"
        return Reject(row=row, column="", code="line_break", reason=reason, raw=shown(raw))
    return Record(row=row, cells=tuple(rows[0]), raw=shown(raw))
