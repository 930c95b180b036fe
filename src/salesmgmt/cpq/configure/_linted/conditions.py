"""Conditions as restrictions of what is possible, to ask whether any valid product meets them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from salesmgmt.cpq.configure._compiled import Compiled
from salesmgmt.cpq.configure._lowered.rule_demands import Scope, choices_of_instances
from salesmgmt.cpq.configure._search.constraint import Box, Constraint
from salesmgmt.cpq.configure.cell import OneOf

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.model import ProductModel

Restriction: TypeAlias = tuple[list[int], list[Constraint]]
"""The values that are left, and what must hold besides."""


class Conditions:
    """Conditions over the names of a model."""

    def __init__(self, model: ProductModel, compiled: Compiled) -> None:
        self._model = model
        self._layout = compiled.lowering.layout

    def of_cells(self, cells: Mapping[str, OneOf]) -> Iterator[Restriction]:
        """All cells hold; one restriction for each choice of instances."""
        for scope in self._scopes(tuple(cells)):
            domains = list(self._layout.full)
            for name, cell in cells.items():
                variable = scope.variable(name)
                domains[variable] &= scope.mask(variable, cell)
            yield domains, []

    def of_formula(self, text: str) -> Iterator[Restriction]:
        """A formula holds; one restriction for each choice of instances. Raises `TooManyCombinations`."""
        formula = self._model.names.formula(text)
        for scope in self._scopes(tuple(formula.names)):
            domains, extra = list(self._layout.full), []
            for name in formula.names:
                for variable in scope.reading(name).variables:
                    domains[variable] &= ~self._layout.absent[variable]
            for demand in scope.holds(formula.tree, text):
                if isinstance(demand, Box) and len(demand.variables) == 1:
                    domains[demand.variables[0]] &= ~demand.masks[0]
                else:
                    extra.append(demand)
            yield domains, extra

    def _scopes(self, names: tuple[str, ...]) -> Iterator[Scope]:
        root = self._layout.instances[0]
        for chosen in choices_of_instances(root, names):
            yield Scope(root, self._layout, chosen)
