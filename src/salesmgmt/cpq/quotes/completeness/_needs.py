"""What the lines of a quote need and give, counted for the required lines and for each choice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import TypeAlias

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.exact import add, subtract
from salesmgmt.core.findings import Finding
from salesmgmt.cpq.quotes._structure import Structure
from salesmgmt.cpq.quotes.completeness._lines import AGAIN, line_finding
from salesmgmt.cpq.quotes.completeness.requirement import Requirement, Within
from salesmgmt.cpq.quotes.line import QuoteLine, UnpricedLine
from salesmgmt.cpq.quotes.offer import MOST_PRICED_LINES

Line: TypeAlias = QuoteLine | UnpricedLine
Name: TypeAlias = tuple[str, str]
"""`product`, `family` or `category`, and its id."""

Key: TypeAlias = tuple[Name, str]
"""What is needed, and the whole among whose parts it must be; empty for anywhere."""

_ZERO = Decimal(0)


@attrs.frozen
class NeedingLine:
    """A line with its part in what is required.

    Attributes:
        line: the line.
        quantity: how many, in the unit of its product.
        names: everything by which a relation may name its product.
        requirements: what it needs.
    """

    line: Line
    quantity: Decimal
    names: Sequence[Name]
    requirements: Sequence[Requirement]


@attrs.define
class _Count:
    """What some lines give and need.

    Attributes:
        found: how many of each thing are there.
        asked: how many units need each thing, by requirement.
        first: the first line that needs each thing.
        products: how many lines of each product need each thing.
    """

    found: dict[Key, Decimal] = attrs.field(factory=dict)
    asked: dict[Key, dict[Requirement, Decimal]] = attrs.field(factory=dict)
    first: dict[Key, Line] = attrs.field(factory=dict)
    products: dict[Key, dict[str, int]] = attrs.field(factory=dict)


_NOTHING = _Count()


@attrs.frozen
class _Change:
    """What is otherwise than in the document of the required lines when something is chosen."""

    added: _Count = _NOTHING
    removed: _Count = _NOTHING


_REQUIRED = _Change()


@attrs.frozen
class _Need:
    """How many of a thing are wanted in a document, and how many are there."""

    wanted: Decimal
    found: Decimal

    @property
    def lacking(self) -> Decimal:
        return max(subtract(self.wanted, self.found), _ZERO)


class Needs:
    """Finds what lacks among the required lines of a quote, and what each choice makes lacking.

    A choice is reckoned by what it adds to the required lines and takes away from them, so that the work grows with the lines
    and not with lines times choices.

    Args:
        lines: the lines by id, in their order.
        structure: which of them come together.
        units: the unit in which each thing is counted, where that is known.
    """

    def __init__(
        self, lines: Mapping[str, NeedingLine], structure: Structure, units: Mapping[Name, str]
    ) -> None:
        self._lines = lines
        self._structure = structure
        self._units = units
        self._roots = _roots(lines)
        self._targets = {one.relation.target for line in lines.values() for one in line.requirements}
        self._coming: dict[str, list[str]] = {}
        self._parts: dict[str, list[str]] = {}
        self._options: dict[Key, NeedingLine] = {}
        for name, one in lines.items():
            self._coming.setdefault(structure.heads[name], []).append(name)
            self._parts.setdefault(one.line.parent, []).append(name)
            if one.line.optional:
                for key in self._keys(name):
                    best = self._options.setdefault(key, one)
                    if best.quantity < one.quantity:
                        self._options[key] = one
        self._base = self._count(self._coming.get("", ()))
        self._seen = 0

    def findings(self) -> Iterator[Finding]:
        """What lacks, in the order of the lines that need it; then what choices make lacking, in theirs."""
        for key in self._base.asked:
            need = self._need(key, _REQUIRED)
            if need.lacking:
                yield self._finding(key, need, self._base.first[key], _REQUIRED, "")
        if not self._targets:
            return
        for name, one in self._lines.items():
            if not one.line.optional and not one.line.alternative_of:
                continue
            if self._seen > MOST_PRICED_LINES:
                yield Finding(
                    code="too_many_choices",
                    where="lines",
                    message=f"its options and alternatives change more than {MOST_PRICED_LINES} lines together",
                    hint="divide it into several quotes",
                )
                return
            above = self._structure.above(name)
            before, change = self._change(above) if above else _REQUIRED, self._change(name)
            for key in self._touched(change):
                need = self._need(key, change)
                if need.lacking > self._need(key, before).lacking:
                    yield self._finding(key, need, one.line, change, f"with lines[{one.line.position}] ")

    def _change(self, head: str) -> _Change:
        """What comes and goes with an optional line or alternative and all that must be taken before it."""
        chain = self._structure.chain(head)
        added = [name for one in chain for name in self._coming.get(one, ())]
        there = {"", *chain}
        removed: dict[str, None] = {}
        waiting = [base for one in chain if (base := self._lines[one].line.alternative_of)]
        self._seen += len(added) + len(chain)
        while waiting:
            name = waiting.pop()
            if name in removed or self._structure.heads[name] not in there:
                continue
            removed[name] = None
            waiting += self._parts.get(name, ())
        self._seen += len(removed)
        return _Change(self._count(added), self._count(removed))

    def _keys(self, name: str) -> Iterator[Key]:
        """What a line gives: a thing for the whole quote, and for its own tree."""
        for target in self._lines[name].names:
            if target in self._targets:
                yield target, ""
                yield target, self._roots[name]

    def _count(self, names: Iterable[str]) -> _Count:
        count = _Count()
        for name in names:
            one = self._lines[name]
            for key in self._keys(name):
                count.found[key] = add(count.found.get(key, _ZERO), one.quantity)
            for requirement in one.requirements:
                tree = self._roots[name] if requirement.within is Within.TREE else ""
                key = requirement.relation.target, tree
                asked = count.asked.setdefault(key, {})
                asked[requirement] = add(asked.get(requirement, _ZERO), one.quantity)
                count.first.setdefault(key, one.line)
                products = count.products.setdefault(key, {})
                products[one.line.product] = products.get(one.line.product, 0) + 1
        return count

    def _touched(self, change: _Change) -> Iterable[Key]:
        """The things that a choice may make lacking."""
        keys = dict.fromkeys(change.added.asked)
        keys.update(dict.fromkeys(key for key in change.removed.found if key in self._base.asked))
        keys.update(dict.fromkeys(key for key in change.added.found if key in self._base.asked))
        return keys

    def _asked(self, key: Key, change: _Change) -> Mapping[Requirement, Decimal]:
        asked = dict(self._base.asked.get(key, {}))
        for requirement, quantity in change.added.asked.get(key, {}).items():
            asked[requirement] = add(asked.get(requirement, _ZERO), quantity)
        for requirement, quantity in change.removed.asked.get(key, {}).items():
            asked[requirement] = subtract(asked.get(requirement, _ZERO), quantity)
        return asked

    def _need(self, key: Key, change: _Change) -> _Need:
        wanted = _ZERO
        for requirement, quantity in self._asked(key, change).items():
            relation = requirement.relation
            for_these = relation.quantity_for(quantity)
            wanted = add(wanted, min(for_these, relation.step) if relation.once else for_these)
        found = add(self._base.found.get(key, _ZERO), change.added.found.get(key, _ZERO))
        return _Need(wanted, subtract(found, change.removed.found.get(key, _ZERO)))

    def _finding(self, key: Key, need: _Need, line: Line, change: _Change, choice: str) -> Finding:
        (what, target), tree = key
        unit = self._units.get(key[0], "")
        thing = f"{unit} of ".lstrip() if unit else "of "
        thing += shorten(target) if what == "product" else f"{what} {shorten(target)}"
        ids = [one.relation.id for one, quantity in self._asked(key, change).items() if quantity]
        rules = ", ".join(ids[:10]) + (", ..." if len(ids) > 10 else "")
        there = f"there is {need.found:f}" if need.found else "there is none"
        place = " in the same tree" if tree else ""
        needing = self._needing(key, change)
        message = f"{choice}{needing} {need.wanted:f} {thing}{place} ({rules}), and {there}"
        option = self._options.get(key)
        if option is not None and option.quantity >= need.lacking and not choice:
            place = f"lines[{option.line.position}]"
            fix = f"take {place}, which is optional, among the required lines; "
        else:
            part = f" as a part of {shorten(tree)}" if tree else ""
            fix = f"add {need.lacking:f} {thing}{part}, "
        return line_finding(line, "missing_requirement", message, f"{fix}{AGAIN}")

    def _needing(self, key: Key, change: _Change) -> str:
        """Who needs it, in words."""
        gone = change.removed.products.get(key, {})
        base, added = self._base.products.get(key, {}), change.added.products.get(key, {})
        every = (
            name
            for name in dict.fromkeys((*added, *islice(base, len(gone) + 2)))
            if base.get(name, 0) + added.get(name, 0) > gone.get(name, 0)
        )
        products = tuple(islice(every, 2))
        return f"{shorten(products[0])} {'needs' if len(products) == 1 else 'and others need'}"


def _roots(lines: Mapping[str, NeedingLine]) -> Mapping[str, str]:
    """The id of the whole that each line is a part of in the end; its own when it stands by itself."""
    roots: dict[str, str] = {}
    for name in lines:
        above: list[str] = []
        here = name
        while here not in roots and lines[here].line.parent:
            above.append(here)
            here = lines[here].line.parent
        root = roots.setdefault(here, here)
        roots.update(dict.fromkeys(above, root))
    return roots
