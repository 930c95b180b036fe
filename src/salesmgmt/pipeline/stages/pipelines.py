"""Several pipelines at once, and several versions of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import MappingProxyType

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.nearest import nearest
from salesmgmt.pipeline.deals import Deal
from salesmgmt.pipeline.stages.pipeline import Pipeline


class UnknownPipeline(SalesError, LookupError):
    """A deal names a pipeline, or a version of it, that is not in use.

    Attributes:
        found: id of the pipeline, shortened for showing.
        version: the version that was asked for; `None` for whichever is the latest.
        known: the ids and versions that are in use.
    """

    code = "unknown_pipeline"

    def __init__(self, found: str, version: int | None, known: Iterable[tuple[str, int]]) -> None:
        self.found = shorten(found)
        self.version = version
        self.known = tuple(known)
        ids = dict.fromkeys(id_ for id_, _ in self.known)
        if found in ids:
            versions = ", ".join(str(number) for id_, number in self.known if id_ == found)
            hint = f"in use are its versions {versions}: add this one, or migrate the deal"
        else:
            meant = nearest(found, ids) if len(found) <= 100 else None
            hint = f"did you mean {meant!r}?" if meant else f"in use are {', '.join(ids) or 'none'}"
        of_version = "" if version is None else f" in version {version}"
        super().__init__(f"there is no pipeline {self.found}{of_version}", hint=hint)


class DuplicatePipeline(SalesError, ValueError):
    """Two pipelines of one id and version were given.

    Attributes:
        found: the id.
        version: the version.
        is_same: whether the definitions are equal.
    """

    code = "duplicate_pipeline"

    def __init__(self, found: str, version: int, *, is_same: bool) -> None:
        self.found = found
        self.version = version
        self.is_same = is_same
        said = "the same definition" if is_same else "two different definitions"
        super().__init__(
            f"pipeline {shorten(found)} version {version} is given twice, with {said}",
            hint="give each once; raise the version with each change of a definition",
        )


class Pipelines:
    """The pipelines of a host: each deal finds its own, in the version under which it last moved.

    Args:
        pipelines: compiled pipelines; of one id, several versions may be in use at once.

    Raises:
        DuplicatePipeline: two have the same id and version.

    >>> from salesmgmt.pipeline.stages import PipelineDefinition, Pipelines, Stage, StageKind, Transition
    >>> def walk_in(version: int) -> PipelineDefinition:
    ...     return PipelineDefinition(
    ...         id="walk-in", version=version, initial="talk",
    ...         stages=(Stage("talk"), Stage("won", kind=StageKind.WON), Stage("lost", kind=StageKind.LOST)),
    ...         transitions=(Transition("talk", "won"), Transition("talk", "lost")),
    ...     )
    >>> pipelines = Pipelines([walk_in(1).compile(), walk_in(2).compile()])
    >>> pipelines.latest("walk-in").definition.version, pipelines.versions("walk-in")
    (2, (1, 2))
    """

    __slots__ = ("_by_version", "_latest")

    def __init__(self, pipelines: Iterable[Pipeline]) -> None:
        by_version: dict[tuple[str, int], Pipeline] = {}
        latest: dict[str, Pipeline] = {}
        for pipeline in pipelines:
            key = (pipeline.id, pipeline.definition.version)
            if key in by_version:
                raise DuplicatePipeline(*key, is_same=by_version[key].digest == pipeline.digest)
            by_version[key] = pipeline
            if (
                pipeline.id not in latest
                or latest[pipeline.id].definition.version < pipeline.definition.version
            ):
                latest[pipeline.id] = pipeline
        self._by_version = MappingProxyType(by_version)
        self._latest = MappingProxyType(latest)

    def of(self, deal: Deal) -> Pipeline:
        """The pipeline of a deal, in the version under which it last moved; raises `UnknownPipeline`."""
        found = self._by_version.get((deal.pipeline, deal.pipeline_version))
        if found is None:
            raise UnknownPipeline(deal.pipeline, deal.pipeline_version, self._by_version)
        return found

    def latest(self, id: str) -> Pipeline:  # noqa: A002 - the word of the definition
        """The newest version of a pipeline, under which new deals are opened; raises `UnknownPipeline`."""
        found = self._latest.get(id)
        if found is None:
            raise UnknownPipeline(id, None, self._by_version)
        return found

    def versions(self, id: str) -> tuple[int, ...]:  # noqa: A002
        """The versions of a pipeline that are in use, the oldest first; empty when there is no such pipeline."""
        return tuple(sorted(version for known, version in self._by_version if known == id))

    def __iter__(self) -> Iterator[Pipeline]:
        return iter(self._by_version.values())

    def __len__(self) -> int:
        return len(self._by_version)

    def __reduce__(self) -> tuple[type[Pipelines], tuple[tuple[Pipeline, ...]]]:
        return type(self), (tuple(self),)
