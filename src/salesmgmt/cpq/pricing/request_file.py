"""Pricing requests from a CSV file of lines, document by document, so that a file of any length takes little memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.clock import first_moment, zone
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.formula import BOOL, DATE, INSTANT, MONEY, NUMBER, PERCENT, TEXT, Type, declare
from salesmgmt.core.money import Money
from salesmgmt.cpq import _sheet
from salesmgmt.cpq._sheet import Column, Row, Sheet
from salesmgmt.cpq.pricing.names import NAMES, PREFIXES
from salesmgmt.cpq.pricing.procedure import PricingProcedure
from salesmgmt.cpq.pricing.request import Line, PricingRequest

LARGEST_FILE = 10_000_000_000
"""Characters of one file of lines that are read at most."""

MOST_LINES = 100_000
"""Lines of one document at most."""

_HEAD = {
    "at": _sheet.DAY_OR_INSTANT,
    "currency": _sheet.CURRENCY,
    "price_list": _sheet.TEXT,
    "codes": _sheet.texts("codes of coupons, parted by semicolons"),
}
_LINE = {
    "product": _sheet.required(_sheet.TEXT),
    "quantity": _sheet.required(_sheet.NUMBER),
    "uom": _sheet.TEXT,
    "group": _sheet.TEXT,
    "starts": _sheet.DATE,
    "ends": _sheet.DATE,
}
_COLUMNS = {"document": _sheet.TEXT, **_HEAD, **_LINE}
_CONFIGURATION = "configuration."
_OPTIONAL = ("uom", "group", "starts", "ends")


@attrs.frozen(kw_only=True)
class RequestedDocument:
    """Lines of a file that are priced together.

    Attributes:
        rows: the line of the file of each, in the order of the file.
        texts: the cells of each as they stand in the file.
        request: what is asked; `None` when one of them has a fault.
    """

    rows: tuple[int, ...]
    texts: tuple[Sequence[str], ...]
    request: PricingRequest | None


class RequestFile:
    r"""A CSV file of lines to be priced.

    Its columns: `product` and `quantity`, and any of `document` (rows with the same one below each other are one request;
    without the column each row is), `at` (a day or an instant), `currency`, `price_list`, `codes`, `uom`, `group`,
    `starts`, `ends`, `configuration.<attribute>`, and the facts that a request gives: `customer.id`, `customer.segment`
    and those that the procedure declares, such as `order.region` or `line.colour`. What holds for the whole document may
    stand in one of its rows, or in all.

    Args:
        file: where it is.
        procedure: what declares the facts, and the time zone in which days begin.
        at: the instant for rows that name none.
        currency: the currency for rows that name none; empty when they must.
        carried: further columns, which nobody reads.

    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from salesmgmt.cpq.pricing import STANDARD
    >>> from salesmgmt.cpq.pricing.request_file import RequestFile
    >>> file = Path(mkdtemp()) / "lines.csv"
    >>> _ = file.write_text("document,customer.id,product,quantity\nq-1,acme,dock,25\nq-1,,laptop-14,3\n")
    >>> lines = RequestFile(file, STANDARD, at=datetime(2026, 3, 2, tzinfo=UTC), currency="CNY")
    >>> [(document.rows, len(document.request.lines)) for document in lines.documents()], lines.problems
    ([((2, 3), 2)], [])
    """

    def __init__(
        self,
        file: Path,
        procedure: PricingProcedure,
        *,
        at: datetime,
        currency: str = "",
        carried: Sequence[str] = (),
    ) -> None:
        schema = declare(procedure.facts, NAMES).schema
        self._facts = {
            name: column_of(kind)
            for name, kind in schema.items()
            if name in procedure.facts or name in ("customer.id", "customer.segment")
        }
        self._carried = frozenset(carried)
        self._zone = zone(procedure.time_zone)
        self._at = at
        self._currency = currency
        self._sheet = Sheet(
            file,
            _COLUMNS,
            further=self._further,
            names=(*self._facts, f"{_CONFIGURATION}<attribute>", *carried),
            largest=LARGEST_FILE,
        )

    @property
    def name(self) -> str:
        """The name of the file."""
        return self._sheet.name

    @property
    def problems(self) -> list[Problem]:
        """The faults found so far."""
        return self._sheet.problems

    @property
    def heading(self) -> list[str]:
        """The names of the columns, once the first row is read."""
        return self._sheet.heading

    @property
    def read(self) -> int:
        """The characters that are read so far."""
        return self._sheet.read

    @property
    def is_cut_short(self) -> bool:
        """Whether a fault kept the rest of the file from being read."""
        return self._sheet.is_cut_short

    def documents(self) -> Iterator[RequestedDocument]:
        """Read the documents, one after the other.

        A row of which not even the document can be told is counted to the one before it and to the one after it.
        """
        seen: set[str] = set()
        rows: list[Row] = []
        here: str | None = None
        is_doubtful = False
        for row in self._sheet.every_row():
            if not self._currency and "currency" not in self.heading:
                wanted = "a column currency, or one currency for all rows"
                self.problems.append(Problem(f"{self.name} row 1", "missing", None, wanted))
                self._sheet.is_cut_short = True
                return
            document = self._document(row, here)
            if rows and (document is None or document != here):
                yield self._finished(rows, is_doubtful=is_doubtful)
                rows, is_doubtful = (
                    [],
                    bool(document is not None and rows[-1].is_faulty and not rows[-1].cells),
                )
            if document is not None and document != here:
                if document in seen:
                    wanted = "the lines of a document one below the other"
                    problem = Problem(
                        "", "not_together", shorten(document), wanted, "sort the file by document"
                    )
                    self._sheet.refuse(row, "document", problem)
                    is_doubtful = True
                seen.add(document)
            here = document
            if len(rows) == MOST_LINES:
                self._sheet.refuse(
                    row, "document", Problem("", "too_long", shorten(document), f"at most {MOST_LINES} lines")
                )
                is_doubtful = True
            if len(rows) <= MOST_LINES:
                rows.append(row)
        if rows:
            yield self._finished(rows, is_doubtful=is_doubtful)

    def refuse(self, document: RequestedDocument, error: SalesError) -> None:
        """Note why a document could not be priced, with its rows and columns."""
        problems = error.problems if isinstance(error, InvalidInput) else ()
        first = document.rows[0]
        if not problems:
            path = f"{self._sheet.name} row {first}"
            self.problems.append(Problem(path, error.code, None, "a document that can be priced", str(error)))
        for problem in problems:
            row, column = first, problem.path
            if column.startswith("lines["):
                number, _, column = column.removeprefix("lines[").partition("].")
                row = document.rows[int(number)]
            column = column.replace("fields.", "line.")
            self.problems.append(attrs.evolve(problem, path=self._sheet.place(row, column)))

    def _further(self, name: str) -> Column | None:
        if name in self._carried:
            return _ANYTHING
        if name.startswith(_CONFIGURATION) and name != _CONFIGURATION:
            return _sheet.TEXT
        return self._facts.get(name)

    def _document(self, row: Row, here: str | None) -> str | None:
        """The document of a row; `None` when it is one by itself."""
        if "document" not in self.heading:
            return None
        document: str | None = row.cells.get("document")
        if document is None and not row.is_faulty:
            self._sheet.refuse(row, "document", Problem("", "missing", None, "the document of the line"))
        return here if document is None else document

    def _finished(self, rows: Sequence[Row], *, is_doubtful: bool) -> RequestedDocument:
        before = len(self.problems)
        head: dict[str, Any] = {}
        for row in rows:
            for name, value in row.cells.items():
                is_head = name in _HEAD or name.startswith(PREFIXES[:2])
                if is_head and name not in self._carried and head.setdefault(name, value) != value:
                    wanted = f"the same as above in the document, {shorten(head[name])}"
                    self._sheet.refuse(row, name, Problem("", "differs", shorten(value), wanted))
        is_faulty = is_doubtful or any(row.is_faulty for row in rows)
        if "currency" not in head and not self._currency and not is_faulty:
            self._sheet.refuse(
                rows[0], "currency", Problem("", "missing", None, "a currency, here or for all")
            )
        is_faulty = is_faulty or len(self.problems) > before
        return RequestedDocument(
            rows=tuple(row.number for row in rows),
            texts=tuple(row.texts for row in rows),
            request=None if is_faulty else self._request(head, rows),
        )

    def _request(self, head: Mapping[str, Any], rows: Sequence[Row]) -> PricingRequest:
        at = head.get("at", self._at)
        if not isinstance(at, datetime):
            at = first_moment(self._zone, datetime.combine(at, datetime.min.time()))
        return PricingRequest(
            at=at,
            currency=head.get("currency", self._currency),
            customer=_given(head, "customer."),
            order=_given(head, "order."),
            price_list=head.get("price_list", ""),
            codes=head.get("codes", ()),
            lines=[self._line(row.cells) for row in rows],
        )

    def _line(self, cells: Mapping[str, Any]) -> Line:
        fields = {name: value for name, value in cells.items() if name in self._facts}
        return Line(
            cells["product"],
            cells["quantity"],
            _given(cells, _CONFIGURATION),
            _given(fields, "line."),
            **{name: cells[name] for name in _OPTIONAL if name in cells},
        )


def _given(cells: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in cells.items() if name.startswith(prefix)}


def _money(text: str) -> Money:
    amount, _, code = text.partition(" ")
    return Money(amount, code)


_ANYTHING = Column(lambda _text: None, "anything")

_OF: Mapping[Type, Column] = {
    TEXT: _sheet.TEXT,
    NUMBER: _sheet.NUMBER,
    PERCENT: _sheet.PERCENT,
    MONEY: Column(_money, "an amount such as 1000 EUR"),
    BOOL: _sheet.FLAG,
    DATE: _sheet.DATE,
    INSTANT: Column(_sheet.read_instant, "an instant with its offset such as 2026-01-31T09:00+08:00"),
}


def column_of(kind: Type) -> Column:
    """The column of facts of a type; the members of a set are parted by semicolons."""
    if kind.element is None:
        return _OF[kind]
    one = _OF[kind.element]

    def read(text: str) -> frozenset[Any]:
        return frozenset(one.read(part.strip()) for part in text.split(";") if part.strip())

    return Column(read, f"{one.wanted}, or several parted by semicolons")
