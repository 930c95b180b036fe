"""The door to narwhals, which speaks to every kind of frame."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from salesmgmt.core.errors import MissingExtra
from salesmgmt.frames.errors import UnsupportedBackend

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

_KNOWN = frozenset({"pandas", "polars", "duckdb", "pyarrow"})


def narwhals() -> ModuleType:
    """Return `narwhals.stable.v2`; raises `MissingExtra`."""
    try:
        import narwhals.stable.v2 as nw  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        package = "narwhals"
        raise MissingExtra(package, "frames") from error
    return nw


def opened(frame: Any) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    """Return a native frame as narwhals sees it.

    Raises:
        MissingExtra: narwhals is not installed.
        UnsupportedBackend: results on this kind of frame were never compared with evaluation.
        TypeError: it is no frame.
    """
    found: nw.DataFrame[Any] | nw.LazyFrame[Any] = narwhals().from_native(frame)
    backend = backend_of(found)
    if backend not in _KNOWN:
        what = "a formula or metric"
        raise UnsupportedBackend(what, backend, hint="convert it first, for example with .collect('polars')")
    return found


def backend_of(frame: nw.DataFrame[Any] | nw.LazyFrame[Any]) -> str:
    """Return the kind of a frame, as `pandas`."""
    return str(frame.implementation.value)
