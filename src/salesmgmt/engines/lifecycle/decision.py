"""Whether a move may be made: the answer as a value, and the refusal of a command."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import personal
from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.money import Money
from salesmgmt.core.nearest import nearest
from salesmgmt.core.percent import Percent


@attrs.frozen
class Unmet:
    """One thing that a move still lacks.

    Attributes:
        what: id of the condition; `transition`, `role` or the name of a missing argument for the other codes.
        wanted: what would have been right; for a condition, the part of its formula that failed.
        found: what stood there; `None` when nothing did. It may speak of a person, so it counts as personal data.
        code: kind of lack: `condition`, `transition` (no such move is declared), `role`, `required` (an argument).

    >>> from salesmgmt.engines.lifecycle import Unmet
    >>> Unmet("contract", wanted="contract.signed", found=False)
    Unmet('contract', wanted='contract.signed', found=False)
    """

    what: str
    wanted: str
    found: object = personal(blank=None, default=None)
    code: str = attrs.field(default="condition", kw_only=True)

    def __repr__(self) -> str:
        code = "" if self.code == "condition" else f", code={self.code!r}"
        return f"Unmet({self.what!r}, wanted={self.wanted!r}, found={self.found!r}{code})"

    def __str__(self) -> str:
        found = "nothing" if self.found is None else _shown(self.found)
        return f"{self.what}: wanted {self.wanted}, found {found}"


def _shown(found: object) -> str:
    is_figure = isinstance(found, (Decimal, Percent, Money))
    return str(found) if is_figure else shorten(found)


@attrs.frozen
class Decision:
    """The answer to "may it move from `source` to `target`?"; true when it may.

    Attributes:
        source: the state it is in.
        target: the state it would be in.
        unmet: all that the move still lacks; empty when it is allowed.

    >>> from salesmgmt.engines.lifecycle import Decision, Unmet
    >>> Decision("draft", "sent", (Unmet("total", wanted="quote.total > 0"),)).allowed
    False
    """

    source: str
    target: str
    unmet: tuple[Unmet, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing is lacking."""
        return not self.unmet

    def __bool__(self) -> bool:
        return not self.unmet

    def __str__(self) -> str:
        answer = "allowed" if self.allowed else "; ".join(map(str, self.unmet))
        return f"{self.source} -> {self.target}: {answer}"


def _reason(instance: object, attribute: attrs.Attribute[str], value: str) -> None:  # noqa: ARG001 - attrs' signature
    if not value.strip():
        raise ReasonMissing


@attrs.frozen
class Override:
    """Someone takes it upon himself that a move is made although its conditions are not met.

    Conditions are waived, and nothing else: a move that is not declared stays refused, and where the transition
    asks for a role, `by` or the mover must hold it.

    Attributes:
        by: who answers for it.
        reason: why; never blank.

    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.engines.lifecycle import Override
    >>> Override(by=Actor("chen", roles={"manager"}), reason="signed on paper").reason
    'signed on paper'
    """

    by: Actor
    reason: str = attrs.field(validator=_reason)


class ReasonMissing(SalesError, ValueError):
    """An override was given without a reason."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__("an override has no reason", hint="say why the conditions may be waived")


_MEET = "meet what is wanted; where a command takes an override, conditions can be waived"
"""What to do about a move that is refused, where a command cannot say it better."""


class MoveRefused(SalesError, ValueError):
    """A move was commanded that may not be made.

    Attributes:
        decision: the answer that the question would have got, with all that is lacking.
    """

    code = "move_refused"

    def __init__(self, decision: Decision, *, hint: str = _MEET) -> None:
        super().__init__(
            f"the move {decision.source} -> {decision.target} is refused:\n"
            + "\n".join(f"  {unmet}" for unmet in decision.unmet),
            hint=hint,
        )
        self.decision = decision


class UnknownState(SalesError, LookupError):
    """A state was named that the definition does not have.

    Attributes:
        found: the name that was given, shortened for showing.
        known: the states of the definition.
        definition: its id.
    """

    code = "unknown_state"

    def __init__(self, found: str, known: Iterable[str], definition: str) -> None:
        self.found = shorten(found)
        self.known = tuple(known)
        self.definition = definition
        close = nearest(found, self.known) if len(found) <= 100 else None
        meant = f"did you mean {close!r}? " if close else ""
        super().__init__(
            f"{definition} has no state {self.found}", hint=f"{meant}known are {', '.join(self.known)}"
        )
