"""A whole procedure, traced, against a bare loop that does only its lookups and its arithmetic.

Ten steps: a price by an access sequence of four keys, a percentage by a quantity scale, three discounts of which an exclusion
group leaves the best one, an amount off each unit, a surcharge, rounding to the cent, and two discounts on the document,
one a percentage and one an amount, shared exactly among the lines. Requests of 20 and of 1,000 lines, over 1,000 and over
100,000 records with validities.

The bare loop knows this procedure and nothing else: dicts by key, `Decimal`, no trace, no checks, no messages. The library
gives the waterfall of every line and checks its invariants. The net amounts of both are compared, line by line, before
anything is timed. Rounds are interleaved and the median round counts; time is that of the process.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from random import Random
from statistics import median
from time import process_time
from typing import Any, NamedTuple, TypeAlias

from benchmarks._peers import versions
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Access,
    ConditionRecord,
    ConditionType,
    ExclusionGroup,
    Line,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    RoundLines,
)
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier
from salesmgmt.cpq.products import Catalogue, Product

_ROUNDS = 5
_START = date(2026, 1, 1)
_DAY = date(2026, 6, 15)
_CENT = Decimal("0.01")
_SEGMENTS = 8

Key: TypeAlias = tuple[str, ...]

# The facts of each condition type, most specific first.
_ACCESSES: Mapping[str, tuple[Key, ...]] = {
    "price": (
        ("customer.id", "line.product"),
        ("customer.segment", "line.product"),
        ("customer.segment", "line.family"),
        ("line.product",),
    ),
    "volume": (("line.family",),),
    "contract": (("customer.id", "line.family"),),
    "segment": (("customer.segment", "line.family"), ("customer.segment",)),
    "campaign": (("line.product",),),
    "off-unit": (("line.product",),),
    "handling": (("line.family",),),
    "loyalty": (("customer.id",),),
    "bonus": (("customer.segment",),),
}
_RIVALS = ("contract", "segment", "campaign")


class Record(NamedTuple):
    """A value for a key, for some days; of a scale, percentages by lower bound."""

    type: str
    key: Mapping[str, str]
    value: Decimal
    start: date
    end: date
    scale: tuple[tuple[int, Decimal], ...] = ()


class Item(NamedTuple):
    product: str
    family: str
    quantity: int


class Document(NamedTuple):
    customer: str
    segment: str
    items: tuple[Item, ...]


def drawn_records(count: int) -> tuple[list[Record], dict[str, str]]:  # noqa: C901 - one draw after the other
    """About so many records, no two of a key and type at once, and the family of each product."""
    random = Random(count)
    products = {f"p{number}": f"f{random.randrange(max(4, count // 100))}" for number in range(count // 4)}
    families = sorted(set(products.values()))
    customers = [f"c{number}" for number in range(max(20, count // 50))]
    segments = [f"s{number}" for number in range(_SEGMENTS)]
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Record] = {}

    def add(type_: str, value: Decimal, scale: tuple[tuple[int, Decimal], ...] = (), **key: str) -> None:
        names = {name.replace("_", "."): one for name, one in key.items()}
        start = _START + timedelta(random.randrange(100))
        record = Record(type_, names, value, start, start + timedelta(random.randrange(100, 400)), scale)
        found[type_, tuple(sorted(names.items()))] = record

    def percent(most: int) -> Decimal:
        return Decimal(random.randrange(1, most * 10)) / 10

    for product in products:
        price = Decimal(random.randrange(500, 50_000)) / 100
        found["price", (("line.product", product),)] = Record(
            "price", {"line.product": product}, price, _START, _START + timedelta(365)
        )
        if random.random() < 0.4:
            add("campaign", percent(15), line_product=product)
        if random.random() < 0.3:
            add("off-unit", Decimal(random.randrange(1, 300)) / 100, line_product=product)
    for family in families:
        add("handling", percent(4), line_family=family)
        steps = tuple((lower, percent(12)) for lower in (0, 10, 50, 200))
        add("volume", Decimal(0), steps, line_family=family)
        for segment in segments:
            add("segment", percent(10), customer_segment=segment, line_family=family)
    for segment in segments:
        add("segment", percent(5), customer_segment=segment)
        add("bonus", Decimal(random.randrange(100, 2_000)) / 100, customer_segment=segment)
    for customer in customers:
        add("loyalty", percent(5), customer_id=customer)
    names = list(products)
    while len(found) < count:
        price = Decimal(random.randrange(500, 50_000)) / 100
        match random.randrange(8):
            case 0 | 1 | 2:
                add("price", price, customer_id=random.choice(customers), line_product=random.choice(names))
            case 3 | 4:
                add(
                    "price",
                    price,
                    customer_segment=random.choice(segments),
                    line_product=random.choice(names),
                )
            case 5:
                add(
                    "price",
                    price,
                    customer_segment=random.choice(segments),
                    line_family=random.choice(families),
                )
            case _:
                add(
                    "contract",
                    percent(15),
                    customer_id=random.choice(customers),
                    line_family=random.choice(families),
                )
    return list(found.values()), products


def drawn_document(records: Sequence[Record], products: Mapping[str, str], lines: int) -> Document:
    random = Random(lines)
    names = list(products)
    customers = sorted({record.key["customer.id"] for record in records if "customer.id" in record.key})
    items = []
    for _ in range(lines):
        product = random.choice(names)
        items.append(Item(product, products[product], random.choice((1, 2, 5, 12, 60, 250))))
    return Document(random.choice(customers), f"s{random.randrange(_SEGMENTS)}", tuple(items))


def bare_loop(records: Sequence[Record]) -> Callable[[Document], list[Decimal]]:  # noqa: C901 - calls would cost time
    """Only the lookups and the arithmetic."""
    tables: dict[str, list[tuple[Key, dict[Key, Record]]]] = {
        type_: [(access, {}) for access in accesses] for type_, accesses in _ACCESSES.items()
    }
    for record in records:
        for access, table in tables[record.type]:
            if record.key.keys() == set(access):
                table[tuple(record.key[name] for name in access)] = record
    scales = {
        id(record): ([lower for lower, _ in record.scale], [percent / 100 for _, percent in record.scale])
        for record in records
        if record.scale
    }

    def find(type_: str, facts: Mapping[str, str]) -> Record | None:
        for access, table in tables[type_]:
            record = table.get(tuple([facts[name] for name in access]))
            if record is not None and record.start <= _DAY < record.end:
                return record
        return None

    def price(document: Document) -> list[Decimal]:
        amounts = []
        facts = {"customer.id": document.customer, "customer.segment": document.segment}
        for product, family, quantity in document.items:
            facts["line.product"], facts["line.family"] = product, family
            found = find("price", facts)
            assert found is not None
            amount = found.value * quantity
            found = find("volume", facts)
            if found is not None:
                lowers, ratios = scales[id(found)]
                amount -= amount * ratios[bisect_right(lowers, quantity) - 1]
            best = max(
                [rival.value for type_ in _RIVALS if (rival := find(type_, facts)) is not None], default=None
            )
            if best is not None:
                amount -= amount * best / 100
            found = find("off-unit", facts)
            if found is not None:
                amount = max(amount - found.value * quantity, Decimal(0))
            found = find("handling", facts)
            if found is not None:
                amount += amount * found.value / 100
            amounts.append(amount.quantize(_CENT, ROUND_HALF_UP))
        found = find("loyalty", facts)
        if found is not None:
            off = (sum(amounts, Decimal(0)) * found.value / 100).quantize(_CENT, ROUND_HALF_UP)
            amounts = _less(amounts, off)
        found = find("bonus", facts)
        return amounts if found is None else _less(amounts, found.value)

    return price


def _less(amounts: list[Decimal], off: Decimal) -> list[Decimal]:
    """Take an amount off, shared by the amounts, with the remainder to the largest fractions."""
    weights = [int(amount.scaleb(2)) for amount in amounts]
    whole = sum(weights)
    units = min(int(off.scaleb(2)), whole)
    if not whole:
        return amounts
    shares, left = [], []
    for place, weight in enumerate(weights):
        share, rest = divmod(units * weight, whole)
        shares.append(share)
        left.append((-rest, place))
    for _, place in sorted(left)[: units - sum(shares)]:
        shares[place] += 1
    return [Decimal(weight - share).scaleb(-2) for weight, share in zip(weights, shares, strict=True)]


def by_the_library(records: Sequence[Record], products: Mapping[str, str]) -> Callable[..., list[Decimal]]:
    """The same procedure and records as a pricing model; a request is made for each question.

    A trace is written as rows, and its steps are made when they are first read: that is timed apart (`is_read`).
    """
    pricer = _model(records, products).compile()
    at = datetime.combine(_DAY, time(12), UTC)

    def price(document: Document, is_traced: bool, *, is_read: bool = False) -> list[Decimal]:
        request = PricingRequest(
            at=at,
            currency="EUR",
            customer={"id": document.customer, "segment": document.segment},
            lines=[Line(item.product, item.quantity) for item in document.items],
        )
        if is_traced:
            priced = pricer.price(request)
            if is_read:
                assert all(line.waterfall for line in priced.lines)
            return [line.net_amount.amount for line in priced.lines]
        return [_amount(answer) for answer in pricer.net_amounts(request)]

    return price


def _amount(answer: object) -> Decimal:
    assert isinstance(answer, Money), answer
    return answer.amount


def _model(records: Sequence[Record], products: Mapping[str, str]) -> PricingModel:
    def type_(name: str, kind: str, calculation: str) -> ConditionType:
        accesses = tuple(Access(fields=fields) for fields in _ACCESSES[name])
        return ConditionType(id=name, kind=kind, calculation=calculation, accesses=accesses)

    def step(name: str, **more: Any) -> PricingStep:
        return PricingStep(id=name, type_id=name, **more)

    return PricingModel(
        procedure=PricingProcedure(
            id="document",
            condition_types=(
                type_("price", "price", "set_price"),
                type_("volume", "discount", "percent_compound"),
                *(type_(name, "discount", "percent_compound") for name in _RIVALS),
                type_("off-unit", "discount", "amount_per_unit"),
                type_("handling", "surcharge", "percent_compound"),
                type_("loyalty", "discount", "percent_compound"),
                type_("bonus", "discount", "amount_per_document"),
            ),
            exclusion_groups=(ExclusionGroup(id="one discount", members=_RIVALS),),
            steps=(
                step("price", mandatory=True),
                step("volume"),
                *(step(name) for name in _RIVALS),
                step("off-unit"),
                step("handling"),
                RoundLines(id="cents"),
                step("loyalty", scope="document"),
                step("bonus", scope="document"),
            ),
        ),
        conditions=[_condition(number, record) for number, record in enumerate(records)],
        catalogue=Catalogue([Product(id=product, family=family) for product, family in products.items()]),
    )


def _condition(number: int, record: Record) -> ConditionRecord:
    is_amount = record.type in ("price", "off-unit", "bonus")
    scale = None
    if record.scale:
        scale = Scale(
            tiers=[Tier(lower=Decimal(lower), percent=Percent(percent)) for lower, percent in record.scale]
        )
    return ConditionRecord(
        id=f"r{number}",
        type=record.type,
        key=record.key,
        amount=Money(record.value, "EUR") if is_amount else None,
        percent=Percent(record.value) if not is_amount and scale is None else None,
        scale=scale,
        valid_from=record.start,
        valid_to=record.end,
    )


def main() -> None:
    print(versions())
    print(
        f"{'records':>8}{'lines':>7}{'bare loop':>12}{'net_amounts':>14}{'price, traced':>16}{'trace read':>13}   us a line, times the loop"
    )
    for count in (1_000, 100_000):
        records, products = drawn_records(count)
        bare, library = bare_loop(records), by_the_library(records, products)
        for lines in (20, 1_000):
            document = drawn_document(records, products, lines)
            repeats = max(1, 1_000 // lines)
            wanted = bare(document)
            for is_traced in (False, True):
                found = library(document, is_traced)
                wrong = sum(one != other for one, other in zip(wanted, found, strict=True))
                assert not wrong, (count, lines, is_traced, wrong)
            contenders: dict[str, Callable[[], object]] = {
                "bare": partial(bare, document),
                "net": partial(library, document, False),
                "traced": partial(library, document, True),
                "read": partial(library, document, True, is_read=True),
            }
            rounds: dict[str, list[float]] = {name: [] for name in contenders}
            for _ in range(_ROUNDS):
                for name, price in contenders.items():
                    began = process_time()
                    for _ in range(repeats):
                        price()
                    rounds[name].append((process_time() - began) / repeats / lines * 1e6)
            cost = {name: median(times) for name, times in rounds.items()}
            print(
                f"{count:>8,}{lines:>7,}{cost['bare']:>12.2f}{cost['net']:>14.2f}{cost['traced']:>16.2f}"
                f"{cost['read']:>13.2f}   {cost['net'] / cost['bare']:.2f}, {cost['traced'] / cost['bare']:.2f}, "
                f"{cost['read'] / cost['bare']:.2f}"
            )


if __name__ == "__main__":
    main()
