"""Test the someday list: both add, see and remove, within pace, quota and space."""

from __future__ import annotations

import pytest

from planner.couples import contact_rules
from planner.privacy.export_format import ORDINARY
from planner.recommender import someday_list
from tests.dates import offer
from tests.exports import export
from tests.people import activity_id
from tests.spaces import MINUTE, end, held, idea, quieten, share, take


def listed(person):
    """Return the list as (title, who added it)."""
    return [(item["activity"]["title"], item["added_by"]) for item in person.get("/someday-list")["items"]]


def add(person, activity, status=200):
    """Put an activity on the list."""
    return person.put(f"/someday-list/{activity}", None, status)


def close(pace):
    """Return the id of an activity for two at a pace."""
    return activity_id(party="two", pace=pace)


def shared_left(person):
    """Return how many things a person may still share."""
    return person.get("/today")["allowance"]["shared"]["left"]


def test_both_see_add_and_remove(cast, stopped_clock):
    lunch, game = activity_id(slug="market-stall-lunch"), activity_id(slug="pottery-taster")
    answer = add(cast.alice, lunch)
    assert [item["activity"]["id"] for item in answer["items"]] == [lunch]
    stopped_clock.shift(MINUTE)
    add(cast.bob, game)
    assert listed(cast.alice) == [("Pottery taster", "partner"), ("Market-stall lunch", "me")]
    assert listed(cast.bob) == [("Pottery taster", "me"), ("Market-stall lunch", "partner")]
    assert listed(cast.charlie) == listed(cast.sam) == []
    assert cast.bob.inbox() == ["couple_begun"]
    assert cast.charlie.delete(f"/someday-list/{lunch}") == {"items": []}
    assert len(listed(cast.alice)) == 2
    cast.bob.delete(f"/someday-list/{lunch}")
    assert cast.bob.delete(f"/someday-list/{lunch}")["items"] == cast.bob.get("/someday-list")["items"]
    assert listed(cast.alice) == [("Pottery taster", "partner")]


def test_an_addition_costs_one_shared_thing_and_a_repeat_none(cast):
    left = shared_left(cast.alice)
    for _ in range(2):
        add(cast.alice, close(2))
    add(cast.bob, close(2))
    assert (shared_left(cast.alice), shared_left(cast.bob)) == (left - 1, left)
    assert [by for _, by in listed(cast.bob)] == ["partner"]


def test_without_shared_things_left_nothing_is_added(cast):
    for _ in range(contact_rules.QUOTAS["gentle"].shared):
        share(cast.charlie)
    refusal = add(cast.charlie, close(2), 409)
    assert refusal["opens_at"] is not None
    assert listed(cast.dana) == []


def test_an_own_idea_goes_on_the_list_as_a_copy(cast):
    duck, left = idea(cast.alice), shared_left(cast.alice)
    add(cast.alice, duck)
    add(cast.alice, duck)
    assert shared_left(cast.alice) == left - 1
    (item,) = cast.bob.get("/someday-list")["items"]
    assert item["activity"]["id"] != duck
    assert (item["activity"]["title"], item["activity"]["source"]) == ("Feed the ducks", "partner")
    assert [item["activity"]["id"] for item in cast.alice.get("/someday-list")["items"]] == [duck]
    cast.alice.patch(f"/activities/{duck}", {"title": "Feed the geese"}, "*")
    assert listed(cast.bob) == [("Feed the ducks", "partner")]
    add(cast.alice, duck)
    assert listed(cast.bob) == [("Feed the geese", "partner")]
    assert listed(cast.alice) == [("Feed the geese", "me")]
    cast.alice.delete(f"/someday-list/{duck}")
    assert listed(cast.bob) == listed(cast.alice) == []


def test_the_partner_cannot_add_an_idea_that_only_its_author_knows(cast):
    duck = idea(cast.alice)
    assert add(cast.bob, duck, 404) == add(cast.bob, "0b1f2c3d-0000-4000-8000-000000000000", 404)


def test_a_retired_idea_leaves_the_list(cast):
    duck = idea(cast.alice)
    add(cast.alice, duck)
    cast.alice.delete(f"/activities/{duck}")
    assert listed(cast.alice) == listed(cast.bob) == []


@pytest.mark.parametrize(("fields", "status"), [({"party": "one"}, 422), ({"party": "two", "pace": 5}, 409)])
def test_what_does_not_suit_the_couple_is_refused(cast, fields, status):
    cast.alice.put("/me/pace", {"pace": 3})
    add(cast.alice, activity_id(**fields), status)
    assert listed(cast.alice) == []


def test_a_person_alone_has_no_list(cast):
    assert add(cast.sam, close(2), 409)["reason"] == "no_partner"


def test_each_sees_ideas_up_to_their_own_pace(cast):
    add(cast.alice, close(4))
    quieten(cast.bob, pace=2)
    add(cast.alice, close(2))
    assert [len(listed(person)) for person in (cast.alice, cast.bob)] == [2, 1]
    add(cast.bob, close(4), 409)


def test_a_full_list_takes_nothing_more(cast, monkeypatch):
    monkeypatch.setattr(someday_list, "MAX_ITEMS", 1)
    add(cast.alice, close(2))
    assert add(cast.bob, close(3), 409)["reason"] == "someday_list_full"
    assert len(listed(cast.bob)) == 1


def test_what_arrives_in_space_is_held_until_its_release(cast, stopped_clock):
    add(cast.alice, close(2))
    stopped_clock.shift(MINUTE)
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    add(cast.alice, close(3))
    duck = idea(cast.alice)
    add(cast.alice, duck)
    assert (len(listed(cast.alice)), len(listed(cast.bob))) == (3, 1)
    titles = {thing["idea"]["title"] for thing in cast.bob.get("/me/held")["items"]}
    assert titles == {listed(cast.alice)[0][0], listed(cast.alice)[1][0]}
    end(cast.bob)
    stopped_clock.shift(MINUTE)
    assert len(listed(cast.bob)) == 1
    cast.bob.post("/me/held/release", status=200)
    assert len(listed(cast.bob)) == 3
    assert held(cast.bob) == []


def test_a_person_in_space_adds_nothing_and_cannot_probe_what_is_held(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    add(cast.alice, close(3))
    refusals = [add(cast.bob, close(pace), 409) for pace in (2, 3)]
    assert refusals[0] == refusals[1]
    cast.bob.delete(f"/someday-list/{close(3)}")
    assert (len(listed(cast.alice)), len(listed(cast.bob))) == (1, 0)
    end(cast.bob)
    stopped_clock.shift(MINUTE)
    before, left = cast.alice.get("/someday-list"), shared_left(cast.bob)
    add(cast.bob, close(3))
    assert [by for _, by in listed(cast.bob)] == ["partner"]
    assert cast.alice.get("/someday-list") == before, "Alice cannot tell that it was held"
    assert shared_left(cast.bob) == left


@pytest.mark.parametrize("how", ["release", "dismiss"])
def test_a_wish_of_the_receiver_shows_what_was_held_or_dismissed(cast, stopped_clock, how):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    add(cast.alice, idea(cast.alice))
    add(cast.alice, close(3))
    end(cast.bob)
    stopped_clock.shift(MINUTE)
    cast.bob.post(f"/me/held/{how}", status=200)
    before = cast.alice.get("/someday-list")
    add(cast.bob, close(3))
    assert close(3) in [item["activity"]["id"] for item in cast.bob.get("/someday-list")["items"]]
    assert cast.alice.get("/someday-list") == before


def test_what_exceeds_a_quiet_rhythm_is_held_until_the_receiver_wishes_the_same(cast, stopped_clock):
    quieten(cast.bob, rhythm="apart")
    activities = [activity_id(slug=slug) for slug in ("market-stall-lunch", "pottery-taster", "regular-game-night")]
    for activity in activities:
        stopped_clock.shift(MINUTE)
        add(cast.alice, activity)
    assert (len(listed(cast.alice)), len(listed(cast.bob))) == (3, 2)
    before = cast.alice.get("/someday-list")
    add(cast.bob, activities[2])
    assert len(listed(cast.bob)) == 3
    assert cast.alice.get("/someday-list") == before


def test_a_proposal_of_a_changed_idea_does_not_hold_up_the_list(cast):
    duck = idea(cast.alice)
    add(cast.alice, duck)
    cast.alice.patch(f"/activities/{duck}", {"title": "Feed the geese"}, "*")
    copy = offer(cast.alice, duck)["activity"]["id"]
    add(cast.bob, copy)
    assert listed(cast.bob) == [("Feed the geese", "me")]
    assert listed(cast.alice) == [("Feed the geese", "partner")]
    add(cast.alice, duck)
    assert len(listed(cast.alice)) == 1


def test_retired_ideas_leave_room_and_an_idea_is_held_once(cast, stopped_clock, monkeypatch):
    monkeypatch.setattr(someday_list, "MAX_ITEMS", 1)
    duck = idea(cast.alice)
    add(cast.alice, duck)
    cast.alice.delete(f"/activities/{duck}")
    add(cast.alice, close(2))
    cast.alice.delete(f"/someday-list/{close(2)}")
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    goose = idea(cast.alice, "Feed the geese")
    add(cast.alice, goose)
    cast.alice.delete(f"/someday-list/{goose}")
    stopped_clock.shift(MINUTE)
    add(cast.alice, goose)
    assert len(held(cast.bob)) == 1


def test_the_list_ends_with_the_couple(cast):
    add(cast.alice, close(2))
    cast.bob.delete("/couple")
    assert listed(cast.alice) == listed(cast.bob) == []


def test_the_export_and_the_safety_check_have_the_list(cast):
    add(cast.alice, activity_id(slug="market-stall-lunch"))
    lines = [item for item in cast.bob.get("/me/safety")["items"] if item["kind"] == "someday_list"]
    assert [line["text"] for line in lines] == ["Ideas on the someday list that you share with Alice: 1."]
    (item,) = export(cast.bob, ORDINARY)["someday_list"]
    assert (item["title"], item["added_by_me"]) == ("Market-stall lunch", False)
