from decimal import Decimal, getcontext, localcontext
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from salesmgmt.core.allocation import InvalidAllocation
from salesmgmt.core.errors import FloatRefused
from salesmgmt.core.rounding import InvalidRounding, RoundingMode
from salesmgmt.cpq.pricing.sharing.distribution import (
    AllocationPolicy,
    RemainderTo,
    TieTo,
    distribute,
    place_difference,
)

CENT = Decimal("0.01")

_cents = st.integers(0, 10**7).map(lambda count: Decimal(count).scaleb(-2))
_weights = st.lists(
    st.integers(0, 10**5).map(lambda count: Decimal(count).scaleb(-1)), min_size=1, max_size=10
)
_policies = st.builds(
    AllocationPolicy,
    rounding=st.sampled_from(["down", "up", "half_up", "half_even", "half_down"]),
    remainder=st.sampled_from(RemainderTo),
    tie=st.sampled_from(TieTo),
)


@st.composite
def _full(draw: st.DrawFn) -> tuple[Decimal, list[Decimal], list[Decimal]]:
    """An amount, weights, and rooms that can take it."""
    rooms = draw(st.lists(_cents, min_size=1, max_size=10))
    weights = draw(st.lists(_cents, min_size=len(rooms), max_size=len(rooms)))
    amount = Decimal(draw(st.integers(0, int(sum(rooms) * 100)))).scaleb(-2)
    return draw(st.sampled_from([amount, -amount])), weights, rooms


def decimals(text: str) -> list[Decimal]:
    return [Decimal(word) for word in text.split()]


def hamilton(amount: Decimal, weights: list[Decimal], *, last: bool) -> list[Fraction]:
    """Largest fractions in cents, straight from the definition."""
    cents = int(amount * 100)
    exact = [Fraction(cents) * Fraction(weight) / Fraction(sum(weights)) for weight in weights]
    counts = [share.__floor__() for share in exact]
    order = sorted(range(len(weights)), key=lambda i: (counts[i] - exact[i], -i if last else i))
    for place in order[: cents - sum(counts)]:
        counts[place] += 1
    return [Fraction(count, 100) for count in counts]


def filled(amount: Decimal, weights: list[Decimal], rooms: list[Decimal]) -> list[Fraction]:
    """Proportional shares, each held at its room and the excess shared again, until nothing is in excess."""
    parts = [Fraction(0)] * len(weights)
    left = Fraction(amount)
    while left:
        free = [i for i, room in enumerate(rooms) if parts[i] < room and weights[i]]
        claims = {i: Fraction(weights[i]) for i in free}
        if not free:
            claims = {i: Fraction(rooms[i]) for i, weight in enumerate(weights) if not weight}
        total, taken = sum(claims.values()), Fraction(0)
        for i, claim in claims.items():
            more = min(left * claim / total, Fraction(rooms[i]) - parts[i])
            parts[i] += more
            taken += more
        left -= taken
    return parts


# --- laws


@given(_full(), _policies)
def test_parts_add_up_keep_the_sign_and_fit(
    drawn: tuple[Decimal, list[Decimal], list[Decimal]], policy: AllocationPolicy
) -> None:
    amount, weights, rooms = drawn
    parts = distribute(amount, weights, room=rooms, policy=policy, unit=CENT)

    assert sum(map(Fraction, parts)) == Fraction(amount)
    assert all(part * amount >= 0 for part in parts)
    assert all(abs(part) <= room for part, room in zip(parts, rooms, strict=True))
    assert all(part == part.quantize(CENT) for part in parts)


@given(st.integers(-(10**9), 10**9), _weights, _policies)
def test_without_limits_no_part_has_the_other_sign(
    cents: int, weights: list[Decimal], policy: AllocationPolicy
) -> None:
    amount = Decimal(cents).scaleb(-2)
    parts = distribute(amount, weights, policy=policy, unit=CENT)

    assert sum(map(Fraction, parts)) == Fraction(amount)
    assert all(part * amount >= 0 for part in parts)


@given(st.lists(st.decimals(0, 10**6, places=4), min_size=1, max_size=10), _policies, st.data())
def test_a_full_discount_leaves_zero_everywhere_also_when_lines_are_not_round(
    rooms: list[Decimal], policy: AllocationPolicy, data: st.DataObject
) -> None:
    weights = data.draw(st.sampled_from([rooms, [Decimal(1)] * len(rooms), list(reversed(rooms))]))
    parts = distribute(-sum(rooms, Decimal(0)), weights, room=rooms, policy=policy, unit=CENT)

    assert [room + part for room, part in zip(rooms, parts, strict=True)] == [0] * len(rooms)


@given(_cents, _weights, st.sampled_from(TieTo))
def test_largest_fraction_is_the_method_of_hamilton(
    amount: Decimal, weights: list[Decimal], tie: TieTo
) -> None:
    assume(any(weights))
    parts = distribute(amount, weights, policy=AllocationPolicy(tie=tie), unit=CENT)

    assert [Fraction(part) for part in parts] == hamilton(amount, weights, last=tie is TieTo.LAST)


@given(_full())
def test_unrounded_shares_are_the_exact_ones_held_at_their_room(
    drawn: tuple[Decimal, list[Decimal], list[Decimal]],
) -> None:
    amount, weights, rooms = drawn
    assume(any(weights))
    parts = distribute(abs(amount), weights, room=rooms)

    wanted = filled(abs(amount), weights, rooms)
    assert all(abs(Fraction(a) - b) < Fraction(1, 10**18) for a, b in zip(parts, wanted, strict=True))


@given(_full(), st.sampled_from(TieTo))
def test_equal_lines_differ_by_a_cent_at_most_and_the_tie_says_who_has_more(
    drawn: tuple[Decimal, list[Decimal], list[Decimal]], tie: TieTo
) -> None:
    amount, weights, rooms = drawn
    parts = distribute(
        abs(amount) * 3,
        weights * 3,
        room=rooms * 3,
        policy=AllocationPolicy(tie=tie),
        unit=CENT,
    )
    count = len(weights)
    for place in range(count):
        same = parts[place::count]
        assert max(same) - min(same) <= CENT
        assert list(same) == sorted(same, reverse=tie is TieTo.FIRST)


@given(_full(), st.randoms(use_true_random=False))
def test_the_order_of_lines_of_different_weight_changes_nothing(
    drawn: tuple[Decimal, list[Decimal], list[Decimal]], random: object
) -> None:
    amount, weights, rooms = drawn
    assume(len(set(weights)) == len(weights))
    places = list(range(len(weights)))
    random.shuffle(places)  # type: ignore[attr-defined]
    parts = distribute(amount, weights, room=rooms)
    moved = distribute(amount, [weights[i] for i in places], room=[rooms[i] for i in places])

    assert all(abs(moved[new] - parts[old]) < Decimal("1E-18") for new, old in enumerate(places))


@given(_full(), _policies)
def test_the_decimal_context_of_the_host_changes_nothing(
    drawn: tuple[Decimal, list[Decimal], list[Decimal]], policy: AllocationPolicy
) -> None:
    amount, weights, rooms = drawn
    parts = distribute(amount, weights, room=rooms, policy=policy, unit=CENT)
    with localcontext() as context:
        context.prec = 2
        narrow = distribute(amount, weights, room=rooms, policy=policy, unit=CENT)
    assert getcontext().prec > 2
    assert list(map(str, narrow)) == list(map(str, parts))


# --- by hand


@pytest.mark.parametrize(
    ("remainder", "tie", "expected"),
    [
        ("largest_fraction", "first", "0.34 0.33 0.33"),
        ("largest_fraction", "last", "0.33 0.33 0.34"),
        ("first", "first", "0.34 0.33 0.33"),
        ("last", "first", "0.33 0.33 0.34"),
        ("largest_part", "first", "0.34 0.33 0.33"),
        ("largest_part", "last", "0.33 0.33 0.34"),
    ],
)
def test_the_policy_says_where_the_cent_goes(remainder: str, tie: str, expected: str) -> None:
    policy = AllocationPolicy(remainder=RemainderTo(remainder), tie=TieTo(tie))

    assert distribute(Decimal(1), decimals("7 7 7"), policy=policy, unit=CENT) == tuple(decimals(expected))


def test_what_a_full_line_cannot_take_goes_to_the_others_by_their_weights() -> None:
    # 60 by 1:2:3 is 10, 20, 30; the last takes 12 at most, and 48 by 1:2 is 16, 32
    parts = distribute(Decimal(60), decimals("1 2 3"), room=decimals("50 50 12"), unit=CENT)

    assert parts == tuple(decimals("16.00 32.00 12.00"))
    assert [str(part) for part in parts] == ["16.00", "32.00", "12.00"]


def test_weights_and_rooms_may_be_whole_numbers() -> None:
    parts = distribute(Decimal(60), [1, 2, 3], room=[50, 50, 12], unit=CENT)

    assert [str(part) for part in parts] == ["16.00", "32.00", "12.00"]


def test_a_line_that_becomes_full_by_the_excess_of_another_is_held_too() -> None:
    # equal thirds of 30 are 10; the first holds 2, so 14 each, but the second holds 12: 16 for the third
    assert distribute(Decimal(-30), decimals("1 1 1"), room=decimals("2 12 99")) == tuple(
        decimals("-2 -12 -16")
    )


def test_a_line_of_weight_zero_takes_a_part_only_when_all_others_are_full() -> None:
    room = decimals("5 9 4")

    assert distribute(Decimal(5), decimals("1 0 0"), room=room) == tuple(decimals("5 0 0"))
    # 12 are left, by room 9:4 is 8.31 and 3.69
    assert distribute(Decimal(17), decimals("1 0 0"), room=room, unit=CENT) == tuple(decimals("5 8.31 3.69"))


@pytest.mark.parametrize(
    ("remainder", "weights", "room", "expected"),
    [
        # a third is below 0.335, the 0.34 of the last is not; half a cent moves on, but not to the weight of zero
        ("last", "1 1 1 0", "9 9 0.335 9", "0.33 0.335 0.335 0"),
        ("first", "0 1 1 1", "9 0.335 9 9", "0 0.335 0.335 0.33"),
    ],
)
def test_half_a_cent_that_does_not_fit_moves_to_the_next_that_shares(
    remainder: str, weights: str, room: str, expected: str
) -> None:
    policy = AllocationPolicy(remainder=RemainderTo(remainder))
    parts = distribute(Decimal(1), decimals(weights), room=decimals(room), policy=policy, unit=CENT)

    assert parts == tuple(decimals(expected))


def test_the_remainder_among_lines_with_room_goes_by_position() -> None:
    # 11 by four is 2.75; the first holds 1, and 10 by three leave a cent for the last line
    parts = distribute(
        Decimal(11),
        [Decimal(1)] * 4,
        room=decimals("1 30 20 12"),
        policy=AllocationPolicy(remainder=RemainderTo.LAST),
        unit=CENT,
    )

    assert parts == tuple(decimals("1 3.33 3.33 3.34"))


def test_half_up_to_the_last_never_turns_its_sign() -> None:
    # 0.006 each is rounded to 0.01, five times 0.01 is 0.02 too much: taken from the last two
    policy = AllocationPolicy(rounding=RoundingMode.HALF_UP, remainder=RemainderTo.LAST)

    assert distribute(Decimal("0.03"), [Decimal(1)] * 5, policy=policy, unit=CENT) == tuple(
        decimals("0.01 0.01 0.01 0 0")
    )


def test_nothing_is_shared_as_nothing() -> None:
    assert distribute(Decimal(0), decimals("1 2"), room=decimals("0 0"), unit=CENT) == tuple(decimals("0 0"))
    assert distribute(Decimal(0), decimals("0 0")) == tuple(decimals("0 0"))


def test_without_a_unit_nothing_is_rounded_and_no_zeros_are_added() -> None:
    assert [str(part) for part in distribute(Decimal("90.00"), decimals("1 1 1"))] == ["30.00"] * 3
    thirds = distribute(Decimal(1), decimals("1 1 1"))
    assert sum(map(Fraction, thirds)) == 1
    assert all(abs(Fraction(part) - Fraction(1, 3)) < Fraction(1, 10**29) for part in thirds)


@pytest.mark.parametrize(
    ("difference", "remainder", "tie", "expected"),
    [
        ("-0.01", "largest_part", "last", "0.84 0.83 0.10"),
        ("-0.01", "largest_part", "first", "0.83 0.84 0.10"),
        ("0.02", "first", "first", "0.86 0.84 0.10"),
        ("0.02", "last", "first", "0.84 0.84 0.12"),
        ("-0.12", "last", "first", "0.84 0.82 0.00"),
    ],
)
def test_a_difference_is_placed_on_one_part_as_far_as_it_can_bear_it(
    difference: str, remainder: str, tie: str, expected: str
) -> None:
    policy = AllocationPolicy(remainder=RemainderTo(remainder), tie=TieTo(tie))
    parts = place_difference(
        decimals("0.84 0.84 0.10"), Decimal(difference), decimals("418 418 50"), policy=policy
    )

    assert parts == tuple(decimals(expected))


def test_a_difference_on_amounts_of_both_signs_turns_none_of_them() -> None:
    policy = AllocationPolicy(remainder=RemainderTo.FIRST)

    placed = place_difference(decimals("-5 3"), Decimal("0.01"), decimals("5 3"), policy=policy)
    assert placed == tuple(decimals("-4.99 3"))
    placed = place_difference(decimals("0 3"), Decimal("0.01"), decimals("0 0"), policy=policy)
    assert placed == tuple(decimals("0.01 3"))
    placed = place_difference(decimals("-0.01 3"), Decimal("0.03"), decimals("1 3"), policy=policy)
    assert placed == tuple(decimals("0 3.02"))


# --- hostile


def test_more_than_all_room_is_refused() -> None:
    with pytest.raises(InvalidAllocation, match=r"can take 14 of 15") as caught:
        distribute(Decimal(-15), decimals("1 1"), room=decimals("5 9"))
    assert caught.value.reason == "no_room"

    with pytest.raises(InvalidAllocation, match="cannot be taken"):
        place_difference(decimals("1 2"), Decimal(-4), decimals("1 1"), policy=AllocationPolicy())


@pytest.mark.parametrize(
    ("weights", "room", "reason", "index"),
    [
        ("", None, "no_weights", None),
        ("1 -1", None, "negative_weight", 1),
        ("1 1", "1", "no_room", None),
        ("1 1", "9 -1", "negative_room", 1),
    ],
)
def test_weights_and_rooms_are_checked(
    weights: str, room: str | None, reason: str, index: int | None
) -> None:
    rooms = None if room is None else decimals(room)
    with pytest.raises(InvalidAllocation) as caught:
        distribute(Decimal(1), decimals(weights), room=rooms, unit=CENT)
    assert (caught.value.reason, caught.value.index) == (reason, index)


def test_a_unit_of_zero_and_floats_are_refused() -> None:
    with pytest.raises(InvalidAllocation):
        distribute(Decimal(1), decimals("1 1"), unit=Decimal(0))
    with pytest.raises(FloatRefused):
        distribute(0.1, decimals("1 1"))  # type: ignore[arg-type]
    with pytest.raises(FloatRefused):
        distribute(Decimal(1), [0.5])  # type: ignore[list-item]


@pytest.mark.parametrize("mode", ["ceiling", "floor"])
def test_a_rounding_without_a_mirror_image_is_no_policy(mode: str) -> None:
    with pytest.raises(InvalidRounding, match="one of down"):
        AllocationPolicy(rounding=RoundingMode(mode))


def test_a_thousand_lines_that_fill_up_one_after_the_other_are_shared_in_one_go() -> None:
    rooms = [Decimal(count) for count in range(1, 1001)]

    parts = distribute(Decimal(500_000), [Decimal(1)] * 1000, room=rooms, unit=CENT)

    # The level t solves sum(min(i, t)) = 500000: t = 968.38...; 968 lines below it are full
    assert parts[:968] == tuple(rooms[:968])
    assert sum(parts) == 500_000
    assert max(parts) - parts[968] <= CENT
