"""Test memories over HTTP: what they show, whom, and what hides them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from planner.notes import memories
from planner.notes.memories import HiddenMemory
from planner.storage import db
from tests.api.answers import problem
from tests.conftest import NOON
from tests.dates import START, agreed, completed, move, offer, own, slot, whole_days
from tests.exports import export
from tests.memories import bodies, ids, note_about, took_place
from tests.people import expect
from tests.photos import upload
from tests.racing import together
from tests.spaces import end, quieten, take

pytestmark = pytest.mark.both_databases

DAY = timedelta(days=1)


def raise_pace(cast, clock, pace=4):
    """Raise the pace of Alice and Bob, who both ask for it."""
    for person in (cast.alice, cast.bob):
        person.put("/me/pace", {"pace": pace})
    clock.shift(2 * DAY)
    assert cast.alice.get("/couple")["pace"] == pace


def test_a_completed_date_is_one_page_for_both(cast, stopped_clock):
    date = took_place(stopped_clock, START, cast.alice, cast.bob, place="The mill")
    stopped_clock.shift(DAY)
    note_about(cast.bob, date, "Your laugh.", shared=True)
    note_about(cast.alice, date, "The rain on the roof.", shared=True)
    note_about(cast.alice, date, "I was nervous.")
    for person, texts in (
        (cast.alice, ["Your laugh.", "The rain on the roof.", "I was nervous."]),
        (cast.bob, ["Your laugh.", "The rain on the roof."]),
    ):
        memory = person.get(f"/memories/{date}")
        assert sorted(bodies(memory)) == sorted(texts)
        assert {note["state"] for note in memory["notes"] if not note["mine"]} == {"shared"}
        assert (memory["day"], memory["days"], memory["place"]) == (f"{START:%Y-%m-%d}", None, "The mill")
        assert (memory["for"], memory["hidden"]) == ("two", False)
        assert memory["activity"]["title"] == person.get(f"/dates/{date}")["activity"]["title"]
        assert person.get("/memories")["items"] == [memory]
    for outsider in (cast.charlie, cast.dana, cast.sam):
        assert ids(outsider) == []
        outsider.get(f"/memories/{date}", 404)
        outsider.put(f"/memories/{date}/hidden", {"hidden": True}, 404)


def test_notes_of_the_kind_memory_are_among_the_memories(cast, stopped_clock):
    alice, bob = cast.alice, cast.bob
    date = took_place(stopped_clock, START, alice, bob)
    about = note_about(alice, date, "On its page.")
    solo = took_place(stopped_clock, START + DAY, bob)
    stopped_clock.shift(DAY)
    private = write_memory(alice, "The bench by the river.")
    stopped_clock.shift(DAY)
    shared = write_memory(bob, "The duck.", shared=True)
    stopped_clock.shift(DAY)
    from_solo = note_about(bob, solo, "I thought of you.", shared=True)
    recalled = write_memory(bob, "Too much.", shared=True)
    bob.post(f"/notes/{recalled}/recall")
    alice.post("/notes", {"kind": "kindness", "body": "You made tea."}, 201)
    assert ids(alice) == [from_solo, shared, private, date]
    assert ids(bob) == [shared, solo, date]
    for outsider in (cast.charlie, cast.sam):
        assert ids(outsider) == []
    memory = alice.get("/memories")["items"][1]
    assert (memory["activity"], memory["for"], memory["hidden"], bodies(memory)) == (None, "two", False, ["The duck."])
    assert memory["notes"] == [alice.get(f"/notes/{shared}")]
    alice.get(f"/memories/{shared}", 404)
    pages, after = [], ""
    while after is not None:
        page = alice.get(f"/memories?limit=1{after and f'&after={after}'}")
        pages += [item["id"] for item in page["items"]]
        after = page["next"]
    assert pages == [from_solo, shared, private, date]
    assert ids(alice, "?q=duck") == [shared]
    assert ids(alice, f"?month={START:%Y-%m}") == ids(alice)
    assert ids(alice, "?month=2020-01") == ids(alice, "?hidden=true") == ids(alice, "?place=river") == []
    assert set(ids(alice, "?category=cook_taste")) <= {date}
    assert about not in ids(alice)
    bob.delete("/couple")
    assert ids(alice) == [private, date]


def test_a_memory_that_arrives_in_space_is_held(cast, stopped_clock):
    take(cast.alice)
    stopped_clock.shift(timedelta(minutes=1))
    shared = write_memory(cast.bob, "The duck.", shared=True)
    assert (ids(cast.alice), ids(cast.bob)) == ([], [shared])


def write_memory(author, body, shared=False):
    note = author.post("/notes", {"kind": "memory", "body": body}, 201)["id"]
    if shared:
        author.post(f"/notes/{note}/share", {"version": 1})
    return note


def test_only_what_took_place_is_a_memory(cast, stopped_clock):
    open_, ahead = offer(cast.alice), agreed(cast.alice, cast.bob)
    done = completed(cast.alice, cast.bob, stopped_clock)
    assert ids(cast.alice) == [done["id"]]
    for date_id in (open_["id"], ahead["id"], str(uuid4())):
        cast.alice.get(f"/memories/{date_id}", 404)
    stopped_clock.shift(timedelta(hours=2))
    off = move(cast.bob, "did_not_happen", cast.bob.get(f"/dates/{done['id']}"))
    assert ids(cast.alice) == []
    cast.alice.get(f"/memories/{done['id']}", 404)
    move(cast.bob, "complete", off)
    assert ids(cast.alice) == [done["id"]]


def test_a_solo_date_is_a_memory_of_its_person_only(cast, stopped_clock):
    date = took_place(stopped_clock, START, cast.alice, message="Slowly.")
    note = note_about(cast.alice, date, "The path behind the church.", shared=True)
    memory = cast.alice.get(f"/memories/{date}")
    assert (memory["for"], bodies(memory)) == ("one", ["The path behind the church."])
    (read_by_bob,) = cast.bob.get("/memories")["items"]
    assert (read_by_bob["id"], read_by_bob["activity"], read_by_bob["notes"][0]["date_id"]) == (note, None, None)
    cast.bob.get(f"/memories/{date}", 404)


def test_recalled_and_deleted_notes_leave_the_page_at_once(cast, stopped_clock):
    date = took_place(stopped_clock, START, cast.alice, cast.bob)
    recalled = note_about(cast.bob, date, "Too much.", shared=True)
    deleted = note_about(cast.bob, date, "Also.", shared=True)
    assert sorted(bodies(cast.alice.get(f"/memories/{date}"))) == ["Also.", "Too much."]
    cast.bob.post(f"/notes/{recalled}/recall")
    cast.bob.delete(f"/notes/{deleted}")
    for person in (cast.alice, cast.bob):
        assert bodies(person.get(f"/memories/{date}")) == []


def test_held_things_are_in_no_memory_until_they_are_released(cast, stopped_clock):
    date = took_place(stopped_clock, START, cast.alice, cast.bob)
    take(cast.alice)
    note_about(cast.bob, date, "While you rested.", shared=True)
    assert bodies(cast.bob.get(f"/memories/{date}")) == ["While you rested."]
    assert bodies(cast.alice.get(f"/memories/{date}")) == []
    assert ids(cast.alice, "?q=rested") == []
    assert ids(cast.bob, "?q=rested") == [date]
    end(cast.alice)
    assert bodies(cast.alice.get(f"/memories/{date}")) == [], "it waits for her decision"
    cast.alice.post("/me/held/release")
    assert bodies(cast.alice.get(f"/memories/{date}")) == ["While you rested."]


def test_a_date_that_was_written_down_in_space_is_no_memory_while_it_is_held(cast, stopped_clock):
    take(cast.alice)
    start = NOON + timedelta(hours=6)
    date = offer(cast.bob, agreed=True, slots=[slot(start)])
    stopped_clock.move_to(start)
    done = cast.bob.get(f"/dates/{date['id']}")
    if done["state"] == "accepted":
        move(cast.bob, "complete", done)
        assert ids(cast.bob) == [date["id"]]
    assert ids(cast.alice) == []
    cast.alice.get(f"/memories/{date['id']}", 404)


def test_the_newest_place_is_shown_unless_it_is_held(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob, place="The mill")
    take(cast.alice, {"date_id": date["id"], "going": True})
    version = cast.bob.get(f"/dates/{date['id']}")["version"]
    cast.bob.patch(f"/dates/{date['id']}", {"place": "The bridge"}, f'"{version}"')
    stopped_clock.move_to(START)
    move(cast.bob, "complete", cast.bob.get(f"/dates/{date['id']}"))
    assert cast.alice.get(f"/memories/{date['id']}")["place"] == "The mill"
    assert cast.bob.get(f"/memories/{date['id']}")["place"] == "The bridge"
    assert ids(cast.alice, "?place=the bridge") == []
    assert ids(cast.bob, "?place=the bridge") == [date["id"]]


def test_photos_of_the_date_are_on_the_page_of_both_unless_they_are_held(cast, stopped_clock):
    date = took_place(stopped_clock, START, cast.alice, cast.bob)
    mine = upload(cast.alice, date_id=date)["id"]
    stopped_clock.shift(60)
    take(cast.alice)
    theirs = upload(cast.bob, date_id=date)["id"]

    def photos(person):
        shown = [photo["id"] for photo in person.get(f"/memories/{date}")["photos"]]
        (memory,) = person.get("/memories")["items"]
        assert [photo["id"] for photo in memory["photos"]] == shown
        return shown

    assert (photos(cast.alice), photos(cast.bob)) == ([mine], [mine, theirs])
    end(cast.alice)
    assert photos(cast.alice) == [mine]
    cast.alice.post("/me/held/release")
    assert photos(cast.alice) == [mine, theirs]
    cast.bob.delete(f"/photos/{theirs}")
    assert (photos(cast.alice), photos(cast.bob)) == ([mine], [mine])
    cast.charlie.get(f"/memories/{date}", 404)


def test_what_a_person_hides_stays_hidden_for_that_person_alone(cast, stopped_clock):
    date = took_place(stopped_clock, START, cast.alice, cast.bob, place="The mill")
    before = [cast.bob.request("GET", path).data for path in ("/memories", f"/memories/{date}", "/memories/places")]
    for _ in range(2):
        assert cast.alice.put(f"/memories/{date}/hidden", {"hidden": True})["hidden"] is True
    assert ids(cast.alice) == []
    assert cast.alice.get("/memories/places")["items"] == []
    assert ids(cast.alice, "?hidden=true") == [date]
    assert cast.alice.get(f"/memories/{date}")["hidden"] is True
    paths = ("/memories", f"/memories/{date}", "/memories/places")
    assert [cast.bob.request("GET", path).data for path in paths] == before
    for _ in range(2):
        assert cast.alice.put(f"/memories/{date}/hidden", {"hidden": False})["hidden"] is False
    assert ids(cast.alice) == [date]


def test_to_hide_twice_at_once_makes_one_row(cast, stopped_clock):
    date = took_place(stopped_clock, START, cast.alice, cast.bob)

    def hide():
        return cast.alice.request("PUT", f"/memories/{date}/hidden", {"hidden": True}).status_code

    assert together(hide, hide, hide) == [200, 200, 200]
    with db.connection():
        assert HiddenMemory.select().where(HiddenMemory.date == UUID(date)).count() == 1
    for body in ({}, {"hidden": None}, {"hidden": "yes"}, {"hidden": True, "why": "rain"}):
        problem(cast.alice.request("PUT", f"/memories/{date}/hidden", body), 422)


def test_filters_by_month_place_kind_and_text(cast, stopped_clock):
    first = took_place(stopped_clock, datetime(2026, 11, 30, 19, tzinfo=UTC), cast.alice, cast.bob, place="Café Mül")
    second = took_place(stopped_clock, datetime(2026, 12, 1, 19, tzinfo=UTC), cast.alice, place="The mill")
    third = took_place(stopped_clock, datetime(2026, 12, 20, 19, tzinfo=UTC), cast.bob, cast.alice, place="cafe mul")
    note_about(cast.bob, third, "You sang in the crêpe queue.", shared=True)
    note_about(cast.alice, third, "Secret words.")
    found = {
        "": [third, second, first],
        "?month=2026-11": [first],
        "?month=2026-12": [third, second],
        "?month=2025-12": [],
        "?place=CAFE+MUL": [third, first],
        "?place=cafe": [],
        "?category=solo": [second],
        "?q=crepe+sang": [third],
        "?q=mill": [second],
        "?q=caf": [third, first],
        "?q=secret": [third],
        "?q=nothing+like+it": [],
        "?q=!!": [],
        "?q=caf&month=2026-11": [first],
    }
    assert {query: ids(cast.alice, query) for query in found} == found
    assert ids(cast.bob, "?q=secret") == [], "a private note of the partner is found by its author only"
    assert ids(cast.bob) == [third, first]
    places = cast.alice.get("/memories/places")["items"]
    assert [(place["place"], place["memories"]) for place in places] == [("cafe mul", 2), ("The mill", 1)]
    for query in ("?month=2026", "?month=2026-13", "?month=2026-11-01", "?place=", "?category=rain", "?hidden=maybe"):
        problem(cast.alice.request("GET", f"/memories{query}"), 422)


def test_a_date_is_in_the_month_of_its_own_wall_time(cast, stopped_clock):
    start = datetime(2026, 11, 30, 12, tzinfo=UTC)  # the first of December in Kiritimati
    stopped_clock.move_to(start - 2 * DAY)
    date = own(cast.sam, slots=[{"local_time": "2026-12-01T02:00", "zone": "Pacific/Kiritimati", "minutes": 60}])
    days = own(cast.sam, slots=[whole_days("2026-12-30", 4)])
    stopped_clock.move_to(datetime(2027, 1, 3, 9, tzinfo=UTC))
    for each in (date, days):
        move(cast.sam, "complete", each)
    assert ids(cast.sam, "?month=2026-12") == [days["id"], date["id"]]
    assert ids(cast.sam, "?month=2026-11") == ids(cast.sam, "?month=2027-01") == []
    memory = cast.sam.get(f"/memories/{days['id']}")
    assert (memory["day"], memory["days"]) == ("2026-12-30", 4)


def test_pages_go_on_where_the_last_one_ended(cast, stopped_clock):
    made = [took_place(stopped_clock, START + number * DAY, cast.sam, place=f"Place {number}") for number in range(5)]
    cast.sam.put(f"/memories/{made[2]}/hidden", {"hidden": True})
    pages, after = [], ""
    while after is not None:
        page = cast.sam.get(f"/memories?limit=2{after and f'&after={after}'}")
        pages.append([memory["id"] for memory in page["items"]])
        after = page["next"]
    assert pages == [[made[4], made[3]], [made[1], made[0]]]
    problem(cast.sam.request("GET", "/memories?after=nonsense"), 422)


def test_a_search_that_stops_early_goes_on_with_the_next_page(cast, stopped_clock, monkeypatch):
    made = [took_place(stopped_clock, START + number * DAY, cast.sam, place=f"Place {number}") for number in range(5)]
    monkeypatch.setattr(memories, "MOST_SCANNED", 3)
    monkeypatch.setattr(memories, "_BLOCK", 1)
    page = cast.sam.get("/memories?q=place+0&limit=1")
    assert page["items"] == []
    page = cast.sam.get(f"/memories?q=place+0&limit=1&after={page['next']}")
    assert [memory["id"] for memory in page["items"]] == [made[0]]
    assert page["next"] is None


def test_on_this_day_shows_earlier_years_from_pace_four_on(cast, stopped_clock):
    date = took_place(stopped_clock, START, cast.alice, cast.bob)
    alone = took_place(stopped_clock, START + timedelta(hours=2), cast.alice)
    other_day = took_place(stopped_clock, START + DAY, cast.alice, cast.bob)
    raise_pace(cast, stopped_clock)

    def on_this_day(person):
        return [memory["id"] for memory in person.get("/memories/on-this-day")["items"]]

    assert on_this_day(cast.alice) == []
    stopped_clock.move_to(START.replace(year=START.year + 2, hour=12))
    for person in (cast.alice, cast.bob):
        person.sign_in_again()
    assert on_this_day(cast.alice) == [alone, date]
    assert on_this_day(cast.bob) == [date]
    assert other_day not in on_this_day(cast.alice)

    cast.alice.put(f"/memories/{date}/hidden", {"hidden": True})
    assert (on_this_day(cast.alice), on_this_day(cast.bob)) == ([alone], [date])
    quieten(cast.alice, pace=3)
    assert (on_this_day(cast.alice), on_this_day(cast.bob)) == ([], [date])
    cast.alice.put("/me/pace", {"pace": 4})
    stopped_clock.move_to(START.replace(year=START.year + 3, hour=12))
    for person in (cast.alice, cast.bob):
        person.sign_in_again()
    take(cast.bob)
    assert on_this_day(cast.bob) == []
    end(cast.bob)
    assert on_this_day(cast.bob) == [date]


def test_on_this_day_rests_while_the_partner_shows_a_sentence(cast, stopped_clock):
    date = took_place(stopped_clock, START, cast.alice, cast.bob)
    raise_pace(cast, stopped_clock)
    stopped_clock.move_to(START.replace(year=START.year + 1, hour=12))
    for person in (cast.alice, cast.bob):
        person.sign_in_again()
    assert [memory["id"] for memory in cast.alice.get("/memories/on-this-day")["items"]] == [date]
    take(cast.bob, kind="quiet")
    assert cast.alice.get("/memories/on-this-day")["items"], "a quiet space gives no sign"
    take(cast.bob, kind="said", sentence="time")
    assert cast.alice.get("/memories/on-this-day")["items"] == []


@pytest.mark.parametrize(
    ("today", "shown"),
    [("2029-02-28", ["2028-02-28", "2028-02-29"]), ("2032-02-29", ["2028-02-29"]), ("2032-02-28", ["2028-02-28"])],
)
def test_a_leap_day_is_remembered_each_year(today, shown):
    days = memories._days_of_years_before(datetime.fromisoformat(today).date())
    assert sorted(f"{day}" for day in days if day.year == 2028) == shown


def test_after_the_couple_its_memories_stay_thirty_days_without_the_words_of_the_former_partner(cast, stopped_clock):
    mine = took_place(stopped_clock, START, cast.alice, cast.bob, place="My place")
    theirs = took_place(stopped_clock, START + DAY, cast.bob, cast.alice, place="His place")
    note_about(cast.bob, theirs, "From him.", shared=True)
    note_about(cast.alice, theirs, "For me.")
    cast.bob.request("DELETE", "/couple")
    shown = {memory["id"]: (memory["place"], bodies(memory)) for memory in cast.alice.get("/memories")["items"]}
    assert shown == {mine: ("My place", []), theirs: (None, ["For me."])}
    assert ids(cast.alice, "?q=his") == []
    assert cast.alice.get("/memories/on-this-day")["items"] == []
    cast.alice.put(f"/memories/{mine}/hidden", {"hidden": True})
    assert ids(cast.alice) == [theirs]
    stopped_clock.shift(31 * DAY)
    assert ids(cast.alice) == []
    cast.alice.get(f"/memories/{theirs}", 404)


def test_only_signed_in_people_read_memories(cast):
    for path in ("/memories", "/memories/on-this-day", "/memories/places", "/us", f"/memories/{uuid4()}"):
        expect(cast.alice.app.test_client().get(f"/v1{path}"), 401)


def test_hidden_memories_are_exported_to_their_person_only(cast, stopped_clock):
    date = took_place(stopped_clock, START, cast.alice, cast.bob)
    cast.alice.put(f"/memories/{date}/hidden", {"hidden": True})
    assert [row["date"] for row in export(cast.alice, "private")["hidden_memories"]] == [date]
    assert export(cast.bob, "private")["hidden_memories"] == []
