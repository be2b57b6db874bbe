"""The check of an installation: a sound one has no fault, and each fault gets a line with a remedy."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import pytest

from api import doctor
from planner import inbox, readiness
from planner.notifications import deliveries
from planner.notifications.channels import CHANNELS
from planner.storage import db
from tests import commands, mailboxes
from tests.conftest import NOON, is_postgresql
from tests.served import ROOT

SOUND = {
    "OPERATOR_NAME": "The test club",
    "PASSWORD_COST": "standard",
    "PUBLIC_URL": "https://rekindle.example.org",
    "TRUSTED_PROXIES": "1",
}


@pytest.fixture
def examined(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, list[str]]]:
    """Return a function that runs the check with settings, and returns its exit code and its lines."""
    (tmp_path / "backups").mkdir(mode=0o700)
    if not is_postgresql(database):
        for path in tmp_path.glob("rekindle.sqlite3*"):
            path.chmod(0o600)
    monkeypatch.setattr(doctor, "leases", SimpleNamespace(database_now=lambda: NOON))  # the clock stands still
    monkeypatch.setattr(readiness, "seconds_since_tick", lambda: 5.0)

    def run(url: str = database, **settings: str) -> tuple[int, list[str]]:
        chosen = {**SOUND, "ERASURES": str(tmp_path / "erasures"), "BACKUP_DIR": str(tmp_path / "backups")} | settings
        done = commands.run(url, "doctor", **{name: value for name, value in chosen.items() if value})
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout.splitlines()

    return run


def faults(lines: list[str]) -> list[str]:
    return [line.removeprefix("fault   ") for line in lines if line.startswith("fault")]


def test_a_sound_installation_has_no_fault(examined: Any) -> None:
    code, lines = examined(PASSWORD_COST="high")
    assert (code, faults(lines), lines[-1]) == (0, [], "Faults: 0.")
    assert "ok      database: it answers, and has all migrations" in lines
    assert "ok      clock: it ticked 5 s ago" in lines
    assert "advice  backups: there is none yet: look for the reason in the log of the server" in lines


@pytest.mark.parametrize(
    ("settings", "kind", "said"),
    [
        ({"OPERATOR_NAME": ""}, "advice", "set REKINDLE_OPERATOR_NAME"),
        ({"PASSWORD_COST": "cheapest"}, "fault", "remove REKINDLE_PASSWORD_COST"),
        ({"PUBLIC_URL": ""}, "advice", "the browser asked for: set REKINDLE_PUBLIC_URL"),
        ({"PUBLIC_URL": "http://box.example"}, "advice", "put a proxy with TLS before the server"),
        ({"TRUSTED_PROXIES": "0"}, "fault", "set REKINDLE_TRUSTED_PROXIES=1"),
        ({"HOST": "192.0.2.7"}, "advice", "REKINDLE_HOST=127.0.0.1"),
        ({"BACKUP_DIR": ""}, "advice", "set REKINDLE_BACKUP_DIR"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_doubtful_setting_has_its_advice(examined: Any, settings: dict[str, str], kind: str, said: str) -> None:
    code, lines = examined(**settings)
    (line,) = [line for line in lines if said in line]
    assert line.startswith(kind)
    assert code == (kind == "fault")


@pytest.mark.real_time
@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_mail_server_is_asked_and_gets_no_mail(examined: Any) -> None:
    def said(url: str) -> list[str]:
        lines = examined(SMTP_URL=url, MAIL_FROM="rekindle@home.example")[1]
        return [line.split("mail: ")[1] for line in lines if " mail: " in line]

    with mailboxes.running(sign_in=True) as boxes:
        url = f"smtp://robin:p%40ss%2Fword@127.0.0.1:{boxes.port}"
        assert said(url) == ["the mail server takes mails"]
        refused = "the mail server refuses the user or the password: check REKINDLE_SMTP_URL"
        assert said(url.replace("word", "wrong")) == [refused]
        assert boxes.mails == []
    assert said(url) == ["the mail server does not answer within ten seconds: check REKINDLE_SMTP_URL"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_notifications_need_an_address_with_https(examined: Any) -> None:
    assert "ok      notifications: phones can get them" in examined()[1]
    (advice,) = [line for line in examined(PUBLIC_URL="")[1] if line.startswith("advice  notifications")]
    assert advice == "advice  notifications: phones get none: set REKINDLE_PUBLIC_URL to an address with https"


def test_a_database_that_is_not_in_order_is_a_fault(examined: Any, database: str, tmp_path: Path) -> None:
    with db.connection(), db.write():
        db.proxy.execute_sql("UPDATE schema_migration SET name = '9999_of_tomorrow' WHERE id = 2")
    code, lines = examined()
    assert (code, len(faults(lines))) == (1, 1)
    assert "a newer version of Rekindle has changed the database" in faults(lines)[0]
    db.open_database(database)
    with db.connection(), db.write():
        db.proxy.execute_sql("DELETE FROM schema_migration WHERE id = 2")
    assert faults(examined()[1]) == ["database: 1 migrations are missing: run `flask --app wsgi db upgrade`"]
    code, lines = examined(f"sqlite:///{tmp_path}/missing.sqlite3")
    assert "missing.sqlite3 is missing: run `flask --app wsgi db upgrade`" in faults(lines)[0]


def test_a_clock_that_is_wrong_or_late_and_what_waits_are_told(
    examined: Any, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "leases", SimpleNamespace(database_now=lambda: NOON + timedelta(minutes=3)))
    assert faults(examined()[1]) == ["time: this host and the database differ by 180 s: set both by NTP"]
    monkeypatch.setattr(doctor, "leases", SimpleNamespace(database_now=lambda: NOON))
    db.open_database(database)
    with db.connection():
        with db.write():
            person = uuid4()
            inbox.add(person, "date_soon", person, NOON - timedelta(hours=1))
        deliveries.queue(NOON - timedelta(hours=1), CHANNELS)
    (late,) = faults(examined()[1])
    assert late == "deliveries: one is due since 2026-11-23 11:00 UTC: look for its reason in the log"
    for age, said in ((None, "it never ticked"), (600.0, "its last tick was 10 minutes ago")):
        monkeypatch.setattr(readiness, "seconds_since_tick", lambda age=age: age)
        assert [line for line in examined()[1] if line.startswith(f"advice  clock: {said}: start the server")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_files_that_others_read_little_room_and_old_backups_are_told(
    examined: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = tmp_path / "backups" / "rekindle-20261120-120000.sqlite3"
    backup.write_text("a backup")
    backup.chmod(0o644)
    lines = examined()[1]
    assert faults(lines) == [f"files: other users of this machine can read them: chmod 600 {backup}"]
    assert any("the newest is of 2026-11-20: look for the reason" in line for line in lines)
    backup.chmod(0o600)
    backup.rename(backup.with_name("rekindle-20261123-080000.sqlite3"))
    assert examined()[0] == 0
    for free, kind in ((100 << 20, "fault"), (500 << 20, "advice")):
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        room = [line for line in examined()[1] if "MB left: make room" in line]
        assert [line.split()[0] for line in room] == [kind] * 2
    (tmp_path / "erasures.marks").write_text("no marks")
    assert any("log of erasures: " in fault for fault in faults(examined()[1]))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_folder_that_this_user_may_not_read_is_a_fault(
    examined: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner of this process may read all files, so the refusals of another user are made up."""
    folder = tmp_path / "backups"
    monkeypatch.setattr("planner.storage.backups.stamped", Mock(side_effect=PermissionError))
    monkeypatch.setattr("os.access", lambda path, mode: path != folder)
    assert faults(examined()[1]) == [f"files: this user cannot write {folder}: run as their owner, or chown them"]


def test_the_version_is_that_of_the_package(sqlite_url: str) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    done = subprocess.run(
        [sys.executable, "wsgi.py", "--version"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, f"{version}\n")
    assert commands.run(sqlite_url, "version").stdout == f"{version}\n"
