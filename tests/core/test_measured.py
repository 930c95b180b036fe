import pickle
from decimal import Decimal

import pytest

from salesmgmt.core.measured import Measured, MissingFlag, Undefined
from salesmgmt.core.money import Money


def test_a_defined_figure_gives_its_value() -> None:
    rate = Measured(Decimal("0.631501"), n=6_711, metric="win_rate")
    assert rate.is_defined
    assert rate.required() == Decimal("0.631501")
    assert rate.or_else(Decimal(0)) == Decimal("0.631501")
    assert (rate.flag, rate.n, rate.coverage, rate.metric) == (None, 6_711, None, "win_rate")


def test_an_undefined_figure_says_why_and_never_passes_for_a_number() -> None:
    attainment: Measured[Decimal] = Measured(None, flag="no_quota", n=3)
    assert not attainment.is_defined
    with pytest.raises(Undefined, match=r"undefined \(no_quota\)") as refused:
        attainment.required()
    assert refused.value.flag == "no_quota"
    assert attainment.or_else(Decimal(-1)) == -1


@pytest.mark.parametrize("zero", [0, Decimal(0), Money(0, "EUR"), False, ""])
def test_zero_is_a_value(zero: object) -> None:
    figure = Measured(zero)
    assert figure.is_defined
    assert figure.required() == zero
    assert figure.or_else("something else") == zero


def test_a_value_may_carry_a_warning() -> None:
    figure = Measured(Decimal(5), flag="unplanned_sales", coverage=Decimal("0.8"))
    assert figure.is_defined
    assert figure.required() == 5
    assert repr(figure) == "Measured(Decimal('5'), flag='unplanned_sales', n=0, coverage=0.8)"


def test_no_value_without_a_reason() -> None:
    with pytest.raises(MissingFlag, match="needs a flag; say why"):
        Measured(None)


def test_a_figure_is_a_value() -> None:
    figure = Measured(Decimal("1.5"), n=2, metric="cycle_days")
    assert figure == Measured(Decimal("1.50"), n=2, metric="cycle_days")
    assert figure != Measured(Decimal("1.5"), n=3, metric="cycle_days")
    assert hash(figure) == hash(Measured(Decimal("1.50"), n=2, metric="cycle_days"))
    assert pickle.loads(pickle.dumps(figure)) == figure
    assert repr(figure) == "Measured(Decimal('1.5'), n=2, metric='cycle_days')"
    with pytest.raises(AttributeError):
        figure.value = Decimal(2)  # type: ignore[misc]
