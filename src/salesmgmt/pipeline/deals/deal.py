"""A deal: something that may be sold to someone, on its way through a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypedDict

import attrs

from salesmgmt.core.entity import AccountId, ContactId, Entity, PersonId, Ref, personal
from salesmgmt.core.events import aware
from salesmgmt.core.formula import Value
from salesmgmt.core.money import Money
from salesmgmt.pipeline.deals.probability import Estimate
from salesmgmt.pipeline.deals.status import ForecastCategory, StageKind


@attrs.frozen(kw_only=True)
class Deal(Entity):
    """An opportunity to sell, on its way through one pipeline.

    It is opened and moved by its `Pipeline`, which alone sets `stage`, `status`, `category` and what belongs to them.

    Attributes:
        name: what people call it.
        account: who would buy.
        contact: whom we speak with.
        owner: the person of the sales force who works on it.
        amount: what it would bring; `None` when nobody knows yet.
        product: key of the main product.
        source: where it came from (`web`, `fair`).
        campaign: the campaign that brought it, if one did.
        expected_close: the day on which it is expected to be decided.
        fields: the host's own fields, by name.
        pipeline: id of the pipeline's definition.
        pipeline_version: version of the definition under which it last moved.
        pipeline_digest: digest of that definition.
        stage: id of its stage.
        status: the kind of the stage.
        category: where it counts in a forecast.
        probability: how likely it is won, and who thinks so.
        opened_at: when it was opened; `None` when it was taken over from somewhere that did not know.
        stage_since: when it entered its stage; likewise.
        closed_on: the day on which it was won or lost, in the time zone of the instant of the move.
        loss_reason: why it was lost.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
    >>> start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> deal = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    ...     status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    ...     opened_at=start, stage_since=start,
    ... )  # fmt: skip
    >>> str(deal.ref), deal.is_open
    ('Deal:d-1', True)
    """

    name: str = personal(blank="")
    account: AccountId | None = None
    contact: ContactId | None = None
    owner: PersonId | None = None
    amount: Money | None = None
    product: str | None = None
    source: str = ""
    campaign: str | None = None
    expected_close: date | None = None
    fields: Mapping[str, Value] = personal(blank={}, factory=dict)

    pipeline: str
    pipeline_version: int
    pipeline_digest: str
    stage: str
    status: StageKind
    category: ForecastCategory
    probability: Estimate
    opened_at: datetime | None = attrs.field(validator=aware)
    stage_since: datetime | None = attrs.field(validator=aware)
    closed_on: date | None = None
    loss_reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still undecided."""
        return self.status is StageKind.OPEN

    @property
    def subjects(self) -> tuple[Ref, ...]:
        """The references that an event about what is known of it names: the deal, its account and its contact."""
        others = (("Account", self.account), ("Contact", self.contact))
        return (self.ref, *(Ref(kind, known) for kind, known in others if known is not None))


class DealDetails(TypedDict, total=False):
    """What may be said about a deal when it is opened; see `Deal` for the meaning."""

    account: AccountId | None
    contact: ContactId | None
    owner: PersonId | None
    amount: Money | None
    product: str | None
    source: str
    campaign: str | None
    expected_close: date | None
    fields: Mapping[str, Value]
