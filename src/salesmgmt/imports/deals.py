"""Deals from a foreign CRM export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, ContactId, PersonId, ProductId
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exact import NotANumber, exact
from salesmgmt.core.money import Money
from salesmgmt.core.nearest import nearest
from salesmgmt.imports.mapping import DealMapping
from salesmgmt.imports.records import Record, Reject, read_records
from salesmgmt.imports.report import DealImport, Unresolved
from salesmgmt.pipeline.deals import Deal, DealOpened, StageKind
from salesmgmt.pipeline.stages import Pipeline, PipelineDefinition

_LONGEST_KEY = 200
_PROGRESS_EVERY = 1_000


def read_deals(
    path: Path | str,
    mapping: DealMapping,
    *,
    at: datetime,
    by: Actor,
    products: Collection[str] | None = None,
    accounts: Collection[str] | None = None,
    strict: bool = False,
    progress: Callable[[int], None] | None = None,
) -> DealImport:
    """Read an export of deals.

    Args:
        path: the CSV file.
        mapping: where its fields stand.
        at: the instant the deals are taken over.
        by: who takes them over.
        products: the known product keys; `None` when they are not checked.
        accounts: the known account keys, likewise.
        strict: take nothing when a single record is not understood.
        progress: told the number of records now and then.

    Raises:
        InvalidInput: a column that the mapping names is missing or stands twice, or the file cannot be read.
    """
    file = Path(path)
    pipeline = PipelineDefinition.load(mapping.pipeline).compile()
    _refuse_unknown_stages(mapping, pipeline)
    taken: list[tuple[Deal, DealOpened]] = []
    rejects: list[Reject] = []
    read = 0
    with _opened(file) as opened:
        records = read_records(opened, delimiter=mapping.delimiter, encoding=mapping.encoding)
        columns = [*mapping.columns.values(), *mapping.fields.values()]
        places, unused = _header(next(records, None), file.name, columns)
        reader = _DealReader(mapping=mapping, pipeline=pipeline, places=places, at=at, by=by)
        for read, record in enumerate(records, start=1):
            outcome = reader.take(record) if isinstance(record, Record) else record
            if isinstance(outcome, Reject):
                rejects.append(outcome)
            else:
                taken.append(outcome)
            if progress is not None and read % _PROGRESS_EVERY == 0:
                progress(read)
    deals = [deal for deal, _ in taken]
    unresolved = [*_unresolved("product", deals, products), *_unresolved("account", deals, accounts)]
    if strict and rejects:
        taken = []
    return DealImport(
        read=read,
        deals=tuple(deal for deal, _ in taken),
        events=tuple(event for _, event in taken),
        rejects=tuple(rejects),
        unresolved=tuple(unresolved),
        unused_columns=tuple(unused),
    )


def _refuse_unknown_stages(mapping: DealMapping, pipeline: Pipeline) -> None:
    problems = []
    for word, stage in mapping.stages.items():
        if stage not in pipeline.stages:
            close = nearest(stage, pipeline.stages)
            hint = f"did you mean {close!r}?" if close else f"it has {', '.join(pipeline.stages)}"
            wanted = f"a stage of the pipeline {pipeline.id}"
            problems.append(
                Problem(f"stages[{shorten(word)}]", "unknown_stage", shorten(stage), wanted, hint)
            )
    if problems:
        raise InvalidInput("the mapping", problems)


def read_keys(path: Path | str, column: str) -> frozenset[str]:
    """Read the keys in one column of a master file (CSV in UTF-8); raises `InvalidInput` when it has no such column."""
    file = Path(path)
    with _opened(file) as opened:
        records = read_records(opened)
        place = _header(next(records, None), file.name, [column])[0][column]
        return frozenset(
            record.cells[place].strip()
            for record in records
            if isinstance(record, Record) and len(record.cells) > place
        )


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("rb") as opened:
            yield opened
    except OSError as error:
        problem = Problem("the file", "unreadable", error.strerror or "no file", "a readable CSV file")
        raise InvalidInput(str(file), [problem]) from error


def _header(
    first: Record | Reject | None, what: str, wanted: Sequence[str]
) -> tuple[dict[str, int], list[str]]:
    """Return where the wanted columns stand and which others there are; all that is missing is said at once."""
    if not isinstance(first, Record):
        found = None if first is None else first.reason
        raise InvalidInput(what, [Problem("row 1", "no_header", found, "the names of the columns")])
    names = [name.strip() for name in first.cells]
    counts = Counter(names)
    problems = [
        Problem(
            f"column {column}",
            "missing_column" if not counts[column] else "duplicate_column",
            f"columns {', '.join(map(shorten, names[:30]))}",
            f"{column} once",
            _separator_hint(names),
        )
        for column in dict.fromkeys(wanted)
        if counts[column] != 1
    ]
    if problems:
        raise InvalidInput(what, problems)
    return {column: names.index(column) for column in wanted}, [name for name in names if name not in wanted]


def _plain(text: str, decimal_mark: str) -> str:
    """The digits with a point before the decimals; a point where a comma is the mark makes it no number."""
    return text if decimal_mark == "." else text.replace(".", "?").replace(",", ".")


def _separator_hint(names: Sequence[str]) -> str:
    """What to do when the whole header was read as one cell."""
    seen = [sign for sign in (";", "\t", "|", ",") if sign in names[0]] if len(names) == 1 else []
    return f"the cells seem to be parted by {seen[0]!r}: set the mapping's delimiter" if seen else ""


class _Misread(Exception):
    """One cell cannot be understood."""

    def __init__(self, field: str, code: str, found: str, wanted: str) -> None:
        super().__init__(code)
        self.field = field
        self.code = code
        self.reason = f"found {shorten(found)}, wanted {wanted}"


def _unresolved(field: str, deals: Sequence[Deal], known: Collection[str] | None) -> Iterator[Unresolved]:
    if known is None:
        return
    keys = Counter(getattr(deal, field) for deal in deals)
    for key, count in keys.most_common():
        if key is not None and key not in known:
            yield Unresolved(field=field, key=key, count=count, nearest=nearest(key, known))


@attrs.frozen(kw_only=True)
class _DealReader:
    mapping: DealMapping
    pipeline: Pipeline
    places: Mapping[str, int]
    at: datetime
    by: Actor
    width: int = attrs.field(init=False)
    zone: ZoneInfo = attrs.field(init=False)
    seen: dict[str, int] = attrs.field(factory=dict)

    @width.default
    def _least_width(self) -> int:
        return max(self.places.values()) + 1

    @zone.default
    def _zone_of_days(self) -> ZoneInfo:
        return ZoneInfo(self.mapping.time_zone)

    def take(self, record: Record) -> tuple[Deal, DealOpened] | Reject:
        """Make the deal of a record, or say why there is none."""
        if len(record.cells) < self.width:
            reason = f"found {len(record.cells)} cells, wanted at least {self.width}"
            return Reject(row=record.row, column="", code="too_few_cells", reason=reason, raw=record.raw)
        try:
            deal, (event,) = self._adopt(record)
        except _Misread as misread:
            column = self.mapping.columns[misread.field]
            return Reject(
                row=record.row, column=column, code=misread.code, reason=misread.reason, raw=record.raw
            )
        self.seen[deal.id] = record.row
        return deal, event

    def _text(self, record: Record, field: str) -> str:
        column = self.mapping.columns.get(field)
        text = "" if column is None else record.cells[self.places[column]].strip()
        if len(text) > _LONGEST_KEY:
            raise _Misread(field, "too_long", text, f"at most {_LONGEST_KEY} characters")
        return text

    def _day(self, record: Record, field: str) -> date | None:
        text = self._text(record, field)
        if not text:
            return None
        try:
            return datetime.strptime(text, self.mapping.date_format).date()  # noqa: DTZ007 - a business date
        except ValueError:
            raise _Misread(field, "bad_date", text, f"a date written as {self.mapping.date_format}") from None

    def _amount(self, record: Record) -> Money | None:
        text = self._text(record, "amount")
        if not text:
            return None
        try:
            amount: Decimal = exact(_plain(text, self.mapping.decimal_mark))
        except NotANumber:
            raise _Misread(
                "amount", "not_a_number", text, f"plain digits, such as 1234{self.mapping.decimal_mark}50"
            ) from None
        if amount < 0:
            raise _Misread("amount", "negative", text, "no negative value")
        return Money(amount, self.mapping.currency)

    def _adopt(self, record: Record) -> tuple[Deal, tuple[DealOpened]]:
        key = self._text(record, "id")
        if not key:
            raise _Misread("id", "missing", "", "an id")
        if key in self.seen:
            raise _Misread("id", "duplicate_id", key, f"an id of its own (row {self.seen[key]} has it)")
        word = self._text(record, "stage")
        stage = self.mapping.stages.get(word)
        if stage is None:
            raise _Misread("stage", "unknown_stage", word, f"one of {', '.join(self.mapping.stages)}")
        opened, closed = self._day(record, "opened_on"), self._day(record, "closed_on")
        kind = self.pipeline.stages[stage].kind
        if closed is not None and kind is StageKind.OPEN:
            raise _Misread("closed_on", "not_closed", closed.isoformat(), f"nothing, as the stage is {word}")
        if opened is not None and closed is not None and closed < opened:
            raise _Misread(
                "closed_on", "reversed_dates", closed.isoformat(), f"a day from {opened.isoformat()} on"
            )
        details: dict[str, Any] = {
            "account": AccountId(self._text(record, "account")) or None,
            "contact": ContactId(self._text(record, "contact")) or None,
            "owner": PersonId(self._text(record, "owner")) or None,
            "product": ProductId(self._text(record, "product")) or None,
            "source": self._text(record, "source"),
            "amount": self._amount(record),
            "expected_close": self._day(record, "expected_close"),
            "fields": {
                name: text
                for name, column in self.mapping.fields.items()
                if (text := record.cells[self.places[column]].strip())
            },
        }
        return self.pipeline.adopt(
            id=key,
            name=self._text(record, "name") or key,
            stage=stage,
            opened_at=None if opened is None else datetime.combine(opened, time(), self.zone),
            stage_since=None if closed is None else datetime.combine(closed, time(), self.zone),
            closed_on=closed,
            loss_reason=(self._text(record, "loss_reason") or None) if kind is StageKind.LOST else None,
            at=self.at,
            by=self.by,
            **details,
        )
