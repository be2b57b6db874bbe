"""A start notices that a backup was restored, and ends the sign-ins that the backup brought back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from planner.accounts import account_mails
from planner.accounts.account_mails import AccountMail
from planner.accounts.sessions import Session
from planner.errors import StartFault
from planner.privacy import erasure_log, restores
from planner.privacy.erasure_log import FileStore, LogUnavailable
from planner.privacy.restores import RestoreMark
from planner.storage import db
from tests.api.test_passkeys import challenge, make, sign_in
from tests.api.test_sign_ins import sign_in as sign_in_by_password
from tests.authenticator import Authenticator
from tests.conftest import NOON
from tests.erasing import back_up
from tests.people import Cast, Person, expect
from tests.planner.privacy.test_erasure_log import erasures_url, host, place  # noqa: F401  # fixtures

LATER = NOON + timedelta(minutes=2)


@pytest.fixture
def begun(database: str) -> None:
    """Start once, so that the marks exist."""
    assert start() is False


def start() -> bool:
    with db.connection():
        return restores.notice(LATER)


def reopened(database: str, restore: Callable[[], None]) -> None:
    db.dispose()
    restore()
    db.open_database(database)


def sign_ins() -> int:
    with db.connection():
        return int(Session.select().count())


@pytest.mark.usefixtures("begun")
def test_after_a_restore_no_code_from_a_mail_works_again(database: str, cast: Cast, tmp_path: Path) -> None:
    with db.connection(), db.write():
        account_mails.queue(UUID(cast.alice.id), account_mails.RESET, "alice@example.org", LATER)
    restore = back_up(database, tmp_path)
    with db.connection(), db.write():
        AccountMail.update(used_at=LATER).execute()
    cast.alice.post("/notes", {"kind": "effort", "body": "You waited."}, 201)
    restores.advance(LATER)
    reopened(database, restore)
    assert start() is True
    with db.connection():
        assert AccountMail.select().count() == 0


@pytest.mark.usefixtures("begun")
def test_after_a_restore_all_sign_ins_end_once(database: str, cast: Cast, tmp_path: Path) -> None:
    restore = back_up(database, tmp_path)
    cast.alice.request("DELETE", "/couple")
    restores.advance(LATER)
    reopened(database, restore)
    assert cast.alice.get("/couple")["partner"] == "Bob", "the backup brought the couple back"
    assert start() is True
    assert sign_ins() == 0
    assert cast.alice.request("GET", "/me").status_code == 401
    assert start() is False


@pytest.mark.usefixtures("begun")
def test_after_a_restore_passkeys_are_as_they_were_and_each_person_is_told(
    database: str, app: Flask, cast: Cast, tmp_path: Path
) -> None:
    kept, removed = Authenticator(), Authenticator()
    make(cast.alice, kept)
    removed_id = make(cast.alice, removed)["id"]
    restore = back_up(database, tmp_path)
    cast.alice.delete(f"/me/passkeys/{removed_id}")
    late = Authenticator()
    make(cast.alice, late)
    for _ in range(3):  # the device counts on, and the backup does not know it
        expect(sign_in(app, kept.use(challenge(app))), 201)
    restores.advance(LATER)
    reopened(database, restore)
    assert start() is True
    expect(sign_in(app, late.use(challenge(app))), 403)
    expect(sign_in(app, removed.use(challenge(app))), 201)
    token = expect(sign_in(app, kept.use(challenge(app))), 201)["session"]["token"]
    for person in (replace(cast.alice, token=token), sign_in_again(cast.bob)):
        kinds = [event["kind"] for event in person.get("/me/security-events?limit=100")["items"]]
        assert kinds.count("backup_restored") == 1


def sign_in_again(person: Person) -> Person:
    return replace(person, token=expect(sign_in_by_password(person), 201)["session"]["token"])


@pytest.mark.usefixtures("begun")
def test_starts_without_a_restore_end_no_sign_in(cast: Cast) -> None:
    before = sign_ins()
    for minute in range(3):
        cast.alice.post("/notes", {"kind": "effort", "body": "You waited."}, 201)
        restores.advance(LATER + timedelta(minutes=2 * minute))
        assert start() is False
    assert sign_ins() == before > 0


@pytest.mark.usefixtures("begun")
def test_a_crash_between_the_two_marks_is_no_restore(sam: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any) -> None:
        raise LogUnavailable("the log", "no power")

    monkeypatch.setattr(erasure_log, "raise_mark", crash)
    restores.advance(LATER)
    monkeypatch.undo()
    assert marks() != stored_marks()
    assert start() is False
    assert marks() == stored_marks()


def marks() -> dict[Any, int]:
    return erasure_log.read_marks()


def stored_marks() -> dict[Any, int]:
    with db.connection():
        return dict(db.fetch_all(RestoreMark.select(RestoreMark.id, RestoreMark.mark)))


@pytest.mark.usefixtures("begun")
def test_marks_rise_only_after_writes_and_at_most_once_a_minute(sam: Person) -> None:
    restores.advance(LATER)
    first = marks()
    restores.advance(LATER + timedelta(minutes=2))
    assert marks() == first, "nothing was written"
    sam.post("/notes", {"kind": "effort", "body": "You waited."}, 201)
    restores.advance(LATER + timedelta(minutes=2, seconds=30))
    assert marks() == first, "a moment ago"
    restores.advance(LATER + timedelta(minutes=4))
    assert sum(marks().values()) == sum(first.values()) + 1


@pytest.mark.usefixtures("begun")
def test_the_stop_raises_the_marks(sam: Person) -> None:
    before = marks()
    sam.post("/notes", {"kind": "effort", "body": "You waited."}, 201)
    restores.shut_down()
    assert sum(marks().values()) == sum(before.values()) + 1


@pytest.mark.usefixtures("begun")
def test_a_backup_from_before_there_were_marks_is_noticed(sam: Person) -> None:
    with db.connection():
        RestoreMark.delete().execute()
        restores.ensure_mark()
    assert start() is True
    assert start() is False


@pytest.mark.usefixtures("begun")
def test_a_new_empty_database_is_no_restore() -> None:
    with db.connection():
        RestoreMark.delete().execute()
        restores.ensure_mark()
    assert start() is False
    assert len(marks()) == 2


def test_a_missing_file_that_was_there_before_stops_the_start(sqlite_url: str) -> None:
    db.open_database(sqlite_url)
    restores.check_loss()
    assert start() is False
    db.dispose()
    Path(sqlite_url.removeprefix("sqlite:///")).unlink()
    with pytest.raises(StartFault, match=r"rekindle\.sqlite3 is missing, but .*erasures\.marks shows"):
        restores.check_loss()
    Path(f"{sqlite_url.removeprefix('sqlite:///')}.erasures.marks").unlink()
    restores.check_loss()


def test_the_log_knows_the_highest_mark_of_each_database(place: str) -> None:  # noqa: F811
    here, there = host(place), host(place)
    assert here.read_marks() == {}
    one, two = uuid4(), uuid4()
    here.raise_mark(one, 5)
    there.raise_mark(two, 1)
    there.raise_mark(one, 3)
    assert here.read_marks() == there.read_marks() == {one: 5, two: 1}
    here.raise_mark(one, 7)
    assert there.read_marks() == {one: 7, two: 1}


def test_marks_that_cannot_be_read_stop_the_start(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "erasures")
    store.marks_path.write_text("some words\n")
    with pytest.raises(LogUnavailable, match=r"erasures\.marks cannot be used"):
        store.read_marks()
