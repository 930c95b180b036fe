"""Discount authority: every record that is for a line counts, however many there are."""

from __future__ import annotations

import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals import (
    Combine,
    Consequence,
    Deal,
    DiscountPolicy,
    DiscountRecord,
    LimitKind,
    Offered,
)
from salesmgmt.cpq.products import Catalogue, Product

_CHOICES: tuple[dict[str, Any], ...] = (({}, {"product": "dock"}, {"family": "small"}, {"category": "near"}, {"category": "far"}, {"product": "lamp"}))  # fmt: skip
_GOODS = st.sampled_from(_CHOICES)
_GRAVITY = {"ok": 0, "approval": 1, "refused": 2}


@st.composite
def _records(draw: st.DrawFn) -> list[DiscountRecord]:
    records = []
    for position in range(draw(st.integers(0, 8))):
        low = draw(st.sampled_from((None, 10, 50)))
        high = draw(st.sampled_from((None, 60)))
        records.append(
            DiscountRecord(
                id=f"d-{position}",
                role=draw(st.sampled_from(("", "rep", "manager"))),
                segment=draw(st.sampled_from(("", "gold"))),
                deal_from=None if low is None else Money(low, "EUR"),
                deal_below=None if high is None else Money(high, "EUR"),
                max_percent=Percent(position * 10 + draw(st.integers(0, 9))),
                over=draw(st.sampled_from(("approval", "refused"))),
                roles=("boss",),
                overrides=draw(st.booleans()),
                **draw(_GOODS),
            )
        )
    # what is for the same and follows with the same stands there once
    kept = {(one.key, one.deal_from, one.deal_below, one.over): one for one in records}
    return list(kept.values())


def _oracle(policy: DiscountPolicy, offered: Offered, deal: Deal) -> int:
    """How grave the answer is, by looking at every record."""
    goods = {"product:dock": 5, "family:small": 4, "category:near": 3, "category:far": 2, "": 1}
    found = []
    for record in policy.records:
        fits = (
            record.role in {"", *deal.roles}
            and record.segment in {"", deal.segment}
            and record.goods in goods
        )
        size = deal.size
        low = size is None or record.deal_from is None or size >= record.deal_from
        high = size is None or record.deal_below is None or size < record.deal_below
        if fits and low and high:
            band = size is not None and (record.deal_from is not None or record.deal_below is not None)
            found.append(((goods[record.goods], bool(record.segment), band, bool(record.role)), record))
    if policy.combine is Combine.MOST_SPECIFIC:
        found = [one for one in found if one[0] == max(rank for rank, _ in found)]
    elif any(record.overrides for _, record in found):
        least = max(rank for rank, record in found if record.overrides)
        found = [one for one in found if one[0] >= least]
    worst: dict[str, int] = {}
    for _, record in found:
        over = offered.discount is None or (
            record.max_percent is not None and offered.discount > record.max_percent
        )
        worst[record.role] = max(worst.get(record.role, 0), _GRAVITY[record.over.value] if over else 0)
    general = worst.pop("", 0)
    return max(general, min(worst.values(), default=0))


_DEALS = st.builds(
    Deal,
    roles=st.frozensets(st.sampled_from(("rep", "manager", "other"))),
    segment=st.sampled_from(("", "gold", "tin")),
    size=st.sampled_from((None, *(Money(size, "EUR") for size in (5, 10, 55, 60)))),
)


@given(_records(), st.one_of(st.none(), st.integers(0, 100)), _DEALS, st.sampled_from(Combine))
def test_the_answer_is_that_of_looking_at_every_record(
    records: list[DiscountRecord], points: int | None, deal: Deal, combine: Combine
) -> None:
    policy = DiscountPolicy(id="p", currency="EUR", combine=combine, records=records)
    discount = None if points is None else Percent(points)
    offered = Offered(line="1", product="dock", family="small", categories=("near", "far"), discount=discount)

    checks = policy.check(offered, deal)

    assert max((check.consequence.gravity for check in checks), default=0) == _oracle(policy, offered, deal)
    for check in checks:
        assert check.kind is LimitKind.MAX_PERCENT
        assert (check.need is not None) is (check.consequence is Consequence.APPROVAL)


@given(_records(), st.integers(0, 99), st.integers(1, 50), st.booleans())
def test_a_smaller_discount_is_never_worse(
    records: list[DiscountRecord], points: int, less: int, has_role: bool
) -> None:
    policy = DiscountPolicy(id="p", currency="EUR", records=records)
    deal = Deal(roles={"rep"} if has_role else set(), size=Money(55, "EUR"))

    def gravity(found: int) -> int:
        offered = Offered(line="1", product="dock", family="small", discount=Percent(found))
        return max((one.consequence.gravity for one in policy.check(offered, deal)), default=0)

    assert gravity(max(points - less, 0)) <= gravity(points)


def _policy(*records: DiscountRecord, **more: object) -> DiscountPolicy:
    return DiscountPolicy(id="p", currency="EUR", records=records, **more)  # type: ignore[arg-type]


def test_a_check_says_what_was_found_wanted_by_which_record_and_what_follows() -> None:
    policy = _policy(
        DiscountRecord(id="all", max_percent=Percent(5)),
        DiscountRecord(id="docks", product="dock", max_percent=Percent(15), overrides=True),
    )

    (check,) = policy.check(Offered(line="3", product="dock", discount=Percent(16)), Deal())
    assert (check.found, check.limit, check.record and check.record.id, check.consequence.value) == (
        Percent(16), Percent(15), "docks", "refused",
    )  # fmt: skip
    assert str(check) == (
        "line 3: wanted a discount of at most 15% by docks (records.docks), found 16%: refused; put aside: all"
    )


def test_a_variant_has_the_limits_of_its_template() -> None:
    policy = _policy(DiscountRecord(id="shirts", product="shirt", max_percent=Percent(5)))

    (check,) = policy.check(
        Offered(line="1", product="shirt-red", templates=("shirt",), discount=Percent(6)), Deal()
    )
    assert check.consequence is Consequence.REFUSED


@pytest.mark.parametrize(
    ("without", "expected"), [("ok", []), ("approval", ["approval"]), ("refused", ["refused"])]
)
def test_what_follows_without_a_limit_is_the_policys_to_say(without: str, expected: list[str]) -> None:
    policy = _policy(without_limit=without, roles=("boss",))

    def outcome(discount: Percent | None) -> list[str]:
        return [
            one.consequence.value
            for one in policy.check(Offered(line="1", product="x", discount=discount), Deal())
        ]

    assert outcome(Percent(1)) == outcome(None) == expected
    assert outcome(Percent(0)) == outcome(Percent(-5)) == []


def test_a_floor_does_not_compare_currencies() -> None:
    policy = _policy(DiscountRecord(id="f", product="x", floor_price=Money(1, "EUR")))

    (check,) = policy.check(Offered(line="1", product="x", unit_price=Money(99, "USD")), Deal())
    assert check.consequence is Consequence.REFUSED


def test_the_lint_knows_names_floors_and_records_that_never_decide() -> None:
    policy = _policy(
        DiscountRecord(id="all", max_percent=Percent(5)),
        DiscountRecord(id="late", family="small", max_percent=Percent(9)),
        DiscountRecord(id="typo", product="dok", max_percent=Percent(3)),
        DiscountRecord(id="ghost", role="rap", segment="glod", category="x", max_percent=Percent(2)),
        DiscountRecord(id="high", product="dock", floor_price=Money(12, "EUR")),
    )
    catalogue = Catalogue([Product(id="dock", family="small", category="y")])

    found = policy.findings(
        catalogue=catalogue, roles={"rep"}, segments={"gold"}, prices={"dock": Money(10, "EUR")}
    )
    assert {(one.code, one.where) for one in found} == {
        ("unreachable", "records.late"), ("unknown_product", "records.typo"), ("unknown_category", "records.ghost"),
        ("unknown_role", "records.ghost"), ("unknown_segment", "records.ghost"), ("floor_above_list", "records.high"),
    }  # fmt: skip
    assert "did you mean 'dock'?" in next(one.hint for one in found if one.code == "unknown_product")
    roles_only = _policy(DiscountRecord(id="r", role="rep", max_percent=Percent(3)))
    assert [one.code for one in roles_only.findings()] == ["open_role"]


def test_a_policy_is_the_same_from_toml_csv_and_pickle(tmp_path: Path) -> None:
    (tmp_path / "limits.toml").write_text(
        'id = "p"\ncurrency = "EUR"\n[[records]]\nid = "a"\nrole = "rep"\nmax_percent = "12.5%"\nover = "approval"\n'
        'roles = ["boss"]\nlevel = 2\n[[records]]\nid = "b"\nproduct = "x"\nfloor_price = "9.90 EUR"\nreasons = ["r"]\n'
    )
    (tmp_path / "head.toml").write_text('id = "p"\ncurrency = "EUR"')
    (tmp_path / "limits.csv").write_text(
        "id,role,product,max_percent,floor_price,over,roles,level,reasons\n"
        "a,rep,,12.5%,,approval,boss,2,\nb,,x,,9.90,,,,r\n"
    )

    plain = DiscountPolicy.load(tmp_path / "limits.toml")
    sheet = DiscountPolicy.load(tmp_path / "head.toml", records=tmp_path / "limits.csv")
    assert [one.where for one in sheet.records] == ["limits.csv row 2", "limits.csv row 3"]
    for one, other in zip(plain.records, sheet.records, strict=True):
        assert (one.key, one.max_percent, one.floor_price, one.reasons, one.over, one.roles, one.level) == (
            other.key, other.max_percent, other.floor_price, other.reasons, other.over, other.roles, other.level,
        )  # fmt: skip
    again = pickle.loads(pickle.dumps(plain))
    assert (again, again.digest) == (plain, plain.digest)
    assert plain.records[1].floor_price == Money(Decimal("9.90"), "EUR")
    assert DiscountPolicy(id="p", currency="EUR", records=plain.records[:1]).digest != plain.digest
