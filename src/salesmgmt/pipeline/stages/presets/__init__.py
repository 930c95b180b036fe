"""Pipelines as other products have them, ready to begin with."""

from __future__ import annotations

from importlib.resources import as_file, files

from salesmgmt.core.errors import UnknownOption
from salesmgmt.pipeline.stages.definition import PipelineDefinition

_ENDING = ".toml"


def shipped_pipelines() -> tuple[str, ...]:
    """Return the products whose pipelines come with the library.

    >>> from salesmgmt.pipeline.stages import shipped_pipelines
    >>> "odoo" in shipped_pipelines()
    True
    """
    names = (one.name for one in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)))


def shipped_pipeline(name: str) -> PipelineDefinition:
    """Read a pipeline that comes with the library: stages and rules of moving as the product has them at first.

    Args:
        name: one of `shipped_pipelines`.

    Raises:
        UnknownOption: there is none of this name.

    >>> from salesmgmt.pipeline.stages import shipped_pipeline
    >>> [stage.id for stage in shipped_pipeline("odoo").stages]
    ['new', 'qualified', 'proposition', 'won', 'lost']
    """
    names = shipped_pipelines()
    if name not in names:
        raise UnknownOption("the pipeline", name, names)
    with as_file(files(__package__) / f"{name}{_ENDING}") as file:
        return PipelineDefinition.load(file)
