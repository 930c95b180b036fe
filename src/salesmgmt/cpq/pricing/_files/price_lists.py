"""Price lists from a TOML file, and their rules from a CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, UnknownOption, shorten
from salesmgmt.core.exact import exact
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.cpq._sheet import (
    DAY_OR_INSTANT,
    FLAG,
    INTEGER,
    NUMBER,
    TEXT,
    Column,
    Row,
    Sheet,
    Unfit,
    choice,
    required,
)
from salesmgmt.cpq.pricing._files.reading import (
    Facts,
    named,
    read_definition,
    read_records,
    refuse_extremes,
    unknown,
)
from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists
from salesmgmt.cpq.pricing.price_lists.price_rule import (
    BasePrice,
    PriceRule,
    QuantityScope,
    Reference,
    RuleStep,
)

RULES = "price_rules.csv"
"""The file of the rules."""

_SHORT = {
    "product": "line.lineage",
    "category": "line.categories",
    "family": "line.family",
    "brand": "line.brand",
    "customer": "customer.id",
    "segment": "customer.segment",
}
"""Short names of the facts that keys name most."""

_APPLY_TO = "apply_to."

_FIGURE = Column(lambda text: exact(text.removesuffix("%")), "a plain number of percent such as 12.5")


def _steps(text: str) -> tuple[RuleStep, ...]:
    try:
        return tuple(RuleStep(part.strip()) for part in text.split(";") if part.strip())
    except ValueError:
        raise Unfit from None


_COLUMNS = {
    "list": required(TEXT),
    "id": TEXT,
    **dict.fromkeys(_SHORT, TEXT),
    "min_quantity": NUMBER,
    "max_quantity": NUMBER,
    "uom": TEXT,
    "valid_from": DAY_OR_INSTANT,
    "valid_to": DAY_OR_INSTANT,
    "priority": INTEGER,
    "min_amount": NUMBER,
    "max_amount": NUMBER,
    "quantity_scope": choice(QuantityScope),
    "base": choice(BasePrice),
    "base_price_list": TEXT,
    "price": NUMBER,
    "margin_percent": _FIGURE,
    "target_margin": _FIGURE,
    "percent_off": _FIGURE,
    "amount_off": NUMBER,
    "round_to": NUMBER,
    "round_mode": choice(RoundingMode),
    "ending": NUMBER,
    "surcharge": NUMBER,
    "min_margin": NUMBER,
    "max_margin": NUMBER,
    "floor": NUMBER,
    "ceiling": NUMBER,
    "steps": Column(_steps, f"some of {', '.join(RuleStep)}, parted by semicolons"),
    "combinable": FLAG,
    "per_quantity": NUMBER,
    "reference": choice(Reference),
    "free_product": TEXT,
    "free_quantity": NUMBER,
    "free_unit_price": NUMBER,
    "recursive": FLAG,
}

_FIELDS = frozenset({*_COLUMNS, "condition", "row"}.difference(_SHORT, ("list",)))


@attrs.frozen(kw_only=True)
class _PriceListsFile:
    preset: str = ""
    policy: PriceListPolicy | None = None
    lists: tuple[PriceList, ...]


@attrs.frozen
class _Placed:
    """A rule with the list that it is in."""

    list: str
    rule: PriceRule

    @property
    def id(self) -> str:
        return self.rule.id


def read_price_lists(file: Path, problems: list[Problem], *, rules: bool, facts: Facts) -> PriceLists | None:
    """The price lists of `price_lists.toml`; with the rules of `price_rules.csv` beside it, if there are `rules`.

    Args:
        file: the file of the lists.
        problems: where all faults are noted; then there may be no lists.
        rules: whether the file of the rules is there.
        facts: the facts that keys and conditions may name.
    """
    read = read_definition(file, _PriceListsFile, problems)
    known: Mapping[str, PriceList] | None = None
    policy = PriceListPolicy()
    if read is not None:
        known = _lists(read, file.name, problems)
        policy = _policy(read, file.name, problems)
    placed = _read_rules(file.with_name(RULES), problems, known, facts) if rules else ()
    if known is None:
        return None
    by_list: dict[str, list[PriceRule]] = {}
    for one in placed:
        by_list.setdefault(one.list, []).append(one.rule)
    lists = PriceLists(
        lists=tuple(
            attrs.evolve(one, rules=(*one.rules, *by_list[one.id])) if one.id in by_list else one
            for one in known.values()
        ),
        policy=policy,
    )
    problems += _standing(lists, file.name)
    return lists


MOST_BASES = 50
"""Lists that stand on each other at most."""


def _standing(lists: PriceLists, name: str) -> Iterator[Problem]:
    """Lists that are based on themselves, and towers of lists, in time that grows with the number of lists."""
    bases = {one.id: one.bases for one in lists.lists}
    above: dict[str, list[str]] = {}
    waiting = {}
    for list_, its in bases.items():
        waiting[list_] = sum(base in bases for base in its)
        for base in its:
            above.setdefault(base, []).append(list_)
    height = dict.fromkeys((list_ for list_, count in waiting.items() if not count), 0)
    ready = list(height)
    for base in ready:  # it grows while it is walked over
        for list_ in above.get(base, ()):
            height[list_] = max(height.get(list_, 0), height[base] + 1)
            waiting[list_] -= 1
            if not waiting[list_]:
                ready.append(list_)
    for position, one in enumerate(lists.lists):
        if not waiting[one.id] and height[one.id] == MOST_BASES:
            wanted = f"fewer than {MOST_BASES} lists below each other"
            yield Problem(f"{name}: lists[{position}].based_on", "too_deep", shorten(one.id), wanted)
    rings = {list_: its for list_, its in bases.items() if waiting[list_]}
    here = next(iter(rings), "")
    walked: dict[str, None] = {}
    while rings and here not in walked:
        walked[here] = None
        here = next(base for base in sorted(rings[here]) if base in rings)
    if rings:
        ring = (*list(walked)[list(walked).index(here) :], here)
        position = list(bases).index(here)
        found = shorten(" -> ".join(ring))
        yield Problem(f"{name}: lists[{position}].based_on", "cycle", found, "a list that stands alone")


def _lists(read: _PriceListsFile, name: str, problems: list[Problem]) -> Mapping[str, PriceList]:
    known: dict[str, PriceList] = {}
    for position, one in enumerate(read.lists):
        place = f"{name}: lists[{position}].id"
        if not one.id.strip():
            problems.append(Problem(place, "blank", shorten(one.id), "an id"))
        elif known.setdefault(one.id, one) is not one:
            problems.append(Problem(place, "duplicate", shorten(one.id), "each id once"))
    for position, one in enumerate(read.lists):
        place = f"{name}: lists[{position}]"
        if one.based_on and one.based_on not in known:
            problems.append(
                attrs.evolve(unknown("price list", one.based_on, known), path=f"{place}.based_on")
            )
        for number, rule in enumerate(one.rules):
            problems += _contradictions(rule, f"{place}.rules[{number}]")
            if rule.base_price_list and rule.base_price_list not in known:
                fault = unknown("price list", rule.base_price_list, known)
                problems.append(attrs.evolve(fault, path=f"{place}.rules[{number}].base_price_list"))
    refuse_extremes(f"{name}: lists", read.lists, problems)
    return known


def _contradictions(rule: PriceRule, path: str) -> list[Problem]:
    return [
        Problem(path, found.code, shorten(rule.id), "a rule that can work", f"{found.message}; {found.hint}")
        for found in rule.findings()
    ]


def _policy(read: _PriceListsFile, name: str, problems: list[Problem]) -> PriceListPolicy:
    if read.preset and read.policy is not None:
        problems.append(Problem(f"{name}: preset", "one_of", shorten(read.preset), "a preset or a policy"))
    elif read.preset:
        try:
            return PriceListPolicy.preset(read.preset)
        except UnknownOption as error:
            wanted = f"one of {', '.join(error.known)}"
            problems.append(Problem(f"{name}: preset", error.code, shorten(read.preset), wanted))
    return read.policy or PriceListPolicy()


def _read_rules(
    file: Path, problems: list[Problem], known: Mapping[str, PriceList] | None, facts: Facts
) -> tuple[_Placed, ...]:
    def further(name: str) -> Column | None:
        return facts.column(name.removeprefix(_APPLY_TO))

    sheet = Sheet(file, {**_COLUMNS, "condition": facts.condition}, further=further, names=facts.names)
    own = {} if known is None else {name: {rule.id for rule in one.rules} for name, one in known.items()}

    def make(row: Row) -> _Placed:
        cells = named(row, RULES)
        list_ = cells.pop("list")
        faults = [] if known is None else _misplaced(cells, list_, known, own)
        key, apply_to = dict[str, str](), dict[str, str]()
        for name in [name for name in cells if name not in _FIELDS]:
            fact, value = _SHORT.get(name, name), cells.pop(name)
            if fact in key:
                faults.append(Problem(name, "one_of", shorten(value), f"one value of {fact} in a row"))
            (apply_to if name.startswith(_APPLY_TO) else key)[fact.removeprefix(_APPLY_TO)] = value
        if not faults:
            rule = PriceRule(key=key, apply_to=apply_to, **cells)
            faults = _contradictions(rule, "id")
        if faults:
            raise InvalidInput("price rule", faults)
        return _Placed(list_, rule)

    found = read_records(sheet, make, key=lambda one: (one.list, one.id))
    problems += sheet.problems
    return found


def _misplaced(
    cells: Mapping[str, Any], list_: str, known: Mapping[str, PriceList], own: Mapping[str, set[str]]
) -> list[Problem]:
    """What is wrong with the lists that a rule names, and with its id among the rules that stand with the lists."""
    faults = []
    if list_ not in known:
        faults.append(attrs.evolve(unknown("price list", list_, known), path="list"))
    elif cells["id"] in own[list_]:
        faults.append(Problem("id", "duplicate", shorten(cells["id"]), "each id once in its list"))
    base = cells.get("base_price_list", "")
    if base and base not in known:
        faults.append(attrs.evolve(unknown("price list", base, known), path="base_price_list"))
    return faults
