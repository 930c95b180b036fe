from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.engines.lifecycle import StateGraph

STATES = ["a", "b", "c", "d", "e"]
EDGES = st.lists(st.tuples(st.sampled_from(STATES), st.sampled_from(STATES)), max_size=12)


def _reaches(edges: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Reachability by Warshall's closure: slow, and another algorithm than the graph's own."""
    reach = {(state, state) for state in STATES} | set(edges)
    for middle, left, right in product(STATES, repeat=3):
        if (left, middle) in reach and (middle, right) in reach:
            reach.add((left, right))
    return reach


@given(edges=EDGES, final=st.sets(st.sampled_from(STATES)))
def test_reach_agrees_with_the_closure_of_the_edges(edges: list[tuple[str, str]], final: set[str]) -> None:
    graph = StateGraph(STATES, ["a"], final, edges)
    reach = _reaches(edges)
    leaving = {source for source, _ in edges}

    assert graph.unreachable == tuple(state for state in STATES if ("a", state) not in reach)
    assert graph.no_path_to_final == tuple(
        state for state in STATES if not any((state, end) in reach for end in final)
    )
    assert graph.dead_ends == tuple(
        state for state in STATES if ("a", state) in reach and state not in final and state not in leaving
    )
    assert graph.final_with_exit == tuple(state for state in STATES if state in final and state in leaving)


@pytest.mark.parametrize(
    ("graph", "question", "answer"),
    [
        (StateGraph("ab", "a", "b", [("a", "b"), ("b", "a")]), "final_with_exit", ("b",)),
        (
            StateGraph("abc", "a", "", [("a", "b"), ("b", "c"), ("c", "a")]),
            "no_path_to_final",
            ("a", "b", "c"),
        ),
        (StateGraph("sxf", "s", "f", [("s", "f"), ("x", "f")]), "unreachable", ("x",)),
        (StateGraph("ab", "a", "b", [("a", "b"), ("a", "c"), ("d", "b")]), "missing", ("c", "d")),
        (StateGraph("ab", "x", "y", []), "missing", ("x", "y")),
        (StateGraph("", "", "", []), "unreachable", ()),
    ],
)
def test_known_faults_are_found(graph: StateGraph, question: str, answer: tuple[object, ...]) -> None:
    assert getattr(graph, question) == answer


def test_several_initial_states_all_count_as_reached() -> None:
    graph = StateGraph("abc", "ab", "c", [("a", "c"), ("b", "c")])

    assert graph.unreachable == ()


def test_a_long_chain_does_not_recurse() -> None:
    states = [f"s{number}" for number in range(50_000)]

    graph = StateGraph(states, states[:1], states[-1:], pairwise(states))

    assert graph.unreachable == graph.no_path_to_final == ()
