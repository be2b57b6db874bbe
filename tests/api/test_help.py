"""Help: cards from the reader's own rows alone, which rest when they are put away, and which nobody else ever sees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api.app import OPERATIONS
from planner import clock as clock_
from planner.contact.pauses import Pause
from planner.couples.couples import Member
from planner.dates.views import Date
from planner.inbox import Item
from planner.storage import db
from planner.support import support_contacts
from seeds import banned_words
from tests.api.answers import contents
from tests.api.test_openapi import contents as documented
from tests.api.test_openapi import validate
from tests.dates import clear_ledger, light, move, offer, slot
from tests.people import Cast, Person

DAY = timedelta(days=1)


def cards(person: Person) -> list[str]:
    return [one["card"] for one in person.get("/me/help")["cards"]]


def because(person: Person) -> list[str]:
    return [reason["text"] for one in person.get("/me/help")["cards"] for reason in one["because"]]


def had(one: Person, other: Person, clock: Any, feelings: list[tuple[str, str]]) -> None:
    """Dates of two that took place one after the other, each with what both said of it."""
    activity = light()
    for mine, theirs in feelings:
        clear_ledger()
        date = offer(one, activity, slots=[slot(clock_.utcnow() + DAY)])
        move(other, "accept", date)
        clock.shift(2 * DAY)
        for person, feeling in ((one, mine), (other, theirs)):
            person.put(f"/dates/{date['id']}/feedback", {"feeling": feeling})


def in_space(person: Person, *starts: datetime, lasting: timedelta | None = 2 * DAY) -> None:
    """Pauses that a person took and ended; without `lasting`, they are in it still."""
    couple = UUID(person.get("/couple")["id"])
    with db.connection(), db.write():
        for start in starts:
            end = start + lasting if lasting else None
            Pause.create(person=UUID(person.id), couple=couple, kind="quiet", started_at=start, ended_at=end)


def wishes(person: Person, pace: int | None, since: datetime | None) -> None:
    """A wish of one person's, whose view of the pace is what it is since then."""
    with db.connection(), db.write():
        mine = Member.update(requested_pace=pace, pace_since=since)
        mine.where(Member.person == UUID(person.id)).execute()


def test_nothing_is_there_until_there_is_a_reason(cast: Cast) -> None:
    for person in cast:
        found = person.get("/me/help")
        assert (found["stuck"], found["cards"]) == (False, [])
        assert [link["path"] for link in found["links"]] == ["/safety", "/v1/me/safety", "/v1/me/closing"]


# Counselling


def test_saying_that_one_is_stuck_brings_the_card_and_nobody_else_knows(cast: Cast) -> None:
    others = [person.get("/me/help") for person in cast[1:]]
    found = cast.alice.put("/me/help", {"stuck": True})
    assert found == cast.alice.get("/me/help")
    (card,) = found["cards"]
    assert card["because"] == [{"key": "stuck", "text": "You said that you feel stuck."}]
    assert [kind["kind"] for kind in card["kinds"]] == [support_contacts.FOR_TWO, support_contacts.FOR_ONE]
    assert card["lines"][0]["text"].startswith("Not for couples where one is afraid of the other.")
    assert card["links"] == [
        {"name": "safety", "path": "/safety", "text": "The safety page: open to everyone, without a sign-in."}
    ]
    assert [person.get("/me/help") for person in cast[1:]] == others
    assert cast.alice.put("/me/help", {"stuck": False})["cards"] == []


def test_the_card_says_when_when_not_and_what_to_ask(sam: Person, alice: Person) -> None:
    alice.put("/me/help", {"stuck": True})
    for_two = alice.get("/me/help")["cards"][0]["kinds"][0]
    assert "afraid" in for_two["when_not"]
    assert len(for_two["questions"]) >= 3
    assert ("Trained for work with couples", "Needed") in [(one["text"], one["level"]) for one in for_two["criteria"]]
    assert for_two["contacts"] == []
    # Somebody alone is not sent to a counsellor for two.
    (card,) = sam.put("/me/help", {"stuck": True})["cards"]
    assert [kind["kind"] for kind in card["kinds"]] == [support_contacts.FOR_ONE]


@pytest.mark.parametrize(
    ("mine", "shown"),
    [
        (["heavier"] * 2, False), (["heavier"] * 3, True), (["lighter", "heavier", "heavier", "heavier"], True),
        (["heavier", "heavier", "heavier", "same"], True), (["heavier", "heavier", "same", "lighter"], False),
        (["heavier", "heavier", "heavier", "same", "lighter"], False), (["same"] * 4, False),
    ],
)  # fmt: skip
def test_three_of_the_last_four_dates_that_left_the_reader_heavier(
    cast: Cast, stopped_clock: Any, mine: list[str], shown: bool
) -> None:
    had(cast.alice, cast.bob, stopped_clock, [(one, "lighter") for one in mine])
    assert because(cast.alice) == ["Three of your last four dates left you heavier."] * shown
    assert because(cast.bob) == []


def test_heavy_dates_of_ones_own_or_of_another_couple_do_not_count(cast: Cast, stopped_clock: Any) -> None:
    had(cast.alice, cast.bob, stopped_clock, [("heavier", "same")] * 3)
    with db.connection(), db.write():
        last = Date.select(Date.id).order_by(Date.start.desc()).limit(1).scalar()
        Date.update(couple=None).where(Date.id == last).execute()
    assert cards(cast.alice) == []
    theirs = UUID(cast.charlie.get("/couple")["id"])
    with db.connection(), db.write():
        Date.update(couple=theirs).where(Date.id == last).execute()
    assert cards(cast.alice) == []


@pytest.mark.parametrize(
    ("requested_pace", "since", "shown"),
    [
        (4, timedelta(days=90), True), (4, timedelta(days=89), False), (None, timedelta(days=200), False),
        (3, timedelta(days=200), False), (4, None, True),
    ],
)  # fmt: skip
def test_ninety_days_at_one_pace_with_an_own_wish_to_raise(
    cast: Cast, stopped_clock: Any, now: datetime, requested_pace: int | None, since: timedelta | None, shown: bool
) -> None:
    later = now + timedelta(days=400)
    stopped_clock.move_to(later)
    wishes(cast.charlie, requested_pace, later - since if since else None)
    expected = ["The pace has stayed the same for 90 days, and you asked for a higher one."] * shown
    assert because(cast.charlie) == expected
    assert because(cast.dana) == []


def test_the_couple_is_ninety_days_old_before_that(cast: Cast, stopped_clock: Any, now: datetime) -> None:
    wishes(cast.charlie, 4, None)
    stopped_clock.move_to(now + timedelta(days=90) - timedelta(seconds=1))
    assert cards(cast.charlie) == []
    stopped_clock.move_to(now + timedelta(days=90))
    assert cards(cast.charlie) == ["counselling"]


# Review


def test_a_second_time_in_space_within_six_months_brings_the_review_card(cast: Cast, now: datetime) -> None:
    in_space(cast.alice, now - 200 * DAY, now - 100 * DAY)
    assert cards(cast.alice) == []
    in_space(cast.alice, now - 3 * DAY)
    (card,) = cast.alice.get("/me/help")["cards"]
    assert card["card"] == "review"
    assert len(card["questions"]) == 5
    assert all(question["text"].count("?") == 1 for question in card["questions"])
    assert [link["name"] for link in card["links"]] == ["space", "pace", "closing", "safety"]
    assert card["kinds"] == []
    assert cards(cast.bob) == []


def test_it_is_there_while_the_second_one_still_goes_on(cast: Cast, now: datetime) -> None:
    in_space(cast.alice, now - 30 * DAY)
    in_space(cast.alice, now, lasting=None)
    assert cards(cast.alice) == ["review"]


# Putting away


@pytest.fixture
def both(cast: Cast, now: datetime) -> Person:
    """Alice, with both cards."""
    cast.alice.put("/me/help", {"stuck": True})
    in_space(cast.alice, now - 30 * DAY, now - 3 * DAY)
    assert cards(cast.alice) == ["counselling", "review"]
    return cast.alice


@pytest.mark.parametrize("card", ["counselling", "review"])
def test_a_card_that_is_put_away_rests_for_ninety_days(
    both: Person, stopped_clock: Any, now: datetime, card: str
) -> None:
    (other,) = {"counselling", "review"} - {card}
    found = both.post("/me/help/put-away", {"card": card})
    assert [one["card"] for one in found["cards"]] == [other]
    stopped_clock.move_to(now + 60 * DAY)
    both.post("/me/help/put-away", {"card": card})  # repeated, it does not begin anew
    stopped_clock.move_to(now + 90 * DAY - timedelta(seconds=1))
    assert cards(both) == [other]
    stopped_clock.move_to(now + 90 * DAY)
    assert cards(both) == ["counselling", "review"]


def test_saying_anew_that_one_is_stuck_brings_the_card_back(both: Person) -> None:
    both.post("/me/help/put-away", {"card": "counselling"})
    assert cards(both) == ["review"]
    both.put("/me/help", {"stuck": True})
    assert cards(both) == ["review"]
    both.put("/me/help", {"stuck": False})
    both.put("/me/help", {"stuck": True})
    assert cards(both) == ["counselling", "review"]


def test_putting_away_what_is_not_there_does_nothing(sam: Person) -> None:
    before = contents()
    sam.post("/me/help/put-away", {"card": "review"})
    sam.put("/me/help", {"stuck": False})
    assert contents() == before
    sam.post("/me/help/put-away", {"card": "other"}, 422)
    sam.put("/me/help", {"stuck": "true"}, 422)


def test_looking_writes_nothing_and_nothing_is_ever_sent(both: Person) -> None:
    before = contents()
    answer = both.request("GET", "/me/help")
    assert answer.headers["Cache-Control"] == "no-store"
    assert contents() == before
    with db.connection():
        assert not [kind for (kind,) in db.fetch_all(Item.select(Item.kind)) if "help" in kind or "card" in kind]


def words_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from words_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_of(inner)
    elif isinstance(value, str):
        yield value


def test_the_cards_keep_the_standard_of_all_texts(both: Person) -> None:
    for text in words_of(both.get("/me/help")):
        assert not [group.rule for group in banned_words.REFUSED if group.pattern.search(text)], text
        assert not any(word in text.lower() for word in ("score", "should ", "must leave", "%")), text


def test_the_answers_are_what_the_document_says(both: Person) -> None:
    for path in ("/me/help", "/me/closing", "/me/safety"):
        operation = next(one for one in OPERATIONS if (one.method, one.path) == ("GET", path))
        validate(documented(operation)["schema"], both.get(path))
