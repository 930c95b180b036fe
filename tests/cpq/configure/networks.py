"""Networks to try the engine on: read from published data where that is at hand, and made up from a seed."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from salesmgmt.cpq.configure._search.constraint import Box, Constraint, Rows

DATA = Path(os.environ.get("SALESMGMT_DATA", Path(__file__).parents[4] / "shared" / "data")) / "configurator"
DIMACS = {
    "berkeleydb": "berkeleydb.dimacs",
    "eshop": "eshop_Lau2006.dimacs",
    "financialservices01": "financialservices01_2018-05-09.dimacs",
}


class Model(NamedTuple):
    """Variables and constraints as `Network` takes them."""

    full: tuple[int, ...]
    constraints: tuple[Constraint, ...]


def rows_of(variables: Sequence[int], rows: Iterable[Sequence[int]]) -> Rows:
    """A table; the cells of its rows are numbers of values."""
    support: tuple[dict[int, list[int]], ...] = tuple({} for _ in variables)
    count = 0
    for row in rows:
        for column, value in zip(support, row, strict=True):
            column.setdefault(1 << value, []).append(count)
        count += 1
    return Rows(
        tuple(variables),
        tuple({value: _bit_set(numbers) for value, numbers in column.items()} for column in support),
        (1 << count) - 1,
    )


def clauses_of(count: int, clauses: Iterable[Sequence[int]]) -> Model:
    """Yes or no for each of some variables, and clauses with literals as in DIMACS."""
    boxes = []
    for clause in clauses:
        literals = set(clause)
        if not any(-literal in literals for literal in literals):
            ordered = sorted(literals, key=abs)
            masks = tuple(1 if literal > 0 else 2 for literal in ordered)
            boxes.append(Box(tuple(abs(literal) - 1 for literal in ordered), masks))
    return Model((3,) * count, tuple(boxes))


def renault() -> Model | None:
    """CLib's tables of the Renault Megane; `None` without the data."""
    path = DATA / "renault.json.gz"
    if not path.exists():
        return None
    with gzip.open(path, "rt", encoding="utf-8") as file:
        document = json.load(file)
    numbers = {name: number for number, name in enumerate(document["domains"])}
    values = [{value: place for place, value in enumerate(each)} for each in document["domains"].values()]
    tables = []
    for table in document["constraints"]:
        scope = [numbers[name] for name in table["scope"]]
        tables.append(
            rows_of(
                scope,
                (
                    [values[variable][cell] for variable, cell in zip(scope, row, strict=True)]
                    for row in table["rows"]
                ),
            )
        )
    return Model(tuple((1 << len(each)) - 1 for each in values), tuple(tables))


def dimacs(name: str) -> Model | None:
    """One of the feature models of `DIMACS`; `None` without the data."""
    path = DATA / DIMACS[name]
    if not path.exists():
        return None
    count = 0
    clauses = []
    for line in path.read_text(encoding="utf-8").splitlines():
        match line.split():
            case ["p", "cnf", variables, _]:
                count = int(variables)
            case ["c", *_] | []:
                pass
            case [*literals]:
                clauses.append([int(literal) for literal in literals[:-1]])
    return clauses_of(count, clauses)


def bike(seed: int = 30) -> Model:
    """30 variables and 120 tables of 2 to 4 columns, with 25 products that all tables allow."""
    random = Random(seed)
    sizes = [random.randint(2, 8) for _ in range(30)]
    products = [[random.randrange(size) for size in sizes] for _ in range(25)]
    tables = []
    for _ in range(120):
        scope = random.sample(range(30), random.choice((2, 2, 3, 3, 4)))
        rows = {tuple(product[variable] for variable in scope) for product in products}
        for _ in range(random.randint(5, 60)):
            rows.add(tuple(random.randrange(sizes[variable]) for variable in scope))
        tables.append(rows_of(scope, sorted(rows)))
    return Model(tuple((1 << size) - 1 for size in sizes), tuple(tables))


def features(count: int = 2_513, clauses: int = 10_300, seed: int = 1) -> Model:
    """A feature model: a tree with mandatory, optional, `or` and alternative features, and constraints across it.

    A constraint across the tree is one that each of 40 random products of the tree satisfies.
    """
    random = Random(seed)
    found: list[list[int]] = [[1]]
    groups: list[tuple[int, str, list[int]]] = []
    made = 1
    parents = [1]
    while made < count:
        parent = parents.pop(random.randrange(min(len(parents), 8)))
        for _ in range(random.randint(1, 3)):
            kind = random.choices(("optional", "mandatory", "or", "alternative"), (5, 2, 2, 2))[0]
            size = min(
                random.randint(1, 4) if kind in ("optional", "mandatory") else random.randint(2, 9),
                count - made,
            )
            children = list(range(made + 1, made + size + 1))
            made += size
            parents += children
            groups.append((parent, kind, children))
    for parent, kind, children in groups:
        found += [[-child, parent] for child in children]
        if kind == "mandatory":
            found += [[-parent, child] for child in children]
        elif kind != "optional" and children:
            found.append([-parent, *children])
        if kind == "alternative":
            found += [[-one, -other] for place, one in enumerate(children) for other in children[:place]]
    products = [_product(groups, random) for _ in range(40)]
    while len(found) < clauses:
        size = random.choices((2, 3, 4), (6, 3, 1))[0]
        clause = [
            random.choice((-1, -1, 1)) * feature for feature in random.sample(range(2, count + 1), size)
        ]
        if all(any((abs(one) in product) == (one > 0) for one in clause) for product in products):
            found.append(clause)
    return clauses_of(count, found)


def _product(groups: Sequence[tuple[int, str, list[int]]], random: Random) -> set[int]:
    """The features of a random product; a parent stands before its children in the groups."""
    product = {1}
    for parent, kind, children in groups:
        if parent not in product or not children:
            continue
        if kind == "mandatory":
            product.update(children)
        elif kind == "optional":
            product.update(child for child in children if random.random() < 0.5)
        else:
            first = random.choice(children)
            product.add(first)
            if kind == "or":
                product.update(child for child in children if random.random() < 0.4)
    return product


def _bit_set(numbers: Sequence[int]) -> int:
    octets = bytearray(numbers[-1] // 8 + 1)
    for number in numbers:
        octets[number // 8] |= 1 << number % 8
    return int.from_bytes(octets, "little")
