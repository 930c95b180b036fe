"""Attempts to have something offered that a relation shuts out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from salesmgmt.cpq.pricing import Line
from salesmgmt.cpq.pricing.sharing.bundle import Bundle, Component
from salesmgmt.cpq.recommend import Recommender, Relation, Relations

from .shop import eur, request, shop

KIT = Bundle(
    id="desk", price_from="bundle",
    components=(Component(product="laptop", quantity=Decimal(1)), Component(product="dock", quantity=Decimal(1))),
    price=eur(950),
)  # fmt: skip
SHUT_OUT = Relation(id="x", kind="excludes", product="mouse", offer="dock")


def recommender(*relations: Relation, **more: Any) -> Recommender:
    return Relations(relations=relations).compile(shop(), **more)


def test_a_kit_does_not_bring_what_is_shut_out() -> None:
    wanted = request(Line("laptop", 1))
    free = recommender(bundles=(KIT,))
    assert [one.id for one in free.bundles(wanted)] == ["desk"]

    strict = recommender(SHUT_OUT, bundles=(KIT,))
    assert [one.id for one in strict.bundles(wanted)] == ["desk"]
    assert strict.bundles(request(Line("laptop", 1), Line("mouse", 1))) == ()
    assert strict.bundles(wanted, installed_base=["mouse"]) == ()
    assert free.bundles(wanted, excluded=["dock"]) == ()


def test_what_excludes_counts_while_its_condition_cannot_be_told() -> None:
    accessory = Relation(id="a", kind="accessory", product="laptop", offer="dock")
    for condition in ("customer.segment == 'gov'", "line.quantity > 5"):
        shut_out = Relation(id="x", kind="excludes", product="mouse", offer="dock", condition=condition)
        found = recommender(accessory, shut_out).recommend(
            request(Line("laptop", 1)), installed_base=["mouse"]
        )
        assert found.products == ()
    told = recommender(
        accessory,
        Relation(
            id="x", kind="excludes", product="mouse", offer="dock", condition="customer.segment == 'gov'"
        ),
    )
    private = request(Line("laptop", 1), customer={"segment": "private"})
    assert told.recommend(private, installed_base=["mouse"]).products == ("dock",)
