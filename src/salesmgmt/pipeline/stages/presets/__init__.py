"""Pipelines as other products have them, ready to begin with."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from salesmgmt.core.errors import option
from salesmgmt.pipeline.stages.definition import PipelineDefinition


class ShippedPipeline(StrEnum):
    """The pipelines that come with the library.

    >>> from salesmgmt.pipeline.stages import ShippedPipeline
    >>> ShippedPipeline.ODOO.value
    'odoo'
    """

    ODOO = "odoo"
    FRAPPE_CRM = "frappe_crm"
    ESPOCRM = "espocrm"


def shipped_pipeline(name: ShippedPipeline | str) -> PipelineDefinition:
    """Read a pipeline that comes with the library: stages and rules of moving as the product has them at first.

    Args:
        name: the product.

    Raises:
        UnknownOption: there is none of this name.

    >>> from salesmgmt.pipeline.stages import shipped_pipeline
    >>> [stage.id for stage in shipped_pipeline("odoo").stages]
    ['new', 'qualified', 'proposition', 'won', 'lost']
    """
    product = option(ShippedPipeline, name, "the pipeline")
    return PipelineDefinition.load(Path(__file__).with_name(f"{product.value}.toml"))
