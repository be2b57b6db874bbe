"""A sync changes the database to match the content files, by slug and version, completely or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID, uuid4

import peewee
import pytest

from planner import clock
from planner.catalogue import activities, prompts, sync
from planner.catalogue.activities import Activity as Row
from planner.catalogue.entries import Synced
from planner.contact.viewer import Viewer
from planner.errors import NotFound
from planner.storage import db
from seeds import reader
from seeds.reader import Activity, Catalogue, Prompt
from tests import processes
from tests.conftest import NOON
from tests.people import shipped
from tests.racing import together

SHIPPED = shipped()
LATER = NOON + timedelta(days=1)


VIEWER = Viewer(uuid4(), uuid4(), "Kim", "UTC")


def texts(*contents: Activity, prompts_: tuple[Prompt, ...] = SHIPPED.prompts) -> Catalogue:
    return Catalogue(Path(), contents, prompts_)


def titled(slug: str) -> str:
    return next(card.content.title for card in activities.snapshot().active if card.content.slug == slug)


def id_of(slug: str) -> UUID:
    row_id: UUID = Row.get(Row.slug == slug).id
    return row_id


FIRST, SECOND, *REST = SHIPPED.activities
MANY = len(SHIPPED.activities)


def test_a_second_sync_of_the_same_content_changes_nothing(database: str) -> None:
    assert sync.sync(SHIPPED, LATER) == {
        "activities": Synced(0, 0, 0, MANY),
        "prompts": Synced(0, 0, 0, len(SHIPPED.prompts)),
    }
    assert Row.select().where(Row.changed_at != NOON).count() == 0


def test_a_new_slug_is_added(database: str) -> None:
    added = replace(FIRST, slug="brand-new", title="Brand new")
    assert sync.sync(texts(*SHIPPED.activities, added), LATER)["activities"] == Synced(1, 0, 0, MANY)
    assert titled("brand-new") == "Brand new"
    assert activities.find(VIEWER, id_of("brand-new")).content == added


def test_only_a_higher_version_changes_an_entry(database: str) -> None:
    lower = replace(FIRST, title="Lower", version=FIRST.version - 1)
    same = replace(FIRST, title="Same")
    for unchanged in (lower, same):
        assert sync.sync(texts(unchanged, SECOND, *REST), LATER)["activities"] == Synced(0, 0, 0, MANY)
        assert titled(FIRST.slug) == FIRST.title
    before = id_of(FIRST.slug)
    higher = replace(FIRST, title="Higher", version=FIRST.version + 1)
    assert sync.sync(texts(higher, SECOND, *REST), LATER)["activities"] == Synced(0, 1, 0, MANY - 1)
    assert titled(FIRST.slug) == "Higher"
    assert id_of(FIRST.slug) == before


def test_a_missing_entry_is_retired_and_returns_with_its_old_id(database: str) -> None:
    before = id_of(FIRST.slug)
    assert sync.sync(texts(SECOND, *REST), LATER)["activities"] == Synced(0, 0, 1, MANY - 1)
    assert sync.sync(texts(SECOND, *REST), LATER)["activities"] == Synced(0, 0, 0, MANY - 1)
    with pytest.raises(NotFound):
        activities.find(VIEWER, before)
    assert before not in {card.id for card in activities.snapshot().active}
    assert activities.snapshot().by_id[before].content == FIRST
    assert sync.sync(SHIPPED, LATER)["activities"] == Synced(0, 1, 0, MANY - 1)
    assert activities.find(VIEWER, before).content == FIRST


def test_a_failed_sync_changes_nothing(database: str) -> None:
    higher = replace(FIRST, title="Higher", version=FIRST.version + 1)
    twice = replace(SHIPPED.prompts[0], slug="twice")
    with pytest.raises(peewee.IntegrityError):
        sync.sync(texts(higher, prompts_=(*SHIPPED.prompts, twice, twice)), LATER)
    assert titled(FIRST.slug) == FIRST.title
    assert len(activities.snapshot().active) == MANY
    assert len(prompts.snapshot().active) == len(SHIPPED.prompts)


def test_stored_content_equals_the_files(database: str) -> None:
    assert {card.content for card in activities.snapshot().active} == set(SHIPPED.activities)
    assert {card.content for card in prompts.snapshot().active} == set(SHIPPED.prompts)
    for card in activities.snapshot().active:
        assert card.content.accessibility


def test_a_change_is_seen_whatever_the_clock_of_the_syncing_server(database: str) -> None:
    assert len(activities.snapshot().active) == MANY
    clocks = (LATER, LATER, NOON, NOON - timedelta(days=400), NOON - timedelta(days=400))
    for fewer, at in enumerate(clocks, start=1):
        sync.sync(texts(*SHIPPED.activities[:-fewer]), at)
        assert len(activities.snapshot().active) == MANY - fewer


def sync_seven(_: Connection, url: str) -> None:
    """Sync seven activities in another process."""
    db.open_database(url)
    sync.sync(replace(reader.shipped(), activities=reader.shipped().activities[:7]), clock.utcnow())


def test_a_change_by_another_process_is_seen(database: str) -> None:
    assert len(activities.snapshot().active) == MANY
    db.close()
    with processes.running(sync_seven, database) as process:
        assert process.wait() == 0
    assert len(activities.snapshot().active) == 7
    assert together(_count) == [7]


def _count() -> int:
    with db.connection():
        return len(activities.snapshot().active)


@pytest.mark.real_time
def test_syncs_at_the_same_moment_all_succeed(database: str) -> None:
    db.close()
    news = [replace(FIRST, slug=f"new-{number}", version=2) for number in range(20)]
    catalogue = texts(*SHIPPED.activities, *news)

    def run() -> int:
        with db.connection():
            return sync.sync(catalogue, LATER)["activities"].added

    assert sorted(together(run, run, run)) == [0, 0, 20]
    assert Row.select().count() == MANY + 20


@pytest.mark.real_time
def test_readers_during_a_sync_see_only_old_or_only_new_content(database: str) -> None:
    db.close()
    higher = texts(*(replace(each, version=each.version + 1, title=f"{each.title}!") for each in SHIPPED.activities))
    new_counts: set[int] = set()

    def read() -> None:
        for _ in range(30):
            with db.connection():
                active = activities.snapshot().active
            new_counts.add(sum(card.content.title.endswith("!") for card in active))

    def write() -> None:
        with db.connection():
            sync.sync(higher, LATER)

    before = sum(each.title.endswith("!") for each in SHIPPED.activities)
    together(read, write, read)
    assert new_counts <= {before, MANY}
    assert sum(card.content.title.endswith("!") for card in activities.snapshot().active) == MANY
