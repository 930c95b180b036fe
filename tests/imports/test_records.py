from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.imports.records import LONGEST_RECORD, Record, Reject, read_records


def _read(data: bytes) -> list[Record | Reject]:
    return list(read_records(io.BytesIO(data)))


def _cells(data: bytes) -> list[tuple[str, ...]]:
    return [record.cells for record in _read(data) if isinstance(record, Record)]


def test_cells_may_be_quoted_and_hold_line_breaks() -> None:
    records = _read(b'a,b\r\n"x, ""y""","1\n2"\r\nz,\r\n')

    assert [record.row for record in records] == [1, 2, 4]
    assert _cells(b'a,b\r\n"x, ""y""","1\n2"\r\nz,\r\n') == [("a", "b"), ('x, "y"', "1\n2"), ("z", "")]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert _cells(b"\xef\xbb\xbfid\n1\n") == [("id",), ("1",)]


def test_blank_lines_are_passed_over_but_counted_as_rows() -> None:
    assert [record.row for record in _read(b"a\n\n\nb\n")] == [1, 4]


def test_the_last_line_needs_no_line_break() -> None:
    assert _cells(b"a\nb") == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param(b"x\x00y", "nul_byte", id="NUL byte"),
        pytest.param(b"caf\xe9", "encoding", id="Latin-1 in UTF-8"),
        pytest.param(b"\xed\xa0\x80", "encoding", id="surrogate"),
        pytest.param(b'"abc', "open_quote", id="quotation mark that is never closed"),
        pytest.param(b'"a"b,"c', "open_quote", id="odd quotation marks"),
        pytest.param(b'"a" b', "not_csv", id="text after a closing quotation mark"),
        pytest.param(b"a\rb", "line_break", id="lone carriage return"),
    ],
)
def test_a_fault_spoils_one_record_only(line: bytes, code: str) -> None:
    first, fault, last = _read(b"first\n" + line + b"\nlast\n")

    assert isinstance(first, Record)
    assert isinstance(fault, Reject)
    assert isinstance(last, Record)
    assert (fault.row, fault.code) == (2, code)
    assert "wanted" in fault.reason
    assert (first.cells, last.cells) == (("first",), ("last",))


def test_a_line_without_end_is_reported_with_its_size_and_not_held() -> None:
    size = 5 * LONGEST_RECORD + 17

    fault, last = _read(b"x" * size + b"\nlast\n")

    assert isinstance(fault, Reject)
    assert fault.code == "too_long"
    assert str(size + 1) in fault.reason
    assert len(fault.raw) < 2_000
    assert isinstance(last, Record)


def test_an_open_quotation_mark_does_not_swallow_the_rest_of_a_large_file() -> None:
    rows = b"".join(b"%d,abcdefghij\n" % number for number in range(100_000))

    outcomes = _read(b'"open,\n' + rows)

    assert [outcome.row for outcome in outcomes if isinstance(outcome, Reject)] == [1]
    assert len(outcomes) == 100_001


@given(st.binary(max_size=300))
def test_any_bytes_give_records_or_rejects_in_order(data: bytes) -> None:
    rows = [outcome.row for outcome in _read(data)]

    assert rows == sorted(set(rows))


_CELLS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12), min_size=2, max_size=5
)


@given(st.lists(_CELLS.filter(lambda cells: any(cell.strip() for cell in cells)), max_size=8))
def test_what_a_careful_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    text = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows)

    assert _cells(text.encode()) == [tuple(row) for row in rows]


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_line_feeds_and_carriage_returns_break_lines(sign: str) -> None:
    assert _cells(f"a{sign}b,c\n".encode()) == [(f"a{sign}b", "c")]


def test_reading_leaves_the_limits_of_the_process_alone() -> None:
    before = csv.field_size_limit()

    (reject,) = _read(b"x" * (before + 1) + b"\n")

    assert isinstance(reject, Reject)
    assert "field larger than field limit" in reject.reason
    assert csv.field_size_limit() == before
