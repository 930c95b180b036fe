"""A product on its way to be complete: choices that go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import attrs

from salesmgmt.core.digest import digest_of
from salesmgmt.core.money import Money
from salesmgmt.cpq.configure._answers import Answers, Narrowing
from salesmgmt.cpq.configure._lowered.layout import prefix_of
from salesmgmt.cpq.configure._repairing import Change, changes
from salesmgmt.cpq.configure.refusals import ChoiceRefused, Conflict
from salesmgmt.cpq.configure.repair import Repair

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.configurator import Configurator
    from salesmgmt.cpq.configure.option_group import Pick
    from salesmgmt.cpq.configure.soft_rule import Alerts, Recommends


class Origin(StrEnum):
    """Where the value of an attribute comes from.

    >>> from salesmgmt.cpq.configure import Origin
    >>> [origin.value for origin in Origin]
    ['user', 'default', 'derived']
    """

    USER = "user"
    """Somebody chose it."""
    DEFAULT = "default"
    """`complete` set it."""
    DERIVED = "derived"
    """It is the only one that goes with the choices."""


@attrs.frozen
class Chosen:
    """The value of an attribute, and where it comes from."""

    value: str
    origin: Origin


def _mapping(chosen: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(chosen))


@attrs.frozen
class Configuration:
    """Choices about a product that some valid product has; each change returns a new configuration.

    Made by `Configurator.start`. It is never invalid: a choice that leads nowhere is refused. The order in which
    choices were made leaves no trace. Questions raise `NotProven` when their search takes too long.

    Values are texts; whole numbers, decimals and truth values are taken too (`5` is `"5"`, `True` is `"yes"`). The
    options of a group can be chosen one by one (`"extras.rack", True`) or all at once (`"extras", ("rack", "light")`).

    Attributes:
        configurator: which answers for it.
        choices: what somebody chose, the value by attribute, in the order of the model. The free text of an instance
            that is not there stays a choice, and comes into the selection once the instance does.
        filled: what `complete` set; every further choice drops it again.

    >>> from salesmgmt.cpq.configure import Attribute, Excludes, ProductModel
    >>> bike = ProductModel(
    ...     id="bike",
    ...     attributes=(Attribute("frame", ("alloy", "carbon")), Attribute("fork", ("rigid", "coil", "air"), "coil")),
    ...     rules=(Excludes(id="R12", combination={"frame": "carbon", "fork": ("rigid", "coil")}),),
    ... ).compile().start()
    >>> bike.missing
    ('frame', 'fork')
    >>> print(bike.choose("frame", "carbon"))
    bike, complete
      frame  carbon  chosen
      fork   air     follows
    >>> bike.complete().selection
    {'frame': 'alloy', 'fork': 'coil'}
    """

    configurator: Configurator
    choices: Mapping[str, str] = attrs.field(converter=_mapping, hash=False)
    filled: Mapping[str, str] = attrs.field(factory=dict, converter=_mapping, hash=False)
    # What is known about the values that are left: it saves searches, and changes no answer.
    _narrowing: Narrowing = attrs.field(repr=False, eq=False, kw_only=True)

    @_narrowing.default
    def _not_narrowed(self) -> Narrowing:
        return Narrowing(self._answers, self.choices)

    def choose(self, attribute: str, value: object) -> Configuration:
        """Choose a value, or another one than before.

        Args:
            attribute: its name, or that of a group.
            value: the value; for a group the options that are picked (all others are not), or quantities by option.

        Raises:
            ChoiceRefused: no valid product has it together with the other choices; the error carries the conflict.
            UnknownAttribute, UnknownValue, NotChoosable: the model does not have it, or a rule determines it.
            FloatRefused: the value is a float.
        """
        return self._with(self._answers.reader.texts(attribute, value))

    def choose_all(self, choices: Mapping[str, object]) -> Configuration:
        """Choose several values at once: all of them, or none.

        Raises:
            InvalidInput: a choice names an attribute or a value that the model does not have; all are listed.
            ChoiceRefused: they do not go together with the other choices.
        """
        return self._with(self._answers.reader.read(choices))

    def unchoose(self, attribute: str) -> Configuration:
        """Take a choice back; nothing happens when there was none. Raises `UnknownAttribute`."""
        dropped = self._answers.reader.names(attribute)
        if not self.filled and not any(name in self.choices for name in dropped):
            return self
        return Configuration(self.configurator, self._without(dropped))

    def domain(self, attribute: str) -> tuple[str, ...]:
        """The values that `choose` would take: exactly those that some valid product with the other choices has.

        For an attribute that is chosen already these are the values to which it could be changed; for a group the
        options that can be picked; for a free text there are none to list. Raises `UnknownAttribute`.
        """
        names = self._answers.reader.names(attribute)
        if names != (attribute,):
            none = ("no", "0")
            return tuple(
                name[len(attribute) + 1 :]
                for name in names
                if any(one not in none for one in self.domain(name))
            )
        if attribute in self.choices:
            return self.unchoose(attribute).domain(attribute)
        return self.domains.get(attribute, ())

    @property
    def domains(self) -> Mapping[str, tuple[str, ...]]:
        """By attribute, the values that some valid product with all choices has; one for each that is chosen."""
        return _Domains(self._answers, self._narrowing.found().domains)

    def explain(self, attribute: str, value: object) -> Conflict | None:
        """Why a value is not possible: a minimal set of choices and rules (QuickXplain, Junker 2004).

        Returns:
            The conflict, which says whether it is minimal; `None` when the value can be chosen. A choice of the same
            attribute is no reason, because `choose` replaces it.

        Raises:
            UnknownAttribute, UnknownValue, NotChoosable: the model does not have it, or a rule determines it.
        """
        asked = self._answers.reader.texts(attribute, value)
        return self._answers.refusal(asked, self._without(asked))

    def repairs(self, attribute: str, value: object, *, limit: int = 5) -> tuple[Repair, ...]:
        """The least changes of other choices that make a value possible, the smallest first.

        Minimal diagnoses (FastDiag, Felfernig, Schubert and Zehentner 2012; hitting-set tree, Reiter 1987): nothing
        of what a repair gives up could be kept. Among equally small ones those come first that keep what stands
        earlier in the model.

        Args:
            attribute: its name, or that of a group.
            value: as for `choose`.
            limit: how many at most; there are fewer when there are no more, or when the next one takes too long.

        Returns:
            One repair that gives nothing up when the value can be chosen as it is; none when it is never possible.

        Raises:
            NotProven: not even one repair was found in time.
            UnknownAttribute, UnknownValue, NotChoosable: the model does not have it, or a rule determines it.
        """
        asked = self._answers.reader.texts(attribute, value)
        found = tuple(islice(changes(self._answers, asked, self._without(asked)), max(limit, 0)))
        prices = self.configurator.prices
        before = {} if prices is None or not found else (self if self.filled else self.complete()).selection
        return tuple(
            change.repair(
                Configuration(self.configurator, self._answers.in_order(change.chosen)),
                asked,
                None if prices is None else prices.of(self._after(change, before)) - prices.of(before),
            )
            for change in found
        )

    @property
    def values(self) -> Mapping[str, Chosen]:
        """The values that are settled, by attribute in the order of the model, each with its origin."""
        settled = dict(self._settled())
        return MappingProxyType(settled)

    @property
    def selection(self) -> dict[str, str]:
        """The values that are settled, as plain text by attribute: the `configuration` of a line to be priced."""
        return {attribute: chosen.value for attribute, chosen in self._settled()}

    @property
    def missing(self) -> tuple[str, ...]:
        """The attributes that are not settled."""
        domains = self._narrowing.found().domains
        open_variables = (
            variable.name
            for variable, domain in zip(self._answers.lowering.variables, domains, strict=True)
            if domain & (domain - 1) and not domain & variable.absent
        )
        variables = () if self.filled else tuple(open_variables)
        texts = (
            name
            for name, text in self._answers.lowering.texts.items()
            if text.required and name not in self.choices and self._least_and_most(name)[0]
        )
        return (*variables, *texts)

    @property
    def is_complete(self) -> bool:
        """Whether every attribute is settled."""
        return not self.missing

    def complete(
        self,
        *,
        minimise: Literal["price", "cost"] | None = None,
        maximise: Literal["price", "margin"] | None = None,
    ) -> Configuration:
        """Settle what is missing, required texts apart.

        Without an aim, attribute by attribute in the order of the model: what is preferred there, its default where
        that goes with the rest, and else the first value that does. With an aim, the product for which no other is
        cheaper, dearer or more profitable; among equals the one that comes first in that order.

        Args:
            minimise: what shall be least.
            maximise: what shall be largest; the margin is the price less the cost.

        Raises:
            NotPriced: the configurator was compiled without these prices or costs.
        """
        weights = self._answers.objective.weights(minimise, maximise)
        domains, number = self._narrowing.found().domains, self._answers.lowering.number
        if weights is not None:
            product = self._answers.cheapest(self.choices, weights)
        else:
            settled = {name: chosen.value for name, chosen in attrs.evolve(self, filled={}).values.items()}
            product = self._answers.defaults(self.choices, settled, self.configurator.model.advisor)
        filled = {name: value for name, value in product.items() if domains[number[name]].bit_count() > 1}
        return attrs.evolve(self, filled=filled)

    def count(self) -> int:
        """How many valid products have these choices; free texts do not count.

        >>> from salesmgmt.cpq.configure import Attribute, ProductModel
        >>> ProductModel(id="lamp", attributes=(Attribute("socket", ("E14", "E27")),)).compile().start().count()
        2
        """
        return self._answers.count(self.choices)

    def solutions(self) -> Iterator[dict[str, str]]:
        """The valid products with these choices, one after the other, in the order in which values are tried.

        The first is that of `complete` where nothing is preferred. Take as many as you need: there may be more than
        can ever be listed.

        >>> from salesmgmt.cpq.configure import Attribute, ProductModel
        >>> lamp = ProductModel(id="lamp", attributes=(Attribute("socket", ("E14", "E27")),)).compile()
        >>> list(lamp.start().solutions())
        [{'socket': 'E14'}, {'socket': 'E27'}]
        """
        return self._answers.solutions(self._narrowing.found())

    @property
    def price(self) -> Money | None:
        """The base and the extras of the values that are settled; `None` when the configurator has no prices."""
        prices = self.configurator.prices
        return None if prices is None else prices.of(self.selection)

    @property
    def picks(self) -> tuple[Pick, ...]:
        """The options of the catalogue that it has, for lines of their own in a quote."""
        return self.configurator.model.picks(self.selection)

    @property
    def alerts(self) -> tuple[Alerts, ...]:
        """What people are to be told about the values that are settled."""
        return self.configurator.model.advisor.alerts(self.selection)

    @property
    def recommendations(self) -> tuple[Recommends, ...]:
        """What is recommended for the values that are settled, and not there already."""
        return self.configurator.model.advisor.recommendations(self.selection)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The attributes that need not be shown; they have their values all the same."""
        return self.configurator.model.advisor.hidden(self.selection)

    @property
    def digest(self) -> str:
        """SHA-256 of the model and the choices: equal configurations have equal digests."""
        return digest_of(_Digested(self.configurator.model.digest, self.choices, self.filled))

    def __str__(self) -> str:
        return "\n".join(_table(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return Configuration, (self.configurator, dict(self.choices), dict(self.filled))

    @property
    def _answers(self) -> Answers:
        return self.configurator._answers  # noqa: SLF001 - a configurator and what it makes

    def _settled(self) -> Iterator[tuple[str, Chosen]]:
        domains = self._narrowing.found().domains
        for variable, domain in zip(self._answers.lowering.variables, domains, strict=True):
            name = variable.name
            if name in self.choices:
                yield name, Chosen(self.choices[name], Origin.USER)
            elif domain & (domain - 1) == 0:
                if domain != variable.absent:
                    yield name, Chosen(variable.values[domain.bit_length() - 1], Origin.DERIVED)
            elif name in self.filled:
                yield name, Chosen(self.filled[name], Origin.DEFAULT)
        for name in self._answers.lowering.texts:
            if name in self.choices and self._least_and_most(name)[1]:
                yield name, Chosen(self.choices[name], Origin.USER)

    def _least_and_most(self, text: str) -> tuple[bool, bool]:
        """Whether the instance that a free text belongs to is there for certain, and whether it can be there."""
        path, domains = self._answers.lowering.layout.paths[text], self._narrowing.found().domains
        least = most = True
        for place, (component, instance) in enumerate(path):
            name = prefix_of(path[:place]) + component
            number = self._answers.lowering.number[name]
            filled = (self.filled[name],) if name in self.filled else ()
            counts = [int(count) for count in filled or self._answers.values(number, domains[number])]
            least = least and bool(counts) and min(counts) >= instance
            most = most and bool(counts) and max(counts) >= instance
        return least, most

    def _after(self, change: Change, before: Mapping[str, str]) -> dict[str, str]:
        """The whole product after a change: what is not chosen stays as it was before wherever it can."""
        return self._answers.first(change.chosen, {name: (value,) for name, value in before.items()})

    def _without(self, names: Mapping[str, str] | tuple[str, ...]) -> dict[str, str]:
        return {name: value for name, value in self.choices.items() if name not in names}

    def _with(self, asked: Mapping[str, str]) -> Configuration:
        """With further choices, which are refused when they do not go with the rest."""
        others = self._without(tuple(asked))
        replaced = any(self.choices.get(name, value) != value for name, value in asked.items())
        narrowing = Narrowing(self._answers, others) if replaced else self._narrowing
        if not narrowing.allows(asked):
            conflict = self._answers.refusal(asked, others)
            assert conflict is not None  # noqa: S101 - it is not allowed
            raise ChoiceRefused(conflict)
        choices = self._answers.in_order({**others, **asked})
        return Configuration(
            self.configurator, choices, narrowing=Narrowing(self._answers, choices, narrowing.known)
        )


@attrs.frozen
class _Digested:
    """What tells one configuration from another."""

    model: str
    choices: Mapping[str, str]
    filled: Mapping[str, str]


class _Domains(Mapping[str, tuple[str, ...]]):
    """Domains as values by name; bits become texts when they are looked at."""

    def __init__(self, answers: Answers, domains: tuple[int, ...]) -> None:
        self._answers = answers
        self._domains = domains

    def __getitem__(self, name: str) -> tuple[str, ...]:
        number = self._answers.lowering.number[name]
        return self._answers.values(number, self._domains[number])

    def __iter__(self) -> Iterator[str]:
        return iter(self._answers.lowering.number)

    def __len__(self) -> int:
        return len(self._domains)

    def __repr__(self) -> str:
        return repr(dict(self))


_WORDS = {Origin.USER: "chosen", Origin.DEFAULT: "default", Origin.DERIVED: "follows"}
_ROWS = 60


def _table(configuration: Configuration) -> Iterator[str]:
    """A line for each attribute: what it has and from where, or what it can still have."""
    missing = len(configuration.missing)
    price = configuration.price
    state = f"{missing} missing" if missing else "complete"
    yield f"{configuration.configurator.model.id}, {state}{'' if price is None else f', {price}'}"
    values, domains = configuration.values, configuration.domains
    hidden = frozenset(configuration.hidden)
    names = (*domains, *(name for name in values if name not in domains))
    shown = [name for name in names if name not in hidden and (name in values or domains[name])]
    rows = [(name, *_row(values.get(name), domains.get(name, ()))) for name in shown[:_ROWS]]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
    for row in rows:
        yield f"  {row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}"
    if len(shown) > _ROWS:
        yield f"  and {len(shown) - _ROWS} more"


def _row(chosen: Chosen | None, domain: tuple[str, ...]) -> tuple[str, str]:
    if chosen is not None:
        return chosen.value, _WORDS[chosen.origin]
    more = ", ..." if len(domain) > 8 else ""
    return "?", f"{', '.join(domain[:8])}{more}"
