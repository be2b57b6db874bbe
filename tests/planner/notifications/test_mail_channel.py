"""The channel to mailboxes: who gets a mail, what it says, and what happens when it cannot go."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from time_machine import Traveller as Clock

from planner import scheduler
from planner.accounts.email_addresses import EmailAddress
from planner.notifications.deliveries import LEASE, Delivery
from planner.storage import db
from tests.conftest import NOON
from tests.dates import agreed, light, move, offer, slot
from tests.email_addresses import PATH, switch
from tests.mailboxes import Mailboxes
from tests.people import Cast, Person
from tests.spaces import going, share, take

ADDRESS = "bob@example.org"
NEUTRAL = "There is something new for you.\n\nhttps://home.example/app/inbox\n\nTo get no more of these mails: "


@pytest.fixture
def bob(cast: Cast, boxes: Mailboxes) -> Person:
    """Return Bob, who wants mails from now on."""
    scheduler.tick(NOON)
    with db.connection(), db.write():
        EmailAddress.create(
            person=UUID(cast.bob.id), address=ADDRESS, set_at=NOON, confirmed_at=NOON, resets_password=True,
            notifies=True,
        )  # fmt: skip
    return cast.bob


def tick(stopped_clock: Clock, later: timedelta = timedelta()) -> None:
    stopped_clock.shift(later)
    scheduler.tick(scheduler.clock.utcnow())


def test_a_mail_says_neither_who_nor_what_and_one_click_ends_them(
    cast: Cast, bob: Person, boxes: Mailboxes, stopped_clock: Clock
) -> None:
    offer(cast.alice, message="By the river?")
    tick(stopped_clock)
    tick(stopped_clock)
    (letter,) = boxes.mails
    (text,) = boxes.to(ADDRESS)
    assert letter["Subject"] == "Rekindle"
    assert text.startswith(NEUTRAL)
    link = text.removeprefix(NEUTRAL).strip()
    assert letter["List-Unsubscribe"] == f"<{link}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = link.removeprefix("https://home.example")
    answer = bob.app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    share(cast.alice)
    tick(stopped_clock)
    assert len(boxes.mails) == 1


def test_details_are_told_only_to_a_person_who_switched_them_on(
    cast: Cast, bob: Person, boxes: Mailboxes, stopped_clock: Clock
) -> None:
    switch(bob, shows_details=True)
    date = agreed(
        cast.alice, bob, activity=light(), slots=[slot(NOON.replace(tzinfo=None) + timedelta(days=3), "UTC", 90)]
    )
    tick(stopped_clock)
    tick(stopped_clock, timedelta(days=2))
    title = date["activity"]["title"]
    texts = boxes.to(ADDRESS)
    reminder = next(text for text in texts if text.startswith("You have a date tomorrow."))
    assert reminder.startswith(
        f"You have a date tomorrow.\n\n{title}: Thu 26 Nov, 07:00\n\nhttps://home.example/app/dates/{date['id']}\n"
    )
    switch(bob, shows_details=False)
    tick(stopped_clock, timedelta(hours=22))
    assert "Something starts soon." in boxes.to(ADDRESS)[-1]
    assert title not in boxes.to(ADDRESS)[-1]


def test_space_holds_mails_and_a_date_that_is_off_comes_through(
    cast: Cast, bob: Person, boxes: Mailboxes, stopped_clock: Clock
) -> None:
    switch(bob, shows_details=True)
    date = agreed(cast.alice, bob)
    tick(stopped_clock)
    before = len(boxes.mails)
    take(bob, going(date))
    stopped_clock.shift(timedelta(minutes=1))
    offer(cast.alice)
    share(cast.alice)
    tick(stopped_clock)
    assert len(boxes.mails) == before
    move(cast.alice, "cancel", cast.alice.get(f"/dates/{date['id']}"))
    tick(stopped_clock)
    assert boxes.to(ADDRESS)[-1].startswith("One of your dates is off.")


def test_without_a_switch_or_without_mail_no_delivery_is_made(
    cast: Cast, boxes: Mailboxes, stopped_clock: Clock
) -> None:
    share(cast.alice)
    tick(stopped_clock)
    with db.connection():
        assert not Delivery.select().where(Delivery.channel == "mail").exists()


def test_a_mail_that_cannot_go_now_goes_later_and_a_missing_mailbox_is_set_aside(
    cast: Cast, bob: Person, boxes: Mailboxes, stopped_clock: Clock
) -> None:
    boxes.refused[ADDRESS] = "451 4.3.0 Not now"
    share(cast.alice)
    tick(stopped_clock)
    boxes.refused.clear()
    tick(stopped_clock, timedelta(seconds=59))
    assert boxes.mails == []
    tick(stopped_clock, timedelta(minutes=1))
    assert len(boxes.mails) == 1
    boxes.refused[ADDRESS] = "550 5.1.1 No such user"
    share(cast.alice)
    tick(stopped_clock)
    assert bob.get(PATH)["state"] == "refused"
    boxes.refused.clear()
    tick(stopped_clock, timedelta(days=1))
    assert len(boxes.mails) == 1


def test_a_mail_on_its_way_stops_when_its_receiver_no_longer_wants_it(
    cast: Cast, bob: Person, boxes: Mailboxes, stopped_clock: Clock
) -> None:
    boxes.refused[ADDRESS] = "451 4.3.0 Not now"
    share(cast.alice)
    tick(stopped_clock)
    boxes.refused.clear()
    switch(bob, notifies=False)
    tick(stopped_clock, 2 * LEASE)
    assert boxes.mails == []
