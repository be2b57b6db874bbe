"""Erasure: nothing of the person is left, and the partner keeps the partner's own things."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from planner import scheduler
from planner.accounts.accounts import UNDO_PERIOD, Person
from planner.couples.couples import Couple, Member
from planner.couples.former_couples import RETENTION
from planner.dates.dates import Date
from planner.dates.feedback import FeedbackRow
from planner.privacy import erasure, erasure_log
from planner.storage import db
from tests.api.answers import ON_SQLITE, contents
from tests.conftest import NOON
from tests.dates import START, own, slot
from tests.erasing import CANARY, GONE, HOUR, delete, erase, life_of, rows_with
from tests.people import PASSWORD, Cast, expect, pair
from tests.people import Person as CastPerson
from tests.racing import together


def test_an_erased_person_leaves_only_what_the_partner_received(cast: Cast, stopped_clock: Any) -> None:
    life_of(cast, stopped_clock)
    alice = cast.alice
    secrets = [alice.sign_in_name, "Alice", CANARY, alice.id]
    assert all(rows_with(word) for word in secrets)
    delete(alice)
    assert rows_with(CANARY).keys() > {"received_copies"}, "for seven days it is all there"
    stopped_clock.move_to(GONE)
    scheduler.tick(GONE)
    # Bob keeps his record, and Alice's name as long as he can read the former couple.
    assert set(rows_with(CANARY)) == {"received_copies"}
    assert set(rows_with(alice.sign_in_name)) == set()
    assert set(rows_with("Alice")) == {"members", "received_copies"}
    with db.connection():
        tombstone = Person.get_by_id(UUID(alice.id))
        assert (tombstone.display_name, tombstone.password_hash, tombstone.recovery_hash, tombstone.zone) == (
            "",
            "-",
            "-",
            "UTC",
        )
        mine = Member.get(Member.person == alice.id)
        assert (mine.max_pace, mine.quiet_pace, mine.requested_pace) == (1, None, None)


def test_erasing_clears_every_private_column_of_the_rows_that_stay(cast: Cast, stopped_clock: Any) -> None:
    """Fail when a new column of a person or a member is not erased."""
    values = {"INT": 1, "TEXT": CANARY, "UTC": NOON}
    for table, key in ((Member, Member.person), (Person, Person.id)):
        chosen = {
            field: values[field.field_type] for field in table._meta.sorted_fields
            if field.null and field.name not in ("left_at", "deleted_at", "deleted_by", "erased_at")
        }  # fmt: skip
        if chosen:
            with db.connection(), db.write():
                table.update(chosen).where(key == cast.alice.id).execute()
    erase(cast.alice, stopped_clock)
    with db.connection():
        for table, key, stay in (
            (Member, Member.person, {"id", "couple", "person", "name", "rhythm", "max_pace", "left_at"}),
            (
                Person,
                Person.id,
                {field.name for field in Person._meta.sorted_fields}
                - {"deleted_by", "day_zone", "day_zone_until", "recovery_key"},
            ),
        ):
            (row,) = table.select().where(key == cast.alice.id).dicts()
            assert {name for name, value in row.items() if value is not None} == stay
    assert CANARY not in str(contents())


def test_the_partner_keeps_the_record_and_reads_the_former_couple_for_thirty_days(
    cast: Cast, stopped_clock: Any
) -> None:
    date_id = life_of(cast, stopped_clock)
    bob = cast.bob
    delete(cast.alice)
    before = bob.get(f"/dates/{date_id}")
    record = bob.post("/me/received", {"password": PASSWORD})
    words = [item["content"] for item in record["items"]]
    assert any(CANARY in json.dumps(each) for each in words)
    stopped_clock.move_to(GONE)
    scheduler.tick(GONE)
    assert bob.get(f"/dates/{date_id}") == before
    assert [item["content"] for item in bob.post("/me/received", {"password": PASSWORD})["items"]] == words
    for date in bob.get("/dates?limit=100")["items"]:
        assert CANARY not in json.dumps(date)
    later = NOON + RETENTION + HOUR
    stopped_clock.move_to(later)
    scheduler.run_housekeeping(later)
    bob.get(f"/dates/{date_id}", 404)
    assert [item["content"] for item in bob.post("/me/received", {"password": PASSWORD})["items"]] == words


def test_a_tombstone_is_deleted_when_nothing_refers_to_it(cast: Cast, stopped_clock: Any) -> None:
    date_id = life_of(cast, stopped_clock)
    erase(cast.alice, stopped_clock)
    scheduler.run_housekeeping(GONE)
    later = NOON + RETENTION + HOUR
    with db.connection():
        assert Date.select().where(Date.couple.is_null(False)).count() == 3
    stopped_clock.move_to(later)
    scheduler.run_housekeeping(later)
    with db.connection():
        # Bob's feedback keeps the completed date, and the date keeps the tombstone, without a name.
        assert [str(date.id) for date in Date.select()] == [date_id]
        assert FeedbackRow.select().where(FeedbackRow.person == cast.bob.id).count() == 1
        assert Person.get_or_none(Person.id == cast.alice.id)
        assert not Member.select().where(Member.person == cast.alice.id).exists()
    assert set(rows_with("Alice")) == {"received_copies"}

    delete(cast.bob)
    stopped_clock.move_to(later + UNDO_PERIOD)
    scheduler.tick(later + UNDO_PERIOD)
    for _ in range(2):
        scheduler.run_housekeeping(later + UNDO_PERIOD + RETENTION)
    with db.connection():
        assert Person.select().where(Person.id.in_([cast.alice.id, cast.bob.id])).count() == 0
        assert Couple.select().where(Couple.ended_at.is_null(False)).count() == 0
        assert Date.select().count() == 0
    assert set(rows_with(cast.alice.id)) == set(rows_with(cast.bob.id)) == set(), "nobody is known here any more"
    assert cast.charlie.get("/me")["pairing"] == "paired"


def test_an_erased_person_without_a_partner_leaves_nothing(cast: Cast, stopped_clock: Any) -> None:
    sam = cast.sam
    sam.post("/notes", {"kind": "effort", "body": CANARY}, 201)
    own(sam, activity=sam.post("/activities", {"title": CANARY, "category": "outdoors", "pace": 1}, 201)["id"])
    erase(sam, stopped_clock)
    scheduler.run_housekeeping(GONE)
    for word in (sam.id, sam.sign_in_name, CANARY, "'Sam'"):
        assert rows_with(word) == {}


def test_erasing_a_person_with_two_former_couples(cast: Cast, stopped_clock: Any) -> None:
    life_of(cast, stopped_clock)
    alice, sam = cast.alice, cast.sam
    alice.delete("/couple")
    pair(sam, alice)
    note = sam.post("/notes", {"kind": "effort", "body": "from Sam"}, 201)["id"]
    sam.post(f"/notes/{note}/share", {"version": 1})
    erase(alice, stopped_clock)
    assert set(rows_with(CANARY)) == {"received_copies"}
    assert sam.get(f"/notes/{note}")["body"] == "from Sam"


def test_several_clocks_erase_a_person_once(app, cast: Cast, stopped_clock: Any) -> None:
    life_of(cast, stopped_clock)
    delete(cast.alice)
    delete(cast.sam)
    stopped_clock.move_to(GONE)

    def tick() -> int:
        with db.connection():
            return erasure.erase_due(GONE)

    assert sum(together(*[tick] * 4)) == 2
    before = contents()
    with db.connection():
        assert (erasure.erase_due(GONE), erasure.remove_tombstones(GONE), erasure.remove_tombstones(GONE)) == (
            0,
            1,
            0,
        ), "Sam left nothing"
    assert {**contents(), "persons": []} == {**before, "persons": []}
    assert sorted(str(entry.person) for entry in erasure_log.read()) == sorted([cast.alice.id, cast.sam.id])


@pytest.mark.parametrize("sooner", ["erase", "undo"])
def test_of_undo_and_erasure_at_the_end_of_seven_days_one_succeeds(
    app, cast: Cast, stopped_clock: Any, sooner: str
) -> None:
    alice = cast.alice
    for _ in range(3):
        delete(alice)
        edge = NOON + UNDO_PERIOD
        body = {"sign_in_name": alice.sign_in_name, "password": PASSWORD}
        # The request comes just before the end, and the tick at the end. The first to get the lock decides.
        stopped_clock.move_to(edge - timedelta(milliseconds=1))

        def undo() -> int:
            return int(app.test_client().post("/v1/me/undo-deletion", json=body).status_code)  # noqa: B023

        def tick() -> int:
            with db.connection():
                return erasure.erase_due(edge)  # noqa: B023

        acts = [tick, undo] if sooner == "erase" else [undo, tick]
        results = dict(zip([act.__name__ for act in acts], together(*acts), strict=True))
        assert (results["undo"], results["tick"]) in [(201, 0), (403, 1)]
        with db.connection():
            person = Person.get_by_id(UUID(alice.id))
            assert (person.erased_at is None) == (results["undo"] == 201)
        if results["tick"]:
            break
        stopped_clock.move_to(NOON)
        alice.token = expect(app.test_client().post("/v1/sign-ins", json=body), 201)["session"]["token"]


@ON_SQLITE
def test_the_database_file_does_not_contain_erased_texts(database: str, sam: CastPerson, stopped_clock: Any) -> None:
    for _ in range(50):
        sam.post("/notes", {"kind": "effort", "body": f"{CANARY} " * 100}, 201)
    own(sam, start=START, message=f"{CANARY} line", slots=[slot(START)])
    erase(sam, stopped_clock)
    with db.connection():
        db.proxy.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.dispose()
    path = Path(database.removeprefix("sqlite:///"))
    for file in path.parent.glob(f"{path.name}*"):
        assert CANARY.encode() not in file.read_bytes(), file.name
