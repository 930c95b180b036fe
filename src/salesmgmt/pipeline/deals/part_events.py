"""What happens to the parts of a deal: its products, who shares in it, who buys, and who else would sell."""

from __future__ import annotations

import attrs

from salesmgmt.core.entity import ContactId, DealId, ProductId
from salesmgmt.core.events import Event
from salesmgmt.core.money import Money
from salesmgmt.pipeline.deals.product import AmountOrigin, DealProduct
from salesmgmt.pipeline.deals.role import BuyingRole
from salesmgmt.pipeline.deals.split import Split


@attrs.frozen(kw_only=True)
class DealProductsSet(Event):
    """What a deal is about changed, and with it perhaps its amount.

    Attributes:
        deal: its id.
        before: the products until then.
        after: the products from then on.
        product: key of the main one from then on.
        amount_before: what the deal would bring, until then.
        amount: what it would bring from then on.
        amount_origin: whether that is the sum of the products.
    """

    deal: DealId
    before: tuple[DealProduct, ...]
    after: tuple[DealProduct, ...]
    product: ProductId | None
    amount_before: Money | None
    amount: Money | None
    amount_origin: AmountOrigin


@attrs.frozen(kw_only=True)
class DealSplitsSet(Event):
    """Who of the sales force shares in a deal changed.

    Attributes:
        deal: its id.
        before: the shares until then.
        after: the shares from then on.
    """

    deal: DealId
    before: tuple[Split, ...]
    after: tuple[Split, ...]


@attrs.frozen(kw_only=True)
class DealRolesSet(Event):
    """Who on the buyer's side has a say changed.

    Attributes:
        deal: its id.
        before: the roles until then.
        after: the roles from then on.
        contact: whom we speak with from then on.
    """

    deal: DealId
    before: tuple[BuyingRole, ...]
    after: tuple[BuyingRole, ...]
    contact: ContactId | None


@attrs.frozen(kw_only=True)
class DealCompetitorsSet(Event):
    """Who else would sell changed.

    Attributes:
        deal: its id.
        before: the competitors until then.
        after: the competitors from then on.
    """

    deal: DealId
    before: tuple[str, ...]
    after: tuple[str, ...]
