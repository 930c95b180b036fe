"""Whatever two versions hold: every difference is exactly the sum of its effects."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.money import Money
from salesmgmt.cpq.quotes import Comparison, PriceEffect, QuoteGroup, QuoteLine, QuoteVersion, compare

from .test_compare import quoted, version

GROUPS = (QuoteGroup("a"), QuoteGroup("b"))
RATES = ExchangeRates([ExchangeRate("EUR", "USD", "1.0837", date(2026, 1, 1))])


def amounts(decimals: int) -> st.SearchStrategy[str]:
    unit = 10**decimals
    return st.integers(0, 10**8).map(lambda units: f"{units // unit}.{units % unit:0{decimals}d}")


@st.composite
def lines(draw: st.DrawFn, name: str, decimals: int) -> QuoteLine:
    extra = draw(st.none() | st.integers(0, 50).map(str))
    return quoted(
        draw(st.integers(1, 40)),
        draw(st.just("0") | amounts(decimals)),
        draw(amounts(decimals)),
        id=name,
        terms=draw(st.none() | st.sampled_from(["0.5", "1", "2.25", "0.3333333333333333333333333333333333"])),
        extra=extra,
        product=draw(st.sampled_from(["seat", "desk"])),
        configuration=draw(st.sampled_from([{}, {"frame": "steel"}, {"frame": "carbon"}])),
        group=draw(st.sampled_from(["", "a", "b"])),
        optional=draw(st.booleans()),
    )


@st.composite
def versions(draw: st.DrawFn, decimals: int = 2) -> QuoteVersion:
    names = draw(st.lists(st.sampled_from(["1", "2", "3", "4", "5"]), unique=True))
    return version(*(draw(lines(name, decimals)) for name in names), groups=GROUPS)


def assert_adds_up(found: Comparison) -> None:
    """By fractions, which round nothing."""

    def exact(*monies: Money) -> Fraction:
        return sum((Fraction(one.amount) for one in monies), Fraction(0))

    for line in found.lines:
        parts = [line.effects.of(effect) for effect in PriceEffect]
        assert exact(line.after) - exact(line.before) == exact(*parts)
    for group in found.groups:
        parts = [group.effects.of(effect) for effect in PriceEffect]
        assert exact(group.after) - exact(group.before) == exact(*parts, group.moved)
    whole = [found.effects.of(effect) for effect in PriceEffect]
    assert exact(found.after) - exact(found.before) == exact(*whole)
    assert exact(*(group.before for group in found.groups)) == exact(found.before)
    assert exact(*(group.after for group in found.groups)) == exact(found.after)
    assert exact(*(group.moved for group in found.groups)) == 0


@given(versions(), versions())
def test_effects_add_up_to_the_difference_of_totals(old: QuoteVersion, new: QuoteVersion) -> None:
    found = compare(old, new)

    assert_adds_up(found)
    assert (found.before, found.after) == (old.total, new.total)


@given(versions(decimals=7), versions(decimals=7))
def test_so_they_do_where_lines_are_not_rounded(old: QuoteVersion, new: QuoteVersion) -> None:
    assert_adds_up(compare(old, new))


@settings(max_examples=50)
@given(versions(), versions())
def test_so_they_do_in_another_currency(old: QuoteVersion, new: QuoteVersion) -> None:
    assert_adds_up(compare(old, new, currency="USD", rates=RATES))


@given(versions())
def test_a_version_does_not_differ_from_itself(one: QuoteVersion) -> None:
    found = compare(one, one)

    assert not found.changed
    assert all(not line.effects.of(effect) for line in found.lines for effect in PriceEffect)


@given(versions(), versions())
def test_a_group_comes_to_its_subtotal(old: QuoteVersion, new: QuoteVersion) -> None:
    for group in compare(old, new).groups:
        assert (group.before, group.after) == (old.subtotal(group.id), new.subtotal(group.id))
