"""Test the help cards. They come from the viewer's own rows, rest when put away, and are private."""

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
from planner.dates.dates import Date
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
    return [card["card"] for card in person.get("/me/help")["cards"]]


def because(person: Person) -> list[str]:
    return [reason["text"] for card in person.get("/me/help")["cards"] for reason in card["reasons"]]


def have_dates(first: Person, second: Person, clock: Any, feelings: list[tuple[str, str]]) -> None:
    """Let two people have dates one after another, and give the feedback of both."""
    activity = light()
    for mine, theirs in feelings:
        clear_ledger()
        date = offer(first, activity, slots=[slot(clock_.utcnow() + DAY)])
        move(second, "accept", date)
        clock.shift(2 * DAY)
        for person, feeling in ((first, mine), (second, theirs)):
            person.put(f"/dates/{date['id']}/feedback", {"feeling": feeling})


def in_space(person: Person, *starts: datetime, lasting: timedelta | None = 2 * DAY) -> None:
    """Add pauses of a person. Without `lasting`, the pause has not ended."""
    couple = UUID(person.get("/couple")["id"])
    with db.connection(), db.write():
        for start in starts:
            end = start + lasting if lasting else None
            Pause.create(person=UUID(person.id), couple=couple, kind="quiet", started_at=start, ended_at=end)


def request_pace(person: Person, pace: int | None, since: datetime | None) -> None:
    """Set the requested pace of a person, and since when the pace has been the same."""
    with db.connection(), db.write():
        mine = Member.update(requested_pace=pace, pace_since=since)
        mine.where(Member.person == UUID(person.id)).execute()


def test_without_a_reason_there_are_no_cards(cast: Cast) -> None:
    for person in cast:
        help_page = person.get("/me/help")
        assert (help_page["stuck"], help_page["cards"]) == (False, [])
        assert [link["path"] for link in help_page["links"]] == ["/safety", "/v1/me/safety", "/v1/couple"]


# Counselling


def test_a_person_who_feels_stuck_gets_the_card_in_private(cast: Cast) -> None:
    others = [person.get("/me/help") for person in cast[1:]]
    help_page = cast.alice.put("/me/help", {"stuck": True})
    assert help_page == cast.alice.get("/me/help")
    (card,) = help_page["cards"]
    assert card["reasons"] == [{"key": "stuck", "text": "You said that you feel stuck."}]
    assert [kind["kind"] for kind in card["kinds"]] == [support_contacts.FOR_TWO, support_contacts.FOR_ONE]
    assert card["lines"][0]["text"].startswith(
        "Help as a couple is not right when one person is afraid of their partner."
    )
    assert card["links"] == [
        {"name": "safety", "path": "/safety", "text": "The safety page: open to everyone, without signing in."}
    ]
    assert [person.get("/me/help") for person in cast[1:]] == others
    assert cast.alice.put("/me/help", {"stuck": False})["cards"] == []


def test_the_card_says_when_counselling_fits_and_what_to_ask(sam: Person, alice: Person) -> None:
    alice.put("/me/help", {"stuck": True})
    for_two = alice.get("/me/help")["cards"][0]["kinds"][0]
    assert "afraid" in for_two["when_not"]
    assert len(for_two["questions"]) >= 3
    assert ("Trained for work with couples", "Needed") in [(one["text"], one["level"]) for one in for_two["criteria"]]
    assert for_two["contacts"] == []
    # A person without a partner gets no contacts for couples.
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
def test_three_heavy_dates_of_the_last_four_are_a_reason(
    cast: Cast, stopped_clock: Any, mine: list[str], shown: bool
) -> None:
    have_dates(cast.alice, cast.bob, stopped_clock, [(feeling, "lighter") for feeling in mine])
    assert because(cast.alice) == ["You felt worse after three of your last four dates."] * shown
    assert because(cast.bob) == []


def test_heavy_solo_dates_and_dates_of_another_couple_do_not_count(cast: Cast, stopped_clock: Any) -> None:
    have_dates(cast.alice, cast.bob, stopped_clock, [("heavier", "same")] * 3)
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
def test_ninety_days_at_one_pace_with_a_wish_for_more_are_a_reason(
    cast: Cast, stopped_clock: Any, now: datetime, requested_pace: int | None, since: timedelta | None, shown: bool
) -> None:
    later = now + timedelta(days=400)
    stopped_clock.move_to(later)
    for person in (cast.charlie, cast.dana):
        person.sign_in_again()
    request_pace(cast.charlie, requested_pace, later - since if since else None)
    expected = ["You asked for a closer pace, and the pace has not changed in 90 days."] * shown
    assert because(cast.charlie) == expected
    assert because(cast.dana) == []


def test_the_pace_is_no_reason_in_the_first_ninety_days_of_a_couple(
    cast: Cast, stopped_clock: Any, now: datetime
) -> None:
    request_pace(cast.charlie, 4, None)
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
    assert [link["name"] for link in card["links"]] == ["space", "pace", "leaving", "safety"]
    assert card["kinds"] == []
    assert cards(cast.bob) == []


def test_the_review_card_comes_while_the_second_space_lasts(cast: Cast, now: datetime) -> None:
    in_space(cast.alice, now - 30 * DAY)
    in_space(cast.alice, now, lasting=None)
    assert cards(cast.alice) == ["review"]


# Putting away


@pytest.fixture
def both(cast: Cast, now: datetime) -> Person:
    """Return Alice, who has both cards."""
    cast.alice.put("/me/help", {"stuck": True})
    in_space(cast.alice, now - 30 * DAY, now - 3 * DAY)
    assert cards(cast.alice) == ["counselling", "review"]
    return cast.alice


@pytest.mark.parametrize("card", ["counselling", "review"])
def test_a_card_put_away_rests_for_ninety_days(both: Person, stopped_clock: Any, now: datetime, card: str) -> None:
    (other,) = {"counselling", "review"} - {card}
    help_page = both.post("/me/help/dismiss", {"card": card})
    assert [card["card"] for card in help_page["cards"]] == [other]
    stopped_clock.move_to(now + 60 * DAY)
    both.post("/me/help/dismiss", {"card": card})  # a repeat does not restart the rest
    stopped_clock.move_to(now + 90 * DAY - timedelta(seconds=1))
    assert cards(both) == [other]
    stopped_clock.move_to(now + 90 * DAY)
    assert cards(both) == ["counselling", "review"]


def test_feeling_stuck_again_brings_the_card_back(both: Person) -> None:
    both.post("/me/help/dismiss", {"card": "counselling"})
    assert cards(both) == ["review"]
    both.put("/me/help", {"stuck": True})
    assert cards(both) == ["review"]
    both.put("/me/help", {"stuck": False})
    both.put("/me/help", {"stuck": True})
    assert cards(both) == ["counselling", "review"]


def test_putting_away_a_missing_card_does_nothing(sam: Person) -> None:
    before = contents()
    sam.post("/me/help/dismiss", {"card": "review"})
    sam.put("/me/help", {"stuck": False})
    assert contents() == before
    sam.post("/me/help/dismiss", {"card": "other"}, 422)
    sam.put("/me/help", {"stuck": "true"}, 422)


def test_reading_the_cards_writes_and_sends_nothing(both: Person) -> None:
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


def test_the_cards_have_no_banned_words(both: Person) -> None:
    for text in words_of(both.get("/me/help")):
        assert not [group.rule for group in banned_words.REFUSED if group.pattern.search(text)], text
        assert not any(word in text.lower() for word in ("score", "should ", "must leave", "%")), text


def test_the_answers_match_the_openapi_document(both: Person) -> None:
    for path in ("/me/help", "/me/safety"):
        operation = next(operation for operation in OPERATIONS if (operation.method, operation.path) == ("GET", path))
        validate(documented(operation)["schema"], both.get(path))
