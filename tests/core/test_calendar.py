# Naive datetimes are what hypothesis takes as bounds, and what the calendar must refuse.
# ruff: noqa: DTZ001, DTZ901

import copy
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.calendar import (
    BusinessCalendar,
    HolidayWithHours,
    NegativeDuration,
    NoWorkingHours,
    OutOfReach,
    ReversedInterval,
    WeekdayTwice,
)
from salesmgmt.core.clock import UnknownTimeZone, changed_days, first_moment, zone
from salesmgmt.core.events import NaiveInstant, NotAnInstant
from salesmgmt.core.hours import InvalidHours, OverlappingHours, WorkingHours, day_hours
from salesmgmt.core.period import DateOutOfRange, NotADate
from salesmgmt.core.weekday import UnknownWeekday, Weekday, weekdays

OFFICE = BusinessCalendar.weekly("mon-fri", time(9), time(17))
BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


# --- weekdays and hours as they are written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon-fri", "mon tue wed thu fri"),
        ("Fri-Mon", "mon fri sat sun"),
        (" wed , Monday", "mon wed"),
        ("sun-sun", "sun"),
        ("mon,mon-tue", "mon tue"),
    ],
)
def test_weekdays_are_read_by_name_and_range(text: str, expected: str) -> None:
    assert " ".join(weekdays(text)) == expected
    assert weekdays(expected.split()) == weekdays(text)


@pytest.mark.parametrize(
    "text", ["", "m", "mond", "mon-", "mon--tue", "1", "monday-friday-", "x" * 10**6, "Mon,,Tue"]
)
def test_what_is_no_weekday_is_refused(text: str) -> None:
    with pytest.raises(UnknownWeekday):
        weekdays(text)


@pytest.mark.parametrize("wrong", [3, None, b"mon", 1.0])
def test_only_text_names_a_weekday(wrong: object) -> None:
    with pytest.raises(UnknownWeekday):
        Weekday.parse(wrong)


def test_weekdays_count_from_monday() -> None:
    assert [day.number for day in Weekday] == list(range(7))
    assert Weekday.of(date(2024, 1, 1)) is Weekday.MON


def test_hours_are_read_sorted_and_shown_as_written() -> None:
    read = day_hours("13:00-24:00, 08:30-12:00:30")
    assert [str(part) for part in read] == ["08:30-12:00:30", "13:00-24:00"]
    assert read == day_hours([(time(13), time(0)), WorkingHours(time(8, 30), time(12, 0, 30))])
    assert [part.closes for part in read] == [timedelta(hours=12, seconds=30), timedelta(days=1)]
    assert day_hours(" ") == day_hours([]) == ()


@pytest.mark.parametrize(
    "text",
    ["9-17", "09:00", "17:00-09:00", "09:00-09:00", "09:00-24:01", "24:00-09:00", "09:00-00:00", "25:00-26:00",
     "09:00-17:00,", "٠٩:٠٠-١٧:٠٠", "09:60-10:00", "-" * 10**6, "T09:00-10:00", "09:00-17:00\n08:00"],
)  # fmt: skip
def test_what_is_no_interval_of_a_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidHours, match="24:00 at the latest"):
        day_hours(text)


@pytest.mark.parametrize(
    "wrong", [(time(9),), (time(9), None), (time(9, tzinfo=UTC), time(10, tzinfo=UTC)), 5, None]
)
def test_only_plain_times_bound_an_interval(wrong: tuple[time, time]) -> None:
    with pytest.raises(InvalidHours):
        day_hours([wrong])


def test_overlapping_hours_are_refused_and_touching_ones_are_not() -> None:
    with pytest.raises(OverlappingHours) as refused:
        day_hours("12:00-18:00, 09:00-12:30")
    assert refused.value.first == "09:00-12:30"
    assert len(day_hours("09:00-12:00, 12:00-18:00")) == 2


# --- construction


@pytest.mark.parametrize("nothing", [{}, {"mon": ""}, {"mon": (), "tue": []}])
def test_a_calendar_that_never_opens_is_refused(nothing: dict[str, str]) -> None:
    with pytest.raises(NoWorkingHours):
        BusinessCalendar(hours=nothing)
    with pytest.raises(NoWorkingHours):
        BusinessCalendar.weekly([])
    with pytest.raises(NoWorkingHours):
        BusinessCalendar(hours=nothing, exceptions={date(2026, 1, 1): ""})


def test_settings_that_cannot_be_right_are_refused() -> None:
    with pytest.raises(UnknownWeekday):
        BusinessCalendar(hours={"day": "09:00-17:00"})
    with pytest.raises(NotADate):
        BusinessCalendar.weekly(holidays=[datetime(2026, 1, 1, tzinfo=UTC)])
    with pytest.raises(NotADate):
        BusinessCalendar(hours={"mon": "09:00-17:00"}, exceptions={"2026-01-01": "09:00-12:00"})  # type: ignore[dict-item]
    with pytest.raises(HolidayWithHours, match="2026-12-24"):
        BusinessCalendar(
            hours={"mon": "09:00-17:00"},
            holidays=[date(2026, 12, 24)],
            exceptions={date(2026, 12, 24): "09:00-12:00"},
        )


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "", "../../etc/passwd", "/etc/passwd", "Europe", "\0", "x" * 5_000]
)
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownTimeZone, match="IANA"):
        BusinessCalendar.weekly(time_zone=name)


def test_a_calendar_is_a_value() -> None:
    calendar = BusinessCalendar(
        hours={"sat": "22:00-24:00", "mon": "09:00-12:00"},
        holidays=[date(2026, 1, 5)],
        exceptions={date(2026, 1, 7): "10:00-11:00"},
        time_zone="Asia/Shanghai",
    )
    same = BusinessCalendar(
        hours=calendar.hours,
        holidays=calendar.holidays,
        exceptions=calendar.exceptions,
        time_zone="Asia/Shanghai",
    )
    for twin in (same, pickle.loads(pickle.dumps(calendar)), copy.deepcopy(calendar)):
        assert twin == calendar
        assert hash(twin) == hash(calendar)
        assert twin.deadline(utc("2026-01-02T00:00"), hours(2.5)) == utc("2026-01-07T02:30")
    assert list(calendar.hours) == [Weekday.MON, Weekday.SAT]
    with pytest.raises(TypeError):
        calendar.hours[Weekday.TUE] = ()  # type: ignore[index]


# --- working time. 2024-01-01 is a Monday; the figures are plain arithmetic, the first four are Frappe CRM's tests.


def test_a_deadline_crosses_the_night() -> None:
    assert OFFICE.deadline(utc("2024-01-01T16:00"), hours(2)) == utc("2024-01-02T10:00")


def test_working_time_within_a_day_is_the_difference() -> None:
    assert OFFICE.elapsed(utc("2024-01-01T10:00"), utc("2024-01-01T12:00")) == hours(2)


def test_an_instant_is_working_time_inside_the_hours() -> None:
    moments = ["2024-01-01T10:00", "2024-01-01T08:00", "2024-01-01T18:00"]
    assert [OFFICE.is_working(utc(moment)) for moment in moments] == [True, False, False]


def test_no_time_passes_between_an_instant_and_itself() -> None:
    assert OFFICE.elapsed(utc("2024-01-01T10:00"), utc("2024-01-01T10:00")) == hours(0)


@pytest.mark.parametrize(
    ("start", "working", "expected"),
    [
        ("2024-01-01T09:00", 8, "2024-01-01T17:00"),
        ("2024-01-05T16:00", 1, "2024-01-05T17:00"),
        ("2024-01-05T17:00", 1, "2024-01-08T10:00"),
        ("2024-01-06T12:00", 8, "2024-01-08T17:00"),
        ("2024-01-01T03:00", 1, "2024-01-01T10:00"),
        ("2024-01-01T09:00", 40, "2024-01-05T17:00"),
        ("2024-01-01T09:00", 40.5, "2024-01-08T09:30"),
        ("2024-01-06T12:00", 0, "2024-01-06T12:00"),
    ],
)
def test_deadlines_stay_at_closing_time_and_count_from_the_next_opening(
    start: str, working: float, expected: str
) -> None:
    assert OFFICE.deadline(utc(start), hours(working)) == utc(expected)


def test_lunch_holidays_and_half_days_do_not_count() -> None:
    calendar = BusinessCalendar(
        hours=dict.fromkeys(weekdays("mon-fri"), "09:00-12:00, 13:00-18:00"),
        holidays=[date(2026, 12, 25)],
        exceptions={
            date(2026, 12, 24): "09:00-12:00",
            date(2026, 12, 26): "10:00-11:00",
            date(2026, 12, 28): "",
        },
    )
    assert calendar.elapsed(utc("2026-12-23T12:30"), utc("2026-12-29T10:00")) == hours(5 + 3 + 0 + 1 + 0 + 1)
    assert calendar.deadline(utc("2026-12-24T11:00"), hours(2)) == utc("2026-12-26T11:00")
    assert calendar.deadline(utc("2026-12-24T11:00"), hours(2.5)) == utc("2026-12-29T09:30")
    assert calendar.next_working(utc("2026-12-24T12:00")) == utc("2026-12-26T10:00")
    assert calendar.next_working(utc("2026-12-29T12:00")) == utc("2026-12-29T13:00")
    assert [str(part) for part in calendar.hours_on(date(2026, 12, 24))] == ["09:00-12:00"]
    assert calendar.hours_on(date(2026, 12, 25)) == ()
    assert not calendar.is_working(utc("2026-12-29T12:00"))
    assert calendar.is_working(utc("2026-12-29T13:00"))


def test_a_night_shift_joins_over_midnight() -> None:
    calendar = BusinessCalendar(hours={"fri": "22:00-24:00", "sat": "00:00-06:00"})
    assert calendar.elapsed(utc("2024-01-05T21:00"), utc("2024-01-06T07:00")) == hours(8)
    assert calendar.is_working(utc("2024-01-06T00:00"))
    assert calendar.deadline(utc("2024-01-05T23:00"), hours(1)) == utc("2024-01-06T00:00")


def test_answers_are_in_the_zone_of_the_calendar_whatever_the_zone_of_the_question() -> None:
    calendar = BusinessCalendar.weekly(time_zone="Asia/Shanghai")
    answer = calendar.deadline(datetime(2026, 11, 26, 23, tzinfo=ZoneInfo("America/New_York")), hours(1))
    assert answer.isoformat() == "2026-11-27T13:00:00+08:00"
    assert calendar.next_working(utc("2026-11-27T23:00")).isoformat() == "2026-11-30T09:00:00+08:00"


# --- the clock is changed. Berlin: 2026-03-29 02:00 -> 03:00, 2026-10-25 03:00 -> 02:00 (both Sundays).

NIGHTS = BusinessCalendar(hours={"sat": "22:00-24:00", "sun": "00:00-06:00"}, time_zone="Europe/Berlin")
AROUND_THE_CLOCK = BusinessCalendar(hours=dict.fromkeys(Weekday, "00:00-24:00"), time_zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("saturday", "expected"), [(date(2026, 3, 21), 8), (date(2026, 3, 28), 7), (date(2026, 10, 24), 9)]
)
def test_a_shift_over_a_change_of_the_clock_is_an_hour_shorter_or_longer(
    saturday: date, expected: int
) -> None:
    start = datetime.combine(saturday, time(12), BERLIN)
    end = datetime.combine(saturday + timedelta(days=1), time(12), BERLIN)
    assert NIGHTS.elapsed(start, end) == hours(expected)
    assert NIGHTS.deadline(start, hours(expected)) == datetime.combine(end, time(6), BERLIN).astimezone(UTC)


def test_both_passes_of_a_repeated_hour_count() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1)
    assert NIGHTS.elapsed(first, second) == hours(1)
    assert NIGHTS.is_working(first)
    assert NIGHTS.is_working(second)
    answer = NIGHTS.deadline(first, hours(1))
    assert (answer.hour, answer.minute, answer.fold) == (2, 30, 1)


def test_bounds_at_repeated_and_skipped_times_are_the_first_moment_that_shows_them() -> None:
    calendar = BusinessCalendar(hours={"sun": "02:30-04:00"}, time_zone="Europe/Berlin")
    october, march = datetime(2026, 10, 25, tzinfo=BERLIN), datetime(2026, 3, 29, tzinfo=BERLIN)
    assert calendar.next_working(october).astimezone(UTC) == utc("2026-10-25T00:30")
    assert calendar.elapsed(october, october + hours(12)) == hours(2.5)
    assert calendar.next_working(march).astimezone(UTC) == utc("2026-03-29T01:00")
    assert calendar.elapsed(march, march + hours(12)) == hours(1)


def test_a_shift_that_the_clock_skips_does_not_take_place() -> None:
    calendar = BusinessCalendar(hours={"sun": "02:10-02:50, 03:00-03:30"}, time_zone="Europe/Berlin")
    night = datetime(2026, 3, 29, tzinfo=BERLIN)
    assert calendar.elapsed(night, night + hours(12)) == hours(0.5)
    assert (
        calendar.next_working(night) == calendar.deadline(night, timedelta.resolution) - timedelta.resolution
    )
    only = BusinessCalendar(hours={"sun": "02:10-02:50"}, time_zone="Europe/Berlin")
    assert only.next_working(night) == datetime(2026, 4, 5, 2, 10, tzinfo=BERLIN)


def test_around_the_clock_all_real_time_is_working_time() -> None:
    start, end = datetime(2001, 5, 5, 5, tzinfo=BERLIN), datetime(2043, 12, 1, 7, tzinfo=BERLIN)
    assert AROUND_THE_CLOCK.elapsed(start, end) == end.astimezone(UTC) - start.astimezone(UTC)
    assert AROUND_THE_CLOCK.deadline(start, timedelta(days=9_000)) == start.astimezone(UTC) + timedelta(
        days=9_000
    )


def test_a_day_that_a_zone_skipped_has_no_working_time() -> None:
    samoa = BusinessCalendar(hours=dict.fromkeys(Weekday, "09:00-17:00"), time_zone="Pacific/Apia")
    apia = ZoneInfo("Pacific/Apia")  # there was no 30 December 2011
    start, end = datetime(2011, 12, 29, 9, tzinfo=apia), datetime(2011, 12, 31, 17, tzinfo=apia)
    assert samoa.elapsed(start, end) == hours(16)
    assert samoa.deadline(start, hours(9)) == datetime(2011, 12, 31, 10, tzinfo=apia)


def test_the_days_of_a_change_are_found() -> None:
    found = [date.fromordinal(day) for day in changed_days(zone("Europe/Berlin"), 2026)]
    assert found == [date(2026, 3, 29), date(2026, 10, 25)]
    assert changed_days(zone("UTC"), 2026) == ()


@given(
    st.datetimes(datetime(2026, 3, 28), datetime(2026, 3, 30)),
    st.datetimes(datetime(2026, 3, 28), datetime(2026, 3, 30)),
)
def test_the_first_moment_never_turns_times_round(one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))
    assert first_moment(BERLIN, earlier) <= first_moment(BERLIN, later)


# --- the law, against an oracle that walks minute by minute

ZONES = [
    # zone, and a day near which its clock was changed
    ("UTC", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour
    ("America/Sao_Paulo", date(2018, 2, 18)),  # back at midnight
    ("America/Sao_Paulo", date(2018, 11, 4)),  # forward at midnight
    ("America/St_Johns", date(2008, 11, 2)),  # back at 00:01, over midnight
    ("Pacific/Apia", date(2011, 12, 30)),  # a day is skipped
]


@st.composite
def day_plans(draw: st.DrawFn) -> list[tuple[time, time]]:
    halves = draw(st.lists(st.integers(0, 48), unique=True, max_size=6).map(sorted))
    pairs = list(zip(halves[::2], halves[1::2], strict=False))
    return [(time(a // 2, a % 2 * 30), time(b // 2 % 24, b % 2 * 30)) for a, b in pairs]


@st.composite
def situations(draw: st.DrawFn) -> tuple[BusinessCalendar, datetime, datetime]:
    name, change = draw(st.sampled_from(ZONES))
    near = st.integers(-5, 5).map(lambda days: change + timedelta(days=days))
    plans = {day: draw(day_plans()) for day in Weekday}
    plans[Weekday.MON] = plans[Weekday.MON] or [(time(9), time(17))]
    exceptions = draw(st.dictionaries(near, day_plans(), max_size=3))
    holidays = draw(st.sets(near, max_size=3)) - exceptions.keys()
    calendar = BusinessCalendar(hours=plans, holidays=holidays, exceptions=exceptions, time_zone=name)
    begin = datetime.combine(change, time(), UTC) + draw(st.integers(-4 * 1440, 1440)) * MINUTE
    return calendar, begin, begin + draw(st.integers(0, 5 * 1440)) * MINUTE


def working_minutes(calendar: BusinessCalendar, start: datetime) -> Iterator[tuple[datetime, bool]]:
    """Walk minute by minute, by the latest time that the clock on the wall has shown so far."""
    clock = ZoneInfo(calendar.time_zone)
    moment, shown = start - timedelta(days=2), datetime.min
    while True:
        shown = max(shown, moment.astimezone(clock).replace(tzinfo=None))
        if moment >= start:
            day, at = shown.date(), shown.time()
            plan = calendar.exceptions.get(day, calendar.hours.get(Weekday.of(day), ()))
            plan = () if day in calendar.holidays else plan
            yield moment, any(part.start <= at and (at < part.end or part.end == time(0)) for part in plan)
        moment += MINUTE


@settings(max_examples=60)
@given(situations())
def test_working_time_is_what_the_minutes_add_up_to(
    situation: tuple[BusinessCalendar, datetime, datetime],
) -> None:
    calendar, start, end = situation
    worked, opening = 0, None
    for moment, working in working_minutes(calendar, start):
        if working and opening is None:
            opening = moment
        if moment == end:
            assert calendar.is_working(moment) is working
        if moment >= end and opening is not None:
            break
        worked += working and moment < end
    assert calendar.elapsed(start, end) == worked * MINUTE
    assert calendar.next_working(start).astimezone(UTC) == opening


@settings(max_examples=60)
@given(situations(), st.integers(1, 2_000))
def test_a_deadline_is_the_first_moment_with_so_much_working_time(
    situation: tuple[BusinessCalendar, datetime, datetime], minutes: int
) -> None:
    calendar, start, _ = situation
    left = minutes
    for moment, working in working_minutes(calendar, start):
        left -= working
        if left == 0:
            assert calendar.deadline(start, minutes * MINUTE).astimezone(UTC) == moment + MINUTE
            return
        if moment > start + timedelta(days=60):
            return


instants = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


@given(instants, instants, instants, st.sampled_from([OFFICE, NIGHTS, AROUND_THE_CLOCK]))
def test_working_time_is_additive(a: datetime, b: datetime, c: datetime, calendar: BusinessCalendar) -> None:
    a, b, c = sorted((a, b, c))
    assert calendar.elapsed(a, b) + calendar.elapsed(b, c) == calendar.elapsed(a, c)


@given(
    instants,
    st.timedeltas(timedelta(0), timedelta(days=400)),
    st.sampled_from([OFFICE, NIGHTS, AROUND_THE_CLOCK]),
)
def test_a_deadline_and_elapsed_time_are_inverse(
    start: datetime, working: timedelta, calendar: BusinessCalendar
) -> None:
    assert calendar.elapsed(start, calendar.deadline(start, working)) == working


# --- working days


def test_working_days_are_counted_with_both_ends() -> None:
    assert OFFICE.working_days(date(2024, 1, 1), date(2024, 1, 7)) == 5
    assert OFFICE.working_days(date(2024, 1, 6), date(2024, 1, 7)) == 0
    assert OFFICE.working_days(date(2024, 1, 5), date(2024, 1, 5)) == 1
    bridge = BusinessCalendar(
        hours={"fri": "09:00-12:00"},
        holidays=[date(2024, 1, 5)],
        exceptions={date(2024, 1, 6): "09:00-10:00"},
    )
    assert bridge.working_days(date(2024, 1, 1), date(2024, 1, 12)) == 2


# WORKDAY of spreadsheets, with the holidays of the example in its manual page.
def test_adding_working_days_agrees_with_the_spreadsheet_function() -> None:
    holidays = [date(2008, 11, 26), date(2008, 12, 4), date(2009, 1, 21)]
    start = date(2008, 10, 1)
    assert OFFICE.add_working_days(start, 151) == date(2009, 4, 30)
    assert BusinessCalendar.weekly(holidays=holidays).add_working_days(start, 151) == date(2009, 5, 5)


@given(
    st.dates(date(2024, 1, 1), date(2026, 1, 1)),
    st.integers(-60, 60),
    st.sets(st.dates(date(2024, 1, 1), date(2026, 1, 1)), max_size=30),
)
def test_adding_working_days_is_what_walking_finds(day: date, count: int, holidays: set[date]) -> None:
    calendar = BusinessCalendar.weekly("tue-sat", holidays=holidays)
    expected, left = day, abs(count)
    while left:
        expected += timedelta(days=1 if count > 0 else -1)
        left -= expected.weekday() not in {0, 6} and expected not in holidays
    assert calendar.add_working_days(day, count) == expected


# --- refusals, and the cost of long questions


def test_naive_instants_are_refused_by_name() -> None:
    naive = datetime(2026, 1, 1, 9)
    for ask in (
        OFFICE.is_working,
        OFFICE.next_working,
        lambda at: OFFICE.elapsed(at, utc("2026-01-02T00:00")),
    ):
        with pytest.raises(NaiveInstant, match="no time zone"):
            ask(naive)
    with pytest.raises(NaiveInstant, match="end"):
        OFFICE.elapsed(utc("2026-01-02T00:00"), naive)
    with pytest.raises(NaiveInstant):
        OFFICE.deadline(naive, hours(1))


def test_reversed_and_negative_time_is_refused() -> None:
    with pytest.raises(ReversedInterval):
        OFFICE.elapsed(utc("2026-01-02T00:00"), utc("2026-01-01T00:00"))
    with pytest.raises(ReversedInterval):
        OFFICE.working_days(date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(NegativeDuration):
        OFFICE.deadline(utc("2026-01-02T00:00"), hours(-1))


def test_a_bound_in_the_repeated_hour_is_compared_as_an_instant() -> None:
    first = datetime(2026, 10, 25, 2, 10, tzinfo=BERLIN, fold=1)
    second = datetime(2026, 10, 25, 2, 50, tzinfo=BERLIN, fold=0)
    with pytest.raises(ReversedInterval):
        NIGHTS.elapsed(first, second)


def test_what_does_not_come_within_a_century_is_refused() -> None:
    start = date(2026, 1, 1)
    closed = [start + timedelta(days=days) for days in range(101 * 366)]
    shut = BusinessCalendar.weekly("mon", holidays=closed)
    attempts: list[Callable[[], object]] = [
        lambda: shut.deadline(utc("2026-01-01T00:00"), hours(1)),
        lambda: shut.next_working(utc("2026-01-01T00:00")),
        lambda: shut.add_working_days(start, 1),
        lambda: OFFICE.deadline(utc("2026-01-01T12:00"), timedelta.max),
        lambda: OFFICE.add_working_days(start, 10**100),
        lambda: OFFICE.add_working_days(start, -(10**100)),
        lambda: OFFICE.add_working_days(date.max, 1),
        lambda: OFFICE.add_working_days(date.min, -1),
    ]
    for ask in attempts:
        with pytest.raises(OutOfReach, match="100 years"):
            ask()
    fifty_years = BusinessCalendar.weekly(holidays=closed[: 50 * 365])
    assert fifty_years.deadline(utc("2026-01-01T00:00"), hours(1)) == utc("2075-12-20T10:00")


@pytest.mark.parametrize("edge", [datetime.min, datetime.max])
def test_instants_at_the_edge_of_time_are_refused(edge: datetime) -> None:
    with pytest.raises(DateOutOfRange):
        OFFICE.is_working(edge.replace(tzinfo=UTC))
    with pytest.raises(DateOutOfRange):
        OFFICE.deadline(edge.replace(tzinfo=UTC), hours(1))


def test_decades_cost_about_as_much_as_days(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0

    def counted(clock: ZoneInfo, wall: datetime) -> datetime:
        nonlocal looked_at
        looked_at += 1
        return first_moment(clock, wall)

    def cost(days: int) -> int:
        nonlocal looked_at
        looked_at = 0
        start = datetime(1991, 1, 1, tzinfo=BERLIN)
        calendar.deadline(start, calendar.elapsed(start, start + timedelta(days=days)))
        return looked_at

    monkeypatch.setattr("salesmgmt.core.calendar.first_moment", counted)
    calendar = BusinessCalendar.weekly(
        holidays=[date(year, 12, 25) for year in range(1990, 2060)], time_zone="Europe/Berlin"
    )
    assert cost(60 * 365) <= cost(3)


def test_a_weekday_under_two_names_is_refused() -> None:
    with pytest.raises(WeekdayTwice, match="mon has hours twice"):
        BusinessCalendar(hours={"mon": "09:00-12:00", "Monday": "13:00-18:00"})


def test_dates_are_no_instants() -> None:
    with pytest.raises(NotAnInstant, match="start"):
        OFFICE.elapsed(date(2026, 1, 1), date(2026, 1, 2))  # type: ignore[arg-type]


def test_working_days_beyond_all_numbers_are_out_of_reach() -> None:
    with pytest.raises(OutOfReach, match="an integer of 16610 bits working days"):
        OFFICE.add_working_days(date(2026, 1, 1), 10**5_000)
