"""Kinds about configurations: `configuration_*`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.core.money import Money
from salesmgmt.cpq.configure import (
    Attribute,
    Choice,
    ChoiceRefused,
    Configurator,
    Excludes,
    ProductModel,
    Requires,
    Rule,
    ValuePrices,
)
from tests.cases.case import Adapter, Case, Keys, Unsupported, number

Values = Mapping[str, str]


# --- the model of a case


def _attributes(given: Keys) -> dict[str, list[str]]:
    """The values by attribute, in the order of the case."""
    if "attributes_count" in given:
        count, each = int(given.number("attributes_count")), int(given.number("values_each"))
        return {f"a{place}": [f"v{value}" for value in range(each)] for place in range(count)}
    attributes: dict[str, list[str]] = given.take("attributes")
    return {name: attributes[name] for name in given.take("order", list(attributes))}


def _rules(rules: Iterable[Mapping[str, Any]], known: Mapping[str, Any], of: str | None) -> Iterator[Rule]:
    """The rules between known attributes; a one-way rule says nothing about the product on its `when` side."""
    for place, rule in enumerate(rules):
        keys = {"excludes": {"type", "pair"}}.get(rule["type"], {"type", "when", "values", "direction"})
        if rule["type"] not in ("excludes", "allows", "forbids") or set(rule) != keys:
            raise Unsupported(f"rule {rule}")
        if rule["type"] == "excludes":
            left, right = rule["pair"]
            yield from _exclusion(f"{place}", left, right, known)
            continue
        when, values = rule["when"], rule["values"]
        if rule["direction"] not in ("both", "one_way"):
            raise Unsupported(f"direction {rule['direction']}")
        silent = rule["direction"] == "one_way" and of in _products(when) and of not in _products(values)
        if silent or not set(when) | set(values) <= set(known):
            continue
        for name, listed in values.items():
            if rule["type"] == "allows":
                yield Requires(id=f"{place}.{name}", when=when, then={name: tuple(listed)})
            elif listed:
                yield Excludes(id=f"{place}.{name}", combination={**when, name: tuple(listed)})


def _exclusion(place: str, left: Values, right: Values, known: Mapping[str, Any]) -> Iterator[Rule]:
    clash = any(left[name] != right[name] for name in set(left) & set(right))  # nobody has both anyway
    if not clash and set(left) | set(right) <= set(known):
        yield Excludes(id=place, combination={**left, **right})


def _products(names: Iterable[str]) -> set[str]:
    return {name.rpartition(".")[0] for name in names}


def _configurator(
    case: Case, *, of: str | None = None, also: Iterable[str] = (), only: bool = False
) -> Configurator | None:
    """The product of a case, `None` when no combination is valid; `only` leaves out what is not of the product."""
    attributes = _attributes(case.given)
    rules, preference = case.given.take("rules"), case.given.take("preference", {})
    if only and of is not None:
        kept = {name for name in attributes if name.startswith(f"{of}.")} | set(also)
        attributes = {name: values for name, values in attributes.items() if name in kept}
    for name, first in preference.items():
        if name in attributes:
            attributes[name] = [*first, *(value for value in attributes[name] if value not in first)]
    model = ProductModel(
        id="case",
        attributes=tuple(Attribute(name, tuple(values)) for name, values in attributes.items()),
        rules=tuple(_rules(rules, attributes, of)),
    )
    try:
        return model.compile()
    except InvalidDefinition as error:
        if [finding.code for finding in error.findings] == ["void"]:
            return None
        raise


# --- the kinds


def _within(case: Case, started: float, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer that says whether it took no longer than it may."""
    if "max_seconds" in case.expect:
        taken, most = time.perf_counter() - started, case.expect["max_seconds"]
        answer["max_seconds"] = most if taken <= number(most) else taken
    return answer


def count(case: Case) -> dict[str, Any]:
    of, context = case.when.take("of", None), case.when.take("context", {})
    product = _configurator(case, of=of, also=context, only=True)
    if product is None:
        return {"valid_combinations": 0}
    try:
        return {"valid_combinations": product.start(context).count()}
    except ChoiceRefused:
        return {"valid_combinations": 0}


def enumerate_(case: Case) -> dict[str, Any]:
    product, selection = _configurator(case), case.when.take("selection", {})
    try:
        solutions = [] if product is None else [*product.start(selection).solutions()]
    except ChoiceRefused:
        solutions = []
    return {"combinations": [list(solution.values()) for solution in solutions]}


def first(case: Case) -> dict[str, Any]:
    started = time.perf_counter()
    product = _configurator(case)
    combination = None if product is None else product.start().complete().selection
    answer: dict[str, Any] = {"combination": combination}
    if "valid_combinations" in case.expect:
        answer["valid_combinations"] = 0 if product is None else product.count()
    return _within(case, started, answer)


def complete_with_defaults(case: Case) -> dict[str, Any]:
    started = time.perf_counter()
    product, selection = _configurator(case), case.when.take("selection")
    try:
        combination = None if product is None else product.start(selection).complete().selection
    except ChoiceRefused:
        combination = None
    return _within(case, started, {"combination": combination})


def valid(case: Case) -> dict[str, Any]:
    of, context = case.when.take("of", None), case.when.take("context", {})
    selection = case.when.take("selection")
    product = _configurator(case, of=of, also=context, only=True)
    if product is None:
        return {"valid": False}
    try:
        conflict = product.check({**context, **selection}).conflict
    except InvalidInput as error:
        unknown = frozenset(f"{problem.path}={selection[problem.path]}" for problem in error.problems)
        return {"valid": False, "conflict": unknown}
    if conflict is None:
        return {"valid": True, "conflict": frozenset()}
    return {"valid": False, "conflict": frozenset(map(_pair, (conflict.asked, *conflict.choices)))}


def complete(case: Case) -> dict[str, Any]:
    product, selection = _configurator(case), case.when.take("selection")
    if product is None:
        raise Unsupported("a model without any valid combination")
    verdict = product.check(selection)
    answer: dict[str, Any] = {"complete": verdict.is_complete, "missing": frozenset(verdict.missing)}
    if verdict.is_valid:
        answer["domains"] = _lists(product.start(selection).domains)
    return answer


def domains(case: Case) -> dict[str, Any]:
    selection = case.when.take("selection")
    found = {}
    for of in _products(_attributes(case.given)):
        product = _configurator(case, of=of)
        if product is None:
            raise Unsupported("a model without any valid combination")
        said = _lists(product.start(selection).domains)
        found.update({name: values for name, values in said.items() if _products([name]) == {of}})
    return {"domains": found}


def repair(case: Case) -> dict[str, Any]:
    product, selection = _configurator(case), case.when.take("selection")
    repairs = () if product is None else product.repairs(selection, keep=case.when.take("keep", ()), limit=1)
    if not repairs:
        return {"combination": None}
    changed = frozenset(choice.attribute for choice in repairs[0].given_up)
    return {"combination": repairs[0].configuration.complete().selection, "changed": changed}


def change(case: Case) -> dict[str, Any]:
    """Blocked is what no change of other choices makes possible."""
    product, to = _configurator(case), case.when.take("to")
    selection = {**case.when.take("selection"), **to}
    repairs = () if product is None else product.repairs(selection, keep=to, limit=1)
    if not repairs:
        return {"blocked": True, "proposal": None, "must_change": frozenset()}
    return {
        "blocked": False,
        "proposal": repairs[0].configuration.complete().selection,
        "must_change": frozenset(choice.attribute for choice in repairs[0].given_up),
    }


def price(case: Case) -> dict[str, Any]:
    selection: Values = case.when.take("selection")
    extras: dict[str, dict[str, Money]] = {}
    for pair, amount in case.given.take("price_extra").items():
        name, _, value = pair.partition("=")
        extras.setdefault(name, {})[value] = Money(number(amount), "EUR")
    values = {name: list(known) for name, known in extras.items()}
    for name, value in selection.items():
        if value not in values.setdefault(name, []):
            values[name].append(value)
    model = ProductModel(
        id="case", attributes=tuple(Attribute(name, tuple(known)) for name, known in values.items())
    )
    prices = ValuePrices(Money(case.given.number("base_price"), "EUR"), extras)
    unit_price = model.compile(prices=prices).start(selection).price
    return {"unit_price": None if unit_price is None else unit_price.amount}


def _pair(choice: Choice) -> str:
    return f"{choice.attribute}={choice.value}"


def _lists(known: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in known.items()}


ADAPTERS: dict[str, Adapter] = {
    "configuration_count": count,
    "configuration_enumerate": enumerate_,
    "configuration_first": first,
    "configuration_complete_with_defaults": complete_with_defaults,
    "configuration_valid": valid,
    "configuration_complete": complete,
    "configuration_domains": domains,
    "configuration_repair": repair,
    "configuration_change": change,
    "configuration_price": price,
}
