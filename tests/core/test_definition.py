from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from salesmgmt.core.definition import LARGEST_FILE, load_definition, parse_definition
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent


@attrs.frozen(kw_only=True)
class Terms:
    rate: Percent
    floor: Money | None = None
    factor: Decimal = Decimal(1)
    tiers: tuple[Percent, ...] = ()


def _problems(text: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        parse_definition(text, Terms, what="terms")
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_people_write_rates_and_amounts_as_the_formula_language_does() -> None:
    terms = parse_definition(
        'rate = "12.5%"\nfloor = "1000.50 EUR"\nfactor = 0.1\ntiers = ["1%", "-2%"]', Terms, what="terms"
    )

    assert terms == Terms(
        rate=Percent("12.5"),
        floor=Money("1000.50", "EUR"),
        factor=Decimal("0.1"),
        tiers=(Percent(1), Percent(-2)),
    )


@attrs.frozen
class Limit:
    threshold: Decimal | Money | Percent


@attrs.frozen
class Remark:
    content: str | Percent


@pytest.mark.parametrize(
    ("written", "threshold"),
    [
        ('"20%"', Percent(20)),
        ('"500 EUR"', Money(500, "EUR")),
        ("20", Decimal(20)),
        ("0.5", Decimal("0.5")),
        ('{percent = "20"}', Percent(20)),
    ],
)
def test_where_several_figures_may_stand_each_is_written_as_usual(written: str, threshold: object) -> None:
    assert parse_definition(f"threshold = {written}", Limit, what="limit").threshold == threshold


def test_where_a_text_may_stand_a_text_stays_a_text() -> None:
    assert parse_definition('content = "20%"', Remark, what="remark").content == "20%"


def test_a_text_that_is_no_figure_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"threshold: found 'much'"):
        parse_definition('threshold = "much"', Limit, what="limit")


def test_the_json_form_is_read_as_well() -> None:
    text = 'rate = {percent = "5"}\nfloor = {amount = "7", currency = "EUR"}'

    assert parse_definition(text, Terms, what="terms") == Terms(rate=Percent(5), floor=Money(7, "EUR"))


@pytest.mark.parametrize(
    "rate", ['"12.5"', '"12.5 %"', '"1e3%"', '"%"', "12.5", "true", "[]", '"٣%"', f'"{"9" * 99}%"']
)
def test_what_is_no_rate_is_refused_in_its_place(rate: str) -> None:
    assert [path for path, _ in _problems(f"rate = {rate}")] == ["rate"]


@pytest.mark.parametrize("floor", ['"1000"', '"1000 eur"', '"1000 EUQ"', '"EUR 1000"', "1000", '"1,000 EUR"'])
def test_what_is_no_amount_is_refused_in_its_place(floor: str) -> None:
    assert [path for path, _ in _problems(f'rate = "1%"\nfloor = {floor}')] == ["floor"]


def test_all_problems_are_said_at_once() -> None:
    assert _problems('floor = 1\nrates = "1%"\ntiers = ["x"]') == [
        ("rates", "unknown_key"),
        ("rate", "missing"),
        ("floor", "wrong_type"),
        ("tiers[0]", "not_allowed"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"rate = ", "not_toml"),
        (b'rate = "1%"\nrate = "2%"', "not_toml"),
        (b"\xff\xfe", "encoding"),
        (b"a = " + b"[" * 100_000, "too_deep"),
        (b"#" * (LARGEST_FILE + 1), "too_large"),
        (b".".join([b"a"] * 100_000) + b" = 1", "too_deep"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_with_its_name(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "terms.toml"
    file.write_bytes(content)

    with pytest.raises(InvalidInput, match=r"terms\.toml") as caught:
        load_definition(file, Terms)

    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "terms.toml"
    file.write_bytes(b'\xef\xbb\xbfrate = "1%"')

    assert load_definition(file, Terms).rate == Percent(1)


def test_a_missing_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere\.toml"):
        load_definition(tmp_path / "nowhere.toml", Terms)
    with pytest.raises(InvalidInput):
        load_definition(tmp_path, Terms)


def test_a_file_that_never_ends_or_has_an_impossible_name_is_refused() -> None:
    for path, code in (("/dev/zero", "too_large"), ("terms\0.toml", "unreadable")):
        with pytest.raises(InvalidInput) as caught:
            load_definition(path, Terms)
        assert [problem.code for problem in caught.value.problems] == [code]


@attrs.frozen
class Fitted:
    shape: float
    other: float | str = ""


def test_estimates_are_floats_in_a_definition_too() -> None:
    assert parse_definition("shape = 0.25\nother = 0.5", Fitted, what="fit") == Fitted(0.25, 0.5)
