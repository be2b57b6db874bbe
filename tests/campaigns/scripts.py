"""Scripts: the moves of two people over some days, made from a seed, to be played in two worlds.

A move depends only on chance and on the couple's rows. Its ids come from chance, too. So both worlds send the same
requests as long as their rows are the same.
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
from planner.dates.dates import Date, Reschedule, SlotRow
from planner.dates.state_machine import ACCEPTED, COMPLETED, PROPOSED
from planner.notes.notes import Note, Share
from planner.notes.requests import Request
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
    """One step of a script: after some minutes, one person makes a move with its own random seed."""

    minutes: int
    who: str
    what: str
    seed: int
    looks: bool  # whether Ben looks at everything afterwards


def script(chance: random.Random, moves: int, restless: bool = False) -> list[Move]:
    """Return the moves of some days, hours apart.

    Ada's own inbox and cards are private, so her moves leave them out. She stays in her zone, because her votes count
    from her midnight on. When `restless`, every second move of Ben is to another zone.
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
    """Return an id made of chance."""
    return f"0{str(UUID(int=chance.getrandbits(128), version=4))[1:]}"


def apart(asked: Asked) -> Asked:
    """Return the request with another kind of id. Moves skip the things with such ids, which only one world has."""
    body = asked.body or {}
    return asked._replace(body={**body, "id": f"f{body['id'][1:]}"} if "id" in body else asked.body)


# The moves. Each returns a request, or None when it has nothing to work with.


def propose(who: Person, chance: random.Random) -> Asked:
    """Propose one to three slots for an activity for two."""
    body = {"id": fresh(chance), "activity_id": chance.choice(_for("two")), "slots": _slots(chance)}
    if chance.random() < 0.3:
        body["message"] = f"The one by the river, number {chance.randrange(9)}?"
    return Asked("POST", "/dates", body)


def idea(who: Person, chance: random.Random) -> Asked:
    """Add an own idea."""
    number = chance.randrange(1000)
    body = {"id": fresh(chance), "title": f"Count the ducks, {number}", "category": "outdoors", "for": "two"}
    return Asked("POST", "/activities", body)


def propose_idea(who: Person, chance: random.Random) -> Asked | None:
    """Propose an own idea to the partner."""
    mine = _ids(Activity.select(Activity.id).where(Activity.owner == who.id, Activity.retired_at.is_null()))
    if not mine:
        return None
    return Asked("POST", "/dates", {"id": fresh(chance), "activity_id": chance.choice(mine), "slots": _slots(chance)})


def answer(who: Person, chance: random.Random) -> Asked | None:
    """Answer a proposal of the partner; half of the answers are yes."""
    waiting = Date.awaiting == who.id, Date.state == PROPOSED, Date.expires_at > clock.utcnow()
    dates = _dates(*waiting)
    if not dates:
        return None
    date, version = chance.choice(dates)
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
    """Withdraw an own proposal."""
    return _move(chance, "withdraw", Date.sender == who.id, Date.state == PROPOSED, Date.couple.is_null(False))


def cancel(who: Person, chance: random.Random) -> Asked | None:
    """Cancel an agreed date."""
    return _move(chance, "cancel", Date.state == ACCEPTED, Date.couple.is_null(False), Date.end > clock.utcnow())


def move_date(who: Person, chance: random.Random) -> Asked | None:
    """Offer to move an agreed date."""
    dates = _dates(Date.state == ACCEPTED, Date.couple.is_null(False), Date.start > clock.utcnow())
    if not dates:
        return None
    date, version = chance.choice(dates)
    return Asked("POST", f"/dates/{date}/move", {"version": version, "slots": _slots(chance)})


def answer_move(who: Person, chance: random.Random) -> Asked | None:
    """Answer an offer to move a date, or withdraw it."""
    with db.connection():
        columns = (Date.id, Date.version, Reschedule.sender)
        offers = sorted(
            db.fetch_all(Reschedule.select(*columns).join(Date).where(Reschedule.expires_at > clock.utcnow()))
        )
    if not offers:
        return None
    date, version, sender = chance.choice(offers)
    if str(sender) == who.id:
        return Asked("POST", f"/dates/{date}/move/withdraw", {"version": version})
    if chance.random() < 0.3:
        return Asked("POST", f"/dates/{date}/move/decline", {"version": version})
    with db.connection():
        slots = db.fetch_all(
            SlotRow.select(SlotRow.id).where(SlotRow.date == date, SlotRow.for_move).order_by(SlotRow.start)
        )
    body = {"version": version, "slot_id": str(chance.choice(slots)[0])}
    return Asked("POST", f"/dates/{date}/move/accept", body)


def edit_date(who: Person, chance: random.Random) -> Asked | None:
    """Change the message or the place of an agreed date."""
    dates = _dates(Date.state == ACCEPTED, Date.couple.is_null(False), Date.end > clock.utcnow())
    if not dates:
        return None
    date, version = chance.choice(dates)
    texts = {chance.choice(["message", "place"]): f"By the river, at stone {chance.randrange(9)}."}
    return Asked("PATCH", f"/dates/{date}", texts, _as_of(version))


def record(who: Person, chance: random.Random) -> Asked:
    """Write down a date that the two agreed on."""
    body = {"id": fresh(chance), "activity_id": chance.choice(_for("two")), "slots": _slots(chance)[:1]}
    return Asked("POST", "/dates", {**body, "agreed": True})


def settle(who: Person, chance: random.Random) -> Asked | None:
    """Confirm or deny a date that the partner wrote down."""
    name = chance.choice(["confirm", "deny"])
    return _move(chance, name, Date.state == ACCEPTED, Date.recorded, Date.sender != who.id)


def complete(who: Person, chance: random.Random) -> Asked | None:
    """Complete a date."""
    return _move(chance, "complete", Date.state == ACCEPTED, Date.couple.is_null(False), Date.start <= clock.utcnow())


def say_how(who: Person, chance: random.Random) -> Asked | None:
    """Give private feedback on a date."""
    dates = _dates(Date.state == COMPLETED, Date.couple.is_null(False))
    return Asked("PUT", f"/dates/{chance.choice(dates)[0]}/feedback", {"feeling": "lighter"}) if dates else None


def write(who: Person, chance: random.Random) -> Asked:
    """Write a private note."""
    return Asked("POST", "/notes", {"id": fresh(chance), "kind": "effort", "body": f"You waited, {chance.random()}."})


def share(who: Person, chance: random.Random) -> Asked | None:
    """Share a note with the partner."""
    shared = Share.select(Share.note)
    private = _notes(Note.author == who.id, Note.id.not_in(shared))
    return _of_note(chance, private, lambda note, version: Asked("POST", f"/notes/{note}/share", {"version": version}))


def recall(who: Person, chance: random.Random) -> Asked | None:
    """Recall a shared note."""
    return _of_note(chance, _shared(who), lambda note, _: Asked("POST", f"/notes/{note}/recall", {}))


def react(who: Person, chance: random.Random) -> Asked | None:
    """React to a note that the partner shared."""
    author = Note.author != who.id
    shared = _notes(author, Note.id.in_(Share.select(Share.note).where(Share.recalled_at.is_null())))
    reaction = {"reaction": chance.choice(["thank_you", "touched"])}
    return _of_note(chance, shared, lambda note, _: Asked("PUT", f"/notes/{note}/reaction", reaction))


def ask(who: Person, chance: random.Random) -> Asked:
    """Ask the partner for something."""
    body = {"id": fresh(chance), "body": f"Could you bring the map, {chance.randrange(1000)}?"}
    return Asked("POST", "/requests", body)


def reply(who: Person, chance: random.Random) -> Asked | None:
    """Answer an open request of the partner, or withdraw an own one."""
    requests = _ids(Request.select(Request.id).where(Request.state == "open", Request.sender != who.id))
    if not requests:
        mine = _ids(Request.select(Request.id).where(Request.state == "open", Request.sender == who.id))
        return Asked("POST", f"/requests/{chance.choice(mine)}/withdraw", {}) if mine else None
    name = chance.choice(["accept", "decline", "answer"])
    body = {"id": fresh(chance), "body": f"Or the compass, {chance.randrange(1000)}?"} if name == "answer" else {}
    return Asked("POST", f"/requests/{chance.choice(requests)}/{name}", body)


def promise(who: Person, chance: random.Random) -> Asked:
    """Promise oneself something."""
    return Asked("POST", "/commitments", {"id": fresh(chance), "body": f"Walk at noon, {chance.randrange(1000)}."})


def edit(who: Person, chance: random.Random) -> Asked | None:
    """Try to change a shared note, which is refused."""
    words = {"body": f"You waited, and I saw it, {chance.random()}."}
    return _of_note(
        chance, _shared(who), lambda note, version: Asked("PATCH", f"/notes/{note}", words, _as_of(version))
    )


def delete(who: Person, chance: random.Random) -> Asked | None:
    """Delete a note."""
    return _of_note(chance, _notes(Note.author == who.id), lambda note, _: Asked("DELETE", f"/notes/{note}"))


def see(who: Person, chance: random.Random) -> Asked | None:
    """Mark an inbox item as seen."""
    items = who.get("/inbox?limit=100")["items"]
    return Asked("POST", f"/inbox/{chance.choice(items)['id']}/seen", {}) if items else None


def plan_alone(who: Person, chance: random.Random) -> Asked:
    """Plan a date alone."""
    body = {"id": fresh(chance), "activity_id": chance.choice(_for("one")), "for": "one", "slots": _slots(chance)[:1]}
    return Asked("POST", "/dates", body)


def lower(who: Person, chance: random.Random) -> Asked | None:
    """Lower the pace for both."""
    pace = who.get("/me")["couple"]["pace"]
    return Asked("PUT", "/me/pace", {"pace": pace - 1}) if pace > 2 else None


def travel(who: Person, chance: random.Random) -> Asked:
    """Move to another zone: the first or the last on earth where a day begins, or Lisbon."""
    zone = chance.choice(["Pacific/Kiritimati", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Lisbon"])
    return Asked("PATCH", "/me", {"zone": zone}, _as_of(who.get("/me")["version"]))


def vote(who: Person, chance: random.Random) -> Asked | None:
    """Vote on a card of the day. Both partners vote on different cards, since a match would show a like."""
    side = "02468ace" if who.name == "Ada" else "13579bdf"
    cards = [card["id"] for card in who.get("/deck")["items"] if card["id"][-1] in side]
    choice = chance.choice(["like", "like", "pass", "never"])
    return Asked("PUT", f"/activities/{chance.choice(cards)}/vote", {"vote": choice}) if cards else None


Act = Callable[[Person, random.Random], Asked | None]

MOVES: dict[str, Act] = {act.__name__: act for act in (
    propose, idea, propose_idea, answer, withdraw, cancel, move_date, answer_move, edit_date, record, settle,
    complete, say_how, write, share, recall, react, ask, reply, promise, edit, delete, see, plan_alone,
    lower, travel, vote,
)}  # fmt: skip
WEIGHTS = {
    "propose": 6, "idea": 1, "propose_idea": 2, "answer": 9, "withdraw": 1, "cancel": 1, "complete": 2,
    "move_date": 2, "answer_move": 3, "edit_date": 1, "record": 2, "settle": 1, "say_how": 1, "write": 3,
    "share": 5, "recall": 1, "react": 2, "ask": 2, "reply": 3, "edit": 2, "delete": 1, "see": 2,
    "plan_alone": 1, "lower": 1, "travel": 2, "vote": 2,
}  # fmt: skip


def _for(party: str) -> list[str]:
    with db.connection():
        return [str(card.id) for card in activities.snapshot().active if card.content.party == party]


def _slots(chance: random.Random) -> list[dict[str, Any]]:
    """Return slots from four hours to nine days ahead. No two share a minute, because equal instants have no order."""
    now = clock.utcnow().replace(second=0, microsecond=0)
    minutes = sorted(chance.sample(range(4 * 60, 9 * 24 * 60), chance.choice([1, 2, 3])))
    return [slot(now + timedelta(minutes=each)) for each in minutes]


def _ids(query: Any) -> list[str]:
    with db.connection():
        return sorted(text for (row_id,) in db.fetch_all(query) if (text := str(row_id))[0] == "0")


def _dates(*where: Any) -> list[tuple[str, int]]:
    """Return (id, version) in an order that both worlds share."""
    with db.connection():
        return sorted(
            (str(date), version) for date, version in db.fetch_all(Date.select(Date.id, Date.version).where(*where))
        )


def _move(chance: random.Random, name: str, *where: Any) -> Asked | None:
    dates = _dates(*where)
    if not dates:
        return None
    date, version = chance.choice(dates)
    return Asked("POST", f"/dates/{date}/{name}", {"version": version})


def _notes(*where: Any) -> list[tuple[str, int]]:
    with db.connection():
        query = Note.select(Note.id, Note.version).where(Note.deleted_at.is_null(), *where)
        return sorted((text, version) for note, version in db.fetch_all(query) if (text := str(note))[0] == "0")


def _shared(who: Person) -> list[tuple[str, int]]:
    return _notes(Note.author == who.id, Note.id.in_(Share.select(Share.note).where(Share.recalled_at.is_null())))


def _of_note(chance: random.Random, notes: list[tuple[str, int]], ask: Callable[[str, int], Asked]) -> Asked | None:
    return ask(*chance.choice(notes)) if notes else None


def _as_of(version: int) -> dict[str, str]:
    return {"If_Match": f'"{version}"'}


def dates_ahead(now: datetime) -> list[str]:
    """Return the ids of the couple's agreed dates that have not begun."""
    return [date for date, _ in _dates(Date.state == ACCEPTED, Date.couple.is_null(False), Date.start > now)]
