"""Embeddable sales management: leads to cash, configure-price-quote, sales-force metrics.

The values that everybody types stand here; the rooms are `salesmgmt.customers`, `.pipeline`, `.cpq` and `.sfe`. Nothing is
loaded before it is asked for: `import salesmgmt` loads no submodule, and a name loads only the module it lives in.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from salesmgmt.core.actor import Actor
    from salesmgmt.core.entity import Entity, Ref, personal
    from salesmgmt.core.errors import InvalidInput, SalesError
    from salesmgmt.core.events import Event
    from salesmgmt.core.formula import Formula
    from salesmgmt.core.measured import Measured
    from salesmgmt.core.money import Money
    from salesmgmt.core.percent import Percent
    from salesmgmt.core.period import Period
    from salesmgmt.core.quantity import Quantity
    from salesmgmt.core.rounding import Rounding

__all__ = [
    "Actor",
    "Entity",
    "Event",
    "Formula",
    "InvalidInput",
    "Measured",
    "Money",
    "Percent",
    "Period",
    "Quantity",
    "Ref",
    "Rounding",
    "SalesError",
    "personal",
]

_HOMES = {
    "Actor": "actor",
    "Entity": "entity",
    "Event": "events",
    "Formula": "formula",
    "InvalidInput": "errors",
    "Measured": "measured",
    "Money": "money",
    "Percent": "percent",
    "Period": "period",
    "Quantity": "quantity",
    "Ref": "entity",
    "Rounding": "rounding",
    "SalesError": "errors",
    "personal": "entity",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        message = f"module 'salesmgmt' has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"salesmgmt.core.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
