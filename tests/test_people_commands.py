"""The commands of an operator for accounts, beside a running app."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from planner import clock, scheduler
from planner.accounts.accounts import UNDO_PERIOD
from planner.privacy import erasure
from planner.storage import db
from tests import served
from tests.api.answers import ON_SQLITE
from tests.commands import run, run_in_process
from tests.erasing import back_up, log_file
from tests.people import PASSWORD, Person, expect, pair
from tests.racing import strangers

pytestmark = pytest.mark.real_time

NO_ACCOUNT = "Error: There is no such account here.\n"


@pytest.fixture
def two(app: Flask) -> tuple[Person, Person]:
    """Return a couple that signed up in real time."""
    kim, lee = strangers(app, "Kim", "Lee")
    pair(kim, lee)
    return kim, lee


def people(url: str, *words: str, **settings: str) -> tuple[int, str, str]:
    """Run one command, and return its exit code, its output and its errors."""
    done = run(url, "people", *words, ERASURES=str(log_file()), **settings)
    db.open_database(url)
    return done.returncode, done.stdout, done.stderr


def people_in_process(url: str, *words: str) -> tuple[int, str, str]:
    """Run one command in a new process, and return its exit code, its output and its errors."""
    done = run_in_process(url, "people", *words, ERASURES=str(log_file()))
    return done.returncode, done.stdout, done.stderr


def upgrade(url: str) -> subprocess.CompletedProcess[str]:
    done = run(url, "db", "upgrade", ERASURES=str(log_file()))
    db.open_database(url)
    return done


def sign_up(app: Flask) -> int:
    body = {"display_name": "Kim", "password": PASSWORD, "zone": "UTC"}
    return int(app.test_client().post("/v1/people", json=body).status_code)


def undo(person: Person, password: str = PASSWORD) -> Any:
    body = {"sign_in_name": person.sign_in_name, "password": password}
    return person.app.test_client().post("/v1/me/undo-deletion", json=body)


@pytest.mark.one_database
def test_commands_close_and_open_sign_up_while_the_server_runs(app: Flask, database: str) -> None:
    client = app.test_client()
    assert (sign_up(app), client.get("/v1/server").get_json()["sign_up"]) == (201, "open")
    assert people_in_process(database, "close-sign-up") == (0, "Sign-up is closed.\n", "")
    assert people(database, "close-sign-up") == (0, "Sign-up was closed already.\n", "")
    assert (sign_up(app), client.get("/v1/server").get_json()["sign_up"]) == (403, "closed")
    assert "Sign-up is closed" in client.get("/about").get_data(as_text=True)
    assert people(database, "open-sign-up", SIGN_UP="closed")[:2] == (
        0, "Sign-up stays closed, because REKINDLE_SIGN_UP is closed.\n",
    )  # fmt: skip
    assert people_in_process(database, "open-sign-up") == (0, "Sign-up is open.\n", "")
    assert (sign_up(app), client.get("/v1/server").get_json()["sign_up"]) == (201, "open")
    assert "Sign-up is open" in client.get("/about").get_data(as_text=True)


@ON_SQLITE
def test_revoke_ends_all_sign_ins_but_the_password_still_works(database: str, two: tuple[Person, Person]) -> None:
    kim, lee = two
    body = {"sign_in_name": kim.sign_in_name, "password": PASSWORD}
    kim.app.test_client().post("/v1/sign-ins", json=body)
    assert people(database, "revoke", kim.sign_in_name.replace("-", " ").upper()) == (0, "Sign-ins ended: 2.\n", "")
    kim.get("/me", 401)
    lee.get("/me")
    kim.token = expect(kim.app.test_client().post("/v1/sign-ins", json=body), 201)["session"]["token"]
    assert kim.get("/me")["couple"]
    assert people(database, "revoke", kim.sign_in_name) == (0, "Sign-ins ended: 1.\n", "")
    assert people(database, "revoke", kim.sign_in_name) == (0, "Sign-ins ended: 0.\n", "")


@ON_SQLITE
@pytest.mark.parametrize("command", ["revoke", "delete", "undo"])
def test_a_command_with_an_unknown_name_fails(database: str, command: str) -> None:
    assert people(database, command, "no-such-name") == (1, "", NO_ACCOUNT)
    code, _, complaint = people(database, command)
    assert (code, "Missing argument 'SIGN_IN_NAME'" in complaint) == (2, True)


def test_a_person_can_undo_the_operators_deletion_and_reads_who_deleted(
    database: str, two: tuple[Person, Person]
) -> None:
    kim, lee = two
    before = clock.utcnow()
    code, output, _ = people(database, "delete", kim.sign_in_name)
    days = [f"{at + UNDO_PERIOD:%Y-%m-%d}" for at in (before, clock.utcnow())]  # it may be midnight
    assert code == 0
    assert any(output.startswith(f"Deleted. Erased for good after {day} ") for day in days), output
    kim.get("/me", 401)
    assert lee.get("/me")["pairing"] == "left"
    assert people(database, "delete", kim.sign_in_name) == (0, output, ""), "the first moment counts"
    assert people(database, "revoke", kim.sign_in_name) == (1, "", NO_ACCOUNT)
    answer = expect(undo(kim), 201)
    assert answer["deleted_by"] == "operator"
    kim.token = answer["session"]["token"]
    assert kim.get("/me")["couple"] is None


@ON_SQLITE
def test_the_operator_can_undo_only_the_operators_deletions(database: str, two: tuple[Person, Person]) -> None:
    kim, lee = two
    people(database, "delete", kim.sign_in_name)
    assert people(database, "undo", kim.sign_in_name)[:2] == (
        0, "The account is back, without its sign-ins and its couple.\n",
    )  # fmt: skip
    kim.get("/me", 401)
    body = {"sign_in_name": kim.sign_in_name, "password": PASSWORD}
    assert kim.app.test_client().post("/v1/sign-ins", json=body).status_code == 201
    assert people(database, "undo", kim.sign_in_name) == (1, "", NO_ACCOUNT)
    # Only the person can undo their own deletion.
    expect(lee.request("DELETE", "/me", {"password": PASSWORD}), 200)
    code, _, complaint = people(database, "undo", lee.sign_in_name)
    assert (code, "Only they can bring it back" in complaint) == (1, True)
    people(database, "delete", lee.sign_in_name)
    assert people(database, "undo", lee.sign_in_name)[0] == 1, "saying it again makes it nobody else's"
    assert expect(undo(lee), 201)["deleted_by"] == "person"


@ON_SQLITE
def test_list_shows_only_sign_in_names_and_days(database: str, two: tuple[Person, Person]) -> None:
    kim, lee = two
    today = f"{clock.utcnow():%Y-%m-%d}"
    expect(lee.request("DELETE", "/me", {"password": PASSWORD}), 200)
    code, output, _ = people(database, "list")
    assert code == 0
    lines = dict(line.split("  ", 1) for line in output.splitlines())
    assert lines[kim.sign_in_name] == f"since {today}"
    assert lines[lee.sign_in_name].startswith(f"since {today}  deleted, erased from ")
    assert len(lines) == 2
    for word in ("Kim", "Lee", kim.id, lee.id):
        assert word not in output
    at = clock.utcnow() + UNDO_PERIOD + timedelta(minutes=1)
    scheduler.tick(at)
    assert people(database, "list")[1] == f"{kim.sign_in_name}  since {today}\n"


@ON_SQLITE
def test_help_tells_that_the_person_will_notice(database: str) -> None:
    assert "the person concerned will notice" in " ".join(people(database, "--help")[1].split())
    assert "learns that the operator deleted it" in " ".join(people(database, "delete", "--help")[1].split())


def test_an_upgrade_after_a_restored_backup_erases_people_again(
    database: str, two: tuple[Person, Person], tmp_path: Path
) -> None:
    kim, lee = two
    erased_and_restored(database, kim, tmp_path)
    kim.get("/me")
    done = upgrade(database)
    assert done.returncode == 0, done.stderr
    assert "erased again, since a backup had brought them back: 1" in done.stdout
    kim.get("/me", 401)
    assert lee.get("/me")["pairing"] == "left"
    assert "erased again" not in upgrade(database).stdout


@ON_SQLITE
def test_the_server_erases_again_before_it_serves(app: Flask, database: str, tmp_path: Path) -> None:
    (kim,) = strangers(app, "Kim")
    erased_and_restored(database, kim, tmp_path)
    file = log_file()
    db.dispose()
    with served.running(database) as server:
        # The first server has another erasure log, so it does not know of the erasure.
        assert server.request("GET", "/v1/me", kim.token)[0] == 200
        shutil.copy(file, server.folder / "erasures")
        server.kill()
        again = served.start(database, server.folder)
        try:
            assert again.request("GET", "/v1/me", kim.token)[0] == 401
        finally:
            again.kill()


def test_an_unusable_erasure_log_stops_the_start_and_the_error_names_the_setting(
    sqlite_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "erasures"
    folder.mkdir()
    done = run(sqlite_url, "db", "upgrade", ERASURES=str(folder))
    assert done.returncode == 1
    assert "REKINDLE_ERASURES must be a file" in done.stderr
    beside = Path(f"{sqlite_url.removeprefix('sqlite:///')}.erasures")
    beside.mkdir()
    done = run(sqlite_url, "db", "upgrade")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert f"REKINDLE_ERASURES: {beside} cannot be used" in done.stderr


@pytest.mark.parametrize("where", ["127.0.0.1:1/erasures", "127.0.0.1:port/erasures"])
def test_an_unreachable_erasure_log_stops_the_start_and_the_error_hides_the_password(
    sqlite_url: str, where: str
) -> None:
    done = run(sqlite_url, "db", "upgrade", ERASURES=f"postgresql://me:hunter2@{where}")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "REKINDLE_ERASURES" in done.stderr
    assert "hunter2" not in done.stderr


def erased_and_restored(url: str, person: Person, folder: Path) -> None:
    restore = back_up(url, folder)
    expect(person.request("DELETE", "/me", {"password": PASSWORD}), 200)
    with db.connection():
        assert erasure.erase_due(clock.utcnow() + UNDO_PERIOD) == 1
    db.dispose()
    restore()
    db.open_database(url)
