"""The policy of leads: the reasons for which they may be given up, put off or sent back, as data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, shorten
from salesmgmt.core.findings import Finding, duplicate_ids, refuse_errors
from salesmgmt.core.nearest import nearest
from salesmgmt.pipeline.leads.details import LONGEST, cleaned
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus


class ReasonRequired(SalesError, ValueError):
    """A lead was given up, put off or sent back without a reason.

    Attributes:
        lead: id of the lead.
        target: the status it would have got.
    """

    code = "reason_required"

    def __init__(self, lead: str, target: LeadStatus) -> None:
        super().__init__(f"lead {lead} becomes {target} without a reason", hint="say why: reason='no budget'")
        self.lead = lead
        self.target = target


class UnknownReason(SalesError, ValueError):
    """The reason is none of those that the policy declares.

    Attributes:
        lead: id of the lead.
        found: the reason, shortened for showing.
        known: ids of the reasons that there are.
    """

    code = "unknown_lead_reason"

    def __init__(self, lead: str, found: str, known: tuple[str, ...]) -> None:
        close = nearest(found, known)
        super().__init__(
            f"lead {lead}: {shorten(found)} is no declared reason",
            hint=f"did you mean {close!r}?" if close else f"known are {', '.join(known)}",
        )
        self.lead = lead
        self.found = shorten(found)
        self.known = known


class NoteRequired(SalesError, ValueError):
    """The reason says too little without a note.

    Attributes:
        lead: id of the lead.
        reason: id of the reason.
    """

    code = "lead_note_required"

    def __init__(self, lead: str, reason: str) -> None:
        super().__init__(
            f"lead {lead}: the reason {reason} needs a note", hint="say more: note='bought a used one'"
        )
        self.lead = lead
        self.reason = reason


@attrs.frozen(kw_only=True)
class LeadReason:
    """A reason that a host declares.

    Attributes:
        id: what leads and events call it.
        name: what people read; the id when it is empty.
        note_required: whether a note must say more.
    """

    id: str
    name: str = ""
    note_required: bool = False


@attrs.frozen(kw_only=True)
class LeadPolicy:
    """The reasons that there are; a list that is empty leaves the reason to whoever gives it.

    Attributes:
        disqualify: reasons to give a lead up.
        nurture: reasons to put it off.
        recycle: reasons to send it back to the pool.

    Raises:
        InvalidDefinition: a reason stands in one list twice, or has no id.

    >>> from salesmgmt.pipeline.leads import LeadPolicy, LeadReason
    >>> policy = LeadPolicy(disqualify=(LeadReason(id="no_budget"), LeadReason(id="other", note_required=True)))
    >>> [reason.id for reason in policy.disqualify]
    ['no_budget', 'other']
    """

    disqualify: tuple[LeadReason, ...] = ()
    nurture: tuple[LeadReason, ...] = ()
    recycle: tuple[LeadReason, ...] = ()

    def __attrs_post_init__(self) -> None:
        refuse_errors("lead policy", self.lint())

    @classmethod
    def load(cls, path: Path | str) -> LeadPolicy:
        """Read a policy from a TOML file.

        Raises:
            InvalidInput: the file is no such definition; all problems are listed.
            InvalidDefinition: a reason stands in one list twice, or has no id.
        """
        return load_definition(path, cls)

    def lint(self) -> Iterator[Finding]:
        """Yield what is wrong in this policy."""
        for name in ("disqualify", "nurture", "recycle"):
            reasons: tuple[LeadReason, ...] = getattr(self, name)
            yield from duplicate_ids(name, (reason.id for reason in reasons))
            for index, reason in enumerate(reasons):
                if not reason.id.strip():
                    yield Finding(
                        code="no_id", where=f"{name}[{index}]", message="it has no id", hint="give it one"
                    )

    def read(self, lead: Lead, target: LeadStatus, reason: str, note: str = "") -> tuple[str, str]:
        """Return a reason and a note without blanks around them.

        Raises:
            ReasonRequired, UnknownReason, NoteRequired: the policy refuses them.
            InvalidInput: one of them is no text, or too long.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.pipeline.leads import Lead, LeadPolicy, LeadReason, LeadStatus
        >>> lead = Lead(id="l1", name="Ana", created_at=datetime(2026, 1, 1, tzinfo=UTC))
        >>> LeadPolicy(disqualify=(LeadReason(id="no_budget"),)).read(lead, LeadStatus.UNQUALIFIED, "no_buget")
        Traceback (most recent call last):
        salesmgmt.pipeline.leads.policy.UnknownReason: lead l1: 'no_buget' is no declared reason; did you mean 'no_budget'?
        """
        texts: dict[str, object] = {"reason": reason, "note": note}
        problems = [
            Problem(name, "wrong_type", shorten(text), f"a text of at most {LONGEST} characters")
            for name, text in texts.items()
            if not isinstance(text, str) or len(text) > LONGEST
        ]
        if problems:
            raise InvalidInput(f"what is said of lead {lead.id}", problems)
        reason, note = cleaned(reason), cleaned(note)
        if not reason:
            raise ReasonRequired(lead.id, target)
        declared = self._declared(target)
        if declared:
            known = {one.id: one for one in declared}
            if reason not in known:
                raise UnknownReason(lead.id, reason, tuple(known))
            if known[reason].note_required and not note:
                raise NoteRequired(lead.id, reason)
        return reason, note

    def _declared(self, target: LeadStatus) -> tuple[LeadReason, ...]:
        if target is LeadStatus.UNQUALIFIED:
            return self.disqualify
        return self.nurture if target is LeadStatus.NURTURING else self.recycle


ANY_REASON = LeadPolicy()
"""The policy of a host that declares no reasons: any will do, but one must be given."""
