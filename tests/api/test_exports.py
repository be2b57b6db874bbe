"""Test exports: what each part holds, and its schema."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from planner import clock
from planner.accounts.sessions import Session
from planner.catalogue import prompts
from planner.contact.pauses import Pause
from planner.couples.couples import Member
from planner.privacy import export_format, exports, zip_stream
from planner.privacy.export_format import ORDINARY, PARTS, PRIVATE
from planner.storage import db
from tests.api.answers import contents, problem
from tests.conftest import NOON
from tests.dates import START, agreed, completed, instant, move, offer, own, slot
from tests.exports import ask, calendar, export, private_life, texts_of, unzip
from tests.people import PASSWORD, Cast
from tests.spaces import take

on_both_databases = pytest.mark.both_databases

MINE = "mine-word"
DAY = timedelta(days=1)


def test_the_names_of_sections_are_unique() -> None:
    names = [section.name for section in exports.SECTIONS]
    assert len(names) == len(set(names)) == len({section.thing for section in exports.SECTIONS})


def test_the_answer_is_a_file_that_is_never_cached(alice):
    answer = ask(alice, ORDINARY)
    assert answer.content_type == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rekindle-ordinary-2026-11-23.zip"'
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    archive = ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    assert archive.namelist() == ["rekindle.json", "schema.json", "dates.ics"]


@on_both_databases
def test_the_ordinary_part_holds_what_the_two_share(cast: Cast):
    alice, bob = cast.alice, cast.bob
    private_life(alice, MINE)
    note = bob.post("/notes", {"kind": "memory", "body": "The walk by the river."}, 201)["id"]
    bob.post(f"/notes/{note}/share", {"version": 1})
    bob.post(f"/notes/{note}/recall")
    date = agreed(alice, bob, message="Shall we?")
    declined = offer(bob)
    move(alice, "decline", declined, answer="another_time")
    exported = export(alice, ORDINARY)
    assert (exported["format"], exported["version"], exported["part"]) == ("rekindle-export", 1, "ordinary")
    assert exported["person"]["sign_in_name"] == alice.sign_in_name
    assert [(couple["partner"], couple["rhythm"], couple["ended_at"]) for couple in exported["couples"]] == [
        ("Bob", "together", None)
    ]
    dates = {date["id"]: date for date in exported["dates"]}
    assert dates.keys() == {date["id"], declined["id"]}
    assert dates[date["id"]]["message"] == "Shall we?"
    assert dates[date["id"]]["slots"] == [
        {
            "start": "2026-11-25T19:00:00.000Z",
            "end": "2026-11-25T20:00:00.000Z",
            "local_time": "2026-11-25T19:00",
            "zone": "UTC",
            "days": None,
        }
    ]
    assert (dates[declined["id"]]["answer"], dates[declined["id"]]["sent_by_me"]) == ("another_time", False)
    assert [note["body"] for note in exported["shared_notes"]] == ["Better words."]
    # Alice received the note before Bob recalled it.
    assert [(copy["from"], copy["words"]["body"]) for copy in exported["received"]] == [
        ("Bob", "The walk by the river.")
    ]
    assert MINE not in json.dumps(exported)


@on_both_databases
def test_the_private_part_holds_what_only_the_viewer_sees(cast: Cast, stopped_clock: Any):
    alice, bob = cast.alice, cast.bob
    private_life(alice, MINE)
    done = completed(alice, bob, stopped_clock)
    alice.put(f"/dates/{done['id']}/feedback", {"feeling": "heavier", "rating": 2})
    exported = export(alice, PRIVATE)
    assert [note["body"] for note in exported["private_notes"]] == [f"{MINE} private note"]
    assert [(date["title"], date["message"]) for date in exported["own_dates"]] == [(f"{MINE} idea", f"{MINE} line")]
    (idea,) = exported["own_ideas"]
    assert (idea["content"]["title"], idea["content"]["steps"]) == (f"{MINE} idea", [f"{MINE} step"])
    (outcome,) = exported["feedback"]
    assert (outcome["date"], outcome["feeling"], outcome["rating"]) == (done["id"], "heavier", 2)
    (profile,) = exported["profile"]
    assert (profile["interests"], profile["causes"]) == (["nature"], [])
    assert [vote["vote"] for vote in exported["votes"]] == ["never"]
    assert exported["votes"][0]["activity"] in {card["activity"] for card in exported["deck"]}
    assert [row["stuck_since"] for row in exported["help"]] == ["2026-11-23T12:00:00.000Z"]
    assert [(choice["rhythm"], choice["name"]) for choice in exported["choices"]] == [("together", "Alice")]
    assert [prompt["day"] for prompt in exported["prompts"]] == ["2026-11-23"]
    assert sorted(session["device"] for session in exported["sessions"]) == [f"{MINE} phone", "unnamed device"]
    assert {entry["kind"] for entry in exported["sent"]} == {"shared", "proposal"}
    assert [(invitation["as"], invitation["other"], invitation["state"]) for invitation in exported["invitations"]] == [
        ("inviter", "Bob", "confirmed")
    ]
    assert "Better words." not in json.dumps(exported), "shared notes are in the ordinary part"


@on_both_databases
def test_a_plain_table_is_exported_without_owner_and_secrets(cast: Cast):
    take(cast.alice)
    exported = export(cast.alice, PRIVATE)
    for name, table in (("pauses", Pause), ("choices", Member), ("sessions", Session)):
        (row,) = exported[name]
        left_out = {"id", "person", "token_hash", "wrapped_key", "partner_name"}
        assert row.keys() == {field.name for field in table._meta.sorted_fields} - left_out


@on_both_databases
def test_each_row_of_a_person_is_in_one_of_the_parts(cast: Cast, stopped_clock: Any):
    """Find the id of every note, date and idea of Alice in one of the parts."""
    alice = cast.alice
    private_life(alice, MINE)
    offer(alice)
    completed(cast.bob, alice, stopped_clock)
    texts = texts_of(alice)
    for name in ("notes", "dates"):
        for row in contents()[name]:
            assert str(row[0]) in texts, (name, row)
    (idea,) = alice.get(f"/activities?q={MINE}")["items"]
    assert idea["id"] in texts


def test_after_leaving_dates_are_exported_for_30_days_and_the_record_for_a_year(cast: Cast, stopped_clock: Any):
    alice, bob = cast.alice, cast.bob
    date = agreed(alice, bob, message="Shall we?")
    note = bob.post("/notes", {"kind": "memory", "body": "The river."}, 201)["id"]
    bob.post(f"/notes/{note}/share", {"version": 1})
    bob.delete("/couple")
    exported = export(alice, ORDINARY)
    assert [(couple["partner"], couple["look_back_until"]) for couple in exported["couples"]] == [
        ("Bob", "2026-12-23T12:00:00.000Z")
    ]
    assert [(date["id"], date["state"], date["message"]) for date in exported["dates"]] == [
        (date["id"], "cancelled", "Shall we?")
    ]
    assert export(bob, ORDINARY)["dates"][0]["message"] is None, (
        "the message is Alice's; Bob finds it in his record only"
    )
    assert [copy["words"]["message"] for copy in export(bob, ORDINARY)["received"]] == ["Shall we?"]
    stopped_clock.move_to(NOON + 30 * DAY)
    later = export(alice, ORDINARY)
    assert (later["couples"], later["dates"]) == ([], [])
    assert [(copy["from"], copy["words"]["body"]) for copy in later["received"]] == [("Bob", "The river.")]
    stopped_clock.move_to(NOON + 366 * DAY)
    alice.sign_in_again()
    assert export(alice, ORDINARY)["received"] == []


def test_a_former_couple_is_exported_beside_a_new_one(cast: Cast):
    date = offer(cast.alice)
    cast.alice.delete("/couple")
    invitation = cast.sam.post("/invitations", {}, 201)
    cast.alice.post("/invitations/accept", {"code": invitation["code"], "rhythm": "together"})
    cast.sam.post("/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "together"}, 200)
    second = offer(cast.sam)
    exported = export(cast.alice, ORDINARY)
    assert {couple["partner"] for couple in exported["couples"]} == {"Bob", "Sam"}
    assert {date["id"] for date in exported["dates"]} == {date["id"], second["id"]}
    assert [date["id"] for date in export(cast.sam, ORDINARY)["dates"]] == [second["id"]]


def test_wrong_passwords_export_nothing_and_are_limited(alice):
    for part in (*PARTS, *PARTS, *PARTS, *PARTS, *PARTS):
        assert problem(ask(alice, part, "not the password"), 403)["type"] == "/problems/wrong-secret"
    assert problem(ask(alice, ORDINARY), 429)
    assert problem(alice.app.test_client().post("/v1/me/exports", json={"password": PASSWORD, "part": ORDINARY}), 401)


def test_exports_with_the_right_password_are_not_limited(alice):
    for _ in range(12):
        assert ask(alice, PRIVATE).status_code == 200


@on_both_databases
def test_exporting_changes_nothing_but_is_told(cast: Cast):
    private_life(cast.alice, MINE)
    before = contents()
    for part in PARTS:
        export(cast.alice, part)
    assert contents() | {"security_events": before["security_events"]} == before


@on_both_databases
def test_a_long_history_is_exported_completely(sam, monkeypatch):
    monkeypatch.setattr(export_format, "PAGE", 7)
    notes = [sam.post("/notes", {"kind": "effort", "body": f"note {number}"}, 201)["id"] for number in range(21)]
    ideas = [sam.post("/activities", {"title": f"idea {n}", "category": "outdoors"}, 201)["id"] for n in range(3)]
    dates = [own(sam, start=START + n * DAY)["id"] for n in range(15)]
    exported = export(sam, PRIVATE)
    assert sorted(note["id"] for note in exported["private_notes"]) == sorted(notes)
    assert sorted(idea["id"] for idea in exported["own_ideas"]) == sorted(ideas)
    assert sorted(date["id"] for date in exported["own_dates"]) == sorted(dates)


@on_both_databases
def test_a_large_export_is_written_to_the_disk_completely(sam, monkeypatch):
    monkeypatch.setattr(zip_stream, "_IN_MEMORY", 1000)
    for number in range(30):
        sam.post("/notes", {"kind": "effort", "body": f"{number} {'ß✓' * 400}"}, 201)
    assert len(export(sam, PRIVATE)["private_notes"]) == 30


@on_both_databases
def test_an_export_reads_one_snapshot(cast: Cast, monkeypatch):
    """Share a note while an export reads. The export holds all of it or nothing."""
    alice = cast.alice
    note = alice.post("/notes", {"kind": "effort", "body": "Early."}, 201)["id"]
    (section,) = (section for section in exports.SECTIONS if section.name == "couples")
    pool = ThreadPoolExecutor(1)

    def read_after_sharing(viewer: Any) -> Any:
        pool.submit(alice.post, f"/notes/{note}/share", {"version": 1}).result(timeout=20)
        return section.read(viewer)

    changed = tuple(
        entry._replace(read=read_after_sharing) if entry is section else entry for entry in exports.SECTIONS
    )
    monkeypatch.setattr(exports, "SECTIONS", changed)
    assert export(alice, ORDINARY)["shared_notes"] == []
    pool.shutdown()
    monkeypatch.undo()
    assert len(export(alice, ORDINARY)["shared_notes"]) == 1


# The calendar


def test_the_calendar_holds_accepted_and_completed_dates(cast: Cast, stopped_clock: Any):
    alice, bob = cast.alice, cast.bob
    done = completed(alice, bob, stopped_clock)
    ahead = agreed(alice, bob, slots=[slot(START + 2 * DAY, zone="Europe/Lisbon", minutes=90)])
    offer(alice, slots=[slot(START + 3 * DAY)])
    off = agreed(alice, bob, slots=[slot(START + 4 * DAY)])
    move(bob, "cancel", off)
    alone = own(alice, start=START + 5 * DAY)
    events = calendar(alice, ORDINARY).walk("VEVENT")
    assert {str(event["uid"]) for event in events} == {f"{done['id']}@rekindle", f"{ahead['id']}@rekindle"}
    assert [str(event["uid"]) for event in calendar(alice, PRIVATE).walk("VEVENT")] == [f"{alone['id']}@rekindle"]
    (event,) = (event for event in events if str(event["uid"]).startswith(ahead["id"]))
    assert event["dtstart"].params["TZID"] == "Europe/Lisbon"
    assert event.start == instant(ahead["slots"][0]["start"])
    assert event.end == instant(ahead["slots"][0]["end"])
    assert {str(event["uid"]) for event in calendar(bob, ORDINARY).walk("VEVENT")} == {
        str(event["uid"]) for event in events
    }


def test_an_export_without_dates_has_an_empty_calendar(sam):
    assert calendar(sam, ORDINARY).walk("VEVENT") == []


# The schema as it is published


def test_the_published_schema_equals_the_schema_in_the_file(app, sam):
    document = app.test_client().get("/openapi.json").get_json()
    published = {
        name: schema
        for name, schema in document["components"]["schemas"].items()
        if name.startswith(("Exported", "DataExport"))
    }
    file_schema = json.loads(unzip(ask(sam, PRIVATE)).read("schema.json"))
    whole = json.loads(json.dumps(published).replace("#/components/schemas/", "#/$defs/"))
    # The file of a version is closed. The document says what any later version may answer.
    closed = {name: {**schema, "additionalProperties": False} for name, schema in whole.items()}
    assert {name: closed[name] for name in file_schema["$defs"]} == file_schema["$defs"]
    assert closed["DataExport"].items() <= file_schema.items()
    page = app.test_client().get("/docs/text").get_data(as_text=True)
    for name in file_schema["$defs"]:
        assert f'id="schema-{name}"' in page


def test_the_schema_refuses_wrong_and_unknown_sections(cast: Cast):
    exported = export(cast.alice, ORDINARY)
    check = Draft202012Validator(exports.schema(), format_checker=FormatChecker())
    wrong: list[Mapping[str, Any]] = [
        {**exported, "part": "private"}, {**exported, "private_notes": []}, {**exported, "more": 1},
        {**exported, "version": 2},
        {name: value for name, value in exported.items() if name != "dates"},
        {**exported, "couples": [{**exported["couples"][0], "max_pace": 3}]},
    ]  # fmt: skip
    for document in wrong:
        assert not check.is_valid(document)


def test_a_retired_prompt_is_exported(sam):
    """Retire a prompt. The note that answers it still names its text, because texts are never deleted."""
    prompt = sam.get("/prompts/today")
    sam.post("/notes", {"kind": "effort", "body": "An answer.", "prompt_id": prompt["id"]}, 201)
    with db.connection(), db.write():
        table = prompts.Prompt
        now = clock.utcnow() + timedelta(seconds=1)
        table.update(retired_at=now, changed_at=now).where(table.id == prompt["id"]).execute()
    exported = export(sam, PRIVATE)
    assert [note["prompt"] for note in exported["private_notes"]] == [prompt["text"]]
    assert [prompt["text"] for prompt in exported["prompts"]] == [prompt["text"]]


@on_both_databases
def test_instants_are_exported_in_the_format_of_the_api(sam):
    note = sam.post("/notes", {"kind": "effort", "body": "One."}, 201)
    (exported_note,) = export(sam, PRIVATE)["private_notes"]
    assert exported_note["created_at"] == note["created_at"]
    assert datetime.fromisoformat(exported_note["created_at"]) == NOON
