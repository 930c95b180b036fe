"""Changes of a running contract: what a renewal carries over, and what an amendment costs for the rest of the term."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, option
from salesmgmt.core.exact import Number, add, exact, subtract
from salesmgmt.core.findings import duplicate_ids
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.terms.proration import Proration, ProrationPolicy, Term


class RenewalMethod(StrEnum):
    """Where the price of a renewed contract begins.

    >>> from salesmgmt.cpq.pricing.terms.contract_change import RenewalMethod
    >>> RenewalMethod("uplift").name
    'UPLIFT'
    """

    SAME = "same"
    """At what the customer paid: the price after the last of the steps that are carried over."""
    LIST = "list"
    """At the list price of today; no step is carried over."""
    UPLIFT = "uplift"
    """At what the customer paid, and so many percent more."""


@attrs.frozen
class PriorStep:
    """A step of the price of the contract that ends.

    Attributes:
        name: of the step.
        unit_price: of a unit after it.
    """

    name: str
    unit_price: Money


@attrs.frozen(kw_only=True)
class Renewal:
    """Where the price of a renewed contract begins.

    Attributes:
        unit_price: what a unit costs the customer before the discounts that are given anew.
        carried_over: names of the steps that are in it, in their order.
        dropped: names of those that are not, in their order; they are decided anew.
    """

    unit_price: Money
    carried_over: tuple[str, ...]
    dropped: tuple[str, ...]


def _method(value: str) -> RenewalMethod:
    return option(RenewalMethod, value, "how contracts are renewed")


@attrs.frozen(kw_only=True)
class RenewalPolicy:
    """How contracts are renewed.

    Steps are carried over up to the one that makes the customer's price, which is what the customer was told; what comes
    after it (partner, distributor) is not. So the order of the steps decides, not their names.

    Attributes:
        method: where the new price begins.
        carried_through: name of the last step that is carried over.
        uplift: what is added, for `uplift`.

    Raises:
        InvalidInput: an uplift takes off more than all, or is given for another method.

    >>> from salesmgmt.core.money import CurrencyMismatch, Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing.terms.contract_change import PriorStep, RenewalPolicy
    >>> steps = [
    ...     PriorStep("regular", Money(100, "USD")),
    ...     PriorStep("customer", Money(90, "USD")),
    ...     PriorStep("partner", Money(72, "USD")),
    ... ]
    >>> renewal = RenewalPolicy(method="uplift", uplift=Percent(5)).renew(steps)
    >>> str(renewal.unit_price), renewal.carried_over, renewal.dropped
    ('94.50 USD', ('regular', 'customer'), ('partner',))
    """

    method: RenewalMethod = attrs.field(default=RenewalMethod.SAME, converter=_method)
    carried_through: str = "customer"
    uplift: Percent = Percent(0)

    def __attrs_post_init__(self) -> None:
        if self.uplift < _LEAST:
            problem = Problem("uplift", "too_small", str(self.uplift), "at least -100%")
            raise InvalidInput("renewal policy", [problem])
        if self.uplift and self.method is not RenewalMethod.UPLIFT:
            wanted = f"none, as the method is {self.method}"
            raise InvalidInput("renewal policy", [Problem("uplift", "unused", str(self.uplift), wanted)])

    def renew(self, prior: Iterable[PriorStep], *, list_price: Money | None = None) -> Renewal:
        """Find where the price of the renewed contract begins.

        Args:
            prior: the steps of the old price, in the order in which they were applied.
            list_price: of a unit, today; needed for `list`.

        Raises:
            InvalidInput: no step has the name `carried_through`, a name stands twice, or there is no list price.
        """
        steps = tuple(prior)
        names = tuple(step.name for step in steps)
        problems = [
            Problem(finding.where, finding.code, None, "each name once", finding.hint)
            for finding in duplicate_ids("prior", names)
        ]
        if self.method is RenewalMethod.LIST:
            if list_price is None:
                problems.append(Problem("list_price", "missing", None, "the price of today"))
        elif self.carried_through not in names:
            found = ", ".join(names) or None
            problems.append(Problem("prior", "missing", found, f"a step named {self.carried_through}"))
        if problems:
            raise InvalidInput("renewal", problems)
        if list_price is not None and self.method is RenewalMethod.LIST:
            return Renewal(unit_price=list_price, carried_over=(), dropped=names)
        last = names.index(self.carried_through)
        price = steps[last].unit_price
        if self.uplift:
            price *= add(Decimal(1), self.uplift.ratio)
        return Renewal(unit_price=price, carried_over=names[: last + 1], dropped=names[last + 1 :])


_LEAST = Percent(-100)


def _quantity(value: Number) -> Decimal:
    return exact(value, "the quantity of a contract")


@attrs.frozen(kw_only=True)
class ContractLine:
    """So many units of one product, sold for a term.

    Attributes:
        product: id of the product.
        quantity: how many, not negative.
        unit_price: of a unit for the default term of the policy.
        term: what they are sold for.
    """

    product: str = ""
    quantity: Decimal = attrs.field(converter=_quantity)
    unit_price: Money
    term: Term


@attrs.frozen(kw_only=True)
class Amendment:
    """A change of quantity within a term, priced as a difference. What was sold stays as it was.

    Attributes:
        original: the line as it was sold, unchanged.
        delta_quantity: units that are added, or with a minus given back.
        delta_amount: what is due for them for the rest of the term, or with a minus credited.
        proration: how much of the default term is left.
    """

    original: ContractLine
    delta_quantity: Decimal
    delta_amount: Money
    proration: Proration


@attrs.frozen(kw_only=True)
class NotWithinTerm:
    """An amendment that is for longer than the contract lasts.

    Attributes:
        found: how long it would be for, in the unit of the precision.
        wanted: how long the contract lasts.
    """

    code: ClassVar[str] = "not_within_term"

    found: Decimal
    wanted: Decimal


def amend(
    line: ContractLine,
    quantity: Number,
    remaining: Term,
    policy: ProrationPolicy,
    *,
    added_unit_price: Money | None = None,
    rounding: Rounding | None = None,
) -> Amendment | NotWithinTerm:
    """Change the quantity of a line for the rest of its term.

    Args:
        line: as it was sold.
        quantity: how many it is to be from now on; zero cancels it.
        remaining: what is left of the term.
        policy: how terms are measured, and what term a unit price is for.
        added_unit_price: of a unit that is added; by default that of the line. Units that are given back are credited
            at the price of the line.
        rounding: how the amount is rounded; `None` for not at all.

    Returns:
        The amendment, or why there is none.

    Raises:
        InvalidInput: the quantity is negative.
        CurrencyMismatch: the price of the added units is in another currency than that of the line.

    >>> from salesmgmt.core.money import CurrencyMismatch, Money
    >>> from salesmgmt.cpq.pricing.terms.contract_change import ContractLine, amend
    >>> from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy
    >>> seats = ContractLine(quantity=5, unit_price=Money(100, "USD"), term=12)
    >>> amendment = amend(seats, 8, 6, ProrationPolicy())
    >>> str(amendment.delta_quantity), str(amendment.delta_amount)
    ('3', '150 USD')
    >>> amend(seats, 8, 18, ProrationPolicy())
    NotWithinTerm(found=Decimal('18'), wanted=Decimal('12'))
    """
    wanted = exact(quantity, "the new quantity of a contract")
    if wanted < 0:
        raise InvalidInput("amendment", [Problem("quantity", "negative", f"{wanted:f}", "zero or more")])
    left, whole = policy.of(remaining), policy.of(line.term)
    if policy.length(remaining) > policy.length(line.term):
        return NotWithinTerm(found=left.term, wanted=whole.term)
    delta = subtract(wanted, line.quantity)
    price = line.unit_price
    if added_unit_price is not None:
        if added_unit_price.currency != price.currency:
            raise CurrencyMismatch(price.currency, added_unit_price.currency)
        price = added_unit_price if delta > 0 else price
    amount = left.apply(price * delta)
    return Amendment(
        original=line,
        delta_quantity=delta,
        delta_amount=amount if rounding is None else amount.rounded(rounding),
        proration=left,
    )
