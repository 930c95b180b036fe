"""The lines of a quote as rows of a table: numbered, in groups, parts below what they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TypeAlias

import attrs

from salesmgmt.core.money import Money
from salesmgmt.core.wording import Wording
from salesmgmt.cpq.quotes import Quote, QuoteGroup, QuoteLine, QuoteVersion, UnpricedLine, list_for_term
from salesmgmt.documents._figures import fine_amount, part_of
from salesmgmt.documents._labels import Labels

AnyLine: TypeAlias = QuoteLine | UnpricedLine


@attrs.frozen(kw_only=True)
class Row:
    """One line, as text."""

    number: str
    depth: int
    name: str
    details: tuple[str, ...]
    quantity: str
    list_price: str
    discount: str
    amount: str
    instead_of: str = ""
    line: AnyLine


@attrs.frozen(kw_only=True)
class Block:
    """The rows of one group, or those in none, with their sum."""

    title: str
    rows: tuple[Row, ...]
    subtotal: str


class Rows:
    """Turns the lines of a quote's current version into rows."""

    def __init__(
        self, quote: Quote, wording: Wording, words: Mapping[str, str], names: Mapping[str, str]
    ) -> None:
        self._quote, self._wording, self._words, self._labels = quote, wording, words, Labels(names)
        groups = sorted(quote.current.groups, key=lambda group: group.position)
        self._groups = (QuoteGroup(""), *groups)
        self._tree = tuple(_walk(quote.current, [group.id for group in self._groups]))
        self._numbers = dict(_numbered(self._tree))
        self._parts: dict[str, set[str]] = {}
        for line, _ in self._tree:
            self._parts.setdefault(line.parent, set()).add(line.product)
        unpriced = () if quote.taken else quote.current.required_unpriced
        self._counted = {line.id for line in (*quote.counted_lines, *unpriced)}

    def blocks(self) -> Iterator[Block]:
        """What counts in the total, by group; what is in no group comes first."""
        for group in self._groups:
            lines = [line for line, _ in self._tree if line.id in self._counted and line.group == group.id]
            if lines:
                subtotal = self.amount(_sum(lines)) if len(self._groups) > 1 else ""
                yield Block(title=group.name or group.id, rows=self._rows(lines), subtotal=subtotal)

    def offers(self) -> tuple[Row, ...]:
        """Optional lines and alternatives with their parts, as long as the customer has not decided."""
        if self._quote.taken:
            return ()
        return self._rows([line for line, _ in self._tree if line.id not in self._counted])

    def number(self, line: AnyLine) -> str:
        """Its number in the document, such as 2.1."""
        return self._numbers[line.id]

    def amount(self, amount: Money | None) -> str:
        """An amount, or that there is none yet."""
        return self._words["no_price"] if amount is None else self._wording.money(amount)

    def _rows(self, lines: Sequence[AnyLine]) -> tuple[Row, ...]:
        """Rows for lines of which parts come after what they belong to, and stand deeper where that is shown as well."""
        depths: dict[str, int] = {}
        for line in lines:
            depths[line.id] = depths.get(line.parent, -1) + 1
        return tuple(self._row(line, depths[line.id]) for line in lines)

    def _row(self, line: AnyLine, depth: int) -> Row:
        instead_of = ""
        if line.alternative_of:
            instead_of = self._words["instead_of"].replace("{number}", self._numbers[line.alternative_of])
        quantity = self._wording.number(line.quantity)
        listed = discount = ""
        if isinstance(line, QuoteLine):
            at_list = list_for_term(line)
            if at_list is not None and line.quantity:
                listed = fine_amount(self._wording, at_list / line.quantity)
                discount = self._discount(line, at_list)
        return Row(
            number=self._numbers[line.id],
            depth=depth,
            name=self._labels.product(line.product),
            details=tuple(self._details(line)),
            quantity=f"{quantity} {line.uom}".strip(),
            list_price=listed,
            discount=discount,
            amount=self.amount(line.net_amount if isinstance(line, QuoteLine) else None),
            instead_of=instead_of,
            line=line,
        )

    def _discount(self, line: QuoteLine, at_list: Money) -> str:
        """What is taken off, in percent; nothing for a surcharge, or where units are given back without a credit."""
        taken = at_list - line.net_amount
        if line.quantity < 0:
            at_list, taken = -at_list, -taken
            if not line.net_amount:
                return ""
        return part_of(self._wording, taken, at_list) if taken.amount > 0 else ""

    def _details(self, line: AnyLine) -> Iterator[str]:
        yield from self._labels.choices(line.configuration, self._parts.get(line.id, set()))
        if line.missing:
            yield f"{self._words['still_open']}: {', '.join(map(self._labels.attribute, line.missing))}"
        if line.starts or line.ends:
            key = "term" if line.starts and line.ends else "term_start" if line.starts else "term_end"
            text = self._words[key]
            last = line.ends - timedelta(days=1) if line.ends else None
            for mark, day in (("{starts}", line.starts), ("{ends}", last)):
                text = text.replace(mark, self._wording.date(day)) if day else text
            yield text
        if line.added_by and isinstance(line, QuoteLine) and not line.net_amount:
            yield self._words["free"]


def _sum(lines: Iterable[AnyLine]) -> Money | None:
    amounts = [line.net_amount if isinstance(line, QuoteLine) else None for line in lines]
    known = [amount for amount in amounts if amount is not None]
    return Money.total(known, known[0].currency) if len(known) == len(amounts) else None


def _walk(version: QuoteVersion, groups: Sequence[str]) -> Iterator[tuple[AnyLine, int]]:
    """All lines with their depth, by group, parts below what they belong to; no recursion, as trees may be deep."""
    parts: dict[str, list[AnyLine]] = {}
    for line in version.every_line:
        parts.setdefault(line.parent, []).append(line)
    tops = sorted(parts.get("", []), key=lambda line: groups.index(line.group))
    pending = [(line, 0) for line in reversed(tops)]
    while pending:
        line, depth = pending.pop()
        yield line, depth
        pending += [(part, depth + 1) for part in reversed(parts.get(line.id, []))]


def _numbered(tree: Iterable[tuple[AnyLine, int]]) -> Iterator[tuple[str, str]]:
    counts: list[int] = []
    for line, depth in tree:
        del counts[depth + 1 :]
        if len(counts) == depth:
            counts.append(0)
        counts[depth] += 1
        yield line.id, ".".join(map(str, counts))
