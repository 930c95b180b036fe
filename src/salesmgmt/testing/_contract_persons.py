# ruff: noqa: S101 - pytest turns the asserts of this module into explanations
# ruff: noqa: PT012 - a store may find a conflict at once or at the commit
"""The contract of persons: what is held about them is handed out whole, and forgotten whole."""

from __future__ import annotations

import json
from decimal import Decimal

import attrs
import pytest

from salesmgmt.core.entity import Ref
from salesmgmt.core.formula import Formula, schema_of
from salesmgmt.core.money import Money
from salesmgmt.core.ports import ConcurrentUpdate, Store
from salesmgmt.testing._contract_base import CLOCK, DESK, ContractBase, StoreFactory, counted, put
from salesmgmt.testing.samples import PersonPaid, Sample, SamplePerson

_ADA = SamplePerson(
    id='ada "the first" 中', name="Ada Lovelace", e_mail="ada@example.com", balance=Money("10.10", "EUR")
)
_BOB = SamplePerson(id="bob", name="Bob Hope", balance=Money("20.20", "EUR"))


def _paid(person: SamplePerson, amount: int, *subjects: Ref) -> PersonPaid:
    return PersonPaid(
        at=CLOCK.now(),
        by=DESK,
        subjects=subjects,
        payer=person.name,
        amount=Money(amount, "EUR"),
        before=person,
    )


def _fill(store: Store) -> None:
    """Two persons; payments of each; and one that names neither but holds Ada as she was before."""
    put(store, _ADA, _BOB, Sample(id="s", label=_ADA.name))
    with store.unit_of_work() as work:
        work.publish(_paid(_ADA, 1, _ADA.ref), _paid(_BOB, 2, _BOB.ref), counted(7, Ref("Sample", "s")))
        work.publish(_paid(_ADA, 4, Ref("Sample", "s")))
        work.commit()


class PersonContract(ContractBase):
    """Export and forget reach every record of one tenant."""

    def test_an_export_has_all_about_the_person_and_nothing_else(self, store: Store) -> None:
        _fill(store)
        exported = json.loads(json.dumps(store.export(_ADA.ref)))
        assert sorted(exported) == ["entities", "events"]
        assert [(entity["type"], entity["id"], entity["name"]) for entity in exported["entities"]] == [
            ("SamplePerson", _ADA.id, "Ada Lovelace")
        ]
        assert [event["amount"]["amount"] for event in exported["events"]] == ["1", "4"]
        assert "Bob" not in json.dumps(exported)

    def test_an_export_about_several(self, store: Store) -> None:
        _fill(store)
        exported = store.export(_ADA.ref, _BOB.ref)
        assert [len(exported[part]) for part in ("entities", "events")] == [2, 3]  # type: ignore[arg-type]
        assert store.export(Ref("SamplePerson", "nobody")) == store.export() == {"entities": [], "events": []}

    def test_a_forgotten_person_is_blank_everywhere_and_sums_still_add_up(self, store: Store) -> None:
        _fill(store)
        assert store.forget(_ADA.ref) == 3
        with store.unit_of_work() as work:
            ada = work[SamplePerson].get(_ADA.id)
            assert (ada.name, ada.e_mail, ada.balance) == ("", None, _ADA.balance)
            payments = [event for event in work.history() if isinstance(event, PersonPaid)]
            assert sum(payment.amount.amount for payment in payments) == Decimal(7)
            assert [payment.before.name for payment in payments if payment.before] == ["", "Bob Hope", ""]
            # The third payment names a sample, not Ada: its own text is the sample's, her image in it is hers.
            assert [payment.payer for payment in payments] == ["", "Bob Hope", "Ada Lovelace"]
            assert work[SamplePerson].get("bob").name == "Bob Hope"
            assert len(list(work.history(_ADA.ref))) == 1
        assert len(store.undelivered()) == 4
        exported = json.dumps(store.export(_ADA.ref), ensure_ascii=False)
        assert "ada@example.com" not in exported

    def test_a_forgotten_person_is_not_found_by_what_they_were_called(self, store: Store) -> None:
        _fill(store)
        store.forget(_ADA.ref)
        where = Formula.parse("name == 'Ada Lovelace' or e_mail is not missing", schema_of(SamplePerson))
        with store.unit_of_work() as work:
            assert list(work[SamplePerson].find(where)) == []
            assert [person.id for person in work[SamplePerson].find(order_by=["name"])] == [_ADA.id, "bob"]

    def test_who_read_the_person_before_cannot_write_them_back(self, store: Store) -> None:
        _fill(store)
        with store.unit_of_work() as work:
            seen = work[SamplePerson].get(_ADA.id)
        store.forget(_ADA.ref)
        with pytest.raises(ConcurrentUpdate), store.unit_of_work() as work:
            work[SamplePerson].save(attrs.evolve(seen, balance=None), expected_version=seen.version)
            work.commit()
        with store.unit_of_work() as work:
            assert work[SamplePerson].get(_ADA.id).name == ""

    def test_forgetting_again_or_nobody_changes_nothing(self, store: Store) -> None:
        _fill(store)
        store.forget(_ADA.ref)
        assert store.forget(_ADA.ref) == store.forget(Ref("SamplePerson", "nobody")) == store.forget() == 0
        with store.unit_of_work() as work:
            assert work[SamplePerson].get(_ADA.id).version == 2

    def test_an_entity_of_another_class_with_the_same_id_stays(self, store: Store) -> None:
        put(store, _BOB)
        assert store.forget(Ref("Sample", "bob")) == 0
        with store.unit_of_work() as work:
            assert work[SamplePerson].get("bob").name == "Bob Hope"

    def test_a_removed_person_is_forgotten_in_the_events(self, store: Store) -> None:
        _fill(store)
        with store.unit_of_work() as work:
            work[SamplePerson].remove(_ADA.id, expected_version=1)
            work.commit()
        assert store.forget(_ADA.ref) == 2

    def test_many_at_once(self, store: Store) -> None:
        people = [SamplePerson(id=f"p{number}", name=f"Person {number}") for number in range(300)]
        put(store, *people)
        assert store.forget(*(person.ref for person in people[:250])) == 250
        with store.unit_of_work() as work:
            named = [person for person in work[SamplePerson].find() if person.name]
        assert len(named) == 50

    def test_the_persons_of_another_tenant_stay(self, store_factory: StoreFactory) -> None:
        acme, globex = store_factory("acme"), store_factory("globex")
        _fill(acme)
        _fill(globex)
        assert acme.forget(_ADA.ref) == 3
        exported = globex.export(_ADA.ref)
        assert "Ada Lovelace" in json.dumps(exported)
        with globex.unit_of_work() as work:
            assert work[SamplePerson].get(_ADA.id).version == 1
