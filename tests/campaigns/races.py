"""Races: two things at the same moment, again and again. One of the two ends it has to be, and nothing in between.

    python -m tests.campaigns.races [TIMES]

Each race makes people of its own, lets two requests go at once, and looks at who won and whether all that hangs on it
is whole. The figures say how often each end came: a race that always ends alike is none.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from time_machine import Traveller

from planner.contact.contact_log import ContactEvent
from planner.contact.pauses import Pause
from planner.contact.received import ReceivedCopy
from planner.couples.couples import Couple, Member
from planner.dates.views import Date, SlotRow
from planner.inbox import REMINDERS, Item
from planner.notes.notes import Share
from planner.storage import db
from tests.campaigns import ground
from tests.dates import START, body_of, items, offer, slot
from tests.people import Person, activity_id, pair
from tests.racing import statuses, strangers

Race = Callable[[Flask], str]
Request = tuple[Person, str, str, Any]


def two(app: Flask, rhythm: str = "together") -> tuple[Person, Person]:
    """A fresh couple."""
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben, rhythm)
    return ada, ben


def date_move(person: Person, name: str, date: dict[str, Any], **more: Any) -> Request:
    """A move of a date, as a request."""
    return person, "POST", f"/dates/{date['id']}/{name}", {**body_of(name, date), **more}


def at_once(*requests: Request) -> tuple[int, ...]:
    """Their statuses; a fault of the server's is never one of the ends."""
    found = tuple(statuses(*requests))
    assert max(found) < 500, found
    return found


def is_one_of(found: tuple[int, ...], *ends: tuple[int, ...]) -> str:
    """How it ended, in a word; anything but these ends fails."""
    assert found in ends, found
    return "+".join(map(str, found))


def whole(*both: Person) -> list[dict[str, Any]]:
    """The dates of two, after a look at all that must fit: both read the same, and nothing hangs on what is over."""
    mine, theirs = (one.get("/dates?limit=100")["items"] for one in both)
    common = ("id", "state", "version", "slots", "answer", "expires_at")
    same = [[{name: date[name] for name in common} for date in dates] for dates in (mine, theirs)]
    for date in (date for dates in same for date in dates):
        date["slots"] = [one["start"] for one in date["slots"]]
    assert same[0] == same[1]
    for date in mine:
        hangs_together(date, *both)
    return mine


def hangs_together(date: dict[str, Any], *both: Person) -> None:
    """One date in the tables: its slots, its place in the ledger, and what the two find."""
    with db.connection():
        row = Date.get_by_id(date["id"])
        slots = SlotRow.select().where(SlotRow.date == row.id).count()
        still_open = ContactEvent.select().where(
            ContactEvent.subject == row.id, ContactEvent.kind == "proposal", ContactEvent.outcome.is_null()
        )
        open_offers = still_open.count()
    found = items(date, *both)
    reminded = {name: set(kinds) & set(REMINDERS) for name, kinds in found.items()}
    assert open_offers == (row.state == "proposed"), (row.state, open_offers)
    if row.state == "accepted":
        assert (slots, row.start is not None) == (1, True)
        assert all(reminded.values()), found
    else:
        assert row.state == "completed" or not any(reminded.values()), (row.state, found)
    news = {"date_proposed", "date_countered"} & {kind for kinds in found.values() for kind in kinds}
    assert bool(news) == (row.state == "proposed"), (row.state, found)


def accept_and_accept(app: Flask) -> str:
    """On two phones, to two of the times: one of them counts."""
    ada, ben = two(app)
    date = offer(ada)
    yeses = [date_move(ben, "accept", date, slot=one["id"]) for one in date["slots"]]
    found = is_one_of(at_once(*yeses), (200, 409), (409, 200))
    (read,) = whole(ada, ben)
    chosen = date["slots"][0 if found == "200+409" else 1]
    assert (read["state"], read["slots"][0]["start"]) == ("accepted", chosen["start"])
    return found


def accept_and_withdraw(app: Flask) -> str:
    """It is agreed, or it was taken back."""
    ada, ben = two(app)
    date = offer(ada)
    found = is_one_of(at_once(date_move(ben, "accept", date), date_move(ada, "withdraw", date)), (200, 409), (409, 200))
    assert [one["state"] for one in whole(ada, ben)] == ["accepted" if found == "200+409" else "withdrawn"]
    return found


def accept_and_cancel(app: Flask) -> str:
    """Whoever calls it off in the moment of the yes has called it off, or was too early."""
    ada, ben = two(app)
    date = offer(ada)
    off = date_move(ada, "cancel", date, version=date["version"] + 1)
    found = is_one_of(at_once(date_move(ben, "accept", date), off), (200, 200), (200, 409))
    assert [one["state"] for one in whole(ada, ben)] == ["cancelled" if found == "200+200" else "accepted"]
    assert ("date_off" in ben.inbox()) == (found == "200+200")
    return found


def cancel_and_cancel(app: Flask) -> str:
    """Both call it off: one did, and the other finds it off."""
    ada, ben = two(app)
    date = offer(ada)
    agreed = ben.post(f"/dates/{date['id']}/accept", body_of("accept", date))
    found = at_once(date_move(ada, "cancel", agreed), date_move(ben, "cancel", agreed))
    end = is_one_of(found, (200, 409), (409, 200))
    assert [one["state"] for one in whole(ada, ben)] == ["cancelled"]
    assert [one.inbox().count("date_off") for one in (ada, ben)] == ([0, 1] if end == "200+409" else [1, 0])
    return end


def space_and_propose(app: Flask) -> str:
    """What comes in the moment in which space begins is accepted; it is found there or held, and rings nowhere."""
    ada, ben = two(app)
    light = activity_id(party="two", pace=2)
    body = {"activity": light, "slots": [slot(START)]}
    found = at_once((ben, "PUT", "/me/space", {"kind": "quiet", "dates": []}), (ada, "POST", "/dates", body))
    end = is_one_of(found, (200, 201))
    (date,) = ada.get("/dates")["items"]
    assert date["state"] == "proposed"
    listed = [one["id"] for one in ben.get("/dates")["items"]]
    held = [one["id"] for one in ben.get("/me/held")["items"]]
    assert sorted(listed + held) == [date["id"]], (listed, held)
    assert ben.inbox().count("date_proposed") == len(listed)
    rings: list[str] = []
    with ground.phones(lambda person, text: rings.append(text) if person == ben.id else None):
        ground.tick(START - timedelta(days=2))
    assert "There is a proposal for you." not in rings
    with db.connection():
        assert Pause.select().where(Pause.person == ben.id, Pause.ended_at.is_null()).count() == 1
    return f"{end} {'held' if held else 'there before'}"


def leave_and_share(app: Flask) -> str:
    """The note came before the end, or not at all; afterwards nobody reads it but in the own record."""
    ada, ben = two(app)
    note = ada.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    found = at_once((ben, "DELETE", "/couple", None), (ada, "POST", f"/notes/{note}/share", {"version": 1}))
    end = is_one_of(found, (200, 200), (200, 409))
    parted(ada, ben)
    ben.get(f"/notes/{note}", 404)
    with db.connection():
        shared = Share.select().where(Share.note == note)
        assert [one.recalled_at is not None for one in shared] == [True] * (end == "200+200")
        assert ReceivedCopy.select().where(ReceivedCopy.person == ben.id).count() == (end == "200+200")
    return end


def leave_and_leave(app: Flask) -> str:
    """Both at once: it has ended once, and one of them is told."""
    ada, ben = two(app)
    date = offer(ada)
    ben.post(f"/dates/{date['id']}/accept", body_of("accept", date))
    end = is_one_of(at_once(*((one, "DELETE", "/couple", None) for one in (ada, ben))), (200, 200))
    parted(ada, ben)
    assert sorted(ada.inbox() + ben.inbox()) == ["couple_ended", "date_off"]
    return f"{end} told {'Ada' if ada.inbox() else 'Ben'}"


def parted(*both: Person) -> None:
    """Nothing of a couple is left open."""
    assert [one.get("/me")["pairing"] for one in both] == ["left", "left"]
    ids = [one.id for one in both]
    with db.connection():
        couples = [couple for (couple,) in db.fetch_all(Member.select(Member.couple).where(Member.person.in_(ids)))]
        assert not Member.select().where(Member.person.in_(ids), Member.left_at.is_null()).exists()
        assert not Couple.select().where(Couple.id.in_(couples), Couple.ended_at.is_null()).exists()
        assert not Date.select().where(Date.couple.in_(couples), Date.state.in_(["proposed", "accepted"])).exists()
        assert not Item.select().where(Item.person.in_(ids), Item.kind.in_(REMINDERS)).exists()


def propose_and_propose(app: Flask) -> str:
    """Where one offer may be open, one is."""
    ada, ben = two(app, "apart")
    light = activity_id(party="two", pace=2)
    bodies = [{"activity": light, "slots": [slot(START + timedelta(hours=hour))]} for hour in (0, 1)]
    end = is_one_of(at_once(*((ada, "POST", "/dates", body) for body in bodies)), (201, 409), (409, 201))
    (read,) = whole(ada, ben)
    assert read["slots"][0]["wall"] == bodies[0 if end == "201+409" else 1]["slots"][0]["wall"]
    assert ada.get("/me")["contact"]["proposals"]["left"] == 0
    with db.connection():
        assert ContactEvent.select().where(ContactEvent.person == ada.id).count() == 1
    return end


def crossing_invitations(app: Flask) -> str:
    """Each has invited the other and said yes to the other: two second yeses at once make one couple."""
    ada, ben = strangers(app, "Ada", "Ben")
    made = {one.name: one.post("/invitations", {}, 201) for one in (ada, ben)}
    for one, other in ((ada, ben), (ben, ada)):
        one.post("/invitations/accept", {"code": made[other.name]["code"], "rhythm": "gentle"})
    found = at_once(*(confirm(one, made[one.name]) for one in (ada, ben)))
    end = is_one_of(found, (200, 409), (409, 200))
    joined(ada, ben)
    return end


def confirm(inviter: Person, made: dict[str, Any]) -> Request:
    """The second yes."""
    return inviter, "POST", "/invitations/confirm", {"invitation": made["id"], "rhythm": "gentle"}


def joined(*both: Person) -> None:
    """The two are one couple, and have no other and no invitation."""
    mine, theirs = (one.get("/me") for one in both)
    assert mine["couple"]["id"] == theirs["couple"]["id"]
    for one in both:
        one.get("/invitations/current", 404)
    with db.connection():
        assert Member.select().where(Member.person.in_([one.id for one in both])).count() == 2


def confirm_and_block(app: Flask) -> str:
    """The one who came blocks the one who confirms: whoever was first, they are no couple, and cannot become one."""
    ada, ben = strangers(app, "Ada", "Ben")
    made = ada.post("/invitations", {}, 201)
    ben.post("/invitations/accept", {"code": made["code"], "rhythm": "gentle"})
    found = at_once(confirm(ada, made), (ben, "PUT", "/me/blocks", {"code": made["code"]}))
    end = is_one_of(found, (200, 200), (409, 200))
    assert [one.get("/me")["couple"] for one in (ada, ben)] == [None, None]
    assert ada.inbox() == (["couple_ended"] if end == "200+200" else [])
    ada.request(*confirm(ada, made)[1:])
    assert [one.get("/me")["couple"] for one in (ada, ben)] == [None, None]
    return end


def lower_and_accept(app: Flask) -> str:
    """A yes to something closer than the pace that one of the two lowers in this moment."""
    ada, ben = two(app)
    date = offer(ada, activity_id(party="two", pace=4))
    found = at_once(date_move(ben, "accept", date), (ada, "PUT", "/me/pace", {"pace": 2}))
    end = is_one_of(found, (200, 200), (409, 200))
    assert [one["state"] for one in whole(ada, ben)] == ["accepted" if end == "200+200" else "proposed"]
    return end


def ask_and_ask(app: Flask) -> str:
    """Let both partners ask for the same step: the second request begins it, once."""
    ada, ben = two(app)
    ada.put("/me/pace", {"pace": 3})
    end = is_one_of(at_once(*((one, "PUT", "/me/pace", {"pace": 4}) for one in (ada, ben))), (200, 200))
    raised_once(4, ada, ben)
    return end


def ask_and_take_back(app: Flask) -> str:
    """Let one partner ask while the partner takes the request back: the pace rises and is lowered, or stays."""
    ada, ben = two(app)
    ada.put("/me/pace", {"pace": 3})
    ben.put("/me/pace", {"pace": 4})
    asked, back = ((one, "PUT", "/me/pace", {"pace": pace}) for one, pace in ((ada, 4), (ben, 3)))
    end = is_one_of(at_once(asked, back), (200, 200))
    own = ada.get("/me/pace")
    assert own["pace"] == ben.get("/me/pace")["pace"] == 3
    assert ben.get("/me/pace")["requested_pace"] is None
    return f"{end} {'taken back' if own['requested_pace'] else 'raised and lowered'}"


def raised_once(pace: int, *both: Person) -> None:
    """Check that both partners read the pace, find one item about it, and have no request left."""
    for one in both:
        own = one.get("/me/pace")
        assert (own["pace"], own["requested_pace"]) == (pace, None), own
        assert one.inbox().count("pace_raised") == 1


RACES: tuple[Race, ...] = (
    accept_and_accept, accept_and_withdraw, accept_and_cancel, cancel_and_cancel, space_and_propose, leave_and_share,
    leave_and_leave, propose_and_propose, crossing_invitations, confirm_and_block, lower_and_accept,
    ask_and_ask, ask_and_take_back,
)  # fmt: skip


def run(race: Race, app: Flask, times: int) -> Counter[str]:
    """A race, so many times; how it ended how often."""
    ends = Counter[str]()
    for at in range(times):
        if at % 50 == 0:
            ground.empty()
        ends[race(app)] += 1
    return ends


def campaign(name: str, app: Flask, clock: Traveller, times: int) -> bool:
    """All races; whether all of them ended as they should."""
    good = True
    for race in RACES:
        began = time.monotonic()
        try:
            ends = run(race, app, times)
        except AssertionError as fault:
            good = False
            print(f"{name}, {race.__name__}: FAILED, {fault!r:.1500}", flush=True)
            continue
        told = ", ".join(f"{end}: {count}" for end, count in sorted(ends.items()))
        print(f"{name}, {race.__name__} x {times}: {told}; {time.monotonic() - began:.0f} s", flush=True)
    return good


def main(times: int) -> None:
    """Both databases; fails when a race ended in something that should not be."""
    found: list[bool] = []
    ground.on_both(lambda name, app, clock: found.append(campaign(name, app, clock, times)))
    if not all(found):
        sys.exit("a race ended in a half state")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
