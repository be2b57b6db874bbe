"""The data inventory is complete and right: each act does to a table what its row says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import peewee
import pytest

from planner import clock, scheduler, schema
from planner.accounts.accounts import Person
from planner.catalogue.activities import Activity
from planner.contact.pauses import Pause
from planner.couples.couples import Member, find_pair
from planner.couples.invitations import Invitation
from planner.dates.dates import Date
from planner.dates.rsvps import Rsvp
from planner.privacy import exports, visibility_check
from planner.privacy.data_inventory import INVENTORY
from planner.privacy.export_format import ORDINARY, PARTS, PRIVATE
from planner.privacy.inventory.table_row import NOBODY, TableRow
from planner.recommender.matches import Match
from planner.recommender.someday_list import SomedayItem
from planner.relationship import leaving
from planner.storage import db
from tests.api.answers import contents
from tests.conftest import NOON
from tests.dates import START, agreed, clear_ledger, light, move, offer, slot
from tests.erasing import erase, life_of
from tests.exports import private_life
from tests.people import Cast
from tests.rituals import offer_ritual
from tests.spaces import MINUTE, share, take
from tests.talks import open_talk

each_row = pytest.mark.parametrize("row", INVENTORY, ids=lambda row: row.table.__name__)


def tables_that(field: str, decision: str) -> set[str]:
    """Return the names of the tables for which a field of the inventory has this decision."""
    return {row.table._meta.table_name for row in INVENTORY if getattr(row, field)[0] == decision}


def changed(before: dict[str, Any]) -> set[str]:
    """Return the names of the tables whose rows have changed."""
    return {name for name, rows in contents().items() if rows != before[name]}


def live(cast: Cast, stopped_clock: Any) -> None:
    """Give Alice and Bob rows in every table about a couple, also in those that only the clock writes."""
    life_of(cast, stopped_clock)
    clear_ledger()
    ahead = agreed(cast.alice, cast.bob)
    moved = cast.alice.post(
        f"/dates/{ahead['id']}/move", {"version": ahead["version"], "slots": [slot(START + timedelta(days=7))]}
    )
    cast.alice.patch(f"/dates/{ahead['id']}", {"place": "The mill"}, f'"{moved["version"]}"')
    idea = cast.bob.post("/activities", {"title": "Feed the ducks", "category": "outdoors", "for": "two"}, 201)["id"]
    offer(cast.bob, activity=idea)
    move(cast.bob, "accept", offer_ritual(cast.alice))
    open_talk(cast.alice)
    cast.bob.get("/suggestions")
    day = cast.alice.post("/important-days", {"kind": "birthday", "birthday_of": "me", "month": 5, "day": 14}, 201)[
        "id"
    ]
    cast.alice.put(f"/important-days/{day}/sharing", {"shared": True})
    (question,) = cast.alice.get("/questions/current")["items"]
    cast.alice.put(f"/questions/{question['id']}/answer", {"body": "The bakery."})
    cast.alice.put("/availability/sharing", {"shared": True})
    scheduler.tick(clock.utcnow())
    alice = UUID(cast.alice.id)
    with db.connection(), db.write():
        couple = find_pair(alice)
        assert couple
        Rsvp.create(date=UUID(ahead["id"]), person=alice)
        Pause.create(person=alice, couple=couple.couple, kind="quiet", started_at=NOON - timedelta(days=1))
        activity = Activity.select().where(Activity.owner.is_null()).first()
        Match.create(couple=couple.couple, activity=activity, made_at=NOON, shown_from=NOON)
        SomedayItem.create(couple=couple.couple, activity=activity, added_by=alice, added_at=NOON)
        Invitation.create(
            inviter=alice, inviter_name="Alice", code_hash="-", state="pending", created_at=NOON, expires_at=START
        )
    cast.bob.post("/calendar-feed")
    cast.alice.get("/me")  # her next request holds back what Bob sent


def test_every_table_has_one_row() -> None:
    tables = [row.table.__name__ for row in INVENTORY]
    assert sorted(tables) == sorted(table.__name__ for table in schema.TABLES), "planner/privacy/data_inventory.py"


@each_row
def test_every_decision_has_a_reason(row: TableRow) -> None:
    for _, reason in row[2:]:
        assert reason.strip()


@each_row
def test_a_table_that_refers_to_a_person_names_its_owner(row: TableRow) -> None:
    assert row.owner is None or row.owner.model is row.table
    if row.owner is None:
        assert not [field.name for field in row.table._meta.sorted_fields if is_person(field)]


def is_person(field: peewee.Field) -> bool:
    return isinstance(field, peewee.ForeignKeyField) and field.rel_model is Person


def test_leaving_changes_exactly_the_tables_of_the_inventory(cast: Cast, stopped_clock: Any) -> None:
    live(cast, stopped_clock)
    before = contents()
    with db.connection():
        leaving.leave(UUID(cast.alice.id), clock.utcnow())
    assert changed(before) == tables_that("on_unpair", "changed")


def test_acts_of_the_partner_during_space_change_only_held_tables(cast: Cast, stopped_clock: Any) -> None:
    """Check that acts of Alice during Bob's space change only held tables, and rows that only she sees."""
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    before = contents()
    private_life(cast.alice, "word")
    idea = cast.alice.post("/activities", {"title": "Feed the ducks", "category": "outdoors", "for": "two"}, 201)
    cast.alice.put(f"/someday-list/{light()}", None)
    offer(cast.alice, activity=idea["id"], message="Shall we?")
    share(cast.alice)
    open_talk(cast.alice)
    cast.alice.post("/requests", {"body": "Could you cook on Friday?"}, 201)
    cast.alice.patch("/me", {"display_name": "Alicia"}, "*")
    scheduler.tick(clock.utcnow())
    names = changed(before)
    with db.connection():
        for row in INVENTORY:
            if row.on_space[0] == "unaffected" and row.table._meta.table_name in names:
                assert row.shown_to[0] in (NOBODY, "sessions", "calendar_feed"), row.table
                query = row.table.select().order_by(row.table.id)
                owner = Person.id if row.table is Person else row.owner
                others = db.fetch_all(query.where(owner != cast.alice.id) if owner else query)
                assert set(others) <= set(before[row.table._meta.table_name]), row.table


def test_erasing_keeps_exactly_the_tables_of_the_inventory(cast: Cast, stopped_clock: Any) -> None:
    live(cast, stopped_clock)
    cast.alice.put("/me/blocks", {"target": "everybody"})
    before = contents()
    erase(cast.alice, stopped_clock)
    unchanged = tables_that("on_erase", "former_couple_access")
    assert before["global_blocks"]
    assert not changed(before) & unchanged
    assert changed(before) >= tables_that("on_erase", "anonymised")
    with db.connection():
        for row in INVENTORY:
            owned = row.table.select().where(row.owner == cast.alice.id) if row.owner else row.table.select()
            if row.on_erase[0] == "deleted":
                assert not owned.exists(), row.table
            elif row.on_erase[0] == "anonymised":
                assert owned.exists(), row.table


@each_row
def test_a_cascaded_table_refers_to_an_erased_table(row: TableRow) -> None:
    erased = {other.table for other in INVENTORY if other.on_erase[0] != "former_couple_access"}
    parents = [
        field.rel_model for field in row.table._meta.sorted_fields
        if isinstance(field, peewee.ForeignKeyField) and field.on_delete == "CASCADE" and field.rel_model is not Person
    ]  # fmt: skip
    if row.on_erase[0] == "cascaded":
        assert set(parents) & erased


def test_references_to_a_person_in_tables_that_stay_are_known() -> None:
    """Check that a row is deleted with the person, or refers to their tombstone."""
    references = {
        (row.table, field.name) for row in INVENTORY if row.on_erase[0] != "deleted"
        for field in row.table._meta.sorted_fields if is_person(field)
    }  # fmt: skip
    assert references == {
        (Member, "person"), (Date, "proposer"), (Date, "sender"), (Date, "awaiting"), (Activity, "owner"),
    }  # fmt: skip


@each_row
def test_an_export_has_a_table_in_the_parts_of_its_inventory_row(row: TableRow) -> None:
    parts = {section.part for section in exports.SECTIONS if row.table in section.tables}
    expected = {"ordinary": {ORDINARY}, "private": {PRIVATE}, "both": set(PARTS), "none": set[str]()}
    assert expected[row.export[0]] == (set(PARTS) if row.table is Person else parts)


def test_every_probe_of_the_safety_check_answers_for_a_table() -> None:
    assert {row.shown_to[0] for row in INVENTORY} == {*visibility_check.PROBES, NOBODY}
