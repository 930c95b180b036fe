# ruff: noqa: S101 - pytest turns the asserts of this module into explanations
# ruff: noqa: PT012 - a store may find a conflict at once or at the commit
# ruff: noqa: D102 - a rule is named for the step it takes
"""A store beside a plain dictionary, driven by random steps: whatever happens, both say the same."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from salesmgmt.core.formula import Formula
from salesmgmt.core.ports import AlreadyExists, ConcurrentUpdate, NotFound, Store, UnitOfWork
from salesmgmt.testing._contract_base import counted
from salesmgmt.testing.samples import Sample
from salesmgmt.testing.strategies import SAMPLE_SCHEMA

Contents = dict[str, Sample]

_IDS = st.sampled_from(("a", "b", "c"))
_RANKS = st.none() | st.integers(0, 3)
_SLOTS = st.sampled_from((0, 1))
_RANKED = Formula.parse("rank >= 2", SAMPLE_SCHEMA)


@attrs.define
class _Session:
    """An open unit of work, and what the model knows about it.

    Attributes:
        work: the unit of work.
        committed: every state of the database since it began; it may see any of them.
        changes: what it has stored; `None` for what it has removed.
        removed: the last version of each entity that it has removed.
        events: what it has published.
    """

    work: UnitOfWork
    committed: list[Contents]
    changes: dict[str, Sample | None] = attrs.Factory(dict)
    removed: dict[str, int] = attrs.Factory(dict)
    events: list[int] = attrs.Factory(list)

    @property
    def is_writing(self) -> bool:
        return bool(self.changes or self.events)

    def seen(self, committed: Contents) -> Contents:
        """What it sees when the database is in that state."""
        merged: dict[str, Sample | None] = {**committed, **self.changes}
        return {id_: sample for id_, sample in merged.items() if sample is not None}

    def possible(self) -> list[Contents]:
        """All that it may see."""
        return [self.seen(state) for state in self.committed]


class StoreMachine(RuleBasedStateMachine):
    """Two units of work at a time, of which one writes; each step is checked against a model.

    Stores differ in when they find a conflict (at once or at the commit) and in whether a unit of work sees what others
    commit meanwhile. The model allows all of these, and no lost change.
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.committed: Contents = {}
        self.removed: dict[str, int] = {}
        self.published: list[int] = []
        self.delivered = 0
        self.sessions: dict[int, _Session] = {}
        self.numbers = 0

    def teardown(self) -> None:
        for slot in list(self.sessions):
            self._close(slot)
        self._check_everything()

    @rule(slot=_SLOTS, id_=_IDS)
    def get(self, slot: int, id_: str) -> None:
        session = self._session(slot)
        assert _got(session, id_) in [seen.get(id_) for seen in session.possible()]

    @rule(slot=_SLOTS)
    def find(self, slot: int) -> None:
        session = self._session(slot)
        found = list(session.work[Sample].find(_RANKED, order_by=["-rank"]))
        assert found in [_ranked(seen) for seen in session.possible()]

    @rule(slot=_SLOTS, id_=_IDS, rank=_RANKS)
    def add(self, slot: int, id_: str, rank: int | None) -> None:
        session = self._writer(slot)
        if session is None:
            return
        sample = Sample(id=id_, rank=rank)
        if id_ in session.seen(self.committed):
            self._refused(slot, AlreadyExists, lambda: session.work[Sample].add(sample))
        elif _got(session, id_) is None:
            version = {**self.removed, **session.removed}.get(id_, 0) + 1
            session.changes[id_] = attrs.evolve(sample, tenant=self.store.tenant, version=version)
            assert session.work[Sample].add(sample) == session.changes[id_]

    @rule(slot=_SLOTS, id_=_IDS, rank=_RANKS)
    def save(self, slot: int, id_: str, rank: int | None) -> None:
        session = self._writer(slot)
        seen = None if session is None else _got(session, id_)
        if session is None or seen is None:
            return
        changed = attrs.evolve(seen, rank=rank)
        stored = session.seen(self.committed).get(id_)
        if stored is None or stored.version != seen.version:
            self._refused(
                slot,
                ConcurrentUpdate,
                lambda: session.work[Sample].save(changed, expected_version=seen.version),
            )
        else:
            session.changes[id_] = attrs.evolve(changed, version=seen.version + 1)
            saved = session.work[Sample].save(changed, expected_version=seen.version)
            assert saved == session.changes[id_]

    @rule(slot=_SLOTS, id_=_IDS, off=st.sampled_from((-1, 1)))
    def save_with_a_wrong_version(self, slot: int, id_: str, off: int) -> None:
        session = self._writer(slot)
        stored = None if session is None else session.seen(self.committed).get(id_)
        if session is not None and stored is not None:
            self._refused(
                slot,
                ConcurrentUpdate,
                lambda: session.work[Sample].save(stored, expected_version=stored.version + off),
            )

    @rule(slot=_SLOTS, id_=_IDS)
    def remove(self, slot: int, id_: str) -> None:
        session = self._writer(slot)
        seen = None if session is None else _got(session, id_)
        stored = None if session is None else session.seen(self.committed).get(id_)
        if session is None or seen is None or stored is None:
            return
        if stored.version != seen.version:
            self._refused(
                slot,
                ConcurrentUpdate,
                lambda: session.work[Sample].remove(id_, expected_version=seen.version),
            )
        else:
            session.changes[id_] = None
            session.removed[id_] = seen.version
            session.work[Sample].remove(id_, expected_version=seen.version)

    @rule(slot=_SLOTS)
    def publish(self, slot: int) -> None:
        session = self._writer(slot)
        if session is not None:
            self.numbers += 1
            session.events.append(self.numbers)
            session.work.publish(counted(self.numbers))

    @rule(slot=_SLOTS)
    def commit(self, slot: int) -> None:
        session = self._session(slot)
        session.work.commit()
        self.committed = session.seen(self.committed)
        self.removed |= session.removed
        self.published += session.events
        for other in self.sessions.values():
            other.committed.append(self.committed)
        self._close(slot)
        self._check_everything()

    @rule(slot=_SLOTS)
    def roll_back(self, slot: int) -> None:
        self._session(slot)
        self._close(slot)
        self._check_everything()

    @precondition(lambda self: not any(session.is_writing for session in self.sessions.values()))
    @rule(most=st.integers(0, 3))
    def deliver(self, most: int) -> None:
        deliveries = self.store.undelivered(limit=most)
        self.store.mark_delivered(delivery.position for delivery in deliveries)
        self.delivered += len(deliveries)

    def _session(self, slot: int) -> _Session:
        """Return the unit of work of a slot; it begins with the first step that needs it."""
        if slot not in self.sessions:
            self.sessions[slot] = _Session(self.store.unit_of_work().__enter__(), [self.committed])
        return self.sessions[slot]

    def _writer(self, slot: int) -> _Session | None:
        """Return the unit of work of a slot for writing; `None` while the other one writes (a store may block)."""
        if any(session.is_writing for other, session in self.sessions.items() if other != slot):
            return None
        return self._session(slot)

    def _refused(self, slot: int, error: type[Exception], command: Callable[[], object]) -> None:
        """Expect a conflict, at once or at the commit; the unit of work ends with it."""
        with pytest.raises(error):
            command()
            self.sessions[slot].work.commit()
        self._close(slot)
        self._check_everything()

    def _close(self, slot: int) -> None:
        self.sessions.pop(slot).work.__exit__(None, None, None)

    def _check_everything(self) -> None:
        with self.store.unit_of_work() as work:
            assert list(work[Sample].find()) == [self.committed[id_] for id_ in sorted(self.committed)]
            assert list(work.history()) == [counted(number) for number in self.published]
        waiting = [delivery.event for delivery in self.store.undelivered(limit=1_000)]
        assert waiting == [counted(number) for number in self.published[self.delivered :]]


def _got(session: _Session, id_: str) -> Sample | None:
    try:
        return session.work[Sample].get(id_)
    except NotFound:
        return None


def _ranked(contents: Contents) -> list[Sample]:
    ranked = [
        (sample.rank, sample) for sample in contents.values() if sample.rank is not None and sample.rank >= 2
    ]
    return [sample for _, sample in sorted(ranked, key=lambda pair: (-pair[0], pair[1].id))]
