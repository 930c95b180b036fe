"""Configure: what can be chosen about a product, what goes together, and why not."""

from __future__ import annotations

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.cpq.configure.attribute import Attribute
from salesmgmt.cpq.configure.configuration import Chosen, Configuration, Origin
from salesmgmt.cpq.configure.configurator import Configurator
from salesmgmt.cpq.configure.model import ProductModel
from salesmgmt.cpq.configure.refusals import (
    Choice,
    ChoiceRefused,
    Conflict,
    NotProven,
    UnknownAttribute,
    UnknownValue,
)
from salesmgmt.cpq.configure.rule import Excludes, OneOf, Requires, Rule, Table

ENTITIES: tuple[type[Entity], ...] = ()
"""A configuration is kept in the line that it is for."""

EVENTS: tuple[type[Event], ...] = ()

__all__ = [
    "ENTITIES",
    "EVENTS",
    "Attribute",
    "Choice",
    "ChoiceRefused",
    "Chosen",
    "Configuration",
    "Configurator",
    "Conflict",
    "Excludes",
    "NotProven",
    "OneOf",
    "Origin",
    "ProductModel",
    "Requires",
    "Rule",
    "Table",
    "UnknownAttribute",
    "UnknownValue",
]
