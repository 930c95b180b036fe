"""What a quote still lacks before a customer may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exact import add
from salesmgmt.core.findings import Finding
from salesmgmt.core.formula import declare
from salesmgmt.core.units import UnitTable
from salesmgmt.cpq.configure import Configurator
from salesmgmt.cpq.pricing import Pricer, PricingRequest
from salesmgmt.cpq.pricing.names import NAMES
from salesmgmt.cpq.products import Catalogue
from salesmgmt.cpq.quotes.completeness._configurations import configuration_findings
from salesmgmt.cpq.quotes.completeness._lines import catalogue_findings, own_findings
from salesmgmt.cpq.quotes.completeness._prices import on_day, price_findings
from salesmgmt.cpq.quotes.completeness._requirements import Requirements
from salesmgmt.cpq.quotes.completeness.quote_check import QuoteCheck, checked
from salesmgmt.cpq.quotes.completeness.requirement import Requirement, required_services
from salesmgmt.cpq.quotes.quote import Quote
from salesmgmt.cpq.recommend.relations import Relations


def findings(quote: Quote, *, on: date) -> tuple[Finding, ...]:
    """Find what the current version of a quote lacks by itself; an error among it keeps it from being presented.

    `Completeness.findings` also holds it against the catalogue, product models, prices and checks of the house. The codes of
    both stand in `docs/cpq/completeness.md`.

    Args:
        quote: the quote.
        on: the business date.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.cpq.pricing import Line, NoPrice, Priced, PricingRequest
    >>> from salesmgmt.cpq.quotes import findings, quote_from
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> priced = Priced(
    ...     request=PricingRequest(at=now, currency="EUR", lines=[]), model="catalogue", model_version=1, model_digest="", lines=(),
    ...     unpriced=(NoPrice(position=0, line=Line("dock", 25), at=now, currency="EUR"),),
    ... )
    >>> quote, _ = quote_from(priced, id="q-1", number="Q-1", valid_until=date(2026, 4, 1), at=now, by=Actor("li.wei"))
    >>> [(finding.code, finding.where) for finding in findings(quote, on=date(2026, 4, 2))]
    [('missing_price', 'lines[0]'), ('expired', 'valid_until')]
    """
    return tuple(own_findings(quote, on))


def _configurators(given: Mapping[str, Configurator]) -> Mapping[str, Configurator]:
    return dict(given)


def _requirements(given: Iterable[Requirement]) -> tuple[Requirement, ...]:
    return tuple(given)


def _checks(given: Iterable[QuoteCheck]) -> tuple[QuoteCheck, ...]:
    return tuple(given)


@attrs.frozen(kw_only=True)
class Completeness:
    r"""What quotes are held against before a customer sees them. What is not given is not looked at.

    Attributes:
        catalogue: the products; when it is empty, any may be named.
        configurators: the configurator by id of the product, or of the template that it is a variant of.
        relations: the relations of the house; those of kind `required_service` are required, the others are offers.
        requirements: what else is required.
        units: the units of measure, for quantities in another unit than that of the product.
        pricer: today's prices.
        request: who buys, in which currency; it has no lines of its own. Prices are those of its time of day on the day that is
            asked for.
        checks: the house's own checks, for delivery, credit and the like.

    Raises:
        InvalidInput: there is a pricer and no request, the request has lines, or a member is of another type.
        FormulaError: a condition of a requirement cannot be read.

    >>> from salesmgmt.cpq.products import Catalogue, Product
    >>> from salesmgmt.cpq.quotes import Completeness
    >>> completeness = Completeness(catalogue=Catalogue([Product(id="dock", active=False)]))

    With the quote of `findings`:

    >>> print(*completeness.findings(quote, on=date(2026, 3, 2)), sep="\n")
    error missing_price at lines[0]: ...
    error inactive_product at lines[0]: 'dock' is not sold any more; take its successor, price it again and revise the quote
    """

    catalogue: Catalogue = attrs.field(factory=Catalogue)
    configurators: Mapping[str, Configurator] = attrs.field(
        factory=dict, converter=_configurators, hash=False
    )
    relations: Relations | None = None
    requirements: tuple[Requirement, ...] = attrs.field(default=(), converter=_requirements)
    units: UnitTable = attrs.field(factory=UnitTable.standard)
    pricer: Pricer | None = None
    request: PricingRequest | None = None
    checks: tuple[QuoteCheck, ...] = attrs.field(default=(), converter=_checks)
    _required: Requirements = attrs.field(init=False, repr=False, eq=False)

    @_required.default
    def _compiled(self) -> Requirements:
        problems = tuple(self._problems())
        if problems:
            raise InvalidInput("completeness", problems)
        services = () if self.relations is None else required_services(self.relations)
        schema = NAMES
        if self.pricer is not None:
            schema = declare(self.pricer.model.procedure.facts, NAMES).schema
        return Requirements((*services, *self.requirements), self.catalogue, self.units, schema)

    def findings(self, quote: Quote, *, on: date) -> tuple[Finding, ...]:
        """Find everything that the current version of a quote lacks; an error among it keeps it from being presented.

        Args:
            quote: the quote.
            on: the business date.

        Returns:
            What the quote lacks by itself, then what it lacks by catalogue, product models, requirements, prices and checks,
            each in the order of the lines.
        """
        return tuple(self._findings(quote, on))

    def _findings(self, quote: Quote, on: date) -> Iterator[Finding]:
        version = quote.current
        lines = version.every_line
        yield from own_findings(quote, on)
        if len(self.catalogue):
            yield from catalogue_findings(lines, self.catalogue, self.units)
        if self.configurators:
            yield from configuration_findings(lines, self.configurators, self.catalogue)
        yield from self._required.findings(version, self._facts(quote, on))
        if self.pricer is not None and self.request is not None:
            yield from price_findings(version, self.pricer, self.request, on)
        for number, check in enumerate(self.checks):
            yield from checked(check, f"checks[{number}]", quote, on)

    def _facts(self, quote: Quote, on: date) -> Mapping[str, Any]:
        """What conditions of requirements may read of customer and order."""
        version, request = quote.current, self.request
        lines = version.every_line
        found = [self.catalogue.get(line.product) for line in lines]
        facts: dict[str, Any] = {
            "order.date": on,
            "order.currency": quote.currency,
            "order.lines": Decimal(len(lines)),
            "order.products": frozenset(line.product for line in lines),
            "order.families": frozenset(one.family for one in found if one is not None and one.family),
            "order.quantity": reduce(add, (line.quantity for line in lines), Decimal(0)),
            "order.amount": version.total,
            "order.list_amount": version.list_total,
        }
        if request is not None:
            facts |= {f"customer.{name}": value for name, value in request.customer.items()}
            facts |= {f"order.{name}": value for name, value in request.order.items()}
            facts["order.price_list"] = request.price_list or None
            facts["order.at"] = on_day(request, on).at
        return facts

    def _problems(self) -> Iterator[Problem]:

        if self.pricer is not None and self.request is None:
            yield Problem("request", "missing", None, "who buys, where there is a pricer")
        if self.request is not None and self.request.lines:
            wanted = "no lines, as those of the quote are priced"
            yield Problem("request.lines", "not_empty", str(len(self.request.lines)), wanted)
        members: list[tuple[str, object, Any, str]] = [
            *(
                (f"configurators.{shorten(product)[1:-1]}", one, Configurator, "a Configurator")
                for product, one in self.configurators.items()
            ),
            *(
                (f"requirements[{position}]", one, Requirement, "a Requirement")
                for position, one in enumerate(self.requirements)
            ),
            *(
                (f"checks[{position}]", one, Callable, "a callable")
                for position, one in enumerate(self.checks)
            ),
        ]
        if self.relations is not None:
            members.append(("relations", self.relations, Relations, "Relations"))
        for path, one, kind, wanted in members:
            if not isinstance(one, kind):
                yield Problem(path, "wrong_type", shorten(one), wanted)
