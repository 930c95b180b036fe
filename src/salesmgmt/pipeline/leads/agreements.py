"""Agreements on responses: how soon whom must be answered, by condition, with one default for each kind of record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.events import Event
from salesmgmt.core.findings import Finding, duplicate_ids, refuse_errors
from salesmgmt.core.formula import FactType, Formula, Values, declare, lint_condition
from salesmgmt.core.formula.phrases import shorten_text
from salesmgmt.core.nearest import nearest
from salesmgmt.pipeline.leads.facts import LEAD_SCHEMA, lead_values
from salesmgmt.pipeline.leads.lead import Lead
from salesmgmt.pipeline.leads.response import customer_wrote, set_response_deadline

LEAD = "lead"
"""The kind of record that an agreement is about unless it names another."""


class DuplicateDefault(SalesError, ValueError):
    """Two agreements are the default of one kind of record.

    Attributes:
        record_type: the kind of record.
        agreements: ids of the agreements.
    """

    code = "duplicate_default"

    def __init__(self, record_type: str, agreements: Iterable[str]) -> None:
        self.record_type = record_type
        self.agreements = tuple(agreements)
        super().__init__(
            f"{', '.join(self.agreements)} are both the default for {shorten(record_type)}",
            hint="leave `default = true` to one of them, and give the others a condition",
        )


class UnknownCalendar(SalesError, LookupError):
    """An agreement counts in the hours of a calendar that was not given.

    Attributes:
        calendar: its name.
        known: the names that were given.
    """

    code = "unknown_calendar"

    def __init__(self, calendar: str, known: Iterable[str]) -> None:
        self.calendar = calendar
        self.known = tuple(known)
        close = nearest(calendar, self.known)
        super().__init__(
            f"there is no calendar {shorten(calendar)}",
            hint=f"did you mean {close!r}?" if close else f"given are {', '.join(self.known) or 'none'}",
        )


@attrs.frozen(kw_only=True)
class ResponseAgreement:
    """How soon some records must be answered.

    Attributes:
        id: its name.
        record_type: the kind of record it is about; this package applies those about leads.
        within: working time for the first answer.
        rolling: working time for the answer to each later message; `None` sets no deadline for them.
        when: a condition over `lead.*` and the declared facts; needed unless it is the default.
        default: whether it holds for every record of its kind that no condition fits.
        calendar: name of the calendar whose hours count.

    >>> from datetime import timedelta
    >>> from salesmgmt.pipeline.leads import ResponseAgreement
    >>> ResponseAgreement(id="usual", within=timedelta(hours=8), default=True).rolling is None
    True
    """

    id: str
    record_type: str = LEAD
    within: timedelta
    rolling: timedelta | None = None
    when: str | None = None
    default: bool = False
    calendar: str = "office"


@attrs.frozen(kw_only=True)
class ResponsePolicy:
    """Agreements as data: the first whose condition fits holds, and the default when none does.

    Attributes:
        agreements: in the order in which they are tried; the default may stand anywhere.
        facts: type of each further name that conditions use; custom fields are `lead.fields.<name>`.

    Raises:
        DuplicateDefault: a kind of record has two defaults.
        InvalidDefinition: a kind of record has none, or an agreement cannot work; all findings are listed.

    >>> from datetime import UTC, datetime, timedelta
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.calendar import BusinessCalendar
    >>> from salesmgmt.pipeline.leads import Lead, ResponseAgreement, ResponsePolicy
    >>> policy = ResponsePolicy(agreements=(
    ...     ResponseAgreement(id="urgent", within=timedelta(hours=1), when="lead.priority >= 2"),
    ...     ResponseAgreement(id="usual", within=timedelta(hours=8), default=True),
    ... ))
    >>> now = datetime(2026, 1, 5, 10, tzinfo=UTC)
    >>> lead = Lead(id="l1", name="Ana", created_at=now, priority=3)
    >>> lead, _ = policy.start(lead, {"office": BusinessCalendar.weekly()}, at=now, by=Actor("crm"))
    >>> policy.agreement(lead).id, lead.first_response_due.isoformat()
    ('urgent', '2026-01-05T11:00:00+00:00')
    """

    agreements: tuple[ResponseAgreement, ...]
    facts: Mapping[str, FactType] = attrs.field(factory=dict)
    _conditions: Mapping[str, Formula] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        defaults: dict[str, str] = {}
        for one in self.agreements:
            if one.default:
                if one.record_type in defaults:
                    raise DuplicateDefault(one.record_type, (defaults[one.record_type], one.id))
                defaults[one.record_type] = one.id
        refuse_errors("response policy", self.lint())
        schema = declare(self.facts, LEAD_SCHEMA).schema
        parsed = {
            one.id: Formula.parse(one.when, schema)
            for one in self.agreements
            if one.when is not None and one.record_type == LEAD
        }
        object.__setattr__(self, "_conditions", parsed)

    @classmethod
    def load(cls, path: Path | str) -> ResponsePolicy:
        """Read a policy from a TOML file; durations are written in hours, minutes and seconds: `PT8H`, `PT1H30M`.

        Raises:
            InvalidInput: the file is no such definition; all problems are listed.
            DuplicateDefault, InvalidDefinition: the policy cannot work.
        """
        document = load_definition(path, _Document)
        problems = [
            Problem(f"agreements[{index}].{name}", "wrong_duration", shorten(text), _DURATION_WANTED)
            for index, entry in enumerate(document.agreements)
            for name, text in (("within", entry.within), ("rolling", entry.rolling))
            if text is not None and _duration(text) is None
        ]
        if problems:
            raise InvalidInput(Path(path).name, problems)
        return cls(agreements=tuple(entry.read() for entry in document.agreements), facts=document.facts)

    def lint(self) -> Iterator[Finding]:
        """Yield what is wrong in this policy."""
        declared = declare(self.facts, LEAD_SCHEMA)
        yield from declared.findings
        yield from duplicate_ids("agreements", (one.id for one in self.agreements))
        for index, one in enumerate(self.agreements):
            where = f"agreements.{shorten_text(one.id)}" if one.id.strip() else f"agreements[{index}]"
            if not one.id.strip():
                yield Finding(code="no_id", where=where, message="it has no id", hint="give it one")
            if one.when is None and not one.default:
                yield Finding(
                    code="no_condition", where=where, message="it can never be chosen",
                    hint="give it a condition, or make it the default",
                )  # fmt: skip
            elif one.when is not None and one.record_type == LEAD:
                yield from lint_condition(one.when, declared.schema, where)[1]
            for name, time in (("within", one.within), ("rolling", one.rolling)):
                if time is not None and not _is_positive(time):
                    yield Finding(
                        code="no_time", where=f"{where}.{name}", message=f"{shorten(str(time))} is no time to answer in",
                        hint="give a duration above zero",
                    )  # fmt: skip
        defaults = {one.record_type for one in self.agreements if one.default}
        for record_type in dict.fromkeys(one.record_type for one in self.agreements):
            if record_type not in defaults:
                yield Finding(
                    code="no_default", where="agreements", message=f"{record_type} has no default",
                    hint="mark one agreement with `default = true`",
                )  # fmt: skip

    def agreement(self, lead: Lead, facts: Values | None = None) -> ResponseAgreement | None:
        """Return the agreement that holds for a lead; `None` when there are none about leads."""
        values = lead_values(lead, facts)
        mine = [one for one in self.agreements if one.record_type == LEAD]
        for one in mine:
            if one.id in self._conditions and self._conditions[one.id].holds(values):
                return one
        return next((one for one in mine if one.default), None)

    def start(
        self,
        lead: Lead,
        calendars: Mapping[str, BusinessCalendar],
        facts: Values | None = None,
        *,
        at: datetime,
        by: Actor,
    ) -> tuple[Lead, tuple[Event, ...]]:
        """Set the deadline of the first answer as agreed; a deadline that the lead has already, stays.

        Raises:
            UnknownCalendar: the calendar of the agreement is not among those given.
        """
        agreed = self.agreement(lead, facts)
        if agreed is None:
            return lead, ()
        return set_response_deadline(lead, agreed.within, _calendar(agreed, calendars), at=at, by=by)

    def message(
        self,
        lead: Lead,
        calendars: Mapping[str, BusinessCalendar],
        facts: Values | None = None,
        *,
        at: datetime,
        by: Actor,
    ) -> tuple[Lead, tuple[Event, ...]]:
        """Note that the customer wrote again, with the deadline for the answer as agreed; see `customer_wrote`.

        Raises:
            UnknownCalendar: the calendar of the agreement is not among those given.
            NoAgreement: there is no agreement about leads.
        """
        agreed = self.agreement(lead, facts)
        if agreed is None:
            raise NoAgreement(lead.id)
        calendar = _calendar(agreed, calendars)
        return customer_wrote(lead, calendar, within=agreed.rolling, at=at, by=by)


class NoAgreement(SalesError, LookupError):
    """No agreement is about leads, so that it is not known in which hours a message is to be answered.

    Attributes:
        lead: id of the lead.
    """

    code = "no_agreement"

    def __init__(self, lead: str) -> None:
        super().__init__(
            f"no agreement holds for lead {lead}", hint="add a default one with record_type 'lead'"
        )
        self.lead = lead


_DURATION = re.compile(r"PT(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?", re.ASCII)
_DURATION_WANTED = "a duration in hours, minutes and seconds such as PT8H or PT1H30M"


def _duration(text: str) -> timedelta | None:
    """Read a duration; days are none, since a day of working time is not the same in every calendar."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


@attrs.frozen(kw_only=True)
class _Entry:
    id: str
    record_type: str = LEAD
    within: str
    rolling: str | None = None
    when: str | None = None
    default: bool = False
    calendar: str = "office"

    def read(self) -> ResponseAgreement:
        return ResponseAgreement(
            id=self.id,
            record_type=self.record_type,
            within=_duration(self.within) or timedelta(0),
            rolling=None if self.rolling is None else _duration(self.rolling),
            when=self.when,
            default=self.default,
            calendar=self.calendar,
        )


@attrs.frozen(kw_only=True)
class _Document:
    agreements: tuple[_Entry, ...]
    facts: Mapping[str, FactType] = attrs.field(factory=dict)


def _is_positive(time: object) -> bool:
    return isinstance(time, timedelta) and time > timedelta(0)


def _calendar(agreed: ResponseAgreement, calendars: Mapping[str, BusinessCalendar]) -> BusinessCalendar:
    if agreed.calendar not in calendars:
        raise UnknownCalendar(agreed.calendar, calendars)
    return calendars[agreed.calendar]
