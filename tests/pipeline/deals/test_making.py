"""Deals that are written slot by slot are those that the constructor makes."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal

import attrs
import pytest

from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import (
    AmountOrigin,
    BuyingRole,
    CategoryOrigin,
    Deal,
    DealProduct,
    Estimate,
    EstimateOrigin,
    ForecastCategory,
    NextStep,
    Qualification,
    Rest,
    Snooze,
    Split,
    StageKind,
)
from salesmgmt.pipeline.deals._making import evolved, made

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
FULL = Deal(
    id="d-1",
    tenant="acme",
    version=3,
    name="Laptops",
    account="a-1",
    contact="c-1",
    owner="li.wei",
    amount=Money(5, "EUR"),
    amount_origin=AmountOrigin.PRODUCTS,
    product="laptop",
    products=(DealProduct("laptop", Decimal(1), Money(5, "EUR")),),
    splits=(Split("li.wei", Percent(100)),),
    roles=(BuyingRole("c-1", "champion", primary=True),),
    competitors=("Initech",),
    source="fair",
    campaign="spring",
    expected_close=date(2026, 6, 1),
    next_step=NextStep("call", date(2026, 3, 9)),
    fields={"seats": Decimal(4)},
    pipeline="p",
    pipeline_version=2,
    pipeline_digest="abc",
    stage="lost",
    status=StageKind.LOST,
    category=ForecastCategory.BEST_CASE,
    category_origin=CategoryOrigin.USER,
    probability=Estimate(Percent(40), EstimateOrigin.USER),
    opened_at=AT,
    stage_since=AT.replace(day=3),
    closed_on=date(2026, 3, 4),
    loss_reason="price",
    lost_to="Initech",
    loss_note="they cut theirs",
    done=frozenset({"needs"}),
    snooze=Snooze(since=AT, until=AT.replace(day=5), reason="holiday"),
    rests=(Rest(AT, AT.replace(day=4)),),
    qualification={"bant": Qualification(card="bant", version=1, answers={}, share=Percent(5), missing=())},
)
"""A deal in which no field has its default."""


def test_the_deal_of_this_test_leaves_no_field_at_its_default() -> None:
    for field in attrs.fields(Deal):
        assert field.default is attrs.NOTHING or getattr(FULL, field.name) != field.default, field.name


def test_every_field_is_copied() -> None:
    assert evolved(FULL, {}) == FULL
    assert evolved(FULL, {"stage": "won"}) == attrs.evolve(FULL, stage="won")
    assert made({field.name: getattr(FULL, field.name) for field in attrs.fields(Deal)}) == FULL


def test_what_is_made_is_a_deal_like_any_other() -> None:
    new = evolved(FULL, {"version": 4})
    assert type(new) is Deal
    assert isinstance(new.fields, FrozenMap)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        new.stage = "won"  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        del new.stage
    assert pickle.loads(pickle.dumps(new)) == copy.deepcopy(new) == new
    assert hash(new) == hash(attrs.evolve(FULL, version=4))


def test_a_deal_of_a_hosts_own_class_stays_one() -> None:
    @attrs.frozen(kw_only=True)
    class Own(Deal):
        region: str = ""

    own = Own(**{field.name: getattr(FULL, field.name) for field in attrs.fields(Deal)}, region="north")
    assert evolved(own, {"stage": "won"}) == attrs.evolve(own, stage="won")
