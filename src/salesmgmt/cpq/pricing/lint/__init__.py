"""What can be wrong with a pricing model: every finding, with its place.

`docs/cpq/lint.md` has a table of the codes. One module looks at one thing:

- `procedure`, `steps`, `discounts`, `condition_types`, `exclusions`: what the procedure says;
- `prices`, `tiers`, `options`, `condition_records`, `price_lists`, `promotions`: the records;
- `rules`, `competition`: what condition records and the rules of price lists have in common, each rule by itself and
  against others;
- `currencies`, `unused`: what does not go together.

A model without errors compiles. The time grows with the number of records, but for a factor of its logarithm where many
have one key.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from salesmgmt.core.findings import Finding
from salesmgmt.cpq.pricing.lint._known import Known
from salesmgmt.cpq.pricing.lint.condition_records import lint_condition_records
from salesmgmt.cpq.pricing.lint.condition_types import lint_condition_types
from salesmgmt.cpq.pricing.lint.currencies import lint_currencies
from salesmgmt.cpq.pricing.lint.discounts import lint_discounts
from salesmgmt.cpq.pricing.lint.exclusions import lint_exclusion_groups
from salesmgmt.cpq.pricing.lint.options import lint_options
from salesmgmt.cpq.pricing.lint.price_lists import lint_price_lists
from salesmgmt.cpq.pricing.lint.prices import lint_prices, lint_unpriced
from salesmgmt.cpq.pricing.lint.procedure import MAX_PARTS, lint_procedure, size_of
from salesmgmt.cpq.pricing.lint.promotions import lint_promotions
from salesmgmt.cpq.pricing.lint.steps import lint_steps
from salesmgmt.cpq.pricing.lint.tiers import lint_tiers
from salesmgmt.cpq.pricing.lint.unused import lint_unused

if TYPE_CHECKING:
    from salesmgmt.cpq.pricing.model import PricingModel

__all__ = ["lint"]

_LINTS = (
    lint_steps,
    lint_discounts,
    lint_condition_types,
    lint_exclusion_groups,
    lint_unused,
    lint_prices,
    lint_tiers,
    lint_options,
    lint_condition_records,
    lint_price_lists,
    lint_promotions,
    lint_currencies,
    lint_unpriced,
)


def lint(model: PricingModel) -> tuple[Finding, ...]:
    """Find what is wrong with a model: first the procedure, then the records.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import PriceRecord, PricingModel
    >>> from salesmgmt.cpq.pricing.lint import lint
    >>> prices = [
    ...     PriceRecord(id="old", product="dock", price=Money(850, "CNY")),
    ...     PriceRecord(id="new", product="dock", price=Money(800, "CNY")),
    ... ]
    >>> print(*lint(PricingModel(prices=prices)))
    warning conflicting_prices at new and old: records of equal rank give 'dock' different prices; end one of them, ...
    """
    size = size_of(model.procedure)
    if size > MAX_PARTS:
        too_large = Finding(
            code="too_large",
            where="procedure.toml",
            message=f"it has {size} steps, rules, condition types and groups, more than {MAX_PARTS}",
            hint="write records instead of rules",
        )
        return (too_large,)
    known = Known(model)
    return (
        *lint_procedure(model.procedure, sorted(known.asked_currencies)),
        *chain.from_iterable(look(known) for look in _LINTS),
    )
