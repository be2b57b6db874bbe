"""Races about notes, requests and photos: two phones at the same moment. `races.py` runs them."""

from __future__ import annotations

from flask import Flask

from planner.contact.received import ReceivedCopy
from planner.notes.notes import Share
from planner.notes.reactions import Reaction
from planner.storage import db
from tests.dates import body_of, offer
from tests.photos import photo_of
from tests.racing import Race, at_once, is_one_of, parted, two


def leave_and_share(app: Flask) -> str:
    """Share a note while the partner leaves: it came before the end, or not at all. Then only the record has it."""
    ada, ben = two(app)
    note = ada.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    answered = at_once((ben, "DELETE", "/couple", None), (ada, "POST", f"/notes/{note}/share", {"version": 1}))
    end = is_one_of(answered, (200, 200), (200, 409))
    parted(ada, ben)
    ben.get(f"/notes/{note}", 404)
    with db.connection():
        shared = Share.select().where(Share.note == note)
        assert [share.recalled_at is not None for share in shared] == [True] * (end == "200+200")
        assert ReceivedCopy.select().where(ReceivedCopy.person == ben.id).count() == (end == "200+200")
    return end


def react_and_recall(app: Flask) -> str:
    """React to a note while its author recalls it: the reaction goes with the note, or comes too late."""
    ada, ben = two(app)
    note = ada.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    ada.post(f"/notes/{note}/share", {"version": 1})
    put = (ben, "PUT", f"/notes/{note}/reaction", {"reaction": "touched"})
    end = is_one_of(at_once(put, (ada, "POST", f"/notes/{note}/recall", {})), (200, 200), (404, 200))
    assert (ada.get(f"/notes/{note}")["state"], ada.get(f"/notes/{note}")["reaction"]) == ("recalled", None)
    ben.get(f"/notes/{note}", 404)
    assert "note_reacted" not in ada.inbox()
    with db.connection():
        assert Reaction.select().where(Reaction.note == note).count() == (end == "200+200")
    return end


def react_and_react(app: Flask) -> str:
    """React differently on two phones at once: one reaction stays, and the author finds one item."""
    ada, ben = two(app)
    note = ada.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    ada.post(f"/notes/{note}/share", {"version": 1})
    puts = [(ben, "PUT", f"/notes/{note}/reaction", {"reaction": name}) for name in ("touched", "smiled")]
    end = is_one_of(at_once(*puts), (200, 200))
    stays = ada.get(f"/notes/{note}")["reaction"]
    assert ben.get(f"/notes/{note}")["reaction"] == stays
    assert ada.inbox().count("note_reacted") == 1
    return f"{end} {stays}"


def accept_and_withdraw_request(app: Flask) -> str:
    """Say yes to a request while its sender withdraws it: one of them succeeds."""
    ada, ben = two(app)
    request = ada.post("/requests", {"body": "Could you cook on Friday?"}, 201)["id"]
    answered = at_once(
        (ben, "POST", f"/requests/{request}/accept", {}), (ada, "POST", f"/requests/{request}/withdraw", {})
    )
    end = is_one_of(answered, (200, 409), (404, 200))
    assert ada.get(f"/requests/{request}")["state"] == ("accepted" if end == "200+409" else "withdrawn")
    assert ada.inbox().count("request_accepted") == (end == "200+409")
    assert "request_made" not in ben.inbox()
    return end


def answer_and_answer(app: Flask) -> str:
    """Answer a request with two others at once: one of them is sent and charged."""
    ada, ben = two(app)
    request = ada.post("/requests", {"body": "Could you cook on Friday?"}, 201)["id"]
    bodies = [{"body": f"Or on {day}?"} for day in ("Saturday", "Sunday")]
    end = is_one_of(
        at_once(*((ben, "POST", f"/requests/{request}/answer", body) for body in bodies)), (201, 409), (409, 201)
    )
    (counter,) = ada.get("/requests?show=open")["items"]
    assert counter["body"] == bodies[0 if end == "201+409" else 1]["body"]
    left = ben.get("/me")["allowance"]["shared"]
    assert left["limit"] - left["left"] == 1
    return end


def photo_and_photo(app: Flask) -> str:
    """Add the same photo twice at once, and then two photos for the last shared thing: each counts once."""
    ada, ben = two(app)
    ada.put("/me/rhythm", {"rhythm": "apart"})
    date = offer(ada)
    ben.post(f"/dates/{date['id']}/accept", body_of("accept", date))
    same, *others = (photo_of(date_id=date["id"]) for _ in range(3))
    assert at_once((ada, "POST", "/photos", same), (ada, "POST", "/photos", same)) == (201, 201)
    end = is_one_of(at_once(*((ada, "POST", "/photos", body) for body in others)), (201, 409), (409, 201))
    for person in (ada, ben):
        assert len(person.get(f"/dates/{date['id']}/photos")["items"]) == 2
    assert ben.inbox().count("date_photo") == 2
    return end


def photo_and_share(app: Flask) -> str:
    """Add a photo to a memory while it is shared: one of the two is refused."""
    ada, ben = two(app)
    note = ada.post("/notes", {"kind": "memory", "body": "The bench."}, 201)["id"]
    share = (ada, "POST", f"/notes/{note}/share", {"version": 1})
    end = is_one_of(at_once((ada, "POST", "/photos", photo_of(note_id=note)), share), (201, 412), (409, 200))
    assert len(ada.get(f"/notes/{note}")["photos"]) == (end == "201+412")
    ben.get(f"/notes/{note}", 200 if end == "409+200" else 404)
    return end


RACES: tuple[Race, ...] = (
    leave_and_share, react_and_recall, react_and_react, accept_and_withdraw_request, answer_and_answer, photo_and_photo,
    photo_and_share,
)  # fmt: skip
