"""A product model at work: it starts configurations and answers their questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import attrs

from salesmgmt.core.errors import option
from salesmgmt.cpq.configure._answers import Answers
from salesmgmt.cpq.configure._compiled import Compiled
from salesmgmt.cpq.configure._objective import Objective
from salesmgmt.cpq.configure._repairing import changes
from salesmgmt.cpq.configure._search.sat_backend import require_pysat
from salesmgmt.cpq.configure.backend import Backend
from salesmgmt.cpq.configure.configuration import Configuration
from salesmgmt.cpq.configure.refusals import ChoiceRefused
from salesmgmt.cpq.configure.repair import Repair
from salesmgmt.cpq.configure.value_prices import ValuePrices
from salesmgmt.cpq.configure.verdict import Verdict

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.model import ProductModel


def _answers(configurator: Configurator) -> Answers:
    checked = configurator.model._checked  # noqa: SLF001 - a model and what it makes
    assert checked.compiled is not None  # noqa: S101 - the model has no errors: `compile` refuses them
    assert checked.narrowed is not None  # noqa: S101
    compiled = checked.compiled
    if configurator.backend is not Backend.PYTHON:
        require_pysat()
        compiled = Compiled(compiled.lowering, configurator.backend)
    objective = Objective(compiled.lowering, configurator.prices, configurator.costs)
    return Answers(configurator.model.id, compiled, checked.narrowed, objective, configurator.max_steps)


def _backend(value: Backend | str) -> Backend:
    return option(Backend, value, "the backend")


@attrs.frozen
class Configurator:
    """A compiled product model: immutable, shared by threads, pickled by its definition.

    Made by `ProductModel.compile`. Its answers are exact: they come from a search for a whole valid product, which
    ends in `NotProven` when it takes more than `max_steps`, and never in a guess.

    Attributes:
        model: what it was made from.
        max_steps: elementary steps of search that one question may take.
        prices: what values cost the customer; `None` when that is not known here.
        costs: what values cost the seller; `None` when that is not known here.
        backend: who searches.

    Raises:
        UnknownOption, MissingExtra: there is no such backend, or it is not installed.
        InvalidInput: the prices name attributes or values that the model does not have; all are listed.
        CurrencyMismatch: prices and costs are in different currencies.

    >>> from salesmgmt.cpq.configure import Attribute, ProductModel
    >>> lamp = ProductModel(id="lamp", attributes=(Attribute("socket", ("E14", "E27")),)).compile()
    >>> lamp.start().domain("socket")
    ('E14', 'E27')
    """

    model: ProductModel
    max_steps: int
    prices: ValuePrices | None = None
    costs: ValuePrices | None = None
    backend: Backend = attrs.field(default=Backend.PYTHON, converter=_backend)
    _answers: Answers = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(_answers, takes_self=True)
    )

    def __attrs_post_init__(self) -> None:
        self._answers.objective.check()

    def start(self, choices: Mapping[str, object] | None = None) -> Configuration:
        """Begin a configuration.

        Args:
            choices: the value by attribute of what is chosen already, as `Configuration.choices` of an earlier one.

        Raises:
            InvalidInput: a choice names an attribute or a value that the model does not have; all are listed.
            ChoiceRefused: they do not go together.
            NotProven: that could not be decided.

        >>> from salesmgmt.cpq.configure import Attribute, ProductModel
        >>> lamp = ProductModel(id="lamp", attributes=(Attribute("socket", ("E14", "E27")),)).compile()
        >>> lamp.start({"socket": "E40"})
        Traceback (most recent call last):
        salesmgmt.core.errors.InvalidInput: the choices for lamp has 1 problem:
          socket: found 'E40', wanted one of E14, E27; ...
        """
        chosen = self._answers.in_order(self._answers.reader.read({} if choices is None else choices))
        conflict = self._answers.refusal(chosen, {}) if chosen else None
        if conflict is not None:
            raise ChoiceRefused(conflict)
        return Configuration(self, chosen)

    def check(self, selection: Mapping[str, object]) -> Verdict:
        """Whether values go together, and, another question, whether they settle the product.

        Args:
            selection: the value by attribute; an attribute that is not named is open.

        Raises:
            InvalidInput: it names an attribute or a value that the model does not have; all are listed.
            NotProven: that could not be decided.

        >>> from salesmgmt.cpq.configure import Attribute, ProductModel
        >>> lamp = ProductModel(id="lamp", attributes=(Attribute("socket", ("E14", "E27")),)).compile()
        >>> lamp.check({}).is_valid, lamp.check({}).is_complete, lamp.check({"socket": "E14"}).is_complete
        (True, False, True)
        """
        chosen = self._answers.in_order(self._answers.reader.read(selection))
        conflict = self._answers.refusal(chosen, {})
        if conflict is not None:
            return Verdict(conflict=conflict)
        return Verdict(missing=Configuration(self, chosen).missing)

    def repairs(
        self, selection: Mapping[str, object], *, keep: Iterable[str] | str = (), limit: int = 5
    ) -> tuple[Repair, ...]:
        """The least changes that make values go together, the smallest first; see `Configuration.repairs`.

        Args:
            selection: the value by attribute, as it came from elsewhere.
            keep: attributes whose values must stay; one, or several.
            limit: how many at most.

        Returns:
            One repair that gives nothing up when they go together; none when those to keep do not.

        >>> from salesmgmt.cpq.configure import Attribute, Excludes, ProductModel
        >>> pc = ProductModel(
        ...     id="pc",
        ...     attributes=(Attribute("ram", ("8", "16")), Attribute("hdd", ("1", "2"))),
        ...     rules=(Excludes(id="R1", combination={"ram": "16", "hdd": "1"}),),
        ... ).compile()
        >>> for repair in pc.repairs({"ram": "16", "hdd": "1"}):
        ...     print(repair)
        hdd = 2 in place of 1
        ram = 8 in place of 16
        """
        chosen = self._answers.reader.read(selection)
        kept = {
            name
            for one in ((keep,) if isinstance(keep, str) else keep)
            for name in self._answers.reader.names(one)
        }
        asked = {name: value for name, value in chosen.items() if name in kept}
        others = {name: value for name, value in chosen.items() if name not in kept}
        found = islice(changes(self._answers, asked, others), max(limit, 0))
        return tuple(
            change.repair(
                Configuration(self, self._answers.in_order(change.chosen)),
                {},
                # There was no valid product before that could be compared as a whole.
                None
                if self.prices is None
                else self.prices.of(change.replacements) - self.prices.of(change.given_up),
            )
            for change in found
        )

    def count(self) -> int:
        """How many valid products there are; free texts do not count. Raises `NotProven`."""
        return self.start().count()

    def is_redundant(self, rule_id: str) -> bool:
        """Whether a rule forbids nothing that the other rules allow.

        Raises:
            UnknownOption: no rule has this id.
            NotProven: that could not be decided.

        >>> from salesmgmt.cpq.configure import Attribute, Excludes, ProductModel
        >>> pc = ProductModel(
        ...     id="pc",
        ...     attributes=(Attribute("ram", ("8", "16")), Attribute("hdd", ("1", "2"))),
        ...     rules=(
        ...         Excludes(id="R1", combination={"ram": "16"}),
        ...         Excludes(id="R2", combination={"ram": "16", "hdd": "1"}),
        ...     ),
        ... ).compile()
        >>> pc.is_redundant("R1"), pc.is_redundant("R2")
        (False, True)
        """
        return self._answers.is_redundant(rule_id)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.model, self.max_steps, self.prices, self.costs)
