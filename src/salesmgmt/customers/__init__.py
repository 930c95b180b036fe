"""Customers: accounts and contacts, what they bought, how good they are, and how they are served.

from salesmgmt.customers import Purchase, fit_rfm_scheme, summarise_rfm
"""

from salesmgmt.customers.account import (
    Account,
    AccountHandedOver,
    AccountKind,
    AccountOpened,
    hand_over,
    open_account,
)
from salesmgmt.customers.contact import Contact, ContactAdded, add_contact
from salesmgmt.customers.metrics import CUSTOMER_FACTS, METRICS, PURCHASE_FACTS
from salesmgmt.customers.purchases import Purchase
from salesmgmt.customers.rfm import MonetaryBasis, RfmScores, RfmSummary, summarise_rfm
from salesmgmt.customers.rfm_scheme import (
    Band,
    NothingToFit,
    RfmScheme,
    RfmScorer,
    SchemeKind,
    fit_rfm_scheme,
)
from salesmgmt.customers.segments import (
    CUSTOMER_SCHEMA,
    SegmentAssignment,
    Segmentation,
    Segmenter,
    SegmentRule,
    customer_values,
)

ENTITIES = (Account, Contact)
"""The entities of this room, for stores and codecs."""

EVENTS = (AccountHandedOver, AccountOpened, ContactAdded)
"""The events of this room, for stores and codecs."""

__all__ = [
    "CUSTOMER_FACTS",
    "CUSTOMER_SCHEMA",
    "ENTITIES",
    "EVENTS",
    "METRICS",
    "PURCHASE_FACTS",
    "Account",
    "AccountHandedOver",
    "AccountKind",
    "AccountOpened",
    "Band",
    "Contact",
    "ContactAdded",
    "MonetaryBasis",
    "NothingToFit",
    "Purchase",
    "RfmScheme",
    "RfmScorer",
    "RfmScores",
    "RfmSummary",
    "SchemeKind",
    "SegmentAssignment",
    "SegmentRule",
    "Segmentation",
    "Segmenter",
    "add_contact",
    "customer_values",
    "fit_rfm_scheme",
    "hand_over",
    "open_account",
    "summarise_rfm",
]
