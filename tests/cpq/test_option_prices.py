"""The configurator and the pricer charge the same for a configured product; the arithmetic stands beside the amounts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.money import Money
from salesmgmt.cpq import NoListPrice, value_prices
from salesmgmt.cpq.configure import Attribute, Component, MultiSelect, Option, OptionGroup, ProductModel
from salesmgmt.cpq.pricing import (
    Line,
    ListPrice,
    OptionExtras,
    OptionRecord,
    PricedLine,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundLines,
)
from salesmgmt.cpq.pricing.procedure import Step

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIST, OPTIONS, CENTS = ListPrice(id="list"), OptionExtras(id="options"), RoundLines(id="cents")

WHEEL = ProductModel(
    id="wheel",
    attributes=(
        Attribute("size", ("27in", "29in")),
        MultiSelect(id="extras", values=("disc", "tubeless")),
        OptionGroup(id="spokes", options=(Option(product="STEEL", max_quantity=3),)),
    ),
)
BIKE = ProductModel(
    id="bike",
    attributes=(
        Attribute("frame", ("alloy", "carbon")),
        OptionGroup(id="spares", options=(Option(product="TUBE", max_quantity=4), Option(product="LOCK"))),
        Component(id="wheels", model=WHEEL, max_count=2),
    ),
)
NAMES = (
    ("frame", "alloy"),
    ("frame", "carbon"),
    ("spares", "TUBE"),
    ("spares", "LOCK"),
    ("spares.TUBE", "3"),
    ("spares.LOCK", "no"),
    ("wheels", "2"),
    ("wheels.size", "29in"),
    ("wheels.1.size", "29in"),
    ("wheels.2.size", "27in"),
    ("wheels.extras", "disc"),
    ("wheels.2.extras", "tubeless"),
    ("wheels.extras.disc", "yes"),
    ("wheels.spokes", "STEEL"),
    ("wheels.1.spokes", "STEEL"),
)


def record(
    product: str, price: str, currency: str = "EUR", *, name: str = "p", customer: str = ""
) -> PriceRecord:
    return PriceRecord(id=name, product=product, price=Money(price, currency), customer=customer)


def option(attribute: str, value: str, extra: str, currency: str = "EUR") -> OptionRecord:
    name = f"{attribute}={value} {currency}"
    return OptionRecord(
        id=name, product="bike", attribute=attribute, value=value, extra=Money(extra, currency)
    )


def pricing(
    *options: OptionRecord,
    prices: tuple[PriceRecord, ...] = (record("bike", "900.00"),),
    steps: tuple[Step, ...] = (LIST, OPTIONS, CENTS),
    time_zone: str = "UTC",
    rates: ExchangeRates | None = None,
) -> PricingModel:
    procedure = PricingProcedure(id="plain", steps=steps, time_zone=time_zone)
    return PricingModel(procedure=procedure, prices=prices, options=options, rates=rates or ExchangeRates(()))


def priced(
    model: PricingModel, selection: dict[str, str], quantity: int = 1, currency: str = "EUR"
) -> PricedLine:
    line = Line("bike", quantity, configuration=selection)
    return model.compile().price(PricingRequest(at=NOW, currency=currency, lines=[line])).lines[0]


amounts = st.integers(-2_000, 100_000).map(lambda cents: str(Decimal(cents).scaleb(-2)))


@st.composite
def models(draw: st.DrawFn) -> PricingModel:
    keys = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(("EUR", "CNY"))), unique=True))
    options = [option(*key, draw(amounts), currency) for key, currency in keys]
    strange = OptionRecord(id="x", product="trike", attribute="frame", value="carbon", extra=Money(7, "EUR"))
    # More than all reductions together: 9 products of 4 pieces with at most 20.00 off each.
    base = draw(st.integers(100_000, 900_000).map(lambda cents: str(Decimal(cents).scaleb(-2))))
    return pricing(*options, strange, prices=(record("bike", base), record("trike", "1", name="t")))


@st.composite
def choices(draw: st.DrawFn) -> dict[str, str]:
    chosen = {
        "frame": draw(st.sampled_from(("alloy", "carbon"))),
        "spares.TUBE": draw(st.sampled_from("01234")),
        "spares.LOCK": draw(st.sampled_from(("yes", "no"))),
        "wheels": draw(st.sampled_from("012")),
    }
    for instance in range(1, int(chosen["wheels"]) + 1):
        chosen[f"wheels.{instance}.size"] = draw(st.sampled_from(("27in", "29in")))
        chosen[f"wheels.{instance}.extras.disc"] = draw(st.sampled_from(("yes", "no")))
        chosen[f"wheels.{instance}.spokes.STEEL"] = draw(st.sampled_from("0123"))
    return chosen


@given(models(), choices(), st.booleans())
def test_a_configuration_costs_what_the_pricer_charges_for_one_unit(
    model: PricingModel, chosen: dict[str, str], is_complete: bool
) -> None:
    prices = value_prices(model, "bike", currency="EUR", at=NOW)
    bike = BIKE.compile(prices=prices).start(chosen)
    if is_complete:
        bike = bike.complete()

    line = priced(model, bike.selection)

    assert line.list_amount == line.net_amount == bike.price


def test_the_extras_of_a_component_count_for_each_instance_and_those_of_an_option_for_each_unit() -> None:
    model = pricing(
        option("frame", "carbon", "650.00"),
        option("spares", "TUBE", "9.50"),
        option("spares", "LOCK", "40.00"),
        option("wheels.size", "29in", "30.00"),
        option("wheels.2.size", "29in", "5.00"),
        option("wheels.spokes", "STEEL", "1.00"),
    )
    chosen = {
        "frame": "carbon",
        "spares.TUBE": "3",
        "spares.LOCK": "yes",
        "wheels": "2",
        "wheels.1.size": "29in",
        "wheels.2.size": "29in",
        "wheels.2.spokes.STEEL": "2",
    }

    bike = BIKE.compile(prices=value_prices(model, "bike", currency="EUR", at=NOW)).start(chosen)
    line = priced(model, bike.selection, quantity=2)

    # 900 + 650 + 3 x 9.50 + 40 + 2 x 30 + 5 + 2 x 1
    assert bike.price == Money("1685.50", "EUR")
    assert line.list_amount == Money("3371.00", "EUR")
    assert [(step.record, step.quantity, step.rounded) for step in line.waterfall[1:]] == [
        ("frame=carbon EUR", Decimal(2), Money("1300.00", "EUR")),
        ("spares=LOCK EUR", Decimal(2), Money("80.00", "EUR")),
        ("spares=TUBE EUR", Decimal(6), Money("57.00", "EUR")),
        ("wheels.size=29in EUR", Decimal(2), Money("60.00", "EUR")),
        ("wheels.2.size=29in EUR", Decimal(2), Money("10.00", "EUR")),
        ("wheels.size=29in EUR", Decimal(2), Money("60.00", "EUR")),
        ("wheels.spokes=STEEL EUR", Decimal(4), Money("4.00", "EUR")),
    ]


@pytest.mark.parametrize("value", ["0", "no", "-3", "many", "", "1e9", "9" * 40])
def test_what_is_no_number_of_units_adds_nothing_for_each_unit(value: str) -> None:
    model = pricing(option("spares", "TUBE", "9.50"))

    line = priced(model, {"spares.TUBE": value})

    assert [step.record for step in line.waterfall] == ["p"]


def test_extras_in_another_currency_count_in_neither() -> None:
    model = pricing(
        option("frame", "carbon", "5000", "CNY"),
        option("frame", "carbon", "650"),
        option("wheels", "2", "800", "CNY"),
    )

    prices = value_prices(model, "bike", currency="EUR", at=NOW)

    assert prices.of({"frame": "carbon", "wheels": "2"}) == Money("1550.00", "EUR")
    assert priced(model, {"frame": "carbon", "wheels": "2"}).list_amount == Money("1550.00", "EUR")


def test_without_a_step_of_extras_there_are_none() -> None:
    model = pricing(option("frame", "carbon", "650"), steps=(LIST, CENTS))

    assert value_prices(model, "bike", currency="EUR", at=NOW).extras == {}
    assert priced(model, {"frame": "carbon"}).list_amount == Money(900, "EUR")


def test_the_list_price_is_that_of_the_day_in_the_zone_of_the_procedure() -> None:
    new = PriceRecord(id="q", product="bike", price=Money(950, "EUR"), valid_from=date(2026, 3, 3))
    model = pricing(prices=(record("bike", "900"), new), time_zone="Asia/Shanghai")

    before, after = datetime(2026, 3, 2, 15, 59, tzinfo=UTC), datetime(2026, 3, 2, 16, tzinfo=UTC)

    assert value_prices(model, "bike", currency="EUR", at=before).base == Money(900, "EUR")
    assert value_prices(model, "bike", currency="EUR", at=after).base == Money(950, "EUR")


def test_a_list_price_has_all_its_decimals() -> None:
    model = pricing(prices=(record("bike", "0.335"),))

    assert value_prices(model, "bike", currency="EUR", at=NOW).base == Money("0.335", "EUR")


def test_a_list_price_is_converted_where_the_step_does_so() -> None:
    model = pricing(
        prices=(record("bike", "7200", "CNY"),),
        steps=(ListPrice(id="list", convert_from="CNY"), OPTIONS, CENTS),
        rates=ExchangeRates([ExchangeRate("CNY", "EUR", "0.125", date(2026, 1, 1))]),
    )

    # 7200 x 0.125
    assert value_prices(model, "bike", currency="EUR", at=NOW).base == Money(900, "EUR")


def test_prices_of_one_customer_are_no_list_price() -> None:
    both = pricing(prices=(record("bike", "900"), record("bike", "700", name="own", customer="acme")))
    own = pricing(prices=(record("bike", "700", name="own", customer="acme"),))

    assert value_prices(both, "bike", currency="EUR", at=NOW).base == Money(900, "EUR")
    with pytest.raises(NoListPrice, match="no record for everybody"):
        value_prices(own, "bike", currency="EUR", at=NOW)


@pytest.mark.parametrize(("product", "currency"), [("trike", "EUR"), ("bike", "CNY")])
def test_a_product_without_a_list_price_is_refused(product: str, currency: str) -> None:
    with pytest.raises(NoListPrice) as refused:
        value_prices(pricing(), product, currency=currency, at=NOW)

    assert (refused.value.product, refused.value.currency, refused.value.at) == (
        f"'{product}'",
        currency,
        NOW,
    )


def test_prices_of_equal_rank_are_refused_by_name() -> None:
    model = pricing(prices=(record("bike", "900"), record("bike", "950", name="q")))

    with pytest.raises(NoListPrice, match="p says 900 EUR; q says 950 EUR"):
        value_prices(model, "bike", currency="EUR", at=NOW)


def test_a_missing_rate_is_named() -> None:
    steps = (ListPrice(id="list", convert_from="CNY"), OPTIONS, CENTS)

    with pytest.raises(NoListPrice, match="no exchange rate from CNY"):
        value_prices(
            pricing(prices=(record("bike", "7200", "CNY"),), steps=steps), "bike", currency="EUR", at=NOW
        )


def test_two_extras_of_one_option_are_refused() -> None:
    twice = OptionRecord(id="o-2", product="bike", attribute="frame", value="carbon", extra=Money(1, "EUR"))

    with pytest.raises(InvalidDefinition, match="o-2"):
        value_prices(pricing(option("frame", "carbon", "650"), twice), "bike", currency="EUR", at=NOW)


def test_a_currency_or_an_instant_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="currency"):
        value_prices(pricing(), "bike", currency="EURO", at=NOW)
    with pytest.raises(NaiveInstant):
        value_prices(pricing(), "bike", currency="EUR", at=datetime(2026, 3, 2))  # noqa: DTZ001 - the fault


def test_an_extra_of_what_the_product_does_not_have_is_refused_by_its_configurator() -> None:
    prices = value_prices(pricing(option("saddle", "gel", "20")), "bike", currency="EUR", at=NOW)

    with pytest.raises(InvalidInput, match="saddle"):
        BIKE.compile(prices=prices)


def test_below_zero_the_pricer_stops_where_the_configurator_goes_on() -> None:
    model = pricing(option("frame", "alloy", "-1000"), option("wheels", "2", "50"))
    chosen = {"frame": "alloy", "wheels": "2"}

    # 900 - 1000 is zero at the pricer, and -100 at the configurator; 50 more each
    assert priced(model, chosen).list_amount == Money(50, "EUR")
    assert value_prices(model, "bike", currency="EUR", at=NOW).of(chosen) == Money(-50, "EUR")
