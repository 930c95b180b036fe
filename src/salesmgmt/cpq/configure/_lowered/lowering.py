"""A product model in flat names: attributes as variables, values as bits, rules as constraints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.findings import Finding
from salesmgmt.cpq.configure._linted.findings import error
from salesmgmt.cpq.configure._lowered.formulas import MOST_COMBINATIONS, NotASum, TooManyCombinations
from salesmgmt.cpq.configure._lowered.layout import Instance, Layout, Variable
from salesmgmt.cpq.configure._lowered.parts import bounded, clause
from salesmgmt.cpq.configure._lowered.rule_demands import demands_of
from salesmgmt.cpq.configure._search.constraint import Box, Constraint
from salesmgmt.cpq.configure.attribute import FreeText
from salesmgmt.cpq.configure.option_group import MultiSelect, OptionGroup
from salesmgmt.cpq.configure.rule import Demand, Structure

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.model import ProductModel


class CannotLower(Exception):
    """Some rules cannot be brought into constraints of bounded size."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        super().__init__()
        self.findings = tuple(findings)


@attrs.frozen
class Lowering:
    """A model in flat names.

    Attributes:
        layout: the variables, and the instances that they belong to.
        rules: what stands against values: the rules of the model, the rules of components, once for all instances,
            under `component.rule`, and what groups and components demand by themselves.
        constraints: what each of the rules comes to.
    """

    layout: Layout
    rules: tuple[Demand, ...]
    constraints: tuple[tuple[Constraint, ...], ...]

    @property
    def variables(self) -> Sequence[Variable]:
        """What has a value, in the order of the model."""
        return self.layout.variables

    @property
    def texts(self) -> Mapping[str, FreeText]:
        """The free texts by flat name; they are no variables. One of an instance that is absent has none."""
        return self.layout.texts

    @property
    def number(self) -> Mapping[str, int]:
        """The number of each variable, by its name."""
        return self.layout.number

    @property
    def full(self) -> tuple[int, ...]:
        """All bits of each variable."""
        return self.layout.full


def lower(model: ProductModel) -> Lowering:
    """Bring a model without errors into flat names.

    Raises:
        CannotLower: a formula is no sum where there must be one, or has too many combinations.
    """
    layout = Layout(model)
    faults: list[Finding] = []
    found: list[tuple[Demand, tuple[Constraint, ...]]] = []
    by_path: dict[tuple[str, ...], list[Instance]] = {}
    for instance in layout.instances:
        by_path.setdefault(tuple(component for component, _ in instance.path), []).append(instance)
    for path, instances in by_path.items():
        for rule in instances[0].model.every_rule:
            named = attrs.evolve(rule, id=".".join((*path, rule.id))) if path else rule
            try:
                demands = tuple(one for each in instances for one in demands_of(rule, each, layout))
            except (TooManyCombinations, NotASum) as fault:
                faults.append(_fault(named, fault))
            else:
                found.append((named, demands))
    if faults:
        raise CannotLower(faults)
    found += _structures(layout)
    rules, constraints = zip(*found, strict=True) if found else ((), ())
    return Lowering(layout, rules, constraints)


def _fault(rule: Demand, fault: TooManyCombinations | NotASum) -> Finding:
    if isinstance(fault, NotASum):
        return error(
            "no_sum",
            f"rules.{rule.id}",
            f"{fault.formula} is no sum",
            "write a sum of terms of one attribute each",
        )
    return error(
        "too_large",
        f"rules.{rule.id}",
        f"its formula has {fault.combinations} combinations of values, and is no comparison of sums",
        f"write it as sums, with larger steps, or as several rules; at most {MOST_COMBINATIONS}",
    )


def _structures(layout: Layout) -> Iterator[tuple[Demand, tuple[Constraint, ...]]]:
    """What groups and components demand by themselves."""
    for group, prefix, items in layout.groups:
        demands = tuple(_picks(layout, group, items))
        if demands:
            yield Structure(prefix + group.id, _picks_text(group, len(items))), demands
    for count, parts in layout.links:
        variable = layout.variables[count]
        demands = tuple(
            box for number, own in parts for one in own for box in _link(layout, count, number, one)
        )
        if demands:
            low, high = variable.values[0], variable.values[-1]
            yield Structure(variable.name, f"there are {low} to {high} of it, without gaps"), demands


def _picks(layout: Layout, group: MultiSelect | OptionGroup, items: Sequence[int]) -> Iterator[Constraint]:
    weights = {item: [*_picked(layout, item), *([0] if layout.absent[item] else [])] for item in items}
    lifted = {item: layout.absent[item] for item in items[:1]}
    yield from bounded(weights, group.min_picks, group.max_picks, lifted)


def _picked(layout: Layout, item: int) -> list[int]:
    return [0] + [1] * (len(layout.variables[item].values) - 1)


def _link(layout: Layout, count: int, number: int, part: int) -> Iterator[Box]:
    """A part is there exactly when there are at least `number` of them."""
    variable = layout.variables[count]
    enough = variable.present & -1 << max(0, number - int(variable.values[0]))
    absent = layout.absent[part]
    yield from clause({count: variable.full & ~enough, part: layout.full[part] & ~absent}, layout.full)
    yield from clause({count: enough, part: absent}, layout.full)


def _picks_text(group: MultiSelect | OptionGroup, size: int) -> str:
    most = size if group.max_picks is None else min(size, group.max_picks)
    if group.min_picks == most:
        return f"exactly {most} of {size} are picked"
    return f"{group.min_picks} to {most} of {size} are picked"
