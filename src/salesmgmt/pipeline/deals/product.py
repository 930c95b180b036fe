"""The products of a deal: what would be sold, how many, and what each would bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.entity import ProductId
from salesmgmt.core.errors import Problem
from salesmgmt.core.exact import exact
from salesmgmt.core.money import Money
from salesmgmt.pipeline.deals._checks import kind_problems, members, text_problems


def _quantity(given: Decimal | int | str) -> Decimal:
    return exact(given, "the quantity of a product")


class AmountOrigin(StrEnum):
    """Where the amount of a deal comes from.

    >>> from salesmgmt.pipeline.deals import AmountOrigin
    >>> AmountOrigin.PRODUCTS.value
    'products'
    """

    STATED = "stated"
    """Somebody said so; it stands beside the products, whatever they come to."""
    PRODUCTS = "products"
    """It is the sum of the products, and follows them."""


@attrs.frozen
class DealProduct:
    """A product that a deal is about.

    Attributes:
        product: its key.
        quantity: how many.
        amount: what they would bring together; `None` when nobody knows yet.

    Raises:
        FloatRefused, NotANumber: the quantity is no exact number.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.deals import DealProduct
    >>> DealProduct("laptop", 20, Money(18_000, "EUR")).quantity
    Decimal('20')
    """

    product: ProductId
    quantity: Decimal = attrs.field(default=Decimal(1), converter=_quantity)
    amount: Money | None = None


def checked_products(
    given: Iterable[DealProduct], stated: Money | None, faults: list[Problem]
) -> tuple[DealProduct, ...]:
    """The products of a deal, all amounts in one currency; `stated` is the amount that stands beside them."""
    products = members("products", given, DealProduct, faults)
    faults += _problems(products, stated)
    return products


def _problems(products: Sequence[DealProduct], stated: Money | None) -> Iterator[Problem]:
    first = next((line.amount for line in products if _is_money(line.amount)), None)
    wanted = first if stated is None else stated
    for index, line in enumerate(products):
        path = f"products[{index}]"
        yield from text_problems(f"{path}.product", line.product)
        if line.quantity <= 0:
            yield Problem(f"{path}.quantity", "not_positive", f"{line.quantity:f}", "a quantity above zero")
        if line.amount is None:
            continue
        faults = kind_problems(f"{path}.amount", line.amount, Money, "an amount of money")
        yield from faults
        if not faults and wanted is not None and line.amount.currency != wanted.currency:
            of = "the amount of the deal" if stated is not None else "the first product"
            yield Problem(
                f"{path}.amount",
                "other_currency",
                str(line.amount),
                f"an amount in {wanted.currency}, as {of}",
            )


def _is_money(value: object) -> bool:
    return isinstance(value, Money)


def total_of(products: Sequence[DealProduct]) -> Money | None:
    """What products come to; `None` when there are none, or the amount of one is not known.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.deals import DealProduct, total_of
    >>> total_of([DealProduct("laptop", 20, Money(18_000, "EUR")), DealProduct("dock", 20, Money(2_000, "EUR"))])
    Money('20000', 'EUR')
    """
    amounts = [line.amount for line in products if line.amount is not None]
    if not products or len(amounts) < len(products):
        return None
    return Money.total(amounts, amounts[0].currency)
