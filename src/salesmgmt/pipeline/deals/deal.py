"""A deal: something that may be sold to someone, on its way through a pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypedDict

import attrs

from salesmgmt.core.entity import AccountId, ContactId, Entity, PersonId, Ref, personal
from salesmgmt.core.events import aware
from salesmgmt.core.formula import Value
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.money import Money
from salesmgmt.pipeline.deals.next_step import NextStep
from salesmgmt.pipeline.deals.probability import Estimate
from salesmgmt.pipeline.deals.product import AmountOrigin, DealProduct
from salesmgmt.pipeline.deals.qualification import Qualification
from salesmgmt.pipeline.deals.role import BuyingRole
from salesmgmt.pipeline.deals.sleep import Rest, Snooze
from salesmgmt.pipeline.deals.split import Split
from salesmgmt.pipeline.deals.status import CategoryOrigin, ForecastCategory, StageKind
from salesmgmt.pipeline.own_fields import NO_FIELDS, frozen_fields

NO_CARDS: Mapping[str, Qualification] = FrozenMap({})
"""No card filled in; all deals without any share it."""

NOTHING_DONE: frozenset[str] = frozenset()
"""No item of a checklist ticked; likewise, as empty sets are made anew each time."""


def frozen_cards(given: Mapping[str, Qualification]) -> Mapping[str, Qualification]:
    """The cards as a mapping that nobody can change."""
    if isinstance(given, FrozenMap):
        return given
    return FrozenMap(given) if given else NO_CARDS


def shared_when_empty(given: frozenset[str]) -> frozenset[str]:
    """The items, or the one empty set that all deals share."""
    return given or NOTHING_DONE


def subjects_of(
    deal: str, account: AccountId | None, contact: ContactId | None, roles: Iterable[BuyingRole]
) -> tuple[Ref, ...]:
    """The references that an event about what is known of a deal names: the deal, its account and its contacts."""
    named: dict[Ref, None] = {Ref("Deal", deal): None}
    if account is not None:
        named[Ref("Account", account)] = None
    if contact is not None:
        named[Ref("Contact", contact)] = None
    for role in roles:
        named[Ref("Contact", role.contact)] = None
    return tuple(named)


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
        amount_origin: whether somebody said the amount, or it is the sum of the products and follows them.
        product: key of the main product.
        products: all that it is about.
        splits: who of the sales force shares in it; those in the revenue are 100 % together.
        roles: who on the buyer's side has a say; with roles, `contact` is the primary one.
        competitors: who else would sell; in the order of their weight, if that is known.
        source: where it came from (`web`, `fair`).
        campaign: the campaign that brought it, if one did.
        expected_close: the day on which it is expected to be decided.
        next_step: what is to be done next.
        fields: the host's own fields, by name.
        pipeline: id of the pipeline's definition.
        pipeline_version: version of the definition under which it last moved.
        pipeline_digest: digest of that definition.
        stage: id of its stage.
        status: the kind of the stage.
        category: where it counts in a forecast.
        category_origin: who put it there.
        probability: how likely it is won, and who thinks so.
        opened_at: when it was opened; `None` when it was taken over from somewhere that did not know.
        stage_since: when it entered its stage; likewise.
        closed_on: the day on which it was won or lost, in the time zone of the instant of the move.
        loss_reason: why it was lost.
        lost_to: the competitor to whom it was lost.
        loss_note: what else is to be said about the loss.
        done: ids of the items of the stage's checklist that are ticked.
        snooze: why it sleeps, and until when; see `is_snoozed`.
        rests: the times for which it slept in its stage before the present snooze.
        qualification: how well it is qualified, by id of the card.

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
    amount_origin: AmountOrigin = AmountOrigin.STATED
    product: str | None = None
    products: tuple[DealProduct, ...] = ()
    splits: tuple[Split, ...] = ()
    roles: tuple[BuyingRole, ...] = ()
    competitors: tuple[str, ...] = ()
    source: str = ""
    campaign: str | None = None
    expected_close: date | None = None
    next_step: NextStep | None = None
    fields: Mapping[str, Value] = personal(blank=NO_FIELDS, default=NO_FIELDS, converter=frozen_fields)

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
    closed_on: date | None = None
    loss_reason: str | None = None
    lost_to: str | None = None
    loss_note: str = personal(blank="", default="")
    done: frozenset[str] = attrs.field(default=NOTHING_DONE, converter=shared_when_empty)
    snooze: Snooze | None = None
    rests: tuple[Rest, ...] = ()
    qualification: Mapping[str, Qualification] = attrs.field(default=NO_CARDS, converter=frozen_cards)

    @property
    def is_open(self) -> bool:
        """Whether it is still undecided."""
        return self.status is StageKind.OPEN

    @property
    def subjects(self) -> tuple[Ref, ...]:
        """What an event about what is known of it names; see `subjects_of`."""
        return subjects_of(self.id, self.account, self.contact, self.roles)


class DealDetails(TypedDict, total=False):
    """What may be said about a deal when it is opened; see `Deal` for the meaning."""

    account: AccountId | None
    contact: ContactId | None
    owner: PersonId | None
    amount: Money | None
    product: str | None
    products: tuple[DealProduct, ...]
    splits: tuple[Split, ...]
    roles: tuple[BuyingRole, ...]
    competitors: tuple[str, ...]
    source: str
    campaign: str | None
    expected_close: date | None
    next_step: NextStep | None
    fields: Mapping[str, Value]
