"""Erasing: every table stands on a list, nothing of a person is left, the other keeps what is theirs, backups too."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import peewee
import pytest

from planner import scheduler, schema
from planner.consent import erasure, erasure_log
from planner.consent.erasure_log import Erasure
from planner.dates.agenda import Date
from planner.dates.outcomes import Outcome
from planner.people.accounts import GRACE, Person
from planner.people.couples import Couple, Member
from planner.people.kept import LIFE
from planner.storage import db
from tests.api.answers import contents
from tests.conftest import NOON, is_postgresql
from tests.dates import START, completed, offer, own, slot
from tests.people import PASSWORD, Cast, expect, pair
from tests.people import Person as Someone
from tests.racing import together
from tests.served import ROOT

CANARY = "canary"
"""Stands in every word that Alice writes."""
GONE = NOON + GRACE
HOUR = timedelta(hours=1)


def delete(person: Someone) -> None:
    expect(person.request("DELETE", "/me", {"password": PASSWORD}), 200)


def erase(person: Someone, clock: Any) -> None:
    delete(person)
    clock.move_to(GONE)
    scheduler.tick(GONE)


def life_of(cast: Cast, clock: Any) -> dict[str, Any]:
    """Two with things between them, and all that Alice wrote marked; the clock stands where it stood."""
    alice, bob = cast.alice, cast.bob
    done = completed(alice, bob, clock)
    for person in (alice, bob):
        person.put(f"/dates/{done['id']}/outcome", {"feeling": "lighter", "rating": 4})
    clock.move_to(NOON)
    for shared in (True, False):
        note = alice.post("/notes", {"kind": "effort", "body": f"{CANARY} note"}, 201)["id"]
        if shared:
            alice.post(f"/notes/{note}/share", {"version": 1})
    texts = {"title": f"{CANARY} ducks", "summary": f"{CANARY} summary", "steps": [f"{CANARY} step"]}
    idea = alice.post("/activities", {**texts, "category": "outdoors", "party": "either", "pace": 1}, 201)["id"]
    offer(alice, activity=idea, line=f"{CANARY} line")
    own(alice, line=f"{CANARY} own line")
    alice.put("/me/profile", {"interests": ["nature"], "causes": []})
    alice.get("/prompts/today")
    offer(bob, line="from Bob")
    theirs = bob.post("/notes", {"kind": "effort", "body": "from Bob"}, 201)["id"]
    bob.post(f"/notes/{theirs}/share", {"version": 1})
    return {"done": done["id"], "idea": idea}


def rows_with(word: str) -> dict[str, int]:
    """In how many rows of each table a word stands."""
    return {table: count for table, rows in contents().items() if (count := sum(word in str(row) for row in rows))}


def test_every_table_is_erased_or_says_why_it_stays() -> None:
    assert erasure.ERASED.keys() & erasure.STAYS.keys() == set()
    assert erasure.ERASED.keys() | erasure.STAYS.keys() == set(schema.TABLES), "say what erasing does to a new table"
    for table, owner in erasure.ERASED.items():
        assert owner.model is table


def test_a_table_that_stays_and_belongs_to_a_person_is_spoken_of() -> None:
    """Whoever refers to a person either goes with them, or keeps the stone from going."""
    for table in schema.TABLES:
        for field in table._meta.sorted_fields:
            if isinstance(field, peewee.ForeignKeyField) and field.rel_model is Person and table in erasure.STAYS:
                assert (table, field.name) in {
                    (Member, "person"), (Date, "proposer"), (Date, "sender"), (Date, "awaiting"),
                    (schema.Activity, "owner"),
                }, f"erasing has to do something about {table.__name__}.{field.name}"  # fmt: skip


def test_nothing_of_the_erased_is_left_but_what_the_other_received(cast: Cast, stopped_clock: Any) -> None:
    life_of(cast, stopped_clock)
    alice = cast.alice
    secrets = [alice.sign_in_name, "Alice", CANARY, alice.id]
    assert all(rows_with(word) for word in secrets)
    delete(alice)
    assert rows_with(CANARY).keys() > {"records"}, "for seven days it is all there"
    stopped_clock.move_to(GONE)
    scheduler.tick(GONE)
    # The other's record, and the name they knew, as long as they may look back on the couple.
    assert set(rows_with(CANARY)) == {"records"}
    assert set(rows_with(alice.sign_in_name)) == set()
    assert set(rows_with("Alice")) == {"members", "records"}
    with db.connection():
        stone = Person.get_by_id(UUID(alice.id))
        assert (stone.display_name, stone.password_hash, stone.recovery_hash, stone.zone) == ("", "-", "-", "UTC")
        for table, owner in erasure.ERASED.items():
            assert not table.select().where(owner == alice.id).exists(), table
        mine = Member.get(Member.person == alice.id)
        assert (mine.ceiling, mine.quiet_pace, mine.wish) == (1, None, None)


def test_of_the_rows_that_stay_every_column_is_decided(cast: Cast, stopped_clock: Any) -> None:
    """A choice that a later room adds to a person or a member goes, too, or this fails."""
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
            (Member, Member.person, {"id", "couple", "person", "name", "rhythm", "ceiling", "left_at"}),
            (Person, Person.id, {field.name for field in Person._meta.sorted_fields} - {"deleted_by"}),
        ):
            (row,) = table.select().where(key == cast.alice.id).dicts()
            assert {name for name, value in row.items() if value is not None} == stay
    assert CANARY not in str(contents())


def test_the_other_keeps_their_own_and_looks_back_for_the_rest_of_thirty_days(cast: Cast, stopped_clock: Any) -> None:
    things = life_of(cast, stopped_clock)
    bob = cast.bob
    delete(cast.alice)
    before = bob.get(f"/dates/{things['done']}")
    record = bob.post("/me/records", {"password": PASSWORD})
    words = [one["words"] for one in record["items"]]
    assert any(CANARY in json.dumps(one) for one in words)
    stopped_clock.move_to(GONE)
    scheduler.tick(GONE)
    assert bob.get(f"/dates/{things['done']}") == before
    assert [one["words"] for one in bob.post("/me/records", {"password": PASSWORD})["items"]] == words
    for date in bob.get("/dates?limit=100")["items"]:
        assert CANARY not in json.dumps(date)
    later = NOON + LIFE + HOUR
    stopped_clock.move_to(later)
    scheduler.tidy(later)
    bob.get(f"/dates/{things['done']}", 404)
    assert [one["words"] for one in bob.post("/me/records", {"password": PASSWORD})["items"]] == words


def test_the_stone_goes_when_nothing_refers_to_it_and_the_others_own_word_keeps_its_date(
    cast: Cast, stopped_clock: Any
) -> None:
    things = life_of(cast, stopped_clock)
    erase(cast.alice, stopped_clock)
    scheduler.tidy(GONE)
    later = NOON + LIFE + HOUR
    with db.connection():
        assert Date.select().where(Date.couple.is_null(False)).count() == 3
        stopped_clock.move_to(later)
    scheduler.tidy(later)
    with db.connection():
        # Bob's own word on the date that took place: the date stays, and so does the stone, without a name.
        assert [str(date.id) for date in Date.select()] == [things["done"]]
        assert Outcome.select().where(Outcome.person == cast.bob.id).count() == 1
        assert Person.get_or_none(Person.id == cast.alice.id)
        assert not Member.select().where(Member.person == cast.alice.id).exists()
    assert set(rows_with("Alice")) == {"records"}

    stopped_clock.move_to(later)
    delete(cast.bob)
    stopped_clock.move_to(later + GRACE)
    scheduler.tick(later + GRACE)
    for _ in range(2):
        scheduler.tidy(later + GRACE + LIFE)
    with db.connection():
        assert Person.select().where(Person.id.in_([cast.alice.id, cast.bob.id])).count() == 0
        assert Couple.select().where(Couple.ended_at.is_null(False)).count() == 0
        assert Date.select().count() == 0
    assert set(rows_with(cast.alice.id)) == set(rows_with(cast.bob.id)) == set(), "nobody is known here any more"
    assert cast.charlie.get("/me")["pairing"] == "paired"


def test_somebody_alone_leaves_nothing_at_all(cast: Cast, stopped_clock: Any) -> None:
    sam = cast.sam
    sam.post("/notes", {"kind": "effort", "body": CANARY}, 201)
    own(sam, activity=sam.post("/activities", {"title": CANARY, "category": "outdoors", "pace": 1}, 201)["id"])
    erase(sam, stopped_clock)
    scheduler.tidy(GONE)
    for word in (sam.id, sam.sign_in_name, CANARY, "'Sam'"):
        assert rows_with(word) == {}


def test_somebody_with_two_couples_behind_them(cast: Cast, stopped_clock: Any) -> None:
    life_of(cast, stopped_clock)
    alice, sam = cast.alice, cast.sam
    alice.delete("/couple")
    pair(sam, alice)
    note = sam.post("/notes", {"kind": "effort", "body": "from Sam"}, 201)["id"]
    sam.post(f"/notes/{note}/share", {"version": 1})
    erase(alice, stopped_clock)
    assert set(rows_with(CANARY)) == {"records"}
    assert sam.get(f"/notes/{note}")["body"] == "from Sam"


def test_erasing_is_done_once_however_many_clocks_tick(app, cast: Cast, stopped_clock: Any) -> None:
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
        assert (erasure.erase_due(GONE), erasure.clear(GONE), erasure.clear(GONE)) == (0, 1, 0), "Sam left nothing"
    assert {**contents(), "persons": []} == {**before, "persons": []}
    assert sorted(str(one.person) for one in erasure_log.read()) == sorted([cast.alice.id, cast.sam.id])


@pytest.mark.parametrize("sooner", ["erase", "undo"])
def test_undoing_and_erasing_at_the_edge_of_seven_days(app, cast: Cast, stopped_clock: Any, sooner: str) -> None:
    alice = cast.alice
    for _ in range(3):
        delete(alice)
        edge = NOON + GRACE
        body = {"sign_in_name": alice.sign_in_name, "password": PASSWORD}
        # The request came a moment before the edge, the tick just at it: whoever gets the lock first decides.
        stopped_clock.move_to(edge - timedelta(milliseconds=1))

        def undo() -> int:
            return int(app.test_client().post("/v1/me/undo-deletion", json=body).status_code)  # noqa: B023

        def tick() -> int:
            with db.connection():
                return erasure.erase_due(edge)  # noqa: B023

        acts = [tick, undo] if sooner == "erase" else [undo, tick]
        found = dict(zip([act.__name__ for act in acts], together(*acts), strict=True))
        assert (found["undo"], found["tick"]) in [(201, 0), (403, 1)]
        with db.connection():
            person = Person.get_by_id(UUID(alice.id))
            assert (person.erased_at is None) == (found["undo"] == 201)
        if found["tick"]:
            break
        stopped_clock.move_to(NOON)
        alice.token = expect(app.test_client().post("/v1/sign-ins", json=body), 201)["token"]


# The file beside the database


def test_the_file_is_on_the_disk_before_the_rows_go(cast: Cast, stopped_clock: Any, monkeypatch: Any) -> None:
    """Stopped between the note and the commit, nothing is erased yet, nobody can undo it, and the next start does."""
    alice = cast.alice
    delete(alice)
    before = contents()
    monkeypatch.setattr(erasure, "_bury", _killed)
    with db.connection(), pytest.raises(Killed):
        erasure.erase_due(GONE)
    monkeypatch.undo()
    assert contents() == before
    assert [str(one.person) for one in erasure_log.read()] == [alice.id]
    # Not even after the clock was set back.
    body = {"sign_in_name": alice.sign_in_name, "password": PASSWORD}
    assert alice.app.test_client().post("/v1/me/undo-deletion", json=body).status_code == 403
    with db.connection():
        assert erasure.apply(GONE) == 1
        assert erasure.apply(GONE) == 0
    assert [str(one.person) for one in erasure_log.read()] == [alice.id], "noted once"
    assert rows_with(alice.sign_in_name) == {}


class Killed(BaseException):
    pass


def _killed(*_: object) -> None:
    raise Killed


_KILLED = """
import os, sys
from datetime import datetime
from pathlib import Path
from planner.consent import erasure, erasure_log
from planner.storage import db

db.open_database(sys.argv[1])
erasure_log.keep_in(Path(sys.argv[2]))
where, bury = sys.argv[4], erasure._bury
def die(*_):
    os.kill(os.getpid(), 9)
if where == "before the note":
    erasure_log.append = die
if where == "before the rows":
    erasure._erase_rows = die
if where == "before the commit":
    erasure._bury = lambda *told: (bury(*told), die())
with db.connection():
    print(erasure.erase_due(datetime.fromisoformat(sys.argv[3])))
"""


@pytest.mark.parametrize("where", ["before the note", "before the rows", "before the commit", "nowhere"])
def test_a_process_that_is_killed_leaves_nothing_half_done(
    database: str, cast: Cast, tmp_path: Path, where: str
) -> None:
    alice, file = cast.alice, erasure_log.path()
    delete(alice)
    before = contents()
    command = [sys.executable, "-c", _KILLED, database, str(file), GONE.isoformat(), where]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == (0 if where == "nowhere" else -9), done.stderr
    noted = [str(one.person) for one in erasure_log.read()]
    assert noted == ([] if where == "before the note" else [alice.id])
    if where != "nowhere":
        assert contents() == before
    with db.connection():
        erasure.apply(GONE)
        erasure.erase_due(GONE)
    assert [str(one.person) for one in erasure_log.read()] == [alice.id]
    assert rows_with(alice.sign_in_name) == {}


def test_without_the_file_nothing_is_erased(cast: Cast, tmp_path: Path, caplog: Any) -> None:
    delete(cast.alice)
    (tmp_path / "folder").mkdir()
    erasure_log.keep_in(tmp_path / "folder")
    before = contents()
    with db.connection():
        assert erasure.erase_due(GONE) == 0
    assert contents() == before
    assert "has to wait" in caplog.text


def test_a_torn_line_is_left_out_and_what_follows_is_read(database: str, tmp_path: Path, caplog: Any) -> None:
    erasure_log.keep_in(tmp_path / "some" / "erasures")
    assert erasure_log.read() == []
    first, second = Erasure(uuid4(), NOON), Erasure(uuid4(), GONE)
    erasure_log.append(first)
    with erasure_log.path().open("a") as file:
        file.write(f"{uuid4()} 2026-11-")
    erasure_log.append(second)
    assert erasure_log.read() == [first, second], "the torn line took nothing along"
    erasure_log.append(second)
    assert erasure_log.read() == [first, second]
    assert "line 2" in caplog.text
    assert erasure_log.path().stat().st_mode & 0o077 == 0


def test_many_append_at_once(database: str) -> None:
    made = [Erasure(uuid4(), NOON) for _ in range(8)]
    together(*(lambda one=one: erasure_log.append(one) for one in made))
    assert sorted(erasure_log.read()) == sorted(made)


def test_whoever_signs_up_under_a_free_id_later_is_somebody_else(app, cast: Cast, stopped_clock: Any) -> None:
    sam = cast.sam
    erase(sam, stopped_clock)
    scheduler.tidy(GONE)
    stopped_clock.move_to(GONE + HOUR)
    body = {"id": sam.id, "display_name": "Sam", "password": PASSWORD, "zone": "UTC"}
    made = expect(app.test_client().post("/v1/people", json=body), 201)
    with db.connection():
        assert erasure.apply(GONE + HOUR) == 0
    Someone(app, "Sam", sam.id, made["sign_in_name"], made["token"], "").get("/me")


# A backup from before


def test_a_backup_brings_nobody_back(database: str, cast: Cast, stopped_clock: Any, tmp_path: Path) -> None:
    """Back up, delete, erase, restore, start: gone again, before anybody is served, and the other is left kindly."""
    life_of(cast, stopped_clock)
    saved = contents()
    restore = back_up(database, tmp_path)
    erase(cast.alice, stopped_clock)
    assert rows_with(cast.alice.sign_in_name) == {}
    db.dispose()
    restore()
    db.open_database(database)
    assert contents() == saved, "she lives again"
    schema.upgrade()
    with db.connection():
        assert erasure.apply(GONE) == 1
        assert erasure.apply(GONE) == 0
    assert set(rows_with(CANARY)) == {"records"}
    assert rows_with(cast.alice.sign_in_name) == {}
    assert cast.alice.request("GET", "/me").status_code == 401
    bob = cast.bob.get("/me")
    assert (bob["couple"], bob["pairing"]) == (None, "left")
    assert "couple_ended" in cast.bob.inbox()


def back_up(url: str, folder: Path) -> Any:
    """A copy as the README makes it; the function that puts it in the database's place."""
    if is_postgresql(url):
        return _postgresql_copy()
    path, copy = Path(url.removeprefix("sqlite:///")), folder / "backup.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"VACUUM INTO '{copy}'")

    def restore() -> None:
        for end in ("", "-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)
        shutil.copy(copy, path)

    return restore


def _postgresql_copy() -> Any:
    """All rows, put back into emptied tables: what pg_restore does, without asking the machine for its programs."""
    with db.connection():
        kept = {table: list(table.select().dicts()) for table in schema.TABLES}
    url = db.proxy.obj

    def restore() -> None:
        with url.connection_context(), url.atomic():
            names = ", ".join(f'"{table._meta.table_name}"' for table in schema.TABLES)
            url.execute_sql(f"TRUNCATE {names}")
            for table, rows in kept.items():
                for some in peewee.chunked(rows, 100):
                    table.insert_many(some).execute()
        url.close_idle()

    return restore


def test_on_sqlite_not_even_the_file_holds_the_words(sqlite_url: str, request: Any, stopped_clock: Any) -> None:
    request.getfixturevalue("sqlite_template")
    from api.app import create_app
    from planner.people import passwords
    from planner.settings import Settings
    from tests.people import sign_up

    passwords.set_cost("cheapest")
    db.open_database(sqlite_url)
    app = create_app(Settings(password_cost="cheapest"))
    sam = sign_up(app, "Sam", "UTC")
    for _ in range(50):
        sam.post("/notes", {"kind": "effort", "body": f"{CANARY} " * 100}, 201)
    own(sam, start=START, line=f"{CANARY} line", slots=[slot(START)])
    erase(sam, stopped_clock)
    with db.connection():
        db.proxy.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.dispose()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    for file in path.parent.glob(f"{path.name}*"):
        assert CANARY.encode() not in file.read_bytes(), file.name
