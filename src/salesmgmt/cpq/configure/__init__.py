"""Configure: what can be chosen about a product, what goes together, and why not."""

from __future__ import annotations

from salesmgmt.core.entity import Entity
from salesmgmt.core.events import Event
from salesmgmt.cpq.configure.attribute import (
    Attribute,
    FreeText,
    YesNo,
)
from salesmgmt.cpq.configure.backend import Backend
from salesmgmt.cpq.configure.cell import (
    OneOf,
)
from salesmgmt.cpq.configure.configuration import (
    Chosen,
    Configuration,
    Origin,
)
from salesmgmt.cpq.configure.configurator import (
    Configurator,
)
from salesmgmt.cpq.configure.dimacs import (
    read_dimacs,
)
from salesmgmt.cpq.configure.formula_rule import (
    Arithmetic,
    Derivation,
    Implies,
    Total,
)
from salesmgmt.cpq.configure.model import (
    Component,
    ProductModel,
    SharedRules,
)
from salesmgmt.cpq.configure.number_attribute import (
    DecimalNumber,
    WholeNumber,
)
from salesmgmt.cpq.configure.option_group import (
    MultiSelect,
    Option,
    OptionGroup,
    Pick,
)
from salesmgmt.cpq.configure.questions import (
    Answer,
    OpenQuestion,
    Question,
    open_questions,
)
from salesmgmt.cpq.configure.refusals import (
    Choice,
    ChoiceRefused,
    Conflict,
    NotChoosable,
    NotPriced,
    NotProven,
    UnknownAttribute,
    UnknownValue,
)
from salesmgmt.cpq.configure.repair import (
    Repair,
)
from salesmgmt.cpq.configure.rule import (
    Cardinality,
    Excludes,
    Requires,
    Rule,
    Structure,
    Table,
)
from salesmgmt.cpq.configure.soft import (
    Advisor,
)
from salesmgmt.cpq.configure.soft_rule import (
    AlertLevel,
    Alerts,
    Hides,
    Prefers,
    Recommends,
)
from salesmgmt.cpq.configure.value_prices import (
    ValuePrices,
)
from salesmgmt.cpq.configure.verdict import (
    Verdict,
)

ENTITIES: tuple[type[Entity], ...] = ()
"""A configuration is kept in the line that it is for."""

EVENTS: tuple[type[Event], ...] = ()

__all__ = [
    "ENTITIES",
    "EVENTS",
    "Advisor",
    "AlertLevel",
    "Alerts",
    "Answer",
    "Arithmetic",
    "Attribute",
    "Backend",
    "Cardinality",
    "Choice",
    "ChoiceRefused",
    "Chosen",
    "Component",
    "Configuration",
    "Configurator",
    "Conflict",
    "DecimalNumber",
    "Derivation",
    "Excludes",
    "FreeText",
    "Hides",
    "Implies",
    "MultiSelect",
    "NotChoosable",
    "NotPriced",
    "NotProven",
    "OneOf",
    "OpenQuestion",
    "Option",
    "OptionGroup",
    "Origin",
    "Pick",
    "Prefers",
    "ProductModel",
    "Question",
    "Recommends",
    "Repair",
    "Requires",
    "Rule",
    "SharedRules",
    "Structure",
    "Table",
    "Total",
    "UnknownAttribute",
    "UnknownValue",
    "ValuePrices",
    "Verdict",
    "WholeNumber",
    "YesNo",
    "open_questions",
    "read_dimacs",
]
