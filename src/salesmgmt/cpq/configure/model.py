"""A configurable product as data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import attrs

from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.cpq.configure._lowered.lowering import Lowering, lower
from salesmgmt.cpq.configure._lowered.names import Names
from salesmgmt.cpq.configure.attribute import Attribute, FreeText, YesNo
from salesmgmt.cpq.configure.backend import Backend
from salesmgmt.cpq.configure.configurator import Configurator
from salesmgmt.cpq.configure.formula_rule import Derivation
from salesmgmt.cpq.configure.lint import MAX_STEPS, Checked, check, deeper
from salesmgmt.cpq.configure.number_attribute import DecimalNumber, WholeNumber
from salesmgmt.cpq.configure.option_group import MultiSelect, Option, OptionGroup, Pick
from salesmgmt.cpq.configure.questions import Question
from salesmgmt.cpq.configure.rule import Rule
from salesmgmt.cpq.configure.soft import Advisor
from salesmgmt.cpq.configure.soft_rule import SoftRule
from salesmgmt.cpq.configure.value_prices import ValuePrices


@attrs.frozen(kw_only=True)
class Component:
    """A part with attributes and rules of its own, none of it, one or several.

    Attributes:
        id: its name; how many there are is chosen under it, and the attributes of the second under `id.2.attribute`.
        model: the part.
        min_count: how many there are at least.
        max_count: how many there are at most.
        default: how many `Configuration.complete` tries first; the least when it is `None`.
        name: what people read; the id when empty.

    >>> from salesmgmt.cpq.configure import Attribute, Component, ProductModel
    >>> battery = ProductModel(id="battery", attributes=(Attribute("capacity", ("250", "500")),))
    >>> bike = ProductModel(id="bike", attributes=(Component(id="batteries", model=battery, max_count=2),))
    >>> [variable.name for variable in bike.lowered.variables]
    ['batteries', 'batteries.1.capacity', 'batteries.2.capacity']
    """

    id: str
    model: ProductModel
    min_count: int = 0
    max_count: int = 1
    default: int | None = None
    name: str = ""


AnyAttribute: TypeAlias = (
    Attribute | WholeNumber | DecimalNumber | YesNo | FreeText | MultiSelect | OptionGroup | Component
)
"""Anything that can be chosen about a product."""


@attrs.frozen(kw_only=True)
class SharedRules:
    """Rules that several products share; those that name an attribute that a product does not have say nothing there.

    Attributes:
        id: where they come from.
        rules: what goes together and what does not.
        soft_rules: what only advises.
    """

    id: str
    rules: tuple[Rule, ...] = ()
    soft_rules: tuple[SoftRule, ...] = ()


@attrs.frozen(kw_only=True)
class ProductModel:
    """What can be chosen about a product, and what goes together; usually from a TOML file.

    Attributes:
        id: its name.
        version: raised by its author with each change.
        attributes: what can be chosen, in the order in which people are asked.
        rules: what goes together and what does not.
        soft_rules: what only advises.
        questions: what customers are asked.
        shared: rules that it shares with other products.

    >>> from salesmgmt.cpq.configure import Attribute, Excludes, ProductModel
    >>> model = ProductModel(
    ...     id="bike",
    ...     attributes=(Attribute("frame", ("alloy", "carbon")), Attribute("fork", ("rigid", "air"))),
    ...     rules=(Excludes(id="R12", combination={"frame": "carbon", "fork": "rigid"}),),
    ... )
    >>> model.compile().start().choose("frame", "carbon").domain("fork")
    ('air',)
    """

    id: str
    version: int = 1
    attributes: tuple[AnyAttribute, ...]
    rules: tuple[Rule, ...] = ()
    soft_rules: tuple[SoftRule, ...] = ()
    questions: tuple[Question, ...] = ()
    shared: tuple[SharedRules, ...] = ()

    @classmethod
    def load(cls, path: Path | str) -> ProductModel:
        """Read a model from a TOML file and lint it; see `docs/cpq/product_models.md` for what stands in one.

        Files that it includes, and files of components, are named relative to it and lie in its folder.

        Raises:
            InvalidInput: a file is no such document; all problems are listed.
            InvalidDefinition: it cannot work; all findings are listed with their places.

        >>> from salesmgmt.cpq.configure import ProductModel
        >>> ProductModel.load("nowhere.toml")
        Traceback (most recent call last):
        salesmgmt.core.errors.InvalidInput: nowhere.toml has 1 problem: ...
        """
        from salesmgmt.cpq.configure._model_file import read_model  # noqa: PLC0415 - it reads models

        model = read_model(Path(path))
        model._refuse_errors()  # noqa: SLF001 - its own method
        return model

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the lint says when it is loaded; see `salesmgmt.cpq.configure.lint` for the codes."""
        return self._checked.findings

    def check(self, *, thorough: bool = False) -> tuple[Finding, ...]:
        """What the lint says.

        Args:
            thorough: whether to ask as well which rules the others imply and which can never speak; that takes a
                search for each rule.

        >>> from salesmgmt.cpq.configure import Attribute, Excludes, ProductModel
        >>> model = ProductModel(
        ...     id="bike",
        ...     attributes=(Attribute("frame", ("alloy", "carbon")), Attribute("fork", ("rigid", "coil", "air"))),
        ...     rules=(
        ...         Excludes(id="R1", combination={"frame": "carbon", "fork": ("rigid", "coil")}),
        ...         Excludes(id="R2", combination={"frame": "carbon", "fork": "rigid"}),
        ...     ),
        ... )
        >>> print(*model.check(thorough=True))
        warning redundant_rule at rules.R2: the other rules forbid already all that it forbids; ...
        """
        return (*self.findings, *(deeper(self) if thorough else ()))

    @property
    def digest(self) -> str:
        """SHA-256 of the model: equal models have equal digests, whatever their files look like."""
        return digest_of(self)

    def compile(
        self,
        *,
        max_steps: int = MAX_STEPS,
        prices: ValuePrices | None = None,
        costs: ValuePrices | None = None,
        backend: Backend | str = Backend.PYTHON,
    ) -> Configurator:
        """Make the configurator that answers questions.

        Args:
            max_steps: elementary steps of search that one question may take before it ends in `NotProven`.
            prices: what values cost the customer, for prices of configurations and for the cheapest one.
            costs: what values cost the seller, for the most profitable one.
            backend: who searches: the library itself, or `pysat` from the extra `sat`; the answers are the same.

        Raises:
            UnknownOption, MissingExtra: there is no such backend, or it is not installed.
            InvalidDefinition: the model cannot work.
            InvalidInput: the prices name attributes or values that the model does not have; all are listed.
            CurrencyMismatch: prices and costs are in different currencies.
        """
        self._refuse_errors()
        return Configurator(self, max_steps, prices, costs, backend)

    @cached_property
    def every_rule(self) -> tuple[Rule, ...]:
        """Its own rules, and the shared ones that speak of what it has."""
        shared = (rule for some in self.shared for rule in some.rules)
        return (*self.rules, *(rule for rule in shared if not self.names.missing(rule)))

    @cached_property
    def every_soft_rule(self) -> tuple[SoftRule, ...]:
        """Its own soft rules, and the shared ones that speak of what it has."""
        shared = (rule for some in self.shared for rule in some.soft_rules)
        return (*self.soft_rules, *(rule for rule in shared if not self.names.missing(rule)))

    @cached_property
    def derived(self) -> frozenset[str]:
        """The names of what its rules determine, so that nobody chooses it."""
        return frozenset(rule.attribute for rule in self.every_rule if isinstance(rule, Derivation))

    @cached_property
    def names(self) -> Names:
        """The names that its rules may use."""
        return Names(self)

    @cached_property
    def lowered(self) -> Lowering:
        """The model in flat names: each instance of a component, each option by itself. The model has no errors."""
        return lower(self)

    @cached_property
    def advisor(self) -> Advisor:
        """What its soft rules say; the model has no errors."""
        return Advisor(self)

    def picks(self, selection: Mapping[str, str]) -> tuple[Pick, ...]:
        """The options of the catalogue that a selection has, for lines of their own in a quote.

        Args:
            selection: the value by attribute, as `Configuration.selection`.

        >>> from salesmgmt.cpq.configure import Option, OptionGroup, ProductModel
        >>> bike = ProductModel(id="bike", attributes=(
        ...     OptionGroup(id="extras", options=(Option(product="LOCK-1"), Option(product="SPOKE", max_quantity=9))),
        ... ))
        >>> bike.picks({"extras.LOCK-1": "no", "extras.SPOKE": "4"})
        (Pick(option='extras.SPOKE', product='SPOKE', quantity=4),)
        """
        return tuple(
            Pick(variable.name, option.product, quantity)
            for variable in self.lowered.variables
            if isinstance(option := variable.attribute, Option)
            and (value := selection.get(variable.name)) in variable.bit
            and (quantity := option.quantity(str(value)))
        )

    @cached_property
    def _checked(self) -> Checked:
        return check(self)

    def _refuse_errors(self) -> None:
        refuse_errors(f"product model {shorten(self.id)}", self.findings)
