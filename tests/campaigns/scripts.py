"""Scripts: what two people do with each other over some days, made from a seed, to be lived in two worlds.

A move is made of chance alone, and of what stands in the tables about the two; ids are made of chance, too. So both
worlds ask for the same things as long as they are the same world.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from planner import clock
from planner.catalogue import activities
from planner.catalogue.activities import Activity
from planner.dates.state_machine import ACCEPTED, COMPLETED, PROPOSED
from planner.dates.views import Date, SlotRow
from planner.notes.notes import Note, Share
from planner.storage import db
from tests.dates import slot
from tests.people import Person


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = {}


class Move(NamedTuple):
    """One step of a script: after that many minutes, one of the two does something, with a chance of its own."""

    minutes: int
    who: str
    what: str
    seed: int
    looks: bool  # whether the other looks at everything afterwards


def script(chance: random.Random, moves: int, restless: bool = False) -> list[Move]:
    """Some days: moves of both, hours apart. Ada's own inbox and cards are hers alone, and no part of it. She stays in
    her zone: from her midnight on, her votes count. When `restless`, every other move of Ben's is to another zone.
    """
    names = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
    open_to = {
        "ada": [name for name in names if name not in ("see", "travel", "vote")],
        "ben": names + ["travel"] * len(names) * restless,
    }
    return [
        Move(
            chance.choice([3, 20, 90, 240, 600]) + chance.randrange(5),
            who := chance.choice(["ada", "ben"]),
            chance.choice(open_to[who]),
            chance.getrandbits(32),
            chance.random() < 0.4,
        )
        for _ in range(moves)
    ]


def fresh(chance: random.Random) -> str:
    """An id made of chance."""
    return f"0{str(UUID(int=chance.getrandbits(128), version=4))[1:]}"


def apart(asked: Asked) -> Asked:
    """The same, with an id by which scripts leave alone what one of the two worlds has more."""
    body = asked.body or {}
    return asked._replace(body={**body, "id": f"f{body['id'][1:]}"} if "id" in body else asked.body)


# What somebody may do. Each returns a request, or None when there is nothing to do it with.


def propose(who: Person, chance: random.Random) -> Asked:
    """Offer one to three times for some activity for two."""
    body = {"id": fresh(chance), "activity_id": chance.choice(_for("two")), "slots": _slots(chance)}
    if chance.random() < 0.3:
        body["message"] = f"The one by the river, number {chance.randrange(9)}?"
    return Asked("POST", "/dates", body)


def idea(who: Person, chance: random.Random) -> Asked:
    """Think of something."""
    number = chance.randrange(1000)
    body = {"id": fresh(chance), "title": f"Count the ducks, {number}", "category": "outdoors", "for": "two"}
    return Asked("POST", "/activities", body)


def propose_idea(who: Person, chance: random.Random) -> Asked | None:
    """Put an own idea before the other."""
    mine = _ids(Activity.select(Activity.id).where(Activity.owner == who.id, Activity.retired_at.is_null()))
    if not mine:
        return None
    return Asked("POST", "/dates", {"id": fresh(chance), "activity_id": chance.choice(mine), "slots": _slots(chance)})


def answer(who: Person, chance: random.Random) -> Asked | None:
    """Answer an offer of the other's: yes more often than not."""
    waiting = Date.awaiting == who.id, Date.state == PROPOSED, Date.expires_at > clock.utcnow()
    found = _dates(*waiting)
    if not found:
        return None
    date, version = chance.choice(found)
    move = chance.choice(["accept", "accept", "accept", "decline", "decline", "counter"])
    body: dict[str, Any] = {"version": version}
    if move == "accept":
        with db.connection():
            rows = db.fetch_all(SlotRow.select(SlotRow.id).where(SlotRow.date == date).order_by(SlotRow.start))
        body["slot_id"] = str(chance.choice(rows)[0])
    elif move == "decline":
        body["answer"] = chance.choice(["no", "another_time", "another_idea"])
    else:
        body["slots"] = _slots(chance)
    return Asked("POST", f"/dates/{date}/{move}", body)


def withdraw(who: Person, chance: random.Random) -> Asked | None:
    """Take an own offer back."""
    return _move(chance, "withdraw", Date.sender == who.id, Date.state == PROPOSED, Date.couple.is_null(False))


def cancel(who: Person, chance: random.Random) -> Asked | None:
    """Call off what was agreed."""
    return _move(chance, "cancel", Date.state == ACCEPTED, Date.couple.is_null(False), Date.end > clock.utcnow())


def complete(who: Person, chance: random.Random) -> Asked | None:
    """Say that it took place."""
    return _move(chance, "complete", Date.state == ACCEPTED, Date.couple.is_null(False), Date.start <= clock.utcnow())


def say_how(who: Person, chance: random.Random) -> Asked | None:
    """Say how it was, for oneself."""
    found = _dates(Date.state == COMPLETED, Date.couple.is_null(False))
    return Asked("PUT", f"/dates/{chance.choice(found)[0]}/feedback", {"feeling": "lighter"}) if found else None


def write(who: Person, chance: random.Random) -> Asked:
    """Write a note for oneself."""
    return Asked("POST", "/notes", {"id": fresh(chance), "kind": "effort", "body": f"You waited, {chance.random()}."})


def share(who: Person, chance: random.Random) -> Asked | None:
    """Put a note before the other."""
    shared = Share.select(Share.note)
    found = _notes(Note.author == who.id, Note.id.not_in(shared))
    return _of_note(chance, found, lambda note, version: Asked("POST", f"/notes/{note}/share", {"version": version}))


def recall(who: Person, chance: random.Random) -> Asked | None:
    """Take a shared note out of view."""
    return _of_note(chance, _shared(who), lambda note, _: Asked("POST", f"/notes/{note}/recall", {}))


def edit(who: Person, chance: random.Random) -> Asked | None:
    """Try to change a note that was shared, which is refused."""
    words = {"body": f"You waited, and I saw it, {chance.random()}."}
    return _of_note(
        chance, _shared(who), lambda note, version: Asked("PATCH", f"/notes/{note}", words, _as_of(version))
    )


def delete(who: Person, chance: random.Random) -> Asked | None:
    """Delete a note."""
    return _of_note(chance, _notes(Note.author == who.id), lambda note, _: Asked("DELETE", f"/notes/{note}"))


def see(who: Person, chance: random.Random) -> Asked | None:
    """Mark something in the inbox as seen."""
    found = who.get("/inbox?limit=100")["items"]
    return Asked("POST", f"/inbox/{chance.choice(found)['id']}/seen", {}) if found else None


def plan_alone(who: Person, chance: random.Random) -> Asked:
    """Put something into the own calendar."""
    body = {"id": fresh(chance), "activity_id": chance.choice(_for("one")), "for": "one", "slots": _slots(chance)[:1]}
    return Asked("POST", "/dates", body)


def lower(who: Person, chance: random.Random) -> Asked | None:
    """Say openly that less is enough."""
    pace = who.get("/me")["couple"]["pace"]
    return Asked("PUT", "/me/pace", {"pace": pace - 1}) if pace > 2 else None


def travel(who: Person, chance: random.Random) -> Asked:
    """Live by the clocks of another place: the first or the last on earth where a day begins, or somewhere between."""
    zone = chance.choice(["Pacific/Kiritimati", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Lisbon"])
    return Asked("PATCH", "/me", {"zone": zone}, _as_of(who.get("/me")["version"]))


def vote(who: Person, chance: random.Random) -> Asked | None:
    """Like or pass a card of the day. Two likes of one card would be no secret: the two vote on different ones."""
    side = "02468ace" if who.name == "Ada" else "13579bdf"
    cards = [one["id"] for one in who.get("/deck")["items"] if one["id"][-1] in side]
    word = chance.choice(["like", "like", "pass", "never"])
    return Asked("PUT", f"/activities/{chance.choice(cards)}/vote", {"vote": word}) if cards else None


Act = Callable[[Person, random.Random], Asked | None]

MOVES: dict[str, Act] = {act.__name__: act for act in (
    propose, idea, propose_idea, answer, withdraw, cancel, complete, say_how, write, share, recall, edit, delete, see,
    plan_alone, lower, travel, vote,
)}  # fmt: skip
WEIGHTS = {
    "propose": 6, "idea": 1, "propose_idea": 2, "answer": 9, "withdraw": 1, "cancel": 1, "complete": 2, "say_how": 1,
    "write": 3, "share": 5, "recall": 1, "edit": 2, "delete": 1, "see": 2, "plan_alone": 1, "lower": 1,
    "travel": 2, "vote": 2,
}  # fmt: skip


def _for(party: str) -> list[str]:
    with db.connection():
        return [str(card.id) for card in activities.snapshot().active if card.content.party == party]


def _slots(chance: random.Random) -> list[dict[str, Any]]:
    """Some times from four hours to nine days ahead. No two offers share a minute: equal instants have no order."""
    now = clock.utcnow().replace(second=0, microsecond=0)
    minutes = sorted(chance.sample(range(4 * 60, 9 * 24 * 60), chance.choice([1, 2, 3])))
    return [slot(now + timedelta(minutes=each)) for each in minutes]


def _ids(query: Any) -> list[str]:
    with db.connection():
        return sorted(one for (found,) in db.fetch_all(query) if (one := str(found))[0] == "0")


def _dates(*where: Any) -> list[tuple[str, int]]:
    """(id, version) in an order that both worlds share."""
    with db.connection():
        return sorted(
            (str(date), version) for date, version in db.fetch_all(Date.select(Date.id, Date.version).where(*where))
        )


def _move(chance: random.Random, name: str, *where: Any) -> Asked | None:
    found = _dates(*where)
    if not found:
        return None
    date, version = chance.choice(found)
    return Asked("POST", f"/dates/{date}/{name}", {"version": version})


def _notes(*where: Any) -> list[tuple[str, int]]:
    with db.connection():
        query = Note.select(Note.id, Note.version).where(Note.deleted_at.is_null(), *where)
        return sorted((one, version) for note, version in db.fetch_all(query) if (one := str(note))[0] == "0")


def _shared(who: Person) -> list[tuple[str, int]]:
    return _notes(Note.author == who.id, Note.id.in_(Share.select(Share.note).where(Share.recalled_at.is_null())))


def _of_note(chance: random.Random, found: list[tuple[str, int]], ask: Callable[[str, int], Asked]) -> Asked | None:
    return ask(*chance.choice(found)) if found else None


def _as_of(version: int) -> dict[str, str]:
    return {"If_Match": f'"{version}"'}


def dates_ahead(now: datetime) -> list[str]:
    """The agreed dates of two that have not begun."""
    return [date for date, _ in _dates(Date.state == ACCEPTED, Date.couple.is_null(False), Date.start > now)]
