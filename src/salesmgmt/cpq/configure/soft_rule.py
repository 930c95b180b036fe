"""Rules that advise and never forbid: what to try first, to recommend, to warn of, to hide."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

import attrs

from salesmgmt.cpq.configure.cell import OneOf, copied, shown


class AlertLevel(StrEnum):
    """How loud an alert is.

    >>> from salesmgmt.cpq.configure import AlertLevel
    >>> [level.value for level in AlertLevel]
    ['info', 'warning']
    """

    INFO = "info"
    WARNING = "warning"


@attrs.frozen(kw_only=True)
class Prefers:
    """Where a condition holds, `Configuration.complete` tries these values first.

    Attributes:
        id: its name, unique in the model.
        when: formula of the condition; always when empty.
        prefer: attributes with the value, or the values in the order in which they are tried.
        text: what people read about it.

    >>> from salesmgmt.cpq.configure import Prefers
    >>> str(Prefers(id="P1", when="frame == 'carbon'", prefer={"wheels": ("carbon", "alloy")}))
    'P1: prefer wheels = carbon or alloy'
    """

    id: str
    when: str = ""
    prefer: Mapping[str, OneOf] = attrs.field(converter=copied, hash=False)
    text: str = ""

    def __str__(self) -> str:
        return f"{self.id}: {self.text or f'prefer {shown(self.prefer)}'}"


@attrs.frozen(kw_only=True)
class Recommends:
    """Where a condition holds, these values are worth a thought.

    Attributes:
        id: its name, unique in the model.
        when: formula of the condition; always when empty.
        recommend: attributes with the value, or the values, that are recommended.
        text: what people read.

    >>> from salesmgmt.cpq.configure import Recommends
    >>> str(Recommends(id="N1", when="usage == 'commuting'", recommend={"extras.light": True}))
    'N1: extras.light = yes is recommended'
    """

    id: str
    when: str = ""
    recommend: Mapping[str, OneOf] = attrs.field(converter=copied, hash=False)
    text: str = ""

    def __str__(self) -> str:
        return f"{self.id}: {self.text or f'{shown(self.recommend)} is recommended'}"


@attrs.frozen(kw_only=True)
class Alerts:
    """Where a condition holds, people are told something.

    Attributes:
        id: its name, unique in the model.
        when: formula of the condition.
        text: what they are told.
        level: how loud.

    >>> from salesmgmt.cpq.configure import Alerts
    >>> str(Alerts(id="W1", when="length > 5", text="longer than 5 m takes three weeks more"))
    'W1: longer than 5 m takes three weeks more'
    """

    id: str
    when: str
    text: str
    level: AlertLevel = AlertLevel.WARNING

    def __str__(self) -> str:
        return f"{self.id}: {self.text}"


@attrs.frozen(kw_only=True)
class Hides:
    """Where a condition holds, attributes are not shown; what is valid does not change.

    Attributes:
        id: its name, unique in the model.
        when: formula of the condition.
        attributes: what is not shown then; the id of a group or component hides all of it.
        text: what people read about it.

    >>> from salesmgmt.cpq.configure import Hides
    >>> str(Hides(id="H1", when="motor == 'none'", attributes=("battery", "charger")))
    'H1: hide battery, charger'
    """

    id: str
    when: str
    attributes: tuple[str, ...]
    text: str = ""

    def __str__(self) -> str:
        listed = ", ".join(self.attributes)
        return f"{self.id}: {self.text or f'hide {listed}'}"


SoftRule: TypeAlias = Prefers | Recommends | Alerts | Hides
"""Any rule that only advises."""
