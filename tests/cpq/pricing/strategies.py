"""Random pricing models and requests for laws, within what the oracle knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

from salesmgmt.core.entity import ProductId
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Access,
    AmountPer,
    ConditionRecord,
    ConditionType,
    DiscountRule,
    Discounts,
    ExclusionGroup,
    ExclusionProcedure,
    FreeUnits,
    FreeUnitsRule,
    HeaderDiscounts,
    Line,
    ListPrice,
    ManualPrice,
    ManualPrices,
    OptionExtras,
    OptionRecord,
    PercentOff,
    PriceList,
    PriceListRules,
    PriceLists,
    PriceRecord,
    PriceRule,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    Promotion,
    Promotions,
    QuantityTiers,
    RoundedPart,
    RoundLines,
    Scale,
    ScaleType,
    Scope,
    SharesOfTotal,
    Stacking,
    Subtotal,
    Terms,
    Tier,
    TierRecord,
    TieTo,
)
from salesmgmt.cpq.pricing.free_goods import FreeGoods
from salesmgmt.cpq.pricing.promotions import PromotionScope
from salesmgmt.cpq.pricing.sharing.distribution import AllocationBase, AllocationPolicy, RemainderTo
from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal
from salesmgmt.cpq.products import Catalogue, Product

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CATALOGUE = Catalogue(
    [
        Product(id=ProductId("a"), family="f", cost=Money("40", "EUR"), weight="2.5"),
        Product(id=ProductId("b"), family="f", cost=Money("7.77", "EUR")),
        Product(id=ProductId("c"), family="g", weight="0.3"),
        Product(id=ProductId("d")),
    ]
)
RATES = ExchangeRates([ExchangeRate("USD", "EUR", "0.8", date(2026, 1, 1))])
FACTS: dict[str, Any] = {"order.region": "text", "line.size": "number"}

products = st.sampled_from("abcd")
quantities = st.one_of(st.integers(1, 40), st.decimals("0.001", 500, places=3))
money = st.decimals(0, 3000, places=2)
percents = st.decimals(0, 60, places=2).map(Percent)
conditions = st.sampled_from(
    ["", "", "line.quantity >= 5", "line.product != 'a'", "customer.segment == 'gold'",
     "order.amount >= 1000 EUR", "line.amount >= 50 EUR", "order.lines >= 2"]
)  # fmt: skip
of_document = st.sampled_from(["", "", "customer.segment == 'gold'", "order.amount >= 1000 EUR"])
stackings = st.sampled_from(Stacking)
modes = st.sampled_from(["half_up", "half_even", "half_down", "up", "down"])
starts = st.sampled_from([None, None, date(2026, 1, 1), date(2026, 3, 2), date(2026, 3, 3)])
ends = st.sampled_from([None, None, date(2026, 3, 4), date(2027, 1, 1)])


def euros(amounts: st.SearchStrategy[Decimal] = money) -> st.SearchStrategy[Money]:
    """Amounts in euros."""
    return amounts.map(lambda amount: Money(amount, "EUR"))


manual_prices = st.one_of(
    st.builds(ManualPrice, unit_price=euros(), reason=st.just("agreed"), by=st.just("li")),
    st.builds(ManualPrice, percent_off=percents, reason=st.just("agreed"), by=st.just("li")),
    st.builds(ManualPrice, amount_off=euros(), reason=st.just("agreed"), by=st.just("li")),
)


@st.composite
def lines(draw: Any, *, ids: st.SearchStrategy[str] = products, uom: bool = True, hand: bool = False) -> Line:
    """A line."""
    product = draw(ids)
    begin = draw(st.sampled_from([None, None, None, 1, 4]))
    length = draw(st.integers(1, 30))
    more: dict[str, Any] = {}
    if begin is not None:
        month = begin - 1 + length
        more = {"starts": date(2026, begin, 1), "ends": date(2026 + month // 12, month % 12 + 1, 1)}
    return Line(
        product,
        draw(quantities),
        {"color": draw(st.sampled_from(["red", "blue"]))} if draw(st.booleans()) else {},
        {"size": draw(st.integers(0, 20))} if draw(st.booleans()) else {},
        uom=draw(st.sampled_from(["", "", "piece", "dozen"])) if uom else "",
        group=draw(st.sampled_from(["", "x", "y"])),
        manual=draw(st.one_of(st.none(), manual_prices)) if hand else None,
        **more,
    )


@st.composite
def requests(draw: Any, *, hand: bool = False, most: int = 5) -> PricingRequest:
    """A request in euros."""
    customer = {}
    if draw(st.booleans()):
        customer["id"] = draw(st.sampled_from(["acme", "beta"]))
    if draw(st.booleans()):
        customer["segment"] = draw(st.sampled_from(["gold", "new"]))
    return PricingRequest(
        at=NOW,
        currency="EUR",
        customer=customer,
        order={"region": draw(st.sampled_from(["north", "south"]))} if draw(st.booleans()) else {},
        price_list=draw(st.sampled_from(["", "", "retail"])) if hand else "",
        bought={"a": draw(st.integers(0, 20)), "g": 4},
        lines=draw(st.lists(lines(hand=hand), max_size=most)),
    )


def _rule_strategy(prefix: str, texts: st.SearchStrategy[str], least: int) -> st.SearchStrategy[Any]:
    amounts = st.decimals(least, 400, places=2)
    percent = st.decimals(0 if least == 0 else -30, 100, places=2).map(Percent)
    common = {"id": st.just(prefix), "stacking": stackings, "condition": texts, "valid_from": starts}
    return st.one_of(
        st.builds(DiscountRule, percent=percent, **common),
        st.builds(DiscountRule, amount=euros(amounts), per=st.sampled_from(AmountPer), **common),
        st.builds(DiscountRule, amount=st.just(Money(5, "USD")), **common),
    )


@st.composite
def rules(draw: Any, prefix: str, texts: st.SearchStrategy[str] = conditions, least: int = -50) -> Any:
    """Discount rules with their own ids."""
    drawn = draw(st.lists(_rule_strategy(prefix, texts, least), max_size=3))
    return tuple(attrs.evolve(rule, id=f"{prefix}{number}") for number, rule in enumerate(drawn))


@st.composite
def roundings(draw: Any, id_: str) -> RoundLines:
    """A rounding of units, lines or the document in whole cents."""
    at = draw(st.sampled_from(RoundedPart))
    increment, ending = draw(
        st.sampled_from([(None, None), ("0.05", None), ("1", None), ("1", "0.99"), ("0.30", None)])
    )
    return RoundLines(
        id=id_,
        at=at,
        mode=draw(modes),
        increment=None if increment is None else Decimal(increment),
        ending=None if ending is None else Decimal(ending),
    )


@st.composite
def scales(draw: Any, calculation: str) -> Scale:
    """A scale without gaps, from zero on."""
    bounds = sorted(draw(st.sets(st.integers(1, 60), max_size=3)))
    is_percent = calculation.startswith("percent")
    kinds = ["all_units", "graduated"] if is_percent else ["all_units", "graduated", "block", "package"]
    kind = draw(st.sampled_from(kinds))
    flats = st.one_of(st.none(), st.decimals(0, 50, places=2))

    def tier(lower: int, upper: int | None) -> Tier:
        bounds_of: dict[str, Any] = {"lower": lower, "upper": upper}
        if kind == "block":
            return Tier(**bounds_of, flat_amount=draw(money))
        if kind == "package":
            size = draw(st.sampled_from([1, 3, 10]))
            return Tier(**bounds_of, package_size=size, package_amount=draw(money))
        if is_percent:
            if draw(st.booleans()):
                return Tier(**bounds_of, percent=draw(percents))
            return Tier(**bounds_of, amount_off=draw(st.decimals(0, 20, places=2)))
        return Tier(**bounds_of, unit_amount=draw(money), flat_amount=draw(flats))

    lowers = [0, *bounds]
    last = draw(st.sampled_from([None, None, 100]))
    uppers = [*bounds, last]
    basis = "quantity" if kind == "graduated" else draw(
        st.sampled_from(["quantity", "quantity", "value", "weight", "attribute"])
    )  # fmt: skip
    return Scale(
        scale_type=kind,
        tiers=[tier(low, high) for low, high in zip(lowers, uppers, strict=True)],
        boundary=draw(st.sampled_from(["lower_inclusive", "upper_inclusive"])),
        basis=basis,
        attribute="line.size" if basis == "attribute" else "",
        aggregate_over=draw(
            st.sampled_from(["line", "product_family", "group", "document", "customer_period"])
        ),
        standing=draw(st.sampled_from(["average", "on_top"])),
        beyond_last=draw(st.sampled_from(["no_price", "last_tier"])),
        partial_package=draw(st.sampled_from(["full", "prorated", "none"])),
    )


ACCESSES = (
    Access(fields=("customer.id", "line.product")),
    Access(fields=("line.product",)),
    Access(fields=("line.family", "order.region"), exclusive=False),
    Access(fields=("customer.segment",)),
    Access(fields=()),
)
KEYS: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.fixed_dictionaries({"customer.id": st.just("acme"), "line.product": products}),
    st.fixed_dictionaries({"line.product": products}),
    st.fixed_dictionaries({"line.family": st.sampled_from("fg"), "order.region": st.just("north")}),
    st.just({"customer.segment": "gold"}),
    st.just({}),
)
OF_LINES = (
    ("discount", "percent"), ("discount", "percent_compound"), ("surcharge", "percent"),
    ("surcharge", "percent_compound"), ("discount", "amount_per_unit"), ("discount", "amount_per_line"),
    ("freight", "amount_per_unit"), ("freight", "amount_per_line"), ("price", "set_price"),
    ("price", "price_for_quantity"), ("price", "markup_on_cost"), ("price", "target_margin"),
    ("discount", "formula"), ("surcharge", "formula"), ("surcharge", "percent_of_total"),
    ("rebate", "percent"), ("cost", "amount_per_unit"), ("tax", "percent"),
)  # fmt: skip
OF_SEVERAL = (
    ("discount", "percent"), ("discount", "percent_compound"), ("discount", "amount_per_unit"),
    ("discount", "amount_per_line"), ("discount", "amount_per_document"), ("freight", "amount_per_document"),
    ("surcharge", "percent"), ("surcharge", "amount_per_line"),
)  # fmt: skip


@st.composite
def records(draw: Any, type_: ConditionType, *, several: bool = False) -> list[ConditionRecord]:
    """Records of a type; their ids tell the type."""
    calculation = type_.calculation.value
    found = []
    for number in range(draw(st.integers(1, 4))):
        more: dict[str, Any] = {}
        is_scaled = not several and calculation not in (
            "formula", "percent_of_total", "markup_on_cost", "target_margin", "price_for_quantity"
        ) and type_.kind.value in ("price", "discount") and draw(st.booleans())  # fmt: skip
        if is_scaled:
            more["scale"] = draw(scales(calculation))
        elif calculation.startswith("percent") or calculation in ("markup_on_cost", "target_margin"):
            more["percent"] = draw(percents)
        elif calculation != "formula":
            code = draw(st.sampled_from(["EUR", "EUR", "USD", "GBP"]))
            more["amount"] = Money(draw(money), code if not several else "EUR")
            if calculation in ("amount_per_unit", "set_price"):
                more["per_quantity"] = draw(st.sampled_from([1, 1, 4, 25]))
                more["uom"] = "" if several else draw(st.sampled_from(["", "", "dozen"]))
        if type_.kind.value != "price" and draw(st.booleans()):
            more["upper_limit"] = draw(st.integers(20, 200))
            more["lower_limit"] = draw(st.sampled_from([None, 5, 20]))
        low = draw(st.sampled_from([None, None, 2, 10]))
        key = draw(st.just({}) | st.just({"customer.segment": "gold"}) if several else KEYS)
        condition = draw(of_document if several else conditions)
        if key.get("line.product") == "a" and condition == "line.product != 'a'":
            condition = ""  # a contradiction, which is refused
        found.append(
            ConditionRecord(
                id=f"{type_.id}-{number}",
                type=type_.id,
                key=key,
                min_quantity=low,
                max_quantity=None if low is None else draw(st.sampled_from([None, 30])),
                valid_from=draw(starts),
                priority=draw(st.sampled_from([None, 1, 2, number + 3])),
                condition=condition,
                combinable=draw(st.booleans()),
                **more,
            )
        )
    return found


@st.composite
def condition_models(draw: Any) -> PricingModel:
    """Own condition types: a price, conditions of the line, a rounding, conditions on several lines, a rounding."""
    types = [ConditionType(id="price", kind="price", calculation="set_price", accesses=ACCESSES)]
    found = draw(records(types[0]))
    found += [
        ConditionRecord(id=f"base-{one}", type="price", key={"line.product": one}, amount=Money(draw(money), "EUR"),
                        priority=0)
        for one in draw(st.sets(products, min_size=1))
    ]  # fmt: skip
    steps: list[Any] = [PricingStep(id="price", type_id="price", mandatory=True, subtotal="base")]
    if draw(st.integers(0, 3)) == 0:
        steps = [ListPrice(id="list"), Subtotal(id="base")]
    group: list[str] = []
    for number in range(draw(st.integers(0, 4))):
        kind, calculation = draw(st.sampled_from(OF_LINES))
        formula = draw(st.sampled_from(["3% * line.amount", "line.quantity * 2 EUR"]))
        type_ = ConditionType(
            id=f"t{number}",
            kind=kind,
            calculation=calculation,
            accesses=ACCESSES,
            formula=formula if calculation == "formula" else "",
        )
        types.append(type_)
        found += draw(records(type_))
        if kind in ("discount", "surcharge"):
            group.append(type_.id)
        steps.append(
            PricingStep(
                id=f"s{number}",
                type_id=type_.id,
                base=draw(st.sampled_from(["", "base"])) if calculation.startswith("percent") else "",
                requirement=draw(conditions),
                subtotal=draw(st.sampled_from(["", f"after{number}"])),
                mandatory=draw(st.integers(0, 9)) == 0,
                statistical=kind in ("rebate", "cost") or draw(st.integers(0, 9)) == 0,
            )
        )
    steps += [Subtotal(id="exact"), RoundLines(id="cents", mode=draw(modes))]
    for number in range(draw(st.integers(0, 2))):
        kind, calculation = draw(st.sampled_from(OF_SEVERAL))
        type_ = ConditionType(id=f"d{number}", kind=kind, calculation=calculation, accesses=ACCESSES)
        types.append(type_)
        found += draw(records(type_, several=True))
        steps.append(
            PricingStep(
                id=f"w{number}",
                type_id=type_.id,
                scope=draw(st.sampled_from([Scope.DOCUMENT, Scope.GROUP])),
                requirement=draw(conditions),
                allocation=AllocationPolicy(
                    base=draw(st.sampled_from(AllocationBase)),
                    rounding=draw(modes),
                    remainder=draw(st.sampled_from(RemainderTo)),
                    tie=draw(st.sampled_from(TieTo)),
                ),
                mode=draw(modes),
            )
        )
    if draw(st.booleans()):
        steps.append(RoundLines(id="whole", at=RoundedPart.DOCUMENT, increment=Decimal("0.10")))
    steps.append(RoundLines(id="end"))
    groups: tuple[ExclusionGroup, ...] = ()
    if len(group) > 1 and draw(st.booleans()):
        procedure = draw(st.sampled_from(ExclusionProcedure))
        cut = draw(st.integers(1, len(group) - 1)) if procedure.compares_groups else len(group)
        groups = (
            ExclusionGroup(
                id="g",
                procedure=procedure,
                members=tuple(group[:cut]),
                second_members=tuple(group[cut:]),
                zero_takes_part=draw(st.booleans()),
            ),
        )
    return PricingModel(
        procedure=PricingProcedure(
            id="own", facts=FACTS, condition_types=tuple(types), exclusion_groups=groups, steps=tuple(steps)
        ),
        prices=list_prices(draw) if isinstance(steps[0], ListPrice) else (),
        conditions=[one for one in found if not isinstance(steps[0], ListPrice) or one.type != "price"],
        catalogue=CATALOGUE,
        rates=RATES,
    )


def list_prices(draw: Any) -> Sequence[PriceRecord]:
    """Prices for everybody, customers and segments."""
    drawn = draw(
        st.lists(
            st.builds(
                PriceRecord,
                id=st.just("p"),
                product=products,
                price=euros(),
                customer=st.sampled_from(["", "", "acme"]),
                segment=st.sampled_from(["", "", "gold"]),
                valid_from=starts,
                valid_to=ends,
            ),
            max_size=5,
        )
    )
    fixed = [
        PriceRecord(id=f"p-{one}", product=one, price=Money(draw(money), "EUR"), valid_from=date(2025, 1, 1))
        for one in draw(st.sets(products, min_size=1))
    ]
    return [*fixed, *(attrs.evolve(record, id=f"p{number}") for number, record in enumerate(drawn))]


@st.composite
def price_rules(draw: Any, number: int) -> PriceRule:
    """A fixed price, or a price by a formula of steps."""
    kind = draw(st.sampled_from(["price", "percent", "formula"]))
    fields: dict[str, Any] = {"id": f"rule-{number}"}
    fields["key"] = draw(st.sampled_from([{}, {"line.product": "a"}, {"line.product": "b"}]))
    fields["min_quantity"] = number or None  # each its own, so that none tie
    fields["condition"] = draw(st.sampled_from(["", "customer.segment == 'gold'"]))
    if kind == "price":
        return PriceRule(**fields, price=draw(money))
    if kind == "percent":
        return PriceRule(**fields, percent_off=draw(st.decimals(-20, 100, places=2)))
    return PriceRule(
        **fields,
        margin_percent=draw(st.one_of(st.none(), st.decimals(0, 40, places=1))),
        percent_off=draw(st.decimals(0, 50, places=1)),
        round_to=draw(st.sampled_from([None, "0.05", "1"])),
        surcharge=draw(st.sampled_from([None, "-0.01", "2.50"])),
        floor=draw(st.sampled_from([None, "3"])),
    )


def tiers(draw: Any) -> list[TierRecord]:
    """Tiers of a product and of a family."""
    found = []
    for owner in draw(st.sets(st.sampled_from(["product a", "family f", "family g"]))):
        field, name = owner.split()
        for number, lower in enumerate(sorted(draw(st.sets(st.integers(0, 50), max_size=3)))):
            value = draw(st.one_of(percents, euros()))
            found.append(
                TierRecord(
                    id=f"{owner}-{number}",
                    lower=lower,
                    percent=value if isinstance(value, Percent) else None,
                    unit_price=value if isinstance(value, Money) else None,
                    **{field: name},
                )
            )
    return found


@st.composite
def standard_models(draw: Any) -> PricingModel:
    """Levels 1 and 2: the steps of the standard procedure and others, some of them left out."""
    maybe = st.booleans()
    free = FreeUnitsRule(
        id="free",
        product=draw(st.sampled_from(["", "a"])),
        goods=FreeGoods(
            per_quantity=draw(st.integers(3, 6)),
            free_quantity=draw(st.integers(1, 3)),
            mode=draw(st.sampled_from(["inclusive", "exclusive"])),
        ),
    )
    care = PercentOfTotal(product="d", percent=draw(st.decimals("0.01", 30, places=2).map(Percent)))
    middle = [
        step
        for step in (
            OptionExtras(id="options"),
            PriceListRules(id="price list", default=draw(st.sampled_from(["", "retail"]))),
            QuantityTiers(
                id="volume", scale=draw(st.sampled_from([ScaleType.ALL_UNITS, ScaleType.GRADUATED]))
            ),
            ManualPrices(id="by hand"),
            Discounts(id="line", rules=draw(rules("l"))),
            draw(roundings("first")) if draw(maybe) else Discounts(id="more", rules=draw(rules("m"))),
            FreeUnits(id="free", rules=(free,)),
            Terms(id="term"),
            SharesOfTotal(id="care", rules=(care,)),
        )
        if draw(maybe) and not (isinstance(step, RoundLines) and step.at is RoundedPart.DOCUMENT)
    ]
    late: list[Any] = []
    if draw(maybe):
        late.append(Promotions(id="promotions"))
    if draw(maybe):
        late.append(
            HeaderDiscounts(
                id="header",
                rules=draw(rules("h", st.one_of(of_document, conditions))),
                mode=draw(modes),
                tie=draw(st.sampled_from(TieTo)),
            )
        )
    promotions = [
        Promotion(id="spring", benefit=PercentOff(percent=draw(percents)), scope=PromotionScope.LINES)
    ]
    rules_of_list = [draw(price_rules(number)) for number in range(draw(st.integers(0, 4)))]
    kinds = {type(step) for step in (*middle, *late)}
    return PricingModel(
        procedure=PricingProcedure(
            id="standard",
            facts=FACTS,
            steps=(
                ListPrice(id="list", required=draw(maybe)),
                *middle,
                Subtotal(id="exact"),
                RoundLines(id="cents", mode=draw(modes)),
                *late,
            ),
        ),
        prices=list_prices(draw),
        tiers=tiers(draw) if QuantityTiers in kinds else (),
        options=[
            OptionRecord(
                id="red", product="a", attribute="color", value="red", extra=Money(draw(money), "EUR")
            )
        ]
        if OptionExtras in kinds
        else (),
        price_lists=PriceLists(lists=[PriceList(id="retail", currency="EUR", rules=rules_of_list)]),
        promotions=promotions if Promotions in kinds else (),
        catalogue=CATALOGUE,
        rates=RATES,
    )
