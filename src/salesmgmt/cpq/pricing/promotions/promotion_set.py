"""The promotions and coupons of a shop, as one file holds them."""

from __future__ import annotations

from pathlib import Path

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.findings import refuse_errors
from salesmgmt.cpq.pricing.promotions.coupon import Coupon
from salesmgmt.cpq.pricing.promotions.lint import promotion_findings
from salesmgmt.cpq.pricing.promotions.policy import DEFAULT_POLICY, PromotionPolicy
from salesmgmt.cpq.pricing.promotions.promotion import Promotion


@attrs.frozen(kw_only=True)
class PromotionSet:
    """Promotions in their order, the coupons that call them, and the conventions they follow.

    Attributes:
        policy: the conventions.
        promotions: in the order in which equal priorities apply.
        coupons: codes with limits of their own.

    >>> from salesmgmt.cpq.pricing.promotions import PromotionSet
    >>> PromotionSet().policy.combine.value
    'all'
    """

    policy: PromotionPolicy = DEFAULT_POLICY
    promotions: tuple[Promotion, ...] = ()
    coupons: tuple[Coupon, ...] = ()

    @classmethod
    def load(cls, path: Path | str) -> PromotionSet:
        """Read a TOML file and lint it.

        Raises:
            InvalidInput: the file cannot be read or does not fit; all problems are listed.
            InvalidDefinition: it fits, and has findings that are errors.
        """
        found = load_definition(path, cls)
        refuse_errors(
            f"promotions {Path(path).name}",
            promotion_findings(found.promotions, found.coupons, found.policy),
        )
        return found
