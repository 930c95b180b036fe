"""How other products treat leads, as data: one file a product, with a table for each policy."""

from __future__ import annotations

from importlib.resources import files

import attrs

from salesmgmt.core.definition import parse_definition
from salesmgmt.core.errors import UnknownOption
from salesmgmt.engines.matching import DuplicateRules, MergePolicy
from salesmgmt.pipeline.leads.assignment import AssignmentRules
from salesmgmt.pipeline.leads.conversion import ConversionPolicy
from salesmgmt.pipeline.leads.offers import OfferPolicy
from salesmgmt.pipeline.leads.scoring import FrequencyPolicy

_ENDING = ".toml"


@attrs.frozen(kw_only=True)
class LeadPreset:
    """How another product treats leads.

    Attributes:
        id: the product.
        assignment: how leads are shared out.
        frequencies: how won and lost leads are counted for a score.
        conversion: which leads may be converted.
        offers: which duplicates are offered at a conversion.
        duplicates: which leads are shown as possible duplicates.
        same_address: what counts as one when leads are converted or assigned.
        merging: how records are merged, as that product has them.

    >>> from salesmgmt.pipeline.leads import lead_preset
    >>> lead_preset("odoo").merging.limit
    5
    """

    id: str
    assignment: AssignmentRules
    frequencies: FrequencyPolicy
    conversion: ConversionPolicy
    offers: OfferPolicy
    duplicates: DuplicateRules
    same_address: DuplicateRules
    merging: MergePolicy


def lead_preset_names() -> tuple[str, ...]:
    """Return the products whose way with leads comes with the library.

    >>> from salesmgmt.pipeline.leads import lead_preset_names
    >>> lead_preset_names()
    ('odoo',)
    """
    names = (one.name for one in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)))


def lead_preset(name: str) -> LeadPreset:
    """Read how another product treats leads.

    Args:
        name: one of `lead_preset_names`.

    Raises:
        UnknownOption: there is none of that name.

    >>> from salesmgmt.pipeline.leads import lead_preset
    >>> [rule.id for rule in lead_preset("odoo").same_address.rules]
    ['same address', 'same contact']
    """
    names = lead_preset_names()
    if name not in names:
        raise UnknownOption("the preset", name, names)
    text = (files(__package__) / f"{name}{_ENDING}").read_text(encoding="utf-8")
    return parse_definition(text, LeadPreset, what=f"the preset {name}")
