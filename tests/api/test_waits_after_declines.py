"""Test the wait after declined proposals: how long the sender waits, what ends it, and how long activities rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import Traveller

from planner import clock, scheduler
from tests.api.test_budget import SECOND, WEEK, couple, left, move, opens, proposal, share
from tests.api.test_query_counts import statements
from tests.conftest import NOON
from tests.dates import slot
from tests.people import Person, pair
from tests.racing import strangers

DAY = timedelta(days=1)


class Story:
    """A couple in which Ada proposes one light activity after another."""

    def __init__(self, app: Flask, time: Traveller, rhythm: str) -> None:
        self.ada, self.ben = couple(app, rhythm)
        self.time = time
        activities = self.ada.get("/activities?limit=100")["items"]
        self.ideas = iter(
            [activity["id"] for activity in activities if (activity["for"], activity["pace"]) == ("two", 2)]
        )

    def propose(self, status: int = 201, sender: Person | None = None) -> Any:
        sender = sender or self.ada
        return sender.post("/dates", proposal(sender) | {"activity_id": next(self.ideas)}, status)

    def ends(self, how: str) -> datetime:
        """Propose, and let the proposal end in a certain way. Move the clock on by a week. Return when it ended."""
        date, begun = self.propose(), clock.utcnow()
        self.time.shift(DAY)
        if how == "lapsed":
            self.time.move_to(begun + WEEK)
        elif how == "noted":
            self.time.move_to(begun + WEEK + DAY)
            scheduler.tick(clock.utcnow())
        elif how == "withdrawn":
            move(self.ada, date, "withdraw")
        elif how == "accepted":
            move(self.ben, date, "accept", slot_id=date["slots"][0]["id"])
        elif how == "countered":
            move(self.ben, date, "counter", slots=proposal(self.ben, days=10)["slots"])
        else:
            move(self.ben, date, "decline", answer=how)
        ended = begun + WEEK if how == "noted" else clock.utcnow()
        self.time.move_to(max(ended, begun + WEEK) + SECOND)
        return ended

    def waits(self) -> datetime | None:
        """Return until when Ada waits. Check that /me and a refused proposal tell the same time."""
        quota = self.ada.get("/me")["allowance"]["proposals"]
        if quota["opens_at"] is None:
            return None
        assert quota["left"] == 0
        assert opens(self.propose(409)) == datetime.fromisoformat(quota["opens_at"])
        return datetime.fromisoformat(quota["opens_at"])


@pytest.fixture
def story(app: Flask, stopped_clock: Traveller, request: pytest.FixtureRequest) -> Story:
    """Return a story of a couple that is often apart, unless the test names other rhythms."""
    return Story(app, stopped_clock, getattr(request, "param", "apart"))


# All waits follow the same rules in each rhythm: this test shows it.
@pytest.mark.parametrize("story", ["apart", "gentle"], indirect=True)
@pytest.mark.parametrize(
    "endings",
    [("no", "no"), ("no", "lapsed", "noted"), ("lapsed", "noted", "lapsed", "noted"), ("noted", "lapsed", "no")],
)
def test_two_declined_in_a_row_make_the_sender_wait_14_days(story: Story, endings: tuple[str, ...]) -> None:
    for ending in endings[:-1]:
        story.ends(ending)
        assert story.waits() is None
    until = story.ends(endings[-1]) + 14 * DAY
    assert story.waits() == until
    story.time.move_to(until - SECOND)
    assert story.waits() == until
    assert left(story.ada)["shared"] > 0
    share(story.ada)
    story.time.move_to(until)
    assert story.waits() is None
    story.propose()


def test_three_declined_within_60_days_make_the_sender_wait_90_days(story: Story) -> None:
    for how in ("no", "lapsed", "lapsed"):
        ended = story.ends(how)
    story.time.move_to(ended + 14 * DAY)
    until = story.ends("no") + 90 * DAY
    assert story.waits() == until
    story.time.move_to(until)
    assert story.waits() is None
    # The count goes on: the next declined proposal is the second in a row.
    assert story.ends("no") + 14 * DAY == story.waits()


@pytest.mark.parametrize("neither", ["another_time", "another_idea", "withdrawn"])
def test_another_time_another_idea_and_withdrawn_do_not_count(story: Story, neither: str) -> None:
    for _ in range(2):
        story.ends(neither)
    assert story.waits() is None
    story.ends("no")
    story.ends(neither)
    assert story.waits() is None
    assert story.ends("no") + 14 * DAY == story.waits()


@pytest.mark.parametrize("clearing", ["accepted", "countered"])
def test_an_accept_or_a_counter_ends_the_count(story: Story, clearing: str) -> None:
    story.ends("no")
    story.ends(clearing)
    story.ends("no")
    assert story.waits() is None
    story.ends("lapsed")
    assert story.waits() is None
    assert story.ends("lapsed") + 14 * DAY == story.waits()


@pytest.mark.parametrize("cause", ["short", "said", "pace"])
def test_some_lapses_do_not_count(story: Story, cause: str) -> None:
    story.ends("no")
    for _ in range(4):
        if cause == "short":
            slots = [slot(clock.utcnow() + timedelta(hours=20))]
            story.ada.post("/dates", {"activity_id": next(story.ideas), "slots": slots}, 201)
        else:
            story.propose()
        if cause == "said":
            story.ben.put("/me/space", {"kind": "said", "sentence": "time"})
        if cause == "pace":
            story.ben.put("/me/pace", {"pace": 1})
        story.time.shift(WEEK)
        assert story.waits() is None or cause == "said"  # until the clock has seen the sentence
        scheduler.tick(clock.utcnow())
        assert story.waits() is None
        story.ben.delete("/me/space")
        if cause == "pace":
            for person in (story.ada, story.ben):
                person.put("/me/pace", {"pace": 2})
            story.time.shift(DAY)
            scheduler.tick(clock.utcnow())


def test_a_quiet_space_changes_nothing_of_how_a_lapse_counts(story: Story) -> None:
    story.ben.put("/me/space", {"kind": "quiet"})
    for _ in range(3):
        story.ends("noted")
        assert story.waits() is None
    assert story.ends("noted") + 14 * DAY == story.waits()


def test_a_wait_costs_its_person_one_statement_more(story: Story) -> None:
    for _ in range(2):
        story.ends("no")
    counts = []
    for person in (story.ada, story.ben):
        person.get("/me")
        with statements() as queries:
            person.get("/me")
        counts.append(len(queries))
    assert counts == [5, 4]


@pytest.mark.parametrize("act", ["proposes", "shares"])
def test_a_proposal_or_note_of_the_partner_ends_the_wait(story: Story, act: str) -> None:
    for _ in range(2):
        story.ends("no")
    assert story.waits()
    if act == "proposes":
        # A withdrawn proposal counts too.
        move(story.ben, story.propose(sender=story.ben), "withdraw")
    else:
        story.ben.post(f"/notes/{share(story.ben)['id']}/recall")
    assert story.waits() is None
    story.ends("no")
    assert story.waits() is None


def test_sharing_does_not_end_the_senders_wait_and_the_partner_does_not_wait(story: Story) -> None:
    for _ in range(2):
        ended = story.ends("no")
    share(story.ada)
    assert story.waits() == ended + 14 * DAY
    assert story.ben.get("/me")["allowance"]["proposals"]["opens_at"] is None
    story.propose(sender=story.ben)


def test_in_the_rhythm_together_the_wait_starts_with_a_calmer_rhythm(app: Flask, stopped_clock: Traveller) -> None:
    story = Story(app, stopped_clock, "together")
    for _ in range(3):
        ended = story.ends("no")
    assert story.waits() is None
    story.ada.put("/me/rhythm", {"rhythm": "gentle", "quietly": True})
    assert story.waits() == ended + 90 * DAY
    story.ada.put("/me/rhythm", {"rhythm": "together"})
    assert story.waits() is None
    story.ben.put("/me/rhythm", {"rhythm": "gentle"})
    assert story.waits() == ended + 90 * DAY


def test_a_wait_does_not_concern_another_couple(app: Flask, stopped_clock: Traveller) -> None:
    story = Story(app, stopped_clock, "gentle")
    for _ in range(2):
        story.ends("no")
    cal, dee = strangers(app, "Cal", "Dee")
    pair(cal, dee, "gentle")
    assert cal.get("/me")["allowance"]["proposals"]["opens_at"] is None
    story.propose(sender=cal)
    assert story.waits()


@pytest.mark.parametrize("answer", ["no", "another_idea"])
@pytest.mark.parametrize(("rhythm", "days"), [("together", 14), ("gentle", 60), ("apart", 60)])
def test_a_declined_activity_rests_for_its_sender_only(
    app: Flask, stopped_clock: Traveller, rhythm: str, days: int, answer: str
) -> None:
    ada, ben = couple(app, rhythm)
    body = proposal(ada)
    date = ada.post("/dates", body, 201)
    stopped_clock.shift(DAY)
    move(ben, date, "decline", answer=answer)
    rests_until = clock.utcnow() + days * DAY
    for at in (clock.utcnow() + WEEK, rests_until - SECOND):
        stopped_clock.move_to(at)
        refusal = ada.post("/dates", proposal(ada), 409)
        assert opens(refusal) == rests_until
        assert (
            refusal["detail"]
            == "This idea was turned down recently, so it rests for a while. Another idea may suit you both better."
        )
        assert body["activity_id"] not in str(ada.get("/suggestions"))
        assert left(ada)["proposals"] > 0
    move(ben, ben.post("/dates", proposal(ben), 201), "withdraw")
    stopped_clock.move_to(rests_until)
    ada.post("/dates", proposal(ada), 201)


@pytest.mark.parametrize("ending", ["another_time", "withdrawn", "lapsed"])
def test_an_activity_that_was_not_declined_may_be_proposed_again(story: Story, ending: str) -> None:
    date = story.ada.post("/dates", proposal(story.ada), 201)
    if ending == "withdrawn":
        move(story.ada, date, "withdraw")
    elif ending == "another_time":
        move(story.ben, date, "decline", answer=ending)
    story.time.move_to(NOON + WEEK)
    story.ada.post("/dates", proposal(story.ada), 201)


def test_a_repeat_of_a_declined_proposal_returns_the_declined_date(story: Story) -> None:
    body = proposal(story.ada, id="0b6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a11")
    date = story.ada.post("/dates", body, 201)
    move(story.ben, date, "decline", answer="no")
    assert story.ada.post("/dates", body, 201)["state"] == "declined"
