"""Compensation plans as data."""

from __future__ import annotations

from pathlib import Path

import attrs

from salesmgmt.core.currency import NoMinorUnit, UnknownCurrency, currency
from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, duplicate_ids, refuse_errors
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.sfe.incentives.component import Component
from salesmgmt.sfe.incentives.engine import PayEngine


@attrs.frozen(kw_only=True)
class CompPlan:
    """A compensation plan as data.

    Attributes:
        id: its name.
        version: raised by its author with each change; statements name it.
        currency: of every amount in it.
        components: its parts; their pay is added up.
        rounding: how the total of a statement is rounded to the minor unit.

    >>> import pathlib, tempfile
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.sfe.incentives import CompPlan, Credit
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "ae.toml"
    >>> _ = file.write_text('''
    ... id = "account-executive"
    ... currency = "EUR"
    ... [[components]]
    ... id = "new-business"
    ... quota = 33000
    ... bands = [
    ...     { start = "0", end = "0.5", rate = "5%" },
    ...     { start = "0.5", end = "1", rate = "10%", retroactive = true },
    ...     { start = "1", rate = "20%" },
    ... ]
    ... ''')
    >>> engine = CompPlan.load(file).compile()
    >>> deals = [Credit(event=f"d-{n}", participant="li.wei", amount=Money(20000, "EUR")) for n in (1, 2)]
    >>> statement = engine.pay("s-1", "li.wei", deals, period=Period.month(2026, 10))
    >>> for line in statement.lines:
    ...     print(line.event, line.band, line.base, line.rate, line.amount)
    d-1 1 20000 EUR 10% 2000.00 EUR
    d-2 1 13000 EUR 10% 1300.00 EUR
    d-2 2 7000 EUR 20% 1400.00 EUR
    >>> statement.total
    Money('4700.00', 'EUR')
    """

    id: str
    version: int = 1
    currency: str
    components: tuple[Component, ...]
    rounding: RoundingMode = RoundingMode.HALF_UP

    @classmethod
    def load(cls, path: Path | str) -> CompPlan:
        """Read a plan from a TOML file and lint it.

        Raises:
            InvalidInput: the file is no such document; all problems are listed.
            InvalidDefinition: it cannot work; all findings are listed.
        """
        plan = load_definition(path, cls)
        plan._refuse_errors()  # noqa: SLF001 - its own method
        return plan

    def lint(self) -> tuple[Finding, ...]:
        """Find what cannot work: gaps and overlaps of bands, bounds the wrong way round, ids that stand twice."""
        findings: list[Finding] = []
        try:
            _ = currency(self.currency).minor_digits
        except (UnknownCurrency, NoMinorUnit) as error:
            findings.append(
                Finding(
                    code=error.code, where="currency", message=str(error), hint="write a code of ISO 4217"
                )
            )
        findings += duplicate_ids("components", (component.id for component in self.components))
        if not self.components:
            findings.append(
                Finding(
                    code="no_components",
                    where="components",
                    message="it pays nothing",
                    hint="add a component",
                )
            )
        return (*findings, *(finding for component in self.components for finding in component.lint()))

    def compile(self) -> PayEngine:
        """Make the engine that pays; raises `InvalidDefinition` when the plan cannot work."""
        self._refuse_errors()
        return PayEngine(self)

    def _refuse_errors(self) -> None:
        refuse_errors(f"compensation plan {shorten(self.id)}", self.lint())
