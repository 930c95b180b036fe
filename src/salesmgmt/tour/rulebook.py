"""The tour's rule files, loaded and compiled."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import attrs

from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.cpq.approvals import ApprovalPolicy
from salesmgmt.cpq.configure import Configurator, ProductModel
from salesmgmt.cpq.pricing import Pricer, PricingModel
from salesmgmt.customers import Segmentation, Segmenter
from salesmgmt.engines.matching import Matcher
from salesmgmt.pipeline import InvoicePlan, PaymentTerms, Pipeline, PipelineDefinition
from salesmgmt.pipeline.leads import Assigner, AssignmentPolicy, ScoreCard, Scorer, lead_match_model
from salesmgmt.sfe import CompPlan, PayEngine, Playbook

PACKAGED = Path(__file__).parent / "rules"
"""The rule files that ship with the package; copy the folder to try other rules."""


@attrs.frozen(kw_only=True)
class Rules:
    """Everything the tour decides by; each comes from a file of the folder."""

    pipeline: Pipeline
    scorer: Scorer
    assigner: Assigner
    matcher: Matcher
    pricer: Pricer
    lift: Configurator
    approvals: ApprovalPolicy
    segmenter: Segmenter
    invoice_plan: InvoicePlan
    terms: PaymentTerms
    playbook: Playbook
    pay: PayEngine
    office: BusinessCalendar

    @classmethod
    def load(cls, folder: Path = PACKAGED) -> Self:
        """Load and compile all rules; raises `InvalidInput` or `InvalidDefinition` at the first faulty file."""
        return cls(
            pipeline=PipelineDefinition.load(folder / "pipeline.toml").compile(),
            scorer=ScoreCard.load(folder / "score.toml").compile(),
            assigner=AssignmentPolicy.load(folder / "assignment.toml").compile(),
            matcher=lead_match_model().compile(),
            pricer=PricingModel.load(folder / "pricing").compile(),
            lift=ProductModel.load(folder / "lift.toml").compile(),
            approvals=ApprovalPolicy.load(folder / "approvals.toml"),
            segmenter=Segmentation.load(folder / "segments.toml").compile(),
            invoice_plan=InvoicePlan.load(folder / "invoice_plan.toml"),
            terms=PaymentTerms.load(folder / "terms.toml"),
            playbook=Playbook.load(folder / "playbook.toml"),
            pay=CompPlan.load(folder / "pay.toml").compile(),
            office=BusinessCalendar.weekly("mon-fri", time_zone="Europe/Berlin"),
        )
