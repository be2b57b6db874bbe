"""Filters of lists: dates by day and state, notes by kind and date, unseen items; and marking all as seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import NOON
from tests.dates import START, agreed, light, move, offer, own, slot
from tests.spaces import going, take

DAY = timedelta(days=1)


def ids(person, query):
    return {date["id"] for date in person.get(f"/dates?{query}")["items"]}


def days(at, until=None):
    return f"from={at:%Y-%m-%d}&to={until or at:%Y-%m-%d}"


def test_dates_are_found_by_the_day_of_any_of_their_times(cast):
    offered = offer(cast.alice)["id"]
    fixed = agreed(cast.alice, cast.bob, activity=light())["id"]
    later = own(cast.alice, START + 9 * DAY)["id"]
    assert ids(cast.alice, days(START)) == {offered, fixed}
    assert ids(cast.alice, days(START + DAY)) == {offered}, "an agreed date has its agreed time only"
    assert ids(cast.alice, days(START + 2 * DAY)) == set()
    assert ids(cast.alice, f"from={START + 2 * DAY:%Y-%m-%d}") == {later}
    assert ids(cast.alice, f"to={START + 2 * DAY:%Y-%m-%d}") == {offered, fixed}
    assert ids(cast.bob, f"from={NOON:%Y-%m-%d}") == {offered, fixed}
    assert ids(cast.charlie, f"from={NOON:%Y-%m-%d}") == set()


def test_a_day_is_one_of_the_reader(cast):
    at_three = START.replace(hour=3)  # the evening before in New York
    made = cast.alice.post("/dates", {"activity_id": light(), "slots": [slot(at_three)]}, 201)["id"]
    assert ids(cast.alice, days(at_three)) == {made}
    assert ids(cast.bob, days(at_three)) == set()
    assert ids(cast.bob, days(at_three - DAY)) == {made}


def test_dates_are_found_by_their_state_as_it_reads(cast, stopped_clock):
    lapsing = offer(cast.alice)
    declined = move(cast.bob, "decline", offer(cast.alice), answer="another_time")["id"]
    accepted = agreed(cast.alice, cast.bob)["id"]
    assert ids(cast.alice, "state=proposed") == {lapsing["id"]}
    assert ids(cast.alice, "state=accepted,declined") == {declined, accepted}
    assert ids(cast.alice, f"state=declined&show=upcoming&{days(START)}") == set()
    assert ids(cast.alice, f"state=accepted&show=upcoming&{days(START)}") == {accepted}
    stopped_clock.move_to(START + DAY)
    assert ids(cast.alice, "state=proposed") == set()
    assert ids(cast.alice, "state=lapsed") == {lapsing["id"]}, "also before the clock has updated its row"
    assert ids(cast.alice, "state=lapsed,accepted") == {lapsing["id"], accepted}


def test_filtered_dates_have_pages(cast):
    made = [offer(cast.alice)["id"] for _ in range(2)] + [own(cast.alice)["id"]]
    for show in ("all", "upcoming"):
        query = f"show={show}&state=proposed,accepted&{days(START)}&limit=1"
        found, after = [], ""
        while after is not None:
            page = cast.alice.get(f"/dates?{query}{after and '&after=' + after}")
            found += [date["id"] for date in page["items"]]
            after = page["next"]
        assert sorted(found) == sorted(made)


def test_after_the_end_the_filters_hold_as_well(cast):
    made = agreed(cast.alice, cast.bob)["id"]
    cast.bob.delete("/couple")
    assert ids(cast.alice, f"state=cancelled&{days(START)}") == {made}
    assert ids(cast.alice, days(START + 2 * DAY)) == set()


@pytest.mark.parametrize("query", ["from=2026-12-02&to=2026-12-01", "from=tomorrow", "state=open", "to=1999-01-01"])
def test_a_wrong_filter_is_refused(sam, query):
    sam.get(f"/dates?{query}", 422)


def test_a_date_in_a_list_tells_how_long_it_takes_and_what_to_do(cast):
    date = offer(cast.alice)
    activity = cast.alice.get(f"/activities/{date['activity']['id']}")
    for name in ("duration_min", "duration_max", "steps"):
        assert date["activity"][name] == activity[name]


def test_notes_are_found_by_kind_and_date(cast):
    date, solo = agreed(cast.alice, cast.bob)["id"], own(cast.alice)["id"]
    made = {}
    for kind, about in (("effort", date), ("memory", date), ("effort", None), ("effort", solo)):
        note = cast.alice.post("/notes", {"kind": kind, "body": "You waited.", "date_id": about}, 201)["id"]
        cast.alice.post(f"/notes/{note}/share", {"version": 1})
        made[kind, about] = note
    found = {}
    for who, source in ((cast.alice, "me"), (cast.bob, "partner")):
        for query in ("kind=effort", f"date_id={date}", f"kind=effort&date_id={date}", f"date_id={solo}"):
            items = who.get(f"/notes?from={source}&{query}")["items"]
            found[source, query.replace(date, "D").replace(solo, "S")] = {one["id"] for one in items}
    effort = {note for (kind, _), note in made.items() if kind == "effort"}
    about = {made["effort", date], made["memory", date]}
    for source in ("me", "partner"):
        assert found[source, "kind=effort"] == effort
        assert found[source, "date_id=D"] == about
        assert found[source, "kind=effort&date_id=D"] == {made["effort", date]}
    assert found["me", "date_id=S"] == {made["effort", solo]}
    assert found["partner", "date_id=S"] == set(), "that a note is about a solo date is its author's alone"
    cast.alice.get("/notes?kind=reflection", 422)


def unseen(person):
    return [item["id"] for item in person.get("/inbox?unseen=true")["items"]]


def test_all_items_up_to_an_instant_are_seen_at_once(cast, stopped_clock):
    first = offer(cast.alice)
    stopped_clock.shift(60)
    offer(cast.alice)
    newest, older, begun = cast.bob.get("/inbox")["items"]
    assert unseen(cast.bob) == [newest["id"], older["id"], begun["id"]]
    before = cast.alice.request("GET", "/inbox").data
    assert cast.bob.post("/inbox/seen", {"until": older["visible_at"]}) == {"seen": 2, "unseen": 1}
    assert unseen(cast.bob) == [newest["id"]]
    assert cast.bob.get("/inbox?unseen=false&limit=1")["items"] == [newest]
    assert cast.bob.post("/inbox/seen") == {"seen": 1, "unseen": 0}
    assert cast.bob.post("/inbox/seen") == {"seen": 0, "unseen": 0}
    assert unseen(cast.bob) == []
    assert cast.alice.request("GET", "/inbox").data == before
    assert cast.alice.get(f"/dates/{first['id']}") == first
    cast.bob.post("/inbox/seen", {"until": "2026-11-23T12:00:00.123456789Z"})  # as Java writes an instant
    for wrong in ("yesterday", "now", "2026-11-23", 5):
        cast.bob.post("/inbox/seen", {"until": wrong}, 422)


def test_what_is_held_or_ahead_is_not_marked_as_seen(cast, stopped_clock):
    agreed(cast.alice, cast.bob)  # reminders lie ahead
    take(cast.bob, *(going(one["date"]) for one in cast.bob.get("/me/space")["dates"]))
    stopped_clock.shift(60)
    held = offer(cast.alice)["id"]
    cast.bob.post("/inbox/seen")
    assert unseen(cast.bob) == []
    cast.bob.delete("/me/space")
    cast.bob.post("/me/held/release")
    (item,) = [one for one in cast.bob.get("/inbox")["items"] if one["subject"]["id"] == held]
    assert item["seen_at"] is None


def test_signing_out_here_needs_no_id(sam, app):
    answer = sam.request("DELETE", "/sign-ins/current")
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (204, '"storage"')
    sam.get("/me", 401)


def test_the_end_of_a_space_and_of_holding_says_what_is_left(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(60)
    offer(cast.alice)
    ended = cast.bob.delete("/me/space", 200)
    assert ended == cast.bob.get("/me/space")
    assert (ended["kind"], ended["held_until"] is None) == (None, False)
    assert cast.bob.post("/me/held/release") == {"held": 0, "held_until": None}


def test_taking_a_vote_back_says_from_when_it_counts(sam, stopped_clock):
    path = f"/activities/{light()}/vote"
    assert sam.delete(path, 200) == {"vote": None, "effective_from": None}
    counts = sam.put(path, {"vote": "like"})["effective_from"]
    assert sam.delete(path, 200) == {"vote": None, "effective_from": None}
    sam.put(path, {"vote": "like"})
    stopped_clock.shift(DAY)
    ended = sam.delete(path, 200)
    assert ended["vote"] is None
    assert ended["effective_from"] > counts
