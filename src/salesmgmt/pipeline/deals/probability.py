"""How likely a deal is thought to be won, and who thinks so."""

from __future__ import annotations

from enum import StrEnum

import attrs

from salesmgmt.core.errors import SalesError
from salesmgmt.core.percent import Percent


class NotAProbability(SalesError, ValueError):
    """A percentage does not lie between 0 and 100 %.

    Attributes:
        found: the percentage.
    """

    code = "not_a_probability"

    def __init__(self, found: Percent) -> None:
        super().__init__(f"{found} is no probability", hint="give 0% to 100%; 40 % is Percent(40)")
        self.found = found


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


def _range(instance: object, attribute: attrs.Attribute[Percent], value: Percent) -> None:  # noqa: ARG001 - attrs' signature
    if not 0 <= value.points <= 100:
        raise NotAProbability(value)


@attrs.frozen
class Estimate:
    """The probability that a deal is won, with its origin.

    It says nothing of the status: a deal at 100 % is open until its stage says that it is won.

    Attributes:
        value: 0 to 100 %.
        origin: whose it is.

    Raises:
        NotAProbability: the value lies outside of 0 to 100 %.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Estimate, EstimateOrigin
    >>> str(Estimate(Percent(40), EstimateOrigin.USER).value)
    '40%'
    """

    value: Percent = attrs.field(validator=_range)
    origin: EstimateOrigin = EstimateOrigin.STAGE
