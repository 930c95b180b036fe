from __future__ import annotations

from salesmgmt.tour.world import FIRST_DAY, LAST_DAY, generate, reps


def test_the_same_seed_gives_the_same_year_and_another_one_does_not() -> None:
    small = {"enquiries": 50, "chances": 50, "customers": 20}

    assert generate(3, **small) == generate(3, **small)
    assert generate(3, **small) != generate(4, **small)


def test_everything_happens_within_the_year() -> None:
    world = generate(5, enquiries=300, chances=300, customers=50)

    days = [enquiry.on for enquiry in world.enquiries]
    days += [day for chance in world.chances for _, day in chance.steps]
    days += [call.on for call in world.calls]
    assert min(days) >= FIRST_DAY
    assert max(days) <= LAST_DAY


def test_steps_of_a_chance_go_forward() -> None:
    for chance in generate(5, enquiries=1, chances=500, customers=50).chances:
        days = [chance.opened_on, *(day for _, day in chance.steps)]
        assert days == sorted(days)
        is_lost = bool(chance.steps) and chance.steps[-1][0] == "lost"
        assert (chance.loss_reason is not None) == is_lost


def test_only_known_reps_call() -> None:
    assert {call.rep for call in generate(5, enquiries=1, chances=1, customers=1).calls} == set(reps())
