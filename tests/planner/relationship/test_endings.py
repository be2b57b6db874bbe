"""The end of a couple: what it ends and what stays. test_data_inventory.py checks which tables it changes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from time_machine import Traveller

from planner import clock
from planner.contact.pauses import Pause
from planner.couples import couples, former_couples
from planner.couples.couples import Couple, Member
from planner.couples.former_couples import FormerCoupleAccess
from planner.dates.rsvps import Rsvp
from planner.errors import Conflict
from planner.relationship import leaving
from planner.scheduler import run_housekeeping
from planner.storage import db
from tests.dates import agreed
from tests.people import Cast, Person, pair


def ids(*people: Person) -> list[UUID]:
    return [UUID(person.id) for person in people]


def test_leaving_ends_the_pauses_of_the_couple(cast: Cast) -> None:
    now, (alice, bob, charlie) = clock.utcnow(), ids(*cast[:3])
    with db.connection():
        ours, theirs = couples.find_pair(alice), couples.find_pair(charlie)
        assert ours
        assert theirs
        began = now - timedelta(days=3)
        with db.write():
            for person, couple in ((alice, ours.couple), (charlie, theirs.couple)):
                Pause.create(person=person, couple=couple, kind="quiet", started_at=began)
            over = Pause.create(
                person=bob, couple=ours.couple, kind="said", started_at=began, ended_at=now - timedelta(days=1)
            )
        leaving.leave(bob, now)
        pauses = {pause.person_id: pause for pause in Pause.select()}
        assert pauses[alice].ended_at == now
        assert pauses[bob].ended_at == over.ended_at
        assert pauses[charlie].ended_at is None


def test_leaving_ends_a_scheduled_raise_and_its_requests(cast: Cast) -> None:
    now, (alice, bob) = clock.utcnow(), ids(cast.alice, cast.bob)
    with db.connection():
        ours = couples.find_pair(alice)
        assert ours
        with db.write():
            Couple.update(review_at=now + timedelta(days=3)).where(Couple.id == ours.couple).execute()
            Member.update(requested_pace=4).where(Member.couple == ours.couple).execute()
        leaving.leave(bob, now)
        couple = Couple.get_by_id(ours.couple)
        assert (couple.review_at, couple.ended_at) == (None, now)
        members = Member.select(Member.requested_pace, Member.left_at).where(Member.couple == ours.couple)
        assert db.fetch_all(members) == [(None, now)] * 2
        assert Member.select().where(Member.left_at.is_null()).count() == 2  # Charlie and Dana


def test_leaving_deletes_the_rsvps_of_the_couple(cast: Cast) -> None:
    ours, theirs = agreed(cast.alice, cast.bob), agreed(cast.charlie, cast.dana)
    with db.connection():
        with db.write():
            for date, person in ((ours, cast.alice), (theirs, cast.charlie)):
                Rsvp.create(date=UUID(date["id"]), person=UUID(person.id))
        leaving.leave(UUID(cast.bob.id), clock.utcnow())
        assert [str(row.person_id) for row in Rsvp.select()] == [cast.charlie.id]


def _leave_and_fail(person: UUID) -> None:
    with couples.locked(person) as ours:
        assert ours
        leaving.end(ours, clock.utcnow())
        raise RuntimeError("the act failed")


def test_leaving_rolls_back_with_the_transaction_around_it(cast: Cast) -> None:
    now, (alice, bob) = clock.utcnow(), ids(cast.alice, cast.bob)
    with db.connection():
        with pytest.raises(RuntimeError, match="the act failed"):
            _leave_and_fail(alice)
        assert couples.find_pair(bob) is not None
        with couples.locked(alice) as ours:
            assert ours
            leaving.end(ours, now)
            with pytest.raises(Conflict):
                leaving.end(ours, now)
        assert couples.find_pair(bob) is None


def test_a_former_couple_can_be_read_for_thirty_days_the_last_one_first(cast: Cast, stopped_clock: Traveller) -> None:
    now, (alice, bob) = clock.utcnow(), ids(cast.alice, cast.bob)
    cast.alice.delete("/couple")
    stopped_clock.shift(timedelta(days=5))
    pair(cast.alice, cast.sam)
    cast.sam.delete("/couple")
    with db.connection():
        former = former_couples.list_former_couples(alice, clock.utcnow())
        assert [(couple.partner_name, couple.until) for couple in former] == [
            ("Sam", now + timedelta(days=35)), ("Bob", now + timedelta(days=30)),
        ]  # fmt: skip
        assert [couple.partner for couple in former] == ids(cast.sam, cast.bob)
        assert [
            couple.partner_name for couple in former_couples.list_former_couples(bob, now + timedelta(days=29))
        ] == ["Alice"]
        assert [
            couple.partner_name for couple in former_couples.list_former_couples(alice, now + timedelta(days=30))
        ] == ["Sam"]
        assert former_couples.list_former_couples(UUID(cast.charlie.id), now) == []
    # Of two former couples, Alice reads the dates of the last one.
    assert cast.alice.get("/me")["pairing"] == "left"
    run_housekeeping(now + timedelta(days=30))
    with db.connection():
        assert FormerCoupleAccess.select().count() == 2
    run_housekeeping(now + timedelta(days=35))
    with db.connection():
        assert FormerCoupleAccess.select().count() == 0
