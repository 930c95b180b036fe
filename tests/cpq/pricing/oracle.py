"""A second pricer in fractions, slow and plain, written from the documentation of the steps and sharing none of their code.

It reads the same definitions and says what each line comes to. It knows the conditions of `FORMULAS` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Any

from salesmgmt.core.currency import currency
from salesmgmt.cpq.pricing import Line, PricingModel, PricingRequest
from salesmgmt.cpq.pricing.procedure import (
    DiscountRule,
    Discounts,
    FreeUnits,
    HeaderDiscounts,
    ListPrice,
    ManualPrices,
    OptionExtras,
    PriceListRules,
    PricingStep,
    Promotions,
    QuantityTiers,
    RoundLines,
    SharesOfTotal,
    Subtotal,
    Terms,
)
from tests.cpq.pricing.oracle_arithmetic import decided, rounded, scale_charge, shared

F = Fraction
UNITS = {"": 1, "piece": 1, "dozen": 12}

_TAKEN_OFF = ("discount", "rebate")
_TELLING = ("rebate", "cost")


class State:
    """A line on its way."""

    def __init__(self, position: int, line: Line, product: Any) -> None:
        self.position = position
        self.line = line
        self.product = product
        self.quantity = F(line.quantity) * UNITS[line.uom]
        self.running = self.unit = self.listed = F(0)
        self.gross: F | None = None
        self.subtotals: dict[str, F] = {}
        self.excluded: set[str] = set()
        self.waiting: dict[str, list[tuple[Any, Any, F]]] = {}

    def take(self, change: F) -> None:
        """Change the amount, never below zero."""
        self.running = max(self.running + change, F(0))

    def price(self, unit: F | None = None) -> None:
        """What the line is at is its price from now on."""
        if self.gross is None:
            self.listed = self.running
        self.gross = self.running
        self.unit = self.running / self.quantity if unit is None else unit


class Oracle:
    """Prices one request by one model."""

    def __init__(self, model: PricingModel, request: PricingRequest) -> None:
        self.model = model
        self.request = request
        products = {product.id: product for product in model.catalogue}
        self.lines = [State(at, line, products.get(line.product)) for at, line in enumerate(request.lines)]
        self.counted = 0
        self.unit = F(1, 10 ** (currency(request.currency).minor_digits or 0))
        self.headers: list[tuple[str, F]] = []
        for number, step in enumerate(model.procedure.steps):
            _STEPS[type(step)](self, step)
            self._decide_groups(number)
            if isinstance(step, PricingStep) and step.subtotal:
                for one in self.lines:
                    one.subtotals[step.subtotal] = one.running
            if not number:
                self.counted = len(self.lines)
        self.lines = [one for one in self.lines if one.gross is not None]

    @property
    def nets(self) -> dict[int, F]:
        """What each line with a price comes to, by its position."""
        return {one.position: one.running for one in self.lines}

    def holds(self, text: str, line: State) -> Any:
        """What a formula says."""
        return FORMULAS[text](self, line)

    def before_step(self, texts: Iterable[str]) -> Callable[[str, State], Any]:
        """What formulas say of the amounts as they are now, whatever changes later."""
        answers = {(text, id(line)): self.holds(text, line) for text in set(texts) for line in self.lines}
        return lambda text, line: answers[text, id(line)]

    # Prices

    def list_price(self, step: ListPrice) -> None:
        customer = str(self.request.customer.get("id", ""))
        segment = str(self.request.customer.get("segment", ""))
        kept = []
        for one in self.lines:
            levels = [self._records(one, *who) for who in ((customer, segment), (customer, ""), ("", segment))
                      if any(who)]  # fmt: skip
            own = next((found for found in levels if found), [])
            everybody = self._records(one, "", "")
            if any(len({record.price for record in found}) > 1 for found in (own, everybody)):
                continue
            if not own and not everybody:
                if not step.required:
                    kept.append(one)
                continue
            kept.append(one)
            one.running = F((everybody or own)[0].price.amount) * one.quantity
            one.listed = one.running
            unit = F((own or everybody)[0].price.amount)
            one.running = unit * one.quantity
            one.gross, one.unit = one.running, unit
        self.lines = kept

    def _records(self, one: State, customer: str, segment: str) -> list[Any]:
        day = self.request.at.date()
        found = [
            record
            for record in self.model.prices
            if (record.product, record.price.currency) == (one.line.product, self.request.currency)
            and (record.customer, record.segment) == (customer, segment)
            and (record.valid_from is None or record.valid_from <= day)
            and (record.valid_to is None or day < record.valid_to)
        ]
        newest = max((str(record.valid_from or "") for record in found), default="")
        return [record for record in found if str(record.valid_from or "") == newest]

    def options(self, _step: OptionExtras) -> None:
        for one in self.lines:
            for attribute, value in sorted(one.line.configuration.items()):
                for option in self.model.options:
                    if (option.product, option.attribute, option.value) == (
                        one.line.product,
                        attribute,
                        value,
                    ):
                        extra = F(option.extra.amount) * one.quantity
                        one.take(extra)
                        one.listed = max(one.listed + extra, F(0))

    def price_list(self, step: PriceListRules) -> None:
        name = self.request.price_list or step.default
        rules = next((one.rules for one in self.model.price_lists.lists if one.id == name), None)
        if rules is None:
            return
        for one in self.lines:
            holding = [rule for rule in rules if self._rule_holds(rule, one)]
            if not holding:
                continue
            rule = min(holding, key=lambda rule: ("line.product" not in rule.key, -(rule.min_quantity or 0)))
            base = None if one.gross is None else one.running / one.quantity
            value = F(rule.price) if rule.price is not None else base
            if value is None:
                one.gross = None
                continue
            if rule.margin_percent is not None:
                value += value * F(rule.margin_percent) / 100
            if rule.percent_off is not None:
                value -= value * F(rule.percent_off) / 100
            value = max(value, F(0))
            if rule.round_to is not None:
                value = rounded(value, F(rule.round_to), rule.round_mode)
            value = max(value + F(rule.surcharge or 0), F(0))
            if rule.floor is not None:
                value = max(value, F(rule.floor))
            one.running = value * one.quantity
            one.price(None if one.line.configuration else value)
        self.lines = [one for one in self.lines if one.gross is not None or not self._has_rule(rules, one)]

    def _rule_holds(self, rule: Any, one: State) -> bool:
        return (
            rule.key.get("line.product", one.line.product) == one.line.product
            and one.quantity >= (rule.min_quantity or 0)
            and self.holds(rule.condition, one)
        )

    def _has_rule(self, rules: Iterable[Any], one: State) -> bool:
        return any(self._rule_holds(rule, one) for rule in rules)

    def tiers(self, step: QuantityTiers) -> None:
        for one in self.lines:
            tiers: list[Any] = [tier for tier in self.model.tiers if tier.product == one.line.product]
            if not tiers and one.product is not None and one.product.family:
                tiers = [tier for tier in self.model.tiers if tier.family == one.product.family]
            tiers.sort(key=lambda tier: tier.lower)
            ends: list[F | None] = [*(F(tier.lower) for tier in tiers[1:]), None][: len(tiers)]
            before = one.running
            for tier, end in zip(tiers, ends, strict=True):
                low = F(tier.lower)
                if step.scale.value == "graduated":
                    part = (one.quantity if end is None else min(one.quantity, end)) - low
                else:
                    inside = low <= one.quantity and (end is None or one.quantity < end)
                    part = one.quantity if inside else F(0)
                if part <= 0:
                    continue
                if tier.percent is not None:
                    one.take(-before * part / one.quantity * F(tier.percent.points) / 100)
                else:
                    one.take((F(tier.unit_price.amount) - one.unit) * part)

    def manual(self, _step: ManualPrices) -> None:
        for one in self.lines:
            manual: Any = one.line.manual
            if manual is None:
                continue
            if manual.unit_price is not None:
                one.running = F(manual.unit_price.amount) * F(one.line.quantity)
                one.unit = one.running / one.quantity
                if one.gross is None:
                    one.listed = one.running
            elif one.gross is None:
                continue
            elif manual.amount_off is not None:
                one.take(-F(manual.amount_off.amount))
            else:
                one.take(-one.running * F(manual.percent_off.points) / 100)
            one.gross = one.running

    def terms(self, _step: Terms) -> None:
        for one in self.lines:
            if one.gross is not None:
                one.running *= _years(one.line)
                if one.line.starts is not None:
                    one.gross = one.running

    def shares_of_total(self, step: SharesOfTotal) -> None:
        rules = {rule.product: rule for rule in step.rules}
        covered = [
            one.running for one in self.lines if one.line.product not in rules and one.gross is not None
        ]
        for one in self.lines:
            if one.line.product in rules and covered:
                share = F(rules[one.line.product].percent.points) / 100 * _years(one.line)
                one.running = sum(covered, F(0)) * share
                if one.gross is None:
                    one.listed = one.running
                one.gross = one.running

    # What is taken off

    def discounts(self, step: Discounts) -> None:
        says = self.before_step(rule.condition for rule in step.rules)
        for one in self.lines:
            start = one.running
            if step.id in one.excluded:
                continue
            for rule in step.rules:
                if self._in_force(rule) and says(rule.condition, one):
                    base = start if rule.stacking.value == "additive" else one.running
                    one.take(-_off(rule, base, one.quantity))

    def header_discounts(self, step: HeaderDiscounts) -> None:
        says = self.before_step(rule.condition for rule in step.rules)
        starts = {id(one): one.running for one in self.lines}
        for rule in step.rules:
            lines = [one for one in self.lines if one.gross is not None and says(rule.condition, one)]
            if not lines or not self._in_force(rule):
                continue
            additive = rule.stacking.value == "additive"
            weights = [starts[id(one)] if additive else one.running for one in lines]
            off = _off(rule, sum(weights, F(0)), sum((one.quantity for one in lines), F(0)))
            self._share(
                step.id, lines, weights, -off, step.mode.value, "down", "largest_fraction", step.tie.value
            )

    def _in_force(self, rule: DiscountRule) -> bool:
        day = self.request.at.date()
        return (
            (rule.amount is None or rule.amount.currency == self.request.currency)
            and (rule.valid_from is None or rule.valid_from <= day)
            and (rule.valid_to is None or day < rule.valid_to)
        )

    def promotions(self, _step: Promotions) -> None:
        for promotion in self.model.promotions:
            benefit: Any = promotion.benefit
            for one in self.lines:
                if one.gross is not None:
                    off = one.running * F(benefit.percent.points) / 100
                    one.take(-rounded(off, self.unit, "half_up"))

    def free_units(self, step: FreeUnits) -> None:
        for one in self.lines:
            for rule in step.rules:
                if one.gross is not None and rule.product in ("", one.line.product):
                    free = floor(one.quantity / F(rule.goods.per_quantity)) * F(rule.goods.free_quantity)
                    if free and rule.goods.mode.value == "inclusive":
                        one.take(-one.running * free / one.quantity)
                    if free:
                        break

    # Conditions

    def condition(self, step: PricingStep) -> None:  # noqa: C901 - one branch for each case of the documentation
        type_ = next(one for one in self.model.procedure.condition_types if one.id == step.type_id)
        records = [record for record in self.model.conditions if record.type == type_.id]
        says = self.before_step([step.requirement, type_.formula, *(record.condition for record in records)])
        before = {id(one): one.running for one in self.lines}
        lines = [one for one in self.lines if step.id not in one.excluded and says(step.requirement, one)]
        if step.scope.value != "line":
            groups: dict[str, list[State]] = {}
            for one in lines:
                if one.gross is not None and (step.scope.value == "document" or one.line.group):
                    name = one.line.group if step.scope.value == "group" else ""
                    groups.setdefault(name, []).append(one)
            for together in groups.values():
                self._together(step, type_, records, together, says)
            return
        group = next(
            (one for one in self.model.procedure.exclusion_groups if type_.id in (*one.members, *one.second_members)),
            None,
        )  # fmt: skip
        for one in lines:
            best = self._best(type_, records, [one], one.quantity, one.line.uom or "piece", says)
            changes = {self._change(step, type_, record, one, lines, before, says) for record in best}
            if len(changes) > 1:  # a conflict
                self.lines = [other for other in self.lines if other is not one]
                continue
            record, change = (best[0], changes.pop()) if best else (None, None)
            if record is None or change is None:
                if step.mandatory:
                    self.lines = [other for other in self.lines if other is not one]
                continue
            if step.statistical or type_.kind.value in _TELLING:
                continue
            if group is not None:
                one.waiting.setdefault(group.id, []).append((type_, record, change))
            else:
                self._apply(one, type_, record, change)

    @staticmethod
    def _apply(one: State, type_: Any, record: Any, change: F) -> None:
        one.take(change)
        one.excluded.update(record.excludes)
        if type_.kind.value == "price":
            plain = (
                type_.calculation.value == "set_price"
                and record.amount is not None
                and record.per_quantity == 1
            )
            one.price(F(record.amount.amount) if plain and not record.uom else None)

    def _best(  # noqa: PLR0917 - as the policies list them
        self, type_: Any, records: Sequence[Any], lines: Sequence[State], quantity: F, uom: str, says: Any
    ) -> list[Any]:
        """The records that hold, are asked for first, and rank highest; several when nothing tells them apart."""
        ranked: list[tuple[Any, Any]] = []
        for level, access in enumerate(type_.accesses):
            found = [
                record
                for record in records
                if set(record.key) == set(access.fields)
                and all(self._fact(name, lines) == value for name, value in record.key.items())
                and (record.min_quantity is None or quantity >= F(record.min_quantity))
                and (record.max_quantity is None or quantity <= F(record.max_quantity))
                and record.uom in ("", uom)
                and self._valid(record)
                and says(record.condition, lines[0])
            ]
            ranked += [(self._rank(level, record), record) for record in found]
            if found and access.exclusive:
                break
        top = min((rank for rank, _ in ranked), default=None)
        return [record for rank, record in ranked if rank == top]

    @staticmethod
    def _rank(level: int, record: Any) -> tuple[Any, ...]:
        priority = (1, 0) if record.priority is None else (0, -record.priority)
        newest = (1, 0) if record.valid_from is None else (0, -record.valid_from.toordinal())
        return level, not record.uom, -F(record.min_quantity or 0), priority, newest

    def _fact(self, name: str, lines: Sequence[State]) -> Any:
        part, _, rest = name.partition(".")
        if part == "line":
            values = {
                one.line.product
                if rest == "product"
                else one.line.group
                if rest == "group"
                else one.product.family
                if one.product is not None
                else None
                for one in lines
            }
            return values.pop() if len(values) == 1 else None
        return (self.request.customer if part == "customer" else self.request.order).get(rest)

    def _valid(self, record: Any) -> bool:
        day = self.request.at.date()
        return (record.valid_from is None or record.valid_from <= day) and (
            record.valid_to is None or day < record.valid_to
        )

    def _value(self, record: Any) -> F | None:
        """The amount of a record in the currency of the request; `None` without a rate."""
        if record.amount is None:
            return F(0)
        if record.amount.currency == self.request.currency:
            return F(record.amount.amount)
        for quote in self.model.rates.quotes:
            if (quote.base, quote.quote) == (record.amount.currency, self.request.currency):
                return F(record.amount.amount) * F(quote.rate)
        return None

    def _base(self, step: PricingStep, type_: Any, one: State) -> F:
        if step.base:
            return one.subtotals.get(step.base, one.running)
        return one.gross if type_.calculation.value == "percent" and one.gross is not None else one.running

    def _change(  # noqa: C901, PLR0917 - one branch for each case of the documentation
        self, step: PricingStep, type_: Any, record: Any, one: State,
        lines: Sequence[State], before: Mapping[int, F], says: Any,
    ) -> F | None:  # fmt: skip
        """What a record changes a line by; `None` when that cannot be reckoned."""
        sign = -1 if type_.kind.value in _TAKEN_OFF else 1
        percent = F(record.percent.points) / 100 if record.percent is not None else F(0)
        is_price = type_.kind.value == "price"
        start = one.running
        match type_.calculation.value:
            case "percent" | "percent_compound":
                base = self._base(step, type_, one)
                if record.scale is None:
                    return _limited(record, sign * base * percent, sign)
                cost = self._scaled(record.scale, one, lines, before, base / one.quantity)
                return None if cost is None else _limited(record, cost - base, sign)
            case "formula":
                return _limited(record, sign * says(type_.formula, one) - (start if is_price else 0), sign)
            case "percent_of_total":
                others = sum(before.values()) - before[id(one)]
                return _limited(record, sign * (others * percent - (start if is_price else 0)), sign)
            case "markup_on_cost" | "target_margin":
                if one.product is None or one.product.cost is None:
                    return None
                cost = F(one.product.cost.amount) * one.quantity
                if type_.calculation.value == "markup_on_cost":
                    return cost * (1 + percent) - start
                return None if percent >= 1 else cost / (1 - percent) - start
        if record.scale is not None:
            value = self._scaled(record.scale, one, lines, before, None)
        else:
            value = self._value(record)
            if value is not None and type_.calculation.value in ("amount_per_unit", "set_price"):
                value = value * one.quantity / UNITS[record.uom] / F(record.per_quantity)
        if value is None:
            return None
        if type_.calculation.value in ("set_price", "price_for_quantity"):
            return value - start
        return _limited(record, sign * value, sign)

    def _scaled(
        self, scale: Any, one: State, lines: Sequence[State], before: Mapping[int, F], price: F | None
    ) -> F | None:
        def measure(line: State) -> F:
            if scale.basis.value == "quantity":
                return line.quantity
            if scale.basis.value == "value":
                return before[id(line)]
            if scale.basis.value == "weight":
                weight = None if line.product is None else line.product.weight
                return F(0) if weight is None else F(weight) * line.quantity
            fact: Any = line.line.fields.get(scale.attribute.removeprefix("line."), 0)
            return F(fact)

        def family(line: State) -> str:
            return "" if line.product is None else line.product.family

        choices: Mapping[str, Callable[[State], bool]] = {
            "line": lambda other: other is one,
            "document": lambda _other: True,
            "product_family": lambda other: (
                family(other) == family(one) if family(one) else other.line.product == one.line.product
            ),
            "group": lambda other: other.line.group == one.line.group if one.line.group else other is one,
            "customer_period": lambda other: other.line.product == one.line.product,
        }
        together = choices[scale.aggregate_over.value]
        reached = sum((measure(other) for other in lines if together(other)), F(0))
        if scale.aggregate_over.value == "customer_period":
            bought = self.request.bought
            reached += F(bought.get(one.line.product, bought.get(family(one), 0)))
        return scale_charge(scale, one.quantity, measure(one), reached, price)

    def _together(
        self, step: PricingStep, type_: Any, records: Sequence[Any], lines: Sequence[State], says: Any
    ) -> None:
        quantity = sum((one.quantity for one in lines), F(0))
        best = self._best(type_, records, lines, quantity, "", says)
        sign = -1 if type_.kind.value in _TAKEN_OFF else 1
        changes = set()
        for record in best:
            value = self._value(record)
            if value is None:
                return
            base = sum((self._base(step, type_, one) for one in lines), F(0))
            match type_.calculation.value:
                case "amount_per_unit":
                    value = value * quantity / F(record.per_quantity)
                case "amount_per_line":
                    value *= len(lines)
                case "percent" | "percent_compound":
                    value = base * F(record.percent.points) / 100
            changes.add(_limited(record, sign * value, sign))
        if len(changes) > 1 or (not changes and step.mandatory):
            self.lines = [one for one in self.lines if one not in lines]
        if len(changes) != 1:
            return
        policy = step.allocation
        choices: Mapping[str, Callable[[State], F]] = {
            "net": lambda one: one.running,
            "gross": lambda one: one.running,
            "list": lambda one: one.listed,
            "quantity": lambda one: one.quantity,
            "weight": lambda one: F(0) if one.product is None or one.product.weight is None
            else F(one.product.weight) * one.quantity,
            "equal": lambda _one: F(1),
        }  # fmt: skip
        weights = choices[policy.base.value]
        self._share(
            step.id, lines, [weights(one) for one in lines], changes.pop(), step.mode.value,
            policy.rounding.value, policy.remainder.value, policy.tie.value,
        )  # fmt: skip

    def _share(  # noqa: PLR0917 - as the policies list them
        self, step: str, lines: Sequence[State], weights: Sequence[F], raw: F, mode: str,
        rounding: str, remainder: str, tie: str,
    ) -> None:  # fmt: skip
        whole = rounded(raw, self.unit, mode)
        room = None
        if whole < 0:
            room = [one.running for one in lines]
            whole = max(whole, -sum(room, F(0)))
        parts = shared(abs(whole), weights, self.unit, room, rounding, remainder, tie)
        for one, part in zip(lines, parts, strict=True):
            one.take(part if whole > 0 else -part)
        self.headers.append((step, whole))

    def _decide_groups(self, number: int) -> None:
        steps = self.model.procedure.steps
        for group in self.model.procedure.exclusion_groups:
            members = (*group.members, *group.second_members)
            places = [
                at for at, one in enumerate(steps) if isinstance(one, PricingStep) and one.type_id in members
            ]
            if not places or places[-1] != number:
                continue
            for one in self.lines:
                waiting = one.waiting.pop(group.id, [])
                for stays, (type_, record, change) in zip(decided(group, waiting), waiting, strict=True):
                    if stays:
                        self._apply(one, type_, record, change)

    # Rounding

    def round_lines(self, step: RoundLines) -> None:
        increment = self.unit if step.increment is None else F(step.increment)
        ending = None if step.ending is None else F(step.ending)
        mode = step.mode.value
        if step.at.value == "document":
            whole = sum((one.running for one in self.lines), F(0))
            left = rounded(whole, increment, mode, ending) - whole
            for one in sorted(self.lines, key=lambda one: -one.running):
                change = max(left, -one.running)
                one.running, left = one.running + change, left - change
            return
        for one in self.lines:
            if step.at.value == "unit":
                one.running = rounded(one.running / one.quantity, increment, mode, ending) * one.quantity
            else:
                one.running = rounded(one.running, increment, mode, ending)

    def subtotal(self, step: Subtotal) -> None:
        for one in self.lines:
            one.subtotals[step.id] = one.running


def _years(line: Line) -> F:
    """How many years a line is for, in whole months; one without a term."""
    if line.starts is None or line.ends is None:
        return F(1)
    return F(12 * (line.ends.year - line.starts.year) + line.ends.month - line.starts.month, 12)


def _off(rule: DiscountRule, base: F, quantity: F) -> F:
    if rule.percent is not None:
        return base * F(rule.percent.points) / 100
    amount = F(0) if rule.amount is None else F(rule.amount.amount)
    return amount * quantity if rule.per.value == "unit" else amount


def _limited(record: Any, change: F, sign: int) -> F:
    size = abs(change)
    if record.upper_limit is not None:
        size = min(size, F(record.upper_limit))
    if record.lower_limit is not None:
        size = max(size, F(record.lower_limit))
    return -size if change < 0 or (not change and sign < 0) else size


FORMULAS: Mapping[str, Callable[[Oracle, State], Any]] = {
    "": lambda _oracle, _line: True,
    "line.quantity >= 5": lambda _oracle, line: line.quantity >= 5,
    "line.product != 'a'": lambda _oracle, line: line.line.product != "a",
    "customer.segment == 'gold'": lambda oracle, _line: oracle.request.customer.get("segment") == "gold",
    "order.amount >= 1000 EUR": lambda oracle, _line: sum(one.running for one in oracle.lines) >= 1000,
    "line.amount >= 50 EUR": lambda _oracle, line: line.running >= 50,
    "order.lines >= 2": lambda oracle, _line: oracle.counted >= 2,
    "3% * line.amount": lambda _oracle, line: line.running * F(3, 100),
    "line.quantity * 2 EUR": lambda _oracle, line: line.quantity * 2,
}
"""The formulas that tests may use, each with what it means."""

_STEPS: Mapping[type, Callable[[Oracle, Any], None]] = {
    ListPrice: Oracle.list_price,
    OptionExtras: Oracle.options,
    PriceListRules: Oracle.price_list,
    QuantityTiers: Oracle.tiers,
    ManualPrices: Oracle.manual,
    Discounts: Oracle.discounts,
    HeaderDiscounts: Oracle.header_discounts,
    PricingStep: Oracle.condition,
    Subtotal: Oracle.subtotal,
    RoundLines: Oracle.round_lines,
    Promotions: Oracle.promotions,
    FreeUnits: Oracle.free_units,
    Terms: Oracle.terms,
    SharesOfTotal: Oracle.shares_of_total,
}
