"""The least that must change so that values go together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.money import Money
from salesmgmt.cpq.configure._answers import Answers
from salesmgmt.cpq.configure._diagnosis import Places, one_diagnosis, smallest_diagnoses
from salesmgmt.cpq.configure._search.budget import Budget
from salesmgmt.cpq.configure.refusals import Choice, NotProven
from salesmgmt.cpq.configure.repair import Repair

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.configuration import Configuration


@attrs.frozen
class Change:
    """What a repair changes, before it is made a configuration."""

    given_up: dict[str, str]
    replacements: dict[str, str]
    chosen: dict[str, str]
    is_smallest: bool

    def repair(self, configuration: Configuration, asked: Mapping[str, str], effect: Money | None) -> Repair:
        """The change as something to offer."""
        return Repair(
            asked=_choices(asked),
            given_up=_choices(self.given_up),
            replacements=_choices(self.replacements),
            configuration=configuration,
            price_effect=effect,
            is_smallest=self.is_smallest,
        )


def changes(answers: Answers, asked: Mapping[str, str], others: Mapping[str, str]) -> Iterator[Change]:
    """The smallest changes of other choices that make what is asked possible, the least first.

    Minimal diagnoses (Felfernig, Schubert and Zehentner 2012) of the other choices; free texts are always kept.

    Raises:
        NotProven: not even one was found in time.
    """
    names = tuple(name for name in answers.in_order(others) if name in answers.lowering.number)
    texts = {name: text for name, text in others.items() if name not in answers.lowering.number}

    def kept(places: Places) -> dict[str, str]:
        return {**texts, **{names[place]: others[names[place]] for place in places}, **asked}

    for places, is_smallest in _diagnoses(answers, kept, len(names)):
        given_up = {names[place]: others[names[place]] for place in places}
        chosen = kept(tuple(place for place in range(len(names)) if names[place] not in given_up))
        replacements = answers.nearest(chosen, given_up)
        yield Change(given_up, replacements, {**chosen, **replacements}, is_smallest)


def _diagnoses(
    answers: Answers, kept: Callable[[Places], Mapping[str, str]], count: int
) -> Iterator[tuple[Places, bool]]:
    """What to give up, and whether it is proven that nothing smaller will do."""

    def consistent_within(budget: Budget) -> Callable[[Places], bool]:
        def consistent(places: Places) -> bool:
            budget.spend(1 + len(places) // 16)
            return answers.is_possible(kept(places), budget)

        return consistent

    found = False
    try:
        budget = Budget(answers.max_steps)
        for places in smallest_diagnoses(consistent_within(budget), count, budget.spend):
            found = True
            yield places, True
    except NotProven:
        if not found:
            one = one_diagnosis(consistent_within(Budget(answers.max_steps)), count)
            if one is not None:
                yield one, False


def _choices(values: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(name, value) for name, value in values.items())
