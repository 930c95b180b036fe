"""Merging as a mechanism: which of several records carries on, with which values, and which stay out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.engines.matching.survivorship import (
    Candidate,
    Choice,
    Keep,
    Survivorship,
    UnknownField,
    is_empty,
)
from salesmgmt.engines.matching.unmerging import LaterRules, Undone, undo_merge


class RankFirst(StrEnum):
    """Which values of a field come first."""

    SMALLEST = "smallest"
    LARGEST = "largest"


@attrs.frozen(kw_only=True)
class RankBy:
    """One criterion of a ranking; a record without a value comes after those with one.

    Attributes:
        field: the field.
        first: which values come first.
        order: for words, all of them from the first to the last, in place of `first`; others come after them.
    """

    field: str
    first: RankFirst = RankFirst.SMALLEST
    order: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Exclusion:
    """Records that stay out of a merge.

    Attributes:
        field: the field.
        values: the words with which a record stays out.
    """

    field: str
    values: tuple[str, ...]


class MergeRefused(SalesError, ValueError):
    """Records cannot be merged.

    Attributes:
        records: ids of the records that stand in the way.
        reason: why, as a code: `too_few`, `too_many`, `twice`.
        found: how many there are.
        wanted: how many there may be.
    """

    code = "merge_refused"

    def __init__(self, records: Iterable[str], reason: str, found: int, wanted: str, hint: str) -> None:
        self.records = tuple(records)
        self.reason = reason
        self.found = found
        self.wanted = wanted
        shown = ", ".join(self.records[:10])
        super().__init__(f"{found} records to merge where {wanted} are wanted ({shown})", hint=hint)


@attrs.frozen(kw_only=True)
class Merged:
    """What a merge does: a preview, and all that is needed to take it back.

    Attributes:
        before: the records as they are, the one that carries on first, then the others by rank.
        choices: what becomes of each field, and what is left behind.
        excluded: ids of the records that stay out.
    """

    before: tuple[Candidate, ...]
    choices: tuple[Choice, ...]
    excluded: tuple[str, ...] = ()

    @property
    def master(self) -> str:
        """Id of the record that carries on."""
        return self.before[0].id

    @property
    def removed(self) -> tuple[str, ...]:
        """Ids of the records that it carries on for, by rank."""
        return tuple(record.id for record in self.before[1:])

    @property
    def values(self) -> dict[str, Any]:
        """The fields of the record that carries on, as they are afterwards."""
        return {choice.field: choice.value for choice in self.choices}

    @property
    def sources(self) -> dict[str, str]:
        """Id of the record that each field comes from; of a united mapping, each `field.key`."""
        return {part.field: part.source for choice in self.choices for part in choice.parts or (choice,)}

    def undo(self, now: Mapping[str, Mapping[str, Any]], *, later_changes: LaterRules) -> Undone:
        """Take the merge back; see `undo_merge`."""
        before = {record.id: record.values for record in self.before}
        return undo_merge(before, self.values, now, sources=self.sources, later_changes=later_changes)


@attrs.frozen(kw_only=True)
class MergePolicy:
    """How records become one, as data.

    Attributes:
        id: name of the policy.
        version: of the definition.
        ranking: which record carries on, by the first criterion that parts two; equal ones stay in the order given.
        survivorship: which value of each field survives.
        limit: how many records can become one at most; `None` for any number.
        excluded: records that stay out.

    >>> from salesmgmt.engines.matching import Candidate, Exclusion, MergePolicy, RankBy, RankFirst
    >>> policy = MergePolicy(id="largest first", ranking=(RankBy(field="size", first=RankFirst.LARGEST),),
    ...                      excluded=(Exclusion(field="status", values=("lost",)),))
    >>> merged = policy.plan([Candidate(id="a", values={"size": 1, "town": "Bonn", "status": "open"}),
    ...                       Candidate(id="b", values={"size": 3, "town": "", "status": "open"}),
    ...                       Candidate(id="c", values={"size": 9, "town": "Jena", "status": "lost"})])
    >>> merged.master, merged.removed, merged.excluded, merged.values["town"], merged.sources["town"]
    ('b', ('a',), ('c',), 'Bonn', 'a')
    """

    id: str
    version: int = 1
    ranking: tuple[RankBy, ...] = ()
    survivorship: Survivorship = attrs.field(factory=Survivorship)
    limit: int | None = None
    excluded: tuple[Exclusion, ...] = ()

    @classmethod
    def load(cls, path: Path | str) -> MergePolicy:
        """Read a policy from a TOML file.

        Raises:
            InvalidInput: the file is no such definition; all problems are listed.
            InvalidDefinition: the policy cannot work; all findings are listed.
        """
        policy = load_definition(path, cls)
        refuse_errors(f"merge policy {policy.id}", policy.lint())
        return policy

    def lint(self) -> Iterable[Finding]:
        """Yield what cannot work in this policy."""
        if self.limit is not None and self.limit < 2:
            yield _finding("no_room", "limit", f"{self.limit} records make no merge", "allow at least 2")
        grouped = Counter(name for group in self.survivorship.together for name in group)
        for name in sorted(name for name, count in grouped.items() if count > 1):
            yield _finding(
                "duplicate_id", "survivorship.together", f"{name} is in two groups", "leave it in one"
            )
        followers = {name for group in self.survivorship.together for name in group[1:]}
        for name, rule in self.survivorship.fields.items():
            where = f"survivorship.fields.{name}"
            if name in followers:
                yield _finding(
                    "rule_unused",
                    where,
                    "it is taken together with the first field of its group",
                    "give that field the rule",
                )
            if rule.order and rule.keep not in {Keep.SMALLEST, Keep.LARGEST}:
                yield _finding("order_unused", where, f"{rule.keep} reads no order", "remove order")
            if rule.sort_by is not None and rule.keep is not Keep.UNION:
                yield _finding("order_unused", where, f"{rule.keep} sorts nothing", "remove sort_by")
            if rule.keep is Keep.GIVEN:
                yield _finding("nothing_given", where, "a rule has nothing to give", "use another rule")

    def rank(self, records: Iterable[Candidate]) -> tuple[Candidate, ...]:
        """Put records in the order in which they should carry on.

        Raises:
            UnknownField: the ranking names a field that the records do not have.
            InvalidInput: the values of a field cannot be ordered.
        """
        ranked = list(records)
        _require_known((criterion.field for criterion in self.ranking), ranked)
        for criterion in reversed(self.ranking):  # a stable sort by the last criterion first
            ranked = _sorted(ranked, criterion)
        return tuple(ranked)

    def plan(
        self,
        records: Sequence[Candidate],
        *,
        overrides: Mapping[str, Any] | None = None,
        ranked: bool = False,
    ) -> Merged:
        """Show what merging records would do; nothing is changed.

        Args:
            records: those that are to become one, all with the same fields.
            overrides: values that are given with the merge, by field, whatever the records have.
            ranked: keep the order given in place of the ranking.

        Raises:
            MergeRefused: one is named twice, or there are too few or too many.
            UnknownField: a rule, the ranking, or an override names a field that the records do not have.
            InvalidInput: the values of a field cannot be ordered, or united, as a rule asks, or the records have different
                fields.
        """
        if twice := sorted(key for key, count in Counter(one.id for one in records).items() if count > 1):
            raise MergeRefused(twice, "twice", len(records), "different ones", "name each record once")
        _require_known((rule.field for rule in self.excluded), records)
        inside = [record for record in records if not self.excludes(record)]
        self._require_number(inside)
        before = tuple(inside) if ranked else self.rank(inside)
        given = overrides or {}
        survivorship = attrs.evolve(
            self.survivorship,
            fields={**self.survivorship.fields, **dict.fromkeys(given, Keep.SURVIVOR)},
            together=tuple(
                tuple(name for name in group if name not in given) for group in self.survivorship.together
            ),
        )
        choices = tuple(
            attrs.evolve(choice, value=given[choice.field], source="", sources=(), keep=Keep.GIVEN)
            if choice.field in given
            else choice
            for choice in survivorship.choose(before)
        )
        kept = {record.id for record in inside}
        return Merged(
            before=before,
            choices=choices,
            excluded=tuple(record.id for record in records if record.id not in kept),
        )

    def excludes(self, record: Candidate) -> bool:
        """Whether a record stays out of every merge."""
        return any(str(record.values.get(rule.field, "")) in rule.values for rule in self.excluded)

    def _require_number(self, records: Sequence[Candidate]) -> None:
        ids = [record.id for record in records]
        if self.limit is not None and len(ids) > self.limit:
            wanted = f"2 to {self.limit}"
            raise MergeRefused(ids, "too_many", len(ids), wanted, "merge fewer at once, or raise the limit")
        if len(ids) < 2:
            raise MergeRefused(ids, "too_few", len(ids), "at least 2", "name more that may be merged")


def _require_known(names: Iterable[str], records: Sequence[Candidate]) -> None:
    for name in names:
        if records and name not in records[0].values:
            raise UnknownField(name, tuple(records[0].values))


def _sorted(records: list[Candidate], criterion: RankBy) -> list[Candidate]:
    name = criterion.field
    filled = [record for record in records if not is_empty(record.values.get(name))]
    empty = [record for record in records if is_empty(record.values.get(name))]
    if criterion.order:
        places = {word: place for place, word in enumerate(criterion.order)}
        filled.sort(key=lambda record: places.get(str(record.values[name]), len(places)))
        return filled + empty
    try:
        # `reverse` keeps the order of equal ones, as a sort by the negative would.
        filled.sort(key=lambda record: record.values[name], reverse=criterion.first is RankFirst.LARGEST)
    except TypeError as error:
        found = ", ".join(shorten(record.values[name], 30) for record in filled[:5])
        raise InvalidInput(
            "the merge", [Problem(name, "not_comparable", found, "values of one kind that have an order")]
        ) from error
    return filled + empty


def _finding(code: str, where: str, message: str, hint: str) -> Finding:
    return Finding(code=code, where=where, message=message, hint=hint)
