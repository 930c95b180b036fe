"""Words for readers: amounts, dates and the library's own messages in the language of a locale.

Babel is imported when a word is asked for, never when this module is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from types import MappingProxyType
from typing import Any

import attrs

from salesmgmt.core import _messages
from salesmgmt.core._messages import Catalogue, babel_locale
from salesmgmt.core.clock import zone
from salesmgmt.core.currency import currency
from salesmgmt.core.errors import Problem, SalesError, shorten
from salesmgmt.core.events import require_aware
from salesmgmt.core.exact import WIDE, Number, exact
from salesmgmt.core.findings import Finding
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import DateOutOfRange, Period, require_date
from salesmgmt.core.rounding import Rounding

_LONGEST_LOCALE = 40
_LONGEST_FACT = 500
_MOST_ITEMS = 50


class UnknownLocale(SalesError, ValueError):
    """No locale of this name is known."""

    code = "unknown_locale"

    def __init__(self, found: object) -> None:
        self.found = shorten(found)
        super().__init__(
            f"there is no locale {self.found}",
            hint="write language and territory, for example en, en_GB or zh_CN",
        )


def _locale_name(value: str) -> str:
    name = str(value).replace("-", "_")
    if len(name) > _LONGEST_LOCALE:
        raise UnknownLocale(value)
    from babel import UnknownLocaleError  # noqa: PLC0415 - Babel only when words are wanted

    try:
        babel_locale(name)
    except (UnknownLocaleError, ValueError):
        raise UnknownLocale(value) from None
    return name


@attrs.frozen
class Wording:
    r"""Shows values and messages to a reader.

    Attributes:
        locale: a locale that Babel knows, such as `en`, `de_CH`, `zh_CN` (or `zh-CN`). Numbers and dates follow it;
            messages are there in English and simplified Chinese, other languages read English.
        catalogue: the host's own message templates by code; they come before those of the library.

    Raises:
        UnknownLocale: Babel has no such locale.
        InvalidInput: the catalogue holds something else than text.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.wording import Wording
    >>> Wording("de").money(Money("1234.5", "EUR")), Wording("zh_CN").date(date(2026, 11, 27))
    ('1.234,50\xa0€', '2026年11月27日')
    """

    locale: str = attrs.field(default="en", converter=_locale_name)
    catalogue: Catalogue = attrs.field(factory=dict, converter=_messages.checked, hash=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the arguments."""
        return type(self), (self.locale, dict(self.catalogue))

    @property
    def direction(self) -> str:
        """Which way its language is written: `ltr`, or `rtl` for Arabic and Hebrew.

        >>> from salesmgmt.core.wording import Wording
        >>> Wording("de").direction, Wording("ar").direction
        ('ltr', 'rtl')
        """
        return babel_locale(self.locale).text_direction

    # --- values

    def money(self, value: Money, *, rounding: Rounding | None = None) -> str:
        """Show an amount with the symbol of its currency.

        Args:
            value: the amount.
            rounding: how it is rounded; without one, half up to the decimals of the currency, and not at all where
                ISO 4217 names none (gold). A finer rounding shows more decimals; there are never less than the
                currency has.

        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.core.rounding import Rounding
        >>> from salesmgmt.core.wording import Wording
        >>> Wording().money(Money("0.125", "USD")), Wording().money(Money("0.125", "USD"), rounding=Rounding("up", "0.001"))
        ('$0.13', '$0.125')
        """
        least = currency(value.currency).decimals
        if rounding is None and least is not None:
            rounding = Rounding.for_currency(value.currency, "half_up")
        amount = _trimmed(value.amount) if rounding is None else rounding.apply(value.amount)
        return self._amount(amount, max(_decimals(amount), least or 0), value.currency)

    def number(self, value: Number, *, rounding: Rounding | None = None) -> str:
        """Show a number: with the decimals of `rounding`, or all that it has.

        >>> from salesmgmt.core.rounding import Rounding
        >>> from salesmgmt.core.wording import Wording
        >>> Wording("de").number("1234567.890"), Wording().number("0.125", rounding=Rounding("half_up", "0.01"))
        ('1.234.567,89', '0.13')
        """
        number = exact(value)
        number = _trimmed(number) if rounding is None else rounding.apply(number)
        pattern = babel_locale(self.locale).decimal_formats[None]
        return self._figure(number, _decimals(number), pattern.pattern)

    def percent(self, value: Percent, *, rounding: Rounding | None = None) -> str:
        r"""Show a percentage: its points with the decimals of `rounding`, or all that they have.

        >>> from salesmgmt.core.percent import Percent
        >>> from salesmgmt.core.wording import Wording
        >>> Wording().percent(Percent("12.50")), Wording("fr").percent(Percent("12.50"))
        ('12.5%', '12,5\xa0%')
        """
        points = _trimmed(value.points) if rounding is None else rounding.apply(value.points)
        pattern = babel_locale(self.locale).percent_formats[None]
        return self._figure(points.scaleb(-2, WIDE), _decimals(points), pattern.pattern)

    def date(self, value: date) -> str:
        """Show a date; raises `NotADate` for an instant, which has a date only in a time zone.

        >>> from datetime import date
        >>> from salesmgmt.core.wording import Wording
        >>> Wording("en_GB").date(date(2026, 11, 27))
        '27 Nov 2026'
        """
        from babel.dates import format_date  # noqa: PLC0415

        return format_date(require_date(value, "value"), locale=babel_locale(self.locale))

    def instant(self, value: datetime, *, time_zone: str | None = None) -> str:
        """Show an instant with its time zone.

        Args:
            value: an aware instant.
            time_zone: IANA name of the zone whose clock is shown; without one, that of `value`.

        Raises:
            NaiveInstant, NotAnInstant: `value` has no time zone, or is no instant.
            DateOutOfRange: the clock of that zone would show a year before 1 or after 9999.
            UnknownTimeZone: there is no such zone.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.core.wording import Wording
        >>> Wording("de").instant(datetime(2026, 11, 27, 9, tzinfo=UTC), time_zone="Europe/Berlin")
        '27. November 2026, 10:00:00 MEZ'
        """
        from babel.dates import format_datetime  # noqa: PLC0415

        clock = require_aware(value, "value").tzinfo if time_zone is None else zone(time_zone)
        try:
            return format_datetime(value, "long", tzinfo=clock, locale=babel_locale(self.locale))
        except OverflowError:
            raise DateOutOfRange(f"{value.isoformat()} in {time_zone or clock}") from None

    def period(self, value: Period) -> str:
        """Show a period by its first and last day, both included.

        >>> from salesmgmt.core.period import Period
        >>> from salesmgmt.core.wording import Wording
        >>> Wording("zh_CN").period(Period.month(2026, 11))
        '2026年11月1日至30日'
        """
        from babel.dates import format_interval  # noqa: PLC0415

        return format_interval(value.start, value.last, "yMMMd", locale=babel_locale(self.locale))

    def duration(self, value: timedelta) -> str:
        """Show a span of time in days, hours, minutes and whole seconds; what is less than a second is left out.

        >>> from datetime import timedelta
        >>> from salesmgmt.core.wording import Wording
        >>> Wording().duration(timedelta(hours=26, seconds=5))
        '1 day 2 hours 5 seconds'
        """
        from babel.dates import format_timedelta  # noqa: PLC0415

        sign, rest = ("-", -value) if value < timedelta(0) else ("", value)
        parts: list[str] = []
        for unit, length in _UNITS.items():
            count, rest = divmod(rest, length)
            if count or (unit == "second" and not parts):
                locale = babel_locale(self.locale)
                # Above any threshold, Babel falls through to the unit that is named as the finest.
                parts.append(format_timedelta(count * length, unit, threshold=10**12, locale=locale))
        return sign + " ".join(parts)

    def _amount(self, amount: Decimal, decimals: int, code: str) -> str:
        from babel.numbers import get_currency_symbol  # noqa: PLC0415

        locale = babel_locale(self.locale)
        pattern = locale.currency_formats["standard"].pattern
        if get_currency_symbol(code, locale)[
            -1:
        ].isalpha():  # CLDR parts letters from digits (KWD 1.500), Babel does not
            pattern = pattern.replace("¤#", "¤\N{NO-BREAK SPACE}#")
        return self._figure(amount, decimals, pattern, code)

    def _figure(self, value: Decimal, decimals: int, pattern: str, currency_code: str | None = None) -> str:
        """Write a number that is rounded already; Babel would round half-even, in the host's decimal context."""
        from babel.numbers import parse_pattern  # noqa: PLC0415

        shape = parse_pattern(pattern)
        shape.frac_prec = (decimals, decimals)
        with localcontext(WIDE):
            return str(
                shape.apply(value, babel_locale(self.locale), currency=currency_code, currency_digits=False)
            )

    # --- messages

    def message(self, code: str, /, **facts: object) -> str:
        """Return the message of a code with its facts filled in.

        The host's catalogue is asked first, then that of the locale, then the English one; a code that none of them
        knows is its own message. A placeholder whose fact is not given stays as it is written. Only `{name}` is
        replaced: templates cannot reach into values, and braces in a fact mean nothing.

        >>> from salesmgmt.core.wording import Wording
        >>> Wording().message("undefined", flag="no_closed_deals")
        'The figure is undefined (no_closed_deals). Look at its flag, or give a value for that case.'
        >>> Wording(catalogue={"hello": "Hello {name}"}).message("hello", name="{x}")
        'Hello {x}'
        """
        template = self._template(code)
        return code if template is None else _messages.filled(template, facts, self._shown)

    def error(self, error: SalesError) -> str:
        """Return the message of an exception; its own English text when no catalogue knows its code.

        Besides its facts a template may show `{message}`, that English text.

        >>> from salesmgmt.core.measured import Undefined
        >>> from salesmgmt.core.wording import Wording
        >>> Wording("zh_CN").error(Undefined("no_closed_deals"))
        '该指标没有定义（no_closed_deals）。请查看其 flag，或为这种情况给出一个值。'
        """
        template = self._template(error.code)
        facts = {"message": str(error), **error.facts}
        return str(error) if template is None else _messages.filled(template, facts, self._shown)

    def refusal(self, value: Any) -> str:
        """Return the message of an expected no: any value with a `code`, whose fields are the facts.

        A `Problem` or `Finding` is shown with its place, whatever its code.

        >>> from salesmgmt.core.errors import Problem
        >>> from salesmgmt.core.wording import Wording
        >>> Wording().refusal(Problem("lines[2].quantity", "negative", "-1", "0 or more"))
        'lines[2].quantity: found -1, wanted 0 or more'
        """
        form = {Problem: "problem", Finding: "finding"}.get(type(value))
        template = self._word(form) if form else self._template(value.code) or value.code
        fields = attrs.fields(type(value)) if attrs.has(type(value)) else ()
        facts = {field.name: getattr(value, field.name) for field in fields}
        return _messages.filled(template, facts, self._shown)

    def _template(self, code: str) -> str | None:
        shipped = _messages.shipped
        for messages in (self.catalogue, shipped(self.locale)["messages"], shipped("en")["messages"]):
            if code in messages:
                return messages[code]
        return None

    def _word(self, name: str) -> str:
        return _messages.shipped(self.locale)["words"][name]

    def _shown(self, fact: object) -> str:
        """Show a fact inside a message, in the way of its type."""
        match fact:
            case None | bool():
                return self._word(str(fact).lower())
            case Money():
                return self._shown_money(fact)
            case Decimal():
                return self._shown_number(fact)
            case datetime():
                return fact.isoformat(" ") if fact.utcoffset() is None else self.instant(fact)
            case tuple() | list() | set() | frozenset():
                return self._shown_list(fact)
            case int() | dict():
                return shorten(fact)
            case type():
                return fact.__qualname__
        way = _WAYS.get(type(fact))
        return _cut(str(fact)) if way is None else way(self, fact)

    def _shown_money(self, fact: Money) -> str:
        # With every digit: what a message says may be that there are too many.
        amount = _trimmed(fact.amount)
        return self._amount(
            amount, max(_decimals(amount), currency(fact.currency).decimals or 0), fact.currency
        )

    def _shown_number(self, fact: Decimal) -> str:
        if (
            not fact.is_finite()
            or abs(fact.adjusted()) > _LONGEST_FACT
            or len(fact.as_tuple().digits) > WIDE.prec // 2
        ):
            return shorten(str(fact))
        return self._figure(_trimmed(fact), _decimals(_trimmed(fact)), "#,##0")

    def _shown_list(self, fact: Iterable[object]) -> str:
        items = sorted(fact, key=str) if isinstance(fact, set | frozenset) else list(fact)
        first = items[:_MOST_ITEMS]
        # One level is enough for a sentence; deeper ones are shown as they are in Python.
        shown = [shorten(item) if isinstance(item, _COLLECTIONS) else self._shown(item) for item in first]
        shown += ["…"] if len(items) > _MOST_ITEMS else []
        in_lines = any(isinstance(item, Problem | Finding) for item in first)
        return ("\n" if in_lines else self._word("comma")).join(shown) or self._word("none")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_FACT else f"{text[: _LONGEST_FACT - 1]}…"


_COLLECTIONS = (tuple, list, set, frozenset, dict)

_WAYS: Mapping[type, Callable[[Wording, Any], str]] = MappingProxyType(
    {
        Percent: Wording.percent,
        date: Wording.date,
        timedelta: Wording.duration,
        Period: Wording.period,
        Problem: Wording.refusal,
        Finding: Wording.refusal,
    }
)

_UNITS: Mapping[Any, timedelta] = MappingProxyType(
    {
        "day": timedelta(days=1),
        "hour": timedelta(hours=1),
        "minute": timedelta(minutes=1),
        "second": timedelta(seconds=1),
    }
)


def _trimmed(value: Decimal) -> Decimal:
    return value.normalize(WIDE)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
