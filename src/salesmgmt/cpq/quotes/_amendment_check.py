"""Finds what is wrong with an amendment before anything of it is reckoned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from salesmgmt.core.errors import Problem, shorten
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.cpq.pricing import Line, Pricer, PricingRequest
from salesmgmt.cpq.quotes.changes import (
    AddLine,
    ChangePrice,
    ChangeQuantity,
    ContractEdit,
    ReplaceLine,
)
from salesmgmt.cpq.quotes.contract import Contract, RunningLine
from salesmgmt.cpq.quotes.outline import LONGEST_ID

MOST_CHANGES = 1_000
"""Changes of one amendment."""

_EDITS = (ChangeQuantity, ChangePrice, ReplaceLine, AddLine)


def faults(
    contract: Contract,
    edits: Sequence[ContractEdit],
    on: date,
    pricer: Pricer | None,
    request: PricingRequest | None,
) -> list[Problem]:
    """What is wrong with an amendment; with none of it, its lines can be made."""
    if not 1 <= len(edits) <= MOST_CHANGES:
        return [Problem("changes", "no_such_count", str(len(edits)), f"1 to {MOST_CHANGES} changes")]
    given: Sequence[object] = edits
    wrong = [
        Problem(f"changes[{place}]", "wrong_type", shorten(edit), "a change of a contract")
        for place, edit in enumerate(given)
        if not isinstance(edit, _EDITS)
    ]
    if wrong:
        return wrong
    if not contract.starts <= on < contract.ends:
        wanted = f"a day from {contract.starts} to before {contract.ends}"
        return [Problem("on", "outside_term", on.isoformat(), wanted)]
    lines = {line.id: line for line in contract.lines}
    check = _Check(contract, edits, on, lines)
    return [*check.problems(), *_priceless(contract, edits, pricer, request)]


def _priceless(
    contract: Contract,
    edits: Sequence[ContractEdit],
    pricer: Pricer | None,
    request: PricingRequest | None,
) -> Iterator[Problem]:
    asks = any(isinstance(edit, ReplaceLine | AddLine) for edit in edits)
    if asks and pricer is None:
        yield Problem("pricer", "missing", None, "the prices of what is new")
    if asks and request is None:
        yield Problem("request", "missing", None, "who buys, for the prices of what is new")
    if request is not None and request.currency != contract.currency:
        yield Problem("request.currency", "currency", request.currency, contract.currency)
    if request is not None and request.lines:
        wanted = "no lines, as those of the changes are priced"
        yield Problem("request.lines", "not_empty", str(len(request.lines)), wanted)


class _Check:
    """The faults of the changes of one amendment."""

    def __init__(
        self,
        contract: Contract,
        edits: Sequence[ContractEdit],
        on: date,
        lines: Mapping[str, RunningLine],
    ) -> None:
        self._contract = contract
        self._edits = edits
        self._on = on
        self._lines = lines
        self._items = {item.id for item in contract.items}
        self._added = {edit.id for edit in edits if isinstance(edit, AddLine)}

    def problems(self) -> Iterator[Problem]:
        seen: set[str] = set()
        for place, edit in enumerate(self._edits):
            path = f"changes[{place}]"
            name = edit.id if isinstance(edit, AddLine) else edit.line
            if name in seen:
                yield Problem(path, "duplicate", shorten(name), "each line once")
            seen.add(name)
            if isinstance(edit, AddLine):
                yield from self._added_line(path, edit)
            elif name in self._lines:
                yield from self._changed_line(path, edit, self._lines[name])
            else:
                known = [shorten(line.id) for line in self._lines.values()]
                wanted = f"a line of the contract: {', '.join(known[:20])}"
                yield Problem(f"{path}.line", "unknown", shorten(name), wanted)

    def _changed_line(self, path: str, edit: ContractEdit, line: RunningLine) -> Iterator[Problem]:
        if line.ends <= self._on:
            wanted = f"a line that runs on {self._on}"
            yield Problem(f"{path}.line", "over", f"{shorten(line.id)}, to before {line.ends}", wanted)
        elif max(self._on, line.starts) < line.changed:
            wanted = f"a day from {line.changed} on, from which its last change counts"
            yield Problem("on", "before_change", f"{self._on} for {shorten(line.id)}", wanted)
        if isinstance(edit, ChangeQuantity):
            yield from self._quantity(path, edit, line)
        elif not line.quantity:
            yield Problem(f"{path}.line", "nothing_left", shorten(line.id), "a line that has units")
        if isinstance(edit, ReplaceLine):
            yield from _dated(f"{path}.by", edit.by)
        if isinstance(edit, ChangePrice):
            yield from self._price(f"{path}.unit_price", edit.unit_price)

    def _quantity(self, path: str, edit: ChangeQuantity, line: RunningLine) -> Iterator[Problem]:
        found = f"{edit.quantity:f}"
        if edit.quantity < 0:
            yield Problem(f"{path}.quantity", "negative", found, "zero or more units in all")
        elif edit.quantity == line.quantity:
            yield Problem(f"{path}.quantity", "unchanged", found, "another quantity than the line has")
        elif edit.quantity == 0:
            zeroed = {
                one.line for one in self._edits if isinstance(one, ChangeQuantity) and one.quantity == 0
            }
            parts = [
                shorten(part.id)
                for part in self._lines.values()
                if part.parent == line.id and part.quantity and part.ends > self._on and part.id not in zeroed
            ]
            if parts:
                hint = "set their quantity to 0 as well"
                yield Problem(f"{path}.quantity", "has_parts", ", ".join(parts[:20]), "no parts left", hint)
        if edit.unit_price is not None:
            yield from self._price(f"{path}.unit_price", edit.unit_price)
            if edit.quantity < line.quantity:
                wanted = "none for units that are given back: they are credited at their own"
                yield Problem(f"{path}.unit_price", "unused", str(edit.unit_price), wanted)

    def _price(self, path: str, price: Money) -> Iterator[Problem]:
        if price.currency != self._contract.currency:
            yield Problem(path, "currency", str(price), f"an amount in {self._contract.currency}")
        if price.amount < 0:
            yield Problem(path, "negative", str(price), "zero or more")

    def _added_line(self, path: str, edit: AddLine) -> Iterator[Problem]:
        if not edit.id.strip() or len(edit.id) > LONGEST_ID:
            wanted = f"a text of at most {LONGEST_ID} characters"
            yield Problem(f"{path}.id", "blank", shorten(edit.id), wanted)
        if edit.id in self._lines or edit.id in self._items:
            yield Problem(
                f"{path}.id", "duplicate", shorten(edit.id), "an id that the contract does not have"
            )
        if edit.parent and edit.parent not in self._lines and edit.parent not in self._added:
            wanted = "a line of the contract, or one that is added"
            yield Problem(f"{path}.parent", "unknown", shorten(edit.parent), wanted)
        if edit.one_time:
            yield from _dated(f"{path}.line", edit.line)
        else:
            yield from self._term(f"{path}.line", edit.line)

    def _term(self, path: str, line: Line) -> Iterator[Problem]:
        term = self._term_of_contract()
        if term is None:
            wanted = "a day in a term of the contract, with which new lines end"
            yield Problem("on", "outside_term", self._on.isoformat(), wanted)
            return
        starts = self._on if line.starts is None else line.starts
        ends = term.end if line.ends is None else line.ends
        if starts < self._on:
            yield Problem(f"{path}.starts", "before_change", starts.isoformat(), f"{self._on} or later")
        if ends > term.end:
            wanted = f"{term.end} at the latest, when the contract ends"
            yield Problem(f"{path}.ends", "not_within_term", ends.isoformat(), wanted)
        if ends <= starts:
            yield Problem(f"{path}.ends", "no_day", ends.isoformat(), f"a day after {starts}")

    def _term_of_contract(self) -> Period | None:
        return next((days for days in self._contract.terms if self._on in days), None)


def _dated(path: str, line: Line) -> Iterator[Problem]:
    """A line whose days follow from something else has none of its own."""
    for name in ("starts", "ends"):
        day = getattr(line, name)
        if day is not None:
            yield Problem(f"{path}.{name}", "not_empty", day.isoformat(), "no day of its own")
