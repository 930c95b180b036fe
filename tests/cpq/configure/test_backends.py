"""Both backends give the same answers, and one that is not there is named."""

from __future__ import annotations

import sys

import pytest

from salesmgmt.core.errors import MissingExtra, UnknownOption
from salesmgmt.core.money import Money
from salesmgmt.cpq.configure import (
    Attribute,
    Backend,
    Cardinality,
    Excludes,
    ProductModel,
    Requires,
    Table,
    ValuePrices,
    WholeNumber,
    YesNo,
)

MODEL = ProductModel(
    id="bike",
    attributes=(
        Attribute("frame", ("alloy", "carbon", "steel")),
        Attribute("fork", ("rigid", "coil", "air")),
        YesNo("motor"),
        YesNo("rack"),
        YesNo("light"),
        WholeNumber("gears", 1, 3),
    ),
    rules=(
        Excludes(id="R1", combination={"frame": "carbon", "fork": "rigid"}),
        Requires(id="R2", when={"motor": "yes"}, then={"frame": ("alloy", "steel"), "light": "yes"}),
        Table(
            id="R3",
            attributes=("fork", "gears"),
            allowed=(("rigid", "1"), ("coil", "2"), ("air", ("2", "3"))),
        ),
        Cardinality(id="R4", cells={"rack": "yes", "light": "yes"}, at_most=1),
    ),
)
PRICES = ValuePrices(
    Money(900, "EUR"), {"frame": {"carbon": Money(650, "EUR")}, "fork": {"air": Money(310, "EUR")}}
)


def test_both_backends_give_the_same_answers() -> None:
    pytest.importorskip("pysat", reason="the extra `sat` is not installed")
    ours, theirs = (MODEL.compile(prices=PRICES, backend=backend) for backend in Backend)

    assert ours.count() == theirs.count()
    for choices in ({}, {"motor": "yes"}, {"frame": "carbon"}, {"gears": "1", "rack": "yes"}):
        one, other = ours.start(choices), theirs.start(choices)
        assert dict(one.domains) == dict(other.domains)
        assert one.complete().selection == other.complete().selection
        assert one.complete(minimise="price").selection == other.complete(minimise="price").selection
        assert one.complete(maximise="price").price == other.complete(maximise="price").price
        for value in ("carbon", "steel"):
            assert str(one.explain("frame", value)) == str(other.explain("frame", value))
            found = [repair.given_up for repair in one.repairs("frame", value)]
            assert found == [repair.given_up for repair in other.repairs("frame", value)]


def test_a_backend_that_is_not_installed_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysat.solvers", None)

    with pytest.raises(MissingExtra, match=r"pip install 'salesmgmt\[sat\]'"):
        MODEL.compile(backend="pysat")


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(UnknownOption, match="python"):
        MODEL.compile(backend="prolog")
