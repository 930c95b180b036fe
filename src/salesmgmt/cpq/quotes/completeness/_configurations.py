"""Configurations held against the product models of today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from salesmgmt.core.errors import InvalidInput, SalesError, shorten
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.cpq.configure import Configurator, NotProven
from salesmgmt.cpq.products import Catalogue
from salesmgmt.cpq.quotes.completeness._lines import AGAIN, line_finding, told
from salesmgmt.cpq.quotes.line import QuoteLine, UnpricedLine


class _Answer(NamedTuple):
    """What is wrong with a configuration, wherever it stands: code, message, hint, severity."""

    code: str
    message: str
    hint: str
    severity: Severity = Severity.ERROR


def configuration_findings(
    lines: Sequence[QuoteLine | UnpricedLine], configurators: Mapping[str, Configurator], catalogue: Catalogue
) -> Iterator[Finding]:
    """What is wrong with each configuration; equal ones are looked at once."""
    known: dict[tuple[str, Mapping[str, str]], tuple[_Answer, ...]] = {}
    for line in lines:
        key = line.product, line.configuration
        if key not in known:
            lineage = catalogue.lineage_of(line.product)
            found = next((configurators[one] for one in lineage if one in configurators), None)
            known[key] = tuple(_unchecked(line) if found is None else _answers(line, found))
        for answer in known[key]:
            if answer.code != "incomplete_configuration" or not line.missing:  # which is told already
                yield line_finding(line, *answer)


def _unchecked(line: QuoteLine | UnpricedLine) -> Iterator[_Answer]:
    if line.configuration and not line.added_by:
        message = f"{shorten(line.product)} is configured, and there is no configurator for it"
        yield _Answer("unchecked_configuration", message, "give its configurator", Severity.WARNING)


def _answers(line: QuoteLine | UnpricedLine, configurator: Configurator) -> Iterator[_Answer]:
    name = shorten(line.product)
    try:
        verdict = configurator.check(line.configuration)
    except InvalidInput as error:
        for problem in error.problems:
            message = f"{name} as it is sold today: {problem.path} cannot be {problem.found}"
            yield _Answer("unknown_choice", message, f"choose {problem.wanted}; {AGAIN}")
        return
    except SalesError as error:
        yield _Answer("unproven_configuration", f"{name}: {told(error)}", error.hint)
        return
    if verdict.conflict is not None:
        message = f"{name} cannot be built: {verdict.conflict}"
        yield _Answer("invalid_configuration", message, _repair(line, configurator))
    elif verdict.missing:
        shown = ", ".join(verdict.missing[:20]) + (", ..." if len(verdict.missing) > 20 else "")
        message = f"nothing is chosen for {shown} of {name}"
        yield _Answer("incomplete_configuration", message, "complete the configuration and revise the quote")


def _repair(line: QuoteLine | UnpricedLine, configurator: Configurator) -> str:
    try:
        repairs = configurator.repairs(line.configuration, limit=1)
    except NotProven:
        repairs = ()
    found = f"for example {repairs[0]}" if repairs else "configure it anew"
    return f"{found}; {AGAIN}"
