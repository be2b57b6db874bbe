"""Exports: what each part holds, true to its own schema."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zipfile import ZipFile

from jsonschema import Draft202012Validator, FormatChecker

from planner import clock
from planner.accounts.sessions import Session
from planner.catalogue import prompts
from planner.contact.pauses import Pause
from planner.couples.couples import Member
from planner.privacy import export_format, exports
from planner.privacy.export_format import ORDINARY, PARTS, PRIVATE
from planner.storage import db
from tests.api.answers import contents, problem
from tests.conftest import NOON
from tests.dates import START, agreed, completed, instant, move, offer, own, slot
from tests.exports import ask, calendar, export, private_life, texts_of, unzip
from tests.people import PASSWORD, Cast
from tests.spaces import take

MINE = "mine-word"
DAY = timedelta(days=1)


def test_the_names_of_sections_are_unique() -> None:
    names = [section.name for section in exports.SECTIONS]
    assert len(names) == len(set(names)) == len({section.thing for section in exports.SECTIONS})


def test_the_answer_is_a_file_that_nobody_keeps_on_the_way(alice):
    answer = ask(alice, ORDINARY)
    assert answer.content_type == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rekindle-ordinary-2026-11-23.zip"'
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    archive = ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    assert archive.namelist() == ["rekindle.json", "schema.json", "dates.ics"]


def test_the_ordinary_part_holds_what_the_two_share(cast: Cast):
    alice, bob = cast.alice, cast.bob
    private_life(alice, MINE)
    note = bob.post("/notes", {"kind": "memory", "body": "The walk by the river."}, 201)["id"]
    bob.post(f"/notes/{note}/share", {"version": 1})
    bob.post(f"/notes/{note}/recall")
    date = agreed(alice, bob, message="Shall we?")
    declined = offer(bob)
    move(alice, "decline", declined, answer="another_time")
    found = export(alice, ORDINARY)
    assert (found["format"], found["version"], found["part"]) == ("rekindle-export", 1, "ordinary")
    assert found["person"]["sign_in_name"] == alice.sign_in_name
    assert [(one["partner"], one["rhythm"], one["ended_at"]) for one in found["couples"]] == [("Bob", "together", None)]
    dates = {one["id"]: one for one in found["dates"]}
    assert dates.keys() == {date["id"], declined["id"]}
    assert dates[date["id"]]["message"] == "Shall we?"
    assert dates[date["id"]]["slots"] == [
        {
            "start": "2026-11-25T19:00:00.000Z",
            "end": "2026-11-25T20:00:00.000Z",
            "wall": "2026-11-25T19:00",
            "zone": "UTC",
        }
    ]
    assert (dates[declined["id"]]["answer"], dates[declined["id"]]["sent_by_me"]) == ("another_time", False)
    assert [one["body"] for one in found["shared_notes"]] == ["Better words."]
    # What was recalled was received all the same.
    assert [(one["from"], one["words"]["body"]) for one in found["received"]] == [("Bob", "The walk by the river.")]
    assert MINE not in json.dumps(found)


def test_the_private_part_holds_all_that_is_ones_own(cast: Cast, stopped_clock: Any):
    alice, bob = cast.alice, cast.bob
    private_life(alice, MINE)
    done = completed(alice, bob, stopped_clock)
    alice.put(f"/dates/{done['id']}/feedback", {"feeling": "heavier", "rating": 2})
    found = export(alice, PRIVATE)
    assert [one["body"] for one in found["private_notes"]] == [f"{MINE} private note"]
    assert [(one["title"], one["message"]) for one in found["own_dates"]] == [(f"{MINE} idea", f"{MINE} line")]
    (idea,) = found["own_ideas"]
    assert (idea["content"]["title"], idea["content"]["steps"]) == (f"{MINE} idea", [f"{MINE} step"])
    (outcome,) = found["feedback"]
    assert (outcome["date"], outcome["feeling"], outcome["rating"]) == (done["id"], "heavier", 2)
    (profile,) = found["profile"]
    assert (profile["interests"], profile["causes"]) == (["nature"], [])
    assert [one["vote"] for one in found["votes"]] == ["never"]
    assert found["votes"][0]["activity"] in {one["activity"] for one in found["deck"]}
    assert [one["stuck_since"] for one in found["help"]] == ["2026-11-23T12:00:00.000Z"]
    assert [(one["rhythm"], one["name"]) for one in found["choices"]] == [("together", "Alice")]
    assert [one["day"] for one in found["prompts"]] == ["2026-11-23"]
    assert sorted(one["device"] for one in found["sessions"]) == [f"{MINE} phone", "unnamed device"]
    assert {one["kind"] for one in found["sent"]} == {"shared", "proposal"}
    assert [(one["as"], one["other"], one["state"]) for one in found["invitations"]] == [
        ("inviter", "Bob", "confirmed")
    ]
    assert "Better words." not in json.dumps(found), "that is in the ordinary part"


def test_a_plain_table_is_exported_with_all_its_columns_but_the_owner_and_secrets(cast: Cast):
    take(cast.alice)
    found = export(cast.alice, PRIVATE)
    for name, table in (("pauses", Pause), ("choices", Member), ("sessions", Session)):
        (row,) = found[name]
        assert row.keys() == {field.name for field in table._meta.sorted_fields} - {"id", "person", "token_hash"}


def test_each_row_of_a_person_is_in_a_part(cast: Cast, stopped_clock: Any):
    """Nothing that is theirs is forgotten: the id of every note, date and idea of theirs stands in one of the parts."""
    alice = cast.alice
    private_life(alice, MINE)
    offer(alice)
    completed(cast.bob, alice, stopped_clock)
    found = texts_of(alice)
    for name in ("notes", "dates"):
        for row in contents()[name]:
            assert str(row[0]) in found, (name, row)
    (idea,) = alice.get(f"/activities?q={MINE}")["items"]
    assert idea["id"] in found


def test_after_leaving_one_looks_back_for_thirty_days_and_keeps_the_record_for_a_year(cast: Cast, stopped_clock: Any):
    alice, bob = cast.alice, cast.bob
    date = agreed(alice, bob, message="Shall we?")
    note = bob.post("/notes", {"kind": "memory", "body": "The river."}, 201)["id"]
    bob.post(f"/notes/{note}/share", {"version": 1})
    bob.delete("/couple")
    found = export(alice, ORDINARY)
    assert [(one["partner"], one["look_back_until"]) for one in found["couples"]] == [
        ("Bob", "2026-12-23T12:00:00.000Z")
    ]
    assert [(one["id"], one["state"], one["message"]) for one in found["dates"]] == [
        (date["id"], "cancelled", "Shall we?")
    ]
    assert export(bob, ORDINARY)["dates"][0]["message"] is None, "hers, and out of view; it stands in his record"
    assert [one["words"]["message"] for one in export(bob, ORDINARY)["received"]] == ["Shall we?"]
    stopped_clock.move_to(NOON + 30 * DAY)
    later = export(alice, ORDINARY)
    assert (later["couples"], later["dates"]) == ([], [])
    assert [(one["from"], one["words"]["body"]) for one in later["received"]] == [("Bob", "The river.")]
    stopped_clock.move_to(NOON + 366 * DAY)
    assert export(alice, ORDINARY)["received"] == []


def test_a_couple_that_ended_stays_in_view_beside_a_new_one(cast: Cast):
    date = offer(cast.alice)
    cast.alice.delete("/couple")
    made = cast.sam.post("/invitations", {}, 201)
    cast.alice.post("/invitations/accept", {"code": made["code"], "rhythm": "together"})
    cast.sam.post("/invitations/confirm", {"invitation": made["id"], "rhythm": "together"}, 204)
    second = offer(cast.sam)
    found = export(cast.alice, ORDINARY)
    assert {one["partner"] for one in found["couples"]} == {"Bob", "Sam"}
    assert {one["id"] for one in found["dates"]} == {date["id"], second["id"]}
    assert [one["id"] for one in export(cast.sam, ORDINARY)["dates"]] == [second["id"]]


def test_a_wrong_password_gives_nothing_and_runs_out(alice):
    for part in (*PARTS, *PARTS, *PARTS, *PARTS, *PARTS):
        assert problem(ask(alice, part, "not the password"), 403)["type"] == "/problems/wrong-secret"
    assert problem(ask(alice, ORDINARY), 429)
    assert problem(alice.app.test_client().post("/v1/me/exports", json={"password": PASSWORD, "part": ORDINARY}), 401)


def test_rightful_exports_do_not_run_out(alice):
    for _ in range(12):
        assert ask(alice, PRIVATE).status_code == 200


def test_exporting_changes_nothing(cast: Cast):
    private_life(cast.alice, MINE)
    before = contents()
    for part in PARTS:
        export(cast.alice, part)
    assert contents() == before


def test_long_histories_come_whole_and_in_pages(sam, monkeypatch):
    monkeypatch.setattr(export_format, "PAGE", 7)
    made = [sam.post("/notes", {"kind": "effort", "body": f"note {number}"}, 201)["id"] for number in range(21)]
    ideas = [sam.post("/activities", {"title": f"idea {n}", "category": "outdoors"}, 201)["id"] for n in range(3)]
    dates = [own(sam, start=START + n * DAY)["id"] for n in range(15)]
    found = export(sam, PRIVATE)
    assert sorted(one["id"] for one in found["private_notes"]) == sorted(made)
    assert sorted(one["id"] for one in found["own_ideas"]) == sorted(ideas)
    assert sorted(one["id"] for one in found["own_dates"]) == sorted(dates)


def test_a_large_export_moves_to_the_disk_and_is_whole(sam, monkeypatch):
    monkeypatch.setattr(exports, "_IN_MEMORY", 1000)
    for number in range(30):
        sam.post("/notes", {"kind": "effort", "body": f"{number} {'ß✓' * 400}"}, 201)
    assert len(export(sam, PRIVATE)["private_notes"]) == 30


def test_an_export_sees_one_moment(cast: Cast, monkeypatch):
    """A note that is shared while an export reads is either wholly there or not at all."""
    alice = cast.alice
    note = alice.post("/notes", {"kind": "effort", "body": "Early."}, 201)["id"]
    (section,) = (one for one in exports.SECTIONS if one.name == "couples")
    pool = ThreadPoolExecutor(1)

    def meanwhile(viewer: Any) -> Any:
        pool.submit(alice.post, f"/notes/{note}/share", {"version": 1}).result(timeout=20)
        return section.read(viewer)

    changed = tuple(one._replace(read=meanwhile) if one is section else one for one in exports.SECTIONS)
    monkeypatch.setattr(exports, "SECTIONS", changed)
    assert export(alice, ORDINARY)["shared_notes"] == []
    pool.shutdown()
    monkeypatch.undo()
    assert len(export(alice, ORDINARY)["shared_notes"]) == 1


# The calendar


def test_the_calendar_holds_what_was_agreed_and_what_took_place(cast: Cast, stopped_clock: Any):
    alice, bob = cast.alice, cast.bob
    done = completed(alice, bob, stopped_clock)
    ahead = agreed(alice, bob, slots=[slot(START + 2 * DAY, zone="Europe/Lisbon", minutes=90)])
    offer(alice, slots=[slot(START + 3 * DAY)])
    off = agreed(alice, bob, slots=[slot(START + 4 * DAY)])
    move(bob, "cancel", off)
    alone = own(alice, start=START + 5 * DAY)
    events = calendar(alice, ORDINARY).walk("VEVENT")
    assert {str(one["uid"]) for one in events} == {f"{done['id']}@rekindle", f"{ahead['id']}@rekindle"}
    assert [str(one["uid"]) for one in calendar(alice, PRIVATE).walk("VEVENT")] == [f"{alone['id']}@rekindle"]
    (event,) = (one for one in events if str(one["uid"]).startswith(ahead["id"]))
    assert event["dtstart"].params["TZID"] == "Europe/Lisbon"
    assert event.start == instant(ahead["slots"][0]["start"])
    assert event.end == instant(ahead["slots"][0]["end"])
    assert {str(one["uid"]) for one in calendar(bob, ORDINARY).walk("VEVENT")} == {str(one["uid"]) for one in events}


def test_an_empty_calendar_is_one(sam):
    assert calendar(sam, ORDINARY).walk("VEVENT") == []


# The schema as it is published


def test_the_published_schema_is_that_of_the_file(app, sam):
    document = app.test_client().get("/openapi.json").get_json()
    published = {name: found for name, found in document["components"]["schemas"].items() if name.startswith("Export")}
    beside = json.loads(unzip(ask(sam, PRIVATE)).read("schema.json"))
    whole = json.loads(json.dumps(published).replace("#/components/schemas/", "#/$defs/"))
    assert {name: whole[name] for name in beside["$defs"]} == beside["$defs"]
    assert whole["Export"].items() <= beside.items()
    page = app.test_client().get("/docs/text").get_data(as_text=True)
    for name in beside["$defs"]:
        assert f'id="schema-{name}"' in page


def test_the_schema_refuses_what_does_not_belong(cast: Cast):
    found = export(cast.alice, ORDINARY)
    check = Draft202012Validator(exports.schema(), format_checker=FormatChecker())
    wrong: list[Mapping[str, Any]] = [
        {**found, "part": "private"}, {**found, "private_notes": []}, {**found, "more": 1}, {**found, "version": 2},
        {name: value for name, value in found.items() if name != "dates"},
        {**found, "couples": [{**found["couples"][0], "max_pace": 3}]},
    ]  # fmt: skip
    for one in wrong:
        assert not check.is_valid(one)


def test_an_old_prompt_does_not_stop_an_export(sam):
    """Texts are retired, never deleted; a note that answers one still says which it was."""
    prompt = sam.get("/prompts/today")
    sam.post("/notes", {"kind": "effort", "body": "An answer.", "prompt": prompt["id"]}, 201)
    with db.connection(), db.write():
        table = prompts.Prompt
        now = clock.utcnow() + timedelta(seconds=1)
        table.update(retired_at=now, changed_at=now).where(table.id == prompt["id"]).execute()
    found = export(sam, PRIVATE)
    assert [one["prompt"] for one in found["private_notes"]] == [prompt["text"]]
    assert [one["text"] for one in found["prompts"]] == [prompt["text"]]


def test_names_of_days_and_instants_are_those_of_the_interface(sam):
    note = sam.post("/notes", {"kind": "effort", "body": "One."}, 201)
    (found,) = export(sam, PRIVATE)["private_notes"]
    assert found["created_at"] == note["created_at"]
    assert datetime.fromisoformat(found["created_at"]) == NOON
