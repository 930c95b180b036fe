"""Workload P1: the net of single lines by 1,000 rules, against rule engines and against what pure Python could do at most.

A rule has a segment in 20 and a family in 50, some of them only one of the two or none, a minimum quantity, a validity, a
priority, and a percentage off or a fixed price. Of the rules that hold, the most specific counts (segment and family, then
family, then segment, then any), and of these the one of the highest priority. A line has its own segment, family, quantity,
day and list price, and is a request of its own; its net is rounded half up to the cent.

Peers find the rule, in the order that makes the first match the winner, and one arithmetic in whole numbers follows for all
of them, so that only the finding is compared. `limit` is a dict by key with whole numbers: no type checks, no messages, no
trace. `columnar` prices all lines by one call: Python lists become columns, and the answer a list of `Money`, in the time
that is measured. `grouped` is one request for the lines of a segment on a day. Every net of every contender is compared with it before anything is timed. Rounds are interleaved and the median
round counts; time is that of the process. The last table grows the rules to 100,000 and shows how flat the cost stays.

Tryton's price lists know neither validity nor priority; `pricing_tryton` compares with them on a workload of their own.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from statistics import median
from time import process_time
from typing import Any, NamedTuple

import rule_engine
import zen

from benchmarks._peers import versions
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import (
    Line,
    ListPrice,
    PriceListRules,
    Pricer,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundLines,
)
from salesmgmt.cpq.pricing.columnar import Column, Columnar
from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists
from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
from salesmgmt.cpq.pricing.selection.order import Criterion, SelectionOrder
from salesmgmt.cpq.products import Catalogue, Product

_SEGMENTS = 20
_PRODUCTS = 5_000
_GROUPED = 40_000
_ROUNDS = 5
_START = date(2026, 1, 1)
_CENT = Decimal("0.01")


class Rule(NamedTuple):
    segment: str
    family: str
    minimum: int
    start: int
    end: int
    priority: int
    tenths_off: int
    cents: int  # a fixed price; 0 when it is a percentage off


class OneLine(NamedTuple):
    product: int
    segment: str
    family: str
    quantity: int
    day: int
    cents: int


def _drawn(count: int, lines: int) -> tuple[list[Rule], list[OneLine], list[tuple[str, int]]]:
    """Rules, lines, and the family and list price of each product."""
    random = Random(count)
    families = count // _SEGMENTS
    priorities = random.sample(range(count * 10), count)
    rules = []
    for number in range(count):
        kind = random.random()
        start = random.randrange(200)
        is_fixed = random.random() < 0.3
        rules.append(
            Rule(
                segment=f"s{random.randrange(_SEGMENTS)}" if kind < 0.85 else "",
                family=f"f{random.randrange(families)}" if kind < 0.7 or 0.85 <= kind < 0.99 else "",
                minimum=random.choice((1, 2, 5, 10, 20, 50)),
                start=start,
                end=start + random.randrange(30, 366),
                priority=priorities[number],
                tenths_off=0 if is_fixed else random.randrange(1, 400),
                cents=random.randrange(100, 50_000) if is_fixed else 0,
            )
        )
    # Every family has a product.
    products = [
        (f"f{number % families}", random.randrange(100, 50_000)) for number in range(max(_PRODUCTS, families))
    ]
    drawn = []
    for _ in range(lines):
        product = random.randrange(len(products))
        family, cents = products[product]
        segment = f"s{random.randrange(_SEGMENTS)}"
        drawn.append(
            OneLine(product, segment, family, random.randrange(1, 100), random.randrange(365), cents)
        )
    return rules, drawn, products


def _ranked(rules: Sequence[Rule]) -> list[Rule]:
    """Best first, so that the first match wins."""
    return sorted(
        rules, key=lambda rule: (bool(rule.family), bool(rule.segment), rule.priority), reverse=True
    )


def _net(rule: Rule | None, line: OneLine) -> int:
    """Cents, half up."""
    if rule is None:
        return line.cents * line.quantity
    if rule.cents:
        return rule.cents * line.quantity
    return (line.cents * line.quantity * (1000 - rule.tenths_off) + 500) // 1000


def _limit(rules: Sequence[Rule], lines: Sequence[OneLine]) -> Callable[[], list[int]]:
    table: dict[tuple[str, str], list[tuple[int, int, int, int, int]]] = {}
    for rule in _ranked(rules):
        kept = 1000 - rule.tenths_off
        table.setdefault((rule.segment, rule.family), []).append(
            (rule.minimum, rule.start, rule.end, rule.cents, kept)
        )

    def price() -> list[int]:
        get = table.get
        found = []
        for _, segment, family, quantity, day, cents in lines:
            for key in ((segment, family), ("", family), (segment, ""), ("", "")):
                hit = None
                for minimum, start, end, fixed, kept in get(key, ()):
                    if minimum <= quantity and start <= day < end:
                        hit = fixed * quantity if fixed else (cents * quantity * kept + 500) // 1000
                        break
                if hit is not None:
                    found.append(hit)
                    break
            else:
                found.append(cents * quantity)
        return found

    return price


def _limit_in_decimal(rules: Sequence[Rule], lines: Sequence[OneLine]) -> Callable[[], list[int]]:
    """The same by key with `Decimal`, as an API of exact numbers takes them."""
    table: dict[tuple[str, str], list[tuple[Decimal, date, date, Decimal | None, Decimal]]] = {}
    for rule in _ranked(rules):
        table.setdefault((rule.segment, rule.family), []).append(
            (
                Decimal(rule.minimum),
                _START + timedelta(rule.start),
                _START + timedelta(rule.end),
                Decimal(rule.cents).scaleb(-2) if rule.cents else None,
                1 - Decimal(rule.tenths_off) / 1000,
            )
        )
    ready = [
        (
            line.segment,
            line.family,
            Decimal(line.quantity),
            _START + timedelta(line.day),
            Decimal(line.cents).scaleb(-2),
        )
        for line in lines
    ]

    def one(segment: str, family: str, quantity: Decimal, day: date, listed: Decimal) -> Decimal:
        for key in ((segment, family), ("", family), (segment, ""), ("", "")):
            for minimum, start, end, fixed, kept in table.get(key, ()):
                if minimum <= quantity and start <= day < end:
                    raw = quantity * (listed * kept if fixed is None else fixed)
                    return raw.quantize(_CENT, ROUND_HALF_UP)
        return (listed * quantity).quantize(_CENT, ROUND_HALF_UP)

    return lambda: [int(one(*line).scaleb(2)) for line in ready]


def _scan(rules: Sequence[Rule], lines: Sequence[OneLine]) -> Callable[[], list[int]]:
    ranked = _ranked(rules)

    def find(line: OneLine) -> Rule | None:
        for rule in ranked:
            if (
                rule.segment in ("", line.segment)
                and rule.family in ("", line.family)
                and rule.minimum <= line.quantity
                and rule.start <= line.day < rule.end
            ):
                return rule
        return None

    return lambda: [_net(find(line), line) for line in lines]


def _table_of(ranked: Sequence[Rule]) -> str:
    """A decision table as zen reads it."""
    columns = ["segment", "family", "quantity", "day"]
    rows = [
        {
            "_id": str(number),
            "segment": f"'{rule.segment}'" if rule.segment else "",
            "family": f"'{rule.family}'" if rule.family else "",
            "quantity": f">= {rule.minimum}",
            "day": f"[{rule.start}..{rule.end})",
            "rule": str(number),
        }
        for number, rule in enumerate(ranked)
    ]
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": name, "name": name, "field": name} for name in columns],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": rows,
    }
    return json.dumps(
        {
            "nodes": [
                {"id": "in", "type": "inputNode", "name": "in"},
                {"id": "table", "type": "decisionTableNode", "name": "table", "content": content},
                {"id": "out", "type": "outputNode", "name": "out"},
            ],
            "edges": [
                {"id": "1", "type": "edge", "sourceId": "in", "targetId": "table"},
                {"id": "2", "type": "edge", "sourceId": "table", "targetId": "out"},
            ],
        }
    )


def _facts(line: OneLine) -> dict[str, Any]:
    return {"segment": line.segment, "family": line.family, "quantity": line.quantity, "day": line.day}


def _zen_batch(rules: Sequence[Rule], lines: Sequence[OneLine]) -> Callable[[], list[int]]:
    ranked = _ranked(rules)
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"p1": json.loads(_table_of(ranked))}}})
    requests = [{"key": "p1", "context": _facts(line)} for line in lines]

    def price() -> list[int]:
        answers = engine.evaluate_batch(requests)
        return [
            _net(None if not (found := answer["data"]["result"]) else ranked[found["rule"]], line)
            for answer, line in zip(answers, lines, strict=True)
        ]

    return price


def _zen_single(rules: Sequence[Rule], lines: Sequence[OneLine]) -> Callable[[], list[int]]:
    ranked = _ranked(rules)
    decision = zen.ZenEngine().create_decision(_table_of(ranked))
    facts = [_facts(line) for line in lines]

    def price() -> list[int]:
        found = [decision.evaluate(one)["result"] for one in facts]
        return [
            _net(ranked[one["rule"]] if one else None, line) for one, line in zip(found, lines, strict=True)
        ]

    return price


def _rule_engine(rules: Sequence[Rule], lines: Sequence[OneLine]) -> Callable[[], list[int]]:
    """Rules put into buckets by key first: asked one after the other, it takes 40 times as long."""
    table: dict[tuple[str, str], list[tuple[Any, Rule]]] = {}
    for rule in _ranked(rules):
        text = f"quantity >= {rule.minimum} and day >= {rule.start} and day < {rule.end}"
        table.setdefault((rule.segment, rule.family), []).append((rule_engine.Rule(text), rule))
    facts = [_facts(line) for line in lines]

    def find(line: OneLine, known: dict[str, Any]) -> Rule | None:
        for key in ((line.segment, line.family), ("", line.family), (line.segment, ""), ("", "")):
            for asked, rule in table.get(key, ()):
                if asked.matches(known):
                    return rule
        return None

    return lambda: [_net(find(line, known), line) for line, known in zip(lines, facts, strict=True)]


def _pricer(rules: Sequence[Rule], products: Sequence[tuple[str, int]]) -> Pricer:
    listed = PriceList(
        id="p1",
        currency="EUR",
        rules=tuple(
            PriceRule(
                id=f"r{number}",
                key={
                    name: value
                    for name, value in (("customer.segment", rule.segment), ("line.family", rule.family))
                    if value
                },
                min_quantity=rule.minimum,
                valid_from=_START + timedelta(rule.start),
                valid_to=_START + timedelta(rule.end),
                priority=rule.priority,
                price=Decimal(rule.cents).scaleb(-2) if rule.cents else None,
                percent_off=None if rule.cents else Decimal(rule.tenths_off) / 10,
            )
            for number, rule in enumerate(rules)
        ),
    )
    order = SelectionOrder(criteria=(Criterion.SPECIFICITY, Criterion.PRIORITY))
    return PricingModel(
        procedure=PricingProcedure(
            id="p1",
            steps=(ListPrice(id="list"), PriceListRules(id="rules", default="p1"), RoundLines(id="cents")),
        ),
        prices=[
            PriceRecord(id=f"p{number}", product=f"p{number}", price=Money.from_minor(cents, "EUR"))
            for number, (_, cents) in enumerate(products)
        ],
        price_lists=PriceLists(lists=[listed], policy=PriceListPolicy(order=order)),
        catalogue=Catalogue(
            [Product(id=f"p{number}", family=family) for number, (family, _) in enumerate(products)]
        ),
    ).compile()


def _requests(lines: Sequence[OneLine]) -> list[PricingRequest]:
    return [
        PricingRequest(
            at=datetime.combine(_START + timedelta(line.day), time(12), UTC),
            currency="EUR",
            customer={"segment": line.segment},
            lines=[Line(f"p{line.product}", line.quantity)],
        )
        for line in lines
    ]


def _cents(money: object) -> int:
    assert isinstance(money, Money), money
    return int(money.amount.scaleb(2))


def _ours(pricer: Pricer, lines: Sequence[OneLine]) -> Callable[[], list[int]]:
    """Net amounts without a trace; the requests are made beforehand, as the peers' contexts are."""
    requests = _requests(lines)
    net_amounts = pricer.net_amounts
    return lambda: [_cents(net_amounts(request)[0]) for request in requests]


def _ours_traced(pricer: Pricer, lines: Sequence[OneLine]) -> Callable[[], list[int]]:
    """With the waterfall, every rule that did not apply, and the invariants checked."""
    requests = _requests(lines)
    price = pricer.price
    return lambda: [_cents(price(request).lines[0].net_amount) for request in requests]


def _ours_grouped(pricer: Pricer, lines: Sequence[OneLine]) -> tuple[Callable[[], list[int]], int]:
    """One request for the lines of a segment on a day, as a host prices a day's orders; and how many requests."""
    groups: dict[tuple[str, int], list[int]] = {}
    for place, line in enumerate(lines):
        groups.setdefault((line.segment, line.day), []).append(place)
    requests = [
        (
            PricingRequest(
                at=datetime.combine(_START + timedelta(day), time(12), UTC),
                currency="EUR",
                customer={"segment": segment},
                lines=[Line(f"p{lines[place].product}", lines[place].quantity) for place in places],
            ),
            places,
        )
        for (segment, day), places in groups.items()
    ]

    def price() -> list[int]:
        found = [0] * len(lines)
        for request, places in requests:
            for place, money in zip(places, pricer.net_amounts(request), strict=True):
                found[place] = _cents(money)
        return found

    return price, len(requests)


def _columnar(pricer: Pricer, lines: Sequence[OneLine]) -> Callable[[], list[Money | None]]:
    """From Python lists to a list of Money; the lists are turned into columns in the time that is measured."""
    columnar = Columnar(pricer)
    columns: dict[str, Column] = {
        "line.product": [f"p{line.product}" for line in lines],
        "line.quantity": [line.quantity for line in lines],
        "customer.segment": [line.segment for line in lines],
        "order.date": [_START + timedelta(line.day) for line in lines],
    }

    def price() -> list[Money | None]:
        result = columnar.net_amounts(columns, currency="EUR")
        assert not result.by_rows, result.reason
        return result.monies()

    return price


_Contender = tuple[Callable[[], Sequence[int | Money | None]], int]
"""What prices lines, and how many."""


def _timed(contenders: dict[str, _Contender]) -> dict[str, float]:
    """Microseconds a line, rounds interleaved; nothing but what a round makes itself is left to the collector."""
    rounds: dict[str, list[float]] = {name: [] for name in contenders}
    gc.collect()
    gc.freeze()
    for _ in range(_ROUNDS):
        for name, (price, count) in contenders.items():
            began = process_time()
            price()
            rounds[name].append((process_time() - began) / count * 1e6)
    gc.unfreeze()
    return {name: median(times) for name, times in rounds.items()}


def _check(contenders: dict[str, _Contender], wanted: Sequence[int]) -> None:
    """Compare every net amount of every contender."""
    for name, (price, size) in contenders.items():
        found = [one if isinstance(one, int) else _cents(one) for one in price()]
        assert found == wanted[:size], name


def main(count: int = 1_000) -> None:
    print(versions("zen-engine", "rule-engine", "numpy"))
    rules, lines, products = _drawn(count, _GROUPED)
    pricer = _pricer(rules, products)
    wanted = _limit(rules, lines)()
    grouped, requests = _ours_grouped(pricer, lines)
    several, few, fewer = lines[:4_000], lines[:400], lines[:100]
    contenders: dict[str, _Contender] = {
        "limit: dict, integers": (_limit(rules, several), len(several)),
        "limit: dict, Decimal": (_limit_in_decimal(rules, several), len(several)),
        "salesmgmt columnar, Money": (_columnar(pricer, several), len(several)),
        "salesmgmt net_amounts": (_ours(pricer, several), len(several)),
        "salesmgmt net_amounts, grouped": (grouped, len(lines)),
        "salesmgmt price, traced": (_ours_traced(pricer, few), len(few)),
        "naive scan": (_scan(rules, few), len(few)),
        "zen evaluate_batch": (_zen_batch(rules, few), len(few)),
        "zen evaluate": (_zen_single(rules, fewer), len(fewer)),
        "rule-engine, bucketed": (_rule_engine(rules, few), len(few)),
    }
    _check(contenders, wanted)
    cost = _timed(contenders)
    columnar, ours = cost["salesmgmt columnar, Money"], cost["salesmgmt net_amounts"]
    print(f"{'contender':<32}{'us a line':>10}   it takes so many times columnar, and net_amounts")
    for name, microseconds in cost.items():
        print(f"{name:<32}{microseconds:>10.2f}{microseconds / columnar:>10.2f}{microseconds / ours:>10.2f}")
    print(f"grouped: {len(lines) / requests:.1f} lines a request")
    print("\nrules, and us a line: columnar with Money, net_amounts, limit in integers")
    sizes = (1_000, 10_000, 100_000)
    grown: dict[str, _Contender] = {}
    for size in sizes:
        rules, lines, products = _drawn(size, 10_000)
        pricer = _pricer(rules, products)
        few = lines[:2_000]
        found: dict[str, _Contender] = {
            f"columnar {size}": (_columnar(pricer, lines), len(lines)),
            f"ours {size}": (_ours(pricer, few), len(few)),
            f"limit {size}": (_limit(rules, few), len(few)),
        }
        _check(found, _limit(rules, lines)())
        grown |= found
    times = _timed(grown)
    for size in sizes:
        row = [times[f"{name} {size}"] for name in ("columnar", "ours", "limit")]
        print(f"{size:>7,}" + "".join(f"{one:>10.2f}" for one in row))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
