import copy
import pickle
from collections.abc import Callable

import pytest

from salesmgmt.core.errors import (
    FloatRefused,
    InvalidInput,
    MissingExtra,
    Problem,
    SalesError,
    shorten,
)
from salesmgmt.core.exact import NotANumber, exact
from salesmgmt.core.measured import Undefined


class CreditExceeded(SalesError, ValueError):
    code = "test_credit_exceeded"

    def __init__(self, customer: str, *, limit: int, asked: int) -> None:
        super().__init__(f"{customer} asked for {asked} of {limit}", hint="ask for less")
        self.customer = customer
        self.limit = limit
        self.asked = asked


def problems(count: int) -> list[Problem]:
    return [Problem(f"lines[{at}]", "negative", "-1", "0 or more") for at in range(count)]


def test_a_message_ends_in_what_to_do() -> None:
    error = CreditExceeded("acme", limit=5, asked=9)
    assert str(error) == "acme asked for 9 of 5; ask for less"
    assert str(SalesError("plain")) == "plain"


def test_facts_are_the_attributes_by_name() -> None:
    error = CreditExceeded("acme", limit=5, asked=9)
    assert error.facts == {"customer": "acme", "limit": 5, "asked": 9, "hint": "ask for less"}
    error.add_note("seen by the night batch")
    assert "__notes__" not in error.facts


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (CreditExceeded("acme", limit=5, asked=9), ValueError),
        (FloatRefused(0.1, "a price"), TypeError),
        (InvalidInput("deals.csv", problems(2)), ValueError),
        (MissingExtra("polars", "frames"), ImportError),
        (NotANumber("1e5", "no exponent"), ValueError),
        (Undefined("no_quota"), ValueError),
    ],
)
@pytest.mark.parametrize("twin", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_errors_survive_pickling_and_copying(
    error: SalesError, builtin: type[Exception], twin: Callable[[SalesError], SalesError]
) -> None:
    other = twin(error)
    assert type(other) is type(error)
    assert isinstance(other, builtin)
    assert (str(other), other.args, other.code) == (str(error), error.args, error.code)
    assert other.facts == error.facts


def test_facts_and_notes_that_were_added_later_are_pickled_too() -> None:
    error = CreditExceeded("acme", limit=5, asked=9)
    error.row = 17  # type: ignore[attr-defined]
    error.add_note("seen by the night batch")
    other = pickle.loads(pickle.dumps(error))
    assert other.facts["row"] == 17
    assert other.__notes__ == ["seen by the night batch"]


def test_a_refused_float_is_shown_as_the_decimal_that_may_be_meant() -> None:
    with pytest.raises(
        FloatRefused, match=r"a price cannot be made from the float 0\.1; write Decimal\('0\.1'\)"
    ):
        exact(0.1, "a price")  # type: ignore[arg-type]


def test_invalid_input_lists_every_problem_with_its_path() -> None:
    error = InvalidInput(
        "the quote",
        [
            Problem("lines[2].quantity", "negative", "-1", "0 or more"),
            Problem("currency", "missing", None, "an ISO 4217 code", hint="for example EUR"),
        ],
    )
    assert str(error) == (
        "the quote has 2 problems:\n"
        "  lines[2].quantity: found -1, wanted 0 or more\n"
        "  currency: found nothing, wanted an ISO 4217 code; for example EUR; correct the input and read it again"
    )
    assert [problem.code for problem in error.problems] == ["negative", "missing"]
    assert "has 1 problem:" in str(InvalidInput("x", problems(1)))


def test_invalid_input_shows_fifty_problems_and_keeps_all() -> None:
    error = InvalidInput("deals.csv", (problem for problem in problems(51)))
    assert len(error.problems) == 51
    assert "lines[49]" in str(error)
    assert "lines[50]" not in str(error)
    assert "and 1 more" in str(error)
    assert "and 0 more" not in str(InvalidInput("deals.csv", problems(50)))
    assert len(str(InvalidInput("deals.csv", problems(100_000)))) < 5_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "'plain'"),
        (None, "None"),
        (True, "True"),
        (12, "12"),
        (1.5, "1.5"),
        ("a\nb\0", r"'a\nb\x00'"),
        ("x" * 57, f"'{'x' * 57}'"),
        ("x" * 58, f"'{'x' * 58}'"),
        ("x" * 59, f"'{'x' * 58}…"),
        (2**200, "an integer of 201 bits"),
        (-(10**1_000), "an integer of 3322 bits"),
    ],
)
def test_values_are_shown_short(value: object, expected: str) -> None:
    assert shorten(value) == expected


class _Raises:
    def __repr__(self) -> str:
        raise RuntimeError


def _nested() -> object:
    deep: object = []
    for _ in range(100_000):
        deep = [deep]
    return deep


@pytest.mark.parametrize(
    "value",
    ["\ud800" * 100, "\n" * 10**6, "𝔘" * 10**6, b"\xff" * 10**5, [10**5_000], {"k": [10**5_000]}, [1] * 10**5, _Raises()],
    ids=["surrogates", "newlines", "astral", "bytes", "huge in list", "huge in dict", "long list", "raises"],
)  # fmt: skip
def test_hostile_values_are_shown_short_on_one_line(value: object) -> None:
    text = shorten(value)
    assert len(text) <= 60
    assert len(text.splitlines()) == 1


def test_a_value_nested_too_deep_to_be_shown_is_named() -> None:
    assert shorten(_nested()) == "a list that cannot be shown"


@pytest.mark.parametrize("limit", [1, 10, 200])
def test_the_limit_of_a_shown_value_can_be_chosen(limit: int) -> None:
    assert len(shorten("y" * 10_000, limit)) == limit
