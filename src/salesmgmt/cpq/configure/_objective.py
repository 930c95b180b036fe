"""Prices and costs as weights of a answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from salesmgmt.core.errors import InvalidInput, Problem, UnknownOption
from salesmgmt.core.exact import NotANumber, add, multiply
from salesmgmt.core.money import CurrencyMismatch
from salesmgmt.cpq._option_keys import units, without_instances
from salesmgmt.cpq.configure._lowered.layout import Variable
from salesmgmt.cpq.configure._lowered.lowering import Lowering
from salesmgmt.cpq.configure.refusals import NotPriced
from salesmgmt.cpq.configure.value_prices import ValuePrices

# What is summed up, and with which sign, so that less is better.
_AIMS: Mapping[tuple[str, str], tuple[tuple[str, int], ...]] = {
    ("minimise", "price"): (("prices", 1),),
    ("minimise", "cost"): (("costs", 1),),
    ("maximise", "price"): (("prices", -1),),
    ("maximise", "margin"): (("costs", 1), ("prices", -1)),
}


class Objective:
    """What complete products are compared by."""

    def __init__(self, lowering: Lowering, prices: ValuePrices | None, costs: ValuePrices | None) -> None:
        self._lowering = lowering
        self._known = {"prices": prices, "costs": costs}
        self._weights: dict[tuple[str, str], tuple[tuple[int, ...], ...]] = {}

    def check(self) -> None:
        """Raises `InvalidInput` when prices name what the model does not have, `CurrencyMismatch` when they differ."""
        known = {what: prices for what, prices in self._known.items() if prices is not None}
        currencies = [prices.base.currency for prices in known.values()]
        if len(set(currencies)) > 1:
            raise CurrencyMismatch(*currencies)
        problems = [
            problem for what, prices in known.items() for problem in _problems(self._lowering, prices, what)
        ]
        if problems:
            raise InvalidInput("the prices of values", problems)

    def weights(self, minimise: str | None, maximise: str | None) -> tuple[tuple[int, ...], ...] | None:
        """By variable and value, what counts against a product; `None` when nothing was asked.

        The amounts are whole numbers of one tiny unit. The bases are left out: they are the same for every product.

        Raises:
            NotPriced: the prices or costs for it are not known.
            UnknownOption: that cannot be asked.
        """
        aims = [
            (way, aim) for way, aim in (("minimise", minimise), ("maximise", maximise)) if aim is not None
        ]
        if not aims:
            return None
        if len(aims) > 1 or aims[0] not in _AIMS:
            known = [f"{way}={aim}" for way, aim in _AIMS]
            raise UnknownOption("the aim", ", ".join(f"{way}={aim}" for way, aim in aims), known)
        if aims[0] not in self._weights:
            self._weights[aims[0]] = self._weighed(
                [(self._priced(what), sign) for what, sign in _AIMS[aims[0]]]
            )
        return self._weights[aims[0]]

    def _priced(self, what: str) -> ValuePrices:
        prices = self._known[what]
        if prices is None:
            raise NotPriced(what)
        return prices

    def _weighed(self, terms: Sequence[tuple[ValuePrices, int]]) -> tuple[tuple[int, ...], ...]:
        variables = self._lowering.variables
        amounts = [
            [_amount(terms, variable.name, value) for value in variable.values] for variable in variables
        ]
        places = max((_places(amount) for row in amounts for amount in row), default=0)
        return tuple(
            (*(int(amount.scaleb(places)) for amount in row), *((0,) if variable.is_optional else ()))
            for variable, row in zip(variables, amounts, strict=True)
        )


def _amount(terms: Sequence[tuple[ValuePrices, int]], name: str, value: str) -> Decimal:
    amount = Decimal(0)
    for prices, sign in terms:
        amount = add(amount, multiply(prices.adds(name, value), Decimal(sign)))
    return amount


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - amounts are finite
    return max(0, -exponent)


def _problems(lowering: Lowering, prices: ValuePrices, what: str) -> Iterator[Problem]:
    known: dict[str, dict[str, None]] = {}
    for variable in lowering.variables:
        for name in (variable.name, without_instances(variable.name)):
            known.setdefault(name, {}).update(dict.fromkeys(variable.values))
            group, _, option = name.rpartition(".")
            if group and variable.owner != variable.name and _is_number(variable):
                known.setdefault(group, {})[option] = None
    for name, values in prices.extras.items():
        if name not in known:
            yield Problem(
                f"{what}.{name}", "unknown_attribute", repr(name[:60]), "an attribute of the product"
            )
            continue
        for value in values:
            if value not in known[name]:
                wanted = f"one of {', '.join(list(known[name])[:20])}"
                yield Problem(f"{what}.{name}", "unknown_value", repr(value[:60]), wanted)
    numbers = {
        name
        for variable in lowering.variables
        if _is_number(variable)
        for name in (variable.name, without_instances(variable.name))
    }
    for name in prices.per_unit:
        if name not in numbers:
            yield Problem(f"{what}.{name}", "no_number", repr(name[:60]), "an attribute that is a number")


def _is_number(variable: Variable) -> bool:
    """Whether each value stands for a number of units."""
    try:
        for value in variable.values:
            units(value)
    except NotANumber:
        return False
    return True
