"""Test prompts: the one of the day, those to browse, and the cards for an evening."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import time_machine
from flask import Flask

from planner.catalogue import prompts, sync
from planner.notes.daily_prompt import PromptDay
from planner.storage import db
from seeds.reader import Catalogue, Prompt
from seeds.vocabulary import PROMPT_KINDS
from tests.conftest import NOON
from tests.dates import START, agreed, move, offer
from tests.people import Cast, Person, shipped, sign_up
from tests.racing import together

Clock = time_machine.Traveller


SHIPPED = shipped()


def prompt(person: Person) -> Any:
    return person.get("/prompts/today")


def content(shown: dict[str, Any]) -> Prompt:
    with db.connection():
        return prompts.snapshot().by_id[UUID(shown["id"])].content


def keep_only(*kept_prompts: Prompt) -> None:
    """Leave only these prompts in the catalogue."""
    with db.connection():
        sync.sync(Catalogue(Path(), SHIPPED.activities, kept_prompts), NOON)


def make_prompt(slug: str, **values: object) -> Prompt:
    return replace(SHIPPED.prompts[0], slug=slug, kind="memory", pace=1, cooldown_days=1, **values)


TENDER = make_prompt("tender", text="Tender?", audience="partner", avoid_after=("declined", "heavy_date"))
ROBUST = make_prompt("robust", text="Robust?", audience="self", avoid_after=())


DAYS = (  # a zone, and one of its days from midnight to midnight
    ("America/New_York", "2026-11-23T05:00", "2026-11-24T05:00"),
    ("Asia/Kathmandu", "2026-11-22T18:15", "2026-11-23T18:15"),
    ("Pacific/Kiritimati", "2026-11-23T10:00", "2026-11-24T10:00"),
    ("America/Los_Angeles", "2027-03-14T08:00", "2027-03-15T07:00"),  # 23 hours
    ("America/Chicago", "2027-11-07T05:00", "2027-11-08T06:00"),  # 25 hours
    ("Africa/Cairo", "2027-04-29T22:00", "2027-04-30T21:00"),  # a day that begins at 01:00
)


def test_a_prompt_lasts_from_midnight_to_midnight_of_the_viewer(app: Flask, stopped_clock: Clock) -> None:
    moment = timedelta(microseconds=1)
    for zone, *ends in DAYS:
        sam = sign_up(app, "Sam", zone)
        start, end = (datetime.fromisoformat(at).replace(tzinfo=UTC) for at in ends)
        shown = []
        stopped_clock.move_to(start - moment)
        sam.sign_in_again()
        for at in (start - moment, start, start + (end - start) / 2, end - moment, end):
            stopped_clock.move_to(at)
            shown.append(prompt(sam))
        before, first, noon, last, after = shown
        assert first == noon == last, zone
        assert before["id"] != first["id"] != after["id"], zone
        days = [datetime.fromisoformat(view["day"]).date() for view in (before, first, after)]
        assert [days[1] - days[0], days[2] - days[1]] == [timedelta(days=1)] * 2, zone


def test_a_person_alone_gets_prompts_about_themselves_and_no_repeat_in_30_days(
    sam: Person, stopped_clock: Clock
) -> None:
    seen = []
    for day in range(31):
        stopped_clock.move_to(NOON + timedelta(days=day))
        shown = prompt(sam)
        assert content(shown).audience == "self"
        assert set(shown) == {"id", "day", "text", "follow_up", "kind", "for", "note_kind", "tone"}
        seen.append(shown["id"])
    assert len(set(seen[:30])) == len(set(seen[1:])) == 30


def test_a_couple_gets_prompts_about_each_other_up_to_its_pace(cast: Cast, stopped_clock: Clock) -> None:
    contents: list[Prompt] = []
    for day in range(25):
        stopped_clock.move_to(NOON + timedelta(days=day))
        contents.append(content(prompt(cast.charlie)))
    assert {asked.audience for asked in contents} == {"self", "partner"}
    assert max(asked.pace for asked in contents) == 3


def test_each_person_has_their_own_prompt(cast: Cast) -> None:
    keep_only(*(make_prompt(f"robust-{number}", audience="self", avoid_after=()) for number in range(40)))
    prompt_ids = {prompt(person)["id"] for person in cast}
    assert len(prompt_ids) > 1
    assert PromptDay.select().count() == len(cast)


def test_when_all_prompts_rest_the_longest_rested_comes(sam: Person, stopped_clock: Clock) -> None:
    keep_only(*(replace(make_prompt(f"one-{number}", audience="self"), cooldown_days=90) for number in range(3)))
    seen = []
    for day in range(7):
        stopped_clock.move_to(NOON + timedelta(days=day))
        seen.append(prompt(sam)["id"])
    assert len(set(seen[:3])) == 3
    assert seen[3:] == seen[:3] + seen[:1]


def test_two_phones_at_once_see_one_prompt(sam: Person) -> None:
    answers = together(*[lambda: sam.request("GET", "/prompts/today")] * 4)
    assert {(answer.status_code, answer.data) for answer in answers} == {(200, answers[0].data)}
    assert PromptDay.select().count() == 1


def test_reading_the_prompt_again_writes_nothing(sam: Person) -> None:
    prompt(sam)
    row = PromptDay.get()
    assert prompt(sam)["id"] == str(row.prompt_id) == sam.get("/today")["prompt"]["id"]
    assert [row.id for row in PromptDay.select()] == [row.id]


def test_a_prompt_retired_during_the_day_stays_until_midnight(sam: Person, stopped_clock: Clock) -> None:
    shown = prompt(sam)
    keep_only(ROBUST)
    assert prompt(sam) == shown
    stopped_clock.move_to(NOON + timedelta(days=1))
    assert prompt(sam)["text"] == ROBUST.text


def test_without_a_fitting_prompt_there_is_none_and_today_still_answers(sam: Person) -> None:
    keep_only(TENDER)
    assert sam.get("/prompts/today", 404)["type"] == "/problems/not-found"
    assert sam.get("/today")["prompt"] is None


def test_a_new_zone_brings_no_second_prompt_before_midnight_in_the_old_one(sam: Person, stopped_clock: Clock) -> None:
    first = prompt(sam)
    for zone in ("Pacific/Kiritimati", "America/Los_Angeles", "Pacific/Kiritimati"):
        sam.patch("/me", {"zone": zone}, sam.request("GET", "/me").headers["ETag"])
        assert prompt(sam) == first
        assert sam.get("/today")["day"] == first["day"] == "2026-11-23"
    stopped_clock.move_to(NOON + timedelta(hours=12))
    following = prompt(sam)
    assert (following["day"], sam.get("/today")["day"]) == ("2026-11-24", "2026-11-24")
    assert following["id"] != first["id"]


def test_a_day_repeated_after_a_trip_west_has_the_same_prompt(sam: Person, stopped_clock: Clock) -> None:
    stopped_clock.move_to(NOON + timedelta(hours=11))
    first = prompt(sam)
    sam.patch("/me", {"zone": "America/Los_Angeles"}, sam.request("GET", "/me").headers["ETag"])
    stopped_clock.move_to(NOON + timedelta(hours=13))
    assert prompt(sam) == first, "in Los Angeles it is still the same day"


def choose_kinds(person: Person, *kinds: str) -> None:
    person.put("/me/profile", {"interests": [], "causes": [], "prompt_kinds": list(kinds)})


def kinds_of(person: Person, clock: Clock, days: int) -> list[str]:
    kinds = []
    for day in range(days):
        clock.move_to(NOON + timedelta(days=day))
        kinds.append(prompt(person)["kind"])
    return kinds


def test_all_kinds_that_fit_take_turns(sam: Person, cast: Cast, stopped_clock: Clock) -> None:
    alone = kinds_of(sam, stopped_clock, 14)
    assert len(set(alone[:7])) == 7
    assert alone[7:] == alone[:7]
    assert "conversation" not in alone, "no conversation card is for one"
    paired = kinds_of(cast.charlie, stopped_clock, 8)
    assert set(paired) == set(PROMPT_KINDS) - {"reflection"}, "a reflection is for a person who chose it"


def test_the_chosen_kinds_take_turns_from_the_next_day_on(sam: Person, bob: Person, stopped_clock: Clock) -> None:
    choose_kinds(sam, "memory")
    first = prompt(sam)
    assert first["kind"] == "memory"
    choose_kinds(sam, "self_care", "effort")
    assert prompt(sam) == first, "a question stays all day"
    kinds = kinds_of(sam, stopped_clock, 7)[1:]
    assert sorted(kinds[:2]) == ["effort", "self_care"]
    assert kinds == kinds[:2] * 3
    choose_kinds(sam, "conversation")
    stopped_clock.move_to(NOON + timedelta(days=7))
    assert sam.get("/today")["prompt"] is None, "there is none for one"


def test_a_leaving_or_a_lower_pace_replaces_a_prompt_that_no_longer_suits(alice: Person, bob: Person) -> None:
    tame, bold = (replace(TENDER, slug=f"at-{pace}", text=f"Pace {pace}?", pace=pace) for pace in (1, 3))
    keep_only(bold)
    assert prompt(alice)["text"] == prompt(bob)["text"] == "Pace 3?"
    keep_only(bold, tame, ROBUST)
    alice.put("/me/pace", {"pace": 2})
    assert prompt(alice)["text"] in ("Pace 1?", "Robust?")
    replaced = prompt(bob)
    assert replaced["text"] in ("Pace 1?", "Robust?")
    assert prompt(bob) == replaced, "it stays for the rest of the day"
    alice.delete("/couple")
    assert {prompt(person)["text"] for person in (alice, bob)} <= {"Robust?"}
    assert PromptDay.select().count() == 2


def test_a_person_in_space_gets_no_question_for_the_table(alice: Person, bob: Person) -> None:
    choose_kinds(alice, "conversation")
    choose_kinds(bob, "conversation")
    alice.put("/me/space", {"kind": "quiet", "dates": []})
    assert alice.get("/today")["prompt"] is None
    assert prompt(bob)["kind"] == "conversation"


def browse(person: Person, query: str = "") -> list[Any]:
    """Return all items of a list, page by page."""
    items, page = [], person.get(f"/prompts{query}")
    while True:
        items += page["items"]
        if page["next"] is None:
            return items
        page = person.get(f"/prompts{query}&after={page['next']}")


def test_prompts_can_be_browsed_by_kind_within_the_pace(cast: Cast) -> None:
    memories = browse(cast.charlie, "?kind=memory&limit=7")
    expected = [each for each in SHIPPED.prompts if each.kind == "memory" and each.pace <= 3]
    assert sorted(each["text"] for each in memories) == sorted(each.text for each in expected)
    assert {each["kind"] for each in browse(cast.charlie, "?limit=100")} == set(PROMPT_KINDS)
    own = browse(cast.charlie, "?for=one&kind=check_in")
    assert {content(each).audience for each in own} == {"self"}
    assert {each["for"] for each in own} == {"one"}
    assert own[0]["note_kind"] is None
    assert memories[0]["note_kind"] == "memory"
    assert cast.charlie.get(f"/prompts/{own[0]['id']}") == own[0]


def test_a_person_alone_browses_the_prompts_for_one(sam: Person) -> None:
    everything = browse(sam, "?limit=100")
    assert len(everything) == len([each for each in SHIPPED.prompts if each.audience == "self"])
    assert {each["for"] for each in everything} == {"one"}
    assert browse(sam, "?for=two") == browse(sam, "/cards?seed=x") == []


def test_wrong_queries_are_refused(sam: Person) -> None:
    for query in ("?kind=nonsense", "?for=three", "?after=x", "/cards?after=x", "/cards?limit=0"):
        assert sam.get(f"/prompts{query}", 422)["type"] == "/problems/invalid"
    cursor = base64.urlsafe_b64encode(f"{UUID(int=4).hex}nonsense".encode()).decode()
    for path in ("", "/cards"):
        assert sam.get(f"/prompts{path}?after={cursor}", 422)["errors"][0]["code"] == "not_a_cursor"


def test_an_evening_draws_each_card_once_and_a_new_seed_shuffles(alice: Person, bob: Person) -> None:
    evening = browse(alice, "/cards?seed=tonight&limit=5")
    expected = [each for each in SHIPPED.prompts if each.kind == "conversation"]
    assert sorted(each["text"] for each in evening) == sorted(each.text for each in expected)
    assert browse(alice, "/cards?seed=tonight&limit=50") == evening
    ids = [each["id"] for each in evening]
    for other in (browse(alice, "/cards?seed=another&limit=50"), browse(bob, "/cards?seed=tonight&limit=50")):
        assert [each["id"] for each in other] != ids
        assert {each["id"] for each in other} == set(ids)


def test_a_quiet_lower_pace_removes_cards_and_prompts_for_its_owner_only(alice: Person, bob: Person) -> None:
    queries = ("?limit=100", "/cards?seed=tonight&limit=50")
    before = [browse(alice, query) for query in queries]
    bob.put("/me/pace", {"pace": 1, "quietly": True})
    assert [browse(alice, query) for query in queries] == before
    assert {content(each).pace for query in queries for each in browse(bob, query)} == {1}


def texts(person: Person, clock: Clock, start: datetime, days: int) -> list[str]:
    texts_by_day = []
    for day in range(days):
        clock.move_to(start + timedelta(days=day))
        texts_by_day.append(prompt(person)["text"])
    return texts_by_day


def test_after_a_decline_the_sender_gets_no_tender_prompt_for_three_days(
    alice: Person, bob: Person, stopped_clock: Clock
) -> None:
    keep_only(TENDER, ROBUST)
    move(bob, "decline", offer(alice))
    assert texts(alice, stopped_clock, NOON, 5) == ["Robust?"] * 4 + ["Tender?"]
    assert "Tender?" in texts(bob, stopped_clock, NOON, 2), "the person who declined may be asked anything"


def test_another_time_or_idea_is_not_a_decline(alice: Person, bob: Person, stopped_clock: Clock) -> None:
    keep_only(TENDER, ROBUST)
    for answer in ("another_time", "another_idea"):
        move(bob, "decline", offer(alice), answer=answer)
    assert "Tender?" in texts(alice, stopped_clock, NOON, 2)


def test_after_a_heavy_date_its_author_gets_no_tender_prompt(alice: Person, bob: Person, stopped_clock: Clock) -> None:
    keep_only(TENDER, ROBUST)
    date = agreed(alice, bob)
    stopped_clock.move_to(START)
    date = move(alice, "complete", date)
    move(alice, "feedback", date, feeling="heavier")
    assert texts(alice, stopped_clock, START, 3) == ["Robust?"] * 3
    assert "Tender?" in texts(bob, stopped_clock, START, 2)
