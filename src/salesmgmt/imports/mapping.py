"""How the columns of a foreign export become the fields of a deal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from salesmgmt.core.currency import currency
from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten

_REQUIRED = ("id", "stage")
_KNOWN = (*_REQUIRED, "name", "account", "contact", "owner", "product", "source", "amount", "opened_on", "closed_on",
          "expected_close", "loss_reason")  # fmt: skip


@attrs.frozen(kw_only=True)
class DealMapping:
    """Where the fields of a deal stand in an export.

    Attributes:
        pipeline: file of the pipeline definition the deals are taken over into, beside the mapping's own file.
        columns: the export's column by field: id and stage are required; name, account, contact, owner, product, source,
            amount, opened_on, closed_on, expected_close and loss_reason may be given.
        stages: the pipeline's stage by the export's own word for it.
        currency: ISO code of the amounts.
        fields: further columns that are kept as text, by the name they get among the deal's own fields.
        date_format: how dates are written, in the codes of `datetime.strptime`.
        decimal_mark: what stands before the decimals of an amount, `.` or `,`.
        time_zone: where the export's days begin.
        delimiter: between cells.
        encoding: of the file.
    """

    pipeline: str
    columns: Mapping[str, str]
    stages: Mapping[str, str]
    currency: str
    fields: Mapping[str, str] = attrs.field(factory=dict)
    date_format: str = "%Y-%m-%d"
    decimal_mark: str = "."
    time_zone: str = "UTC"
    delimiter: str = ","
    encoding: str = "utf-8"

    @classmethod
    def load(cls, path: Path | str) -> DealMapping:
        """Read a mapping from TOML; raises `InvalidInput` with every problem."""
        mapping = load_definition(path, cls)
        if problems := list(mapping.problems()):
            raise InvalidInput(Path(path).name, problems)
        return attrs.evolve(mapping, pipeline=str(Path(path).parent / mapping.pipeline))

    def problems(self) -> list[Problem]:
        """List what is wrong with the mapping itself."""
        found = [
            Problem(f"columns.{field}", "missing", None, "the column it stands in")
            for field in _REQUIRED
            if field not in self.columns
        ]
        found += [
            Problem(f"columns.{shorten(field)}", "unknown_key", shorten(field), f"one of {', '.join(_KNOWN)}")
            for field in self.columns
            if field not in _KNOWN
        ]
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n':
            found.append(Problem("delimiter", "not_allowed", shorten(self.delimiter), "one character"))
        if self.decimal_mark not in {".", ","}:
            found.append(Problem("decimal_mark", "not_allowed", shorten(self.decimal_mark), "`.` or `,`"))
        try:
            "".encode(self.encoding)
        except LookupError:
            found.append(
                Problem("encoding", "not_allowed", shorten(self.encoding), "an encoding, such as utf-8")
            )
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            found.append(
                Problem("time_zone", "not_allowed", shorten(self.time_zone), "a zone, such as Europe/Berlin")
            )
        try:
            currency(self.currency)
        except SalesError as error:
            found.append(
                Problem("currency", "not_allowed", shorten(self.currency), "an ISO 4217 code", error.hint)
            )
        if not self._reads_its_own_dates():
            found.append(
                Problem(
                    "date_format",
                    "not_allowed",
                    shorten(self.date_format),
                    "year, month and day, such as %d.%m.%Y",
                )
            )
        return found

    def _reads_its_own_dates(self) -> bool:
        day = date(1999, 12, 31)
        others = (date(1998, 12, 31), date(1999, 11, 30), date(1999, 12, 30))
        if any(other.strftime(self.date_format) == day.strftime(self.date_format) for other in others):
            return False  # it leaves out the year, the month or the day
        try:
            return datetime.strptime(day.strftime(self.date_format), self.date_format).date() == day  # noqa: DTZ007 - a day
        except ValueError:
            return False
