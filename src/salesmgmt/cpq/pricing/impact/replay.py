"""Replay: a stored answer is priced again, and every byte compared."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import attrs

from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import shorten
from salesmgmt.cpq.pricing.priced import Priced

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.pricer import Pricer

_CODEC = Codec()  # made once: it learns each class on first use, and is safe to share

_MOST_DIFFERENCES = 1_000


@attrs.frozen(kw_only=True)
class ReplayDifference:
    """A place where an answer differs from the stored one.

    Attributes:
        path: where, in its JSON: `lines[0].waterfall[2].value`.
        stored: what stands in the stored one, shortened; `None` when nothing does.
        found: what came out now.
    """

    path: str
    stored: str | None
    found: str | None

    def __str__(self) -> str:
        stored, found = ("nothing" if one is None else one for one in (self.stored, self.found))
        return f"{self.path}: stored {stored}, now {found}"


@attrs.frozen(kw_only=True)
class Replay:
    """What came of pricing a stored request again.

    Attributes:
        priced: the answer now.
        is_same: whether its JSON is that of the stored one, byte by byte.
        is_same_model: whether the model is the same, by its digest.
        differences: where it differs, in the order of the document; the first thousand.
    """

    priced: Priced
    is_same: bool
    is_same_model: bool
    differences: tuple[ReplayDifference, ...] = ()

    def __str__(self) -> str:
        if self.is_same:
            return "the same to the byte"
        model = "the same model" if self.is_same_model else "another model"
        return "\n".join((f"differs, by {model}:", *(f"  {one}" for one in self.differences)))


def replay(stored: Priced, pricer: Pricer, *, passed_over: bool = False) -> Replay:
    """Price the request of a stored answer again, and say where the two differ.

    Args:
        stored: the answer as it was kept.
        pricer: of the model that made it, or of another one to compare with.
        passed_over: as the stored one was asked for; see `Pricer.price`.

    Raises:
        InvalidInput, EvaluationError, OutOfRange: as for `Pricer.price`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import Line, PriceRecord, PricingModel, PricingRequest
    >>> from salesmgmt.cpq.pricing.impact.replay import replay
    >>> pricer = PricingModel(prices=[PriceRecord(id="p-1", product="dock", price=Money(850, "CNY"))]).compile()
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> stored = pricer.price(PricingRequest(at=now, currency="CNY", lines=[Line("dock", 2)]))
    >>> print(replay(stored, pricer))
    the same to the byte
    """
    again = pricer.price(stored.request, passed_over=passed_over)
    is_same_model = again.model_digest == stored.model_digest
    if _CODEC.to_json(again) == _CODEC.to_json(stored):
        return Replay(priced=again, is_same=True, is_same_model=is_same_model)
    found = _differences("", _CODEC.to_dict(stored), _CODEC.to_dict(again))
    return Replay(
        priced=again,
        is_same=False,
        is_same_model=is_same_model,
        differences=tuple(islice(found, _MOST_DIFFERENCES)),
    )


_ABSENT: Any = object()


def _differences(path: str, stored: Any, found: Any) -> Iterator[ReplayDifference]:
    if isinstance(stored, dict) and isinstance(found, dict):
        for name in stored | found:
            place = f"{path}.{name}" if path else name
            yield from _differences(place, stored.get(name, _ABSENT), found.get(name, _ABSENT))
    elif isinstance(stored, list) and isinstance(found, list):
        for number in range(max(len(stored), len(found))):
            sides = (one[number] if number < len(one) else _ABSENT for one in (stored, found))
            yield from _differences(f"{path}[{number}]", *sides)
    elif stored != found:
        yield ReplayDifference(path=path, stored=_shown(stored), found=_shown(found))


def _shown(value: Any) -> str | None:
    return None if value is _ABSENT else shorten(value)
