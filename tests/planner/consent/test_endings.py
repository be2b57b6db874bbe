"""What ends with a couple and what stays; which tables it changes is in test_data_inventory.py."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from time_machine import Traveller

from planner import clock
from planner.consent import leaving
from planner.dates.attendances import Attendance
from planner.errors import WrongState
from planner.people import couples, kept
from planner.people.couples import Couple, Member
from planner.people.kept import Kept
from planner.people.spaces import Space
from planner.scheduler import tidy
from planner.storage import db
from tests.dates import agreed
from tests.people import Cast, Person, pair


def ids(*people: Person) -> list[UUID]:
    return [UUID(one.id) for one in people]


def test_pauses_end_and_what_they_held_stays_out_of_view(cast: Cast) -> None:
    now, (alice, bob, charlie) = clock.utcnow(), ids(*cast[:3])
    with db.connection():
        ours, theirs = couples.pair_of(alice), couples.pair_of(charlie)
        assert ours
        assert theirs
        began = now - timedelta(days=3)
        with db.write():
            for person, couple in ((alice, ours.couple), (charlie, theirs.couple)):
                Space.create(person=person, couple=couple, kind="quiet", started_at=began)
            over = Space.create(
                person=bob, couple=ours.couple, kind="said", started_at=began, ended_at=now - timedelta(days=1)
            )
        leaving.leave(bob, now)
        found = {row.person_id: row for row in Space.select()}
        assert (found[alice].ended_at, found[alice].settled_at, found[alice].settled_as) == (now, now, "ended")
        assert (found[bob].ended_at, found[bob].settled_as) == (over.ended_at, "ended")
        assert found[charlie].ended_at is found[charlie].settled_at is None


def test_a_raise_that_was_to_come_and_the_wishes_for_it_end(cast: Cast) -> None:
    now, (alice, bob) = clock.utcnow(), ids(cast.alice, cast.bob)
    with db.connection():
        ours = couples.pair_of(alice)
        assert ours
        with db.write():
            Couple.update(raises_at=now + timedelta(days=3)).where(Couple.id == ours.couple).execute()
            Member.update(wish=4, wished_at=now).where(Member.couple == ours.couple).execute()
        leaving.leave(bob, now)
        couple = Couple.get_by_id(ours.couple)
        assert (couple.raises_at, couple.ended_at) == (None, now)
        members = Member.select(Member.wish, Member.wished_at, Member.left_at).where(Member.couple == ours.couple)
        assert db.rows(members) == [(None, None, now)] * 2
        assert Member.select().where(Member.left_at.is_null()).count() == 2  # Charlie and Dana


def test_who_would_have_gone_is_forgotten(cast: Cast) -> None:
    ours, theirs = agreed(cast.alice, cast.bob), agreed(cast.charlie, cast.dana)
    with db.connection():
        with db.write():
            for date, person in ((ours, cast.alice), (theirs, cast.charlie)):
                Attendance.create(date=UUID(date["id"]), person=UUID(person.id))
        leaving.leave(UUID(cast.bob.id), clock.utcnow())
        assert [str(row.person_id) for row in Attendance.select()] == [cast.charlie.id]


def _leave_and_fail(person: UUID) -> None:
    with couples.writing(person) as ours:
        assert ours
        leaving.end(ours, clock.utcnow())
        raise RuntimeError("the act failed")


def test_leaving_is_a_part_of_a_larger_act_too(cast: Cast) -> None:
    now, (alice, bob) = clock.utcnow(), ids(cast.alice, cast.bob)
    with db.connection():
        with pytest.raises(RuntimeError, match="the act failed"):
            _leave_and_fail(alice)
        assert couples.pair_of(bob) is not None
        with couples.writing(alice) as ours:
            assert ours
            leaving.end(ours, now)
            with pytest.raises(WrongState):
                leaving.end(ours, now)
        assert couples.pair_of(bob) is None


def test_each_may_look_back_for_thirty_days_the_last_couple_first(cast: Cast, stopped_clock: Traveller) -> None:
    now, (alice, bob) = clock.utcnow(), ids(cast.alice, cast.bob)
    cast.alice.delete("/couple")
    stopped_clock.shift(timedelta(days=5))
    pair(cast.alice, cast.sam)
    cast.sam.delete("/couple")
    with db.connection():
        found = kept.couples(alice, clock.utcnow())
        assert [(one.partner_name, one.until) for one in found] == [
            ("Sam", now + timedelta(days=35)), ("Bob", now + timedelta(days=30)),
        ]  # fmt: skip
        assert [one.partner for one in found] == ids(cast.sam, cast.bob)
        assert [one.partner_name for one in kept.couples(bob, now + timedelta(days=29))] == ["Alice"]
        assert [one.partner_name for one in kept.couples(alice, now + timedelta(days=30))] == ["Sam"]
        assert kept.couples(UUID(cast.charlie.id), now) == []
    # Of two past couples, it is the last whose dates are there.
    assert cast.alice.get("/me")["pairing"] == "left"
    tidy(now + timedelta(days=30))
    with db.connection():
        assert Kept.select().count() == 2
    tidy(now + timedelta(days=35))
    with db.connection():
        assert Kept.select().count() == 0
