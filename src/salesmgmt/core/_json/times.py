"""The JSON forms of dates, instants, times of day and durations."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from salesmgmt.core._json.form import Form, Misfit

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?"
_INSTANT = f"{_DATE}T{_TIME}(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_DURATION = "-?PT[0-9]{1,14}(\\.[0-9]{1,6})?S"

_is_date = re.compile(_DATE).fullmatch
_is_time = re.compile(_TIME).fullmatch
_is_instant = re.compile(_INSTANT).fullmatch
_duration = re.compile("(-?)PT([0-9]{1,14})(?:\\.([0-9]{1,6}))?S").fullmatch


class Date(Form):
    """`date` as 2026-01-31."""

    name = 'a date such as "2026-01-31"'
    described = MappingProxyType({"type": "string", "format": "date", "pattern": f"^{_DATE}$"})

    def read(self, data: Any, _: object = None) -> date:
        if isinstance(data, str):
            if _is_date(data):
                try:
                    return date.fromisoformat(data)
                except ValueError as error:
                    raise Misfit("not_a_date", data, self.name, str(error)) from None
            raise Misfit("not_a_date", data, self.name)
        if isinstance(data, date) and not isinstance(data, datetime):
            return data  # TOML knows dates
        raise Misfit("wrong_type", data, self.name)

    def write(self, value: Any) -> str:
        if isinstance(value, datetime) or not isinstance(value, date):
            raise Misfit("wrong_type", value, "a date")
        return value.isoformat()


class Instant(Form):
    """Aware `datetime` as 2026-01-31T09:00:00+08:00; the offset is kept, the name of the zone is not."""

    name = 'an instant with its offset such as "2026-01-31T09:00:00+08:00"'
    title = "Instant"
    described = MappingProxyType(
        {
            "title": "Instant",
            "description": "A date and time with its offset from UTC.",
            "type": "string",
            "format": "date-time",
            "pattern": f"^{_INSTANT}$",
        }
    )

    def read(self, data: Any, _: object = None) -> datetime:
        if isinstance(data, str):
            if _is_instant(data):
                try:
                    return datetime.fromisoformat(data)
                except ValueError as error:
                    raise Misfit("not_an_instant", data, self.name, str(error)) from None
            raise Misfit("not_an_instant", data, self.name)
        if isinstance(data, datetime):  # TOML knows instants
            if data.utcoffset() is None:
                raise Misfit("naive_instant", data.isoformat(), self.name, "add the offset")
            return data
        raise Misfit("wrong_type", data, self.name)

    def write(self, value: Any) -> str:
        offset = value.utcoffset() if isinstance(value, datetime) else None
        if offset is None:
            raise Misfit("wrong_type", value, "an aware datetime")
        if offset.seconds % 60 or offset.microseconds:
            try:
                value = value.astimezone(UTC)  # RFC 3339 has no seconds in an offset (local mean times do)
            except OverflowError:
                raise Misfit("out_of_range", value, "an instant within the years 1 to 9999") from None
        written: str = value.isoformat()
        return written


class TimeOfDay(Form):
    """`time` on the clock of a place, without an offset, as 09:30:00."""

    name = 'a time of day such as "09:30:00"'
    described = MappingProxyType({"type": "string", "pattern": f"^{_TIME}$"})

    def read(self, data: Any, _: object = None) -> time:
        if isinstance(data, str):
            if _is_time(data):
                return time.fromisoformat(data)
            raise Misfit("not_a_time", data, self.name)
        if isinstance(data, time) and data.tzinfo is None:
            return data  # TOML knows times
        raise Misfit("wrong_type", data, self.name)

    def write(self, value: Any) -> str:
        if not isinstance(value, time) or value.tzinfo is not None:
            raise Misfit("wrong_type", value, "a time without a time zone")
        return value.isoformat()


class Duration(Form):
    """`timedelta` in seconds, as PT90S (ISO 8601)."""

    name = 'a duration in seconds such as "PT90S"'
    described = MappingProxyType({"type": "string", "pattern": f"^{_DURATION}$"})

    def read(self, data: Any, _: object = None) -> timedelta:
        if not isinstance(data, str):
            raise Misfit("wrong_type", data, self.name)
        parts = _duration(data)
        if parts is None:
            raise Misfit("not_a_duration", data, self.name)
        sign, seconds, fraction = parts.groups()
        try:
            length = timedelta(seconds=int(seconds), microseconds=int((fraction or "").ljust(6, "0")))
        except OverflowError:
            raise Misfit("out_of_range", data, "at most a thousand million days") from None
        return -length if sign else length

    def write(self, value: Any) -> str:
        if not isinstance(value, timedelta):
            raise Misfit("wrong_type", value, "a timedelta")
        sign, length = ("-", -value) if value < timedelta() else ("", value)
        fraction = f".{length.microseconds:06d}".rstrip("0") if length.microseconds else ""
        return f"{sign}PT{length.days * 86_400 + length.seconds}{fraction}S"
