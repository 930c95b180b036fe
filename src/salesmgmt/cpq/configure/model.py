"""A configurable product as data."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import shorten
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.cpq.configure.attribute import Attribute
from salesmgmt.cpq.configure.configurator import Configurator
from salesmgmt.cpq.configure.lint import MAX_STEPS, Checked, check
from salesmgmt.cpq.configure.rule import Rule


@attrs.frozen(kw_only=True)
class ProductModel:
    """What can be chosen about a product, and what goes together; usually from a TOML file.

    Attributes:
        id: its name.
        version: raised by its author with each change.
        attributes: what can be chosen, in the order in which people are asked.
        rules: what goes together and what does not.

    >>> from salesmgmt.cpq.configure import Attribute, Excludes, ProductModel
    >>> model = ProductModel(
    ...     id="bike",
    ...     attributes=(Attribute("frame", ("alloy", "carbon")), Attribute("fork", ("rigid", "air"))),
    ...     rules=(Excludes(id="R12", combination={"frame": "carbon", "fork": "rigid"}),),
    ... )
    >>> model.compile().start().choose("frame", "carbon").domain("fork")
    ('air',)
    """

    id: str
    version: int = 1
    attributes: tuple[Attribute, ...]
    rules: tuple[Rule, ...] = ()

    @classmethod
    def load(cls, path: Path | str) -> ProductModel:
        """Read a model from a TOML file and lint it.

        Raises:
            InvalidInput: the file is no such document; all problems are listed.
            InvalidDefinition: it cannot work; all findings are listed with their places.

        >>> from salesmgmt.cpq.configure import ProductModel
        >>> ProductModel.load("nowhere.toml")
        Traceback (most recent call last):
        salesmgmt.core.errors.InvalidInput: nowhere.toml has 1 problem: ...
        """
        model = load_definition(path, cls)
        model._refuse_errors()  # noqa: SLF001 - its own method
        return model

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that the lint says; see `salesmgmt.cpq.configure.lint` for the codes."""
        return self._checked.findings

    @property
    def digest(self) -> str:
        """SHA-256 of the model: equal models have equal digests, whatever their files look like."""
        return digest_of(self)

    def compile(self, *, max_steps: int = MAX_STEPS) -> Configurator:
        """Make the configurator that answers questions.

        Args:
            max_steps: elementary steps of search that one question may take before it ends in `NotProven`.

        Raises:
            InvalidDefinition: the model cannot work.
        """
        self._refuse_errors()
        return Configurator(self, max_steps)

    @cached_property
    def _checked(self) -> Checked:
        return check(self)

    def _refuse_errors(self) -> None:
        refuse_errors(f"product model {shorten(self.id)}", self.findings)
