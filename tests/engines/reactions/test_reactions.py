"""Reactions: which command follows which event, when it is due, what makes it idle, and what has no answer."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.entity import Ref
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import Event
from salesmgmt.core.findings import InvalidDefinition, Severity
from salesmgmt.core.money import Money
from salesmgmt.engines.reactions import (
    CalendarMissing,
    Cause,
    Command,
    CommandKind,
    Delay,
    Reaction,
    ReactionSet,
    UnknownReaction,
)

AT = datetime(2026, 3, 6, 15, tzinfo=UTC)  # a Friday
BY = Actor("li.wei", roles={"rep"})
OFFICE = BusinessCalendar.weekly("mon-fri", time_zone="UTC")  # from nine to five


@attrs.frozen(kw_only=True)
class Opened(Event):
    owner: str | None = None
    amount: Money | None = None


@attrs.frozen(kw_only=True)
class Moved(Event):
    target: str
    owner: str | None = None


@attrs.frozen(kw_only=True)
class Answered(Event):
    due: datetime | None = None


EVENTS = (Opened, Moved, Answered)
TELL = CommandKind(name="tell", arguments={"person": "text"}, optional={"on": "date", "amount": "money"})
MOVE = CommandKind(
    name="move", arguments={"target": "text"}, causes=(Cause(event="Moved", fields={"target": "target"}),)
)
KINDS = (TELL, MOVE)


def opened(owner: str | None = "ada", amount: Money | None = None, key: str = "d1") -> Opened:
    return Opened(at=AT, by=BY, subjects=[Ref("Deal", key)], owner=owner, amount=amount)


def moved(target: str, key: str = "d1") -> Moved:
    return Moved(at=AT, by=BY, subjects=[Ref("Deal", key)], target=target)


def reaction(**changes: Any) -> Reaction:
    fields: dict[str, Any] = {"id": "r", "on": ("Opened",), "then": "tell", "texts": {"person": "bo"}}
    return Reaction(**(fields | changes))


def compiled(*reactions: Reaction, facts: dict[str, Any] | None = None) -> Any:
    return ReactionSet(id="set", facts=facts or {}, reactions=reactions).compile(EVENTS, KINDS)


def codes(*reactions: Reaction, facts: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    definition = ReactionSet(id="set", facts=facts or {}, reactions=reactions)
    return [(finding.code, finding.where) for finding in definition.lint(EVENTS, KINDS)]


def test_an_event_gives_the_command_of_each_reaction_whose_condition_holds_in_the_order_of_the_definition() -> (
    None
):
    large = reaction(id="large", when="event.amount >= 1000 EUR", texts={"person": "chen"})
    reactor = compiled(reaction(id="all"), large)
    small, big = opened(amount=Money(999, "EUR")), opened(amount=Money(1000, "EUR"))
    found = reactor.react([small, big])
    assert [(command.reaction, command.arguments["person"]) for command in found.commands] == [
        ("all", "bo"),
        ("all", "bo"),
        ("large", "chen"),
    ]
    assert found.commands[2].event is big
    assert found.commands[2].subject == Ref("Deal", "d1")
    assert found.commands[2].due == AT
    assert (found.withdrawals, found.failed) == ((), ())


def test_arguments_are_formulas_over_the_event_and_the_facts() -> None:
    reactor = compiled(
        reaction(
            texts={}, arguments={"person": "coalesce(event.owner, boss)", "amount": "event.amount * 50%"}
        ),
        facts={"boss": "text"},
    )
    (command,) = reactor.react(
        [opened(owner=None, amount=Money(300, "EUR"))], facts=lambda _: {"boss": "chen"}
    ).commands
    assert command.arguments == {"person": "chen", "amount": Money(150, "EUR")}


def test_an_optional_argument_without_a_value_is_left_out_and_a_needed_one_fails_that_reaction_alone() -> (
    None
):
    reactor = compiled(
        reaction(id="needs", texts={}, arguments={"person": "event.owner"}),
        reaction(id="may", arguments={"amount": "event.amount"}),
    )
    found = reactor.react([opened(owner=None)])
    assert [(command.reaction, dict(command.arguments)) for command in found.commands] == [
        ("may", {"person": "bo"})
    ]
    assert [(failed.reaction, failed.missing, failed.error) for failed in found.failed] == [
        ("needs", ("person",), None)
    ]


def test_a_condition_without_an_answer_fails_that_reaction_alone() -> None:
    reactor = compiled(reaction(id="euro", when="event.amount > 5 EUR"), reaction(id="all"))
    found = reactor.react([opened(amount=Money(9, "USD"))])
    assert [command.reaction for command in found.commands] == ["all"]
    assert [(failed.reaction, failed.error.code) for failed in found.failed] == [
        ("euro", "formula_currencies_differ")
    ]


@pytest.mark.parametrize(
    ("after", "due"),
    [
        (Delay(), AT),
        (Delay(days=1, hours=2), datetime(2026, 3, 7, 17, tzinfo=UTC)),
        (Delay(working_hours=4), datetime(2026, 3, 9, 11, tzinfo=UTC)),  # two on Friday, two on Monday
        (Delay(working_days=1), datetime(2026, 3, 9, 15, tzinfo=UTC)),
        (Delay(days=1, working_days=1), datetime(2026, 3, 9, 15, tzinfo=UTC)),  # from Saturday on
        (Delay(working_days=2, working_hours=3), datetime(2026, 3, 11, 10, tzinfo=UTC)),
    ],
)
def test_a_delay_is_counted_by_the_clock_and_in_working_time(after: Delay, due: datetime) -> None:
    (command,) = compiled(reaction(after=after)).react([opened()], calendar=OFFICE).commands
    assert command.due == due


def test_a_delay_in_working_time_needs_a_calendar() -> None:
    with pytest.raises(CalendarMissing, match="reaction r counts working time; pass calendar="):
        compiled(reaction(after=Delay(working_hours=1))).react([opened()])


def test_a_command_is_due_when_a_formula_says_and_the_delay_is_added() -> None:
    reactor = compiled(reaction(on=("Answered",), due="event.due", after=Delay(hours=1)))
    late = Answered(at=AT, by=BY, subjects=[Ref("Lead", "l1")], due=AT + timedelta(hours=5))
    never = attrs.evolve(late, due=None)
    found = reactor.react([late, never])
    assert [command.due for command in found.commands] == [AT + timedelta(hours=6)]
    assert [failed.missing for failed in found.failed] == [("due",)]


def test_a_later_event_about_the_same_subject_makes_commands_idle() -> None:
    reactor = compiled(reaction(after=Delay(days=3), until=("Answered",)))
    answered = Answered(at=AT, by=BY, subjects=[Ref("Deal", "d1")])
    found = reactor.react([opened(), answered])
    assert len(found.commands) == 1
    assert [(one.reaction, one.subject, one.event) for one in found.withdrawals] == [
        ("r", Ref("Deal", "d1"), answered)
    ]


def test_a_reaction_to_several_events_can_ask_for_what_all_of_them_have() -> None:
    reactor = compiled(reaction(on=("Opened", "Moved"), texts={}, arguments={"person": "event.owner"}))
    events = [opened("ada"), attrs.evolve(moved("won"), owner="bo")]
    assert [command.arguments["person"] for command in reactor.react(events).commands] == ["ada", "bo"]
    assert codes(reaction(on=("Opened", "Moved"), when="event.target == 'won'")) == [
        ("formula", "reactions.r.when")
    ]


def test_why_not_names_the_part_that_failed() -> None:
    reactor = compiled(reaction(when="event.owner == 'ada' and event.amount >= 1000 EUR"))
    why = reactor.why_not("r", opened(amount=Money(5, "EUR")))
    assert (why.condition, dict(why.found)) == ("event.amount >= 1000 EUR", {"event.amount": Money(5, "EUR")})
    assert reactor.why_not("r", opened(amount=Money(1000, "EUR"))) is None
    with pytest.raises(UnknownReaction, match="no reaction 'R' waits for this event"):
        reactor.why_not("R", opened())


def test_events_that_nothing_waits_for_are_passed_over_and_facts_are_not_asked_for_them() -> None:
    asked: list[Event] = []

    def facts(event: Event) -> dict[str, Any]:
        asked.append(event)
        return {}

    assert compiled(reaction()).react([moved("won")], facts=facts).commands == ()
    assert asked == []


def test_a_reactor_pickles() -> None:
    reactor = pickle.loads(pickle.dumps(compiled(reaction())))
    assert len(reactor.react([opened()]).commands) == 1


@given(st.permutations(range(6)))
def test_what_one_event_gives_does_not_depend_on_the_others(order: list[int]) -> None:
    reactor = compiled(
        reaction(id="large", when="event.amount >= 3 EUR"),
        reaction(id="won", on=("Moved",), when="event.target == 'won'"),
    )
    events = [
        *(opened(amount=Money(2 + n, "EUR"), key=f"o{n}") for n in range(3)),
        moved("won"),
        moved("lost"),
        opened(),
    ]
    together = reactor.react([events[place] for place in order]).commands
    alone = [command for place in order for command in reactor.react([events[place]]).commands]
    assert list(together) == alone
    assert len(alone) == 3


# Loops


def test_a_loop_is_refused_with_its_way() -> None:
    there = reaction(
        id="there", on=("Moved",), when="event.target == 'a'", then="move", texts={"target": "b"}
    )
    back = reaction(id="back", on=("Moved",), when="event.target == 'b'", then="move", texts={"target": "a"})
    assert codes(there, back) == [("loop", "reactions.back")]
    with pytest.raises(InvalidDefinition, match="back -> there -> back"):
        compiled(there, back)


def test_a_reaction_that_calls_for_itself_is_a_loop() -> None:
    assert codes(reaction(on=("Moved",), then="move", texts={"target": "x"})) == [("loop", "reactions.r")]


def test_what_cannot_be_told_counts_as_possible() -> None:
    turns = reaction(
        on=("Moved",), when="event.target != 'b'", then="move", texts={}, arguments={"target": "event.target"}
    )
    assert codes(turns) == [("loop", "reactions.r")]


def test_a_chain_that_ends_is_no_loop() -> None:
    first = reaction(
        id="first", on=("Moved",), when="event.target == 'a'", then="move", texts={"target": "b"}
    )
    second = reaction(
        id="second", on=("Moved",), when="event.target == 'b'", then="move", texts={"target": "c"}
    )
    assert codes(first, second) == []


def test_a_condition_of_the_cause_can_show_that_there_is_no_loop() -> None:
    raise_it = CommandKind(name="raise", causes=(Cause(event="Opened", when="event.amount > 100 EUR"),))
    definition = ReactionSet(
        id="set", reactions=(Reaction(id="r", on=("Opened",), when="event.amount < 50 EUR", then="raise"),)
    )
    assert definition.lint(EVENTS, [raise_it]) == ()
    loose = attrs.evolve(raise_it, causes=(Cause(event="Opened"),))
    assert [finding.code for finding in definition.lint(EVENTS, [loose])] == ["loop"]


def test_several_loops_are_all_named() -> None:
    def ring(name: str, here: str, there: str) -> Reaction:
        return reaction(
            id=name, on=("Moved",), when=f"event.target == '{here}'", then="move", texts={"target": there}
        )

    found = codes(ring("a", "1", "2"), ring("b", "2", "1"), ring("c", "3", "3"))
    assert sorted(found) == [("loop", "reactions.a"), ("loop", "reactions.c")]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12, unique=True))
def test_a_set_without_a_loop_ends_and_one_with_a_loop_can_run_for_ever(moves: list[tuple[int, int]]) -> None:
    """Against a search of the graph of stages that knows nothing of reactions."""
    reactions = [
        reaction(
            id=f"{here}-{there}",
            on=("Moved",),
            when=f"event.target == '{here}'",
            then="move",
            texts={"target": str(there)},
        )
        for here, there in moves
    ]
    reach = {start: {there for here, there in moves if here == start} for start in range(6)}
    for _ in range(6):
        reach = {start: ends.union(*(reach[end] for end in ends)) for start, ends in reach.items()}
    circular = any(start in ends for start, ends in reach.items())
    assert any(code == "loop" for code, _ in codes(*reactions)) is circular


# Faulty definitions


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"id": " "}, ("reaction_id", "reactions[0]")),
        ({"on": ()}, ("unknown_event", "reactions.r.on")),
        ({"on": ("Opend",)}, ("unknown_event", "reactions.r.on")),
        ({"until": ("Closed",)}, ("unknown_event", "reactions.r.until")),
        ({"then": "tel"}, ("unknown_command", "reactions.r.then")),
        ({"texts": {}}, ("missing_argument", "reactions.r")),
        ({"texts": {"person": "bo", "colour": "red"}}, ("unknown_argument", "reactions.r.texts.colour")),
        ({"texts": {"person": "bo", "on": "2026-01-01"}}, ("unknown_argument", "reactions.r.texts.on")),
        ({"arguments": {"person": "event.owner"}}, ("argument_twice", "reactions.r.texts.person")),
        ({"arguments": {"on": "event.owner"}}, ("formula", "reactions.r.arguments.on")),
        ({"arguments": {"amount": "event.total"}}, ("formula", "reactions.r.arguments.amount")),
        ({"when": "event.amount"}, ("formula", "reactions.r.when")),
        (
            {"when": "event.amount > 1 EUR and event.amount < 1 EUR"},
            ("contradictory_condition", "reactions.r.when"),
        ),
        ({"when": "__import__('os')"}, ("formula", "reactions.r.when")),
        ({"due": "event.amount"}, ("formula", "reactions.r.due")),
        ({"after": Delay(days=-1)}, ("negative_delay", "reactions.r.after")),
        ({"after": Delay(working_hours=10**9)}, ("long_delay", "reactions.r.after")),
    ],
)
def test_a_faulty_reaction_is_refused_with_its_place(changes: dict[str, Any], found: tuple[str, str]) -> None:
    assert found in codes(reaction(**changes))
    with pytest.raises(InvalidDefinition):
        compiled(reaction(**changes))


def test_faults_of_the_set_itself() -> None:
    assert codes(reaction(), reaction()) == [("duplicate_id", "reactions.r")]
    assert codes(reaction(), facts={"event.owner": "text"})[0] == ("fact_prefix", "facts.event.owner")
    assert codes(reaction(), facts={"boss": "txt"})[0] == ("unknown_type", "facts.boss")
    assert codes(*(reaction(id=str(n)) for n in range(501))) == [("too_large", "the definition")]
    (unused,) = ReactionSet(id="set", facts={"boss": "text"}, reactions=(reaction(),)).lint(EVENTS, KINDS)
    assert (unused.code, unused.severity) == ("unused_fact", Severity.WARNING)


def test_a_file_is_read_and_an_unknown_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "reactions.toml"
    file.write_text(
        """
        id = "follow-up"
        [[reactions]]
        id = "tell"
        on = ["Opened"]
        then = "tell"
        texts = { person = "bo" }
        after = { working_days = 2 }
        """
    )
    reactor = ReactionSet.load(file).compile(EVENTS, KINDS)
    (command,) = reactor.react([opened()], calendar=OFFICE).commands
    assert command.due.date() == date(2026, 3, 10)
    file.write_text('id = "x"\nreactions = [{ id = "r", on = ["Opened"], then = "tell", code = "print()" }]')
    with pytest.raises(InvalidInput, match=r"reactions\[0\]"):
        ReactionSet.load(file)


def test_an_event_without_a_subject_gives_no_command() -> None:
    found = compiled(reaction(until=("Opened",))).react([attrs.evolve(opened(), subjects=())])
    assert (found.commands, found.withdrawals) == ((), ())
    assert [failed.missing for failed in found.failed] == [("subject",)]


def test_a_command_is_a_value() -> None:
    command = compiled(reaction(arguments={"amount": "event.amount"})).react(
        [opened(amount=Money(Decimal("1.5"), "EUR"))]
    )
    (same,) = (
        compiled(reaction(arguments={"amount": "event.amount"}))
        .react([opened(amount=Money("1.5", "EUR"))])
        .commands
    )
    assert command.commands == (same,)
    assert isinstance(same, Command)


def test_of_very_many_loops_the_first_are_shown() -> None:
    every = (reaction(id=f"r{n}", on=("Moved",), then="move", texts={"target": f"t{n}"}) for n in range(60))
    assert [code for code, _ in codes(*every)] == ["loop"] * 10


def test_a_ring_of_five_hundred_reactions_is_found() -> None:
    def ring(n: int) -> Reaction:
        when = f"event.target == 't{n}' and event.owner is missing"
        return reaction(
            id=f"r{n:03}", on=("Moved",), when=when, then="move", texts={"target": f"t{(n + 1) % 500}"}
        )

    assert codes(*map(ring, range(500))) == [("loop", "reactions.r000")]
    assert codes(*map(ring, range(499))) == []


@pytest.mark.parametrize("target", ["x" * 5_000, "a\x00b", "\ud800"])
def test_a_text_that_cannot_stand_in_a_formula_is_told_apart_all_the_same(target: str) -> None:
    away = reaction(on=("Moved",), when="event.target == 'here'", then="move", texts={"target": target})
    assert codes(away) == []
    opaque = attrs.evolve(away, when="lower(event.target) == 'here' or event.owner == event.target")
    assert codes(opaque) == [("loop", "reactions.r")]


def test_a_set_with_very_many_names_of_events_is_too_large() -> None:
    assert codes(reaction(on=("Opened",) * 5_001)) == [("too_large", "the definition")]


@pytest.mark.parametrize(
    "after", [Delay(days=1), Delay(hours=1), Delay(working_days=1), Delay(working_hours=1)]
)
def test_a_delay_beyond_the_calendar_fails_that_reaction_alone(after: Delay) -> None:
    last = Answered(at=AT, by=BY, subjects=[Ref("Deal", "d1")], due=datetime.max.replace(tzinfo=UTC))
    reactor = compiled(
        reaction(id="far", on=("Answered",), due="event.due", after=after),
        reaction(id="near", on=("Answered",)),
    )
    answer = reactor.react([last], calendar=OFFICE)
    assert [command.reaction for command in answer.commands] == ["near"]
    ((failed),) = answer.failed
    assert (failed.reaction, failed.error.code) in {("far", "date_out_of_range"), ("far", "out_of_reach")}
