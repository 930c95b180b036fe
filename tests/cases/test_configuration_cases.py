"""Tokens of the vocabulary that the adapters of configurations must know; expected values by hand.

Computer, rules and answers of odoo are those of its addons/product/tests/test_product_attribute_value_config.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cases.case import read_cases
from tests.cases.driver import run

COMPUTER = {"ssd": ["256", "512"], "ram": ["8", "16", "32"], "hdd": ["1", "2", "4"]}
WITH_MOUSE = {f"computer.{name}": values for name, values in COMPUTER.items()} | {
    "mouse.color": ["red", "green"]
}


def _excludes(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    """`ram=16` and `hdd=1` do not go together."""
    return [{"type": "excludes", "pair": [dict([side.split("=")]) for side in pair]} for pair in pairs]


RAM_16 = _excludes(("ram=16", "hdd=1"))
RAM_16_ALL = _excludes(("ram=16", "hdd=1"), ("ram=16", "hdd=2"), ("ram=16", "hdd=4"))
ONE_LEFT = RAM_16_ALL + _excludes(
    ("ram=8", "hdd=1"), ("ram=8", "hdd=2"), ("ram=8", "hdd=4"), ("ram=32", "hdd=1"), ("ram=32", "hdd=2"),
    ("ram=32", "ssd=256"),
)  # fmt: skip
MOUSE = [{"type": "forbids", "when": {"computer.ssd": "256"}, "values": {"mouse.color": ["green"]},
          "direction": "one_way"}]  # fmt: skip
PAIRS = _excludes(("A=A1", "B=B2"), ("A=A2", "B=B1"))
AB = {"A": ["A1", "A2"], "B": ["B1", "B2"]}


def _outcome(
    tmp_path: Path, kind: str, given: dict[str, Any], when: dict[str, Any], expect: dict[str, Any]
) -> tuple[str, str]:
    if "attributes" in given:
        given = {"order": list(given["attributes"]), **given}
    case = {"id": "c", "kind": f"configuration_{kind}", "source": "here", "given": given, "when": when,
            "expect": expect, "policy": None, "tolerance": {"abs": 0}}  # fmt: skip
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([case]), encoding="utf-8")
    (read,) = read_cases(file)
    return run(read)


def _combination(*values: str) -> dict[str, str]:
    return dict(zip(COMPUTER, values, strict=True))


@pytest.mark.parametrize(
    ("rules", "when", "expect"),
    [
        (RAM_16, {}, "16"),
        (ONE_LEFT, {}, "1"),
        (ONE_LEFT + _excludes(("ram=32", "hdd=4")), {}, "0"),
        (_excludes(("ram=16", "ram=8")), {}, "18"),  # nobody has both anyway
    ],
)
def test_count(tmp_path: Path, rules: list[Any], when: dict[str, Any], expect: str) -> None:
    given = {"attributes": COMPUTER, "rules": rules}

    assert _outcome(tmp_path, "count", given, when, {"valid_combinations": expect}) == ("pass", "")


# test_children_product_filtered_exclude_for: with 4 To the case has two of three sizes.
@pytest.mark.parametrize(
    ("of", "context", "expect"),
    [
        ("case", {"computer.hdd": "4"}, "2"),
        ("case", {"computer.hdd": "1"}, "3"),
        ("computer", {"case.size": "M"}, "18"),
    ],
)
def test_count_of_one_product(tmp_path: Path, of: str, context: dict[str, str], expect: str) -> None:
    attributes = {f"computer.{name}": values for name, values in COMPUTER.items()} | {
        "case.size": ["M", "L", "XL"]
    }
    rules = [{"type": "forbids", "when": {"computer.hdd": "4"}, "values": {"case.size": ["M"]},
              "direction": "one_way"}]  # fmt: skip

    assert _outcome(
        tmp_path, "count", {"attributes": attributes, "rules": rules}, {"of": of, "context": context},
        {"valid_combinations": expect},
    ) == ("pass", "")  # fmt: skip


# test_get_closest_possible_combinations: everything that contains 1 To.
def test_enumerate_what_keeps_a_selection(tmp_path: Path) -> None:
    wanted = [["256", "8", "1"], ["256", "32", "1"], ["512", "8", "1"], ["512", "32", "1"]]

    assert _outcome(
        tmp_path, "enumerate", {"attributes": COMPUTER, "rules": RAM_16}, {"selection": {"hdd": "1"}},
        {"combinations": wanted},
    ) == ("pass", "")  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "preference", "wanted"),
    [
        (RAM_16, {}, _combination("256", "8", "1")),
        (RAM_16, {"ram": ["16", "8", "32"]}, _combination("256", "16", "2")),
        (RAM_16, {"ram": ["32"]}, _combination("256", "32", "1")),
        (RAM_16_ALL, {"ram": ["16", "8", "32"]}, _combination("256", "8", "1")),
        (ONE_LEFT, {}, _combination("512", "32", "4")),
        (ONE_LEFT + _excludes(("ram=32", "hdd=4")), {}, None),
    ],
)
def test_first(
    tmp_path: Path, rules: list[Any], preference: dict[str, Any], wanted: dict[str, str] | None
) -> None:
    given = {"attributes": COMPUTER, "rules": rules, "preference": preference}

    assert _outcome(tmp_path, "first", given, {}, {"combination": wanted}) == ("pass", "")


# "Move down the ram, so it will try to change the ram instead of the hdd"
def test_first_in_another_order_of_attributes(tmp_path: Path) -> None:
    given = {"attributes": COMPUTER, "order": ["ssd", "hdd", "ram"], "rules": RAM_16,
             "preference": {"ram": ["16", "8", "32"]}}  # fmt: skip

    assert _outcome(tmp_path, "first", given, {}, {"combination": _combination("256", "8", "1")}) == (
        "pass",
        "",
    )


@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        ({"hdd": "2"}, _combination("256", "8", "2")),
        ({"hdd": "2", "ram": "16"}, _combination("256", "16", "2")),
        ({"hdd": "1", "ram": "16"}, None),
    ],
)
def test_complete_with_defaults(
    tmp_path: Path, selection: dict[str, str], wanted: dict[str, str] | None
) -> None:
    given = {"attributes": COMPUTER, "rules": RAM_16}

    outcome = _outcome(
        tmp_path, "complete_with_defaults", given, {"selection": selection}, {"combination": wanted}
    )

    assert outcome == ("pass", "")


@pytest.mark.parametrize(
    ("attributes", "rules", "when", "expect"),
    [
        (COMPUTER, RAM_16, {"selection": _combination("256", "8", "1")}, {"valid": True, "conflict": []}),
        (COMPUTER, RAM_16, {"selection": _combination("256", "16", "1")},
         {"valid": False, "conflict": ["hdd=1", "ram=16"]}),
        (COMPUTER, RAM_16, {"selection": {"ssd": "256", "ram": "16"}}, {"valid": True}),
        # CASE: wrong attributes
        (WITH_MOUSE, MOUSE, {"of": "computer", "selection": {"computer.ssd": "256", "mouse.color": "red"}},
         {"valid": False}),
        # CASE: parent ok, and parent exclusion but good direction
        (WITH_MOUSE, MOUSE, {"of": "computer", "selection": {"computer.ssd": "256"},
                             "context": {"mouse.color": "green"}}, {"valid": True}),
        (WITH_MOUSE, MOUSE, {"of": "mouse", "selection": {"mouse.color": "red"},
                             "context": {"computer.ssd": "256"}}, {"valid": True}),
        # CASE: parent exclusion and wrong direction
        (WITH_MOUSE, MOUSE, {"of": "mouse", "selection": {"mouse.color": "green"},
                             "context": {"computer.ssd": "256"}},
         {"valid": False, "conflict": ["mouse.color=green", "computer.ssd=256"]}),
    ],
)  # fmt: skip
def test_valid(
    tmp_path: Path, attributes: dict[str, Any], rules: list[Any], when: dict[str, Any], expect: dict[str, Any]
) -> None:
    given = {"attributes": attributes, "rules": rules}

    assert _outcome(tmp_path, "valid", given, when, expect) == ("pass", "")


def test_complete(tmp_path: Path) -> None:
    given = {"attributes": COMPUTER, "rules": RAM_16}

    outcome = _outcome(
        tmp_path,
        "complete",
        given,
        {"selection": _combination("256", "8", "1")},
        {"complete": True, "missing": []},
    )

    assert outcome == ("pass", "")


# pledra/odoo-product-configurator issue 139: what no rule mentions stays possible.
@pytest.mark.parametrize(
    ("attributes", "rules", "selection", "wanted"),
    [
        ({"letter": ["A", "B", "C"], "digit": ["1", "2"]},
         [{"type": "allows", "when": {"letter": one}, "values": {"digit": [digit]}, "direction": "both"}
          for one, digit in (("A", "1"), ("B", "2"))],
         {"letter": "C"}, {"digit": ["1", "2"]}),
        (WITH_MOUSE, MOUSE, {"computer.ssd": "256"}, {"mouse.color": ["red"]}),
        (WITH_MOUSE, MOUSE, {"mouse.color": "green"}, {"computer.ssd": ["256", "512"]}),
    ],
)  # fmt: skip
def test_domains(
    tmp_path: Path,
    attributes: dict[str, Any],
    rules: list[Any],
    selection: dict[str, str],
    wanted: dict[str, Any],
) -> None:
    given = {"attributes": attributes, "rules": rules}

    assert _outcome(tmp_path, "domains", given, {"selection": selection}, {"domains": wanted}) == ("pass", "")


# test_get_closest_possible_combinations, CASE invalid combination (excluded): 1 To stays, the memory changes.
@pytest.mark.parametrize(
    ("selection", "keep", "wanted", "changed"),
    [
        ({"hdd": "1", "ram": "16"}, ["hdd"], _combination("256", "8", "1"), ["ram"]),
        (_combination("512", "16", "1"), ["ram"], _combination("512", "16", "2"), ["hdd"]),
        (_combination("512", "8", "1"), [], _combination("512", "8", "1"), []),
    ],
)
def test_repair(
    tmp_path: Path, selection: dict[str, str], keep: list[str], wanted: dict[str, str], changed: list[str]
) -> None:
    given = {"attributes": COMPUTER, "rules": RAM_16}

    outcome = _outcome(
        tmp_path, "repair", given, {"selection": selection, "keep": keep},
        {"combination": wanted, "changed": changed},
    )  # fmt: skip

    assert outcome == ("pass", "")


# odoo/odoo pull request 226612: whoever has A1 and B1 can take A2, and B2 with it.
@pytest.mark.parametrize(
    ("rules", "to", "expect"),
    [
        (PAIRS, {"A": "A2"}, {"blocked": False, "proposal": {"A": "A2", "B": "B2"}, "must_change": ["B"]}),
        (PAIRS, {"A": "A1"}, {"blocked": False, "proposal": {"A": "A1", "B": "B1"}, "must_change": []}),
        (
            PAIRS + _excludes(("A=A2", "B=B2")),
            {"A": "A2"},
            {"blocked": True, "proposal": None, "must_change": []},
        ),
    ],
)
def test_change(tmp_path: Path, rules: list[Any], to: dict[str, str], expect: dict[str, Any]) -> None:
    given = {"attributes": AB, "rules": rules}

    assert _outcome(
        tmp_path, "change", given, {"selection": {"A": "A1", "B": "B1"}, "to": to}, expect
    ) == ("pass", "")  # fmt: skip


def test_price_of_values_without_an_extra(tmp_path: Path) -> None:
    given = {"base_price": "2000", "price_extra": {"ssd=512": "400.50"}}
    when = {"selection": {"ssd": "512", "ram": "8"}}

    assert _outcome(tmp_path, "price", given, when, {"unit_price": "2400.50"}) == ("pass", "")


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "prefers", "when": {}, "values": {}, "direction": "both"},
        {**MOUSE[0], "direction": "sideways"},
        {**RAM_16[0], "unless": {}},
    ],
)
def test_a_rule_that_is_not_known_is_never_ignored(tmp_path: Path, rule: dict[str, Any]) -> None:
    given = {"attributes": WITH_MOUSE, "rules": [rule]}

    assert _outcome(tmp_path, "count", given, {}, {"valid_combinations": "36"})[0] == "unsupported"


def test_an_answer_that_takes_too_long_fails(tmp_path: Path) -> None:
    given = {"attributes_count": "3", "values_each": "2", "rules": []}
    expect = {"combination": {"a0": "v0"}, "max_seconds": "0"}

    assert _outcome(tmp_path, "first", given, {}, expect)[0] == "fail"
