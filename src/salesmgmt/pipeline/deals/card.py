"""A card of questions by which deals are qualified, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.errors import InvalidInput, Problem, option, shorten
from salesmgmt.core.exact import CONTEXT, exact
from salesmgmt.core.findings import Finding, duplicate_ids, refuse_errors
from salesmgmt.core.nearest import nearest
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals.qualification import Qualification

_MOST_CRITERIA = 200
_MOST_ANSWERS = 50
_MOST_POINTS = Decimal(1_000_000)


class ShippedCard(StrEnum):
    """The cards that come with the library.

    >>> from salesmgmt.pipeline.deals import ShippedCard
    >>> [card.value for card in ShippedCard]
    ['bant', 'meddicc', 'spin']
    """

    BANT = "bant"
    MEDDICC = "meddicc"
    SPIN = "spin"


def _points(given: Decimal | int | str) -> Decimal:
    return exact(given, "the points of an answer")


def _weight(given: Decimal | int | str) -> Decimal:
    return exact(given, "the weight of a criterion")


@attrs.frozen
class CardAnswer:
    """One answer that a criterion may have.

    Attributes:
        id: its name on deals.
        points: how good it is, from 0 up; the best answer of a criterion counts as all of it.
        name: what people read; the id when empty.

    Raises:
        FloatRefused, NotANumber: the points are no exact number.
    """

    id: str
    points: Decimal = attrs.field(converter=_points)
    name: str = ""


@attrs.frozen
class Criterion:
    """One thing to be known about a deal.

    Attributes:
        id: its name on deals.
        answers: what may be known.
        question: what to ask.
        name: what people read; the id when empty.
        weight: how much it counts beside the others.

    Raises:
        FloatRefused, NotANumber: the weight is no exact number.
    """

    id: str
    answers: tuple[CardAnswer, ...]
    question: str = ""
    name: str = ""
    weight: Decimal = attrs.field(default=Decimal(1), converter=_weight)

    @property
    def best(self) -> Decimal:
        """The points of the best answer."""
        return max((answer.points for answer in self.answers), default=Decimal(0))


def _findings(card: QualificationCard) -> tuple[Finding, ...]:
    return tuple(_lint(card))


@attrs.frozen(kw_only=True)
class QualificationCard:
    """A card of questions, usually from a TOML file.

    Attributes:
        id: its name on deals, and in the conditions of stages.
        version: raised by its author with each change, kept with the answers.
        criteria: what is to be known, in the order in which it is asked.
        name: what people read; the id when empty.
        findings: what is wrong with it; a card with any scores nothing.

    >>> from decimal import Decimal
    >>> from salesmgmt.pipeline.deals import CardAnswer, Criterion, QualificationCard
    >>> yes_no = (CardAnswer("no", Decimal(0)), CardAnswer("yes", Decimal(1)))
    >>> card = QualificationCard(
    ...     id="fit", version=1, criteria=(Criterion("need", yes_no, weight=Decimal(3)), Criterion("budget", yes_no)),
    ... )
    >>> score = card.score({"need": "yes"})
    >>> str(score.share), score.missing
    ('75%', ('budget',))
    """  # fmt: skip

    id: str
    version: int
    criteria: tuple[Criterion, ...]
    name: str = ""
    findings: tuple[Finding, ...] = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_findings, takes_self=True)
    )

    @classmethod
    def load(cls, path: Path | str) -> QualificationCard:
        """Read a card from a TOML file.

        Raises:
            InvalidInput: the file is no such document; all problems are listed.
            InvalidDefinition: it cannot score; all findings are listed with their places.

        >>> from salesmgmt.pipeline.deals import QualificationCard
        >>> QualificationCard.load("nowhere.toml")
        Traceback (most recent call last):
        salesmgmt.core.errors.InvalidInput: nowhere.toml has 1 problem: ...
        """
        card = load_definition(path, cls)
        card._refuse_errors()  # noqa: SLF001 - its own method
        return card

    def score(self, answers: Mapping[str, str | None]) -> Qualification:
        """Say how much of what the card asks is known, and how good it is.

        Each criterion gives the points of its answer, of those of its best answer, times its weight; one without an answer
        gives none. The share is their sum, of the sum of the weights.

        Args:
            answers: id of the answer, by id of the criterion; not all need be there.

        Raises:
            InvalidInput: a criterion or an answer is unknown; all problems are listed.
            InvalidDefinition: the card is at fault.
        """
        self._refuse_errors()
        if problems := list(self._problems(answers)):
            raise InvalidInput(f"the answers to {self.id}", problems)
        reached, possible = Decimal(0), Decimal(0)
        given: dict[str, str] = {}
        for criterion in self.criteria:
            possible = CONTEXT.add(possible, criterion.weight)
            for answer in criterion.answers:
                if answer.id == answers.get(criterion.id):
                    given[criterion.id] = answer.id
                    part = CONTEXT.divide(CONTEXT.multiply(answer.points, criterion.weight), criterion.best)
                    reached = CONTEXT.add(reached, part)
        return Qualification(
            card=self.id,
            version=self.version,
            answers=given,
            share=Percent(_plain(CONTEXT.divide(CONTEXT.multiply(reached, Decimal(100)), possible))),
            missing=tuple(one.id for one in self.criteria if one.id not in given),
        )

    def knows(self, criterion: str, answer: str) -> bool:
        """Whether a criterion of the card may have an answer."""
        return any(
            one.id == criterion and any(answer == known.id for known in one.answers) for one in self.criteria
        )

    def _problems(self, answers: Mapping[str, str | None]) -> Iterator[Problem]:
        criteria = {one.id: one for one in self.criteria}
        for index, (name, found) in enumerate(answers.items()):
            if index > _MOST_CRITERIA:
                yield Problem("answers", "too_many", f"{len(answers)}", f"at most {_MOST_CRITERIA}")
                return
            path = f"answers[{shorten(name)}]"
            if name not in criteria:
                yield Problem(
                    path,
                    "unknown_criterion",
                    shorten(name),
                    f"a criterion of {self.id}",
                    _meant(name, criteria),
                )
                continue
            known = [answer.id for answer in criteria[name].answers]
            if found not in known:
                yield Problem(
                    path, "unknown_answer", shorten(found), f"one of {', '.join(known)}", _meant(found, known)
                )

    def _refuse_errors(self) -> None:
        refuse_errors(f"card {shorten(self.id)}", self.findings)


def shipped_card(name: ShippedCard | str) -> QualificationCard:
    """Read a card that comes with the library.

    `bant`: budget, authority, need, timing (IBM). `meddicc`: metrics, economic buyer, decision criteria, decision process,
    identified pain, champion, competition (MEDDIC of Dunkel and Napoli, PTC, 1996, with competition). `spin`: situation,
    problem, implication, need-payoff (Rackham, SPIN Selling, 1988). The answers and points are the library's own.

    Raises:
        UnknownOption: there is no such card.

    >>> from salesmgmt.pipeline.deals import shipped_card
    >>> [criterion.id for criterion in shipped_card("bant").criteria]
    ['budget', 'authority', 'need', 'timing']
    """
    card = option(ShippedCard, name, "the card")
    return QualificationCard.load(Path(__file__).parent / "cards" / f"{card.value}.toml")


def _plain(number: Decimal) -> Decimal:
    """The number without trailing zeros, as a person would write it."""
    return Decimal(f"{number.normalize(CONTEXT):f}")


def _meant(found: object, known: Mapping[str, object] | list[str]) -> str:
    meant = nearest(found, known) if isinstance(found, str) else None
    return f"did you mean {meant!r}?" if meant else ""


def _lint(card: QualificationCard) -> Iterator[Finding]:
    if not card.id.strip():
        yield _fault("blank_id", "id", "the card has no id", "name it: id = 'meddicc'")
    if not card.criteria:
        yield _fault("no_criteria", "criteria", "there is nothing to ask", "add a criterion with its answers")
    if len(card.criteria) > _MOST_CRITERIA:
        yield _fault(
            "too_many", "criteria", f"there are {len(card.criteria)} criteria", f"keep to {_MOST_CRITERIA}"
        )
        return
    yield from duplicate_ids("criteria", (criterion.id for criterion in card.criteria))
    for index, criterion in enumerate(card.criteria):
        yield from _lint_criterion(f"criteria[{index}]", criterion)


def _lint_criterion(where: str, criterion: Criterion) -> Iterator[Finding]:
    if not criterion.id.strip():
        yield _fault("blank_id", f"{where}.id", "the criterion has no id", "name it")
    if not 0 < criterion.weight <= _MOST_POINTS:
        shown = shorten(str(criterion.weight))
        yield _fault(
            "weight",
            f"{where}.weight",
            f"the weight is {shown}",
            f"give a weight above 0, at most {_MOST_POINTS}",
        )
    if len(criterion.answers) > _MOST_ANSWERS:
        yield _fault(
            "too_many", f"{where}.answers", f"there are {len(criterion.answers)}", f"keep to {_MOST_ANSWERS}"
        )
        return
    yield from duplicate_ids(f"{where}.answers", (answer.id for answer in criterion.answers))
    for index, answer in enumerate(criterion.answers):
        if not answer.id.strip():
            yield _fault("blank_id", f"{where}.answers[{index}].id", "the answer has no id", "name it")
        if not 0 <= answer.points <= _MOST_POINTS:
            shown = shorten(str(answer.points))
            place = f"{where}.answers[{index}].points"
            yield _fault("points", place, f"the points are {shown}", f"give 0 to {_MOST_POINTS}")
    if criterion.best <= 0:
        yield _fault(
            "no_points", f"{where}.answers", "no answer gives points", "give the best answer points above 0"
        )


def _fault(code: str, where: str, message: str, hint: str) -> Finding:
    return Finding(code=code, where=where, message=message, hint=hint)
