from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.engines.matching import NEIGHBOURS, BlockingKey, KeyPart, OversizeBlock, Take, candidates

DOMAIN_AND_INITIAL = BlockingKey(
    id="colleagues",
    parts=(
        KeyPart(field="email", take=Take.PRIVATE_DOMAIN),
        KeyPart(field="name", take=Take.INITIAL),
    ),
)


def test_records_meet_when_every_part_of_a_key_is_equal() -> None:
    records = [
        {"email": "ana@shop.test", "name": "ana"},
        {"email": "a.berg@shop.test", "name": "anna"},
        {"email": "bo@shop.test", "name": "bo"},
        {"email": "ana@gmail.com", "name": "ana"},
        {"email": "a@gmail.com", "name": "anna"},
    ]

    assert candidates(records, [DOMAIN_AND_INITIAL]).pairs == ((0, 1),)


def test_a_record_without_a_part_is_in_no_block() -> None:
    records = [{"email": "", "name": "ana"}, {"email": "", "name": "ana"}, {}]

    assert candidates(records, [DOMAIN_AND_INITIAL]).pairs == ()


def test_the_blocks_of_all_keys_are_united() -> None:
    keys = [BlockingKey(id=name, parts=(KeyPart(field=name),)) for name in ("phone", "email")]
    records = [{"phone": "1", "email": "a"}, {"phone": "1", "email": "b"}, {"phone": "2", "email": "b"}]

    assert candidates(records, keys).pairs == ((0, 1), (1, 2))


def test_in_a_block_that_is_too_large_neighbours_are_compared_and_it_is_reported() -> None:
    key = BlockingKey(id="town", parts=(KeyPart(field="town"),), largest=3)
    records = [{"town": "bonn", "name": chr(ord("a") + place)} for place in range(8)] + [{"town": "jena"}] * 3

    found = candidates(records, [key])

    # Both fields keep the eight of Bonn in order: each meets the five after it, 5 + 5 + 5 + 4 + 3 + 2 + 1 pairs.
    near = [(left, right) for left in range(8) for right in range(left + 1, min(left + 6, 8))]
    assert found.pairs == (*near, (8, 9), (8, 10), (9, 10))
    assert found.oversize == (OversizeBlock(key="town", value=("bonn",), size=8, compared=25),)


def test_neighbours_by_any_field_meet() -> None:
    key = BlockingKey(id="town", parts=(KeyPart(field="town"),), largest=3)
    records = [
        {"town": "bonn", "name": f"{place:02}", "mail": f"{99 - place * 7 % 31:02}"} for place in range(31)
    ]
    records[30]["mail"] = records[0]["mail"]

    assert (0, 30) in candidates(records, [key]).pairs


def test_what_a_key_can_take() -> None:
    record = {"name": "ana maria schmidt", "phone": "+49301234567", "short": "12"}

    def taken(field: str, take: Take) -> list[tuple[str, ...]]:
        return list(BlockingKey(id="k", parts=(KeyPart(field=field, take=take),)).values(record, frozenset()))

    assert taken("name", Take.FIRST_WORD) == [("ana",)]
    assert taken("name", Take.WORDS) == [("ana",), ("maria",), ("schmidt",)]
    assert taken("name", Take.SORTED_WORDS) == [("ana maria schmidt",)]
    assert taken("name", Take.INITIALS) == [("ams",)]
    assert taken("name", Take.SOUNDEX) == [("S530",)]
    assert taken("name", Take.SOUNDEX_WORDS) == [("A500",), ("M600",), ("S530",)]
    assert taken("phone", Take.LAST_7) == [("1234567",)]
    assert taken("short", Take.LAST_7) == taken("none", Take.SOUNDEX) == []


@given(st.lists(st.sampled_from("abc"), max_size=30), st.integers(min_value=2, max_value=10))
def test_each_pair_comes_once_and_a_cap_bounds_their_number(values: list[str], largest: int) -> None:
    keys = [BlockingKey(id=str(n), parts=(KeyPart(field="x"),), largest=largest) for n in range(2)]

    found = candidates([{"x": value} for value in values], keys)

    assert len(set(found.pairs)) == len(found.pairs) <= len(values) * max(largest, 2 * NEIGHBOURS) / 2
    assert all(values[left] == values[right] and left < right for left, right in found.pairs)
    assert sum(block.size for block in found.oversize) == 2 * sum(
        values.count(value) for value in set(values) if values.count(value) > largest
    )
