from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any, NewType, Optional

import attrs
import pytest

from salesmgmt.core.entity import AccountId, Entity
from salesmgmt.core.formula import (
    BOOL,
    DATE,
    INSTANT,
    MONEY,
    NUMBER,
    PERCENT,
    SET,
    TEXT,
    Formula,
    Schema,
    schema_of,
    values_of,
)
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent


class Tier(StrEnum):
    GOLD = "gold"


class Level(IntEnum):
    HIGH = 3


Tag = NewType("Tag", AccountId)


@attrs.frozen
class Address:
    city: str
    country: str | None = None
    lines: tuple[str, ...] = ()
    parent: Address | None = None


@attrs.frozen(kw_only=True)
class Deal(Entity):
    account: AccountId
    tag: Tag | None = None
    tier: Tier = Tier.GOLD
    amount: Money
    discount: Percent | None = None
    score: int = 0
    weight: Optional[Decimal] = None  # noqa: UP045 - the older spelling counts as well
    won: bool = False
    due: date | None = None
    opened: datetime
    labels: frozenset[Tag] = frozenset()
    tiers: tuple[Tier, ...] = ()
    ship_to: Address | None = None
    # Left out:
    level: Level = Level.HIGH
    anything: Any = None
    pair: tuple[str, str] = ("", "")
    numbers: tuple[int, ...] = ()
    either: int | str = 0
    either_or_none: int | str | None = 0
    mapping: dict[str, str] = attrs.Factory(dict)
    _private: str = ""


DEAL = Deal(
    id="d-1",
    tenant="t",
    version=2,
    account=AccountId("acme"),
    amount=Money(5, "EUR"),
    opened=datetime(2026, 1, 1, tzinfo=UTC),
    tiers=(Tier.GOLD,),
    ship_to=Address("Ulm", lines=("a", "b")),
)


def test_the_fields_of_an_entity_become_names_with_types() -> None:
    assert schema_of(Deal) == Schema(
        {
            "id": TEXT,
            "tenant": TEXT,
            "version": NUMBER,
            "account": TEXT,
            "tag": TEXT,
            "tier": TEXT,
            "amount": MONEY,
            "discount": PERCENT,
            "score": NUMBER,
            "weight": NUMBER,
            "won": BOOL,
            "due": DATE,
            "opened": INSTANT,
            "labels": SET[TEXT],
            "tiers": SET[TEXT],
            "ship_to.city": TEXT,
            "ship_to.country": TEXT,
            "ship_to.lines": SET[TEXT],
        }
    )


def test_a_schema_is_worked_out_once_a_class() -> None:
    assert schema_of(Deal) is schema_of(Deal)


def test_the_values_fit_the_schema() -> None:
    values = values_of(DEAL)

    assert values.keys() == schema_of(Deal).keys()
    assert (values["tier"], type(values["tier"])) == ("gold", str)
    assert values["tiers"] == frozenset({"gold"})
    assert values["ship_to.city"] == "Ulm"
    assert values["ship_to.country"] is None


def test_fields_of_an_absent_part_are_missing() -> None:
    values = values_of(attrs.evolve(DEAL, ship_to=None))

    assert values["ship_to.city"] is None
    assert values["ship_to.lines"] is None


@pytest.mark.parametrize(
    "text",
    [
        "id == 'd-1' and tenant == 't' and version == 2",
        "account == 'acme' and tag is missing and tier in {'gold'}",
        "amount > 4 EUR and discount is missing and score == 0 and weight is missing",
        "not won and due is missing and opened < 2026-02-01T00:00Z",
        "'gold' in tiers and length(labels) == 0 and 'b' in ship_to.lines",
    ],
)
def test_conditions_are_asked_of_an_entity(text: str) -> None:
    assert Formula.parse(text, schema_of(Deal), wanted=BOOL).holds(values_of(DEAL))


def test_only_attrs_classes_have_a_schema() -> None:
    with pytest.raises(attrs.exceptions.NotAnAttrsClassError):
        schema_of(int)
    with pytest.raises(attrs.exceptions.NotAnAttrsClassError):
        values_of(5)
