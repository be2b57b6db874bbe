"""Test proposals: what a person can propose, what is refused, and what a repeat does."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid1, uuid4

import pytest

from planner.catalogue.activities import Activity
from planner.dates.dates import Date
from planner.storage import db
from tests.conftest import NOON
from tests.dates import START, agreed, clear_ledger, instant, items, ledger, light, move, offer, on_wall, own, slot
from tests.people import activity_id, pair, sign_up


def faults(problem):
    assert problem["type"] == "/problems/invalid"
    return sorted(fault["field"] for fault in problem["errors"])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_both_read_the_same_offer_of_one_to_three_slots(cast, count):
    walls = [START + timedelta(days=at) for at in range(count)]
    date = offer(cast.alice, slots=[slot(wall) for wall in reversed(walls)])
    seen = cast.bob.get(f"/dates/{date['id']}")
    assert [slot["start"] for slot in date["slots"]] == [f"{wall:%Y-%m-%dT%H:%M}:00.000Z" for wall in walls]
    own_view = ("sender", "actions", "slots")
    assert {key: date[key] for key in date if key not in own_view} == {
        key: seen[key] for key in seen if key not in own_view
    }
    assert (date["sender"], seen["sender"]) == ("me", "partner")
    assert [slot["id"] for slot in date["slots"]] == [slot["id"] for slot in seen["slots"]]
    assert items(date, *cast[:3]) == {"Alice": [], "Bob": ["date_proposed"], "Charlie": []}


def test_each_reads_a_slot_in_their_own_local_time(cast):
    date = offer(cast.alice, slots=[slot(on_wall("2026-11-28T19:00"), "Europe/Lisbon", 90)])
    (mine,), (theirs,) = date["slots"], cast.bob.get(f"/dates/{date['id']}")["slots"]
    assert (mine["local_time"], mine["zone"], mine["minutes"]) == ("2026-11-28T19:00", "Europe/Lisbon", 90)
    assert (mine["viewer_local_time"], theirs["viewer_local_time"]) == ("2026-11-28T19:00", "2026-11-28T14:00")
    assert {key: mine[key] for key in mine if key != "viewer_local_time"} == {
        key: theirs[key] for key in mine if key != "viewer_local_time"
    }


def test_a_slot_without_a_zone_is_in_the_zone_of_the_sender(cast):
    body = {"local_time": "2026-11-28T19:00"}
    activity = light()
    (offered,) = offer(cast.bob, activity, slots=[body])["slots"]
    assert (offered["zone"], offered["start"]) == ("America/New_York", "2026-11-29T00:00:00.000Z")
    assert offered["minutes"] == cast.bob.get(f"/activities/{activity}")["duration_max"]
    again = {"id": str(uuid4()), "activity_id": activity, "slots": [body]}
    date = cast.bob.post("/dates", again, 201)
    cast.bob.patch("/me", {"zone": "Asia/Tokyo"}, '"1"')
    assert cast.bob.post("/dates", again, 201)["id"] == date["id"], (
        "the request is the same, although Bob moved to another zone"
    )


CHANGING_NIGHTS = [
    (on_wall("2027-03-28T00:59"), "2027-03-28T00:59:00.000Z"),
    (on_wall("2027-03-28T01:00"), "2027-03-28T01:00:00.000Z"),  # 01:00 to 02:00 is skipped
    (on_wall("2027-03-28T01:30"), "2027-03-28T01:00:00.000Z"),
    (on_wall("2027-03-28T02:00"), "2027-03-28T01:00:00.000Z"),
    (on_wall("2027-10-31T01:30"), "2027-10-31T00:30:00.000Z"),  # 01:00 to 02:00 happens twice
    (on_wall("2027-10-31T02:00"), "2027-10-31T02:00:00.000Z"),
]


def test_a_slot_in_the_night_when_the_clocks_change(cast):
    activity = light()
    for wall, start in CHANGING_NIGHTS:
        (offered,) = offer(cast.alice, activity, slots=[slot(wall, "Europe/Lisbon", 120)])["slots"]
        assert (offered["start"], offered["local_time"]) == (start, f"{wall:%Y-%m-%dT%H:%M}")
        assert instant(offered["end"]) - instant(offered["start"]) == timedelta(hours=2)
        clear_ledger()


def test_two_wall_times_of_the_same_instant_are_a_duplicate(cast):
    gap, after = on_wall("2027-03-28T01:30"), on_wall("2027-03-28T02:00")
    problem = offer(cast.alice, status=422, slots=[slot(gap, "Europe/Lisbon"), slot(after, "Europe/Lisbon")])
    assert faults(problem) == ["slots"]
    same = [slot(on_wall("2026-11-28T19:00"), "Europe/Lisbon"), slot(on_wall("2026-11-28T14:00"), "America/New_York")]
    assert faults(offer(cast.alice, status=422, slots=same)) == ["slots"]


@pytest.mark.parametrize(("sender", "notice"), [("alice", timedelta(minutes=15)), ("charlie", timedelta(hours=3))])
def test_a_proposal_leaves_notice_and_an_hour_to_answer(cast, sender, notice):
    sender, minute, hour = getattr(cast, sender), timedelta(minutes=1), timedelta(hours=1)
    soonest = NOON + notice + hour

    def code(*starts):
        problem = offer(sender, status=422, slots=[slot(start) for start in starts])
        return [(error["field"], error["code"]) for error in problem["errors"]]

    assert code(NOON) == [("slots.0.local_time", "slot_in_the_past")]
    too_soon = "slot_too_soon_minutes" if notice < hour else "slot_too_soon"
    assert code(NOON + notice, soonest) == [("slots.0.local_time", too_soon)]
    assert code(soonest - minute, NOON + notice + minute) == [("slots.0.local_time", "no_time_to_answer")]
    near = offer(sender, slots=[slot(soonest), slot(NOON + notice + minute)])
    assert near["expires_at"] == "2026-11-23T13:00:00.000Z"


def test_a_slot_starts_within_a_year(cast):
    minute, latest = timedelta(minutes=1), NOON + timedelta(days=366)
    assert faults(offer(cast.alice, status=422, slots=[slot(latest + minute)])) == ["slots.0.local_time"]
    far = offer(cast.alice, slots=[slot(latest)])
    assert far["expires_at"] == "2026-11-30T12:00:00.000Z"


def test_every_invalid_slot_is_named_and_nothing_is_saved(cast):
    past, far = NOON - timedelta(days=1), NOON + timedelta(days=400)
    problem = offer(cast.alice, status=422, slots=[slot(past), slot(START), slot(far)])
    assert faults(problem) == ["slots.0.local_time", "slots.2.local_time"]
    assert cast.alice.get("/dates")["items"] == []
    assert cast.bob.inbox() == ["couple_begun"]
    assert cast.alice.get("/me")["allowance"]["proposals"]["left"] == 20


INVALID = [
    ([], "slots"),
    ([slot(START + timedelta(days=at)) for at in range(4)], "slots"),
    ([{**slot(START), "minutes": 9}], "slots.0.minutes"),
    ([{**slot(START), "minutes": 20161}], "slots.0.minutes"),
    ([{**slot(START), "zone": "Mars/Olympus"}], "slots.0.zone"),
    ([{**slot(START), "local_time": "2026-11-25T19:00Z"}], "slots.0.local_time"),
    ([{**slot(START), "local_time": "9999-12-31T23:59"}], "slots.0.local_time"),
    ([{**slot(START), "local_time": "2026-02-30T19:00"}], "slots.0.local_time"),
    ([{**slot(START), "room": 1}], "slots.0.room"),
    ("tomorrow", "slots"),
    (None, "slots"),
]


def test_invalid_slots_are_refused(alice):
    activity = light()
    for slots, field in INVALID:
        assert faults(offer(alice, activity, 422, slots=slots)) == [field], slots


def test_an_unknown_retired_or_solo_activity_cannot_be_proposed(cast):
    assert faults(offer(cast.alice, str(uuid4()), 422)) == ["activity_id"]
    solo_activity = activity_id(party="one")
    assert faults(offer(cast.alice, solo_activity, 422)) == ["activity_id"]
    activity = light()
    proposed = offer(cast.alice, activity)
    with db.connection(), db.write():
        later = NOON + timedelta(seconds=1)
        Activity.update(retired_at=later, changed_at=later).where(Activity.id == UUID(activity)).execute()
    assert faults(offer(cast.alice, activity, 422)) == ["activity_id"]
    # An earlier proposal keeps its name and can be accepted.
    assert move(cast.bob, "accept", proposed)["activity"]["id"] == activity


def test_an_activity_above_the_pace_cannot_be_proposed(cast):
    # Charlie and Dana are gentle: pace 3.
    assert offer(cast.charlie, activity_id(party="two", pace=4), 409)["type"].endswith("above-pace")
    assert cast.dana.inbox() == ["couple_begun"]
    assert offer(cast.charlie, activity_id(party="two", pace=3))["state"] == "proposed"


def test_a_message_needs_pace_three_and_costs_one_shared_thing(cast, app):
    date = offer(cast.charlie, message="The one by the river?")
    assert cast.dana.get(f"/dates/{date['id']}")["message"] == "The one by the river?"
    assert cast.charlie.get("/me")["allowance"]["shared"]["left"] == 6

    erin, fred = sign_up(app, "Erin", "UTC"), sign_up(app, "Fred", "UTC")
    pair(erin, fred, "apart")
    assert faults(offer(erin, status=422, message="Please")) == ["message"]
    assert erin.get("/me")["allowance"]["shared"]["left"] == 2
    assert offer(erin)["message"] is None


def test_a_proposal_beyond_the_quota_says_when_the_next_is_possible(cast):
    first = offer(cast.charlie)
    refusal = offer(cast.charlie, status=409)
    assert (refusal["type"], refusal["opens_at"]) == ("/problems/too-soon", first["expires_at"])
    # The budget of the partner is untouched.
    assert offer(cast.dana)["sender"] == "me"


def test_a_repeated_proposal_returns_the_same_date(cast):
    activity, date_id = light(), str(uuid4())
    first = offer(cast.alice, activity, id=date_id)
    assert offer(cast.alice, activity, id=date_id) == first
    assert ledger(first) == [None]
    assert items(first, cast.bob) == {"Bob": ["date_proposed"]}

    move(cast.bob, "accept", first)
    again = offer(cast.alice, activity, id=date_id)
    assert (again["id"], again["state"], again["version"]) == (date_id, "accepted", 2)
    assert [item["id"] for item in cast.bob.get("/dates")["items"]] == [date_id]


def test_a_repeat_needs_no_budget_and_no_future_slot(cast, stopped_clock):
    date_id = str(uuid4())
    date = offer(cast.charlie, id=date_id, slots=[slot(NOON + timedelta(hours=4))])
    stopped_clock.move_to(NOON + timedelta(days=3))
    again = offer(cast.charlie, id=date_id, slots=[slot(NOON + timedelta(hours=4))])
    assert (again["id"], again["state"], again["slots"]) == (date_id, "lapsed", date["slots"])


def test_an_id_of_another_date_is_refused_to_everybody(cast):
    activity, date_id = light(), str(uuid4())
    date = offer(cast.alice, activity, id=date_id)
    changed = ({"slots": [slot(START)]}, {"message": "x"}, {"slots": [slot(START, minutes=61)]})
    for more in changed:
        assert offer(cast.alice, activity, 422, id=date_id, **more)["type"].endswith("id-taken")
    for person in (cast.bob, cast.charlie):
        assert offer(person, activity, 422, id=date_id)["type"].endswith("id-taken")
    assert own(cast.alice, status=422, id=date_id)["type"].endswith("id-taken")
    assert own(cast.sam, status=422, id=date_id)["type"].endswith("id-taken")
    assert cast.alice.get(f"/dates/{date_id}") == date
    assert faults(offer(cast.alice, activity, 422, id=str(uuid1()))) == ["id"]


def test_a_person_without_a_partner_cannot_propose(cast):
    assert offer(cast.sam, status=409)["type"] == "/problems/wrong-state"


def test_a_solo_date_is_private_and_costs_nothing(cast):
    solo_date = own(cast.alice, NOON + timedelta(minutes=1), message="Just me")
    assert (solo_date["for"], solo_date["state"], solo_date["message"]) == ("one", "accepted", "Just me")
    assert own(cast.sam)["state"] == "accepted"
    for other in (cast.bob, cast.charlie, cast.sam):
        other.get(f"/dates/{solo_date['id']}", 404)
        assert solo_date["id"] not in [
            item["id"] for item in other.get("/dates")["items"] + other.get("/today")["dates"]
        ]
    assert [date["id"] for date in cast.alice.get("/today")["dates"]] == [solo_date["id"]]
    assert cast.bob.inbox() == ["couple_begun"]
    assert cast.alice.get("/me")["allowance"]["proposals"]["left"] == 20


def test_a_solo_date_has_one_future_slot_and_an_activity_for_one(cast):
    assert faults(own(cast.alice, NOON, status=422)) == ["slots.0.local_time"]
    assert faults(own(cast.alice, status=422, slots=[slot(START), slot(NOON + timedelta(days=1))])) == ["slots"]
    shared = activity_id(party="two")
    assert faults(own(cast.alice, status=422, activity=shared)) == ["activity_id"]
    assert cast.alice.get("/dates")["items"] == []


def test_a_repeated_solo_date_is_one_row(alice):
    date_id = str(uuid4())
    assert own(alice, id=date_id) == own(alice, id=date_id)
    assert own(alice, START + timedelta(hours=1), 422, id=date_id)["type"].endswith("id-taken")
    with db.connection():
        assert Date.select().count() == 1
    assert items({"id": date_id}, alice) == {"Alice": ["date_feedback", "date_soon", "date_tomorrow"]}


def all_ids(person, query):
    date_ids, after = [], ""
    while after is not None:
        page = person.get(f"/dates?{query}&limit=2{after and '&after=' + after}")
        assert len(page["items"]) <= 2
        date_ids += [item["id"] for item in page["items"]]
        after = page["next"]
    return date_ids


def test_all_dates_are_listed_newest_first_also_those_of_one_instant(cast, stopped_clock):
    activity = light()
    same = sorted((offer(cast.alice, activity)["id"] for _ in range(5)), reverse=True)
    stopped_clock.shift(1)
    clear_ledger()
    newest = own(cast.alice)["id"]
    assert all_ids(cast.alice, "show=all") == [newest, *same]
    assert all_ids(cast.bob, "show=all") == same


def test_upcoming_dates_are_listed_by_their_time(cast, stopped_clock):
    activity = light()
    lapsing = offer(cast.alice, activity, slots=[slot(NOON + timedelta(hours=2, minutes=15))])["id"]
    open_one = offer(cast.alice, activity)["id"]
    late, soon = own(cast.alice, NOON + timedelta(days=9))["id"], own(cast.alice, NOON + timedelta(hours=4))["id"]
    ahead = agreed(cast.alice, cast.bob)["id"]
    move(cast.bob, "decline", offer(cast.alice, activity))
    assert all_ids(cast.alice, "show=upcoming") == [lapsing, soon, ahead, open_one, late]
    assert all_ids(cast.bob, "show=upcoming") == [lapsing, ahead, open_one]
    assert [date["id"] for date in cast.bob.get("/today")["dates"]] == [lapsing, ahead, open_one]
    # A date leaves the list when it is over, an offer when it lapses.
    stopped_clock.move_to(NOON + timedelta(hours=2))
    assert all_ids(cast.alice, "show=upcoming") == [soon, ahead, open_one, late]
    stopped_clock.move_to(NOON + timedelta(hours=5) - timedelta(microseconds=1))
    assert all_ids(cast.alice, "show=upcoming") == [soon, ahead, open_one, late]
    stopped_clock.move_to(NOON + timedelta(hours=5))
    assert all_ids(cast.alice, "show=upcoming") == [ahead, open_one, late]


def test_upcoming_dates_of_one_instant_are_listed_by_id(alice):
    same = sorted(own(alice)["id"] for _ in range(5))
    assert all_ids(alice, "show=upcoming") == same


def test_an_unknown_query_of_the_list_is_refused(alice):
    for query in ("show=some", "limit=0", "limit=101", "limit=abc", "after=%00", "after=abc", "x=1"):
        alice.get(f"/dates?{query}", 422)


def test_a_slot_names_the_viewers_agreed_dates_at_that_time(cast):
    free, busy = START + timedelta(days=1), START
    own_date = own(cast.bob, busy + timedelta(minutes=30))
    offered = offer(cast.alice, slots=[slot(busy), slot(free)])

    def overlaps(person):
        return [each["overlaps"] for each in person.get(f"/dates/{offered['id']}")["slots"]]

    assert overlaps(cast.bob) == [[own_date["id"]], []]
    assert overlaps(cast.alice) == [[], []]
    agreed_date = agreed(cast.bob, cast.alice, slots=[slot(free + timedelta(minutes=59))])
    assert overlaps(cast.bob) == [[own_date["id"]], [agreed_date["id"]]]
    assert overlaps(cast.alice) == [[], [agreed_date["id"]]]
    accepted = move(cast.bob, "accept", offered)
    assert [each["overlaps"] for each in accepted["slots"]] == [[own_date["id"]]]
    assert cast.bob.get(f"/dates/{own_date['id']}")["slots"][0]["overlaps"] == [accepted["id"]]
    assert cast.bob.get(f"/dates/{agreed_date['id']}")["slots"][0]["overlaps"] == []
