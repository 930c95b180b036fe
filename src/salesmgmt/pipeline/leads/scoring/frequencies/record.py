"""What a frequency table counts of a lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.formula import Values
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.leads.facts import lead_values
from salesmgmt.pipeline.leads.lead import Lead

STAGE = "stage"
"""The name under which stages stand in a table."""

TAG = "tag"
"""The name under which tags stand in a table."""


class LeadOutcome(StrEnum):
    """How a lead ended.

    >>> from salesmgmt.pipeline.leads import LeadOutcome
    >>> LeadOutcome("won").name
    'WON'
    """

    WON = "won"
    LOST = "lost"


def _frozen(fields: Mapping[str, str]) -> FrozenMap[str, str]:
    return FrozenMap(fields)


def _tags(given: Iterable[str]) -> frozenset[str]:
    # A text would fall apart into letters.
    return frozenset((given,)) if isinstance(given, str) else frozenset(given)


def _outcome(given: LeadOutcome | str | None) -> LeadOutcome | None:
    return None if given is None else option(LeadOutcome, given, "the outcome")


@attrs.frozen(kw_only=True)
class LeadRecord:
    """A lead as a frequency table sees it; open while it has no outcome.

    Attributes:
        fields: its value in each field that is counted, as text; an empty text is a missing value.
        stage: the stage it is in, or was in last; empty when it has none.
        team: whose lead it is; empty for nobody's.
        tags: its tags.
        outcome: how it ended; `None` while it is open.

    Raises:
        InvalidInput: a field has no text for a value, or bears the name of the stages or tags.
        UnknownOption: there is no such outcome.

    >>> from salesmgmt.pipeline.leads import LeadRecord
    >>> open_lead = LeadRecord(fields={"country": "BE"}, stage="new", tags={"fair"})
    >>> open_lead.lost().outcome.value, open_lead.lost().reopened() == open_lead
    ('lost', True)
    """

    fields: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    stage: str = ""
    team: str = ""
    tags: frozenset[str] = attrs.field(default=frozenset(), converter=_tags)
    outcome: LeadOutcome | None = attrs.field(default=None, converter=_outcome)

    def __attrs_post_init__(self) -> None:
        texts: list[tuple[str, object]] = [(f"fields.{name}", value) for name, value in self.fields.items()]
        texts += [("stage", self.stage), ("team", self.team), *(("tags", tag) for tag in self.tags)]
        problems = [
            Problem(path, "wrong_type", shorten(value), "a text")
            for path, value in texts
            if not isinstance(value, str)
        ]
        problems += [
            Problem(f"fields.{name}", "name_taken", name, f"another name: the lead has a {name} of its own")
            for name in (STAGE, TAG)
            if name in self.fields
        ]
        if problems:
            raise InvalidInput("lead record", problems)

    @classmethod
    def of(
        cls,
        lead: Lead,
        *,
        fields: Iterable[str],
        stage: str = "",
        outcome: LeadOutcome | None = None,
        facts: Values | None = None,
    ) -> LeadRecord:
        """Make the record of a lead.

        Args:
            lead: the lead; its team and tags are taken from it.
            fields: the names that are counted, as formulas know them: `lead.country`, `lead.fields.branch`, a fact.
            stage: where it is in the host's pipeline.
            outcome: how it ended.
            facts: values of further names.

        Raises:
            InvalidInput: a value is no text, number, date or truth value.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.pipeline.leads import Lead, LeadRecord
        >>> lead = Lead(id="l1", country="BE", created_at=datetime(2026, 1, 1, tzinfo=UTC))
        >>> dict(LeadRecord.of(lead, fields=["lead.country", "lead.source"], stage="new").fields)
        {'lead.country': 'BE', 'lead.source': ''}
        """
        values = lead_values(lead, facts)
        texts, problems = {}, []
        for name in fields:
            text = _text_of(values.get(name))
            if text is None:
                problems.append(
                    Problem(name, "wrong_type", shorten(values[name]), "a text, number, date or truth value")
                )
            else:
                texts[name] = text
        if problems:
            raise InvalidInput("lead record", problems)
        return cls(fields=texts, stage=stage, team=lead.team, tags=lead.tags, outcome=outcome)

    def won(self) -> LeadRecord:
        """Return it as won."""
        return attrs.evolve(self, outcome=LeadOutcome.WON)

    def lost(self) -> LeadRecord:
        """Return it as lost in its present stage."""
        return attrs.evolve(self, outcome=LeadOutcome.LOST)

    def reopened(self) -> LeadRecord:
        """Return it as open."""
        return attrs.evolve(self, outcome=None)


def _text_of(value: object) -> str | None:
    """A value as the text under which it is counted: equal values give equal texts; `None` for what has none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int):
        return f"{Decimal(value).normalize():f}"
    if isinstance(value, Percent):
        return f"{value.points.normalize():f}%"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else None
