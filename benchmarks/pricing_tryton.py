"""Price lists against Tryton 8.2: 20 lists of 50 families, a minimum quantity and a percentage off each.

Tryton's own workload, because its price list lines know a category, a quantity and a formula, and neither validity nor
priority: a line of the first list that matches, in order, gives the unit price. It runs in one process on SQLite in memory;
everything is read once before it is timed, so that only its computing counts. Every net is compared. Rounds are interleaved
and the median round counts; time is that of the process.
"""

from __future__ import annotations

import os
import warnings

os.environ["DB_NAME"] = ":memory:"

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from statistics import median
from time import process_time
from typing import Any, NamedTuple

from benchmarks._peers import versions
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import (
    Line,
    ListPrice,
    PriceListRules,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundLines,
)
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists
from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
from salesmgmt.cpq.products import Catalogue, Product

_LISTS, _FAMILIES, _PRODUCTS, _LINES = 20, 50, 500, 1_000
_ROUNDS = 5
_CENT = Decimal("0.01")


class Workload(NamedTuple):
    rules: list[list[tuple[int, int]]]  # by list and family: minimum quantity, percent off
    products: list[tuple[int, Decimal]]  # family, list price
    lines: list[tuple[int, int, int]]  # list, product, quantity


def _drawn() -> Workload:
    random = Random(82)
    return Workload(
        [
            [(random.choice((1, 5, 10, 50)), random.randrange(1, 40)) for _ in range(_FAMILIES)]
            for _ in range(_LISTS)
        ],
        [(number % _FAMILIES, Decimal(random.randrange(100, 50_000)) / 100) for number in range(_PRODUCTS)],
        [
            (random.randrange(_LISTS), random.randrange(_PRODUCTS), random.randrange(1, 100))
            for _ in range(_LINES)
        ],
    )


def _ours(work: Workload) -> Callable[[], list[Decimal]]:
    lists = [
        PriceList(
            id=f"l{number}",
            currency="EUR",
            rules=tuple(
                PriceRule(
                    id=f"r{family}",
                    key={"line.family": f"f{family}"},
                    min_quantity=minimum,
                    percent_off=percent,
                )
                for family, (minimum, percent) in enumerate(rules)
            ),
        )
        for number, rules in enumerate(work.rules)
    ]
    pricer = PricingModel(
        procedure=PricingProcedure(
            id="lists", steps=(ListPrice(id="list"), PriceListRules(id="rules"), RoundLines(id="cents"))
        ),
        prices=[
            PriceRecord(id=f"p{number}", product=f"p{number}", price=Money(price, "EUR"))
            for number, (_, price) in enumerate(work.products)
        ],
        price_lists=PriceLists(lists=lists),
        catalogue=Catalogue(
            [
                Product(id=f"p{number}", family=f"f{family}")
                for number, (family, _) in enumerate(work.products)
            ]
        ),
    ).compile()
    now = datetime(2026, 3, 2, tzinfo=UTC)
    requests = [
        PricingRequest(at=now, currency="EUR", price_list=f"l{which}", lines=[Line(f"p{product}", quantity)])
        for which, product, quantity in work.lines
    ]

    def price() -> list[Decimal]:
        answers = [pricer.net_amounts(request)[0] for request in requests]
        return [answer.amount for answer in answers if isinstance(answer, Money)]

    return price


def _theirs(work: Workload, pool: Any) -> Callable[[], list[Decimal]]:
    (unit,) = pool.get("product.uom").search([("name", "=", "Unit")])
    categories = pool.get("product.category").create([{"name": f"f{number}"} for number in range(_FAMILIES)])
    templates = pool.get("product.template").create(
        [
            {
                "name": f"p{number}",
                "type": "goods",
                "list_price": price,
                "default_uom": unit.id,
                "categories": [("add", [categories[family].id])],
                "products": [("create", [{}])],
            }
            for number, (family, price) in enumerate(work.products)
        ]
    )
    lists = pool.get("product.price_list").create(
        [
            {
                "name": f"l{number}",
                "price": "list_price",
                "lines": [
                    (
                        "create",
                        [
                            *(
                                {
                                    "category": categories[family].id,
                                    "quantity": float(minimum),
                                    "formula": f"unit_price * Decimal('{Decimal(100 - percent) / 100}')",
                                    "sequence": family,
                                }
                                for family, (minimum, percent) in enumerate(rules)
                            ),
                            {"formula": "unit_price", "sequence": _FAMILIES},
                        ],
                    )
                ],
            }
            for number, rules in enumerate(work.rules)
        ]
    )
    asked = [
        (lists[which], templates[product].products[0], quantity) for which, product, quantity in work.lines
    ]

    def price() -> list[Decimal]:
        return [
            (one.compute(product, float(quantity), unit) * quantity).quantize(_CENT, ROUND_HALF_UP)
            for one, product, quantity in asked
        ]

    return price


def main() -> None:
    print(versions("trytond", "trytond-product-price-list"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import trytond.config  # noqa: PLC0415 - the database is chosen before the rest is imported

        trytond.config.set("database", "uri", "sqlite://")
        from trytond.pool import Pool  # noqa: PLC0415
        from trytond.tests.test_tryton import activate_module, with_transaction  # noqa: PLC0415
        from trytond.transaction import Transaction  # noqa: PLC0415

        activate_module(["product_price_list"])
    work = _drawn()

    def compare() -> None:
        pool = Pool()
        (currency,) = pool.get("currency.currency").create([{"name": "euro", "symbol": "EUR", "code": "EUR"}])
        (party,) = pool.get("party.party").create([{"name": "seller"}])
        (company,) = pool.get("company.company").create([{"party": party.id, "currency": currency.id}])
        with Transaction().set_context(company=company.id):
            contenders = {"salesmgmt net_amounts": _ours(work), "Tryton price list": _theirs(work, pool)}
            ours, theirs = (price() for price in contenders.values())
            assert ours == theirs
            rounds: dict[str, list[float]] = {name: [] for name in contenders}
            for _ in range(_ROUNDS):
                for name, price in contenders.items():
                    began = process_time()
                    price()
                    rounds[name].append((process_time() - began) / _LINES * 1e6)
        cost = {name: median(times) for name, times in rounds.items()}
        ours_cost = cost["salesmgmt net_amounts"]
        for name, microseconds in cost.items():
            print(f"{name:<24}{microseconds:>9.1f} us a line   {ours_cost / microseconds:.3f}")

    with_transaction()(compare)()


if __name__ == "__main__":
    main()
