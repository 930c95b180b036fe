"""Cash: orders, invoices by a plan, payments, and what customers owe; every balance is a fold of one ledger."""

from salesmgmt.pipeline.cash.ageing import NOT_DUE, AgedItem, Ageing, AgeingBasis, AgeingReport
from salesmgmt.pipeline.cash.application import (
    OLDEST_DUE,
    Application,
    OldestDue,
    PaymentStrategy,
    Specified,
    apply_payment,
)
from salesmgmt.pipeline.cash.collection import CountbackDso, cei, dso_countback, dso_true
from salesmgmt.pipeline.cash.due import DueMove, DueRule, DueStep
from salesmgmt.pipeline.cash.events import (
    InvoiceCredited,
    InvoiceIssued,
    InvoiceWrittenOff,
    OrderPlaced,
    PaymentApplied,
    PaymentReceived,
    Settled,
)
from salesmgmt.pipeline.cash.invoice import Invoice, InvoiceStatus, invoice_status, outstanding
from salesmgmt.pipeline.cash.invoice_plan import InvoicePlan
from salesmgmt.pipeline.cash.ledger import (
    Balances,
    EntryKind,
    LedgerEntry,
    PaymentId,
    balances,
    customer_credit,
)
from salesmgmt.pipeline.cash.metrics import (
    INVOICE_FACTS,
    PAYMENT_FACTS,
    days_sales_outstanding,
    dso,
    invoice_facts,
)
from salesmgmt.pipeline.cash.metrics import METRICS as CASH_METRICS
from salesmgmt.pipeline.cash.order import Order, OrderLine
from salesmgmt.pipeline.cash.ordering import Invoicing, invoices_for, place_order
from salesmgmt.pipeline.cash.parts import Part
from salesmgmt.pipeline.cash.payment import Payment
from salesmgmt.pipeline.cash.receiving import Receipt, record_payment
from salesmgmt.pipeline.cash.reduction import credit_invoice, write_off
from salesmgmt.pipeline.cash.refusals import (
    BrokenLedger,
    DuplicateKey,
    InvalidDocument,
    InvalidLimits,
    InvalidTerms,
    NoCustomer,
    NotPositive,
    OtherCustomer,
    OverAllocation,
    UnknownDocument,
)
from salesmgmt.pipeline.cash.terms import Instalment, PaymentTerms

ENTITIES = (Invoice, LedgerEntry, Order, Payment)
EVENTS = (InvoiceCredited, InvoiceIssued, InvoiceWrittenOff, OrderPlaced, PaymentApplied, PaymentReceived)

__all__ = [
    "CASH_METRICS",
    "ENTITIES",
    "EVENTS",
    "INVOICE_FACTS",
    "NOT_DUE",
    "OLDEST_DUE",
    "PAYMENT_FACTS",
    "AgedItem",
    "Ageing",
    "AgeingBasis",
    "AgeingReport",
    "Application",
    "Balances",
    "BrokenLedger",
    "CountbackDso",
    "DueMove",
    "DueRule",
    "DueStep",
    "DuplicateKey",
    "EntryKind",
    "Instalment",
    "InvalidDocument",
    "InvalidLimits",
    "InvalidTerms",
    "Invoice",
    "InvoiceCredited",
    "InvoiceIssued",
    "InvoicePlan",
    "InvoiceStatus",
    "InvoiceWrittenOff",
    "Invoicing",
    "LedgerEntry",
    "NoCustomer",
    "NotPositive",
    "OldestDue",
    "Order",
    "OrderLine",
    "OrderPlaced",
    "OtherCustomer",
    "OverAllocation",
    "Part",
    "Payment",
    "PaymentApplied",
    "PaymentId",
    "PaymentReceived",
    "PaymentStrategy",
    "PaymentTerms",
    "Receipt",
    "Settled",
    "Specified",
    "UnknownDocument",
    "apply_payment",
    "balances",
    "cei",
    "credit_invoice",
    "customer_credit",
    "days_sales_outstanding",
    "dso",
    "dso_countback",
    "dso_true",
    "invoice_facts",
    "invoice_status",
    "invoices_for",
    "outstanding",
    "place_order",
    "record_payment",
    "write_off",
]
