from decimal import Decimal

import attrs
import pytest

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    AmountOff,
    Bundle,
    BuyGet,
    Component,
    Line,
    LineFilter,
    ListPrice,
    PercentOff,
    Pricer,
    PricingModel,
    PricingProcedure,
    Promotion,
    PromotionCondition,
    Promotions,
    RoundLines,
)
from salesmgmt.cpq.recommend import BundleSuggestion, BundleSuggestions, MissingPart, Relations
from tests.cpq.recommend.shop import eur, request, shop

DESK = Bundle(
    id="desk",
    components=(
        Component(product="laptop"),
        Component(product="dock"),
        Component(product="mouse", quantity=2),
    ),
    percent_off=Percent(10),
)


def with_promotions(*promotions: Promotion) -> Pricer:
    base = shop().model
    steps = (ListPrice(id="list"), RoundLines(id="cents"), Promotions(id="promotions"))
    return PricingModel(
        procedure=PricingProcedure(id="p", steps=steps),
        prices=base.prices,
        catalogue=base.catalogue,
        promotions=promotions,
    ).compile()


def kits(*lines: Line, bundle: Bundle = DESK) -> tuple[BundleSuggestion, ...]:
    return BundleSuggestions(shop(), [bundle]).find(request(*lines))


# --- kits


def test_the_missing_parts_of_a_kit_are_worth_the_saving() -> None:
    (found,) = kits(Line("laptop", 1), Line("mouse", 1))

    # Alone 900 + 80 + 2 x 20 = 1020, as a kit 918; the request comes to 920 now.
    assert found.missing == (MissingPart("dock", Decimal(1)), MissingPart("mouse", Decimal(1)))
    assert (found.saving, found.total_change) == (eur("102.00"), eur("-2.00"))
    assert str(found) == (
        "1 x dock and 1 x mouse more make the kit desk: 102.00 EUR saved, the total falls by 2.00 EUR"
    )


def test_as_many_kits_are_suggested_as_the_parts_make_that_are_there() -> None:
    (found,) = kits(Line("laptop", 3), Line("dock", 2))

    assert (found.quantity, found.missing) == (Decimal(2), (MissingPart("mouse", Decimal(4)),))
    # Two kits alone: 2 x 1020; the tenth is saved, four mice are added.
    assert (found.saving, found.total_change) == (eur("204.00"), eur("-124.00"))


def test_a_kit_whose_parts_are_all_there_is_still_cheaper() -> None:
    (found,) = kits(Line("laptop", 1), Line("dock", 1), Line("mouse", 2))

    assert (found.missing, found.total_change) == ((), eur("-102.00"))
    assert str(found).startswith("all parts of the kit desk are there")


def test_a_kit_with_a_price_of_its_own_is_compared_with_its_parts() -> None:
    own = Bundle(id="desk", components=DESK.components, price_from="bundle", price=eur(1000))

    assert [one.saving for one in kits(Line("laptop", 1), bundle=own)] == [eur("20.00")]
    assert kits(Line("laptop", 1), bundle=attrs.evolve(own, price=eur(1020))) == ()


@pytest.mark.parametrize("part", ["stand", "dock-old", "lamp"])
def test_a_kit_with_a_part_that_cannot_be_had_is_not_suggested(part: str) -> None:
    odd = Bundle(
        id="odd", components=(Component(product="laptop"), Component(product=part)), percent_off=Percent(50)
    )

    assert kits(Line("laptop", 1), bundle=odd) == ()


def test_nothing_is_suggested_for_a_request_without_a_part_or_a_price() -> None:
    assert kits(Line("bag", 1)) == ()
    assert kits(Line("laptop", 1), Line("stand", 1)) == ()


# --- promotions


def only(*products: str) -> LineFilter:
    return LineFilter(products=products)


def find(promotion: Promotion, *lines: Line, codes: tuple[str, ...] = ()) -> list[BundleSuggestion]:
    pricer = with_promotions(promotion)
    found = Relations().compile(pricer).bundles(request(*lines, codes=codes))
    for one in found:
        more = [Line(part.product, part.quantity) for part in one.missing]
        then = pricer.price(request(*lines, *more, codes=codes))
        without = with_promotions().price(request(*lines, *more))
        assert one.saving == without.total - then.total
        assert one.total_change == then.total - pricer.price(request(*lines)).total
    return list(found)


def test_a_product_that_comes_free_is_suggested() -> None:
    offer = Promotion(id="bag-free", benefit=BuyGet(buy=only("laptop"), get=only("bag")))

    (found,) = find(offer, Line("laptop", 1))

    assert (found.missing, found.saving, found.total_change) == (
        (MissingPart("bag", Decimal(1)),),
        eur("40.00"),
        eur("0.00"),
    )


def test_what_must_be_bought_is_suggested_with_what_is_given() -> None:
    offer = Promotion(id="3for2", benefit=BuyGet(buy=only("mouse"), buy_quantity=2, get=only("mouse")))

    (found,) = find(offer, Line("mouse", 2))

    assert (found.missing, found.total_change) == ((MissingPart("mouse", Decimal(1)),), eur("0.00"))


def test_the_choice_that_costs_least_is_suggested() -> None:
    offer = Promotion(
        id="half",
        benefit=BuyGet(buy=only("laptop"), get=only("dock", "stand", "mouse"), percent=Percent(50)),
    )

    (found,) = find(offer, Line("laptop", 1))

    assert [part.product for part in found.missing] == ["mouse"]


def test_a_minimum_of_certain_products_is_suggested() -> None:
    offer = Promotion(
        id="three",
        benefit=AmountOff(amount=eur(30)),
        condition=PromotionCondition(min_quantity=3, of=only("dock", "mouse")),
    )

    (found,) = find(offer, Line("dock", 1))

    assert (found.missing, found.saving) == ((MissingPart("mouse", Decimal(2)),), eur("30.00"))


def test_a_promotion_that_applies_already_or_lacks_its_code_is_not_suggested() -> None:
    offer = Promotion(id="bag-free", benefit=BuyGet(buy=only("laptop"), get=only("bag")))
    secret = attrs.evolve(offer, trigger="code", codes=("BAG",))

    assert find(offer, Line("laptop", 1), Line("bag", 1)) == []
    assert find(secret, Line("laptop", 1)) == []
    assert [one.id for one in find(secret, Line("laptop", 1), codes=("BAG",))] == ["bag-free"]


def test_a_promotion_of_other_products_or_of_all_is_not_suggested() -> None:
    others = Promotion(id="o", benefit=BuyGet(buy=only("dock"), get=only("bag")))
    all_of_it = Promotion(
        id="a", benefit=PercentOff(percent=Percent(5)), condition=PromotionCondition(min_quantity=9)
    )

    assert find(others, Line("laptop", 1)) == []
    assert find(all_of_it, Line("laptop", 1)) == []


def test_larger_savings_come_first() -> None:
    offers = [
        Promotion(id=name, benefit=BuyGet(buy=only("laptop"), get=only(product)))
        for name, product in (("a", "mouse"), ("b", "dock"), ("c", "bag"))
    ]
    found = BundleSuggestions(with_promotions(*offers)).find(request(Line("laptop", 1)))

    assert [one.id for one in found] == ["b", "c", "a"]
    assert sum((one.saving for one in found), Money.zero("EUR")) == eur("140.00")
