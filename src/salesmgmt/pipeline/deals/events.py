"""What happens to a deal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import attrs

from salesmgmt.core.entity import AccountId, ContactId, DealId, PersonId, personal
from salesmgmt.core.events import Event, aware
from salesmgmt.core.formula import Value
from salesmgmt.core.money import Money
from salesmgmt.engines.lifecycle import Unmet
from salesmgmt.pipeline.deals.deal import (
    NO_CARDS,
    NOTHING_DONE,
    frozen_cards,
    shared_when_empty,
)
from salesmgmt.pipeline.deals.next_step import NextStep
from salesmgmt.pipeline.deals.probability import Estimate
from salesmgmt.pipeline.deals.product import AmountOrigin, DealProduct
from salesmgmt.pipeline.deals.qualification import Qualification
from salesmgmt.pipeline.deals.role import BuyingRole
from salesmgmt.pipeline.deals.sleep import Rest, Snooze
from salesmgmt.pipeline.deals.split import Split
from salesmgmt.pipeline.deals.status import CategoryOrigin, ForecastCategory, StageKind
from salesmgmt.pipeline.own_fields import NO_FIELDS, frozen_fields


@attrs.frozen(kw_only=True)
class DealOpened(Event):
    """A deal was opened in the first stage of its pipeline, or taken over into another one.

    Attributes:
        deal: its id; the other fields are those of `Deal`.
        adopted: whether it was taken over from elsewhere, without asking the conditions of its stage.
    """

    deal: DealId
    adopted: bool = False
    name: str = personal(blank="")
    account: AccountId | None
    contact: ContactId | None
    owner: PersonId | None
    amount: Money | None
    amount_origin: AmountOrigin = AmountOrigin.STATED
    product: str | None
    products: tuple[DealProduct, ...] = ()
    splits: tuple[Split, ...] = ()
    roles: tuple[BuyingRole, ...] = ()
    competitors: tuple[str, ...] = ()
    source: str
    campaign: str | None
    expected_close: date | None
    next_step: NextStep | None = None
    fields: Mapping[str, Value] = personal(blank=NO_FIELDS, converter=frozen_fields)
    pipeline: str
    pipeline_version: int
    pipeline_digest: str
    stage: str
    status: StageKind
    category: ForecastCategory
    category_origin: CategoryOrigin = CategoryOrigin.STAGE
    probability: Estimate
    opened_at: datetime | None = attrs.field(validator=aware)
    stage_since: datetime | None = attrs.field(validator=aware)
    closed_on: date | None
    loss_reason: str | None
    lost_to: str | None = None
    loss_note: str = personal(blank="", default="")
    done: frozenset[str] = attrs.field(default=NOTHING_DONE, converter=shared_when_empty)
    snooze: Snooze | None = None
    rests: tuple[Rest, ...] = ()
    qualification: Mapping[str, Qualification] = attrs.field(default=NO_CARDS, converter=frozen_cards)


@attrs.frozen(kw_only=True)
class DealMoved(Event):
    """A deal went from one stage to another; `status` says when that won or lost it.

    Attributes:
        deal: its id.
        source: the stage it left.
        target: the stage it entered.
        status: the kind of the stage it entered.
        category: where it counts in a forecast from now on.
        probability: the estimate from now on.
        amount: what it would bring, at this moment.
        since: when it had entered the stage it left; `None` when nobody knows.
        days_in_stage: full days that it had spent in the stage it left; `None` when nobody knows.
        closed_on: the day on which the move won or lost it; `None` when it is open.
        loss_reason: why it was lost; `None` when it is not.
        lost_to: the competitor to whom it was lost.
        loss_note: what else is to be said about the loss; name the contacts among the subjects when there is a note.
        pipeline_version: version of the definition that allowed the move.
        pipeline_digest: digest of that definition.
    """

    deal: DealId
    source: str
    target: str
    status: StageKind
    category: ForecastCategory
    probability: Estimate
    amount: Money | None
    since: datetime | None = attrs.field(default=None, validator=aware)
    days_in_stage: int | None
    closed_on: date | None
    loss_reason: str | None
    lost_to: str | None = None
    loss_note: str = personal(blank="", default="")
    pipeline_version: int
    pipeline_digest: str


@attrs.frozen(kw_only=True)
class ConditionsWaived(Event):
    """Someone took it upon himself that a deal moved although not all was met; `by` names him, the move follows.

    Attributes:
        deal: its id.
        source: the stage it left.
        target: the stage it entered.
        waived: what was not met.
        reason: why that may be.
    """

    deal: DealId
    source: str
    target: str
    waived: tuple[Unmet, ...]
    reason: str


@attrs.frozen(kw_only=True)
class DealEstimated(Event):
    """A person or a model judged anew how likely a deal is won, or the judgement was taken back.

    Attributes:
        deal: its id.
        before: the estimate until then.
        after: the estimate from then on.
    """

    deal: DealId
    before: Estimate
    after: Estimate


@attrs.frozen
class Change:
    """One changed field of a deal.

    Attributes:
        field: its name; `fields.x` for the host's own field `x`.
        before: what stood there; `None` when nothing did.
        after: what stands there; `None` when nothing does.

    >>> from salesmgmt.pipeline.deals import Change
    >>> Change("source", None, "fair").after
    'fair'
    """

    field: str
    before: Value | None
    after: Value | None


@attrs.frozen(kw_only=True)
class DealAmended(Event):
    """What is known about a deal changed: its amount, the expected day, its owner, a field of the host.

    Attributes:
        deal: its id.
        changes: the fields that changed, but for those in `private`.
        private: changes of the name and of the host's own fields, which may speak of a person.
    """

    deal: DealId
    changes: tuple[Change, ...]
    private: tuple[Change, ...] = personal(blank=(), default=())
