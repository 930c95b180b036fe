"""Products: what is sold."""

from __future__ import annotations

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.cpq.products.catalogue import Catalogue, Product, UnknownProduct

ENTITIES: tuple[type[Entity], ...] = ()
"""Products are values; a host keeps them where it likes."""

EVENTS: tuple[type[Event], ...] = ()

__all__ = [
    "ENTITIES",
    "EVENTS",
    "Catalogue",
    "Product",
    "UnknownProduct",
]
