"""Terms: what a price is for a time that is shorter, longer, stepped, renewed or changed."""

from __future__ import annotations

from salesmgmt.cpq.pricing.terms.billing_periods import (
    Anchor,
    BillingPeriods,
    PartialPeriod,
    PeriodPart,
)
from salesmgmt.cpq.pricing.terms.contract_change import (
    Amendment,
    ContractLine,
    NotWithinTerm,
    PriorStep,
    Renewal,
    RenewalMethod,
    RenewalPolicy,
    amend,
)
from salesmgmt.cpq.pricing.terms.instalments import (
    MOST,
    EqualInstalments,
    Instalment,
    RemainderAt,
    equal_instalments,
)
from salesmgmt.cpq.pricing.terms.percent_of_total import (
    ChargeKind,
    CoverCycle,
    CoveredCharges,
    CoveredLine,
    NothingCovered,
    PercentOfTotal,
    percent_of_total_findings,
    percent_of_total_prices,
    reckoning_order,
)
from salesmgmt.cpq.pricing.terms.proration import (
    Precision,
    Proration,
    ProrationPolicy,
    Span,
    Term,
    prorate,
)
from salesmgmt.cpq.pricing.terms.ramp import (
    LONGEST,
    Ramp,
    RampSegment,
)

__all__ = [
    "LONGEST",
    "MOST",
    "Amendment",
    "Anchor",
    "BillingPeriods",
    "ChargeKind",
    "ContractLine",
    "CoverCycle",
    "CoveredCharges",
    "CoveredLine",
    "EqualInstalments",
    "Instalment",
    "NotWithinTerm",
    "NothingCovered",
    "PartialPeriod",
    "PercentOfTotal",
    "PeriodPart",
    "Precision",
    "PriorStep",
    "Proration",
    "ProrationPolicy",
    "Ramp",
    "RampSegment",
    "RemainderAt",
    "Renewal",
    "RenewalMethod",
    "RenewalPolicy",
    "Span",
    "Term",
    "amend",
    "equal_instalments",
    "percent_of_total_findings",
    "percent_of_total_prices",
    "prorate",
    "reckoning_order",
]
