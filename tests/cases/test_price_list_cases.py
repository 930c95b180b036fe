"""Tokens of the vocabulary that the adapters of price lists and charge rules must know; expected values by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cases.case import read_cases
from tests.cases.driver import run

SHIRT = {"id": "red", "parent": "shirt", "list_price": "100", "currency": "USD", "base_uom": "unit",
         "categories": ["tops", "all"], "cost": "40"}  # fmt: skip
LINE = {"item": "I", "list_rate": "100", "quantity": "5", "item_groups": ["G"], "brand": "B"}


def _pct(id_: str, percent: str, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "scope": "all", "method": "percent_off", "percent_off": percent, **fields}


def _odoo(rules: list[dict[str, Any]], expect: dict[str, Any], **more: Any) -> dict[str, Any]:
    product = {**SHIRT, **more.pop("product", {})}
    when = {"price_list": "L", "product": "red", "quantity": "1", "uom": "unit", **more.pop("when", {})}
    given = {
        "products": [product],
        "price_lists": [{"id": "L", "currency": "USD", "rules": rules}],
        **more.pop("given", {}),
    }
    return {
        "kind": "price_list",
        "given": given,
        "when": when,
        "expect": expect,
        "policy": more.pop("policy", "odoo"),
    }


def _charge(rules: list[dict[str, Any]], expect: dict[str, Any], **more: Any) -> dict[str, Any]:
    when = {"line": {**LINE, **more.pop("line", {})}, **more.pop("when", {})}
    given = {"rules": rules, **more}
    return {"kind": "charge_rule", "given": given, "when": when, "expect": expect, "policy": "erpnext"}


def _on(id_: str, on: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "on": on or {"item": "I"}, **fields}


CASES = {
    "variant before template": _odoo(
        [_pct("t", "5", scope="product", ref="shirt"), _pct("v", "6", scope="variant", ref="red")],
        {"rule": "v", "unit_price": "94"},
    ),
    "template by its break": _odoo(
        [_pct("t", "5", scope="product", ref="shirt", min_quantity="5"), _pct("v", "6", scope="product", ref="red")],
        {"rule": "t"}, when={"quantity": "5"},
    ),
    "nearest category": _odoo(
        [_pct("far", "9", scope="category", ref="all", min_quantity="2"), _pct("near", "1", scope="category", ref="tops")],
        {"rule": "near"}, when={"quantity": "3"},
    ),
    "unit before break": _odoo(
        [_pct("ten", "9", min_quantity="10"), _pct("box", "1", uom="box")],
        {"rule": "box", "unit_price": "990", "line_total": "990"},
        given={"uoms": {"box": {"of": "unit", "factor": "10"}}}, when={"uom": "box"},
    ),
    "extras of options": _odoo(
        [_pct("r", "10")], {"unit_price": "99", "reference_unit_price": "110"},
        product={"options": [{"attribute": "size", "value": "XL", "price_extra": "10"},
                             {"attribute": "size", "value": "M", "price_extra": "5"}]},
        when={"selection": {"size": "XL"}},
    ),
    "tax inside": _odoo([], {"unit_price": "115", "line_net": "200", "rule": None},
                        product={"list_price": "115", "tax_included_percent": "15"}, when={"quantity": "2"}),
    "tax mapped": _odoo([], {"unit_price": "100", "line_net": "200"},
                        product={"list_price": "115", "tax_included_percent": "15"}, when={"quantity": "2"},
                        given={"tax_mapping": {"included_percent": "15", "replaced_by_excluded_percent": "5"}}),
    "tax mapped, with the reference": _odoo(
        [_pct("r", "54")], {"unit_price": "46", "reference_unit_price": "100", "discount_percent": "54", "line_net": "46"},
        product={"list_price": "115"}, given={"tax_mapping": {"included_percent": "15", "replaced_by_excluded_percent": "6"}}),
    "an uplift": _odoo([_pct("u", "-10")], {"unit_price": "110", "discount_percent": "0", "reference_unit_price": "110"}),
    "an instant before the start": _odoo([_pct("r", "10", valid_from="2024-03-01T09:00")], {"rule": None},
                                         when={"at": "2024-03-01T08:59"}),
    "the last instant": _odoo([_pct("r", "10", valid_to="2024-03-01T09:00")], {"rule": "r"},
                              when={"at": "2024-03-01T09:00"}),
    "lowest inherited": _odoo(
        [_pct("own", "5", scope="product", ref="shirt"), _pct("up", "0", base="price_list", base_price_list="P")],
        {"unit_price": "80", "rule": "up"}, policy="lowest_own_or_inherited", when={"quantity": "10"},
        given={"price_lists": [
            {"id": "L", "currency": "USD", "rules": [
                _pct("own", "5", scope="product", ref="shirt"), _pct("up", "0", base="price_list", base_price_list="P")]},
            {"id": "P", "currency": "USD", "rules": [_pct("ten", "20", min_quantity="10")]}]},
    ),
    "a ring": {"kind": "price_list_cycle", "given": {"based_on": [["b", "a"], ["c", "b"]]}, "when": {"add": ["a", "c"]},
               "expect": {"error": "cycle", "path": ["a", "c", "b", "a"]}, "policy": None},
    "a conflict": _charge([_on("a", percent_off="1"), _on("b", percent_off="2")],
                          {"error": "conflict", "between": ["b", "a"]}),
    "group and brand are equal": _charge(
        [_on("g", {"item_group": "G"}, percent_off="1"), _on("b", {"brand": "B"}, percent_off="2")],
        {"error": "conflict", "between": ["g", "b"]}),
    "the item before its group": _charge(
        [_on("g", {"item_group": "G"}, percent_off="1"), _on("i", percent_off="2")], {"rule": "i", "percent_off": "2"}),
    "running": _charge(
        [_on("a", percent_off="20", combine=True, priority="2"),
         _on("b", percent_off="10", combine=True, base="running", priority="1")],
        {"percent_off": "28", "rate": "72", "applied_count": 2}),
    "running, of the higher rank": _charge(
        [_on("a", percent_off="20", combine=True, priority="1"),
         _on("b", percent_off="10", combine=True, base="running", priority="2")],
        {"percent_off": "28", "rate": "72", "applied_count": 2}),
    "a base unit by its name": _charge([_on("r", {"item": "I", "uom": "Box"}, rate="101")], {"rule": None, "rate": "100"},
                                       uoms={"Box": {"of": "Nos", "factor": "10"}}, line={"uom": "Nos"}),
    "a number of the context": _charge([_on("r", condition={"net_total": 100, "is_return": 0}, percent_off="3")],
                                       {"rule": "r"}, when={"context": {"net_total": 100}}),
    "of a template": _charge([_on("t", {"item": "T"}, percent_off="3")], {"rule": "t"}, line={"variant_of": "T"}),
    "beyond the maximum": _charge([_on("m", max_quantity="4", percent_off="3")], {"rule": None, "rate": "100"}),
    "at the maximum": _charge([_on("m", max_quantity="5", percent_off="3")], {"rule": "m"}),
    "no returns": _charge([_on("r", condition={"is_return": False}, percent_off="3")], {"rule": None},
                          when={"context": {"is_return": True}}),
    "a context of its own": _charge([_on("r", condition={"territory": "East"}, percent_off="3")], {"rule": "r"},
                                    when={"context": {"territory": "East"}}),
    "ignored": _charge([_on("r", percent_off="3")], {"rule": None, "percent_off": "0", "rate": "100"},
                       when={"ignore_rules": True}),
    "a rate for another unit": _charge([_on("r", {"item": "I", "uom": "Box"}, rate="85")], {"rule": None, "rate": "100"},
                                       uoms={"Box": {"of": "unit", "factor": "10"}}),
    "contradictory": {"kind": "rule_validation", "given": {"rules": [
        {"quantity_scope": "all_matching_lines", "recursive": True, "free_item": "F", "free_quantity": "1"}]},
        "when": {}, "expect": {"error": "invalid_rule"}, "policy": "erpnext"},
    "all lines together": {
        "kind": "charge_rule_document", "policy": "erpnext",
        "given": {"rules": [_on("m", {"item_group": "G"}, min_quantity="10", percent_off="5",
                                quantity_scope="all_matching_lines")]},
        "when": {"lines": [LINE, {**LINE, "item": "J"}]},
        "expect": {"percent_off": ["5", "5"], "line_amounts": ["475", "475"], "line_count": 2},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_token_of_the_vocabulary_is_understood(tmp_path: Path, name: str) -> None:
    file = tmp_path / "cases.json"
    entry = {"id": "own", "source": "by hand", "tolerance": {"abs": 0}, **CASES[name]}
    file.write_text(json.dumps([entry]), encoding="utf-8")
    (case,) = read_cases(file)

    assert run(case) == ("pass", "")
