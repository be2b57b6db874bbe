"""Test a partner's display name: a new one shows, tells so once, and waits in space."""

from datetime import datetime, timedelta
from uuid import UUID

from time_machine import Traveller

from planner import clock, scheduler
from planner.contact.pauses import Pause
from planner.storage import db
from tests.exports import export
from tests.people import PASSWORD, Cast, Person
from tests.spaces import DAY, MINUTE, end, share, take

AGAIN = timedelta(days=30)
SECOND = timedelta(seconds=1)


def rename(person: Person, name: str, status: int = 200) -> dict:
    return person.patch("/me", {"display_name": name}, "*", status)


def partner(person: Person) -> tuple[str, list[str]]:
    """Return the partner's name on three screens, and the kinds of the items about it."""
    share_sender = {each["sender_name"] for each in person.post("/me/received", {"password": PASSWORD})["items"]}
    names = {person.get("/couple")["partner"], person.get("/me")["couple"]["partner"],
             person.get("/today?idea=false")["couple"]["partner"]}  # fmt: skip
    assert len(names) == 1
    (name,) = names
    assert share_sender <= {name} or person.get("/me/space")["kind"]
    return name, [kind for kind in person.inbox() if kind == "name_changed"]


def test_the_partner_sees_a_new_name_and_a_silent_item(
    cast: Cast, carried: list[tuple[str, str]], now: datetime
) -> None:
    share(cast.alice)
    carried.clear()
    assert partner(cast.bob) == ("Alice", [])
    assert rename(cast.alice, "Alicia")["display_name"] == "Alicia"
    assert partner(cast.bob) == ("Alicia", ["name_changed"])
    scheduler.tick(now)
    assert [text for person, text in carried if "name" in text] == []
    (item,) = [item for item in cast.bob.get("/inbox")["items"] if item["kind"] == "name_changed"]
    assert item["text"] == "Your partner has a new display name."
    assert item["subject"] == {"type": "couple", "id": cast.bob.get("/couple")["id"], "title": None}
    assert "name_changed" not in cast.alice.inbox() + cast.charlie.inbox() + cast.dana.inbox()
    cast.alice.delete("/couple")
    assert "name_changed" not in cast.bob.inbox()
    (past,) = export(cast.bob, "ordinary")["couples"]
    assert past["partner"] == "Alicia"


def test_a_name_changes_once_in_thirty_days(cast: Cast, stopped_clock: Traveller, now: datetime) -> None:
    rename(cast.alice, "Alicia")
    me = cast.alice.get("/me")
    stopped_clock.move_to(now + AGAIN - SECOND)
    problem = rename(cast.alice, "Please", 409)
    assert (problem["type"], problem["reason"]) == ("/problems/too-soon", "name_changed_recently")
    assert datetime.fromisoformat(problem["opens_at"]) == now + AGAIN
    refused = cast.alice.patch("/me", {"display_name": "Please", "zone": "UTC"}, "*", 409)
    assert refused == problem
    assert cast.alice.get("/me") == me
    assert cast.bob.get("/couple")["partner"] == "Alicia"
    # The name that the partner sees is no change, and neither is a zone.
    rename(cast.alice, "Alicia")
    cast.alice.patch("/me", {"zone": "UTC"}, "*")
    cast.bob.post("/inbox/seen", {})
    stopped_clock.move_to(now + AGAIN)
    rename(cast.alice, "Alix")
    unseen = cast.bob.get("/inbox?unseen=true")["items"]
    assert (partner(cast.bob)[0], [item["kind"] for item in unseen]) == ("Alix", ["name_changed"])
    choices = export(cast.alice, "private")["choices"]
    assert [(each["name"], each["name_changed_at"]) for each in choices] == [("Alix", "2026-12-23T12:00:00.000Z")]


def test_alone_a_name_changes_at_any_time(cast: Cast) -> None:
    for name in ("Samira", "Samuel", "Sam"):
        rename(cast.sam, name)
    assert cast.sam.get("/me")["display_name"] == "Sam"


def test_in_space_a_new_name_waits(cast: Cast, stopped_clock: Traveller) -> None:
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    for name in ("Alicia", "Please"):  # a long space may see two new names
        rename(cast.alice, name)
        assert partner(cast.bob) == ("Alice", [])
        assert export(cast.bob, "ordinary")["couples"][0]["partner"] == "Alice"
        stopped_clock.shift(31 * DAY)
    assert "Please" not in str(export(cast.bob, "private"))
    end(cast.bob)
    assert partner(cast.bob) == ("Please", [])
    cast.bob.post("/me/held/release", {}, 200)
    assert partner(cast.bob) == ("Please", ["name_changed"])


def test_the_name_of_a_past_space_is_forgotten(cast: Cast) -> None:
    take(cast.bob)
    end(cast.bob)
    take(cast.bob)
    cast.alice.delete("/couple")
    with db.connection():
        rows = db.fetch_all(Pause.select(Pause.partner_name).where(Pause.person == UUID(cast.bob.id)))
    assert rows == [(None,), (None,)]


def test_a_block_in_space_has_the_name_that_its_owner_read(cast: Cast, stopped_clock: Traveller) -> None:
    take(cast.bob)
    stopped_clock.move_to(clock.utcnow() + MINUTE)
    rename(cast.alice, "Alicia")
    assert cast.bob.put("/me/blocks", {"target": "partner"})["name"] == "Alice"
