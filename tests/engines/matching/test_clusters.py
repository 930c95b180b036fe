from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.engines.matching import clusters

IDS = st.sampled_from("abcdefgh")


def test_a_chain_of_pairs_makes_one_group() -> None:
    assert clusters([("d", "c"), ("x", "y"), ("b", "a"), ("c", "b")]) == (("a", "b", "c", "d"), ("x", "y"))


def test_nothing_and_a_pair_of_one_make_no_group() -> None:
    assert clusters([]) == clusters([("a", "a")]) == ()


@given(st.lists(st.tuples(IDS, IDS)), st.randoms(use_true_random=False))
def test_groups_are_what_can_be_reached_by_pairs_in_any_order(
    pairs: list[tuple[str, str]], dice: object
) -> None:
    reach = {name: {name} for pair in pairs for name in pair}
    for _ in range(len(reach)):
        for left, right in pairs:
            together = reach[left] | reach[right]
            reach[left], reach[right] = together, set(together)
            for name in together:
                reach[name] |= together
    expected = sorted({tuple(sorted(group)) for group in reach.values() if len(group) > 1})
    shuffled = list(pairs)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]

    assert clusters(pairs) == clusters(shuffled) == tuple(expected)
