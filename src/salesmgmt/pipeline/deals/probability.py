"""How likely a deal is thought to be won, and who thinks so."""

from __future__ import annotations

from enum import StrEnum

import attrs

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.percent import Percent


class NotAProbability(SalesError, ValueError):
    """A percentage does not lie between 0 and 100 %, or is none.

    Attributes:
        found: what was given.
    """

    code = "not_a_probability"

    def __init__(self, found: object) -> None:
        shown = str(found) if isinstance(found, Percent) else shorten(found)
        super().__init__(f"{shown} is no probability", hint="give 0% to 100%; 40 % is Percent(40)")
        self.found = found


class NamelessModel(SalesError, ValueError):
    """An estimate of a model does not say of which, or one that is of no model names one.

    Attributes:
        origin: whose the estimate is said to be.
        found: the name of the model that was given.
    """

    code = "nameless_model"

    def __init__(self, origin: EstimateOrigin, found: str) -> None:
        self.origin = origin.value
        self.found = shorten(found)
        super().__init__(
            f"an estimate of origin {self.origin} names the model {self.found}",
            hint="give `model` the name of the model, and only with the origin MODEL",
        )


class EstimateOrigin(StrEnum):
    """Where an estimate comes from; a move to another stage replaces only the estimate of a stage.

    >>> from salesmgmt.pipeline.deals import EstimateOrigin
    >>> EstimateOrigin.USER.value
    'user'
    """

    STAGE = "stage"
    """The definition of the pipeline, for the stage."""
    MODEL = "model"
    """A model learnt from history."""
    USER = "user"
    """A person's judgement."""


def _named(instance: Estimate, attribute: attrs.Attribute[str], value: str) -> None:  # noqa: ARG001 - attrs' signature
    if (instance.origin is EstimateOrigin.MODEL) is not bool(value):
        raise NamelessModel(instance.origin, value)


def _range(instance: object, attribute: attrs.Attribute[Percent], value: object) -> None:  # noqa: ARG001 - attrs' signature
    if not isinstance(value, Percent) or not 0 <= value.points <= 100:
        raise NotAProbability(value)


@attrs.frozen
class Estimate:
    """The probability that a deal is won, with its origin.

    It says nothing of the status: a deal at 100 % is open until its stage says that it is won.

    Attributes:
        value: 0 to 100 %.
        origin: whose it is.
        model: the name of the model whose it is; empty for the other origins.

    Raises:
        NotAProbability: the value lies outside of 0 to 100 %, or is no percentage.
        NamelessModel: the origin is a model that is not named, or there is a name and it is no model.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Estimate, EstimateOrigin
    >>> str(Estimate(Percent(40), EstimateOrigin.USER).value)
    '40%'
    """

    value: Percent = attrs.field(validator=_range)
    origin: EstimateOrigin = EstimateOrigin.STAGE
    model: str = attrs.field(default="", validator=_named)
