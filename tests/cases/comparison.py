"""How an answer is compared with what a case expects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.cases.case import Unsupported

_EXACT: Mapping[str, Any] = {"abs": Decimal(0)}
_DERIVED = ("_min", "_max", "_within", "_sorted")
_OF_PARTS = ("sum", "spread", "counts")


def differences(
    expect: Mapping[str, Any], answer: Mapping[str, Any], tolerance: Mapping[str, Any]
) -> Iterator[str]:
    """Where the answer is not what is expected; `Unsupported` when it has no such key at all."""
    keys = tolerance.get("keys", {})
    for key, wanted in expect.items():
        yield from _check(key, wanted, answer, keys.get(key, tolerance))


def _check(key: str, wanted: Any, answer: Mapping[str, Any], tolerance: Mapping[str, Any]) -> Iterator[str]:
    if key in answer:
        yield from _compare(wanted, answer[key], tolerance, key)
        return
    if key in _OF_PARTS and "parts" in answer:
        yield from _compare(wanted, _of_parts(key, answer["parts"], wanted), tolerance, key)
        return
    stem, ending = next(((key[: -len(end)], end) for end in _DERIVED if key.endswith(end)), ("", ""))
    if not ending or stem not in answer:
        raise Unsupported(f"expect.{key}")
    found = answer[stem]
    if ending == "_sorted":
        yield from _compare(wanted, sorted(found), tolerance, key)
        return
    low, high = {"_min": (wanted, None), "_max": (None, wanted), "_within": wanted}[ending]
    values = found if isinstance(found, Sequence) else [found]
    for value in values:
        if value is None or (low is not None and value < low) or (high is not None and value > high):
            yield f"{key}: found {value}, wanted {wanted}"


def _of_parts(key: str, parts: Sequence[Decimal], wanted: Any) -> Any:
    if key == "sum":
        return sum(parts, Decimal(0))
    if key == "spread":
        return max(parts) - min(parts)
    return {value: sum(part == Decimal(value) for part in parts) for value in wanted}


def _compare(wanted: Any, found: Any, tolerance: Mapping[str, Any], where: str) -> Iterator[str]:
    if isinstance(found, frozenset):
        if Counter(map(str, wanted)) != Counter(map(str, found)):
            yield f"{where}: found {sorted(map(str, found))}, wanted the set {wanted}"
    elif isinstance(wanted, Mapping):
        yield from _compare_objects(wanted, found, tolerance, where)
    elif isinstance(wanted, list):
        yield from _compare_lists(wanted, found, tolerance, where)
    elif not _equal(wanted, found, tolerance):
        yield f"{where}: found {found}, wanted {wanted}"


def _compare_objects(
    wanted: Mapping[str, Any], found: Any, tolerance: Mapping[str, Any], where: str
) -> Iterator[str]:
    if not isinstance(found, Mapping):
        yield f"{where}: found {found!r}, wanted an object"
        return
    if where == "by_line" or where.startswith("by_promotion."):
        # A line that is not named has nothing.
        wanted = {**dict.fromkeys(found, 0), **wanted}
    for key, value in wanted.items():
        if key not in found:
            yield f"{where}.{key}: found nothing, wanted {value}"
        else:
            yield from _compare(value, found[key], tolerance, f"{where}.{key}")


def _compare_lists(wanted: list[Any], found: Any, tolerance: Mapping[str, Any], where: str) -> Iterator[str]:
    if not isinstance(found, list | tuple) or len(found) != len(wanted):
        yield f"{where}: found {found!r}, wanted {len(wanted)} values"
        return
    for index, (one, other) in enumerate(zip(wanted, found, strict=True)):
        yield from _compare(one, other, tolerance, f"{where}[{index}]")


def _equal(wanted: Any, found: Any, tolerance: Mapping[str, Any]) -> bool:
    if wanted is None or found is None or isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    exact_found = _exact(found)
    if exact_found is None:
        return bool(wanted == found)
    exact_wanted = _exact(wanted) if not isinstance(wanted, str) else _from_text(wanted)
    if exact_wanted is None:
        return False
    rule = {name: value for name, value in tolerance.items() if name != "keys"} or _EXACT
    if not set(rule) <= {"abs", "rel"}:
        raise Unsupported(f"tolerance {rule}")
    room = max(
        Fraction(Decimal(str(rule.get("abs", 0)))),
        Fraction(Decimal(str(rule.get("rel", 0)))) * abs(exact_wanted),
    )
    return abs(exact_found - exact_wanted) <= room


def _exact(value: object) -> Fraction | None:
    if isinstance(value, int | Decimal | float):
        return Fraction(value)
    return None


def _from_text(text: str) -> Fraction | None:
    try:
        return Fraction(Decimal(text))
    except ArithmeticError:
        return None
