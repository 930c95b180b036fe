"""An outline with its prices: what is required as one document, and each choice as it comes to."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.cpq.pricing import Priced, Pricer, PricingRequest
from salesmgmt.cpq.quotes._structure import Structure
from salesmgmt.cpq.quotes.outline import Outline

MOST_PRICED_LINES = 100_000
"""Lines of all the documents that one offer prices."""


@attrs.frozen(kw_only=True)
class PricedChoice:
    """An optional line or an alternative as it comes to when nothing else is chosen that it does not need.

    Attributes:
        id: id of the line.
        lines: ids of the lines of the document, in their order: those that are required, less the line that an
            alternative takes the place of, and the choice with its parts.
        priced: the document.
    """

    id: str
    lines: tuple[str, ...]
    priced: Priced


@attrs.frozen(kw_only=True)
class Offer:
    """An outline with its prices; `quote_from` and `revise` make a version of it.

    Attributes:
        outline: what is offered.
        lines: ids of the required lines, in their order.
        required: these, priced as one document.
        choices: the optional lines and alternatives, in the order of the outline.
    """

    outline: Outline
    lines: tuple[str, ...]
    required: Priced
    choices: tuple[PricedChoice, ...] = ()


def price_offer(outline: Outline, request: PricingRequest, pricer: Pricer) -> Offer:
    """Price everything that a quote is to offer.

    The required lines are one document. Each optional line is priced as it comes to when it alone, with its parts, is added
    to them; each alternative as it comes to in place of its line. An option of an option is priced with that.

    Args:
        outline: what is offered.
        request: who buys, when, in which currency; it has no lines of its own.
        pricer: the prices.

    Raises:
        InvalidInput: the request has lines, the documents have more than `MOST_PRICED_LINES` together, or `Pricer.price`
            finds faults; `lines[2]` is a line of the outline.
        EvaluationError, OutOfRange: as for `Pricer.price`.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import (
    ...     Line, ListPrice, PriceRecord, PricingModel, PricingProcedure, PricingRequest, RoundLines,
    ... )
    >>> from salesmgmt.cpq.quotes import Outline, OutlineLine, price_offer
    >>> pricer = PricingModel(
    ...     procedure=PricingProcedure(id="plain", steps=(ListPrice(id="list"), RoundLines(id="cents"))),
    ...     prices=[PriceRecord(id="p-1", product="bike", price=Money("850.00", "EUR")),
    ...             PriceRecord(id="p-2", product="lock", price=Money("40.00", "EUR"))],
    ... ).compile()
    >>> outline = Outline([OutlineLine("1", Line("bike", 2)), OutlineLine("2", Line("lock", 2), optional=True)])
    >>> request = PricingRequest(at=datetime(2026, 3, 2, 9, tzinfo=UTC), currency="EUR", lines=[])
    >>> offer = price_offer(outline, request, pricer)
    >>> offer.required.total, offer.choices[0].priced.total
    (Money('1700.00', 'EUR'), Money('1780.00', 'EUR'))
    """
    if request.lines:
        wanted = "no lines, as those of the outline are priced"
        raise InvalidInput("offer", [Problem("request.lines", "not_empty", str(len(request.lines)), wanted)])
    structure = Structure.of(outline.lines)
    required = structure.taken(())
    heads = [line.id for line in outline.lines if line.optional or line.alternative_of]
    documents: dict[str, tuple[str, ...]] = {}
    count = len(required)
    for head in heads:
        documents[head] = structure.taken(structure.chain(head))
        count += len(documents[head])
        if count > MOST_PRICED_LINES:
            raise InvalidInput(
                "offer",
                [
                    Problem(
                        "lines",
                        "too_many_choices",
                        f"{len(heads)} choices among {len(outline.lines)} lines",
                        f"documents of at most {MOST_PRICED_LINES} lines together",
                        "divide it into several quotes",
                    )
                ],
            )
    places = {line.id: position for position, line in enumerate(outline.lines)}

    def priced(names: tuple[str, ...]) -> Priced:
        positions = [places[name] for name in names]
        lines = [outline.lines[position].line for position in positions]
        try:
            return pricer.price(attrs.evolve(request, lines=lines))
        except InvalidInput as error:
            raise InvalidInput("offer", [placed(one, positions) for one in error.problems]) from None

    return Offer(
        outline=outline,
        lines=required,
        required=priced(required),
        choices=tuple(
            PricedChoice(id=head, lines=names, priced=priced(names)) for head, names in documents.items()
        ),
    )


def placed(problem: Problem, positions: Sequence[int]) -> Problem:
    """The same fault at the position of its line in a larger document."""
    number, bracket, rest = problem.path.removeprefix("lines[").partition("]")
    if not bracket or not problem.path.startswith("lines["):
        return problem
    return attrs.evolve(problem, path=f"lines[{positions[int(number)]}]{rest}")
