"""Guided selling: questions in the customer's words, whose answers set attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from salesmgmt.cpq.configure.attribute import canonical
from salesmgmt.cpq.configure.cell import Cell

if TYPE_CHECKING:
    from salesmgmt.cpq.configure.model import ProductModel


def _copied(cells: Mapping[str, Cell]) -> Mapping[str, Cell]:
    return dict(cells)


@attrs.frozen
class Answer:
    """What a customer can answer, and what follows from it.

    Attributes:
        text: the answer.
        sets: the value by attribute that it chooses.

    >>> from salesmgmt.cpq.configure import Answer
    >>> Answer("every day, in any weather", {"usage": "commuting", "mudguards": True}).choices
    {'usage': 'commuting', 'mudguards': 'yes'}
    """

    text: str
    sets: Mapping[str, Cell] = attrs.field(converter=_copied, hash=False)

    @property
    def choices(self) -> dict[str, str]:
        """What it chooses, as texts: `configuration.choose_all(answer.choices)`."""
        return {name: canonical(value) or "" for name, value in self.sets.items()}


@attrs.frozen(kw_only=True)
class Question:
    """Something that a customer is asked.

    Attributes:
        id: its name, unique in the model.
        text: the question.
        answers: what can be answered.
        when: formula over attributes; it is asked only where that holds, always when empty.

    >>> from salesmgmt.cpq.configure import Answer, Question
    >>> Question(id="Q1", text="How far do you ride?", answers=(Answer("to the shop", {"motor": "none"}),)).when
    ''
    """

    id: str
    text: str
    answers: tuple[Answer, ...]
    when: str = ""


@attrs.frozen
class OpenQuestion:
    """A question that is still to be asked.

    Attributes:
        question: what is asked.
        answers: the answers that can still be given.
    """

    question: Question
    answers: tuple[Answer, ...]


def open_questions(
    model: ProductModel,
    values: Mapping[str, str],
    domains: Mapping[str, Sequence[str]] | None = None,
) -> tuple[OpenQuestion, ...]:
    """The questions that are still to be asked, in the order of the model.

    A question is open when its condition holds, none of its answers is what the configuration has already, and at
    least one of them can still be given.

    Args:
        model: the product.
        values: the value by attribute of what is settled, as `Configuration.selection`.
        domains: the values by attribute that can still be chosen, as `Configuration.domains`; an answer that sets
            something else is left out. Each of its values is tested by itself: whether they go together, `choose_all`
            says.

    >>> from salesmgmt.cpq.configure import Answer, Attribute, ProductModel, Question, YesNo, open_questions
    >>> bike = ProductModel(
    ...     id="bike",
    ...     attributes=(Attribute("motor", ("none", "mid")), YesNo("child_seat")),
    ...     questions=(
    ...         Question(id="hills", text="Are there hills?", answers=(
    ...             Answer("yes", {"motor": "mid"}), Answer("no", {"motor": "none"}))),
    ...         Question(id="kids", text="Do children ride along?", when="motor == 'mid'", answers=(
    ...             Answer("yes", {"child_seat": True}), Answer("no", {"child_seat": False}))),
    ...     ),
    ... )
    >>> [asked.question.text for asked in open_questions(bike, {})]
    ['Are there hills?']
    >>> [asked.question.text for asked in open_questions(bike, {"motor": "mid"}, {"child_seat": ("no",)})]
    ['Do children ride along?']
    """
    found = []
    for question in model.questions:
        if not model.advisor.asks(question, values):
            continue
        if any(_has(values, answer) for answer in question.answers):
            continue
        answers = tuple(answer for answer in question.answers if _is_possible(answer, values, domains))
        if answers:
            found.append(OpenQuestion(question, answers))
    return tuple(found)


def _has(values: Mapping[str, str], answer: Answer) -> bool:
    return all(values.get(name) == value for name, value in answer.choices.items())


def _is_possible(
    answer: Answer, values: Mapping[str, str], domains: Mapping[str, Sequence[str]] | None
) -> bool:
    if domains is None:
        return True
    settled = {name: (value,) for name, value in values.items()}
    return all(
        value in (domains.get(name) or settled.get(name) or (value,))
        for name, value in answer.choices.items()
    )
