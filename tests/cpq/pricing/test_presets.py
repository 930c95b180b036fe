"""Presets as data: what they hold, how they are read, and that no code knows a system by its name.

What they make of documents stands in the other files of tests on presets.
"""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import attrs
import pytest

import salesmgmt
from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import UnknownOption
from salesmgmt.core.findings import Severity
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import STANDARD, PricingStep, RoundedPart, Scope
from salesmgmt.cpq.pricing.presets import Preset, preset, preset_names
from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
from salesmgmt.cpq.pricing.promotions import PromotionPolicy, promotion_policy
from salesmgmt.cpq.pricing.scales.tier import Tier
from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal

FAMILIES = ("erpnext", "odoo", "salesforce", "sap", "stripe")
"""Those with a procedure of their own."""
NAMES = (
    *FAMILIES, "lowest_own_or_inherited", "medusa", "oscar", "saleor", "solidus", "vendure",
)  # fmt: skip
FOLDER = files("salesmgmt.cpq.pricing") / "presets"


def test_every_preset_that_ships_is_named() -> None:
    assert preset_names() == tuple(sorted(NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_is_read_whole_and_round_trips(name: str) -> None:
    found = preset(name)
    written = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))

    assert found.name == name
    assert set(found.states) == set(written)
    assert Codec().from_json(Preset, Codec().to_json(found)) == found


@pytest.mark.parametrize("name", NAMES)
def test_the_procedure_of_a_preset_has_no_error(name: str) -> None:
    errors = [one for one in preset(name).model().lint() if one.severity is Severity.ERROR]

    assert errors == []


@pytest.mark.parametrize("name", NAMES)
def test_what_a_preset_leaves_open_is_the_default_of_the_library(name: str) -> None:
    found = preset(name)
    defaults = Preset(name=name)
    open_ = {field.name for field in attrs.fields(Preset)} - {*found.states, "name", "states"}

    assert {one: getattr(found, one) for one in open_} == {one: getattr(defaults, one) for one in open_}


def test_a_preset_without_a_procedure_has_the_standard_one() -> None:
    assert preset("saleor").procedure is STANDARD


@pytest.mark.parametrize("name", NAMES)
def test_every_table_has_a_reason(name: str) -> None:
    lines = (FOLDER / f"{name}.toml").read_text(encoding="utf-8").splitlines()
    tables = [place for place, line in enumerate(lines) if re.match(r"\[\w+\]", line)]

    assert all(lines[place - 1].startswith("# ") for place in tables)


@pytest.mark.parametrize("name", FAMILIES)
def test_steps_that_share_do_it_as_the_preset_says(name: str) -> None:
    found = preset(name)
    sharing = [
        step.allocation
        for step in found.procedure.steps
        if isinstance(step, PricingStep) and step.scope is not Scope.LINE
    ]

    assert all(one == found.allocation for one in sharing)
    assert bool(sharing) is ("allocation" in found.states)
    if "headers" in found.states:
        assert found.headers.allocation == found.allocation


@pytest.mark.parametrize(
    ("name", "at", "mode"),
    [
        ("odoo", "line", "half_up"),
        ("erpnext", "line", "half_even"),
        ("salesforce", "line", "half_up"),
        ("stripe", "line", "half_up"),
    ],
)
def test_rounding_is_that_of_the_last_step_that_rounds(name: str, at: str, mode: str) -> None:
    rounding = preset(name).rounding

    assert (rounding.at, rounding.mode) == (RoundedPart(at), mode)


@pytest.mark.parametrize(
    ("given", "first"), [("Odoo", "odoo"), ("erp-next", "erpnext"), ("salesforce_cpq", "salesforce")]
)
def test_an_unknown_name_is_told_with_the_nearest_one_first(given: str, first: str) -> None:
    with pytest.raises(UnknownOption) as caught:
        preset(given)

    assert caught.value.known[0] == first
    assert set(caught.value.known) == set(NAMES)


@pytest.mark.parametrize(
    "name", ["", "../odoo", "odoo.toml", "/etc/passwd", "odoo\0", "x" * 100_000, "conventions"]
)
def test_a_hostile_name_is_unknown(name: str) -> None:
    with pytest.raises(UnknownOption):
        preset(name)
    with pytest.raises(UnknownOption):
        promotion_policy(name)
    with pytest.raises(UnknownOption):
        PriceListPolicy.preset(name)


def test_the_parts_are_those_of_the_older_loaders() -> None:
    for name in NAMES:
        found = preset(name)
        if "promotions" in found.states:
            assert promotion_policy(name) == found.promotions
        else:
            assert found.promotions == PromotionPolicy()
            with pytest.raises(UnknownOption):
                promotion_policy(name)
        if "price_lists" in found.states:
            assert PriceListPolicy.preset(name) == found.price_lists
        else:
            assert found.price_lists == PriceListPolicy()


def test_a_model_takes_the_policies_of_the_preset_and_the_host_may_say_otherwise() -> None:
    odoo = preset("odoo")

    model = odoo.model()
    other = odoo.model(promotion_policy=PromotionPolicy(), procedure=STANDARD)

    assert (model.procedure, model.price_lists.policy, model.promotion_policy) == (
        odoo.procedure,
        odoo.price_lists,
        odoo.promotions,
    )
    assert (other.procedure, other.promotion_policy) == (STANDARD, PromotionPolicy())


def test_rules_of_the_host_go_into_the_step_that_takes_them() -> None:
    salesforce = preset("salesforce")
    rule = PercentOfTotal(product="care", percent=Percent(10))

    procedure = salesforce.procedure_with(
        rules={"percent of total": [rule]}, facts={"order.deal": "text"}, time_zone="Asia/Shanghai"
    )

    assert next(step.rules for step in procedure.steps if step.id == "percent of total") == (rule,)  # type: ignore[union-attr]
    assert (procedure.facts, procedure.time_zone) == ({"order.deal": "text"}, "Asia/Shanghai")
    assert [step.id for step in procedure.steps] == [step.id for step in salesforce.procedure.steps]
    assert salesforce.procedure == preset("salesforce").procedure


@pytest.mark.parametrize("step", ["percent", "price book", ""])
def test_rules_for_a_step_that_takes_none_are_refused(step: str) -> None:
    with pytest.raises(UnknownOption, match="percent of total"):
        preset("salesforce").procedure_with(rules={step: []})


def test_conventions_are_defaults_and_the_record_comes_first() -> None:
    tiers = [Tier(upper=5, unit_amount=7), Tier(unit_amount=6)]
    stripe, sap = preset("stripe"), preset("sap")

    upper = stripe.scales.scale(tiers=tiers).tier(5)
    lower = stripe.scales.scale(tiers=tiers, boundary="lower_inclusive").tier(5)
    assert (upper, lower) == (tiers[0], tiers[1])
    assert sap.free_goods.free_goods(per_quantity=5, free_quantity=1).grant(128).free_quantity == 26
    whole = sap.free_goods.free_goods(per_quantity=5, free_quantity=1, calculation="whole_units")
    assert whole.grant(128).free_quantity == 0
    assert sap.headers.header_condition(amount=Money(90, "EUR")).mode.value == "group"
    assert sap.exclusion.exclusion_group(id="g", members=("a",), zero_takes_part=True).zero_takes_part


VENDORS = re.compile(
    r"(?<![a-z])(odoo|erpnext|frappe|sap|salesforce|stripe|lago|medusa|saleor|solidus|vendure|oscar)(?![a-z])",
    re.IGNORECASE,
)


def test_no_code_knows_a_system_by_its_name() -> None:
    """Only the files of the presets do, and texts for people: docstrings and comments."""
    found = []
    for source in sorted(Path(salesmgmt.__file__).parent.rglob("*.py")):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        for_people = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if id(node) in for_people:
                continue
            words = (getattr(node, field, None) for field in ("value", "id", "attr", "name", "arg", "asname"))
            found += [
                f"{source.name}: {word}" for word in words if isinstance(word, str) and VENDORS.search(word)
            ]
    assert found == []
