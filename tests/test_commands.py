"""The command line against a new database. The commands that a start depends on run in new processes."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from planner.catalogue import activities
from planner.storage import db
from tests import forking
from tests.commands import run, run_in_process

pytestmark = pytest.mark.real_time

GOOD = """
[[activity]]
slug = "feed-the-ducks-and-name-them"
title = "Feed the ducks and name them"
summary = "A bag of oats, a pond, and a name for every duck that comes. The boldest one gets a title as well."
category = "outdoors"
tags = ["nature", "walk"]
party = "two"
setting = "out"
shelter = "outdoor"
duration_min = 30
duration_max = 60
cost_band = 0
energy = 1
novelty = 2
pace = 2
lead_days = 0
seasons = ["spring", "summer", "autumn", "winter"]
weather = "dry"
time_of_day = ["morning", "afternoon"]
with_children = "yes"
accessibility = {step_free = "yes", seated = "yes", quiet = "yes", low_vision = "adaptable", low_hearing = "yes"}
steps = ["Bring a bag of oats.", "Name each duck that comes.", "Leave when the bag is empty."]
starter = "Which duck would you vote for?"
variations = ["Watch from a bench and name the clouds instead."]
version = 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "texts" / "activities").mkdir(parents=True)
    return tmp_path / "texts"


def active_slugs(url: str) -> set[str]:
    db.open_database(url)
    try:
        with db.connection():
            return {card.content.slug for card in activities.snapshot().active}
    finally:
        db.dispose()


def test_the_shipped_content_passes_the_check(sqlite_url: str) -> None:
    done = run(sqlite_url, "catalogue", "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Pace (300)" in done.stdout


def test_check_names_file_and_line_of_a_fault(sqlite_url: str, folder: Path) -> None:
    (folder / "activities" / "ours.toml").write_text(GOOD.replace("energy = 1", "energy = 9"))
    done = run(sqlite_url, "catalogue", "check", str(folder))
    assert done.returncode == 1
    assert "ours.toml:14: " in done.stdout


def test_sync_adds_the_operators_folder_and_retires_it_without_the_setting(database_url: str, folder: Path) -> None:
    before = active_slugs(database_url)
    (folder / "activities" / "ours.toml").write_text(GOOD)
    done = run_in_process(database_url, "catalogue", "sync", CATALOGUE_DIR=str(folder))
    assert done.returncode == 0, done.stderr
    assert active_slugs(database_url) == before | {"feed-the-ducks-and-name-them"}
    assert run(database_url, "catalogue", "sync").returncode == 0
    assert active_slugs(database_url) == before


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (GOOD.replace('category = "outdoors"', 'category = "nowhere"'), "ours.toml:6: "),
        (GOOD.replace("[[activity]]", "[[activity]"), "ours.toml:2: "),
        (GOOD.replace("feed-the-ducks-and-name-them", "market-stall-lunch"), "ours.toml:3: "),
    ],
)
def test_sync_with_a_broken_file_fails_and_changes_nothing(
    sqlite_url: str, folder: Path, broken: str, where: str
) -> None:
    before = active_slugs(sqlite_url)
    (folder / "activities" / "fine.toml").write_text(GOOD.replace("duck", "swan"))
    (folder / "activities" / "ours.toml").write_text(broken)
    done = run(sqlite_url, "catalogue", "sync", CATALOGUE_DIR=str(folder))
    assert done.returncode == 1
    assert where in done.stderr
    assert "Traceback" not in done.stderr
    assert active_slugs(sqlite_url) == before


def test_a_new_database_has_the_shipped_texts_beside_a_broken_file(tmp_path: Path, folder: Path) -> None:
    (folder / "activities" / "ours.toml").write_text("x = [")
    url = f"sqlite:///{tmp_path}/new.sqlite3"
    done = run_in_process(url, "db", "upgrade", CATALOGUE_DIR=str(folder))
    assert done.returncode == 1
    assert "without your own texts" in done.stderr
    assert "ours.toml:1: " in done.stderr
    assert len(active_slugs(url)) == 300


def test_demo_fills_only_an_empty_database(sqlite_url: str) -> None:
    done = run_in_process(sqlite_url, "demo")
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[0].strip() for line in done.stdout.splitlines()[-2:]] == ["Robin", "Kim"]
    again = run(sqlite_url, "demo")
    assert again.returncode == 1
    assert "has people in it already" in again.stderr


def test_a_database_that_is_not_in_order_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("This is a letter, and no database at all. " * 20)
    for url, words, fault in (
        (f"sqlite:///{tmp_path}/letter", ("db", "upgrade"), "this file is no SQLite database"),
        (f"sqlite:///{tmp_path}/missing", ("people", "list"), "missing is missing: run `flask --app wsgi db upgrade`"),
        ("postgresql://me:hun/ter2@db.example/x", ("people", "list"), "REKINDLE_DATABASE_URL must be"),
        ("postgresql://me:hunter2@127.0.0.1:1/x", ("people", "list"), "start the database, or correct REKINDLE_DATA"),
    ):
        done = run(url, *words)
        assert done.returncode == 1
        assert fault in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr
        assert "ter2" not in done.stderr
    assert not (tmp_path / "missing").exists()


def test_a_taken_port_stops_the_start_and_the_error_names_the_setting(sqlite_url: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}
        environment |= {"REKINDLE_DATABASE_URL": sqlite_url, "REKINDLE_PORT": str(taken.getsockname()[1])}
        code = "import wsgi; from api import processes; processes.PORT_TIMEOUT = 0; wsgi.serve()"
        done = forking.run(code, environment)
    assert done.returncode == 1
    assert "REKINDLE_PORT" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("serve", 2)])
def test_an_argument_prints_the_usage_and_serves_nothing(tmp_path: Path, argument: str, status: int) -> None:
    environment = os.environ | {"REKINDLE_DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}"}
    code = f"import runpy, sys; sys.argv = ['wsgi.py', '{argument}']; runpy.run_path('wsgi.py', run_name='__main__')"
    done = forking.run(code, environment)
    assert done.returncode == status
    assert done.stdout.startswith("Usage: python wsgi.py")
    assert list(tmp_path.iterdir()) == []
