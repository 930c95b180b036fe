"""The frequency table: how often each value was won and lost, team by team."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.exact import CONTEXT, add, exact, subtract
from salesmgmt.pipeline.leads.scoring.frequencies.policy import DEFAULT_FREQUENCIES, FrequencyPolicy
from salesmgmt.pipeline.leads.scoring.frequencies.record import STAGE, TAG, LeadOutcome, LeadRecord

if TYPE_CHECKING:
    from salesmgmt.pipeline.leads.scoring.frequencies.scorer import FrequencyScorer

_Key = tuple[str, str, str]


class NotCounted(SalesError, LookupError):
    """A lead is to be taken out of a frequency table that never counted it.

    Attributes:
        team: the team of the row.
        field: the field of the row.
        value: the value of the row.
        outcome: which of its counts is too small.
    """

    code = "not_counted"

    def __init__(self, team: str, field: str, value: str, outcome: str) -> None:
        super().__init__(
            f"{field} = {value!r} of team {team!r} has no {outcome} lead left to take back",
            hint="build the table anew from the history",
        )
        self.team = team
        self.field = field
        self.value = value
        self.outcome = outcome


@attrs.frozen(kw_only=True)
class FrequencyRow:
    """How often a value was won and lost, with smoothing.

    Attributes:
        field: the field, or `stage` or `tag`.
        value: its value; an empty text is a missing one.
        team: whose leads were counted; empty for those of no team.
        won: how many were won.
        lost: how many were lost; for a stage, how many got as far and were lost there or later.

    Raises:
        FloatRefused, NotANumber: a count is no exact number.
        InvalidInput: a count is negative.

    >>> from salesmgmt.pipeline.leads import FrequencyRow
    >>> FrequencyRow(field="country", value="BE", won="1.1", lost="0.1").won
    Decimal('1.1')
    """

    field: str
    value: str
    team: str = ""
    won: Decimal = attrs.field(converter=exact)
    lost: Decimal = attrs.field(converter=exact)

    def __attrs_post_init__(self) -> None:
        problems = [
            Problem(f"{self.field}:{self.value}.{side}", "range", str(count), "0 or more")
            for side, count in (("won", self.won), ("lost", self.lost))
            if count < 0
        ]
        if problems:
            raise InvalidInput("frequency row", problems)

    @property
    def key(self) -> tuple[str, str, str]:
        """Team, field and value: what makes it this row."""
        return self.team, self.field, self.value


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    # A text would fall apart into letters.
    return (given,) if isinstance(given, str) else tuple(given)


def _ordered(rows: Iterable[FrequencyRow]) -> tuple[FrequencyRow, ...]:
    return tuple(sorted(rows, key=lambda row: row.key))


@attrs.frozen(kw_only=True)
class FrequencyTable:
    """What naive Bayes needs to know of a history (Odoo's predictive lead scoring): data that is kept, updated and rebuilt.

    A won lead counts in every stage, a lost one in its last stage and all before it, so the first stage holds how many were won and
    lost at all. The table does not depend on the order of the leads, nor of the events that it followed.

    Attributes:
        stages: of the pipeline, in order.
        policy: how it counts.
        rows: the counts, in any order.

    Raises:
        InvalidInput: two rows count the same, or a stage stands twice.

    >>> from salesmgmt.pipeline.leads import FrequencyTable, LeadRecord
    >>> history = [LeadRecord(fields={"country": "BE"}, stage="new").lost(),
    ...            LeadRecord(fields={"country": "BE"}, stage="won").won()]
    >>> table = FrequencyTable.of(history, stages=["new", "won"])
    >>> [(row.field, row.value, str(row.won), str(row.lost)) for row in table.rows]
    [('country', 'BE', '1.1', '1.1'), ('stage', 'new', '1.1', '1.1'), ('stage', 'won', '1.1', '0.1')]
    """

    stages: tuple[str, ...] = attrs.field(converter=_texts)
    policy: FrequencyPolicy = DEFAULT_FREQUENCIES
    rows: tuple[FrequencyRow, ...] = attrs.field(default=(), converter=_ordered)

    def __attrs_post_init__(self) -> None:
        problems = [
            Problem(f"rows.{row.field}:{row.value}", "duplicate", f"two rows of team {row.team!r}", "one")
            for row, following in zip(self.rows, self.rows[1:], strict=False)
            if row.key == following.key
        ]
        problems += [
            Problem(f"stages[{place}]", "duplicate", stage, "each stage once")
            for place, stage in enumerate(self.stages)
            if stage in self.stages[:place]
        ]
        if problems:
            raise InvalidInput("frequency table", problems)

    @classmethod
    def of(
        cls,
        history: Iterable[LeadRecord],
        *,
        stages: Iterable[str],
        policy: FrequencyPolicy = DEFAULT_FREQUENCIES,
    ) -> FrequencyTable:
        """Build the table of a history; open leads in it do not count.

        Raises:
            InvalidInput: a lead was in none of these stages; all such leads are listed.

        >>> from salesmgmt.pipeline.leads import FrequencyTable
        >>> FrequencyTable.of([], stages=["new"]).rows
        ()
        """
        empty = cls(stages=stages, policy=policy)
        counts: dict[_Key, list[int]] = {}
        problems: list[Problem] = []
        leads: Iterable[object] = history
        for place, lead in enumerate(leads):
            if not isinstance(lead, LeadRecord):
                problems.append(Problem(f"history[{place}]", "wrong_type", shorten(lead), "a LeadRecord"))
            elif problem := empty._stage_problem(lead, f"history[{place}].stage"):
                problems.append(problem)
            elif lead.outcome is not None:
                side = _side(lead.outcome)
                for key in empty._keys(lead):
                    counts.setdefault(key, [0, 0])[side] += 1
        if problems:
            raise InvalidInput("history", problems)
        smoothing = empty.policy.smoothing
        rows = (
            _row(key, (add(smoothing, Decimal(won)), add(smoothing, Decimal(lost))))
            for key, (won, lost) in counts.items()
        )
        return attrs.evolve(empty, rows=rows)

    @property
    def digest(self) -> str:
        """SHA-256 of the table: equal tables have equal digests."""
        return digest_of(self)

    def row(self, field: str, value: str, team: str = "") -> FrequencyRow | None:
        """Return the row of a value; `None` when there is none.

        >>> from salesmgmt.pipeline.leads import FrequencyTable
        >>> FrequencyTable(stages=["new"]).row("stage", "new") is None
        True
        """
        return next((row for row in self.rows if row.key == (team, field, value)), None)

    def updated(self, before: LeadRecord | None, after: LeadRecord | None) -> FrequencyTable:
        """Follow one change of a lead: what was counted of it is taken back, what it is now is counted.

        Args:
            before: the lead as it was; `None` when it is new.
            after: the lead as it is; `None` when it is gone.

        Raises:
            InvalidInput: it was or is in no stage of this table.
            NotCounted: it was closed before, but the table never counted it.

        >>> from salesmgmt.pipeline.leads import FrequencyTable, LeadRecord
        >>> lead = LeadRecord(stage="new")
        >>> table = FrequencyTable(stages=["new", "won"]).updated(lead, lead.lost())
        >>> str(table.row("stage", "new").lost), table.updated(lead.lost(), lead).rows
        ('1.1', ())
        """
        leads = [lead for lead in (before, after) if lead is not None]
        problems = [problem for lead in leads if (problem := self._stage_problem(lead, "stage"))]
        if problems:
            raise InvalidInput("frequency table", problems)
        counts = {row.key: (row.won, row.lost) for row in self.rows}
        for lead, step in ((before, -1), (after, 1)):
            if lead is not None and lead.outcome is not None:
                for key in self._keys(lead):
                    self._count(counts, key, lead.outcome, step)
        return attrs.evolve(self, rows=(_row(key, pair) for key, pair in counts.items()))

    def without_team(self, team: str) -> FrequencyTable:
        """Give the counts of a team that is dissolved to the leads of no team; smoothing is not added twice.

        Rows that hold nothing but smoothing are not carried over.

        >>> from salesmgmt.pipeline.leads import FrequencyRow, FrequencyTable
        >>> table = FrequencyTable(stages=["new"], rows=[
        ...     FrequencyRow(field="stage", value="new", team="north", won="2.1", lost="0.1"),
        ...     FrequencyRow(field="stage", value="new", won="1.1", lost="3.1")])
        >>> [(str(row.won), str(row.lost)) for row in table.without_team("north").rows]
        [('3.1', '3.1')]
        """
        if not team:
            return self
        counts = {row.key: (row.won, row.lost) for row in self.rows if row.team != team}
        for row in self.rows:
            if row.team != team or max(row.won, row.lost) <= self.policy.smoothing:
                continue
            key = ("", row.field, row.value)
            there = counts.get(key)
            if there is None:
                counts[key] = (max(row.won, self.policy.smoothing), max(row.lost, self.policy.smoothing))
            else:
                counts[key] = (self._joined(there[0], row.won), self._joined(there[1], row.lost))
        return attrs.evolve(self, rows=(_row(key, pair) for key, pair in counts.items()))

    def compile(self) -> FrequencyScorer:
        """Return the scorer of this table."""
        from salesmgmt.pipeline.leads.scoring.frequencies.scorer import FrequencyScorer  # noqa: PLC0415 - it holds tables

        return FrequencyScorer(self)

    def _stage_problem(self, lead: LeadRecord, path: str) -> Problem | None:
        if not lead.stage or lead.stage in self.stages:
            return None
        return Problem(path, "unknown_stage", lead.stage, f"one of {', '.join(self.stages) or 'no stages'}")

    def _keys(self, lead: LeadRecord) -> Iterator[_Key]:
        """The rows in which a closed lead counts."""
        for field, value in lead.fields.items():
            if value or field in self.policy.missing_counts:
                yield lead.team, field, value
        for tag in lead.tags:
            yield lead.team, TAG, tag
        if lead.stage:
            won = lead.outcome is LeadOutcome.WON
            last = len(self.stages) if won else self.stages.index(lead.stage) + 1
            for stage in self.stages[:last]:
                yield lead.team, STAGE, stage

    def _count(
        self, counts: dict[_Key, tuple[Decimal, Decimal]], key: _Key, outcome: LeadOutcome, step: int
    ) -> None:
        smoothing, sticky = self.policy.smoothing, self.policy.sticky
        pair = list(counts.get(key, (smoothing, smoothing)))
        side = _side(outcome)
        count = add(pair[side], Decimal(step))
        if count < (0 if sticky else smoothing):
            if not sticky:
                raise NotCounted(*key, outcome.value)
            count = smoothing
        pair[side] = count
        if sticky:
            # No count of a row that was touched stays 0, also where it was given so: either side could then never be told again.
            pair = [one or smoothing for one in pair]
        if not sticky and max(pair) <= smoothing:
            counts.pop(key, None)
        else:
            counts[key] = (pair[0], pair[1])

    def _joined(self, one: Decimal, other: Decimal) -> Decimal:
        smoothing = self.policy.smoothing
        if self.policy.sticky:
            whole = Decimal(1)
            counts = (count.quantize(whole, ROUND_HALF_UP, CONTEXT) for count in (one, other))
            return max(add(*counts), smoothing)
        return add(one, max(subtract(other, smoothing), Decimal(0)))


def _side(outcome: LeadOutcome) -> int:
    return 0 if outcome is LeadOutcome.WON else 1


def _row(key: _Key, pair: tuple[Decimal, Decimal]) -> FrequencyRow:
    team, field, value = key
    return FrequencyRow(team=team, field=field, value=value, won=pair[0], lost=pair[1])
