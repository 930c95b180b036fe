import dis
import importlib
import pickle
import pkgutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from importlib.resources import files

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesmgmt
from salesmgmt.core._messages import placeholders
from salesmgmt.core.clock import UnknownTimeZone
from salesmgmt.core.currency import UnknownCurrency
from salesmgmt.core.entity import Ref
from salesmgmt.core.errors import FloatRefused, InvalidInput, Problem, SalesError
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.findings import Finding, InvalidDefinition
from salesmgmt.core.money import Money, TooFine
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import DateOutOfRange, EmptyPeriod, NotADate, Period
from salesmgmt.core.rounding import Rounding
from salesmgmt.core.wording import UnknownLocale, Wording

EN, DE, ZH = Wording(), Wording("de"), Wording("zh_CN")


# --- locales


@pytest.mark.parametrize("name", ["xx", "", "english", "../../etc/passwd", "e" * 10**6, "en\0", "C", None, 5])
def test_an_unknown_locale_is_refused(name: str) -> None:
    with pytest.raises(UnknownLocale, match="zh_CN"):
        Wording(name)


def test_a_locale_may_be_written_with_a_dash() -> None:
    assert Wording("zh-CN") == ZH
    assert hash(Wording("zh-CN")) == hash(ZH)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("en_GB", "nothing"),
        ("zh", "无"),
        ("zh_SG", "无"),
        ("zh_Hans_HK", "无"),
        ("zh_TW", "nothing"),
        ("de_CH", "nothing"),
    ],
)
def test_messages_come_in_the_language_and_script_of_the_locale(name: str, expected: str) -> None:
    assert Wording(name, catalogue={"found": "{what}"}).message("found", what=None) == expected


def test_a_wording_is_a_value() -> None:
    wording = Wording("de", catalogue={"hello": "Hallo {name}"})
    twin = pickle.loads(pickle.dumps(wording))
    assert twin == wording
    assert hash(twin) == hash(wording)
    assert twin.message("hello", name="Li") == "Hallo Li"
    with pytest.raises(TypeError):
        wording.catalogue["hello"] = "x"  # type: ignore[index]


def test_babel_is_imported_when_a_word_is_wanted_and_not_before() -> None:
    script = (
        "import sys; from salesmgmt.core.wording import Wording; print('babel' in sys.modules);"
        "Wording(); print('babel' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


# --- values. The shapes are those of CLDR.


@pytest.mark.parametrize(
    ("wording", "money", "expected"),
    [
        (EN, Money("1234567.5", "USD"), "$1,234,567.50"),
        (EN, Money("-1234.5", "EUR"), "-€1,234.50"),
        (DE, Money("1234.5", "EUR"), "1.234,50\xa0€"),
        (ZH, Money("1234.5", "CNY"), "¥1,234.50"),
        (EN, Money("1234.5", "CNY"), "CN¥1,234.50"),
        (EN, Money("1234", "JPY"), "¥1,234"),
        (EN, Money("1.2345", "KWD"), "KWD\xa01.235"),
        (EN, Money("0", "EUR"), "€0.00"),
        (EN, Money("-0.001", "EUR"), "€0.00"),
        (EN, Money("1.25", "XAU"), "XAU\xa01.25"),
        (Wording("en_IN"), Money("1234567.5", "INR"), "₹12,34,567.50"),
    ],
)
def test_money_is_shown_with_the_decimals_of_its_currency(
    wording: Wording, money: Money, expected: str
) -> None:
    assert wording.money(money) == expected


# ISO 4217 gives these three decimals; CLDR, which Babel would follow, gives none.
def test_the_decimals_are_those_of_iso_4217() -> None:
    assert EN.money(Money("1.5", "IQD")) == "IQD\xa01.500"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0.125", "$0.13"), ("0.135", "$0.14"), ("-0.125", "-$0.13"), ("2.675", "$2.68"), ("0.1249", "$0.12")],
)
def test_money_is_rounded_half_up_and_not_as_babel_does(amount: str, expected: str) -> None:
    assert EN.money(Money(amount, "USD")) == expected


def test_another_rounding_shows_other_decimals_but_never_fewer_than_the_currency() -> None:
    money = Money("12.345678", "USD")
    assert EN.money(money, rounding=Rounding("half_up", "0.0001")) == "$12.3457"
    assert EN.money(money, rounding=Rounding("half_up", "0.05")) == "$12.35"
    assert EN.money(money, rounding=Rounding("down", "1")) == "$12.00"
    assert EN.money(money, rounding=Rounding("up", "1", ending="0.99")) == "$12.99"
    assert EN.money(Money("12", "JPY"), rounding=Rounding("half_up", "0.01")) == "¥12.00"


def test_amounts_of_34_digits_are_shown_in_full_whatever_the_context_of_the_host() -> None:
    digits = "1234567890123456789012345678901234"
    with localcontext(Context(prec=3, rounding=ROUND_HALF_UP)) as ambient:
        assert EN.money(Money(digits, "USD")).replace(",", "") == f"${digits}.00"
        assert EN.number("0." + digits) == f"0.{digits}"
        assert EN.percent(Percent("12.3456")) == "12.3456%"
        assert ambient.prec == 3


@given(st.decimals(-(10**12), 10**12, places=2))
def test_shown_money_reads_back(amount: Decimal) -> None:
    shown = EN.money(Money(amount, "USD"))
    assert Decimal(shown.replace("$", "").replace(",", "")) == amount


def test_numbers_show_the_digits_that_they_have() -> None:
    assert EN.number(1234567) == "1,234,567"
    assert EN.number("1234567.890") == "1,234,567.89"
    assert DE.number(Decimal("-0.50")) == "-0,5"
    assert EN.number("0.125", rounding=Rounding("half_up", "0.01")) == "0.13"
    assert EN.number("3", rounding=Rounding("half_up", "0.01")) == "3.00"
    with pytest.raises(FloatRefused):
        EN.number(0.5)  # type: ignore[arg-type]


def test_percentages_are_shown_by_their_points() -> None:
    assert EN.percent(Percent("12.50")) == "12.5%"
    assert DE.percent(Percent("-100")) == "-100\xa0%"
    assert EN.percent(Percent("63.15"), rounding=Rounding("half_up", "0.1")) == "63.2%"
    assert EN.percent(Percent("1200")) == "1,200%"


def test_dates_and_periods_follow_the_locale() -> None:
    assert [words.date(date(2026, 11, 27)) for words in (EN, DE, ZH)] == [
        "Nov 27, 2026",
        "27.11.2026",
        "2026年11月27日",
    ]
    assert ZH.period(Period.month(2026, 11)) == "2026年11月1日至30日"
    assert EN.period(Period.quarter(2026, 4)).split() == ["Oct", "1", "–", "Dec", "31,", "2026"]
    assert EN.period(Period.closed(date(2026, 1, 1), date(2026, 1, 1))) == "Jan 1, 2026"
    with pytest.raises(NotADate):
        EN.date(datetime(2026, 11, 27, tzinfo=UTC))


def test_instants_are_shown_with_their_time_zone() -> None:
    instant = datetime(2026, 11, 27, 9, tzinfo=UTC)
    assert DE.instant(instant) == "27. November 2026, 09:00:00 UTC"
    assert DE.instant(instant, time_zone="Europe/Berlin") == "27. November 2026, 10:00:00 MEZ"
    assert "14:30:00 +0530" in DE.instant(instant.astimezone(timezone(timedelta(hours=5, minutes=30))))
    with pytest.raises(UnknownTimeZone):
        EN.instant(instant, time_zone="Mars/Olympus")
    with pytest.raises(NaiveInstant):
        EN.instant(datetime(2026, 11, 27))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    ("span", "english", "chinese"),
    [
        (timedelta(hours=26, seconds=5), "1 day 2 hours 5 seconds", "1天 2小时 5秒钟"),
        (timedelta(0), "0 seconds", "0秒钟"),
        (timedelta(minutes=-90), "-1 hour 30 minutes", "-1小时 30分钟"),
        (timedelta(days=400), "400 days", "400天"),
    ],
)
def test_spans_of_time_are_exact(span: timedelta, english: str, chinese: str) -> None:
    assert EN.duration(span) == english
    assert ZH.duration(span).replace("秒钟", "秒") == chinese.replace("秒钟", "秒")


# --- messages


def test_a_code_without_a_message_is_its_own_message() -> None:
    assert EN.message("no_such_code", found=1) == "no_such_code"
    assert ZH.message("__class__") == "__class__"


def test_the_host_comes_first_then_the_locale_then_english() -> None:
    host = Wording("zh_CN", catalogue={"undefined": "{flag}!", "only_here": "你好"})
    assert host.message("undefined", flag="x") == "x!"
    assert host.message("only_here") == "你好"
    assert host.message("divided_by_zero").startswith("除数为零")
    assert DE.message("divided_by_zero").startswith("A number was divided")


def test_the_catalogue_of_a_host_must_be_text() -> None:
    with pytest.raises(InvalidInput) as refused:
        Wording(catalogue={"a": 1, "b": "fine", 3: "x", "c": None})  # type: ignore[dict-item]
    assert [problem.path for problem in refused.value.problems] == ["'a'", "3", "'c'"]


@attrs.frozen
class Secret:
    code: str = "leak"
    token: str = "s3cret"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{x.token}", "{x.token}"),
        ("{x.__class__.__mro__}", "{x.__class__.__mro__}"),
        ("{x!r}", "{x!r}"),
        ("{x:>99999999999}", "{x:>99999999999}"),
        ("{0} {} {x[0]}", "{0} {} {x[0]}"),
        ("%(y)s $y ${y}", "%(y)s $y $Y"),
        ("{{y}}", "{Y}"),
        ("{y}{y}", "YY"),
        ("{y} {gone}", "Y {gone}"),
        ("{ y }{Y}{ÿ}", "{ y }{Y}{ÿ}"),
        ("{" * 10_000, "{" * 10_000),
    ],
)
def test_only_plain_names_are_filled_in(template: str, expected: str) -> None:
    assert Wording(catalogue={"t": template}).message("t", x=Secret(), y="Y") == expected


def test_facts_are_not_templates() -> None:
    words = Wording(catalogue={"t": "{a} {b}"})
    assert words.message("t", a="{b}", b=r"\g<0> {a}") == r"{b} \g<0> {a}"


def test_facts_may_have_any_name() -> None:
    words = Wording(catalogue={"t": "{code} {self} {template} {facts}"})
    assert words.message("t", code=1, self=2, template=3, facts=4) == "1 2 3 4"


@pytest.mark.parametrize(
    ("fact", "english", "chinese"),
    [
        (None, "nothing", "无"),
        (True, "yes", "是"),
        ("text", "text", "text"),
        (1234567, "1234567", "1234567"),
        (10**1_000, "an integer of 3322 bits", "an integer of 3322 bits"),
        (Decimal("1234.50"), "1,234.5", "1,234.5"),
        (Decimal("NaN"), "'NaN'", "'NaN'"),
        (Decimal("1E+99999"), "'1E+99999'", "'1E+99999'"),
        (Money("1.23456", "EUR"), "€1.23456", "€1.23456"),
        (Money("1234", "CNY"), "CN¥1,234.00", "¥1,234.00"),
        (Percent("12.5"), "12.5%", "12.5%"),
        (date(2026, 11, 27), "Nov 27, 2026", "2026年11月27日"),
        (datetime(2026, 11, 27, 9, tzinfo=UTC), "November 27, 2026, 9:00:00\u202fAM UTC", "2026年11月27日 UTC 09:00:00"),
        (datetime(2026, 11, 27, 9), "2026-11-27 09:00:00", "2026-11-27 09:00:00"),  # noqa: DTZ001
        (timedelta(hours=8), "8 hours", "8小时"),
        (Ref("Deal", "d-1"), "Deal:d-1", "Deal:d-1"),
        (("a", Money(1, "EUR"), None), "a, €1.00, nothing", "a、€1.00、无"),
        ({"b", "a"}, "a, b", "a、b"),
        ((), "nothing", "无"),
        ((("a", ["b"]),), "('a', ['b'])", "('a', ['b'])"),
        (Money, "Money", "Money"),
    ],
)  # fmt: skip
def test_facts_are_shown_by_their_type(fact: object, english: str, chinese: str) -> None:
    for words, expected in ((EN, english), (ZH, chinese)):
        assert Wording(words.locale, catalogue={"t": "{fact}"}).message("t", fact=fact) == expected


def test_long_facts_are_cut() -> None:
    words = Wording(catalogue={"t": "{fact}"})
    assert len(words.message("t", fact="x" * 10**6)) == 500
    assert words.message("t", fact=range(51)) == "range(0, 51)"
    assert words.message("t", fact=list(range(51))).endswith("49, …")


def test_errors_are_told_in_the_language_of_the_reader() -> None:
    empty = EmptyPeriod(date(2026, 1, 2), date(2026, 1, 1))
    assert EN.error(empty) == (
        "A period from Jan 2, 2026 to before Jan 1, 2026 has no day. Let the end be the day after the last day."
    )
    assert ZH.error(empty) == (
        "从 2026年1月2日 到 2026年1月1日（不含）的期间没有任何一天。结束日期应为最后一天的次日。"
    )
    assert ZH.error(UnknownCurrency("eur")).startswith("'eur' 不是货币代码。")
    assert DE.error(TooFine(Money("1.234", "EUR"), 2)).startswith("1,234\xa0€ has more decimals than the 2")


def test_an_error_without_a_message_keeps_its_own_text() -> None:
    class Odd(SalesError):
        code = "test_odd"

    assert ZH.error(Odd("it is odd", hint="make it even")) == "it is odd; make it even"


def test_problems_are_listed_line_by_line() -> None:
    error = InvalidInput("deals.csv", [Problem(f"row {row}", "undefined", None, "a date") for row in (1, 2)])
    assert EN.error(error) == (
        "deals.csv has faults:\n"
        "row 1: found nothing, wanted a date\n"
        "row 2: found nothing, wanted a date\n"
        "Correct the input and read it again."
    )
    assert "row 2：实际为 无，应为 a date\n" in ZH.error(error)
    many = InvalidInput("deals.csv", [Problem(f"row {row}", "x", "1", "2") for row in range(100_000)])
    assert EN.error(many).count("\n") == 52
    finding = Finding(code="dead_end", where="stages.legal", message="no way out", hint="add a transition")
    assert "\nstages.legal: no way out; add a transition\n" in EN.error(
        InvalidDefinition("pipeline", [finding])
    )


@attrs.frozen(kw_only=True)
class Unaffordable:
    code: str = "unaffordable"
    found: Money
    wanted: Money


def test_a_refusal_is_told_by_its_code_and_fields() -> None:
    refusal = Unaffordable(found=Money(12, "EUR"), wanted=Money(10, "EUR"))
    words = Wording("de", catalogue={"unaffordable": "{found} statt höchstens {wanted}"})
    assert words.refusal(refusal) == "12,00\xa0€ statt höchstens 10,00\xa0€"
    assert EN.refusal(refusal) == "unaffordable"


# --- the catalogues that ship


def catalogue(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(
        files("salesmgmt.core").joinpath("messages", f"{name}.toml").read_text(encoding="utf-8")
    )


def error_classes() -> Iterator[type[SalesError]]:
    for module in pkgutil.walk_packages(salesmgmt.__path__, "salesmgmt."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    pending: list[type[SalesError]] = [SalesError]
    while pending:
        cls = pending.pop()
        pending += cls.__subclasses__()
        if cls.__module__.startswith("salesmgmt."):
            yield cls


def facts_of(cls: type[SalesError]) -> set[str]:
    """The attributes that the constructors of an error set."""
    constructors: list[Callable[..., object]] = [
        vars(base)["__init__"]
        for base in cls.__mro__
        if base.__module__.startswith("salesmgmt.") and "__init__" in vars(base)
    ]
    code = [step for constructor in constructors for step in dis.get_instructions(constructor)]
    return {step.argval for step in code if step.opname == "STORE_ATTR"}


def test_every_error_of_the_library_has_a_message_in_every_language_with_facts_that_it_has() -> None:
    languages = {name: catalogue(name)["messages"] for name in ("en", "zh_CN")}
    faults = []
    for cls in error_classes():
        for name, messages in languages.items():
            if cls.code not in messages:
                faults.append(f"{name}: {cls.__module__}.{cls.__name__} has no message {cls.code}")
            elif extra := placeholders(messages[cls.code]) - facts_of(cls) - {"message"}:
                faults.append(f"{name}: {cls.code} shows {sorted(extra)}, {cls.__name__} has no such facts")
    assert not faults, "\n".join(faults)


def test_every_error_of_the_library_has_a_code_of_its_own() -> None:
    codes: dict[str, str] = {}
    for cls in error_classes():
        assert codes.setdefault(cls.code, cls.__qualname__) == cls.__qualname__


def test_the_languages_have_the_same_messages_with_the_same_facts() -> None:
    english, chinese = catalogue("en"), catalogue("zh_CN")
    for table in ("words", "messages"):
        assert english[table].keys() == chinese[table].keys()
        for code, template in english[table].items():
            assert placeholders(template) == placeholders(chinese[table][code]), code


def test_no_message_is_for_an_error_that_is_gone() -> None:
    codes = {cls.code for cls in error_classes()}
    assert not catalogue("en")["messages"].keys() - codes


def test_an_instant_that_the_clock_of_a_zone_cannot_show_is_refused() -> None:
    with pytest.raises(DateOutOfRange, match="America/New_York lies outside"):
        Wording().instant(datetime(1, 1, 1, tzinfo=UTC), time_zone="America/New_York")
