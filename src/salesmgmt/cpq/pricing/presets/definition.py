"""Presets: how another system makes prices, as data, so that a migration can be checked before it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from salesmgmt.core.formula import FactType
from salesmgmt.cpq.pricing._preset_files import preset_document, read, unknown
from salesmgmt.cpq.pricing.exclusion import ExclusionGroup
from salesmgmt.cpq.pricing.model import PricingModel
from salesmgmt.cpq.pricing.presets.conventions import (
    ExclusionConventions,
    FreeGoodsConventions,
    HeaderConventions,
    ScaleConventions,
    TaxConventions,
)
from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists
from salesmgmt.cpq.pricing.procedure import (
    Discounts,
    FreeUnits,
    HeaderDiscounts,
    PricingProcedure,
    RoundLines,
    SharesOfTotal,
)
from salesmgmt.cpq.pricing.promotions import PromotionPolicy
from salesmgmt.cpq.pricing.sharing.distribution import DEFAULT_ALLOCATION, AllocationPolicy
from salesmgmt.cpq.pricing.standard import STANDARD
from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy

_HOLDS_RULES = (Discounts, HeaderDiscounts, FreeUnits, SharesOfTotal)


@attrs.frozen(kw_only=True)
class Preset:
    """The conventions of a system, and the order of its steps.

    What the documentation of that system leaves open is not guessed: such a part is the default of the library, and
    its name is not among `states`.

    Attributes:
        name: of the preset.
        states: the names of the parts that the preset says something about.
        procedure: the steps, in the order of that system, with its condition types.
        price_lists: how price lists are read.
        promotions: the conventions of promotions.
        allocation: how an amount on the document is shared by its lines.
        scales: what scales do at their edges.
        proration: how terms are measured.
        free_goods: how free units are counted.
        headers: how a header condition lands on the items.
        exclusion: how exclusion groups decide.
        tax: how tax is reckoned.

    >>> from salesmgmt.cpq.pricing.presets import preset
    >>> erpnext = preset("erpnext")
    >>> [step.id for step in erpnext.procedure.steps][:3], erpnext.tax.at.value
    (['item price', 'pricing rules', 'by hand'], 'rate')
    >>> "proration" in erpnext.states
    False
    """

    name: str
    states: tuple[str, ...] = ()
    procedure: PricingProcedure = STANDARD
    price_lists: PriceListPolicy = attrs.field(factory=PriceListPolicy)
    promotions: PromotionPolicy = attrs.field(factory=PromotionPolicy)
    allocation: AllocationPolicy = DEFAULT_ALLOCATION
    scales: ScaleConventions = attrs.field(factory=ScaleConventions)
    proration: ProrationPolicy = attrs.field(factory=ProrationPolicy)
    free_goods: FreeGoodsConventions = attrs.field(factory=FreeGoodsConventions)
    headers: HeaderConventions = attrs.field(factory=HeaderConventions)
    exclusion: ExclusionConventions = attrs.field(factory=ExclusionConventions)
    tax: TaxConventions = attrs.field(factory=TaxConventions)

    @property
    def rounding(self) -> RoundLines:
        """The last step that rounds: where (unit, line or document) and how.

        >>> from salesmgmt.cpq.pricing.presets import preset
        >>> preset("erpnext").rounding.mode.value
        'half_even'
        """
        return next(step for step in reversed(self.procedure.steps) if isinstance(step, RoundLines))

    def procedure_with(
        self,
        *,
        rules: Mapping[str, Sequence[Any]] | None = None,
        exclusion_groups: Iterable[ExclusionGroup] = (),
        facts: Mapping[str, FactType] | None = None,
        time_zone: str = "",
    ) -> PricingProcedure:
        """The procedure with what only the host knows.

        Args:
            rules: for steps that hold rules (free goods, shares of a total), by the id of the step.
            exclusion_groups: which condition types stand aside for others.
            facts: the host's own names in conditions.
            time_zone: in which days begin; empty for that of the procedure.

        Raises:
            UnknownOption: rules are given for a step that is not there or holds none.

        >>> from salesmgmt.cpq.pricing.presets import preset
        >>> sap = preset("sap")
        >>> group = sap.exclusion.exclusion_group(id="one discount", members=("K004", "K005"))
        >>> sap.procedure_with(exclusion_groups=[group]).exclusion_groups[0].id
        'one discount'
        """
        procedure, wanted = self.procedure, dict(rules or {})
        holders = [step.id for step in procedure.steps if isinstance(step, _HOLDS_RULES)]
        for name in wanted:
            if name not in holders:
                raise unknown(f"the step of {self.name} that takes rules", name, holders)
        steps: list[Any] = list(procedure.steps)
        for place, step in enumerate(steps):
            if step.id in wanted:
                steps[place] = attrs.evolve(step, rules=tuple(wanted[step.id]))
        return attrs.evolve(
            procedure,
            steps=tuple(steps),
            exclusion_groups=(*procedure.exclusion_groups, *exclusion_groups),
            facts={**procedure.facts, **(facts or {})},
            time_zone=time_zone or procedure.time_zone,
        )

    def model(
        self,
        *,
        price_lists: Iterable[PriceList] = (),
        procedure: PricingProcedure | None = None,
        **records: Any,
    ) -> PricingModel:
        """A pricing model that works as that system does.

        Args:
            price_lists: the price lists.
            procedure: the steps, when they are not those of the preset; see `procedure_with`.
            records: the other parts of a `PricingModel`: prices, conditions, promotions, catalogue, ...

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.cpq.pricing import Line, PriceList, PriceRecord, PriceRule, PricingRequest
        >>> from salesmgmt.cpq.pricing.presets import preset
        >>> model = preset("odoo").model(
        ...     prices=[PriceRecord(id="p", product="desk", price=Money("123.45", "USD"))],
        ...     price_lists=[PriceList(id="9.99", currency="USD", rules=[
        ...         PriceRule(id="charm", percent_off=0, round_to=10, surcharge="-0.01"),
        ...     ])],
        ... )
        >>> asked = PricingRequest(
        ...     at=datetime(2026, 3, 2, tzinfo=UTC), currency="USD", price_list="9.99", lines=[Line("desk", 2)],
        ... )
        >>> model.compile().price(asked).total
        Money('239.98', 'USD')
        """
        given = {"promotion_policy": self.promotions, **records}
        return PricingModel(
            procedure=self.procedure if procedure is None else procedure,
            price_lists=PriceLists(lists=price_lists, policy=self.price_lists),
            **given,
        )


def preset(name: str) -> Preset:
    """A preset by its name; `preset_names` tells them.

    Raises:
        UnknownOption: there is no such preset; the nearest name comes first in its hint.

    >>> from salesmgmt.cpq.pricing.presets import preset
    >>> preset("stripe").scales.boundary.value
    'upper_inclusive'
    >>> preset("strip")
    Traceback (most recent call last):
    salesmgmt.core.errors.UnknownOption: the preset cannot be 'strip'; use one of: stripe, erpnext, ...
    """
    document = preset_document(name)
    return read(Preset, {**document, "name": name, "states": sorted(document)})
