"""What can be wrong with the attributes of a product model, before anything is expanded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding
from salesmgmt.cpq.configure._linted.findings import error, ids, unknown_value, warning
from salesmgmt.cpq.configure.attribute import Attribute, FreeText, YesNo
from salesmgmt.cpq.configure.number_attribute import DecimalNumber, WholeNumber
from salesmgmt.cpq.configure.option_group import MultiSelect, Option, OptionGroup

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.model import AnyAttribute, Component, ProductModel

MOST_VALUES = 10_000
"""Values of one attribute, options of one group."""

MOST_ATTRIBUTES = 20_000
"""Attributes and options when every instance of every component counts."""

MOST_VALUES_IN_ALL = 200_000
"""Values of all of them together."""

DEEPEST = 8
"""Components inside each other."""

_LONGEST_TEXT = 100_000
_LARGEST = Decimal(10) ** 15
_FINEST = Decimal(10) ** -9

UNSAFE = frozenset({"too_large", "too_deep", "range", "picks"})
"""Findings after which nothing may be expanded any more."""


@attrs.frozen
class _Size:
    attributes: int
    values: int


def lint_attributes(model: ProductModel) -> Iterator[Finding]:
    """Everything that is wrong with attributes, those of components included."""
    written = _written(model, 1, {})
    if written > MOST_ATTRIBUTES:
        yield error("too_large", "attributes", f"there are {written}", f"give at most {MOST_ATTRIBUTES}")
        return
    yield from _of_model(model, "", 1)


def size_findings(model: ProductModel) -> Iterator[Finding]:
    """Whether a model whose attributes are sound is small enough to be expanded."""
    size = _size(model)
    if size.attributes > MOST_ATTRIBUTES:
        yield error(
            "too_large",
            "attributes",
            f"there are {size.attributes} attributes when every instance counts",
            f"give at most {MOST_ATTRIBUTES}",
        )
    elif size.values > MOST_VALUES_IN_ALL:
        yield error(
            "too_large", "attributes", f"there are {size.values} values", f"give at most {MOST_VALUES_IN_ALL}"
        )


def _of_model(model: ProductModel, place: str, depth: int) -> Iterator[Finding]:
    where = f"{place}attributes"
    if all(isinstance(attribute, FreeText) for attribute in model.attributes):
        yield error(
            "no_attributes", where, "there is nothing to choose", "give at least one attribute with values"
        )
    yield from ids(where, (attribute.id for attribute in model.attributes))
    owners = {attribute.id for attribute in model.attributes if not isinstance(attribute, _PLAIN)}
    for attribute in model.attributes:
        own = f"{where}.{attribute.id}"
        inside = next((owner for owner in owners if attribute.id.startswith(f"{owner}.")), None)
        if inside is not None:
            yield error("id", own, f"the id lies within {shorten(inside)}", "give it another id")
        yield from _of_attribute(attribute, own, depth)


def _of_attribute(attribute: AnyAttribute, where: str, depth: int) -> Iterator[Finding]:  # noqa: C901 - a table of kinds
    match attribute:
        case Attribute():
            yield from _values(attribute.values, where)
            if attribute.default is not None and attribute.default not in attribute.values:
                yield unknown_value(where, attribute.default, attribute.values)
        case WholeNumber() | DecimalNumber():
            yield from _range(attribute, where)
        case FreeText():
            if not 1 <= attribute.max_length <= _LONGEST_TEXT:
                yield error(
                    "range",
                    where,
                    f"max_length is {shorten(attribute.max_length)}",
                    f"give 1 to {_LONGEST_TEXT} characters",
                )
        case YesNo():
            pass
        case MultiSelect():
            yield from _values(attribute.values, where)
            for value in attribute.defaults[:MOST_VALUES]:
                if value not in attribute.values:
                    yield unknown_value(f"{where}.defaults", value, attribute.values)
            yield from _picks(attribute, len(attribute.values), where)
        case OptionGroup():
            yield from _options(attribute, where)
        case _:
            yield from _component(attribute, where, depth)


_PLAIN = (Attribute, WholeNumber, DecimalNumber, YesNo, FreeText)


def _values(values: tuple[str, ...], where: str) -> Iterator[Finding]:
    if not values:
        yield error("no_values", where, "it has no values", "give at least one value")
    if len(values) > MOST_VALUES:
        yield error("too_large", where, f"it has {len(values)} values", f"give at most {MOST_VALUES}")
        return
    for value, count in Counter(values).items():
        if count > 1 or not value.strip():
            yield error(
                "duplicate_value",
                where,
                f"the value {shorten(value)} is blank or stands there twice",
                "give each value once",
            )


def _range(attribute: WholeNumber | DecimalNumber, where: str) -> Iterator[Finding]:
    bounds = {"low": attribute.low, "high": attribute.high, "step": attribute.step}
    for name, bound in bounds.items():
        if not -_LARGEST <= bound <= _LARGEST or Decimal(bound) % _FINEST:
            yield error(
                "range",
                where,
                f"{name} is {shorten(bound)}",
                "give numbers up to 10^15 with at most 9 decimals",
            )
            return
    if attribute.step <= 0:
        yield error("range", where, f"step is {attribute.step}", "give a step above 0")
    elif attribute.low > attribute.high:
        yield error("range", where, f"low {attribute.low} is above high {attribute.high}", "exchange them")
    elif attribute.size > MOST_VALUES:
        yield error(
            "too_large",
            where,
            f"it has {attribute.size} values",
            f"give at most {MOST_VALUES}: a larger step, or a smaller range",
        )
    elif attribute.initial is not None and attribute.initial not in attribute.values:
        yield unknown_value(where, attribute.initial, attribute.values[:20])


def _picks(group: MultiSelect | OptionGroup, size: int, where: str) -> Iterator[Finding]:
    most = size if group.max_picks is None else group.max_picks
    if group.min_picks < 0 or most < 0:
        yield error("picks", where, "the number of picks is negative", "give 0 or more")
    elif group.min_picks > most:
        yield error(
            "picks",
            where,
            f"min_picks {shorten(group.min_picks)} is above "
            f"{'the number of values' if group.max_picks is None else 'max_picks'} {shorten(most)}",
            "lower min_picks, or raise max_picks",
        )
    elif group.min_picks > size:
        yield error(
            "picks",
            where,
            f"min_picks {shorten(group.min_picks)} is above the {size} that there are",
            "lower min_picks",
        )


def _options(group: OptionGroup, where: str) -> Iterator[Finding]:
    if not group.options:
        yield error("no_values", where, "it has no options", "give at least one option")
    if len(group.options) > MOST_VALUES:
        yield error("too_large", where, f"it has {len(group.options)} options", f"give at most {MOST_VALUES}")
        return
    yield from ids(f"{where}.options", (option.key for option in group.options))
    yield from _picks(group, len(group.options), where)
    for option in group.options:
        yield from _option(option, f"{where}.options.{option.key}")


def _option(option: Option, where: str) -> Iterator[Finding]:
    if not option.product.strip():
        yield error("no_product", where, "it names no product", "name a product of the catalogue")
    low, high = option.min_quantity, option.max_quantity
    if not 1 <= low <= high <= MOST_VALUES:
        yield error(
            "range",
            where,
            f"the quantity goes from {shorten(low)} to {shorten(high)}",
            f"give a range within 1 to {MOST_VALUES}",
        )
    elif option.default != 0 and not low <= option.default <= high:
        yield error(
            "unknown_value",
            where,
            f"the default {shorten(option.default)} is no quantity of it",
            f"give 0, or {low} to {high}",
        )


def _component(component: Component, where: str, depth: int) -> Iterator[Finding]:
    low, high = component.min_count, component.max_count
    if depth >= DEEPEST:
        yield error(
            "too_deep", where, f"components lie {DEEPEST} deep inside each other", "flatten the model"
        )
        return
    if not 0 <= low <= high:
        yield error(
            "range", where, f"the count goes from {shorten(low)} to {shorten(high)}", "give 0 <= min <= max"
        )
    elif high > MOST_VALUES:
        yield error("too_large", where, f"there can be {shorten(high)}", f"give at most {MOST_VALUES}")
    elif component.default is not None and not low <= component.default <= high:
        yield error(
            "unknown_value",
            where,
            f"the default {shorten(component.default)} is no count of it",
            f"give {low} to {high}",
        )
    if component.model.questions:
        yield warning(
            "component_questions",
            f"{where}.model.questions",
            "the questions of a component are not asked",
            "ask them in the model of the product",
        )
    yield from _of_model(component.model, f"{where}.model.", depth + 1)


def _written(model: ProductModel, depth: int, known: dict[tuple[int, int], int]) -> int:
    """How many attributes there are as they are written; a model that several components share counts for each."""
    if depth > DEEPEST:
        return 0
    key = (id(model), depth)
    if key not in known:
        inside = (
            _written(attribute.model, depth + 1, known)
            for attribute in model.attributes
            if not isinstance(attribute, (*_PLAIN, MultiSelect, OptionGroup))
        )
        known[key] = len(model.attributes) + sum(inside)
    return known[key]


def _size(model: ProductModel) -> _Size:
    attributes = values = 0
    for attribute in model.attributes:
        match attribute:
            case FreeText():
                attributes += 1
            case YesNo():
                attributes, values = attributes + 1, values + 2
            case Attribute():
                attributes, values = attributes + 1, values + len(attribute.values)
            case WholeNumber() | DecimalNumber():
                attributes, values = attributes + 1, values + attribute.size
            case MultiSelect():
                attributes, values = attributes + len(attribute.values), values + 2 * len(attribute.values)
            case OptionGroup():
                attributes += len(attribute.options)
                values += sum(option.max_quantity + 1 for option in attribute.options)
            case _:
                inner = _size(attribute.model)
                attributes += 1 + attribute.max_count * inner.attributes
                values += 1 + attribute.max_count * (1 + inner.values)
    return _Size(attributes, values)
