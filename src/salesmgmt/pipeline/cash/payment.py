"""Payments: money that came in from a customer."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from salesmgmt.core.entity import AccountId, Entity, Ref
from salesmgmt.core.money import Money
from salesmgmt.pipeline.cash.due import is_day
from salesmgmt.pipeline.cash.ledger import PaymentId
from salesmgmt.pipeline.cash.refusals import NotPositive


@attrs.frozen(kw_only=True)
class Payment(Entity):
    """Money that a customer paid. What is left of it stands nowhere but in the ledger.

    Attributes:
        account: who paid.
        amount: how much, above zero, a whole number of minor units.
        received_on: the business date on which it came in.
        key: what the sender marks it with so that it counts once although it is sent twice.

    Raises:
        NotPositive: the amount is zero or below.
        TooFine: it has more decimals than its currency.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import Payment
    >>> str(Payment(id="p-1", account="acme", amount=Money("40.00", "EUR"), received_on=date(2026, 4, 1)).ref)
    'Payment:p-1'
    """

    account: AccountId
    amount: Money = attrs.field()
    received_on: date = attrs.field(validator=is_day)
    key: str | None = None

    @amount.validator
    def _is_paid(self, _field: attrs.Attribute[Any], amount: Money) -> None:
        amount.minor_units()
        if amount.amount <= 0:
            raise NotPositive(f"payment {self.id}", amount)

    @property
    def reference(self) -> PaymentId:
        """Its id, as references to payments are typed."""
        return PaymentId(self.id)

    @property
    def subjects(self) -> tuple[Ref, ...]:
        """The references that an event about it names: the payment and its customer."""
        return (self.ref, Ref("Account", self.account))
